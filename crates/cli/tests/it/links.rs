//! Accounts to persons and reports to calls, on a case whose every row is written here.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{Desk, by_id, says};

const CASE: &str = r#"format = 1
name = "links"
home_regions = ["GB"]

[[sources]]
name = "service"
mapping = "lab-service"
zone = "UTC"

[[sources]]
name = "centre"
mapping = "centre"
zone = "Europe/London"

[funnel]
rule = "reported"
steps = ["calls", "home", "engaged", "numbers", "not_reported"]
"#;

const CENTRE: &str = r#"name = "centre"
zone = "Europe/London"

[match]
format = "csv"
header = ["Ref", "Made", "Day", "Number", "Lost", "Refunded", "Recovered"]

[numbers]
default_region = "GB"

[[table]]
to = "reports"

[table.columns]
report_id = "Ref"
reported = { column = "Made", format = "%d/%m/%Y" }
incident = { column = "Day", format = "%d/%m/%Y" }
called = "Number"
loss = { column = "Lost", currency = "GBP" }
refunded = { column = "Refunded", currency = "GBP" }
recovered = { column = "Recovered", currency = "GBP" }
"#;

/// Two reports of one loss of 101's; one of 102's, who was called again afterwards; one with a slip
/// of the finger; one without a number.
const REPORTS: &str = "Ref,Made,Day,Number,Lost,Refunded,Recovered
R1,12/05/2022,10/05/2022,07700 900101,£1000.00,£250.00,
R2,14/05/2022,10/05/2022,+447700900101,£1000.00,,£40.00
R3,12/05/2022,11/05/2022,07700 900102,£300.50,,
R4,13/05/2022,11/05/2022,,£9.00,,
";

/// The service's dump: accounts 1 and 2 share a device and a telephone, account 3 an address with
/// 1, staff the device as well. Calls as said, among 600 to others.
fn dump() -> String {
    let mut out = String::from(
        "-- MySQL dump 10.13\n\
         CREATE TABLE `users` (`id` int, `parent_id` int, `kind` varchar(12), `username` varchar(64), \
         `email` varchar(128), `phone` varchar(32), `telegram` varchar(64), `created_at` datetime, \
         `plan` varchar(16), `balance` decimal(10,2), `password_hash` varchar(72));\n\
         INSERT INTO `users` VALUES \
         (1,NULL,'user','ann','a@one.example','07700900901','@ann','2022-01-01 10:00:00','a',0,'x'),\
         (2,NULL,'user','bee','b@two.example','07700900901','@bee','2022-02-01 10:00:00','a',0,'x'),\
         (3,1,'sub','cat','c@three.example','07700900903','@cat','2022-03-01 10:00:00','a',0,'x'),\
         (4,NULL,'admin','dan','d@four.example','07700900904','@dan','2022-01-01 10:00:00','a',0,'x');\n\
         CREATE TABLE `logins` (`user_id` int, `at` datetime, `ip` varchar(45), \
         `user_agent` varchar(255), `device` char(12));\n\
         INSERT INTO `logins` VALUES \
         (1,'2022-04-01 10:00:00','192.0.2.1','Panel','d-one'),\
         (2,'2022-04-01 10:20:00','192.0.2.2','Panel','d-one'),\
         (3,'2022-04-05 10:00:00','192.0.2.1','Panel','d-three'),\
         (4,'2022-04-01 10:00:00','192.0.2.4','Panel','d-one');\n\
         CREATE TABLE `calls` (`id` bigint, `call_ref` char(16), `leg` varchar(8), `user_id` int, \
         `shown` varchar(40), `dialled` varchar(40), `started_at` datetime, \
         `answered_at` timestamp NULL, `dur_s` int, `machine_s` int, `dur_kind` varchar(8), \
         `mode` varchar(8), `otp_captured` tinyint, `status` varchar(12), `trunk` varchar(24));\n\
         INSERT INTO `calls` VALUES ",
    );
    let mut calls = vec![
        (2, 101, "2022-05-10 14:00:00", 300),
        (3, 102, "2022-05-11 09:00:00", 400),
        (3, 102, "2022-05-20 09:00:00", 90),
    ];
    let days: Vec<String> = (0..600)
        .map(|n| {
            format!(
                "2022-0{}-{:02} 11:{:02}:00",
                3 + n / 150,
                1 + n % 28,
                n % 60
            )
        })
        .collect();
    calls.extend(
        (0..600).map(|n: i32| (1 + n % 3, 200 + n, days[n as usize].as_str(), 10 + n % 90)),
    );
    for (id, (account, number, at, talk_s)) in calls.iter().enumerate() {
        let end = if id + 1 == calls.len() { ";\n" } else { "," };
        write!(
            out,
            "({id},'c{id}','out',{account},'+442079460124','+447700900{number}','{at}','{at}',\
             {talk_s},NULL,'talk','live',NULL,'ANSWER','gw'){end}"
        )
        .unwrap();
    }
    out
}

