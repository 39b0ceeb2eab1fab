//! A turn in two round trips.

use super::cells::{Cells, bytes_array, maybe_bytes, maybe_numbers, number, numbers, texts};
use super::{event_ask, halt_of};
use crate::StoreError;
use crate::ledger::book::{NewEvent, TurnDone, TurnFault, TurnWork};
use crate::ledger::decide::{At, Changes, Current, Found, IdRow, Orphan, Step, api_key, db_key};
use crate::ledger::row::{Claimed, ReceiptIn, Recipient};
use crate::ledger::{LedgerError, Said};
use crate::postgres::connection::{Ask, Connection, Fault, Row};

/// How often a turn is tried that two senders could only do one after the other.
const TRIES: usize = 8;

/// Why a try failed.
enum Bad {
    /// Undone for sure; it may be tried again.
    Again(LedgerError),
    /// Undone for sure.
    Undone(LedgerError),
    /// Nobody knows.
    Open(LedgerError),
}

fn told(fault: Fault) -> LedgerError {
    StoreError::database("take a turn")(fault.into()).into()
}

/// What a fault means before anything was committed.
fn before_commit(fault: Fault) -> Bad {
    match &fault {
        // Deadlock, serialization failure: PostgreSQL has undone it.
        Fault::Server { code, .. } if code == "40P01" || code == "40001" => Bad::Again(told(fault)),
        Fault::Server { .. } => Bad::Undone(told(fault)),
        // Undone as well, but nothing more comes over this connection.
        Fault::Io(_) | Fault::Password | Fault::Login | Fault::Unexpected => Bad::Open(told(fault)),
    }
}

/// What a fault means in the trip that ends with the commit.
fn with_commit(fault: Fault) -> Bad {
    match before_commit(fault) {
        Bad::Undone(error) => Bad::Open(error),
        bad @ (Bad::Again(_) | Bad::Open(_)) => bad,
    }
}

pub(super) fn turn(
    connection: &mut Connection,
    work: &TurnWork,
    decide: &mut dyn FnMut(Found) -> Changes,
) -> Result<TurnDone, TurnFault> {
    let mut tries = 0;
    loop {
        tries += 1;
        let bad = match once(connection, work, decide) {
            Ok(done) => return Ok(done),
            Err(bad) => bad,
        };
        let is_undone = connection.run("ROLLBACK").is_ok();
        let (error, may_be_written) = match bad {
            Bad::Again(_) if is_undone && tries < TRIES => continue,
            Bad::Again(error) | Bad::Undone(error) => (error, !is_undone),
            Bad::Open(error) => (error, true),
        };
        return Err(TurnFault {
            error,
            may_be_written,
        });
    }
}

const CURRENT: &str = "SELECT m.campaign, m.key, m.recipient, m.state, m.attempt, m.owner, \
                       m.message_id, m.parts_left FROM ledger_messages m";

fn current(row: Row) -> Result<Current, LedgerError> {
    let mut row = Cells(row);
    Ok(Current {
        at: (row.int(0)?, row.int(1)?),
        recipient: Recipient(row.hash(2)?),
        state: row.state(3)?,
        attempt: row.int(4)?,
        owner: row.maybe_int(5)?,
        message_id: row.take(6),
        parts_left: row.int(7)?,
    })
}

fn id_row(row: Row) -> Result<IdRow, LedgerError> {
    let mut row = Cells(row);
    Ok(IdRow {
        message_id: row.text(0)?,
        at: (row.int(1)?, row.int(2)?),
        is_told: row.maybe_int(3)?.is_some(),
    })
}

fn orphan(row: Row) -> Result<Orphan, LedgerError> {
    let mut row = Cells(row);
    let message_ids = row.text(4)?;
    let ids = message_ids.split(' ').filter(|id| !id.is_empty());
    let said = Said::from_state(row.state(5)?);
    let why = "a receipt says nothing";
    Ok(Orphan {
        id: row.hash(0)?,
        campaign: row.int(1)?,
        receipt: ReceiptIn {
            key: row.maybe_int(2)?.map(api_key),
            recipient: row.maybe_hash(3)?.map(Recipient),
            message_ids: ids.map(str::to_owned).collect(),
            said: said.ok_or(LedgerError::Damaged { why })?,
            code: row.text(6)?,
        },
    })
}

