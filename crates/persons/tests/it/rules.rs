//! Rules of the field, each on a case of a few accounts.

use unspoof_persons::{
    Account, AccountNo, Evidence, EvidenceError, Finding, Judgement, Kind, MergeReason, Outcome,
    OutcomeReason, Persons, Role, Settings, Verdict,
};

use crate::seen::see;

fn accounts(evidence: &mut Evidence, count: usize) -> Vec<AccountNo> {
    (0..count)
        .map(|at| {
            evidence
                .add_account(Account::new("s", &format!("{at:04}")))
                .unwrap()
        })
        .collect()
}

fn share(evidence: &mut Evidence, kind: Kind, value: &str, of: &[AccountNo]) {
    for &account in of {
        see(evidence, account, kind, value, None);
    }
}

/// Lets accounts share all that one person's would.
fn share_all(evidence: &mut Evidence, what: &str, of: &[AccountNo]) {
    for kind in [Kind::Device, Kind::PaymentSource, Kind::PayoutAddress] {
        share(evidence, kind, what, of);
    }
}

fn judge(evidence: &mut Evidence, at_utc_us: i64, verdict: Verdict) {
    evidence
        .add_judgement(Judgement { at_utc_us, verdict })
        .unwrap();
}

fn sizes(persons: &Persons) -> Vec<usize> {
    persons
        .persons()
        .iter()
        .map(|person| person.members.len())
        .collect()
}

fn resolve(evidence: &Evidence) -> Persons {
    evidence.resolve(&Settings::default())
}

#[test]
fn staff_and_police_tests_are_kept_apart() {
    let mut evidence = Evidence::new();
    let mut of = accounts(&mut evidence, 2);
    for (id, role) in [("x", Role::Staff), ("y", Role::PoliceTest)] {
        let mut account = Account::new("s", id);
        account.role = role;
        of.push(evidence.add_account(account).unwrap());
    }
    share_all(&mut evidence, "all", &of);
    let persons = resolve(&evidence);
    assert_eq!(sizes(&persons), [2, 1, 1]);
    assert!(persons.pairs().iter().all(|pair| pair.b < 2));
}

#[test]
fn who_made_whom_is_no_evidence() {
    let mut evidence = Evidence::new();
    let mut reseller = Account::new("s", "reseller");
    reseller.role = Role::Reseller;
    let mut of = vec![evidence.add_account(reseller).unwrap()];
    for id in ["a", "b", "c"] {
        let mut account = Account::new("s", id);
        account.role = Role::SubAccount;
        account.parent_id = Some("reseller".to_owned());
        of.push(evidence.add_account(account).unwrap());
    }
    // The reseller pays for all, recruited all, and set all up on its own device.
    share(&mut evidence, Kind::PaymentSource, "wallet", &of);
    share(&mut evidence, Kind::PayoutAddress, "payout", &of);
    share(&mut evidence, Kind::ReferralCode, "code", &of);
    share(&mut evidence, Kind::Device, "device", &of);
    assert_eq!(sizes(&resolve(&evidence)), [1, 1, 1, 1]);
}

#[test]
fn ids_count_only_within_their_source() {
    let mut evidence = Evidence::new();
    let one = evidence.add_account(Account::new("s", "1")).unwrap();
    let other = evidence.add_account(Account::new("t", "1")).unwrap();
    share(&mut evidence, Kind::Device, "7", &[one, other]);
    share(&mut evidence, Kind::ReferralCode, "7", &[one, other]);
    assert!(
        resolve(&evidence)
            .evidence(0, 1)
            .iter()
            .all(|item| item.bits <= 0.0)
    );
    assert_eq!(
        evidence.add_account(Account::new("s", "1")),
        Err(EvidenceError::AccountTwice {
            source_name: "s".to_owned(),
            account_id: "1".to_owned()
        })
    );
    share(&mut evidence, Kind::PayoutAddress, "bc1", &[one, other]);
    share(&mut evidence, Kind::PaymentSource, "bc1", &[one, other]);
    assert_eq!(sizes(&resolve(&evidence)), [2]);
}

#[test]
fn an_account_of_several_persons_joins_nobody() {
    let mut evidence = Evidence::new();
    let of = accounts(&mut evidence, 3);
    share_all(&mut evidence, "left", &of[..2]);
    share_all(&mut evidence, "right", &of[1..]);
    judge(&mut evidence, 1, Verdict::SeveralPersons(of[1]));
    let persons = resolve(&evidence);
    assert_eq!(sizes(&persons), [1, 1, 1]);
    assert!(persons.persons()[1].several_persons);
    let held = |a, b| {
        persons.pairs().iter().any(|pair| {
            (pair.a, pair.b, pair.outcome, pair.reason)
                == (a, b, Outcome::Possible, OutcomeReason::SeveralPersons)
        })
    };
    assert!(held(0, 1) && held(1, 2));
}

