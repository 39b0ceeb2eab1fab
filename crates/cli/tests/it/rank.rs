//! Who comes first: facts held against SQL over the calls, sums against their terms, policies.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Desk, says, tiny};

fn rows(desk: &Desk, query: &str) -> Vec<Value> {
    let told = desk.on("case", &["sql", query, "--format", "json"]).whole();
    told.json().as_array().unwrap().clone()
}

fn ranked(desk: &Desk, args: &[&str]) -> Value {
    let args = [&["rank"], args, &["--json"]].concat();
    desk.on("case", &args).whole().json()
}

/// Thousandths of points, as written.
fn milli(points: &Value) -> i64 {
    let text = points.as_str().unwrap().replace('.', "");
    text.parse().unwrap()
}

#[test]
fn contacts_facts_are_what_sql_counts() {
    let desk = tiny(3);
    let differing = rows(
        &desk,
        "with legs as (select * from spoofed_calls where attempt and match_no <= 1 and called_e164 is not null), \
         accounts as (select account_no, person_id, priority from suspects), \
         counted as (select called_e164, count(*) as calls, count(*) filter (where answered) as answered, \
         count(*) filter (where engaged) as engaged, \
         count(*) filter (where engaged and organisation_no is not null) as as_organisation, \
         coalesce(sum(talk_s) filter (where answered and talk_s > 0), 0) as talk, \
         max(talk_s) filter (where answered) as longest, \
         count(*) filter (where code) as codes, \
         count(distinct date_trunc('day', started_utc)) as days, \
         count(distinct date_trunc('day', started_utc)) filter (where engaged) as days_engaged, \
         count(distinct organisation_no) as organisations, count(distinct l.account_no) as accounts, \
         count(distinct a.person_id) as persons, \
         count(distinct l.account_no) filter (where engaged and a.priority) as priority_accounts, \
         max(started_utc) as last from legs l left join accounts a on a.account_no = l.account_no group by 1) \
         select c.called_e164 from contacts c full join counted s on s.called_e164 = c.called_e164 where \
         (c.calls is distinct from s.calls) or c.answered_calls <> s.answered or c.engaged_calls <> s.engaged or \
         c.engaged_as_organisation <> s.as_organisation or c.talk_s <> s.talk or \
         (c.longest_talk_s is distinct from s.longest) or c.codes_captured <> s.codes or \
         c.days_called <> s.days or c.days_engaged <> s.days_engaged or \
         c.organisations <> s.organisations or c.accounts <> s.accounts or c.persons <> s.persons or \
         c.priority_accounts <> s.priority_accounts or (c.last_utc is distinct from s.last)",
    );
    assert_eq!(differing, Vec::<Value>::new());
    let some = rows(
        &desk,
        "select max(organisations) as o, max(days_engaged) as d, max(persons) as p, sum(short_then_long) as s, \
         sum(calls_back) as b from contacts",
    );
    for of in ["o", "d", "p", "b"] {
        assert!(some[0][of].as_i64().unwrap() > 0, "{of}: {some:?}");
    }
}

#[test]
fn suspects_facts_are_what_sql_counts() {
    let desk = tiny(3);
    let differing = rows(
        &desk,
        "with legs as (select * from spoofed_calls where attempt and match_no <= 1), \
         counted as (select account_no, count(*) as calls, count(*) filter (where engaged) as engaged, \
         count(distinct called_e164) filter (where engaged) as numbers, \
         count(distinct called_e164) filter (where engaged and home) as at_home, \
         count(distinct called_e164) filter (where engaged and organisation_no is not null) as shown, \
         count(distinct organisation_no) as organisations, \
         count(distinct date_trunc('day', started_utc)) as days, \
         count(*) filter (where code) as codes from legs group by 1) \
         select s.account_no from suspects s left join counted c on c.account_no = s.account_no where \
         s.calls <> coalesce(c.calls, 0) or s.engaged_calls <> coalesce(c.engaged, 0) or \
         s.engaged_numbers <> coalesce(c.numbers, 0) or s.engaged_home_numbers <> coalesce(c.at_home, 0) or \
         s.numbers_as_organisation <> coalesce(c.shown, 0) or \
         s.organisations <> coalesce(c.organisations, 0) or s.active_days <> coalesce(c.days, 0) or \
         s.codes_captured <> coalesce(c.codes, 0)",
    );
    assert_eq!(differing, Vec::<Value>::new());
    // A person's days and organisations are counted over all accounts, each once.
    let persons = rows(
        &desk,
        "with legs as (select c.*, s.person_id from spoofed_calls c join suspects s on s.account_no = c.account_no \
         where attempt and match_no <= 1), counted as (select person_id, \
         count(distinct date_trunc('day', started_utc)) as days, count(distinct organisation_no) as organisations, \
         count(*) as calls from legs group by 1) select p.person_id from persons p left join counted c \
         on c.person_id = p.person_id where p.active_days <> coalesce(c.days, 0) or \
         p.organisations <> coalesce(c.organisations, 0) or p.calls <> coalesce(c.calls, 0)",
    );
    assert_eq!(persons, Vec::<Value>::new());
}

