//! Input that is broken, full disks, and others in the way: each said clearly, and nothing lost.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use camino::Utf8PathBuf;

use crate::support::{Desk, answers, assert_same, finish, says, tiny};

/// One row as Asterisk's `cdr_csv.c` writes it, with all 18 columns of its usual build.
fn row(account: &str, called: &str, unique: u32) -> String {
    format!(
        "\"{account}\",\"+442079460000\",\"{called}\",\"outbound\",\"\"\"A Bank\"\" <+442079460000>\",\
         \"SIP/a-{unique}\",\"SIP/b-{unique}\",\"Dial\",\"SIP/b/{called},60\",\"2022-07-20 00:13:43\",\
         \"2022-07-20 00:13:58\",\"2022-07-20 00:16:04\",141,126,\"ANSWERED\",\"DOCUMENTATION\",\
         \"1658276023.{unique}\",\"\"\n"
    )
}

fn rows(count: u32) -> String {
    (1..=count)
        .map(|n| row("7", &format!("+44770090{:04}", n % 1000), n))
        .collect()
}

fn empty_case() -> Desk {
    let desk = Desk::new();
    desk.on("case", &["init"]).whole();
    desk
}

/// A case that holds this file as its only exhibit, its local times in UTC.
fn case_of(name: &str, content: impl AsRef<[u8]>) -> Desk {
    let desk = empty_case();
    desk.write(name, content);
    desk.on("case", &["seal", "--zone", "UTC", name]).whole();
    desk
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Where a sealed exhibit's bytes lie.
fn payload(desk: &Desk, name: &str) -> Utf8PathBuf {
    let path = desk.at("case/exhibits").join(name).join("data").join(name);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn a_file_that_is_not_there() {
    let desk = empty_case();
    let told = desk
        .on("case", &["seal", "gone.sql"])
        .refused(1, "evidence/read");
    says(&told, &["gone.sql", "No such file"]);
    let told = desk
        .on("case", &["seal", "tmp"])
        .refused(1, "evidence/not-a-file");
    says(&told, &["tmp"]);
    for args in [
        &["seal", "--mapping", "gone.toml", "gone.csv"][..],
        &["reference", "add", "rates", "gone.csv"],
        &["verify", "--checkpoint", "gone.txt"],
    ] {
        let ran = desk.on("case", args);
        assert_eq!(ran.code, Some(1), "{ran}");
        says(
            &ran.stderr,
            &["gone.", "No such file", "error: ", "hint: ", "code: "],
        );
        assert!(!ran.stderr.contains("unspoof/other"), "{ran}");
    }
    let told = desk.on("new", &["init", "--from", "gone.toml"]);
    says(&told.refused(1, "file/missing"), &["gone.toml"]);
    assert!(!desk.at("new").exists());
    desk.assert_sound("case");
}

#[test]
fn a_file_that_may_not_be_read() {
    let desk = empty_case();
    let path = desk.write("closed.csv", rows(1));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        // Root reads everything: become nobody, on a case that nobody may write to.
        let Some(told) = as_nobody(&desk) else {
            return crate::support::left_out("no `setpriv` to give up root's rights with");
        };
        return says(&told, &["closed.csv", "ermission denied"]);
    }
    let told = desk
        .on("case", &["seal", "closed.csv"])
        .refused(1, "evidence/read");
    says(&told, &["closed.csv", "ermission denied"]);
}

fn as_nobody(desk: &Desk) -> Option<String> {
    let mut open = vec![desk.at("")];
    while let Some(path) = open.pop() {
        if path.file_name() == Some("closed.csv") {
            continue;
        }
        std::os::unix::fs::chown(&path, Some(65534), Some(65534)).ok()?;
        if path.is_dir() {
            open.extend(
                path.read_dir_utf8()
                    .unwrap()
                    .map(|e| e.unwrap().into_path()),
            );
        }
    }
    // The program itself may lie where nobody may look.
    let program = desk.at("program");
    fs::copy(env!("CARGO_BIN_EXE_unspoof"), &program).unwrap();
    let mut command = Command::new("setpriv");
    desk.furnish(&mut command);
    command.args([
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        program.as_str(),
    ]);
    command.args(["seal", "closed.csv", "--case", "case"]);
    command.env("PATH", "/usr/bin:/bin");
    command.output().ok()?;
    Some(finish(&mut command).refused(1, "evidence/read"))
}

#[test]
fn a_sealed_file_that_is_gone() {
    let desk = tiny(31);
    let path = payload(&desk, "reports.csv");
    fs::remove_file(&path).unwrap();
    let told = desk
        .on("case", &["explain", "reports", "--bytes"])
        .refused(1, "evidence/read");
    says(&told, &["reports.csv", "No such file"]);
    let verified = desk.on("case", &["verify"]);
    assert_eq!(verified.code, Some(1), "{verified}");
    says(
        &verified.text(),
        &[
            "PROBLEM exhibits/reports.csv/data/reports.csv",
            "evidence/missing",
        ],
    );
}

/// Flips bits all over a sealed exhibit: none is read as if it were what was sealed.
fn flipped(name: &str, content: &[u8]) {
    let desk = case_of(name, content);
    let path = payload(&desk, name);
    for part in 0..12 {
        let mut bytes = content.to_vec();
        let at = part * (bytes.len() - 1) / 11;
        bytes[at] ^= 1 << (part % 8);
        fs::write(&path, &bytes).unwrap();
        let told = desk
            .on("case", &["run"])
            .refused(1, "evidence/hash-mismatch");
        says(&told, &[name, "verify --exhibit"]);
        assert!(
            !desk.at("case/tables").exists(),
            "byte {at}: nothing was taken up"
        );
        let verified = desk.on("case", &["verify"]);
        assert_eq!(verified.code, Some(1), "byte {at}: {verified}");
        says(
            &verified.text(),
            &["PROBLEM", "evidence/hash-mismatch", "NOT SOUND"],
        );
    }
    fs::write(&path, content).unwrap();
    desk.assert_sound("case");
    let ran = desk.on("case", &["run"]);
    assert_eq!(ran.code, Some(0), "{ran}");
}

#[test]
fn a_flipped_bit_in_plain_text() {
    flipped("Master.csv", rows(200).as_bytes());
}

#[test]
fn a_flipped_bit_in_gzip() {
    flipped("Master.csv.gz", &gzipped(rows(2000).as_bytes()));
}

#[test]
fn bytes_that_changed_after_the_run_are_not_shown() {
    let desk = tiny(32);
    let path = payload(&desk, "reports.csv");
    let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
    let at = text.rfind("RC").unwrap();
    let mut bytes = text.into_bytes();
    bytes[at] = b'X';
    fs::write(&path, bytes).unwrap();
    let told = desk
        .on("case", &["explain", "reports", "--bytes", "--limit", "1"])
        .refused(1, "evidence/hash-mismatch");
    says(&told, &["reports.csv"]);
}

#[test]
fn compressed_data_that_was_cut_off_before_it_was_sealed() {
    let plain = rows(2000);
    let whole = gzipped(plain.as_bytes());
    let desk = empty_case();
    desk.write("Master.csv.gz", &whole[..whole.len() / 2]);
    let sealed = desk
        .on("case", &["seal", "--zone", "UTC", "Master.csv.gz"])
        .whole();
    says(
        &sealed.stderr,
        &["cannot be read to the end", "cut off after"],
    );
    let ran = desk.on("case", &["run"]).with_rejects();
    says(&ran.stderr, &["the stream ends early", "cut off after"]);
    let query =
        "select (select count(*) from calls) as kept, (select count(*) from rejects) as cut";
    let counts = desk
        .on("case", &["sql", query, "--format", "json"])
        .whole()
        .json();
    let kept = counts[0]["kept"].as_u64().unwrap();
    assert!(kept > 500 && kept < 2000, "{kept} rows were whole");
    assert_eq!(counts[0]["cut"], 1, "the row at the cut is told apart");
    let code = desk
        .on(
            "case",
            &["sql", "select code, row_no from rejects", "--json"],
        )
        .whole()
        .json();
    assert_eq!(code[0]["row_no"], kept + 1);
    // What is shown are the bytes as they stood.
    let args = ["explain", "calls", "--bytes", "--limit", "1", "--json"];
    let shown = desk.on("case", &args).whole().json();
    let first = row("7", "+447700900001", 1);
    assert_eq!(
        shown["rows"][0]["bytes_hex"],
        crate::support::hex(first.trim_end().as_bytes())
    );
    desk.assert_sound("case");
}

#[test]
fn something_else_than_its_name_says() {
    let pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n";
    let zip = b"PK\x03\x04\x14\0\0\0\x08\0\x11\x22\x33\x44records.csv";
    let sqlite = b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20\0\0\0\x01";
    let utf16: Vec<u8> = "﻿1,+442079460000,+447700900001\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (name, content, looks_like) in [
        ("calls.csv", &pdf[..], "PDF"),
        ("dump.sql", &zip[..], "ip"),
        ("panel.sql", &sqlite[..], "SQLite"),
        ("utf16.csv", &utf16[..], "UTF-16"),
        ("dump.sql.gz", &gzipped(pdf)[..], "PDF"),
    ] {
        let desk = case_of(name, content);
        let ran = desk.on("case", &["run"]);
        let code = if looks_like == "UTF-16" {
            ["ingest/utf-16", "ingest/format"]
        } else {
            ["ingest/format"; 2]
        };
        assert!(
            code.iter()
                .any(|code| ran.stderr.contains(&format!("code: {code}"))),
            "{ran}"
        );
        assert_eq!(ran.code, Some(1), "{ran}");
        says(&ran.stderr, &[name, looks_like, "hint: "]);
        assert!(!desk.at("case/tables").exists());
        desk.assert_sound("case");
    }
    let desk = case_of("empty.csv", b"");
    let ran = desk.on("case", &["run"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    says(
        &ran.stderr,
        &["error: ", "empty.csv", "hint: ", "code: ingest/"],
    );
}

#[test]
fn a_layout_that_nobody_described() {
    let desk = case_of(
        "unknown.csv",
        "who,when,how long\nA,yesterday,3\nB,today,4\n",
    );
    let told = desk
        .on("case", &["run"])
        .refused(1, "ingest/unknown-layout");
    says(&told, &["unknown.csv", "3 columns"]);
    let dump = "CREATE TABLE `parcels` (a int);\nINSERT INTO `parcels` VALUES (1);\n";
    let desk = case_of("unknown.sql", dump);
    let told = desk
        .on("case", &["run"])
        .refused(1, "ingest/unknown-layout");
    says(&told, &["unknown.sql", "parcels"]);
    // What is known is not lost over what is not: it can be read by name.
    desk.write("Master.csv", rows(3));
    desk.on("case", &["seal", "Master.csv"]).whole();
    desk.on("case", &["ingest", "Master.csv"]).whole();
    let told = desk
        .on("case", &["ingest", "Minor.csv"])
        .refused(1, "exhibit/unknown");
    says(&told, &["Minor.csv", "Master.csv"]);
}

const MAPPING: &str = r##"
name = "panel"
describes = "a panel's own export"
zone = "Europe/Kyiv"

[match]
format = "csv"
header = ["user", "shown", "dialled"]

[[table]]
to = "calls"

[table.columns]
account_id = "user"
presented = "shown"
called = "dialled"
started = "begun"
"##;

#[test]
fn a_mapping_that_names_a_missing_column() {
    let desk = empty_case();
    desk.write("panel.toml", MAPPING);
    let lines = "user,shown,dialled,at\n7,+442079460000,+447700900001,2022-01-01 10:00:00\n";
    desk.write("panel.csv", lines);
    desk.on("case", &["seal", "--mapping", "panel.toml", "panel.csv"])
        .whole();
    let told = desk
        .on("case", &["run"])
        .refused(1, "mapping/missing-column");
    says(&told, &["panel", "`begun`", "user, shown, dialled, at"]);
    assert!(!desk.at("case/tables").exists());
    // Once it is put right, the same command gets through.
    let right = MAPPING.replace("\"begun\"", "\"at\"");
    desk.write("case/mappings/panel.toml", right);
    desk.on("case", &["run"]).whole();
    let query = "select account_id, called_e164 from calls";
    let found = desk.on("case", &["sql", query, "--json"]).whole().json();
    assert_eq!(found[0]["called_e164"], 447_700_900_001_i64);
    desk.assert_sound("case");

    let dump = "CREATE TABLE `calls` (id int, user_id int);\nCREATE TABLE `topups` (id int);\n\
                CREATE TABLE `users` (id int);\nINSERT INTO `calls` VALUES (1,2);\n";
    let desk = case_of("dump.sql", dump);
    let told = desk
        .on("case", &["run"])
        .refused(1, "mapping/missing-column");
    says(
        &told,
        &["dump.sql", "lab-service", "`calls`", "id, user_id"],
    );
}

#[test]
fn a_mapping_that_is_no_mapping() {
    let desk = empty_case();
    desk.write("panel.csv", "user,shown,dialled,at\n");
    for (wrong, code, word) in [
        (
            MAPPING.replace("to = \"calls\"", "to = \"cells\""),
            "mapping/unknown-table",
            "cells",
        ),
        (
            MAPPING.replace("called =", "victim ="),
            "mapping/unknown-column",
            "victim",
        ),
        (
            MAPPING.replace("\"begun\"", "{ format = \"datetime\" }"),
            "mapping/no-origin",
            "started",
        ),
    ] {
        desk.write("panel.toml", wrong);
        let ran = desk.on("case", &["seal", "--mapping", "panel.toml", "panel.csv"]);
        says(&ran.refused(1, code), &[word]);
    }
    desk.write("panel.toml", "name = \"panel\"\n[match\n");
    let ran = desk.on("case", &["seal", "--mapping", "panel.toml", "panel.csv"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    says(&ran.stderr, &["panel.toml", "code: mapping/unreadable"]);
    assert!(
        !desk.at("case/exhibits/panel.csv").exists(),
        "nothing was sealed"
    );
    let ran = desk.on("case", &["seal", "--zone", "Europe/Atlantis", "panel.csv"]);
    says(&ran.refused(1, "config/zone"), &["Europe/Atlantis"]);
    desk.assert_sound("case");
}

#[test]
fn local_times_without_a_zone() {
    let desk = empty_case();
    desk.write("Master.csv", rows(3));
    desk.on("case", &["seal", "Master.csv"]).whole();
    let told = desk.on("case", &["run"]).refused(1, "ingest/no-zone");
    says(&told, &["Master.csv", "zone"]);
    // The same file again, with its zone.
    desk.on("case", &["seal", "--zone", "Europe/Kyiv", "Master.csv"])
        .whole();
    desk.on("case", &["run"]).whole();
    let query = "select cast(started_utc as varchar) as at from calls limit 1";
    let found = desk.on("case", &["sql", query, "--json"]).whole().json();
    let at = found[0]["at"].as_str().unwrap();
    assert!(at.starts_with("2022-07-19T21:13:43"), "{at}");
}

#[test]
fn a_cell_of_64_mib() {
    let mut text = row("1", "+447700900001", 1);
    text.push_str(&row(&"2".repeat(64 << 20), "+447700900002", 2));
    text.push_str(&row("3", "+447700900003", 3));
    let desk = case_of("Master.csv", &text);
    let ran = desk.on("case", &["run"]).with_rejects();
    says(&ran.stderr, &["3 rows in = 2 kept + 1 rejected"]);
    let query = "select code, detail, byte_offset, byte_len, row_no from rejects";
    let found = desk.on("case", &["sql", query, "--json"]).whole().json();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(found[0]["code"], "csv/cell-too-large");
    assert_eq!(found[0]["row_no"], 2);
    assert_eq!(found[0]["byte_offset"], lines[0].len() + 1);
    assert_eq!(found[0]["byte_len"], lines[1].len());
    says(found[0]["detail"].as_str().unwrap(), &["bytes"]);
    let query = "select called_e164, row_no from calls order by row_no";
    let kept = desk.on("case", &["sql", query, "--json"]).whole().json();
    assert_eq!(kept.as_array().unwrap().len(), 2);
    assert_eq!(kept[1]["row_no"], 3, "the rows around it are kept");
}

/// Runs under a limit on the size of files, in blocks of 512 bytes.
fn under(desk: &Desk, blocks: u32, args: &[&str]) -> crate::support::Ran {
    let mut shell = Command::new("sh");
    desk.furnish(&mut shell);
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    shell
        .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_unspoof")])
        .args(args);
    finish(&mut shell)
}

#[test]
fn a_disk_that_is_full() {
    let desk = Desk::new();
    desk.lab("tiny", 33);
    desk.sealed("roomy");
    desk.on("roomy", &["run"]).with_rejects();
    let roomy = answers(&desk.at("roomy"));
    desk.sealed("case");
    let mut codes = std::collections::BTreeSet::new();
    // From no room at all to room for everything but the largest files.
    for blocks in [0, 2, 8, 16, 32, 48, 64, 72, 96, 128, 200] {
        let ran = under(&desk, blocks, &["run", "--case", "case"]);
        assert_eq!(ran.code, Some(1), "{blocks} blocks: {ran}");
        says(&ran.stderr, &["error: ", "hint: ", "File too large"]);
        let code = ran.stderr.lines().last().unwrap().to_owned();
        assert!(
            code.starts_with("code: ") && code.ends_with("/disk-full"),
            "{blocks} blocks: {ran}"
        );
        codes.insert(code);
        desk.assert_sound("case");
    }
    assert!(codes.contains("code: ingest/disk-full"), "{codes:?}");
    desk.on("case", &["run"]).with_rejects();
    assert_same(&answers(&desk.at("case")), &roomy, "once there is room");
    desk.assert_sound("case");

    desk.init("sealing");
    let file = desk.seized().remove(0);
    let ran = under(&desk, 20, &["seal", file.as_str(), "--case", "sealing"]);
    says(&ran.refused(1, "case/disk-full"), &["make room"]);
    desk.assert_sound("sealing");
    desk.seal("sealing", &[file]).whole();
    desk.assert_sound("sealing");
}

#[test]
fn a_disk_that_fills_up_between_reading_and_recording() {
    let desk = empty_case();
    // So many exhibits that the list of the case's files outgrows a small table.
    let names: Vec<String> = (1..=25).map(|n| format!("Master-{n}.csv")).collect();
    for (number, name) in (1..).zip(&names) {
        desk.write(name, row("7", &format!("+4477009000{number:02}"), number));
    }
    let mut seal = vec!["seal", "--zone", "UTC"];
    seal.extend(names.iter().map(String::as_str));
    desk.on("case", &seal).whole();
    let mut recording = 0;
    for blocks in (12..40).step_by(2) {
        let ran = under(&desk, blocks, &["run", "--case", "case"]);
        assert_eq!(ran.code, Some(1), "{blocks} blocks: {ran}");
        assert!(
            ran.stderr.trim_end().ends_with("/disk-full"),
            "{blocks} blocks: {ran}"
        );
        recording += u32::from(ran.stderr.ends_with("code: case/disk-full\n"));
        desk.assert_sound("case");
    }
    assert!(
        recording > 0,
        "some runs got as far as recording what they had read"
    );
    desk.on("case", &["run"]).whole();
    let counted = desk.on(
        "case",
        &["sql", "select count(*) as n from calls", "--json"],
    );
    assert_eq!(counted.whole().json()[0]["n"], 25);
    desk.assert_sound("case");
}

#[test]
fn what_the_engine_spills_finds_no_room() {
    let desk = tiny(34);
    let before = answers(&desk.at("case"));
    let ran = under(&desk, 16, &["run", "--again", "--case", "case"]);
    says(&ran.stderr, &["error: ", "hint: ", "File too large"]);
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stderr.trim_end().ends_with("/disk-full"), "{ran}");
    assert_same(
        &answers(&desk.at("case")),
        &before,
        "the last answers stand",
    );
    desk.assert_sound("case");
    desk.on("case", &["run", "--again"]).with_rejects();
    assert_same(&answers(&desk.at("case")), &before, "once there is room");
}

fn signal(name: &str, pid: u32) {
    let sent = Command::new("kill")
        .args(["-s", name, &pid.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn a_second_writer() {
    let desk = tiny(35);
    let brief = desk.on("case", &["brief", "--json"]).whole().stdout;
    // Stopped in the midst of its work, a first writer holds the case for as long as we like.
    let held = (0..40).find_map(|attempt| {
        let mut first = desk
            .command(&["run", "--again", "--actor", "A. Analyst", "--case", "case"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while fs::metadata(desk.at("case/.lock")).unwrap().len() == 0 {
            if first.try_wait().unwrap().is_some() {
                return None;
            }
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(attempt * 2));
        signal("STOP", first.id());
        // Not in one of the moments in which it appends to the log, nor at its end.
        if fs::metadata(desk.at("case/.lock")).unwrap().len() > 0
            && desk.on("case", &["brief"]).code == Some(0)
        {
            return Some(first);
        }
        signal("CONT", first.id());
        first.wait().unwrap();
        None
    });
    let mut first = held.expect("a run can be stopped in its midst");
    for args in [
        &["run"][..],
        &["seal", "lab/case.toml"],
        &["reference", "add", "rates", "lab/reference/rates-gbp.csv"],
    ] {
        let told = desk.on("case", args).refused(75, "case/busy");
        says(
            &told,
            &["`A. Analyst`", "`run`", &format!("process {}", first.id())],
        );
    }
    // Whoever only looks sees the last finished state.
    let verified = desk.on("case", &["verify"]);
    assert_eq!(verified.code, Some(0), "{verified}");
    assert_eq!(desk.on("case", &["brief", "--json"]).whole().stdout, brief);
    signal("CONT", first.id());
    assert_eq!(first.wait().unwrap().code(), Some(3));
    desk.on("case", &["run"]).with_rejects();
    assert_eq!(desk.on("case", &["brief", "--json"]).whole().stdout, brief);
    desk.assert_sound("case");
}

#[test]
fn a_case_of_a_newer_version() {
    let desk = tiny(36);
    let path = desk.at("case/case.toml");
    let text = fs::read_to_string(&path).unwrap();
    // A newer format may hold words that this version does not know.
    let newer = text.replace("format = 1", "format = 2\nclusters = \"many\"");
    assert_ne!(text, newer);
    fs::write(&path, &newer).unwrap();
    for args in [
        &["run"][..],
        &["brief"],
        &["funnel"],
        &["sql", "select 1"],
        &["explain", "calls"],
        &["seal", "lab/case.toml"],
    ] {
        let told = desk.on("case", args).refused(1, "case/newer-format");
        says(&told, &["format 2", "up to 1"]);
    }
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        newer,
        "it is left as it is"
    );
    let verified = desk.on("case", &["verify"]);
    assert_eq!(verified.code, Some(1), "{verified}");
    assert!(!verified.stderr.contains("panicked"), "{verified}");
    let told = desk.on("other", &["init", "--from", "case/case.toml"]);
    says(&told.refused(1, "case/newer-format"), &["format 2"]);
    assert!(!desk.at("other").exists());
    fs::write(&path, text).unwrap();
    desk.assert_sound("case");
}

#[test]
fn settings_that_make_no_sense() {
    let desk = tiny(37);
    let path = desk.at("case/case.toml");
    let text = fs::read_to_string(&path).unwrap();
    for (from, to, word) in [
        ("over_s = 60", "over_s = \"a minute\"", "over_s"),
        ("[rules.engaged]", "[rules.enraged]", "enraged"),
        ("name = ", "name ", "case.toml"),
    ] {
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let ran = desk.on("case", &["run"]);
        assert_eq!(ran.code, Some(1), "{ran}");
        says(&ran.stderr, &["error: ", word, "code: case/config"]);
    }
    fs::write(&path, text.replacen("Europe/Kyiv", "Europe/Kyiw", 1)).unwrap();
    let told = desk.on("case", &["run"]).refused(1, "config/zone");
    says(&told, &["Europe/Kyiw"]);
    fs::write(&path, text).unwrap();
    desk.on("case", &["run"]).with_rejects();
    desk.assert_sound("case");
    let told = desk
        .on("case", &["run", "--actor", " "])
        .refused(1, "actor/unusable");
    says(&told, &["--actor"]);
    desk.on("case", &["run", "--purpose", "\n"])
        .refused(1, "actor/unusable");
}

#[test]
fn lists_that_cannot_be_used() {
    let desk = tiny(38);
    for (kind, content, word) in [
        (
            "rates",
            "date,currency,value_currency,rate\n2022-01-01,BTC,GBP,many\n",
            "line 2",
        ),
        ("rates", "day,price\n2022-01-01,1\n", "date"),
        (
            "rates",
            "date,currency,value_currency,rate\n2022-01-01,BTC,GBP,20000\n2022-01-01,BTC,GBP,20001\n",
            "2022-01-01 has two rates",
        ),
        (
            "organisations",
            "number,prefix,organisation,kind,valid_from,valid_to,inbound_only\n+442079460000,,A Bank,bank,soon,,true\n",
            "line 2",
        ),
        ("suppressions", "%PDF-1.7\n\u{1}\u{2}\n", "list.csv"),
    ] {
        desk.write("list.csv", content);
        let ran = desk.on("case", &["reference", "add", kind, "list.csv"]);
        assert_eq!(ran.code, Some(1), "{ran}");
        says(&ran.stderr, &["error: ", "list.csv", word, "code: "]);
        assert!(!ran.stderr.contains("unspoof/other"), "{ran}");
    }
    assert!(!desk.at("case/reference/list.csv").exists());
    desk.assert_sound("case");
}

#[test]
fn standard_error_that_nobody_can_write_to() {
    let desk = Desk::new();
    desk.lab("tiny", 39);
    desk.sealed("case");
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let ran = finish(desk.command(&["run", "--case", "case"]).stderr(full));
    assert_eq!(ran.code, Some(3), "{ran}");
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let shown = desk
        .command(&["brief", "--case", "case"])
        .stdout(full)
        .stderr(Stdio::piped())
        .status();
    assert!(
        shown.unwrap().code().is_some_and(|code| code != 101),
        "no panic"
    );
}
