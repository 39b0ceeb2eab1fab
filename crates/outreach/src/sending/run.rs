//! The loop: what is claimed, when, and when it ends.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use unspoof_model::UtcMicros;
use unspoof_store::ledger::{
    Answered, Claim, Claimed, Halt, HaltKind, Ledger, NotTaken, ReceiptIn, State, Turn,
};

use super::control::Command;
use super::convey::{self, UnderWay, answered, message};
use super::countries::{CountryCount, countries_of};
use super::desk::{Ask, Desk, Done};
use super::grounds::{Ended, Grounds, Settings};
use super::pace::Tokens;
use super::rules::{self, Tripped};
use super::status::{Status, status_of};
use crate::OutreachError;
use crate::clock::Clock;
use crate::sender::{Answer, Event, Sender};

/// Longest wait for anything in the loop, in milliseconds: a stop is seen within it.
const BEAT_MS: u64 = 20;
/// Longest wait for more answers before a turn begins, in milliseconds.
const GATHER_MS: u64 = 3;
/// How often rules are judged and the status is written, in milliseconds.
const LOOK_MS: u64 = 1_000;
/// How often countries are counted, in milliseconds: that reads every row.
const COUNTRIES_MS: u64 = 10_000;
/// How often a halted campaign asks whether it may go on, in milliseconds.
const ASK_AGAIN_MS: u64 = 500;
/// A jump of the wall clock against the other one that holds a campaign, in microseconds.
const JUMP_US: i64 = 60_000_000;

/// The ledger's notes that this module keeps.
const NOTE_STAGE: &str = "stage";
const NOTE_ENDED: &str = "stage-ended-us";

/// Sends what may be sent. [`super::open`] came before.
///
/// # Errors
/// The ledger or the sender can no longer be used. What was claimed and not answered is unknown, and the
/// next start finds it so.
pub fn send(
    grounds: &Grounds<'_>,
    sender: &mut dyn Sender,
    settings: &Settings,
    notice: &mut dyn FnMut(&str),
) -> Result<(Ended, Status), OutreachError> {
    let campaign = &grounds.opened.plan().campaign;
    let now_us = grounds.clock.wall_us();
    let mut book = Ledger::open(grounds.ledger)?;
    let sending = Ledger::open(grounds.ledger)?.start(campaign, &settings.actor, now_us)?;
    if sending.recovered() > 0 {
        notice(&format!(
            "of {} messages nobody knows what became of them: an earlier sender died; they are not sent again",
            sending.recovered()
        ));
    }
    let stage = number(book.note(campaign, NOTE_STAGE)?).unwrap_or(0);
    let ended_us = number(book.note(campaign, NOTE_ENDED)?);
    let mut run = Run {
        grounds: *grounds,
        settings,
        campaign,
        book,
        desk: Desk::start(sending)?,
        stage,
        stage_ended_us: ended_us,
        tokens: Tokens::of(
            grounds.opened,
            settings.is_unthrottled,
            grounds.clock.monotonic_ms(),
        ),
        in_flight: BTreeMap::new(),
        accepted: BTreeMap::new(),
        accepted_twice: None,
        answers: Vec::new(),
        receipts: Vec::new(),
        tickets: Vec::new(),
        claim_from_us: i64::MIN,
        halt: None,
        halted_since_ask: false,
        ask_again_ms: 0,
        is_stopped: false,
        drift_us: drift_us(grounds.clock),
        looked_ms: 0,
        countries: Vec::new(),
        countries_ms: 0,
        all_sent_ms: None,
        awaits_receipts: None,
        notice,
    };
    let ended = run.work(sender)?;
    let status = run.look(true)?;
    run.desk.end()?;
    Ok((ended, status))
}

fn number<T: std::str::FromStr>(note: Option<String>) -> Option<T> {
    note?.parse().ok()
}

/// What the wall clock shows more than the one that only runs on.
fn drift_us(clock: &dyn Clock) -> i64 {
    let monotonic_us = i64::try_from(clock.monotonic_ms())
        .unwrap_or(i64::MAX)
        .saturating_mul(1000);
    clock.wall_us().saturating_sub(monotonic_us)
}

