//! What reading a number costs: the crate against both of its peers, one thread.

use std::path::Path;

use anyhow::Context;

use crate::{cargo, needs, numbers};

/// Runs the crate's own benchmark, and shows what reading takes besides time.
pub(crate) fn run(seed: u64) -> anyhow::Result<()> {
    println!("== numbers: parse, validate, kind, region and key; one thread, processor time");
    let python = needs::venv().join("bin/python");
    let seed = seed.to_string();
    let mut speed = vec!["speed", "--", seed.as_str()];
    let python = python
        .to_str()
        .context("a virtual environment with a readable name")?;
    if Path::new(python).is_file() {
        speed.push(python);
    } else {
        println!(
            "  left out: phonenumbers {}; `cargo xtask test` installs it",
            numbers::metadata_version()?
        );
    }
    example(&speed)?;
    println!("  asked: 12 times rlibphonenumber at home, 15 over all; 250 times phonenumbers");
    example(&["footprint", "--", seed.as_str()])?;
    println!("  asked: tables under 1 MB, an answer within 1 ms, no plain value that allocates");
    Ok(())
}

fn example(args: &[&str]) -> anyhow::Result<()> {
    let package = [
        "run",
        "--release",
        "--package",
        "unspoof-numbers",
        "--example",
    ];
    cargo(&[&package[..], args].concat())
}
