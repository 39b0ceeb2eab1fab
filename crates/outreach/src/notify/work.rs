//! What the threads share: what is to be posted, asked for and told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::api::{Api, Posted};
use super::callbacks;
use super::pace::{MOST_DOUBLED, Pace};
use super::settings::Settings;
use super::words::{international, state_of};
use super::{LookedUp, NotifyError};
use crate::sender::{Answer, Event, Message, Receipt, ReceiptState};
use crate::{OutreachError, SharedClock};

/// Receipts that wait to be durable; more are refused and come again.
const MOST_RECEIPTS: usize = 4_096;
/// After how long a receipt that was told and not kept is told again.
const TELL_AGAIN_MS: u64 = 1_000;
/// How long a thread sleeps at most before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What the threads share.
pub(super) struct Shared {
    pub(super) api: Api,
    pub(super) settings: Settings,
    clock: SharedClock,
    state: Mutex<State>,
    /// Something to do.
    work: Condvar,
    /// Something to tell.
    news: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Message>,
    /// Posted, and without an answer.
    in_flight: usize,
    doubts: Vec<Doubt>,
    /// Keys of doubts that somebody is asking for now.
    asking: usize,
    watches: BTreeMap<(u64, u64), Watch>,
    events: VecDeque<Event>,
    receipts: BTreeMap<u64, Waiting>,
    next_ticket: u64,
    keys: BTreeMap<String, u64>,
    /// References that were in doubt once: asked for again before they are posted again.
    doubted: BTreeSet<String>,
    pace: Pace,
    is_stopped: bool,
    has_ended: bool,
    halted: Option<String>,
    /// Why it halted was told as an error.
    halt_told: bool,
}

/// A message of which nobody knows whether it was taken.
struct Doubt {
    key: u64,
    reference: String,
    since_ms: u64,
    next_ms: u64,
    wait_ms: u64,
    why: String,
}

/// A text whose receipt is to be asked for.
struct Watch {
    id: String,
    wait_ms: u64,
}

/// A receipt that is not durable yet.
struct Waiting {
    receipt: Receipt,
    told_ms: Option<u64>,
    /// Whoever posted it waits for the answer.
    kept: Option<SyncSender<()>>,
}

enum Job {
    Post(Message, bool),
    Ask(Doubt),
    Watch(u64, Watch),
    End,
}

/// Answers `Unknown` for a message whose thread dies.
struct Posting<'a> {
    shared: &'a Shared,
    key: u64,
    is_answered: bool,
}

impl Posting<'_> {
    fn answer(mut self, answer: Answer) {
        self.is_answered = true;
        let mut state = self.shared.state();
        state.in_flight -= 1;
        state.events.push_back(Event::Answered {
            key: self.key,
            answer,
        });
        drop(state);
        self.shared.news.notify_all();
    }

    fn doubt(mut self, doubt: Doubt) {
        self.is_answered = true;
        let mut state = self.shared.state();
        state.in_flight -= 1;
        state.doubts.push(doubt);
        drop(state);
        self.shared.work.notify_all();
    }
}

impl Drop for Posting<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            let mut state = self.shared.state();
            state.in_flight -= 1;
            let why = "its thread died".into();
            state.events.push_back(Event::Answered {
                key: self.key,
                answer: Answer::Unknown { why },
            });
        }
    }
}

