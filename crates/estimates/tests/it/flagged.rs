//! Where lists do not tell a number, none is given.

use unspoof_estimates::{
    BankCases, CaptureList, EstimateError, Flag, Histories, Interval, Method, Model, Options,
    RepeatCounts, Reports, SeizedLog, Statements, VictimEstimate, fit, zelterman,
    zero_truncated_poisson,
};

use crate::{labels, table};

fn quick() -> Options {
    Options {
        bootstrap: None,
        ..Options::default()
    }
}

#[test]
fn two_lists_that_share_nobody_give_no_number() {
    let apart = table(2, &[0, 40, 60]);
    let found = VictimEstimate::from_lists(&apart, &Options::default()).expect("options");
    assert_eq!(found.low_high_persons(), None);
    assert!(
        found
            .rows()
            .iter()
            .all(|row| row.persons.is_err() && !row.is_plausible)
    );
    assert!(found.resampled().is_none());
    let text = found.to_string();
    assert!(
        text.starts_with("no estimate: the lists do not identify a number; 100 victims are listed"),
        "{text}"
    );
}

#[test]
fn two_lists_cannot_tell_their_dependence() {
    let two = table(2, &[20, 80, 80]);
    let all = Model::all_pairs(2).expect("2 lists");
    assert_eq!(
        fit(&two, all, Interval::LogNormal, 0.95),
        Err(Flag::NotIdentifiable)
    );
    let found = VictimEstimate::from_lists(&two, &quick()).expect("options");
    let numbers: Vec<(Method, bool)> = found
        .rows()
        .iter()
        .map(|row| (row.method, row.is_plausible))
        .collect();
    assert!(numbers.contains(&(Method::Chapman, true)));
    assert!(numbers.contains(&(Method::OddsRatio(2.0), true)));
    let [low, high] = found.low_high_persons().expect("they overlap");
    // 180 + ½ × 320 lies well inside, and so does 180 + 2 × 320.
    assert!(low < 340.0 && high > 820.0, "{low} {high}");
}

/// Chan, Silverman and Vincent: where two lists of an interaction share nobody, the interaction is
/// minus infinity, and the others are estimated without the histories on both.
#[test]
fn an_empty_overlap_leaves_the_rest_to_estimate() {
    // 110 and 111 are empty: lists 1 and 2 share nobody.
    let sparse = table(3, &[0, 0, 20, 100, 30, 150, 90]);
    let model = Model::independence(3)
        .and_then(|m| m.with(0, 1))
        .expect("a pair");
    let found = fit(&sparse, model, Interval::MultinomialProfile, 0.95).expect("it exists");
    // By hand: without histories on both, list 3 alone tells, N₀ = n₀₀₁ (n₁₀₀ + n₀₁₀)/(n₁₀₁ + n₀₁₁).
    let by_hand = 390.0 + 90.0 * (100.0 + 150.0) / (20.0 + 30.0);
    let [_, point, _] = found.persons.low_point_high();
    assert!((point - by_hand).abs() < 1e-6, "{point} {by_hand}");
    assert_eq!(found.degrees_of_freedom, 2);
}

/// Each row that has no number says so in words and carries none.
#[test]
fn flagged_rows_print_no_number() {
    let deaths = table(4, &[72, 5, 29, 53, 24, 3, 12, 14, 0, 0, 0, 1, 0, 0, 2]);
    let found = VictimEstimate::from_lists(&deaths, &quick()).expect("options");
    let flagged = found.rows().iter().filter(|row| row.persons.is_err());
    assert!(flagged.clone().count() > 10);
    for row in flagged {
        assert!(row.fit.is_none() && !row.is_plausible);
    }
    for line in found
        .to_string()
        .lines()
        .filter(|line| line.contains("no maximum"))
    {
        assert!(
            line.ends_with("no maximum likelihood estimate exists"),
            "{line}"
        );
    }
    for row in found.rows() {
        if let Ok(spread) = row.persons {
            assert!(spread.low_point_high()[1] < 1e6, "{}", row.method);
        }
    }
}

