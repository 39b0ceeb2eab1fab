//! The ledger from the outside: one suite, run on both databases.

mod alike;
mod child;
mod erased;
mod failing;
mod rules;
mod speed;

use sha2::{Digest as _, Sha256};
use unspoof_model::Sha256Hash;
use unspoof_store::Address;
use unspoof_store::ledger::{
    Answered, Claim, Ledger, Opening, PlannedRow, ReceiptIn, Recipient, Said, Sending,
};

use crate::places::Place;

type Case = (&'static str, fn(&Place));

const CASES: &[Case] = &[
    ("a plan is taken once, whole", rules::planned_once),
    ("a turn claims, and takes what became of it", rules::turns),
    ("deferred rows come back when they are due", rules::deferred),
    (
        "receipts settle, early, late, twice, by id and by number",
        rules::receipts,
    ),
    ("a text in several parts", rules::parts),
    ("receipts that contradict", rules::contradictions),
    ("a receipt outweighs a refusal", rules::receipt_outweighs),
    ("held, resumed, stopped", rules::halts),
    ("a removal list", rules::removals),
    ("a person settles", rules::settles),
    ("who was told by another campaign", rules::told),
    ("what the dead left is unknown", rules::recovers),
    ("the database refuses other steps", rules::refuses_steps),
    ("what people write holds no number", rules::no_numbers),
    ("notes and events", rules::notes_and_events),
    (
        "the order of answers and receipts changes nothing",
        alike::order_changes_nothing,
    ),
    (
        "no number is in its bytes, and after erasing no id",
        erased::holds_no_number,
    ),
    (
        "what it does not know it does not open",
        erased::opens_what_it_knows,
    ),
    (
        "a killed sender's rows are never claimed again",
        child::outlasts_kills,
    ),
    (
        "several senders share no row, in a file there is one",
        child::several_share_nothing,
    ),
    ("a halt is obeyed at once", child::halts_at_once),
    ("turns keep nobody else out", child::keeps_nobody_out),
];

#[expect(clippy::print_stderr, reason = "says which case it was that failed")]
fn run(place: &Place) {
    for (name, case) in CASES {
        eprintln!("{name}");
        case(place);
    }
}

#[test]
fn the_ledgers_suite_holds_on_sqlite() {
    run(&Place::sqlite());
}

#[test]
fn the_ledgers_suite_holds_on_postgresql() {
    if let Some(place) = Place::postgres() {
        run(&place);
    }
}

/// The hash of a recipient that there is not.
pub(crate) fn recipient(number: u64) -> Recipient {
    Recipient(Sha256::digest(number.to_be_bytes()).into())
}

pub(crate) fn plan_sha256(plan: u8) -> Sha256Hash {
    Sha256Hash([plan; 32])
}

pub(crate) fn rows(count: u64) -> Vec<PlannedRow> {
    let row = |key| PlannedRow {
        key,
        recipient: recipient(key),
        stage: 1,
        text: u32::try_from(key % 3).unwrap(),
    };
    (0..count).map(row).collect()
}

pub(crate) fn opening(campaign: &str) -> Opening<'_> {
    Opening {
        campaign,
        plan_sha256: plan_sha256(1),
        actor: "an officer",
        now_us: 1,
    }
}

/// A ledger with one campaign of some rows.
pub(crate) fn planned(address: &Address, count: u64) -> Ledger {
    let mut ledger = Ledger::open(address).unwrap();
    ledger.plan(&opening("warning"), &rows(count)).unwrap();
    ledger
}

pub(crate) fn started(address: &Address, count: u64) -> Sending {
    planned(address, count)
        .start("warning", "a sender", 2)
        .unwrap()
}

pub(crate) fn claim(most: usize) -> Claim {
    Claim { stage: 1, most }
}

pub(crate) fn accepted(message_id: &str) -> Answered {
    Answered::Accepted {
        message_id: message_id.to_owned(),
    }
}

pub(crate) fn by_id(id: &str, said: Said) -> ReceiptIn {
    ReceiptIn {
        key: None,
        recipient: None,
        message_ids: vec![id.to_owned()],
        said,
        code: "err:000".to_owned(),
    }
}

pub(crate) fn by_recipient(number: u64, said: Said) -> ReceiptIn {
    ReceiptIn {
        recipient: Some(recipient(number)),
        message_ids: Vec::new(),
        ..by_id("", said)
    }
}
