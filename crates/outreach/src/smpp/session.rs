//! One connection to a message centre: bytes in, bytes out, time handed in. It has no socket and no
//! clock, so that each thing that a centre may do can be played to it.
//!
//! The law it keeps: a message is handed out once. Whoever drives it says how many bytes the socket
//! has taken ([`Session::wrote`]); when the connection ends, a message of which no byte was taken is
//! [`Answer::Unsent`], and every other one without an answer is [`Answer::Unknown`]. Answers are
//! matched by their sequence number alone.

mod incoming;
mod open;
mod out;
mod upkeep;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::compose::{Compose, Composed, Source};
use super::config::{Password, SmppConfig};
use super::pace::Pace;
use super::pdu::{Bind, Body, Given, Pdu, Role};
use super::receipt::Dialect;
use crate::{Answer, Message, Receipt};
use open::{Opens, Slot};
use out::Outbound;

/// The highest sequence number (SMPP 3.4, 5.1.4).
const LAST_SEQUENCE: u32 = 0x7fff_ffff;
/// Bytes that wait for the socket, above which no more messages are written.
const ENOUGH_WAITING: usize = 64 * 1024;
/// Bytes that wait for the socket, above which nothing more is read: the centre does not read.
const TOO_MANY_WAITING: usize = 1024 * 1024;
/// Milliseconds for the answer to a bind.
const BIND_MS: u64 = 30_000;
/// Milliseconds for the answer to an unbind.
const UNBIND_MS: u64 = 5000;
/// Milliseconds that answers may still come in after the centre said goodbye.
const GOODBYE_MS: u64 = 1000;

/// What all sessions of an account have in common.
#[derive(Debug)]
pub struct Settings {
    system_id: String,
    system_type: String,
    password: Password,
    interface_version: u8,
    window: usize,
    rate_per_s: Option<f64>,
    response_ms: u64,
    enquire_ms: u64,
    inactivity_ms: u64,
    compose: Compose,
    dialect: Dialect,
}

impl Settings {
    /// Takes an account, its password, and the plan's sender ID.
    ///
    /// # Errors
    /// As [`SmppConfig::check`].
    pub fn of(
        config: &SmppConfig,
        password: Password,
        source: Source,
    ) -> Result<Self, super::SmppError> {
        config.check(false)?;
        let ms = |seconds: u32| u64::from(seconds) * 1000;
        // At most 100, by the check.
        let sessions = u32::try_from(config.sessions).unwrap_or(1).max(1);
        Ok(Self {
            system_id: config.system_id.clone(),
            system_type: config.system_type.clone(),
            password,
            interface_version: config.interface_version.number(),
            window: config.window,
            rate_per_s: config
                .rate_per_s
                .map(|rate| f64::from(rate) / f64::from(sessions)),
            response_ms: ms(config.response_timeout_s),
            enquire_ms: ms(config.enquire_interval_s),
            inactivity_ms: ms(config.inactivity_s),
            compose: Compose::of(config, source),
            dialect: Dialect {
                ids: config.receipt_ids,
                by_text: config.receipts_by_text,
            },
        })
    }
}

/// Which request a receipt came in, to be answered by [`Session::keep`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Carrier {
    /// Its sequence number, which is the centre's own.
    pub sequence: u32,
    /// `data_sm` instead of `deliver_sm`.
    pub is_data: bool,
}

/// What a session tells.
#[derive(Clone, PartialEq, Eq)]
pub enum Told {
    /// The centre let us in.
    Bound,
    /// What became of a message; see [`Event::Answered`](crate::Event::Answered).
    Answered {
        /// Which message.
        key: u64,
        /// What became of it.
        answer: Answer,
    },
    /// The first part of a text in several was handed out.
    PartsBegun {
        /// Which message.
        key: u64,
        /// How many parts there are.
        of: u8,
        /// The recipient's number, digits alone.
        to: Zeroizing<String>,
    },
    /// The centre took a part of a text in several. [`Told::Answered`] follows when all is known.
    PartAccepted {
        /// Which message.
        key: u64,
        /// The centre's id for the part.
        message_id: String,
    },
    /// A receipt, to be answered once it is kept.
    Receipt {
        /// What it came in.
        carrier: Carrier,
        /// The receipt; `key` is never set.
        receipt: Receipt,
    },
    /// Something that people want to know.
    Notice(String),
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bound => f.write_str("Bound"),
            Self::Answered { key, answer } => write!(f, "Answered({key}, {answer:?})"),
            Self::PartsBegun { key, of, .. } => write!(f, "PartsBegun({key}, {of})"),
            Self::PartAccepted { key, message_id } => {
                write!(f, "PartAccepted({key}, {message_id:?})")
            }
            Self::Receipt { carrier, receipt } => write!(f, "Receipt({carrier:?}, {receipt:?})"),
            Self::Notice(notice) => write!(f, "Notice({notice:?})"),
        }
    }
}

