//! A planned, approved and opened campaign with a ledger in a folder of its own.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use unspoof_outreach::OutreachError;
use unspoof_outreach::approval::{Approvers, Use, approve, unsigned};
use unspoof_outreach::clock::{Clock, SystemClock};
use unspoof_outreach::package::{Opened, seal_recipients};
use unspoof_outreach::plan::Campaign;
use unspoof_outreach::sender::{Answer, Event, Message, Receipt, ReceiptState, Sender};
use unspoof_outreach::sending::{Control, Ended, Grounds, Settings, Status, open, send};
use unspoof_store::Address;
use unspoof_store::ledger::{Ledger, State};

use crate::plan::support;

pub(crate) const CAMPAIGN: &str = "tarnshire-2022";
/// 2022-11-24 02:00 UTC.
pub(crate) const NIGHT_UTC: i64 = support::WITHIN_UTC - 10 * support::HOUR_US;
/// 2022-11-27 12:00 UTC.
pub(crate) const OVER_UTC: i64 = support::WITHIN_UTC + 72 * support::HOUR_US;

impl FastClock {
    pub(crate) fn at(wall_us: i64) -> Self {
        Self {
            real: SystemClock::start(),
            times: 60,
            base_us: AtomicI64::new(wall_us),
        }
    }

    /// Sets the wall clock so much forward or back.
    pub(crate) fn jump(&self, by_us: i64) {
        self.base_us.fetch_add(by_us, Ordering::SeqCst);
    }
}

/// Time that runs on, many times as fast, from a day in 2022.
pub(crate) struct FastClock {
    real: SystemClock,
    times: u64,
    base_us: AtomicI64,
}

impl Clock for FastClock {
    fn monotonic_ms(&self) -> u64 {
        self.real.monotonic_ms() * self.times
    }

    fn wall_us(&self) -> i64 {
        self.base_us.load(Ordering::SeqCst) + self.monotonic_ms() as i64 * 1000
    }
}

pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) opened: Opened,
    pub(crate) ledger: Address,
    pub(crate) clock: Arc<FastClock>,
    pub(crate) settings: Mutex<Settings>,
}

impl World {
    /// Stages: the team, the first few and a hold, a tenth, the rest.
    pub(crate) fn of(numbers: u64) -> Self {
        let toml = support::campaign_toml().replace("pause_min = 30", "pause_min = 1");
        Self::with(numbers, &toml.replace("pause_min = 10", "pause_min = 1"))
    }

    /// The same, and nobody has to let it go on.
    pub(crate) fn without_hold(numbers: u64) -> Self {
        Self::with(numbers, &Self::without_hold_toml())
    }

    pub(crate) fn without_hold_toml() -> String {
        let toml = support::campaign_toml().replace("hold_after = true\n", "");
        let toml = toml.replace("pause_min = 30", "pause_min = 1");
        let toml = toml.replace("pause_min = 10", "pause_min = 0");
        let toml = toml.replace("pause_min = 1", "pause_min = 0");
        toml.replace("[sealing]", "[stop]\nunknown_percent = 100\n\n[sealing]")
    }

    /// The same, and time runs as it does.
    pub(crate) fn in_real_time(numbers: u64) -> Self {
        let mut world = Self::without_hold(numbers);
        let clock = FastClock {
            real: SystemClock::start(),
            times: 1,
            base_us: AtomicI64::new(support::WITHIN_UTC),
        };
        world.clock = Arc::new(clock);
        world
    }

    /// A plan that two people signed, its sealed recipients, and who may approve.
    pub(crate) fn package(numbers: u64, toml: &str) -> (String, Vec<u8>, Approvers) {
        let toml = toml.replace("rate_per_s = 30", "rate_per_s = 1000");
        let campaign = Campaign::read(&toml).unwrap();
        let list = (0..numbers).map(|last| support::candidate(support::mobile(last)));
        let candidates = support::candidates(list.collect());
        let planned = support::planned(&campaign, &candidates);
        let approvers = Approvers::new(planned.plan.approvers.clone()).unwrap();
        let mut file = unsigned(&planned.plan).unwrap();
        for of in [1, 2] {
            let seed = support::seed(of);
            file = approve(file.as_bytes(), &approvers, &seed, support::PLANNED_UTC)
                .unwrap()
                .0;
        }
        let sealed = seal_recipients(&planned.plan, &planned.recipients).unwrap();
        (file, sealed, approvers)
    }

