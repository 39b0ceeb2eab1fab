//! The ledger's own thread: turns one after another, so that the sender is served while the disk works.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use unspoof_model::UtcMicros;
use unspoof_store::ledger::{Answered, Claim, LedgerError, ReceiptIn, Sending, Turn};

use crate::OutreachError;

/// What goes into a turn.
pub(super) struct Ask {
    pub(super) now_us: UtcMicros,
    pub(super) answers: Vec<(u64, Answered)>,
    pub(super) receipts: Vec<ReceiptIn>,
    /// The sender's names for these receipts.
    pub(super) tickets: Vec<u64>,
    pub(super) claim: Claim,
}

/// What came of it.
pub(super) struct Done {
    pub(super) turn: Turn,
    pub(super) tickets: Vec<u64>,
    pub(super) claim: Claim,
}

/// A ledger at work on a thread of its own; one turn at a time.
pub(super) struct Desk {
    asks: Option<SyncSender<Ask>>,
    done: Receiver<Result<Done, LedgerError>>,
    thread: Option<JoinHandle<Sending>>,
    /// What the turn under way may claim.
    claiming: Option<usize>,
}

impl Desk {
    pub(super) fn start(mut sending: Sending) -> Result<Self, OutreachError> {
        let (asks, incoming) = sync_channel::<Ask>(1);
        let (outgoing, done) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || {
                while let Ok(ask) = incoming.recv() {
                    let turn = sending.turn(ask.now_us, &ask.answers, &ask.receipts, ask.claim);
                    let done = turn.map(|turn| Done {
                        turn,
                        tickets: ask.tickets,
                        claim: ask.claim,
                    });
                    let has_failed = done.is_err();
                    if outgoing.send(done).is_err() || has_failed {
                        break;
                    }
                }
                sending
            })
            .map_err(|source| OutreachError::System {
                what: "a thread for the ledger",
                source,
            })?;
        Ok(Self {
            asks: Some(asks),
            done,
            thread: Some(thread),
            claiming: None,
        })
    }

    /// Returns how many rows the turn under way may claim; none without one.
    pub(super) fn claiming(&self) -> Option<usize> {
        self.claiming
    }

    /// Begins a turn; there must be none under way.
    pub(super) fn ask(&mut self, ask: Ask) -> Result<(), OutreachError> {
        debug_assert!(self.claiming.is_none(), "one turn at a time");
        self.claiming = Some(ask.claim.most);
        let asks = self.asks.as_ref().ok_or_else(ended)?;
        asks.send(ask).map_err(|_| ended())
    }

    /// Returns the turn under way if it is done.
    pub(super) fn finished(&mut self, wait: Duration) -> Result<Option<Done>, OutreachError> {
        if self.claiming.is_none() {
            return Ok(None);
        }
        let done = if wait.is_zero() {
            match self.done.try_recv() {
                Ok(done) => done,
                Err(TryRecvError::Empty) => return Ok(None),
                Err(TryRecvError::Disconnected) => return Err(ended()),
            }
        } else {
            match self.done.recv_timeout(wait) {
                Ok(done) => done,
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => return Err(ended()),
            }
        };
        self.claiming = None;
        Ok(Some(done?))
    }

    /// Ends the thread and gives the ledger back.
    pub(super) fn end(mut self) -> Result<Sending, OutreachError> {
        self.asks = None;
        let thread = self.thread.take().ok_or_else(ended)?;
        thread.join().map_err(|_| ended())
    }
}

fn ended() -> OutreachError {
    OutreachError::System {
        what: "the ledger's thread",
        source: std::io::Error::other("it has ended"),
    }
}
