//! Drafts of mappings: they are mappings, map what is plain, say what is not, and show nobody.

use std::fmt::Write as _;
use std::io::{self, Read};

use unspoof_ingest::presets::parse;
use unspoof_ingest::{IngestError, SuggestedTable, Suggestion, suggest};
use unspoof_model::Coded;
use unspoof_model::mapping::{Detailed, Look, Mapping, Match, TableMapping};

fn draft(text: &str) -> (Suggestion, Mapping) {
    let suggestion = suggest("seized.sql", "draft", text.as_bytes()).expect("a known format");
    let mapping = parse("draft", &suggestion.toml)
        .unwrap_or_else(|error| panic!("{error:?}\n{}", suggestion.toml));
    assert_eq!(mapping.name, "draft");
    (suggestion, mapping)
}

fn table<'a>(mapping: &'a Mapping, to: &str) -> &'a TableMapping {
    let found = mapping.tables.iter().find(|table| table.to == to);
    found.unwrap_or_else(|| panic!("no table becomes {to}: {mapping:?}"))
}

fn origin(table: &TableMapping, ours: &str) -> Detailed {
    table
        .columns
        .get(ours)
        .unwrap_or_else(|| panic!("`{ours}` is not filled: {table:?}"))
        .detailed()
}

fn from(table: &TableMapping, ours: &str) -> String {
    origin(table, ours).column.unwrap_or_default()
}

fn told<'a>(suggestion: &'a Suggestion, from: &str) -> &'a SuggestedTable {
    let found = suggestion.tables.iter().find(|table| table.from == from);
    found.expect("every table is told of")
}

/// The lines of comment right above a line that begins so.
fn above<'a>(toml: &'a str, line: &str) -> Vec<&'a str> {
    let lines: Vec<&str> = toml.lines().collect();
    let at = lines.iter().position(|found| found.starts_with(line));
    let at = at.unwrap_or_else(|| panic!("no line {line} in\n{toml}"));
    let mut above: Vec<&str> = lines[..at]
        .iter()
        .rev()
        .take_while(|line| line.starts_with('#'))
        .copied()
        .collect();
    above.reverse();
    above
}

/// Forms in which people write numbers, all from drama ranges.
fn mobile(index: usize) -> String {
    let last = 100 + index * 7 % 900;
    match index % 4 {
        0 => format!("07700 900{last}"),
        1 => format!("+447700900{last}"),
        2 => format!("00447700900{last}"),
        _ => format!("447700900{last}"),
    }
}

fn landline(index: usize) -> String {
    match index % 5 {
        0 => "020 7946 0123".to_owned(),
        1 => "+442079460123".to_owned(),
        2 => "02079460777".to_owned(),
        3 => "anonymous".to_owned(),
        _ => "+442079460999".to_owned(),
    }
}

const SECRET_HASH: &str = "$2y$10$abcdefghijklmnopqrstuv";

