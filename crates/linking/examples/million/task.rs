//! The task: five rules, four comparisons with term frequencies, the same for both sides.

use unspoof_linking::{Column, Comparison, LinkError, Model, Prior, Records, Rule, Test, Training};

/// Reads a file of persons: the person of each record, and the records.
pub(crate) fn read(text: &str, threads: usize) -> Result<(Vec<u32>, Records), LinkError> {
    let field = |line: &'_ str, at: usize| line.split(',').nth(at).map(str::to_owned);
    let persons = text.lines().skip(1);
    let persons = persons.filter_map(|line| field(line, 1)?.parse().ok());
    let column = |name: &'static str, at: usize| {
        move || {
            let lines = text.lines().skip(1);
            Column::new(name, lines.map(|line| line.split(',').nth(at)))
        }
    };
    let names = [("first", 2), ("last", 3), ("born", 4), ("postcode", 5)];
    let columns = std::thread::scope(|scope| {
        let mut made = Vec::new();
        for few in names.chunks(threads.max(1)) {
            let running: Vec<_> = few
                .iter()
                .map(|&(name, at)| scope.spawn(column(name, at)))
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
    Ok((persons.collect(), Records::new(columns)?))
}

pub(crate) fn train(records: &Records, threads: usize) -> Result<Model, LinkError> {
    let name = |column| {
        let tests = [Test::Exact, Test::JaroWinkler(0.92), Test::JaroWinkler(0.8)];
        Comparison::of(column, tests).with_frequencies()
    };
    let comparisons = vec![
        name("first"),
        name("last"),
        Comparison::of("born", [Test::Exact, Test::Damerau(1), Test::Damerau(2)])
            .with_frequencies(),
        Comparison::of("postcode", [Test::Exact]).with_frequencies(),
    ];
    let training = Training {
        rules: vec![Rule::on(["first", "last"]), Rule::on(["born", "postcode"])],
        prior: Prior::Rules {
            rules: vec![Rule::on(["first", "last", "born"])],
            recall: 0.65,
        },
        ..Training::default()
    };
    Model::train(records, comparisons, &training, threads)
}

pub(crate) fn rules() -> Vec<Rule> {
    vec![
        Rule::on(["first", "last"]),
        Rule::on(["last", "born"]),
        Rule::on(["first", "born"]),
        Rule::on(["born", "postcode"]),
        Rule::on(["last", "postcode"]),
    ]
}
