//! Regulators' lists of number blocks: what they say of the calls of a case.

use crate::support::{says, tiny};

/// Two blocks as Ofcom publishes them. The lab calls numbers of blocks that are free.
const S7: &str = "NMS Number Block: Number Block,Block Status,CP Name,Non Geo Number Length,Allocation Date\n\
                  7000 0,Allocated,Made-up Mobile Limited,10 digit numbers,06/11/1995\n";

#[test]
fn an_answered_call_to_an_unallocated_number_is_kept_and_listed() {
    let desk = tiny(41);
    // Of a call without a time nobody knows what the list said then.
    let count = "select count(*) as n from spoofed_calls where attempt and answered and match_no <= 1 \
                 and called_e164 between 447000000000 and 447999999999 and started_utc is not null";
    let called = desk.on("case", &["sql", count, "--json"]).whole().json()[0]["n"]
        .as_u64()
        .unwrap();
    assert!(called > 0, "the lab answers some calls to mobiles");
    let without = desk.on("case", &["brief", "--json"]).whole().json();
    let has_figure = |brief: &serde_json::Value| {
        let figures = brief["figures"].as_array().unwrap();
        figures
            .iter()
            .any(|f| f["id"] == "calls_answered_unallocated")
    };
    assert!(!has_figure(&without), "no list, no figure");

    // All of 07 but the block above is free.
    let mut list = S7.to_owned();
    for block in 1..=99 {
        list += &format!("7{block:02},Free,,,\n");
    }
    desk.write("S7.csv", list.replace("700,Free,,,\n", ""));
    let told = desk.on("case", &["reference", "add", "ofcom", "S7.csv"]);
    let told = told.refused(1, "numbers/undated-block-list");
    says(&told, &["S7.csv", "--dated"]);
    let told = desk.on(
        "case",
        &["reference", "add", "cna", "S7.csv", "--dated", "2022-01-01"],
    );
    says(&told.refused(1, "reference/regulator"), &["ofcom"]);
    let dated = [
        "reference",
        "add",
        "ofcom",
        "S7.csv",
        "--dated",
        "2022-01-01",
    ];
    says(
        &desk.on("case", &dated).whole().text(),
        &["S7.csv", "100 entries"],
    );
    desk.on("case", &["run"]).with_rejects();

    let by_allocation = "select called_allocation as a, count(*) as n from spoofed_calls where attempt \
                         and answered and match_no <= 1 and called_e164 between 447000000000 and \
                         447999999999 and started_utc is not null group by 1";
    let rows = desk
        .on("case", &["sql", by_allocation, "--json"])
        .whole()
        .json();
    let of = |word: &str| {
        let rows = rows.as_array().unwrap();
        let row = rows.iter().find(|row| row["a"] == word);
        row.map_or(0, |row| row["n"].as_u64().unwrap())
    };
    // Numbers of drama are their own kind, whatever a list says.
    assert_eq!(of("unallocated") + of("drama"), called, "{rows}");
    let brief = desk.on("case", &["brief", "--json"]).whole().json();
    assert!(has_figure(&brief));
    let explained = desk.on(
        "case",
        &["explain", "calls_answered_unallocated", "--limit", "0"],
    );
    says(
        &explained.whole().text(),
        &[&format!("= {} calls", of("unallocated"))],
    );
    // Outside of every list nothing is said: unknown is not unallocated.
    let outside = "select count(*) as n from spoofed_calls where called_allocation is not null and \
                   called_allocation <> 'drama' and called_region <> 'GB'";
    let outside = desk.on("case", &["sql", outside, "--json"]).whole().json();
    assert_eq!(outside[0]["n"], 0);
    let asked = "select allocation(447000012345, '2022-06-01') as a, block_holder(447000012345, \
                 '2022-06-01') as h, allocation(4420, '2022-06-01') as o";
    let asked = desk.on("case", &["sql", asked, "--json"]).whole().json();
    assert_eq!(asked[0]["a"], "allocated");
    assert_eq!(asked[0]["h"], "Made-up Mobile Limited");
    assert!(asked[0]["o"].is_null());
    desk.assert_sound("case");
}
