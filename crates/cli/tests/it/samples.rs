//! Records of switches as their documentation says they are, and a list as it was published.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Desk, shared_data};

fn rows(desk: &Desk, query: &str) -> Vec<Value> {
    let found = desk.on("case", &["sql", query, "--format", "json"]).whole();
    found.json().as_array().unwrap().clone()
}

fn case_with(desk: &Desk, zone: &str, file: &str) {
    desk.on("case", &["init"]).whole();
    desk.on("case", &["seal", "--zone", zone, file]).whole();
}

/// A row by Asterisk's `cdr/cdr_csv.c`: text in quotes with quotes doubled, the two durations bare;
/// sixteen columns always, five more by configuration.
fn asterisk(columns: usize, number: u32, disposition: &str, answer: &str) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let cells = [
        quoted("1042"),
        quoted("+442079460010"),
        quoted(&format!("0044770090{number:04}")),
        quoted("outbound"),
        quoted("\"A Bank, fraud\" <+442079460010>"),
        quoted("SIP/panel-00000001"),
        quoted("SIP/gw1-00000002"),
        quoted("Dial"),
        quoted("SIP/gw1/0044,60"),
        quoted("2022-07-01 12:00:00"),
        quoted(answer),
        quoted("2022-07-01 12:03:20"),
        "200".to_owned(),
        if answer.is_empty() { "0" } else { "190" }.to_owned(),
        quoted(disposition),
        quoted("DOCUMENTATION"),
        quoted(&format!("1656676800.{number}")),
        quoted("free \"text\", with a comma"),
        quoted("peer"),
        quoted("1656676800.1"),
        "7".to_owned(),
    ];
    cells[..columns].join(",") + "\n"
}

#[test]
fn master_csv_of_every_configuration() {
    // Sixteen columns; then `loguniqueid`, `loguserfield` and the columns of newer versions.
    for columns in 16..=21 {
        let desk = Desk::new();
        let mut text = String::new();
        for (number, (disposition, answer)) in [
            ("ANSWERED", "2022-07-01 12:00:10"),
            ("NO ANSWER", ""),
            ("BUSY", ""),
            ("FAILED", ""),
            ("CONGESTION", ""),
        ]
        .iter()
        .enumerate()
        {
            text.push_str(&asterisk(columns, number as u32 + 1, disposition, answer));
        }
        desk.write("Master.csv", text);
        case_with(&desk, "Europe/London", "Master.csv");
        let ran = desk.on("case", &["run"]);
        assert_eq!(ran.code, Some(0), "{columns} columns: {ran}");
        let found = rows(
            &desk,
            "select account_id, presented_e164, called_e164, called_region, duration_s, \
             duration_kind, disposition, call_id, trunk, leg, source, \
             cast(started_utc as varchar) as started, cast(answered_utc as varchar) as answered \
             from calls order by row_no",
        );
        let words: Vec<_> = found.iter().map(|row| row["disposition"].clone()).collect();
        assert_eq!(
            words,
            ["answered", "no-answer", "busy", "failed", "failed"],
            "{columns}"
        );
        let first = &found[0];
        assert_eq!(first["account_id"], "1042");
        assert_eq!(first["presented_e164"], 442_079_460_010_i64);
        assert_eq!(first["called_e164"], 447_700_900_001_i64);
        assert_eq!(first["called_region"], "GB");
        assert_eq!(
            first["duration_s"], 190,
            "billed from the answer on: {columns}"
        );
        assert_eq!(first["duration_kind"], "talk");
        assert_eq!(first["trunk"], "SIP/gw1-00000002");
        assert_eq!(first["leg"], "target");
        // In July London is an hour ahead.
        assert!(
            first["started"]
                .as_str()
                .unwrap()
                .starts_with("2022-07-01T11:00:00"),
            "{first}"
        );
        assert!(
            first["answered"]
                .as_str()
                .unwrap()
                .starts_with("2022-07-01T11:00:10"),
            "{first}"
        );
        assert!(
            found[1].get("answered").is_none_or(Value::is_null),
            "{}",
            found[1]
        );
        let id = (columns > 16).then(|| "1656676800.1".to_owned());
        assert_eq!(
            first["call_id"].as_str().map(str::to_owned),
            id,
            "{columns} columns"
        );
    }
}

#[test]
fn master_csv_of_more_columns_than_there_are_is_not_guessed_at() {
    let desk = Desk::new();
    let line = asterisk(21, 1, "ANSWERED", "2022-07-01 12:00:10");
    desk.write(
        "Master.csv",
        format!("{},\"one\",\"more\"\n", line.trim_end()),
    );
    case_with(&desk, "UTC", "Master.csv");
    let told = desk
        .on("case", &["run"])
        .refused(1, "ingest/unknown-layout");
    assert!(told.contains("23 columns"), "{told}");
}

