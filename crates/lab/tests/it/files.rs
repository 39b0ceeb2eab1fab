//! The files: always the same, complete, and never over somebody's case.

use unspoof_lab::{Preset, generate};

use crate::Made;

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let first = Made::new(Preset::Tiny, 7, 1).files();
    assert_eq!(first.len(), 16);
    for threads in [2, 5] {
        let again = Made::new(Preset::Tiny, 7, threads).files();
        assert_eq!(
            first.keys().collect::<Vec<_>>(),
            again.keys().collect::<Vec<_>>()
        );
        for (name, bytes) in &first {
            assert!(
                again[name] == *bytes,
                "`{name}` differs on {threads} threads"
            );
        }
    }
}

#[test]
fn another_seed_gives_other_records() {
    let (first, other) = (Made::tiny(1).files(), Made::tiny(2).files());
    for name in first.keys().filter(|name| name.starts_with("seized/")) {
        assert!(
            first[name] != other[name],
            "`{name}` does not depend on the seed"
        );
    }
}

#[test]
fn progress_counts_up_to_all_calls() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().to_str().expect("UTF-8").into();
    let mut told = Vec::new();
    let summary = generate(Preset::Tiny, 1, root, &mut |done, all| {
        told.push((done, all))
    });
    assert_eq!(told, [(1_000, 3_000), (2_000, 3_000), (3_000, 3_000)]);
    assert_eq!(summary.expect("made").calls, 3_000);
}

#[test]
fn a_folder_that_holds_a_case_is_left_alone() {
    let made = Made::tiny(1);
    let before = made.files();
    let error = generate(Preset::Tiny, 2, &made.root, &mut |_, _| {}).expect_err("refused");
    assert_eq!(
        error.to_string(),
        format!("`{}` holds a case already", made.root)
    );
    assert!(made.files() == before);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").expect("written");
    let inside = file.join("case");
    let path = inside.to_str().expect("UTF-8");
    let error = generate(Preset::Tiny, 1, path.into(), &mut |_, _| {}).expect_err("refused");
    assert_eq!(
        error.to_string(),
        format!("could not create `{path}/seized`")
    );
}

#[test]
fn a_preset_is_known_by_its_name_alone() {
    for preset in Preset::ALL {
        assert_eq!(preset.as_str().parse::<Preset>().expect("known"), preset);
    }
    let error = "huge".parse::<Preset>().expect_err("unknown");
    assert_eq!(
        error.to_string(),
        "`huge` is not a preset: use `tiny`, `demo` or `elaborate`"
    );
}

#[test]
fn the_main_dump_breaks_off_and_the_backup_does_not() {
    let made = Made::tiny(1);
    let text = |name| String::from_utf8_lossy(&made.plain(name)).into_owned();
    let panel = text("panel-2022-11-08.sql.zst");
    assert!(!panel.trim_end().ends_with(';') && !panel.contains("-- Dump completed on 20"));
    assert!(panel.contains("SET TIME_ZONE='+00:00'"));
    assert!(panel.contains("INSERT INTO `calls` VALUES\n("));
    assert!(panel.contains("INSERT INTO `topups` VALUES ("));
    let backup = text("panel-2022-06-15.sql.gz");
    assert!(
        backup
            .trim_end()
            .ends_with("-- Dump completed on 2022-06-15  3:00:41")
    );
    assert!(backup.contains("INSERT INTO `calls` (`id`, "));
}
