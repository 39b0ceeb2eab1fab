//! The long proofs, run whole.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;

use crate::{cargo, run};

/// Seconds that each fuzz target runs.
const FUZZ_S: u64 = 600;

/// Runs everything that takes too long for the tests: all of it, or `tests`, or `fuzz [SECONDS]`.
pub(crate) fn soak(args: &[&str]) -> anyhow::Result<()> {
    match args {
        [] => {
            tests()?;
            fuzz(FUZZ_S)
        }
        ["tests"] => tests(),
        ["fuzz"] => fuzz(FUZZ_S),
        ["fuzz", seconds] => fuzz(seconds.parse().context("the seconds for each target")?),
        _ => anyhow::bail!("soak takes nothing, `tests`, or `fuzz [SECONDS]`"),
    }
}

fn tests() -> anyhow::Result<()> {
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
        .env("UNSPOOF_SOAK", "1"))
}

/// Every reader, what a case is described by, numbers against their original, and what message
/// centres send.
const TARGETS: [(&str, &str); 6] = [
    ("crates/ingest", "dump"),
    ("crates/ingest", "delimited"),
    ("crates/ingest", "sniff"),
    ("crates/evidence", "manifest"),
    ("crates/numbers", "read"),
    ("crates/outreach", "pdu"),
];

/// Lines that are shown of a fuzzer that found something.
const FUZZ_LINES: usize = 60;

fn fuzz(seconds: u64) -> anyhow::Result<()> {
    println!("== fuzzing, {seconds} s a target");
    let root = std::env::current_dir().context("the workspace's folder")?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), Into::into);
    // Sanitizers are switched on by flags that stable compilers keep for nightly.
    let cargo_fuzz = |folder: &str| {
        let mut command = Command::new(env!("CARGO"));
        command
            .arg("fuzz")
            .current_dir(root.join(folder))
            .env("CARGO_TARGET_DIR", target.join("fuzz"))
            .env("RUSTC_BOOTSTRAP", "1");
        command
    };
    if run(cargo_fuzz("crates/ingest").arg("--version")).is_err() {
        cargo(&["install", "cargo-fuzz", "--locked"])?;
    }
    // What is found is kept apart from the committed corpus, which is only read.
    let found = |name: &str| target.join("fuzz-corpus").join(name);
    for (folder, name) in TARGETS {
        std::fs::create_dir_all(found(name)).context("a folder for what fuzzing finds")?;
        run(cargo_fuzz(folder).args(["build", name]))?;
    }
    // Each takes one core for its time.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let worker = || -> anyhow::Result<()> {
        while let Some((folder, name)) = TARGETS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let log = target.join(format!("fuzz-corpus/{name}.log"));
            let told = std::fs::File::create(&log).context("a file for what the fuzzer says")?;
            let outcome = run(cargo_fuzz(folder)
                .args(["run", name])
                .arg(found(name))
                .arg(format!("fuzz/corpus/{name}"))
                .args(["--", &format!("-max_total_time={seconds}")])
                .stderr(told));
            let told = std::fs::read(&log).context("what the fuzzer said")?;
            // What it found is shown among it, and may be any bytes.
            let told = String::from_utf8_lossy(&told);
            let last: Vec<&str> = told.lines().rev().take(FUZZ_LINES).collect();
            if outcome.is_err() {
                last.iter()
                    .rev()
                    .for_each(|line| println!("{name}: {line}"));
            } else {
                let done = last.iter().find(|line| line.starts_with("Done "));
                println!(
                    "{name}: {}",
                    done.context("the fuzzer did not come to its end")?
                );
            }
            outcome?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let outcomes = workers.into_iter().map(|worker| {
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        outcomes.collect()
    })
}
