//! What reading a number costs: this crate against `rlibphonenumber`, one thread, one run.
//!
//! ```sh
//! cargo run --release -p unspoof-numbers --example speed -- [SEED]
//! ```
//!
//! Two mixes of values, drawn from the seed: what records of seven home regions hold, and numbers
//! of all regions and random digits, read as if dialled from anywhere. Both sides parse, validate,
//! tell region and kind, and make the international form. A [`Reader`] remembers values; each
//! value here is read once, so that hardly any is remembered. What is printed is the median over
//! batches of one home, so that other work on the machine counts little.

use std::hint::black_box;
use std::io::Write as _;
use std::time::Instant;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType};
use unspoof_model::Region;
use unspoof_numbers::{Context, Reader, Status};

#[path = "../tests/it/inputs.rs"]
#[expect(dead_code, reason = "tests draw more kinds of values")]
mod inputs;

use inputs::{Draw, Example, examples, punctuated, random_digits, regions, sibling};

/// Values dialled from one home.
struct Batch {
    home: Option<Region>,
    values: Vec<String>,
}

const BATCH_VALUES: usize = 1_000;
/// Batches of the home mix; the other has one a region.
const BATCHES: usize = 200;
const ROUNDS: u64 = 7;

fn main() -> std::io::Result<()> {
    let seed = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_u64);
    let examples = examples();
    let mut out = std::io::stdout().lock();
    writeln!(out, "mix     valid %  original ns   here ns   times")?;
    type Mix = fn(&mut Draw, &[Example]) -> Vec<Batch>;
    let mixes: [(&str, Mix); 2] = [("home", home_mix), ("all", all_mix)];
    for (name, mix) in mixes {
        let (mut original_ns, mut here_ns) = (Vec::new(), Vec::new());
        let (mut valid, mut read) = (0, 0);
        for round in 0..ROUNDS {
            let batches = mix(&mut Draw::new(seed * 1_000 + round), &examples);
            for (at, batch) in batches.iter().enumerate() {
                let (here_batch_ns, here_valid) = by_reader(batch);
                let (original_batch_ns, original_valid) = by_original(batch);
                assert_eq!(here_valid, original_valid, "of {:?}", batch.home);
                if round == 0 {
                    // The original compiles its patterns when they are first needed.
                    here_ns.push(Vec::new());
                    original_ns.push(Vec::new());
                    continue;
                }
                here_ns[at].push(here_batch_ns);
                original_ns[at].push(original_batch_ns);
                valid += here_valid;
                read += batch.values.len();
            }
        }
        let (original_ns, here_ns) = (mean_of_medians(original_ns), mean_of_medians(here_ns));
        writeln!(
            out,
            "{name:<6}{:>9.1}{original_ns:>13.0}{here_ns:>10.1}{:>8.1}",
            100.0 * valid as f64 / read as f64,
            original_ns / here_ns,
        )?;
    }
    Ok(())
}

fn mean_of_medians(batches: Vec<Vec<f64>>) -> f64 {
    let count = batches.len() as f64;
    let median = |mut costs: Vec<f64>| {
        costs.sort_by(f64::total_cmp);
        costs[costs.len() / 2]
    };
    batches.into_iter().map(median).sum::<f64>() / count
}

/// Gives the cost of a value, and how many were valid.
fn by_reader(batch: &Batch) -> (f64, usize) {
    let mut reader = Reader::new(Context {
        default_region: batch.home,
        ..Context::default()
    });
    timed(batch, |value| {
        black_box(reader.read(value.as_bytes())).status == Status::Valid
    })
}

fn by_original(batch: &Batch) -> (f64, usize) {
    let util = &*PHONE_NUMBER_UTIL;
    let home = batch.home.and_then(|r| r.as_str().parse().ok());
    timed(batch, |value| {
        let Ok(parsed) = util.parse(value, home) else {
            return false;
        };
        black_box(util.get_region_for_number(&parsed));
        black_box(util.format(&parsed, PhoneNumberFormat::E164));
        util.get_number_type(&parsed) != PhoneNumberType::Unknown
    })
}

