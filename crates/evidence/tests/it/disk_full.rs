//! A disk that is full, for real.

use std::fs;
use std::process::{Command, Output};

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_evidence::{CaseFolder, KeyDir, NewFiles, VerifyOptions, verify};

use crate::child;
use crate::support::{Case, clock, config, skipped, who};

fn outcome(output: Output) -> String {
    let text = String::from_utf8(output.stdout).unwrap();
    let found = text
        .lines()
        .find(|line| line.starts_with("sealed ") || line.starts_with("refused "));
    found
        .unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr)))
        .to_owned()
}

#[test]
fn a_file_size_limit_ends_in_a_clear_error() {
    let case = Case::new();
    let files = case.base().join("files");
    case.write("files/big.csv", &vec![b'x'; 300_000]);
    let mut refused = 0;
    // In blocks of 512 bytes: from not even a manifest to all but the last block of the copy.
    for blocks in [0, 1, 2, 3, 4, 5, 6, 8, 100, 500, 585] {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}");
        let output = child::shell(&script, "seals_once", &case.root(), &case.keys(), &files)
            .output()
            .unwrap();
        let outcome = outcome(output);
        assert!(
            outcome.starts_with("refused case/disk-full could not write `"),
            "{blocks}: {outcome}"
        );
        refused += 1;
        case.assert_sound();
        assert!(case.open().exhibits().is_empty());
    }
    assert_eq!(refused, 11);
    let output = child::command("seals_once", &case.root(), &case.keys(), &files)
        .output()
        .unwrap();
    assert_eq!(outcome(output), "sealed big.csv");
    case.assert_sound();
}

/// A small file system, gone with this value.
struct Small(Utf8PathBuf);

impl Small {
    /// Needs the right to mount: `None` without it.
    fn mount(at: &Utf8Path) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=600k", "tmpfs", at.as_str()])
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then(|| Self(at.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn a_full_disk_ends_in_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let base = Utf8Path::from_path(folder.path()).unwrap();
    let Some(small) = Small::mount(&base.join("small")) else {
        return skipped("a small file system needs the right to mount");
    };
    let root = small.0.join("case");
    let keys = KeyDir::at(base.join("keys"));
    CaseFolder::init(&root, &config(), NewFiles::default(), &keys, who(), clock()).unwrap();
    let files = base.join("files");
    fs::create_dir(&files).unwrap();
    fs::write(files.join("a.csv"), vec![b'x'; 100_000]).unwrap();
    let (mut refused, mut sealed) = (0, 0);
    // From a disk with no room at all to one where it fits: every write is the one too many.
    for free_kib in (0..220).step_by(4) {
        let ballast = small.0.join("ballast");
        fs::write(&ballast, "").unwrap();
        let mut fill = Vec::new();
        while fs::write(&ballast, &fill).is_ok() && fill.len() < 600 << 10 {
            fill.resize(fill.len() + 4096, 0);
        }
        fill.truncate(fill.len().saturating_sub(4096 + (free_kib << 10)));
        fs::write(&ballast, &fill).unwrap();
        let output = child::command("seals_once", &root, &keys, &files)
            .output()
            .unwrap();
        let outcome = outcome(output);
        let report = verify(&root, &VerifyOptions::default());
        assert_eq!(report.problems, [], "with {free_kib} KiB free: {outcome}");
        if outcome.starts_with("sealed ") {
            sealed += 1;
        } else {
            assert!(
                outcome.starts_with("refused case/"),
                "{free_kib}: {outcome}"
            );
            refused += 1;
        }
        fs::write(&ballast, "").unwrap();
    }
    assert!(
        refused > 20 && sealed > 1,
        "{refused} refused, {sealed} sealed"
    );
}
