//! Sealing: what becomes of a file, good or bad.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use camino::Utf8Path;
use sha2::{Digest as _, Sha256, Sha512};
use unspoof_evidence::{
    Compression, SealError, SealOptions, Sealed, Stored, StreamError, StreamLimits, log_entries,
    open_stream,
};
use unspoof_model::Coded as _;

use crate::support::{Case, skipped};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn seal(case: &Case, file: &Utf8Path, options: &SealOptions) -> Result<Sealed, SealError> {
    case.writer().seal(file, options, &mut |_, _| {})
}

fn read(case: &Case, name: &str) -> Vec<u8> {
    let mut content = Vec::new();
    let open = case.open();
    let exhibit = open.exhibit(name).unwrap();
    open_stream(exhibit, &StreamLimits::default())
        .unwrap()
        .read_to_end(&mut content)
        .unwrap();
    content
}

#[test]
fn file_and_stream_are_hashed_in_one_pass() {
    let case = Case::new();
    // Several blocks of every buffer on the way.
    let content: Vec<u8> = (0..3_000_000_u32)
        .flat_map(|n| (n / 7).to_le_bytes())
        .collect();
    for (name, file, compression) in [
        ("a.sql", content.clone(), Compression::Plain),
        ("a.sql.gz", gzip(&content), Compression::Gzip),
        (
            "a.sql.zst",
            zstd::encode_all(&content[..], 1).unwrap(),
            Compression::Zstd,
        ),
        ("empty", Vec::new(), Compression::Plain),
    ] {
        let path = case.write(name, &file);
        let mut told = Vec::new();
        let sealed = case
            .writer()
            .seal(&path, &SealOptions::default(), &mut |done, all| {
                told.push((done, all))
            })
            .unwrap();
        let exhibit = sealed.exhibit;
        let expected = if name == "empty" { &[][..] } else { &content };
        assert_eq!(exhibit.bytes, file.len() as u64);
        assert_eq!(exhibit.sha256.0, <[u8; 32]>::from(Sha256::digest(&file)));
        assert_eq!(exhibit.sha512.0, <[u8; 64]>::from(Sha512::digest(&file)));
        assert_eq!(exhibit.compression, compression);
        assert_eq!(exhibit.stream_bytes, expected.len() as u64);
        assert_eq!(
            exhibit.stream_sha256.0,
            <[u8; 32]>::from(Sha256::digest(expected))
        );
        assert_eq!(exhibit.stream_error, None);
        assert_eq!(read(&case, name), expected);
        if let Some(last) = told.last() {
            assert_eq!(*last, (file.len() as u64, file.len() as u64));
        }
        assert!(told.is_sorted());
        assert_eq!(told.is_empty(), file.is_empty());
        assert_eq!(
            exhibit.path.metadata().unwrap().permissions().mode() & 0o7777,
            0o444
        );
        // The original is left as it was.
        assert_eq!(fs::read(&path).unwrap(), file);
        assert_ne!(path.metadata().unwrap().permissions().mode() & 0o200, 0);
    }
    case.assert_sound();
}

#[test]
fn a_file_in_place_is_linked() {
    let case = Case::new();
    let path = case.write("dump.sql", b"-- dump");
    let options = SealOptions {
        in_place: true,
        ..SealOptions::default()
    };
    let exhibit = seal(&case, &path, &options).unwrap().exhibit;
    assert_eq!(exhibit.stored, Stored::Bag);
    assert_eq!(
        exhibit.path.metadata().unwrap().ino(),
        path.metadata().unwrap().ino()
    );
    assert_eq!(
        path.metadata().unwrap().permissions().mode() & 0o7777,
        0o444
    );
    case.assert_sound();
    // A link to the file is sealed as the file.
    let link = case.base().join("link.sql");
    std::os::unix::fs::symlink(case.write("target.sql", b"-- target"), &link).unwrap();
    let exhibit = seal(&case, &link, &options).unwrap().exhibit;
    assert_eq!(exhibit.name, "link.sql");
    assert!(exhibit.path.symlink_metadata().unwrap().is_file());
    case.assert_sound();
}

