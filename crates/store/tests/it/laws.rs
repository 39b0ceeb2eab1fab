//! What is in force, whatever was recorded in whatever order.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each question is answered by two kinds of many"
)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use unspoof_model::judgement::{InForce, Review, ReviewReason};
use unspoof_store::{Decision, Judgement, JudgementId, in_force};

use crate::made_up::{account, identified, judged, number, report, undoing};

fn decision() -> impl Strategy<Value = Decision> {
    let ids = || prop::sample::subsequence(vec!["1", "2", "3", "4"], 2..=4);
    let accounts = |ids: Vec<&str>| ids.into_iter().map(account).collect::<BTreeSet<_>>();
    let some = || (0..4_i64).prop_map(|last| BTreeSet::from([number(last)]));
    prop_oneof![
        ids().prop_map(move |ids| Decision::SamePerson(accounts(ids))),
        ids().prop_map(move |ids| Decision::DifferentPersons(accounts(ids))),
        ids().prop_map(|ids| identified(&ids)),
        ids().prop_map(|ids| Decision::SeveralPersons(account(ids[0]))),
        (0..3_i64).prop_map(|n| Decision::Match(report("1"), number(n))),
        (0..3_i64).prop_map(|n| Decision::NoMatch(report("1"), number(n))),
        some().prop_map(Decision::VictimConfirmed),
        some().prop_map(Decision::NotVictim),
        some().prop_map(Decision::AlreadyReported),
        some().prop_map(Decision::Suppressed),
    ]
}

/// Judgements at few different times, some of which undo others, undoings among them.
fn records() -> impl Strategy<Value = Vec<Judgement>> {
    let one = (
        decision(),
        0..6_i64,
        prop::option::of(0..12_usize),
        any::<bool>(),
    );
    prop::collection::vec(one, 0..14).prop_map(|drawn| {
        let mut all: Vec<Judgement> = Vec::new();
        for (decision, at_s, undoes, only_undoes) in drawn {
            let target: Option<JudgementId> = undoes.and_then(|at| Some(all.get(at)?.id()));
            let decision = match target {
                Some(_) if only_undoes => Decision::Undo,
                Some(_) | None => decision,
            };
            let made = Judgement::new(decision, "a", "b", at_s * 1_000_000, target);
            all.push(made.unwrap());
        }
        all
    })
}

/// Works out the same from the words of the rule, without regard to cost: a judgement is in force
/// unless a later one that names it is in force.
fn stands(judgement: &Judgement, all: &[Judgement]) -> bool {
    !all.iter().any(|other| {
        other.undoes() == Some(judgement.id())
            && other.order() > judgement.order()
            && stands(other, all)
    })
}

