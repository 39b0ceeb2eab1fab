//! What a ledger does, case by case.

use unspoof_model::Coded as _;
use unspoof_store::ledger::{
    Answered, Claim, Halt, HaltKind, Ledger, LedgerError, MessageRow, Opening, Outcome, Planned,
    Said, Sending, State, Turn, reference,
};

use super::{
    accepted, by_id, by_recipient, claim, opening, plan_sha256, planned, recipient, rows, started,
};
use crate::places::Place;

fn keys(turn: &Turn) -> Vec<u64> {
    turn.claimed.iter().map(|row| row.key).collect()
}

fn row(sending: &mut Sending, key: u64) -> MessageRow {
    sending.ledger().row("warning", key).unwrap().unwrap()
}

fn state(sending: &mut Sending, key: u64) -> State {
    row(sending, key).state
}

pub(super) fn planned_once(place: &Place) {
    let address = place.fresh();
    assert_eq!(
        Ledger::open_existing(&address).map(|l| l.is_none()).ok(),
        Some(matches!(address, unspoof_store::Address::File(_)))
    );
    let mut ledger = Ledger::open(&address).unwrap();
    let all = rows(300);
    assert_eq!(
        ledger.plan(&opening("warning"), &all).unwrap(),
        Planned::New
    );
    let mut backwards = all.clone();
    backwards.reverse();
    assert_eq!(
        ledger.plan(&opening("warning"), &backwards).unwrap(),
        Planned::Already
    );
    let code = |refused: Result<Planned, LedgerError>| refused.unwrap_err().code();
    let other = Opening {
        plan_sha256: plan_sha256(2),
        ..opening("warning")
    };
    assert_eq!(code(ledger.plan(&other, &all)), "ledger/other-plan");
    for change in 0..4 {
        let mut changed = all.clone();
        match change {
            0 => changed[7].recipient = recipient(9_999),
            1 => changed[7].stage = 2,
            2 => changed[7].text = 9,
            _ => drop(changed.pop()),
        }
        assert_eq!(
            code(ledger.plan(&opening("warning"), &changed)),
            "ledger/other-rows"
        );
    }
    let mut twice = all.clone();
    twice[3].recipient = twice[4].recipient;
    assert_eq!(
        code(ledger.plan(&opening("second"), &twice)),
        "ledger/twice"
    );
    twice[3] = twice[4];
    assert_eq!(
        code(ledger.plan(&opening("second"), &twice)),
        "ledger/twice"
    );
    twice[3].key = u64::MAX;
    assert_eq!(
        code(ledger.plan(&opening("second"), &twice)),
        "ledger/twice"
    );
    assert_eq!(code(ledger.plan(&opening("Second"), &all)), "ledger/words");
    // Nothing of what was refused is there.
    let campaigns = ledger.campaigns().unwrap();
    assert_eq!(campaigns.len(), 1);
    assert_eq!(
        (campaigns[0].planned, campaigns[0].plan_sha256),
        (300, plan_sha256(1))
    );
    let counts = ledger.counts("warning").unwrap();
    assert_eq!(counts.len(), 1);
    assert_eq!(
        (counts[0].state, counts[0].rows, counts[0].stage),
        (State::Planned, 300, 1)
    );
    assert_eq!(
        ledger.counts("none").unwrap_err().code(),
        "ledger/no-campaign"
    );
    // The same recipients in another campaign are other rows.
    assert_eq!(
        ledger.plan(&other_named("second"), &all).unwrap(),
        Planned::New
    );
}

fn other_named(campaign: &str) -> Opening<'_> {
    Opening {
        plan_sha256: plan_sha256(2),
        ..opening(campaign)
    }
}