/// The templates of FreeSWITCH's own `cdr_csv.conf.xml`, by name.
fn templates() -> Option<BTreeMap<String, String>> {
    let path = shared_data("cdr/freeswitch_cdr_csv.conf.xml")?;
    let text = std::fs::read_to_string(path).unwrap();
    let mut found = BTreeMap::new();
    for piece in text.split("<template name=\"").skip(1) {
        let (name, rest) = piece.split_once("\">").unwrap();
        let (template, _) = rest.split_once("</template>").unwrap();
        found.insert(name.to_owned(), template.to_owned());
    }
    Some(found)
}

/// Puts variables into a template, as `mod_cdr_csv` does for each call.
fn filled(template: &str, values: &BTreeMap<&str, &str>) -> String {
    let mut line = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').unwrap();
        line.push_str(before);
        line.push_str(values.get(name).copied().unwrap_or_default());
        rest = after;
    }
    line + rest + "\n"
}

fn freeswitch(template: &str) -> String {
    let call = |number: &'static str, answered: &'static str, cause: &'static str| {
        let billed = if answered.is_empty() { "0" } else { "95" };
        let values = BTreeMap::from([
            ("caller_id_name", "A Bank"),
            ("caller_id_number", "442079460010"),
            ("destination_number", number),
            ("context", "default"),
            ("start_stamp", "2022-01-15 10:00:00"),
            ("answer_stamp", answered),
            ("end_stamp", "2022-01-15 10:01:45"),
            ("duration", "105"),
            ("billsec", billed),
            ("hangup_cause", cause),
            ("uuid", "0a1b2c3d-0000-4000-8000-000000000001"),
            ("bleg_uuid", "0a1b2c3d-0000-4000-8000-000000000002"),
            ("accountcode", "1042"),
            ("caller", "442079460010"),
            ("src", "442079460010"),
            ("dst", number),
            ("read_codec", "PCMA"),
            ("write_codec", "PCMA"),
        ]);
        filled(template, &values)
    };
    call("447700900001", "2022-01-15 10:00:10", "NORMAL_CLEARING")
        + &call("12025550143", "", "USER_BUSY")
        + &call("447700900002", "", "NO_ANSWER")
}

