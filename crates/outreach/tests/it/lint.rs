//! Texts that are refused, one defect each, and texts that are not.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use unspoof_outreach::lint::{Channel, Draft, Exception, Rule, Setting, lint};
use unspoof_outreach::text::Coding;

const FOLDER: &str = "testdata/lint";

/// A fixture: `key: value` lines, an empty line, the text. `\u{…}` in it is that character.
struct Case {
    language: String,
    sender_id: String,
    channel: Channel,
    most_parts: usize,
    has_code: bool,
    organisations: Vec<String>,
    exceptions: Vec<Exception>,
    text: String,
}

fn read(path: &Path) -> Case {
    let file = fs::read_to_string(path).unwrap();
    let (head, text) = file.split_once("\n\n").unwrap();
    let mut case = Case {
        language: "en".into(),
        sender_id: "CrownPolice".into(),
        channel: Channel::MessageCentre,
        most_parts: 1,
        has_code: true,
        organisations: Vec::new(),
        exceptions: Vec::new(),
        text: unescaped(text.strip_suffix('\n').unwrap()),
    };
    for line in head.lines() {
        let (key, value) = line.split_once(": ").unwrap();
        match key {
            "language" => case.language = value.into(),
            "sender" => case.sender_id = value.into(),
            "channel" => case.channel = serde_json::from_value(value.into()).unwrap(),
            "parts" => case.most_parts = value.parse().unwrap(),
            "code" => case.has_code = value == "yes",
            "organisation" => case.organisations.push(value.into()),
            "exception" => case.exceptions.push(serde_json::from_str(value).unwrap()),
            other => panic!("{}: `{other}`", path.display()),
        }
    }
    case
}

fn unescaped(text: &str) -> String {
    let mut pieces = text.split("\\u{");
    let mut plain = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once('}').unwrap();
        plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        plain.push_str(rest);
    }
    plain
}

fn report(case: &Case) -> unspoof_outreach::lint::Report {
    let registered = ["CrownPolice".to_owned(), "Crown Pol.".to_owned()];
    let setting = Setting {
        registered: &registered,
        short_codes: &["61234".to_owned()],
        organisations: &case.organisations,
        has_code: case.has_code,
        coding: Coding::default(),
        channel: case.channel,
        most_parts: case.most_parts,
    };
    let draft = Draft {
        language: &case.language,
        text: &case.text,
        sender_id: &case.sender_id,
    };
    lint(&draft, &setting, &case.exceptions)
}

fn fixtures() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "in"))
        .collect();
    paths.sort();
    paths
}

#[test]
fn each_fixture_is_found_to_be_what_it_is() {
    let update = std::env::var_os("UNSPOOF_UPDATE_EXPECTED").is_some();
    for path in fixtures() {
        let report = report(&read(&path));
        let mut found = String::new();
        for finding in &report.findings {
            writeln!(
                found,
                "{}..{} {finding}",
                finding.span.start, finding.span.end
            )
            .unwrap();
        }
        for idle in &report.idle_exceptions {
            writeln!(found, "idle exception: {} `{}`", idle.rule, idle.found).unwrap();
        }
        let expected = path.with_extension("expected");
        if update {
            fs::write(&expected, &found).unwrap();
        }
        let wanted = fs::read_to_string(&expected).unwrap();
        assert_eq!(found, wanted, "{}", path.display());
    }
}

/// A fixture's name says its rule, then its defect, then its language: `link-domain.en.in`. Texts
/// called `good-…` are accepted, and so are those whose one finding somebody lets pass.
#[test]
fn each_defect_is_refused_by_its_rule_alone_and_good_texts_are_not() {
    let mut refused = std::collections::BTreeMap::<&str, usize>::new();
    let mut good = std::collections::BTreeMap::<String, usize>::new();
    for path in fixtures() {
        let case = read(&path);
        let report = report(&case);
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.starts_with("good-") || name.starts_with("excepted-") {
            assert!(report.is_accepted(), "{name}: {:?}", report.findings);
            *good.entry(case.language).or_default() += 1;
            continue;
        }
        assert!(!report.is_accepted(), "{name}");
        for finding in report.refused() {
            let id = finding.rule.id();
            assert!(name.starts_with(&format!("{id}-")), "{name}: {finding}");
            *refused.entry(id).or_default() += 1;
            assert!(case.text.get(finding.span.clone()).is_some(), "{name}");
        }
    }
    let mut rules = Rule::ALL.map(Rule::id);
    rules.sort_unstable();
    assert_eq!(refused.keys().copied().collect::<Vec<_>>(), rules);
    for language in ["ar", "cy", "en", "es", "pl", "ur"] {
        assert!(
            good.get(language).is_some_and(|texts| *texts >= 2),
            "{language}"
        );
    }
}

