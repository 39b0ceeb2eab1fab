//! `kill -9`, for real: the steps one by one are in the crate's own tests.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use unspoof_evidence::{CaseError, StreamLimits, open_stream};
use unspoof_model::Coded as _;

use crate::child;
use crate::support::{Case, clock, who};

/// Deaths of a writer, by default and with `UNSPOOF_SOAK=1`.
const DEATHS: u64 = 150;
const SOAK_DEATHS: u64 = 1_000;

#[test]
fn a_killed_writer_leaves_a_sound_case() {
    let case = Case::in_memory();
    let files = case.base().join("files");
    for number in 0..100_u32 {
        let content: Vec<u8> = (0..20_000_u32)
            .flat_map(|n| (n * number).to_le_bytes())
            .collect();
        case.write(&format!("files/{number}.bin"), &content);
    }
    let deaths = if std::env::var_os("UNSPOOF_SOAK").is_some() {
        SOAK_DEATHS
    } else {
        DEATHS
    };
    for death in 0..deaths {
        let mut child = child::command("seals_until_killed", &case.root(), &case.keys(), &files)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("holds the case")));
        // Spread over what a few seals take, in another order each time.
        thread::sleep(Duration::from_micros(death * 3_701 % 30_000));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(case.verify().problems, [], "after death {death}");
        for exhibit in case.open().exhibits() {
            let mut stream = open_stream(exhibit, &StreamLimits::default()).unwrap();
            let mut content = Vec::new();
            stream.read_to_end(&mut content).unwrap();
            assert_eq!(content.len(), 80_000, "{}", exhibit.name);
        }
    }
    let sealed = case.open().exhibits().len();
    assert!(sealed > 20, "{sealed} sealed in {deaths} lives");
    drop(case.writer());
    let report = case.verify();
    assert!(report.is_sound());
    assert!(
        !report.notes.iter().any(|note| note.contains("interrupted")),
        "{report:?}"
    );
}

#[test]
fn a_second_writer_is_told_who_holds_the_case() {
    let case = Case::new();
    let files = case.base().join("files");
    case.write("files/a", b"a");
    let mut child = child::command("holds_the_case", &case.root(), &case.keys(), &files)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let held = lines
        .find_map(|line| line.unwrap().split("held by ").nth(1).map(str::to_owned))
        .unwrap();
    let error = case.open().write(&case.keys(), who(), clock()).unwrap_err();
    assert_eq!(error.code(), "case/busy");
    let text = error.to_string();
    let CaseError::Busy {
        holder: Some(holder),
    } = error
    else {
        panic!("{text}")
    };
    assert_eq!(holder.pid.to_string(), held);
    assert_eq!(
        (holder.actor.as_str(), holder.command.as_str()),
        ("exhibits officer", "seal")
    );
    assert_eq!(
        text,
        format!(
            "the case is held by `exhibits officer` with `seal` (process {held}) since 2022-11-24T00:00:00.000000Z"
        )
    );
    // Readers, verify and the log are not held up.
    case.assert_sound();
    let details = unspoof_evidence::Details::new();
    case.open()
        .consult(&case.keys(), &who(), &*clock(), "sql", &details)
        .unwrap();
    drop(child.stdin.take());
    child.wait().unwrap();
    drop(case.writer());
}
