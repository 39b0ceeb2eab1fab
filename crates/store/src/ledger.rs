//! The message ledger: who was to be told, who was, and what nobody knows.
//!
//! One row a campaign and recipient. **It holds no telephone number and no text**: a recipient is a keyed
//! hash ([`Recipient`]), and what people and gateways write is checked or cut before it gets in.
//!
//! ```text
//! planned ─claim→ intent ─┬→ accepted ─┬→ delivered | undelivered | expired
//!    │  ↑                 ├→ refused   ├→ settled (by a person)
//!    │  └─deferred,unsent─┤            │
//!    ↓                    └→ unknown ──┴→ accepted | refused (a late answer)
//! removed
//! ```
//!
//! [`Ledger`] is what everybody opens: plan, look, hold, stop, remove, settle. [`Ledger::start`] makes a
//! [`Sending`] of it, the only thing that can claim rows, and first turns what dead senders left in
//! [`State::Intent`] into [`State::Unknown`].
//!
//! # A turn
//!
//! ```text
//! let mut sending = ledger.start("warning-1", "sender A", now_us)?;
//! loop {
//!     // answers and receipts since the last turn go in, the next batch comes out: one commit
//!     let turn = sending.turn(now_us, &answers, &receipts, Claim { stage, most: sender.free_slots() })?;
//!     sender.receipts_kept(&tickets);          // they are durable, whatever became of them
//!     sender.submit(messages(turn.claimed))?;  // only what this very turn claimed
//!     (answers, receipts, tickets) = sender.poll(wait)?;
//! }
//! ```
//!
//! When [`Sending::turn`] returns, all of it is on the disk: no byte of a message leaves before its intent is
//! durable, and a receipt is acknowledged only once it is. When it fails, **nothing that it may have claimed
//! may be sent**: whether the commit reached the disk is not known. Where that is so, every further turn says
//! [`LedgerError::Spent`]: open the ledger anew, and what was claimed is found unknown. Answers that were not
//! taken can then be given again, and settle it.
//!
//! Whatever was claimed without a durable answer is unknown after a crash: at most what was in flight, which is
//! at most the sum of the windows, and the last answers, which were in flight one turn earlier.
//!
//! Nothing in [`Turn`] is an error of the sender's that stops a campaign: an answer or receipt that comes twice
//! changes nothing, one that does not fit the row's state is told in [`Turn::not_taken`] or
//! [`Turn::contradicted`]. The database itself refuses every step that the picture above does not show.

mod book;
mod decide;
mod error;
mod lock;
mod migrations;
mod postgres;
mod row;
mod sending;
mod sqlite;
mod state;
mod words;

pub use book::Ledger;
pub use error::LedgerError;
pub use row::{
    Answered, Campaign, Claim, Claimed, Contradiction, Count, EventRow, Halt, HaltKind, MessageRow,
    NotTaken, Opening, Planned, PlannedRow, ReceiptIn, Recipient, Removed, Settled, Turn,
    reference,
};
pub use sending::Sending;
pub use state::{Outcome, Said, State};
