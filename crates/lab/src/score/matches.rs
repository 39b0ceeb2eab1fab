//! Reports joined to calls, scored by the number that was called.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::bail;
use serde::Serialize;

use super::csv::{Table, number};
use super::truth::Truth;
use super::{part, percent};

/// Tiers whose matches count: possible ones are for a person to look at.
const COUNTED: [&str; 2] = ["exact", "probable"];

/// Matches of one tier, or of several.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Tier {
    /// `exact`, `probable`, `possible`; `exact+probable` is both.
    pub tier: String,
    /// Matches of it.
    pub matches: u64,
    /// Of these, those to the number that was truly called.
    pub right: u64,
    /// The share that these are.
    pub precision: f64,
}

/// How many reports of a kind are matched rightly, as exact or probable.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Recall {
    /// Reports that truly tell of a call.
    pub reports: u64,
    /// Of these, those matched rightly.
    pub matched: u64,
    /// The share that these are.
    pub recall: f64,
}

/// How well reports are matched.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Matches {
    /// Each tier that there is, by name, and at the end exact and probable together.
    pub tiers: Vec<Tier>,
    /// Reports that give a number of their own, slips included.
    pub with_own_number: Recall,
    /// All reports that tell of a call.
    pub all: Recall,
}

pub(crate) fn score(table: &Table, truth: &Truth) -> anyhow::Result<Matches> {
    let (report, called) = (table.column("report_id")?, table.column("called_e164")?);
    let tier = table.column("tier")?;
    let mut tiers: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut matched: BTreeSet<&str> = BTreeSet::new();
    for row in table.rows() {
        let Some(known) = truth.reports.get(&row[report]) else {
            bail!("report `{}` is not in the truth", row[report]);
        };
        let called = number(&row[called])?;
        let right = called.is_some() && called == known.called;
        let tally = tiers.entry(&row[tier]).or_default();
        *tally = (tally.0 + 1, tally.1 + u64::from(right));
        if right && COUNTED.contains(&&*row[tier]) {
            matched.insert(&row[report]);
        }
    }
    let made = |tier: &str, (matches, right): (u64, u64)| Tier {
        tier: tier.to_owned(),
        matches,
        right,
        precision: part(right, matches),
    };
    let both = COUNTED.iter().filter_map(|tier| tiers.get(tier));
    let both = both.fold((0, 0), |sum, tally| (sum.0 + tally.0, sum.1 + tally.1));
    let recall = |own_number_alone: bool| {
        let mut counts = (0, 0);
        for (id, report) in &truth.reports {
            if report.called.is_some() && (report.own_number || !own_number_alone) {
                counts.0 += 1;
                counts.1 += u64::from(matched.contains(&**id));
            }
        }
        Recall {
            reports: counts.0,
            matched: counts.1,
            recall: part(counts.1, counts.0),
        }
    };
    let mut tiers: Vec<Tier> = tiers
        .into_iter()
        .map(|(tier, tally)| made(tier, tally))
        .collect();
    tiers.push(made("exact+probable", both));
    Ok(Matches {
        tiers,
        with_own_number: recall(true),
        all: recall(false),
    })
}

impl fmt::Display for Matches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for tier in &self.tiers {
            writeln!(
                f,
                "matches, {}: {} of {} right, precision {}",
                tier.tier,
                tier.right,
                tier.matches,
                percent(tier.precision)
            )?;
        }
        for (name, recall) in [
            ("with a number of their own", &self.with_own_number),
            ("all that tell of a call", &self.all),
        ] {
            writeln!(
                f,
                "reports {name}: {} of {} matched, recall {}",
                recall.matched,
                recall.reports,
                percent(recall.recall)
            )?;
        }
        Ok(())
    }
}
