//! The log, read by code that shares nothing with the crate's own.

use std::fs;
use std::thread;

use camino::Utf8Path;
use sha2::{Digest as _, Sha256};
use unspoof_evidence::{CaseError, Details, log_entries};
use unspoof_model::{Coded as _, EventKind, Purpose};

use crate::support::{Case, clock, who};

/// RFC 6962 section 2.1, as it is written there.
fn merkle_tree_hash(entries: &[Vec<u8>]) -> [u8; 32] {
    match entries {
        [] => Sha256::digest([]).into(),
        [entry] => Sha256::digest([&[0][..], entry].concat()).into(),
        _ => {
            let split = entries.len().next_power_of_two() / 2;
            let (left, right) = entries.split_at(split);
            let both = [&[1][..], &merkle_tree_hash(left), &merkle_tree_hash(right)].concat();
            Sha256::digest(both).into()
        }
    }
}

/// C2SP tlog-tiles: entry bundles of up to 256, each entry after its length in two bytes.
fn entries(root: &Utf8Path, size: usize) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    while entries.len() < size {
        let width = (size - entries.len()).min(256);
        let index = format!("{:03}", entries.len() / 256);
        let name = if width == 256 {
            index
        } else {
            format!("{index}.p/{width}")
        };
        let bundle = fs::read(root.join("log/tile/entries").join(name)).unwrap();
        let mut rest = &bundle[..];
        while let [high, low, after @ ..] = rest {
            let (entry, after) = after.split_at(usize::from(*high) * 256 + usize::from(*low));
            entries.push(entry.to_vec());
            rest = after;
        }
    }
    entries
}

fn base64(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other}"),
    };
    let digits: Vec<u8> = text.trim_end_matches('=').bytes().map(value).collect();
    let bits: Vec<u8> = digits
        .iter()
        .flat_map(|digit| (0..6).rev().map(move |bit| digit >> bit & 1))
        .collect();
    bits.chunks_exact(8)
        .map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit))
        .collect()
}

#[test]
fn a_stranger_can_check_the_log() {
    let case = Case::new();
    let consult = |times: usize| {
        for _ in 0..times {
            case.open()
                .consult(&case.keys(), &who(), &*clock(), "sql", &Details::new())
                .unwrap();
        }
    };
    for (more, size) in [
        (0, 1_usize),
        (1, 2),
        (5, 7),
        (248, 255),
        (1, 256),
        (1, 257),
        (260, 517),
    ] {
        consult(more);
        let note = case.open().checkpoint().unwrap();
        let lines: Vec<&str> = note.lines().collect();
        let [origin, count, root, "", signature] = lines[..] else {
            panic!("{note}")
        };
        assert_eq!(count, size.to_string());
        let entries = entries(&case.root(), size);
        assert_eq!(entries.len(), size);
        assert_eq!(base64(root), merkle_tree_hash(&entries), "{size} entries");
        // The signature: key name, four bytes of key id, Ed25519 over the text above the blank line.
        let public = fs::read_to_string(case.root().join("log/key.txt")).unwrap();
        let mut parts = public.trim_end().splitn(3, '+');
        let (name, id, key) = (
            parts.next().unwrap(),
            parts.next().unwrap(),
            base64(parts.next().unwrap()),
        );
        assert_eq!((origin, key[0]), (name, 1));
        let signature = base64(signature.strip_prefix(&format!("— {name} ")).unwrap());
        assert_eq!(
            u32::from_be_bytes(signature[..4].try_into().unwrap()),
            u32::from_str_radix(id, 16).unwrap()
        );
        let key = ed25519_dalek::VerifyingKey::from_bytes(&key[1..].try_into().unwrap()).unwrap();
        let signed = format!("{origin}\n{count}\n{root}\n");
        let signature = ed25519_dalek::Signature::from_slice(&signature[4..]).unwrap();
        key.verify_strict(signed.as_bytes(), &signature).unwrap();
        // The lowest tiles hold the entries' hashes.
        let first = if size < 256 {
            format!("000.p/{size}")
        } else {
            "000".to_owned()
        };
        let tile = fs::read(case.root().join("log/tile/0").join(first)).unwrap();
        let leaves: Vec<u8> = entries
            .iter()
            .take(256)
            .flat_map(|entry| merkle_tree_hash(std::slice::from_ref(entry)))
            .collect();
        assert_eq!(tile, leaves);
        case.assert_sound();
    }
}

