//! A million made-up records: the crate against Splink on DuckDB, from one file, two threads each.

use std::path::Path;

use anyhow::Context;

use crate::{cargo, needs};

/// Persons of two records.
const PERSONS: &str = "500000";

/// Runs the crate's own benchmark.
pub(crate) fn run(seed: u64) -> anyhow::Result<()> {
    println!("== linking: a million records to pairs, training counted; two threads");
    let python = needs::venv().join("bin/python");
    let python = python
        .to_str()
        .context("a virtual environment with a readable name")?;
    let seed = seed.to_string();
    let mut args = vec![
        "run",
        "--release",
        "--package",
        "unspoof-linking",
        "--example",
        "million",
        "--",
        PERSONS,
        seed.as_str(),
    ];
    if Path::new(python).is_file() {
        args.push(python);
    } else {
        println!("  left out: Splink; `cargo xtask test` installs it");
    }
    cargo(&args)
}
