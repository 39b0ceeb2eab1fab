//! What was lost, by tier: each loss once.

use std::collections::BTreeMap;

use crate::reason::Tier;
use crate::{Currency, Matched, Money, Report};

/// One loss with what its reports state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CountedLoss {
    /// The surest tier among its reports; none where none of them has any candidate.
    pub tier: Option<Tier>,
    /// What is counted: the lowest amount that any of its reports states.
    pub counted: Option<Money>,
    /// The highest amount that any of them states in the same currency.
    pub highest_minor: Option<i64>,
    /// How many reports tell of it.
    pub reports: usize,
}

/// Losses of one tier in one currency, gross, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LossSum {
    /// How many losses have an amount in this currency.
    pub losses: u64,
    /// Their sum.
    pub sum_minor: i128,
    /// The largest.
    pub largest_minor: i64,
    /// The middle one; of two middle ones the lower.
    pub median_minor: i64,
}

impl LossSum {
    /// Returns the mean, rounded down.
    #[must_use]
    pub fn mean_minor(&self) -> Option<i128> {
        self.sum_minor.checked_div_euclid(i128::from(self.losses))
    }
}

/// Losses by tier. Tiers share no loss, so their sums may be added up.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Losses {
    /// By tier, none being losses without any candidate, and currency.
    pub by_tier: BTreeMap<(Option<Tier>, Currency), LossSum>,
    /// Losses of which no report states an amount, by tier.
    pub without_amount: BTreeMap<Option<Tier>, u64>,
}

impl Matched<'_> {
    /// Returns all losses, in the order of [`Matched::losses`]. `reports` are those that were
    /// matched, in the same order; a report that is missing there states nothing.
    #[must_use]
    pub fn counted_losses(&self, reports: &[Report]) -> Vec<CountedLoss> {
        let counted = |group: &crate::LossGroup| {
            let tiers = group
                .reports
                .iter()
                .filter_map(|&at| self.reports.get(at)?.tier());
            let stated = || group.reports.iter().filter_map(|&at| reports.get(at)?.loss);
            // Negative amounts are refunds or slips of the form, and no loss.
            let counted = stated().filter(|loss| loss.minor >= 0).min();
            let same = |loss: &Money| Some(loss.currency) == counted.map(|c| c.currency);
            CountedLoss {
                tier: tiers.min(),
                counted,
                highest_minor: stated().filter(same).map(|loss| loss.minor).max(),
                reports: group.reports.len(),
            }
        };
        self.losses.iter().map(counted).collect()
    }

    /// Sums losses by tier and currency.
    #[must_use]
    pub fn losses_by_tier(&self, reports: &[Report]) -> Losses {
        let mut amounts: BTreeMap<(Option<Tier>, Currency), Vec<i64>> = BTreeMap::new();
        let mut losses = Losses::default();
        for loss in self.counted_losses(reports) {
            match loss.counted {
                Some(money) => amounts
                    .entry((loss.tier, money.currency))
                    .or_default()
                    .push(money.minor),
                None => *losses.without_amount.entry(loss.tier).or_default() += 1,
            }
        }
        for (key, mut minor) in amounts {
            minor.sort_unstable();
            let sum = LossSum {
                losses: minor.len() as u64,
                sum_minor: minor.iter().map(|&m| i128::from(m)).sum(),
                largest_minor: minor.last().copied().unwrap_or(0),
                median_minor: minor.get((minor.len() - 1) / 2).copied().unwrap_or(0),
            };
            losses.by_tier.insert(key, sum);
        }
        losses
    }
}
