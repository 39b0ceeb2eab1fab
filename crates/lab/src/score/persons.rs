//! Accounts joined to persons, scored by pairs of accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::bail;
use serde::Serialize;

use super::csv::Table;
use super::truth::{Held, Key, Truth, key};
use super::{part, percent};

/// A pair is hard where its accounts have at most so many of their person's own values in common.
const HARD_IN_COMMON: usize = 1;

/// How well accounts are joined. A pair is two accounts; true: of one person.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Persons {
    /// Accounts that both sides name.
    pub accounts: u64,
    /// Accounts that the truth does not know; left out.
    pub accounts_unknown: u64,
    /// Accounts that are true and named by no answer: each a person of its own.
    pub accounts_missing: u64,
    /// Pairs that are true.
    pub pairs_true: u64,
    /// Pairs that were found.
    pub pairs_found: u64,
    /// Pairs that are both.
    pub pairs_both: u64,
    /// Of the pairs found, the share that is true.
    pub precision: f64,
    /// Of the true pairs, the share that was found.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// True pairs with at most one value in common that only their person has.
    pub hard_pairs: u64,
    /// Of these, the share that was found.
    pub hard_recall: f64,
}

pub(crate) fn score(table: &Table, truth: &Truth) -> anyhow::Result<Persons> {
    let (person, account) = (table.column("person")?, table.column("account_id")?);
    let source = table.optional("source");
    let mut found: BTreeMap<Key, &str> = BTreeMap::new();
    let mut accounts_unknown = 0;
    for row in table.rows() {
        let key = key(row, source, account);
        if !truth.accounts.contains_key(&key) {
            accounts_unknown += 1;
        } else if found.insert(key, &row[person]).is_some() {
            bail!("account `{}` is named twice", row[account]);
        }
    }
    let mut by_true: BTreeMap<&str, Vec<(&Held, Option<&str>)>> = BTreeMap::new();
    for (key, held) in &truth.accounts {
        let answer = found.get(key).copied();
        by_true
            .entry(&held.person)
            .or_default()
            .push((held, answer));
    }
    let mut by_found: BTreeMap<&str, u64> = BTreeMap::new();
    for person in found.values() {
        *by_found.entry(person).or_default() += 1;
    }
    let (mut pairs_true, mut pairs_both) = (0, 0);
    let (mut hard_pairs, mut hard_both) = (0, 0);
    for accounts in by_true.values() {
        for (place, (one, answer)) in accounts.iter().enumerate() {
            for (other, other_answer) in &accounts[..place] {
                let joined = answer.is_some() && answer == other_answer;
                let hard = in_common(&one.shows, &other.shows) <= HARD_IN_COMMON;
                pairs_true += 1;
                pairs_both += u64::from(joined);
                hard_pairs += u64::from(hard);
                hard_both += u64::from(hard && joined);
            }
        }
    }
    let pairs_found: u64 = by_found.values().map(|count| count * (count - 1) / 2).sum();
    Ok(Persons {
        accounts: found.len() as u64,
        accounts_unknown,
        accounts_missing: (truth.accounts.len() - found.len()) as u64,
        pairs_true,
        pairs_found,
        pairs_both,
        precision: part(pairs_both, pairs_found),
        recall: part(pairs_both, pairs_true),
        f1: part(2 * pairs_both, pairs_true + pairs_found),
        hard_pairs,
        hard_recall: part(hard_both, hard_pairs),
    })
}

fn in_common(one: &BTreeSet<String>, other: &BTreeSet<String>) -> usize {
    one.intersection(other).count()
}

impl fmt::Display for Persons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "persons: pairwise F1 {:.4} (precision {}, recall {}); {} of {} hard pairs found; {} \
             accounts, {} unknown, {} missing",
            self.f1,
            percent(self.precision),
            percent(self.recall),
            percent(self.hard_recall),
            self.hard_pairs,
            self.accounts,
            self.accounts_unknown,
            self.accounts_missing,
        )
    }
}
