//! Debian's `age` opens and makes the same files and keys.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use unspoof_handover::chance;
use unspoof_unseal::{Identity, UnsealError, unseal};
use zeroize::Zeroizing;

/// Runs a program of the peer's with something on its standard input; what it wrote. `None` where it
/// is not there, which only a machine of a developer's may lack.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn peer(program: &str, arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!is_ci, "`{program}` is missing: {error}");
            eprintln!("left out: `{program}` is not installed");
            return None;
        }
    };
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}");
    Some(output.stdout)
}

fn drawn(length: usize) -> Vec<u8> {
    let some: [u8; 4096] = chance::bytes().unwrap();
    some.iter().copied().cycle().take(length).collect()
}

const LENGTHS: [usize; 7] = [0, 1, 65_535, 65_536, 65_537, 131_072, 1_000_000];

#[test]
fn what_debians_age_seals_opens() {
    let Some(written) = peer("age-keygen", &[], b"") else {
        return;
    };
    let identities = Identity::parse_file(std::str::from_utf8(&written).unwrap()).unwrap();
    let other = Identity::of_secret(Zeroizing::new(chance::bytes().unwrap()));
    let (one, two) = (identities[0].recipient(), other.recipient());
    // What it says of its own key.
    assert!(String::from_utf8_lossy(&written).contains(&format!("# public key: {one}")));
    for length in LENGTHS {
        let content = drawn(length);
        let sealed = peer("age", &["-r", &one, "-r", &two], &content).unwrap();
        for identity in [&identities[0], &other] {
            let opened = unseal(&sealed, std::slice::from_ref(identity)).unwrap();
            assert!(*opened == content, "{length} bytes");
        }
        let stranger = Identity::of_secret(Zeroizing::new(chance::bytes().unwrap()));
        assert!(matches!(
            unseal(&sealed, &[stranger]),
            Err(UnsealError::NoMatch)
        ));
        for cut in [sealed.len() - 1, sealed.len() / 2] {
            assert!(unseal(&sealed[..cut], &identities).is_err());
        }
    }
}

#[test]
fn debians_age_opens_with_identities_that_we_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let ours = Identity::of_secret(Zeroizing::new(chance::bytes().unwrap()));
    fs::write(&path, format!("{}\n", ours.reveal().as_str())).unwrap();
    let path = as_text(&path);
    let Some(public) = peer("age-keygen", &["-y", path], b"") else {
        return;
    };
    assert_eq!(String::from_utf8_lossy(&public).trim(), ours.recipient());
    for length in LENGTHS {
        let content = drawn(length);
        let recipient = unspoof_handover::seal::Recipient::parse(&ours.recipient()).unwrap();
        let sealed = unspoof_handover::seal::seal(&content, &[recipient]).unwrap();
        let opened = peer("age", &["-d", "-i", path], &sealed).unwrap();
        assert!(opened == content, "{length} bytes");
        assert!(*unseal(&sealed, std::slice::from_ref(&ours)).unwrap() == content);
    }
}

fn as_text(path: &Path) -> &str {
    path.to_str().unwrap()
}