pub(super) fn turns(place: &Place) {
    let mut sending = started(&place.fresh(), 10);
    let turn = sending.turn(10, &[], &[], claim(6)).unwrap();
    assert_eq!(keys(&turn), [0, 1, 2, 3, 4, 5]);
    assert_eq!(turn.next_due_us, None);
    let first = &turn.claimed[1];
    assert_eq!(
        (first.recipient, first.attempt, first.text),
        (recipient(1), 1, 1)
    );
    assert_eq!(first.reference, reference("warning", &plan_sha256(1), 1, 1));
    assert_eq!(first.reference.len(), 32);
    let found = row(&mut sending, 1);
    assert_eq!(
        (found.state, found.intent_us, found.attempt),
        (State::Intent, Some(10), 1)
    );
    assert_eq!(found.owner, Some(sending.owner()));
    let refused = Answered::Refused {
        code: "ESME_RINVDSTADR".to_owned(),
    };
    let unknown = Answered::Unknown {
        why: "timeout".to_owned(),
    };
    let answers = [
        (0, accepted("a0")),
        (1, refused.clone()),
        (2, unknown.clone()),
        (3, Answered::Unsent),
        // A row that was never claimed, and one that there is not.
        (9, accepted("a9")),
        (77, accepted("a77")),
    ];
    let turn = sending.turn(20, &answers, &[], claim(3)).unwrap();
    assert_eq!(keys(&turn), [3, 6, 7]);
    assert_eq!(turn.claimed[0].attempt, 2);
    let not: Vec<_> = turn.not_taken.iter().map(|n| (n.key, n.found)).collect();
    assert_eq!(not, [(9, Some(State::Planned)), (77, None)]);
    for (key, expected) in [
        (0, State::Accepted),
        (1, State::Refused),
        (2, State::Unknown),
        (3, State::Intent),
        (4, State::Intent),
        (8, State::Planned),
    ] {
        assert_eq!(state(&mut sending, key), expected, "{key}");
    }
    let found = row(&mut sending, 1);
    assert_eq!(found.code.as_deref(), Some("ESME_RINVDSTADR"));
    assert_eq!(
        (found.intent_us, found.answered_us, found.settled_us),
        (Some(10), Some(20), None)
    );
    assert_eq!(row(&mut sending, 0).message_id.as_deref(), Some("a0"));
    // The same answers again change nothing; others to a row that has one do not either.
    let again = [
        (0, accepted("a0")),
        (1, refused.clone()),
        (2, unknown),
        (0, refused),
        (1, accepted("b")),
        (2, Answered::Unsent),
    ];
    let turn = sending.turn(30, &again, &[], Claim::NONE).unwrap();
    assert_eq!((turn.repeated, turn.not_taken.len()), (3, 3));
    // A late answer settles an unknown, once.
    let late = [(2, accepted("a2"))];
    let turn = sending.turn(40, &late, &[], claim(1)).unwrap();
    assert_eq!(turn.settled.len(), 1);
    assert_eq!(
        (turn.settled[0].from, turn.settled[0].to),
        (State::Unknown, State::Accepted)
    );
    assert_eq!(keys(&turn), [8]);
    let turn = sending.turn(50, &late, &[], claim(5)).unwrap();
    assert_eq!((turn.repeated, keys(&turn)), (1, vec![9]));
    assert_eq!(turn.next_due_us, None);
    assert_eq!(sending.ledger().unknowns("warning").unwrap(), []);
    // Another stage has nothing.
    let other = Claim { stage: 2, most: 5 };
    assert!(keys(&sending.turn(60, &[], &[], other).unwrap()).is_empty());
}

pub(super) fn deferred(place: &Place) {
    let mut sending = started(&place.fresh(), 3);
    let turn = sending.turn(10, &[], &[], claim(2)).unwrap();
    assert_eq!(keys(&turn), [0, 1]);
    let put_off = |not_before_us, suspicious| Answered::Deferred {
        code: "ESME_RTHROTTLED".to_owned(),
        suspicious,
        not_before_us,
    };
    let answers = [(0, put_off(500, false)), (1, put_off(400, true))];
    let turn = sending.turn(20, &answers, &[], claim(5)).unwrap();
    assert_eq!((keys(&turn), turn.next_due_us), (vec![2], Some(400)));
    let turn = sending.turn(399, &[], &[], claim(5)).unwrap();
    assert_eq!((keys(&turn), turn.next_due_us), (vec![], Some(400)));
    let turn = sending.turn(500, &[], &[], claim(5)).unwrap();
    assert_eq!(keys(&turn), [1, 0], "the one that is due first");
    let counts = |n: usize| {
        let row = &turn.claimed[n];
        (row.attempt, row.deferred, row.suspicious)
    };
    assert_eq!((counts(0), counts(1)), ((2, 1, 1), (2, 1, 0)));
    assert_ne!(
        turn.claimed[1].reference,
        reference("warning", &plan_sha256(1), 0, 1)
    );
    assert_eq!(
        row(&mut sending, 0).code.as_deref(),
        Some("ESME_RTHROTTLED")
    );
}

