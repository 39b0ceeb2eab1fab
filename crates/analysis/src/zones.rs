//! Clocks of regions that have one: what hour it was where a number belongs.

use unspoof_model::{Region, Zone};

/// Regions whose telephone users all live by one clock, with its IANA name. Those with several are
/// left out: there nobody knows a number's hour.
const ONE_CLOCK: [(&str, &str); 64] = [
    ("AE", "Asia/Dubai"),
    ("AL", "Europe/Tirane"),
    ("AM", "Asia/Yerevan"),
    ("AT", "Europe/Vienna"),
    ("AZ", "Asia/Baku"),
    ("BA", "Europe/Sarajevo"),
    ("BD", "Asia/Dhaka"),
    ("BE", "Europe/Brussels"),
    ("BG", "Europe/Sofia"),
    ("BH", "Asia/Bahrain"),
    ("BY", "Europe/Minsk"),
    ("CH", "Europe/Zurich"),
    ("CO", "America/Bogota"),
    ("CZ", "Europe/Prague"),
    ("DE", "Europe/Berlin"),
    ("DK", "Europe/Copenhagen"),
    ("EE", "Europe/Tallinn"),
    ("EG", "Africa/Cairo"),
    ("FI", "Europe/Helsinki"),
    ("FR", "Europe/Paris"),
    ("GB", "Europe/London"),
    ("GE", "Asia/Tbilisi"),
    ("GG", "Europe/Guernsey"),
    ("GH", "Africa/Accra"),
    ("GI", "Europe/Gibraltar"),
    ("GR", "Europe/Athens"),
    ("HK", "Asia/Hong_Kong"),
    ("HR", "Europe/Zagreb"),
    ("HU", "Europe/Budapest"),
    ("IE", "Europe/Dublin"),
    ("IL", "Asia/Jerusalem"),
    ("IM", "Europe/Isle_of_Man"),
    ("IN", "Asia/Kolkata"),
    ("IS", "Atlantic/Reykjavik"),
    ("IT", "Europe/Rome"),
    ("JE", "Europe/Jersey"),
    ("JM", "America/Jamaica"),
    ("JP", "Asia/Tokyo"),
    ("KE", "Africa/Nairobi"),
    ("KR", "Asia/Seoul"),
    ("LK", "Asia/Colombo"),
    ("LT", "Europe/Vilnius"),
    ("LU", "Europe/Luxembourg"),
    ("LV", "Europe/Riga"),
    ("MA", "Africa/Casablanca"),
    ("MD", "Europe/Chisinau"),
    ("MK", "Europe/Skopje"),
    ("MT", "Europe/Malta"),
    ("NG", "Africa/Lagos"),
    ("NL", "Europe/Amsterdam"),
    ("NO", "Europe/Oslo"),
    ("PH", "Asia/Manila"),
    ("PK", "Asia/Karachi"),
    ("PL", "Europe/Warsaw"),
    ("RO", "Europe/Bucharest"),
    ("RS", "Europe/Belgrade"),
    ("SE", "Europe/Stockholm"),
    ("SG", "Asia/Singapore"),
    ("SI", "Europe/Ljubljana"),
    ("SK", "Europe/Bratislava"),
    ("TH", "Asia/Bangkok"),
    ("TR", "Europe/Istanbul"),
    ("VN", "Asia/Ho_Chi_Minh"),
    ("ZA", "Africa/Johannesburg"),
];

/// Returns the IANA name of a region's clock, where all its telephone users live by one.
#[must_use]
pub fn one_clock(region: Region) -> Option<&'static str> {
    let found = ONE_CLOCK.binary_search_by_key(&region.as_str(), |(code, _)| code);
    Some(ONE_CLOCK[found.ok()?].1)
}

/// Returns the clock of a region that has one alone.
pub(crate) fn clock_of(region: Region) -> Option<Zone> {
    Zone::named(one_clock(region)?).ok()
}

/// Returns the hour, 0 to 23, that a clock showed.
pub(crate) fn hour_at(clock: &Zone, at_us: i64) -> u8 {
    let at_s = at_us.div_euclid(1_000_000);
    let local_s = at_s.saturating_add(clock.offset_s_at(at_s));
    (local_s.rem_euclid(86_400) / 3_600) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clock_is_known_and_found() {
        assert!(ONE_CLOCK.is_sorted());
        for (code, name) in ONE_CLOCK {
            let region: Region = code.parse().expect("a region");
            assert!(clock_of(region).is_some(), "{code} {name}");
        }
        assert!(clock_of("US".parse().expect("a region")).is_none());
    }

    #[test]
    fn an_hour_follows_summer_time() {
        let london = clock_of("GB".parse().expect("a region")).expect("a clock");
        // 2022-07-01 12:30 UTC and 2022-12-01 12:30 UTC.
        assert_eq!(hour_at(&london, 1_656_678_600_000_000), 13);
        assert_eq!(hour_at(&london, 1_669_897_800_000_000), 12);
    }
}
