//! Erasure: what is destroyed, in which order, and what the statement says.

use std::fs;
use std::path::Path;

use unspoof_handover::hex;
use unspoof_model::{Coded, Sha256Hash};
use unspoof_outreach::erasure::{self, Erased, ToErase};
use unspoof_outreach::package;
use unspoof_unseal::{Identity, unseal};

use super::package::{approved, approved_file, hundred};
use super::support::*;

struct Host {
    folder: tempfile::TempDir,
    sealed: Vec<u8>,
    plan_sha256: Sha256Hash,
}

impl Host {
    fn new() -> Self {
        let planned = hundred();
        let folder = tempfile::tempdir().unwrap();
        let sealed = package::seal_recipients(&planned.plan, &planned.recipients).unwrap();
        package::write(folder.path(), &approved_file(&planned), &sealed).unwrap();
        fs::write(
            folder.path().join("key"),
            format!("# host\n{}\n", host().reveal().as_str()),
        )
        .unwrap();
        Self {
            sealed,
            plan_sha256: approved(&planned).sha256(),
            folder,
        }
    }

    fn erase(&self) -> Result<String, unspoof_outreach::PlanError> {
        let key_file = self.folder.path().join("key");
        let what = ToErase {
            campaign: "tarnshire-2022",
            plan_sha256: self.plan_sha256,
            sealed_to: &host().recipient(),
            package: self.folder.path(),
            key_file: &key_file,
        };
        erasure::erase(&what, &seed(30), WITHIN_UTC)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn public_of(of: u8) -> [u8; 32] {
    hex::decode(&public(of)).unwrap()
}

fn sha256(path: &Path) -> Sha256Hash {
    let digest = ring::digest::digest(&ring::digest::SHA256, &fs::read(path).unwrap());
    Sha256Hash(digest.as_ref().try_into().unwrap())
}

#[test]
fn recipients_and_key_are_gone_and_the_statement_says_what_that_proves() {
    let host_ = Host::new();
    let sealed_sha256 = sha256(&host_.folder.path().join(package::RECIPIENTS_FILE));
    let file = host_.erase().unwrap();
    assert_eq!(host_.names(), ["plan"]);
    let statement = erasure::verify(file.as_bytes(), &public_of(30)).unwrap();
    assert_eq!(statement.plan_sha256, host_.plan_sha256);
    assert_eq!(statement.sealed_to, host().recipient());
    let [key, recipients] = statement.files.as_slice() else {
        panic!("two files");
    };
    assert_eq!((key.what, key.sha256), (Erased::Key, None));
    assert_eq!(recipients.what, Erased::Recipients);
    assert_eq!(recipients.sha256, Some(sealed_sha256));
    assert_eq!(recipients.bytes, Some(host_.sealed.len() as u64));
    assert!(statement.proves.contains("does not prove"));
    // A copy that somebody made is of no use to any other key.
    assert!(unseal(&host_.sealed, &[Identity::of_secret(seed(31))]).is_err());
    assert!(erasure::verify(file.as_bytes(), &public_of(31)).is_err());
    assert!(erasure::verify(file.replace("random", "secret").as_bytes(), &public_of(30)).is_err());
    assert!(!file.contains(host().reveal().as_str()));
}

#[test]
fn another_key_destroys_nothing() {
    let host_ = Host::new();
    let other = Identity::of_secret(seed(99));
    fs::write(host_.folder.path().join("key"), other.reveal().as_str()).unwrap();
    assert_eq!(host_.erase().unwrap_err().code(), "outreach/key");
    fs::write(host_.folder.path().join("key"), "something else").unwrap();
    assert_eq!(host_.erase().unwrap_err().code(), "unseal/identity");
    assert_eq!(host_.names(), ["key", "plan", "recipients.age"]);
}

#[test]
fn an_interrupted_erasure_is_taken_up_again() {
    // Before the key was overwritten, after half of it was, and between the two files.
    for left in [Some("AGE-SECRET"), Some("\u{fffd}\0\0"), None] {
        let host_ = Host::new();
        let key = host_.folder.path().join("key");
        fs::remove_file(&key).unwrap();
        if let Some(left) = left {
            fs::write(host_.folder.path().join("key.erasing"), left).unwrap();
        }
        let file = host_.erase().unwrap();
        assert_eq!(host_.names(), ["plan"]);
        let statement = erasure::verify(file.as_bytes(), &public_of(30)).unwrap();
        assert_eq!(statement.files[0].bytes, left.map(|left| left.len() as u64));
    }
    let host_ = Host::new();
    let recipients = host_.folder.path().join(package::RECIPIENTS_FILE);
    fs::rename(
        &recipients,
        host_.folder.path().join("recipients.age.erasing"),
    )
    .unwrap();
    host_.erase().unwrap();
    // And once more, when all is gone: it says so.
    let file = host_.erase().unwrap();
    assert_eq!(host_.names(), ["plan"]);
    let statement = erasure::verify(file.as_bytes(), &public_of(30)).unwrap();
    assert!(
        statement
            .files
            .iter()
            .all(|file| file.bytes.is_none() && file.sha256.is_none())
    );
}

#[test]
fn what_a_link_points_at_is_left_alone() {
    let host_ = Host::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let precious = elsewhere.path().join("precious");
    fs::write(&precious, "somebody else's").unwrap();
    let recipients = host_.folder.path().join(package::RECIPIENTS_FILE);
    fs::remove_file(&recipients).unwrap();
    std::os::unix::fs::symlink(&precious, &recipients).unwrap();
    assert_eq!(host_.erase().unwrap_err().code(), "outreach/io");
    assert_eq!(fs::read_to_string(&precious).unwrap(), "somebody else's");
}

/// The blocks themselves hold noise before the name goes: seen through another name of the same file.
#[test]
fn the_bytes_are_overwritten_before_they_are_let_go() {
    let host_ = Host::new();
    let other_name = host_.folder.path().join("other-name");
    fs::hard_link(
        host_.folder.path().join(package::RECIPIENTS_FILE),
        &other_name,
    )
    .unwrap();
    host_.erase().unwrap();
    let left = fs::read(&other_name).unwrap();
    assert_eq!(left.len(), host_.sealed.len());
    let same = left
        .iter()
        .zip(&host_.sealed)
        .filter(|(a, b)| a == b)
        .count();
    assert!(same < left.len() / 50, "{same} of {}", left.len());
}