#[test]
fn the_later_judgement_counts_and_difference_overrules() {
    let mut evidence = Evidence::new();
    let of = accounts(&mut evidence, 3);
    judge(&mut evidence, 2, Verdict::Same(of[0], of[1]));
    judge(&mut evidence, 1, Verdict::Different(of[1], of[0]));
    let persons = resolve(&evidence);
    assert_eq!(sizes(&persons), [2, 1]);
    assert_eq!(persons.merges()[0].reason, MergeReason::Judged);

    judge(&mut evidence, 3, Verdict::Same(of[1], of[2]));
    judge(&mut evidence, 3, Verdict::Different(of[0], of[2]));
    let persons = resolve(&evidence);
    assert_eq!(sizes(&persons), [2, 1]);
    assert_eq!(persons.overruled(), [(1, 2)]);
}

#[test]
fn a_bridge_between_two_persons_is_held_back() {
    let mut evidence = Evidence::new();
    let of = accounts(&mut evidence, 10);
    share_all(&mut evidence, "left", &of[..5]);
    share_all(&mut evidence, "right", &of[5..]);
    share(&mut evidence, Kind::Device, "sold on", &of[4..6]);
    share(&mut evidence, Kind::Ip, "192.0.2.1", &of[4..6]);
    let persons = resolve(&evidence);
    assert_eq!(sizes(&persons), [5, 5]);
    let bridge = persons
        .pairs()
        .iter()
        .find(|pair| (pair.a, pair.b) == (4, 5))
        .unwrap();
    assert_eq!(bridge.outcome, Outcome::Possible);
    let why = persons.explain(&persons.persons()[0].id).unwrap();
    assert_eq!(why.possible, [*bridge]);
    assert_eq!(why.merges.len(), 4);
    assert_eq!(why.shared.len(), 3);
    assert!(
        why.shared
            .iter()
            .all(|value| value.members == [0, 1, 2, 3, 4])
    );
}

#[test]
fn a_widely_shared_value_is_weak_and_no_cap() {
    let mut evidence = Evidence::new();
    let of = accounts(&mut evidence, 400);
    share(&mut evidence, Kind::Ip, "192.0.2.1", &of);
    let persons = resolve(&evidence);
    assert_eq!(persons.persons().len(), 400);
    let items = persons.evidence(0, 1);
    assert!(matches!(
        items[0].finding,
        Finding::Shared { accounts: 400, .. } if items[0].bits >= 0.0 && items[0].bits < 4.0
    ));
}

#[test]
fn a_person_of_a_hundred_accounts_is_found_without_a_cap() {
    let mut evidence = Evidence::new();
    let of = accounts(&mut evidence, 3_000);
    share_all(&mut evidence, "theirs", &of[..100]);
    share(&mut evidence, Kind::Ip, "192.0.2.1", &of[..100]);
    let persons = resolve(&evidence);
    assert_eq!(persons.persons()[0].members.len(), 100);
    assert_eq!(persons.persons().len(), 2_901);
}

#[test]
fn the_same_hour_is_worth_more_than_a_year_apart() {
    let bits = |other_hour: i64| {
        let mut evidence = Evidence::new();
        let of = accounts(&mut evidence, 2);
        for (account, hour) in [(of[0], 0), (of[1], other_hour)] {
            see(&mut evidence, account, Kind::Ip, "192.0.2.1", Some(hour));
        }
        resolve(&evidence).pairs()[0].odds_bits
    };
    assert!(bits(0) > bits(10) && bits(10) > bits(24 * 365));
}

#[test]
fn personal_data_is_not_in_debug() {
    let mut evidence = Evidence::new();
    let mut account = Account::new("s", "1");
    account.name = Some("Jane Doe".to_owned());
    let shown = format!("{account:?}");
    let one = evidence.add_account(account).unwrap();
    let other = evidence.add_account(Account::new("s", "2")).unwrap();
    share(&mut evidence, Kind::Ip, "192.0.2.77", &[one, other]);
    let items = format!("{:?} {evidence:?}", resolve(&evidence).evidence(0, 1));
    assert!(items.contains("chars"));
    for secret in ["Jane", "192.0.2.77"] {
        assert!(!shown.contains(secret) && !items.contains(secret));
    }
}

#[test]
fn a_name_of_a_person_is_drawn_from_its_accounts() {
    let mut evidence = Evidence::new();
    let of = accounts(&mut evidence, 3);
    let alone: Vec<_> = resolve(&evidence)
        .persons()
        .iter()
        .map(|p| p.id.clone())
        .collect();
    share_all(&mut evidence, "x", &of[..2]);
    let joined: Vec<_> = resolve(&evidence)
        .persons()
        .iter()
        .map(|p| p.id.clone())
        .collect();
    assert_eq!(joined.len(), 2);
    assert_eq!(joined[1], alone[2]);
    assert!(!alone.contains(&joined[0]));
}
