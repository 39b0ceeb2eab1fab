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

/// Every reader, what a case is described by, and numbers against their original.
const TARGETS: [(&str, &str); 5] = [
    ("crates/ingest", "dump"),
    ("crates/ingest", "delimited"),
    ("crates/ingest", "sniff"),
    ("crates/evidence", "manifest"),
    ("crates/numbers", "read"),
];

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
    for (folder, name) in TARGETS {
        println!("-- {name}");
        // What is found is kept apart from the committed corpus, which is only read.
        let found = target.join("fuzz-corpus").join(name);
        std::fs::create_dir_all(&found).context("a folder for what fuzzing finds")?;
        run(cargo_fuzz(folder)
            .args(["run", name])
            .arg(&found)
            .arg(format!("fuzz/corpus/{name}"))
            .args(["--", &format!("-max_total_time={seconds}")]))?;
    }
    Ok(())
}
