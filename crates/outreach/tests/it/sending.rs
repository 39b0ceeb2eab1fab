//! Whole runs of the engine over a real ledger, with senders that misbehave in memory.

mod faults;
mod killed;
mod over_smpp;
mod world;

use std::sync::atomic::Ordering;
use std::time::Duration;

use unspoof_outreach::sender::{Answer, ReceiptState};
use unspoof_outreach::sending::{Command, Curve, Ended, curve_of};
use unspoof_store::ledger::{HaltKind, Ledger, State};

use world::{CAMPAIGN, Played, World, delivered};

/// A pause, a hold and a resume: all stages, everybody once.
#[test]
fn everybody_is_told_once_stage_by_stage() {
    let world = World::of(120);
    let mut sender = Played::new(16, delivered);
    let (ended, status) = world.send(&mut sender).unwrap();
    let Ended::Halted(halt) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!((halt.kind, halt.actor.as_str()), (HaltKind::Held, "plan"));
    // The team and the first few, and nobody else.
    assert_eq!(sender.sent.len(), 5);
    assert_eq!(status.counts.planned, 117);
    world.resume();
    let (ended, status) = world.send(&mut sender).unwrap();
    assert_eq!(ended, Ended::Finished);
    assert_eq!(status.counts.delivered, 122);
    sender.assert_nobody_twice();
    assert_eq!(sender.sent.len(), 122);
    for (_, text) in &sender.sent {
        assert!(text.starts_with("Tarnshire Police: ") && !text.contains("{code}"));
    }
    // And once more: there is nothing left to do.
    let (ended, _) = world.send(&mut sender).unwrap();
    assert_eq!(ended, Ended::Finished);
    assert_eq!(sender.sent.len(), 122);
}

#[test]
fn definite_refusals_come_back_and_suspicious_ones_twice_at_most() {
    let world = World::without_hold(30);
    let mut sender = Played::new(8, |key, attempt| match (key % 3, attempt) {
        (0, 1) => Some(Answer::Deferred {
            code: "ESME_RTHROTTLED".to_owned(),
            suspicious: false,
        }),
        (1, 1) => Some(Answer::Unsent),
        (2, _) => Some(Answer::Deferred {
            code: "ESME_RSYSERR".to_owned(),
            suspicious: true,
        }),
        _ => Some(Answer::Accepted {
            message_id: format!("id-{key}"),
        }),
    });
    let (ended, status) = world.send(&mut sender).unwrap();
    assert_eq!(ended, Ended::Finished);
    let suspicious = (0..32).filter(|key| key % 3 == 2).count() as u64;
    assert_eq!(status.counts.refused, suspicious);
    assert_eq!(status.counts.delivered, 32 - suspicious);
    for (key, attempts) in sender.attempts() {
        let wanted = if key % 3 == 2 { 3 } else { 2 };
        assert_eq!(attempts, wanted, "message {key}");
    }
}

#[test]
fn what_nobody_answered_is_unknown_is_not_sent_again_and_a_receipt_settles_it() {
    let world = World::without_hold(40);
    // Every fourth answer never comes; then the sender dies.
    let mut sender = Played::new(8, |key, _| {
        (key % 4 != 1).then(|| Answer::Accepted {
            message_id: format!("id-{key}"),
        })
    });
    sender.dies_after = Some(25);
    assert!(world.send(&mut sender).is_err());
    let sent = sender.sent.len();
    let mut second = Played::new(8, delivered);
    let (ended, status) = world.send(&mut second).unwrap();
    assert_eq!(ended, Ended::Finished);
    assert!(
        status.counts.unknown > 0 && status.counts.unknown <= 16,
        "{status:?}"
    );
    // What was claimed and had not left when it died is unknown too: nobody can tell.
    let all = sent + second.sent.len();
    assert!((42 - 8..=42).contains(&all), "{all}");
    let numbers: std::collections::BTreeSet<_> = sender.sent.iter().chain(&second.sent).collect();
    assert_eq!(numbers.len(), all);
    // Late receipts name the number and nothing else.
    let unknown = world.keys(State::Unknown);
    let mut third = Played::new(8, delivered);
    third.receipts_by_number(&world, &unknown, ReceiptState::Delivered);
    world.settings.lock().unwrap().linger_ms = 180_000;
    let (_, status) = world.send(&mut third).unwrap();
    assert_eq!(status.counts.unknown, 0);
    assert!(third.sent.is_empty());
}