proptest! {
    #[test]
    fn order_and_repetition_change_nothing(all in records(), seed in any::<u64>()) {
        let wanted = in_force(&all);
        let mut other: Vec<&Judgement> = all.iter().chain(all.iter().take(3)).collect();
        // An order that follows from the seed.
        other.sort_by_key(|j| {
            let id = j.id().0.0;
            (seed ^ u64::from_le_bytes([id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7]]))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        prop_assert_eq!(in_force(other), wanted);
    }

    #[test]
    fn what_stands_is_by_the_rule(all in records()) {
        let found = in_force(&all);
        let standing = all.iter().filter(|j| stands(j, &all));
        let last = |asks: &dyn Fn(&Decision) -> Option<bool>| {
            let answers = standing.clone().filter_map(|j| Some((j.order(), asks(j.decision())?)));
            answers.max().map(|(_, answer)| answer)
        };
        for n in 0..4 {
            let of = number(n);
            let victim = last(&|decision| match decision {
                Decision::VictimConfirmed(numbers) if numbers.contains(&of) => Some(true),
                Decision::NotVictim(numbers) if numbers.contains(&of) => Some(false),
                _ => None,
            });
            prop_assert_eq!(found.victims.contains(&of), victim == Some(true));
            prop_assert_eq!(found.not_victims.contains(&of), victim == Some(false));
            let matched = last(&|decision| match decision {
                Decision::Match(_, number) if *number == of => Some(true),
                Decision::NoMatch(_, number) if *number == of => Some(false),
                _ => None,
            });
            let pair = (report("1"), of);
            prop_assert_eq!(found.matched.contains(&pair), matched == Some(true));
            prop_assert_eq!(found.not_matched.contains(&pair), matched == Some(false));
            let says = |asks: fn(&Decision) -> Option<&BTreeSet<unspoof_model::judgement::E164>>| {
                standing.clone().filter_map(|j| asks(j.decision())).any(|all| all.contains(&of))
            };
            let reported = says(|d| if let Decision::AlreadyReported(n) = d { Some(n) } else { None });
            prop_assert_eq!(found.reported.contains(&of), reported);
            let suppressed = says(|d| if let Decision::Suppressed(n) = d { Some(n) } else { None });
            prop_assert_eq!(found.suppressed.contains(&of), suppressed);
        }
        for (a, b) in [("1", "2"), ("1", "4"), ("2", "3")] {
            let pair = (account(a), account(b));
            let same = last(&|decision| match decision {
                Decision::SamePerson(set) if set.contains(&pair.0) && set.contains(&pair.1) => Some(true),
                Decision::DifferentPersons(set) if set.contains(&pair.0) && set.contains(&pair.1) => Some(false),
                _ => None,
            });
            prop_assert_eq!(found.same.contains(&pair), same == Some(true));
            prop_assert_eq!(found.different.contains(&pair), same == Some(false));
        }
        let identified: BTreeSet<_> = standing
            .clone()
            .filter(|j| j.decision().label().is_some())
            .map(|j| j.id().0)
            .collect();
        let named: BTreeSet<_> = found.identified.iter().map(|p| p.judgement).collect();
        prop_assert_eq!(named, identified);
        for review in &found.for_review {
            prop_assert!(standing.clone().any(|j| j.id().0 == review.judgement));
        }
    }

    #[test]
    fn what_is_undone_is_as_if_it_had_not_been(all in records(), late in decision()) {
        let added = judged(late, 100);
        let undo = undoing(added.id(), 101);
        let mut with = all.clone();
        with.extend([added.clone(), undo.clone()]);
        // Unless it undid something itself, which it does not.
        prop_assert_eq!(in_force(&with), in_force(&all));
        let redo = undoing(undo.id(), 102);
        with.push(redo);
        let mut without = all;
        without.push(added);
        prop_assert_eq!(in_force(&with), in_force(&without));
    }

    #[test]
    fn content_comes_back(all in records()) {
        for judgement in all {
            prop_assert_eq!(&Judgement::from_json(judgement.content()).unwrap(), &judgement);
        }
    }
}

#[test]
fn a_split_returns_a_judgement_for_review_and_leaves_it_in_force() {
    let person = judged(identified(&["1", "2", "3"]), 1);
    let other = judged(identified(&["4"]), 1);
    let pair = |a: &str, b: &str| [account(a), account(b)].into();
    let elsewhere = judged(Decision::DifferentPersons(pair("3", "4")), 2);
    let split = judged(Decision::DifferentPersons(pair("1", "3")), 2);
    let review = |all: &[&Judgement]| in_force(all.iter().copied()).for_review;
    assert_eq!(review(&[&person, &other, &elsewhere]), []);
    let found = in_force([&person, &split]);
    assert_eq!(
        found.for_review,
        [Review {
            judgement: person.id().0,
            reason: ReviewReason::JudgedDifferentLater,
        }]
    );
    assert_eq!(found.identified_accounts().len(), 3, "only people undo");
    // Whoever judged the whole after the split knew of it.
    let anew = judged(identified(&["1", "2", "3"]), 3);
    assert_eq!(review(&[&anew, &split]), []);
    assert_eq!(review(&[&person, &split, &undoing(split.id(), 4)]), []);
    assert_eq!(review(&[&person, &split, &undoing(person.id(), 4)]), []);
    let same = judged(Decision::SamePerson(["1", "2", "3"].map(account).into()), 1);
    assert_eq!(review(&[&same, &split]).len(), 1);
    let found = in_force([&same, &split]);
    assert_eq!(found.same.len(), 2);
    assert_eq!(found.different, [(account("1"), account("3"))].into());
}

#[test]
fn nothing_follows_from_nothing() {
    assert_eq!(in_force([]), InForce::default());
}