#[test]
fn a_rank_is_the_sum_of_its_terms_and_the_tables_rank() {
    let desk = tiny(1);
    let told = ranked(&desk, &["--top", "1000000"]);
    let lists = told["ranks"].as_array().unwrap();
    let of: Vec<&str> = lists.iter().map(|l| l["of"].as_str().unwrap()).collect();
    assert_eq!(of, ["contacts", "persons", "suspects", "presented"]);
    for list in lists {
        let rows = list["rows"].as_array().unwrap();
        assert_eq!(rows.len() as u64, list["subjects"].as_u64().unwrap());
        assert!(!rows.is_empty());
        let mut last = i64::MAX;
        for (row, place) in rows.iter().zip(1..) {
            assert_eq!(row["rank"], place);
            let sum = milli(&row["points"]);
            let terms = row["lines"].as_array().unwrap().iter();
            assert_eq!(
                terms.map(|line| milli(&line["points"])).sum::<i64>(),
                sum,
                "{row}"
            );
            assert!(sum <= last, "{row}");
            last = sum;
        }
    }
    for (list, key) in [
        (0, "'+' || called_e164"),
        (1, "person_id"),
        (2, "source || '/' || account_id"),
        (3, "'+' || presented_e164"),
    ] {
        let table = lists[list]["of"].as_str().unwrap();
        let query =
            format!("select {key} as subject, points_milli, rank from {table} order by rank");
        let in_table = rows(&desk, &query);
        let listed = lists[list]["rows"].as_array().unwrap();
        assert_eq!(in_table.len(), listed.len());
        for (one, other) in in_table.iter().zip(listed) {
            assert_eq!(one["subject"], other["subject"], "{table}");
            assert_eq!(one["points_milli"].as_i64(), Some(milli(&other["points"])));
        }
    }
}

#[test]
fn another_policy_moves_people_and_says_by_what() {
    let desk = tiny(1);
    let policy = desk.write(
        "talk.toml",
        "format = 1\nname = \"talk alone\"\n[contacts]\nties = [\"calls\"]\n\
         [[contacts.points]]\nfact = \"talk_s\"\neach = 1\n",
    );
    let told = ranked(
        &desk,
        &["contacts", "--top", "20", "--policy", policy.as_str()],
    );
    let first: Vec<&Value> = told["ranks"][0]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    let most = rows(
        &desk,
        "select '+' || called_e164 as n, talk_s from contacts order by talk_s desc, calls desc, called_e164 limit 20",
    );
    for (one, other) in first.iter().zip(&most) {
        assert_eq!(one["subject"], other["n"]);
        assert_eq!(
            milli(&one["points"]),
            other["talk_s"].as_i64().unwrap() * 1000
        );
    }
    let compared = ranked(
        &desk,
        &["contacts", "--top", "20", "--compare", policy.as_str()],
    );
    let compared = &compared["compare"][0];
    assert_eq!(compared["second"], "talk alone");
    let in_both = compared["in_both"].as_u64().unwrap();
    let own = ranked(&desk, &["contacts", "--top", "20"]);
    let own: Vec<&Value> = own["ranks"][0]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["subject"])
        .collect();
    let both = first
        .iter()
        .filter(|row| own.contains(&&row["subject"]))
        .count();
    assert_eq!(in_both, both as u64);
    for moved in compared["moves"].as_array().unwrap() {
        assert_ne!(moved["first_rank"], moved["second_rank"]);
        let sum = |at: usize| -> i64 {
            let because = moved["because"].as_array().unwrap().iter();
            because.map(|one| milli(&one[at])).sum()
        };
        let points = milli(&moved["second_points"]) - milli(&moved["first_points"]);
        assert_eq!(sum(2) - sum(1), points, "{moved}");
    }

    // As the case's own policy it makes other tables, and is part of what `verify` checks.
    desk.on("case", &["reference", "add", "policy", policy.as_str()])
        .whole();
    let config = desk.at("case/case.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    desk.write(
        "case/case.toml",
        text + "\n[rank]\npolicy = \"talk.toml\"\n",
    );
    desk.on("case", &["run"]).with_rejects();
    let ranks = rows(&desk, "select talk_s from contacts order by rank limit 5");
    let talks: Vec<i64> = ranks
        .iter()
        .map(|row| row["talk_s"].as_i64().unwrap())
        .collect();
    assert!(talks.is_sorted_by(|a, b| a >= b), "{talks:?}");
    desk.assert_sound("case");

    let unknown = desk
        .on("case", &["rank", "--policy", "talc"])
        .refused(1, "ranking/policy-unknown-preset");
    says(&unknown, &["`talc`", "harm"]);
    let wrong = desk.write(
        "wrong.toml",
        "format = 1\nname = \"x\"\n[contacts]\n[[contacts.points]]\nfact = \"talk\"\neach = 1\n",
    );
    let wrong = desk
        .on("case", &["reference", "add", "policy", wrong.as_str()])
        .refused(1, "ranking/policy-unknown-fact");
    says(&wrong, &["`talk`", "talk_s"]);
}

