//! Files of judgements that were made elsewhere.

use camino::Utf8PathBuf;
use unspoof_model::Coded as _;
use unspoof_store::{InvalidJudgement, Judgement, StoreError, read_lines};

use crate::made_up::{identified, judged, undoing};

fn read(content: &str) -> Result<Vec<(u64, Judgement)>, StoreError> {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(folder.path().join("judgements")).unwrap();
    std::fs::write(&path, content).unwrap();
    read_lines(&path)
}

const LINE: &str = r#"{"kind":"identified","accounts":[{"source":"service","account_id":"8"},{"source":"service","account_id":"7"}],"label":"Person 1","actor":"an officer","reason":"seen in exhibit 3","recorded_utc":"1970-01-01T01:00:01+01:00"}"#;

#[test]
fn one_judgement_has_one_id_however_it_is_written() {
    let wanted = judged(identified(&["7", "8"]), 1);
    assert_eq!(
        wanted.content(),
        r#"{"accounts":[{"account_id":"7","source":"service"},{"account_id":"8","source":"service"}],"actor":"an officer","kind":"identified","label":"Person 1","reason":"seen in exhibit 3","recorded_utc":"1970-01-01T00:00:01.000000Z","v":1}"#
    );
    // Worked out with sha256sum.
    assert_eq!(wanted.id().to_string(), ID);
    let csv = "\u{feff}recorded_utc,kind,accounts,label,reason,actor,undoes\n\
               1970-01-01T00:00:01Z,identified,service:8; service:7,Person 1,seen in exhibit 3,an officer,\n";
    let with_id = wanted
        .content()
        .replacen('{', &format!("{{\"id\":\"{ID}\","), 1);
    for content in [LINE, wanted.content(), csv, &with_id] {
        let read = read(content).unwrap();
        let [(line, judgement)] = read.as_slice() else {
            panic!("{content}");
        };
        assert_eq!(judgement, &wanted, "{content}");
        assert_eq!(*line, if content == csv { 2 } else { 1 });
    }
}

const ID: &str = "faba86cef9a96785c2633571dce4df0f73969d41e37657d2ef375f036ea9a44a";

#[test]
fn every_bad_line_is_told_and_nothing_is_taken() {
    let undo = undoing(judged(identified(&["7"]), 1).id(), 2);
    let bad = [
        "{".to_owned(),
        "{\"kind\":\"identified\"}".to_owned(),
        LINE.replace("identified", "guilty"),
        LINE.replace("\"an officer\"", "\" \""),
        LINE.replace("seen in exhibit 3", "seen\\nin"),
        LINE.replace("+01:00", ""),
        LINE.replace("01:00:01", "01:00:01.0000001"),
        LINE.replace("Person 1", ""),
        LINE.replace("\"label\":\"Person 1\",", ""),
        LINE.replace("identified", "same-person"),
        LINE.replace("\"label\"", "\"colour\""),
        LINE.replacen('{', "{\"v\":2,", 1),
        LINE.replacen('{', "{\"numbers\":[\"+447700900123\"],", 1),
        LINE.replacen('{', "{\"numbers\":[\"07700900123\"],", 1),
        undo.content().replace("\"undo\"", "\"suppressed\""),
        undo.content()
            .replacen('{', &format!("{{\"id\":\"{ID}\","), 1),
    ];
    let mut content = String::new();
    for line in &bad {
        content.push_str(LINE);
        content.push_str("\n\n");
        content.push_str(line);
        content.push('\n');
    }
    let refused = read(&content).unwrap_err();
    assert_eq!(refused.code(), "judge/lines");
    let told = refused.to_string();
    assert!(
        !told.contains("guilty") && !told.contains("07700"),
        "{told}"
    );
    let StoreError::Lines { bad: found, .. } = refused else {
        panic!("lines");
    };
    let lines: Vec<u64> = found.iter().map(|bad| bad.line).collect();
    let wanted: Vec<u64> = (0..bad.len() as u64).map(|n| 3 + 3 * n).collect();
    assert_eq!(lines, wanted, "{found:#?}");
    assert_eq!(
        found[11].why,
        InvalidJudgement::Newer { found: 2, known: 1 }
    );
    assert_eq!(found[15].why, InvalidJudgement::OtherId);
}

#[test]
fn tables_tell_their_lines() {
    let table = "kind,numbers,report,actor,reason,recorded_utc\n\
                 suppressed,+447700900123;+447700900124,,a,b,2022-11-24T09:30:00Z\n\
                 match,+447700900123,reports:R:1,a,\"two\nlines\",2022-11-24T09:30:00Z\n\
                 match,+447700900123,reports:R:1,a,b,2022-11-24T09:30:00Z\n\
                 match,+447700900123,R1,a,b,2022-11-24T09:30:00Z\n\
                 match,+447700900123\n";
    let StoreError::Lines { bad, .. } = read(table).unwrap_err() else {
        panic!("lines");
    };
    let lines: Vec<u64> = bad.iter().map(|bad| bad.line).collect();
    assert_eq!(lines, [3, 6, 7], "{bad:?}");
    assert!(read("kind,number\n").is_err(), "an unknown heading");
    assert!(read("a,b\n").is_err());
    assert_eq!(read("").unwrap_or_default(), []);
}