/// Why a connection is to be closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// The centre does not let us in.
    Refused {
        /// Its `command_status`.
        status: u32,
    },
    /// Either side said goodbye.
    Unbound,
    /// Something is wrong with it.
    Fault {
        /// What.
        why: String,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum State {
    Closed,
    Binding {
        sequence: u32,
        until_ms: u64,
    },
    Bound,
    /// Goodbye was said, by us or by the centre; nothing more is submitted.
    Leaving {
        until_ms: u64,
        is_ours: bool,
    },
    Ended(End),
}

/// A part that was handed out.
#[derive(Clone, Copy, Debug)]
struct Flight {
    slot: Slot,
    part: u8,
    /// Where its first byte and the one behind its last stand in all bytes of the connection.
    start: u64,
    end: u64,
    sent_ms: u64,
    /// It was called unknown; the answer may still come.
    is_late: bool,
}

/// A message whose parts are being handed out.
#[derive(Debug)]
struct Head {
    composed: Composed,
    slot: Slot,
    /// Parts that were written.
    written: u8,
}

/// Counts of what is odd, so that a flood of it gives few notices.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Answers to nothing: twice, or to something that nobody sent.
    pub unmatched: u64,
    /// Answers that came after their message had been called unknown.
    pub late: u64,
    /// Texts that somebody sent to us. Nothing of them is kept.
    pub incoming: u64,
    /// Requests that we do not know.
    pub unknown_commands: u64,
    /// Requests whose fields run over their end.
    pub malformed: u64,
    /// Requests to bind, from a centre that we are bound to.
    pub outbinds: u64,
}

/// One connection to a message centre. `Debug` shows no bytes, for numbers stand in them.
pub struct Session {
    settings: Arc<Settings>,
    role: Role,
    name: String,
    state: State,
    inbound: Vec<u8>,
    out: Outbound,
    /// Where, in all bytes of the connection, the first stands that can still be taken back.
    sealed: u64,
    queue: VecDeque<Message>,
    head: Option<Head>,
    opens: Opens,
    flights: BTreeMap<u32, Flight>,
    by_time: VecDeque<(u64, u32)>,
    sequence: u32,
    pace: Pace,
    /// Messages that may be open. Below the window after a connection was lost with messages on it.
    allowed: usize,
    was_lossy: bool,
    /// The centre complained, and nothing is handed out for a while; so nothing is taken either.
    is_paused: bool,
    is_stopped: bool,
    /// Half a message was handed out when it was stopped: not a byte may follow.
    is_mute: bool,
    heard_ms: u64,
    enquire_at_ms: u64,
    enquired: bool,
    heard_since_enquiry: bool,
    missed: u32,
    counts: Counts,
    told: Vec<Told>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("name", &self.name)
            .field("state", &self.state)
            .field("queue", &self.queue.len())
            .field("flights", &self.flights.len())
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Makes a session that is not connected. `seed` keeps the pauses of sessions apart; `name`
    /// stands in notices.
    #[must_use]
    pub fn new(settings: Arc<Settings>, role: Role, name: String, seed: u64, now_ms: u64) -> Self {
        let allowed = settings.window;
        let pace = Pace::of(settings.rate_per_s, now_ms, seed);
        Self {
            settings,
            role,
            name,
            state: State::Closed,
            inbound: Vec::new(),
            out: Outbound::default(),
            sealed: 0,
            queue: VecDeque::new(),
            head: None,
            opens: Opens::default(),
            flights: BTreeMap::new(),
            by_time: VecDeque::new(),
            sequence: 0,
            pace,
            allowed,
            was_lossy: false,
            is_paused: false,
            is_stopped: false,
            is_mute: false,
            heard_ms: now_ms,
            enquire_at_ms: now_ms,
            enquired: false,
            heard_since_enquiry: false,
            missed: 0,
            counts: Counts::default(),
            told: Vec::new(),
        }
    }

    /// Says what the connection is for.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Returns the most messages that may be open.
    #[must_use]
    pub fn window(&self) -> usize {
        if self.role.sends() {
            self.settings.window
        } else {
            0
        }
    }

    /// Returns how many more messages it takes now. None while the centre's complaint lasts.
    #[must_use]
    pub fn free_slots(&self) -> usize {
        if self.is_paused { 0 } else { self.room() }
    }

    fn room(&self) -> usize {
        if self.state != State::Bound || self.is_stopped || !self.role.sends() {
            return 0;
        }
        self.allowed.saturating_sub(self.taken())
    }