/// Ids and the rows that they name, rows by recipient, rows by name.
fn look_up<'a>(
    sql: &'a LookUp,
    ids: &[&str],
    recipients: &[Recipient],
    names: &[At],
) -> [Ask<'a>; 4] {
    let ids = || texts(ids.iter().map(|id| Some(*id)));
    [
        Ask {
            sql: "SELECT message_id, campaign, key, state FROM ledger_ids \
                  WHERE message_id = ANY ($1::text[])",
            values: vec![ids()],
        },
        Ask {
            sql: &sql.by_id,
            values: vec![ids()],
        },
        Ask {
            sql: &sql.by_recipient,
            values: vec![bytes_array(recipients.iter().map(|who| who.0))],
        },
        Ask {
            sql: &sql.by_name,
            values: vec![
                numbers(names.iter().map(|at| at.0)),
                numbers(names.iter().map(|at| at.1)),
            ],
        },
    ]
}

struct LookUp {
    by_id: String,
    by_recipient: String,
    by_name: String,
}

impl LookUp {
    fn new() -> Self {
        let lock = "ORDER BY m.campaign, m.key FOR UPDATE OF m";
        Self {
            by_id: format!(
                "{CURRENT} WHERE (m.campaign, m.key) IN (SELECT campaign, key FROM ledger_ids \
                 WHERE message_id = ANY ($1::text[])) {lock}"
            ),
            by_recipient: format!("{CURRENT} WHERE m.recipient = ANY ($1::bytea[]) {lock}"),
            by_name: format!(
                "{CURRENT} JOIN unnest($1::bigint[], $2::bigint[]) AS n (campaign, key) \
                 ON n.campaign = m.campaign AND n.key = m.key {lock}"
            ),
        }
    }

    /// Adds what the four answers hold.
    fn take(
        found: &mut Found,
        answers: &mut impl Iterator<Item = Vec<Row>>,
    ) -> Result<(), LedgerError> {
        for row in answers.next().unwrap_or_default() {
            found.ids.push(id_row(row)?);
        }
        for row in answers.take(3).flatten() {
            found.rows.push(current(row)?);
        }
        Ok(())
    }
}

/// Orphans that answers may be waited for by: by the new ids, by key, by recipient.
const ORPHANS: &str = "SELECT orphan FROM ledger_orphan_ids WHERE message_id = ANY ($1::text[]) \
     UNION SELECT id FROM ledger_orphans WHERE campaign = $2 AND key = ANY ($3::bigint[]) \
     UNION SELECT o.id FROM ledger_orphans o JOIN ledger_messages m ON m.recipient = o.recipient \
     WHERE m.campaign = $2 AND m.key = ANY ($3::bigint[])";

/// Those whose message is known by now: another sender may have taken its answer while this one kept the
/// receipt, and neither have seen the other.
const KNOWN: &str = "SELECT orphan FROM ledger_orphan_ids JOIN ledger_ids USING (message_id) \
     UNION SELECT o.id FROM ledger_orphans o JOIN ledger_messages m \
     ON m.campaign = o.campaign AND m.key = o.key WHERE m.attempt > 0 AND m.state <> 1 \
     UNION SELECT o.id FROM ledger_orphans o JOIN ledger_messages m ON m.recipient = o.recipient \
     WHERE m.attempt > 0 AND m.state <> 1";

const HALT: &str = "SELECT halt, halt_actor, halt_why, halt_us FROM ledger_campaigns \
                    WHERE number = $1 FOR SHARE";

