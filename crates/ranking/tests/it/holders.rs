//! Nothing but a named person's judgement says who held an account.

use unspoof_model::Actor;
use unspoof_ranking::{
    AccountKey, Facts, Finding, Holder, Judgement, JudgementError, Judgements, Policy, SuspectFact,
    SuspectKey, Suspects,
};

fn account(id: &str) -> AccountKey {
    AccountKey {
        source: "panel".into(),
        account_id: id.into(),
    }
}

fn judged(id: &str, finding: Finding, at_utc: i64) -> Judgement {
    let officer = Actor::new("A. Officer").unwrap();
    Judgement::new(account(id), finding, officer, at_utc, "seen at the address").unwrap()
}

#[test]
fn whatever_the_points_a_holder_is_unassessed() {
    let mut suspects = Suspects::new();
    let mut facts = Facts::new();
    for &fact in <SuspectFact as unspoof_ranking::Fact>::ALL {
        facts.set(fact, u64::MAX);
    }
    suspects
        .push(SuspectKey::new([account("1")]), &facts)
        .unwrap();
    for (name, _) in Policy::PRESETS {
        let ranking = Policy::preset(name).unwrap().rank(&suspects).unwrap();
        let judgements = Judgements::default();
        let all: Vec<_> = ranking.with_holders(&judgements).collect();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].holder, Holder::Unassessed);
    }
}

#[test]
fn a_judgement_covers_the_accounts_it_was_made_on() {
    let judgements = Judgements::new([judged("1", Finding::Identified, 5)]);
    assert!(
        judgements
            .holder(&SuspectKey::new([account("1")]))
            .is_identified()
    );
    // Joined later with another account, the person is no longer wholly identified.
    let joined = judgements.holder(&SuspectKey::new([account("2"), account("1")]));
    assert!(!joined.is_identified());
    assert!(matches!(
        joined,
        Holder::Judged {
            unassessed_accounts: 1,
            ..
        }
    ));
    assert_eq!(
        judgements.holder(&SuspectKey::new([account("2")])),
        Holder::Unassessed
    );
}

#[test]
fn the_recorded_time_decides() {
    let key = SuspectKey::new([account("1")]);
    let all = [
        judged("1", Finding::Identified, 5),
        judged("1", Finding::Withdrawn, 9),
        judged("1", Finding::Eliminated, 7),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let judgements = Judgements::new(order.map(|at| all[at].clone()));
        assert_eq!(judgements.holder(&key), Holder::Unassessed);
    }
    let judgements = Judgements::new([all[2].clone(), all[0].clone()]);
    let Holder::Judged { judgements, .. } = judgements.holder(&key) else {
        panic!("the elimination stands");
    };
    assert_eq!(judgements[0].finding(), Finding::Eliminated);
}

#[test]
fn a_judgement_has_a_reason_and_keeps_it_to_itself() {
    let officer = Actor::new("A. Officer").unwrap();
    let none = Judgement::new(account("1"), Finding::Identified, officer, 0, "  ");
    assert_eq!(none, Err(JudgementError::NoReason));
    let written = format!("{:?}", judged("1", Finding::Identified, 0));
    assert!(!written.contains("address"), "{written}");
}
