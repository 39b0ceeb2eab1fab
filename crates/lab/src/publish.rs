//! Writes everything but the exhibits: the case, its lists and the truth files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::Context as _;
use camino::Utf8Path;
use serde_json::{Value, json};

use crate::accounts::{Account, Phone};
use crate::addresses;
use crate::blocks::GB_OTHER;
use crate::case::{self, Suppressions};
use crate::clock::{DAY_S, Zone};
use crate::dirt::Dirt;
use crate::generate::Made;
use crate::hard::MAPPINGS;
use crate::judgements;
use crate::phone::e164_text;
use crate::plan::Plan;
use crate::record::Exhibit;
use crate::reports::{Named, Reports};
use crate::seen::{CallToReporter, Seen};
use crate::truth::{Figure, Funnel, Step, losses, numbers_sha256, persons};

/// Numbers, in order, whose people reported the call after the last engaged one.
fn already_reported(seen: &Seen, named: &[Named]) -> Vec<u32> {
    let mut calls: BTreeMap<u32, Vec<&CallToReporter>> = BTreeMap::new();
    for call in &seen.to_reporters {
        calls.entry(call.id).or_default().push(call);
    }
    let mut reported: Vec<u32> = named
        .iter()
        .filter(|named| {
            let to = calls.get(&named.id).map_or(&[][..], Vec::as_slice);
            let local_s = |at| Zone::London.local_s(at);
            let on_day = |call: &&&CallToReporter| {
                let day = call.started.map(|at| local_s(at).div_euclid(DAY_S));
                day == Some(named.day)
            };
            let before = |call: &CallToReporter| {
                let start = call.started.map(local_s);
                start.is_some_and(|start| start < named.reported_day * DAY_S)
            };
            to.iter().any(|call| on_day(&call))
                && to.iter().all(|call| !call.engaged || before(call))
        })
        .map(|named| named.id)
        .collect();
    reported.sort_unstable();
    reported
}

/// Works out the funnel from what the calls touched.
pub(crate) fn funnel(
    plan: &Plan,
    seen: &Seen,
    figures: &[Figure],
    reported: &[Named],
    suppressed: &[u32],
) -> Funnel {
    let reported = already_reported(seen, reported);
    let mut suppressed = suppressed.to_vec();
    suppressed.sort_unstable();
    let mut mobile: Vec<u32> = plan
        .pool
        .home_mobiles()
        .filter(|&id| seen.engaged.has(id))
        .collect();
    let mobiles = mobile.len();
    mobile.retain(|&id| seen.by_priority.has(id));
    let by_priority = mobile.len();
    // Hard mode's reports give no list of named numbers, and its funnel has no such step.
    mobile.retain(|id| reported.binary_search(id).is_err());
    let not_reported = mobile.len();
    mobile.retain(|id| suppressed.binary_search(id).is_err());
    let contacts: Vec<u64> = mobile.iter().map(|&id| plan.pool.number(id)).collect();
    let step = |id, name, definition, unit, count| Step {
        id,
        name,
        definition,
        unit,
        count,
    };
    let mut steps = vec![
        step(
            "calls",
            "Calls",
            "legs to a target or of unknown kind; duplicates and tests left out",
            "calls",
            value(figures, "calls"),
        ),
        step(
            "home",
            "To the home regions",
            "calls to numbers of GB",
            "calls",
            value(figures, "calls_home"),
        ),
        step(
            "engaged",
            "Engaged",
            "answered with more than 60 s talked to a person, or a code captured",
            "calls",
            value(figures, "calls_home_engaged"),
        ),
        step(
            "numbers",
            "Numbers",
            "distinct called numbers",
            "numbers",
            value(figures, "numbers_home_engaged"),
        ),
        step(
            "mobile",
            "Mobile",
            "mobile numbers",
            "numbers",
            mobiles as u64,
        ),
        step(
            "identified_person",
            "Reached by an identified person",
            "reached by an account that the team identified a person by: of the home region, and at least 10000 pence paid",
            "numbers",
            by_priority as u64,
        ),
        step(
            "not_suppressed",
            "Not suppressed",
            "on no suppression list",
            "numbers",
            contacts.len() as u64,
        ),
    ];
    let is_hard = plan.hard.is_some();
    if !is_hard {
        let not_reported = step(
            "not_reported",
            "Not reported",
            "named by no report, made after the last engaged call, with a day on which it was called",
            "numbers",
            not_reported as u64,
        );
        steps.insert(steps.len() - 1, not_reported);
    }
    Funnel {
        rule: if is_hard { "hard" } else { "elaborate" },
        steps,
        contacts_sha256: numbers_sha256(&contacts),
    }
}

/// Returns a figure's value; 0 where there is no such figure.
pub(crate) fn value(figures: &[Figure], id: &str) -> u64 {
    figures
        .iter()
        .find(|figure| figure.id == id)
        .map_or(0, |figure| figure.value)
}

