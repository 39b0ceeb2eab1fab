//! Payments, losses and victims, on a case whose every row is written here.
//!
//! Addresses are those that standards publish as examples, and addresses that begin with `bc1qmadeup`.

use std::fs;

use serde_json::Value;

use crate::support::{Desk, Ran, by_id, says, shared_data, tiny};

const CASE: &str = r#"format = 1
name = "money <b>&\"'</b>"
home_regions = ["GB"]

[[sources]]
name = "service"
mapping = "service"
zone = "UTC"

[[sources]]
name = "dialler"
mapping = "calls"
zone = "UTC"

[[sources]]
name = "police"
mapping = "police"
zone = "UTC"

[[sources]]
name = "bank"
mapping = "bank"
zone = "UTC"

[[references]]
kind = "rates"
file = "rates.csv"
"#;

/// The service's two tables, told apart by their headers.
const SERVICE: &str = r#"name = "service"
zone = "UTC"

[match]
format = "csv"
header = ["Pay", "Account", "At", "Coins", "Txid", "To", "From"]

[[table]]
to = "payments"
identity = ["payment_id"]

[table.columns]
payment_id = "Pay"
account_id = "Account"
at = { column = "At", format = "datetime" }
amount = { column = "Coins", currency = "BTC" }
txid = "Txid"
address = "To"
payer = "From"
"#;

const CALLS: &str = r#"name = "calls"
zone = "UTC"

[match]
format = "csv"
header = ["Call", "Account", "Number", "Start", "Answer", "Seconds"]

[numbers]
default_region = "GB"

[[table]]
to = "calls"

[table.columns]
call_id = "Call"
account_id = "Account"
called = "Number"
started = { column = "Start", format = "datetime" }
answered = { column = "Answer", format = "datetime" }
duration = { column = "Seconds", kind = "talk" }
"#;

/// A reporting source's mapping.
fn reports_mapping(name: &str, first: &str) -> String {
    format!(
        r#"name = "{name}"
zone = "UTC"

[match]
format = "csv"
header = ["{first}", "Made", "Day", "Number", "Lost", "Back"]

[numbers]
default_region = "GB"

[[table]]
to = "reports"

[table.columns]
report_id = "{first}"
reported = {{ column = "Made", format = "%Y-%m-%d" }}
incident = {{ column = "Day", format = "%Y-%m-%d" }}
called = "Number"
loss = {{ column = "Lost", currency = "GBP" }}
refunded = {{ column = "Back", currency = "GBP" }}
"#
    )
}

/// BIP-173's and BIP-350's examples; of the first also in capitals, and with its last character wrong.
const P2WPKH: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
const WRONG: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5";
const P2TR: &str = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0";
/// The address of Bitcoin's first block, and BIP-173's example of a test network.
const GENESIS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
const TESTNET: &str = "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx";

fn payments() -> String {
    let upper = P2WPKH.to_ascii_uppercase();
    format!(
        "Pay,Account,At,Coins,Txid,To,From\n\
         1,10,2022-03-01 10:00:00,0.01,AA,{P2WPKH},wallet-one\n\
         2,11,2022-03-02 10:00:00,0.02,aa,{upper},wallet-one\n\
         3,11,2022-03-03 10:00:00,-0.005,cc,{P2TR},wallet-two\n\
         4,12,2022-03-04 10:00:00,0.03,dd,{WRONG},{GENESIS}\n\
         5,12,2022-03-09 10:00:00,0.04,ee,{TESTNET},\n\
         6,13,2022-03-04 10:00:00,1.00,ff,,wallet-six\n"
    )
}

/// Numbers 101 to 130 were called and talked to by account 10, each on a day of its own; 300 others.
fn calls() -> String {
    let mut out = String::from("Call,Account,Number,Start,Answer,Seconds\n");
    for n in 0..30 {
        let day = n % 28 + 1;
        out.push_str(&format!(
            "c{n},10,07700900{},2022-05-{day:02} 14:00:00,2022-05-{day:02} 14:00:10,300\n",
            101 + n
        ));
    }
    for n in 0..300 {
        out.push_str(&format!(
            "o{n},1{},07700900{},2022-04-{:02} 11:00:00,,0\n",
            n % 4,
            500 + n,
            n % 28 + 1
        ));
    }
    out
}

