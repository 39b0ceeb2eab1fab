//! What everybody may do with a ledger, on either database.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use unspoof_model::UtcMicros;

use super::decide::{Ask, Changes, Found, db_key};
use super::lock::SendingLock;
use super::migrations::VERSION;
use super::postgres::Postgres;
use super::row::{
    Campaign, Claim, Claimed, Count, EventRow, Halt, HaltKind, MessageRow, Opening, Planned,
    PlannedRow, Recipient, Removed,
};
use super::sqlite::Sqlite;
use super::{LedgerError, Outcome, Sending, State, words};
use crate::{Address, StoreError};

/// What a turn asks of a database.
pub(super) struct TurnWork {
    pub(super) campaign: i64,
    pub(super) owner: i64,
    pub(super) now_us: UtcMicros,
    pub(super) ask: Ask,
    pub(super) claim: Claim,
}

/// What a database did in a turn.
#[derive(Debug, Default)]
pub(super) struct TurnDone {
    pub(super) claimed: Vec<Claimed>,
    pub(super) halt: Option<Halt>,
    pub(super) next_due_us: Option<UtcMicros>,
}

/// Why a turn failed, and whether it may be on the disk all the same.
pub(super) struct TurnFault {
    pub(super) error: LedgerError,
    pub(super) may_be_written: bool,
}

/// An intent whose sender is dead.
pub(super) struct Left {
    pub(super) campaign: i64,
    pub(super) key: i64,
    pub(super) owner: i64,
}

/// An event as it is written.
pub(super) struct NewEvent<'a> {
    pub(super) at_us: UtcMicros,
    pub(super) actor: &'a str,
    pub(super) kind: &'a str,
    pub(super) detail: &'a str,
}

