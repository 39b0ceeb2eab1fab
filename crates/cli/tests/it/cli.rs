//! What can be typed, and that what people are told to type exists.

use std::collections::BTreeSet;

use crate::support::{Desk, tiny};

/// The commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let commands = help.split("Commands:").nth(1).unwrap_or_default();
    let names = commands.lines().skip(1).take_while(|line| !line.is_empty());
    names
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

fn walk(desk: &Desk, path: &[String], seen: &mut BTreeSet<String>) {
    let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
    args.push("--help");
    let help = desk.run(&args).whole().text();
    assert!(help.contains("Usage: unspoof"), "{help}");
    assert!(
        help.contains("--case <DIR>") && help.contains("--json"),
        "{help}"
    );
    if !path.is_empty() {
        seen.insert(path.join(" "));
    }
    for name in listed(&help) {
        walk(desk, &[path, &[name]].concat(), seen);
    }
}

fn commands() -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    walk(&Desk::new(), &[], &mut seen);
    seen
}

#[test]
fn every_command_explains_itself() {
    let seen = commands();
    let expected = [
        "audit",
        "audit checkpoint",
        "audit log",
        "brief",
        "demo",
        "explain",
        "funnel",
        "ingest",
        "init",
        "judge",
        "judge different",
        "judge identified",
        "judge import",
        "judge list",
        "judge match",
        "judge no-match",
        "judge not-victim",
        "judge reported",
        "judge same",
        "judge several",
        "judge suppressed",
        "judge undo",
        "judge victim",
        "lab",
        "lab generate",
        "lab score",
        "mapping",
        "mapping list",
        "mapping show",
        "reference",
        "reference add",
        "reference list",
        "run",
        "seal",
        "sql",
        "verify",
    ];
    for command in expected {
        assert!(seen.contains(command), "`{command}` is gone: {seen:?}");
    }
    let version = Desk::new().run(&["--version"]).whole().text();
    assert_eq!(
        version.trim(),
        format!("unspoof {}", env!("CARGO_PKG_VERSION"))
    );
}

/// Commands in a text: what follows `unspoof` in code, up to an option, a value or the end.
fn named_in(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let mut in_fence = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
            continue;
        }
        let pieces: Vec<&str> = if in_fence {
            vec![line.trim_start().trim_start_matches("$ ")]
        } else {
            line.split('`').skip(1).step_by(2).collect()
        };
        for piece in pieces {
            let rest = piece
                .strip_prefix("unspoof ")
                .or_else(|| piece.strip_prefix("cargo run --release -- "));
            let Some(rest) = rest else { continue };
            let is_word = |word: &&str| {
                !word.is_empty()
                    && word
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                    && !word.starts_with('-')
            };
            let words: Vec<&str> = rest.split(' ').take_while(is_word).take(2).collect();
            if !words.is_empty() {
                named.insert(words.join(" "));
            }
        }
    }
    named
}

#[test]
fn the_readme_names_only_commands_that_there_are() {
    let readme = "../../README.md";
    let readme = std::fs::read_to_string(readme).unwrap();
    let (now, later) = readme
        .split_once("## Not yet")
        .expect("the README says what is missing");
    let later = later.split_once("\n## ").map_or("", |(_, after)| after);
    let known = commands();
    let mut named = named_in(now);
    named.extend(named_in(later));
    assert!(named.len() >= 4, "{named:?}");
    for command in named {
        let first = command.split(' ').next().unwrap();
        assert!(
            known.contains(&command) || known.contains(first),
            "the README tells people to type `unspoof {command}`"
        );
    }
}

#[test]
fn what_the_demo_says_to_try_next_works() {
    let desk = Desk::new();
    let shown = desk
        .run(&["demo", "--preset", "tiny"])
        .with_rejects()
        .text();
    let next = shown
        .split_once("Try next:\n")
        .expect("it says what to try")
        .1;
    let mut tried = 0;
    for line in next.lines().filter(|line| line.starts_with("  unspoof ")) {
        let mut shell = std::process::Command::new("sh");
        desk.furnish(&mut shell);
        let program = env!("CARGO_BIN_EXE_unspoof");
        let line = line.trim_start().strip_prefix("unspoof").unwrap();
        shell.args(["-c", &format!("'{program}'{line}")]);
        crate::support::finish(&mut shell).whole();
        tried += 1;
    }
    assert!(tried >= 4, "{shown}");
    for place in [
        "demo-case/out/brief.html",
        "demo-case/tables/calls",
        "demo-case.seized/truth",
    ] {
        assert!(desk.at(place).exists(), "{place}");
    }
    let page = std::fs::read_to_string(desk.at("demo-case/out/brief.html")).unwrap();
    for reach in ["src=\"http", "href=\"http", "url(http", "@import", "fetch("] {
        assert!(
            !page.contains(reach),
            "the page reaches for the network: {reach}"
        );
    }
    let again = desk.run(&["demo", "--preset", "tiny"]);
    let told = again.refused(1, "demo/exists");
    assert!(told.contains("demo-case"), "{told}");
}

