//! What reports say of a number and of an account: losses by tier, each once.

use std::collections::{BTreeMap, BTreeSet};

use unspoof_matching::Tier;

use crate::report_matches::MatchedReports;

/// Losses that reports tell of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Told {
    /// Losses with an exact match; with a probable and no exact one; with a possible one alone.
    pub(crate) losses: [u32; 3],
    /// Their gross sums where the tier counts, in minor units: exact, probable.
    pub(crate) sums_minor: [u64; 2],
}

impl Told {
    /// Returns the surest tier.
    pub(crate) fn tier(&self) -> Option<Tier> {
        let tiers = [Tier::Exact, Tier::Probable, Tier::Possible];
        let place = self.losses.iter().position(|&losses| losses > 0)?;
        Some(tiers[place])
    }

    fn add(&mut self, tier: Tier, minor: Option<i64>) {
        let place = match tier {
            Tier::Exact => 0,
            Tier::Probable => 1,
            Tier::Possible => 2,
        };
        self.losses[place] += 1;
        if let Some(sum) = self.sums_minor.get_mut(place) {
            let minor = minor
                .and_then(|minor| u64::try_from(minor).ok())
                .unwrap_or(0);
            *sum = sum.saturating_add(minor);
        }
    }
}

/// What all reports say, by number and by account.
#[derive(Debug, Default)]
pub(crate) struct ToldBy {
    pub(crate) numbers: BTreeMap<i64, Told>,
    pub(crate) accounts: BTreeMap<u32, Told>,
}

impl ToldBy {
    /// Puts losses to the call that they were matched to; those with a possible match alone to all
    /// calls that are listed for them.
    pub(crate) fn of(matched: &MatchedReports) -> Self {
        let mut by = Self::default();
        for loss in &matched.losses {
            let Some(tier) = loss.counted.tier else {
                continue;
            };
            let minor = loss.counted.counted.map(|money| money.minor);
            let numbers: BTreeSet<i64> = loss.numbers.iter().copied().collect();
            for number in numbers {
                by.numbers.entry(number).or_default().add(tier, minor);
            }
            let accounts: BTreeSet<u32> = loss.accounts.iter().copied().collect();
            for account_no in accounts {
                by.accounts.entry(account_no).or_default().add(tier, minor);
            }
        }
        by
    }
}
