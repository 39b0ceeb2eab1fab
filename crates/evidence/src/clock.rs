//! Reading the clock in one place, and writing instants down.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use unspoof_model::{UtcMicros, civil_to_days, days_to_civil};

/// Tells the time. Passed in wherever an instant is recorded, so that tests can hold it still.
pub trait Clock: Send + Sync {
    /// Returns microseconds since 1970-01-01T00:00:00Z.
    fn now_utc_micros(&self) -> UtcMicros;
}

/// A clock that a case keeps for as long as it writes.
pub type SharedClock = Arc<dyn Clock>;

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// Returns the operating system's clock, ready to hand over.
    #[must_use]
    pub fn shared() -> SharedClock {
        Arc::new(Self)
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that all others are given"
    )]
    fn now_utc_micros(&self) -> UtcMicros {
        // A clock set to before 1970 gives zero: the log's order does not depend on it.
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| i64::try_from(since.as_micros()).ok())
            .unwrap_or(0)
    }
}

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The instants that four-digit years can write: 0000-01-01 to the end of 9999.
const WRITABLE: std::ops::RangeInclusive<i64> = -62_167_219_200_000_000..=253_402_300_799_999_999;

/// Writes an instant as RFC 3339 in UTC with six decimals; instants outside the years 0000 to
/// 9999 are moved to the nearest that can be written.
#[must_use]
pub fn rfc3339_utc(at_utc: UtcMicros) -> String {
    let at_utc = at_utc.clamp(*WRITABLE.start(), *WRITABLE.end());
    let days = at_utc.div_euclid(MICROS_PER_DAY);
    let in_day = at_utc.rem_euclid(MICROS_PER_DAY);
    let (year, month, day) = days_to_civil(i32::try_from(days).unwrap_or(0));
    let (second, micro) = (in_day / 1_000_000, in_day % 1_000_000);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micro:06}Z")
}

/// Reads back exactly what [`rfc3339_utc`] writes; any other form gives `None`.
#[must_use]
pub fn parse_rfc3339_utc(text: &str) -> Option<UtcMicros> {
    let bytes = text.as_bytes();
    if bytes.len() != 27 {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> {
        bytes.get(from..to)?.iter().try_fold(0_i64, |sum, digit| {
            digit
                .is_ascii_digit()
                .then(|| sum * 10 + i64::from(digit - b'0'))
        })
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let days = civil_to_days(
        i32::try_from(year).ok()?,
        u32::try_from(month).ok()?,
        u32::try_from(day).ok()?,
    );
    let seconds = i64::from(days) * 86_400 + hour * 3600 + minute * 60 + second;
    let at_utc = seconds * 1_000_000 + number(20, 26)?;
    // Writing it again finds wrong punctuation, the 31st of February and the 25th hour at once.
    (rfc3339_utc(at_utc) == text).then_some(at_utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_back() {
        assert_eq!(rfc3339_utc(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(
            rfc3339_utc(1_669_248_000_123_456),
            "2022-11-24T00:00:00.123456Z"
        );
        for at_utc in [
            0,
            -1,
            1_669_248_000_123_456,
            *WRITABLE.start(),
            *WRITABLE.end(),
        ] {
            assert_eq!(parse_rfc3339_utc(&rfc3339_utc(at_utc)), Some(at_utc));
        }
        assert_eq!(rfc3339_utc(i64::MAX), rfc3339_utc(*WRITABLE.end()));
    }

    #[test]
    fn reads_no_other_form() {
        for text in [
            "",
            "2022-11-24T00:00:00Z",
            "2022-02-31T00:00:00.000000Z",
            "2022-11-24T24:00:00.000000Z",
            "2022-13-24T00:00:00.000000Z",
            "2022-00-00T00:00:00.000000Z",
            "2022-11-24 00:00:00.000000Z",
            "2022-11-24T00:00:00.000000z",
            "+022-11-24T00:00:00.000000Z",
        ] {
            assert_eq!(parse_rfc3339_utc(text), None, "{text}");
        }
    }
}
