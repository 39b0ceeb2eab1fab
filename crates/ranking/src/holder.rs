//! Who held an account: unassessed, until a named person records otherwise.
//!
//! No rank, point or fact can make a [`Judgement`]: it takes a named [`Actor`], a reason and an
//! instant, and there is no conversion from anything that is computed.

use std::collections::BTreeMap;
use std::fmt;

use unspoof_model::{Actor, UtcMicros};

use crate::error::JudgementError;

/// An account of the seized service; ids count only within their source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountKey {
    /// The system that it is of.
    pub source: String,
    /// Its id there.
    pub account_id: String,
}

/// What a row of suspects stands for: one account, or the accounts of one computed person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SuspectKey {
    accounts: Vec<AccountKey>,
}

impl SuspectKey {
    /// Names a row by its accounts, in any order; one that comes twice counts once.
    #[must_use]
    pub fn new(accounts: impl IntoIterator<Item = AccountKey>) -> Self {
        let mut accounts: Vec<_> = accounts.into_iter().collect();
        accounts.sort_unstable();
        accounts.dedup();
        Self { accounts }
    }

    /// Returns the accounts, sorted.
    #[must_use]
    pub fn accounts(&self) -> &[AccountKey] {
        &self.accounts
    }
}

/// What a person found about who held an account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Finding {
    /// The holder is identified.
    Identified,
    /// Whoever held it is eliminated from enquiries.
    Eliminated,
    /// An earlier finding no longer stands.
    Withdrawn,
}

/// A finding that a named person recorded, with a reason.
#[derive(Clone, PartialEq, Eq)]
pub struct Judgement {
    account: AccountKey,
    finding: Finding,
    by: Actor,
    at_utc: UtcMicros,
    reason: String,
}

impl fmt::Debug for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The reason may tell of a person.
        f.debug_struct("Judgement")
            .field("account", &self.account)
            .field("finding", &self.finding)
            .field("by", &self.by)
            .field("at_utc", &self.at_utc)
            .finish_non_exhaustive()
    }
}

impl Judgement {
    /// Takes down what a person found. `at_utc` is when it was recorded, in microseconds.
    ///
    /// # Errors
    /// [`JudgementError::NoReason`]
    pub fn new(
        account: AccountKey,
        finding: Finding,
        by: Actor,
        at_utc: UtcMicros,
        reason: &str,
    ) -> Result<Self, JudgementError> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(JudgementError::NoReason);
        }
        Ok(Self {
            account,
            finding,
            by,
            at_utc,
            reason: reason.to_owned(),
        })
    }

    /// Returns what was found.
    #[must_use]
    pub const fn finding(&self) -> Finding {
        self.finding
    }

    /// Returns who found it.
    #[must_use]
    pub const fn by(&self) -> &Actor {
        &self.by
    }

    /// Returns when it was recorded, in microseconds of UTC.
    #[must_use]
    pub const fn at_utc(&self) -> UtcMicros {
        self.at_utc
    }

    /// Returns the reason.
    #[must_use]
    pub fn reveal_reason(&self) -> &str {
        &self.reason
    }
}

/// Who held the accounts of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Holder<'a> {
    /// Nobody has said anything.
    Unassessed,
    /// A person has said something of some of the row's accounts. It covers these and no others.
    Judged {
        /// The judgement that stands for each account that has one.
        judgements: Vec<&'a Judgement>,
        /// How many of the row's accounts have none.
        unassessed_accounts: usize,
    },
}

impl Holder<'_> {
    /// Says whether every account's holder is identified by a judgement.
    #[must_use]
    pub fn is_identified(&self) -> bool {
        match self {
            Self::Unassessed => false,
            Self::Judged {
                judgements,
                unassessed_accounts,
            } => {
                *unassessed_accounts == 0
                    && judgements
                        .iter()
                        .all(|judged| judged.finding == Finding::Identified)
            }
        }
    }
}

/// The judgements that stand: of each account the last one recorded.
#[derive(Clone, Default, Debug)]
pub struct Judgements {
    standing: BTreeMap<AccountKey, Judgement>,
}

impl Judgements {
    /// Keeps the last judgement of each account. The recorded time decides, not the order here; of
    /// two of one instant, a withdrawal stands before an elimination, and that before an
    /// identification: what says less of a person.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = Judgement>) -> Self {
        let weight = |judged: &Judgement| {
            (
                judged.at_utc,
                judged.finding,
                judged.by.as_str().to_owned(),
                judged.reason.clone(),
            )
        };
        let mut standing: BTreeMap<AccountKey, Judgement> = BTreeMap::new();
        for judged in all {
            match standing.get(&judged.account) {
                Some(other) if weight(other) >= weight(&judged) => {}
                _ => {
                    standing.insert(judged.account.clone(), judged);
                }
            }
        }
        Self { standing }
    }

    /// Returns who held a row's accounts, as far as anybody has said.
    #[must_use]
    pub fn holder(&self, key: &SuspectKey) -> Holder<'_> {
        let judgements: Vec<&Judgement> = key
            .accounts
            .iter()
            .filter_map(|account| self.standing.get(account))
            .filter(|judged| judged.finding != Finding::Withdrawn)
            .collect();
        if judgements.is_empty() {
            Holder::Unassessed
        } else {
            Holder::Judged {
                unassessed_accounts: key.accounts.len() - judgements.len(),
                judgements,
            }
        }
    }
}