fn once(
    connection: &mut Connection,
    work: &TurnWork,
    decide: &mut dyn FnMut(Found) -> Changes,
) -> Result<TurnDone, Bad> {
    let ask = &work.ask;
    let sql = LookUp::new();
    let ids: Vec<&str> = ask.ids.union(&ask.new_ids).map(String::as_str).collect();
    let recipients: Vec<Recipient> = ask.recipients.iter().copied().collect();
    let names: Vec<At> = ask.keys.iter().map(|key| (work.campaign, *key)).collect();
    let mut asks = vec![
        Ask::plain("BEGIN"),
        // A halt waits for this turn, or this turn for it.
        Ask {
            sql: HALT,
            values: vec![number(work.campaign)],
        },
    ];
    let has_orphans = ask.sweep || !ask.answered.is_empty();
    let orphans = format!(
        "SELECT id, campaign, key, recipient, message_ids, state, code FROM ledger_orphans \
         WHERE id IN ({ORPHANS} {}) ORDER BY received_us, id",
        if ask.sweep {
            format!("UNION {KNOWN}")
        } else {
            String::new()
        }
    );
    if has_orphans {
        asks.push(Ask {
            sql: &orphans,
            values: vec![
                texts(ask.new_ids.iter().map(|id| Some(id.as_str()))),
                number(work.campaign),
                numbers(ask.answered.iter().copied()),
            ],
        });
    }
    let is_looking = !(ids.is_empty() && recipients.is_empty() && names.is_empty());
    if is_looking {
        asks.extend(look_up(&sql, &ids, &recipients, &names));
    }
    let answers = connection.batch(&asks).map_err(before_commit)?;
    let mut answers = answers.into_iter().skip(1);
    let mut found = Found::default();
    let mut done = TurnDone::default();
    let mut read = || -> Result<(), LedgerError> {
        let halt = answers.next().unwrap_or_default();
        done.halt = halt_of(&mut Cells::only(halt)?, 0)?;
        if has_orphans {
            let orphans = answers.next().unwrap_or_default().into_iter();
            found.orphans = orphans.map(orphan).collect::<Result<_, _>>()?;
        }
        if is_looking {
            LookUp::take(&mut found, &mut answers)?;
        }
        Ok(())
    };
    read().map_err(Bad::Undone)?;
    if !found.orphans.is_empty() {
        let waiting = found.orphans.clone();
        let waiting = || waiting.iter().map(|orphan| &orphan.receipt);
        let ids: Vec<&str> = waiting()
            .flat_map(|receipt| receipt.message_ids.iter().map(String::as_str))
            .collect();
        let recipients: Vec<Recipient> = waiting().filter_map(|r| r.recipient).collect();
        let names: Vec<At> = found
            .orphans
            .iter()
            .filter_map(|orphan| Some((orphan.campaign, db_key(orphan.receipt.key?))))
            .collect();
        let asks = look_up(&sql, &ids, &recipients, &names);
        let answers = connection.batch(&asks).map_err(before_commit)?;
        LookUp::take(&mut found, &mut answers.into_iter()).map_err(Bad::Undone)?;
        found
            .ids
            .sort_by(|a, b| (&a.message_id, a.at).cmp(&(&b.message_id, b.at)));
        found.ids.dedup();
    }
    let changes = decide(found);
    let mut asks = write(work, &changes);
    let is_claiming = work.claim.most > 0 && done.halt.is_none();
    if is_claiming {
        asks.push(claim(work));
    }
    let is_short = work.claim.most > 0;
    if is_short {
        asks.push(Ask {
            sql: "SELECT min(not_before_us) FROM ledger_messages \
                  WHERE campaign = $1 AND stage = $2 AND state = 0",
            values: vec![number(work.campaign), number(i64::from(work.claim.stage))],
        });
    }
    asks.push(Ask::plain("COMMIT"));
    let mut answers = connection.batch(&asks).map_err(with_commit)?;
    answers.pop();
    let due = if is_short { answers.pop() } else { None };
    let claimed = if is_claiming { answers.pop() } else { None };
    // It is on the disk: what cannot be read now was claimed all the same.
    if let Some(rows) = claimed {
        done.claimed = read_claimed(rows).map_err(Bad::Open)?;
    }
    if let Some(rows) = due
        && done.claimed.len() < work.claim.most
    {
        let due = Cells::only(rows).and_then(|row| row.maybe_int(0));
        done.next_due_us = due.map_err(Bad::Open)?;
    }
    Ok(done)
}

