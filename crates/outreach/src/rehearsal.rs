//! The rehearsal: every message, and no network. What everybody gets who does not say otherwise.
//!
//! All that a real run does is done: plan, ledger, stages, rules, status. What would leave is counted,
//! and kept in memory for tests, or written to a file that its owner alone reads.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::OutreachError;
use crate::sender::{Answer, Event, Message, Receipt, ReceiptState, Sender};

/// Messages that are taken before answers are fetched.
const WINDOW: usize = 1_024;

/// What a rehearsal pretends of receipts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Pretend {
    /// Nothing comes after the answers.
    #[default]
    Nothing,
    /// All are delivered but one of so many, at even distances.
    Failing {
        /// One of so many does not arrive; 0 for none.
        one_of: u64,
    },
}

/// A sender that sends nothing.
pub struct Rehearsal {
    events: VecDeque<Event>,
    waiting: usize,
    pretend: Pretend,
    taken: u64,
    file: Option<BufWriter<File>>,
    is_stopped: bool,
}

impl std::fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rehearsal")
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

impl Rehearsal {
    /// Makes one that keeps nothing.
    #[must_use]
    pub fn new(pretend: Pretend) -> Self {
        Self {
            events: VecDeque::new(),
            waiting: 0,
            pretend,
            taken: 0,
            file: None,
            is_stopped: false,
        }
    }

    /// Makes one that writes what would leave, `+NUMBER,REFERENCE,TEXT` a line, to a new file that its
    /// owner alone reads.
    ///
    /// # Errors
    /// The file is there already or cannot be made.
    pub fn writing(pretend: Pretend, path: &Path) -> Result<Self, OutreachError> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|source| OutreachError::File {
                path: path.to_owned(),
                source,
            })?;
        Ok(Self {
            file: Some(BufWriter::new(file)),
            ..Self::new(pretend)
        })
    }

    /// Returns how many messages it took.
    #[must_use]
    pub const fn taken(&self) -> u64 {
        self.taken
    }

    fn keep(&mut self, message: &Message) -> Result<(), OutreachError> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let text = message.text.replace('"', "\"\"");
        let line = writeln!(
            file,
            "+{},{},\"{text}\"",
            message.to.as_str(),
            message.reference
        );
        line.map_err(|error| OutreachError::Sender {
            sender: "rehearsal",
            detail: format!("the file takes nothing more: {error}"),
        })
    }
}

impl Sender for Rehearsal {
    fn window(&self) -> usize {
        WINDOW
    }

    fn free_slots(&self) -> usize {
        if self.is_stopped {
            0
        } else {
            WINDOW.saturating_sub(self.waiting)
        }
    }

    fn submit(&mut self, messages: Vec<Message>) -> Result<(), OutreachError> {
        for message in messages {
            if self.is_stopped {
                let answer = Answer::Unsent;
                let key = message.key;
                self.events.push_back(Event::Answered { key, answer });
                continue;
            }
            self.keep(&message)?;
            self.taken += 1;
            self.waiting += 1;
            let key = message.key;
            let answer = Answer::Accepted {
                message_id: format!("rehearsal-{}", message.reference),
            };
            self.events.push_back(Event::Answered { key, answer });
            if let Pretend::Failing { one_of } = self.pretend {
                let fails = one_of > 0 && self.taken.is_multiple_of(one_of);
                self.events.push_back(Event::Receipt {
                    ticket: self.taken,
                    receipt: Receipt {
                        message_ids: vec![format!("rehearsal-{}", message.reference)],
                        to: None,
                        key: Some(key),
                        state: if fails {
                            ReceiptState::Undelivered
                        } else {
                            ReceiptState::Delivered
                        },
                        code: if fails { "rehearsed" } else { "" }.to_owned(),
                    },
                });
            }
        }
        if let Some(file) = &mut self.file {
            file.flush().map_err(|error| OutreachError::Sender {
                sender: "rehearsal",
                detail: format!("the file takes nothing more: {error}"),
            })?;
        }
        Ok(())
    }

    fn poll(&mut self, wait: Duration) -> Result<Vec<Event>, OutreachError> {
        if self.events.is_empty() && !wait.is_zero() {
            std::thread::sleep(wait);
        }
        self.waiting = 0;
        Ok(self.events.drain(..).collect())
    }

    fn receipts_kept(&mut self, _tickets: &[u64]) {}

    fn stop(&mut self) {
        self.is_stopped = true;
    }
}
