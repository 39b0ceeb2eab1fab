//! What reading a number costs: this crate against `rlibphonenumber` and, where a Python with
//! `phonenumbers` is named, against that; one thread, one run.
//!
//! ```sh
//! cargo run --release -p unspoof-numbers --example speed -- [SEED [PYTHON]]
//! ```
//!
//! Two mixes of values, drawn from the seed: what records of seven home regions hold, and numbers
//! of all regions and random digits, each read as if dialled from another; 200,000 values a round,
//! each round with others. All sides parse, validate, tell region and kind, and make the
//! international form. The [`Reader`] here remembers nothing, and all that it hands to
//! `rlibphonenumber` is counted in. Costs are processor time, medians over rounds of a thousand values each.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use cpu_time::ThreadTime;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType};
use unspoof_model::Region;
use unspoof_numbers::{Context, Reader, Status};

#[path = "../../tests/it/inputs.rs"]
#[expect(dead_code, reason = "tests draw more kinds of values")]
mod inputs;
mod mixes;

use inputs::{Draw, examples};
use mixes::{Batch, MIXES, Value};

const ROUNDS: u64 = 7;
/// Values of a batch that Python is given: it needs as long for them as others for all.
const PYTHON_VALUES: usize = 50;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let seed = match arguments.next() {
        Some(text) => text.parse().map_err(std::io::Error::other)?,
        None => 1_u64,
    };
    let mut python = arguments
        .next()
        .map(|python| Python::start(&python))
        .transpose()?;
    let examples = examples();
    let mut out = std::io::stdout().lock();
    writeln!(out, "ns a value, seed {seed}")?;
    writeln!(
        out,
        "mix   values a round  valid %     here  original   times    Python   times"
    )?;
    for (name, mix) in MIXES {
        let mut costs: [Costs; 3] = Default::default();
        let (mut valid, mut read) = (0, 0);
        for round in 0..ROUNDS {
            let batches = mix(&mut Draw::new(seed * 1_000 + round), &examples);
            // Each side goes through all: its tables are as warm as in a run over many records.
            let mut go = |side: usize, cost: &mut dyn FnMut(&Batch) -> std::io::Result<Cost>| {
                let mut all_valid = 0;
                for (at, batch) in batches.iter().enumerate() {
                    let (cost_ns, valid) = cost(batch)?;
                    // The original compiles its patterns when they are first needed.
                    if round > 0 {
                        costs[side].add(at, cost_ns);
                    }
                    all_valid += valid;
                }
                Ok::<_, std::io::Error>(all_valid)
            };
            let here = go(0, &mut |batch| Ok(by_reader(batch)))?;
            let original = go(1, &mut |batch| Ok(by_original(batch)))?;
            assert_eq!(here, original, "{name}, round {round}");
            if let Some(python) = &mut python {
                go(2, &mut |batch| Ok((python.time(batch)?, 0)))?;
            }
            if round > 0 {
                valid += here;
                read += batches.iter().map(Vec::len).sum::<usize>();
            }
        }
        let [here, original, by_python] = costs.map(Costs::mean_of_medians);
        write!(
            out,
            "{name:<6}{:>14}{:>9.1}{here:>9.1}{original:>10.0}{:>8.1}",
            read as u64 / (ROUNDS - 1),
            100.0 * valid as f64 / read as f64,
            original / here,
        )?;
        if python.is_some() {
            write!(out, "{by_python:>10.0}{:>8.0}", by_python / here)?;
        }
        writeln!(out)?;
    }
    python.map_or(Ok(()), Python::end)
}

/// Costs of batches in each round.
#[derive(Default)]
struct Costs(Vec<Vec<f64>>);

impl Costs {
    fn add(&mut self, batch: usize, cost: f64) {
        if self.0.len() <= batch {
            self.0.resize_with(batch + 1, Vec::new);
        }
        self.0[batch].push(cost);
    }

    fn mean_of_medians(self) -> f64 {
        let count = self.0.len() as f64;
        let median = |mut costs: Vec<f64>| {
            costs.sort_by(f64::total_cmp);
            costs[costs.len() / 2]
        };
        self.0.into_iter().map(median).sum::<f64>() / count
    }
}

/// The cost of a value in nanoseconds, and how many were valid.
type Cost = (f64, usize);

fn by_reader(batch: &Batch) -> Cost {
    let homes: BTreeSet<_> = batch.iter().map(|value| value.home).collect();
    let homes: Vec<_> = homes.into_iter().collect();
    let reader = |home: &Option<Region>| {
        Reader::without_memory(Context {
            default_region: *home,
            ..Context::default()
        })
    };
    let mut readers: Vec<Reader> = homes.iter().map(reader).collect();
    let place = |value: &Value| homes.binary_search(&value.home).unwrap_or_default();
    let values: Vec<_> = batch.iter().map(|v| (place(v), v.text.as_str())).collect();
    timed(&values, |(place, text)| {
        black_box(readers[*place].read(text.as_bytes())).status == Status::Valid
    })
}

fn by_original(batch: &Batch) -> Cost {
    let util = &*PHONE_NUMBER_UTIL;
    let home = |value: &Value| value.home.and_then(|r| r.as_str().parse().ok());
    let values: Vec<_> = batch.iter().map(|v| (home(v), v.text.as_str())).collect();
    timed(&values, |(home, text)| {
        let Ok(parsed) = util.parse(text, *home) else {
            return false;
        };
        black_box(util.get_region_for_number(&parsed));
        black_box(util.format(&parsed, PhoneNumberFormat::E164));
        util.get_number_type(&parsed) != PhoneNumberType::Unknown
    })
}

fn timed<V>(values: &[V], mut is_valid: impl FnMut(&V) -> bool) -> Cost {
    let start_ns = thread_ns();
    let valid = values.iter().filter(|value| is_valid(value)).count();
    let cost_ns = (thread_ns() - start_ns) as f64 / values.len() as f64;
    (cost_ns, valid)
}

/// What this thread has had of a processor: a machine with other work would else make the slower
/// side slower still, because it is interrupted within a batch.
fn thread_ns() -> i64 {
    let time = ThreadTime::now().as_duration();
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

/// A running `peer.py`, which times itself.
struct Python {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Python {
    fn start(python: &str) -> std::io::Result<Self> {
        let crate_folder = std::env::var("CARGO_MANIFEST_DIR").map_err(std::io::Error::other)?;
        let mut process = Command::new(python)
            .arg(format!("{crate_folder}/tests/it/peer.py"))
            .arg("--time")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let missing = || std::io::Error::other("no pipe to Python");
        Ok(Self {
            to: process.stdin.take().ok_or_else(missing)?,
            from: BufReader::new(process.stdout.take().ok_or_else(missing)?),
            process,
        })
    }

    fn time(&mut self, batch: &Batch) -> std::io::Result<f64> {
        let mut lines = String::new();
        for Value { home, text } in batch.iter().take(PYTHON_VALUES) {
            let home = home.as_ref().map_or("", |home| home.as_str());
            lines += &format!("{home}\t{text}\n");
        }
        lines.push('\n');
        self.to.write_all(lines.as_bytes())?;
        let mut answer = String::new();
        self.from.read_line(&mut answer)?;
        answer.trim().parse().map_err(std::io::Error::other)
    }

    fn end(mut self) -> std::io::Result<()> {
        drop(self.to);
        let status = self.process.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(std::io::Error::other(format!("Python ended with {status}")))
        }
    }
}
