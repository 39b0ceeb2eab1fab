//! What a turn comes to: answers and receipts against the rows as they stand. No database here, so that both
//! decide alike.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::row::{Answered, Contradiction, NotTaken, ReceiptIn, Recipient, Settled, Turn};
use super::{Said, State, words};

/// A row's name: its campaign's number and its key.
pub(super) type At = (i64, i64);

/// A row as the database has it, and as the turn leaves it.
#[derive(Clone, Debug)]
pub(super) struct Current {
    pub(super) at: At,
    pub(super) recipient: Recipient,
    pub(super) state: State,
    pub(super) attempt: i64,
    pub(super) owner: Option<i64>,
    pub(super) message_id: Option<String>,
    pub(super) parts_left: i64,
}

/// An id that an acceptance brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct IdRow {
    pub(super) message_id: String,
    pub(super) at: At,
    pub(super) is_told: bool,
}

/// A receipt that is kept until its message is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Orphan {
    pub(super) id: [u8; 32],
    pub(super) campaign: i64,
    pub(super) receipt: ReceiptIn,
}

/// What the database is asked for before anything is decided.
#[derive(Debug, Default)]
pub(super) struct Ask {
    /// Keys of this campaign, of answers and receipts.
    pub(super) keys: BTreeSet<i64>,
    /// Keys of the answers alone: their orphans are wanted.
    pub(super) answered: BTreeSet<i64>,
    /// Recipients that receipts name.
    pub(super) recipients: BTreeSet<Recipient>,
    /// Ids that receipts name.
    pub(super) ids: BTreeSet<String>,
    /// Ids that answers bring: their orphans are wanted.
    pub(super) new_ids: BTreeSet<String>,
    /// Look at all orphans whose message is known by now: two senders may have passed each other.
    pub(super) sweep: bool,
}

/// What the database found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By key, by recipient and by id.
    pub(super) rows: Vec<Current>,
    pub(super) ids: Vec<IdRow>,
    /// In the order in which they came.
    pub(super) orphans: Vec<Orphan>,
}

/// A step of one row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Step {
    pub(super) at: At,
    pub(super) from: State,
    pub(super) to: State,
    pub(super) code: Option<String>,
    pub(super) message_id: Option<String>,
    pub(super) parts_left: i64,
    pub(super) not_before_us: i64,
    pub(super) deferred: i64,
    pub(super) suspicious: i64,
}

/// What the database is to write.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Steps, one a row in each wave, in their order.
    pub(super) waves: Vec<Vec<Step>>,
    pub(super) new_ids: Vec<(String, At)>,
    /// Parts that a receipt told of.
    pub(super) told_ids: Vec<(String, At, State)>,
    /// Rows with fewer parts left.
    pub(super) parts_left: Vec<(At, i64)>,
    pub(super) new_orphans: Vec<Orphan>,
    pub(super) matched_orphans: Vec<[u8; 32]>,
    /// What contradicted, for the events: campaign and text.
    pub(super) contradicted: Vec<(i64, String)>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.waves.is_empty()
            && self.parts_left.is_empty()
            && self.new_orphans.is_empty()
            && self.matched_orphans.is_empty()
            && self.contradicted.is_empty()
    }
}

/// Turns a key into the database's form; one that is too great is nobody's.
pub(super) fn db_key(key: u64) -> i64 {
    i64::try_from(key).unwrap_or(-1)
}

pub(super) fn api_key(key: i64) -> u64 {
    u64::try_from(key).unwrap_or(u64::MAX)
}

/// The ids of an acceptance, as they are kept: one a part.
fn parts(message_id: &str) -> Vec<String> {
    let parts = words::message_id(message_id).split(',');
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

pub(super) fn ask(answers: &[(u64, Answered)], receipts: &[ReceiptIn]) -> Ask {
    let mut ask = Ask::default();
    for (key, answered) in answers {
        ask.keys.insert(db_key(*key));
        ask.answered.insert(db_key(*key));
        if let Answered::Accepted { message_id } = answered {
            ask.new_ids.extend(parts(message_id));
        }
    }
    for receipt in receipts {
        ask.keys.extend(receipt.key.map(db_key));
        ask.recipients.extend(receipt.recipient);
        let ids = receipt.message_ids.iter().map(|id| words::message_id(id));
        ask.ids
            .extend(ids.filter(|id| !id.is_empty()).map(str::to_owned));
    }
    ask
}

pub(super) struct Deciding<'a> {
    campaign: i64,
    owner: i64,
    rows: BTreeMap<At, Current>,
    by_recipient: BTreeMap<Recipient, Vec<At>>,
    ids: BTreeMap<String, Vec<(At, bool)>>,
    /// Steps that each row took in this turn.
    steps: BTreeMap<At, usize>,
    changes: Changes,
    turn: &'a mut Turn,
}

