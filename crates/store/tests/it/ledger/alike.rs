//! Whatever comes in whatever order: both databases decide alike, and the order of receipts changes nothing.

use std::collections::BTreeMap;

use unspoof_store::ledger::{
    Answered, Claim, Halt, HaltKind, Ledger, MessageRow, Outcome, ReceiptIn, Said, Sending, State,
};

use super::child::{Chance, soak};
use super::{accepted, by_id, claim, planned, recipient, started};
use crate::places::Place;

const ROWS: u64 = 24;

fn any_answer(chance: &mut Chance, key: u64, now_us: i64) -> Answered {
    // Few ids, so that some are two messages' and some are told before they are known.
    let id = |chance: &mut Chance| match chance.below(6) {
        0 => String::new(),
        1 => format!("id-{}", chance.below(4)),
        2 => format!("id-{key}-0,id-{key}-1"),
        _ => format!("id-{key}"),
    };
    match chance.below(8) {
        0 => Answered::Refused {
            code: format!("no-{}", chance.below(2)),
        },
        1 => Answered::Unknown {
            why: "timeout".to_owned(),
        },
        2 => Answered::Unsent,
        3 => Answered::Deferred {
            code: "throttled".to_owned(),
            suspicious: chance.below(2) == 0,
            not_before_us: now_us + 100_000 * i64::try_from(chance.below(4)).unwrap(),
        },
        _ => accepted(&id(chance)),
    }
}

fn any_receipt(chance: &mut Chance) -> ReceiptIn {
    let key = chance.below(ROWS + 2);
    let said = match chance.below(5) {
        0 => Said::Undelivered,
        1 => Said::Expired,
        _ => Said::Delivered,
    };
    let mut receipt = by_id(&format!("id-{key}"), said);
    match chance.below(6) {
        0 => receipt.message_ids.clear(),
        1 => receipt
            .message_ids
            .insert(0, format!("id-{}", chance.below(4))),
        2 => receipt.message_ids = vec![format!("id-{key}-{}", chance.below(2))],
        _ => {}
    }
    if receipt.message_ids.is_empty() || chance.below(3) == 0 {
        receipt.recipient = Some(recipient(key));
    }
    if chance.below(8) == 0 {
        receipt.key = Some(key);
    }
    receipt
}

fn all_rows(ledger: &mut Ledger) -> BTreeMap<u64, MessageRow> {
    let states = State::ALL.into_iter();
    states
        .flat_map(|state| ledger.rows("warning", state).unwrap())
        .map(|row| (row.key, row))
        .collect()
}

/// One thing that happens, to both.
fn both_do(both: &mut [Sending; 2], chance: &mut Chance, now_us: i64) {
    let [one, other] = both;
    match chance.below(12) {
        0 => {
            let kind = HaltKind::Held;
            let halt = Halt {
                kind,
                actor: "a rule".to_owned(),
                why: "tripped".to_owned(),
                at_us: now_us,
            };
            for each in [one, other] {
                let ledger = each.ledger();
                if chance.0.is_multiple_of(2) {
                    ledger.halt("warning", &halt).unwrap();
                } else {
                    ledger
                        .resume("warning", "a person", "mended", now_us)
                        .unwrap();
                }
            }
        }
        1 => {
            let list = [
                recipient(chance.below(ROWS * 4)),
                recipient(chance.below(ROWS)),
            ];
            let remove = |each: &mut Sending| {
                each.ledger()
                    .remove("warning", &list, "a person", "asked", now_us)
                    .unwrap()
            };
            assert_eq!(remove(one), remove(other));
        }
        2 => {
            let key = chance.below(ROWS);
            let outcome = Outcome::ALL[usize::try_from(chance.below(3)).unwrap()];
            let settle = |each: &mut Sending| {
                let ledger = each.ledger();
                let done =
                    ledger.settle_by_person("warning", key, outcome, "a person", "asked", now_us);
                done.map_err(|error| error.to_string())
            };
            assert_eq!(settle(one), settle(other));
        }
        _ => {
            let mut answers = BTreeMap::new();
            for _ in 0..chance.below(6) {
                let key = chance.below(ROWS + 1);
                answers.insert(key, any_answer(chance, key, now_us));
            }
            let answers: Vec<_> = answers.into_iter().collect();
            let receipts: Vec<_> = (0..chance.below(5)).map(|_| any_receipt(chance)).collect();
            let claim = claim(usize::try_from(chance.below(5)).unwrap());
            let turn = |each: &mut Sending| each.turn(now_us, &answers, &receipts, claim).unwrap();
            let told = (turn(one), turn(other));
            assert_eq!(told.0, told.1, "{answers:?} {receipts:?}");
        }
    }
}

