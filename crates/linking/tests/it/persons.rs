//! Made-up persons with known truth, against Splink on the same file.

use unspoof_linking::{Model, Pair, Prior, Rule, Training, bits};

use crate::made_up::MadeUp;
use crate::{Score, peer, task, told};

/// Persons of two records, by default and with `UNSPOOF_SOAK=1`.
const PERSONS: u32 = 10_000;
const SOAK_PERSONS: u32 = 500_000;

fn link(text: &str, threads: usize) -> (Model, Vec<Pair>, Score) {
    let (person, records) = task::read(text, threads).expect("records");
    let model = task::train(&records, threads).expect("a model");
    let found = model
        .predict(&records, &task::rules(), bits(0.5), task::REACH, threads)
        .expect("pairs");
    let same = |pair: &&Pair| person[pair.left as usize] == person[pair.right as usize];
    let right = found.pairs.iter().filter(same).count() as u64;
    let score = Score::of(right, found.pairs.len() as u64, person.len() as u64 / 2);
    (model, found.pairs, score)
}

#[test]
fn threads_change_nothing() {
    let text = MadeUp::new(3_000, 5).csv();
    let (model, pairs, score) = link(&text, 1);
    for threads in [2, 3, 7] {
        let again = link(&text, threads);
        assert_eq!((&again.0, &again.1), (&model, &pairs), "{threads} threads");
    }
    assert!(score.f1 > 0.95, "{score:?}");
}

/// What happens to the made-up records is what the model learns, from a prior that nobody gave.
#[test]
fn em_finds_the_shares_that_records_were_made_with() {
    let persons = 20_000;
    let text = MadeUp::new(persons, 3).csv();
    let (_, records) = task::read(&text, 2).expect("records");
    // Of a hundred pairs that share a name, one or two are of one person.
    let rules = vec![Rule::on(["last"]), Rule::on(["first"])];
    let training = Training {
        rules,
        prior: Prior::Expected,
        reach: task::REACH,
        ..Training::default()
    };
    let model = Model::train(&records, task::comparisons(), &training, 2).expect("a model");
    // Names stay in 85 % of the second records, dates in 95 %, places in 80 %.
    for (comparison, kept) in [
        ("first", 0.85),
        ("last", 0.85),
        ("born", 0.95),
        ("postcode", 0.8),
    ] {
        let m = model.weights(comparison).expect("is there")[0].m;
        assert!((m - kept).abs() < 0.02, "{comparison}: {m}");
    }
    // Strangers share a postcode once in 20,000 pairs.
    let u = model.weights("postcode").expect("is there")[0].u;
    assert!((u * 20_000.0 - 1.0).abs() < 0.1, "{u}");
    // Neither rule gives the pairs of 0.15 × 0.15 of the persons.
    let matches = model.prior() * records.all_pairs() as f64;
    let expected = f64::from(persons) * (1.0 - 0.15 * 0.15);
    assert!((matches / expected - 1.0).abs() < 0.02, "{matches}");
}

/// What random pairs show is what all pairs show, whatever the seed.
#[test]
fn random_pairs_stand_for_all() {
    let text = MadeUp::new(1_500, 9).csv();
    let (_, records) = task::read(&text, 2).expect("records");
    let train = |random_pairs, seed| {
        let training = Training {
            rules: vec![Rule::on(["last", "postcode"]), Rule::on(["first", "born"])],
            prior: Prior::Given(1e-4),
            random_pairs,
            seed,
            ..Training::default()
        };
        Model::train(&records, task::comparisons(), &training, 2).expect("a model")
    };
    let all = train(u64::MAX, 1);
    assert!(records.all_pairs() > 4_000_000);
    let drawn = [1, 2, 3].map(|seed| train(1_000_000, seed));
    assert_ne!(drawn[0], drawn[1]);
    let mut compared = 0;
    for model in &drawn {
        for name in ["first", "last", "born", "postcode"] {
            let (one, other) = (all.weights(name), model.weights(name));
            let (one, other) = (one.expect("is there"), other.expect("is there"));
            for (all, drawn) in one.iter().zip(other) {
                // Levels of which a million pairs have ten thousand: 1 % is one deviation.
                if all.u > 0.01 {
                    compared += 1;
                    assert!(
                        (drawn.u / all.u - 1.0).abs() < 0.04,
                        "{name}: {all:?} {drawn:?}"
                    );
                }
            }
        }
    }
    assert!(compared >= 15, "{compared}");
}

#[test]
fn made_up_persons_are_linked_as_well_as_by_splink() {
    let Some(python) = peer::python() else { return };
    let soak = std::env::var_os("UNSPOOF_SOAK").is_some();
    let persons = if soak { SOAK_PERSONS } else { PERSONS };
    let name = format!("unspoof-linking-test-{}.csv", std::process::id());
    let file = std::env::temp_dir().join(name);
    let text = MadeUp::new(persons, 11).csv();
    std::fs::write(&file, &text).expect("the file is written");
    let (_, _, ours) = link(&text, 2);
    let theirs = peer::ask(&python, &["persons", &file.to_string_lossy(), "2"]);
    std::fs::remove_file(&file).expect("the file goes");
    let f1 = theirs["f1"].as_f64().expect("a number");
    told(&format!("{persons} persons: {ours:?}; Splink {theirs}"));
    assert!(ours.f1 >= f1 - 0.001, "{ours:?}; Splink {theirs}");
}
