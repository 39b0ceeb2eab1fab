//! What people decide: recorded, pinned by the log, and what the answers make of it.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Desk, answers, assert_same, tiny};

#[path = "../../../store/tests/it/server.rs"]
mod server;

fn counts(desk: &Desk, case: &str) -> Vec<u64> {
    let funnel = desk.on(case, &["funnel", "--json"]).whole().json();
    let steps = funnel["steps"].as_array().unwrap().iter();
    steps.map(|step| step["count"].as_u64().unwrap()).collect()
}

/// The funnel's steps from `mobile` on, after a run.
fn last_steps(desk: &Desk, case: &str) -> [u64; 4] {
    desk.on(case, &["run"]).with_rejects();
    let all = counts(desk, case);
    all[all.len() - 4..].try_into().unwrap()
}

fn judge(desk: &Desk, case: &str, args: &[&str]) -> String {
    let args = [
        &["judge"],
        args,
        &["--reason", "seen in exhibit 3", "--json"],
    ]
    .concat();
    let told = desk.on(case, &args).whole().json();
    let added = told["added"].as_array().unwrap();
    assert_eq!(added.len(), 1, "{told}");
    added[0]["id"].as_str().unwrap().to_owned()
}

/// How many judgements the made-up team left.
fn of_the_lab(desk: &Desk) -> usize {
    let lab = fs::read_to_string(desk.at("lab/judgements.jsonl")).unwrap();
    lab.lines().count()
}

fn count(desk: &Desk, case: &str) -> usize {
    listed(desk, case)["judgements"].as_array().unwrap().len()
}

fn listed(desk: &Desk, case: &str) -> Value {
    desk.on(case, &["judge", "list", "--json"]).whole().json()
}

/// Numbers that the funnel leaves, by their engaged calls from an account.
fn reached_by(desk: &Desk, case: &str, account: &str) -> Vec<i64> {
    let query = format!(
        "select distinct c.called_e164 as n from spoofed_calls c join suspects s using (account_no) \
         where c.attempt and c.home and c.engaged and c.called_type = 'mobile' \
         and s.source = 'service' and s.account_id = '{account}' order by 1"
    );
    let rows = desk.on(case, &["sql", &query, "--format", "json"]).whole();
    let rows = rows.json();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row["n"].as_i64().unwrap()).collect()
}

