//! "Was my number called?": one text ever, to numbers that were called, when nobody can foretell it.

use std::collections::{BTreeSet, HashSet};

use unspoof_model::Coded;
use unspoof_numbers::PhoneNumber;
use unspoof_outreach::approval::{self, Approved, Use};
use unspoof_outreach::notice::Notice;
use unspoof_outreach::package::{self, Opened};
use unspoof_outreach::plan::{Campaign, Grounds, Kind, Planned, Reason, Told, make};

use super::package::approvers;
use super::support::*;

fn answer_toml() -> String {
    let toml = campaign_toml();
    let (head, rest) = toml.split_once("[[texts]]").unwrap();
    let (_, tail) = rest.split_once("[[approvers]]").unwrap();
    let text = "Tarnshire Police: somebody asked on our website about this number. Whoever foretold this text by phone is a fraudster. Code {code}";
    format!(
        "{}[[texts]]\nlanguage = \"en\"\ntext = \"{text}\"\n\n[answering]\nbatches = 5\n\n[[approvers]]{tail}",
        head.replace("kind = \"warning\"", "kind = \"answer\"")
            .replace("tarnshire-2022", "tarnshire-answers-1")
    )
}

/// All of `mobile(0..60)` were called; these asked, some of whom were not.
fn asked() -> BTreeSet<PhoneNumber> {
    (0..40).map(mobile).chain((500..600).map(mobile)).collect()
}

pub(crate) fn answers(told: &[Told]) -> Planned {
    let campaign = Campaign::read(&answer_toml()).unwrap();
    let mut list: Vec<_> = (0..60).map(|at| candidate(mobile(at))).collect();
    list[0].flags.suppressed = true;
    list[1].flags.reported = true;
    list[2].flags.account_holder = true;
    let all = candidates(list);
    let (home, key, asked) = ([region("GB")], key(), asked());
    make(&Grounds {
        asked: Some(&asked),
        told,
        ..grounds(&campaign, &all, &home, &key)
    })
    .unwrap()
}

#[test]
fn only_numbers_that_asked_and_were_called_are_answered() {
    let planned = answers(&[]);
    let told: BTreeSet<PhoneNumber> = planned.recipients.list.iter().map(|of| of.number).collect();
    // 0 must not be contacted, 2 is an account holder's; 1 reported and asks all the same.
    let expected: BTreeSet<PhoneNumber> = (1..40).filter(|at| *at != 2).map(mobile).collect();
    assert_eq!(told, expected);
    assert_eq!(planned.plan.left_out[&Reason::NotAsked], 20);
    assert_eq!(planned.plan.left_out[&Reason::Suppressed], 1);
    // Of those who asked and were not called nothing is known anywhere, not even how many they are.
    assert_eq!(planned.plan.left_out.values().sum::<u64>(), 22);
    assert!(planned.landlines.is_empty() && planned.foreign.is_empty());
    planned.plan.check().unwrap();
    assert_eq!(planned.plan.kind, Kind::Answer);
}

#[test]
fn a_number_is_answered_once_ever_and_also_after_a_warning() {
    let hashes = |range: std::ops::Range<u64>| {
        range
            .map(|at| key().hash(mobile(at)))
            .collect::<HashSet<_>>()
    };
    let told = [
        Told {
            kind: Kind::Answer,
            key: key(),
            hashes: hashes(10..20),
        },
        Told {
            kind: Kind::Warning,
            key: key(),
            hashes: hashes(20..30),
        },
    ];
    let planned = answers(&told);
    assert_eq!(planned.plan.left_out[&Reason::AlreadyTold], 10);
    assert_eq!(planned.plan.recipients.count, 28);
}

