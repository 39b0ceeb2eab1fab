//! Times, side by side with what a team would otherwise use. Ratios are what counts: machines
//! differ, and the same machine differs from one minute to the next.

mod baseline;
mod elaborate;
mod linking;
mod numbers;
mod outreach;
mod portal;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::cargo;

const USAGE: &str = "\
cargo xtask bench                all of these
cargo xtask bench elaborate [N]  10 million calls, sealed to brief, N times (3)
cargo xtask bench baseline [N]   the script's own case: product against script, N pairs (3)
cargo xtask bench linking [SEED] a million made-up records, against Splink on DuckDB
cargo xtask bench numbers [SEED] reading numbers, against rlibphonenumber and phonenumbers
cargo xtask bench outreach [N]   N recipients (70,000) over a ledger to message centres on loopback
cargo xtask bench portal [SECONDS] the portal under load, then killed: 30 s, or 600 for the long run
cargo xtask bench readers        located cells a second, against the csv crate";

/// Runs the benchmarks named, or all.
pub(crate) fn bench(args: &[&str]) -> anyhow::Result<()> {
    let times = |given: &[&str]| -> anyhow::Result<usize> {
        Ok(given
            .first()
            .map(|n| n.parse::<usize>())
            .transpose()
            .context("how often")?
            .unwrap_or(3))
    };
    // Numbers, links, sending and the portal are measured by their crates alone: they need no product.
    if !matches!(
        args.first(),
        Some(&("linking" | "numbers" | "outreach" | "portal"))
    ) {
        cargo(&["build", "--release"])?;
    }
    match args {
        [] => {
            readers()?;
            numbers::run(1)?;
            linking::run(1)?;
            outreach::run(70_000)?;
            portal::run(30)?;
            baseline::run(3)?;
            elaborate::run(3)
        }
        ["elaborate", rest @ ..] => elaborate::run(times(rest)?.max(1)),
        ["baseline", rest @ ..] => baseline::run(times(rest)?.max(1)),
        ["linking"] => linking::run(1),
        ["linking", seed] => linking::run(seed.parse().context("the seed of the records")?),
        ["numbers"] => numbers::run(1),
        ["numbers", seed] => numbers::run(seed.parse().context("the seed of the values")?),
        ["outreach"] => outreach::run(70_000),
        ["outreach", recipients] => {
            outreach::run(recipients.parse().context("how many recipients")?)
        }
        ["portal"] => portal::run(30),
        ["portal", seconds] => portal::run(seconds.parse().context("how many seconds")?),
        ["readers"] => readers(),
        _ => bail!("{USAGE}"),
    }
}

fn readers() -> anyhow::Result<()> {
    println!("== readers: bytes in memory to located cells, one core");
    cargo(&[
        "run",
        "--release",
        "--package",
        "unspoof-ingest",
        "--example",
        "scan_speed",
    ])
}

/// Returns the product's binary.
fn product() -> anyhow::Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let binary = Path::new(&target).join("release/unspoof");
    if !binary.is_file() {
        bail!("{} is not there", binary.display());
    }
    std::fs::canonicalize(&binary).context("the product's binary")
}

/// A folder that is new for every call and stays for whoever wants to look.
fn fresh(name: &str) -> anyhow::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("unspoof-bench-{}-{name}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("an older bench's folder")?;
    }
    Ok(folder)
}

/// Runs a command without its output and gives how long it took; `fine` are its good exit codes.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn timed(command: &mut Command, fine: &[i32]) -> anyhow::Result<Duration> {
    let shown = format!("{command:?}");
    let started = Instant::now();
    let output = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("could not start {shown}"))?;
    let took = started.elapsed();
    if !output
        .status
        .code()
        .is_some_and(|code| fine.contains(&code))
    {
        bail!(
            "{shown} ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(took)
}

/// Gives the middle one.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Seals files into a new case and runs it; gives how long both took together.
fn seal_and_run(
    product: &Path,
    config: &Path,
    files: &[PathBuf],
    case: &Path,
) -> anyhow::Result<Duration> {
    let keys = case.with_extension("keys");
    let command = |name: &str| {
        let mut command = Command::new(product);
        command.arg(name).arg("--case").arg(case);
        command
            .env("UNSPOOF_KEYS", &keys)
            .env("UNSPOOF_ACTOR", "bench");
        command
    };
    timed(command("init").arg("--from").arg(config), &[0])?;
    let sealing = timed(command("seal").args(files), &[0])?;
    let running = timed(command("run").args(["--workers", "2"]), &[0, 3])?;
    Ok(sealing + running)
}
