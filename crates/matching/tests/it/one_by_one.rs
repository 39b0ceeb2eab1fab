//! One report at a time, among twenty thousand calls that have nothing to do with it.

use unspoof_matching::{
    AccountNo, Call, CallNo, Calls, CallsBuilder, Currency, Fact, GivenIn, LossFact, Matched,
    Matcher, Money, OrganisationNames, OrganisationNo, Report, ReportKey, Settings, Slip, Tier,
    Window, windows_of_day,
};
use unspoof_model::Zone;
use unspoof_numbers::PhoneNumber;

use crate::made_up::{Case, context};

const BANK: OrganisationNo = OrganisationNo(70);
/// 2022-03-04 14:00:00 UTC.
const AT_UTC: i64 = 1_646_402_400_000_000;
const HOUR_US: i64 = 3_600_000_000;
const VICTIM: u64 = 447_700_900_789;

struct Asked {
    calls: Calls,
    names: OrganisationNames,
    first: u32,
}

/// Adds calls at so many hours from [`AT_UTC`], of so many seconds, by an account.
fn asked(own: &[(u64, i64, Option<u32>)]) -> Asked {
    let mut builder = Case::new(9, 20_000, 0).calls;
    let mut first = None;
    for &(called, hours, talk_s) in own {
        let call = builder
            .push(&Call {
                called: PhoneNumber::from_key(called).ok(),
                presented: PhoneNumber::from_key(442_079_460_123).ok(),
                organisations: &[BANK],
                started_utc: AT_UTC + hours * HOUR_US,
                talk_s,
                answered: talk_s.map(|s| s > 0),
                account: AccountNo(called as u32 % 7),
                engaged: false,
            })
            .expect("room for it");
        first.get_or_insert(call.0);
    }
    Asked {
        calls: builder.finish(),
        names: OrganisationNames::new([(BANK, "Example Bank")]),
        first: first.unwrap_or(0),
    }
}

impl Asked {
    fn matched(&self, reports: &[Report]) -> Matched<'_> {
        Matcher::new(&self.calls, &self.names, context(), Settings::default())
            .expect("the default settings")
            .match_reports(reports)
            .expect("keys differ")
    }

    /// The tier and number of the best match, counted from the first call added.
    fn best(&self, report: &Report) -> Option<(Tier, u32)> {
        let matched = self.matched(std::slice::from_ref(report));
        let best = matched.reports[0].matches.first()?;
        Some((best.tier, best.call.call.0.wrapping_sub(self.first)))
    }
}

fn days(text: &str) -> Vec<Window> {
    windows_of_day(text, &Zone::named("UTC").expect("a zone"))
}

fn report(number: &str, day: &str) -> Report {
    Report {
        key: ReportKey {
            source: "police".into(),
            report_id: "1".into(),
        },
        reported_utc: Some(AT_UTC + 90 * 24 * HOUR_US),
        windows: days(day),
        called_raw: Some(number.to_owned()).filter(|raw| !raw.is_empty()),
        organisation_raw: Some("Example Bank".into()),
        ..Report::default()
    }
}

#[test]
fn the_own_number_inside_the_window_is_exact_and_near_it_probable() {
    let asked = asked(&[(VICTIM, 0, Some(400))]);
    let best = |day| asked.best(&report("07700 900789", day));
    assert_eq!(best("2022-03-04"), Some((Tier::Exact, 0)));
    assert_eq!(best("2022-03-05"), Some((Tier::Probable, 0)));
    assert_eq!(best("2022-03-02"), Some((Tier::Probable, 0)));
    assert_eq!(best("2022-05-02").map(|best| best.0), None);
}

#[test]
fn both_readings_of_a_date_are_tried() {
    let asked = asked(&[(VICTIM, 0, Some(400))]);
    for day in ["04/03/2022", "03/04/2022"] {
        assert_eq!(days(day).len(), 2);
        assert_eq!(
            asked.best(&report("07700900789", day)),
            Some((Tier::Exact, 0)),
            "{day}"
        );
    }
    assert_eq!(asked.best(&report("07700900789", "04/04/2022")), None);
}

#[test]
fn a_slip_needs_the_window_and_further_support() {
    let asked = asked(&[(VICTIM, 0, None)]);
    for (written, slip) in [
        ("07700 900780", Slip::OneDigitDiffers),
        ("07700 900798", Slip::DigitsSwapped),
        ("07700 9007789", Slip::DigitTooMany),
        ("07700 90079", Slip::DigitMissing),
    ] {
        let told = report(written, "2022-03-04");
        assert_eq!(asked.best(&told), Some((Tier::Probable, 0)), "{written}");
        let matched = asked.matched(std::slice::from_ref(&told));
        let called = PhoneNumber::from_key(VICTIM).expect("a number");
        let fact = Fact::OwnNumberSlip { called, slip };
        let reasons = &matched.reports[0].matches[0].reasons;
        assert!(
            reasons.iter().any(|reason| reason.fact == fact),
            "{reasons:?}"
        );

        let unsupported = Report {
            organisation_raw: None,
            ..told.clone()
        };
        assert_eq!(
            asked.best(&unsupported),
            Some((Tier::Possible, 0)),
            "{written}"
        );
        let far = report(written, "2022-03-14");
        assert_eq!(asked.best(&far), None, "{written}");
        let undated = report(written, "");
        assert!(
            asked
                .best(&undated)
                .is_none_or(|best| best.0 == Tier::Possible)
        );
    }
}

