//! Made-up calls and reports with known truth, drawn from a seed.
//!
//! Calls come in episodes: an account rings a victim up to five times within hours, mostly short,
//! once perhaps long. Accounts work for a few weeks and show one or two organisations. Numbers of
//! people lie in blocks that the regulator protects (`+44 7110` to `7199`, `+44 72`) or that no plan
//! has (`+31 99`), so nobody has them; those of organisations are London's for drama. Distributions
//! are not those of the rival's generator: dates are wrong less often and by other amounts, and can be
//! stated in hours or not at all; slips are of four kinds; some unrelated reports are by people who
//! were called, too; reports repeat each other, and people lose money twice.

use unspoof_matching::{
    AccountNo, Call, CallNo, Calls, CallsBuilder, Currency, Money, OrganisationNames,
    OrganisationNo, Report, ReportKey, Window, windows_of_day,
};
use unspoof_model::Zone;
use unspoof_numbers::{Context, PhoneNumber};

/// SplitMix64 (Steele, Lea and Flood 2014).
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds must not give one stream, shifted.
        let mut spread = Self(seed ^ 0x5851_f42d_4c95_7f2d);
        Self(spread.next() ^ seed.rotate_left(32))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}

pub(crate) struct Case {
    pub(crate) calls: CallsBuilder,
    pub(crate) names: OrganisationNames,
    pub(crate) reports: Vec<Report>,
    /// For each report.
    pub(crate) truth: Vec<Truth>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Truth {
    /// The call it tells of.
    pub(crate) call: Option<CallNo>,
    /// Which loss.
    pub(crate) loss: usize,
    /// It carries a number of the victim's own.
    pub(crate) has_number: bool,
}

#[derive(Clone, Copy)]
struct Made {
    call: CallNo,
    called: u64,
    presented: u64,
    organisation: Option<u32>,
    started_s: i64,
}

const ORGANISATIONS: u64 = 60;
const YEAR_S: u64 = 365 * 86_400;
const START_S: i64 = 1_640_995_200;
const FIRST: [&str; 40] = [
    "Ada", "Bo", "Cleo", "Dora", "Eli", "Fay", "Gus", "Hal", "Ida", "Jan", "Kit", "Lou", "Mae",
    "Ned", "Oda", "Pip", "Quin", "Ray", "Sol", "Tia", "Una", "Vic", "Wyn", "Xan", "Yul", "Zoe",
    "Abe", "Bea", "Cy", "Dee", "Ed", "Flo", "Gil", "Hew", "Ira", "Jo", "Ken", "Lee", "Mo", "Nat",
];

pub(crate) fn context() -> Context {
    Context {
        default_region: "GB".parse().ok(),
        bare_is_international: true,
        ..Context::default()
    }
}

pub(crate) fn organisation_name(no: u32) -> String {
    let place = ["Fen", "Moor", "Dale", "Cliff", "Brook", "Heath"][no as usize % 6];
    let kind = ["Bank", "Mutual", "Customs", "Power", "Water"][no as usize % 5];
    format!("{place} {kind} {no}")
}

fn victim(no: u64) -> u64 {
    let spread = Draw::new(no.wrapping_add(77)).next();
    if spread.is_multiple_of(5) {
        31_990_000_000 + spread / 5 % 10_000_000
    } else {
        447_110_000_000 + spread / 5 % 90_000_000
    }
}

impl Case {
    pub(crate) fn new(seed: u64, calls: usize, reports: usize) -> Self {
        let mut draw = Draw::new(seed);
        let (builder, long) = make_calls(&mut draw, calls, reports);
        let names: Vec<(OrganisationNo, String)> = (0..ORGANISATIONS as u32)
            .map(|no| (OrganisationNo(no), organisation_name(no)))
            .collect();
        let mut case = Self {
            calls: builder,
            names: OrganisationNames::new(names.iter().map(|(no, name)| (*no, name.as_str()))),
            reports: Vec::new(),
            truth: Vec::new(),
        };
        case.make_reports(&mut draw, &long, calls as u64 / 4 + 1, reports);
        case
    }

