//! Our bags before the Library of Congress's validator.

use std::env;
use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_evidence::SealOptions;

use crate::support::{Case, skipped};

/// Finds a Python that has `bagit`; in CI there must be one.
fn python() -> Option<Utf8PathBuf> {
    let venv = env::var("UNSPOOF_VENV")
        .map(Utf8PathBuf::from)
        .ok()
        .or_else(|| Some(Utf8PathBuf::from(env::var("HOME").ok()?).join(".cache/unspoof/venv")))?;
    let python = venv.join("bin/python");
    let works = Command::new(&python).args(["-c", "import bagit"]).output();
    if works.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let why = format!(
        "no `bagit` in {venv}: python3 -m venv {venv} && {venv}/bin/pip install bagit==1.9.0"
    );
    let in_ci = env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!in_ci, "{why}");
    skipped(&why);
    None
}

fn is_valid(python: &Utf8Path, bag: &Utf8Path) -> (bool, String) {
    let output = Command::new(python)
        .args(["-m", "bagit", "--validate", bag.as_str()])
        .env("PYTHONUTF8", "1")
        .output()
        .unwrap();
    (
        output.status.success(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn our_bags_are_valid_bags() {
    let Some(python) = python() else { return };
    let case = Case::new();
    for (number, name) in [
        "dump.sql",
        "ünïcode ☎.sql",
        "50%.csv",
        "two  blanks.csv",
        "new\nline",
        "~tilde",
        ".hidden",
        "* star",
    ]
    .into_iter()
    .enumerate()
    {
        let file = case.write(name, format!("content {number}").as_bytes());
        let options = SealOptions {
            authority: Some("Search warrant W-1: Example Court, s. 8".to_owned()),
            restrictions: Some("H1".to_owned()),
            source_organization: Some("Größe & Co".to_owned()),
            ..SealOptions::default()
        };
        let exhibit = case
            .writer()
            .seal(&file, &options, &mut |_, _| {})
            .unwrap()
            .exhibit;
        let bag = case.root().join("exhibits").join(&exhibit.name);
        let (valid, said) = is_valid(&python, &bag);
        assert!(valid, "{name}: {said}");
        // It does look: a change is refused.
        let payload = fs::read(&exhibit.path).unwrap();
        fs::remove_file(&exhibit.path).unwrap();
        fs::write(&exhibit.path, b"CONTENT").unwrap();
        let (valid, _) = is_valid(&python, &bag);
        assert!(!valid, "{name}: the validator takes anything");
        fs::write(&exhibit.path, payload).unwrap();
    }
    case.assert_sound();
}

#[test]
fn a_bag_tells_what_it_was_taken_under() {
    let case = Case::new();
    let options = SealOptions {
        authority: Some("Warrant W-1".to_owned()),
        restrictions: Some("H1".to_owned()),
        source_organization: Some("Example Police".to_owned()),
        ..SealOptions::default()
    };
    let file = case.write("dump.sql", b"-- dump");
    case.writer().seal(&file, &options, &mut |_, _| {}).unwrap();
    let bag = case.root().join("exhibits/dump.sql");
    let expected = format!(
        "Source-Organization: Example Police\nLegal-Authority: Warrant W-1\nUse-Restrictions: H1\nExternal-Identifier: dump.sql\nBagging-Date: 2022-11-24\nPayload-Oxum: 7.1\nBag-Software-Agent: unspoof {}\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(
        fs::read_to_string(bag.join("bag-info.txt")).unwrap(),
        expected
    );
    assert_eq!(
        fs::read_to_string(bag.join("bagit.txt")).unwrap(),
        "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    );
}
