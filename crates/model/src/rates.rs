//! What currencies were worth, day by day.

use std::collections::BTreeMap;

use crate::{Decimal, days_to_civil};

/// What one unit of a currency was worth on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rate {
    /// Days since 1970-01-01 UTC.
    pub day: i32,
    /// The currency that is valued, such as `BTC`.
    pub currency: String,
    /// The currency it is valued in, such as `GBP`.
    pub value_currency: String,
    /// Units of `value_currency` for one unit of `currency`.
    pub rate: Decimal,
}

/// Two rates of one list for one day that differ.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{} has two rates of `{currency}` in `{value_currency}`", date(*day))]
pub struct RateConflict {
    /// Days since 1970-01-01 UTC.
    pub day: i32,
    /// The currency that is valued.
    pub currency: String,
    /// The currency it is valued in.
    pub value_currency: String,
}

fn date(day: i32) -> String {
    let (year, month, day) = days_to_civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Rates by day. A day that has none has none: neighbours are not asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rates {
    by_pair: BTreeMap<(String, String), BTreeMap<i32, Decimal>>,
}

impl Rates {
    /// Takes the rates of one list, in any order.
    ///
    /// # Errors
    /// Two different rates for one day and pair of currencies: which one is right is not guessed.
    pub fn of_list(rates: impl IntoIterator<Item = Rate>) -> Result<Self, RateConflict> {
        let mut all = Self::default();
        for rate in rates {
            all.add(rate)?;
        }
        Ok(all)
    }

    /// Adds one.
    ///
    /// # Errors
    /// There is another for its day and pair of currencies, which stays.
    pub fn add(&mut self, rate: Rate) -> Result<(), RateConflict> {
        let Rate {
            day,
            currency,
            value_currency,
            rate,
        } = rate;
        let pair = (currency, value_currency);
        let known = self.by_pair.get(&pair).and_then(|days| days.get(&day));
        if known.is_some_and(|known| *known != rate) {
            let (currency, value_currency) = pair;
            return Err(RateConflict {
                day,
                currency,
                value_currency,
            });
        }
        self.by_pair.entry(pair).or_default().insert(day, rate);
        Ok(())
    }

    /// Adds another list's rates; for a day that both have, the other's count.
    pub fn extend(&mut self, later: Self) {
        for (pair, days) in later.by_pair {
            self.by_pair.entry(pair).or_default().extend(days);
        }
    }

    /// Returns units of `value_currency` for one of `currency` on a day (days since 1970-01-01
    /// UTC); one, where the two are the same.
    #[must_use]
    pub fn on(&self, day: i32, currency: &str, value_currency: &str) -> Option<Decimal> {
        if currency == value_currency {
            return Some(Decimal::new(1, 0));
        }
        let pair = (currency.to_owned(), value_currency.to_owned());
        self.by_pair.get(&pair)?.get(&day).copied()
    }

    /// Returns how many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.by_pair.values().map(BTreeMap::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(day: i32, rate: &str) -> Rate {
        Rate {
            day,
            currency: "BTC".into(),
            value_currency: "GBP".into(),
            rate: Decimal::parse(rate).expect("a decimal"),
        }
    }

    #[test]
    fn two_rates_of_one_list_for_a_day_are_refused() {
        let same = Rates::of_list([rate(5, "1.0"), rate(5, "1")]).expect("one rate");
        assert_eq!(same.count(), 1);
        let error = Rates::of_list([rate(5, "1"), rate(5, "2")]).expect_err("two rates");
        assert_eq!(
            error.to_string(),
            "1970-01-06 has two rates of `BTC` in `GBP`"
        );
    }

    #[test]
    fn a_later_list_counts_and_no_neighbour_does() {
        let mut rates = Rates::of_list([rate(5, "1"), rate(6, "2")]).expect("a list");
        rates.extend(Rates::of_list([rate(6, "3")]).expect("a list"));
        let on = |day| rates.on(day, "BTC", "GBP").map(|rate| rate.to_string());
        assert_eq!(
            [on(4), on(5), on(6), on(7)],
            [None, Some("1".into()), Some("3".into()), None]
        );
        assert_eq!(rates.on(9, "GBP", "GBP"), Some(Decimal::new(1, 0)));
    }
}
