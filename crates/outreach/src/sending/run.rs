//! The loop: what is claimed, when, and when it ends.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use unspoof_model::UtcMicros;
use unspoof_numbers::PhoneNumber;
use unspoof_store::Address;
use unspoof_store::ledger::{
    Answered, Claim, Claimed, Halt, HaltKind, Ledger, NotTaken, Opening, PlannedRow, ReceiptIn,
    Recipient, Said, State, Turn,
};

use super::control::{Command, Control};
use super::countries::{CountryCount, countries_of};
use super::desk::{Ask, Desk, Done};
use super::rules::{self, Tripped};
use super::status::{Status, status_of};
use crate::OutreachError;
use crate::approval::Use;
use crate::clock::Clock;
use crate::package::Opened;
use crate::sender::{Answer, Event, Message, Receipt, ReceiptState, Sender};

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
/// The first wait after a deferral, in microseconds; it doubles up to [`LONGEST_WAIT_US`].
const FIRST_WAIT_US: i64 = 1_000_000;
const LONGEST_WAIT_US: i64 = 30_000_000;
/// How often a message with a suspicious refusal is planned again.
const SUSPICIOUS_AGAIN: u32 = 2;
/// A jump of the wall clock against the other one that holds a campaign, in microseconds.
const JUMP_US: i64 = 60_000_000;

/// The ledger's notes that this module keeps.
const NOTE_STAGE: &str = "stage";
const NOTE_ENDED: &str = "stage-ended-us";

/// How to send; nothing here says what, to whom or from whom.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who sends, for the ledger.
    pub actor: String,
    /// The folder of commands.
    pub control: Control,
    /// Where to write the status, as JSON; nowhere where none is given.
    pub status: Option<PathBuf>,
    /// Sends as fast as the other side takes it; has effect on made-up records and rehearsals alone.
    pub is_unthrottled: bool,
    /// Waits for a person while halted; else ends.
    pub waits_while_halted: bool,
    /// How long to wait for receipts once all is sent, in milliseconds.
    pub linger_ms: u64,
    /// How long to wait for answers when it ends, in milliseconds.
    pub grace_ms: u64,
    /// Set from outside, such as by a signal: no more is claimed, answers are awaited, then it ends.
    pub interrupted: Arc<AtomicBool>,
}

/// What is sent.
#[derive(Clone, Copy)]
pub struct Grounds<'a> {
    /// The approved plan with its recipients.
    pub opened: &'a Opened,
    /// Where the ledger is.
    pub ledger: &'a Address,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// How it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// All stages are through.
    Finished,
    /// Held or stopped; why stands in the ledger.
    Halted(Halt),
    /// The window is over, and somebody was not told.
    WindowOver,
    /// Ended from outside, orderly.
    Interrupted,
}

/// Puts the plan's recipients into the ledger, if they are not there yet.
///
/// # Errors
/// The ledger holds another plan under this campaign, or cannot be written.
pub fn open(grounds: &Grounds<'_>, actor: &str) -> Result<(), OutreachError> {
    let recipients = grounds.opened.recipients();
    let rows: Vec<PlannedRow> = recipients
        .list
        .iter()
        .zip(0..)
        .map(|(of, key)| PlannedRow {
            key,
            recipient: Recipient(recipients.hash(of).0),
            stage: u32::from(of.stage),
            text: u32::from(of.text),
        })
        .collect();
    let opening = Opening {
        campaign: &grounds.opened.plan().campaign,
        plan_sha256: grounds.opened.approved().sha256(),
        actor,
        now_us: grounds.clock.wall_us(),
    };
    Ledger::open(grounds.ledger)?.plan(&opening, &rows)?;
    Ok(())
}

/// Sends what may be sent. [`open`] came before.
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
        tokens: Tokens::new(grounds, settings),
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

/// A token bucket of a second's texts.
struct Tokens {
    rate_per_s: Option<u64>,
    thousandths: u64,
    at_ms: u64,
}

impl Tokens {
    fn new(grounds: &Grounds<'_>, settings: &Settings) -> Self {
        let plan = grounds.opened.plan();
        let is_free = settings.is_unthrottled
            && (plan.made_up || grounds.opened.approved().opened_for() == Use::Rehearsal);
        Self {
            rate_per_s: (!is_free).then_some(u64::from(plan.rate_per_s)),
            thousandths: 0,
            at_ms: grounds.clock.monotonic_ms(),
        }
    }

    fn left(&mut self, now_ms: u64) -> usize {
        let Some(rate) = self.rate_per_s else {
            return usize::MAX;
        };
        let since_ms = now_ms.saturating_sub(self.at_ms);
        self.at_ms = now_ms;
        self.thousandths = (self.thousandths + since_ms * rate).min(rate * 1000);
        usize::try_from(self.thousandths / 1000).unwrap_or(usize::MAX)
    }