/// A service's dump, much like the lab's.
fn service() -> String {
    let mut sql = String::from(
        "-- MariaDB dump 10.19\nSET NAMES utf8mb4;\n\
         CREATE TABLE `settings` (`name` varchar(64) NOT NULL, `value` text, PRIMARY KEY (`name`));\n\
         INSERT INTO `settings` VALUES ('smtp_host','mail.example'),('motd','hello');\n\
         CREATE TABLE `users` (`id` int(10) NOT NULL, `parent_id` int, `kind` varchar(12), \
         `username` varchar(64), `email` varchar(128), `phone` varchar(32), `telegram` varchar(64), \
         `created_at` datetime, `plan` varchar(16), `balance` decimal(10,2), `auth` varchar(72), \
         `sip_secret` varchar(20), PRIMARY KEY (`id`));\n\
         INSERT INTO `users` VALUES ",
    );
    for id in 1..=40_usize {
        let parent = if id % 5 == 0 {
            "3".to_owned()
        } else {
            "NULL".to_owned()
        };
        let kind = ["user", "user", "sub", "reseller", "admin", "vip", "user"][id % 7];
        let _ = write!(
            sql,
            "({id},{parent},'{kind}','zelda{id}','zelda{id}@mail.example','{}','@zelda{id}',\
             '2021-03-{:02} 10:00:00','gold',{id}.50,'{SECRET_HASH}{id}','hunter{id}'),",
            mobile(id),
            id % 28 + 1
        );
    }
    sql.pop();
    sql.push_str(
        ";\nCREATE TABLE `topups` (`id` int NOT NULL, `user_id` int, `created_at` datetime, \
         `btc_amount` decimal(18,8), `txid` char(64), `address` varchar(64), `method` varchar(16), \
         PRIMARY KEY (`id`));\nINSERT INTO `topups` VALUES ",
    );
    for id in 1..=30_usize {
        let _ = write!(
            sql,
            "({id},{},'2021-05-{:02} 11:00:00',0.0{id}34,'{id:064x}','bc1qexample{id:08}','bitcoin'),",
            id % 40 + 1,
            id % 28 + 1
        );
    }
    sql.pop();
    sql.push_str(
        ";\nCREATE TABLE `logins` (`user_id` int, `at` datetime, `ip` varchar(45), \
         `user_agent` varchar(255), `device` char(12));\nINSERT INTO `logins` VALUES ",
    );
    for id in 1..=50_usize {
        let _ = write!(
            sql,
            "({},'2021-06-{:02} 12:00:00','198.51.100.{id}','Mozilla/5.0 (X11)','dev{:09}'),",
            id % 40 + 1,
            id % 28 + 1,
            id % 9
        );
    }
    sql.pop();
    sql.push_str(
        ";\nCREATE TABLE `calls` (`id` bigint NOT NULL, `call_ref` char(16), `leg` varchar(8), \
         `user_id` int, `shown` varchar(40), `dialled` varchar(40), `started_at` datetime, \
         `answered_at` timestamp NULL, `dur_s` int, `otp_captured` tinyint(1), `otp` varchar(8), \
         `status` varchar(12), `trunk` varchar(24), KEY `id` (`id`));\n",
    );
    for id in 1..=80_usize {
        let leg = ["out", "cb", "xfer"][id % 3];
        let status = ["ANSWER", "NOANSWER", "BUSY", "CONGESTION", "LIMBO"][id % 5];
        let _ = writeln!(
            sql,
            "INSERT INTO `calls` VALUES ({id},'r{}','{leg}',{},'{}','{}','2021-07-{:02} 13:{:02}:00',\
             '2021-07-01 00:00:00',{},{},'{}','{status}','trunk-{}');",
            id / 2,
            id % 40 + 1,
            landline(id),
            mobile(id),
            id % 28 + 1,
            id % 60,
            id * 13 % 400,
            id % 2,
            424_200 + id,
            id % 3
        );
    }
    sql.push_str("-- Dump completed on 2021-08-01\n");
    sql
}

