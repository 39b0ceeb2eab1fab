//! What a currency was worth on a day, and amounts valued by it.

use std::collections::BTreeMap;

use unspoof_model::{Decimal, Rate, UtcMicros};

use crate::error::PaymentError;

const DAY_MICROS: i64 = 86_400_000_000;

/// Dated rates. A day that has none has none: neighbours are not asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RateTable {
    by_pair: BTreeMap<(String, String), BTreeMap<i32, Decimal>>,
}

impl RateTable {
    /// Takes rates in any order.
    ///
    /// # Errors
    /// Two different rates for one day and pair of currencies.
    pub fn new(rates: impl IntoIterator<Item = Rate>) -> Result<Self, PaymentError> {
        let mut by_pair: BTreeMap<(String, String), BTreeMap<i32, Decimal>> = BTreeMap::new();
        for rate in rates {
            let pair = (rate.currency, rate.value_currency);
            let days = by_pair.entry(pair.clone()).or_default();
            if days
                .insert(rate.day, rate.rate)
                .is_some_and(|before| before != rate.rate)
            {
                return Err(PaymentError::RateConflict {
                    currency: pair.0,
                    value_currency: pair.1,
                    day: rate.day,
                });
            }
        }
        Ok(Self { by_pair })
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
}

/// The currency that amounts are valued in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValueCurrency {
    /// Its ISO 4217 code, such as `GBP`.
    pub code: String,
    /// Decimal digits of its minor unit: 2 for pence.
    pub minor_digits: u8,
}

/// What became of an amount.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ValueStatus {
    /// It has a value.
    Valued,
    /// No amount was recorded, or none that can be read.
    NoAmount,
    /// No currency was recorded.
    NoCurrency,
    /// No time was recorded, so that no day's rate can be taken.
    NoTime,
    /// The day has no rate. Nothing is guessed from other days.
    NoRate,
    /// The value has more minor units than 64 bits hold.
    TooLarge,
}

impl ValueStatus {
    /// Returns the word that stands in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valued => "valued",
            Self::NoAmount => "no-amount",
            Self::NoCurrency => "no-currency",
            Self::NoTime => "no-time",
            Self::NoRate => "no-rate",
            Self::TooLarge => "too-large",
        }
    }
}

/// Values an amount at the rate of the UTC day of `at_utc`, in minor units, halves to even.
///
/// An amount in the value currency itself needs no time.
///
/// # Errors
/// The status that says why there is no value; never [`ValueStatus::Valued`].
pub fn value_minor(
    amount: Option<Decimal>,
    currency: Option<&str>,
    at_utc: Option<UtcMicros>,
    rates: &RateTable,
    into: &ValueCurrency,
) -> Result<i64, ValueStatus> {
    let amount = amount.ok_or(ValueStatus::NoAmount)?;
    let currency = currency.ok_or(ValueStatus::NoCurrency)?;
    let rate = if currency == into.code {
        Decimal::new(1, 0)
    } else {
        let at_utc = at_utc.ok_or(ValueStatus::NoTime)?;
        let day = i32::try_from(at_utc.div_euclid(DAY_MICROS)).map_err(|_| ValueStatus::NoRate)?;
        rates
            .on(day, currency, &into.code)
            .ok_or(ValueStatus::NoRate)?
    };
    amount
        .valued_minor(rate, into.minor_digits)
        .ok_or(ValueStatus::TooLarge)
}
