use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX).
pub type UtcMicros = i64;

/// What became of a time as recorded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TimeStatus {
    /// One instant.
    Ok,
    /// Nothing was recorded.
    Missing,
    /// A date that stands for none, such as `0000-00-00 00:00:00`.
    ZeroDate,
    /// A local time that clocks skipped; no instant is given.
    Gap,
    /// A local time that clocks showed twice; the earlier instant is given.
    Overlap,
    /// Not a time that the mapping's format can read.
    Unreadable,
}

impl TimeStatus {
    /// Returns the word that stands in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Missing => "missing",
            Self::ZeroDate => "zero-date",
            Self::Gap => "gap",
            Self::Overlap => "overlap",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A wall-clock time without a zone: seconds since 1970-01-01 00:00:00 of that clock, and micros.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LocalTime {
    /// Seconds since the epoch as the wall clock would count them.
    pub seconds: i64,
    /// Microseconds within the second.
    pub micros: u32,
}

/// Says that a zone is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a time zone of the bundled IANA database")]
pub struct ZoneError {
    /// The name as given.
    pub name: String,
}

/// A zone's rules as a table of transitions, from the bundled IANA data (1900 to 2100).
///
/// The operating system's own zone files are never read, so that two machines agree.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    /// From this instant (UTC seconds) on, this many seconds are added to UTC. Sorted.
    transitions: Vec<(i64, i64)>,
}

const FIRST_YEAR_UTC_S: i64 = -2_208_988_800;
const LAST_YEAR_UTC_S: i64 = 4_102_444_800;

impl Zone {
    /// Looks a zone up by its IANA name; `UTC` and fixed offsets such as `+02:00` work too.
    ///
    /// # Errors
    /// The name is neither.
    pub fn named(name: &str) -> Result<Self, ZoneError> {
        let unknown = || ZoneError {
            name: name.to_owned(),
        };
        if let Some(offset_s) = fixed_offset_s(name) {
            let transitions = vec![(i64::MIN, offset_s)];
            return Ok(Self {
                name: name.to_owned(),
                transitions,
            });
        }
        let bundled = jiff::tz::TimeZoneDatabase::bundled();
        let zone: TimeZone = bundled.get(name).map_err(|_| unknown())?;
        let start = Timestamp::from_second(FIRST_YEAR_UTC_S).map_err(|_| unknown())?;
        let first = i64::from(zone.to_offset(start).seconds());
        let mut transitions = vec![(i64::MIN, first)];
        for transition in zone.following(start) {
            let at = transition.timestamp().as_second();
            if at > LAST_YEAR_UTC_S {
                break;
            }
            let offset_s = i64::from(transition.offset().seconds());
            if transitions
                .last()
                .is_some_and(|&(_, before)| before != offset_s)
            {
                transitions.push((at, offset_s));
            }
        }
        Ok(Self {
            name: name.to_owned(),
            transitions,
        })
    }

    /// Returns the name it was looked up by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells which instant a wall clock in this zone meant.
    #[must_use]
    pub fn to_utc(&self, local: LocalTime) -> (Option<UtcMicros>, TimeStatus) {
        let micros =
            |offset_s: i64| (local.seconds - offset_s) * 1_000_000 + i64::from(local.micros);
        // The transition in force at the earliest instant that could be meant, and its neighbour:
        // offsets differ by less than a day, and no zone changes twice within one.
        let early = self.in_force(local.seconds - 86_400);
        let mut found: Option<i64> = None;
        for index in early..self.transitions.len() {
            let (from, offset_s) = self.transitions[index];
            let until = self
                .transitions
                .get(index + 1)
                .map_or(i64::MAX, |next| next.0);
            let utc_s = local.seconds - offset_s;
            if from > local.seconds + 86_400 {
                break;
            }
            if from <= utc_s && utc_s < until {
                match found {
                    None => found = Some(offset_s),
                    Some(first) => return (Some(micros(first)), TimeStatus::Overlap),
                }
            }
        }
        match found {
            Some(offset_s) => (Some(micros(offset_s)), TimeStatus::Ok),
            None => (None, TimeStatus::Gap),
        }
    }

