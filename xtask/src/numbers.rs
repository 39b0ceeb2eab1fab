//! Keeps numbering metadata up to date.

use std::path::Path;

use anyhow::{Context, bail};

use crate::cargo;

const LIBRARY: &str = "crates/numbers/src/lib.rs";
const FUZZ: &str = "crates/numbers/fuzz/Cargo.toml";
const MANIFEST: &str = "Cargo.toml";
const LOCK: &str = "Cargo.lock";
const PIN: &str = "rlibphonenumber = \"=";

/// Makes the tables from the metadata that the pinned `rlibphonenumber` carries; with a version,
/// pins that first. The crate's own version of the metadata follows, and with it the peers' pin.
pub(crate) fn update(version: Option<&str>) -> anyhow::Result<()> {
    if let Some(version) = version {
        pin(version)?;
    }
    cargo(&[
        "run",
        "--release",
        "--package",
        "unspoof-numbers",
        "--example",
        "make_tables",
    ])?;
    println!("`cargo xtask test` holds the tables to both peers; `cargo xtask soak` does so whole");
    Ok(())
}

/// Returns the version of the metadata that answers are made from.
pub(crate) fn metadata_version() -> anyhow::Result<String> {
    let library = std::fs::read_to_string(LIBRARY).context(LIBRARY)?;
    let version = library
        .lines()
        .find_map(|line| line.strip_prefix("pub const METADATA_VERSION: &str = \""))
        .and_then(|rest| rest.strip_suffix("\";"));
    Ok(version.context("no METADATA_VERSION")?.to_owned())
}

/// Pins another version of `rlibphonenumber`; leaves everything as it was where there is none.
fn pin(version: &str) -> anyhow::Result<()> {
    let before = std::fs::read_to_string(MANIFEST).context(MANIFEST)?;
    let locked = std::fs::read(LOCK).context(LOCK)?;
    std::fs::write(MANIFEST, pinned(&before, version)?).context(MANIFEST)?;
    let precise = |manifest: &str| {
        let package = ["--package", "rlibphonenumber", "--precise", version];
        cargo(&[&["update", "--manifest-path", manifest], &package[..]].concat())
    };
    let outcome = precise(MANIFEST).and_then(|()| {
        if Path::new(FUZZ).is_file() {
            precise(FUZZ)?;
        }
        Ok(())
    });
    if outcome.is_err() {
        std::fs::write(MANIFEST, before).context(MANIFEST)?;
        std::fs::write(LOCK, locked).context(LOCK)?;
    }
    outcome
}

fn pinned(manifest: &str, version: &str) -> anyhow::Result<String> {
    let is_version = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    if version.is_empty() || !version.chars().all(is_version) {
        bail!("`{version}` is no version");
    }
    let (start, rest) = manifest.split_once(PIN).context("no pin in Cargo.toml")?;
    let (_, end) = rest.split_once('"').context("no pin in Cargo.toml")?;
    Ok(format!("{start}{PIN}{version}\"{end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pin_is_changed() {
        let manifest = "prost = \"1\"\nrlibphonenumber = \"=2.2.15\"\nserde = \"1\"\n";
        let changed = pinned(manifest, "2.3.0").expect("a manifest with a pin");
        assert_eq!(changed, manifest.replace("2.2.15", "2.3.0"));
        assert!(pinned(manifest, "2\" }").is_err());
        assert!(pinned("serde = \"1\"", "2.3.0").is_err());
    }
}
