//! One flipped bit, anywhere: found.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_evidence::{Details, SealOptions, VerifyOptions, VerifyReport, verify};
use unspoof_model::EventKind;

use crate::support::{Case, clock, who};

/// A case with something in every folder, in memory where that is possible: it is verified
/// thousands of times.
fn full_case() -> Case {
    let case = Case::in_memory();
    let mut writer = case.writer();
    let gz = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder
            .write_all(b"CREATE TABLE `calls` (`id` int);\n")
            .unwrap();
        encoder.finish().unwrap()
    };
    writer
        .seal(
            &case.write("dump.sql.gz", &gz),
            &SealOptions::default(),
            &mut |_, _| {},
        )
        .unwrap();
    writer
        .seal(
            &case.write("calls.csv", b"a,b\n1,2\n"),
            &SealOptions::default(),
            &mut |_, _| {},
        )
        .unwrap();
    let mut change = writer.begin(EventKind::Alteration, "ingest").unwrap();
    for (place, text) in [
        ("tables/calls/000.parquet", "PAR1 calls PAR1"),
        ("tables/rejects/000.parquet", "PAR1 rejects PAR1"),
        ("derived/funnel.parquet", "PAR1 funnel PAR1"),
        ("derived/empty.parquet", ""),
    ] {
        change.stage_bytes(place, text.as_bytes()).unwrap();
    }
    change.commit().unwrap();
    drop(writer);
    let open = case.open();
    // Past a full tile, so that there are tiles of every kind.
    for _ in 0..260 {
        open.consult(&case.keys(), &who(), &*clock(), "sql", &Details::new())
            .unwrap();
    }
    case
}

/// Every recorded file and every file of the log.
fn files(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    fn list(folder: &Utf8Path, found: &mut Vec<Utf8PathBuf>) {
        for entry in folder.read_dir_utf8().unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                list(entry.path(), found);
            } else {
                found.push(entry.into_path());
            }
        }
    }
    let mut found = vec![root.join("case.toml")];
    for folder in [
        "exhibits",
        "tables",
        "derived",
        "reference",
        "mappings",
        "log",
    ] {
        list(&root.join(folder), &mut found);
    }
    found.sort();
    found
}

/// The class of a file: what may catch its change.
fn class(root: &Utf8Path, file: &Utf8Path) -> String {
    let path = file.strip_prefix(root).unwrap().as_str();
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        ["exhibits", _, "data", ..] => "payload".to_owned(),
        ["exhibits", _, name] => format!("bag {name}"),
        ["exhibits", _, "unspoof", name] => name.to_owned(),
        ["log", "tile", level, ..] => format!("log tile {level}"),
        ["log", name, ..] => format!("log {name}"),
        [folder, ..] => folder.to_owned(),
        [] => panic!("{path}"),
    }
}

fn with_change(file: &Utf8Path, new: &[u8], check: impl FnOnce()) {
    let old = fs::read(file).unwrap();
    // Sealed files are read-only, and linked ones would change elsewhere too.
    fs::remove_file(file).unwrap();
    fs::write(file, new).unwrap();
    check();
    fs::write(file, old).unwrap();
}

fn check(root: &Utf8Path) -> VerifyReport {
    verify(root, &VerifyOptions::default())
}

#[test]
fn every_class_of_byte_is_guarded() {
    let case = full_case();
    let root = case.root();
    assert_eq!(check(&root).problems, []);
    let files = files(&root);
    let mut classes: BTreeMap<String, u64> = BTreeMap::new();
    for file in &files {
        let bytes = fs::read(file).unwrap();
        let class = class(&root, file);
        // Every byte of short files, and of long ones a good part: each of them in the random test.
        let stride = bytes.len() / 150 + 1;
        for place in (0..bytes.len())
            .step_by(stride)
            .chain(bytes.len().checked_sub(1))
        {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << (place % 8);
            with_change(file, &flipped, || {
                assert!(!check(&root).is_sound(), "{file} flipped at {place}");
            });
            *classes.entry(class.clone()).or_default() += 1;
        }
        for changed in [
            &bytes[..bytes.len().saturating_sub(1)],
            &[&bytes[..], b"\n"].concat(),
            b"",
        ] {
            if changed != bytes {
                with_change(file, changed, || {
                    assert!(
                        !check(&root).is_sound(),
                        "{file} of {} bytes",
                        changed.len()
                    );
                });
            }
        }
        let away = case.base().join("away");
        fs::rename(file, &away).unwrap();
        assert!(!check(&root).is_sound(), "{file} missing");
        // A link to the same bytes is not the file.
        std::os::unix::fs::symlink(&away, file).unwrap();
        assert!(
            !check(&root).is_sound() || class.starts_with("case.toml"),
            "{file} linked"
        );
        fs::remove_file(file).unwrap();
        fs::rename(&away, file).unwrap();
    }
    assert_eq!(check(&root).problems, []);
    let found: Vec<&str> = classes.keys().map(String::as_str).collect();
    assert_eq!(
        found,
        [
            "bag bag-info.txt",
            "bag bagit.txt",
            "bag manifest-sha256.txt",
            "bag manifest-sha512.txt",
            "bag tagmanifest-sha256.txt",
            "bag tagmanifest-sha512.txt",
            "case.toml",
            "derived",
            "exhibit.json",
            "log checkpoint",
            "log key.txt",
            "log manifests",
            "log tile 0",
            "log tile 1",
            "log tile entries",
            "mappings",
            "payload",
            "reference",
            "tables",
        ]
    );
}