/// A report of each number from `from` to `to` of the thirty, £100 more each; one without a number.
fn reports(first: &str, from: u32, to: u32) -> String {
    let mut out = format!("{first},Made,Day,Number,Lost,Back\n");
    for n in from..to {
        let day = n % 28 + 1;
        out.push_str(&format!(
            "{first}{n},2022-06-01,2022-05-{day:02},07700 900{},{}.00,{}\n",
            101 + n,
            100 * (n + 1),
            if n % 10 == 0 { "10.00" } else { "" },
        ));
    }
    out.push_str(&format!("{first}none,2022-06-01,2022-05-03,,9.00,\n"));
    out
}

/// A `TagPack` with an address in capitals, one of nobody here, and an entry without any.
const PACK: &str = "title: Made-up tags\ncreator: a test\nlastmod: 2022-02-15\ncurrency: BTC\n\
    source: https://lists.example/tags\ntags:\n\
    - address: BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4\n  label: a mixer </script><b>\n  \
    category: mixing_service\n  lastmod: 2021-12-01\n\
    - address: 3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy\n  label: nobody of ours\n- label: no address\n";

/// A case with payments, calls and reports by two sources, sealed and not run.
fn sealed(second_list: bool) -> Desk {
    let desk = Desk::new();
    desk.write("new/reference/rates.csv", RATES);
    desk.write("new/case.toml", CASE);
    desk.on("case", &["init", "--from", "new/case.toml"])
        .whole();
    for (name, mapping) in [
        ("service", SERVICE.to_owned()),
        ("calls", CALLS.to_owned()),
        ("police", reports_mapping("police", "Ref")),
        ("bank", reports_mapping("bank", "Case")),
    ] {
        desk.write(&format!("case/mappings/{name}.toml"), mapping);
    }
    let mut files = vec![
        desk.write("payments.csv", payments()),
        desk.write("calls.csv", calls()),
        desk.write("police.csv", reports("Ref", 0, 20)),
    ];
    let bank = desk.write("bank.csv", reports("Case", 10, 30));
    files.extend(second_list.then_some(bank));
    desk.seal("case", &files).whole();
    desk
}

const RATES: &str = "date,currency,value_currency,rate\n\
    2022-03-01,BTC,GBP,30000.00\n2022-03-02,BTC,GBP,30000.00\n2022-03-03,BTC,GBP,30000.00\n\
    2022-03-04,BTC,GBP,31000.00\n";

fn run(desk: &Desk) {
    desk.on("case", &["run"]).whole();
}

fn rows(desk: &Desk, query: &str) -> Vec<Value> {
    let ran = desk.on("case", &["sql", query, "--format", "json"]).whole();
    ran.json().as_array().unwrap().clone()
}

fn explained(desk: &Desk, name: &str) -> Ran {
    desk.on("case", &["explain", name]).whole()
}