    fn with(numbers: u64, toml: &str) -> Self {
        let (file, sealed, approvers) = Self::package(numbers, toml);
        let opened = Opened::open(
            file.as_bytes(),
            sealed.as_slice(),
            &approvers,
            &[support::host()],
            Use::Sending,
            support::WITHIN_UTC,
        )
        .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().join("ledger.db")).unwrap();
        let clock = Arc::new(FastClock::at(support::WITHIN_UTC));
        let settings = Settings {
            actor: "a test".to_owned(),
            control: Control::at(&folder.path().join("control")).unwrap(),
            status: Some(folder.path().join("status.json")),
            is_unthrottled: true,
            waits_while_halted: false,
            linger_ms: 60_000,
            grace_ms: 120_000,
            interrupted: Arc::new(AtomicBool::new(false)),
        };
        let world = Self {
            folder,
            opened,
            ledger: Address::File(path),
            clock,
            settings: Mutex::new(settings),
        };
        open(&world.grounds(), "a test").unwrap();
        world
    }

    fn grounds(&self) -> Grounds<'_> {
        Grounds {
            opened: &self.opened,
            ledger: &self.ledger,
            clock: &*self.clock,
        }
    }

    pub(crate) fn send(&self, sender: &mut dyn Sender) -> Result<(Ended, Status), OutreachError> {
        let settings = self.settings.lock().unwrap().clone();
        send(&self.grounds(), sender, &settings, &mut |_| {})
    }

    pub(crate) fn resume(&self) {
        let mut ledger = Ledger::open(&self.ledger).unwrap();
        ledger
            .resume(CAMPAIGN, "A. Officer", "the first few are well", 1)
            .unwrap();
    }

    pub(crate) fn control(&self) -> Control {
        Control::at(&self.folder.path().join("control")).unwrap()
    }

    pub(crate) fn interrupted(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.settings.lock().unwrap().interrupted)
    }

    pub(crate) fn interrupt_after(&self, wait: Duration) {
        let flag = self.interrupted();
        std::thread::spawn(move || {
            std::thread::sleep(wait);
            flag.store(true, Ordering::Relaxed);
        });
    }

    pub(crate) fn set_clock(&self, wall_us: i64) {
        let runs_us = self.clock.monotonic_ms() as i64 * 1000;
        self.clock
            .base_us
            .store(wall_us - runs_us, Ordering::SeqCst);
    }

    pub(crate) fn jump_after(&self, wait: Duration, by_us: i64) -> std::thread::JoinHandle<()> {
        let clock = Arc::clone(&self.clock);
        std::thread::spawn(move || {
            std::thread::sleep(wait);
            clock.base_us.fetch_add(by_us, Ordering::SeqCst);
        })
    }

    pub(crate) fn keys(&self, state: State) -> Vec<u64> {
        let mut ledger = Ledger::open(&self.ledger).unwrap();
        let rows = ledger.rows(CAMPAIGN, state).unwrap();
        rows.iter().map(|row| row.key).collect()
    }
}

/// Polls after which a message without an answer is called unknown.
const UNANSWERED_POLLS: u32 = 20;

pub(crate) type Script = dyn FnMut(u64, u32) -> Option<Answer> + Send;

/// A sender in memory that answers by a script.
pub(crate) struct Played {
    window: usize,
    script: Box<Script>,
    events: VecDeque<Event>,
    /// Messages that get no answer, with the polls until that is called unknown.
    unanswered: Vec<(u64, u32)>,
    in_flight: BTreeSet<u64>,
    attempts: BTreeMap<u64, u32>,
    pub(crate) sent: Vec<(String, String)>,
    pub(crate) dies_after: Option<usize>,
    pub(crate) slow_poll: Option<Duration>,
    pub(crate) undelivered_one_of: Option<u64>,
    /// The message that the other side accepts a second time, under another id.
    pub(crate) accepted_twice: Option<u64>,
    pub(crate) last_submit: Option<Instant>,
    pub(crate) is_stopped: bool,
    next_ticket: u64,
    pub(crate) unkept: BTreeSet<u64>,
}

/// Accepts all at once.
pub(crate) fn delivered(key: u64, _attempt: u32) -> Option<Answer> {
    Some(Answer::Accepted {
        message_id: format!("id-{key}"),
    })
}

impl Played {
    pub(crate) fn new(
        window: usize,
        script: impl FnMut(u64, u32) -> Option<Answer> + Send + 'static,
    ) -> Self {
        Self {
            window,
            script: Box::new(script),
            events: VecDeque::new(),
            unanswered: Vec::new(),
            in_flight: BTreeSet::new(),
            attempts: BTreeMap::new(),
            sent: Vec::new(),
            dies_after: None,
            slow_poll: None,
            undelivered_one_of: None,
            accepted_twice: None,
            last_submit: None,
            is_stopped: false,
            next_ticket: 0,
            unkept: BTreeSet::new(),
        }
    }