#[test]
fn batches_go_at_hours_that_stand_nowhere_outside() {
    let mut hours = BTreeSet::new();
    let mut sizes = BTreeSet::new();
    for _ in 0..12 {
        let planned = answers(&[]);
        let times = &planned.recipients.not_before_utc;
        assert_eq!((times.len(), planned.plan.stages.len()), (5, 5));
        assert!(times.is_sorted());
        for at_utc in times {
            assert!(
                planned.plan.is_open(0, *at_utc),
                "by day, and within the window"
            );
            assert!(*at_utc >= PLANNED_UTC + HOUR_US);
        }
        let plan = serde_json::to_string(&planned.plan).unwrap();
        let notice = answered(&planned);
        for at_utc in times {
            assert!(!plan.contains(&at_utc.to_string()));
            assert!(!notice.contains(&at_utc.to_string()));
        }
        hours.insert(times.clone());
        sizes.insert(
            planned
                .plan
                .stages
                .iter()
                .map(|stage| stage.recipients)
                .collect::<Vec<_>>(),
        );
        assert_eq!(
            planned
                .plan
                .stages
                .iter()
                .map(|stage| stage.recipients)
                .sum::<u64>(),
            38
        );
    }
    assert_eq!(hours.len(), 12, "never the same hours");
    assert!(sizes.len() > 6, "nor the same people in them");
}

fn answered(planned: &Planned) -> String {
    let mut file = approval::unsigned(&planned.plan).unwrap();
    for of in [1, 3] {
        file = approval::approve(file.as_bytes(), &approvers(), &seed(of), PLANNED_UTC)
            .unwrap()
            .0;
    }
    let approved =
        Approved::verify(file.as_bytes(), &approvers(), Use::Rehearsal, PLANNED_UTC).unwrap();
    let sealed = package::seal_recipients(&planned.plan, &planned.recipients).unwrap();
    let opened = Opened::open(
        file.as_bytes(),
        sealed.as_slice(),
        &approvers(),
        &[host()],
        Use::Sending,
        WITHIN_UTC,
    )
    .unwrap();
    assert_eq!(
        opened.not_before(4),
        planned.recipients.not_before_utc.last().copied()
    );
    let notice = Notice::of(&approved);
    assert!(notice.how_to_tell.iter().any(
        |sentence| sentence.contains("hang up") && sentence.contains("said that it would come")
    ));
    notice.sign_json(&seed(20)).unwrap()
}

/// The times of many batches are spread over the day as chance has it: each of eleven hours about alike.
#[test]
fn no_hour_of_the_day_is_likelier_than_another() {
    let mut by_hour = [0_u32; 11];
    let campaign = Campaign::read(&answer_toml().replace("batches = 5", "batches = 1000")).unwrap();
    let all = candidates(vec![candidate(mobile(5))]);
    let (home, key, asked) = ([region("GB")], key(), asked());
    let planned = make(&Grounds {
        asked: Some(&asked),
        ..grounds(&campaign, &all, &home, &key)
    })
    .unwrap();
    for at_utc in &planned.recipients.not_before_utc {
        by_hour[(at_utc / HOUR_US % 24 - 9) as usize] += 1;
    }
    // 1,000 over 2 × 10.75 hours: about 93 an hour, 70 in the last, which is cut short.
    assert!(
        by_hour[..10].iter().all(|count| (45..150).contains(count)),
        "{by_hour:?}"
    );
}

#[test]
fn what_is_no_answer_campaign_is_refused() {
    let good = answer_toml();
    for (from, to) in [
        ("[answering]\nbatches = 5\n", ""),
        ("batches = 5", "batches = 0"),
        (
            "[answering]",
            "[[stages]]\nname = \"rest\"\ntake = \"rest\"\n\n[answering]",
        ),
        (
            "language = \"en\"\ntext",
            "language = \"en\"\norganisation = \"Crownfield Bank\"\ntext",
        ),
        ("batches = 5", "batches = 5\nat = \"12:00\""),
    ] {
        assert!(good.contains(from), "{from}");
        assert!(
            Campaign::read(&good.replacen(from, to, 1)).is_err(),
            "{from} → {to}"
        );
    }
    let campaign = Campaign::read(&good).unwrap();
    let all = candidates(vec![candidate(mobile(1))]);
    let (home, key) = ([region("GB")], key());
    let error = make(&grounds(&campaign, &all, &home, &key)).unwrap_err();
    assert_eq!(error.code(), "outreach/campaign");
    // The window is nearly over: there is no time left that would be a surprise.
    let asked = asked();
    let error = make(&Grounds {
        asked: Some(&asked),
        now_utc: PLANNED_UTC + 127 * HOUR_US,
        ..grounds(&campaign, &all, &home, &key)
    });
    assert_eq!(error.unwrap_err().code(), "outreach/window");
}
