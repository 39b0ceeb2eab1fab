//! A turn's statements.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Row, Statement, Transaction, params};
use unspoof_model::UtcMicros;

use super::{Bad, add_event, small, state_of};
use crate::ledger::book::{NewEvent, TurnDone, TurnWork};
use crate::ledger::decide::{At, Changes, Current, Found, IdRow, Orphan, Step, api_key, db_key};
use crate::ledger::row::{Claimed, ReceiptIn, Recipient};
use crate::ledger::{Said, State};

const CURRENT: &str = "SELECT campaign, key, recipient, state, attempt, owner, message_id, parts_left \
     FROM ledger_messages";

fn current(row: &Row<'_>) -> rusqlite::Result<(Current, i64)> {
    let state: i64 = row.get(3)?;
    Ok((
        Current {
            at: (row.get(0)?, row.get(1)?),
            recipient: Recipient(row.get(2)?),
            state: State::from_number(state).unwrap_or(State::Removed),
            attempt: row.get(4)?,
            owner: row.get(5)?,
            message_id: row.get(6)?,
            parts_left: row.get(7)?,
        },
        state,
    ))
}

fn add_current(
    rows: &mut Vec<Current>,
    query: &mut Statement<'_>,
    values: impl rusqlite::Params,
) -> Result<(), Bad> {
    for row in query.query_map(values, current)? {
        let (row, state) = row?;
        state_of(state)?;
        rows.push(row);
    }
    Ok(())
}

const ORPHAN: &str = "SELECT o.id, o.campaign, o.key, o.recipient, o.message_ids, o.state, o.code, \
                      o.received_us FROM ledger_orphans o";

fn add_orphans(
    orphans: &mut BTreeMap<[u8; 32], (i64, Orphan)>,
    query: &mut Statement<'_>,
    values: impl rusqlite::Params,
) -> Result<(), Bad> {
    let mut rows = query.query(values)?;
    while let Some(row) = rows.next()? {
        let said = Said::from_state(state_of(row.get(5)?)?);
        let message_ids: String = row.get(4)?;
        let ids = message_ids.split(' ').filter(|id| !id.is_empty());
        let receipt = ReceiptIn {
            key: row.get::<_, Option<i64>>(2)?.map(api_key),
            recipient: row.get::<_, Option<[u8; 32]>>(3)?.map(Recipient),
            message_ids: ids.map(str::to_owned).collect(),
            said: said.ok_or_else(|| Bad::damaged("a receipt says nothing"))?,
            code: row.get(6)?,
        };
        let (id, campaign) = (row.get(0)?, row.get(1)?);
        let orphan = Orphan {
            id,
            campaign,
            receipt,
        };
        orphans.entry(id).or_insert((row.get(7)?, orphan));
    }
    Ok(())
}