    fn taken(&self) -> usize {
        // A message that is cut but not begun has no slot yet.
        let waiting = self.head.as_ref().is_some_and(|head| head.written == 0);
        self.queue.len() + usize::from(waiting) + self.opens.len()
    }

    /// Says whether the centre let us in.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.state == State::Bound
    }

    /// Says whether it was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Says whether half a message was handed out when it was stopped, so that nothing may follow.
    #[must_use]
    pub fn is_mute(&self) -> bool {
        self.is_mute
    }

    /// Says whether messages wait for their answer.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.opens.awaited() > 0
    }

    /// Returns why the connection is to be closed, if it is.
    #[must_use]
    pub fn end(&self) -> Option<&End> {
        match &self.state {
            State::Ended(end) => Some(end),
            State::Closed | State::Binding { .. } | State::Bound | State::Leaving { .. } => None,
        }
    }

    /// Returns the counts of what was odd.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The connection stands: binds.
    pub fn connected(&mut self, now_ms: u64) {
        self.inbound.clear();
        self.out.clear();
        self.sealed = 0;
        self.is_mute = false;
        self.allowed = if self.was_lossy {
            1
        } else {
            self.settings.window
        };
        (self.heard_ms, self.missed, self.enquired) = (now_ms, 0, false);
        let sequence = self.next_sequence();
        let settings = Arc::clone(&self.settings);
        let bind = Bind {
            system_id: settings.system_id.as_bytes(),
            password: settings.password.reveal(),
            system_type: settings.system_type.as_bytes(),
            interface_version: settings.interface_version,
            ..Bind::default()
        };
        self.write(&Pdu::request(sequence, Body::Bind(self.role, bind)));
        self.state = State::Binding {
            sequence,
            until_ms: now_ms.saturating_add(BIND_MS),
        };
    }

    /// Takes a message; its parts leave as window and rate allow. What the window has no room for is
    /// told to be unsent; what was claimed just before a pause waits it out.
    pub fn submit(&mut self, message: Message) {
        if self.room() == 0 {
            self.tell_unsent(message.key);
        } else {
            self.queue.push_back(message);
        }
    }

    /// Returns the bytes that the socket is to take.
    #[must_use]
    pub fn unwritten(&self) -> &[u8] {
        if self.is_mute {
            return &[];
        }
        self.out.waiting()
    }

    /// The socket took so many of [`Self::unwritten`]: from now on they may have left.
    pub fn wrote(&mut self, bytes: usize) {
        self.out.took(bytes);
    }

    /// So many of [`Self::unwritten`] stand in a record of TLS of which nothing has left. If it leaves,
    /// it leaves whole: they are not taken back, and unsent only if the connection ends first.
    pub fn seals(&mut self, bytes: usize) {
        self.sealed = self.out.written() + bytes as u64;
    }

    /// Says whether more may be read from the socket.
    #[must_use]
    pub fn wants_read(&self) -> bool {
        self.out.waiting().len() < TOO_MANY_WAITING
    }

    /// Returns what happened since it was last asked.
    pub fn told(&mut self, into: &mut Vec<Told>) {
        into.append(&mut self.told);
    }

    /// A receipt is kept: the centre is told that it came.
    pub fn keep(&mut self, carrier: Carrier) {
        let body = if carrier.is_data {
            Body::DataSmResp(Given::Ended(b""))
        } else {
            Body::DeliverSmResp(Given::Ended(b""))
        };
        self.write(&Pdu::answer(carrier.sequence, 0, body));
    }

    /// Nothing more is submitted, at once. What was not handed out is unsent; half a message stays
    /// half, and then the connection only listens. Answers and receipts go on being told.
    pub fn stop(&mut self) {
        self.is_stopped = true;
        self.is_mute |= self.recall();
    }

    /// Takes back all that the socket has not begun to take. Says whether half a message is out.
    pub fn recall(&mut self) -> bool {
        self.let_go_of_queue();
        self.abandon_head();
        let taken = self.out.written().max(self.sealed);
        let mut is_half_out = false;
        let mut withdrawn = Vec::new();
        for (sequence, flight) in &self.flights {
            if flight.start >= taken {
                withdrawn.push((*sequence, *flight));
            } else if flight.end > taken {
                is_half_out = true;
            }
        }
        if withdrawn.is_empty() {
            return is_half_out;
        }
        self.out.withdraw(
            withdrawn
                .iter()
                .map(|(_, flight)| (flight.start, flight.end)),
        );
        for (sequence, flight) in withdrawn {
            self.flights.remove(&sequence);
            self.opens.withdrawn(flight.slot, flight.is_late);
            self.conclude(flight.slot, "stopped");
        }
        is_half_out
    }

    /// Says goodbye, once nothing waits for an answer.
    pub fn unbind(&mut self, now_ms: u64) {
        if self.state != State::Bound {
            return;
        }
        self.stop();
        let sequence = self.next_sequence();
        self.write(&Pdu::request(sequence, Body::Unbind));
        self.state = State::Leaving {
            until_ms: now_ms.saturating_add(UNBIND_MS),
            is_ours: true,
        };
    }

    /// The connection is gone.
    pub fn closed(&mut self) {
        let taken = self.out.written();
        let mut lost = Vec::new();
        for (_, flight) in std::mem::take(&mut self.flights) {
            if flight.start >= taken {
                self.opens.withdrawn(flight.slot, flight.is_late);
            } else if !flight.is_late {
                self.opens.lost(flight.slot);
                lost.push(flight.slot);
            }
        }
        self.by_time.clear();
        self.was_lossy |= !lost.is_empty();
        self.abandon_head();
        for slot in self.opens.all() {
            self.conclude(slot, "disconnected");
        }
        self.opens.clear();
        self.let_go_of_queue();
        self.inbound.clear();
        self.out.clear();
        self.state = State::Closed;
    }

    /// What was queued and has no part handed out.
    fn let_go_of_queue(&mut self) {
        let begun = self.head.take_if(|head| head.written == 0);
        if let Some(head) = begun {
            self.tell_unsent(head.composed.message.key);
        }
        for message in std::mem::take(&mut self.queue) {
            self.tell_unsent(message.key);
        }
    }

    /// The rest of a message's parts is not handed out.
    fn abandon_head(&mut self) {
        if let Some(head) = self.head.take_if(|head| head.written > 0) {
            self.opens.nothing_more(head.slot);
            self.conclude(head.slot, "stopped");
        }
    }

    fn tell_unsent(&mut self, key: u64) {
        self.told.push(Told::Answered {
            key,
            answer: Answer::Unsent,
        });
    }

    fn notice(&mut self, notice: &str) {
        self.told
            .push(Told::Notice(format!("{}: {notice}", self.name)));
    }

    /// Counts something odd, and tells of the first, the second, the fourth and so on.
    fn tally(&mut self, count: fn(&mut Counts) -> &mut u64, what: &str) {
        let count = count(&mut self.counts);
        *count += 1;
        let many = *count;
        if many.is_power_of_two() {
            self.notice(&format!("{what} ({many} so far)"));
        }
    }

    fn fault(&mut self, why: String) {
        if !matches!(self.state, State::Ended(_) | State::Closed) {
            self.state = State::Ended(End::Fault { why });
        }
    }

    /// Returns a sequence number that nothing in flight has.
    fn next_sequence(&mut self) -> u32 {
        loop {
            self.sequence = if self.sequence >= LAST_SEQUENCE {
                1
            } else {
                self.sequence + 1
            };
            if !self.flights.contains_key(&self.sequence) {
                return self.sequence;
            }
        }
    }

    fn write(&mut self, pdu: &Pdu<'_>) {
        if self.is_mute {
            return;
        }
        // What we write ourselves has checked strings and no text.
        if self.out.write(|out| pdu.write(out)).is_err() {
            self.fault("a message of our own cannot be written".into());
        }
    }

    /// Tells what became of a message, if that is known now.
    fn conclude(&mut self, slot: Slot, why: &'static str) {
        if let Some((key, answer)) = self.opens.conclude(slot, why) {
            self.told.push(Told::Answered { key, answer });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Flight, LAST_SEQUENCE, Session, Settings};
    use crate::smpp::pdu::Role;
    use crate::smpp::{Password, SmppConfig, Source};

    #[test]
    fn sequence_numbers_wrap_past_what_is_in_flight() {
        let config = SmppConfig::of("127.0.0.1", 1, "unspoof");
        let password = Password::of("secret".to_owned().into()).unwrap();
        let settings = Settings::of(&config, password, Source::of("Police").unwrap()).unwrap();
        let mut session = Session::new(Arc::new(settings), Role::Transceiver, "s".into(), 1, 0);
        let flight = Flight {
            slot: 0,
            part: 0,
            start: 0,
            end: 0,
            sent_ms: 0,
            is_late: false,
        };
        for sequence in [1, 2, 4, LAST_SEQUENCE] {
            session.flights.insert(sequence, flight);
        }
        session.sequence = LAST_SEQUENCE - 2;
        let drawn: Vec<u32> = (0..4).map(|_| session.next_sequence()).collect();
        assert_eq!(drawn, [LAST_SEQUENCE - 1, 3, 5, 6]);
        assert_eq!(format!("{session:?}").matches("secret").count(), 0);
    }
}