pub(super) fn receipts(place: &Place) {
    let mut sending = started(&place.fresh(), 20);
    sending.turn(10, &[], &[], claim(12)).unwrap();
    // Early: the receipt comes before the answer, by id and by number.
    let early = [
        by_id("id0", Said::Delivered),
        by_recipient(1, Said::Expired),
    ];
    let turn = sending.turn(20, &[], &early, Claim::NONE).unwrap();
    assert_eq!((turn.orphaned, turn.settled.len()), (2, 0));
    let turn = sending.turn(21, &[], &early, Claim::NONE).unwrap();
    assert_eq!(turn.orphaned, 2, "told again, kept once");
    assert_eq!(sending.ledger().orphans("warning").unwrap(), 2);
    let answers = [
        (0, accepted("id0")),
        (1, accepted("id1")),
        (2, accepted("id2")),
    ];
    let turn = sending.turn(30, &answers, &[], Claim::NONE).unwrap();
    let mut settled: Vec<_> = turn.settled.iter().map(|s| (s.key, s.to)).collect();
    settled.sort_unstable();
    assert_eq!(settled, [(0, State::Delivered), (1, State::Expired)]);
    assert_eq!(sending.ledger().orphans("warning").unwrap(), 0);
    let found = row(&mut sending, 0);
    assert_eq!((found.answered_us, found.settled_us), (Some(30), Some(30)));
    assert_eq!(found.code.as_deref(), Some("err:000"));
    // In one turn with its answer; by the key; in another form of the id.
    let mut by_key = by_id("", Said::Undelivered);
    by_key.message_ids.clear();
    by_key.key = Some(2);
    let mut forms = by_id("x", Said::Delivered);
    forms.message_ids.push("id3".to_owned());
    let turn = sending
        .turn(
            40,
            &[(3, accepted("id3"))],
            &[by_key.clone(), forms.clone()],
            Claim::NONE,
        )
        .unwrap();
    assert_eq!((turn.settled.len(), turn.orphaned), (2, 0));
    assert_eq!(state(&mut sending, 2), State::Undelivered);
    assert_eq!(state(&mut sending, 3), State::Delivered);
    let turn = sending
        .turn(50, &[], &[by_key, forms.clone(), forms], Claim::NONE)
        .unwrap();
    assert_eq!((turn.repeated, turn.settled.len()), (3, 0));
    // The id must be of the number that the receipt names.
    let mut strange = by_id("id4", Said::Delivered);
    strange.recipient = Some(recipient(5));
    let answers = [
        (4, accepted("id4")),
        (5, accepted("id5")),
        (6, accepted("")),
    ];
    let turn = sending
        .turn(60, &answers, &[strange.clone()], Claim::NONE)
        .unwrap();
    assert_eq!((turn.orphaned, turn.settled.len()), (1, 0));
    strange.recipient = Some(recipient(4));
    let turn = sending.turn(61, &[], &[strange], Claim::NONE).unwrap();
    assert_eq!(turn.settled.len(), 1);
    assert_eq!(state(&mut sending, 4), State::Delivered);
    // Accepted without an id: by number alone. With another id: not.
    let mut named = by_recipient(6, Said::Delivered);
    named.message_ids.push("whatever".to_owned());
    let mut other = named.clone();
    other.recipient = Some(recipient(5));
    let turn = sending.turn(70, &[], &[named, other], Claim::NONE).unwrap();
    assert_eq!((turn.settled.len(), turn.orphaned), (1, 1));
    assert_eq!(state(&mut sending, 6), State::Delivered);
    assert_eq!(state(&mut sending, 5), State::Accepted);
    // Two messages of one id: it says nothing without the number.
    let answers = [(7, accepted("same")), (8, accepted("same"))];
    let turn = sending
        .turn(80, &answers, &[by_id("same", Said::Delivered)], Claim::NONE)
        .unwrap();
    assert_eq!((turn.settled.len(), turn.orphaned), (0, 1));
    let mut told = by_id("same", Said::Delivered);
    told.recipient = Some(recipient(8));
    sending.turn(81, &[], &[told], Claim::NONE).unwrap();
    assert_eq!(state(&mut sending, 7), State::Accepted);
    assert_eq!(state(&mut sending, 8), State::Delivered);
    // A late receipt settles an unknown, by number.
    let unknown = Answered::Unknown {
        why: "disconnected".to_owned(),
    };
    sending.turn(90, &[(9, unknown)], &[], Claim::NONE).unwrap();
    let turn = sending
        .turn(91, &[], &[by_recipient(9, Said::Delivered)], Claim::NONE)
        .unwrap();
    assert_eq!(
        (turn.settled[0].from, turn.settled[0].to),
        (State::Unknown, State::Delivered)
    );
    // A receipt for somebody who was never texted waits for ever and changes nothing.
    let turn = sending
        .turn(92, &[], &[by_recipient(19, Said::Delivered)], claim(20))
        .unwrap();
    assert_eq!((turn.orphaned, turn.claimed.len()), (1, 8));
}