#[test]
fn a_file_that_cannot_be_linked_is_sealed_by_reference() {
    let case = Case::new();
    // Another file system than the case's, on Linux.
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else {
        return skipped("there is no second file system");
    };
    if other.path().metadata().unwrap().dev() == case.base().metadata().unwrap().dev() {
        return skipped("there is no second file system");
    }
    let path = Utf8Path::from_path(other.path()).unwrap().join("far.sql");
    fs::write(&path, "-- far").unwrap();
    let options = SealOptions {
        in_place: true,
        ..SealOptions::default()
    };
    let exhibit = seal(&case, &path, &options).unwrap().exhibit;
    assert_eq!(exhibit.stored, Stored::Reference { path: path.clone() });
    assert_eq!(exhibit.path, path);
    assert!(
        !case.root().join("exhibits/far.sql/bagit.txt").exists(),
        "it claims no bag"
    );
    assert_eq!(read(&case, "far.sql"), b"-- far");
    case.assert_sound();

    fs::write(&path, "-- fat").unwrap();
    let codes: Vec<&str> = case
        .verify()
        .problems
        .iter()
        .map(|problem| problem.code)
        .collect();
    assert_eq!(codes, ["evidence/hash-mismatch"]);
    let open = case.open();
    let mut stream = open_stream(&open.exhibits()[0], &StreamLimits::default()).unwrap();
    let error = stream.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(matches!(
        StreamError::in_io(&error),
        Some(StreamError::NotAsSealed { .. })
    ));

    fs::remove_file(&path).unwrap();
    let report = case.verify();
    assert!(report.is_sound(), "{report:?}");
    assert!(
        report
            .not_checked
            .iter()
            .any(|text| text.contains("far.sql")),
        "{report:?}"
    );
    assert!(matches!(
        open_stream(&open.exhibits()[0], &StreamLimits::default()),
        Err(StreamError::Open { .. })
    ));
}

#[test]
fn a_second_seal_of_the_same_content_does_nothing() {
    let case = Case::new();
    let path = case.write("dump.sql", b"-- dump");
    assert!(!case.seal(&path).already);
    let again = case.seal(&path);
    assert!(again.already);
    assert_eq!(again.exhibit.name, "dump.sql");
    // Also from elsewhere and under another file name.
    let copy = case.write("elsewhere/copy.sql", b"-- dump");
    assert!(case.seal(&copy).already);
    assert_eq!(log_entries(&case.root()).unwrap().len(), 2);
    // Under a name that was asked for it is an exhibit of its own: it may be another seizure.
    let options = SealOptions {
        name: Some("second".to_owned()),
        ..SealOptions::default()
    };
    assert!(!seal(&case, &copy, &options).unwrap().already);
    assert!(seal(&case, &copy, &options).unwrap().already);
    assert_eq!(case.open().exhibits().len(), 2);
    case.assert_sound();
}

#[test]
fn a_name_is_not_given_to_other_content() {
    let case = Case::new();
    case.seal(&case.write("dump.sql", b"-- dump"));
    for name in ["dump.sql", "DUMP.SQL"] {
        let other = case.write(&format!("other/{name}"), b"-- mump");
        let error = seal(&case, &other, &SealOptions::default()).unwrap_err();
        assert_eq!(error.code(), "evidence/changed", "{error}");
        assert_eq!(
            error.to_string(),
            "exhibit `dump.sql` is sealed already, with other content"
        );
        assert_eq!(
            error.hint().unwrap(),
            "seal it as a new exhibit: --name NAME"
        );
    }
    assert_eq!(case.open().exhibits().len(), 1);
    case.assert_sound();
}

