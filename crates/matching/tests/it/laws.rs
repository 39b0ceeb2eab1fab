//! What holds for any calls and reports.

use std::collections::BTreeSet;

use proptest::prelude::*;
use unspoof_matching::{
    AccountNo, Call, Calls, CallsBuilder, Currency, Fact, Matched, Matcher, Money,
    OrganisationNames, OrganisationNo, Report, ReportKey, Settings, Tier, Window,
};
use unspoof_numbers::PhoneNumber;

use crate::made_up::context;

const DAY_US: i64 = 86_400_000_000;
const START_UTC: i64 = 1_640_995_200_000_000;

/// Called (0: not read), presented and organisation, time, talk time, account.
type Drawn = (u64, u8, u32, Option<u32>, u8);

/// Windows as first day and days, the own number as written, day reported, loss, name,
/// organisations, presented.
type DrawnReport = (
    Vec<(i64, i64)>,
    String,
    Option<i64>,
    Option<i64>,
    Option<usize>,
    Vec<u32>,
    Option<u64>,
);

fn number(no: u64) -> Option<PhoneNumber> {
    let key = (no > 0).then_some(447_100_000_000 + no * 11);
    PhoneNumber::from_key(key?).ok()
}

fn drawn_calls() -> impl Strategy<Value = Vec<Drawn>> {
    let call = (
        0..12_u64,
        0..4_u8,
        0..2_000_000_u32,
        any::<Option<u16>>(),
        0..3_u8,
    );
    prop::collection::vec(call, 0..60).prop_map(|calls| {
        let mut times = BTreeSet::new();
        calls
            .into_iter()
            .filter(|call| times.insert(call.2))
            .map(|c| {
                (
                    c.0,
                    c.1,
                    c.2,
                    c.3.map(|talk_s| u32::from(talk_s) % 900),
                    c.4,
                )
            })
            .collect()
    })
}

fn drawn_reports() -> impl Strategy<Value = Vec<Report>> {
    let windows = prop::collection::vec((0..24_i64, 0..3_i64), 0..3);
    let written = prop_oneof![
        Just(String::new()),
        (1..12_u64, 0..10_u64).prop_map(|(no, off)| {
            let slip = if off < 7 { 0 } else { off };
            format!("+{}", 447_100_000_000 + no * 11 + slip)
        }),
        "[0-9+() -]{0,16}",
    ];
    let report = (
        windows,
        written,
        prop::option::of(0..40_i64),
        prop::option::of(prop_oneof![Just(-5_i64), 0..4_i64, any::<i64>()]),
        prop::option::of(0..3_usize),
        prop::collection::vec(0..4_u32, 0..2),
        prop::option::of(0..4_u64),
    );
    prop::collection::vec(report, 0..12).prop_map(|reports| {
        let made = |(at, drawn): (usize, _)| {
            let (windows, written, reported, minor, name, organisations, presented): DrawnReport =
                drawn;
            Report {
                key: ReportKey {
                    source: ["police", "bank"][at % 2].into(),
                    report_id: at.to_string(),
                },
                windows: windows
                    .iter()
                    .map(|&(from, days)| Window {
                        from_utc: START_UTC + from * DAY_US,
                        to_utc: START_UTC + (from + days) * DAY_US - 1,
                    })
                    .collect(),
                called_raw: Some(written).filter(|raw| !raw.is_empty()),
                reported_utc: reported.map(|day| START_UTC + day * DAY_US),
                loss: minor.map(|minor| Money {
                    currency: Currency::GBP,
                    minor,
                }),
                victim_name: name.map(|at| ["Ada One", "Bo Two", "Cy Three"][at].to_owned()),
                organisations: organisations.into_iter().map(OrganisationNo).collect(),
                presented: presented
                    .and_then(|no| number(no + 50))
                    .into_iter()
                    .collect(),
                ..Report::default()
            }
        };
        reports.into_iter().enumerate().map(made).collect()
    })
}

fn stored(calls: &[Drawn]) -> Calls {
    let mut builder = CallsBuilder::default();
    for &(called, shown, at_s, talk_s, account) in calls {
        let organisation = (shown > 0).then_some(OrganisationNo(shown.into()));
        builder
            .push(&Call {
                called: number(called),
                presented: number(50 + u64::from(shown)),
                organisations: organisation.as_slice(),
                started_utc: START_UTC + i64::from(at_s) * 1_000_000,
                talk_s,
                answered: None,
                account: AccountNo(account.into()),
                engaged: false,
            })
            .expect("room for it");
    }
    builder.finish()
}

