//! Times as records write them.

use unspoof_model::{LocalTime, TimeStatus, UtcMicros, Zone, civil_to_days};

/// How a column writes its times.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum TimeFormat {
    /// `YYYY-MM-DD HH:MM:SS`, fractions and a zone suffix allowed.
    Datetime,
    /// Seconds, milliseconds or microseconds since 1970 UTC: so many to a second.
    Epoch { per_second: i64 },
    /// By a pattern.
    Pattern(Vec<Item>),
}

/// A piece of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Item {
    Year,
    Month,
    MonthName,
    Day,
    Hour,
    Minute,
    Second,
    Literal(u8),
}

/// What one value says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct When {
    /// First instant that the value can mean.
    pub(crate) from: Option<UtcMicros>,
    /// First instant after it: a day later for a bare date, else a second later.
    pub(crate) to: Option<UtcMicros>,
    pub(crate) status: TimeStatus,
}

impl When {
    pub(crate) const fn without(status: TimeStatus) -> Self {
        Self {
            from: None,
            to: None,
            status,
        }
    }
}

impl TimeFormat {
    /// Reads the mapping's word for a format; None for a word or pattern that makes no sense.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "datetime" | "timestamp" => Self::Datetime,
            "epoch_s" => Self::Epoch { per_second: 1 },
            "epoch_ms" => Self::Epoch { per_second: 1_000 },
            "epoch_us" => Self::Epoch {
                per_second: 1_000_000,
            },
            pattern if pattern.contains('%') => Self::Pattern(pattern_items(pattern)?),
            _ => return None,
        })
    }

    /// Reads a value; `zone` is for local times, `clock_offset_s` is how far the clock ran ahead.
    pub(crate) fn read(&self, text: &[u8], zone: &Zone, clock_offset_s: i64) -> When {
        let text = text.trim_ascii();
        if text.is_empty() {
            return When::without(TimeStatus::Missing);
        }
        let parsed = match self {
            Self::Epoch { per_second } => return epoch(text, *per_second, clock_offset_s),
            Self::Datetime => datetime(text),
            Self::Pattern(items) => by_pattern(text, items),
        };
        let Some(parsed) = parsed else {
            return When::without(TimeStatus::Unreadable);
        };
        if parsed.is_zero {
            return When::without(TimeStatus::ZeroDate);
        }
        let span = |local: LocalTime, offset_s: Option<i64>| match offset_s {
            Some(offset_s) => {
                let utc = (local.seconds - offset_s) * 1_000_000 + i64::from(local.micros);
                (Some(utc), TimeStatus::Ok)
            }
            None => zone.to_utc(local),
        };
        let (from, status) = span(parsed.local, parsed.offset_s);
        let corrected = |at: UtcMicros| at - clock_offset_s * 1_000_000;
        let to = if parsed.day_only {
            let next = LocalTime {
                seconds: parsed.local.seconds + 86_400,
                micros: 0,
            };
            span(next, parsed.offset_s).0
        } else {
            from.map(|from| from + 1_000_000)
        };
        When {
            from: from.map(corrected),
            to: to.map(corrected),
            status,
        }
    }
}

struct Parsed {
    local: LocalTime,
    offset_s: Option<i64>,
    day_only: bool,
    is_zero: bool,
}

fn epoch(text: &[u8], per_second: i64, clock_offset_s: i64) -> When {
    let number = std::str::from_utf8(text)
        .ok()
        .and_then(|t| t.parse::<i64>().ok());
    let micros = number.and_then(|n| n.checked_mul(1_000_000 / per_second));
    match micros {
        None => When::without(TimeStatus::Unreadable),
        Some(0) => When::without(TimeStatus::ZeroDate),
        Some(micros) => {
            let from = micros - clock_offset_s * 1_000_000;
            When {
                from: Some(from),
                to: Some(from + 1_000_000),
                status: TimeStatus::Ok,
            }
        }
    }
}