pub(super) fn parts(place: &Place) {
    let mut sending = started(&place.fresh(), 3);
    sending.turn(10, &[], &[], claim(3)).unwrap();
    let answers = [(0, accepted("p0,p1,p2")), (1, accepted("q0,q1"))];
    let said = [
        by_id("p0", Said::Delivered),
        by_id("p0", Said::Delivered),
        by_id("q0", Said::Delivered),
        by_id("q1", Said::Undelivered),
    ];
    let turn = sending.turn(20, &answers, &said, Claim::NONE).unwrap();
    assert_eq!((turn.repeated, turn.settled.len()), (1, 1));
    assert_eq!(state(&mut sending, 0), State::Accepted);
    assert_eq!(state(&mut sending, 1), State::Undelivered);
    let said = [
        by_id("p0", Said::Delivered),
        by_id("p2", Said::Delivered),
        by_id("p2", Said::Delivered),
    ];
    let turn = sending.turn(30, &[], &said, Claim::NONE).unwrap();
    assert_eq!((turn.repeated, turn.settled.len()), (2, 0));
    let turn = sending
        .turn(40, &[], &[by_id("p1", Said::Delivered)], Claim::NONE)
        .unwrap();
    assert_eq!(turn.settled.len(), 1);
    assert_eq!(state(&mut sending, 0), State::Delivered);
}

pub(super) fn contradictions(place: &Place) {
    let mut sending = started(&place.fresh(), 3);
    sending.turn(10, &[], &[], claim(3)).unwrap();
    let refused = Answered::Refused {
        code: "no".to_owned(),
    };
    let answers = [(0, accepted("a")), (1, refused)];
    let said = [
        by_id("a", Said::Delivered),
        by_id("a", Said::Undelivered),
        by_recipient(1, Said::Delivered),
    ];
    let turn = sending.turn(20, &answers, &said, Claim::NONE).unwrap();
    assert_eq!(turn.contradicted.len(), 1);
    assert_eq!(
        (turn.contradicted[0].key, turn.contradicted[0].found),
        (0, State::Delivered)
    );
    assert_eq!(state(&mut sending, 0), State::Delivered);
    // Refused, and delivered all the same: it counts as told from now on.
    assert_eq!(state(&mut sending, 1), State::Delivered);
    let events = sending.ledger().events("warning", 0).unwrap();
    let last = events.last().unwrap();
    assert_eq!(last.kind, "contradicted");
    assert_eq!(
        last.detail,
        "key 0 is delivered, a receipt says undelivered"
    );
}

