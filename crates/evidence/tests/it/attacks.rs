//! Somebody who can write to the folder, and what `verify` says to it.

use std::fs;

use camino::Utf8Path;
use unspoof_evidence::{
    CaseFolder, Details, KeyDir, NewFiles, VerifyOptions, VerifyReport, verify,
};
use unspoof_model::EventKind;

use crate::support::{Case, clock, config, copy_tree, who};

fn codes(report: &VerifyReport) -> Vec<&str> {
    let mut codes: Vec<&str> = report.problems.iter().map(|problem| problem.code).collect();
    codes.dedup();
    codes
}

fn pinned(root: &Utf8Path, checkpoint: &str, log_key: Option<&str>) -> VerifyReport {
    let options = VerifyOptions {
        checkpoint: Some(checkpoint.to_owned()),
        log_key: log_key.map(str::to_owned),
        exhibit: None,
    };
    verify(root, &options)
}

fn consult(case: &Case, operation: &'static str) {
    case.open()
        .consult(&case.keys(), &who(), &*clock(), operation, &Details::new())
        .unwrap();
}

#[test]
fn a_rolled_back_case_is_found_with_a_kept_checkpoint() {
    let case = Case::new();
    consult(&case, "sql");
    let old = case.base().join("old");
    copy_tree(&case.root(), &old);
    let early = case.open().checkpoint().unwrap();
    case.seal(&case.write("dump.sql", b"-- dump"));
    let kept = case.open().checkpoint().unwrap();
    // The case goes on: each kept checkpoint is its past.
    consult(&case, "sql");
    for checkpoint in [
        &early,
        &kept,
        &format!("{}\n\n", kept.trim_end()),
        &case.open().checkpoint().unwrap(),
    ] {
        assert_eq!(pinned(&case.root(), checkpoint, None).problems, []);
    }
    // Put back to before the seal, the folder is sound in itself.
    assert_eq!(verify(&old, &VerifyOptions::default()).problems, []);
    assert_eq!(pinned(&old, &early, None).problems, []);
    let report = pinned(&old, &kept, None);
    assert_eq!(codes(&report), ["log/rolled-back"]);
    assert_eq!(
        report.problems[0].detail,
        "the log has 2 entries, and had 3 when the checkpoint that was given was made"
    );
}

#[test]
fn a_rewritten_log_is_found_with_a_kept_checkpoint() {
    let case = Case::new();
    let old = case.base().join("old");
    copy_tree(&case.root(), &old);
    consult(&case, "sql");
    let kept = case.open().checkpoint().unwrap();
    // Whoever has the log's key starts from an old copy and tells another story, as long or longer.
    let mut told = CaseFolder::open(&old).unwrap();
    for _ in 0..3 {
        told.consult(&case.keys(), &who(), &*clock(), "funnel", &Details::new())
            .unwrap();
        assert_eq!(verify(&old, &VerifyOptions::default()).problems, []);
        assert_eq!(codes(&pinned(&old, &kept, None)), ["log/rewritten"]);
        told = CaseFolder::open(&old).unwrap();
    }
    drop(told);
}

#[test]
fn a_case_made_over_is_found_with_the_kept_key() {
    let case = Case::new();
    let key = case.open().log_key().to_owned();
    let kept = case.open().checkpoint().unwrap();
    let keyed = |root: &Utf8Path| {
        verify(
            root,
            &VerifyOptions {
                log_key: Some(format!("{key}\n")),
                ..VerifyOptions::default()
            },
        )
    };
    assert_eq!(keyed(&case.root()).problems, []);
    let forged = case.base().join("forged");
    let keys = KeyDir::at(case.base().join("other-keys"));
    CaseFolder::init(
        &forged,
        &config(),
        NewFiles::default(),
        &keys,
        who(),
        clock(),
    )
    .unwrap();
    assert_eq!(verify(&forged, &VerifyOptions::default()).problems, []);
    assert!(
        codes(&keyed(&forged)).contains(&"log/signature"),
        "{:?}",
        keyed(&forged).problems
    );
    assert_eq!(codes(&pinned(&forged, &kept, None)), ["log/pinned"]);
    assert!(!pinned(&forged, &kept, Some(&key)).is_sound());
    // The forged log under the kept key's text.
    fs::copy(case.root().join("log/key.txt"), forged.join("log/key.txt")).unwrap();
    assert!(!verify(&forged, &VerifyOptions::default()).is_sound());
    for nonsense in [
        "",
        "x",
        "a+b+c",
        "unspoof-case-0123456789abcdef+00000000+AA==",
    ] {
        let options = VerifyOptions {
            log_key: Some(nonsense.to_owned()),
            ..VerifyOptions::default()
        };
        assert_eq!(
            codes(&verify(&case.root(), &options)),
            ["log/key"],
            "{nonsense}"
        );
        assert_eq!(
            codes(&pinned(&case.root(), nonsense, None)),
            ["log/pinned"],
            "{nonsense}"
        );
    }
}

#[test]
fn a_checkpoint_from_the_future_or_past_does_not_fit_the_tiles() {
    let case = Case::new();
    let checkpoint = case.root().join("log/checkpoint");
    let first = fs::read(&checkpoint).unwrap();
    consult(&case, "sql");
    let second = fs::read(&checkpoint).unwrap();
    // The older signed note over the newer tiles: the entry after it is not recorded.
    fs::write(&checkpoint, &first).unwrap();
    assert!(!verify(&case.root(), &VerifyOptions::default()).is_sound());
    fs::write(&checkpoint, &second).unwrap();
    case.assert_sound();
}

