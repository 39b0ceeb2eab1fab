//! What holds whatever the records.

use std::collections::BTreeSet;

use proptest::prelude::*;
use unspoof_linking::{
    Column, Comparison, Derive, LevelWeights, LinkError, Model, Prior, Records, Rule, Test,
    Training, cluster,
};

fn weights(m: f64, u: f64) -> LevelWeights {
    LevelWeights { m, u }
}

fn model() -> Model {
    Model::new(
        vec![
            Comparison::of(
                "name",
                [Test::Exact, Test::JaroWinkler(0.8), Test::Damerau(1)],
            )
            .with_frequencies(),
            Comparison::of("town", [Test::Exact]).with_frequencies(),
            Comparison::of("born", [Test::DateParts(2), Test::Same(Derive::Year)]),
        ],
        vec![
            vec![
                weights(0.7, 0.1),
                weights(0.1, 0.15),
                weights(0.1, 0.2),
                weights(0.1, 0.55),
            ],
            vec![weights(0.8, 0.4), weights(0.2, 0.6)],
            vec![weights(0.8, 0.1), weights(0.1, 0.1), weights(0.1, 0.8)],
        ],
        0.2,
    )
    .expect("a model")
}

type Row = (String, String, String);

fn records(rows: &[Row], left: Option<usize>) -> Records {
    let columns = vec![
        Column::new("name", rows.iter().map(|row| Some(&row.0))).expect("small and even columns"),
        Column::new("town", rows.iter().map(|row| Some(&row.1))).expect("small and even columns"),
        Column::new("born", rows.iter().map(|row| Some(&row.2))).expect("small and even columns"),
    ];
    match left {
        Some(left) => Records::two_sets(columns, left).expect("small and even columns"),
        None => Records::new(columns).expect("small and even columns"),
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = ("[ab]{0,3}", "[xyz]?", "200[0-3]-0[1-3]-1[0-2]|");
    proptest::collection::vec(row, 0..40)
}

fn rules() -> Vec<Rule> {
    vec![
        Rule::on(["town"]).and("name", Derive::FirstChars(1)),
        Rule::default().and("born", Derive::Year),
        Rule::on(["name"]),
    ]
}

/// Pairs that some rule gives, one after the other.
fn by_hand(rows: &[Row], left: Option<usize>) -> BTreeSet<(u32, u32)> {
    let mut pairs = BTreeSet::new();
    for (at, one) in rows.iter().enumerate() {
        for (next, other) in rows.iter().enumerate().skip(at + 1) {
            let start = |row: &Row| row.0.chars().next();
            let year = |row: &Row| row.2.split('-').next().map(str::to_owned);
            let first = !one.1.is_empty()
                && one.1 == other.1
                && start(one).is_some()
                && start(one) == start(other);
            let second = !one.2.is_empty() && !other.2.is_empty() && year(one) == year(other);
            let third = !one.0.is_empty() && one.0 == other.0;
            let across = left.is_none_or(|left| (at < left) != (next < left));
            if across && (first || second || third) {
                pairs.insert((at as u32, next as u32));
            }
        }
    }
    pairs
}

proptest! {
    #[test]
    fn each_pair_of_a_rule_is_weighed_once(rows in rows(), half in any::<bool>(), threads in 1..4_usize) {
        let left = half.then_some(rows.len() / 2);
        let records = records(&rows, left);
        let found = model().predict(&records, &rules(), f64::NEG_INFINITY, 1_000, threads).expect("sound settings");
        let pairs: Vec<(u32, u32)> = found.pairs.iter().map(|pair| (pair.left, pair.right)).collect();
        let expected: Vec<(u32, u32)> = by_hand(&rows, left).into_iter().collect();
        prop_assert_eq!(found.compared, expected.len() as u64);
        prop_assert_eq!(pairs, expected);
        prop_assert!(found.rules.iter().all(|rule| rule.left_out_pairs == 0));
    }

    #[test]
    fn a_weight_is_the_sum_of_its_explanation(rows in rows()) {
        let (records, model) = (records(&rows, None), model());
        let found = model.predict(&records, &rules(), f64::NEG_INFINITY, 1_000, 1).expect("sound settings");
        for pair in &found.pairs {
            let why = model.explain(&records, pair.left, pair.right).expect("sound settings");
            prop_assert_eq!(why.bits, pair.bits);
            let other_way = model.explain(&records, pair.right, pair.left).expect("sound settings");
            prop_assert_eq!(other_way, why);
        }
        // What is cut short below a threshold is exactly what lies below it.
        for threshold in [-3.0, 0.0, 2.5] {
            let cut = model.predict(&records, &rules(), threshold, 1_000, 1).expect("sound settings");
            let kept: Vec<_> = found.pairs.iter().copied().filter(|pair| pair.bits >= threshold).collect();
            prop_assert_eq!(cut.pairs, kept);
        }
    }

    #[test]
    fn a_bounded_block_says_what_it_leaves_out(rows in rows(), reach in 1..6_u32, threads in 1..4_usize) {
        let (records, model) = (records(&rows, None), model());
        let whole: BTreeSet<_> = by_hand(&rows, None);
        let found = model.predict(&records, &rules(), f64::NEG_INFINITY, reach, threads).expect("sound settings");
        let pairs: BTreeSet<_> = found.pairs.iter().map(|pair| (pair.left, pair.right)).collect();
        prop_assert_eq!(pairs.len(), found.pairs.len());
        prop_assert!(pairs.is_subset(&whole));
        // One rule leaves out what it says; another may give it.
        for rule in rules() {
            let one = std::slice::from_ref(&rule);
            let all = model.predict(&records, one, f64::NEG_INFINITY, 1_000, 1).expect("sound settings");
            let few = model.predict(&records, one, f64::NEG_INFINITY, reach, 1).expect("sound settings");
            prop_assert_eq!(all.compared - few.compared, few.rules[0].left_out_pairs);
            let of = |pair: &unspoof_linking::Pair| (pair.left, pair.right);
            prop_assert!(few.pairs.iter().map(of).all(|pair| pairs.contains(&pair)));
        }
    }

    #[test]
    fn clusters_do_not_depend_on_the_order(
        pairs in proptest::collection::vec((0..30_u32, 0..30_u32), 0..30)
    ) {
        let clusters = cluster(30, pairs.iter().copied());
        let backwards = cluster(30, pairs.iter().rev().map(|&(one, other)| (other, one)));
        prop_assert_eq!(&clusters, &backwards);
        for (one, other) in pairs {
            prop_assert_eq!(clusters[one as usize], clusters[other as usize]);
        }
        for (record, &first) in clusters.iter().enumerate() {
            prop_assert!(first as usize <= record && clusters[first as usize] == first);
        }
    }

    #[test]
    fn levels_are_symmetric(one in "[abé]{1,6}", other in "[abé]{1,6}") {
        for comparison in model().comparisons() {
            let there = comparison.level(Some(&one), Some(&other));
            prop_assert_eq!(there, comparison.level(Some(&other), Some(&one)));
            prop_assert_eq!(comparison.level(Some(&one), None), None);
            prop_assert_eq!(comparison.level(Some(""), Some(&other)), None);
        }
    }
}

#[test]
fn tests_hold_where_they_should() {
    let lists = Test::Overlap {
        separator: '|',
        at_least: 2,
    };
    for (test, one, other, holds) in [
        (lists, "a|b|c", "c|x|a", true),
        (lists, "a|a|c", "a|a|x", false),
        (lists, "||", "||", false),
        (Test::DaysApart(1), "2000-02-28", "20000229", true),
        (Test::DaysApart(1), "2000-02-28", "2000-03-01", false),
        (Test::DaysApart(9), "unknown", "unknown", false),
        (Test::DateParts(2), "2000-02-28", "2001-02-28", true),
        (Test::DayMonthSwapped, "2000-02-03", "2000-03-02", true),
        (Test::DayMonthSwapped, "2000-02-03", "2000-02-03", false),
        (Test::Damerau(1), "19840321", "19840312", true),
        (Test::Levenshtein(1), "19840321", "19840312", false),
        (Test::Same(Derive::Soundex), "Robert", "Rupert", true),
        (Test::Same(Derive::Soundex), "12", "12", false),
    ] {
        assert_eq!(test.holds(one, other), holds, "{test} {one} {other}");
        assert_eq!(test.holds(other, one), holds, "{test} {other} {one}");
    }
}

#[test]
fn a_value_weighs_by_itself() {
    let model = model();
    let weigh = |one, other, frequency| {
        model
            .evidence("town", one, other, frequency)
            .expect("sound settings")
    };
    let equal = weigh(Some("x"), Some("x"), None);
    assert_eq!((equal.level, equal.bits), (Some(0), 1.0));
    assert_eq!(equal.rarity_bits, 0.0);
    // An eighth of what is usual: three bits more.
    assert!((weigh(Some("x"), Some("x"), Some(0.05)).rarity_bits - 3.0).abs() < 1e-12);
    assert_eq!(weigh(Some("x"), Some("y"), Some(0.05)).rarity_bits, 0.0);
    assert_eq!(weigh(Some("x"), None, None).bits, 0.0);
    assert_eq!(
        model.evidence("street", None, None, None),
        Err(LinkError::NoSuchComparison {
            comparison: "street".into()
        })
    );
}

#[test]
fn no_value_is_shown() {
    let rows = [("secretive".into(), "hidden".into(), "2000-01-01".into())];
    let shown = format!("{:?}", records(&rows, None));
    assert!(shown.contains("town"), "{shown}");
    for value in ["secretive", "hidden", "2000-01-01"] {
        assert!(!shown.contains(value), "{shown}");
    }
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let rows = [
        ("a".into(), "x".into(), "2000-01-01".into()),
        ("a".into(), "x".into(), "2000-01-01".into()),
    ];
    let records = records(&rows, None);
    let comparisons = || vec![Comparison::of("name", [Test::Exact])];
    let train = |rule: Rule, prior: Prior| {
        let training = Training {
            rules: vec![rule],
            prior,
            ..Training::default()
        };
        Model::train(&records, comparisons(), &training, 1)
    };
    let untrained = train(Rule::on(["name"]), Prior::Given(0.1)).expect_err("refused");
    assert!(matches!(untrained, LinkError::Untrained { .. }));
    let missing = train(Rule::on(["street"]), Prior::Given(0.1)).expect_err("refused");
    assert!(matches!(missing, LinkError::NoSuchColumn { .. }));
    let prior = train(Rule::on(["town"]), Prior::Given(1.5)).expect_err("refused");
    assert!(matches!(prior, LinkError::OutOfRange { .. }));
    assert!(train(Rule::on(["town"]), Prior::Given(0.1)).is_ok());
    let none = model()
        .predict(&records, &[], 0.0, 10, 1)
        .expect_err("refused");
    assert!(matches!(none, LinkError::Nothing { .. }));
    let empty = model().predict(&records, &[Rule::default()], 0.0, 10, 1);
    assert_eq!(empty, Err(LinkError::EmptyRule));
    let reach = model()
        .predict(&records, &rules(), 0.0, 0, 1)
        .expect_err("refused");
    assert!(matches!(reach, LinkError::OutOfRange { .. }));
    let uneven = Records::new(vec![
        Column::new("a", [Some("1")]).expect("sound settings"),
        Column::new("b", [Some("1"), None]).expect("sound settings"),
    ]);
    assert!(matches!(
        uneven.expect_err("refused"),
        LinkError::UnevenColumns { .. }
    ));
}