pub(super) fn receipt_outweighs(place: &Place) {
    let mut sending = started(&place.fresh(), 3);
    sending.turn(10, &[], &[], claim(3)).unwrap();
    let put_off = || Answered::Deferred {
        code: "ESME_RMSGQFUL".to_owned(),
        suspicious: false,
        not_before_us: 0,
    };
    // The receipt waits for the answer, which then says that nothing was taken.
    sending
        .turn(20, &[], &[by_recipient(0, Said::Delivered)], Claim::NONE)
        .unwrap();
    let turn = sending.turn(30, &[(0, put_off())], &[], claim(3)).unwrap();
    assert!(keys(&turn).is_empty());
    assert_eq!(state(&mut sending, 0), State::Delivered);
    // The receipt comes in the same turn, and after it.
    let turn = sending
        .turn(
            40,
            &[(1, put_off())],
            &[by_recipient(1, Said::Expired)],
            claim(3),
        )
        .unwrap();
    assert!(keys(&turn).is_empty());
    assert_eq!(state(&mut sending, 1), State::Expired);
    sending
        .turn(50, &[(2, put_off())], &[], Claim::NONE)
        .unwrap();
    let turn = sending
        .turn(60, &[], &[by_recipient(2, Said::Delivered)], claim(3))
        .unwrap();
    assert!(keys(&turn).is_empty());
    assert_eq!(state(&mut sending, 2), State::Delivered);
}

fn halted(kind: HaltKind) -> Halt {
    Halt {
        kind,
        actor: "an officer".to_owned(),
        why: "the site is down".to_owned(),
        at_us: 50,
    }
}

pub(super) fn halts(place: &Place) {
    let address = place.fresh();
    let mut sending = started(&address, 10);
    sending.turn(10, &[], &[], claim(2)).unwrap();
    // From elsewhere, while the sender is at work.
    let mut desk = Ledger::open(&address).unwrap();
    desk.halt("warning", &halted(HaltKind::Held)).unwrap();
    let answers = [(0, accepted("a"))];
    let turn = sending.turn(20, &answers, &[], claim(5)).unwrap();
    assert_eq!(
        (keys(&turn), turn.halt),
        (vec![], Some(halted(HaltKind::Held)))
    );
    assert_eq!(state(&mut sending, 0), State::Accepted, "answers are taken");
    desk.resume("warning", "an officer", "it is up", 60)
        .unwrap();
    assert_eq!(keys(&sending.turn(30, &[], &[], claim(2)).unwrap()), [2, 3]);
    desk.halt("warning", &halted(HaltKind::Stopped)).unwrap();
    desk.halt("warning", &halted(HaltKind::Held)).unwrap();
    let turn = sending.turn(40, &[], &[], claim(2)).unwrap();
    assert_eq!(turn.halt.unwrap().kind, HaltKind::Stopped);
    let refused = desk.resume("warning", "an officer", "a mistake", 70);
    assert_eq!(refused.unwrap_err().code(), "ledger/stopped");
    let kinds: Vec<_> = desk.events("warning", 0).unwrap();
    let kinds: Vec<_> = kinds.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["opened", "started", "held", "resumed", "stopped"]);
    let refused = place
        .sql(&address, "UPDATE ledger_campaigns SET halt = 0")
        .unwrap_err();
    assert!(refused.contains("stays stopped"), "{refused}");
}

pub(super) fn removals(place: &Place) {
    let address = place.fresh();
    let mut sending = started(&address, 10);
    sending.turn(10, &[], &[], claim(2)).unwrap();
    let mut desk = Ledger::open(&address).unwrap();
    let list = [0, 3, 4, 3, 99].map(recipient);
    let removed = desk
        .remove("warning", &list, "an officer", "list 1", 20)
        .unwrap();
    assert_eq!(
        (removed.removed, removed.already, removed.absent),
        (2, 0, 1)
    );
    assert_eq!(removed.too_late, [(0, State::Intent)]);
    let removed = desk
        .remove("warning", &list, "an officer", "list 1", 20)
        .unwrap();
    assert_eq!((removed.removed, removed.already), (0, 2));
    let turn = sending.turn(30, &[], &[], claim(10)).unwrap();
    assert_eq!(keys(&turn), [2, 5, 6, 7, 8, 9]);
    assert_eq!(state(&mut sending, 3), State::Removed);
}

