//! A ledger in one file.

mod turn;

use std::fs::{File, OpenOptions};

use camino::{Utf8Path, Utf8PathBuf};
use rusqlite::{
    Connection, ErrorCode, OptionalExtension as _, Row, Statement, Transaction,
    TransactionBehavior, params,
};
use unspoof_model::{Sha256Hash, UtcMicros};

use super::book::{Book, Left, NewEvent, TurnDone, TurnFault, TurnWork};
use super::decide::{Changes, Found, api_key, db_key};
use super::migrations::MIGRATIONS;
use super::row::{
    Campaign, Count, EventRow, Halt, HaltKind, MessageRow, Opening, PlannedRow, Recipient, Removed,
};
use super::{LedgerError, Outcome, State};
use crate::StoreError;

/// How long to wait for another process, in milliseconds.
const WAIT_MS: u64 = 5_000;

/// Marks the file as a ledger: "ULdg".
const APPLICATION_ID: i64 = 0x554c_6467;

pub(super) struct Sqlite {
    connection: Connection,
    /// Whoever is no sender and wants to write holds it; a sender passes it before each turn. SQLite alone would
    /// let turns that follow one another closely keep everybody else out.
    gate: File,
}

/// The gate, held until this ends.
struct Passing<'a>(&'a File);

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        let _released = self.0.unlock();
    }
}

impl Sqlite {
    pub(super) fn open(path: &Utf8Path) -> Result<Self, LedgerError> {
        let at: Utf8PathBuf = path.to_owned();
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| StoreError::Open {
            at: at.to_string(),
            source,
        };
        let open = || -> rusqlite::Result<(Connection, bool)> {
            let connection = Connection::open(path)?;
            connection.busy_timeout(std::time::Duration::from_millis(WAIT_MS))?;
            connection.pragma_update(None, "trusted_schema", false)?;
            let number = |name: &str| -> rusqlite::Result<i64> {
                connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
            };
            let tables = "SELECT count(*) FROM sqlite_schema";
            let is_new: bool = connection.query_row(tables, [], |row| row.get::<_, i64>(0))? == 0;
            if !is_new && number("application_id")? != APPLICATION_ID {
                return Ok((connection, false));
            }
            // Readers never wait for the sender. A commit is on the disk before it is acknowledged.
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            // In KiB and pages: a campaign of 70,000 stays in memory, and its log is emptied seldom.
            connection.pragma_update(None, "cache_size", -16_384)?;
            connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
            if is_new {
                connection.pragma_update(None, "application_id", APPLICATION_ID)?;
            }
            Ok((connection, true))
        };
        let (connection, is_ledger) = open().map_err(|source| failed(source.into()))?;
        if !is_ledger {
            return Err(LedgerError::NotALedger { at: at.to_string() });
        }
        let folder = path.parent().filter(|folder| !folder.as_str().is_empty());
        File::open(folder.unwrap_or(Utf8Path::new(".")))
            .and_then(|folder| folder.sync_all())
            .map_err(|source| failed(source.into()))?;
        let gate = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(format!("{path}.gate"))
            .map_err(|source| failed(source.into()))?;
        Ok(Self { connection, gate })
    }

    /// Runs statements as one transaction.
    fn whole<T>(
        &mut self,
        doing: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Bad>,
    ) -> Result<T, LedgerError> {
        let bad = |error: Bad| error.told(doing);
        let held = self.gate.lock();
        held.map_err(|source| StoreError::database(doing)(source.into()))?;
        let _passing = Passing(&self.gate);
        let change = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| bad(error.into()))?;
        let done = work(&change).map_err(bad)?;
        change.commit().map_err(|error| bad(error.into()))?;
        Ok(done)
    }

    fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Bad>,
    ) -> Result<T, LedgerError> {
        work(&self.connection).map_err(|error| error.told(doing))
    }
}

/// What goes wrong while rows are read and written.
enum Bad {
    Sqlite(rusqlite::Error),
    Ledger(LedgerError),
}

impl From<rusqlite::Error> for Bad {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Bad {
    fn damaged(why: &'static str) -> Self {
        Self::Ledger(LedgerError::Damaged { why })
    }

    fn told(self, doing: &'static str) -> LedgerError {
        match self {
            Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                StoreError::Busy.into()
            }
            Self::Sqlite(error) => StoreError::database(doing)(error.into()).into(),
            Self::Ledger(error) => error,
        }
    }
}