/// Writes `case.toml`, `judgements.jsonl`, `reference/` and `truth/`.
pub(crate) fn write(
    out: &Utf8Path,
    plan: &Plan,
    made: &Made,
    figures: &[Figure],
    funnel: &Funnel,
    reports: &Reports,
    suppressions: &Suppressions,
) -> anyhow::Result<()> {
    let pretty = |value: &Value| -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(value).context("could not write JSON")? + "\n")
    };
    let list = |banks| plan.organisations.list(banks);
    for (file, text) in [
        (format!("reference/{}", case::BANKS), list(true)),
        (format!("reference/{}", case::PUBLIC_BODIES), list(false)),
        (format!("reference/{}", case::RATES), plan.rates.list()),
        (
            format!("reference/{}", case::SUPPRESSIONS),
            suppressions.list.clone(),
        ),
        (
            format!("reference/{}", addresses::ADDRESSES),
            addresses::list(plan),
        ),
        (
            "truth/figures.json".to_owned(),
            pretty(&json!({ "figures": figures }))?,
        ),
        ("truth/funnel.json".to_owned(), pretty(&json!(funnel))?),
        ("truth/dirt.json".to_owned(), pretty(&dirt(made))?),
        ("truth/overlap.json".to_owned(), pretty(&overlap(made))?),
        ("truth/accounts.csv".to_owned(), accounts(plan)),
        ("truth/reports.csv".to_owned(), reports.truth.clone()),
        (
            judgements::JUDGEMENTS.to_owned(),
            judgements::judgements(plan),
        ),
        (
            "truth/persons.csv".to_owned(),
            persons::persons_csv(plan, &made.shows),
        ),
        (
            "truth/suspects.csv".to_owned(),
            persons::suspects_csv(plan, &made.tracked, &made.losses),
        ),
        (
            "truth/losses.csv".to_owned(),
            losses::losses_csv(plan, &made.losses, &reports.told),
        ),
        (
            "truth/report_calls.csv".to_owned(),
            losses::report_calls_csv(plan, &made.losses, &reports.told),
        ),
        ("case.toml".to_owned(), case::config(plan)),
    ] {
        let path = out.join(file);
        fs::write(&path, text).with_context(|| format!("could not write `{path}`"))?;
    }
    if plan.hard.is_some() {
        let folder = out.join("mappings");
        fs::create_dir_all(&folder).with_context(|| format!("could not create `{folder}`"))?;
        for (name, text) in MAPPINGS {
            let path = folder.join(format!("{name}.toml"));
            fs::write(&path, text).with_context(|| format!("could not write `{path}`"))?;
        }
    }
    Ok(())
}

fn dirt(made: &Made) -> Value {
    let kinds: Vec<Value> = Dirt::ALL
        .iter()
        .map(|&(kind, name, describes)| {
            let examples: Vec<Value> = made
                .dirt
                .examples(kind)
                .iter()
                .map(|&(exhibit, byte_offset, byte_len)| {
                    json!({
                        "exhibit": exhibit.file_name(),
                        "stream": 0,
                        "byte_offset": byte_offset,
                        "byte_len": byte_len,
                    })
                })
                .collect();
            json!({
                "kind": name,
                "describes": describes,
                "count": made.dirt.count(kind),
                "examples": examples,
            })
        })
        .collect();
    json!({ "dirt": kinds })
}

fn overlap(made: &Made) -> Value {
    let overlap = &made.overlap;
    json!({
        "service_and_switch": {
            "exhibits": [Exhibit::Panel.file_name(), Exhibit::Switch.file_name()],
            "from_utc": "2022-07-20T00:00:00Z",
            "describes": "legs of call attempts placed from this instant on",
            "in_both": overlap.panel_and_switch,
            "only_in_service": overlap.only_panel,
            "only_in_switch": overlap.only_switch,
        },
        "backup_and_main_dump": {
            "exhibits": [Exhibit::Backup.file_name(), Exhibit::Panel.file_name()],
            "describes": "rows of calls that the backup holds",
            "in_both": overlap.backup_and_panel,
            "only_in_backup": overlap.only_backup,
        },
    })
}

/// Lists each account with the person behind it and what the rule makes of it.
fn accounts(plan: &Plan) -> String {
    let mut out = String::from(
        "account_id,person_id,role,phone_e164,phone_in_home_region,paid_minor,priority\n",
    );
    for (index, account) in plan.ledger.accounts.iter().enumerate() {
        let Account {
            person,
            role,
            paid_minor,
            ..
        } = account;
        let (phone, home) = match account.phone {
            Phone::Given { number, home, .. } => (e164_text(number), home),
            Phone::None | Phone::Impossible => (String::new(), false),
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            out,
            "{},p{person},{},{phone},{home},{paid_minor},{}",
            index + 1,
            role.meaning(),
            account.is_priority(),
        );
    }
    out
}

/// The home region has other numbers than mobiles to leave out.
const _: () = assert!(!GB_OTHER.is_empty());
