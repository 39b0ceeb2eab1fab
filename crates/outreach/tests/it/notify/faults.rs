//! Lines cut and answers lost at every point, by chance that starts at a seed: nobody gets two texts.

use std::sync::atomic::{AtomicU64, Ordering};

use unspoof_outreach::notify::{LookedUp, Notify, NotifyError};
use unspoof_outreach::{Answer, Clock, SystemClock};
use unspoof_smsc::notify::{Faults, NotifyStandIn, Settings as StandIn};

use super::{Desk, anywhere, messages, quick, start};

/// Runs, by default and with `UNSPOOF_SOAK=1`.
const RUNS: u64 = 240;
const SOAK_RUNS: u64 = 2_000;
/// Runs at one time: nearly all of a run is waiting.
const AT_ONCE: u64 = 60;
const MESSAGES: u64 = 10;

/// What happened in all runs.
#[derive(Default)]
struct Tally {
    texts: AtomicU64,
    unknown: AtomicU64,
    unsent: AtomicU64,
    requests: AtomicU64,
}

/// One fault in most runs, and all of them in some.
fn faults(seed: u64) -> Faults {
    let mut faults = Faults {
        seed,
        slow_ms: 450,
        ..Faults::default()
    };
    let often = 400;
    let all = if seed % 10 == 9 { 60 } else { 0 };
    for (of, fault) in [
        &mut faults.close_before,
        &mut faults.close_after,
        &mut faults.cut_answer,
        &mut faults.error_before,
        &mut faults.error_after,
        &mut faults.garbled,
        &mut faults.slow_store,
        &mut faults.slow_answer,
        &mut faults.search_error,
    ]
    .into_iter()
    .enumerate()
    {
        *fault = if seed % 10 == of as u64 { often } else { all };
    }
    if seed.is_multiple_of(3) {
        faults.search_lag_ms = 250;
    }
    if seed % 10 == 8 {
        // A search that fails matters where it is needed.
        faults.close_after = 300;
        faults.slow_store = 100;
    }
    faults
}

/// Starts, also where the machine is too busy for so short a time-out.
fn begin(stand_in: &NotifyStandIn) -> Notify {
    let mut tries = 0;
    loop {
        match start(stand_in, quick()) {
            Ok(sender) => return sender,
            Err(NotifyError::Unreachable { .. }) if tries < 50 => tries += 1,
            Err(error) => panic!("{error}"),
        }
    }
}

fn one(seed: u64, tally: &Tally) {
    let settings = StandIn {
        faults: faults(seed),
        ..StandIn::default()
    };
    let stand_in = NotifyStandIn::start(anywhere(), settings).unwrap();
    let mut sender = begin(&stand_in);
    let sent = messages(MESSAGES);
    let mut desk = Desk::of(sent.clone());
    let clock = SystemClock::start();
    let mut dies = seed % 5 == 4;
    while !(desk.planned.is_empty() && desk.out.is_empty()) {
        assert!(
            clock.monotonic_ms() < 120_000,
            "seed {seed}: {:?}",
            desk.notices
        );
        desk.turn(&mut sender, 20).unwrap();
        if dies && desk.answers.len() >= 4 {
            // The process dies: what was out has no answer, and is never sent again. A new one looks
            // the references up after the time that a request may live.
            dies = false;
            drop(sender);
            sender = begin(&stand_in);
            std::thread::sleep(std::time::Duration::from_millis(3_000));
            for (key, message) in std::mem::take(&mut desk.out) {
                let answer = loop {
                    match sender.look_up(&message.reference) {
                        Ok(LookedUp::Found { id, .. }) => {
                            break Answer::Accepted { message_id: id };
                        }
                        Ok(LookedUp::NotThere) => break Answer::Unknown { why: "died".into() },
                        Err(_) => {}
                    }
                };
                desk.answers.insert(key, answer);
            }
        }
    }
    // Whatever is still on its way into the rows.
    std::thread::sleep(std::time::Duration::from_millis(500));
    let texts = stand_in.texts_by_number();
    for (number, times) in &texts {
        assert_eq!(*times, 1, "seed {seed}: {number} would get {times} texts");
    }
    let ids: std::collections::BTreeSet<String> =
        stand_in.stored().into_iter().map(|row| row.id).collect();
    for (key, answer) in &desk.answers {
        match answer {
            Answer::Accepted { message_id } => {
                assert!(
                    ids.contains(message_id),
                    "seed {seed}: {key} was never taken"
                );
            }
            Answer::Unknown { .. } => {
                tally.unknown.fetch_add(1, Ordering::SeqCst);
            }
            Answer::Deferred { .. } | Answer::Refused { .. } | Answer::Unsent => {
                panic!("seed {seed}: {key} ended as {answer:?}");
            }
        }
    }
    assert_eq!(
        desk.answers.len() as u64,
        MESSAGES,
        "seed {seed}: a row was lost"
    );
    let unsent = desk.notices.len() as u64;
    tally.unsent.fetch_add(unsent, Ordering::SeqCst);
    tally.texts.fetch_add(texts.len() as u64, Ordering::SeqCst);
    tally
        .requests
        .fetch_add(stand_in.requests(), Ordering::SeqCst);
}

#[test]
fn nobody_gets_two_texts_whatever_goes_wrong() {
    let runs = match std::env::var_os("UNSPOOF_SOAK") {
        Some(_) => SOAK_RUNS,
        None => RUNS,
    };
    let (tally, next) = (Tally::default(), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= runs {
                        return;
                    }
                    one(seed, &tally);
                }
            });
        }
    });
    let texts = tally.texts.load(Ordering::SeqCst);
    let unknown = tally.unknown.load(Ordering::SeqCst);
    told(&format!(
        "{runs} runs, {} messages: {texts} texts, nobody two; {unknown} unknown; {} times it backed off; {} requests",
        runs * MESSAGES,
        tally.unsent.load(Ordering::SeqCst),
        tally.requests.load(Ordering::SeqCst),
    ));
    // Unknown are those that were out when a process died, at most a window each.
    assert!(unknown <= runs / 5 * 5 + runs, "{unknown}");
    assert!(texts + unknown >= runs * MESSAGES);
}

#[expect(clippy::print_stderr, reason = "who runs the tests should know")]
fn told(what: &str) {
    eprintln!("{what}");
}