#[test]
fn signatures_of_strangers_do_not_belong_on_the_checkpoint() {
    let case = Case::new();
    let checkpoint = case.root().join("log/checkpoint");
    let note = fs::read_to_string(&checkpoint).unwrap();
    let signature = note.lines().last().unwrap();
    for added in [
        format!("{note}{signature}\n"),
        format!("{note}— somebody.else AAAAAAAA\n"),
        note.replace("\n\n", "\nextension\n\n"),
        note.replace('\n', "\r\n"),
        format!("{note}\n"),
        format!("\n{note}"),
    ] {
        fs::write(&checkpoint, &added).unwrap();
        assert!(
            !verify(&case.root(), &VerifyOptions::default()).is_sound(),
            "{added}"
        );
    }
    fs::write(&checkpoint, note).unwrap();
    case.assert_sound();
}

/// Commits a removal, and returns the case with what it removed in `old`.
fn with_a_removed_table(case: &Case) {
    let mut writer = case.writer();
    let mut change = writer.begin(EventKind::Alteration, "ingest").unwrap();
    change
        .stage_bytes("tables/calls/0.parquet", b"old")
        .unwrap();
    change.commit().unwrap();
    let mut change = writer.begin(EventKind::Alteration, "ingest").unwrap();
    change.remove("tables/calls/0.parquet").unwrap();
    change.commit().unwrap();
    let mut change = writer.begin(EventKind::Alteration, "link").unwrap();
    change.stage_bytes("derived/persons.parquet", b"p").unwrap();
    change.commit().unwrap();
}

#[test]
fn a_made_up_commit_excuses_nothing() {
    let case = Case::new();
    with_a_removed_table(&case);
    case.assert_sound();
    let root = case.root();
    // A removed table comes back, and a plan claims that its removal is still under way.
    fs::create_dir_all(root.join("tables/calls")).unwrap();
    fs::write(root.join("tables/calls/0.parquet"), b"old").unwrap();
    let tile = fs::read(root.join("log/tile/0/000.p/4")).unwrap();
    for seq in 0..6_usize {
        let leaf: String = tile
            .get(seq * 32..seq * 32 + 32)
            .unwrap_or(&[0; 32])
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let plan = format!(r#"{{"v":1,"seq":{seq},"leaf":"{leaf}"}}"#);
        fs::create_dir_all(root.join(".staging/1/files/tables/calls")).unwrap();
        fs::write(root.join(".staging/1/plan.json"), plan).unwrap();
        let report = verify(&root, &VerifyOptions::default());
        assert_eq!(codes(&report), ["evidence/extra"], "{seq}");
        // Nor does a staged file stand in for a recorded one with other content.
        fs::create_dir_all(root.join(".staging/1/files/derived")).unwrap();
        fs::write(
            root.join(".staging/1/files/derived/persons.parquet"),
            b"forged",
        )
        .unwrap();
        assert!(!verify(&root, &VerifyOptions::default()).is_sound());
        // The next writer clears it away or puts it in place; either way it is not part of the case.
        fs::remove_dir_all(root.join(".staging/1")).unwrap();
    }
    fs::remove_file(root.join("tables/calls/0.parquet")).unwrap();
    case.assert_sound();
}

#[test]
fn an_old_commit_that_is_put_back_undoes_nothing() {
    let case = Case::new();
    let root = case.root();
    let mut writer = case.writer();
    let mut change = writer.begin(EventKind::Alteration, "ingest").unwrap();
    change
        .stage_bytes("derived/persons.parquet", b"first")
        .unwrap();
    change.commit().unwrap();
    let tile = fs::read(root.join("log/tile/0/000.p/2")).unwrap();
    let leaf: String = tile[32..]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let manifest = fs::read_to_string(root.join("log/manifests").join(format!(
        "{}.txt",
        unspoof_evidence::log_entries(&root).unwrap()[1].state
    )))
    .unwrap();
    let mut change = writer.begin(EventKind::Alteration, "ingest").unwrap();
    change
        .stage_bytes("derived/persons.parquet", b"second")
        .unwrap();
    change.commit().unwrap();
    drop(writer);
    fs::create_dir_all(root.join(".staging/1/files/derived")).unwrap();
    fs::write(
        root.join(".staging/1/files/derived/persons.parquet"),
        b"first",
    )
    .unwrap();
    fs::write(
        root.join(".staging/1/plan.json"),
        format!(r#"{{"v":1,"seq":1,"leaf":"{leaf}"}}"#),
    )
    .unwrap();
    fs::write(root.join(".staging/1/manifest.txt"), manifest).unwrap();
    case.assert_sound();
    drop(case.writer());
    assert_eq!(
        fs::read(root.join("derived/persons.parquet")).unwrap(),
        b"second"
    );
    assert!(!root.join(".staging/1").exists());
    case.assert_sound();
}

#[test]
fn folders_that_are_no_case_are_told() {
    let case = Case::new();
    for root in [case.base().join("nothing"), case.base().to_owned()] {
        assert_eq!(
            codes(&verify(&root, &VerifyOptions::default())),
            ["case/not-a-case"]
        );
    }
    fs::remove_file(case.root().join("log/checkpoint")).unwrap();
    assert_eq!(
        codes(&verify(&case.root(), &VerifyOptions::default())),
        ["log/checkpoint"]
    );
}
