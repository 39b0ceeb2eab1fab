//! Exchange rates by day.

use std::collections::BTreeMap;

use unspoof_model::{Decimal, Rate};

/// What currencies were worth on each day.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rates {
    by_pair: BTreeMap<(String, String), BTreeMap<i32, Decimal>>,
}

impl Rates {
    /// Takes rates in any order; of two for one day the later given counts.
    #[must_use]
    pub fn new(rates: impl IntoIterator<Item = Rate>) -> Self {
        let mut by_pair: BTreeMap<(String, String), BTreeMap<i32, Decimal>> = BTreeMap::new();
        for rate in rates {
            let pair = (rate.currency, rate.value_currency);
            by_pair.entry(pair).or_default().insert(rate.day, rate.rate);
        }
        Self { by_pair }
    }

    /// Returns units of `value_currency` for one of `currency` on a day (days since 1970 UTC); one
    /// where the two are the same.
    #[must_use]
    pub fn on(&self, day: i32, currency: &str, value_currency: &str) -> Option<Decimal> {
        if currency == value_currency {
            return Some(Decimal::new(1, 0));
        }
        let pair = (currency.to_owned(), value_currency.to_owned());
        self.by_pair.get(&pair)?.get(&day).copied()
    }
}
