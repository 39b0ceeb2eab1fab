//! Ranked suspects, scored by how many of the first hundred truly run fraud.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::csv::Table;
use super::truth::{Truth, key};
use super::{part, percent};

/// How many of the list are scored.
const TOP: usize = 100;

/// How well suspects are ranked. A suspect is right where more than half of its accounts are held
/// by persons who run fraud.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Suspects {
    /// Suspects in the list.
    pub suspects: u64,
    /// The first hundred of them, or all if they are fewer.
    pub top: u64,
    /// Of these, those who run fraud.
    pub right: u64,
    /// The share that these are; a list of fewer than a hundred is held to its own length.
    pub precision: f64,
    /// Different true persons among those who run fraud: fewer where one is listed twice.
    pub persons: u64,
}

pub(crate) fn score(table: &Table, truth: &Truth) -> anyhow::Result<Suspects> {
    let (suspect, account) = (table.column("suspect")?, table.column("account_id")?);
    let source = table.optional("source");
    let mut order: Vec<&str> = Vec::new();
    let mut accounts: BTreeMap<&str, Vec<Option<&str>>> = BTreeMap::new();
    for row in table.rows() {
        let holders = accounts.entry(&row[suspect]).or_insert_with(|| {
            order.push(&row[suspect]);
            Vec::new()
        });
        let held = truth.accounts.get(&key(row, source, account));
        holders.push(held.map(|held| &*held.person));
    }
    let top = order.len().min(TOP);
    let mut right = 0;
    let mut persons: BTreeSet<&str> = BTreeSet::new();
    for suspect in &order[..top] {
        let holders = accounts.get(suspect).map_or(&[][..], Vec::as_slice);
        let guilty = holders
            .iter()
            .flatten()
            .filter(|person| truth.suspects.contains(**person));
        let guilty: Vec<&str> = guilty.copied().collect();
        if guilty.len() * 2 > holders.len() {
            right += 1;
            // Whoever holds most of the accounts, and of those the first by name.
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for person in guilty {
                *counts.entry(person).or_default() += 1;
            }
            let most = counts.values().max().copied().unwrap_or(0);
            persons.extend(
                counts
                    .into_iter()
                    .find(|(_, count)| *count == most)
                    .map(|(person, _)| person),
            );
        }
    }
    Ok(Suspects {
        suspects: order.len() as u64,
        top: top as u64,
        right,
        precision: part(right, top as u64),
        persons: persons.len() as u64,
    })
}

impl fmt::Display for Suspects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "suspects: {} of the first {} run fraud, precision {}; {} different persons; {} in the \
             list",
            self.right,
            self.top,
            percent(self.precision),
            self.persons,
            self.suspects,
        )
    }
}