#[test]
fn names_and_notes_that_do_not_fit_are_refused() {
    let case = Case::new();
    let file = case.write("dump.sql", b"-- dump");
    for name in ["", "..", "a/b", "../x", ".hidden", "a b", "a\nb"] {
        let options = SealOptions {
            name: Some(name.to_owned()),
            ..SealOptions::default()
        };
        let error = seal(&case, &file, &options).unwrap_err();
        assert_eq!(error.code(), "evidence/name", "{name:?}");
    }
    let options = SealOptions {
        authority: Some("a\nPayload-Oxum: 9.9".to_owned()),
        ..SealOptions::default()
    };
    assert_eq!(
        seal(&case, &file, &options).unwrap_err().code(),
        "evidence/note"
    );
    assert!(case.open().exhibits().is_empty());
    case.assert_sound();
}

#[test]
fn a_file_that_is_not_there_or_not_a_file_is_refused() {
    let case = Case::new();
    let missing = case.base().join("missing.sql");
    let error = seal(&case, &missing, &SealOptions::default()).unwrap_err();
    assert_eq!(error.code(), "evidence/read");
    assert_eq!(
        error.to_string(),
        format!("could not read `{missing}` after 0 bytes")
    );
    for path in [
        case.base(),
        Utf8Path::new("/dev/null"),
        Utf8Path::new("/"),
        Utf8Path::new(".."),
    ] {
        let error = seal(&case, path, &SealOptions::default()).unwrap_err();
        assert_eq!(error.code(), "evidence/not-a-file", "{path}");
    }
    // A file whose reading fails half way, whoever reads it.
    let fails = Utf8Path::new("/proc/self/mem");
    if fails.exists() {
        let error = seal(&case, fails, &SealOptions::default()).unwrap_err();
        assert_eq!(error.code(), "evidence/read", "{error}");
    }
    assert!(case.open().exhibits().is_empty());
    assert!(!case.root().join("exhibits").exists());
    case.assert_sound();
}

#[test]
fn a_file_that_grows_while_it_is_sealed_is_refused() {
    let case = Case::new();
    let path = case.write("log.csv", &vec![b'x'; 5 << 20]);
    let error = case
        .writer()
        .seal(&path, &SealOptions::default(), &mut |done, _| {
            if done == 2 << 20 {
                let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
                file.write_all(b"more").unwrap();
            }
        })
        .unwrap_err();
    assert_eq!(error.code(), "evidence/changed-while-read");
    assert!(case.open().exhibits().is_empty());
    case.assert_sound();
}

#[test]
fn a_corrupt_or_truncated_stream_is_sealed_as_it_is() {
    let case = Case::new();
    let content: Vec<u8> = (0..200_000_u32)
        .flat_map(|n| n.to_string().into_bytes())
        .collect();
    let good = gzip(&content);
    let mut corrupt = good.clone();
    for byte in &mut corrupt[good.len() / 2..good.len() / 2 + 99] {
        *byte = !*byte;
    }
    let bomb = gzip(&vec![0; 200 << 20]);
    for (name, file, expected) in [
        (
            "cut.gz",
            &good[..good.len() / 2],
            "the gzip data is cut off after ",
        ),
        (
            "corrupt.gz",
            &corrupt[..],
            "the gzip data is corrupt after ",
        ),
        (
            "tail.gz",
            &[&good[..], b"tail"].concat(),
            "the gzip data ends after ",
        ),
        (
            "magic.gz",
            &[0x1f, 0x8b, 8],
            "the gzip data is cut off after 0 bytes",
        ),
        ("bomb.gz", &bomb, "allowed"),
    ] {
        let path = case.write(name, file);
        let limits = StreamLimits {
            max_ratio: 100,
            free_bytes: 1000,
            ..StreamLimits::default()
        };
        let options = SealOptions {
            limits,
            ..SealOptions::default()
        };
        let exhibit = seal(&case, &path, &options).unwrap().exhibit;
        let error = exhibit.stream_error.clone().unwrap();
        assert!(error.contains(expected), "{name}: {error}");
        assert_eq!(fs::read(&exhibit.path).unwrap(), file, "{name}");
        // Reading it back gives the same bytes and ends in the same error.
        let mut found = Vec::new();
        let failed = open_stream(&exhibit, &limits)
            .unwrap()
            .read_to_end(&mut found)
            .unwrap_err();
        assert_eq!(failed.to_string(), error, "{name}");
        assert_eq!(found.len() as u64, exhibit.stream_bytes, "{name}");
        assert_eq!(
            exhibit.stream_sha256.0,
            <[u8; 32]>::from(Sha256::digest(&found)),
            "{name}"
        );
    }
    case.assert_sound();
}