#[test]
fn freeswitch_csv_by_its_own_example() {
    let Some(templates) = templates() else { return };
    let desk = Desk::new();
    desk.write("cdr.csv", freeswitch(&templates["example"]));
    case_with(&desk, "America/New_York", "cdr.csv");
    let ran = desk.on("case", &["run"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let found = rows(
        &desk,
        "select account_id, presented_e164, called_e164, called_region, duration_s, \
         disposition, call_id, cast(started_utc as varchar) as started, \
         answered_utc is not null as was_answered from calls order by row_no",
    );
    assert_eq!(found.len(), 3);
    assert_eq!(found[0]["account_id"], "1042");
    assert_eq!(found[0]["presented_e164"], 442_079_460_010_i64);
    let called: Vec<_> = found
        .iter()
        .map(|row| row["called_e164"].as_i64().unwrap())
        .collect();
    assert_eq!(called, [447_700_900_001, 12_025_550_143, 447_700_900_002]);
    assert_eq!(found[1]["called_region"], "US");
    assert_eq!(found[0]["duration_s"], 95);
    assert_eq!(found[0]["call_id"], "0a1b2c3d-0000-4000-8000-000000000001");
    let answered: Vec<_> = found
        .iter()
        .map(|row| row["was_answered"].clone())
        .collect();
    assert_eq!(answered, [true, false, false]);
    assert_eq!(found[1]["disposition"], "busy");
    assert_eq!(found[2]["disposition"], "no-answer");
    // In January New York is five hours behind.
    assert!(
        found[0]["started"]
            .as_str()
            .unwrap()
            .starts_with("2022-01-15T15:00:00")
    );
}

#[test]
fn freeswitch_csv_by_its_asterisk_template() {
    let Some(templates) = templates() else { return };
    let desk = Desk::new();
    desk.write("Master.csv", freeswitch(&templates["asterisk"]));
    case_with(&desk, "UTC", "Master.csv");
    let ran = desk.on("case", &["run"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let query = "select account_id, called_e164, duration_s, source from calls order by row_no";
    let found = rows(&desk, query);
    let called: Vec<_> = found
        .iter()
        .map(|row| row["called_e164"].as_i64().unwrap())
        .collect();
    assert_eq!(called, [447_700_900_001, 12_025_550_143, 447_700_900_002]);
    assert_eq!(found[0]["account_id"], "1042");
    assert_eq!(found[0]["duration_s"], 95);
}

const SQL_MAPPING: &str = r##"
name = "freeswitch-sql"
describes = "FreeSWITCH's template `sql`: statements without a table's definition"

[match]
format = "sql-dump"

[numbers]
bare_is_international = true

[[table]]
from = "cdr"
to = "calls"

[table.columns]
presented = "#2"
called = "#3"
started = { column = "#5", format = "datetime" }
answered = { column = "#6", format = "datetime" }
duration = { column = "#9", kind = "talk" }
call_id = "#11"
account_id = "#13"
"##;

#[test]
fn freeswitch_statements_by_its_sql_template() {
    let Some(templates) = templates() else { return };
    let desk = Desk::new();
    desk.write("cdr.sql", freeswitch(&templates["sql"]));
    desk.write("freeswitch-sql.toml", SQL_MAPPING);
    desk.on("case", &["init"]).whole();
    let args = [
        "seal",
        "--zone",
        "UTC",
        "--mapping",
        "freeswitch-sql.toml",
        "cdr.sql",
    ];
    desk.on("case", &args).whole();
    let ran = desk.on("case", &["run"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let query = "select account_id, called_e164, duration_s, call_id from calls order by row_no";
    let found = rows(&desk, query);
    let called: Vec<_> = found
        .iter()
        .map(|row| row["called_e164"].as_i64().unwrap())
        .collect();
    assert_eq!(called, [447_700_900_001, 12_025_550_143, 447_700_900_002]);
    assert_eq!(found[0]["account_id"], "1042");
    assert_eq!(found[0]["call_id"], "0a1b2c3d-0000-4000-8000-000000000001");
}

/// Records of comma-separated text in Latin-1, by RFC 4180, read apart from the product.
fn records(bytes: &[u8]) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut chars) = (false, bytes.iter().map(|b| char::from(*b)).peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            '\r' if !quoted => {}
            other => cell.push(other),
        }
    }
    records
}

#[test]
fn the_revenues_list_of_its_numbers() {
    let Some(list) = shared_data("organisations/hmrc_contact_records_2013.csv") else {
        return;
    };
    // 102 contacts with 113 telephone and textphone numbers, as the data's description counts them.
    let mut contacts = records(&std::fs::read(&list).unwrap());
    let names = contacts.remove(0);
    assert_eq!(contacts.len(), 102);
    let is_number =
        |name: &String| matches!(name.as_str(), "telephone" | "telephone2" | "textphone");
    let cells = contacts
        .iter()
        .flat_map(|contact| contact.iter().zip(&names));
    let written: Vec<&String> = cells
        .filter(|(cell, name)| is_number(name) && !cell.trim().is_empty())
        .map(|(cell, _)| cell)
        .collect();
    assert_eq!(written.len(), 113);

    let desk = Desk::new();
    desk.on("case", &["init"]).whole();
    let organisation = "HM Revenue and Customs";
    let mut add = vec!["reference", "add", "organisations", list.as_str()];
    add.extend([
        "--organisation",
        organisation,
        "--dated",
        "2013-07-12",
        "--json",
    ]);
    let added = desk.on("case", &add).whole().json();
    // 113 numbers as written; two of them stand there in a second form as well.
    assert_eq!(added[0]["entries"], 111, "{added}");
    let shown = asterisk(18, 1, "ANSWERED", "2022-07-01 12:00:10");
    let shown = shown.replace("+442079460010", &written[0].replacen('0', "+44", 1));
    desk.write("Master.csv", shown);
    desk.on("case", &["seal", "--zone", "UTC", "Master.csv"])
        .whole();
    desk.on("case", &["run"]).whole();
    let explain = ["explain", "calls_as:HM Revenue and Customs"];
    let explained = desk.on("case", &explain).whole().text();
    assert!(explained.contains(" = 1 calls"), "{explained}");

    let found = rows(&desk, "select distinct digits from organisations");
    let found: Vec<i64> = found
        .iter()
        .map(|row| row["digits"].as_i64().unwrap())
        .collect();
    let mut odd = Vec::new();
    for cell in written {
        let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
        match digits
            .strip_prefix('0')
            .filter(|rest| matches!(rest.len(), 9 | 10))
        {
            Some(rest) => {
                let number: i64 = format!("44{rest}").parse().unwrap();
                assert!(found.contains(&number), "`{cell}` is found");
            }
            None => odd.push(cell),
        }
    }
    // Such as several numbers that share their first digits.
    assert!(odd.len() <= 5, "{odd:?}");
    desk.assert_sound("case");
}

#[test]
fn a_list_without_a_name_needs_one() {
    let desk = Desk::new();
    desk.on("case", &["init"]).whole();
    desk.write("list.csv", "number\n+442079460010\n");
    let refused = desk.on("case", &["reference", "add", "organisations", "list.csv"]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("list.csv"), "{refused}");
    let args = [
        "reference",
        "add",
        "organisations",
        "list.csv",
        "--organisation",
        "A Bank",
    ];
    desk.on("case", &args).whole();
    desk.write(
        "Master.csv",
        asterisk(18, 1, "ANSWERED", "2022-07-01 12:00:10"),
    );
    desk.on("case", &["seal", "--zone", "UTC", "Master.csv"])
        .whole();
    let ran = desk.on("case", &["run"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let shown = desk
        .on("case", &["explain", "calls_as:A Bank"])
        .whole()
        .text();
    assert!(shown.starts_with("calls_as:A Bank = 1 calls"), "{shown}");
}
