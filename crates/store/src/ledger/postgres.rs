//! A ledger in a schema of a PostgreSQL server, for several senders at once.
//!
//! A turn is two round trips: what it concerns is locked and read, then written, claimed and committed
//! together. Values of all rows go as arrays.

mod cells;
mod turn;

use unspoof_model::{Sha256Hash, UtcMicros};

use super::book::{Book, Left, NewEvent, TurnDone, TurnFault, TurnWork};
use super::decide::{Changes, Found, api_key, db_key};
use super::migrations::MIGRATIONS;
use super::row::{
    Campaign, Count, EventRow, Halt, HaltKind, MessageRow, Opening, PlannedRow, Recipient, Removed,
};
use super::{LedgerError, Outcome, State};
use crate::postgres::connection::{Ask, Connection, Fault, Row};
use crate::{PostgresUrl, StoreError};
use cells::{Cells, bytes, bytes_array, number, numbers};

/// The greatest number of recipients in one statement.
const AT_ONCE: usize = 5_000;

pub(super) struct Postgres {
    connection: Connection,
    schema: String,
    /// Dead senders whose locks this session holds, so that they stay dead.
    dead: Vec<i64>,
}

fn failed(doing: &'static str) -> impl Fn(Fault) -> LedgerError {
    move |fault| StoreError::database(doing)(fault.into()).into()
}

impl Postgres {
    pub(super) fn open(url: &PostgresUrl, schema: &str) -> Result<Self, LedgerError> {
        let opened = Connection::open(url).and_then(|mut connection| {
            // Whoever makes a ledger or brings it up to a version does it alone.
            let name = format!("unspoof ledger {schema}");
            connection.run("BEGIN")?;
            let lock = "SELECT pg_advisory_xact_lock(hashtext($1))";
            connection.query(lock, &[Some(&name)])?;
            // Names are made of a-z, 0-9 and _ alone.
            connection.run(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))?;
            connection.run(&format!("SET search_path TO {schema}"))?;
            connection
                .run("CREATE TABLE IF NOT EXISTS ledger_versions (number BIGINT PRIMARY KEY)")?;
            connection.run("COMMIT")?;
            // A commit is on the disk before it is acknowledged, whatever the server's default.
            connection.run("SET synchronous_commit TO on")?;
            // All that a turn asks for, it asks for by an index. A server that has not counted its rows yet
            // would rather read whole tables, and keep that plan.
            connection.run(
                "SET enable_seqscan TO off; SET enable_hashjoin TO off; SET enable_mergejoin TO off; \
                 SET plan_cache_mode TO force_generic_plan; SET jit TO off",
            )?;
            Ok(connection)
        });
        let connection = opened.map_err(|source| StoreError::Open {
            at: url.to_string(),
            source: source.into(),
        })?;
        Ok(Self {
            connection,
            schema: schema.to_owned(),
            dead: Vec::new(),
        })
    }

    /// Asks one question.
    fn ask(
        &mut self,
        doing: &'static str,
        sql: &str,
        values: Vec<Option<String>>,
    ) -> Result<Vec<Row>, LedgerError> {
        let asks = [Ask { sql, values }];
        let answers = self.connection.batch(&asks).map_err(failed(doing))?;
        Ok(answers.into_iter().next().unwrap_or_default())
    }

    /// Runs statements as one transaction: without `BEGIN` a batch is one.
    fn whole(
        &mut self,
        doing: &'static str,
        asks: &[Ask<'_>],
    ) -> Result<Vec<Vec<Row>>, LedgerError> {
        self.connection.batch(asks).map_err(failed(doing))
    }

    /// The name of the locks by which senders show that they live.
    fn lock_name(&self) -> String {
        format!("unspoof ledger {}", self.schema)
    }
}

const EVENT: &str = "INSERT INTO ledger_events (campaign, at_us, actor, kind, detail) \
                     VALUES ($1, $2, $3, $4, $5)";

fn event_ask<'a>(campaign: i64, event: &NewEvent<'_>) -> Ask<'a> {
    Ask {
        sql: EVENT,
        values: vec![
            number(campaign),
            number(event.at_us),
            Some(event.actor.to_owned()),
            Some(event.kind.to_owned()),
            Some(event.detail.to_owned()),
        ],
    }
}

fn halt_of(row: &mut Cells, first: usize) -> Result<Option<Halt>, LedgerError> {
    let kind = match row.int(first)? {
        0 => return Ok(None),
        1 => HaltKind::Held,
        _ => HaltKind::Stopped,
    };
    Ok(Some(Halt {
        kind,
        actor: row.take(first + 1).unwrap_or_default(),
        why: row.take(first + 2).unwrap_or_default(),
        at_us: row.maybe_int(first + 3)?.unwrap_or_default(),
    }))
}