#[test]
fn a_service_s_tables_become_ours() {
    let (suggestion, mapping) = draft(&service());
    assert!(matches!(mapping.matches, Match::SqlDump { .. }));
    let read: Vec<_> = mapping
        .tables
        .iter()
        .filter_map(|t| t.from.as_deref())
        .collect();
    assert_eq!(read, ["users", "topups", "logins", "calls"]);
    type Filled<'a> = &'a [(&'a str, &'a str)];
    let expected: &[(&str, &str, Filled<'_>)] = &[
        (
            "accounts",
            "users",
            &[
                ("account_id", "id"),
                ("parent_account_id", "parent_id"),
                ("role", "kind"),
                ("username", "username"),
                ("email", "email"),
                ("phone", "phone"),
                ("handles", "telegram"),
                ("created", "created_at"),
                ("plan", "plan"),
                ("balance", "balance"),
            ],
        ),
        (
            "payments",
            "topups",
            &[
                ("payment_id", "id"),
                ("account_id", "user_id"),
                ("at", "created_at"),
                ("amount", "btc_amount"),
                ("txid", "txid"),
                ("address", "address"),
                ("method", "method"),
            ],
        ),
        (
            "logins",
            "logins",
            &[
                ("account_id", "user_id"),
                ("at", "at"),
                ("ip", "ip"),
                ("user_agent", "user_agent"),
                ("device", "device"),
            ],
        ),
        (
            "calls",
            "calls",
            &[
                ("call_id", "call_ref"),
                ("leg_id", "id"),
                ("leg", "leg"),
                ("account_id", "user_id"),
                ("presented", "shown"),
                ("called", "dialled"),
                ("started", "started_at"),
                ("answered", "answered_at"),
                ("duration", "dur_s"),
                ("code_captured", "otp_captured"),
                ("disposition", "status"),
                ("trunk", "trunk"),
            ],
        ),
    ];
    for (to, source, columns) in expected {
        let table = table(&mapping, to);
        assert_eq!(table.from.as_deref(), Some(*source));
        for (ours, theirs) in *columns {
            assert_eq!(
                from(table, ours),
                *theirs,
                "{to}.{ours}\n{}",
                suggestion.toml
            );
        }
        assert_eq!(
            table.columns.len(),
            columns.len(),
            "{to}\n{}",
            suggestion.toml
        );
    }
    let identity = |to: &str| table(&mapping, to).identity.clone();
    assert_eq!(identity("accounts"), ["account_id"]);
    assert_eq!(identity("payments"), ["payment_id"]);
    assert_eq!(identity("logins"), Vec::<String>::new());
    assert_eq!(identity("calls"), ["leg_id"]);
    assert_eq!(told(&suggestion, "settings").to, None);
    assert!(
        suggestion
            .toml
            .contains("#   `settings`, 2 rows: name, value"),
        "{}",
        suggestion.toml
    );
}

#[test]
fn particulars_follow_from_content() {
    let (suggestion, mapping) = draft(&service());
    let calls = table(&mapping, "calls");
    assert_eq!(origin(calls, "started").format.as_deref(), Some("datetime"));
    assert_eq!(
        origin(calls, "answered").format.as_deref(),
        Some("timestamp")
    );
    assert_eq!(origin(calls, "duration").kind.as_deref(), Some("unknown"));
    let disposition = origin(calls, "disposition");
    assert_eq!(disposition.otherwise.as_deref(), Some("unknown"));
    let pairs: Vec<(&str, &str)> = disposition
        .values
        .iter()
        .map(|(theirs, ours)| (theirs.as_str(), ours.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("ANSWER", "answered"),
            ("BUSY", "busy"),
            ("CONGESTION", "failed"),
            ("LIMBO", "unknown"),
            ("NOANSWER", "no-answer"),
        ]
    );
    let above = above(&suggestion.toml, "disposition =");
    assert!(
        above[0].contains("`status`: named so; 5 different words; 80 % of 80 values"),
        "{above:?}"
    );
    assert!(
        above[1].starts_with("# check: what do `LIMBO` mean?"),
        "{above:?}"
    );
    let payments = table(&mapping, "payments");
    assert_eq!(origin(payments, "amount").currency.as_deref(), Some("BTC"));
    assert!(
        suggestion
            .toml
            .contains("# check: in which zone did the clock run that wrote")
    );
    assert_eq!(mapping.zone, None, "a zone is for people to say");
    assert_eq!(mapping.numbers.default_region, None);
    assert!(suggestion.toml.contains("\n# default_region = \"GB\"\n"));
    assert_eq!(mapping.numbers.international_prefixes, ["00"]);
    assert!(mapping.numbers.bare_is_international);
}

#[test]
fn credentials_are_withheld_and_nobody_is_shown() {
    let (suggestion, mapping) = draft(&service());
    // One by its name, the other by the form of its values.
    assert_eq!(table(&mapping, "accounts").withheld, ["auth", "sip_secret"]);
    assert_eq!(table(&mapping, "calls").withheld, ["otp"]);
    let all = format!("{}{:?}", suggestion.toml, suggestion.tables);
    for value in [
        "hunter",
        "zelda",
        "$2y$",
        "4242",
        "77009",
        "7946",
        "198.51",
        "bc1q",
        "mail.example",
        "dev0",
        "trunk-1",
        "smtp",
        "2021-0",
        "Mozilla",
        "gold",
    ] {
        assert!(!all.contains(value), "`{value}` is shown:\n{all}");
    }
}

/// `call_id,account_id,ts,spoofed_cli,dest,duration_s,cost`, as a benchmark's made-up case has it.
fn calls_csv(header: bool) -> String {
    let mut text = String::new();
    if header {
        text.push_str("call_id,account_id,ts,spoofed_cli,dest,duration_s,cost\n");
    }
    for id in 0..120_usize {
        let seconds = if id % 3 == 0 { 0 } else { id * 37 % 500 };
        let _ = writeln!(
            text,
            "{id},{},{},{},{},{seconds},{}.{:04}",
            id % 17,
            1_609_459_200 + id * 977,
            landline(id * 5),
            mobile(id),
            seconds / 250,
            seconds * 40 % 10_000
        );
    }
    text
}

#[test]
fn a_csv_of_calls_is_mapped_by_names_and_content() {
    let (suggestion, mapping) = draft(&calls_csv(true));
    let Match::Csv { header, .. } = &mapping.matches else {
        panic!("{:?}", mapping.matches)
    };
    assert_eq!(
        header.join(","),
        "call_id,account_id,ts,spoofed_cli,dest,duration_s,cost"
    );
    let calls = table(&mapping, "calls");
    assert_eq!(calls.from, None);
    assert_eq!(calls.identity, ["call_id"]);
    for (ours, theirs) in [
        ("call_id", "call_id"),
        ("account_id", "account_id"),
        ("started", "ts"),
        ("presented", "spoofed_cli"),
        ("called", "dest"),
        ("duration", "duration_s"),
    ] {
        assert_eq!(from(calls, ours), theirs, "{ours}\n{}", suggestion.toml);
    }
    assert_eq!(calls.columns.len(), 6, "{}", suggestion.toml);
    assert_eq!(origin(calls, "started").format.as_deref(), Some("epoch_s"));
    assert!(
        !suggestion.toml.contains("zone ="),
        "seconds since 1970 need no zone"
    );
    assert!(
        suggestion
            .toml
            .contains("#   `cost` (decimal numbers: 100 % of 120 values)")
    );
    let above = above(&suggestion.toml, "called =");
    assert_eq!(
        above,
        ["# `dest`: named so; 100 % of 120 values are written like telephone numbers"]
    );
}

#[test]
fn without_a_header_content_decides_and_says_so() {
    let (suggestion, mapping) = draft(&calls_csv(false));
    let Match::Csv {
        header,
        columns,
        looks,
    } = &mapping.matches
    else {
        panic!("{:?}", mapping.matches)
    };
    assert!(header.is_empty());
    assert_eq!(*columns, Some((7, 7)));
    assert_eq!(looks.get("#6"), Some(&Look::Integer));
    let calls = table(&mapping, "calls");
    assert_eq!(from(calls, "started"), "#3");
    assert_eq!(from(calls, "presented"), "#4", "shown numbers repeat more");
    assert_eq!(from(calls, "called"), "#5");
    assert_eq!(from(calls, "duration"), "#6");
    for line in ["started =", "presented =", "called =", "duration ="] {
        let above = above(&suggestion.toml, line);
        assert!(
            above.iter().any(|line| line.starts_with("# check: ")),
            "{line} {above:?}"
        );
    }
}

/// A first row that is taken for a header would put a person's values where names stand.
#[test]
fn a_row_of_a_person_is_no_header() {
    let mut text = String::from("zelda,zelda@mail.example,anonymous,x\n");
    for id in 1..30 {
        let _ = writeln!(text, "{id},{},{id},{id}", 1_609_459_200 + id);
    }
    let (suggestion, _) = draft(&text);
    assert!(!suggestion.toml.contains("zelda"), "{}", suggestion.toml);
}

#[test]
fn day_and_month_that_may_have_changed_places_are_marked() {
    let mut text = String::from(
        "Report reference;Date reported;Phone number called;Amount lost;What happened\n",
    );
    for id in 1..=20_usize {
        let _ = writeln!(
            text,
            "R{id};0{}/0{}/2022;{};£{id}00.00;They said that my money was not safe any more and must be moved at once",
            id % 9 + 1,
            id % 4 + 1,
            mobile(id)
        );
    }
    let (suggestion, mapping) = draft(&text);
    let reports = table(&mapping, "reports");
    assert_eq!(from(reports, "report_id"), "Report reference");
    assert_eq!(from(reports, "called"), "Phone number called");
    assert_eq!(from(reports, "narrative"), "What happened");
    assert_eq!(origin(reports, "loss").currency.as_deref(), Some("GBP"));
    assert_eq!(
        origin(reports, "reported").format.as_deref(),
        Some("%d/%m/%Y")
    );
    let above = above(&suggestion.toml, "reported =");
    assert!(
        above.contains(&"# check: day or month first? `%m/%d/%Y` reads as many"),
        "{above:?}"
    );
}

#[test]
fn a_file_like_none_of_ours_still_gives_a_mapping_file() {
    let mut text = String::from("sku,colour,weight\n");
    for id in 0..30 {
        let _ = writeln!(text, "A{id},red,{id}");
    }
    let (suggestion, mapping) = draft(&text);
    assert!(mapping.tables.is_empty());
    assert_eq!(suggestion.tables[0].to, None);
    assert!(
        suggestion
            .toml
            .contains("# check: nothing in it is like accounts")
    );
}

/// Names from the file must not break out of comments or strings.
#[test]
fn names_with_line_ends_and_quotes_stay_where_they_are() {
    let mut sql = String::from(
        "-- MySQL dump 10.13\nCREATE TABLE `calls\n[evil]` (`id` int, `de\"st\n[x]` varchar(20), \
         `dialled` varchar(20), `started_at` datetime, `we\\ird\nname` int);\nINSERT INTO `calls\n[evil]` VALUES ",
    );
    for id in 1..=20_usize {
        let _ = write!(
            sql,
            "({id},'x','{}','2021-07-01 10:00:{id:02}',{id}),",
            mobile(id)
        );
    }
    sql.pop();
    sql.push_str(";\n");
    let (suggestion, mapping) = draft(&sql);
    assert_eq!(
        mapping.tables[0].from.as_deref(),
        Some("calls\n[evil]"),
        "{}",
        suggestion.toml
    );
    assert_eq!(from(&mapping.tables[0], "called"), "dialled");
}

#[test]
fn what_is_no_table_is_refused() {
    let error =
        suggest("photo", "draft", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..]).expect_err("a picture");
    assert_eq!(error.code(), "ingest/format");
    assert!(error.to_string().contains("exhibit `photo`"), "{error}");
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("gone"))
        }
    }
    let error = suggest("gone.sql", "draft", Broken).expect_err("nothing was read");
    assert!(matches!(error, IngestError::Open { .. }), "{error:?}");
    let utf16 = suggest("wide.csv", "draft", &b"\xff\xfea\0,\0b\0\n\0"[..]);
    assert!(utf16.is_err(), "{utf16:?}");
    // What breaks off later still gives a draft, which says so.
    let text = service();
    let suggestion =
        suggest("cut.sql", "draft", text.as_bytes().chain(Broken)).expect("most of it was read");
    assert!(
        suggestion
            .stream_error
            .is_some_and(|text| text.ends_with(": gone"))
    );
    assert!(
        suggestion
            .toml
            .contains("# check: the exhibit could not be read to its end")
    );
    assert!(parse("draft", &suggestion.toml).is_ok());
}

/// A dump is read to its end for its later tables, but of each only the first rows are counted.
#[test]
fn large_tables_are_looked_at_in_part() {
    let mut text = calls_csv(true);
    let row = "9,9,1609459999,+442079460999,+447700900999,9,9.0000\n";
    text.push_str(&row.repeat(100_000));
    let (suggestion, _) = draft(&text);
    assert_eq!(suggestion.tables[0].rows, 2_000);
}

#[test]
fn the_same_file_gives_the_same_draft() {
    assert_eq!(draft(&service()).0, draft(&service()).0);
}