/// What both databases were given came to the same, row by row.
#[test]
fn both_databases_decide_alike() {
    let Some(server) = Place::postgres() else {
        return;
    };
    let file = Place::sqlite();
    for seed in 0..6 * soak() {
        let mut chance = Chance(seed);
        let mut both = [started(&file.fresh(), ROWS), started(&server.fresh(), ROWS)];
        for now_us in (10..90).map(|step| step * 100_000) {
            both_do(&mut both, &mut chance, now_us);
            let [one, other] = &mut both;
            let (one, other) = (one.ledger(), other.ledger());
            assert_eq!(all_rows(one), all_rows(other), "seed {seed} at {now_us}");
        }
        let [one, other] = &mut both;
        let (one, other) = (one.ledger(), other.ledger());
        assert_eq!(
            one.counts("warning").unwrap(),
            other.counts("warning").unwrap()
        );
        assert_eq!(
            one.orphans("warning").unwrap(),
            other.orphans("warning").unwrap()
        );
        let list: Vec<_> = (0..ROWS).map(recipient).collect();
        assert_eq!(
            one.told(None, &list).unwrap(),
            other.told(None, &list).unwrap()
        );
        let events = |ledger: &mut Ledger| -> Vec<_> {
            let events = ledger.events("warning", 0).unwrap().into_iter();
            events
                .map(|e| (e.at_us, e.actor, e.kind, e.detail))
                .collect()
        };
        assert_eq!(events(one), events(other));
    }
}

/// Answers and receipts of one story, cut into turns at will and told in whatever order: the same end.
pub(super) fn order_changes_nothing(place: &Place) {
    const STORIES: u64 = 12;
    let mut first: Option<BTreeMap<u64, State>> = None;
    for seed in 0..8 * soak() {
        let mut chance = Chance(seed);
        let mut sending = planned(&place.fresh(), STORIES)
            .start("warning", "a sender", 2)
            .unwrap();
        sending
            .turn(5, &[], &[], claim(usize::try_from(STORIES).unwrap()))
            .unwrap();
        let unknown = Answered::Unknown {
            why: "timeout".to_owned(),
        };
        let mut answers: Vec<Vec<(u64, Answered)>> = Vec::new();
        let mut receipts = Vec::new();
        for key in 0..STORIES {
            let id = format!("id-{key}");
            let said = [Said::Delivered, Said::Undelivered, Said::Expired];
            let said = said[usize::try_from(key % 3).unwrap()];
            answers.push(match key % 4 {
                // The answer comes late, or never.
                0 => vec![(key, unknown.clone()), (key, accepted(&id))],
                1 => vec![(key, unknown.clone())],
                _ => vec![(key, accepted(&id))],
            });
            let mut receipt = by_id(&id, said);
            if key % 4 == 1 || key % 2 == 0 {
                receipt.recipient = Some(recipient(key));
            }
            receipts.push(receipt.clone());
            if key % 5 == 0 {
                receipts.push(receipt);
            }
        }
        let mut now_us = 10;
        while !answers.is_empty() || !receipts.is_empty() {
            let (mut some_answers, mut some_receipts) = (Vec::new(), Vec::new());
            for _ in 0..=chance.below(4) {
                if !answers.is_empty() && chance.below(2) == 0 {
                    let at = usize::try_from(chance.below(answers.len() as u64)).unwrap();
                    some_answers.push(answers[at].remove(0));
                    if answers[at].is_empty() {
                        answers.swap_remove(at);
                    }
                } else if !receipts.is_empty() {
                    let at = usize::try_from(chance.below(receipts.len() as u64)).unwrap();
                    some_receipts.push(receipts.swap_remove(at));
                }
            }
            now_us += 1;
            sending
                .turn(now_us, &some_answers, &some_receipts, Claim::NONE)
                .unwrap();
        }
        let states = all_rows(sending.ledger()).into_iter();
        let states: BTreeMap<u64, State> = states.map(|(key, row)| (key, row.state)).collect();
        let turn = sending.turn(5_000_000, &[], &[], Claim::NONE).unwrap();
        assert_eq!(turn.settled, [], "nothing was left to find");
        assert_eq!(states[&0], State::Delivered);
        assert_eq!(
            *first.get_or_insert_with(|| states.clone()),
            states,
            "seed {seed}"
        );
        assert_eq!(
            sending.ledger().orphans("warning").unwrap(),
            0,
            "seed {seed}"
        );
    }
}

/// A connection that a server cuts: nothing that the turn may have claimed is sent, or claimed again.
#[test]
fn a_cut_connection_leaves_unknowns() {
    let Some(place) = Place::postgres() else {
        return;
    };
    let Place::Postgres { server, .. } = &place else {
        unreachable!("a server");
    };
    let address = place.fresh();
    let mut sending = started(&address, 10);
    sending.turn(10, &[], &[], claim(4)).unwrap();
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE pid <> pg_backend_pid() AND application_name = 'unspoof'";
    assert!(server.psql(cut).status.success());
    let answers = [(0, accepted("a")), (1, Answered::Unsent)];
    for _ in 0..2 {
        sending.turn(20, &answers, &[], claim(4)).unwrap_err();
    }
    let refused = sending.turn(20, &answers, &[], claim(4)).unwrap_err();
    assert_eq!(unspoof_model::Coded::code(&refused), "ledger/spent");
    drop(sending);
    let ledger = Ledger::open(&address).unwrap();
    let mut sending = ledger.start("warning", "a sender", 30).unwrap();
    assert_eq!(sending.recovered(), 4);
    // Answers that were not taken are given again.
    let turn = sending.turn(40, &answers, &[], claim(10)).unwrap();
    let keys: Vec<_> = turn.claimed.iter().map(|row| row.key).collect();
    assert_eq!(keys, [4, 5, 6, 7, 8, 9]);
    let states: Vec<_> = all_rows(sending.ledger())
        .values()
        .map(|row| row.state)
        .collect();
    assert_eq!(states[..2], [State::Accepted, State::Unknown]);
}
