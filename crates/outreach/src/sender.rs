//! What every sender does: take messages whose intents are durable, and tell what became of them.
//!
//! A sender knows nothing of plans, ledgers and stages. It gets at most [`Sender::free_slots`]
//! messages, answers each once or not at all, and whatever it was given and lost sight of it calls
//! [`Answer::Unknown`] itself as soon as it can tell. Nobody else decides that a message may go out
//! again.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::OutreachError;

/// A message as a sender takes it. `Debug` shows neither number nor text.
#[derive(Clone)]
pub struct Message {
    /// Names the message in the ledger; unique within a campaign.
    pub key: u64,
    /// Digits of the recipient's E.164 number, without `+`.
    pub to: Zeroizing<String>,
    /// The text as it is to arrive, code filled in.
    pub text: Zeroizing<String>,
    /// Unique for ever, and tells nothing of the recipient: for senders that can be asked for it later.
    pub reference: String,
    /// When the message must have arrived or be given up: microseconds since 1970, UTC.
    pub expires_us: i64,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// What became of a message that was handed to a sender.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The other side has it. Its id for it, empty where it gave none.
    Accepted {
        /// The id as the other side wrote it; of a text in several parts their ids, parted by commas.
        message_id: String,
    },
    /// The other side said that it did not take it, and that it may take it later: throttled, queue full.
    Deferred {
        /// Its code, such as `ESME_RTHROTTLED`.
        code: String,
        /// Its code tells of a fault of its own (`ESME_RSYSERR`, `ESME_RX_T_APPN`). Such a message may
        /// be planned again twice and no more.
        suspicious: bool,
    },
    /// The other side said no for good.
    Refused {
        /// Its code, such as `ESME_RINVDSTADR`.
        code: String,
    },
    /// Nobody knows: no answer in time, or the line went down after the first byte may have left.
    Unknown {
        /// Why, such as `timeout` or `disconnected`.
        why: String,
    },
    /// No byte of it left this machine, or the other side, asked for its reference when nothing of it
    /// could be under way any more, says that it never had it: it may be planned again.
    Unsent,
}

/// A state that a receipt tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ReceiptState {
    /// On its way; changes nothing.
    Underway,
    /// It reached the handset.
    Delivered,
    /// It did not and will not.
    Undelivered,
    /// Its time ran out.
    Expired,
}

/// What the other side tells later. `Debug` does not show the number.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The id, in each form that it may have been given at acceptance, the likeliest first: as it
    /// stands, and read as hexadecimal or decimal. One reading may be another message's id, so the
    /// first that fits counts, and where `to` is given it must be the same message's. Empty where the
    /// receipt names none.
    pub message_ids: Vec<String>,
    /// The recipient's number, digits alone, where the receipt names it.
    pub to: Option<Zeroizing<String>>,
    /// The key, where the sender itself knows which message it is. With a key and without an id the
    /// receipt speaks for all parts of a text; with an id, for the part that has it.
    pub key: Option<u64>,
    /// What it says.
    pub state: ReceiptState,
    /// The other side's code for it, such as `err:012`; empty where there is none.
    pub code: String,
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("state", &self.state)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// What a sender tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// What became of a message. Once for each, with one exception: after [`Answer::Unknown`] the other
    /// side's answer may still come, and is then told as [`Answer::Accepted`] or [`Answer::Refused`]. It
    /// settles the unknown. Never is a message deferred or unsent after it was unknown.
    Answered {
        /// Which message.
        key: u64,
        /// What became of it.
        answer: Answer,
    },
    /// What the other side told later. It is told again until [`Sender::receipts_kept`].
    Receipt {
        /// Which receipt, for [`Sender::receipts_kept`].
        ticket: u64,
        /// The receipt.
        receipt: Receipt,
    },
    /// Something that people want to know: connected, throttled, reconnecting in 4 s.
    Notice(String),
}

/// Takes messages and tells what became of them.
pub trait Sender: Send {
    /// The most messages that may be without an answer at one time.
    fn window(&self) -> usize;
    /// How many more messages it takes now.
    fn free_slots(&self) -> usize;
    /// Takes messages, at most [`Sender::free_slots`]. Their intents are durable.
    ///
    /// # Errors
    /// The sender can no longer be used; what it was given is unknown.
    fn submit(&mut self, messages: Vec<Message>) -> Result<(), OutreachError>;
    /// Works, and returns what happened, at the latest after `wait`.
    ///
    /// # Errors
    /// The sender can no longer be used; what it was given and did not answer is unknown.
    fn poll(&mut self, wait: Duration) -> Result<Vec<Event>, OutreachError>;
    /// These receipts are durable: only now may the other side be told that they were received.
    fn receipts_kept(&mut self, tickets: &[u64]);
    /// Stops at once: nothing more leaves, also what was submitted and has not left yet.
    /// [`Sender::poll`] goes on telling answers and receipts.
    fn stop(&mut self);
}