#[test]
fn a_stop_is_obeyed_within_a_fifth_of_a_second_and_for_ever() {
    let world = World::without_hold(900);
    let mut sender = Played::new(4, delivered);
    sender.slow_poll = Some(Duration::from_millis(10));
    let control = world.control();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        control.give(Command::Stop, "a test").unwrap();
        #[expect(clippy::disallowed_methods, reason = "the test measures a latency")]
        std::time::Instant::now()
    });
    let (ended, status) = world.send(&mut sender).unwrap();
    let given = stopper.join().unwrap();
    assert!(matches!(ended, Ended::Halted(halt) if halt.kind == HaltKind::Stopped));
    assert!(status.counts.planned > 0);
    let last = sender.last_submit.unwrap();
    assert!(
        last.saturating_duration_since(given) < Duration::from_millis(200),
        "something left after the stop"
    );
    assert!(sender.is_stopped);
    let sent = sender.sent.len();
    std::fs::remove_file(world.control().folder().join("stop")).unwrap();
    let (ended, _) = world.send(&mut sender).unwrap();
    assert!(matches!(ended, Ended::Halted(_)), "a stop is for ever");
    assert_eq!(sender.sent.len(), sent);
}

#[test]
fn a_stage_that_goes_wrong_holds_by_itself_and_says_why() {
    let world = World::without_hold(400);
    let mut sender = Played::new(8, delivered);
    sender.undelivered_one_of = Some(3);
    sender.slow_poll = Some(Duration::from_millis(2));
    let (ended, status) = world.send(&mut sender).unwrap();
    let Ended::Halted(halt) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(halt.actor, "rule");
    assert!(
        halt.why.contains("settled receipts say delivered"),
        "{}",
        halt.why
    );
    assert!(status.counts.planned > 0);
    assert_eq!(status.halted.unwrap().0, "held");
}

#[test]
fn one_message_that_was_taken_twice_holds_by_itself() {
    let world = World::without_hold(400);
    let mut sender = Played::new(8, delivered);
    sender.accepted_twice = Some(20);
    sender.slow_poll = Some(Duration::from_millis(2));
    let (ended, status) = world.send(&mut sender).unwrap();
    let Ended::Halted(halt) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(halt.actor, "rule");
    assert!(halt.why.contains("message 20"), "{}", halt.why);
    assert!(status.counts.planned > 300, "{status:?}");
    // What was claimed and not handed over when it held went back, and goes out later, once.
    assert_eq!((status.counts.intent, status.counts.unknown), (0, 0));
    world.resume();
    sender.accepted_twice = None;
    let (ended, _) = world.send(&mut sender).unwrap();
    assert_eq!(ended, Ended::Finished);
    sender.assert_nobody_twice();
    assert_eq!(sender.sent.len(), 402);
}

#[test]
fn countries_and_minutes_add_up() {
    let world = World::without_hold(50);
    let mut sender = Played::new(8, delivered);
    let (ended, status) = world.send(&mut sender).unwrap();
    assert_eq!(ended, Ended::Finished);
    let all: u64 = status.countries.iter().map(|of| of.counts.all()).sum();
    assert_eq!(all, 52);
    for of in &status.countries {
        assert!(of.country == "other" || of.counts.all() >= 5, "{of:?}");
    }
    let mut ledger = Ledger::open(&world.ledger).unwrap();
    let curve = curve_of(&mut ledger, CAMPAIGN).unwrap();
    assert!(curve.is_sorted_by_key(|minute| minute.minute_us));
    let sum = |of: fn(&Curve) -> u64| curve.iter().map(of).sum::<u64>();
    assert_eq!(sum(|of| of.submitted), 52);
    assert_eq!(sum(|of| of.accepted), 52);
    assert_eq!(sum(|of| of.delivered), 52);
}

