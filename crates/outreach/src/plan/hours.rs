//! Quiet hours: when it is day by all clocks that a recipient may live by.

use unspoof_model::{UtcMicros, Zone};

use super::Open;

/// Hours are cut in steps of five minutes. All clocks change at whole quarters of an hour, and their
/// offsets are whole quarters, so what holds at a step's start holds to its end.
pub(crate) const STEP_S: i64 = 300;

/// Returns the spans within `[from_s, until_s)`, in seconds since 1970, in which all `zones` show a
/// time of the day within `[earliest_min, latest_min)`, minutes after midnight in steps of five.
/// There is no such span without a zone: where the clock is unknown it is never day.
#[must_use]
pub fn open_hours(
    zones: &[Zone],
    from_s: i64,
    until_s: i64,
    earliest_min: u16,
    latest_min: u16,
) -> Vec<Open> {
    let is_day = |at_s: i64| {
        zones.iter().all(|zone| {
            let local_min = (at_s + zone.offset_s_at(at_s)).rem_euclid(86_400) / 60;
            i64::from(earliest_min) <= local_min && local_min + STEP_S / 60 <= i64::from(latest_min)
        })
    };
    let mut spans: Vec<Open> = Vec::new();
    if zones.is_empty() {
        return spans;
    }
    let mut at_s = from_s.div_euclid(STEP_S) * STEP_S;
    if at_s < from_s {
        at_s += STEP_S;
    }
    while at_s + STEP_S <= until_s {
        if is_day(at_s) {
            let step = Open {
                from_utc: micros(at_s),
                until_utc: micros(at_s + STEP_S),
            };
            match spans.last_mut() {
                Some(last) if last.until_utc == step.from_utc => last.until_utc = step.until_utc,
                _ => spans.push(step),
            }
        }
        at_s += STEP_S;
    }
    spans
}

/// Returns the spans that lie in both.
pub(crate) fn common(one: &[Open], other: &[Open]) -> Vec<Open> {
    let mut spans = Vec::new();
    for a in one {
        for b in other {
            let from_utc = a.from_utc.max(b.from_utc);
            let until_utc = a.until_utc.min(b.until_utc);
            if from_utc < until_utc {
                spans.push(Open {
                    from_utc,
                    until_utc,
                });
            }
        }
    }
    spans
}

/// Returns how many seconds spans come to.
pub(crate) fn seconds(spans: &[Open]) -> u64 {
    spans
        .iter()
        .map(|open| (open.until_utc - open.from_utc) / 1_000_000)
        .sum::<i64>()
        .try_into()
        .unwrap_or(0)
}

const fn micros(at_s: i64) -> UtcMicros {
    at_s.saturating_mul(1_000_000)
}

/// Reads `HH:MM` as minutes after midnight; `24:00` is the day's end.
pub(crate) fn minutes(written: &str) -> Option<u16> {
    let (hours, minutes) = written.split_once(':')?;
    let two = |digits: &str| {
        (digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| digits.parse::<u16>().ok())
            .flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= 1440).then_some(all)
}

/// Reads `YYYY-MM-DD` as days since 1970.
pub(crate) fn day(written: &str) -> Option<i32> {
    let mut parts = written.split('-');
    let mut digits = |len: usize| {
        let part = parts.next()?;
        (part.len() == len && part.bytes().all(|b| b.is_ascii_digit())).then_some(part)
    };
    let (year, month, day) = (digits(4)?, digits(2)?, digits(2)?);
    let read = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let days = unspoof_model::civil_to_days(read.0, read.1, read.2);
    // Whatever comes back as another day is none.
    (parts.next().is_none() && unspoof_model::days_to_civil(days) == read).then_some(days)
}
