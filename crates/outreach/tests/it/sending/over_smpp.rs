//! Whole runs over sockets to a message centre that misbehaves, through crashes of the sender.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use unspoof_outreach::sender::{Event, Message, Sender};
use unspoof_outreach::sending::{Ended, Status};
use unspoof_outreach::smpp::{Password, Pool, SmppConfig};
use unspoof_outreach::{OutreachError, SharedClock};
use unspoof_smsc::smpp::{Faults, Ids, Receipts, Settings, Smsc};
use unspoof_store::ledger::State;
use zeroize::Zeroizing;

use super::world::World;

/// A pool that dies after so many messages, as a process does: nothing more is told.
struct Dying {
    pool: Pool,
    left: usize,
}

impl Sender for Dying {
    fn window(&self) -> usize {
        self.pool.window()
    }

    fn free_slots(&self) -> usize {
        self.pool.free_slots()
    }

    fn submit(&mut self, messages: Vec<Message>) -> Result<(), OutreachError> {
        let gone = || OutreachError::Sender {
            sender: "smpp",
            detail: "killed".to_owned(),
        };
        let dies = messages.len() >= self.left;
        let some = messages.into_iter().take(self.left).collect::<Vec<_>>();
        self.left -= some.len();
        self.pool.submit(some)?;
        if dies {
            // Some of it is on its way, some is not.
            let _ = self.pool.poll(Duration::from_millis(2));
            return Err(gone());
        }
        Ok(())
    }

    fn poll(&mut self, wait: Duration) -> Result<Vec<Event>, OutreachError> {
        self.pool.poll(wait)
    }

    fn receipts_kept(&mut self, tickets: &[u64]) {
        self.pool.receipts_kept(tickets);
    }

    fn stop(&mut self) {
        self.pool.stop();
    }
}

fn pool(world: &World, centre: &Smsc, sessions: usize, window: usize, seed: u64) -> Pool {
    let toml = format!(
        "host = \"127.0.0.1\"\nport = {}\nsystem_id = \"lantern\"\nsessions = {sessions}\nwindow = {window}\nresponse_timeout_s = 1\n",
        centre.address().port()
    );
    let config: SmppConfig = toml::from_str(&toml).unwrap();
    let password = Password::of(Zeroizing::new("secret".to_owned())).unwrap();
    let clock: SharedClock = Arc::clone(&world.clock) as SharedClock;
    Pool::open(&config, password, "TarnPolice", true, clock, seed).unwrap()
}

fn centre(faults: Faults) -> Smsc {
    let settings = Settings {
        account: Some(("lantern".to_owned(), "secret".to_owned())),
        faults,
        ..Settings::default()
    };
    Smsc::start(settings).unwrap()
}

fn send(world: &World, sender: &mut dyn Sender) -> Result<(Ended, Status), OutreachError> {
    {
        let mut settings = world.settings.lock().unwrap();
        settings.grace_ms = 3_000;
        settings.linger_ms = 2_000;
    }
    world.send(sender)
}

#[test]
fn everybody_is_told_once_over_smpp_and_receipts_come_back() {
    for ids in [Ids::Same, Ids::DecimalForHex, Ids::Zeros] {
        let world = World::in_real_time(300);
        let centre = centre(Faults {
            seed: 1,
            reordered: 300,
            receipts: Receipts {
                ids,
                twice: 100,
                early: 100,
                ..Receipts::default()
            },
            ..Faults::default()
        });
        let (ended, status) = send(&world, &mut pool(&world, &centre, 2, 10, 1)).unwrap();
        assert_eq!(ended, Ended::Finished);
        assert_eq!(status.counts.delivered, 302, "{ids:?} {status:?}");
        let taken = centre.submitted();
        assert_eq!(taken.len(), 302);
        assert!(
            taken
                .iter()
                .all(|of| of.from == "TarnPolice" && of.text.starts_with("Tarnshire Police: "))
        );
    }
}

fn run(seed: u64) {
    let world = World::in_real_time(60);
    let share = |at: u32| u32::try_from(seed.wrapping_mul(7 + u64::from(at)) % 40).unwrap();
    let centre = centre(Faults {
        seed,
        throttled: share(1) * 3,
        queue_full: share(2),
        system_error: share(3),
        unanswered: share(4),
        twice: share(5),
        late: share(6),
        late_ms: 400,
        cut_before: share(7),
        cut_after: share(8),
        cut_within: share(9),
        reordered: 200,
        garbage: share(10) / 4,
        ..Faults::default()
    });
    let (sessions, window) = (1 + seed as usize % 3, 2 + seed as usize % 9);
    for life in 0..3 {
        let mut dying = Dying {
            pool: pool(&world, &centre, sessions, window, seed ^ life),
            left: if life < 2 {
                20 + seed as usize % 30
            } else {
                usize::MAX
            },
        };
        if let Ok((Ended::Halted(_), _)) = send(&world, &mut dying) {
            world.resume();
        }
    }
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    for taken in centre.submitted() {
        *times.entry(taken.to).or_default() += 1;
    }
    let twice: Vec<_> = times.values().filter(|times| **times > 1).collect();
    assert!(
        twice.is_empty(),
        "seed {seed}: {} were texted twice",
        twice.len()
    );
    // Whoever is called delivered or accepted was reached.
    let sure: usize = [State::Accepted, State::Delivered]
        .map(|state| world.keys(state).len())
        .iter()
        .sum();
    assert!(sure <= times.len(), "seed {seed}");
    let rows: usize = State::ALL.map(|state| world.keys(state).len()).iter().sum();
    assert_eq!(rows, 62, "seed {seed}: a row is lost");
}

#[test]
fn nobody_is_texted_twice_at_the_message_centre() {
    let runs = if std::env::var_os("UNSPOOF_SOAK").is_some() {
        100
    } else {
        3
    };
    for seed in 1..=runs {
        run(seed);
    }
}