struct Run<'a> {
    grounds: Grounds<'a>,
    settings: &'a Settings,
    campaign: &'a str,
    /// A second way into the ledger: halts, notes and counts wait for no turn.
    book: Ledger,
    desk: Desk,
    stage: u32,
    /// When the last stage ended, by the wall clock, where one did.
    stage_ended_us: Option<UtcMicros>,
    tokens: Tokens,
    in_flight: BTreeMap<u64, UnderWay>,
    /// The ids under which the other side took messages since the start.
    accepted: BTreeMap<u64, String>,
    /// A message that it took a second time, under another id.
    accepted_twice: Option<u64>,
    answers: Vec<(u64, Answered)>,
    receipts: Vec<ReceiptIn>,
    tickets: Vec<u64>,
    /// Nothing of this stage is due before.
    claim_from_us: UtcMicros,
    halt: Option<Halt>,
    /// Whether it halted after the turn under way was begun, which knows nothing of that.
    halted_since_ask: bool,
    ask_again_ms: u64,
    is_stopped: bool,
    drift_us: i64,
    looked_ms: u64,
    countries: Vec<CountryCount>,
    countries_ms: u64,
    all_sent_ms: Option<u64>,
    /// Whether something accepted waits for its receipt; not known since the last turn.
    awaits_receipts: Option<bool>,
    notice: &'a mut dyn FnMut(&str),
}