const MESSAGE: &str = "SELECT key, recipient, stage, text, state, attempt, deferred, suspicious, \
                       not_before_us, owner, message_id, code, outcome, intent_us, answered_us, \
                       settled_us FROM ledger_messages";

fn message(row: Row) -> Result<MessageRow, LedgerError> {
    let mut row = Cells(row);
    let outcome = row.take(12);
    Ok(MessageRow {
        key: api_key(row.int(0)?),
        recipient: Recipient(row.hash(1)?),
        stage: row.small(2)?,
        text: row.small(3)?,
        state: row.state(4)?,
        attempt: row.small(5)?,
        deferred: row.small(6)?,
        suspicious: row.small(7)?,
        not_before_us: row.int(8)?,
        owner: row.maybe_int(9)?,
        message_id: row.take(10),
        code: row.take(11),
        outcome: outcome.as_deref().and_then(Outcome::from_name),
        intent_us: row.maybe_int(13)?,
        answered_us: row.maybe_int(14)?,
        settled_us: row.maybe_int(15)?,
    })
}

impl Book for Postgres {
    fn version(&mut self) -> Result<i64, LedgerError> {
        let query = "SELECT coalesce(max(number), 0) FROM ledger_versions";
        let rows = self.ask("tell its version", query, Vec::new())?;
        Cells::only(rows)?.int(0)
    }

    fn migrate(&mut self, from: i64) -> Result<(), LedgerError> {
        for step in MIGRATIONS.iter().filter(|step| step.number > from) {
            let done = self.connection.run("BEGIN").and_then(|()| {
                let connection = &mut self.connection;
                connection.run("LOCK TABLE ledger_versions IN EXCLUSIVE MODE")?;
                let number = step.number.to_string();
                let there = "SELECT number FROM ledger_versions WHERE number = $1";
                // Another process may have been faster.
                if connection.query(there, &[Some(&number)])?.is_empty() {
                    connection.run(step.postgres)?;
                    let insert = "INSERT INTO ledger_versions (number) VALUES ($1)";
                    connection.query(insert, &[Some(&number)])?;
                }
                connection.run("COMMIT")
            });
            if done.is_err() {
                // The first error is the one to tell; a broken connection rolls back by itself.
                let _rolled_back = self.connection.run("ROLLBACK");
            }
            done.map_err(failed("be brought up to this version"))?;
        }
        Ok(())
    }

