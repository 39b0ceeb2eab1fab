//! What must hold for any table.

use proptest::prelude::*;
use unspoof_estimates::{
    Bootstrap, Histories, Interval, Model, Options, Resample, Search, VictimEstimate, chapman, fit,
};

use crate::{labels, table};

fn quick() -> Options {
    Options {
        bootstrap: None,
        ..Options::default()
    }
}

fn drawn(resample: Resample, seed: u64) -> Options {
    Options {
        bootstrap: Some(Bootstrap {
            rounds: 25,
            seed,
            resample,
        }),
        ..Options::default()
    }
}

fn range(histories: &Histories) -> Option<[f64; 2]> {
    VictimEstimate::from_lists(histories, &quick())
        .expect("options")
        .low_high_persons()
}

fn near(a: f64, b: f64) -> bool {
    a == b || (a / b - 1.0).abs() < 1e-5
}

/// Counts of three or four lists, zeros among them, nobody on no list.
fn counts(lists: usize, most: u64) -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![1 => Just(0), 5 => 0..most], (1 << lists) - 1).prop_filter(
        "each list holds somebody",
        move |counts| {
            let mut on = vec![0; lists];
            for (at, count) in counts.iter().enumerate() {
                for (list, sum) in on.iter_mut().enumerate() {
                    *sum += count * ((at as u64 + 1) >> list & 1);
                }
            }
            on.iter().all(|&sum| sum > 0)
        },
    )
}

fn by_mask(counts: &[u64]) -> impl Iterator<Item = (u32, u64)> + '_ {
    (1_u32..).zip(counts.iter().copied())
}

