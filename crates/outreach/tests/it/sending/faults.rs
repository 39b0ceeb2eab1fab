//! Random faults by seed: whatever happens in which order, nobody is texted twice and no row is lost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use unspoof_outreach::sender::Answer;
use unspoof_outreach::sending::Ended;
use unspoof_store::ledger::State;

use super::world::{Played, World};

/// SplitMix64 (Steele, Lea, Flood, 2014).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

fn run(seed: u64) {
    let mut chance = Chance(seed);
    let numbers = 60;
    let world = World::without_hold(numbers);
    let window = 1 + chance.below(12) as usize;
    let mut reached: BTreeMap<String, u32> = BTreeMap::new();
    let mut unknown_most = 0;
    let faults = 10 + chance.below(30);
    for life in 0..12 {
        let inner = Arc::new(Mutex::new(Chance(chance.next())));
        let mut sender = Played::new(window, move |key, _| {
            let mut chance = inner.lock().unwrap();
            let kind = if chance.below(100) < faults {
                chance.below(6)
            } else {
                9
            };
            match kind {
                0 => None,
                1 => Some(Answer::Unknown {
                    why: "timeout".to_owned(),
                }),
                2 => Some(Answer::Deferred {
                    code: "ESME_RTHROTTLED".to_owned(),
                    suspicious: false,
                }),
                3 => Some(Answer::Deferred {
                    code: "ESME_RSYSERR".to_owned(),
                    suspicious: true,
                }),
                4 => Some(Answer::Unsent),
                5 => Some(Answer::Refused {
                    code: "ESME_RINVDSTADR".to_owned(),
                }),
                _ => Some(Answer::Accepted {
                    message_id: format!("{key}"),
                }),
            }
        });
        // Lives end in a crash, but for the last ones.
        if life < 8 {
            sender.dies_after = Some(chance.below(20) as usize);
        }
        {
            let mut settings = world.settings.lock().unwrap();
            settings.grace_ms = 2_000;
            settings.linger_ms = 1_000;
        }
        let outcome = world.send(&mut sender);
        for (to, _) in &sender.sent {
            *reached.entry(to.clone()).or_default() += 1;
        }
        unknown_most += 2 * window;
        match outcome {
            Ok((Ended::Halted(_), status)) => {
                // The share of unknowns holds it, as it should with so many faults.
                assert_eq!(status.counts.all(), numbers + 2);
                world.resume();
            }
            Ok((_, status)) => assert_eq!(status.counts.all(), numbers + 2),
            Err(_) => {}
        }
    }
    for (to, times) in &reached {
        assert_eq!(*times, 1, "seed {seed}: {to} was texted {times} times");
    }
    let unknown = world.keys(State::Unknown).len();
    // Each life leaves two windows of crash unknowns at most, beside those that the other side made.
    assert!(
        unknown <= unknown_most + 62,
        "seed {seed}: {unknown} unknown"
    );
    assert!(world.keys(State::Intent).is_empty() || unknown > 0);
}

#[test]
fn nobody_is_texted_twice_whatever_happens() {
    let runs = if std::env::var_os("UNSPOOF_SOAK").is_some() {
        400
    } else {
        12
    };
    for seed in 1..=runs {
        run(seed);
    }
}