#[test]
fn a_number_in_the_narrative_counts_as_the_victims_own() {
    let asked = asked(&[(VICTIM, 0, Some(400))]);
    let told = Report {
        narrative: Some("Call me back on 07700 900789. They showed 020 7946 0123.".into()),
        ..report("", "2022-03-04")
    };
    assert_eq!(asked.best(&told), Some((Tier::Exact, 0)));
    let matched = asked.matched(&[told]);
    let facts: Vec<Fact> = matched.reports[0].matches[0]
        .reasons
        .iter()
        .map(|r| r.fact)
        .collect();
    let number = PhoneNumber::from_key(VICTIM).expect("a number");
    let presented = PhoneNumber::from_key(442_079_460_123).expect("a number");
    assert!(facts.contains(&Fact::OwnNumberEqual {
        number,
        given_in: GivenIn::Narrative,
        readings: 1
    }));
    assert!(facts.contains(&Fact::PresentedNumberEqual { number: presented }));
}

#[test]
fn without_a_number_calls_are_listed_and_never_counted() {
    let asked = asked(&[(VICTIM, 0, Some(400)), (VICTIM + 1, 2, Some(0))]);
    let told = report("", "2022-03-04");
    let matched = asked.matched(std::slice::from_ref(&told));
    let one = &matched.reports[0];
    assert_eq!(one.candidates, 2);
    assert_eq!(one.matched(), None);
    assert_eq!(one.tier(), Some(Tier::Possible));
    assert_eq!(one.matches[0].call.call, CallNo(asked.first));
    assert!(one.matches[0].bits > one.matches[1].bits);
    // The number that was shown does as well as the organisation's name.
    let shown = Report {
        organisation_raw: None,
        presented: PhoneNumber::from_key(442_079_460_123).into_iter().collect(),
        ..told
    };
    assert_eq!(asked.best(&shown), Some((Tier::Possible, 0)));
}

#[test]
fn no_call_after_the_report_is_the_one() {
    let asked = asked(&[(VICTIM, 0, Some(400))]);
    let told = Report {
        reported_utc: Some(AT_UTC - 30 * HOUR_US),
        ..report("07700900789", "2022-03-03")
    };
    assert_eq!(asked.best(&told), None);
}

#[test]
fn of_several_calls_the_long_one_is_best_and_the_others_stay_possible() {
    let asked = asked(&[
        (VICTIM, 0, Some(0)),
        (VICTIM, 1, Some(20)),
        (VICTIM, 2, Some(700)),
        (VICTIM, 60, Some(3)),
    ]);
    let matched = asked.matched(&[report("07700900789", "2022-03-04")]);
    let found: Vec<(u32, Tier, bool)> = matched.reports[0]
        .matches
        .iter()
        .map(|m| (m.call.call.0 - asked.first, m.tier, m.same_episode))
        .collect();
    assert_eq!(found[0], (2, Tier::Exact, true));
    assert!(found[1..].iter().all(|m| m.1 == Tier::Possible));
    assert!(found.contains(&(3, Tier::Possible, false)));
    assert_eq!(found.len(), 4);
}

#[test]
fn another_organisation_speaks_against_and_keeps_a_match_from_being_exact() {
    let asked = asked(&[(VICTIM, 0, Some(400))]);
    let told = Report {
        organisations: vec![OrganisationNo(3)],
        ..report("07700900789", "2022-03-04")
    };
    assert_eq!(asked.best(&told), Some((Tier::Probable, 0)));
}

fn lost(minor: i64, report: Report, source: &str) -> Report {
    Report {
        key: ReportKey {
            source: source.into(),
            report_id: "7".into(),
        },
        victim_name: Some("Ada Example".into()),
        loss: Some(Money {
            currency: Currency::GBP,
            minor,
        }),
        ..report
    }
}

#[test]
fn a_loss_reported_at_two_centres_is_counted_once() {
    let asked = asked(&[(VICTIM, 0, Some(400))]);
    let reports = [
        lost(250_000, report("07700900789", "2022-03-04"), "police"),
        lost(250_000, report("+44 7700 900789", "2022-03-05"), "bank"),
        lost(90_000, report("07700 900333", "2022-03-04"), "third"),
    ];
    let matched = asked.matched(&reports);
    let groups: Vec<&[usize]> = matched.losses.iter().map(|l| &l.reports[..]).collect();
    assert_eq!(groups, [&[1, 0][..], &[2]]);
    let facts: Vec<LossFact> = matched.losses[0].links[0]
        .reasons
        .iter()
        .map(|r| r.fact)
        .collect();
    assert!(facts.contains(&LossFact::SameNumber) && facts.contains(&LossFact::SameAmount));
    let losses = matched.losses_by_tier(&reports);
    let exact = losses.by_tier[&(Some(Tier::Exact), Currency::GBP)];
    assert_eq!((exact.losses, exact.sum_minor), (1, 250_000));
    assert_eq!(
        (exact.mean_minor(), exact.median_minor),
        (Some(250_000), 250_000)
    );
    let all: i128 = losses.by_tier.values().map(|sum| sum.sum_minor).sum();
    assert_eq!(all, 340_000);
}

