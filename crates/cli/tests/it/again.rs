//! Doing what is due, and nothing twice.

use std::collections::BTreeMap;
use std::fs;
use std::time::SystemTime;

use camino::Utf8Path;

use crate::support::{Desk, answers, assert_same, by_id, files, tiny, truth};

/// When each file under a folder was written last.
fn written(folder: &Utf8Path) -> BTreeMap<String, SystemTime> {
    let names = files(folder).into_keys();
    names
        .map(|name| {
            let changed = fs::metadata(folder.join(&name))
                .unwrap()
                .modified()
                .unwrap();
            (name, changed)
        })
        .collect()
}

fn edit(desk: &Desk, from: &str, to: &str) {
    let path = desk.at("case/case.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(&path, text.replace(from, to)).unwrap();
}

/// Exhibits that a run said it read.
fn read(stderr: &str) -> Vec<&str> {
    stderr
        .lines()
        .filter(|line| line.ends_with(" bytes read"))
        .filter_map(|line| line.split(": source ").next())
        .collect()
}

#[test]
fn a_second_run_finds_nothing_due() {
    let desk = tiny(11);
    let places = ["tables", "derived", "reference", "exhibits"].map(|p| desk.at("case").join(p));
    let before: Vec<_> = places.iter().map(|place| written(place)).collect();
    let brief = desk.on("case", &["brief", "--json"]).whole().stdout;
    let second = desk.on("case", &["run"]).with_rejects();
    assert!(second.stderr.contains("nothing was due"), "{second}");
    assert!(read(&second.stderr).is_empty(), "{second}");
    let after: Vec<_> = places.iter().map(|place| written(place)).collect();
    assert_eq!(before, after, "nothing was written again");
    assert_eq!(desk.on("case", &["brief", "--json"]).whole().stdout, brief);
    let ingest = desk.on("case", &["ingest"]).with_rejects();
    assert_eq!(
        ingest.stderr.matches("read before, nothing to do").count(),
        4,
        "{ingest}"
    );
    desk.assert_sound("case");
}

#[test]
fn the_same_file_is_sealed_once() {
    let desk = tiny(12);
    let again = desk.seal("case", &desk.seized()).whole().text();
    assert_eq!(again.matches("sealed before ").count(), 4, "{again}");
    let second = desk.on("case", &["run"]).with_rejects();
    assert!(second.stderr.contains("nothing was due"), "{second}");
    let changed = desk.write("other/reports.csv", "Report reference\n1\n");
    let told = desk.seal("case", &[changed]).refused(1, "evidence/changed");
    assert!(told.contains("reports.csv"), "{told}");
}

#[test]
fn a_threshold_makes_only_the_analysis_due() {
    let desk = tiny(13);
    let tables = written(&desk.at("case/tables"));
    let engaged = |desk: &Desk| {
        let figures = by_id(&desk.on("case", &["brief", "--json"]).whole().json()["figures"]);
        figures["calls_engaged"]["value"].as_u64().unwrap()
    };
    let (before, answers_before) = (engaged(&desk), answers(&desk.at("case")));
    edit(&desk, "over_s = 60", "over_s = 20");
    let verified = desk.on("case", &["verify"]);
    assert_eq!(
        verified.code,
        Some(1),
        "an edit that nobody recorded shows: {verified}"
    );
    let ran = desk.on("case", &["run"]).with_rejects();
    assert!(!ran.stderr.contains("nothing was due"), "{ran}");
    assert!(read(&ran.stderr).is_empty(), "{ran}");
    assert_eq!(
        written(&desk.at("case/tables")),
        tables,
        "no table was written again"
    );
    assert!(
        engaged(&desk) > before,
        "a lower threshold lets more calls in"
    );
    desk.assert_sound("case");
    edit(&desk, "over_s = 20", "over_s = 60");
    desk.on("case", &["run"]).with_rejects();
    assert_same(
        &answers(&desk.at("case")),
        &answers_before,
        "back to the first rule",
    );
    desk.assert_sound("case");
}

#[test]
fn rates_are_taken_up_by_reading_again() {
    let desk = Desk::new();
    desk.lab("tiny", 14);
    desk.sealed("whole");
    desk.on("whole", &["run"]).with_rejects();
    // The same, but for the rates.
    let text = fs::read_to_string(desk.at("lab/case.toml")).unwrap();
    let rates =
        "[[references]]\nkind = \"rates\"\nfile = \"rates-gbp.csv\"\ndated = \"2022-12-31\"\n";
    assert!(text.contains(rates), "{text}");
    fs::write(desk.at("lab/case.toml"), text.replace(rates, "")).unwrap();
    desk.sealed("case");
    desk.on("case", &["run"]).with_rejects();
    let value = |desk: &Desk| {
        let figures = by_id(&desk.on("case", &["brief", "--json"]).whole().json()["figures"]);
        figures["payments_value_minor"]["value"].clone()
    };
    assert_eq!(value(&desk), 0, "nothing can be valued without rates");
    let add = [
        "reference",
        "add",
        "rates",
        "lab/reference/rates-gbp.csv",
        "--dated",
        "2022-12-31",
    ];
    desk.on("case", &add).whole();
    let ran = desk.on("case", &["run"]).with_rejects();
    assert_eq!(read(&ran.stderr).len(), 4, "{ran}");
    let meant = by_id(&truth(&desk, "figures.json")["figures"]);
    assert_eq!(value(&desk), meant["payments_value_minor"]["value"]);
    let names = |case: &str| files(&desk.at(case).join("tables")).len();
    assert_eq!(
        names("case"),
        names("whole"),
        "the parts of before are gone"
    );
    desk.assert_sound("case");
}

#[test]
fn suppressions_make_only_the_analysis_due() {
    let desk = tiny(15);
    let tables = written(&desk.at("case/tables"));
    let count = |desk: &Desk| {
        let funnel = desk.on("case", &["funnel", "--json"]).whole().json();
        funnel["steps"][7]["count"].as_u64().unwrap()
    };
    let before = count(&desk);
    // Everybody who was called is to be left alone.
    let numbers = desk
        .on(
            "case",
            &[
                "sql",
                "select distinct called_e164 as n from calls where called_e164 is not null",
                "--format",
                "json",
            ],
        )
        .whole()
        .json();
    let lines: Vec<String> = numbers
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("+{},asked", row["n"]))
        .collect();
    desk.write(
        "everybody.csv",
        format!("number,reason\n{}\n", lines.join("\n")),
    );
    desk.on(
        "case",
        &["reference", "add", "suppressions", "everybody.csv"],
    )
    .whole();
    let ran = desk.on("case", &["run"]).with_rejects();
    assert!(read(&ran.stderr).is_empty(), "{ran}");
    assert_eq!(written(&desk.at("case/tables")), tables);
    assert!(before > 0);
    assert_eq!(count(&desk), 0);
    desk.assert_sound("case");
}

#[test]
fn one_more_exhibit_is_all_that_is_read() {
    let desk = Desk::new();
    desk.lab("tiny", 16);
    desk.init("case");
    let mut files = desk.seized();
    let last = files.pop().unwrap();
    desk.seal("case", &files).whole();
    desk.on("case", &["run"]).with_rejects();
    let before = written(&desk.at("case/tables"));
    desk.seal("case", std::slice::from_ref(&last)).whole();
    let ran = desk.on("case", &["run"]).with_rejects();
    assert_eq!(read(&ran.stderr), [last.file_name().unwrap()], "{ran}");
    let after = written(&desk.at("case/tables"));
    for (name, at) in before.iter().filter(|(name, _)| *name != "ingest.json") {
        assert_eq!(after.get(name), Some(at), "{name}");
    }
    assert!(after.len() > before.len());
    desk.assert_sound("case");
}
