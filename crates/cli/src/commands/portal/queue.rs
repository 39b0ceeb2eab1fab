//! `unspoof portal queue`

use unspoof_evidence::{CaseFolder, Details, rfc3339_utc};
use unspoof_intake::urgency::Urgency;
use unspoof_store::{CareEvent, CareState, Deed, Store, care_states};

use super::super::Done;
use super::Queue;
use super::statements::{Row, cell, known, statements};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::judgements::store_address;

/// Longest note, in characters.
const NOTE_CHARACTERS: usize = 500;

/// Columns that are shown of one statement, with what they are called.
const SHOWN: [(&str, &str); 26] = [
    ("received", "received"),
    ("campaign", "campaign"),
    ("language", "language"),
    ("code", "code"),
    ("called", "number called"),
    ("call_day_as_given", "day of the call"),
    ("call_time", "time of the call"),
    ("number_shown", "number shown"),
    ("claimed", "who they said they were"),
    ("story", "what happened"),
    ("bank", "bank"),
    ("lost", "money lost"),
    ("amount_as_given", "how much"),
    ("currency", "currency"),
    ("moved", "moved in the last days"),
    ("moved_when", "when it moved"),
    ("secret", "gave a code or password"),
    ("whom", "for whom"),
    ("relation", "relation"),
    ("reported", "reported to"),
    ("reported_reference", "reference there"),
    ("name", "name"),
    ("phone", "telephone"),
    ("email", "e-mail"),
    ("safe", "safe to reach"),
    ("help", "help wanted"),
];

pub(crate) fn queue(around: &Surroundings, args: &Queue) -> anyhow::Result<Done> {
    let case = around.open()?;
    let all = statements(&case)?;
    match (&args.reference, args.record) {
        (Some(reference), Some(deed)) => add(around, &all, reference, deed.deed(), &args.note),
        (Some(reference), None) => one(around, &case, &all, reference),
        (None, _) => list(around, &case, &all, args.all),
    }
}

fn care(case: &CaseFolder) -> anyhow::Result<std::collections::BTreeMap<String, CareState>> {
    Ok(match Store::open_existing(&store_address(case)?)? {
        Some(mut store) => care_states(store.care()?),
        None => std::collections::BTreeMap::new(),
    })
}

fn add(
    around: &Surroundings,
    all: &[(String, Row)],
    reference: &str,
    deed: Deed,
    note: &str,
) -> anyhow::Result<Done> {
    let (_, row) = known(all, reference)?;
    if matches!(deed, Deed::Assigned | Deed::Referred) && note.trim().is_empty() {
        return Err(Refusal::new("portal/to-whom", "it is not said to whom")
            .hint("name them: --note \"officer one\"")
            .into());
    }
    if note.chars().count() > NOTE_CHARACTERS || note.chars().any(char::is_control) {
        return Err(Refusal::new(
            "portal/note",
            format!("a note has {NOTE_CHARACTERS} characters at most, and no control characters"),
        )
        .into());
    }
    let report = cell(row, "report").to_owned();
    let mut writer = around.write()?;
    let address = store_address(writer.folder())?;
    let event = CareEvent {
        report: report.clone(),
        deed,
        detail: note.trim().to_owned(),
        actor: around.actor().to_owned(),
        at_utc: around.now_utc(),
    };
    // First into the log: nothing is done about anybody that the log does not tell of.
    let keyed = writer.keyed(&report);
    let mut change = writer.begin(unspoof_model::EventKind::Alteration, "care")?;
    change.detail("statement", keyed);
    change.detail("deed", deed.as_str());
    change.commit()?;
    Store::open(&address)?.add_care(&event)?;
    if around.json {
        output::json(&event);
    } else {
        output::text(&format!("recorded {} {report}\n", deed.as_str()));
    }
    Ok(Done::Whole)
}

