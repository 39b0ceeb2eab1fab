//! Made-up values for one picture of each kind; the example writes them out.

#![allow(
    unreachable_pub,
    dead_code,
    clippy::allow_attributes,
    reason = "tests and an example include this file"
)]

use unspoof_pictures::{
    BarGroup, Bars, Interval, Lane, Look, PersonPicture, Ranges, Scheme, SharedBy, Timeline, Unit,
};

pub const SCHEMES: [(&str, Scheme); 3] = [
    ("light", Scheme::Light),
    ("dark", Scheme::Dark),
    ("auto", Scheme::Auto),
];

type Draw = Box<dyn Fn(&Look) -> String>;

pub fn shared(kind: &str, milli_bits: i64, accounts: &[usize]) -> SharedBy {
    SharedBy {
        kind: kind.to_owned(),
        milli_bits,
        accounts: accounts.iter().map(|at| label(*at)).collect(),
    }
}

pub fn label(at: usize) -> String {
    format!("panel {}", 1_017 + at * 37)
}

/// A person of `count` accounts, joined by a chain of values and a few wide ones.
pub fn person(count: usize) -> PersonPicture {
    let kinds = ["device", "payment source", "e-mail", "telephone", "address"];
    let mut all: Vec<SharedBy> = (1..count)
        .map(|at| {
            let with = at / 2;
            let milli = 2_000 + (at as i64 * 3_709) % 15_000;
            shared(kinds[at % kinds.len()], milli, &[with, at])
        })
        .collect();
    let wide: Vec<usize> = (0..count).step_by(2).collect();
    all.push(shared("address (VPN exit)", 700, &wide));
    PersonPicture {
        title: format!("Person 12: {count} accounts and what joins them"),
        accounts: (0..count).map(label).collect(),
        shared: all,
    }
}

pub fn timeline() -> Timeline {
    let lane = |name: &str, unit: Unit, every: i32, size: u64| Lane {
        name: name.to_owned(),
        unit,
        by_day: (0..500)
            .filter(|day| day % every == 0 && !(200..260).contains(day))
            .map(|day| {
                (
                    18_700 + day,
                    size + u64::from((day * 7919 % 97).unsigned_abs()) * size / 20,
                )
            })
            .collect(),
    };
    let count = |after: &str| Unit {
        after: after.to_owned(),
        ..Unit::default()
    };
    let pounds = Unit {
        before: "£".into(),
        hundredths: true,
        ..Unit::default()
    };
    Timeline {
        title: "Suspect panel 1017: calls, payments and logins by week".into(),
        lanes: vec![
            lane("Calls", count(""), 1, 12),
            lane("Payments", pounds, 23, 15_000),
            lane("Logins", count(""), 2, 1),
        ],
    }
}

pub fn ranges() -> Ranges {
    let one = |name: &str, low, middle, high| Interval {
        name: name.to_owned(),
        low,
        middle,
        high,
    };
    Ranges {
        title: "How many victims there may be, by model".into(),
        unit: Unit::default(),
        intervals: vec![
            one("Chapman, two lists", 17_900, Some(21_400), Some(26_100)),
            one(
                "Log-linear, independent",
                12_004,
                Some(13_444),
                Some(15_160),
            ),
            one(
                "Log-linear, chosen by BIC",
                10_408,
                Some(23_016),
                Some(33_481),
            ),
            one("Chao, least", 9_230, None, None),
            one("Zelterman", 9_100, Some(9_425), Some(9_790)),
        ],
        counted: Some(4_785),
    }
}

pub fn bars() -> Bars {
    let groups = (0..18_u64).map(|month| BarGroup {
        name: format!("{}-{:02}", 2021 + (month + 5) / 12, (month + 5) % 12 + 1),
        parts: vec![
            month * 4_100_000 + 9_000_000,
            month * 7_919_000 % 60_000_000,
            month * 10_472_900 % 31_000_000,
        ],
    });
    Bars {
        title: "Reported losses by month and tier of the match".into(),
        unit: Unit {
            before: "£".into(),
            hundredths: true,
            ..Unit::default()
        },
        series: ["exact", "probable", "possible"].map(str::to_owned).into(),
        groups: groups.collect(),
    }
}

pub fn all() -> Vec<(&'static str, Draw)> {
    vec![
        ("person-3", Box::new(|look: &Look| person(3).svg(look))),
        ("person-12", Box::new(|look: &Look| person(12).svg(look))),
        ("person-60", Box::new(|look: &Look| person(60).svg(look))),
        ("person-200", Box::new(|look: &Look| person(200).svg(look))),
        ("timeline", Box::new(|look: &Look| timeline().svg(look))),
        ("ranges", Box::new(|look: &Look| ranges().svg(look))),
        ("bars", Box::new(|look: &Look| bars().svg(look))),
    ]
}