/// What became of a receipt.
enum Matched {
    Taken,
    Waits,
}

impl<'a> Deciding<'a> {
    /// Decides everything; the turn learns what the sender should know.
    pub(super) fn decide(
        campaign: i64,
        owner: i64,
        found: Found,
        answers: &[(u64, Answered)],
        receipts: &[ReceiptIn],
        turn: &'a mut Turn,
    ) -> Changes {
        let mut by_recipient: BTreeMap<Recipient, Vec<At>> = BTreeMap::new();
        let rows: BTreeMap<At, Current> = found.rows.into_iter().map(|r| (r.at, r)).collect();
        for row in rows.values() {
            by_recipient.entry(row.recipient).or_default().push(row.at);
        }
        let mut ids: BTreeMap<String, Vec<(At, bool)>> = BTreeMap::new();
        for id in found.ids {
            ids.entry(id.message_id)
                .or_default()
                .push((id.at, id.is_told));
        }
        let mut deciding = Self {
            campaign,
            owner,
            rows,
            by_recipient,
            ids,
            steps: BTreeMap::new(),
            changes: Changes::default(),
            turn,
        };
        // A receipt that waits for a row says more than that the row was deferred.
        let waited_for: BTreeSet<At> = found
            .orphans
            .iter()
            .map(|orphan| (orphan.campaign, &orphan.receipt))
            .chain(receipts.iter().map(|receipt| (campaign, receipt)))
            .filter_map(|(campaign, receipt)| deciding.find(campaign, receipt))
            .map(|(at, _)| at)
            .collect();
        for (key, answered) in answers {
            deciding.answer((campaign, db_key(*key)), answered, &waited_for);
        }
        for orphan in found.orphans {
            if let Matched::Taken = deciding.receipt(orphan.campaign, &orphan.receipt) {
                deciding.changes.matched_orphans.push(orphan.id);
            }
        }
        for receipt in receipts {
            if let Matched::Waits = deciding.receipt(campaign, receipt) {
                deciding.keep(receipt);
            }
        }
        deciding.changes
    }

    fn answer(&mut self, at: At, answered: &Answered, waited_for: &BTreeSet<At>) {
        let Some(row) = self.rows.get(&at) else {
            self.not_taken(at, None, answered);
            return;
        };
        let state = row.state;
        let is_ours = state == State::Intent && row.owner == Some(self.owner);
        let is_late = state == State::Unknown;
        match answered {
            Answered::Accepted { message_id } if is_ours || is_late => {
                let parts = parts(message_id);
                for id in &parts {
                    let known = self.ids.entry(id.clone()).or_default();
                    if !known.iter().any(|(other, _)| *other == at) {
                        known.push((at, false));
                        self.changes.new_ids.push((id.clone(), at));
                    }
                }
                let mut step = self.step(at, State::Accepted, Some(String::new()));
                step.message_id = Some(parts.join(","));
                step.parts_left = i64::try_from(parts.len()).unwrap_or(i64::MAX);
                self.take(step, is_late);
            }
            Answered::Refused { code } if is_ours || is_late => {
                let step = self.step(at, State::Refused, Some(words::code(code)));
                self.take(step, is_late);
            }
            Answered::Unknown { why } if is_ours => {
                let step = self.step(at, State::Unknown, Some(words::code(why)));
                self.take(step, false);
            }
            Answered::Deferred { code, .. } if is_ours && waited_for.contains(&at) => {
                let step = self.step(at, State::Unknown, Some(words::code(code)));
                self.take(step, false);
            }
            Answered::Unsent if is_ours && waited_for.contains(&at) => {
                let step = self.step(at, State::Unknown, Some("unsent".to_owned()));
                self.take(step, false);
            }
            Answered::Deferred {
                code,
                suspicious,
                not_before_us,
            } if is_ours => {
                let mut step = self.step(at, State::Planned, Some(words::code(code)));
                step.not_before_us = (*not_before_us).max(0);
                step.deferred = 1;
                step.suspicious = i64::from(*suspicious);
                self.take(step, false);
            }
            Answered::Unsent if is_ours => {
                let step = self.step(at, State::Planned, None);
                self.take(step, false);
            }
            Answered::Accepted { .. }
                if matches!(
                    state,
                    State::Accepted
                        | State::Delivered
                        | State::Undelivered
                        | State::Expired
                        | State::Settled
                ) =>
            {
                self.turn.repeated += 1;
            }
            Answered::Refused { .. } if state == State::Refused => self.turn.repeated += 1,
            Answered::Unknown { .. } if state == State::Unknown => self.turn.repeated += 1,
            Answered::Accepted { .. }
            | Answered::Refused { .. }
            | Answered::Unknown { .. }
            | Answered::Deferred { .. }
            | Answered::Unsent => self.not_taken(at, Some(state), answered),
        }
    }