#[test]
fn events_tell_who_did_what_and_why() {
    let case = Case::new();
    let open = case.open();
    let mut reviewer = who();
    reviewer.purpose = Purpose::new("Because Jane asked on 07700 900123").unwrap();
    let query = open
        .keyed(
            &case.keys(),
            "select * from calls where called_e164 = 447700900123",
        )
        .unwrap();
    let details = Details::new()
        .with("query", query.clone())
        .with("rows", 3_u64);
    open.consult(&case.keys(), &reviewer, &*clock(), "sql", &details)
        .unwrap();
    open.disclose(
        &case.keys(),
        &who(),
        &*clock(),
        "refer",
        &Details::new().with("rows", 1_u64),
    )
    .unwrap();
    let events = log_entries(&case.root()).unwrap();
    let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            EventKind::Collection,
            EventKind::Consultation,
            EventKind::Disclosure
        ]
    );
    assert_eq!(events[1].actor, "exhibits officer");
    assert_eq!(events[2].purpose, "investigation");
    assert_eq!(
        events[1].purpose,
        open.keyed(&case.keys(), "Because Jane asked on 07700 900123")
            .unwrap()
            .as_str()
    );
    assert_eq!(events[1].details["query"], query.as_str());
    assert_eq!(events[0].at_utc, 1_669_248_000_000_000 + 1_000_000);
    assert!(
        events.iter().all(|event| event.state == events[0].state),
        "looking changes no file"
    );
    let json = serde_json::to_string(&events[1]).unwrap();
    assert!(json.contains("\"at_utc\":\"2022-11-24T00:00:0"), "{json}");
    assert!(!json.contains("900123"), "{json}");
}

#[test]
fn many_processes_may_look_at_once() {
    let case = Case::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    case.open()
                        .consult(&case.keys(), &who(), &*clock(), "sql", &Details::new())
                        .unwrap();
                }
            });
        }
        scope.spawn(|| {
            let mut writer = case.writer();
            for round in 0..15_u32 {
                let mut change = writer.begin(EventKind::Alteration, "ingest").unwrap();
                change
                    .stage_bytes(format!("tables/calls/{}", round % 3), &round.to_le_bytes())
                    .unwrap();
                change.commit().unwrap();
            }
        });
        scope.spawn(|| {
            for _ in 0..30 {
                case.assert_sound();
                case.open();
                log_entries(&case.root()).unwrap();
            }
        });
    });
    assert_eq!(log_entries(&case.root()).unwrap().len(), 1 + 100 + 15);
    case.assert_sound();
}

#[test]
fn keys_that_are_gone_exposed_or_wrong_are_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let case = Case::new();
    let other = Case::new();
    let log_key = |case: &Case, kind: &str| {
        case.keys()
            .path()
            .join(format!("{}.{kind}", case.open().log_name()))
    };
    let consult = || {
        case.open()
            .consult(&case.keys(), &who(), &*clock(), "sql", &Details::new())
            .unwrap_err()
    };
    for kind in ["log-key", "hash-key"] {
        let path = log_key(&case, kind);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let good = fs::read(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(consult().code(), "keys/exposed");
        assert_eq!(consult().hint().unwrap(), format!("chmod 600 {path}"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for wrong in ["", "PRIVATE+KEY", "x", "PRIVATE+KEY+a+b+c", &"0".repeat(63)] {
            fs::write(&path, wrong).unwrap();
            assert_eq!(consult().code(), "keys/malformed", "{kind} {wrong:?}");
        }
        fs::remove_file(&path).unwrap();
        let error = consult();
        assert_eq!(error.code(), "keys/missing");
        assert!(!format!("{error:?}").contains("PRIVATE"));
        fs::write(&path, good).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    // Another log's key under this log's name.
    let theirs = fs::read_to_string(log_key(&other, "log-key")).unwrap();
    fs::write(log_key(&case, "log-key"), theirs).unwrap();
    assert_eq!(consult().code(), "keys/mismatch");
    assert_eq!(
        case.keys().path().metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
    case.assert_sound();
}

#[test]
fn a_damaged_log_is_not_written_on() {
    let case = Case::new();
    case.open()
        .consult(&case.keys(), &who(), &*clock(), "sql", &Details::new())
        .unwrap();
    let open = case.open();
    for file in ["checkpoint", "tile/0/000.p/2", "tile/entries/000.p/2"] {
        let path = case.root().join("log").join(file);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 4;
        fs::write(&path, bad).unwrap();
        let error = open
            .consult(&case.keys(), &who(), &*clock(), "sql", &Details::new())
            .unwrap_err();
        assert!(matches!(error, CaseError::Log(_)), "{file}: {error}");
        assert!(
            unspoof_evidence::CaseFolder::open(&case.root()).is_err(),
            "{file}"
        );
        assert!(
            log_entries(&case.root()).is_err() || file == "tile/0/000.p/2",
            "{file}"
        );
        fs::write(&path, good).unwrap();
    }
    case.assert_sound();
}
