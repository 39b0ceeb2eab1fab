//! The original's answers, whatever is read: tables against `rlibphonenumber`, which asks
//! libphonenumber's own patterns.

use unspoof_model::Region;
use unspoof_numbers::{Context, Reader, Reading};

use crate::inputs::{Draw, Example, examples, random_digits, regions, sibling, spoiled, written};
use crate::original;

/// Inputs of one test, by default and with `UNSPOOF_SOAK=1`.
const INPUTS: usize = 110_000;
const SOAK_INPUTS: usize = 4_000_000;

fn inputs() -> usize {
    if std::env::var_os("UNSPOOF_SOAK").is_some() {
        SOAK_INPUTS
    } else {
        INPUTS
    }
}

fn at_home(region: Option<Region>) -> Context {
    Context {
        default_region: region,
        ..Context::default()
    }
}

/// Reads drawn values by tables and by the original; collects where they differ.
struct Comparison {
    tables: Reader,
    original: Reader,
    compared: usize,
    with_number: usize,
    differences: Vec<(String, String, Reading, Reading)>,
}

impl Comparison {
    fn new(context: &Context) -> Self {
        Self {
            tables: Reader::new(context.clone()),
            original: Reader::by_original(context.clone()),
            compared: 0,
            with_number: 0,
            differences: Vec::new(),
        }
    }

    fn move_to(&mut self, context: &Context) {
        self.tables = Reader::new(context.clone());
        self.original = Reader::by_original(context.clone());
    }

    fn compare(&mut self, context: &Context, raw: &str) {
        let by_tables = self.tables.read(raw.as_bytes());
        let by_original = self.original.read(raw.as_bytes());
        self.compared += 1;
        self.with_number += usize::from(by_original.number.is_some());
        if by_tables != by_original {
            let home = format!("{context:?}");
            self.differences
                .push((raw.to_owned(), home, by_tables, by_original));
        }
    }

    /// Holds that nothing differs, and that the inputs were worth it.
    fn judge(&self, least_with_number_percent: usize) {
        let mut shown = String::new();
        for (raw, home, by_tables, by_original) in self.differences.iter().take(20) {
            let revealed = |r: &Reading| r.number.map(unspoof_numbers::PhoneNumber::reveal);
            shown += &format!(
                "{raw:?} {home}\n  tables   {by_tables:?} {:?}\n  original {by_original:?} {:?}\n",
                revealed(by_tables),
                revealed(by_original),
            );
        }
        assert_eq!(self.differences.len(), 0, "of {}:\n{shown}", self.compared);
        let share = 100 * self.with_number / self.compared;
        assert!(
            share >= least_with_number_percent,
            "only {share} % are numbers"
        );
    }
}

/// Goes through all homes, none and one without a numbering plan included.
fn in_every_home(
    seed: u64,
    draw_value: impl Fn(&mut Draw, &[Example], Option<Region>) -> String,
) -> Comparison {
    let examples = examples();
    let mut homes: Vec<Option<Region>> = regions().into_iter().map(Some).collect();
    homes.extend([None, "AQ".parse().ok(), Some(Region::WORLD)]);
    let mut draw = Draw::new(seed);
    let mut comparison = Comparison::new(&at_home(None));
    for home in &homes {
        let context = at_home(*home);
        comparison.move_to(&context);
        for _ in 0..inputs() / homes.len() + 1 {
            let raw = draw_value(&mut draw, &examples, *home);
            comparison.compare(&context, &raw);
        }
    }
    comparison
}

#[test]
fn examples_of_all_regions_in_all_homes() {
    in_every_home(1, |draw, examples, _| {
        let example = draw.of(examples);
        let national = sibling(draw, &example.national);
        let text = written(draw, &example.code, &national);
        if draw.chance(30) {
            spoiled(draw, &text)
        } else {
            text
        }
    })
    .judge(30);
}

#[test]
fn home_numbers_in_all_forms() {
    let by_region = |examples: &[Example], home| {
        let own: Vec<usize> = (0..examples.len())
            .filter(|&at| examples[at].region == home)
            .collect();
        own
    };
    in_every_home(2, |draw, examples, home| {
        let own = by_region(examples, home);
        let example = if own.is_empty() {
            draw.of(examples)
        } else {
            &examples[*draw.of(&own)]
        };
        let national = sibling(draw, &example.national);
        let text = written(draw, &example.code, &national);
        if draw.chance(10) {
            spoiled(draw, &text)
        } else {
            text
        }
    })
    .judge(50);
}

#[test]
fn random_digits_in_all_homes() {
    in_every_home(3, |draw, examples, _| random_digits(draw, examples)).judge(15);
}

#[test]
fn behind_prefixes_of_a_source() {
    let examples = examples();
    let contexts: Vec<Context> = ["GB", "US", "DE", "IT", "AR", "BR", "AU", "SM", "JE"]
        .iter()
        .map(|home| Context {
            candidate_regions: Vec::new(),
            default_region: home.parse().ok(),
            international_prefixes: vec!["00".into(), "011".into(), "#".into()],
            technical_prefixes: vec!["1141".into(), "#31#".into(), "*67".into(), "9".into()],
            bare_is_international: true,
        })
        .collect();
    let mut draw = Draw::new(4);
    let mut comparison = Comparison::new(&contexts[0]);
    for context in &contexts {
        comparison.move_to(context);
        for _ in 0..inputs() / 4 / contexts.len() {
            let example = draw.of(&examples);
            let national = sibling(&mut draw, &example.national);
            let text = written(&mut draw, &example.code, &national);
            let prefix = *draw.of(&[
                "", "1141", "#31#", "*67", "9", "91141", "1141+", "#", "*", "+",
            ]);
            let mut raw = format!("{prefix}{text}");
            if draw.chance(20) {
                raw = spoiled(&mut draw, &raw);
            }
            comparison.compare(context, &raw);
        }
    }
    comparison.judge(50);
}

/// What the fuzz target starts from, and what it once found.
#[test]
fn values_of_the_fuzzing_corpus() {
    let folder = "fuzz/corpus/read";
    let mut replayed = 0;
    for entry in std::fs::read_dir(folder).expect("is there") {
        let input = std::fs::read(entry.expect("is readable").path()).expect("is readable");
        assert_eq!(original::difference_of(&input), None);
        replayed += 1;
    }
    assert!(replayed > 60, "only {replayed} values");
}
