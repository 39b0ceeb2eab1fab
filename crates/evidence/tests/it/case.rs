//! Making, opening and changing a case.

use std::fs;
use std::io::Read as _;

use unspoof_evidence::{Compression, Details, StreamLimits, log_entries, open_stream};
use unspoof_model::EventKind;

use crate::support::{Case, clock, who};

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
    assert_eq!(open.exhibits(), [sealed.exhibit.clone()]);
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
