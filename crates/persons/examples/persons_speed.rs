//! How long persons take to find, on made-up worlds, and how well they are found.
//!
//! `cargo run --release -p unspoof-persons --example persons_speed [-- plain|hard [SEED [THREADS [MOST [RUNS]]]]]`
//!
//! MOST: the most accounts, 118,000 otherwise. RUNS: the best of so many, 3 otherwise.
#![expect(clippy::print_stdout, reason = "a command-line example")]

#[path = "../tests/it/world.rs"]
mod world;

use anyhow::Result;
use cpu_time::ProcessTime;
use unspoof_persons::Settings;
use world::{Mode, score, world};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let mode = match args.next().as_deref() {
        Some("hard") => Mode::Hard,
        _ => Mode::Plain,
    };
    let seed = args.next().map_or(Ok(1), |seed| seed.parse())?;
    let threads = args.next().map_or(Ok(1), |threads| threads.parse())?;
    let most = args.next().map_or(Ok(118_000), |most| most.parse())?;
    let runs = args.next().map_or(Ok(3), |runs| runs.parse())?;
    println!("{mode:?}, seed {seed}, threads {threads}");
    println!("accounts pairs precision recall f1 cpu-s");
    let sizes = [5_000, 10_000, 20_000, 29_500, 40_000, 59_000, 118_000];
    for accounts in sizes.into_iter().filter(|&size| size <= most) {
        let world = world(mode, accounts, seed)?;
        let settings = Settings {
            threads,
            ..Settings::default()
        };
        // The best of some: what else the machine does only ever adds.
        let mut least_s = f64::INFINITY;
        let mut persons = None;
        for _ in 0..runs {
            let start = ProcessTime::now();
            let found = world.evidence.resolve(&settings);
            least_s = least_s.min(start.elapsed().as_secs_f64());
            persons = Some(found);
        }
        if let Some(persons) = persons {
            let score = score(&persons, &world.truth);
            println!(
                "{accounts} {} {:.5} {:.5} {:.5} {least_s:.3}",
                persons.pairs().len(),
                score.precision,
                score.recall,
                score.f1,
            );
        }
    }
    Ok(())
}