    pub(crate) fn attempts(&self) -> BTreeMap<u64, u32> {
        self.attempts.clone()
    }

    pub(crate) fn assert_nobody_twice(&self) {
        let numbers: BTreeSet<&str> = self.sent.iter().map(|(to, _)| to.as_str()).collect();
        assert_eq!(numbers.len(), self.sent.len(), "somebody was texted twice");
    }

    pub(crate) fn receipts_by_number(&mut self, world: &World, keys: &[u64], state: ReceiptState) {
        for key in keys {
            let to = world.opened.recipient(*key).unwrap().digits();
            self.receipt(Receipt {
                message_ids: Vec::new(),
                to: Some(to),
                key: None,
                state,
                code: String::new(),
            });
        }
    }

    fn receipt(&mut self, receipt: Receipt) {
        self.next_ticket += 1;
        let ticket = self.next_ticket;
        self.unkept.insert(ticket);
        self.events.push_back(Event::Receipt { ticket, receipt });
    }
}

impl Sender for Played {
    fn window(&self) -> usize {
        self.window
    }

    fn free_slots(&self) -> usize {
        self.window - self.in_flight.len().min(self.window)
    }

    fn submit(&mut self, messages: Vec<Message>) -> Result<(), OutreachError> {
        assert!(!self.is_stopped, "submitted after a stop");
        assert!(
            messages.len() <= self.free_slots(),
            "more than there are slots"
        );
        #[expect(clippy::disallowed_methods, reason = "the test measures a latency")]
        let now = Instant::now();
        self.last_submit = Some(now);
        for message in messages {
            if self.dies_after == Some(self.sent.len()) {
                return Err(OutreachError::Sender {
                    sender: "played",
                    detail: "it died".to_owned(),
                });
            }
            let key = message.key;
            let attempt = self.attempts.entry(key).or_default();
            *attempt += 1;
            self.in_flight.insert(key);
            let answer = (self.script)(key, *attempt);
            let reached = !matches!(
                answer,
                Some(Answer::Deferred { .. } | Answer::Unsent | Answer::Refused { .. })
            );
            if reached {
                self.sent
                    .push((message.to.to_string(), message.text.to_string()));
            }
            let Some(answer) = answer else {
                self.unanswered.push((key, UNANSWERED_POLLS));
                continue;
            };
            let message_id = match &answer {
                Answer::Accepted { message_id } => Some(message_id.clone()),
                Answer::Deferred { .. }
                | Answer::Refused { .. }
                | Answer::Unknown { .. }
                | Answer::Unsent => None,
            };
            self.events.push_back(Event::Answered { key, answer });
            if self.accepted_twice == Some(key) {
                let answer = Answer::Accepted {
                    message_id: format!("again-{key}"),
                };
                self.events.push_back(Event::Answered { key, answer });
            }
            let fails = self.undelivered_one_of.is_some_and(|of| key % of == 0);
            if let Some(id) = message_id.filter(|_| self.sent.len() < usize::MAX) {
                let state = if fails {
                    ReceiptState::Undelivered
                } else {
                    ReceiptState::Delivered
                };
                self.receipt(Receipt {
                    message_ids: vec![id],
                    to: None,
                    key: None,
                    state,
                    code: String::new(),
                });
            }
        }
        Ok(())
    }

    fn poll(&mut self, wait: Duration) -> Result<Vec<Event>, OutreachError> {
        std::thread::sleep(self.slow_poll.unwrap_or(Duration::ZERO));
        if self.events.is_empty() {
            std::thread::sleep(wait);
        }
        for (key, polls) in &mut self.unanswered {
            *polls -= 1;
            if *polls == 0 {
                self.events.push_back(Event::Answered {
                    key: *key,
                    answer: Answer::Unknown {
                        why: "timeout".to_owned(),
                    },
                });
            }
        }
        self.unanswered.retain(|(_, polls)| *polls > 0);
        let events: Vec<Event> = self.events.drain(..).collect();
        for event in &events {
            if let Event::Answered { key, .. } = event {
                self.in_flight.remove(key);
            }
        }
        Ok(events)
    }

    fn receipts_kept(&mut self, tickets: &[u64]) {
        for ticket in tickets {
            assert!(self.unkept.remove(ticket), "kept twice");
        }
    }

    fn stop(&mut self) {
        self.is_stopped = true;
        let unsent = std::mem::take(&mut self.in_flight);
        // What was submitted is out; only its answers are still to come.
        self.in_flight = unsent;
    }
}