/// Finds all that a turn may concern.
pub(super) fn find(change: &Transaction<'_>, work: &TurnWork) -> Result<Found, Bad> {
    let ask = &work.ask;
    let mut found = Found::default();
    {
        let mut query = change.prepare(&format!("{CURRENT} WHERE campaign = ?1 AND key = ?2"))?;
        for key in &ask.keys {
            add_current(&mut found.rows, &mut query, params![work.campaign, key])?;
        }
    }
    let answered: Vec<(i64, Recipient)> = found
        .rows
        .iter()
        .filter(|row| ask.answered.contains(&row.at.1))
        .map(|row| (row.at.1, row.recipient))
        .collect();
    let any = change.query_row("SELECT EXISTS (SELECT 1 FROM ledger_orphans)", [], |row| {
        row.get::<_, bool>(0)
    })?;
    if any {
        let mut orphans = BTreeMap::new();
        if ask.sweep {
            let mut all = change.prepare(ORPHAN)?;
            add_orphans(&mut orphans, &mut all, [])?;
        } else {
            let mut query = change.prepare(&format!(
                "{ORPHAN} JOIN ledger_orphan_ids i ON i.orphan = o.id WHERE i.message_id = ?1"
            ))?;
            for id in &ask.new_ids {
                add_orphans(&mut orphans, &mut query, [id])?;
            }
            let mut by_key =
                change.prepare(&format!("{ORPHAN} WHERE o.campaign = ?1 AND o.key = ?2"))?;
            let mut by_recipient = change.prepare(&format!("{ORPHAN} WHERE o.recipient = ?1"))?;
            for (key, recipient) in &answered {
                add_orphans(&mut orphans, &mut by_key, params![work.campaign, key])?;
                add_orphans(&mut orphans, &mut by_recipient, [recipient.0])?;
            }
        }
        let mut orphans: Vec<(i64, Orphan)> = orphans.into_values().collect();
        orphans.sort_by_key(|(received_us, orphan)| (*received_us, orphan.id));
        found.orphans = orphans.into_iter().map(|(_, orphan)| orphan).collect();
        let mut by_name = change.prepare(&format!("{CURRENT} WHERE campaign = ?1 AND key = ?2"))?;
        let mut by_recipient = change.prepare(&format!("{CURRENT} WHERE recipient = ?1"))?;
        for Orphan {
            campaign, receipt, ..
        } in &found.orphans
        {
            if let Some(key) = receipt.key {
                let values = params![campaign, db_key(key)];
                add_current(&mut found.rows, &mut by_name, values)?;
            }
            if let Some(recipient) = receipt.recipient {
                add_current(&mut found.rows, &mut by_recipient, [recipient.0])?;
            }
        }
    }
    if !ask.recipients.is_empty() {
        let mut query = change.prepare(&format!("{CURRENT} WHERE recipient = ?1"))?;
        for recipient in &ask.recipients {
            add_current(&mut found.rows, &mut query, [recipient.0])?;
        }
    }
    let ids = ask.ids.iter().chain(&ask.new_ids).map(String::as_str);
    let waiting = found.orphans.iter();
    let waiting = waiting.flat_map(|orphan| orphan.receipt.message_ids.iter().map(String::as_str));
    let ids: BTreeSet<&str> = ids.chain(waiting).collect();
    if !ids.is_empty() {
        let mut query =
            change.prepare("SELECT campaign, key, state FROM ledger_ids WHERE message_id = ?1")?;
        let mut of = change.prepare(&format!("{CURRENT} WHERE campaign = ?1 AND key = ?2"))?;
        for id in ids {
            let mut rows = query.query([id])?;
            while let Some(row) = rows.next()? {
                let at: At = (row.get(0)?, row.get(1)?);
                found.ids.push(IdRow {
                    message_id: id.to_owned(),
                    at,
                    is_told: row.get::<_, Option<i64>>(2)?.is_some(),
                });
                add_current(&mut found.rows, &mut of, [at.0, at.1])?;
            }
        }
    }
    Ok(found)
}

