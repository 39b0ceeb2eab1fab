//! Accounts with what they paid: the facts that calls are joined to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::Array;
use unspoof_model::Region;
use unspoof_model::config::Priority;

use crate::AnalysisError;
use crate::duplicates::{LeftOuts, Numbered};
use crate::ordered::in_order;
use crate::parts::{Columns, TablePart, read_part};

/// Where a row stands, with its exhibit by name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    pub(crate) exhibit: Arc<str>,
    pub(crate) stream: u32,
    pub(crate) byte_offset: u64,
    pub(crate) byte_len: u32,
}

/// One account.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Account {
    pub(crate) source: String,
    pub(crate) account_id: String,
    pub(crate) role: String,
    pub(crate) username: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone_e164: Option<i64>,
    pub(crate) phone_region: Option<String>,
    /// The row that counts; None for an account that only calls or payments name.
    pub(crate) place: Option<Place>,
    pub(crate) payments: u64,
    pub(crate) paid_minor: i64,
    pub(crate) is_priority: bool,
}

impl Account {
    /// Returns whether its calls are tests by its role.
    pub(crate) fn is_test(&self) -> bool {
        matches!(self.role.as_str(), "staff" | "police-test")
    }
}

/// All accounts that any row names, in the order of source and id; a place here is `account_no`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts {
    pub(crate) all: Vec<Account>,
    by_source: BTreeMap<String, HashMap<String, u32>>,
}

/// One payment that counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Payment {
    pub(crate) place: Place,
    pub(crate) value_minor: Option<i64>,
}

impl Accounts {
    /// Returns the accounts of one source by id.
    pub(crate) fn of_source(&self, source: &str) -> Option<&HashMap<String, u32>> {
        self.by_source.get(source)
    }