    pub(crate) fn stored(self) -> (Calls, OrganisationNames, Vec<Report>, Vec<Truth>) {
        (self.calls.finish(), self.names, self.reports, self.truth)
    }

    fn make_reports(&mut self, draw: &mut Draw, long: &[Made], victims: u64, reports: usize) {
        let mut used = std::collections::BTreeSet::new();
        let mut loss = 0;
        while self.reports.len() < reports {
            loss += 1;
            let told = draw.pick(long);
            let made = if draw.chance(0.7) && used.insert(told.call) {
                Some(*told)
            } else {
                None
            };
            // Of the unrelated, one in ten was called as well, on some other day.
            let about = made.unwrap_or_else(|| Made {
                call: CallNo(u32::MAX),
                called: if draw.chance(0.1) {
                    victim(draw.below(victims))
                } else {
                    victim(draw.next())
                },
                presented: 447_200_000_000 + draw.below(100_000_000),
                organisation: Some(draw.below(ORGANISATIONS) as u32),
                started_s: START_S + draw.below(YEAR_S) as i64,
            });
            let name = format!(
                "{} {}{}",
                draw.pick(&FIRST),
                draw.pick(&FIRST),
                draw.below(30)
            );
            let minor = (2.0_f64.powf(4.0 + 9.0 * draw.share()) * 100.0) as i64;
            let centres = if draw.chance(0.06) { 2 } else { 1 };
            for centre in 0..centres {
                let mut report = make_report(draw, &about, &name, minor, centre > 0);
                report.0.key = ReportKey {
                    source: ["police", "bank"][centre].into(),
                    report_id: self.reports.len().to_string(),
                };
                self.reports.push(report.0);
                self.truth.push(Truth {
                    call: made.map(|made| made.call),
                    loss,
                    has_number: report.1,
                });
            }
        }
    }
}

fn make_calls(draw: &mut Draw, calls: usize, reports: usize) -> (CallsBuilder, Vec<Made>) {
    let mut builder = CallsBuilder::with_capacity(calls);
    let mut long = Vec::new();
    let victims = calls as u64 / 4 + 1;
    let accounts = calls as u64 / 150 + 3;
    // About three calls of long talk for each report, so that not all of them are reported.
    let keep = (reports as f64 * 3.0 / calls as f64 * 6.0).min(1.0);
    let mut made = 0;
    while made < calls {
        let account = draw.below(accounts);
        let mut own = Draw::new(account.wrapping_mul(31));
        let begins = own.below(YEAR_S - 40 * 86_400);
        let organisation = own.below(ORGANISATIONS).min(own.below(ORGANISATIONS)) as u32;
        let victim = victim(draw.below(victims));
        let mut at = START_S + (begins + draw.below(40 * 86_400)) as i64;
        let shows = draw.chance(0.9).then_some(organisation);
        let presented = match shows {
            Some(no) => 442_079_460_000 + u64::from(no) * 10 + draw.below(4),
            None => 447_200_000_000 + draw.below(100_000_000),
        };
        for _ in 0..1 + draw.below(5) * draw.below(2) {
            let answered = draw.chance(0.55);
            let talk_s = (4.0 * 2.0_f64.powf(10.0 * draw.share() * draw.share())) as u32;
            let number = |key: u64| PhoneNumber::from_key(key).ok();
            let call = builder
                .push(&Call {
                    called: number(victim),
                    presented: number(presented),
                    organisations: shows.map(OrganisationNo).as_slice(),
                    started_utc: at * 1_000_000,
                    talk_s: Some(if answered { talk_s } else { 0 }),
                    answered: Some(answered),
                    account: AccountNo(account as u32),
                    engaged: false,
                })
                .expect("room for it");
            made += 1;
            if answered && talk_s > 90 {
                // Whoever was kept so long is not rung again that day.
                if draw.chance(keep) {
                    long.push(Made {
                        call,
                        called: victim,
                        presented,
                        organisation: shows,
                        started_s: at,
                    });
                }
                break;
            }
            at += 60 + draw.below(3 * 3_600) as i64;
        }
    }
    (builder, long)
}

/// Writes a report of a call, and says whether it carries the victim's number.
fn make_report(
    draw: &mut Draw,
    about: &Made,
    name: &str,
    minor: i64,
    repeats: bool,
) -> (Report, bool) {
    let zone = Zone::named("UTC").expect("a zone");
    let mut report = Report {
        victim_name: Some(if repeats {
            name.split(' ').rev().collect::<Vec<_>>().join(", ")
        } else {
            name.to_owned()
        }),
        loss: Some(Money {
            currency: Currency::GBP,
            minor: if repeats && draw.chance(0.2) {
                minor / 10_000 * 10_000
            } else {
                minor
            },
        }),
        reported_utc: Some((about.started_s + 3_600 + draw.below(30 * 86_400) as i64) * 1_000_000),
        ..Report::default()
    };
    let wrong_days = match draw.below(20) {
        0..16 => 0,
        16 => 1,
        17 => -1,
        18 => 2,
        _ => -(draw.below(4) as i64),
    };
    let told_s = about.started_s + wrong_days * 86_400;
    report.windows = match draw.below(10) {
        0 => vec![Window {
            from_utc: (told_s - 5_400) * 1_000_000,
            to_utc: (told_s + 5_400) * 1_000_000,
        }],
        form => {
            let day = told_s.div_euclid(86_400) * 86_400 * 1_000_000;
            let date = day_of(day);
            let text = if form < 6 {
                format!("{:02}/{:02}/{}", date.2, date.1, date.0)
            } else {
                format!("{}-{:02}-{:02}", date.0, date.1, date.2)
            };
            windows_of_day(&text, &zone)
        }
    };
    let mut narrative = String::from("The phone rang and they were very polite.");
    if let Some(no) = about.organisation
        && draw.chance(0.7)
    {
        let no = if draw.chance(0.02) { (no + 1) % 60 } else { no };
        narrative += &format!(" It was {}.", organisation_name(no));
    }
    if draw.chance(0.3) {
        narrative += &format!(" The display said +{}.", about.presented);
    }
    let has_number = match draw.below(20) {
        0..17 => {
            let written = written(draw, about.called);
            report.called_raw = Some(if draw.chance(0.055) {
                slip(draw, &written)
            } else {
                written
            });
            true
        }
        17 | 18 => {
            narrative += &format!(" Ring me on +{} after six.", about.called);
            true
        }
        _ => false,
    };
    narrative += &format!(" I paid {} pounds.", minor / 100);
    report.narrative = Some(narrative);
    (report, has_number)
}

fn written(draw: &mut Draw, number: u64) -> String {
    let digits = number.to_string();
    let (code, national) = digits.split_at(2);
    let (start, end) = national.split_at(4);
    match draw.below(5) {
        0 => format!("00{digits}"),
        1 => format!("+{code} {start} {end}"),
        2 if code == "44" => format!("0{start}-{end}"),
        3 => format!("+{code} (0){national}"),
        _ => format!("+{digits}"),
    }
}

/// Makes one slip in the digits after the country's code.
fn slip(draw: &mut Draw, written: &str) -> String {
    let mut bytes = written.as_bytes().to_vec();
    let places: Vec<usize> = (0..bytes.len())
        .filter(|&at| bytes[at].is_ascii_digit())
        .collect();
    let at = places[places.len() - 1 - draw.below(7) as usize];
    match draw.below(10) {
        0..5 => bytes[at] = b'0' + ((bytes[at] - b'0') + 1 + draw.below(9) as u8) % 10,
        5..8 => {
            let before = places.iter().rev().find(|&&place| place < at);
            bytes.swap(at, before.copied().unwrap_or(at));
        }
        8 => bytes.insert(at, b'0' + draw.below(10) as u8),
        _ => {
            bytes.remove(at);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Year, month and day of a time (Hinnant, chrono-compatible date algorithms).
fn day_of(utc: i64) -> (i64, i64, i64) {
    let days = utc.div_euclid(86_400_000_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}
