//! The long proofs, run whole.

use std::process::Command;

use anyhow::Context;

use crate::{cargo, run};

/// Seconds that each fuzz target runs.
const FUZZ_S: u64 = 600;

/// Runs everything that takes too long for the tests.
pub(crate) fn soak(args: &[&str]) -> anyhow::Result<()> {
    let fuzz_s = match args {
        [seconds] => seconds
            .parse()
            .context("the seconds for each fuzz target")?,
        _ => FUZZ_S,
    };
    println!("== many seeds, crash runs, random flips");
    cargo(&["build", "--release"])?;
    run(Command::new(env!("CARGO"))
        .args([
            "test",
            "--release",
            "--workspace",
            "--no-fail-fast",
            "--",
            "--include-ignored",
        ])
        .env("UNSPOOF_SOAK", "1"))?;
    fuzz(fuzz_s)
}

fn fuzz(seconds: u64) -> anyhow::Result<()> {
    println!("== fuzzing, {seconds} s a target");
    for (folder, target) in [
        ("crates/ingest/fuzz", "dump"),
        ("crates/ingest/fuzz", "delimited"),
        ("crates/ingest/fuzz", "sniff"),
    ] {
        println!("-- {target}");
        run(Command::new(env!("CARGO"))
            .current_dir(folder)
            .args([
                "fuzz",
                "run",
                target,
                "--",
                &format!("-max_total_time={seconds}"),
            ])
            .env("RUSTC_BOOTSTRAP", "1"))
        .context("fuzzing needs cargo-fuzz: cargo install cargo-fuzz")?;
    }
    Ok(())
}
