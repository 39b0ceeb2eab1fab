//! Statements made on the website that count for nothing until a person has judged them.
//!
//! Anybody can write one. A text's check code proves that its writer got the text, and nothing of
//! what happened. So a statement counts like a report only if it came with a right code and agrees
//! with a call to that code's number, or if somebody judged that it tells of calls to a number.

use camino::Utf8Path;
use unspoof_matching::{Match, Matcher};

use crate::AnalysisError;
use crate::report_matches::{agrees, tier_word};
use crate::report_rows::{CodeStatus, ReportRow, ReportRows};
use crate::whole_table::WholeTable;

/// A statement that waits, with what may be behind it.
pub(crate) struct Held {
    pub(crate) row: ReportRow,
    why: &'static str,
    candidates: usize,
    tier: &'static str,
    called_e164: Option<i64>,
    started_us: Option<i64>,
    reasons: Option<String>,
}

/// Takes out what waits for a judgement. What is left keeps its order.
pub(crate) fn settle(
    reports: ReportRows,
    matcher: &Matcher<'_>,
) -> Result<(ReportRows, Vec<Held>), AnalysisError> {
    let pairs = reports.rows.iter().zip(&reports.reports);
    let open: Vec<bool> = pairs
        .map(|(row, report)| row.code.is_some() && report.judged.is_empty())
        .collect();
    if !open.contains(&true) {
        return Ok((reports, Vec::new()));
    }
    let open_at: Vec<usize> = (0..open.len()).filter(|&at| open[at]).collect();
    let asked: Vec<_> = open_at
        .iter()
        .map(|&at| reports.reports[at].clone())
        .collect();
    let found = matcher
        .match_reports(&asked)
        .map_err(AnalysisError::matching)?;
    let mut waits = vec![None; open.len()];
    for (&at, matches) in open_at.iter().zip(&found.reports) {
        let best: Option<&Match<'_>> = matches.matches.first();
        let why = match reports.rows[at].code {
            Some(CodeStatus::Right) if agrees(best) => continue,
            Some(CodeStatus::Right) => "story-disagrees",
            Some(CodeStatus::Wrong) => "code-wrong",
            Some(CodeStatus::Missing) | None => "code-missing",
        };
        let number = best.and_then(|best| i64::try_from(best.call.called?.key()).ok());
        let reasons = best.map(|best| {
            let reasons = best.reasons.iter().map(ToString::to_string);
            reasons.collect::<Vec<_>>().join("; ")
        });
        waits[at] = Some((
            why,
            matches.candidates,
            tier_word(best.map(|best| best.tier)),
            number,
            best.map(|best| best.call.started_utc),
            reasons,
        ));
    }
    let (counted, apart) = reports.split(|at| waits[at].is_some());
    let held = apart.rows.into_iter().zip(waits.into_iter().flatten());
    let held = held
        .map(
            |(row, (why, candidates, tier, called_e164, started_us, reasons))| Held {
                row,
                why,
                candidates,
                tier,
                called_e164,
                started_us,
                reasons,
            },
        )
        .collect();
    Ok((counted, held))
}

/// Writes `derived/held_statements.parquet`.
pub(crate) fn write_held(held: &[Held], path: &Utf8Path) -> Result<(), AnalysisError> {
    WholeTable::of(held)
        .text("source", |held| Some(&held.row.source))
        .text("report_id", |held| held.row.report_id.as_deref())
        .place("", |held| Some(&held.row.place))
        .time("reported_utc", |held| held.row.reported_us)
        .text("why", |held| Some(held.why))
        .count("candidates", |held| Some(held.candidates as u64))
        .text("best_tier", |held| Some(held.tier))
        .int("best_called_e164", |held| held.called_e164)
        .time("best_started_utc", |held| held.started_us)
        .text("best_reasons", |held| held.reasons.as_deref())
        .write(path)
}