/// Moves all that the log holds into the database, and empties the log.
fn checkpoint(connection: &Connection) -> Result<(), Bad> {
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    let is_busy: bool = connection.query_row(checkpoint, [], |row| row.get(0))?;
    if is_busy {
        return Err(Bad::Ledger(StoreError::Busy.into()));
    }
    Ok(())
}

fn state_of(number: i64) -> Result<State, Bad> {
    State::from_number(number).ok_or_else(|| Bad::damaged("a row has a state that there is not"))
}

fn small(number: i64) -> Result<u32, Bad> {
    u32::try_from(number).map_err(|_| Bad::damaged("a number is out of range"))
}

fn halt_of(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Halt>> {
    let kind = match row.get::<_, i64>(first)? {
        0 => return Ok(None),
        1 => HaltKind::Held,
        _ => HaltKind::Stopped,
    };
    Ok(Some(Halt {
        kind,
        actor: row.get::<_, Option<String>>(first + 1)?.unwrap_or_default(),
        why: row.get::<_, Option<String>>(first + 2)?.unwrap_or_default(),
        at_us: row.get::<_, Option<i64>>(first + 3)?.unwrap_or_default(),
    }))
}

fn add_event(change: &Connection, campaign: i64, event: &NewEvent<'_>) -> Result<(), Bad> {
    let insert = "INSERT INTO ledger_events (campaign, at_us, actor, kind, detail) \
                  VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = params![campaign, event.at_us, event.actor, event.kind, event.detail];
    change.execute(insert, values)?;
    Ok(())
}

const MESSAGE: &str = "SELECT key, recipient, stage, text, state, attempt, deferred, suspicious, \
                       not_before_us, owner, message_id, code, outcome, intent_us, answered_us, \
                       settled_us FROM ledger_messages";

fn messages(
    query: &mut Statement<'_>,
    values: impl rusqlite::Params,
) -> Result<Vec<MessageRow>, Bad> {
    let mut rows = query.query(values)?;
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        let outcome: Option<String> = row.get(12)?;
        read.push(MessageRow {
            key: api_key(row.get(0)?),
            recipient: Recipient(row.get(1)?),
            stage: small(row.get(2)?)?,
            text: small(row.get(3)?)?,
            state: state_of(row.get(4)?)?,
            attempt: small(row.get(5)?)?,
            deferred: small(row.get(6)?)?,
            suspicious: small(row.get(7)?)?,
            not_before_us: row.get(8)?,
            owner: row.get(9)?,
            message_id: row.get(10)?,
            code: row.get(11)?,
            outcome: outcome.as_deref().and_then(Outcome::from_name),
            intent_us: row.get(13)?,
            answered_us: row.get(14)?,
            settled_us: row.get(15)?,
        });
    }
    Ok(read)
}

impl Book for Sqlite {
    fn version(&mut self) -> Result<i64, LedgerError> {
        self.read("tell its version", |connection| {
            Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
        })
    }