    fn not_taken(&mut self, at: At, found: Option<State>, answered: &Answered) {
        self.turn.not_taken.push(NotTaken {
            key: api_key(at.1),
            found,
            answered: answered.clone(),
        });
    }

    /// Finds the row that a receipt tells of, and the id by which, in the order of what is surest.
    fn find(&self, campaign: i64, receipt: &ReceiptIn) -> Option<(At, Option<String>)> {
        if let Some(key) = receipt.key {
            let at = (campaign, db_key(key));
            let is_this = |id: &&String| {
                let known = self.ids.get(id.as_str());
                known.is_some_and(|known| known.iter().any(|(other, _)| *other == at))
            };
            let id = receipt.message_ids.iter().find(is_this).cloned();
            return self.rows.contains_key(&at).then_some((at, id));
        }
        for id in &receipt.message_ids {
            let fits = |at: &At| {
                let row = self.rows.get(at);
                row.is_some_and(|row| receipt.recipient.is_none_or(|who| who == row.recipient))
            };
            let known = self.ids.get(id).into_iter().flatten();
            let all: Vec<At> = known.map(|(at, _)| *at).filter(fits).collect();
            let here: Vec<At> = all.iter().copied().filter(|at| at.0 == campaign).collect();
            // Two messages of one id: it says nothing.
            match (here.as_slice(), all.as_slice()) {
                ([at], _) | ([], [at]) => return Some((*at, Some(id.clone()))),
                _ => {}
            }
        }
        let all = self.by_recipient.get(&receipt.recipient?)?;
        // One that waits for a receipt before one that had it, this campaign's before another's.
        let rank = |at: &At| -> Option<(u8, bool, i64)> {
            let row = self.rows.get(at)?;
            // The row may be newer than the ids: another sender's acceptance came in between.
            let by_another_id = row.message_id.as_deref().is_some_and(|ids| {
                let is_its = |id: &String| ids.split(',').any(|part| part == id);
                !ids.is_empty()
                    && !receipt.message_ids.is_empty()
                    && !receipt.message_ids.iter().any(is_its)
            });
            let waits = match row.state {
                State::Unknown | State::Intent => 0,
                State::Accepted if !by_another_id => 0,
                State::Planned if row.attempt > 0 => 1,
                State::Refused if receipt.said == Said::Delivered => 1,
                State::Delivered | State::Undelivered | State::Expired | State::Settled
                    if !by_another_id =>
                {
                    2
                }
                State::Planned
                | State::Accepted
                | State::Refused
                | State::Delivered
                | State::Undelivered
                | State::Expired
                | State::Settled
                | State::Removed => return None,
            };
            Some((waits, at.0 != campaign, -at.0))
        };
        let ranked = all.iter().filter_map(|at| Some((rank(at)?, *at)));
        ranked.min().map(|(_, at)| (at, None))
    }