#[test]
fn thousands_of_random_flips_are_found() {
    let case = full_case();
    let root = case.root();
    let files = files(&root);
    let lengths: Vec<u64> = files
        .iter()
        .map(|file| file.metadata().unwrap().len())
        .collect();
    let all: u64 = lengths.iter().sum();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    for round in 0..4000 {
        // Any byte of the case as likely as any other; every other time, any file.
        let (file, place) = if round % 2 == 0 {
            let mut at = random(all);
            let file = lengths.iter().position(|&length| {
                let here = at < length;
                if !here {
                    at -= length;
                }
                here
            });
            (file.unwrap(), at)
        } else {
            let file = usize::try_from(random(files.len() as u64)).unwrap();
            if lengths[file] == 0 {
                continue;
            }
            (file, random(lengths[file]))
        };
        let mut flipped = fs::read(&files[file]).unwrap();
        flipped[usize::try_from(place).unwrap()] ^= 1 << random(8);
        with_change(&files[file], &flipped, || {
            assert!(
                !check(&root).is_sound(),
                "{} flipped at {place}",
                files[file]
            );
        });
    }
    assert_eq!(check(&root).problems, []);
}

#[test]
fn extra_files_are_found_wherever_they_hide() {
    let case = full_case();
    let root = case.root();
    for place in [
        "exhibits/x",
        "exhibits/.hidden",
        "exhibits/calls.csv/data/more.csv",
        "exhibits/calls.csv/more.txt",
        "exhibits/calls.csv/manifest-md5.txt",
        "tables/calls/001.parquet",
        "tables/.x",
        "tables/new/0.parquet",
        "derived/.DS_Store",
        "reference/other.csv",
        "mappings/other.toml",
        "mappings/.other.toml.swp",
        "log/x",
        "log/.checkpoint",
        "log/manifests/x.txt",
        "log/manifests/deep/x",
        "log/tile/0/001.p/255",
        "log/tile/0/002",
        "log/tile/2/000.p/1",
        "log/tile/entries/000.p/3",
        "log/tile/entries/001.p/9",
        "log/tile/99/000",
        "log/tile/0/000.p/0",
        "log/tile/x/y",
        "log/tile/entries/002",
    ] {
        let path = root.join(place);
        let folder = path.parent().unwrap();
        let made = !folder.exists();
        fs::create_dir_all(folder).unwrap();
        for content in [&b""[..], b"x", &[0; 32]] {
            fs::write(&path, content).unwrap();
            let report = check(&root);
            assert!(!report.is_sound(), "{place}");
            assert!(
                report
                    .problems
                    .iter()
                    .all(|problem| problem.path.as_deref() == Some(place)
                        || problem.code == "evidence/bag"),
                "{place}: {:?}",
                report.problems
            );
        }
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        assert!(!check(&root).is_sound(), "{place} as a link");
        fs::remove_file(&path).unwrap();
        if made {
            fs::remove_dir(folder).unwrap();
        }
    }
    assert_eq!(check(&root).problems, []);
    // A whole folder swapped for a link to its twin.
    fs::rename(root.join("tables"), case.base().join("tables")).unwrap();
    std::os::unix::fs::symlink(case.base().join("tables"), root.join("tables")).unwrap();
    assert!(!check(&root).is_sound());
}

#[test]
fn what_is_no_part_of_the_case_is_named_and_left_alone() {
    let case = full_case();
    let root = case.root();
    fs::create_dir_all(root.join("out")).unwrap();
    fs::write(root.join("out/brief.html"), "x").unwrap();
    fs::write(root.join("case.db"), "x").unwrap();
    let report = check(&root);
    assert!(report.is_sound(), "{:?}", report.problems);
    for name in ["`out`", "`case.db`"] {
        assert!(
            report.not_checked.iter().any(|text| text.contains(name)),
            "{name}: {report:?}"
        );
    }
}

#[test]
fn one_exhibit_can_be_checked_alone() {
    let case = full_case();
    let root = case.root();
    let only = |name: &str| {
        verify(
            &root,
            &VerifyOptions {
                exhibit: Some(name.to_owned()),
                ..VerifyOptions::default()
            },
        )
    };
    let payload = root.join("exhibits/calls.csv/data/calls.csv");
    fs::remove_file(&payload).unwrap();
    fs::write(&payload, "a,b\n1,3\n").unwrap();
    assert!(!only("calls.csv").is_sound());
    assert_eq!(only("dump.sql.gz").problems, []);
    let codes: Vec<&str> = only("calls")
        .problems
        .iter()
        .map(|problem| problem.code)
        .collect();
    assert_eq!(codes, ["evidence/unknown-exhibit"]);
}

#[test]
fn verify_writes_nothing() {
    let case = full_case();
    let trace = |root: &Utf8Path| -> Vec<_> {
        use std::os::unix::fs::MetadataExt as _;
        let mut all = files(root);
        all.extend([
            root.to_owned(),
            root.join("log"),
            root.join("exhibits"),
            root.join("tables"),
        ]);
        all.iter()
            .map(|path| path.metadata().unwrap())
            .map(|m| (m.ino(), m.mtime_nsec(), m.ctime_nsec()))
            .collect()
    };
    let before = trace(&case.root());
    assert!(check(&case.root()).is_sound());
    assert_eq!(trace(&case.root()), before);
}
