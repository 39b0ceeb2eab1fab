//! The script that a team would otherwise write, on the data that comes with it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};

use super::{fresh, median, product, seal_and_run, timed};
use crate::{needs, run as run_command};

/// How many times faster than the script the issue asks for.
const TARGET: f64 = 12.0;

/// Files of the script's case that are sealed; its organisations are a reference list.
const FILES: [&str; 5] = [
    "accounts.csv",
    "calls.csv",
    "logins.csv",
    "payments.csv",
    "reports.csv",
];

pub(crate) fn run(times: usize) -> anyhow::Result<()> {
    println!("== baseline: 1 million calls, 20,000 accounts, raw files to facts");
    let scripts = scripts()?;
    let python = python(&scripts)?;
    let product = product()?;
    let data = data(&python, &scripts)?;
    let config = configure(&data)?;
    let files: Vec<PathBuf> = FILES.iter().map(|name| data.join(name)).collect();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..times {
        let case = fresh("baseline-case")?;
        ours.push(seal_and_run(&product, &config, &files, &case)?);
        std::fs::remove_dir_all(&case)?;
        theirs.push(script(&python, &scripts, &data)?);
    }
    let (ours, theirs) = (median(ours).as_secs_f64(), median(theirs).as_secs_f64());
    println!(
        "  product {ours:.2} s, script {theirs:.2} s: {:.1} times faster ({TARGET:.0} asked)",
        theirs / ours
    );
    std::fs::remove_dir_all(&data)?;
    Ok(())
}

/// Measures the script by itself, in seconds: what this machine is worth.
pub(crate) fn script_s() -> anyhow::Result<f64> {
    let scripts = scripts()?;
    let python = python(&scripts)?;
    let data = data(&python, &scripts)?;
    let took = script(&python, &scripts, &data)?;
    std::fs::remove_dir_all(&data)?;
    Ok(took.as_secs_f64())
}

/// Has the script's case made: a million calls.
fn data(python: &Path, scripts: &Path) -> anyhow::Result<PathBuf> {
    let data = fresh("baseline")?;
    run_command(
        Command::new(python)
            .arg(scripts.join("gen.py"))
            .arg(&data)
            .args(["1000000", "20000", "7"]),
    )?;
    Ok(data)
}

fn script(python: &Path, scripts: &Path, data: &Path) -> anyhow::Result<Duration> {
    timed(
        Command::new(python)
            .arg(scripts.join("baseline.py"))
            .arg(data)
            .args(["--cap", "25", "--threads", "2"]),
        &[0],
    )
}

/// Finds the script's folder.
fn scripts() -> anyhow::Result<PathBuf> {
    let folder =
        std::env::var_os("UNSPOOF_BASELINE").unwrap_or_else(|| "../shared/baseline".into());
    let folder = PathBuf::from(folder);
    if !folder.join("baseline.py").is_file() {
        bail!(
            "no baseline.py in {}: set UNSPOOF_BASELINE",
            folder.display()
        );
    }
    Ok(folder)
}

/// Installs what the script needs into a virtual environment of its own.
fn python(scripts: &Path) -> anyhow::Result<PathBuf> {
    let venv = needs::venv().with_file_name("venv-baseline");
    let python = venv.join("bin/python");
    if !venv.join(".ready").is_file() {
        run_command(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let requirements = scripts.join("requirements.txt");
        run_command(
            Command::new(&python)
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "-r",
                ])
                .arg(requirements),
        )?;
        std::fs::write(venv.join(".ready"), "").context("the virtual environment")?;
    }
    Ok(python)
}

/// Lays case.toml, mappings and the organisations' list beside the data.
fn configure(data: &Path) -> anyhow::Result<PathBuf> {
    // Asked for when it runs: builds of several checkouts may share one cache.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").context("run as `cargo xtask`")?;
    let here = PathBuf::from(here).join("baseline");
    let mappings = data.join("mappings");
    std::fs::create_dir_all(&mappings)?;
    for name in ["accounts", "calls", "logins", "payments", "reports"] {
        let to = mappings.join(format!("baseline-{name}.toml"));
        std::fs::copy(here.join(format!("{name}.toml")), to)?;
    }
    let reference = data.join("reference");
    std::fs::create_dir_all(&reference)?;
    let list = std::fs::read_to_string(data.join("orgs.csv"))?;
    let list = list.replacen("org_id,name,phone", "org_id,organisation,number", 1);
    std::fs::write(reference.join("orgs.csv"), list)?;
    let config = data.join("case.toml");
    std::fs::copy(here.join("case.toml"), &config)?;
    Ok(config)
}