/// Takes up to `most` leading digits, at least `least`.
fn digits(text: &[u8], least: usize, most: usize) -> Option<(u32, &[u8])> {
    let mut value = 0_u32;
    let mut used = 0;
    while used < most && text.get(used).is_some_and(u8::is_ascii_digit) {
        value = value * 10 + u32::from(text[used] - b'0');
        used += 1;
    }
    (used >= least).then(|| (value, &text[used..]))
}

fn civil(year: u32, month: u32, day: u32, time: (u32, u32, u32), micros: u32) -> Option<Parsed> {
    let (hour, minute, second) = time;
    if year == 0 && month == 0 && day == 0 {
        let local = LocalTime {
            seconds: 0,
            micros: 0,
        };
        return Some(Parsed {
            local,
            offset_s: None,
            day_only: false,
            is_zero: true,
        });
    }
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let month_days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if day == 0 || day > month_days || hour > 23 || minute > 59 || second > 59 || year < 1900 {
        return None;
    }
    let days = i64::from(civil_to_days(i32::try_from(year).ok()?, month, day));
    let of_day = i64::from(hour * 3600 + minute * 60 + second);
    let local = LocalTime {
        seconds: days * 86_400 + of_day,
        micros,
    };
    Some(Parsed {
        local,
        offset_s: None,
        day_only: false,
        is_zero: false,
    })
}

/// Reads the ISO 8601 / SQL form; the time may be left out.
fn datetime(text: &[u8]) -> Option<Parsed> {
    let (year, rest) = digits(text, 4, 4)?;
    let (month, rest) = digits(rest.strip_prefix(b"-")?, 2, 2)?;
    let (day, rest) = digits(rest.strip_prefix(b"-")?, 2, 2)?;
    if rest.is_empty() {
        let mut parsed = civil(year, month, day, (0, 0, 0), 0)?;
        parsed.day_only = true;
        return Some(parsed);
    }
    let rest = rest
        .strip_prefix(b" ")
        .or_else(|| rest.strip_prefix(b"T"))?;
    let (hour, rest) = digits(rest, 2, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(b":")?, 2, 2)?;
    let (second, rest) = match rest.strip_prefix(b":") {
        Some(rest) => digits(rest, 2, 2)?,
        None => (0, rest),
    };
    let (micros, rest) = match rest.strip_prefix(b".") {
        Some(rest) => {
            let (value, after) = digits(rest, 1, 6)?;
            let used = rest.len() - after.len();
            let after = after.trim_ascii_start();
            let beyond = after.iter().take_while(|b| b.is_ascii_digit()).count();
            (value * 10_u32.pow(6 - used as u32), &after[beyond..])
        }
        None => (0, rest),
    };
    let mut parsed = civil(year, month, day, (hour, minute, second), micros)?;
    parsed.offset_s = match rest.trim_ascii() {
        b"" => None,
        b"Z" | b"z" | b"UTC" => Some(0),
        suffix => Some(offset_s(suffix)?),
    };
    Some(parsed)
}

/// Reads `+HH:MM`, `+HHMM` and `+HH`.
fn offset_s(suffix: &[u8]) -> Option<i64> {
    let (sign, rest) = match suffix {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = digits(rest, 2, 2)?;
    let rest = rest.strip_prefix(b":").unwrap_or(rest);
    let (minutes, rest) = if rest.is_empty() {
        (0, rest)
    } else {
        digits(rest, 2, 2)?
    };
    (rest.is_empty() && hours < 16 && minutes < 60)
        .then(|| sign * i64::from(hours * 3600 + minutes * 60))
}

fn pattern_items(pattern: &str) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    let mut bytes = pattern.bytes();
    while let Some(byte) = bytes.next() {
        items.push(match byte {
            b'%' => match bytes.next()? {
                b'Y' => Item::Year,
                b'm' => Item::Month,
                b'b' => Item::MonthName,
                b'd' => Item::Day,
                b'H' => Item::Hour,
                b'M' => Item::Minute,
                b'S' => Item::Second,
                b'%' => Item::Literal(b'%'),
                _ => return None,
            },
            literal => Item::Literal(literal),
        });
    }
    Some(items)
}