#[test]
fn one_call_reported_with_two_amounts_is_one_loss_at_the_lower() {
    let asked = asked(&[(VICTIM, 0, Some(400))]);
    let reports = [
        lost(250_000, report("07700900789", "2022-03-04"), "police"),
        Report {
            victim_name: Some("Bo Example".into()),
            ..lost(80_000, report("07700900789", "2022-03-04"), "bank")
        },
    ];
    let matched = asked.matched(&reports);
    assert_eq!(matched.losses.len(), 1);
    let counted = matched.counted_losses(&reports)[0];
    assert_eq!(counted.counted.map(|c| c.minor), Some(80_000));
    assert_eq!(counted.highest_minor, Some(250_000));
}

#[test]
fn two_losses_of_one_person_stay_two() {
    let asked = asked(&[(VICTIM, 0, Some(400)), (VICTIM, 24 * 40, Some(500))]);
    let mut second = lost(70_000, report("07700900789", "2022-04-13"), "bank");
    second.key.report_id = "8".into();
    let reports = [
        lost(250_000, report("07700900789", "2022-03-04"), "police"),
        second,
    ];
    let matched = asked.matched(&reports);
    assert_eq!(matched.losses.len(), 2);
    let exact = matched.losses_by_tier(&reports).by_tier[&(Some(Tier::Exact), Currency::GBP)];
    assert_eq!(
        (exact.losses, exact.sum_minor, exact.largest_minor),
        (2, 320_000, 250_000)
    );
}

#[test]
fn a_slip_gives_way_to_whoever_has_the_number() {
    let asked = asked(&[(VICTIM, 0, Some(400))]);
    let reports = [
        lost(250_000, report("07700900789", "2022-03-04"), "police"),
        Report {
            victim_name: Some("Bo Other".into()),
            ..lost(80_000, report("07700900788", "2022-03-04"), "bank")
        },
    ];
    let matched = asked.matched(&reports);
    assert_eq!(matched.reports[0].tier(), Some(Tier::Exact));
    assert_eq!(matched.reports[1].tier(), Some(Tier::Possible));
    let last = matched.reports[1].matches[0].reasons.last();
    assert_eq!(last.map(|reason| reason.fact), Some(Fact::BetterReport));
    assert_eq!(matched.losses.len(), 2);
}

#[test]
fn a_match_explains_itself_without_personal_data() {
    let asked = asked(&[(VICTIM, 0, Some(400))]);
    let told = report("07700900780", "2022-03-05");
    let matched = asked.matched(std::slice::from_ref(&told));
    let best = &matched.reports[0].matches[0];
    let sum: i32 = best.reasons.iter().map(|r| r.bits.thousandths()).sum();
    assert_eq!(sum, best.bits.thousandths());
    let lines: Vec<String> = best.reasons.iter().map(|r| r.to_string()).collect();
    let said: Vec<&str> = lines.iter().filter_map(|l| l.split(": ").next()).collect();
    assert!(said[0].starts_with("one of 2000"), "{said:?}");
    assert_eq!(
        said[1..],
        [
            "own number close to +44•••••789",
            "10 h before the window",
            "organisation named",
            "talked for 400 s",
        ]
    );
    let shown = format!("{matched:?} {told:?} {:?} {lines:?}", asked.calls);
    assert!(!shown.contains("7700900"), "{shown}");
}

#[test]
fn a_report_given_twice_and_a_setting_out_of_range_are_errors() {
    let asked = asked(&[]);
    let matcher = Matcher::new(&asked.calls, &asked.names, context(), Settings::default())
        .expect("the default settings");
    let told = report("07700900789", "2022-03-04");
    assert!(matcher.match_reports(&[told.clone(), told]).is_err());
    let settings = Settings {
        probable_share: 0.4,
        ..Settings::default()
    };
    assert!(Matcher::new(&asked.calls, &asked.names, context(), settings).is_err());
}

#[test]
fn no_calls_and_no_reports_are_no_trouble() {
    let calls = CallsBuilder::default().finish();
    let names = OrganisationNames::default();
    let matcher =
        Matcher::new(&calls, &names, context(), Settings::default()).expect("the default settings");
    assert!(
        matcher
            .match_reports(&[])
            .expect("no keys")
            .losses
            .is_empty()
    );
    let matched = matcher
        .match_reports(&[report("07700900789", "2022-03-04")])
        .expect("one key");
    assert_eq!(matched.reports[0].candidates, 0);
}