fn with_matched<T>(calls: &[Drawn], reports: &[Report], then: impl FnOnce(&Matched<'_>) -> T) -> T {
    let (calls, names) = (stored(calls), OrganisationNames::default());
    let matcher =
        Matcher::new(&calls, &names, context(), Settings::default()).expect("the default settings");
    then(&matcher.match_reports(reports).expect("keys differ"))
}

/// All that was decided, by the reports' own keys and the calls' times, of which each has its own.
fn decided(calls: &[Drawn], reports: &[Report]) -> (BTreeSet<String>, Vec<Vec<String>>) {
    with_matched(calls, reports, |matched| {
        let key = |at: usize| format!("{:?}", reports[at].key);
        let each = matched.reports.iter().enumerate().map(|(at, found)| {
            let matches: Vec<String> = found
                .matches
                .iter()
                .map(|m| {
                    let (at, reasons) = (m.call.started_utc, &m.reasons);
                    format!(
                        "{at} {:?} {} {} {reasons:?}",
                        m.tier, m.share_ppm, m.same_episode
                    )
                })
                .collect();
            format!("{} {} {matches:?}", key(at), found.candidates)
        });
        let losses = matched.losses.iter();
        let losses = losses.map(|l| l.reports.iter().map(|&at| key(at)).collect());
        (each.collect(), losses.collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_order_of_calls_and_reports_does_not_matter(
        (calls, turned_calls) in drawn_calls()
            .prop_flat_map(|calls| (Just(calls.clone()), Just(calls).prop_shuffle())),
        (reports, turned) in drawn_reports()
            .prop_flat_map(|reports| (Just(reports.clone()), Just(reports).prop_shuffle())),
    ) {
        prop_assert_eq!(decided(&calls, &reports), decided(&turned_calls, &turned));
    }

    #[test]
    fn exact_means_the_own_number_inside_a_stated_window(
        calls in drawn_calls(),
        reports in drawn_reports(),
    ) {
        with_matched(&calls, &reports, |matched| {
            for (report, found) in reports.iter().zip(&matched.reports) {
                for (place, one) in found.matches.iter().enumerate() {
                    prop_assert!(place == 0 || one.tier == Tier::Possible);
                    let bits: i32 = one.reasons.iter().map(|r| r.bits.thousandths()).sum();
                    prop_assert_eq!(bits, one.bits.thousandths());
                    let started = one.call.started_utc;
                    let inside = |w: &Window| (w.from_utc..=w.to_utc).contains(&started);
                    let equal = |f: &Fact| matches!(f, Fact::OwnNumberEqual { number, .. }
                        if Some(*number) == one.call.called);
                    if one.tier == Tier::Exact {
                        prop_assert!(report.windows.iter().any(inside));
                        prop_assert!(one.reasons.iter().any(|r| equal(&r.fact)));
                    }
                    if report.called_raw.is_none() {
                        prop_assert!(!one.tier.counts());
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_loss_is_counted_once(calls in drawn_calls(), reports in drawn_reports()) {
        with_matched(&calls, &reports, |matched| {
            let mut all: Vec<usize> =
                matched.losses.iter().flat_map(|l| l.reports.iter().copied()).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..reports.len()).collect::<Vec<_>>());

            let losses = matched.losses_by_tier(&reports);
            let counted: u64 = losses.by_tier.values().map(|s| s.losses).sum();
            let without: u64 = losses.without_amount.values().sum();
            prop_assert_eq!(counted + without, matched.losses.len() as u64);

            let sum: i128 = losses.by_tier.values().map(|s| s.sum_minor).sum();
            let most = |reports_of: &[usize]| {
                let stated = reports_of.iter().filter_map(|&at| reports[at].loss);
                stated.map(|loss| i128::from(loss.minor)).filter(|&m| m >= 0).max().unwrap_or(0)
            };
            let distinct: i128 = matched.losses.iter().map(|l| most(&l.reports)).sum();
            prop_assert!(sum <= distinct);
            Ok(())
        })?;
    }
}