fn permuted(mask: u32, order: &[usize]) -> u32 {
    order
        .iter()
        .enumerate()
        .map(|(to, &from)| (mask >> from & 1) << to)
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// The order in which lists are given changes nothing at all, chance included.
    #[test]
    fn order_changes_nothing(counts in counts(3, 60), order in Just(vec![0, 1, 2]).prop_shuffle()) {
        let names = labels(3);
        let one = Histories::from_counts(names.clone(), by_mask(&counts)).expect("a table");
        let moved = by_mask(&counts).map(|(mask, count)| (permuted(mask, &order), count));
        let labels = order.iter().map(|&from| names[from].clone()).collect();
        let other = Histories::from_counts(labels, moved).expect("a table");
        prop_assert_eq!(&one, &other);
        let options = drawn(Resample::Listed, 3);
        prop_assert_eq!(
            VictimEstimate::from_lists(&one, &options),
            VictimEstimate::from_lists(&other, &options)
        );
    }

    /// Which list has which name does not matter to the range.
    #[test]
    fn names_change_nothing(counts in counts(3, 60), order in Just(vec![0, 1, 2]).prop_shuffle()) {
        let one = Histories::from_counts(labels(3), by_mask(&counts)).expect("a table");
        let moved = by_mask(&counts).map(|(mask, count)| (permuted(mask, &order), count));
        let other = Histories::from_counts(labels(3), moved).expect("a table");
        match (range(&one), range(&other)) {
            (Some(a), Some(b)) => prop_assert!(near(a[0], b[0]) && near(a[1], b[1]), "{a:?} {b:?}"),
            (a, b) => prop_assert_eq!(a, b),
        }
    }

    /// Twice the persons, twice the number, for every model alike; what is flagged stays flagged.
    #[test]
    fn doubling_doubles(counts in counts(3, 200)) {
        let twice: Vec<u64> = counts.iter().map(|count| count * 2).collect();
        let one = Histories::from_counts(labels(3), by_mask(&counts)).expect("a table");
        let two = Histories::from_counts(labels(3), by_mask(&twice)).expect("a table");
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let independent = Model::independence(3).expect("3 lists");
            for model in [independent, independent.with(a, b).expect("a pair")] {
                let [one, two] = [&one, &two].map(|t| fit(t, model, Interval::LogNormal, 0.95));
                match (one, two) {
                    (Ok(one), Ok(two)) => {
                        let [one, two] = [one, two].map(|fit| fit.persons.low_point_high()[1]);
                        prop_assert!(near(one * 2.0, two), "{one} {two}");
                    }
                    (one, two) => prop_assert_eq!(one.err(), two.err()),
                }
            }
        }
    }

    /// Two lists: the log-linear model of independence is Lincoln and Petersen's n₁ n₂ / m, and
    /// Chapman's lies below it, by less than the correction for small samples.
    #[test]
    fn two_lists_agree(a in 1..5_000_u64, b in 1..5_000_u64, both in 1..5_000_u64) {
        let two = table(2, &[both, a, b]);
        let model = Model::independence(2).expect("2 lists");
        let fitted = fit(&two, model, Interval::LogNormal, 0.95).expect("they overlap");
        let [n1, n2, m] = [a + both, b + both, both].map(|x| x as f64);
        let [_, point, _] = fitted.persons.low_point_high();
        prop_assert!(near(point, n1 * n2 / m), "{point} {}", n1 * n2 / m);
        let chapman = chapman(a + both, b + both, both, 0.95).expect("fewer on both");
        let [_, chapman, _] = chapman.persons.low_point_high();
        prop_assert!(chapman <= point + 1e-9 * point);
        prop_assert!(point - chapman <= (point - n1) * (point - n2) / point * 2.0 / m + 2.0);
    }

    /// Missed links raise an estimate: undoing them lowers it.
    #[test]
    fn missed_links_raise(a in 50..5_000_u64, b in 50..5_000_u64, both in 20..50_u64) {
        let two = table(2, &[both, a, b]);
        let found = VictimEstimate::from_lists(&two, &quick()).expect("options");
        let lows: Vec<f64> = found
            .missed_links()
            .iter()
            .filter_map(|missed| missed.low_high_persons)
            .map(|[low, _]| low)
            .collect();
        prop_assert_eq!(lows.len(), 4);
        prop_assert!(lows.windows(2).all(|two| two[1] < two[0]), "{lows:?}");
    }

    /// Any table of any number of lists ends in a range or in none: limits about the number, no
    /// fewer than the listed, and nothing that is no number.
    #[test]
    fn any_table_ends_well(
        counts in (2..=6_usize).prop_flat_map(|lists| counts(lists, 12)),
        population in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let lists = (counts.len() + 1).trailing_zeros() as usize;
        let histories = Histories::from_counts(labels(lists), by_mask(&counts)).expect("a table");
        let resample = if population { Resample::Population } else { Resample::Listed };
        let options = Options {
            search: if lists > 3 { Search::ForwardByBic } else { Search::Default },
            bootstrap: Some(Bootstrap { rounds: 3, seed, resample }),
            ..Options::default()
        };
        let found = VictimEstimate::from_lists(&histories, &options).expect("options");
        let listed = histories.observed() as f64 - 1e-6;
        for row in found.rows() {
            if let Ok(spread) = row.persons {
                let [low, point, high] = spread.low_point_high();
                prop_assert!(low <= point && point <= high && point.is_finite(), "{spread:?}");
                prop_assert!(point >= listed - 1.0, "{} {spread:?}", row.method);
            }
        }
        if let Some([low, high]) = found.low_high_persons() {
            prop_assert!(!low.is_nan() && !high.is_nan() && low <= high);
        }
        prop_assert!(found.to_string().ends_with('\n'));
    }
}

#[test]
fn the_same_seed_draws_the_same() {
    let lists = table(3, &[72, 155, 7, 71, 13, 53, 43]);
    for resample in [Resample::Listed, Resample::Population] {
        let of =
            |seed| VictimEstimate::from_lists(&lists, &drawn(resample, seed)).expect("options");
        assert_eq!(of(1), of(1));
        assert_ne!(of(1).resampled(), of(2).resampled());
    }
}

/// A made-up population of 10,000 with three independent lists: the range holds it.
#[test]
fn a_known_population_is_in_the_range() {
    // Chances 0.3, 0.2, 0.1; expected counts.
    let counts = [60, 540, 240, 2_160, 140, 1_260, 560];
    let found =
        VictimEstimate::from_lists(&table(3, &counts), &Options::default()).expect("options");
    let [low, high] = found.low_high_persons().expect("identified");
    assert!(low < 10_000.0 && 10_000.0 < high, "{low} {high}");
    let best = found.rows()[0].fit.as_ref().expect("identified");
    assert!((best.persons.low_point_high()[1] - 10_000.0).abs() < 1.0);
    assert!(best.deviance < 1e-6 && best.model.pairs().is_empty());
}
