//! Making, opening and changing a case.

use std::fs;
use std::io::Read as _;

use unspoof_evidence::{
    CaseFolder, Compression, Details, NewFiles, StreamLimits, log_entries, open_stream,
};
use unspoof_model::{Coded as _, EventKind};

use crate::support::{Case, clock, config, who};

#[test]
fn a_file_is_sealed_and_read_back() {
    let case = Case::new();
    case.assert_sound();
    let file = case.write("calls 2022.csv", b"a,b\n1,2\n");
    let sealed = case.seal(&file);
    assert!(!sealed.already);
    assert_eq!(sealed.exhibit.name, "calls_2022.csv");
    assert_eq!(sealed.exhibit.compression, Compression::Plain);
    case.assert_sound();
    let open = case.open();
    assert_eq!(open.exhibits(), std::slice::from_ref(&sealed.exhibit));
    let mut text = String::new();
    open_stream(&open.exhibits()[0], &StreamLimits::default())
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "a,b\n1,2\n");
    assert!(case.seal(&file).already);
    case.assert_sound();
}

#[test]
fn a_transaction_changes_files_whole() {
    let case = Case::new();
    let mut writer = case.writer();
    let mut change = writer.begin(EventKind::Alteration, "ingest").unwrap();
    fs::write(change.stage("tables/calls/0.parquet").unwrap(), "0").unwrap();
    fs::write(change.stage("tables/calls/1.parquet").unwrap(), "1").unwrap();
    change.detail("rows", 2_u64);
    change.commit().unwrap();
    case.assert_sound();
    let mut change = writer.begin(EventKind::Alteration, "ingest").unwrap();
    change.remove_under("tables/calls");
    fs::write(change.stage("tables/calls/1.parquet").unwrap(), "one").unwrap();
    change.commit().unwrap();
    drop(writer);
    case.assert_sound();
    let open = case.open();
    let files: Vec<&str> = open.files("tables").map(|(path, ..)| path).collect();
    assert_eq!(files, ["tables/calls/1.parquet"]);
    assert!(!case.root().join("tables/calls/0.parquet").exists());
    open.consult(
        &case.keys(),
        &who(),
        &*clock(),
        "sql",
        &Details::new().with("rows", 1_u64),
    )
    .unwrap();
    case.assert_sound();
    let operations: Vec<String> = log_entries(&case.root())
        .unwrap()
        .into_iter()
        .map(|event| event.operation)
        .collect();
    assert_eq!(operations, ["init", "ingest", "ingest", "sql"]);
}

#[test]
fn a_case_is_made_with_its_configuration_lists_and_mappings() {
    let case = Case::new();
    let open = case.open();
    assert_eq!(open.config(), &config());
    let files: Vec<String> = ["case.toml", "reference", "mappings"]
        .iter()
        .flat_map(|place| open.files(place))
        .map(|(path, ..)| path.to_owned())
        .collect();
    assert_eq!(
        files,
        [
            "case.toml",
            "reference/organisations.csv",
            "mappings/dump.toml"
        ]
    );
    assert!(
        fs::read_to_string(case.root().join("reference/organisations.csv"))
            .unwrap()
            .contains("A Bank")
    );
    // What init leaves is a case and nothing else.
    let mut names: Vec<String> = case
        .root()
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_owned())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            ".lock",
            ".lock-log",
            ".staging",
            "case.toml",
            "log",
            "mappings",
            "reference"
        ]
    );
}

#[test]
fn a_folder_in_use_does_not_become_a_case() {
    let case = Case::new();
    let init = |root: &camino::Utf8Path, files| {
        CaseFolder::init(root, &config(), files, &case.keys(), who(), clock())
    };
    let error = init(&case.root(), NewFiles::default()).unwrap_err();
    assert_eq!(error.code(), "case/exists");
    for name in [
        "case.toml",
        "log",
        "exhibits",
        "tables",
        "derived",
        "reference",
        "mappings",
    ] {
        let root = case.base().join(format!("used-{name}"));
        fs::create_dir_all(root.join(name)).unwrap();
        assert_eq!(
            init(&root, NewFiles::default()).unwrap_err().code(),
            "case/exists",
            "{name}"
        );
        assert_eq!(
            root.read_dir_utf8().unwrap().count(),
            1,
            "{name}: nothing was written"
        );
    }
    // Other files do not stand in the way.
    let root = case.base().join("other");
    case.write("other/notes.txt", b"x");
    init(&root, NewFiles::default()).unwrap();
    assert!(CaseFolder::open(&root).is_ok());
}