#[test]
fn a_wrong_word_is_a_matter_of_usage() {
    let desk = Desk::new();
    for args in [
        &["spoof"][..],
        &["run", "--fast"],
        &["seal"],
        &["lab", "generate", "--preset", "huge", "x"],
    ] {
        let ran = desk.run(args);
        assert_eq!(ran.code, Some(2), "{ran}");
    }
    assert_eq!(
        desk.run(&["run", "--case", "nowhere"])
            .refused(1, "case/not-a-case")
            .lines()
            .count(),
        3
    );
}

#[test]
fn with_json_standard_output_is_one_document() {
    let desk = Desk::new();
    desk.lab("tiny", 6);
    let from = ["init", "--from", "lab/case.toml", "--json"];
    assert!(desk.on("case", &from).whole().json()["log_key"].is_string());
    let mut seal = vec!["seal", "--json"];
    let files = desk.seized();
    seal.extend(files.iter().map(|file| file.as_str()));
    let sealed = desk.on("case", &seal).whole().json();
    assert_eq!(sealed["exhibits"].as_array().unwrap().len(), files.len());
    assert!(
        desk.on("case", &["ingest", "--dry-run", "--json"])
            .with_rejects()
            .json()
            .is_object()
    );
    assert!(!desk.at("case/tables").exists(), "a dry run writes nothing");
    for (args, code) in [
        (&["ingest", "--json"][..], 3),
        (&["run", "--json"], 3),
        (&["funnel", "--json"], 0),
        (&["brief", "--json"], 0),
        (&["explain", "calls", "--json"], 0),
        (&["sql", "select 1 as one", "--json"], 0),
        (&["reference", "list", "--json"], 0),
        (&["audit", "log", "--json"], 0),
        (&["mapping", "list", "--json"], 0),
        (&["verify", "--json"], 0),
        (&["explain", "nothing", "--json"], 1),
    ] {
        let ran = desk.on("case", args);
        assert_eq!(ran.code, Some(code), "{ran}");
        ran.json();
    }
}

#[test]
fn sql_gives_tables_json_csv_and_parquet() {
    let desk = tiny(8);
    let query = "select called_region, count(*) as calls from calls \
                 where called_region is not null group by 1 order by 2 desc, 1 limit 3";
    let as_json = desk
        .on("case", &["sql", query, "--format", "json"])
        .whole()
        .json();
    let rows = as_json.as_array().unwrap();
    assert_eq!(rows.len(), 3);
    let csv = desk
        .on("case", &["sql", query, "--format", "csv"])
        .whole()
        .text();
    let expected: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{},{}",
                row["called_region"].as_str().unwrap(),
                row["calls"]
            )
        })
        .collect();
    assert_eq!(
        csv.trim_end(),
        format!("called_region,calls\n{}", expected.join("\n"))
    );
    let table = desk.on("case", &["sql", query]).whole().text();
    assert!(
        table.contains("called_region") && table.contains("GB"),
        "{table}"
    );
    desk.on(
        "case",
        &[
            "sql",
            query,
            "--format",
            "parquet",
            "--output",
            "out.parquet",
        ],
    )
    .whole();
    let written = std::fs::read(desk.at("out.parquet")).unwrap();
    assert!(written.starts_with(b"PAR1") && written.ends_with(b"PAR1"));
    desk.on("case", &["sql", query, "--format", "parquet"])
        .refused(1, "sql/output");
    let wrong = desk.on("case", &["sql", "select nothing from calls"]);
    assert_eq!(wrong.code, Some(1), "{wrong}");
    assert!(wrong.stderr.contains("nothing"), "{wrong}");
}
