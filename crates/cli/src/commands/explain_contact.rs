//! `unspoof explain +NUMBER`: what the case knows of a number, and why it stands where it does.

use std::fmt::Write as _;

use unspoof_analysis::{
    Engine, NumberExplained, RankOf, RankRow, explain_number, grouped, rank_of_subject,
};
use unspoof_evidence::{CaseFolder, Details};
use unspoof_model::judgement::E164;

use super::Done;
use crate::args::Explain;
use crate::output;
use crate::place::Surroundings;
use crate::stages::analysis::engine_options;

/// A place in a list, of how many, under which policy.
#[derive(serde::Serialize)]
pub(crate) struct Place {
    pub(crate) of: &'static str,
    pub(crate) policy: String,
    pub(crate) subjects: u64,
    #[serde(flatten)]
    pub(crate) row: RankRow,
}

/// Finds a subject's place under the case's policy; None where the table does not have it.
pub(crate) fn place(case: &CaseFolder, of: RankOf, subject: &str) -> anyhow::Result<Option<Place>> {
    let policy = super::rank::policy(case, &case.config().rank.policy)?;
    let found = rank_of_subject(case.root(), of, &policy, subject)?;
    Ok(found.map(|(row, subjects)| Place {
        of: of.as_str(),
        policy: policy.name.clone(),
        subjects,
        row,
    }))
}

/// Writes a place with the terms that make it.
pub(crate) fn tell_place(text: &mut String, place: &Place) -> anyhow::Result<()> {
    writeln!(
        text,
        "place {} of {} {} by policy `{}`, {} points",
        grouped(place.row.rank.into()),
        grouped(place.subjects),
        place.of,
        place.policy,
        place.row.points,
    )?;
    for line in &place.row.lines {
        writeln!(text, "{}", line.shown)?;
    }
    Ok(())
}

/// Explains the number that `args.figure` is; None where the case does not have it.
pub(crate) fn explain(
    around: &Surroundings,
    case: &CaseFolder,
    args: &Explain,
    number: E164,
) -> anyhow::Result<Option<Done>> {
    let details = Details::new()
        .with("number", case.keyed(&around.keys, &args.figure)?)
        .with("limit", args.limit);
    around.consult(case, "explain", &details)?;
    let scratch = case
        .root()
        .join(".staging")
        .join(format!("explain-{}", std::process::id()));
    let found = (|| -> anyhow::Result<_> {
        let engine = Engine::start(&engine_options(around, &scratch))?;
        engine.register_case(case.root(), case.config())?;
        let limit = (args.limit > 0).then_some(args.limit);
        Ok(explain_number(&engine, number.reveal(), limit)?)
    })();
    let _ = std::fs::remove_dir_all(&scratch);
    let Some(explained) = found? else {
        return Ok(None);
    };
    let mut places = Vec::new();
    for (of, row) in [
        (RankOf::Contacts, &explained.contact),
        (RankOf::Presented, &explained.presented),
    ] {
        if !row.is_empty() {
            places.extend(place(case, of, &explained.number)?);
        }
    }
    if around.json {
        let facts = |row: &[(String, String)]| -> serde_json::Value {
            let each = row.iter().cloned();
            each.map(|(name, value)| (name, serde_json::Value::from(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        output::json(&serde_json::json!({
            "number": explained.number,
            "contact": facts(&explained.contact),
            "presented": facts(&explained.presented),
            "places": places,
            "attempts": explained.attempts,
            "calls": explained.calls,
            "reports": explained.reports,
        }));
    } else {
        output::text(&tell(&explained, &places)?);
    }
    Ok(Some(Done::Whole))
}

fn tell(explained: &NumberExplained, places: &[Place]) -> anyhow::Result<String> {
    let mut text = String::new();
    writeln!(text, "{}", explained.number)?;
    for place in places {
        tell_place(&mut text, place)?;
    }
    for (title, row) in [
        ("as a number that was called", &explained.contact),
        ("as a number that was shown to others", &explained.presented),
    ] {
        if row.is_empty() {
            continue;
        }
        writeln!(text, "{title}")?;
        for (name, value) in row {
            // What is nought says nothing.
            if value != "0" && value != "false" {
                writeln!(text, "  {name:<28} {value}")?;
            }
        }
    }
    if !explained.reports.is_empty() {
        writeln!(text, "reports")?;
    }
    for report in &explained.reports {
        writeln!(
            text,
            "  {} {}, made {}: {}",
            report.tier,
            report.report.as_deref().unwrap_or("(without an id)"),
            report
                .reported_utc
                .as_deref()
                .unwrap_or("at an unknown time"),
            report.reasons,
        )?;
    }
    if !explained.calls.is_empty() {
        writeln!(text, "calls to it")?;
    }
    for call in &explained.calls {
        let talk = call
            .talk_s
            .as_ref()
            .map_or(String::new(), |s| format!(", {s} s of talk"));
        let shown = call.presented.as_deref().unwrap_or("no number");
        let organisation = call.organisation.as_ref();
        let organisation = organisation.map_or(String::new(), |name| format!(" of {name}"));
        let (exhibit, stream, offset, len) = &call.place;
        writeln!(
            text,
            "  {} by {}, showing {shown}{organisation}: {}{talk}; {exhibit} stream {stream} byte {offset}, {len} long",
            call.started_utc.as_deref().unwrap_or("at an unknown time"),
            call.account.as_deref().unwrap_or("nobody known"),
            call.outcome,
        )?;
    }
    let listed = explained.calls.len() as u64;
    if explained.attempts > listed {
        let more = explained.attempts - listed;
        writeln!(text, "{more} more; --limit 0 shows all")?;
    }
    Ok(text)
}
