//! The files: always the same, complete, and never over somebody's case.

use sha2::{Digest as _, Sha256};
use unspoof_lab::{Preset, Process, Recipe, generate, generate_recipe};

use crate::Made;

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let first = Made::new(Preset::Tiny, 7, 1).files();
    assert_eq!(first.len(), 21);
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

/// The tiny case of seed 1: documents quote its places and hashes.
const TINY: [(&str, &str); 16] = [
    (
        "case.toml",
        "192200ce631b7d87ab56d123e4db6157d1072f21b722cb654b55595651d22cfb",
    ),
    (
        "reference/addresses-made-up.yaml",
        "3ccbcc24de2b92273362f0670d92a8a3d28b9bc0c2725414e16ec2b24a9e56b2",
    ),
    (
        "reference/organisations-banks.csv",
        "326c9ed40960c0a989762bfbd5889fc694dd846fe2e6f0112a5001c6968600fe",
    ),
    (
        "reference/organisations-public-bodies.csv",
        "d36cfd0c4f61c788b06a9da20affa4bd0c05a96b2fe2fffc92e34895388fe3a4",
    ),
    (
        "reference/rates-gbp.csv",
        "47ae17b63c444f2204efcf525587e05f880bb13a63ad86e8e92a0ebfa1f2091a",
    ),
    (
        "reference/suppressions.csv",
        "c2531e3f129477819bf7ee745eb49194c8f4b1e338e94d613dda9fdaa0e957ae",
    ),
    (
        "seized/Master.csv.gz",
        "1c6deb476c7aedecf329747abb5248688869d284e9fd112393cce75a28c9c6b6",
    ),
    (
        "seized/panel-2022-06-15.sql.gz",
        "0f0b29edcc5c2ee7b8a8f1e26fbcf8b6edaaf6f711bd31fd99af6292f519a2d0",
    ),
    (
        "seized/panel-2022-11-08.sql.zst",
        "00f9a6a4a3f1af88d7e2985d077e6713c58a655f73cec1661c53ba21cf60f845",
    ),
    (
        "seized/reports.csv",
        "063c8d46847d0d4fddd1980f8307b1e53bc6cd08da10142516f599d87bef059d",
    ),
    (
        "truth/accounts.csv",
        "1d2cf0aee168e5ed84c92480db1bfc24ce086d4dd0223364fdcf46a6c47e4061",
    ),
    (
        "truth/dirt.json",
        "bbc29e72c4ea5c11eb5fbca789f34111ffda9ee305141d9844fee8bd63715f71",
    ),
    (
        "truth/figures.json",
        "638fe55c8c2ed2837c11e4f93d56ab8632c0c5b4ef57a0ad37cb8afa2dcbd004",
    ),
    (
        "truth/funnel.json",
        "f0a8d3e73f5168330fd915a0198689b9b196f875ca0f4bed13c73320cc62207c",
    ),
    (
        "truth/overlap.json",
        "6739985fd0fd9a18d0b84a00b02c60992a3b7fc57b682fed3fe1031f918f2197",
    ),
    (
        "truth/reports.csv",
        "56f995241362041873e11ca293da09f736777894769f39f2c1e3782f340e330b",
    ),
];

#[test]
fn the_tiny_case_keeps_its_bytes() {
    let files = Made::tiny(1).files();
    for (name, expected) in TINY {
        let found: String = Sha256::digest(&files[name])
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(found, expected, "`{name}` changed");
    }
}

#[test]
fn hard_mode_is_the_same_on_any_number_of_threads() {
    let first = Made::hard(7, Process::Mixed, 1);
    assert_eq!((first.summary.accounts, first.summary.calls), (500, 50_000));
    let first = first.files();
    let again = Made::hard(7, Process::Mixed, 5).files();
    assert_eq!(first.len(), 23, "two mapping files more");
    assert!(first == again);
    let other = Made::hard(7, Process::Hidden, 2).files();
    for name in ["truth/losses.csv", "seized/reports.csv"] {
        assert!(first[name] != other[name], "`{name}` hangs on the process");
    }
    let people = "truth/persons.csv";
    assert!(first[people] == other[people], "who is who does not");
}

#[test]
fn a_recipe_that_cannot_be_made_is_refused() {
    for (preset, accounts, expected) in [
        (
            Preset::Hard,
            499,
            "499 accounts cannot be made: use 500 to 100000",
        ),
        (
            Preset::Tiny,
            500,
            "the preset `tiny` has its own number of accounts: use `hard` to choose one",
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("case");
        let mut recipe = Recipe::new(preset, 1);
        recipe.accounts = Some(accounts);
        let out = root.to_str().expect("UTF-8").into();
        let error = generate_recipe(&recipe, out, &mut |_, _| {}).expect_err("refused");
        assert_eq!(error.to_string(), expected);
        assert!(!root.exists(), "nothing is left behind");
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
        "`huge` is not a preset: use `tiny`, `demo`, `elaborate` or `hard`"
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
