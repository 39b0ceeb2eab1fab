//! Judgements that nobody made.

use unspoof_model::judgement::{AccountRef, E164, ReportRef};
use unspoof_store::{Decision, Judgement, JudgementId, Label};

pub(crate) fn account(id: &str) -> AccountRef {
    AccountRef::new("service", id)
}

pub(crate) fn number(last: i64) -> E164 {
    E164::new(447_700_900_000 + last).unwrap()
}

pub(crate) fn report(id: &str) -> ReportRef {
    ReportRef::new("reports", id)
}

pub(crate) fn identified(ids: &[&str]) -> Decision {
    let accounts = ids.iter().map(|id| account(id)).collect();
    Decision::Identified(accounts, Label("Person 1".to_owned()))
}

pub(crate) fn judged(decision: Decision, at_s: i64) -> Judgement {
    Judgement::new(
        decision,
        "an officer",
        "seen in exhibit 3",
        at_s * 1_000_000,
        None,
    )
    .unwrap()
}

pub(crate) fn undoing(id: JudgementId, at_s: i64) -> Judgement {
    Judgement::new(
        Decision::Undo,
        "an officer",
        "a mix-up",
        at_s * 1_000_000,
        Some(id),
    )
    .unwrap()
}