const MONTHS: [&[u8; 3]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

fn by_pattern(text: &[u8], items: &[Item]) -> Option<Parsed> {
    let (mut year, mut month, mut day) = (None, None, None);
    let (mut hour, mut minute, mut second) = (None, 0, 0);
    let mut rest = text;
    for item in items {
        let mut number = |least, most| {
            let (value, after) = digits(rest, least, most)?;
            rest = after;
            Some(value)
        };
        match item {
            Item::Year => year = Some(number(4, 4)?),
            Item::Month => month = Some(number(1, 2)?),
            Item::Day => day = Some(number(1, 2)?),
            Item::Hour => hour = Some(number(1, 2)?),
            Item::Minute => minute = number(2, 2)?,
            Item::Second => second = number(2, 2)?,
            Item::MonthName => {
                let name = rest.get(..3)?.to_ascii_lowercase();
                let index = MONTHS.iter().position(|known| known.as_slice() == name)?;
                month = Some(index as u32 + 1);
                rest = &rest[3..];
            }
            Item::Literal(literal) => rest = rest.strip_prefix(&[*literal])?,
        }
    }
    if !rest.is_empty() {
        return None;
    }
    let mut parsed = civil(year?, month?, day?, (hour.unwrap_or(0), minute, second), 0)?;
    parsed.day_only = hour.is_none();
    Some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, text: &str) -> String {
        let zone = Zone::named("Europe/London").expect("bundled");
        let when = TimeFormat::named(format)
            .expect("a format")
            .read(text.as_bytes(), &zone, 0);
        let span = when
            .from
            .zip(when.to)
            .map(|(from, to)| (to - from) / 1_000_000);
        format!(
            "{} {:?} {:?}",
            when.status.as_str(),
            when.from.map(|t| t / 1_000_000),
            span
        )
    }

    #[test]
    fn forms_of_time() {
        assert_eq!(
            read("datetime", "2022-01-02 03:04:05"),
            "ok Some(1641092645) Some(1)"
        );
        assert_eq!(
            read("datetime", "2022-01-02T03:04:05.25Z"),
            "ok Some(1641092645) Some(1)"
        );
        assert_eq!(
            read("datetime", "2022-07-02 03:04:05+02:00"),
            "ok Some(1656723845) Some(1)"
        );
        assert_eq!(
            read("datetime", "2022-01-02"),
            "ok Some(1641081600) Some(86400)"
        );
        assert_eq!(
            read("epoch_ms", "1641092645000"),
            "ok Some(1641092645) Some(1)"
        );
        assert_eq!(
            read("%d/%m/%Y %H:%M", "02/01/2022 03:04"),
            "ok Some(1641092640) Some(1)"
        );
        assert_eq!(
            read("%d %b %Y", "2 Jan 2022"),
            "ok Some(1641081600) Some(86400)"
        );
    }

    #[test]
    fn what_is_no_time_is_told_apart() {
        assert_eq!(
            read("datetime", "0000-00-00 00:00:00"),
            "zero-date None None"
        );
        assert_eq!(read("datetime", ""), "missing None None");
        assert_eq!(
            read("datetime", "2022-02-30 00:00:00"),
            "unreadable None None"
        );
        assert_eq!(
            read("datetime", "2022-13-01 00:00:00"),
            "unreadable None None"
        );
        assert_eq!(read("datetime", "yesterday"), "unreadable None None");
        assert_eq!(read("datetime", "2022-03-27 01:30:00"), "gap None None");
        assert_eq!(
            read("datetime", "2022-10-30 01:30:00"),
            "overlap Some(1667089800) Some(1)"
        );
        assert_eq!(read("epoch_s", "0"), "zero-date None None");
        assert_eq!(
            read("epoch_s", "99999999999999999999"),
            "unreadable None None"
        );
        // A day that starts in summer time and ends in winter time has 25 hours.
        assert_eq!(
            read("%d/%m/%Y", "30/10/2022"),
            "ok Some(1667084400) Some(90000)"
        );
    }

    #[test]
    fn the_clock_offset_is_taken_off() {
        let zone = Zone::named("UTC").expect("fixed");
        let when = TimeFormat::Datetime.read(b"2022-01-02 03:04:42", &zone, 37);
        assert_eq!(when.from, Some(1_641_092_645_000_000));
    }
}
