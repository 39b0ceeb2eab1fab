//! Quiet hours, held against another reading of the same clocks.

use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use proptest::prelude::*;
use unspoof_model::Zone;
use unspoof_numbers::Numbering;
use unspoof_outreach::plan::{Open, open_hours};
use unspoof_outreach::zones;

use super::support::*;

fn spans(code: &str, from_s: i64, days: i64) -> Vec<Open> {
    let clocks = zones::clocks_of(region(code));
    open_hours(&clocks, from_s, from_s + days * 86_400, 540, 1200)
}

fn shown(spans: &[Open]) -> Vec<String> {
    let at = |utc| {
        Timestamp::from_microsecond(utc)
            .unwrap()
            .strftime("%d %H:%M")
            .to_string()
    };
    spans
        .iter()
        .map(|open| format!("{}-{}", at(open.from_utc), at(open.until_utc)))
        .collect()
}

#[test]
fn it_is_day_when_all_clocks_of_a_region_say_so() {
    // 2022-11-24 00:00 UTC.
    let from_s = 1_669_248_000;
    assert_eq!(
        shown(&spans("GB", from_s, 2)),
        ["24 09:00-24 20:00", "25 09:00-25 20:00"]
    );
    assert_eq!(shown(&spans("PL", from_s, 1)), ["24 08:00-24 19:00"]);
    // Madrid is an hour ahead of the Canaries.
    assert_eq!(shown(&spans("ES", from_s, 1)), ["24 09:00-24 19:00"]);
    // From Hawaii's 09:00 (19:00 UTC) to New York's 20:00 (01:00 UTC).
    assert_eq!(
        shown(&spans("US", from_s, 2)),
        [
            "24 00:00-24 01:00",
            "24 19:00-25 01:00",
            "25 19:00-26 00:00"
        ]
    );
    // Kaliningrad to Kamchatka: ten hours lie between, and one is left.
    assert_eq!(shown(&spans("RU", from_s, 1)), ["24 07:00-24 08:00"]);
    // India is half an hour off, Nepal a quarter.
    assert_eq!(shown(&spans("NP", from_s, 1)), ["24 03:15-24 14:15"]);
    // Nobody knows where +800 is, nor what is not a region.
    assert!(spans("001", from_s, 1).is_empty() && spans("ZZ", from_s, 1).is_empty());
    // Clocks in Britain went back on 30 October, an hour after 01:00 UTC.
    assert_eq!(
        shown(&spans("GB", 1_667_001_600, 3)),
        [
            "29 08:00-29 19:00",
            "30 09:00-30 20:00",
            "31 09:00-31 20:00"
        ]
    );
}

#[test]
fn every_region_that_has_numbers_has_clocks() {
    for region in Numbering::shipped().all_regions() {
        let names: Vec<_> = zones::zone_names(region).collect();
        assert!(!names.is_empty(), "{region} has no zone");
        assert_eq!(
            zones::clocks_of(region).len(),
            names.len(),
            "{region} has an unknown zone"
        );
    }
}

/// The machine's own copy of the database, another release of it, has the same zones by region.
#[test]
fn the_table_is_the_databases() {
    let Ok(table) = std::fs::read_to_string("/usr/share/zoneinfo/zone.tab") else {
        return;
    };
    let mut lines: Vec<String> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut cells = line.split('\t');
            let code = cells.next().unwrap();
            format!("{code} {}", cells.nth(1).unwrap())
        })
        .collect();
    lines.sort();
    let ours: Vec<String> = lines
        .iter()
        .map(|line| line.split_once(' ').unwrap().0)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .flat_map(|code| zones::zone_names(region(code)).map(move |zone| format!("{code} {zone}")))
        .collect();
    let missing: Vec<_> = lines.iter().filter(|line| !ours.contains(line)).collect();
    assert!(missing.len() < 5, "the table is out of date: {missing:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(64)))]
    #[test]
    fn no_clock_of_a_region_shows_night_within_a_span(
        code in prop::sample::select(vec!["GB", "US", "AU", "BR", "ES", "RU", "CA", "MX", "IN", "NZ", "LB", "MA"]),
        from_s in 1_600_000_000_i64..1_900_000_000,
        minutes in prop::collection::vec(0_i64..4 * 1440, 40),
    ) {
        let spans = spans(code, from_s, 4);
        let database = TimeZoneDatabase::bundled();
        let clocks: Vec<_> = zones::zone_names(region(code)).map(|name| database.get(name).unwrap()).collect();
        for minute in minutes {
            // On the whole minute, of a whole minute.
            let at = Timestamp::from_second((from_s / 60 + minute) * 60).unwrap();
            let is_day = clocks.iter().all(|clock| {
                let local = clock.to_datetime(at);
                (9..20).contains(&local.hour())
            });
            let at_us = at.as_microsecond();
            let is_open = spans.iter().any(|open| open.from_utc <= at_us && at_us < open.until_utc);
            let at_edge = at.as_second() < from_s + 300 || at.as_second() > from_s + 4 * 86_400 - 300;
            prop_assert!(is_open == is_day || (at_edge && !is_open), "{code} {at}");
        }
    }
}

#[test]
fn a_plan_knows_its_hours() {
    let planned = planned(&campaign(), &candidates(vec![candidate(mobile(1))]));
    let plan = &planned.plan;
    let nine = PLANNED_UTC + 93 * HOUR_US;
    assert_eq!(
        (plan.window.from_utc, plan.window.until_utc),
        (nine, nine + 35 * HOUR_US)
    );
    assert!(!plan.is_open(0, nine - 1) && plan.is_open(0, nine));
    assert!(plan.is_open(0, nine + 11 * HOUR_US - 1) && !plan.is_open(0, nine + 11 * HOUR_US));
    assert_eq!(plan.next_open(0, nine - 5), Some(nine));
    assert_eq!(plan.next_open(0, nine + 7), Some(nine + 7));
    assert_eq!(
        plan.next_open(0, nine + 12 * HOUR_US),
        Some(nine + 24 * HOUR_US)
    );
    assert_eq!(plan.next_open(0, nine + 35 * HOUR_US), None);
    assert_eq!(plan.open_until(0, nine), Some(nine + 11 * HOUR_US));
    assert_eq!(plan.open_until(0, nine - 1), None);
    assert!(!plan.is_open(9, nine) && plan.next_open(9, nine).is_none());
    assert!(Zone::named("Europe/London").is_ok());
}