pub(super) fn settles(place: &Place) {
    let address = place.fresh();
    let mut sending = started(&address, 5);
    sending.turn(10, &[], &[], claim(3)).unwrap();
    let unknown = Answered::Unknown {
        why: "timeout".to_owned(),
    };
    let answers = [(0, unknown.clone()), (1, unknown), (2, accepted("a"))];
    sending.turn(20, &answers, &[], Claim::NONE).unwrap();
    let mut desk = Ledger::open(&address).unwrap();
    let unknowns = desk.unknowns("warning").unwrap();
    let found: Vec<_> = unknowns.iter().map(|row| row.key).collect();
    assert_eq!(found, [0, 1]);
    assert_eq!(unknowns[0].code.as_deref(), Some("timeout"));
    let mut settle = |key, outcome| {
        desk.settle_by_person(
            "warning",
            key,
            outcome,
            "an officer",
            "asked the operator",
            30,
        )
    };
    settle(0, Outcome::Arrived).unwrap();
    settle(1, Outcome::NotArrived).unwrap();
    settle(2, Outcome::Open).unwrap();
    assert_eq!(
        settle(0, Outcome::NotArrived).unwrap_err().code(),
        "ledger/step"
    );
    assert_eq!(
        settle(4, Outcome::Arrived).unwrap_err().code(),
        "ledger/step"
    );
    assert_eq!(
        settle(5, Outcome::Arrived).unwrap_err().code(),
        "ledger/no-row"
    );
    let found = row(&mut sending, 0);
    assert_eq!(
        (found.state, found.outcome),
        (State::Settled, Some(Outcome::Arrived))
    );
    assert_eq!((found.answered_us, found.settled_us), (Some(20), Some(30)));
    // What a person settled, no machine changes; it is told of what came later.
    let turn = sending
        .turn(
            40,
            &[(1, accepted("b"))],
            &[by_id("a", Said::Delivered)],
            claim(5),
        )
        .unwrap();
    assert_eq!((turn.contradicted.len(), turn.repeated), (1, 1));
    assert_eq!(keys(&turn), [3, 4]);
    assert_eq!(state(&mut sending, 2), State::Settled);
}

pub(super) fn told(place: &Place) {
    let address = place.fresh();
    let mut sending = started(&address, 10);
    sending.turn(10, &[], &[], claim(8)).unwrap();
    let refused = Answered::Refused {
        code: "no".to_owned(),
    };
    let unknown = Answered::Unknown {
        why: "timeout".to_owned(),
    };
    let answers = [
        (0, accepted("a")),
        (1, refused),
        (2, unknown.clone()),
        (3, unknown.clone()),
        (4, unknown),
        (5, accepted("b")),
        (6, Answered::Unsent),
    ];
    sending
        .turn(20, &answers, &[by_id("b", Said::Undelivered)], Claim::NONE)
        .unwrap();
    let mut ledger = sending.end();
    for (key, outcome) in [(3, Outcome::NotArrived), (4, Outcome::Open)] {
        ledger
            .settle_by_person("warning", key, outcome, "an officer", "asked", 30)
            .unwrap();
    }
    let list: Vec<_> = (0..=10).map(recipient).collect();
    let told = ledger.told(None, &list).unwrap();
    let expected = [
        true, false, true, false, true, true, false, true, false, false, false,
    ];
    assert_eq!(told, expected);
    assert_eq!(ledger.told(Some("warning"), &list).unwrap(), [false; 11]);
    assert_eq!(ledger.told(Some("another"), &list).unwrap(), expected);
}

