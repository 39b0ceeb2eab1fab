use std::fmt;

/// Fraction digits that a table keeps: `Decimal128(38, 18)`.
const TABLE_SCALE: u8 = 18;

/// An exact decimal number as written in a record: never a float.
///
/// Kept in lowest terms (no trailing zeros in the fraction), so equal values are equal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Decimal {
    units: i128,
    scale: u8,
}

/// Says why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// No digits, or something that is neither digit, sign, separator nor currency sign.
    #[error("not a decimal number")]
    NotANumber,
    /// More digits than a table can hold.
    #[error("more than 20 digits before or 18 after the point")]
    TooLong,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { units: 0, scale: 0 };

    /// Makes `units / 10^scale`.
    #[must_use]
    pub fn new(units: i128, scale: u8) -> Self {
        let mut made = Self { units, scale };
        while made.scale > 0 && made.units % 10 == 0 {
            made.units /= 10;
            made.scale -= 1;
        }
        made
    }

    /// Reads digits with an optional sign, an optional leading `£`, `$` or `€`, commas that part
    /// thousands, and a point.
    ///
    /// # Errors
    /// [`DecimalError::NotANumber`] and [`DecimalError::TooLong`]; the caller keeps the text.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        let text = text.trim();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let text = text.trim_start_matches(['£', '$', '€']).trim_start();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole_digits = ungrouped(whole).ok_or(DecimalError::NotANumber)?;
        if whole_digits.is_empty() && fraction.is_empty() {
            return Err(DecimalError::NotANumber);
        }
        if !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DecimalError::NotANumber);
        }
        let fraction = fraction.trim_end_matches('0');
        if whole_digits.trim_start_matches('0').len() > 20 || fraction.len() > TABLE_SCALE.into() {
            return Err(DecimalError::TooLong);
        }
        let mut units: i128 = 0;
        for digit in whole_digits.bytes().chain(fraction.bytes()) {
            units = units * 10 + i128::from(digit - b'0');
        }
        Ok(Self::new(
            if negative { -units } else { units },
            fraction.len() as u8,
        ))
    }

    /// Returns the number in units of 10⁻¹⁸, as tables hold it.
    #[must_use]
    pub fn table_units(self) -> Option<i128> {
        let missing = TABLE_SCALE.checked_sub(self.scale)?;
        self.units.checked_mul(10_i128.checked_pow(missing.into())?)
    }

    /// Returns whole minor units (pence, cents), when the number has no finer part.
    #[must_use]
    pub fn to_minor(self, minor_digits: u8) -> Option<i64> {
        let missing = minor_digits.checked_sub(self.scale)?;
        let units = self
            .units
            .checked_mul(10_i128.checked_pow(missing.into())?)?;
        i64::try_from(units).ok()
    }

    /// Returns `self × rate` in whole minor units, halves rounded to even (IEEE 754 roundTiesToEven).
    #[must_use]
    pub fn valued_minor(self, rate: Self, minor_digits: u8) -> Option<i64> {
        let product = self.units.checked_mul(rate.units)?;
        let scale = self.scale.checked_add(rate.scale)?;
        if scale <= minor_digits {
            let grown = product.checked_mul(10_i128.checked_pow((minor_digits - scale).into())?)?;
            return i64::try_from(grown).ok();
        }
        let by = 10_i128.checked_pow((scale - minor_digits).into())?;
        let (whole, rest) = (product.div_euclid(by), product.rem_euclid(by));
        let up = rest * 2 > by || (rest * 2 == by && whole % 2 != 0);
        i64::try_from(whole + i128::from(up)).ok()
    }
}

/// Takes out commas that part groups of three digits; anything else is refused.
fn ungrouped(whole: &str) -> Option<String> {
    if !whole.contains(',') {
        return whole
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| whole.to_owned());
    }
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    if first.is_empty() || first.len() > 3 || !digits(first) {
        return None;
    }
    let mut out = first.to_owned();
    for group in groups {
        if group.len() != 3 || !digits(group) {
            return None;
        }
        out.push_str(group);
    }
    Some(out)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = 10_u128.pow(self.scale.into());
        let (whole, rest) = (
            self.units.unsigned_abs() / by,
            self.units.unsigned_abs() % by,
        );
        if self.units < 0 {
            f.write_str("-")?;
        }
        if self.scale == 0 {
            write!(f, "{whole}")
        } else {
            write!(f, "{whole}.{rest:0width$}", width = usize::from(self.scale))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let parse = |text| Decimal::parse(text).map(|d| d.to_string());
        assert_eq!(parse("0.01230000"), Ok("0.0123".into()));
        assert_eq!(parse("£1,234.50"), Ok("1234.5".into()));
        assert_eq!(parse("-3"), Ok("-3".into()));
        assert_eq!(parse(".5"), Ok("0.5".into()));
        assert_eq!(parse("1,23"), Err(DecimalError::NotANumber));
        assert_eq!(parse("about 300"), Err(DecimalError::NotANumber));
        assert_eq!(parse(""), Err(DecimalError::NotANumber));
        assert_eq!(parse("1.0000000000000000001"), Err(DecimalError::TooLong));
    }

    #[test]
    fn values_halves_to_even() {
        let value = |amount, rate| {
            let [amount, rate] = [amount, rate].map(|t| Decimal::parse(t).expect("a number"));
            amount.valued_minor(rate, 2)
        };
        assert_eq!(value("0.5", "0.01"), Some(0));
        assert_eq!(value("1.5", "0.01"), Some(2));
        assert_eq!(value("2.5", "0.01"), Some(2));
        assert_eq!(value("0.01234567", "17234.56"), Some(21277));
        assert_eq!(value("-2.5", "0.01"), Some(-2));
    }
}
