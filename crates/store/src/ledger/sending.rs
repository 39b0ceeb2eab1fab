//! Turns: the only way in which rows are claimed.

use std::collections::BTreeMap;

use unspoof_model::UtcMicros;

use super::book::TurnWork;
use super::decide::{self, Deciding, api_key};
use super::lock::SendingLock;
use super::row::{Answered, Campaign, Claim, ReceiptIn, Turn, reference};
use super::{Ledger, LedgerError};

/// Each so many turns, and after so many microseconds in a turn that brings nothing, all orphans are looked at.
const SWEEP: u64 = 64;
const SWEEP_US: i64 = 1_000_000;

/// A sender at work on one campaign. Made by [`Ledger::start`]; see [the module](super) for how a turn works.
pub struct Sending {
    ledger: Ledger,
    campaign: Campaign,
    owner: i64,
    recovered: u64,
    is_spent: bool,
    turns: u64,
    swept_us: UtcMicros,
    /// On a file: nobody else claims.
    _lock: Option<SendingLock>,
}

impl std::fmt::Debug for Sending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sending")
            .field("campaign", &self.campaign.id)
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

impl Sending {
    pub(super) fn start(
        mut ledger: Ledger,
        lock: Option<SendingLock>,
        campaign: &str,
        who: &str,
        now_us: UtcMicros,
    ) -> Result<Self, LedgerError> {
        let campaign = ledger.campaign(campaign)?;
        let owner = ledger.book().start(campaign.number, who, now_us)?;
        let mut made = Self {
            ledger,
            campaign,
            owner,
            recovered: 0,
            is_spent: false,
            turns: 0,
            swept_us: 0,
            _lock: lock,
        };
        made.recovered = made.recover(now_us)?;
        Ok(made)
    }

    /// Returns the campaign as it was at the start.
    #[must_use]
    pub fn campaign(&self) -> &Campaign {
        &self.campaign
    }

    /// Returns the number under which this sender's intents stand.
    #[must_use]
    pub fn owner(&self) -> i64 {
        self.owner
    }

    /// Returns how many rows of dead senders were found unknown at the start.
    #[must_use]
    pub fn recovered(&self) -> u64 {
        self.recovered
    }

    /// Returns the ledger, for everything else.
    pub fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// Ends it; what is still without an answer will be found unknown by the next one.
    #[must_use]
    pub fn end(self) -> Ledger {
        self.ledger
    }

    /// Turns the intents of senders that are dead, of whatever campaign, into unknowns, and returns how many.
    /// In a file every other sender is dead; on a server those whose connection is gone, which it may take a
    /// moment to see: several senders on one server do this from time to time.
    ///
    /// # Errors
    /// The database fails. What was done by then stays done.
    pub fn recover(&mut self, now_us: UtcMicros) -> Result<u64, LedgerError> {
        let left = self.ledger.book().take_dead(self.owner)?;
        let mut by_owner: BTreeMap<(i64, i64), Vec<(u64, Answered)>> = BTreeMap::new();
        for row in &left {
            let answered = Answered::Unknown {
                why: "crash".to_owned(),
            };
            let of = by_owner.entry((row.campaign, row.owner)).or_default();
            of.push((api_key(row.key), answered));
        }
        let mut recovered = 0;
        let mut done = Ok(());
        for ((campaign, owner), answers) in by_owner {
            let mut turn = Turn::default();
            let work = TurnWork {
                campaign,
                owner,
                now_us,
                ask: decide::ask(&answers, &[]),
                claim: Claim::NONE,
            };
            let decided = self.ledger.book().turn(&work, &mut |found| {
                Deciding::decide(campaign, owner, found, &answers, &[], &mut turn)
            });
            if let Err(fault) = decided {
                done = Err(fault.error);
                break;
            }
            recovered += (answers.len() - turn.not_taken.len()) as u64;
        }
        self.ledger.book().release_dead()?;
        done.map(|()| recovered)
    }

    /// Takes what happened since the last turn and claims the next batch, in one transaction.
    ///
    /// Claims nothing while the campaign is halted: once [`Ledger::halt`] returned, no turn claims anything.
    ///
    /// # Errors
    /// Nothing may be sent, and none of the answers and receipts may be taken for kept. [`LedgerError::Spent`]
    /// from the next turn on, where it is not known whether it reached the disk.
    pub fn turn(
        &mut self,
        now_us: UtcMicros,
        answers: &[(u64, Answered)],
        receipts: &[ReceiptIn],
        claim: Claim,
    ) -> Result<Turn, LedgerError> {
        if self.is_spent {
            return Err(LedgerError::Spent);
        }
        let (campaign, owner) = (self.campaign.number, self.owner);
        let mut ask = decide::ask(answers, receipts);
        self.turns += 1;
        let is_idle = answers.is_empty() && receipts.is_empty();
        let since_us = now_us.saturating_sub(self.swept_us);
        ask.sweep =
            self.turns.is_multiple_of(SWEEP) || (is_idle && !(0..SWEEP_US).contains(&since_us));
        if ask.sweep {
            self.swept_us = now_us;
        }
        let work = TurnWork {
            campaign,
            owner,
            now_us,
            ask,
            claim,
        };
        let mut turn = Turn::default();
        let done = self.ledger.book().turn(&work, &mut |found| {
            turn = Turn::default();
            Deciding::decide(campaign, owner, found, answers, receipts, &mut turn)
        });
        let done = done.map_err(|fault| {
            self.is_spent = fault.may_be_written;
            fault.error
        })?;
        turn.halt = done.halt;
        turn.next_due_us = done.next_due_us;
        turn.claimed = done.claimed;
        let Campaign {
            id, plan_sha256, ..
        } = &self.campaign;
        for row in &mut turn.claimed {
            row.reference = reference(id, plan_sha256, row.key, row.attempt);
        }
        Ok(turn)
    }
}
