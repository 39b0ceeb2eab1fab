//! What a currency was worth on a day, and amounts valued by it.

use unspoof_model::{Decimal, Rates, UtcMicros};

const DAY_MICROS: i64 = 86_400_000_000;

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
    rates: &Rates,
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
