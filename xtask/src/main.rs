//! Chores of the project: tests with everything they need, benchmarks, long proofs.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore talks to whoever runs it"
)]

mod bench;
mod needs;
mod numbers;
mod soak;

use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

const USAGE: &str = "\
cargo xtask test          install what the tests need, check the style, run all tests
cargo xtask test --quick  only the tests, with what is installed
cargo xtask lint          clippy over everything
cargo xtask bench         time the product against its peers and print ratios
cargo xtask numbers update [VERSION]
                          make the tables of numbers from rlibphonenumber's metadata, at
                          VERSION of it or the one in Cargo.lock, and print what changed
cargo xtask soak          the long proofs: crash runs and many seeds (`tests`), fuzzing (`fuzz [SECONDS]`)";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.as_slice() {
        ["test"] => test(true),
        ["test", "--quick"] => test(false),
        ["lint"] => lint(),
        ["bench", rest @ ..] => bench::bench(rest),
        ["numbers", "update"] => numbers::update(None),
        ["numbers", "update", version] => numbers::update(Some(version)),
        ["soak", rest @ ..] => soak::soak(rest),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn test(install: bool) -> anyhow::Result<()> {
    if install {
        needs::install()?;
    }
    println!("== style");
    cargo(&["fmt", "--all", "--check"])?;
    println!("== tests");
    // The binary first: tests that run it find it built, with the same features.
    cargo(&["build", "--release"])?;
    cargo(&["test", "--release", "--workspace", "--no-fail-fast"])
}

fn lint() -> anyhow::Result<()> {
    cargo(&[
        "clippy",
        "--release",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])
}

/// Runs cargo in the workspace; fails when it does.
fn cargo(args: &[&str]) -> anyhow::Result<()> {
    run(Command::new(env!("CARGO")).args(args))
}

/// Runs a command; fails when it does.
fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = format!("{command:?}");
    let status = command
        .status()
        .with_context(|| format!("could not start {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}
