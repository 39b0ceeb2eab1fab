//! What is sent, how, and how it ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use unspoof_store::Address;
use unspoof_store::ledger::{Halt, Ledger, Opening, PlannedRow, Recipient};

use super::control::Control;
use crate::OutreachError;
use crate::clock::Clock;
use crate::package::Opened;

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