#[test]
fn a_number_is_explained_with_its_calls_and_its_place() {
    let desk = tiny(1);
    let first = rows(
        &desk,
        "select '+' || called_e164 as n, calls from contacts order by rank limit 1",
    );
    let number = first[0]["n"].as_str().unwrap();
    let told = desk
        .on("case", &["explain", number, "--json", "--limit", "0"])
        .whole()
        .json();
    assert_eq!(told["number"], *number);
    assert_eq!(told["places"][0]["rank"], 1);
    assert_eq!(told["places"][0]["of"], "contacts");
    assert_eq!(told["contact"]["rank"], "1");
    let calls = told["calls"].as_array().unwrap();
    assert_eq!(Some(calls.len() as i64), first[0]["calls"].as_i64());
    let starts: BTreeMap<&str, usize> = calls
        .iter()
        .filter_map(|call| call["started_utc"].as_str())
        .zip(0..)
        .collect();
    assert!(!starts.is_empty());
    let text = desk
        .on("case", &["explain", number, "--limit", "1"])
        .whole()
        .text();
    says(
        &text,
        &[
            "place 1 of",
            "by policy `harm`",
            "engaged: engaged_calls",
            "calls to it",
            "--limit 0 shows all",
        ],
    );

    let nobody = desk
        .on("case", &["explain", "+447700900999"])
        .refused(1, "explain/unknown");
    says(
        &nobody,
        &["neither called nor shown", "unspoof rank contacts"],
    );

    let person = rows(
        &desk,
        "select person_id as p from persons order by rank limit 1",
    );
    let person = person[0]["p"].as_str().unwrap();
    let told = desk
        .on("case", &["explain", person, "--json"])
        .whole()
        .json();
    assert_eq!(told["places"][0]["of"], "persons");
    assert_eq!(told["places"][0]["rank"], 1);
}

#[test]
fn no_points_say_who_held_an_account() {
    let desk = tiny(2);
    let mut expected: Vec<String> = std::fs::read_to_string(desk.at("lab/judgements.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .flat_map(|judgement| judgement["accounts"].as_array().unwrap().clone())
        .map(|account| account["account_id"].as_str().unwrap().to_owned())
        .collect();
    let assert_identified = |mut expected: Vec<String>| {
        let all = rows(
            &desk,
            "select account_id as a, holder as h from suspects order by 1",
        );
        let words = ["identified", "unassessed"];
        let known = |row: &Value| words.contains(&row["h"].as_str().unwrap());
        assert!(all.iter().all(known));
        let named = all.iter().filter(|row| row["h"] == "identified");
        let named: Vec<&str> = named.map(|row| row["a"].as_str().unwrap()).collect();
        expected.sort();
        assert_eq!(named, expected);
    };
    assert_identified(expected.clone());
    let first = rows(
        &desk,
        "select account_id as a from suspects where source = 'service' and holder = 'unassessed' \
         order by rank limit 1",
    );
    let account = first[0]["a"].as_str().unwrap();
    let args = [
        "judge",
        "identified",
        account,
        "--label",
        "P",
        "--reason",
        "seen in exhibit 3",
    ];
    desk.on("case", &args).whole();
    desk.on("case", &["run"]).with_rejects();
    expected.push(account.to_owned());
    assert_identified(expected);
}