fn case() -> Desk {
    let desk = Desk::new();
    desk.write("from.toml", CASE);
    desk.write("panel.sql", dump());
    desk.write("reports.csv", REPORTS);
    desk.on("case", &["init", "--from", "from.toml"]).whole();
    desk.write("case/mappings/centre.toml", CENTRE);
    desk.on("case", &["seal", "panel.sql", "reports.csv"])
        .whole();
    let ran = desk.on("case", &["run"]);
    assert_eq!(ran.code, Some(0), "{ran}");
    desk
}

fn rows(desk: &Desk, query: &str) -> Vec<Value> {
    let ran = desk.on("case", &["sql", query, "--format", "json"]).whole();
    ran.json().as_array().unwrap().clone()
}

#[test]
fn what_accounts_share_makes_them_one_person_s() {
    let desk = case();
    let found = rows(
        &desk,
        "select account_id, person_id, role from person_accounts order by account_no",
    );
    let person = |at: usize| found[at]["person_id"].as_str().unwrap();
    assert_eq!(found.len(), 4);
    assert_eq!(person(0), person(1), "a device and a telephone");
    assert_ne!(person(0), person(2), "an address and who made whom");
    assert_ne!(person(0), person(3), "staff is kept apart");

    // An account leads to its person, and says why.
    let why = desk
        .on("case", &["explain", "service/2", "--json"])
        .whole()
        .json();
    let why = &why["person"];
    assert_eq!(why["person_id"], person(0));
    assert_eq!(why["accounts"].as_array().unwrap().len(), 2);
    let shared: Vec<_> = why["shared"].as_array().unwrap().iter().collect();
    let values: Vec<_> = shared
        .iter()
        .map(|one| one["value"].as_str().unwrap())
        .collect();
    assert!(
        values.contains(&"d-one") && values.contains(&"447700900901"),
        "{values:?}"
    );
    assert!(!values.contains(&"192.0.2.1"), "{values:?}");
    assert!(
        shared.iter().all(|one| one["bits"].as_f64().unwrap() > 5.0),
        "{shared:?}"
    );
    let links = why["links"].as_array().unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!(
        (&links[0]["outcome"], &links[0]["merge_no"]),
        (&"same".into(), &1.into())
    );
    let told = desk.on("case", &["explain", person(0)]).whole().text();
    says(
        &told,
        &[
            "2 accounts",
            "service/1",
            "service/2",
            "device d-one",
            "nobody is identified",
        ],
    );
    let log = desk.on("case", &["audit", "log"]).whole().text();
    says(&log, &["explain", "person=\"hmac-sha256:"]);
    assert!(
        !log.contains(person(0)) && !log.contains("service/2"),
        "{log}"
    );
    desk.on("case", &["explain", "service/77"])
        .refused(1, "explain/unknown");
    desk.assert_sound("case");
}

#[test]
fn a_loss_counts_once_in_the_tier_of_its_surest_report() {
    let desk = case();
    let figures = by_id(&desk.on("case", &["brief", "--json"]).whole().json()["figures"]);
    let value = |id: &str| figures[id]["value"].as_i64().unwrap();
    assert_eq!(value("reports"), 4);
    assert_eq!(value("reports_matched_exact"), 3);
    assert_eq!(
        value("reports_unmatched") + value("reports_matched_possible"),
        1
    );
    assert_eq!(value("losses_exact"), 2, "R1 and R2 tell of one loss");
    assert_eq!(value("losses_exact_minor"), 130_050);
    assert_eq!(value("losses_exact_mean_minor"), 65_025);
    assert_eq!(value("losses_exact_median_minor"), 30_050);
    assert_eq!(value("losses_exact_largest_minor"), 100_000);
    assert_eq!(value("losses_refunded_minor"), 25_000);
    assert_eq!(value("losses_recovered_minor"), 4_000);
    assert_eq!(
        value("reports_loss_minor"),
        230_950,
        "as reported, the repeated one twice"
    );
    let losses = rows(
        &desk,
        "select tier, month, gross_minor, refunded_minor, recovered_minor, reports, account_id, \
         person_id from losses order by gross_minor desc",
    );
    assert_eq!(losses.len(), 3);
    let first = &losses[0];
    assert_eq!(first["reports"], 2);
    assert_eq!(first["month"], "2022-05");
    assert_eq!(first["account_id"], "2");
    assert_eq!(first["refunded_minor"], 25_000);
    let person = rows(
        &desk,
        "select person_id from person_accounts where account_id = '2'",
    );
    assert_eq!(first["person_id"], person[0]["person_id"]);
    assert_eq!(losses[2]["person_id"], Value::Null, "no number, no person");
}