    /// Gathers accounts from their own table, from payments and from calls.
    pub(crate) fn gather(
        accounts: (&Numbered<'_>, &LeftOuts),
        payments: (&Numbered<'_>, &LeftOuts),
        calls: &[&TablePart],
        rule: &Priority,
        home: &[Region],
        workers: usize,
    ) -> Result<(Self, Vec<Payment>), AnalysisError> {
        let mut known: BTreeMap<(String, String), Account> = BTreeMap::new();
        read_accounts(accounts, &mut known)?;
        let paid = read_payments(payments, &mut known)?;
        for (source, account_id) in unknown_in_calls(calls, &known, workers)? {
            let key = (source.clone(), account_id.clone());
            known.insert(
                key,
                Account {
                    source,
                    account_id,
                    ..Account::default()
                },
            );
        }
        let mut made = Self::default();
        for (number, ((source, account_id), mut account)) in known.into_iter().enumerate() {
            let is_home = account
                .phone_region
                .as_deref()
                .is_some_and(|region| home.iter().any(|h| h.as_str() == region));
            account.is_priority =
                (is_home || !rule.home_region) && account.paid_minor >= rule.min_paid_minor;
            if account.role.is_empty() {
                account.role = "unknown".to_owned();
            }
            made.by_source
                .entry(source)
                .or_default()
                .insert(account_id, number as u32);
            made.all.push(account);
        }
        Ok((made, paid))
    }
}

fn read_accounts(
    (numbered, left_out): (&Numbered<'_>, &LeftOuts),
    known: &mut BTreeMap<(String, String), Account>,
) -> Result<(), AnalysisError> {
    let mut wanted = vec![
        "account_id",
        "role",
        "username",
        "email",
        "phone_e164",
        "phone_region",
    ];
    wanted.extend(PLACE_COLUMNS);
    for (part, first) in &numbered.parts {
        let columns = read_part(&part.path, &wanted)?;
        let (ids, roles) = (columns.text("account_id")?, columns.text("role")?);
        let (usernames, emails) = (columns.text("username")?, columns.text("email")?);
        let (phones, regions) = (columns.int("phone_e164")?, columns.text("phone_region")?);
        let places = Places::of(part, &columns)?;
        for row in 0..ids.len() {
            if ids.is_null(row) || left_out.contains(first + row as u32) {
                continue;
            }
            let text = |column: &arrow::array::StringArray| {
                column.is_valid(row).then(|| column.value(row).to_owned())
            };
            let account_id = ids.value(row).to_owned();
            let account = Account {
                source: part.source.clone(),
                account_id: account_id.clone(),
                role: text(roles).unwrap_or_else(|| "unknown".to_owned()),
                username: text(usernames),
                email: text(emails),
                phone_e164: phones.is_valid(row).then(|| phones.value(row)),
                phone_region: text(regions),
                place: Some(places.at(row)),
                ..Account::default()
            };
            // Without a declared identity an id may come twice; the later row stands for both.
            known.insert((part.source.clone(), account_id), account);
        }
    }
    Ok(())
}

fn read_payments(
    (numbered, left_out): (&Numbered<'_>, &LeftOuts),
    known: &mut BTreeMap<(String, String), Account>,
) -> Result<Vec<Payment>, AnalysisError> {
    let mut wanted = vec!["account_id", "value_minor"];
    wanted.extend(PLACE_COLUMNS);
    let mut payments = Vec::new();
    for (part, first) in &numbered.parts {
        let columns = read_part(&part.path, &wanted)?;
        let (ids, values) = (columns.text("account_id")?, columns.int("value_minor")?);
        let places = Places::of(part, &columns)?;
        for row in 0..ids.len() {
            if left_out.contains(first + row as u32) {
                continue;
            }
            let value_minor = values.is_valid(row).then(|| values.value(row));
            payments.push(Payment {
                place: places.at(row),
                value_minor,
            });
            if ids.is_null(row) {
                continue;
            }
            let key = (part.source.clone(), ids.value(row).to_owned());
            let account = known
                .entry(key)
                .or_insert_with_key(|(source, account_id)| Account {
                    source: source.clone(),
                    account_id: account_id.clone(),
                    ..Account::default()
                });
            account.payments += 1;
            account.paid_minor = account.paid_minor.saturating_add(value_minor.unwrap_or(0));
        }
    }
    Ok(payments)
}

/// Finds the accounts that calls name and nothing else does.
fn unknown_in_calls(
    calls: &[&TablePart],
    known: &BTreeMap<(String, String), Account>,
    workers: usize,
) -> Result<BTreeSet<(String, String)>, AnalysisError> {
    let mut by_source: BTreeMap<&str, std::collections::HashSet<&str>> = BTreeMap::new();
    for (source, account_id) in known.keys() {
        by_source.entry(source).or_default().insert(account_id);
    }
    let mut unknown = BTreeSet::new();
    let look = |index: usize| -> Result<BTreeSet<String>, AnalysisError> {
        let part = calls[index];
        let columns = read_part(&part.path, &["account_id"])?;
        let ids = columns.text("account_id")?;
        let known = by_source.get(part.source.as_str());
        let is_new = |id: &&str| !known.is_some_and(|known| known.contains(id));
        Ok(ids
            .iter()
            .flatten()
            .filter(is_new)
            .map(str::to_owned)
            .collect())
    };
    in_order(calls.len(), workers, look, |index, found| {
        unknown.extend(
            found
                .into_iter()
                .map(|id| (calls[index].source.clone(), id)),
        );
        Ok(())
    })?;
    Ok(unknown)
}

/// The columns that [`Places`] needs.
pub(crate) const PLACE_COLUMNS: [&str; 3] = ["stream", "byte_offset", "byte_len"];

/// The places of a part's rows.
pub(crate) struct Places<'a> {
    exhibit: Arc<str>,
    stream: &'a arrow::array::UInt32Array,
    byte_offset: &'a arrow::array::UInt64Array,
    byte_len: &'a arrow::array::UInt32Array,
}

impl<'a> Places<'a> {
    pub(crate) fn of(part: &TablePart, columns: &'a Columns) -> Result<Self, AnalysisError> {
        Ok(Self {
            exhibit: part.exhibit.as_str().into(),
            stream: columns.small("stream")?,
            byte_offset: columns.count("byte_offset")?,
            byte_len: columns.small("byte_len")?,
        })
    }

    pub(crate) fn at(&self, row: usize) -> Place {
        Place {
            exhibit: Arc::clone(&self.exhibit),
            stream: self.stream.value(row),
            byte_offset: self.byte_offset.value(row),
            byte_len: self.byte_len.value(row),
        }
    }
}