#[test]
fn payments_are_read_valued_and_held_against_lists() {
    let desk = sealed(false);
    desk.write("tags.yaml", PACK);
    desk.write(
        "sanctioned.txt",
        format!("{GENESIS}\nnot one word\n{P2TR}\n"),
    );
    let add = ["reference", "add", "addresses"];
    let added = desk
        .on("case", &[&add[..], &["tags.yaml"]].concat())
        .whole()
        .text();
    says(
        &added,
        &["added tags.yaml: 2 entries", "is left out: no-address"],
    );
    let office = ["sanctioned.txt", "--dated", "2022-07-01"];
    let office = [&add[..], &office, &["--organisation", "An office"]].concat();
    let added = desk.on("case", &office).whole().text();
    says(
        &added,
        &["added sanctioned.txt: 2 entries", "line 2 is left out"],
    );
    run(&desk);

    let read = rows(
        &desk,
        "select payment_id, value_minor, value_status, paid_to, paid_to_status, paid_to_kind, \
         paid_to_network, paid_from_status from payments_read order by payment_no",
    );
    let of = |name: &str| -> Vec<Value> { read.iter().map(|row| row[name].clone()).collect() };
    assert_eq!(of("payment_id"), ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(read[1]["paid_to"], P2WPKH, "capitals are the same address");
    let statuses = [
        "valid",
        "valid",
        "valid",
        "wrong-checksum",
        "other-network",
        "missing",
    ];
    assert_eq!(of("paid_to_status"), statuses);
    assert_eq!(read[2]["paid_to_kind"], "p2tr");
    assert_eq!(read[4]["paid_to_network"], "other");
    assert_eq!(read[3]["paid_from_status"], "valid");
    assert_eq!(read[0]["value_minor"], 30_000);
    assert_eq!(read[4]["value_status"], "no-rate");

    let spend = rows(
        &desk,
        "select account_id, payments, paid_minor, paid_back_minor, without_rate from \
         account_spend order by account_no",
    );
    let said = |row: &Value| {
        ["payments", "paid_minor", "paid_back_minor", "without_rate"]
            .map(|name| row[name].as_i64().unwrap())
    };
    assert_eq!(
        said(&spend[1]),
        [2, 60_000, 15_000, 0],
        "paid back stands apart"
    );
    assert_eq!(said(&spend[2]), [2, 93_000, 0, 1], "a day without a rate");
    let total = rows(&desk, "select sum(paid_minor) as paid from person_spend");
    let by_account = rows(&desk, "select sum(paid_minor) as paid from account_spend");
    assert_eq!(total, by_account, "persons share no account");

    let shared = rows(
        &desk,
        "select what, value, accounts, account_id, first_payer from shared_sources order by what, \
         first_utc",
    );
    let found: Vec<_> = shared
        .iter()
        .map(|row| {
            (
                row["what"].as_str().unwrap(),
                row["account_id"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("paid-from", "10"),
        ("paid-from", "11"),
        ("paid-to", "10"),
        ("paid-to", "11"),
        ("transaction", "10"),
        ("transaction", "11"),
    ];
    assert_eq!(found, expected);
    let first: Vec<_> = shared
        .iter()
        .map(|row| row["first_payer"].clone())
        .collect();
    assert_eq!(first, [true, false, true, false, true, false]);

    let matches = rows(
        &desk,
        "select payment_no, side, list, line, label, dated, said_by from payment_matches order by \
         payment_no, list",
    );
    assert_eq!(matches.len(), 4);
    assert_eq!(matches[0]["list"], "tags.yaml");
    assert_eq!(matches[0]["line"], 7);
    assert_eq!(matches[0]["dated"], "2021-12-01", "the entry's own day");
    assert_eq!(matches[0]["said_by"], "https://lists.example/tags");
    assert_eq!(matches[3]["side"], "paid-from");
    assert_eq!(matches[3]["label"], "An office");
    assert_eq!(matches[3]["dated"], "2022-07-01");

    let figures = by_id(&desk.on("case", &["brief", "--json"]).whole().json()["figures"]);
    let value = |id: &str| figures[id]["value"].as_i64().unwrap();
    assert_eq!(value("payments_to_valid"), 3);
    assert_eq!(value("payments_to_invalid"), 2);
    assert_eq!(value("payments_to_missing"), 1);
    assert_eq!(value("payments_without_value"), 1);
    assert_eq!(value("payments_listed"), 4);
    assert_eq!(value("payments_listed:tags.yaml"), 2);
    assert_eq!(value("payments_listed_value_minor:tags.yaml"), 90_000);
    assert_eq!(
        value("payments_listed_value_minor:sanctioned.txt"),
        93_000 - 15_000
    );
    assert_eq!(value("payments_shared_sources"), 1);
    let text = desk.on("case", &["brief"]).whole().text();
    says(
        &text,
        &[
            "No block chain was looked at",
            "a mixer </script><b>: 2 payments",
        ],
    );

    let told = explained(&desk, "payment:2").text();
    says(
        &told,
        &[
            "payment service/2",
            "worth 60000 minor units",
            "on the list tags.yaml, line 7 (dated 2021-12-01)",
            "first payer service/10",
            "no block chain was looked at",
        ],
    );
    let args = ["explain", "payment:service/4", "--bytes", "--json"];
    let told = desk.on("case", &args).whole().json();
    assert_eq!(told["payment"]["listed"][0]["list"], "sanctioned.txt");
    let bytes = told["bytes_hex"][0].as_str().unwrap();
    assert!(bytes.starts_with("342c31322c"), "the row `4,12,…`: {bytes}");
    let refused = desk.on("case", &["explain", "payment:99"]);
    refused.refused(1, "explain/unknown");
}

#[test]
fn lists_that_are_none_are_refused() {
    let desk = sealed(false);
    desk.write("none.yaml", "title: no tags\n");
    desk.write("empty.txt", "\n\n");
    let add = |file: &str| desk.on("case", &["reference", "add", "addresses", file]);
    let told = add("none.yaml");
    assert_eq!(told.code, Some(1), "{told}");
    says(&told.stderr, &["none.yaml", "code: payments/no-tags"]);
    let told = add("empty.txt");
    assert_eq!(told.code, Some(1), "{told}");
    says(&told.stderr, &["code: reference/empty"]);
    let dated = [
        "reference",
        "add",
        "addresses",
        "list.txt",
        "--dated",
        "soon",
    ];
    desk.write("list.txt", GENESIS);
    let told = desk.on("case", &dated);
    assert_eq!(told.code, Some(1), "{told}");
    says(&told.stderr, &["not a date", "code: reference/line"]);
}

/// The lists that a team would add, as they are published. What they hold is held by their names.
#[test]
fn published_lists_are_read() {
    let Some(folder) = shared_data("crypto") else {
        return;
    };
    let desk = Desk::new();
    desk.on("case", &["init"]).whole();
    for entry in folder.read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        let add = ["reference", "add", "addresses", path.as_str(), "--json"];
        let added = desk.on("case", &add).whole().json();
        assert!(added[0]["entries"].as_u64().unwrap() > 0, "{path}");
        assert_eq!(added[0]["rejects"], serde_json::json!([]), "{path}");
    }
}

#[test]
fn one_list_of_victims_gives_no_estimate_by_overlap() {
    let desk = sealed(false);
    run(&desk);
    let brief = desk.on("case", &["brief", "--json"]).whole().json();
    let estimate = &brief["money"]["estimate"];
    assert_eq!(estimate["victims_listed"], 20);
    assert_eq!(estimate["reports_left_out"], 1, "the one without a number");
    assert_eq!(estimate["low"], Value::Null, "nobody reported twice");
    assert_eq!(estimate["missed_links"], serde_json::json!([]));
    says(
        estimate["basis"].as_str().unwrap(),
        &["one list of victims only", "no estimate"],
    );
    let figures = by_id(&brief["figures"]);
    assert!(figures.contains_key("victims_listed"));
    assert!(!figures.contains_key("victims_estimate_low"));
    let text = desk.on("case", &["brief"]).whole().text();
    says(&text, &["no estimate; 20 victims are on a list"]);
}

#[test]
fn overlapping_lists_give_a_range_and_never_one_number() {
    let desk = sealed(true);
    run(&desk);
    let brief = desk.on("case", &["brief", "--json"]).whole().json();
    let estimate = &brief["money"]["estimate"];
    // 20 on each of two lists, 10 on both: Chapman gives 21 · 21 / 11 - 1 = 39.09.
    assert_eq!(
        estimate["lists"],
        serde_json::json!([["bank", 20], ["police", 20]])
    );
    assert_eq!(estimate["victims_listed"], 30);
    let models = estimate["models"].as_array().unwrap();
    let chapman = models
        .iter()
        .find(|one| one["name"] == "Chapman, independent lists")
        .unwrap();
    assert_eq!(chapman["middle"], 39);
    let (low, high) = (
        estimate["low"].as_u64().unwrap(),
        estimate["high"].as_u64().unwrap(),
    );
    assert!((30..39).contains(&low) && 39 < high, "{low} to {high}");
    assert_eq!(estimate["missed_links"].as_array().unwrap().len(), 4);
    for one in models.iter().filter(|one| !one["middle"].is_null()) {
        assert!(!one["low"].is_null(), "never without its limits: {one}");
    }
    let figures = by_id(&brief["figures"]);
    let definition = |id: &str| figures[id]["definition"].as_str().unwrap();
    for id in ["victims_estimate_low", "victims_estimate_high"] {
        says(definition(id), &[&format!("{low} to {high}"), "2 lists"]);
    }
    let text = desk.on("case", &["brief"]).whole().text();
    says(
        &text,
        &[
            &format!("between {low} and {high} victims, of whom 30 are on a list"),
            "exposure and no list of victims: 30",
            "if 10 % of true links missed",
        ],
    );
    // The log is no list: another engaged number changes exposure, not the estimate.
    let table = rows(&desk, "select kind, name, low, high from estimates");
    let kinds = |kind: &str| table.iter().filter(|row| row["kind"] == kind).count();
    assert_eq!(
        (kinds("list"), kinds("range"), kinds("missed-links")),
        (2, 1, 4)
    );
}

#[test]
fn losses_are_grouped_and_every_grouping_adds_up_to_the_same() {
    let desk = sealed(true);
    run(&desk);
    let all = rows(
        &desk,
        "select count(*) as n, sum(gross_minor) as gross, sum(refunded_minor) as refunded from \
         losses",
    );
    let groups = rows(
        &desk,
        "select by, sum(losses) as n, sum(gross_minor) as gross, sum(refunded_minor) as refunded \
         from loss_groups group by by order by by",
    );
    assert_eq!(groups.len(), 5);
    for group in &groups {
        for name in ["n", "gross", "refunded"] {
            assert_eq!(group[name], all[0][name], "{name} of {group}");
        }
    }
    let brief = desk.on("case", &["brief", "--json"]).whole().json();
    let losses = &brief["money"]["losses"]["all"];
    // £100, £200 … £3,000, each once though ten are on two lists.
    assert_eq!(losses["losses"], 30);
    assert_eq!(losses["gross_minor"], 4_650_000);
    assert_eq!(losses["mean_minor"], 155_000);
    assert_eq!(losses["median_minor"], 150_000);
    assert_eq!(losses["largest_minor"], 300_000);
    assert_eq!(losses["refunded_minor"], 3_000);
    let number = rows(
        &desk,
        "select loss_no from losses where reports = 2 limit 1",
    );
    let number = number[0]["loss_no"].as_u64().unwrap();
    let told = explained(&desk, &format!("loss:{number}")).text();
    says(
        &told,
        &[
            "exact, told of by 2 reports",
            "report bank/",
            "report police/",
            "call at 2022-05-",
        ],
    );
    let args = ["explain", &format!("loss:{number}"), "--json", "--bytes"];
    let told = desk.on("case", &args).whole().json();
    assert_eq!(told["loss"]["reports"].as_array().unwrap().len(), 2);
    assert_eq!(
        told["bytes_hex"].as_array().unwrap().len(),
        4,
        "two reports, two calls"
    );
    desk.on("case", &["explain", "loss:soon"])
        .refused(1, "explain/unknown");
}

#[test]
fn the_page_draws_and_no_seized_or_listed_word_becomes_markup() {
    let desk = sealed(true);
    desk.write("tags.yaml", PACK);
    desk.on("case", &["reference", "add", "addresses", "tags.yaml"])
        .whole();
    run(&desk);
    let page = fs::read_to_string(desk.at("case/out/brief.html")).unwrap();
    says(
        &page,
        &[
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
             'unsafe-inline'\">",
            "id=\"picture-weeks\"",
            "id=\"picture-losses\"",
            "id=\"picture-estimates\"",
            "a mixer &lt;/script&gt;&lt;b&gt;",
            "nothing is inferred about it",
        ],
    );
    for no in [
        "<script",
        "</script",
        "<b>&",
        "<img",
        "<link",
        "url(",
        "src=",
        "@import",
        " onload=",
        " onclick=",
    ] {
        assert!(!page.contains(no), "`{no}` is in the page");
    }
    // Ids are unique, so that each picture is called by its own title.
    let ids: Vec<&str> = page
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    assert_eq!(ids.len(), 9, "three pictures: {ids:?}");
}

#[test]
fn a_person_is_drawn_on_the_page_and_to_a_file() {
    let desk = tiny(3);
    let page = fs::read_to_string(desk.at("case/out/brief.html")).unwrap();
    says(
        &page,
        &["id=\"picture-person-0\"", "values that they share"],
    );
    let joined = rows(
        &desk,
        "select source || '/' || account_id as account, person_id from person_accounts where \
         person_id in (select person_id from persons where accounts > 1) order by account_no limit 1",
    );
    let account = joined[0]["account"].as_str().unwrap();
    let shared = rows(
        &desk,
        &format!(
            "select distinct value from person_links where evidence = 'device' and value is not \
             null and person_id = other_person_id and person_id = '{}'",
            joined[0]["person_id"].as_str().unwrap()
        ),
    );
    desk.on("case", &["explain", account, "--svg", "person.svg"])
        .whole();
    let svg = fs::read_to_string(desk.at("person.svg")).unwrap();
    assert!(svg.starts_with("<svg xmlns="), "{svg}");
    says(
        &svg,
        &[account, "device, ", " bits, ", "prefers-color-scheme: dark"],
    );
    assert!(!shared.is_empty());
    for one in &shared {
        let value = one["value"].as_str().unwrap();
        assert!(!svg.contains(value), "values stay in the case");
        assert!(!page.contains(value), "values stay in the case");
    }
    let refused = desk.on("case", &["explain", "payments", "--svg", "x.svg"]);
    refused.refused(1, "explain/no-picture");
    assert!(!desk.at("x.svg").exists());
}

#[test]
fn every_figure_on_money_leads_to_its_rows() {
    let desk = sealed(true);
    desk.write("tags.yaml", PACK);
    desk.on("case", &["reference", "add", "addresses", "tags.yaml"])
        .whole();
    run(&desk);
    let exhibits = by_name(&desk);
    let brief = desk.on("case", &["brief", "--json"]).whole().json();
    let mut followed = 0;
    for figure in brief["figures"].as_array().unwrap() {
        let id = figure["id"].as_str().unwrap();
        if !id.starts_with("payments") && !id.starts_with("victims") {
            continue;
        }
        let told = desk
            .on("case", &["explain", id, "--limit", "0", "--json"])
            .whole()
            .json();
        let rows = told["rows"].as_array().unwrap();
        let lines = rows.iter().map(|row| {
            let sha256 = &exhibits[row["exhibit"].as_str().unwrap()];
            format!(
                "{sha256} {} {} {}",
                row["stream"], row["byte_offset"], row["byte_len"]
            )
        });
        let hash = crate::support::sha256_of_lines(lines);
        assert_eq!(figure["rows_sha256"], hash, "{id}");
        if figure["unit"] == "payments" {
            assert_eq!(figure["value"], rows.len(), "{id}");
        }
        followed += usize::from(!rows.is_empty());
    }
    assert!(followed > 15, "{followed}");
}

/// SHA-256 of the sealed files, by their names.
fn by_name(desk: &Desk) -> std::collections::BTreeMap<&'static str, String> {
    ["payments.csv", "calls.csv", "police.csv", "bank.csv"]
        .into_iter()
        .map(|name| {
            (
                name,
                crate::support::sha256(fs::read(desk.at(name)).unwrap()),
            )
        })
        .collect()
}