#[test]
fn a_sealed_file_that_was_changed_is_found_while_it_is_read() {
    let case = Case::new();
    let content = vec![b'x'; 1_000_000];
    let cut = gzip(&content);
    for (name, file) in [
        ("plain", content.clone()),
        ("whole.gz", gzip(&content)),
        ("cut.gz", cut[..cut.len() - 9].to_vec()),
    ] {
        let exhibit = case.seal(&case.write(name, &file)).exhibit;
        fs::remove_file(&exhibit.path).unwrap();
        let mut changed = file.clone();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        fs::write(&exhibit.path, &changed).unwrap();
        let mut found = Vec::new();
        let error = open_stream(&exhibit, &StreamLimits::default())
            .unwrap()
            .read_to_end(&mut found)
            .unwrap_err();
        let error = StreamError::in_io(&error).unwrap();
        assert_eq!(error.code(), "evidence/hash-mismatch", "{name}: {error}");
    }
}

#[test]
fn the_log_tells_of_a_seal_without_names() {
    let case = Case::new();
    let path = case.write("Jane Example 07700900123.csv", b"a,b\n");
    let options = SealOptions {
        authority: Some("Warrant 123".to_owned()),
        restrictions: Some("Not for court".to_owned()),
        ..SealOptions::default()
    };
    let exhibit = seal(&case, &path, &options).unwrap().exhibit;
    assert_eq!(exhibit.authority.as_deref(), Some("Warrant 123"));
    assert_eq!(case.open().exhibits(), std::slice::from_ref(&exhibit));
    let event = log_entries(&case.root()).unwrap().pop().unwrap();
    assert_eq!(
        (event.operation.as_str(), event.actor.as_str()),
        ("seal", "exhibits officer")
    );
    assert_eq!(event.details["sha256"], exhibit.sha256.to_string());
    let open = case.open();
    let keyed = open
        .keyed(&case.keys(), "Jane Example 07700900123.csv")
        .unwrap();
    assert_eq!(event.details["file_name"], keyed.as_str());
    let entries = fs::read(case.root().join("log/tile/entries/000.p/2")).unwrap();
    let entries = String::from_utf8_lossy(&entries);
    for secret in ["Jane", "Example", "07700900123", "Warrant", "court"] {
        assert!(!entries.contains(secret), "{secret} in {entries}");
    }
}

#[test]
fn any_file_name_can_be_sealed() {
    let case = Case::new();
    let long = format!("{}.sql", "x".repeat(200));
    for (number, name) in [
        "ünïcode ☎.sql",
        "50%.csv",
        "new\nline",
        "back\\slash",
        "~tilde",
        "-dash",
        ".hidden",
        "a'b\"c",
        &long,
    ]
    .into_iter()
    .enumerate()
    {
        let path = case.write(name, format!("content {number}").as_bytes());
        let exhibit = case.seal(&path).exhibit;
        assert_eq!(exhibit.file_name, name);
        assert_eq!(
            read(&case, &exhibit.name),
            format!("content {number}").as_bytes(),
            "{name}"
        );
    }
    case.assert_sound();
}