#[test]
fn names_of_lists_and_mappings_stay_in_their_folders() {
    let case = Case::new();
    let source = case.write("list.csv", b"x");
    for name in ["../x.csv", "a/b.csv", "", ".", "..", "/etc/x"] {
        let root = case.base().join("new");
        let references = [(name.to_owned(), source.clone())];
        let files = NewFiles {
            references: &references,
            mappings: &[],
        };
        let error =
            CaseFolder::init(&root, &config(), files, &case.keys(), who(), clock()).unwrap_err();
        assert_eq!(error.code(), "case/place", "{name}");
        assert!(!root.exists(), "{name}");
    }
    let references = [("list.csv".to_owned(), case.base().join("missing.csv"))];
    let files = NewFiles {
        references: &references,
        mappings: &[],
    };
    let root = case.base().join("late");
    let error =
        CaseFolder::init(&root, &config(), files, &case.keys(), who(), clock()).unwrap_err();
    assert_eq!(error.code(), "case/io", "{error}");
    assert_eq!(
        error.to_string(),
        format!("could not read `{}`", case.base().join("missing.csv"))
    );
    // Mended, it is made at the same place.
    CaseFolder::init(
        &root,
        &config(),
        NewFiles::default(),
        &case.keys(),
        who(),
        clock(),
    )
    .unwrap();
}

#[test]
fn a_newer_case_is_refused() {
    let case = Case::new();
    let path = case.root().join("case.toml");
    fs::write(
        &path,
        "format = 2\nname = \"x\"\nsomething_new = true\nhome_regions = []\n",
    )
    .unwrap();
    let error = CaseFolder::open(&case.root()).unwrap_err();
    assert_eq!(error.code(), "case/newer-format");
    assert_eq!(
        error.to_string(),
        "the case has format 2; this version opens formats up to 1"
    );
    let codes: Vec<&str> = case
        .verify()
        .problems
        .iter()
        .map(|problem| problem.code)
        .collect();
    assert_eq!(codes, ["case/changed", "case/newer-format"]);
    for text in ["", "format = 1", "format = \"2\"", "[", "\u{0}"] {
        fs::write(&path, text).unwrap();
        assert_eq!(
            CaseFolder::open(&case.root()).unwrap_err().code(),
            "case/config",
            "{text:?}"
        );
    }
    let error = CaseFolder::open(&case.base().join("nothing")).unwrap_err();
    assert_eq!(error.code(), "case/not-a-case");
}

#[test]
fn an_edited_configuration_is_recorded_when_it_is_accepted() {
    let case = Case::new();
    let mut writer = case.writer();
    assert!(!writer.accept_config().unwrap());
    let text = fs::read_to_string(case.root().join("case.toml")).unwrap();
    fs::write(
        case.root().join("case.toml"),
        text.replace("\"test\"", "\"edited\"") + "# by hand\n",
    )
    .unwrap();
    let report = case.verify();
    assert_eq!(report.problems.len(), 1);
    assert_eq!(report.problems[0].code, "case/changed");
    assert!(
        report.problems[0]
            .detail
            .ends_with("if the edit was meant, `unspoof run` records it")
    );
    // Other work does not record it by the way.
    writer
        .begin(EventKind::Combination, "link")
        .unwrap()
        .commit()
        .unwrap();
    assert_eq!(case.verify().problems.len(), 1);
    assert!(writer.accept_config().unwrap());
    assert_eq!(writer.config().name, "edited");
    case.assert_sound();
    assert!(
        fs::read_to_string(case.root().join("case.toml"))
            .unwrap()
            .ends_with("# by hand\n")
    );
    fs::write(case.root().join("case.toml"), "format = 1\n").unwrap();
    assert_eq!(writer.accept_config().unwrap_err().code(), "case/config");
    let event = log_entries(&case.root()).unwrap().pop().unwrap();
    assert_eq!(event.operation, "accept-config");
    assert_eq!(event.details["case_toml"], true);
}

#[test]
fn a_configuration_that_cannot_be_read_back_is_not_committed() {
    let case = Case::new();
    let mut writer = case.writer();
    let mut changed = config();
    changed.name = "renamed".to_owned();
    writer.set_config(&changed, "reference-add").unwrap();
    assert_eq!(writer.config().name, "renamed");
    for text in [
        "format = 1\n",
        "format = 2\nname = \"x\"\nhome_regions = []\n",
    ] {
        let mut change = writer.begin(EventKind::Alteration, "x").unwrap();
        change.stage_bytes("case.toml", text.as_bytes()).unwrap();
        assert!(change.commit().is_err(), "{text}");
    }
    drop(writer);
    assert_eq!(case.open().config().name, "renamed");
    case.assert_sound();
}