/// The page tells of every rule, in its order, and of no other.
#[test]
fn every_rule_stands_on_its_page() {
    let page = fs::read_to_string("../../docs/reference/lint.md").unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let told: Vec<&str> = rows
        .filter_map(|row| Some(row.split_once('`')?.0))
        .collect();
    assert_eq!(told, Rule::ALL.map(Rule::id));
}

/// Money, haste and requests are refused in all six languages.
#[test]
fn each_language_has_its_defects() {
    for language in ["ar", "cy", "en", "es", "pl", "ur"] {
        for rule in ["money", "urgency", "request", "personal-data", "language"] {
            let has_one = fixtures().iter().any(|path| {
                let name = path.file_name().unwrap().to_str().unwrap();
                name.starts_with(&format!("{rule}-")) && name.ends_with(&format!(".{language}.in"))
            });
            assert!(has_one, "no `{rule}` in `{language}`");
        }
    }
}

/// What the portal's rehearsal says its text is: the same words, in two parts.
#[test]
fn the_text_of_the_portals_rehearsal_is_accepted() {
    let source = fs::read_to_string("../portal/src/sample.rs").unwrap();
    let (_, rest) = source.split_once("const TEXT: &str = \"").unwrap();
    let (text, _) = rest.split_once("\";").unwrap();
    let text = text.replace("\\\n", "");
    assert!(text.starts_with("Crownfield Police: ") && text.ends_with("{code}"));
    let case = Case {
        language: "en".into(),
        sender_id: "CrownPolice".into(),
        channel: Channel::Notify,
        most_parts: 2,
        has_code: true,
        organisations: Vec::new(),
        exceptions: Vec::new(),
        text,
    };
    let report = report(&case);
    assert!(report.is_accepted(), "{:?}", report.findings);
}

#[test]
fn an_exception_lets_one_finding_pass_and_no_other() {
    let mut case = read(Path::new("testdata/lint/link-domain.en.in"));
    let exception = |rule, found: &str, reason: &str, by: &str| Exception {
        rule,
        found: found.into(),
        reason: reason.into(),
        by: by.into(),
    };
    for (rule, found, reason, by, passes) in [
        (
            Rule::Link,
            "police.example.uk/crown",
            "announced",
            "A. Officer",
            true,
        ),
        (
            Rule::Link,
            "police.example.uk",
            "announced",
            "A. Officer",
            false,
        ),
        (
            Rule::Email,
            "police.example.uk/crown",
            "announced",
            "A. Officer",
            false,
        ),
        (
            Rule::Link,
            "police.example.uk/crown",
            " ",
            "A. Officer",
            false,
        ),
        (
            Rule::Link,
            "police.example.uk/crown",
            "announced",
            "",
            false,
        ),
    ] {
        case.exceptions = vec![exception(rule, found, reason, by)];
        let report = report(&case);
        assert_eq!(report.is_accepted(), passes, "{found} {reason} {by}");
        assert_eq!(report.idle_exceptions.is_empty(), passes);
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_every_place_is_in_the_text(
        text in "(\\PC|[{}().@0-9a-z ]|\\{code\\}|\\{organisation\\}|met\\.uk|[\\u{0}-\\u{ffff}]){0,60}",
        language in "en|cy|ar|ur|pl|es|fr|xx|",
        organisation in "\\PC{0,12}",
    ) {
        let case = Case {
            language,
            sender_id: "x".into(),
            channel: Channel::Notify,
            most_parts: 1,
            has_code: true,
            organisations: vec![organisation],
            exceptions: Vec::new(),
            text,
        };
        let report = report(&case);
        prop_assert!(!report.is_accepted());
        for finding in &report.findings {
            prop_assert!(case.text.get(finding.span.clone()).is_some(), "{finding:?}");
        }
    }
}
