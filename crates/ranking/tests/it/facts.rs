//! What each fact counts.

use proptest::prelude::*;
use unspoof_numbers::PhoneNumber;
use unspoof_ranking::{
    AboutAccount, AboutNumber, AboutPresented, ContactFact as Of, PresentedFact, SeenCall,
    ShownCall, contact_facts, presented_numbers,
};

const MINUTE_US: i64 = 60_000_000;
const DAY_US: i64 = 1_440 * MINUTE_US;

fn answered(started_utc: i64, account: u32, talk_s: u32) -> SeenCall {
    SeenCall {
        started_utc,
        account,
        answered: true,
        talk_s: Some(talk_s),
        engaged: talk_s > 60,
        ..SeenCall::default()
    }
}

#[test]
fn patterns_have_their_bounds() {
    for (short_s, after, counts) in [(30, DAY_US, 1), (31, DAY_US, 0), (30, DAY_US + 1, 0)] {
        let calls = [answered(0, 1, short_s), answered(after, 1, 61)];
        let facts = contact_facts(
            &calls,
            &AboutNumber::default(),
            |_| AboutAccount::default(),
            0,
        );
        assert_eq!(
            facts.get(Of::ShortThenLong),
            counts,
            "{short_s} s, {after} µs"
        );
    }
    for (account, after, counts) in [(1, 7 * DAY_US, 1), (1, 7 * DAY_US + 1, 0), (2, 0, 0)] {
        let calls = [answered(0, 1, 61), answered(after, account, 5)];
        let facts = contact_facts(
            &calls,
            &AboutNumber::default(),
            |_| AboutAccount::default(),
            0,
        );
        assert_eq!(
            facts.get(Of::CallsBack),
            counts,
            "account {account}, {after} µs"
        );
    }
}

#[test]
fn calls_are_counted_as_what_they_are() {
    let calls = [
        SeenCall {
            started_utc: 5,
            account: 1,
            person: Some(9),
            ..SeenCall::default()
        },
        SeenCall {
            organisation: Some(4),
            local_hour: Some(22),
            recorded: true,
            person: Some(9),
            ..answered(DAY_US, 2, 100)
        },
        SeenCall {
            talk_s: None,
            engaged: false,
            local_hour: Some(7),
            ..answered(DAY_US + 1, 3, 0)
        },
        SeenCall {
            code_captured: true,
            engaged: true,
            ..answered(3 * DAY_US, 4, 20)
        },
    ];
    let about = AboutNumber {
        reports: [1, 2, 3],
        losses_minor: 70_000,
        home: true,
        ..AboutNumber::default()
    };
    let facts = contact_facts(&calls, &about, |_| AboutAccount::default(), 10 * DAY_US);
    for (fact, value) in [
        (Of::Calls, 4),
        (Of::AnsweredCalls, 3),
        (Of::EngagedCalls, 2),
        (Of::EngagedAsOrganisation, 1),
        (Of::TalkS, 120),
        (Of::LongestTalkS, 100),
        (Of::TalkUnknownCalls, 1),
        (Of::DaysCalled, 3),
        (Of::DaysEngaged, 2),
        (Of::Organisations, 1),
        (Of::Accounts, 4),
        (Of::Persons, 3),
        (Of::CodesCaptured, 1),
        (Of::ReportsExact, 1),
        (Of::ReportsProbable, 2),
        (Of::ReportsPossible, 3),
        (Of::LossesMinor, 70_000),
        (Of::RecordedCalls, 1),
        (Of::NightCalls, 1),
        (Of::Home, 1),
        (Of::Mobile, 0),
        (Of::DaysBeforeEnd, 7),
    ] {
        assert_eq!(facts.get(fact), value, "{fact:?}");
    }
}

#[test]
fn no_number_vouches_for_itself() {
    let mut call = answered(0, 1, 100);
    call.organisation = Some(1);
    let about = AboutNumber {
        reports: [1, 0, 0],
        ..AboutNumber::default()
    };
    let alone = |_| AboutAccount {
        priority: true,
        engaged_calls: 1,
        engaged_as_organisation: 1,
        reported_numbers: 1,
    };
    let facts = contact_facts(&[call], &about, alone, 0);
    assert_eq!(facts.get(Of::PriorityAccounts), 1);
    assert_eq!(facts.get(Of::AccountsAsOrganisation), 0);
    assert_eq!(facts.get(Of::ReportedNumbersOfAccounts), 0);
    let with_others = |_| AboutAccount {
        engaged_calls: 3,
        engaged_as_organisation: 2,
        reported_numbers: 3,
        ..AboutAccount::default()
    };
    let facts = contact_facts(&[call], &about, with_others, 0);
    assert_eq!(facts.get(Of::AccountsAsOrganisation), 1);
    assert_eq!(facts.get(Of::ReportedNumbersOfAccounts), 2);
}

fn any_call() -> impl Strategy<Value = SeenCall> {
    (
        0_i64..20,
        0_u32..3,
        0_u32..120,
        any::<[bool; 3]>(),
        0_u32..3,
    )
        .prop_map(
            |(days, account, talk_s, [is_answered, code_captured, shows], organisation)| SeenCall {
                organisation: shows.then_some(organisation),
                code_captured,
                answered: is_answered,
                engaged: is_answered && talk_s > 60,
                ..answered(days * DAY_US / 3, account, talk_s)
            },
        )
}

proptest! {
    #[test]
    fn the_order_of_calls_does_not_matter(
        (calls, other) in proptest::collection::vec(any_call(), 0..20)
            .prop_flat_map(|calls| (Just(calls.clone()), Just(calls).prop_shuffle())),
    ) {
        let facts = |calls: &[SeenCall]| {
            contact_facts(calls, &AboutNumber::default(), |_| AboutAccount::default(), 0)
        };
        prop_assert_eq!(facts(&calls), facts(&other));
    }
}

#[test]
fn presented_numbers_are_listed_and_the_others_counted() {
    let number = |at: u64| PhoneNumber::from_key(447_700_900_000 + at).unwrap();
    let call = |presented, called, organisation| ShownCall {
        presented: number(presented),
        called: number(called),
        started_utc: 0,
        account: 1,
        called_organisation: organisation,
        answered: true,
        talk_s: Some(50),
    };
    let calls = [
        call(1, 500, Some(7)),
        call(1, 20, None),
        call(2, 20, None),
        call(3, 20, None),
        call(4, 20, None),
    ];
    let about = |shown: PhoneNumber| AboutPresented {
        listed_organisation: shown == number(3),
        nobodys: shown == number(4),
        ..AboutPresented::default()
    };
    let listed = presented_numbers(calls, about).unwrap();
    assert_eq!((listed.listed_organisations, listed.nobodys), (1, 1));
    assert_eq!(listed.table.len(), 2);
    for (fact, value) in [
        (PresentedFact::CallsToOrganisations, 1),
        (PresentedFact::TalkWithOrganisationsS, 50),
        (PresentedFact::CallsToOthers, 1),
        (PresentedFact::NumbersCalled, 1),
    ] {
        assert_eq!(listed.table.get(0, fact), value, "{fact:?}");
    }
    // Calls of one number must lie together.
    assert!(presented_numbers([calls[0], calls[2], calls[1]], about).is_err());
}