/// The steps of one wave; the server refuses all if one of the rows is not where it was.
const STEPS: &str = "WITH done AS (UPDATE ledger_messages m SET state = c.state, \
     code = coalesce(c.code, m.code), message_id = coalesce(c.message_id, m.message_id), \
     parts_left = c.parts_left, not_before_us = c.not_before_us, \
     deferred = m.deferred + c.deferred, suspicious = m.suspicious + c.suspicious, \
     answered_us = CASE WHEN c.state IN (0, 2, 3, 4) THEN $1 ELSE m.answered_us END, \
     settled_us = CASE WHEN c.state IN (5, 6, 7) THEN $1 ELSE m.settled_us END \
     FROM unnest($2::bigint[], $3::bigint[], $4::int[], $5::int[], $6::text[], $7::text[], \
     $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[]) AS c (campaign, key, was, state, \
     code, message_id, parts_left, not_before_us, deferred, suspicious) \
     WHERE m.campaign = c.campaign AND m.key = c.key AND m.state = c.was RETURNING 1) \
     SELECT ledger_expects(count(*), $12) FROM done";

fn steps<'a>(now_us: i64, wave: &[Step]) -> Ask<'a> {
    let column = |of: fn(&Step) -> i64| numbers(wave.iter().map(of));
    Ask {
        sql: STEPS,
        values: vec![
            number(now_us),
            column(|step| step.at.0),
            column(|step| step.at.1),
            column(|step| step.from.number()),
            column(|step| step.to.number()),
            texts(wave.iter().map(|step| step.code.as_deref())),
            texts(wave.iter().map(|step| step.message_id.as_deref())),
            column(|step| step.parts_left),
            column(|step| step.not_before_us),
            column(|step| step.deferred),
            column(|step| step.suspicious),
            Some(wave.len().to_string()),
        ],
    }
}

fn write<'a>(work: &TurnWork, changes: &Changes) -> Vec<Ask<'a>> {
    let mut asks: Vec<Ask<'a>> = Vec::new();
    for wave in &changes.waves {
        asks.push(steps(work.now_us, wave));
    }
    if !changes.new_ids.is_empty() {
        let ids = &changes.new_ids;
        asks.push(Ask {
            sql: "INSERT INTO ledger_ids (message_id, campaign, key) \
                  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) \
                  ON CONFLICT DO NOTHING",
            values: vec![
                texts(ids.iter().map(|(id, _)| Some(id.as_str()))),
                numbers(ids.iter().map(|(_, at)| at.0)),
                numbers(ids.iter().map(|(_, at)| at.1)),
            ],
        });
    }
    for (id, at, state) in &changes.told_ids {
        asks.push(Ask {
            sql: "UPDATE ledger_ids SET state = $4 \
                  WHERE message_id = $1 AND campaign = $2 AND key = $3",
            values: vec![
                Some(id.clone()),
                number(at.0),
                number(at.1),
                number(state.number()),
            ],
        });
    }
    for (at, parts_left) in &changes.parts_left {
        asks.push(Ask {
            sql: "UPDATE ledger_messages SET parts_left = $3 WHERE campaign = $1 AND key = $2",
            values: vec![number(at.0), number(at.1), number(*parts_left)],
        });
    }
    if !changes.matched_orphans.is_empty() {
        for sql in [
            "DELETE FROM ledger_orphan_ids WHERE orphan = ANY ($1::bytea[])",
            "DELETE FROM ledger_orphans WHERE id = ANY ($1::bytea[])",
        ] {
            let values = vec![bytes_array(changes.matched_orphans.iter().copied())];
            asks.push(Ask { sql, values });
        }
    }
    keep(work, &changes.new_orphans, &mut asks);
    for (campaign, detail) in &changes.contradicted {
        let event = NewEvent {
            at_us: work.now_us,
            actor: "the ledger",
            kind: "contradicted",
            detail,
        };
        asks.push(event_ask(*campaign, &event));
    }
    asks
}

