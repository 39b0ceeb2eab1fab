//! Keys made of a value: what two records must share to be looked at, or to count as alike.

use std::borrow::Cow;

/// Something that is computed from a value alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derive {
    /// The value itself.
    Value,
    /// Its first characters; a shorter value as it is.
    FirstChars(usize),
    /// Its last characters; a shorter value as it is.
    LastChars(usize),
    /// American Soundex (National Archives, 1995): a letter and three digits. Characters that are
    /// no ASCII letters are passed over; a value without any has no key.
    Soundex,
    /// The four digits that start `YYYY-MM-DD` or `YYYYMMDD`; other values have no key.
    Year,
    /// Year and month of such a date.
    Month,
}

impl Derive {
    /// Makes the key of a value, if it has one.
    pub fn of(self, value: &str) -> Option<Cow<'_, str>> {
        let key = match self {
            Self::Value => Cow::Borrowed(value),
            Self::FirstChars(count) => {
                let end = value.char_indices().nth(count).map(|(at, _)| at);
                Cow::Borrowed(value.get(..end.unwrap_or(value.len()))?)
            }
            Self::LastChars(count) => {
                let before = value.chars().count().saturating_sub(count);
                let start = value.char_indices().nth(before).map(|(at, _)| at);
                Cow::Borrowed(value.get(start.unwrap_or(value.len())..)?)
            }
            Self::Soundex => Cow::Owned(soundex(value)?),
            Self::Year => {
                CivilDate::read(value)?;
                Cow::Borrowed(value.get(..4)?)
            }
            Self::Month => {
                let date = CivilDate::read(value)?;
                Cow::Owned(format!("{:04}{:02}", date.year, date.month))
            }
        };
        (!key.is_empty()).then_some(key)
    }
}

/// Vowels part two letters of one digit; H and W do not.
fn soundex(value: &str) -> Option<String> {
    let digit = |letter: u8| match letter {
        b'B' | b'F' | b'P' | b'V' => b'1',
        b'C' | b'G' | b'J' | b'K' | b'Q' | b'S' | b'X' | b'Z' => b'2',
        b'D' | b'T' => b'3',
        b'L' => b'4',
        b'M' | b'N' => b'5',
        b'R' => b'6',
        _ => b'0',
    };
    let mut letters = value
        .bytes()
        .filter(u8::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_uppercase());
    let first = letters.next()?;
    let mut key = String::with_capacity(4);
    key.push(char::from(first));
    let mut last = digit(first);
    for letter in letters {
        if matches!(letter, b'H' | b'W') {
            continue;
        }
        let code = digit(letter);
        if code != b'0' && code != last {
            key.push(char::from(code));
            if key.len() == 4 {
                break;
            }
        }
        last = code;
    }
    while key.len() < 4 {
        key.push('0');
    }
    Some(key)
}

/// A date as it is written; a day that its month has not got is let through, for it is compared only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CivilDate {
    pub(crate) year: i32,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

impl CivilDate {
    /// Reads `YYYY-MM-DD` or `YYYYMMDD`.
    pub(crate) fn read(value: &str) -> Option<Self> {
        let bytes = value.as_bytes();
        let (year, month, day) = match bytes.len() {
            8 => (bytes.get(..4)?, bytes.get(4..6)?, bytes.get(6..8)?),
            10 if bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-') => {
                (bytes.get(..4)?, bytes.get(5..7)?, bytes.get(8..10)?)
            }
            _ => return None,
        };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0_i32, |sum, digit| {
                digit
                    .is_ascii_digit()
                    .then(|| sum * 10 + i32::from(digit - b'0'))
            })
        };
        let date = Self {
            year: number(year)?,
            month: u8::try_from(number(month)?).ok()?,
            day: u8::try_from(number(day)?).ok()?,
        };
        ((1..=12).contains(&date.month) && (1..=31).contains(&date.day)).then_some(date)
    }

    /// Days since 1 March of the year 0 (proleptic Gregorian; Hinnant, `days_from_civil`).
    pub(crate) fn days(self) -> i32 {
        let year = self.year - i32::from(self.month <= 2);
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let month = (i32::from(self.month) + 9) % 12;
        let of_year = (153 * month + 2) / 5 + i32::from(self.day) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year
    }

    /// How many of year, month and day are equal.
    pub(crate) fn equal_parts(self, other: Self) -> u32 {
        u32::from(self.year == other.year)
            + u32::from(self.month == other.month)
            + u32::from(self.day == other.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soundex_of_the_archives() {
        // https://www.archives.gov/research/census/soundex
        for (name, key) in [
            ("Washington", "W252"),
            ("Lee", "L000"),
            ("Gutierrez", "G362"),
            ("Pfister", "P236"),
            ("Jackson", "J250"),
            ("Tymczak", "T522"),
            ("VanDeusen", "V532"),
            ("Ashcraft", "A261"),
        ] {
            assert_eq!(Derive::Soundex.of(name).as_deref(), Some(key), "{name}");
        }
        assert_eq!(Derive::Soundex.of("42"), None);
    }

    #[test]
    fn characters_are_not_cut() {
        assert_eq!(Derive::FirstChars(2).of("Łódź").as_deref(), Some("Łó"));
        assert_eq!(Derive::LastChars(2).of("Łódź").as_deref(), Some("dź"));
        assert_eq!(Derive::FirstChars(9).of("Łódź").as_deref(), Some("Łódź"));
        assert_eq!(Derive::LastChars(9).of("Łódź").as_deref(), Some("Łódź"));
        assert_eq!(Derive::FirstChars(0).of("Łódź"), None);
    }

    #[test]
    fn dates_count_days() {
        let days = |text| CivilDate::read(text).map(CivilDate::days);
        assert_eq!(
            days("2000-03-01").zip(days("20000228")).map(|(a, b)| a - b),
            Some(2)
        );
        assert_eq!(
            days("2100-03-01")
                .zip(days("2100-02-28"))
                .map(|(a, b)| a - b),
            Some(1)
        );
        assert_eq!(
            days("2001-01-01")
                .zip(days("2000-01-01"))
                .map(|(a, b)| a - b),
            Some(366)
        );
        assert_eq!(days("2001-13-01"), None);
        assert_eq!(days("01/02/2001"), None);
        assert_eq!(Derive::Year.of("19990203").as_deref(), Some("1999"));
        assert_eq!(Derive::Month.of("1999-02-03").as_deref(), Some("199902"));
    }
}