pub(super) fn write(
    change: &Transaction<'_>,
    work: &TurnWork,
    changes: &Changes,
) -> Result<(), Bad> {
    if !changes.waves.is_empty() {
        let mut update = change.prepare(
            "UPDATE ledger_messages SET state = ?4, code = coalesce(?5, code), \
             message_id = coalesce(?6, message_id), parts_left = ?7, not_before_us = ?8, \
             deferred = deferred + ?9, suspicious = suspicious + ?10, \
             answered_us = CASE WHEN ?4 IN (0, 2, 3, 4) THEN ?11 ELSE answered_us END, \
             settled_us = CASE WHEN ?4 IN (5, 6, 7) THEN ?11 ELSE settled_us END \
             WHERE campaign = ?1 AND key = ?2 AND state = ?3",
        )?;
        for step in changes.waves.iter().flatten() {
            let Step {
                at, from, to, code, ..
            } = step;
            let values = params![
                at.0,
                at.1,
                from.number(),
                to.number(),
                code,
                step.message_id,
                step.parts_left,
                step.not_before_us,
                step.deferred,
                step.suspicious,
                work.now_us
            ];
            if update.execute(values)? != 1 {
                return Err(Bad::damaged("a row changed under a turn"));
            }
        }
    }
    let mut insert = change.prepare(
        "INSERT OR IGNORE INTO ledger_ids (message_id, campaign, key) VALUES (?1, ?2, ?3)",
    )?;
    for (id, at) in &changes.new_ids {
        insert.execute(params![id, at.0, at.1])?;
    }
    for (id, at, state) in &changes.told_ids {
        let update = "UPDATE ledger_ids SET state = ?4 \
                      WHERE message_id = ?1 AND campaign = ?2 AND key = ?3";
        change.execute(update, params![id, at.0, at.1, state.number()])?;
    }
    for (at, parts_left) in &changes.parts_left {
        let update = "UPDATE ledger_messages SET parts_left = ?3 WHERE campaign = ?1 AND key = ?2";
        change.execute(update, params![at.0, at.1, parts_left])?;
    }
    for id in &changes.matched_orphans {
        change.execute("DELETE FROM ledger_orphan_ids WHERE orphan = ?1", [id])?;
        change.execute("DELETE FROM ledger_orphans WHERE id = ?1", [id])?;
    }
    for orphan in &changes.new_orphans {
        let receipt = &orphan.receipt;
        let insert = "INSERT OR IGNORE INTO ledger_orphans \
                      (id, campaign, key, recipient, message_ids, state, code, received_us) \
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let values = params![
            orphan.id,
            orphan.campaign,
            receipt.key.map(db_key),
            receipt.recipient.map(|recipient| recipient.0),
            receipt.message_ids.join(" "),
            receipt.said.state().number(),
            receipt.code,
            work.now_us
        ];
        change.execute(insert, values)?;
        for id in &receipt.message_ids {
            let insert = "INSERT OR IGNORE INTO ledger_orphan_ids VALUES (?1, ?2)";
            change.execute(insert, params![id, orphan.id])?;
        }
    }
    for (campaign, detail) in &changes.contradicted {
        let event = NewEvent {
            at_us: work.now_us,
            actor: "the ledger",
            kind: "contradicted",
            detail,
        };
        add_event(change, *campaign, &event)?;
    }
    Ok(())
}

pub(super) fn claim(
    change: &Transaction<'_>,
    work: &TurnWork,
    done: &mut TurnDone,
) -> Result<(), Bad> {
    let most = i64::try_from(work.claim.most).unwrap_or(i64::MAX);
    let mut update = change.prepare(
        "UPDATE ledger_messages SET state = 1, attempt = attempt + 1, owner = ?4, intent_us = ?3 \
         WHERE campaign = ?1 AND key IN (SELECT key FROM ledger_messages \
         WHERE campaign = ?1 AND stage = ?2 AND state = 0 AND not_before_us <= ?3 \
         ORDER BY not_before_us, key LIMIT ?5) \
         RETURNING key, recipient, stage, text, attempt, deferred, suspicious, not_before_us",
    )?;
    let values = params![
        work.campaign,
        work.claim.stage,
        work.now_us,
        work.owner,
        most
    ];
    let mut rows = update.query(values)?;
    let mut claimed: Vec<(i64, Claimed)> = Vec::new();
    while let Some(row) = rows.next()? {
        let row_claimed = Claimed {
            key: api_key(row.get(0)?),
            recipient: Recipient(row.get(1)?),
            stage: small(row.get(2)?)?,
            text: small(row.get(3)?)?,
            attempt: small(row.get(4)?)?,
            deferred: small(row.get(5)?)?,
            suspicious: small(row.get(6)?)?,
            reference: String::new(),
        };
        claimed.push((row.get(7)?, row_claimed));
    }
    claimed.sort_by_key(|(not_before_us, row)| (*not_before_us, row.key));
    done.claimed = claimed.into_iter().map(|(_, row)| row).collect();
    Ok(())
}

pub(super) fn next_due(
    change: &Transaction<'_>,
    work: &TurnWork,
) -> Result<Option<UtcMicros>, Bad> {
    let query = "SELECT min(not_before_us) FROM ledger_messages \
                 WHERE campaign = ?1 AND stage = ?2 AND state = 0";
    let values = params![work.campaign, work.claim.stage];
    Ok(change.query_row(query, values, |row| row.get(0))?)
}
