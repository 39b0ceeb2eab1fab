//! What is true, as `lab generate` wrote it into `truth/`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use camino::Utf8Path;

use super::csv::{Table, count, number};

/// The one system that the lab's accounts are of.
const SERVICE: &str = "service";

/// Names an account: its source, and its id there.
pub(crate) type Key = (String, String);

/// Whose an account is.
pub(crate) struct Held {
    pub(crate) person: String,
    /// What of its person alone it shows.
    pub(crate) shows: BTreeSet<String>,
}

/// What is true of a report.
pub(crate) struct Report {
    /// The number of the call that it tells of; `None`: it tells of no call of the service.
    pub(crate) called: Option<u64>,
    /// Whether it gives its own number anywhere, slips included.
    pub(crate) own_number: bool,
}

/// The truth.
pub(crate) struct Truth {
    pub(crate) accounts: BTreeMap<Key, Held>,
    pub(crate) reports: BTreeMap<String, Report>,
    /// Sum of the losses by number, in pence.
    pub(crate) losses: BTreeMap<u64, u64>,
    /// Persons who run fraud.
    pub(crate) suspects: BTreeSet<String>,
}

impl Truth {
    pub(crate) fn read(folder: &Utf8Path) -> anyhow::Result<Self> {
        let table = |name: &str| Table::read(&folder.join(name));
        let named = |name: &'static str| move || format!("could not read the truth in `{name}`");
        Ok(Self {
            accounts: accounts(&table("persons.csv")?).with_context(named("persons.csv"))?,
            reports: reports(&table("report_calls.csv")?)
                .with_context(named("report_calls.csv"))?,
            losses: losses(&table("losses.csv")?).with_context(named("losses.csv"))?,
            suspects: suspects(&table("suspects.csv")?).with_context(named("suspects.csv"))?,
        })
    }
}

/// Returns the account that a row names; without a column of sources it is the service's.
pub(crate) fn key(row: &[String], source: Option<usize>, account: usize) -> Key {
    let source = source.map_or(SERVICE, |source| &row[source]);
    (source.to_owned(), row[account].clone())
}

fn accounts(table: &Table) -> anyhow::Result<BTreeMap<Key, Held>> {
    let (source, account) = (table.column("source")?, table.column("account_id")?);
    let (person, shows) = (table.column("person")?, table.column("shows")?);
    let held = |row: &[String]| Held {
        person: row[person].clone(),
        shows: row[shows].split_whitespace().map(str::to_owned).collect(),
    };
    Ok(table
        .rows()
        .map(|row| (key(row, Some(source), account), held(row)))
        .collect())
}

fn reports(table: &Table) -> anyhow::Result<BTreeMap<String, Report>> {
    let (report, called) = (table.column("report_id")?, table.column("called_e164")?);
    let own = table.column("own_number")?;
    let rows = table.rows().map(|row| {
        let truth = Report {
            called: number(&row[called])?,
            own_number: row[own] != "none",
        };
        Ok((row[report].clone(), truth))
    });
    rows.collect()
}

fn losses(table: &Table) -> anyhow::Result<BTreeMap<u64, u64>> {
    let (called, minor) = (table.column("called_e164")?, table.column("loss_minor")?);
    let mut losses = BTreeMap::new();
    for row in table.rows() {
        if let Some(called) = number(&row[called])? {
            *losses.entry(called).or_default() += count(&row[minor])?;
        }
    }
    Ok(losses)
}

fn suspects(table: &Table) -> anyhow::Result<BTreeSet<String>> {
    let person = table.column("person")?;
    Ok(table.rows().map(|row| row[person].clone()).collect())
}