    fn take(&mut self, texts: usize) {
        self.thousandths = self.thousandths.saturating_sub(texts as u64 * 1000);
    }
}

/// Of a message under way: how often it was deferred, and how often suspiciously.
#[derive(Clone, Copy)]
struct UnderWay {
    deferred: u32,
    suspicious: u32,
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
            match self.message(&row, now_us)? {
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

    /// Makes the message of a claimed row, or says why it does not leave now.
    fn message(
        &self,
        row: &Claimed,
        now_us: UtcMicros,
    ) -> Result<Result<Message, Answered>, OutreachError> {
        let opened = self.grounds.opened;
        let plan = opened.plan();
        let (Some(recipient), Some(hash), Some(text)) = (
            opened.recipient(row.key),
            opened.hash(row.key),
            opened.text(row.key),
        ) else {
            return Err(OutreachError::OtherPlan { key: row.key });
        };
        if hash.0 != row.recipient.0 || u32::from(recipient.text) != row.text {
            return Err(OutreachError::OtherPlan { key: row.key });
        }
        let is_rehearsal = opened.approved().opened_for() == Use::Rehearsal;
        let expires_us = if is_rehearsal {
            plan.window.until_utc
        } else if plan.is_open(recipient.clock, now_us) {
            let open_until = plan.open_until(recipient.clock, now_us);
            open_until.unwrap_or(plan.window.until_utc)
        } else {
            // It is night where this number is.
            return Ok(Err(match plan.next_open(recipient.clock, now_us) {
                Some(not_before_us) => Answered::Deferred {
                    code: "night".to_owned(),
                    suspicious: false,
                    not_before_us,
                },
                None => Answered::Refused {
                    code: "window-over".to_owned(),
                },
            }));
        };
        Ok(Ok(Message {
            key: row.key,
            to: recipient.digits(),
            text,
            reference: row.reference.clone(),
            expires_us,
        }))
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
                let answered = self.answered(answer, under_way);
                self.answers.push((key, answered));
            }
            Event::Receipt { ticket, receipt } => match self.receipt(receipt) {
                Some(receipt) => {
                    self.receipts.push(receipt);
                    self.tickets.push(ticket);
                }
                // It changes nothing, so there is nothing to keep.
                None => sender.receipts_kept(&[ticket]),
            },
            Event::Notice(text) => (self.notice)(&text),
        }
    }

    fn answered(&self, answer: Answer, under_way: Option<UnderWay>) -> Answered {
        match answer {
            Answer::Accepted { message_id } => Answered::Accepted { message_id },
            Answer::Refused { code } => Answered::Refused { code },
            Answer::Unknown { why } => Answered::Unknown { why },
            Answer::Unsent => Answered::Unsent,
            Answer::Deferred { code, suspicious } => {
                let before = under_way.map_or((0, 0), |of| (of.deferred, of.suspicious));
                if suspicious && before.1 >= SUSPICIOUS_AGAIN {
                    return Answered::Refused { code };
                }
                let wait_us = FIRST_WAIT_US
                    .checked_shl(before.0.min(10))
                    .unwrap_or(LONGEST_WAIT_US);
                Answered::Deferred {
                    code,
                    suspicious,
                    not_before_us: self.grounds.clock.wall_us() + wait_us.min(LONGEST_WAIT_US),
                }
            }
        }
    }

    fn receipt(&self, receipt: Receipt) -> Option<ReceiptIn> {
        let said = match receipt.state {
            ReceiptState::Underway => return None,
            ReceiptState::Delivered => Said::Delivered,
            ReceiptState::Undelivered => Said::Undelivered,
            ReceiptState::Expired => Said::Expired,
        };
        let number = receipt.to.as_ref().and_then(|digits| {
            let key = digits.trim_start_matches('+').parse().ok()?;
            PhoneNumber::from_key(key).ok()
        });
        let recipients = self.grounds.opened.recipients();
        Some(ReceiptIn {
            key: receipt.key,
            recipient: number.map(|number| Recipient(recipients.key.hash(number).0)),
            message_ids: receipt.message_ids,
            said,
            code: receipt.code,
        })
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
        self.desk.ask(Ask {
            now_us: self.grounds.clock.wall_us(),
            answers: std::mem::take(&mut self.answers),
            receipts: std::mem::take(&mut self.receipts),
            tickets: std::mem::take(&mut self.tickets),
            claim: Claim {
                stage: self.stage,
                most,
            },
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
            for event in sender.poll(Duration::from_millis(BEAT_MS))? {
                self.hear(event, sender);
            }
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
            self.desk.ask(Ask {
                now_us: self.grounds.clock.wall_us(),
                answers: std::mem::take(&mut self.answers),
                receipts: std::mem::take(&mut self.receipts),
                tickets: std::mem::take(&mut self.tickets),
                claim: Claim::NONE,
            })?;
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