    fn receipt(&mut self, campaign: i64, receipt: &ReceiptIn) -> Matched {
        let Some((at, id)) = self.find(campaign, receipt) else {
            return Matched::Waits;
        };
        let Some(row) = self.rows.get(&at) else {
            return Matched::Waits;
        };
        let (state, parts_left) = (row.state, row.parts_left);
        let code = words::code(&receipt.code);
        match state {
            // Its answer is still to come, or it never left.
            State::Intent | State::Removed => return Matched::Waits,
            State::Planned if row.attempt == 0 => return Matched::Waits,
            State::Planned => {
                // The other side said that it had not taken it, and now that it arrived: never again.
                let step = self.step(at, State::Unknown, Some("receipt".to_owned()));
                self.take(step, true);
                let step = self.step(at, receipt.said.state(), Some(code));
                self.take(step, true);
            }
            State::Accepted | State::Unknown => match id {
                Some(id) if parts_left > 1 && receipt.said == Said::Delivered => {
                    self.part_told(at, &id, parts_left);
                }
                _ if self.is_told_twice(at, &receipt.message_ids) => self.turn.repeated += 1,
                _ => {
                    let step = self.step(at, receipt.said.state(), Some(code));
                    self.take(step, true);
                }
            },
            State::Refused if receipt.said == Said::Delivered => {
                let step = self.step(at, State::Delivered, Some(code));
                self.take(step, true);
            }
            State::Delivered | State::Undelivered | State::Expired
                if Said::from_state(state) == Some(receipt.said) =>
            {
                self.turn.repeated += 1;
            }
            State::Refused
            | State::Delivered
            | State::Undelivered
            | State::Expired
            | State::Settled => {
                let said = receipt.said;
                let key = api_key(at.1);
                if at.0 == self.campaign {
                    let found = state;
                    self.turn
                        .contradicted
                        .push(Contradiction { key, found, said });
                }
                let said = said.state();
                let text = format!("key {key} is {state}, a receipt says {said}");
                self.changes.contradicted.push((at.0, text));
            }
        }
        Matched::Taken
    }

    /// One part of several arrived: the message has when all have.
    fn part_told(&mut self, at: At, id: &str, parts_left: i64) {
        let known = self.ids.get_mut(id).into_iter().flatten();
        for (_, is_told) in known.filter(|(other, _)| *other == at) {
            if std::mem::replace(is_told, true) {
                self.turn.repeated += 1;
                return;
            }
        }
        let told = (id.to_owned(), at, State::Delivered);
        self.changes.told_ids.push(told);
        self.changes.parts_left.push((at, parts_left - 1));
        if let Some(row) = self.rows.get_mut(&at) {
            row.parts_left = parts_left - 1;
        }
    }

    /// Whether a part of this id is known to have arrived.
    fn is_told_twice(&self, at: At, message_ids: &[String]) -> bool {
        message_ids.iter().any(|id| {
            let known = self.ids.get(id).into_iter().flatten();
            known
                .into_iter()
                .any(|(other, is_told)| *other == at && *is_told)
        })
    }

    fn step(&self, at: At, to: State, code: Option<String>) -> Step {
        let row = self.rows.get(&at);
        Step {
            at,
            from: row.map_or(State::Removed, |row| row.state),
            to,
            code,
            message_id: None,
            parts_left: row.map_or(0, |row| row.parts_left),
            not_before_us: 0,
            deferred: 0,
            suspicious: 0,
        }
    }

    fn take(&mut self, step: Step, tell: bool) {
        if let Some(row) = self.rows.get_mut(&step.at) {
            row.state = step.to;
            row.parts_left = step.parts_left;
            if step.message_id.is_some() {
                row.message_id.clone_from(&step.message_id);
            }
        }
        if tell && step.at.0 == self.campaign {
            self.turn.settled.push(Settled {
                key: api_key(step.at.1),
                from: step.from,
                to: step.to,
                code: step.code.clone().unwrap_or_default(),
            });
        }
        let wave = self.steps.entry(step.at).or_default();
        if self.changes.waves.len() == *wave {
            self.changes.waves.push(Vec::new());
        }
        self.changes.waves[*wave].push(step);
        *wave += 1;
    }

    fn keep(&mut self, receipt: &ReceiptIn) {
        let mut receipt = receipt.clone();
        receipt.code = words::code(&receipt.code);
        receipt
            .message_ids
            .retain(|id| !words::message_id(id).is_empty());
        receipt.key = receipt.key.filter(|key| db_key(*key) >= 0);
        let mut sha256 = Sha256::new();
        sha256.update(self.campaign.to_be_bytes());
        sha256.update(receipt.key.map_or(-1, db_key).to_be_bytes());
        sha256.update(receipt.recipient.map_or([0; 32], |recipient| recipient.0));
        sha256.update([receipt.said.state().number() as u8]);
        for id in &receipt.message_ids {
            sha256.update(id.as_bytes());
            sha256.update([0]);
        }
        self.turn.orphaned += 1;
        self.changes.new_orphans.push(Orphan {
            id: sha256.finalize().into(),
            campaign: self.campaign,
            receipt,
        });
    }
}