    /// Returns seconds to add to UTC at an instant.
    #[must_use]
    pub fn offset_s_at(&self, utc_s: i64) -> i64 {
        self.transitions[self.in_force(utc_s)].1
    }

    fn in_force(&self, utc_s: i64) -> usize {
        self.transitions
            .partition_point(|&(from, _)| from <= utc_s)
            .saturating_sub(1)
    }
}

/// Reads `UTC`, `Z`, `+HH:MM` and `-HH:MM`.
fn fixed_offset_s(text: &str) -> Option<i64> {
    if matches!(text, "UTC" | "Z" | "Etc/UTC") {
        return Some(0);
    }
    let (sign, rest) = match text.as_bytes() {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let digits = match rest {
        [a, b, b':', c, d] | [a, b, c, d] => [*a, *b, *c, *d],
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let [a, b, c, d] = digits.map(|d| i64::from(d - b'0'));
    let (hours, minutes) = (a * 10 + b, c * 10 + d);
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Counts days from 1970-01-01 to a date of the proleptic Gregorian calendar
/// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
#[must_use]
pub const fn civil_to_days(year: i32, month: u32, day: u32) -> i32 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let shifted = (month as i32 + 9) % 12;
    let doy = (153 * shifted + 2) / 5 + day as i32 - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

/// Gives the year, month and day of a count of days from 1970-01-01; undoes [`civil_to_days`].
#[must_use]
pub const fn days_to_civil(days: i32) -> (i32, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let shifted = (5 * doy + 2) / 153;
    let day = (doy - (153 * shifted + 2) / 5 + 1) as u32;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    } as u32;
    let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(year: i32, month: u32, day: u32, hour: i64, minute: i64) -> LocalTime {
        let days = i64::from(civil_to_days(year, month, day));
        LocalTime {
            seconds: days * 86_400 + hour * 3600 + minute * 60,
            micros: 0,
        }
    }

    #[test]
    fn marks_what_clocks_skip_and_show_twice() {
        let london = Zone::named("Europe/London").expect("bundled");
        assert_eq!(
            london.to_utc(local(2022, 3, 27, 1, 30)),
            (None, TimeStatus::Gap)
        );
        let (early, status) = london.to_utc(local(2022, 10, 30, 1, 30));
        assert_eq!(status, TimeStatus::Overlap);
        assert_eq!(early, Some(local(2022, 10, 30, 0, 30).seconds * 1_000_000));
        let (summer, status) = london.to_utc(local(2022, 7, 1, 12, 0));
        assert_eq!(
            (summer, status),
            (
                Some(local(2022, 7, 1, 11, 0).seconds * 1_000_000),
                TimeStatus::Ok
            )
        );
    }

    #[test]
    fn every_zone_change_of_a_year_agrees_with_the_library() {
        for name in [
            "Europe/Kyiv",
            "America/New_York",
            "Australia/Lord_Howe",
            "Asia/Kolkata",
        ] {
            let ours = Zone::named(name).expect("bundled");
            let theirs = jiff::tz::TimeZoneDatabase::bundled()
                .get(name)
                .expect("bundled");
            for hour in 0..(366 * 24 * 2) {
                let utc_s = 1_640_995_200 + hour * 1800;
                let at = Timestamp::from_second(utc_s).expect("in range");
                let offset_s = i64::from(theirs.to_offset(at).seconds());
                assert_eq!(ours.offset_s_at(utc_s), offset_s, "{name} at {utc_s}");
            }
        }
    }

    #[test]
    fn days_and_dates_undo_each_other() {
        for days in -800_000..800_000 {
            let (year, month, day) = days_to_civil(days);
            assert_eq!(civil_to_days(year, month, day), days);
        }
    }
}