    fn migrate(&mut self, from: i64) -> Result<(), LedgerError> {
        for step in MIGRATIONS.iter().filter(|step| step.number > from) {
            self.whole("be brought up to this version", |change| {
                let version = |row: &Row<'_>| row.get::<_, i64>(0);
                let now = change.query_row("PRAGMA user_version", [], version)?;
                // Another process may have been faster.
                if now < step.number {
                    change.execute_batch(step.sqlite)?;
                    change.pragma_update(None, "user_version", step.number)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn campaigns(&mut self) -> Result<Vec<Campaign>, LedgerError> {
        self.read("read its campaigns", |connection| {
            let mut query = connection.prepare(
                "SELECT number, id, plan_sha256, planned, opened_us, erased_us, \
                 halt, halt_actor, halt_why, halt_us FROM ledger_campaigns ORDER BY number",
            )?;
            let rows = query.query_map([], |row| {
                Ok(Campaign {
                    number: row.get(0)?,
                    id: row.get(1)?,
                    plan_sha256: Sha256Hash(row.get(2)?),
                    planned: api_key(row.get(3)?),
                    opened_us: row.get(4)?,
                    erased_us: row.get(5)?,
                    halt: halt_of(row, 6)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn plan(&mut self, opening: &Opening<'_>, rows: &[PlannedRow]) -> Result<(), LedgerError> {
        self.whole("take the plan", |change| {
            let insert = "INSERT INTO ledger_campaigns (id, plan_sha256, planned, opened_us) \
                          VALUES (?1, ?2, ?3, ?4)";
            let planned = i64::try_from(rows.len()).unwrap_or(i64::MAX);
            let values = params![
                opening.campaign,
                opening.plan_sha256.0,
                planned,
                opening.now_us
            ];
            change.execute(insert, values)?;
            let campaign = change.last_insert_rowid();
            let mut insert = change.prepare(
                "INSERT INTO ledger_messages (campaign, key, recipient, stage, text) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for row in rows {
                let key = db_key(row.key);
                insert.execute(params![campaign, key, row.recipient.0, row.stage, row.text])?;
            }
            let detail = format!("{} recipients, plan {}", rows.len(), opening.plan_sha256);
            let event = NewEvent {
                at_us: opening.now_us,
                actor: opening.actor,
                kind: "opened",
                detail: &detail,
            };
            add_event(change, campaign, &event)
        })
    }

    fn planned(&mut self, campaign: i64) -> Result<Vec<PlannedRow>, LedgerError> {
        self.read("read its rows", |connection| {
            let mut query = connection.prepare(
                "SELECT key, recipient, stage, text FROM ledger_messages \
                 WHERE campaign = ?1 ORDER BY key",
            )?;
            let mut rows = query.query([campaign])?;
            let mut read = Vec::new();
            while let Some(row) = rows.next()? {
                read.push(PlannedRow {
                    key: api_key(row.get(0)?),
                    recipient: Recipient(row.get(1)?),
                    stage: small(row.get(2)?)?,
                    text: small(row.get(3)?)?,
                });
            }
            Ok(read)
        })
    }

    fn start(&mut self, campaign: i64, who: &str, now_us: UtcMicros) -> Result<i64, LedgerError> {
        // After a failed fsync the log may look whole and not be on the disk: what it holds goes into the
        // database, written anew, before anything is put after it.
        self.read("empty its log", checkpoint)?;
        self.whole("take a sender", |change| {
            let insert = "INSERT INTO ledger_senders (who, started_us) VALUES (?1, ?2)";
            change.execute(insert, params![who, now_us])?;
            let owner = change.last_insert_rowid();
            let detail = format!("sender {owner}");
            let event = NewEvent {
                at_us: now_us,
                actor: who,
                kind: "started",
                detail: &detail,
            };
            add_event(change, campaign, &event)?;
            Ok(owner)
        })
    }

    fn take_dead(&mut self, mine: i64) -> Result<Vec<Left>, LedgerError> {
        // Whoever holds the lock is the only one alive.
        self.read("find what was left", |connection| {
            let mut query = connection.prepare(
                "SELECT campaign, key, owner FROM ledger_messages WHERE state = 1 AND owner <> ?1",
            )?;
            let rows = query.query_map([mine], |row| {
                Ok(Left {
                    campaign: row.get(0)?,
                    key: row.get(1)?,
                    owner: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn release_dead(&mut self) -> Result<(), LedgerError> {
        Ok(())
    }

    fn turn(
        &mut self,
        work: &TurnWork,
        decide: &mut dyn FnMut(Found) -> Changes,
    ) -> Result<TurnDone, TurnFault> {
        let fault = |may_be_written: bool| {
            move |error: Bad| TurnFault {
                error: error.told("take a turn"),
                may_be_written,
            }
        };
        let passed = self.gate.lock_shared().and_then(|()| self.gate.unlock());
        passed.map_err(|source| TurnFault {
            error: StoreError::database("take a turn")(source.into()).into(),
            may_be_written: false,
        })?;
        let change = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| fault(false)(error.into()))?;
        let mut work_done = || -> Result<TurnDone, Bad> {
            let changes = decide(turn::find(&change, work)?);
            if !changes.is_empty() {
                turn::write(&change, work, &changes)?;
            }
            let halt = "SELECT halt, halt_actor, halt_why, halt_us FROM ledger_campaigns \
                        WHERE number = ?1";
            let mut done = TurnDone {
                halt: change.query_row(halt, [work.campaign], |row| halt_of(row, 0))?,
                ..TurnDone::default()
            };
            if work.claim.most > 0 && done.halt.is_none() {
                turn::claim(&change, work, &mut done)?;
            }
            if done.claimed.len() < work.claim.most {
                done.next_due_us = turn::next_due(&change, work)?;
            }
            Ok(done)
        };
        match work_done() {
            Ok(done) => {
                // Whether a commit that failed is on the disk nobody knows.
                change.commit().map_err(|error| fault(true)(error.into()))?;
                Ok(done)
            }
            Err(error) => {
                let is_undone = change.rollback().is_ok();
                Err(fault(!is_undone)(error))
            }
        }
    }

    fn set_halt(
        &mut self,
        campaign: i64,
        halt: Option<&Halt>,
        event: &NewEvent<'_>,
    ) -> Result<(), LedgerError> {
        self.whole("halt the campaign", |change| {
            let update = "UPDATE ledger_campaigns SET halt = ?2, halt_actor = ?3, halt_why = ?4, \
                          halt_us = ?5 WHERE number = ?1";
            let kind = halt.map_or(0, |halt| match halt.kind {
                HaltKind::Held => 1,
                HaltKind::Stopped => 2,
            });
            let values = params![
                campaign,
                kind,
                halt.map(|halt| &halt.actor),
                halt.map(|halt| &halt.why),
                halt.map(|halt| halt.at_us)
            ];
            change.execute(update, values)?;
            add_event(change, campaign, event)
        })
    }

    fn remove(
        &mut self,
        campaign: i64,
        recipients: &[Recipient],
        event: &NewEvent<'_>,
    ) -> Result<Removed, LedgerError> {
        self.whole("remove recipients", |change| {
            let mut removed = Removed::default();
            let mut query = change.prepare(
                "SELECT key, state FROM ledger_messages WHERE recipient = ?1 AND campaign = ?2",
            )?;
            let mut update = change.prepare(
                "UPDATE ledger_messages SET state = 9 \
                 WHERE campaign = ?1 AND key = ?2 AND state = 0",
            )?;
            for recipient in recipients {
                let found = query
                    .query_row(params![recipient.0, campaign], |row| {
                        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                    })
                    .optional()?;
                let Some((key, state)) = found else {
                    removed.absent += 1;
                    continue;
                };
                let state = state_of(state)?;
                if state == State::Planned {
                    update.execute([campaign, key])?;
                    removed.removed += 1;
                } else if state == State::Removed {
                    removed.already += 1;
                } else {
                    removed.too_late.push((api_key(key), state));
                }
            }
            removed.too_late.sort_unstable();
            let detail = format!("{} removed: {}", removed.removed, event.detail);
            let event = NewEvent {
                detail: &detail,
                ..*event
            };
            add_event(change, campaign, &event)?;
            Ok(removed)
        })
    }

    fn settle(
        &mut self,
        campaign: i64,
        key: i64,
        outcome: Outcome,
        event: &NewEvent<'_>,
    ) -> Result<bool, LedgerError> {
        self.whole("settle a row", |change| {
            let update = "UPDATE ledger_messages SET state = 8, outcome = ?3, settled_us = ?4 \
                          WHERE campaign = ?1 AND key = ?2 AND state IN (2, 4)";
            let values = params![campaign, key, outcome.name(), event.at_us];
            let is_settled = change.execute(update, values)? == 1;
            if is_settled {
                add_event(change, campaign, event)?;
            }
            Ok(is_settled)
        })
    }

    fn told(&mut self, except: i64, recipients: &[Recipient]) -> Result<Vec<bool>, LedgerError> {
        self.read("look recipients up", |connection| {
            let mut query = connection.prepare(
                "SELECT EXISTS (SELECT 1 FROM ledger_messages \
                 WHERE recipient = ?1 AND campaign <> ?2 AND (state IN (1, 2, 4, 5, 6, 7) \
                 OR (state = 8 AND outcome <> 'not-arrived')))",
            )?;
            let asked = recipients.iter().map(|recipient| {
                query.query_row(params![recipient.0, except], |row| row.get::<_, bool>(0))
            });
            Ok(asked.collect::<Result<_, _>>()?)
        })
    }

    fn counts(&mut self, campaign: i64) -> Result<Vec<Count>, LedgerError> {
        self.read("count its rows", |connection| {
            let mut query = connection.prepare(
                "SELECT stage, state, coalesce(code, ''), count(*) FROM ledger_messages \
                 WHERE campaign = ?1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            )?;
            let mut rows = query.query([campaign])?;
            let mut read = Vec::new();
            while let Some(row) = rows.next()? {
                read.push(Count {
                    stage: small(row.get(0)?)?,
                    state: state_of(row.get(1)?)?,
                    code: row.get(2)?,
                    rows: api_key(row.get(3)?),
                });
            }
            Ok(read)
        })
    }

    fn row(&mut self, campaign: i64, key: i64) -> Result<Option<MessageRow>, LedgerError> {
        self.read("read a row", |connection| {
            let mut query =
                connection.prepare(&format!("{MESSAGE} WHERE campaign = ?1 AND key = ?2"))?;
            Ok(messages(&mut query, [campaign, key])?.pop())
        })
    }

    fn rows(&mut self, campaign: i64, state: State) -> Result<Vec<MessageRow>, LedgerError> {
        self.read("read its rows", |connection| {
            let mut query = connection.prepare(&format!(
                "{MESSAGE} WHERE campaign = ?1 AND state = ?2 ORDER BY key"
            ))?;
            messages(&mut query, [campaign, state.number()])
        })
    }

    fn orphans(&mut self, campaign: i64) -> Result<u64, LedgerError> {
        self.read("count its receipts", |connection| {
            let query = "SELECT count(*) FROM ledger_orphans WHERE campaign = ?1";
            Ok(connection.query_row(query, [campaign], |row| row.get(0).map(api_key))?)
        })
    }

    fn events(&mut self, campaign: i64, after: i64) -> Result<Vec<EventRow>, LedgerError> {
        self.read("read its events", |connection| {
            let mut query = connection.prepare(
                "SELECT number, at_us, actor, kind, detail FROM ledger_events \
                 WHERE campaign = ?1 AND number > ?2 ORDER BY number",
            )?;
            let rows = query.query_map([campaign, after], |row| {
                Ok(EventRow {
                    number: api_key(row.get(0)?),
                    at_us: row.get(1)?,
                    actor: row.get(2)?,
                    kind: row.get(3)?,
                    detail: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn add_event(&mut self, campaign: i64, event: &NewEvent<'_>) -> Result<(), LedgerError> {
        self.whole("take an event", |change| add_event(change, campaign, event))
    }

    fn note(&mut self, campaign: i64, name: &str) -> Result<Option<String>, LedgerError> {
        self.read("read a note", |connection| {
            let query = "SELECT value FROM ledger_notes WHERE campaign = ?1 AND name = ?2";
            let value = connection.query_row(query, params![campaign, name], |row| row.get(0));
            Ok(value.optional()?)
        })
    }

    fn set_note(&mut self, campaign: i64, name: &str, value: &str) -> Result<(), LedgerError> {
        self.whole("keep a note", |change| {
            let insert = "INSERT INTO ledger_notes (campaign, name, value) VALUES (?1, ?2, ?3) \
                          ON CONFLICT (campaign, name) DO UPDATE SET value = excluded.value";
            change.execute(insert, params![campaign, name, value])?;
            Ok(())
        })
    }

    fn erase(&mut self, campaign: i64, event: &NewEvent<'_>) -> Result<(), LedgerError> {
        self.whole("erase", |change| {
            for statement in [
                "DELETE FROM ledger_ids WHERE campaign = ?1",
                "DELETE FROM ledger_orphan_ids WHERE orphan IN \
                 (SELECT id FROM ledger_orphans WHERE campaign = ?1)",
                "DELETE FROM ledger_orphans WHERE campaign = ?1",
                "UPDATE ledger_messages SET message_id = NULL \
                 WHERE campaign = ?1 AND message_id IS NOT NULL",
            ] {
                change.execute(statement, [campaign])?;
            }
            let update = "UPDATE ledger_campaigns SET erased_us = ?2 WHERE number = ?1";
            change.execute(update, [campaign, event.at_us])?;
            add_event(change, campaign, event)
        })?;
        // Neither free pages nor the log keep what was there.
        self.read("erase", |connection| {
            connection.execute_batch("VACUUM")?;
            checkpoint(connection)
        })
    }
}
