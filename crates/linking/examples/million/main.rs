//! A million made-up records, linked by this crate and by Splink on DuckDB, two threads each, from
//! the same CSV file, training counted on both sides.
//!
//! ```text
//! cargo run --release -p unspoof-linking --example million -- [PERSONS] [SEED] [PYTHON]
//! ```

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints"
)]

mod made_up;
mod task;

use std::collections::BTreeMap;
use std::error::Error;
use std::process::Command;
use std::time::Instant;

use cpu_time::ProcessTime;

const THREADS: usize = 2;

/// First argument of the process that makes the records.
const MAKE: &str = "make";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [make, persons, seed, file] = &args[..]
        && make == MAKE
    {
        let made = made_up::MadeUp::new(persons.parse()?, seed.parse()?);
        return Ok(std::fs::write(file, made.csv())?);
    }
    let number = |at: usize, otherwise: u32| args.get(at).map_or(Ok(otherwise), |n| n.parse());
    let (persons, seed) = (number(0, 500_000)?, number(1, 1)?);
    let name = format!(
        "unspoof-linking-{}-{persons}-{seed}.csv",
        std::process::id()
    );
    let file = std::env::temp_dir().join(name);
    // In a process of its own: what making leaves in memory is not to be measured.
    let making = Command::new(std::env::current_exe()?)
        .args([MAKE, &persons.to_string(), &seed.to_string()])
        .arg(&file)
        .status()?;
    if !making.success() {
        return Err("the records could not be made".into());
    }
    println!("{} records of {persons} persons, seed {seed}", 2 * persons);

    let (started, processor) = (Instant::now(), ProcessTime::now());
    let text = std::fs::read_to_string(&file)?;
    let (person, records) = task::read(&text, THREADS)?;
    drop(text);
    let loaded = started.elapsed().as_secs_f64();
    let model = task::train(&records, THREADS)?;
    let trained = started.elapsed().as_secs_f64();
    let bits = unspoof_linking::bits(0.5);
    let found = model.predict(&records, &task::rules(), bits, task::REACH, THREADS)?;
    let all = started.elapsed().as_secs_f64();
    let processor = processor.elapsed().as_secs_f64();
    let same = |pair: &&unspoof_linking::Pair| {
        person.get(pair.left as usize) == person.get(pair.right as usize)
    };
    let right = found.pairs.iter().filter(same).count() as f64;
    let mut sizes: BTreeMap<u32, u64> = BTreeMap::new();
    for one in &person {
        *sizes.entry(*one).or_default() += 1;
    }
    let truth: u64 = sizes.values().map(|n| n * (n - 1) / 2).sum();
    let (precision, recall) = (right / found.pairs.len() as f64, right / truth as f64);
    let f1 = 2.0 * precision * recall / (precision + recall);
    println!(
        "here:   {all:.2} s (load {loaded:.2}, train {:.2}, predict {:.2}; processor {processor:.2}); {} pairs compared; P {precision:.4} R {recall:.4} F1 {f1:.4}",
        trained - loaded,
        all - trained,
        found.compared,
    );
    for (rule, report) in task::rules().iter().zip(&found.rules) {
        if report.bounded_blocks > 0 {
            println!("        bounded: {rule:?}: {report:?}");
        }
    }
    if let Some(kib) = peak_kib() {
        println!("        {:.0} MiB at most", kib / 1024.0);
    }
    if let Some(python) = args.get(2) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/peer.py");
        let output = Command::new(python)
            .arg(script)
            .arg("persons")
            .arg(&file)
            .arg(THREADS.to_string())
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let theirs: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let value = |name: &str| theirs[name].as_f64().unwrap_or(f64::NAN);
        let seconds = |name: &str| theirs["seconds"][name].as_f64().unwrap_or(f64::NAN);
        let load = seconds("load");
        let (u, em) = (seconds("prior_and_u"), seconds("em"));
        let train = u + em;
        let predict = seconds("predict");
        let whole = load + train + predict;
        println!(
            "Splink: {whole:.2} s (load {load:.2}, train {train:.2} of which EM {em:.2}, predict {predict:.2}; processor {:.2}); P {:.4} R {:.4} F1 {:.4}",
            seconds("processor"),
            value("precision"),
            value("recall"),
            value("f1"),
        );
        println!(
            "{:.1} times faster without loading, {:.1} with (3 asked), {:.1} in processor time; F1 {:+.4}",
            (train + predict) / (all - loaded),
            whole / all,
            seconds("processor") / processor,
            f1 - value("f1"),
        );
    }
    std::fs::remove_file(&file)?;
    Ok(())
}

/// The most memory that this process ever had, where the system tells.
fn peak_kib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