#[test]
fn places_outside_of_the_recorded_folders_are_refused() {
    let case = Case::new();
    let mut writer = case.writer();
    let mut change = writer.begin(EventKind::Alteration, "x").unwrap();
    for place in [
        "",
        "out/x",
        "log/checkpoint",
        "../x",
        "tables/../../x",
        "/tables/x",
        "tables",
        "tables//x",
    ] {
        assert_eq!(
            change.stage(place).unwrap_err().code(),
            "case/place",
            "{place}"
        );
        assert_eq!(
            change.remove(place).unwrap_err().code(),
            "case/place",
            "{place}"
        );
        assert_eq!(
            change.stage_bytes(place, b"").unwrap_err().code(),
            "case/place",
            "{place}"
        );
    }
    change.stage_bytes("tables/a", b"").unwrap();
    change.commit().unwrap();
    let mut change = writer.begin(EventKind::Alteration, "x").unwrap();
    change.stage_bytes("tables/a/b", b"").unwrap();
    assert_eq!(change.commit().unwrap_err().code(), "case/place");
    let change = writer.begin(EventKind::Alteration, "x").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", change.stage("tables/link").unwrap()).unwrap();
    assert_eq!(change.commit().unwrap_err().code(), "case/place");
    // A dropped change leaves nothing.
    let mut change = writer.begin(EventKind::Alteration, "x").unwrap();
    change.stage_bytes("tables/b", b"").unwrap();
    drop(change);
    assert_eq!(writer.folder().files("tables").count(), 1);
    assert_eq!(
        case.root()
            .join(".staging")
            .read_dir_utf8()
            .unwrap()
            .count(),
        0
    );
    case.assert_sound();
}

#[test]
fn work_that_is_not_finished_is_kept_for_the_next_writer() {
    let case = Case::new();
    let writer = case.writer();
    let work = writer.work_dir("abc-123").unwrap();
    fs::write(work.join("part"), "half").unwrap();
    writer.work_dir("other").unwrap();
    for fingerprint in ["", "..", "a/b", "A", "a b"] {
        assert_eq!(
            writer.work_dir(fingerprint).unwrap_err().code(),
            "case/place",
            "{fingerprint}"
        );
    }
    drop(writer);
    case.assert_sound();
    let mut writer = case.writer();
    assert_eq!(writer.work_dir("abc-123").unwrap(), work);
    assert_eq!(fs::read_to_string(work.join("part")).unwrap(), "half");
    writer.clear_work_except("abc-123").unwrap();
    assert!(!work.with_file_name("other").exists());
    let mut change = writer.begin(EventKind::Alteration, "ingest").unwrap();
    change
        .stage_existing(&work.join("part"), "tables/calls/0.parquet")
        .unwrap();
    change.commit().unwrap();
    assert!(!work.join("part").exists());
    writer.clear_work("abc-123").unwrap();
    assert!(!work.exists());
    assert_eq!(
        fs::read_to_string(case.root().join("tables/calls/0.parquet")).unwrap(),
        "half"
    );
    case.assert_sound();
}

#[test]
fn a_reader_keeps_seeing_what_it_opened() {
    let case = Case::new();
    let mut writer = case.writer();
    let mut change = writer.begin(EventKind::Alteration, "ingest").unwrap();
    change.stage_bytes("tables/calls/0", b"0").unwrap();
    // Not yet committed: nobody sees it.
    assert_eq!(case.open().files("tables").count(), 0);
    case.assert_sound();
    change.commit().unwrap();
    assert_eq!(case.open().files("tables").count(), 1);
}

#[test]
fn a_change_can_be_staged_from_several_threads() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let case = Case::new();
    let mut writer = case.writer();
    is_shared(&writer);
    let change = writer.begin(EventKind::Alteration, "ingest").unwrap();
    is_shared(&change);
    std::thread::scope(|scope| {
        for part in 0..8 {
            let change = &change;
            scope.spawn(move || {
                let place = format!("tables/calls/{part}.parquet");
                fs::write(change.stage(place).unwrap(), part.to_string()).unwrap();
            });
        }
    });
    change.commit().unwrap();
    assert_eq!(writer.folder().files("tables").count(), 8);
    drop(writer);
    case.assert_sound();
}

#[test]
fn keys_do_not_go_into_the_case() {
    use unspoof_evidence::KeyDir;
    let case = Case::new();
    let root = case.base().join("new");
    let link = case.base().join("link");
    std::os::unix::fs::symlink(case.base(), &link).unwrap();
    for keys in [
        root.join("keys"),
        root.clone(),
        root.join("a/../b"),
        link.join("new/keys"),
    ] {
        let made = CaseFolder::init(
            &root,
            &config(),
            NewFiles::default(),
            &KeyDir::at(&keys),
            who(),
            clock(),
        );
        assert_eq!(made.unwrap_err().code(), "keys/inside-case", "{keys}");
        assert!(!root.exists(), "{keys}");
    }
    let keys = KeyDir::at(case.base().join("new-keys"));
    CaseFolder::init(&root, &config(), NewFiles::default(), &keys, who(), clock()).unwrap();
}

#[test]
fn errors_say_what_to_do_and_keep_their_source_apart() {
    let case = Case::new();
    fs::write(case.root().join("case.toml"), "format = 1\n").unwrap();
    let error = CaseFolder::open(&case.root()).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(!error.to_string().contains(&source), "{error}");
    let error = CaseFolder::open(&case.base().join("nothing")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("`{}` is not a case", case.base().join("nothing"))
    );
    assert_eq!(
        error.hint().unwrap(),
        "stand in the case's folder, or name it with --case DIR"
    );
}