impl Shared {
    pub(super) fn new(api: Api, settings: Settings, clock: SharedClock) -> Self {
        let pace = Pace {
            tokens: 1_000,
            counted_ms: clock.monotonic_ms(),
            per_minute: settings.per_minute.into(),
            ..Pace::default()
        };
        Self {
            api,
            settings,
            clock,
            state: Mutex::new(State {
                pace,
                ..State::default()
            }),
            work: Condvar::new(),
            news: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.state().has_ended
    }

    pub(super) fn end(&self) {
        let mut state = self.state();
        state.has_ended = true;
        state.receipts.clear();
        drop(state);
        self.work.notify_all();
    }

    pub(super) fn free_slots(&self) -> usize {
        let state = self.state();
        if state.is_stopped || state.halted.is_some() {
            return 0;
        }
        if self.clock.monotonic_ms() < state.pace.not_before_ms {
            return 0;
        }
        self.settings.window.saturating_sub(state.outstanding())
    }

    pub(super) fn submit(&self, messages: Vec<Message>) -> Result<(), OutreachError> {
        let mut state = self.state();
        let is_closed = state.is_stopped || state.halted.is_some();
        for message in messages {
            if is_closed {
                state.answer(message.key, Answer::Unsent);
                continue;
            }
            state.keys.insert(message.reference.clone(), message.key);
            state.queue.push_back(message);
        }
        drop(state);
        self.work.notify_all();
        self.news.notify_all();
        Ok(())
    }

    /// Waits for something to tell, and tells it.
    pub(super) fn poll(&self, wait: Duration) -> Result<Vec<Event>, OutreachError> {
        let mut state = self.state();
        let has_news = |state: &State| {
            !state.events.is_empty() || state.receipts.values().any(|r| r.told_ms.is_none())
        };
        if !has_news(&state) && !state.is_over() {
            let (woken, _) = self
                .news
                .wait_timeout_while(state, wait, |state| !has_news(state) && !state.is_over())
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
        }
        let now = self.clock.monotonic_ms();
        let mut events: Vec<Event> = state.events.drain(..).collect();
        for (ticket, waiting) in &mut state.receipts {
            let is_due = waiting
                .told_ms
                .is_none_or(|told| now >= told + TELL_AGAIN_MS);
            if is_due {
                waiting.told_ms = Some(now);
                events.push(Event::Receipt {
                    ticket: *ticket,
                    receipt: waiting.receipt.clone(),
                });
            }
        }
        let is_over = state.is_over();
        match &state.halted {
            // Told once; whoever goes on to ask gets receipts, as after a stop.
            Some(why) if events.is_empty() && is_over => {
                let error = OutreachError::Sender {
                    sender: "notify",
                    detail: why.clone(),
                };
                state.halt_told = true;
                Err(error)
            }
            Some(_) | None => Ok(events),
        }
    }

    pub(super) fn receipts_kept(&self, tickets: &[u64]) {
        let mut state = self.state();
        for ticket in tickets {
            if let Some(Waiting {
                kept: Some(kept), ..
            }) = state.receipts.remove(ticket)
            {
                // Who waited may have given up; then it comes again, and changes nothing.
                let _ = kept.try_send(());
            }
        }
    }

    /// Nothing more begins to leave from here on: what a thread takes to post, it takes under the same
    /// lock. What is being posted at that moment gets its answer.
    pub(super) fn stop(&self) {
        let mut state = self.state();
        state.is_stopped = true;
        state.give_back();
        drop(state);
        self.news.notify_all();
    }

    pub(super) fn watch(&self, key: u64, id: &str, reference: &str) {
        let due = self.clock.monotonic_ms() + self.settings.timing.poll_ms;
        let mut state = self.state();
        state.keys.insert(reference.to_owned(), key);
        if self.settings.polls_receipts {
            let watch = Watch {
                id: id.to_owned(),
                wait_ms: self.settings.timing.poll_ms,
            };
            state.watches.insert((due, key), watch);
        }
    }

    /// Takes a posted receipt; whether it became durable in time.
    pub(super) fn receive(&self, posted: &callbacks::Posted) -> bool {
        let Some((state_told, code)) = state_of(&posted.status) else {
            return true;
        };
        let (kept, is_kept) = mpsc::sync_channel(1);
        let mut state = self.state();
        if state.receipts.len() >= MOST_RECEIPTS || state.has_ended {
            return false;
        }
        let key = posted
            .reference
            .as_ref()
            .and_then(|of| state.keys.get(of))
            .copied();
        let receipt = Receipt {
            message_ids: vec![posted.id.clone()],
            to: posted.to.as_deref().and_then(international),
            key,
            state: state_told,
            code,
        };
        state.receipt(receipt, Some(kept));
        drop(state);
        self.news.notify_all();
        let wait = Duration::from_millis(self.settings.timing.keep_ms);
        is_kept.recv_timeout(wait).is_ok()
    }

    /// One thread's life.
    pub(super) fn work(&self) {
        loop {
            match self.next_job() {
                Job::End => return,
                Job::Post(message, was_doubted) => self.post(&message, was_doubted),
                Job::Ask(doubt) => self.ask(doubt),
                Job::Watch(key, watch) => self.ask_receipt(key, watch),
            }
        }
    }

    fn next_job(&self) -> Job {
        let mut state = self.state();
        loop {
            if state.has_ended {
                return Job::End;
            }
            let now = self.clock.monotonic_ms();
            let due = state.doubts.iter().position(|doubt| doubt.next_ms <= now);
            if let Some(at) = due {
                state.asking += 1;
                return Job::Ask(state.doubts.swap_remove(at));
            }
            if let Some(message) = state.next_message(now) {
                // Its time is over: networks would deliver it when nobody expects it any more.
                if message.expires_us <= self.clock.wall_us() {
                    state.answer(message.key, Answer::Unsent);
                    self.news.notify_all();
                    continue;
                }
                state.in_flight += 1;
                let was_doubted = state.doubted.contains(&message.reference);
                return Job::Post(message, was_doubted);
            }
            let first = state.watches.first_key_value().map(|(place, _)| *place);
            if let Some(place) = first.filter(|(due, _)| *due <= now)
                && let Some(watch) = state.watches.remove(&place)
            {
                return Job::Watch(place.1, watch);
            }
            let (woken, _) = self
                .work
                .wait_timeout(state, LOOK_AGAIN)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
        }
    }

    fn post(&self, message: &Message, was_doubted: bool) {
        let posting = Posting {
            shared: self,
            key: message.key,
            is_answered: false,
        };
        if was_doubted {
            match self.api.look_up(&message.reference) {
                Ok(LookedUp::NotThere) => {
                    let state = self.state();
                    if state.is_stopped || state.halted.is_some() {
                        drop(state);
                        return posting.answer(Answer::Unsent);
                    }
                }
                Ok(LookedUp::Found { id, times, .. }) => {
                    self.accepted(&id, message.key, &message.reference, times);
                    return posting.answer(Answer::Accepted { message_id: id });
                }
                Err(_) => {
                    self.back_off("it cannot be asked");
                    return posting.answer(Answer::Unsent);
                }
            }
        }
        match self.api.post(message) {
            Posted::Taken { id } => {
                self.state().pace.went_well(self.settings.per_minute);
                self.accepted(&id, message.key, &message.reference, 1);
                posting.answer(Answer::Accepted { message_id: id });
            }
            Posted::Otherwise { id, why } => {
                self.accepted(&id, message.key, &message.reference, 1);
                self.halt(why.into());
                posting.answer(Answer::Accepted { message_id: id });
            }
            Posted::Refused { code } => posting.answer(Answer::Refused { code }),
            Posted::Throttled { code } => {
                self.back_off("it throttles");
                let suspicious = false;
                posting.answer(Answer::Deferred { code, suspicious });
            }
            Posted::Halted { code, why } => {
                self.halt(why);
                let suspicious = false;
                posting.answer(Answer::Deferred { code, suspicious });
            }
            Posted::NotSent { why } => {
                self.back_off(&why);
                posting.answer(Answer::Unsent);
            }
            Posted::InDoubt { why } => {
                self.back_off(&why);
                let since_ms = self.clock.monotonic_ms();
                posting.doubt(Doubt {
                    key: message.key,
                    reference: message.reference.clone(),
                    since_ms,
                    next_ms: since_ms,
                    wait_ms: self.settings.timing.ask_every_ms,
                    why,
                });
            }
        }
    }

    /// Asks for the reference of a message in doubt.
    fn ask(&self, mut doubt: Doubt) {
        let timing = self.settings.timing;
        let asked_ms = self.clock.monotonic_ms();
        let answer = match self.api.look_up(&doubt.reference) {
            Ok(LookedUp::Found { id, times, .. }) => {
                self.accepted(&id, doubt.key, &doubt.reference, times);
                Some(Answer::Accepted { message_id: id })
            }
            Ok(LookedUp::NotThere) if asked_ms >= doubt.since_ms + timing.settle_ms => {
                Some(Answer::Unsent)
            }
            Ok(LookedUp::NotThere) => None,
            Err(_) if asked_ms >= doubt.since_ms + timing.give_up_ms => Some(Answer::Unknown {
                why: doubt.why.clone(),
            }),
            Err(_) => {
                doubt.wait_ms = (doubt.wait_ms * 2).min(timing.ask_every_ms * MOST_DOUBLED);
                None
            }
        };
        let mut state = self.state();
        state.asking -= 1;
        match answer {
            Some(answer) => {
                if answer == Answer::Unsent {
                    state.doubted.insert(doubt.reference);
                }
                state.answer(doubt.key, answer);
            }
            None => {
                let settled_ms = doubt.since_ms + timing.settle_ms;
                let next_ms = asked_ms + doubt.wait_ms;
                // The answer that counts is asked for as soon as it counts.
                doubt.next_ms = if asked_ms < settled_ms {
                    next_ms.min(settled_ms)
                } else {
                    next_ms
                };
                state.doubts.push(doubt);
            }
        }
        drop(state);
        self.news.notify_all();
    }

    /// Asks for a receipt; again later where there is none yet.
    fn ask_receipt(&self, key: u64, mut watch: Watch) {
        let told = self.api.status(&watch.id);
        let mut state = self.state();
        let is_final = match told {
            // Rows are deleted after some days.
            Ok(None) => return,
            Ok(Some(status)) => state_of(&status).filter(|(s, _)| *s != ReceiptState::Underway),
            Err(_) => None,
        };
        match is_final {
            Some((receipt_state, code)) if state.receipts.len() < MOST_RECEIPTS => {
                let receipt = Receipt {
                    message_ids: vec![watch.id],
                    to: None,
                    key: Some(key),
                    state: receipt_state,
                    code,
                };
                state.receipt(receipt, None);
                drop(state);
                self.news.notify_all();
            }
            Some(_) | None => {
                let most = self.settings.timing.poll_ms * MOST_DOUBLED;
                watch.wait_ms = (watch.wait_ms * 2).min(most);
                let due = self.clock.monotonic_ms() + watch.wait_ms;
                state.watches.insert((due, key), watch);
            }
        }
    }

    fn accepted(&self, id: &str, key: u64, reference: &str, times: usize) {
        self.watch(key, id, reference);
        if times > 1 {
            // Nobody here posts twice; whoever did must be found before more leaves.
            self.halt(format!("Notify has {times} texts with one reference"));
        }
    }

    fn back_off(&self, why: &str) {
        let first = self.settings.timing.back_off_ms;
        let now = self.clock.monotonic_ms();
        let mut state = self.state();
        let pace = &mut state.pace;
        // Answers to what left before are of the same trouble.
        if now < pace.not_before_ms {
            return;
        }
        pace.back_off(first, now);
        let notice = format!("notify: {why}; nothing leaves for {} ms", pace.back_off_ms);
        state.events.push_back(Event::Notice(notice));
        drop(state);
        self.news.notify_all();
    }

    fn halt(&self, why: String) {
        let mut state = self.state();
        if state.halted.is_none() {
            state
                .events
                .push_back(Event::Notice(format!("notify: halted: {why}")));
            state.halted = Some(why);
        }
        state.give_back();
        drop(state);
        self.news.notify_all();
    }
}

impl State {
    fn outstanding(&self) -> usize {
        self.queue.len() + self.in_flight + self.doubts.len() + self.asking
    }

    /// Says whether it halted, all is answered, and nobody was told why.
    fn is_over(&self) -> bool {
        self.halted.is_some() && !self.halt_told && self.outstanding() == 0
    }

    fn answer(&mut self, key: u64, answer: Answer) {
        self.events.push_back(Event::Answered { key, answer });
    }

    /// Gives back what has not left.
    fn give_back(&mut self) {
        while let Some(message) = self.queue.pop_front() {
            self.answer(message.key, Answer::Unsent);
        }
    }

    fn next_message(&mut self, now_ms: u64) -> Option<Message> {
        if self.is_stopped || self.halted.is_some() || self.queue.is_empty() {
            return None;
        }
        self.pace
            .takes_one(now_ms)
            .then(|| self.queue.pop_front())?
    }

    fn receipt(&mut self, receipt: Receipt, kept: Option<SyncSender<()>>) {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let waiting = Waiting {
            receipt,
            told_ms: None,
            kept,
        };
        self.receipts.insert(ticket, waiting);
    }
}

impl From<NotifyError> for OutreachError {
    fn from(error: NotifyError) -> Self {
        Self::Sender {
            sender: "notify",
            detail: error.to_string(),
        }
    }
}