#[expect(clippy::disallowed_methods, reason = "a benchmark")]
fn timed(batch: &Batch, mut is_valid: impl FnMut(&str) -> bool) -> (f64, usize) {
    let start = Instant::now();
    let valid = batch.values.iter().filter(|value| is_valid(value)).count();
    let cost_ns = start.elapsed().as_nanos() as f64 / batch.values.len() as f64;
    (cost_ns, valid)
}

/// Seven homes, nearly half of the values British; a quarter in plain international form, and
/// 6 % that are no numbers.
fn home_mix(draw: &mut Draw, examples: &[Example]) -> Vec<Batch> {
    const OTHERS: [&str; 6] = ["US", "ES", "NL", "FR", "IE", "AU"];
    (0..BATCHES)
        .map(|at| {
            let home = if at * 100 < BATCHES * 45 {
                "GB"
            } else {
                OTHERS[at % OTHERS.len()]
            };
            let home = home.parse().ok();
            let own: Vec<&Example> = examples.iter().filter(|e| e.region == home).collect();
            let value = |_| home_value(draw, &own);
            Batch {
                home,
                values: (0..BATCH_VALUES).map(value).collect(),
            }
        })
        .collect()
}

fn home_value(draw: &mut Draw, own: &[&Example]) -> String {
    let Example { code, national, .. } = draw.of(own);
    // Mobiles and fixed lines are most of what is called.
    let national = if draw.chance(80) {
        &own[draw.below(own.len().min(2))].national
    } else {
        national
    };
    let national = sibling(draw, national);
    let spaced = punctuated(draw, &national);
    let own_prefix = if code == "1" {
        "1"
    } else if code == "34" {
        ""
    } else {
        "0"
    };
    let abroad = match code.as_str() {
        "1" => "011",
        "61" => "0011",
        _ => "00",
    };
    match draw.below(100) {
        0..25 => format!("+{code}{national}"),
        25..40 => format!("+{code} {spaced}"),
        40..46 => format!("+{code} (0){spaced}"),
        46..54 => format!("{abroad}{code}{national}"),
        54..66 => format!("{own_prefix}{national}"),
        66..84 => format!("{own_prefix}{spaced}"),
        84..91 => format!("{code}{national}"),
        91 => format!("tel:+{code}-{spaced}"),
        92 => format!("+{code} {spaced} ext. {}", draw.below(1_000)),
        93 => format!("{own_prefix}{spaced} x{}", draw.below(1_000)),
        94 => String::new(),
        95 => draw
            .of(&["unknown", "n/a", "anonymous", "-", "none"])
            .to_string(),
        96 => draw.below(100).to_string(),
        _ => {
            let count = 3 + draw.below(9);
            draw.digits(count)
        }
    }
}

/// Any region's numbers and random digits, from any home.
fn all_mix(draw: &mut Draw, examples: &[Example]) -> Vec<Batch> {
    let value = |draw: &mut Draw| {
        if draw.chance(30) {
            return random_digits(draw, examples);
        }
        let example = draw.of(examples);
        let text = match draw.below(4) {
            0 => example.national.clone(),
            1 => format!("0{}", example.national),
            2 => format!("00{}{}", example.code, example.national),
            _ => format!("+{}{}", example.code, example.national),
        };
        mutated(draw, &text)
    };
    let batch = |home| Batch {
        home: Some(home),
        values: (0..BATCH_VALUES).map(|_| value(draw)).collect(),
    };
    regions().into_iter().map(batch).collect()
}

/// Changes digits, or how many there are.
fn mutated(draw: &mut Draw, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..draw.below(3) {
        let at = bytes.len() - 1 - draw.below(bytes.len().min(6));
        match draw.below(6) {
            0 => {
                bytes.remove(at);
            }
            1 => bytes.insert(at, b'0' + draw.below(10) as u8),
            _ => bytes[at] = b'0' + draw.below(10) as u8,
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