#[test]
fn an_interruption_is_orderly() {
    let world = World::without_hold(900);
    let mut sender = Played::new(4, delivered);
    sender.slow_poll = Some(Duration::from_millis(5));
    let flag = world.interrupted();
    let signal = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        flag.store(true, Ordering::Relaxed);
    });
    let (ended, status) = world.send(&mut sender).unwrap();
    signal.join().unwrap();
    assert_eq!(ended, Ended::Interrupted);
    assert_eq!((status.counts.intent, status.counts.unknown), (0, 0));
    world.interrupted().store(false, Ordering::Relaxed);
    let mut again = Played::new(64, delivered);
    let (ended, status) = world.send(&mut again).unwrap();
    assert_eq!(ended, Ended::Finished);
    assert_eq!(status.counts.delivered, 902);
    assert_eq!(sender.sent.len() + again.sent.len(), 902);
}

#[test]
fn nothing_leaves_outside_of_the_window_or_at_night() {
    let world = World::without_hold(20);
    world.set_clock(world::NIGHT_UTC);
    let mut sender = Played::new(8, delivered);
    world.interrupt_after(Duration::from_millis(300));
    let (ended, _) = world.send(&mut sender).unwrap();
    assert_eq!(ended, Ended::Interrupted);
    assert!(sender.sent.is_empty(), "it is night there");
    world.interrupted().store(false, Ordering::Relaxed);
    world.set_clock(world::OVER_UTC);
    let (ended, _) = world.send(&mut sender).unwrap();
    assert_eq!(ended, Ended::WindowOver);
    assert!(sender.sent.is_empty());
}

#[test]
fn a_clock_that_jumps_holds() {
    let world = World::without_hold(900);
    let mut sender = Played::new(4, delivered);
    sender.slow_poll = Some(Duration::from_millis(5));
    let jump = world.jump_after(Duration::from_millis(200), 3_600_000_000);
    let (ended, _) = world.send(&mut sender).unwrap();
    jump.join().unwrap();
    let Ended::Halted(halt) = ended else {
        panic!("{ended:?}");
    };
    assert!(halt.why.contains("the clock jumped"), "{}", halt.why);
}

#[test]
fn a_held_campaign_goes_on_when_a_person_says_so() {
    let world = World::without_hold(200);
    let mut ledger = Ledger::open(&world.ledger).unwrap();
    world
        .control()
        .give(Command::Hold, "the site is down")
        .unwrap();
    world.settings.lock().unwrap().waits_while_halted = true;
    let control = world.control();
    let person = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        control.release().unwrap();
        ledger
            .resume(CAMPAIGN, "A. Officer", "it is up again", 1)
            .unwrap();
    });
    let mut sender = Played::new(16, delivered);
    let (ended, _) = world.send(&mut sender).unwrap();
    person.join().unwrap();
    assert_eq!(ended, Ended::Finished);
    assert_eq!(sender.sent.len(), 202);
}

/// As if another sender on the same ledger had given back what it had claimed of the first stages.
#[test]
fn what_was_given_back_of_an_earlier_stage_is_told_too() {
    let world = World::without_hold(30);
    let mut ledger = Ledger::open(&world.ledger).unwrap();
    ledger.set_note(CAMPAIGN, "stage", "3").unwrap();
    drop(ledger);
    let mut sender = Played::new(8, delivered);
    let (ended, status) = world.send(&mut sender).unwrap();
    assert_eq!(ended, Ended::Finished);
    assert_eq!(status.counts.delivered, 32);
    sender.assert_nobody_twice();
}
