//! What accounts and persons paid, who paid first, and what sources they share.

use std::collections::BTreeMap;
use std::fmt;

use unspoof_model::{Decimal, Rates, RowRef, UtcMicros};

use crate::address::redact;
use crate::lists::address_key;
use crate::rates::{ValueCurrency, ValueStatus, value_minor};

/// An account within its source: ids count only there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountKey {
    /// The system that the account is of.
    pub source: String,
    /// Its id there.
    pub account_id: String,
}

/// One payment by an account, as the seized deposit table holds it.
///
/// The table counts as fact. What happened on a chain before or after is not inferred.
#[derive(Clone, PartialEq, Eq)]
pub struct Payment {
    /// Who paid.
    pub account: AccountKey,
    /// When, where that was recorded.
    pub at_utc: Option<UtcMicros>,
    /// The amount in units of `currency`; below nothing for what was paid back.
    pub amount: Option<Decimal>,
    /// The currency as recorded, such as `BTC`.
    pub currency: Option<String>,
    /// The address that it came from, where the service recorded one.
    pub paid_from: Option<String>,
    /// The service's address that it went to.
    pub paid_to: Option<String>,
    /// The transaction.
    pub txid: Option<String>,
    /// Where the row stands in the evidence.
    pub row: RowRef,
}

impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment")
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}

/// What was paid, in minor units of one currency.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Spend {
    /// Payments, valued or not; those paid back included.
    pub payments: u64,
    /// Sum of what was paid and has a value.
    pub paid_minor: i128,
    /// Sum of what was paid back and has a value, above nothing.
    pub paid_back_minor: i128,
    /// Payments without a value, by the reason. While any are left, the sums are short of them.
    pub without_value: BTreeMap<ValueStatus, u64>,
    /// The first time recorded.
    pub first_utc: Option<UtcMicros>,
    /// The last time recorded.
    pub last_utc: Option<UtcMicros>,
}

impl Spend {
    /// Adds one payment: its time, and its value in minor units or why it has none.
    pub fn add(&mut self, at_utc: Option<UtcMicros>, value: Result<i64, ValueStatus>) {
        self.payments += 1;
        match value {
            Ok(minor) if minor >= 0 => self.paid_minor += i128::from(minor),
            Ok(minor) => self.paid_back_minor -= i128::from(minor),
            Err(status) => *self.without_value.entry(status).or_default() += 1,
        }
        if let Some(at) = at_utc {
            self.first_utc = Some(self.first_utc.map_or(at, |first| first.min(at)));
            self.last_utc = Some(self.last_utc.map_or(at, |last| last.max(at)));
        }
    }
}

/// Adds up what each account paid; one payment, one row: duplicates are the caller's to leave out.
#[must_use]
pub fn spend_by_account<'a>(
    payments: impl IntoIterator<Item = &'a Payment>,
    rates: &Rates,
    into: &ValueCurrency,
) -> BTreeMap<AccountKey, Spend> {
    spend_by(payments, rates, into, |payment| {
        Some(payment.account.clone())
    })
}

/// Adds up what each person paid, over the accounts that are theirs; payments of accounts that
/// nobody is given for are in none.
#[must_use]
pub fn spend_by_person<'a, P: Ord + Clone>(
    payments: impl IntoIterator<Item = &'a Payment>,
    rates: &Rates,
    into: &ValueCurrency,
    person_of: &BTreeMap<AccountKey, P>,
) -> BTreeMap<P, Spend> {
    spend_by(payments, rates, into, |payment| {
        person_of.get(&payment.account).cloned()
    })
}

fn spend_by<'a, K: Ord>(
    payments: impl IntoIterator<Item = &'a Payment>,
    rates: &Rates,
    into: &ValueCurrency,
    key: impl Fn(&Payment) -> Option<K>,
) -> BTreeMap<K, Spend> {
    let mut spend: BTreeMap<K, Spend> = BTreeMap::new();
    for payment in payments {
        if let Some(key) = key(payment) {
            let value = value_minor(
                payment.amount,
                payment.currency.as_deref(),
                payment.at_utc,
                rates,
                into,
            );
            spend.entry(key).or_default().add(payment.at_utc, value);
        }
    }
    spend
}

/// What several accounts may have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Shared {
    /// The address that payments came from. Exchanges and mixers pay for many: evidence, no proof.
    PaidFrom,
    /// The service's address that payments went to.
    PaidTo,
    /// One transaction that paid for several accounts.
    Transaction,
}

/// A value that payments of two accounts or more have in common.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedSource {
    /// What it is.
    pub what: Shared,
    /// The canonical address, or the transaction in lower case.
    pub value: String,
    /// Each account's first payment by it and how many there were; the first payer first, those
    /// without a time last.
    pub accounts: Vec<SharedBy>,
    /// Whether the earliest recorded time is that of one account alone. Where it is not, nobody is
    /// the first payer.
    pub has_first_payer: bool,
}

impl fmt::Debug for SharedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ", self.what)?;
        redact(&self.value, f)?;
        write!(f, " by {} accounts", self.accounts.len())
    }
}

/// An account's payments by a shared source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SharedBy {
    /// The account.
    pub account: AccountKey,
    /// Its first payment by this source, where times were recorded.
    pub first_utc: Option<UtcMicros>,
    /// How many.
    pub payments: u64,
    /// Rows of its payments, in their order.
    pub rows: Vec<RowRef>,
}

/// Finds what several accounts share, most accounts first, then by value.
#[must_use]
pub fn shared_sources<'a>(
    payments: impl IntoIterator<Item = &'a Payment>,
    what: Shared,
) -> Vec<SharedSource> {
    let mut by_value: BTreeMap<String, BTreeMap<AccountKey, SharedBy>> = BTreeMap::new();
    for payment in payments {
        let value = match what {
            Shared::PaidFrom => payment.paid_from.as_deref().and_then(address_key),
            Shared::PaidTo => payment.paid_to.as_deref().and_then(address_key),
            Shared::Transaction => payment
                .txid
                .as_deref()
                .map(|txid| txid.trim().to_ascii_lowercase())
                .filter(|txid| !txid.is_empty()),
        };
        let Some(value) = value else { continue };
        let account = payment.account.clone();
        let by = by_value
            .entry(value)
            .or_default()
            .entry(account.clone())
            .or_insert(SharedBy {
                account,
                first_utc: None,
                payments: 0,
                rows: Vec::new(),
            });
        by.payments += 1;
        by.rows.push(payment.row);
        by.first_utc = match (by.first_utc, payment.at_utc) {
            (Some(first), Some(at)) => Some(first.min(at)),
            (first, at) => first.or(at),
        };
    }
    let mut shared: Vec<SharedSource> = by_value
        .into_iter()
        .filter(|(_, accounts)| accounts.len() > 1)
        .map(|(value, accounts)| {
            let mut accounts: Vec<SharedBy> = accounts.into_values().collect();
            for by in &mut accounts {
                by.rows.sort();
            }
            let order = |by: &SharedBy| (by.first_utc.is_none(), by.first_utc);
            accounts.sort_by(|a, b| order(a).cmp(&order(b)).then(a.account.cmp(&b.account)));
            // A payment without a time may have come before all others.
            let all_timed = accounts.iter().all(|by| by.first_utc.is_some());
            let has_first_payer = all_timed && accounts[0].first_utc != accounts[1].first_utc;
            SharedSource {
                what,
                value,
                accounts,
                has_first_payer,
            }
        })
        .collect();
    shared.sort_by(|a, b| {
        b.accounts
            .len()
            .cmp(&a.accounts.len())
            .then(a.value.cmp(&b.value))
    });
    shared
}
