//! The published operation: from compressed dump to brief, sealing included.

use std::process::Command;

use super::{fresh, median, product, seal_and_run, timed};

/// Seconds asked for on two cores, where the script that a team would otherwise write takes
/// [`SCRIPT_S`] for a million calls; in proportion elsewhere.
const TARGET_S: f64 = 35.0;
const SCRIPT_S: f64 = 35.0;

pub(crate) fn run(times: usize) -> anyhow::Result<()> {
    println!("== elaborate: 10 million calls, compressed dump to brief, sealing included");
    let product = product()?;
    let made = fresh("elaborate")?;
    let generate = [
        "lab",
        "generate",
        "--preset",
        "elaborate",
        "--seed",
        "20221124",
    ];
    let took = timed(Command::new(&product).args(generate).arg(&made), &[0])?;
    println!("  made up in {:.1} s (60 s allowed)", took.as_secs_f64());
    let mut files: Vec<_> = std::fs::read_dir(made.join("seized"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut all = Vec::new();
    for _ in 0..times {
        let case = fresh("elaborate-case")?;
        let took = seal_and_run(&product, &made.join("case.toml"), &files, &case)?;
        println!("  {:.1} s", took.as_secs_f64());
        all.push(took);
        std::fs::remove_dir_all(&case)?;
    }
    let middle = median(all).as_secs_f64();
    let (allowed, why) = match super::baseline::script_s() {
        Ok(script) => (
            TARGET_S * script / SCRIPT_S,
            format!("the script takes {script:.1} s here"),
        ),
        Err(error) => (TARGET_S, format!("not scaled to this machine: {error:#}")),
    };
    println!(
        "  median {middle:.1} s, {:.2} of the {allowed:.1} s allowed ({why})",
        middle / allowed
    );
    std::fs::remove_dir_all(&made)?;
    Ok(())
}
