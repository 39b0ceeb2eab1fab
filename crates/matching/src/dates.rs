//! Days as reports write them, with every reading that the digits allow.

use jiff::civil::Date;
use unspoof_model::{LocalTime, Zone};

use crate::Window;

/// Reads a written day as the windows that it may mean, in the zone where the report was made.
///
/// `2021-04-03` and `3 Apr 2021` are one day. `03/04/2021` is two, the day-first one first: nobody
/// can tell whose habit a form followed. Years have four digits, or two for this century. A text
/// that is no day gives no window.
///
/// ```
/// use unspoof_matching::windows_of_day;
/// use unspoof_model::Zone;
///
/// let london = Zone::named("Europe/London")?;
/// assert_eq!(windows_of_day("2021-04-03", &london).len(), 1);
/// assert_eq!(windows_of_day("03/04/2021", &london).len(), 2);
/// assert_eq!(windows_of_day("23/04/2021", &london), windows_of_day("23 April 2021", &london));
/// assert!(windows_of_day("last week", &london).is_empty());
/// # Ok::<(), unspoof_model::ZoneError>(())
/// ```
#[must_use]
pub fn windows_of_day(text: &str, zone: &Zone) -> Vec<Window> {
    let parts: Vec<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    let [first, second, third] = parts.as_slice() else {
        return Vec::new();
    };
    let readings = if first.len() == 4 {
        vec![date(first, month(second), third)]
    } else if first.bytes().all(|b| b.is_ascii_digit()) {
        let day_first = date(third, month(second), first);
        let month_first = date(third, month(first), second);
        vec![day_first, month_first]
    } else {
        vec![date(third, month(first), second)]
    };
    let mut windows = Vec::new();
    for window in readings
        .into_iter()
        .flatten()
        .filter_map(|day| whole_day(day, zone))
    {
        if !windows.contains(&window) {
            windows.push(window);
        }
    }
    windows
}

fn month(text: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let start = text.get(..3)?.to_ascii_lowercase();
    let at = MONTHS.iter().position(|&name| name == start)?;
    i8::try_from(at + 1).ok()
}

fn date(year: &str, month: Option<i8>, day: &str) -> Option<Date> {
    let year: i16 = match year.len() {
        2 => 2_000 + year.parse::<i16>().ok()?,
        4 => year.parse().ok()?,
        _ => return None,
    };
    let day = day.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    Date::new(year, month?, day.parse().ok()?).ok()
}

/// From the day's first second to its last, whatever clocks did in between.
fn whole_day(day: Date, zone: &Zone) -> Option<Window> {
    let epoch = Date::constant(1970, 1, 1);
    let days = i64::from(day.since(epoch).ok()?.get_days());
    let start = |days: i64| {
        let local = LocalTime {
            seconds: days * 86_400,
            micros: 0,
        };
        // Where clocks skip midnight, the day starts an hour later.
        let later = LocalTime {
            seconds: days * 86_400 + 3_600,
            micros: 0,
        };
        zone.to_utc(local).0.or(zone.to_utc(later).0)
    };
    Some(Window {
        from_utc: start(days)?,
        to_utc: start(days + 1)? - 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_summer_starts_an_hour_before_utc_and_one_of_the_change_has_23_hours() {
        let london = Zone::named("Europe/London").expect("a zone");
        let summer = windows_of_day("1 Jul 2021", &london)[0];
        assert_eq!(summer.from_utc, 1_625_094_000_000_000);
        let change = windows_of_day("28/03/2021", &london)[0];
        assert_eq!(change.to_utc + 1 - change.from_utc, 23 * 3_600_000_000);
    }

    #[test]
    fn what_is_no_day_gives_none() {
        let utc = Zone::named("UTC").expect("a zone");
        for text in [
            "",
            "32/13/2021",
            "2021-02-30",
            "é/é/é",
            "1/2",
            "99999999999/1/1",
        ] {
            assert!(windows_of_day(text, &utc).is_empty(), "{text}");
        }
    }

    #[test]
    fn twelve_of_twelve_is_one_day() {
        let utc = Zone::named("UTC").expect("a zone");
        assert_eq!(windows_of_day("12/12/2021", &utc).len(), 1);
    }
}
