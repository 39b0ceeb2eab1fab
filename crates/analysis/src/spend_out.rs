//! `derived/account_spend.parquet` and `person_spend.parquet`: what accounts, and the persons that
//! they are taken for, paid the service.

use std::collections::BTreeMap;

use camino::Utf8Path;
use unspoof_payments::{Spend, ValueStatus};

use crate::AnalysisError;
use crate::accounts::{Account, Accounts};
use crate::figures::saturated;
use crate::payments_read::PaymentRows;
use crate::persons_table::Linked;
use crate::whole_table::WholeTable;

/// What accounts and persons paid.
pub(crate) struct SpendBy<'a> {
    /// By `account_no`.
    pub(crate) accounts: BTreeMap<u32, Spend>,
    /// By person's name: how many of its accounts paid, and what.
    pub(crate) persons: BTreeMap<&'a str, (u32, Spend)>,
}

impl<'a> SpendBy<'a> {
    pub(crate) fn of(payments: &PaymentRows, linked: &'a Linked) -> Self {
        let mut accounts: BTreeMap<u32, Spend> = BTreeMap::new();
        for row in &payments.rows {
            if let Some(account_no) = row.account_no {
                let spend = accounts.entry(account_no).or_default();
                spend.add(row.at_us, row.value);
            }
        }
        let mut persons: BTreeMap<&str, (u32, Spend)> = BTreeMap::new();
        for (&account_no, spend) in &accounts {
            if let Some(person) = linked.persons.person_of(account_no) {
                let (paying, all) = persons.entry(person.id.as_str()).or_default();
                *paying += 1;
                add(all, spend);
            }
        }
        Self { accounts, persons }
    }

    /// Writes both tables, by account and by person.
    pub(crate) fn write(
        &self,
        accounts: &Accounts,
        linked: &Linked,
        currency: &str,
        of_accounts: &Utf8Path,
        of_persons: &Utf8Path,
    ) -> Result<(), AnalysisError> {
        let rows: Vec<(u32, &Spend)> = self.accounts.iter().map(|(&no, s)| (no, s)).collect();
        let account = |row: &(u32, &Spend)| -> &Account { &accounts.all[row.0 as usize] };
        let table = WholeTable::of(&rows)
            .small("account_no", |row| Some(row.0))
            .text("source", |row| Some(&account(row).source))
            .text("account_id", |row| Some(&account(row).account_id))
            .text("person_id", |row| {
                Some(linked.persons.person_of(row.0)?.id.as_str())
            });
        spent(table, currency, |row| row.1).write(of_accounts)?;
        let rows: Vec<(&str, u32, &Spend)> = self
            .persons
            .iter()
            .map(|(&person, (paying, spend))| (person, *paying, spend))
            .collect();
        let table = WholeTable::of(&rows)
            .text("person_id", |row| Some(row.0))
            .small("paying_accounts", |row| Some(row.1));
        spent(table, currency, |row| row.2).write(of_persons)
    }
}

fn add(all: &mut Spend, one: &Spend) {
    all.payments += one.payments;
    all.paid_minor += one.paid_minor;
    all.paid_back_minor += one.paid_back_minor;
    for (&status, count) in &one.without_value {
        *all.without_value.entry(status).or_default() += count;
    }
    all.first_utc = match (all.first_utc, one.first_utc) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    };
    all.last_utc = all.last_utc.max(one.last_utc);
}

fn spent<'a, R>(
    table: WholeTable<'a, R>,
    currency: &'a str,
    of: impl Fn(&'a R) -> &'a Spend + Copy,
) -> WholeTable<'a, R> {
    let without = move |row: &'a R, status| of(row).without_value.get(&status).copied();
    table
        .count("payments", |row| Some(of(row).payments))
        .text("currency", |_| Some(currency))
        .int("paid_minor", |row| Some(saturated(of(row).paid_minor)))
        .int("paid_back_minor", |row| {
            Some(saturated(of(row).paid_back_minor))
        })
        .count("without_value", |row| {
            Some(of(row).without_value.values().sum())
        })
        .count("without_rate", |row| {
            Some(without(row, ValueStatus::NoRate).unwrap_or(0))
        })
        .count("without_time", |row| {
            Some(without(row, ValueStatus::NoTime).unwrap_or(0))
        })
        .time("first_utc", |row| of(row).first_utc)
        .time("last_utc", |row| of(row).last_utc)
}