pub(super) fn recovers(place: &Place) {
    let address = place.fresh();
    let mut sending = started(&address, 10);
    sending.turn(10, &[], &[], claim(6)).unwrap();
    sending
        .turn(
            20,
            &[(0, accepted("a")), (1, Answered::Unsent)],
            // One of them waits already.
            &[by_recipient(3, Said::Delivered)],
            Claim::NONE,
        )
        .unwrap();
    let before = sending.owner();
    drop(sending);
    let mut sending = Ledger::open(&address)
        .unwrap()
        .start("warning", "a sender", 30)
        .unwrap();
    assert!(sending.owner() > before);
    assert_eq!(sending.recovered(), 4);
    let unknowns = sending.ledger().unknowns("warning").unwrap();
    let found: Vec<_> = unknowns.iter().map(|row| row.key).collect();
    assert_eq!(found, [2, 4, 5]);
    assert_eq!(unknowns[0].code.as_deref(), Some("crash"));
    assert_eq!(unknowns[0].owner, Some(before));
    assert_eq!(state(&mut sending, 3), State::Delivered);
    // None of them is claimed again, and an answer that was late settles one.
    let turn = sending
        .turn(
            40,
            &[(2, accepted("c")), (4, Answered::Unsent)],
            &[],
            claim(10),
        )
        .unwrap();
    assert_eq!(keys(&turn), [1, 6, 7, 8, 9]);
    assert_eq!(turn.not_taken.len(), 1);
    assert_eq!(state(&mut sending, 2), State::Accepted);
    assert_eq!(state(&mut sending, 4), State::Unknown);
    assert_eq!(sending.recover(50).unwrap(), 0, "its own are its own");
}

pub(super) fn refuses_steps(place: &Place) {
    let address = place.fresh();
    let mut sending = started(&address, 12);
    sending.turn(10, &[], &[], claim(10)).unwrap();
    let refused = Answered::Refused {
        code: "no".to_owned(),
    };
    let unknown = Answered::Unknown {
        why: "timeout".to_owned(),
    };
    let answers = [
        (1, accepted("a1")),
        (2, refused),
        (3, unknown.clone()),
        (4, accepted("a4")),
        (5, accepted("a5")),
        (6, accepted("a6")),
        (7, unknown),
        (8, Answered::Unsent),
    ];
    let said = [
        by_id("a4", Said::Delivered),
        by_id("a5", Said::Undelivered),
        by_id("a6", Said::Expired),
    ];
    sending.turn(20, &answers, &said, Claim::NONE).unwrap();
    let mut ledger = sending.end();
    ledger
        .settle_by_person("warning", 7, Outcome::Open, "an officer", "asked", 30)
        .unwrap();
    ledger
        .remove("warning", &[recipient(11)], "an officer", "list", 31)
        .unwrap();
    // One row in each state, by number, and where it may go.
    let expected: [(u64, i64, &[i64]); 10] = [
        (10, 0, &[1, 9]),
        (0, 1, &[0, 2, 3, 4]),
        (1, 2, &[5, 6, 7, 8]),
        (2, 3, &[5]),
        (3, 4, &[2, 3, 5, 6, 7, 8]),
        (4, 5, &[]),
        (5, 6, &[]),
        (6, 7, &[]),
        (7, 8, &[]),
        (11, 9, &[]),
    ];
    for (key, from, allowed) in expected {
        for to in 0..10_i64 {
            if allowed.contains(&to) {
                continue;
            }
            let outcome = if to == 8 { "'open'" } else { "NULL" };
            let sql = format!(
                "UPDATE ledger_messages SET state = {to}, attempt = attempt + 1, owner = 1, \
                 intent_us = 1, settled_us = 1, outcome = {outcome} WHERE key = {key}"
            );
            let refused = place.sql(&address, &sql).unwrap_err();
            assert!(
                refused.contains("no such step"),
                "{from} to {to}: {refused}"
            );
        }
    }
    for (sql, why) in [
        (
            "UPDATE ledger_messages SET recipient = NULL",
            "keeps its recipient",
        ),
        (
            "UPDATE ledger_messages SET key = key + 100",
            "keeps its recipient",
        ),
        (
            "UPDATE ledger_messages SET stage = 9",
            "keeps its recipient",
        ),
        ("UPDATE ledger_messages SET text = 9", "keeps its recipient"),
        ("DELETE FROM ledger_messages", "never deleted"),
        ("DELETE FROM ledger_campaigns", "never deleted"),
        ("UPDATE ledger_campaigns SET planned = 1", "keeps its plan"),
        ("UPDATE ledger_events SET actor = 'x'", "only ever added"),
        ("DELETE FROM ledger_events", "only ever added"),
        (
            "UPDATE ledger_messages SET state = 1, owner = 1, intent_us = 1 WHERE key = 10",
            "no such step",
        ),
        (
            "UPDATE ledger_messages SET state = 1, attempt = attempt + 1 WHERE key = 10",
            "",
        ),
        ("UPDATE ledger_messages SET state = 8 WHERE key = 3", ""),
        (
            "INSERT INTO ledger_messages (campaign, key, recipient, stage, text, state) \
             SELECT 1, 500, recipient, 1, 1, 1 FROM ledger_messages WHERE key = 1",
            "",
        ),
    ] {
        let refused = place.sql(&address, sql).unwrap_err();
        assert!(refused.contains(why), "{sql}: {refused}");
    }
    let others: &[&str] = match place {
        Place::Sqlite { .. } => &[
            "INSERT OR REPLACE INTO ledger_messages (campaign, key, recipient, stage, text) \
             SELECT campaign, key, recipient, stage, text FROM ledger_messages",
            "INSERT OR REPLACE INTO ledger_events \
             SELECT number, campaign, 5, actor, kind, detail FROM ledger_events",
            "INSERT OR REPLACE INTO ledger_campaigns (number, id, plan_sha256, planned, opened_us) \
             SELECT number, id, plan_sha256, 5, opened_us FROM ledger_campaigns",
        ],
        Place::Postgres { .. } => &[
            "TRUNCATE ledger_messages",
            "TRUNCATE ledger_events",
            "TRUNCATE ledger_campaigns",
        ],
    };
    for sql in others {
        let refused = place.sql(&address, sql).unwrap_err();
        let why = ["never deleted", "only ever added"];
        assert!(
            why.iter().any(|why| refused.contains(why)),
            "{sql}: {refused}"
        );
    }
    let counts = ledger.counts("warning").unwrap();
    assert_eq!(counts.iter().map(|count| count.rows).sum::<u64>(), 12);
}