#[test]
fn lists_are_counted_by_person() {
    let histories = Histories::from_lists(&[
        CaptureList::new(Reports, "police", [1, 2, 3, 3]),
        CaptureList::new(BankCases, "A", [3, 4]),
        CaptureList::new(Statements, "portal", [4, 5, 1]),
    ])
    .expect("three lists");
    assert_eq!(histories.observed(), 5);
    // Reports first, then statements, then banks: in the order of their kinds.
    assert_eq!(
        (1..8).map(|mask| histories.count(mask)).collect::<Vec<_>>(),
        [1, 1, 1, 0, 1, 1, 0]
    );
    assert_eq!(
        (0..3)
            .map(|list| histories.on_list(list))
            .collect::<Vec<_>>(),
        [3, 3, 2]
    );
    let once = RepeatCounts::of_list(&CaptureList::new(Reports, "police", [1, 2, 3, 3]));
    assert_eq!(
        once.map(|counts| (counts.seen(1), counts.seen(2), counts.observed())),
        Ok((2, 1, 3))
    );
}

#[test]
fn what_is_no_data_is_refused() {
    let of = |lists: usize, counts: &[(u32, u64)]| {
        Histories::from_counts(labels(lists), counts.iter().copied()).map(|table| table.observed())
    };
    assert_eq!(of(1, &[(1, 1)]), Err(EstimateError::Lists { found: 1 }));
    assert_eq!(of(7, &[(1, 1)]), Err(EstimateError::Lists { found: 7 }));
    assert_eq!(
        of(2, &[(0, 1)]),
        Err(EstimateError::History { mask: 0, lists: 2 })
    );
    assert_eq!(
        of(2, &[(4, 1)]),
        Err(EstimateError::History { mask: 4, lists: 2 })
    );
    assert_eq!(of(2, &[(1, 5)]), Err(EstimateError::EmptyList { list: 2 }));
    assert_eq!(of(2, &[(3, u64::MAX)]), Err(EstimateError::Count));
    let twice = vec![labels(1)[0].clone(), labels(1)[0].clone()];
    assert_eq!(
        Histories::from_counts(twice, [(3, 1)]).err(),
        Some(EstimateError::SameName)
    );
    assert!(RepeatCounts::new([0, 0]).is_err());
    let bad = Options {
        confidence: 1.0,
        ..quick()
    };
    let two = table(2, &[20, 80, 80]);
    assert_eq!(
        VictimEstimate::from_lists(&two, &bad).err(),
        Some(EstimateError::Share)
    );
    let bad = Options {
        missed_links: vec![1.0],
        ..quick()
    };
    assert_eq!(
        VictimEstimate::from_lists(&two, &bad).err(),
        Some(EstimateError::Share)
    );
}

#[test]
fn nobody_seen_twice_gives_no_number() {
    let once = RepeatCounts::new([50]).expect("counts");
    assert_eq!(zero_truncated_poisson(&once, 0.95), None);
    assert_eq!(zelterman(&once, 0.95), None);
    let found = VictimEstimate::from_repeats(&labels(1)[0], &once, &quick()).expect("options");
    assert_eq!(found.low_high_persons(), None);
}

#[test]
fn a_result_shows_everything_at_once() {
    let lists = table(3, &[72, 155, 7, 71, 13, 53, 43]);
    let found = VictimEstimate::from_lists(&lists, &Options::default())
        .expect("options")
        .beside(SeizedLog::new([1, 2, 2, 3]));
    let text = found.to_string();
    for part in [
        "between ",
        "414 are listed",
        "BIC",
        "model chosen afresh in 1000 rounds",
        "if 10 % of true links were missed",
        "exposure, no list of victims: 3 numbers engaged",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let [low, high] = found.low_high_persons().expect("identified");
    let [drawn_low, drawn_high] = found.resampled().expect("drawn").low_high_persons;
    assert!(low <= drawn_low && drawn_high <= high);
}

#[test]
fn people_do_not_show() {
    let list = CaptureList::new(Reports, "police", [447_700_900_123_u64]);
    let shown = format!("{list:?}");
    assert!(
        !shown.contains("447") && shown.contains("persons: 1"),
        "{shown}"
    );
}