#[test]
fn who_reported_after_the_last_call_is_left_to_officers() {
    let desk = case();
    let funnel = desk.on("case", &["funnel", "--json"]).whole().json();
    let count = |at: usize| funnel["steps"][at]["count"].as_u64().unwrap();
    assert_eq!(funnel["steps"][4]["id"], "not_reported");
    assert_eq!(
        count(4),
        count(3) - 1,
        "102 was called again after the report"
    );
    let already = rows(
        &desk,
        "select called_e164, cast(reported_utc as varchar) as reported, report_id from \
         already_reported",
    );
    assert_eq!(already.len(), 1);
    assert_eq!(already[0]["called_e164"], 447_700_900_101_i64);
    assert_eq!(already[0]["report_id"], "R2", "the last report of it");
    says(
        already[0]["reported"].as_str().unwrap(),
        &["2022-05-13T23:00"],
    );
    // The same under another threshold: at 100 s the second call to 102 does not count.
    let args = ["funnel", "--compare", "engaged_over_s=60,100", "--json"];
    let compared = desk.on("case", &args).whole().json();
    let left = |at: usize, step: usize| {
        compared["compare"][at]["funnel"]["steps"][step]["count"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(left(0, 3) - left(0, 4), 1);
    assert_eq!(left(1, 3) - left(1, 4), 2);
    let matches = rows(
        &desk,
        "select report_id, tier, reasons from report_matches where rank <= 1 order by report_id",
    );
    assert_eq!(matches[0]["tier"], "exact");
    says(
        matches[0]["reasons"].as_str().unwrap(),
        &["own number +44•••••101 called", "inside the window"],
    );
}

#[test]
fn people_s_decisions_rule_what_is_computed() {
    let desk = case();
    let decide = |args: &[&str]| {
        let args = [&["judge"], args, &["--reason", "seen in exhibit 3"]].concat();
        desk.on("case", &args).whole();
    };
    decide(&["different", "service:1", "service:2"]);
    decide(&["same", "service:1", "service:3"]);
    // A report without a number tells of the call to 101 two days before it was made.
    decide(&["match", "R4", "+447700900101"]);
    decide(&["no-match", "R3", "+447700900102"]);
    assert_eq!(desk.on("case", &["run"]).code, Some(0));
    let found = rows(
        &desk,
        "select account_id, person_id from person_accounts order by account_no",
    );
    let person = |at: usize| found[at]["person_id"].as_str().unwrap();
    assert_ne!(person(0), person(1), "judged different");
    assert_eq!(person(0), person(2), "judged the same");
    let links = rows(
        &desk,
        "select distinct outcome, outcome_by from person_links where account_no < other_account_no order by 1",
    );
    assert!(
        links.iter().any(|row| row["outcome_by"] == "judged"),
        "{links:?}"
    );
    let matches = rows(
        &desk,
        "select report_id, tier, own_number, called_e164 from report_matches where rank <= 1 order by 1",
    );
    let of = |id: &str| matches.iter().find(|row| row["report_id"] == id).unwrap();
    let judged = of("R4");
    assert_eq!(
        (&judged["tier"], &judged["own_number"]),
        (&"exact".into(), &"judged".into())
    );
    assert_eq!(judged["called_e164"], 447_700_900_101_i64);
    assert_ne!(of("R3")["called_e164"], 447_700_900_102_i64);
    let reasons = rows(
        &desk,
        "select reasons from report_matches where report_id = 'R4' and rank = 1",
    );
    says(
        reasons[0]["reasons"].as_str().unwrap(),
        &["judged to tell of a call to"],
    );
    let already = rows(
        &desk,
        "select called_e164 as n, \"by\" from already_reported order by 1",
    );
    let judged = already
        .iter()
        .find(|row| row["n"] == 447_700_900_101_i64)
        .unwrap();
    assert_eq!(judged["by"], "judgement");
    desk.assert_sound("case");
}