    fn campaigns(&mut self) -> Result<Vec<Campaign>, LedgerError> {
        let query = "SELECT number, id, plan_sha256, planned, opened_us, erased_us, \
                     halt, halt_actor, halt_why, halt_us FROM ledger_campaigns ORDER BY number";
        let rows = self.ask("read its campaigns", query, Vec::new())?;
        let read = |row: Row| -> Result<Campaign, LedgerError> {
            let mut row = Cells(row);
            Ok(Campaign {
                number: row.int(0)?,
                id: row.text(1)?,
                plan_sha256: Sha256Hash(row.hash(2)?),
                planned: api_key(row.int(3)?),
                opened_us: row.int(4)?,
                erased_us: row.maybe_int(5)?,
                halt: halt_of(&mut row, 6)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    fn plan(&mut self, opening: &Opening<'_>, rows: &[PlannedRow]) -> Result<(), LedgerError> {
        let campaign = "(SELECT number FROM ledger_campaigns WHERE id = $1)";
        let insert = format!(
            "INSERT INTO ledger_messages (campaign, key, recipient, stage, text) \
             SELECT {campaign}, * \
             FROM unnest($2::bigint[], $3::bytea[], $4::bigint[], $5::bigint[])"
        );
        let event = format!(
            "INSERT INTO ledger_events (campaign, at_us, actor, kind, detail) \
             VALUES ({campaign}, $2, $3, 'opened', $4)"
        );
        let id = || Some(opening.campaign.to_owned());
        let mut asks = vec![Ask {
            sql: "INSERT INTO ledger_campaigns (id, plan_sha256, planned, opened_us) \
                  VALUES ($1, $2, $3, $4)",
            values: vec![
                id(),
                bytes(&opening.plan_sha256.0),
                Some(rows.len().to_string()),
                number(opening.now_us),
            ],
        }];
        for rows in rows.chunks(AT_ONCE) {
            asks.push(Ask {
                sql: &insert,
                values: vec![
                    id(),
                    numbers(rows.iter().map(|row| db_key(row.key))),
                    bytes_array(rows.iter().map(|row| row.recipient.0)),
                    numbers(rows.iter().map(|row| i64::from(row.stage))),
                    numbers(rows.iter().map(|row| i64::from(row.text))),
                ],
            });
        }
        let detail = format!("{} recipients, plan {}", rows.len(), opening.plan_sha256);
        asks.push(Ask {
            sql: &event,
            values: vec![
                id(),
                number(opening.now_us),
                Some(opening.actor.to_owned()),
                Some(detail),
            ],
        });
        self.whole("take the plan", &asks)?;
        // So that the server chooses its ways by what is there.
        self.ask("take the plan", "ANALYZE ledger_messages", Vec::new())?;
        Ok(())
    }

    fn planned(&mut self, campaign: i64) -> Result<Vec<PlannedRow>, LedgerError> {
        let query = "SELECT key, recipient, stage, text FROM ledger_messages \
                     WHERE campaign = $1 ORDER BY key";
        let rows = self.ask("read its rows", query, vec![number(campaign)])?;
        let read = |row: Row| -> Result<PlannedRow, LedgerError> {
            let row = Cells(row);
            Ok(PlannedRow {
                key: api_key(row.int(0)?),
                recipient: Recipient(row.hash(1)?),
                stage: row.small(2)?,
                text: row.small(3)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    fn start(&mut self, campaign: i64, who: &str, now_us: UtcMicros) -> Result<i64, LedgerError> {
        let doing = "take a sender";
        let insert = "INSERT INTO ledger_senders (who, started_us) VALUES ($1, $2) \
                      RETURNING number";
        let rows = self.ask(doing, insert, vec![Some(who.to_owned()), number(now_us)])?;
        let owner = Cells::only(rows)?.int(0)?;
        // Held until this session ends, however it ends. Before it, nothing is claimed.
        let lock = "SELECT pg_advisory_lock(hashtext($1), $2::int)";
        let name = Some(self.lock_name());
        self.ask(doing, lock, vec![name, number(owner)])?;
        let event = NewEvent {
            at_us: now_us,
            actor: who,
            kind: "started",
            detail: &format!("sender {owner}"),
        };
        self.whole(doing, &[event_ask(campaign, &event)])?;
        Ok(owner)
    }

    fn take_dead(&mut self, mine: i64) -> Result<Vec<Left>, LedgerError> {
        let doing = "find what was left";
        let query = "SELECT DISTINCT owner FROM ledger_messages WHERE state = 1 AND owner <> $1";
        for row in self.ask(doing, query, vec![number(mine)])? {
            let owner = Cells(row).int(0)?;
            // Whoever lives holds this lock.
            let lock = "SELECT pg_try_advisory_lock(hashtext($1), $2::int)";
            let name = Some(self.lock_name());
            let taken = self.ask(doing, lock, vec![name, number(owner)])?;
            if Cells::only(taken)?.text(0)? == "t" {
                self.dead.push(owner);
            }
        }
        if self.dead.is_empty() {
            return Ok(Vec::new());
        }
        let query = "SELECT campaign, key, owner FROM ledger_messages \
                     WHERE state = 1 AND owner = ANY ($1::bigint[])";
        let values = vec![numbers(self.dead.iter().copied())];
        let rows = self.ask(doing, query, values)?;
        let read = |row: Row| -> Result<Left, LedgerError> {
            let row = Cells(row);
            Ok(Left {
                campaign: row.int(0)?,
                key: row.int(1)?,
                owner: row.int(2)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    fn release_dead(&mut self) -> Result<(), LedgerError> {
        for owner in std::mem::take(&mut self.dead) {
            let unlock = "SELECT pg_advisory_unlock(hashtext($1), $2::int)";
            let name = Some(self.lock_name());
            self.ask("release what was left", unlock, vec![name, number(owner)])?;
        }
        Ok(())
    }

    fn turn(
        &mut self,
        work: &TurnWork,
        decide: &mut dyn FnMut(Found) -> Changes,
    ) -> Result<TurnDone, TurnFault> {
        turn::turn(&mut self.connection, work, decide)
    }

    fn set_halt(
        &mut self,
        campaign: i64,
        halt: Option<&Halt>,
        event: &NewEvent<'_>,
    ) -> Result<(), LedgerError> {
        let kind = halt.map_or(0, |halt| match halt.kind {
            HaltKind::Held => 1,
            HaltKind::Stopped => 2,
        });
        // Waits for turns under way; those that come later see it.
        let update = Ask {
            sql: "UPDATE ledger_campaigns SET halt = $2, halt_actor = $3, halt_why = $4, \
                  halt_us = $5 WHERE number = $1",
            values: vec![
                number(campaign),
                number(kind),
                halt.map(|halt| halt.actor.clone()),
                halt.map(|halt| halt.why.clone()),
                halt.and_then(|halt| number(halt.at_us)),
            ],
        };
        self.whole("halt the campaign", &[update, event_ask(campaign, event)])?;
        Ok(())
    }

    fn remove(
        &mut self,
        campaign: i64,
        recipients: &[Recipient],
        event: &NewEvent<'_>,
    ) -> Result<Removed, LedgerError> {
        let list = || bytes_array(recipients.iter().map(|recipient| recipient.0));
        let before = Ask {
            sql: "SELECT key, state FROM ledger_messages \
                  WHERE campaign = $1 AND recipient = ANY ($2::bytea[]) ORDER BY key FOR UPDATE",
            values: vec![number(campaign), list()],
        };
        // The event counts what is removed, so it comes first, in the same transaction.
        let told = Ask {
            sql: "INSERT INTO ledger_events (campaign, at_us, actor, kind, detail) \
                  SELECT $1, $3, $4, $5, count(*) || ' removed: ' || $6 FROM ledger_messages \
                  WHERE campaign = $1 AND recipient = ANY ($2::bytea[]) AND state = 0",
            values: vec![
                number(campaign),
                list(),
                number(event.at_us),
                Some(event.actor.to_owned()),
                Some(event.kind.to_owned()),
                Some(event.detail.to_owned()),
            ],
        };
        let update = Ask {
            sql: "UPDATE ledger_messages SET state = 9 \
                  WHERE campaign = $1 AND recipient = ANY ($2::bytea[]) AND state = 0",
            values: vec![number(campaign), list()],
        };
        let mut answers = self.whole("remove recipients", &[before, told, update])?;
        let mut removed = Removed::default();
        let found = answers.swap_remove(0);
        removed.absent = (recipients.len() - found.len()) as u64;
        for row in found {
            let row = Cells(row);
            let state = row.state(1)?;
            if state == State::Planned {
                removed.removed += 1;
            } else if state == State::Removed {
                removed.already += 1;
            } else {
                removed.too_late.push((api_key(row.int(0)?), state));
            }
        }
        Ok(removed)
    }

    fn settle(
        &mut self,
        campaign: i64,
        key: i64,
        outcome: Outcome,
        event: &NewEvent<'_>,
    ) -> Result<bool, LedgerError> {
        let sql = "WITH done AS (UPDATE ledger_messages \
                   SET state = 8, outcome = $3, settled_us = $4 \
                   WHERE campaign = $1 AND key = $2 AND state IN (2, 4) RETURNING campaign) \
                   INSERT INTO ledger_events (campaign, at_us, actor, kind, detail) \
                   SELECT campaign, $4, $5, $6, $7 FROM done RETURNING number";
        let values = vec![
            number(campaign),
            number(key),
            Some(outcome.name().to_owned()),
            number(event.at_us),
            Some(event.actor.to_owned()),
            Some(event.kind.to_owned()),
            Some(event.detail.to_owned()),
        ];
        Ok(!self.ask("settle a row", sql, values)?.is_empty())
    }

    fn told(&mut self, except: i64, recipients: &[Recipient]) -> Result<Vec<bool>, LedgerError> {
        let query = "SELECT EXISTS (SELECT 1 FROM ledger_messages m \
                     WHERE m.recipient = asked.recipient AND m.campaign <> $1 \
                     AND (m.state IN (1, 2, 4, 5, 6, 7) \
                     OR (m.state = 8 AND m.outcome <> 'not-arrived'))) \
                     FROM unnest($2::bytea[]) WITH ORDINALITY AS asked (recipient, place) \
                     ORDER BY place";
        let mut told = Vec::with_capacity(recipients.len());
        for recipients in recipients.chunks(AT_ONCE) {
            let list = bytes_array(recipients.iter().map(|recipient| recipient.0));
            let rows = self.ask("look recipients up", query, vec![number(except), list])?;
            for row in rows {
                told.push(Cells(row).text(0)? == "t");
            }
        }
        Ok(told)
    }

    fn counts(&mut self, campaign: i64) -> Result<Vec<Count>, LedgerError> {
        let query = "SELECT stage, state, coalesce(code, '') COLLATE \"C\", count(*) \
                     FROM ledger_messages WHERE campaign = $1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
        let rows = self.ask("count its rows", query, vec![number(campaign)])?;
        let read = |row: Row| -> Result<Count, LedgerError> {
            let mut row = Cells(row);
            Ok(Count {
                stage: row.small(0)?,
                state: row.state(1)?,
                code: row.text(2)?,
                rows: api_key(row.int(3)?),
            })
        };
        rows.into_iter().map(read).collect()
    }

    fn row(&mut self, campaign: i64, key: i64) -> Result<Option<MessageRow>, LedgerError> {
        let query = format!("{MESSAGE} WHERE campaign = $1 AND key = $2");
        let values = vec![number(campaign), number(key)];
        let rows = self.ask("read a row", &query, values)?;
        rows.into_iter().next().map(message).transpose()
    }

    fn rows(&mut self, campaign: i64, state: State) -> Result<Vec<MessageRow>, LedgerError> {
        let query = format!("{MESSAGE} WHERE campaign = $1 AND state = $2 ORDER BY key");
        let values = vec![number(campaign), number(state.number())];
        let rows = self.ask("read its rows", &query, values)?;
        rows.into_iter().map(message).collect()
    }

    fn orphans(&mut self, campaign: i64) -> Result<u64, LedgerError> {
        let query = "SELECT count(*) FROM ledger_orphans WHERE campaign = $1";
        let rows = self.ask("count its receipts", query, vec![number(campaign)])?;
        Cells::only(rows)?.int(0).map(api_key)
    }

    fn events(&mut self, campaign: i64, after: i64) -> Result<Vec<EventRow>, LedgerError> {
        let query = "SELECT number, at_us, actor, kind, detail FROM ledger_events \
                     WHERE campaign = $1 AND number > $2 ORDER BY number";
        let values = vec![number(campaign), number(after)];
        let rows = self.ask("read its events", query, values)?;
        let read = |row: Row| -> Result<EventRow, LedgerError> {
            let mut row = Cells(row);
            Ok(EventRow {
                number: api_key(row.int(0)?),
                at_us: row.int(1)?,
                actor: row.text(2)?,
                kind: row.text(3)?,
                detail: row.text(4)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    fn add_event(&mut self, campaign: i64, event: &NewEvent<'_>) -> Result<(), LedgerError> {
        self.whole("take an event", &[event_ask(campaign, event)])?;
        Ok(())
    }

    fn note(&mut self, campaign: i64, name: &str) -> Result<Option<String>, LedgerError> {
        let query = "SELECT value FROM ledger_notes WHERE campaign = $1 AND name = $2";
        let values = vec![number(campaign), Some(name.to_owned())];
        let rows = self.ask("read a note", query, values)?;
        Ok(rows.into_iter().next().and_then(|row| Cells(row).take(0)))
    }

    fn set_note(&mut self, campaign: i64, name: &str, value: &str) -> Result<(), LedgerError> {
        let insert = "INSERT INTO ledger_notes (campaign, name, value) VALUES ($1, $2, $3) \
                      ON CONFLICT (campaign, name) DO UPDATE SET value = excluded.value";
        let text = |text: &str| Some(text.to_owned());
        let values = vec![number(campaign), text(name), text(value)];
        self.ask("keep a note", insert, values)?;
        Ok(())
    }

    fn erase(&mut self, campaign: i64, event: &NewEvent<'_>) -> Result<(), LedgerError> {
        let of = |sql| Ask {
            sql,
            values: vec![number(campaign)],
        };
        let asks = [
            of("DELETE FROM ledger_ids WHERE campaign = $1"),
            of("DELETE FROM ledger_orphan_ids WHERE orphan IN \
                (SELECT id FROM ledger_orphans WHERE campaign = $1)"),
            of("DELETE FROM ledger_orphans WHERE campaign = $1"),
            of("UPDATE ledger_messages SET message_id = NULL \
                WHERE campaign = $1 AND message_id IS NOT NULL"),
            Ask {
                sql: "UPDATE ledger_campaigns SET erased_us = $2 WHERE number = $1",
                values: vec![number(campaign), number(event.at_us)],
            },
            event_ask(campaign, event),
        ];
        self.whole("erase", &asks)?;
        // Written anew without the rows that are gone.
        for table in [
            "ledger_ids",
            "ledger_orphan_ids",
            "ledger_orphans",
            "ledger_messages",
        ] {
            self.connection
                .run(&format!("VACUUM FULL {table}"))
                .map_err(failed("erase"))?;
        }
        Ok(())
    }
}