fn one(
    around: &Surroundings,
    case: &CaseFolder,
    all: &[(String, Row)],
    reference: &str,
) -> anyhow::Result<Done> {
    let (exhibit, row) = known(all, reference)?;
    let report = cell(row, "report");
    let keyed = case.keyed(&around.keys, report)?;
    around.consult(
        case,
        "portal-statement",
        &Details::new().with("statement", keyed),
    )?;
    let care = care(case)?.remove(report).unwrap_or_default();
    if around.json {
        output::json(&serde_json::json!({ "exhibit": exhibit, "statement": row, "care": care }));
        return Ok(Done::Whole);
    }
    output::text(&format!(
        "{report}, {}, from `{exhibit}`\n",
        cell(row, "urgency")
    ));
    for (column, name) in SHOWN {
        let said = cell(row, column);
        if !said.is_empty() {
            let said = said.replace('\n', "\n                          ");
            output::text(&format!("  {name:<23} {said}\n"));
        }
    }
    if let Ok(files) = serde_json::from_str::<Vec<unspoof_intake::AttachedFile>>(cell(row, "files"))
    {
        for (file, number) in files.iter().zip(1..) {
            output::text(&format!(
                "  file {number}: {} of {} bytes, `{}`\n",
                file.kind, file.size_bytes, file.name
            ));
        }
        if !files.is_empty() {
            output::text(&format!(
                "  look at one: unspoof portal attachment {report} --file 1 --identity KEY --out DIR\n"
            ));
        }
    }
    for event in &care.events {
        output::text(&format!(
            "  {} {} by {}{}\n",
            rfc3339_utc(event.at_utc),
            event.deed.as_str(),
            event.actor,
            if event.detail.is_empty() {
                String::new()
            } else {
                format!(": {}", event.detail)
            }
        ));
    }
    Ok(Done::Whole)
}

fn list(
    around: &Surroundings,
    case: &CaseFolder,
    all: &[(String, Row)],
    with_closed: bool,
) -> anyhow::Result<Done> {
    around.consult(case, "portal-queue", &Details::new())?;
    let care = care(case)?;
    let none = CareState::default();
    let mut rows: Vec<(Urgency, &Row, &CareState)> = all
        .iter()
        .map(|(_, row)| {
            let urgency = Urgency::from_word(cell(row, "urgency"));
            (urgency, row, care.get(cell(row, "report")).unwrap_or(&none))
        })
        .filter(|(_, _, care)| with_closed || !care.closed)
        .collect();
    // Urgent first, then whoever has waited longest; who was reached waits behind who was not.
    rows.sort_by_key(|(urgency, row, care)| {
        (
            *urgency,
            care.contacted_utc.is_some(),
            cell(row, "received").to_owned(),
            cell(row, "report").to_owned(),
        )
    });
    if around.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(urgency, row, care)| {
                serde_json::json!({
                    "report": cell(row, "report"),
                    "urgency": urgency,
                    "received": cell(row, "received"),
                    "language": cell(row, "language"),
                    "code": cell(row, "code"),
                    "alike": cell(row, "alike"),
                    "care": care,
                })
            })
            .collect();
        output::json(&serde_json::json!({ "queue": rows }));
        return Ok(Done::Whole);
    }
    if rows.is_empty() {
        output::text("nobody waits\n");
        return Ok(Done::Whole);
    }
    output::text(&format!(
        "{:<18} {:<13} {:<21} {:<5} {:<8} {}\n",
        "statement", "urgency", "received", "lang", "code", "where it stands"
    ));
    for (urgency, row, care) in &rows {
        let mut stands: Vec<String> = Vec::new();
        if care.closed {
            stands.push("closed".to_owned());
        }
        stands.extend(
            care.assigned_to
                .iter()
                .map(|who| format!("assigned to {who}")),
        );
        stands.extend(
            care.contacted_utc
                .map(|at| format!("reached {}", rfc3339_utc(at))),
        );
        stands.extend(
            care.referred_to
                .iter()
                .map(|who| format!("referred to {who}")),
        );
        let alike = cell(row, "alike");
        if !alike.is_empty() {
            stands.push(format!("alike {alike}"));
        }
        if stands.is_empty() {
            stands.push("waits".to_owned());
        }
        output::text(&format!(
            "{:<18} {:<13} {:<21} {:<5} {:<8} {}\n",
            cell(row, "report"),
            urgency.as_str(),
            cell(row, "received"),
            cell(row, "language"),
            cell(row, "code"),
            stands.join("; ")
        ));
    }
    Ok(Done::Whole)
}
