//! `derived/shared_sources.parquet`: wallets, addresses and transactions that payments of several
//! accounts have in common, and who used each first.

use std::collections::BTreeSet;

use camino::Utf8Path;
use unspoof_model::{ExhibitId, RowRef};
use unspoof_payments::{AccountKey, Payment, Shared, SharedBy, shared_sources};

use crate::AnalysisError;
use crate::accounts::{Account, Accounts};
use crate::payments_read::{PaymentRow, PaymentRows};
use crate::persons_table::Linked;
use crate::whole_table::WholeTable;

/// A value that two accounts or more paid by.
pub(crate) struct SharedValue {
    pub(crate) what: Shared,
    value: String,
    /// In the order of their first payments.
    accounts: Vec<OfAccount>,
    pub(crate) persons: u32,
    /// Rows of all its payments, as `payment_no`.
    pub(crate) payments: Vec<u32>,
}

struct OfAccount {
    account_no: u32,
    first_us: Option<i64>,
    payments: u64,
    /// Whether nobody else's first payment is as early, and all are timed.
    is_first_payer: bool,
}

/// Names what is shared, as it stands in tables.
pub(crate) const fn shared_word(what: Shared) -> &'static str {
    match what {
        Shared::PaidFrom => "paid-from",
        Shared::PaidTo => "paid-to",
        Shared::Transaction => "transaction",
    }
}

/// Finds what accounts share: wallets paid from, addresses paid to, transactions, in this order.
pub(crate) fn shared_values(
    payments: &PaymentRows,
    accounts: &Accounts,
    linked: &Linked,
) -> Vec<SharedValue> {
    let mut found = Vec::new();
    for what in [Shared::PaidFrom, Shared::PaidTo, Shared::Transaction] {
        let joined: Vec<Payment> = of_several(payments, what)
            .into_iter()
            .filter_map(|at| payment(payments, accounts, at))
            .collect();
        let account_no = |by: &SharedBy| -> Option<u32> {
            let of_source = accounts.of_source(&by.account.source)?;
            of_source.get(&by.account.account_id).copied()
        };
        found.extend(shared_sources(&joined, what).into_iter().map(|source| {
            let rows = source.accounts.iter().flat_map(|by| &by.rows);
            let payments = rows.map(|row| row.row_no as u32).collect();
            let of_account = |(at, by): (usize, &SharedBy)| {
                Some(OfAccount {
                    account_no: account_no(by)?,
                    first_us: by.first_utc,
                    payments: by.payments,
                    is_first_payer: at == 0 && source.has_first_payer,
                })
            };
            let all: Vec<OfAccount> = source
                .accounts
                .iter()
                .enumerate()
                .filter_map(of_account)
                .collect();
            // Staff and police are compared with nobody's; each of their accounts stands alone.
            let persons: BTreeSet<Result<&str, u32>> = all
                .iter()
                .map(|one| {
                    let person = linked.persons.person_of(one.account_no);
                    person.map(|p| p.id.as_str()).ok_or(one.account_no)
                })
                .collect();
            SharedValue {
                what,
                persons: persons.len() as u32,
                payments,
                value: source.value,
                accounts: all,
            }
        }));
    }
    found
}

/// Lists payments whose value of a kind several accounts have. Most values are one account's, and
/// nothing more is done about these.
fn of_several(payments: &PaymentRows, what: Shared) -> Vec<u32> {
    if what == Shared::Transaction {
        let mut by_txid: Vec<(&str, u32, u32)> = (0..)
            .zip(&payments.rows)
            .filter_map(|(at, row)| Some((row.txid.as_deref()?, row.account_no?, at)))
            .collect();
        by_txid.sort_unstable();
        return by_txid
            .chunk_by(|a, b| a.0 == b.0)
            .filter(|same| same[0].1 != same[same.len() - 1].1)
            .flatten()
            .map(|row| row.2)
            .collect();
    }
    let of = |row: &PaymentRow| match what {
        Shared::PaidFrom => row.paid_from,
        Shared::PaidTo | Shared::Transaction => row.paid_to,
    };
    const NOBODY: u32 = u32::MAX;
    let mut first = vec![NOBODY; payments.addresses.len()];
    let mut is_shared = vec![false; payments.addresses.len()];
    for row in &payments.rows {
        if let (Some(address), Some(account_no)) = (of(row), row.account_no) {
            let known = &mut first[address as usize];
            is_shared[address as usize] |= *known != NOBODY && *known != account_no;
            *known = account_no;
        }
    }
    (0..)
        .zip(&payments.rows)
        .filter(|(_, row)| of(row).is_some_and(|address| is_shared[address as usize]))
        .map(|(at, _)| at)
        .collect()
}

/// Makes a payment as the library takes it; its row is told by `payment_no`.
fn payment(payments: &PaymentRows, accounts: &Accounts, at: u32) -> Option<Payment> {
    let row = &payments.rows[at as usize];
    let account = &accounts.all[row.account_no? as usize];
    let key = |at| payments.address(at).map(|address| address.key.clone());
    Some(Payment {
        account: AccountKey {
            source: account.source.clone(),
            account_id: account.account_id.clone(),
        },
        at_utc: row.at_us,
        amount: None,
        currency: None,
        paid_from: key(row.paid_from),
        paid_to: key(row.paid_to),
        txid: row.txid.clone(),
        row: RowRef {
            exhibit: ExhibitId(0),
            stream: row.place.stream,
            byte_offset: row.place.byte_offset,
            byte_len: row.place.byte_len,
            row_no: at.into(),
        },
    })
}

/// Writes the table: one row a value and account, the value of most accounts first.
pub(crate) fn write_shared(
    shared: &[SharedValue],
    accounts: &Accounts,
    linked: &Linked,
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    let rows: Vec<(&SharedValue, &OfAccount)> = shared
        .iter()
        .flat_map(|value| value.accounts.iter().map(move |one| (value, one)))
        .collect();
    let account =
        |row: &(&SharedValue, &OfAccount)| -> &Account { &accounts.all[row.1.account_no as usize] };
    WholeTable::of(&rows)
        .text("what", |row| Some(shared_word(row.0.what)))
        .text("value", |row| Some(row.0.value.as_str()))
        .small("accounts", |row| Some(row.0.accounts.len() as u32))
        .small("persons", |row| Some(row.0.persons))
        .small("account_no", |row| Some(row.1.account_no))
        .text("source", |row| Some(&account(row).source))
        .text("account_id", |row| Some(&account(row).account_id))
        .text("person_id", |row| {
            Some(linked.persons.person_of(row.1.account_no)?.id.as_str())
        })
        .count("payments", |row| Some(row.1.payments))
        .time("first_utc", |row| row.1.first_us)
        .flag("first_payer", |row| Some(row.1.is_first_payer))
        .write(path)
}