/// What each database does in its own dialect. Each writes in one transaction, and returns once that outlasts
/// a loss of power.
pub(super) trait Book: Send {
    fn version(&mut self) -> Result<i64, LedgerError>;
    fn migrate(&mut self, from: i64) -> Result<(), LedgerError>;
    fn campaigns(&mut self) -> Result<Vec<Campaign>, LedgerError>;
    fn plan(&mut self, opening: &Opening<'_>, rows: &[PlannedRow]) -> Result<(), LedgerError>;
    /// All rows of a campaign as they were planned, by key.
    fn planned(&mut self, campaign: i64) -> Result<Vec<PlannedRow>, LedgerError>;
    fn start(&mut self, campaign: i64, who: &str, now_us: UtcMicros) -> Result<i64, LedgerError>;
    /// Intents of dead senders, which stay dead until [`Book::release_dead`].
    fn take_dead(&mut self, mine: i64) -> Result<Vec<Left>, LedgerError>;
    fn release_dead(&mut self) -> Result<(), LedgerError>;
    fn turn(
        &mut self,
        work: &TurnWork,
        decide: &mut dyn FnMut(Found) -> Changes,
    ) -> Result<TurnDone, TurnFault>;
    fn set_halt(
        &mut self,
        campaign: i64,
        halt: Option<&Halt>,
        event: &NewEvent<'_>,
    ) -> Result<(), LedgerError>;
    fn remove(
        &mut self,
        campaign: i64,
        recipients: &[Recipient],
        event: &NewEvent<'_>,
    ) -> Result<Removed, LedgerError>;
    /// Whether the row was in a state that a person can settle.
    fn settle(
        &mut self,
        campaign: i64,
        key: i64,
        outcome: Outcome,
        event: &NewEvent<'_>,
    ) -> Result<bool, LedgerError>;
    fn told(&mut self, except: i64, recipients: &[Recipient]) -> Result<Vec<bool>, LedgerError>;
    fn counts(&mut self, campaign: i64) -> Result<Vec<Count>, LedgerError>;
    fn row(&mut self, campaign: i64, key: i64) -> Result<Option<MessageRow>, LedgerError>;
    fn rows(&mut self, campaign: i64, state: State) -> Result<Vec<MessageRow>, LedgerError>;
    fn orphans(&mut self, campaign: i64) -> Result<u64, LedgerError>;
    fn events(&mut self, campaign: i64, after: i64) -> Result<Vec<EventRow>, LedgerError>;
    fn add_event(&mut self, campaign: i64, event: &NewEvent<'_>) -> Result<(), LedgerError>;
    fn note(&mut self, campaign: i64, name: &str) -> Result<Option<String>, LedgerError>;
    fn set_note(&mut self, campaign: i64, name: &str, value: &str) -> Result<(), LedgerError>;
    fn erase(&mut self, campaign: i64, event: &NewEvent<'_>) -> Result<(), LedgerError>;
}

/// A message ledger, in a file of its own or in a schema of a PostgreSQL server.
pub struct Ledger {
    book: Box<dyn Book>,
    /// Where a file is locked by whoever sends.
    file: Option<Utf8PathBuf>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

impl Ledger {
    /// Opens a ledger; makes it, or brings it up to this version's, where needed. Any number of processes may.
    ///
    /// # Errors
    /// It cannot be reached, a newer version made it, or it is no ledger.
    pub fn open(address: &Address) -> Result<Self, LedgerError> {
        let (mut book, file): (Box<dyn Book>, _) = match address {
            Address::File(path) => (Box::new(Sqlite::open(path)?), Some(path.clone())),
            Address::Server { url, schema } => (Box::new(Postgres::open(url, schema)?), None),
        };
        let version = book.version()?;
        if version > VERSION {
            return Err(StoreError::Newer {
                found: version,
                known: VERSION,
            }
            .into());
        }
        if version < VERSION {
            book.migrate(version)?;
        }
        Ok(Self { book, file })
    }

    /// Opens a ledger; gives none, and makes none, where there is none yet.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_existing(address: &Address) -> Result<Option<Self>, LedgerError> {
        if let Address::File(path) = address
            && !path.exists()
        {
            return Ok(None);
        }
        Self::open(address).map(Some)
    }

    pub(super) fn book(&mut self) -> &mut dyn Book {
        self.book.as_mut()
    }

    /// Becomes a sender's: takes the lock, where the ledger is a file, and turns what dead senders left
    /// without an answer into unknowns. `who` is told to whoever comes second.
    ///
    /// # Errors
    /// [`LedgerError::Held`], [`LedgerError::NoCampaign`], or the database fails.
    pub fn start(
        self,
        campaign: &str,
        who: &str,
        now_us: UtcMicros,
    ) -> Result<Sending, LedgerError> {
        words::reason("sender's name", who)?;
        let lock = self.file.as_ref();
        let lock = lock.map(|file| SendingLock::take(file, who)).transpose()?;
        Sending::start(self, lock, campaign, who, now_us)
    }

    /// Puts all recipients of a plan in, or none. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::OtherPlan`] and [`LedgerError::OtherRows`]: the campaign is there and differs;
    /// [`LedgerError::Twice`]: a key or a recipient stands in it twice.
    pub fn plan(
        &mut self,
        opening: &Opening<'_>,
        rows: &[PlannedRow],
    ) -> Result<Planned, LedgerError> {
        words::name("campaign's name", opening.campaign)?;
        words::reason("actor", opening.actor)?;
        let mut sorted = rows.to_vec();
        sorted.sort_unstable_by_key(|row| row.key);
        let mut seen = BTreeSet::new();
        for (row, before) in sorted
            .iter()
            .zip(std::iter::once(None).chain(sorted.iter().map(Some)))
        {
            let is_twice = before.is_some_and(|before| before.key == row.key);
            if is_twice || !seen.insert(row.recipient) || db_key(row.key) < 0 {
                return Err(LedgerError::Twice { key: row.key });
            }
        }
        if let Some(known) = self.find(opening.campaign)? {
            return self.same(&known, opening, &sorted);
        }
        let done = self.book.plan(opening, &sorted);
        // Another process may have been faster.
        match (done, self.find(opening.campaign)?) {
            (Ok(()), _) => Ok(Planned::New),
            (Err(_), Some(known)) => self.same(&known, opening, &sorted),
            (Err(error), None) => Err(error),
        }
    }

    fn same(
        &mut self,
        known: &Campaign,
        opening: &Opening<'_>,
        sorted: &[PlannedRow],
    ) -> Result<Planned, LedgerError> {
        let campaign = opening.campaign.to_owned();
        if known.plan_sha256 != opening.plan_sha256 {
            return Err(LedgerError::OtherPlan { campaign });
        }
        let there = self.book.planned(known.number)?;
        let differs = sorted.iter().zip(&there).find(|(new, old)| new != old);
        let key = differs.map(|(new, _)| new.key);
        if key.is_some() || there.len() != sorted.len() {
            return Err(LedgerError::OtherRows { campaign, key });
        }
        Ok(Planned::Already)
    }

    fn find(&mut self, campaign: &str) -> Result<Option<Campaign>, LedgerError> {
        let all = self.book.campaigns()?;
        Ok(all.into_iter().find(|known| known.id == campaign))
    }

    /// Returns all campaigns, in the order in which they were opened.
    ///
    /// # Errors
    /// The database fails.
    pub fn campaigns(&mut self) -> Result<Vec<Campaign>, LedgerError> {
        self.book.campaigns()
    }

    /// Returns a campaign, and whether it is halted now.
    ///
    /// # Errors
    /// [`LedgerError::NoCampaign`], or the database fails.
    pub fn campaign(&mut self, campaign: &str) -> Result<Campaign, LedgerError> {
        let missing = || LedgerError::NoCampaign {
            campaign: campaign.to_owned(),
        };
        self.find(campaign)?.ok_or_else(missing)
    }

    fn number(&mut self, campaign: &str) -> Result<i64, LedgerError> {
        Ok(self.campaign(campaign)?.number)
    }

    /// Halts a campaign; needs no lock. Once it returns, no turn of any sender claims anything. To stop what is
    /// held is possible, to hold what is stopped changes nothing.
    ///
    /// # Errors
    /// [`LedgerError::NoCampaign`], or the database fails.
    pub fn halt(&mut self, campaign: &str, halt: &Halt) -> Result<(), LedgerError> {
        words::reason("actor", &halt.actor)?;
        words::reason("reason", &halt.why)?;
        let known = self.campaign(campaign)?;
        if known.halt.is_some_and(|old| old.kind >= halt.kind) {
            return Ok(());
        }
        let event = NewEvent {
            at_us: halt.at_us,
            actor: &halt.actor,
            kind: match halt.kind {
                HaltKind::Held => "held",
                HaltKind::Stopped => "stopped",
            },
            detail: &halt.why,
        };
        self.book.set_halt(known.number, Some(halt), &event)
    }

    /// Lets a held campaign go on.
    ///
    /// # Errors
    /// [`LedgerError::Stopped`]: a stop is for ever.
    pub fn resume(
        &mut self,
        campaign: &str,
        actor: &str,
        why: &str,
        now_us: UtcMicros,
    ) -> Result<(), LedgerError> {
        words::reason("actor", actor)?;
        words::reason("reason", why)?;
        let known = self.campaign(campaign)?;
        match known.halt.map(|halt| halt.kind) {
            None => Ok(()),
            Some(HaltKind::Stopped) => Err(LedgerError::Stopped { campaign: known.id }),
            Some(HaltKind::Held) => {
                let event = NewEvent {
                    at_us: now_us,
                    actor,
                    kind: "resumed",
                    detail: why,
                };
                self.book.set_halt(known.number, None, &event)
            }
        }
    }

    /// Takes recipients from a plan, before they are claimed. Nothing can be added.
    ///
    /// # Errors
    /// Nothing was removed.
    pub fn remove(
        &mut self,
        campaign: &str,
        recipients: &[Recipient],
        actor: &str,
        why: &str,
        now_us: UtcMicros,
    ) -> Result<Removed, LedgerError> {
        words::reason("actor", actor)?;
        words::reason("reason", why)?;
        let number = self.number(campaign)?;
        let once: BTreeSet<Recipient> = recipients.iter().copied().collect();
        let once: Vec<Recipient> = once.into_iter().collect();
        let event = NewEvent {
            at_us: now_us,
            actor,
            kind: "removed",
            detail: why,
        };
        self.book.remove(number, &once, &event)
    }

    /// Records what a person found out about a row of which nobody knows, or whose receipt never came.
    ///
    /// # Errors
    /// [`LedgerError::Step`]: it is in another state; [`LedgerError::NoRow`].
    pub fn settle_by_person(
        &mut self,
        campaign: &str,
        key: u64,
        outcome: Outcome,
        actor: &str,
        reason: &str,
        now_us: UtcMicros,
    ) -> Result<(), LedgerError> {
        words::reason("actor", actor)?;
        words::reason("reason", reason)?;
        let number = self.number(campaign)?;
        let detail = format!("key {key}: {}: {reason}", outcome.name());
        let event = NewEvent {
            at_us: now_us,
            actor,
            kind: "settled",
            detail: &detail,
        };
        if self.book.settle(number, db_key(key), outcome, &event)? {
            return Ok(());
        }
        let found = self.row(campaign, key)?.ok_or(LedgerError::NoRow {
            campaign: campaign.to_owned(),
            key,
        })?;
        Err(LedgerError::Step {
            key,
            found: found.state,
            wanted: State::Settled,
        })
    }

    /// Says of each recipient whether any campaign other than `except` told them, or may have: whatever was
    /// ever claimed counts, except definite refusals and what a person found not to have arrived.
    ///
    /// # Errors
    /// The database fails.
    pub fn told(
        &mut self,
        except: Option<&str>,
        recipients: &[Recipient],
    ) -> Result<Vec<bool>, LedgerError> {
        let except = match except {
            Some(id) => self.find(id)?.map_or(-1, |known| known.number),
            None => -1,
        };
        self.book.told(except, recipients)
    }

    /// Counts rows by stage, state and code.
    ///
    /// # Errors
    /// [`LedgerError::NoCampaign`], or the database fails.
    pub fn counts(&mut self, campaign: &str) -> Result<Vec<Count>, LedgerError> {
        let number = self.number(campaign)?;
        self.book.counts(number)
    }

    /// Counts receipts whose message is not known.
    ///
    /// # Errors
    /// [`LedgerError::NoCampaign`], or the database fails.
    pub fn orphans(&mut self, campaign: &str) -> Result<u64, LedgerError> {
        let number = self.number(campaign)?;
        self.book.orphans(number)
    }

    /// Returns a row.
    ///
    /// # Errors
    /// [`LedgerError::NoCampaign`], or the database fails.
    pub fn row(&mut self, campaign: &str, key: u64) -> Result<Option<MessageRow>, LedgerError> {
        let number = self.number(campaign)?;
        self.book.row(number, db_key(key))
    }

    /// Returns the rows in one state, by key.
    ///
    /// # Errors
    /// [`LedgerError::NoCampaign`], or the database fails.
    pub fn rows(&mut self, campaign: &str, state: State) -> Result<Vec<MessageRow>, LedgerError> {
        let number = self.number(campaign)?;
        self.book.rows(number, state)
    }

    /// Returns the rows of which nobody knows, by key.
    ///
    /// # Errors
    /// [`LedgerError::NoCampaign`], or the database fails.
    pub fn unknowns(&mut self, campaign: &str) -> Result<Vec<MessageRow>, LedgerError> {
        self.rows(campaign, State::Unknown)
    }

    /// Returns who did what on a campaign, in order, after the event with the number `after`.
    ///
    /// # Errors
    /// [`LedgerError::NoCampaign`], or the database fails.
    pub fn events(&mut self, campaign: &str, after: u64) -> Result<Vec<EventRow>, LedgerError> {
        let number = self.number(campaign)?;
        self.book.events(number, db_key(after))
    }

    /// Adds an event of the sender's own. It stays for ever.
    ///
    /// # Errors
    /// [`LedgerError::Words`], [`LedgerError::NoCampaign`], or the database fails.
    pub fn record(
        &mut self,
        campaign: &str,
        actor: &str,
        kind: &str,
        detail: &str,
        now_us: UtcMicros,
    ) -> Result<(), LedgerError> {
        words::name("kind of event", kind)?;
        words::reason("actor", actor)?;
        words::reason("detail", detail)?;
        let number = self.number(campaign)?;
        let event = NewEvent {
            at_us: now_us,
            actor,
            kind,
            detail,
        };
        self.book.add_event(number, &event)
    }

    /// Returns what the sender keeps for itself under a name.
    ///
    /// # Errors
    /// [`LedgerError::NoCampaign`], or the database fails.
    pub fn note(&mut self, campaign: &str, name: &str) -> Result<Option<String>, LedgerError> {
        let number = self.number(campaign)?;
        self.book.note(number, name)
    }

    /// Keeps something for the sender under a name, instead of what was there.
    ///
    /// # Errors
    /// [`LedgerError::Words`], [`LedgerError::NoCampaign`], or the database fails.
    pub fn set_note(&mut self, campaign: &str, name: &str, value: &str) -> Result<(), LedgerError> {
        words::name("note's name", name)?;
        words::reason("note", value)?;
        let number = self.number(campaign)?;
        self.book.set_note(number, name, value)
    }

    /// Erases what could lead to a person: the other side's message ids and receipts that nobody could match.
    /// What stays is counts, states and keyed hashes, which say nothing without their key. Needs no unknowns
    /// and no intents. The bytes are gone from a file when it returns.
    ///
    /// # Errors
    /// [`LedgerError::Unsettled`], or the database fails.
    pub fn erase(
        &mut self,
        campaign: &str,
        actor: &str,
        why: &str,
        now_us: UtcMicros,
    ) -> Result<(), LedgerError> {
        words::reason("actor", actor)?;
        words::reason("reason", why)?;
        let known = self.campaign(campaign)?;
        let counts = self.book.counts(known.number)?;
        let open = counts
            .iter()
            .filter(|count| matches!(count.state, State::Intent | State::Unknown));
        let rows: u64 = open.map(|count| count.rows).sum();
        if rows > 0 {
            let campaign = known.id;
            return Err(LedgerError::Unsettled { campaign, rows });
        }
        let event = NewEvent {
            at_us: now_us,
            actor,
            kind: "erased",
            detail: why,
        };
        self.book.erase(known.number, &event)
    }
}