pub(super) fn no_numbers(place: &Place) {
    let mut ledger = planned(&place.fresh(), 3);
    let why = "rang 07700 900123";
    let halt = Halt {
        why: why.to_owned(),
        ..halted(HaltKind::Held)
    };
    let words = |refused: Result<(), LedgerError>| {
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), "ledger/words");
        assert!(!format!("{refused} {refused:?}").contains("900123"));
    };
    words(ledger.halt("warning", &halt));
    words(ledger.resume("warning", "an officer", why, 1));
    words(ledger.settle_by_person("warning", 1, Outcome::Open, "an officer", why, 1));
    words(ledger.settle_by_person("warning", 1, Outcome::Open, why, "asked", 1));
    words(
        ledger
            .remove("warning", &[], "an officer", why, 1)
            .map(drop),
    );
    words(ledger.record("warning", "an officer", "looked", why, 1));
    words(ledger.set_note("warning", "stage", why));
    words(ledger.erase("warning", "an officer", why, 1));
    words(ledger.start("warning", why, 1).map(drop));
}

pub(super) fn notes_and_events(place: &Place) {
    let address = place.fresh();
    let mut ledger = planned(&address, 3);
    assert_eq!(ledger.note("warning", "stage").unwrap(), None);
    ledger.set_note("warning", "stage", "1").unwrap();
    ledger.set_note("warning", "stage", "2").unwrap();
    ledger
        .record("warning", "a rule", "tripped", "delivered under 85 %", 77)
        .unwrap();
    drop(ledger);
    let mut ledger = Ledger::open_existing(&address).unwrap().unwrap();
    assert_eq!(
        ledger.note("warning", "stage").unwrap().as_deref(),
        Some("2")
    );
    let events = ledger.events("warning", 0).unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].kind, "opened");
    assert!(events[0].detail.starts_with("3 recipients, plan 0101"));
    assert_eq!((events[1].at_us, events[1].actor.as_str()), (77, "a rule"));
    assert_eq!(
        ledger.events("warning", events[0].number).unwrap(),
        events[1..]
    );
}
