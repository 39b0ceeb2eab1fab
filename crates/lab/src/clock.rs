//! Wall clocks: civil dates, the European Union's summer time, and writing both fast.

/// Seconds since 1970-01-01T00:00:00Z.
pub(crate) type UtcS = i64;

pub(crate) const DAY_S: i64 = 86_400;

/// A zone with the European Union's summer time (Directive 2000/84/EC).
#[derive(Clone, Copy)]
pub(crate) enum Zone {
    London,
    Kyiv,
}

/// Summer time in the years that the lab covers: both changes happen at 01:00 UTC.
const SUMMERS_UTC_S: [(i64, i64); 4] = [
    (utc_s(2020, 3, 29, 1), utc_s(2020, 10, 25, 1)),
    (utc_s(2021, 3, 28, 1), utc_s(2021, 10, 31, 1)),
    (utc_s(2022, 3, 27, 1), utc_s(2022, 10, 30, 1)),
    (utc_s(2023, 3, 26, 1), utc_s(2023, 10, 29, 1)),
];

impl Zone {
    /// Returns what this zone's wall clock shows, as seconds since its own 1970-01-01 00:00:00.
    pub(crate) fn local_s(self, at: UtcS) -> i64 {
        let base = match self {
            Self::London => 0,
            Self::Kyiv => 7_200,
        };
        let summer = SUMMERS_UTC_S
            .iter()
            .any(|&(from, to)| from <= at && at < to);
        at + base + if summer { 3_600 } else { 0 }
    }
}

pub(crate) const fn utc_s(year: i64, month: i64, day: i64, hour: i64) -> UtcS {
    days(year, month, day) * DAY_S + hour * 3_600
}

/// Counts days from 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
pub(crate) const fn days(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// Gives year, month and day of a count of days from 1970-01-01; undoes [`days`].
pub(crate) const fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let shifted = (5 * doy + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (
        yoe + era * 400 + (month <= 2) as i64,
        month,
        doy - (153 * shifted + 2) / 5 + 1,
    )
}

fn push_two(out: &mut Vec<u8>, value: i64) {
    out.push(b'0' + (value / 10) as u8);
    out.push(b'0' + (value % 10) as u8);
}

/// Appends `YYYY-MM-DD`.
pub(crate) fn push_date(out: &mut Vec<u8>, day: i64) {
    let (year, month, day) = civil(day);
    push_two(out, year / 100);
    push_two(out, year % 100);
    out.push(b'-');
    push_two(out, month);
    out.push(b'-');
    push_two(out, day);
}

/// Appends `YYYY-MM-DD HH:MM:SS` of a wall clock.
pub(crate) fn push_datetime(out: &mut Vec<u8>, local_s: i64) {
    push_date(out, local_s.div_euclid(DAY_S));
    let second = local_s.rem_euclid(DAY_S);
    out.push(b' ');
    push_two(out, second / 3_600);
    out.push(b':');
    push_two(out, second / 60 % 60);
    out.push(b':');
    push_two(out, second % 60);
}

/// Appends `DD/MM/YYYY`.
pub(crate) fn push_british_date(out: &mut Vec<u8>, day: i64) {
    let (year, month, day) = civil(day);
    push_two(out, day);
    out.push(b'/');
    push_two(out, month);
    out.push(b'/');
    push_two(out, year / 100);
    push_two(out, year % 100);
}

/// Returns `YYYY-MM-DD`.
pub(crate) fn date_text(day: i64) -> String {
    let mut out = Vec::with_capacity(10);
    push_date(&mut out, day);
    String::from_utf8_lossy(&out).into_owned()
}

/// Appends decimal digits.
pub(crate) fn push_decimal(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_undo_each_other() {
        for day in 17_000..21_000 {
            let (y, m, d) = civil(day);
            assert_eq!(days(y, m, d), day);
        }
        assert_eq!(date_text(days(2022, 2, 28) + 1), "2022-03-01");
    }

    #[test]
    fn kyiv_changes_its_clocks_at_one_utc() {
        let shown = |at| {
            let mut out = Vec::new();
            push_datetime(&mut out, Zone::Kyiv.local_s(at));
            String::from_utf8(out).expect("digits")
        };
        assert_eq!(shown(utc_s(2021, 10, 31, 1) - 1), "2021-10-31 03:59:59");
        assert_eq!(shown(utc_s(2021, 10, 31, 1)), "2021-10-31 03:00:00");
        assert_eq!(shown(utc_s(2022, 3, 27, 1) - 1), "2022-03-27 02:59:59");
        assert_eq!(shown(utc_s(2022, 3, 27, 1)), "2022-03-27 04:00:00");
    }
}