fn keep(work: &TurnWork, orphans: &[Orphan], asks: &mut Vec<Ask<'_>>) {
    if orphans.is_empty() {
        return;
    }
    let ids: Vec<(&str, [u8; 32])> = orphans
        .iter()
        .flat_map(|orphan| {
            let ids = orphan.receipt.message_ids.iter();
            ids.map(|id| (id.as_str(), orphan.id))
        })
        .collect();
    let joined: Vec<String> = orphans
        .iter()
        .map(|orphan| orphan.receipt.message_ids.join(" "))
        .collect();
    let receipts = || orphans.iter().map(|orphan| &orphan.receipt);
    asks.push(Ask {
        sql: "INSERT INTO ledger_orphans \
              (id, campaign, key, recipient, message_ids, state, code, received_us) \
              SELECT *, $8 FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bytea[], \
              $5::text[], $6::int[], $7::text[]) ON CONFLICT DO NOTHING",
        values: vec![
            bytes_array(orphans.iter().map(|orphan| orphan.id)),
            numbers(orphans.iter().map(|orphan| orphan.campaign)),
            maybe_numbers(receipts().map(|receipt| receipt.key.map(db_key))),
            maybe_bytes(receipts().map(|receipt| receipt.recipient.map(|who| who.0))),
            texts(joined.iter().map(|ids| Some(ids.as_str()))),
            numbers(receipts().map(|receipt| receipt.said.state().number())),
            texts(receipts().map(|receipt| Some(receipt.code.as_str()))),
            number(work.now_us),
        ],
    });
    asks.push(Ask {
        sql: "INSERT INTO ledger_orphan_ids SELECT * FROM unnest($1::text[], $2::bytea[]) \
              ON CONFLICT DO NOTHING",
        values: vec![
            texts(ids.iter().map(|(id, _)| Some(*id))),
            bytes_array(ids.iter().map(|(_, orphan)| *orphan)),
        ],
    });
}

/// What another sender is just claiming is passed over.
fn claim<'a>(work: &TurnWork) -> Ask<'a> {
    Ask {
        sql: "WITH picked AS (SELECT campaign, key FROM ledger_messages \
              WHERE campaign = $1 AND stage = $2 AND state = 0 AND not_before_us <= $3 \
              ORDER BY not_before_us, key LIMIT $4 FOR UPDATE SKIP LOCKED) \
              UPDATE ledger_messages m SET state = 1, attempt = m.attempt + 1, owner = $5, \
              intent_us = $3 FROM picked \
              WHERE m.campaign = picked.campaign AND m.key = picked.key \
              RETURNING m.key, m.recipient, m.stage, m.text, m.attempt, m.deferred, \
              m.suspicious, m.not_before_us",
        values: vec![
            number(work.campaign),
            number(i64::from(work.claim.stage)),
            number(work.now_us),
            number(i64::try_from(work.claim.most).unwrap_or(i64::MAX)),
            number(work.owner),
        ],
    }
}

fn read_claimed(rows: Vec<Row>) -> Result<Vec<Claimed>, LedgerError> {
    let mut claimed: Vec<(i64, Claimed)> = Vec::with_capacity(rows.len());
    for row in rows {
        let row = Cells(row);
        let row_claimed = Claimed {
            key: api_key(row.int(0)?),
            recipient: Recipient(row.hash(1)?),
            stage: row.small(2)?,
            text: row.small(3)?,
            attempt: row.small(4)?,
            deferred: row.small(5)?,
            suspicious: row.small(6)?,
            reference: String::new(),
        };
        claimed.push((row.int(7)?, row_claimed));
    }
    claimed.sort_by_key(|(not_before_us, row)| (*not_before_us, row.key));
    Ok(claimed.into_iter().map(|(_, row)| row).collect())
}
