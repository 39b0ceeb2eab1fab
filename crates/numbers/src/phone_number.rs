use std::fmt;
use std::num::NonZeroU64;

/// A telephone number in international form (ITU-T E.164) as one integer: the country code, then
/// the national number, leading zeros of the latter included. It sorts and joins.
///
/// `Debug` redacts; [`PhoneNumber::reveal`] gives the number up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(NonZeroU64);

/// Says why an integer or text is no number in international form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number of 4 to 17 digits in international form")]
pub struct PhoneNumberError;

/// Country codes have up to three digits and national numbers up to seventeen in libphonenumber,
/// of which a signed 64-bit key can hold eighteen in all.
const LARGEST_KEY: u64 = 999_999_999_999_999_999;
const LARGEST_KEY_DIGITS: usize = 18;

impl PhoneNumber {
    /// Takes the integer that tables hold.
    ///
    /// # Errors
    /// Fewer than four digits, or more than eighteen.
    pub const fn from_key(key: u64) -> Result<Self, PhoneNumberError> {
        match NonZeroU64::new(key) {
            Some(kept) if key >= 1_000 && key <= LARGEST_KEY => Ok(Self(kept)),
            _ => Err(PhoneNumberError),
        }
    }

    /// Joins a country code and a national significant number given as ASCII digits.
    pub(crate) fn from_parts(country_code: u64, national: &str) -> Option<Self> {
        let mut key = country_code;
        for digit in national.bytes() {
            if !digit.is_ascii_digit() {
                return None;
            }
            key = key.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
        }
        Self::from_key(key).ok()
    }

    /// Joins a country code and a national significant number given as bytes 0 to 9.
    #[inline]
    pub(crate) fn from_digits(country_code: u16, national: &[u8]) -> Option<Self> {
        if country_code.checked_ilog10()? as usize + 1 + national.len() > LARGEST_KEY_DIGITS {
            return None;
        }
        let mut key = u64::from(country_code);
        let (start, eights) = national.as_rchunks::<8>();
        for &digit in start {
            key = key * 10 + u64::from(digit);
        }
        for eight in eights {
            key = key * 100_000_000 + eight_digits(*eight);
        }
        Self::from_key(key).ok()
    }

    /// Returns the integer that tables hold; always positive as a signed one.
    #[must_use]
    pub const fn key(self) -> u64 {
        self.0.get()
    }

    /// Gives the number up: `+` and its digits.
    #[must_use]
    pub fn reveal(self) -> String {
        format!("+{}", self.0)
    }
}

/// Reads eight digits at once: neighbours become hundreds, then ten thousands, then the number.
const fn eight_digits(digits: [u8; 8]) -> u64 {
    let ones = u64::from_le_bytes(digits);
    let pairs = (ones * 10 + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours * 10_000 + (fours >> 32)) & 0xffff_ffff
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let shown = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
        let tail_from = digits.len().saturating_sub(3);
        write!(f, "+{}•••••{}", shown(0..2), shown(tail_from..digits.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_redacts_and_reveal_does_not() {
        let number = PhoneNumber::from_parts(44, "7700900123").expect("a number");
        assert_eq!(format!("{number:?}"), "+44•••••123");
        assert_eq!(number.reveal(), "+447700900123");
        assert_eq!(number.key(), 447_700_900_123);
    }

    #[test]
    fn keys_outside_the_plan_are_refused() {
        assert!(PhoneNumber::from_key(0).is_err());
        assert!(PhoneNumber::from_key(u64::MAX).is_err());
        assert!(PhoneNumber::from_parts(44, "99999999999999999999").is_none());
        assert!(PhoneNumber::from_digits(44, &[9; 17]).is_none());
        assert!(PhoneNumber::from_digits(44, &[9; 16]).is_some());
    }

    #[test]
    fn digits_as_bytes_and_as_text_make_one_key() {
        let digits = [7, 7, 0, 0, 9, 0, 0, 1, 2, 3, 0, 9, 8, 4, 5, 6, 1];
        for length in 1..=digits.len() {
            let text: String = digits[..length]
                .iter()
                .map(|d| char::from(b'0' + d))
                .collect();
            assert_eq!(
                PhoneNumber::from_digits(1, &digits[..length]),
                PhoneNumber::from_parts(1, &text),
                "{text}"
            );
        }
    }
}