impl Run<'_> {
    fn work(&mut self, sender: &mut dyn Sender) -> Result<Ended, OutreachError> {
        loop {
            self.obey(sender)?;
            self.watch_the_clock()?;
            if let Some(done) = self.desk.finished(Duration::ZERO)? {
                self.take(done, sender)?;
            }
            // While the disk works there is nothing to do but to listen; a busy look would take the
            // processor from the ledger's thread.
            let wait_ms = match self.desk.claiming() {
                Some(_) => 1,
                None if self.has_news() => 0,
                None => BEAT_MS,
            };
            self.listen(sender, wait_ms)?;
            self.gather(sender)?;
            if let Some(key) = self.accepted_twice.take() {
                self.trip(&Tripped::Duplicate { key })?;
            }
            if self.desk.claiming().is_none() {
                self.begin_turn(sender)?;
            }
            if self.grounds.clock.monotonic_ms() >= self.looked_ms + LOOK_MS {
                self.look(false)?;
            }
            if let Some(ended) = self.ended() {
                return self.leave(sender, ended);
            }
        }
    }

    fn listen(&mut self, sender: &mut dyn Sender, wait_ms: u64) -> Result<(), OutreachError> {
        for event in sender.poll(Duration::from_millis(wait_ms))? {
            self.hear(event, sender);
        }
        Ok(())
    }

    /// A turn costs the disk the same for one answer as for hundreds: before one begins, the answers
    /// that are just coming are let in, for a moment at most.
    fn gather(&mut self, sender: &mut dyn Sender) -> Result<(), OutreachError> {
        if self.desk.claiming().is_some() || !self.has_news() {
            return Ok(());
        }
        let begun_ms = self.grounds.clock.monotonic_ms();
        while self.in_flight.len() > sender.window() / 4
            && self.grounds.clock.monotonic_ms() < begun_ms + GATHER_MS
        {
            self.listen(sender, 1)?;
        }
        Ok(())
    }

    fn has_news(&self) -> bool {
        !self.answers.is_empty() || !self.receipts.is_empty()
    }

    /// Does what the control folder says.
    fn obey(&mut self, sender: &mut dyn Sender) -> Result<(), OutreachError> {
        match self.settings.control.given() {
            Some(Command::Stop) if !self.is_stopped => {
                // First of all, whatever the ledger says to it.
                sender.stop();
                self.is_stopped = true;
                let why = self.settings.control.why(Command::Stop);
                let halted = self.halt_now(HaltKind::Stopped, "control", &why);
                (self.notice)(&format!("stopped: {why}"));
                halted
            }
            Some(Command::Hold) if self.halt.is_none() => {
                let why = self.settings.control.why(Command::Hold);
                self.halt_now(HaltKind::Held, "control", &why)
            }
            Some(Command::Stop | Command::Hold) | None => Ok(()),
        }
    }

    fn halt_now(&mut self, kind: HaltKind, actor: &str, why: &str) -> Result<(), OutreachError> {
        let halt = Halt {
            kind,
            actor: actor.to_owned(),
            why: why.to_owned(),
            at_us: self.grounds.clock.wall_us(),
        };
        self.halt = Some(halt.clone());
        self.halted_since_ask = true;
        Ok(self.book.halt(self.campaign, &halt)?)
    }

    fn trip(&mut self, tripped: &Tripped) -> Result<(), OutreachError> {
        let why = tripped.to_string();
        (self.notice)(&format!("held by a rule: {why}"));
        self.halt_now(HaltKind::Held, "rule", &why)
    }

    fn watch_the_clock(&mut self) -> Result<(), OutreachError> {
        let drift_us = drift_us(self.grounds.clock);
        let by_us = drift_us.saturating_sub(self.drift_us);
        if by_us.abs() > JUMP_US {
            self.drift_us = drift_us;
            self.trip(&Tripped::Clock {
                by_s: by_us / 1_000_000,
            })?;
        }
        Ok(())
    }

    /// Takes what a turn did: receipts are kept, and what it claimed goes to the sender.
    fn take(&mut self, done: Done, sender: &mut dyn Sender) -> Result<(), OutreachError> {
        sender.receipts_kept(&done.tickets);
        self.awaits_receipts = None;
        let now_us = self.grounds.clock.wall_us();
        let Turn {
            claimed,
            halt,
            not_taken,
            next_due_us,
            ..
        } = done.turn;
        if done.claim.most > 0 && !self.halted_since_ask {
            if halt.is_none() && self.halt.is_some() {
                (self.notice)("goes on");
            }
            self.halt = halt;
            if self
                .halt
                .as_ref()
                .is_some_and(|halt| halt.kind == HaltKind::Stopped)
                && !self.is_stopped
            {
                sender.stop();
                self.is_stopped = true;
            }
            if self.halt.is_none() && claimed.len() < done.claim.most {
                match next_due_us {
                    Some(due_us) => self.claim_from_us = due_us,
                    None if claimed.is_empty() => self.stage_through(now_us)?,
                    None => {}
                }
            }
        }
        if let Some(key) = taken_all_the_same(&not_taken) {
            self.trip(&Tripped::Duplicate { key })?;
        }
        self.hand_over(claimed, now_us, sender)
    }

    fn hand_over(
        &mut self,
        claimed: Vec<Claimed>,
        now_us: UtcMicros,
        sender: &mut dyn Sender,
    ) -> Result<(), OutreachError> {
        if claimed.is_empty() {
            return Ok(());
        }
        // Whatever was said, and whatever rule tripped, since the claim counts: nothing of it has left yet.
        let may_leave = !self.is_stopped
            && self.halt.is_none()
            && self.settings.control.given().is_none()
            && self.grounds.opened.approved().may_send(now_us);
        let mut messages = Vec::with_capacity(claimed.len());
        for row in claimed {
            if !may_leave {
                self.answers.push((row.key, Answered::Unsent));
                continue;
            }
            match message(self.grounds.opened, &row, now_us)? {
                Ok(message) => {
                    let under_way = UnderWay {
                        deferred: row.deferred,
                        suspicious: row.suspicious,
                    };
                    self.in_flight.insert(row.key, under_way);
                    messages.push(message);
                }
                Err(answered) => self.answers.push((row.key, answered)),
            }
        }
        self.tokens.take(messages.len());
        if messages.is_empty() {
            return Ok(());
        }
        sender.submit(messages)
    }

    fn hear(&mut self, event: Event, sender: &mut dyn Sender) {
        match event {
            Event::Answered { key, answer } => {
                if let Answer::Accepted { message_id } = &answer
                    && !message_id.is_empty()
                    && self
                        .accepted
                        .insert(key, message_id.clone())
                        .is_some_and(|first| first != *message_id)
                {
                    self.accepted_twice = Some(key);
                }
                let under_way = self.in_flight.remove(&key);
                let now_us = self.grounds.clock.wall_us();
                let answered = answered(answer, under_way, now_us);
                self.answers.push((key, answered));
            }
            Event::Receipt { ticket, receipt } => {
                match convey::receipt(self.grounds.opened, receipt) {
                    Some(receipt) => {
                        self.receipts.push(receipt);
                        self.tickets.push(ticket);
                    }
                    // It changes nothing, so there is nothing to keep.
                    None => sender.receipts_kept(&[ticket]),
                }
            }
            Event::Notice(text) => (self.notice)(&text),
        }
    }

    /// How many may be claimed now, of the present stage.
    fn claimable(&mut self, sender: &dyn Sender) -> usize {
        let clock = self.grounds.clock;
        let (now_us, now_ms) = (clock.wall_us(), clock.monotonic_ms());
        let opened = self.grounds.opened;
        let is_over = opened.plan().stages.len() <= self.stage as usize;
        let stage = u16::try_from(self.stage).unwrap_or(u16::MAX);
        let is_due = now_us >= self.claim_from_us
            && opened.not_before(stage).is_none_or(|from| now_us >= from)
            && self.pause_over(now_us);
        if self.is_stopped
            || self.settings.interrupted.load(Ordering::Relaxed)
            || self.settings.control.given().is_some()
            || is_over
            || !is_due
            || !opened.approved().may_send(now_us)
        {
            return 0;
        }
        if self.halt.is_some() && !self.settings.waits_while_halted {
            return 0;
        }
        if self.halt.is_some() {
            // One row would do to find out whether it may go on; the ledger gives none while halted.
            return if now_ms >= self.ask_again_ms {
                self.ask_again_ms = now_ms + ASK_AGAIN_MS;
                sender.free_slots().min(1)
            } else {
                0
            };
        }
        sender.free_slots().min(self.tokens.left(now_ms))
    }

    fn pause_over(&self, now_us: UtcMicros) -> bool {
        let Some(ended_us) = self.stage_ended_us else {
            return true;
        };
        let before = (self.stage as usize).checked_sub(1);
        let stage = before.and_then(|at| self.grounds.opened.plan().stages.get(at));
        let pause_us = stage.map_or(0, |stage| i64::from(stage.pause_s) * 1_000_000);
        now_us >= ended_us.saturating_add(pause_us)
    }

    fn begin_turn(&mut self, sender: &dyn Sender) -> Result<(), OutreachError> {
        let most = self.claimable(sender);
        if most == 0 && !self.has_news() {
            return Ok(());
        }
        self.halted_since_ask = false;
        let stage = self.stage;
        self.ask(Claim { stage, most })
    }

    /// Begins a turn with all that is not written down yet.
    fn ask(&mut self, claim: Claim) -> Result<(), OutreachError> {
        self.desk.ask(Ask {
            now_us: self.grounds.clock.wall_us(),
            answers: std::mem::take(&mut self.answers),
            receipts: std::mem::take(&mut self.receipts),
            tickets: std::mem::take(&mut self.tickets),
            claim,
        })
    }

    /// A stage has nothing left to claim: once nothing of it is under way the next one follows.
    fn stage_through(&mut self, now_us: UtcMicros) -> Result<(), OutreachError> {
        if !self.in_flight.is_empty() || self.has_news() {
            // Something of it may come back; ask again when that is known.
            return Ok(());
        }
        let stages = &self.grounds.opened.plan().stages;
        let Some(stage) = stages.get(self.stage as usize) else {
            return Ok(());
        };
        let is_last = stages.len() == self.stage as usize + 1;
        if stage.recipients > 0 && !is_last {
            (self.notice)(&format!("stage {} is through", stage.name));
        }
        self.stage += 1;
        self.claim_from_us = i64::MIN;
        self.stage_ended_us = (stage.recipients > 0).then_some(now_us);
        let ended_us = self.stage_ended_us.map(|us| us.to_string());
        self.book
            .set_note(self.campaign, NOTE_ENDED, ended_us.as_deref().unwrap_or(""))?;
        self.book
            .set_note(self.campaign, NOTE_STAGE, &self.stage.to_string())?;
        if stage.hold_after && stage.recipients > 0 && !is_last {
            let why = format!(
                "stage {} is through: a person lets the next one begin",
                stage.name
            );
            (self.notice)(&why);
            self.halt_now(HaltKind::Held, "plan", &why)?;
        }
        Ok(())
    }

    /// Judges the rules and writes the status.
    fn look(&mut self, is_last: bool) -> Result<Status, OutreachError> {
        let now_ms = self.grounds.clock.monotonic_ms();
        self.looked_ms = now_ms;
        let counts = self.book.counts(self.campaign)?;
        if !is_last
            && self.halt.is_none()
            && !self.is_stopped
            && let Some(tripped) = rules::tripped(&counts, &self.grounds.opened.plan().stop)
        {
            self.trip(&tripped)?;
        }
        // Another sender on the same ledger may have given back what it had claimed of an earlier stage.
        let left = counts.iter().filter(|count| count.state == State::Planned);
        if let Some(stage) = left.map(|count| count.stage).min()
            && stage < self.stage
        {
            self.stage = stage;
            self.stage_ended_us = None;
            self.claim_from_us = i64::MIN;
        }
        let awaited = counts.iter().any(|count| count.state == State::Accepted);
        self.awaits_receipts = Some(awaited);
        if is_last || now_ms >= self.countries_ms + COUNTRIES_MS {
            self.countries_ms = now_ms;
            self.countries = countries_of(&mut self.book, self.grounds.opened)?;
        }
        let mut status = status_of(
            &mut self.book,
            self.grounds.opened.plan(),
            self.grounds.clock.wall_us(),
        )?;
        status.countries.clone_from(&self.countries);
        if let Some(path) = &self.settings.status {
            status.write(path)?;
        }
        Ok(status)
    }

    /// Says whether there is nothing left to do here.
    fn ended(&mut self) -> Option<Ended> {
        let clock = self.grounds.clock;
        let is_idle =
            self.in_flight.is_empty() && !self.has_news() && self.desk.claiming().is_none();
        if self.settings.interrupted.load(Ordering::Relaxed) {
            return Some(Ended::Interrupted);
        }
        if let Some(halt) = &self.halt
            && is_idle
            && (self.is_stopped || !self.settings.waits_while_halted)
        {
            return Some(Ended::Halted(halt.clone()));
        }
        if !is_idle {
            return None;
        }
        let plan = self.grounds.opened.plan();
        let is_through = plan.stages.len() <= self.stage as usize;
        let is_over = clock.wall_us() >= plan.window.until_utc;
        if !is_through && !is_over {
            self.all_sent_ms = None;
            return None;
        }
        let since_ms = *self.all_sent_ms.get_or_insert(clock.monotonic_ms());
        let waited = clock.monotonic_ms().saturating_sub(since_ms) >= self.settings.linger_ms;
        let nothing_awaited = self.awaits_receipts == Some(false);
        (waited || nothing_awaited).then_some(if is_through {
            Ended::Finished
        } else {
            Ended::WindowOver
        })
    }

    /// Waits for answers that are still to come, and writes down all that is known.
    fn leave(&mut self, sender: &mut dyn Sender, ended: Ended) -> Result<Ended, OutreachError> {
        let until_ms = self.grounds.clock.monotonic_ms() + self.settings.grace_ms;
        while !self.in_flight.is_empty() && self.grounds.clock.monotonic_ms() < until_ms {
            self.listen(sender, BEAT_MS)?;
        }
        if self.desk.claiming().is_some()
            && let Some(done) = self.desk.finished(Duration::from_secs(600))?
        {
            sender.receipts_kept(&done.tickets);
            // Claimed, and nothing of it was submitted.
            let unsent = done
                .turn
                .claimed
                .iter()
                .map(|row| (row.key, Answered::Unsent));
            self.answers.extend(unsent);
        }
        let left = std::mem::take(&mut self.in_flight);
        let unknown = || Answered::Unknown {
            why: "ended".to_owned(),
        };
        self.answers
            .extend(left.into_keys().map(|key| (key, unknown())));
        if self.has_news() {
            self.ask(Claim::NONE)?;
            if let Some(done) = self.desk.finished(Duration::from_secs(600))? {
                sender.receipts_kept(&done.tickets);
            }
        }
        Ok(ended)
    }
}

/// Finds a message that the other side says it has, while the ledger takes it for one that may still go
/// out or was refused.
fn taken_all_the_same(not_taken: &[NotTaken]) -> Option<u64> {
    not_taken
        .iter()
        .find(|not| matches!(not.answered, Answered::Accepted { .. }) && not.found.is_some())
        .map(|not| not.key)
}