#[test]
fn the_funnel_goes_by_what_people_decided() {
    let desk = Desk::new();
    desk.lab("tiny", 5);
    // Nobody has decided anything.
    fs::rename(desk.at("lab/judgements.jsonl"), desk.at("judgements.jsonl")).unwrap();
    desk.sealed("case");
    let [mobile, by_identified, ..] = last_steps(&desk, "case");
    assert_eq!((mobile, by_identified), (46, 0));

    // An account that engaged somebody, and the numbers that it brings.
    let query = "select s.account_id as a from spoofed_calls c join suspects s using (account_no) \
                 where c.attempt and c.home and c.engaged and c.called_type = 'mobile' \
                 and s.source = 'service' group by 1 order by count(distinct c.called_e164) desc, 1 limit 1";
    let account = desk.on("case", &["sql", query, "--format", "json"]).whole();
    let account = account.json()[0]["a"].as_str().unwrap().to_owned();
    let reached = reached_by(&desk, "case", &account);
    assert!(reached.len() > 1, "{account} reached {reached:?}");
    let identified = judge(&desk, "case", &["identified", &account, "--label", "P"]);
    let [_, by_identified, unreported, unsuppressed] = last_steps(&desk, "case");
    assert_eq!(by_identified, reached.len() as u64);
    let second = desk.on("case", &["run"]).with_rejects();
    assert!(second.stderr.contains("nothing was due"), "{second}");

    // A number that is left in the end, by the hash of what is left.
    let left = |desk: &Desk| counts(desk, "case")[7];
    assert_eq!(left(&desk), unsuppressed);
    let warned = reached
        .iter()
        .find(|number| {
            let id = judge(&desk, "case", &["reported", &format!("+{number}")]);
            let is_warned = last_steps(&desk, "case")[2] == unreported - 1;
            if !is_warned {
                judge_undo(&desk, &id);
            }
            is_warned
        })
        .copied()
        .unwrap();
    let number = format!("+{warned}");
    let reported = listed(&desk, "case")["judgements"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    judge_undo(&desk, &reported);
    assert_eq!(last_steps(&desk, "case")[2], unreported);

    // A report that tells of it: the same, by `match`; and `no-match` after it takes that back.
    // A report tells of one number: this one takes none of theirs away.
    let list: Vec<String> = reached.iter().map(ToString::to_string).collect();
    let reports = format!(
        "select report_id as r from reports where called_e164 not in ({}) order by 1 limit 1",
        list.join(", ")
    );
    let report = desk
        .on("case", &["sql", &reports, "--format", "json"])
        .whole();
    let report = report.json()[0]["r"].as_str().unwrap().to_owned();
    judge(&desk, "case", &["match", &report, &number]);
    assert_eq!(last_steps(&desk, "case")[2], unreported - 1);
    judge(&desk, "case", &["no-match", &report, &number]);
    assert_eq!(last_steps(&desk, "case")[2], unreported);

    judge(&desk, "case", &["suppressed", &number]);
    assert_eq!(
        last_steps(&desk, "case")[2..],
        [unreported, unsuppressed - 1]
    );
    let funnel = desk.on("case", &["funnel", "--json"]).whole().json();
    let args = ["funnel", "--compare", "engaged_over_s=60", "--json"];
    let compared = desk.on("case", &args).whole().json();
    assert_eq!(compared["compare"][0]["funnel"], funnel);

    judge_undo(&desk, &identified);
    assert_eq!(last_steps(&desk, "case")[1], 0);
    desk.assert_sound("case");
}

fn judge_undo(desk: &Desk, id: &str) {
    let begins: String = id.chars().take(12).collect();
    judge(desk, "case", &["undo", &begins]);
}

#[test]
fn a_report_that_is_judged_not_to_match_reports_nobody() {
    let desk = tiny(6);
    let before = counts(&desk, "case");
    // Reports whose number would have been warned otherwise: taking all of them away leaves none.
    let query =
        "select report_id as r, called_e164 as n from reports where called_e164 is not null";
    let reports = desk.on("case", &["sql", query, "--format", "json"]).whole();
    for row in reports.json().as_array().unwrap() {
        let report = format!("reports:{}", row["r"].as_str().unwrap());
        judge(
            &desk,
            "case",
            &["no-match", &report, &format!("+{}", row["n"])],
        );
    }
    let [_, by_identified, unreported, _] = last_steps(&desk, "case");
    assert!(before[6] < before[5], "{before:?}");
    assert_eq!(unreported, by_identified);
}

#[test]
fn a_decision_needs_a_reason_and_a_subject_that_is_there() {
    let desk = tiny(7);
    let none = desk.on("case", &["judge", "victim", "+447700900123"]);
    assert_eq!(none.code, Some(2), "{none}");
    assert!(none.stderr.contains("--reason"), "{none}");
    let refused = |args: &[&str], code: &str| {
        let args = [&["judge"], args, &["--reason", "x"]].concat();
        desk.on("case", &args).refused(1, code)
    };
    refused(&["same", "7", "no-such-account"], "judge/subject");
    refused(
        &["match", "no-such-report", "+447700900123"],
        "judge/subject",
    );
    let told = refused(&["victim", "my neighbour"], "judge/number");
    assert!(!told.contains("neighbour"), "{told}");
    refused(&["undo", "0123456789abcdef"], "judge/unknown");
    refused(&["undo", "0"], "judge/unknown");
    refused(&["same", "7", "service:7"], "judge/invalid");
    refused(&["identified", "7", "--label", " "], "judge/invalid");
    let blank = desk.on("case", &["judge", "several", "7", "--reason", ""]);
    blank.refused(1, "judge/invalid");
    // No table says yet which accounts there are.
    desk.init("empty");
    let early = desk.on("empty", &["judge", "several", "7", "--reason", "x"]);
    early.refused(1, "judge/source");
    assert_eq!(count(&desk, "case"), of_the_lab(&desk));
}

#[test]
fn a_file_is_taken_whole_once_or_not_at_all() {
    let desk = tiny(8);
    let again = desk.on("case", &["judge", "import", "lab/judgements.jsonl"]);
    let known = of_the_lab(&desk);
    assert!(
        again
            .whole()
            .text()
            .contains(&format!("recorded 0 judgements; {known} were known")),
    );
    let good = r#"{"kind":"suppressed","numbers":["+447700900123"],"actor":"a","reason":"b","recorded_utc":"2022-11-24T09:30:00Z"}"#;
    let late = good.replace("2022", "9022");
    let lost = good
        .replacen(
            "\"numbers\":[\"+447700900123\"]",
            &format!("\"undoes\":\"{}\"", "0".repeat(64)),
            1,
        )
        .replace("suppressed", "undo");
    desk.write("more.jsonl", [good, &late, &lost, good].join("\n"));
    let told = desk
        .on("case", &["judge", "import", "more.jsonl"])
        .refused(1, "judge/lines");
    assert!(
        told.contains("2 lines") && told.contains("line 2:") && told.contains("line 3:"),
        "{told}"
    );
    assert_eq!(count(&desk, "case"), known);
    desk.write(
        "more.csv",
        "kind,numbers,actor,reason,recorded_utc\nsuppressed,+447700900123,a,b,2022-11-24T09:30:00Z\n",
    );
    desk.write("more.jsonl", good);
    for (file, new) in [("more.csv", 1), ("more.jsonl", 0)] {
        let told = desk
            .on("case", &["judge", "import", file, "--json"])
            .whole()
            .json();
        assert_eq!(told["added"].as_array().unwrap().len(), new, "{told}");
    }
    assert_eq!(count(&desk, "case"), known + 1);
    desk.on("case", &["judge", "import", "nothing"])
        .refused(1, "judge/file");
    desk.assert_sound("case");
}

#[test]
fn the_same_judgements_in_any_order_give_the_same_answers() {
    let desk = tiny(9);
    for number in ["+447700900123", "+447700900124"] {
        judge(&desk, "case", &["suppressed", number]);
    }
    desk.on("case", &["run"]).with_rejects();
    let mut lines: Vec<String> = listed(&desk, "case")["judgements"]
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    lines.reverse();
    desk.write("backwards.jsonl", lines.join("\n"));
    fs::remove_file(desk.at("lab/judgements.jsonl")).unwrap();
    desk.sealed("other");
    desk.on("other", &["run"]).with_rejects();
    let before = counts(&desk, "other");
    desk.on("other", &["judge", "import", "backwards.jsonl"])
        .whole();
    desk.on("other", &["run"]).with_rejects();
    assert_ne!(counts(&desk, "other"), before, "they matter");
    let (one, another) = (answers(&desk.at("case")), answers(&desk.at("other")));
    assert_same(&one, &another, "taken in another order");
}

#[test]
fn a_database_that_somebody_changed_is_found() {
    let desk = tiny(10);
    let db = desk.at("case/case.db");
    let older = fs::read(&db).unwrap();
    let id = judge(&desk, "case", &["suppressed", "+447700900123"]);
    let newer = fs::read(&db).unwrap();
    desk.on("case", &["run"]).with_rejects();
    let found = |code: &str| {
        for args in [
            &["run"][..],
            &["judge", "list"],
            &["judge", "undo", &id, "--reason", "x"],
            &["funnel", "--compare", "engaged_over_s=60"],
        ] {
            desk.on("case", args).refused(1, code);
        }
        // It holds no file that the log lists; what it leaves out, it says.
        let verified = desk.on("case", &["verify"]).whole().text();
        let said = verified.contains("not checked: `case.db`: ");
        assert_eq!(said, db.exists(), "{verified}");
    };
    fs::write(&db, &older).unwrap();
    found("judge/changed");
    fs::remove_file(&db).unwrap();
    found("judge/changed");
    let at = newer
        .windows(12)
        .position(|w| w == b"+44770090012")
        .unwrap();
    let mut flipped = newer.clone();
    flipped[at + 5] ^= 1;
    fs::write(&db, flipped).unwrap();
    found("store/damaged");
    fs::write(&db, "nonsense").unwrap();
    found("store/open");
    fs::write(&db, &newer).unwrap();
    desk.on("case", &["run"]).with_rejects();
}

#[test]
fn a_store_that_was_lost_is_put_back_whole_or_not_at_all() {
    let desk = tiny(15);
    let id = judge(&desk, "case", &["suppressed", "+447700900123"]);
    judge_undo(&desk, &id);
    let held = listed(&desk, "case");
    let lines: Vec<String> = held["judgements"]
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    desk.write("all.jsonl", lines.join("\n"));
    desk.write("some.jsonl", lines[1..].join("\n"));
    desk.write("first.jsonl", &lines[0]);
    fs::remove_file(desk.at("case/case.db")).unwrap();
    for less in ["some.jsonl", "first.jsonl"] {
        let refused = desk.on("case", &["judge", "import", less]);
        refused.refused(1, "judge/changed");
        assert!(!desk.at("case/case.db").exists());
    }
    desk.on("case", &["judge", "import", "all.jsonl"]).whole();
    assert_eq!(listed(&desk, "case"), held);
    desk.on("case", &["run"]).with_rejects();
    desk.assert_sound("case");
}

#[test]
fn what_was_added_and_not_recorded_is_recorded_by_the_next_writer() {
    let desk = tiny(11);
    let copy = std::process::Command::new("cp")
        .args(["-a", desk.at("case").as_str(), desk.at("dead").as_str()])
        .status();
    assert!(copy.unwrap().success());
    judge(&desk, "case", &["suppressed", "+447700900123"]);
    // As after a death between the two: the database has it, the log does not.
    fs::copy(desk.at("case/case.db"), desk.at("dead/case.db")).unwrap();
    let held = listed(&desk, "dead");
    assert_eq!(held, listed(&desk, "case"));
    desk.on("dead", &["run"]).with_rejects();
    let log = desk.on("dead", &["audit", "log"]).whole().text();
    assert_eq!(log.matches(" judge-recover ").count(), 1, "{log}");
    judge(&desk, "dead", &["suppressed", "+447700900124"]);
    assert_eq!(count(&desk, "dead"), of_the_lab(&desk) + 2);
    desk.assert_sound("dead");
    // Two at once did not come from one death.
    judge(&desk, "case", &["suppressed", "+447700900125"]);
    fs::copy(desk.at("dead/case.db"), desk.at("case/case.db")).unwrap();
    desk.on("case", &["run"]).refused(1, "judge/changed");
}

#[test]
fn a_killed_judge_leaves_what_it_acknowledged() {
    let desk = tiny(12);
    let (mut acknowledged, mut cut) = (0_usize, 0);
    for life in 0..40_u64 {
        let number = format!("+4477009{:05}", 100 + life);
        let mut child = desk
            .command(&[
                "judge",
                "suppressed",
                &number,
                "--reason",
                "x",
                "--case",
                "case",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(life * 900));
        let _killed = child.kill();
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let held = listed(&desk, "case");
        let is_there = held["in_force"]["suppressed"]
            .as_array()
            .unwrap()
            .iter()
            .any(|held| *held == *number);
        assert!(
            is_there || !told.contains("recorded suppressed"),
            "life {life}: {told}"
        );
        acknowledged += usize::from(told.contains("recorded suppressed"));
        cut += usize::from(!output.status.success());
        desk.assert_sound("case");
    }
    assert!(
        cut > 5,
        "{cut} of 40 were killed in time, {acknowledged} ended before"
    );
    judge(&desk, "case", &["suppressed", "+447700900999"]);
}

#[test]
fn nobody_judges_while_another_writes() {
    let desk = tiny(16);
    let lock = fs::File::options()
        .write(true)
        .open(desk.at("case/.lock"))
        .unwrap();
    lock.try_lock().unwrap();
    let args = ["judge", "suppressed", "+447700900123", "--reason", "x"];
    desk.on("case", &args).refused(75, "case/busy");
    // Whoever only looks is not in the way.
    assert_eq!(count(&desk, "case"), of_the_lab(&desk));
    drop(lock);
    desk.on("case", &args).whole();
    assert_eq!(count(&desk, "case"), of_the_lab(&desk) + 1);
}

#[test]
fn the_log_tells_who_judged_and_of_nobody() {
    let desk = tiny(13);
    let id = judge(
        &desk,
        "case",
        &["identified", "7", "8", "--label", "Mallory Example"],
    );
    judge(&desk, "case", &["victim", "+447700900123"]);
    judge_undo(&desk, &id);
    listed(&desk, "case");
    let log = desk.on("case", &["audit", "log", "--json"]).whole();
    let events = log.json();
    let of = |operation: &str| {
        let events = events.as_array().unwrap().iter();
        events.filter(|e| e["operation"] == operation).count()
    };
    assert_eq!(
        (of("judge"), of("judge-import"), of("judge-list")),
        (3, 1, 1)
    );
    let last = events
        .as_array()
        .unwrap()
        .iter()
        .rfind(|e| e["operation"] == "judge");
    let last = last.unwrap();
    assert_eq!(last["actor"], "a tester");
    assert_eq!(last["details"]["kind"], "undo");
    let text = log.text();
    for word in ["Mallory", "447700900123", "seen in exhibit", &id] {
        assert!(!text.contains(word), "{word} stands in the log");
    }
}

#[test]
fn a_team_s_server_keeps_them_as_well() {
    let Some(server) = server::Server::start() else {
        return;
    };
    let desk = Desk::new();
    desk.lab("tiny", 14);
    desk.sealed("file");
    let config = fs::read_to_string(desk.at("lab/case.toml")).unwrap();
    let url = server.url();
    desk.write(
        "lab/case.toml",
        format!("{config}\n[store]\nurl = \"{url}\"\n"),
    );
    for case in ["server", "another"] {
        desk.sealed(case);
        assert!(!desk.at(case).join("case.db").exists());
        assert_eq!(
            listed(&desk, case),
            listed(&desk, "file"),
            "one schema a case"
        );
    }
    for case in ["file", "server"] {
        desk.on(case, &["run"]).with_rejects();
    }
    let id = judge(&desk, "server", &["suppressed", "+447700900123"]);
    assert_eq!(count(&desk, "another"), of_the_lab(&desk));
    judge(&desk, "server", &["undo", &id]);
    desk.on("server", &["run"]).with_rejects();
    assert_same(
        &answers(&desk.at("file")),
        &answers(&desk.at("server")),
        "file or server",
    );
    desk.assert_sound("server");
    let schemas = "select table_schema from information_schema.tables where table_name = 'judgements' order by 1";
    let schemas = String::from_utf8(server.psql(schemas).stdout).unwrap();
    let first = schemas.lines().next().unwrap();
    assert_eq!(schemas.lines().count(), 2, "{schemas}");
    assert!(
        server
            .psql(&format!("DELETE FROM {first}.judgements"))
            .stderr
            .len()
            > 10
    );
    // Whoever owns the server can do more, and is found.
    let behind = format!(
        "DROP TRIGGER judgements_are_never_changed ON {first}.judgements; \
         DELETE FROM {first}.judgements WHERE kind = 'identified'"
    );
    assert!(server.psql(&behind).status.success());
    let told: Vec<_> = ["server", "another"]
        .iter()
        .map(|case| desk.on(case, &["judge", "list"]).code)
        .collect();
    assert_eq!(
        told.iter().filter(|code| **code == Some(1)).count(),
        1,
        "{told:?}"
    );
    drop(server);
    let gone = desk.on("server", &["run"]).refused(1, "store/open");
    assert!(
        !gone.contains("made%20up") && !gone.contains("made up"),
        "{gone}"
    );
}
