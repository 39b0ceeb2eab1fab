//! The task: five rules, four comparisons with term frequencies, the same for both sides.

use unspoof_linking::{Column, Comparison, LinkError, Model, Prior, Records, Rule, Test, Training};

/// Reads a file of persons: the person of each record, and the records.
pub(crate) fn read(text: &str, threads: usize) -> Result<(Vec<u32>, Records), LinkError> {
    const NAMES: [&str; 4] = ["first", "last", "born", "postcode"];
    let mut persons = Vec::new();
    let mut fields: [Vec<&str>; 4] = Default::default();
    for line in text.lines().skip(1) {
        let mut parts = line.split(',').skip(1);
        persons.push(parts.next().and_then(|id| id.parse().ok()).unwrap_or(0));
        for field in &mut fields {
            field.push(parts.next().unwrap_or_default());
        }
    }
    let column = &|at: usize| Column::new(NAMES[at], fields[at].iter().map(Some));
    let places: Vec<usize> = (0..NAMES.len()).collect();
    let columns = std::thread::scope(|scope| {
        let mut made = Vec::new();
        for few in places.chunks(threads.max(1)) {
            let running: Vec<_> = few
                .iter()
                .map(|&at| scope.spawn(move || column(at)))
                .collect();
            for one in running {
                match one.join() {
                    Ok(column) => made.push(column?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        }
        Ok(made)
    })?;
    Ok((persons, Records::new(columns)?))
}

pub(crate) fn comparisons() -> Vec<Comparison> {
    let name = |column| {
        let tests = [Test::Exact, Test::JaroWinkler(0.92), Test::JaroWinkler(0.8)];
        Comparison::of(column, tests).with_frequencies()
    };
    vec![
        name("first"),
        name("last"),
        Comparison::of(
            "born",
            [Test::Exact, Test::Levenshtein(1), Test::Levenshtein(2)],
        )
        .with_frequencies(),
        Comparison::of("postcode", [Test::Exact]).with_frequencies(),
    ]
}

pub(crate) fn train(records: &Records, threads: usize) -> Result<Model, LinkError> {
    let training = Training {
        rules: vec![Rule::on(["last", "postcode"]), Rule::on(["first", "born"])],
        prior: Prior::Rules {
            rules: vec![Rule::on(["first", "last", "born"])],
            recall: 0.65,
        },
        ..Training::default()
    };
    Model::train(records, comparisons(), &training, threads)
}

/// No block of a million records is larger: Splink bounds none.
pub(crate) const REACH: u32 = 5_000;

pub(crate) fn rules() -> Vec<Rule> {
    vec![
        Rule::on(["first", "last"]),
        Rule::on(["last", "born"]),
        Rule::on(["first", "born"]),
        Rule::on(["born", "postcode"]),
        Rule::on(["last", "postcode"]),
    ]
}
