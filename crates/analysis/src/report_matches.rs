//! `derived/report_matches.parquet`: which calls each report may tell of, how sure that is, and why.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::Array;
use camino::{Utf8Path, Utf8PathBuf};
use unspoof_matching::{
    CountedLoss, Fact, Match, Matched, Matcher, OrganisationNames, OrganisationNo, Settings, Tier,
};
use unspoof_model::judgement::InForce;
use unspoof_numbers::{Context, PhoneNumber};

use crate::AnalysisError;
use crate::accounts::{Account, Accounts, Place};
use crate::calls_to_match::{CallPlace, CallsToMatch, NO_ACCOUNT};
use crate::funnel::AlreadyReported;
use crate::held::{settle, write_held};
use crate::parts::read_columns;
use crate::persons_table::Linked;
use crate::report_rows::{ReportRow, ReportRows};
use crate::whole_table::WholeTable;

/// What is said of a report, and of a loss, that no call was found for.
pub(crate) const UNMATCHED: &str = "unmatched";

pub(crate) fn tier_word(tier: Option<Tier>) -> &'static str {
    tier.map_or(UNMATCHED, Tier::as_str)
}

/// One report's match, or that there is none.
struct MatchRow<'a> {
    report: usize,
    loss_no: u32,
    candidates: usize,
    rank: u32,
    found: Option<&'a Match<'a>>,
    place: Option<&'a CallPlace>,
    organisations: Option<String>,
    reasons: Option<String>,
}

/// What reports came to, for figures, the funnel and other tables.
pub(crate) struct MatchedReports {
    /// By the order of the reports: the surest tier.
    pub(crate) tiers: Vec<Option<Tier>>,
    /// All losses, each once, by number from 0.
    pub(crate) losses: Vec<Loss>,
    /// Numbers that a report gives as its own and that were called inside a window that it states,
    /// with the last such report. Which of that day's calls it tells of may be open.
    pub(crate) reported: BTreeMap<i64, usize>,
}

impl MatchedReports {
    /// Returns, for each reported number, when the last report of it was made, in microseconds UTC;
    /// none without that time.
    pub(crate) fn last_reported(&self, reports: &ReportRows) -> BTreeMap<i64, i64> {
        let reported = self.reported.iter();
        reported
            .filter_map(|(&number, &at)| Some((number, reports.rows[at].reported_us?)))
            .collect()
    }
}

/// One loss.
pub(crate) struct Loss {
    pub(crate) counted: CountedLoss,
    /// Its reports by their order; the first is the one with the surest match.
    pub(crate) reports: Vec<usize>,
    /// Start of the matched call, where the tier counts.
    pub(crate) started_us: Option<i64>,
    /// Account of the matched call, where the tier counts.
    pub(crate) account_no: Option<u32>,
    /// Organisations whose number that call showed.
    pub(crate) organisations: Option<String>,
    /// The number that the matched call reached, where the tier counts; else those of all calls
    /// that are listed for it.
    pub(crate) numbers: Vec<i64>,
    /// The same for accounts, by `account_no`.
    pub(crate) accounts: Vec<u32>,
    /// The number that it went to.
    pub(crate) called_e164: Option<i64>,
}

/// What reports are matched with.
pub(crate) struct MatchGround<'a> {
    pub(crate) spoofed: &'a Utf8Path,
    pub(crate) organisations: &'a [String],
    pub(crate) accounts: &'a Accounts,
    pub(crate) linked: &'a Linked,
    pub(crate) home: Context,
    pub(crate) workers: usize,
}

/// Matches all reports and writes the table, in the order of the reports; statements that wait for a
/// person's judgement are taken out of them first, and written to a table of their own.
pub(crate) fn match_and_write(
    ground: MatchGround<'_>,
    store: &CallsToMatch,
    reports: ReportRows,
    derived: &dyn Fn(&str) -> Utf8PathBuf,
) -> Result<(ReportRows, MatchedReports, Vec<Place>), AnalysisError> {
    let (path, held_path) = (derived("report_matches"), derived("held_statements"));
    if reports.rows.is_empty() {
        write(&[], &ground, &reports, &path)?;
        write_held(&[], &held_path)?;
        let none = MatchedReports {
            tiers: Vec::new(),
            losses: Vec::new(),
            reported: BTreeMap::new(),
        };
        return Ok((reports, none, Vec::new()));
    }
    let names = ground.organisations.iter().zip(0..);
    let names =
        OrganisationNames::new(names.map(|(name, number)| (OrganisationNo(number), name.as_str())));
    let matcher = Matcher::new(
        &store.calls,
        &names,
        ground.home.clone(),
        Settings {
            threads: ground.workers,
            ..Settings::default()
        },
    )
    .map_err(AnalysisError::matching)?;
    let (reports, held) = settle(reports, &matcher)?;
    write_held(&held, &held_path)?;
    let held = held.into_iter().map(|held| held.row.place).collect();
    let matched = matcher
        .match_reports(&reports.reports)
        .map_err(AnalysisError::matching)?;
    let listed = matched.reports.iter().flat_map(|report| &report.matches);
    let wanted = listed.map(|found| found.call.call);
    let places = store.places(ground.spoofed, wanted, ground.workers)?;
    let losses = losses(&matched, &reports, &ground);
    let mut loss_of = vec![0; reports.rows.len()];
    for (loss, number) in losses.iter().zip(0..) {
        for &report in &loss.reports {
            loss_of[report] = number;
        }
    }
    let rows = rows(&matched, &places, &loss_of, &ground);
    write(&rows, &ground, &reports, &path)?;
    let mut reported: BTreeMap<i64, usize> = BTreeMap::new();
    for (at, report) in matched.reports.iter().enumerate() {
        let sure = |found: &&Match<'_>| is_report_of(own_number(found), day(found));
        for found in report.matches.iter().filter(sure) {
            if let Some(called) = number(found.call.called) {
                let last = reported.entry(called).or_insert(at);
                if reports.rows[*last].reported_us < reports.rows[at].reported_us {
                    *last = at;
                }
            }
        }
    }
    let matched = MatchedReports {
        tiers: matched.reports.iter().map(|report| report.tier()).collect(),
        losses,
        reported,
    };
    Ok((reports, matched, held))
}

/// Tells how a statement's story lies to the calls, for [`settle`].
pub(crate) fn agrees(found: Option<&Match<'_>>) -> bool {
    found.is_some_and(|found| own_number(found) == "equal" && day(found) != "outside")
}

/// Says whether a match means that the number's holder has reported: it is given as the own one with
/// a day on which it was called, or people decided so.
fn is_report_of(own_number: &str, day: &str) -> bool {
    own_number == "judged" || (own_number == "equal" && day == "inside")
}

fn number(number: Option<PhoneNumber>) -> Option<i64> {
    i64::try_from(number?.key()).ok()
}

/// Says how the victim's own number and the called one agree; a reading among several is no
/// agreement yet.
fn own_number(found: &Match<'_>) -> &'static str {
    let any = |test: fn(&Fact) -> bool| found.reasons.iter().any(|reason| test(&reason.fact));
    if any(|fact| matches!(fact, Fact::Judged { .. })) {
        "judged"
    } else if any(|fact| matches!(fact, Fact::OwnNumberEqual { readings: 2.., .. })) {
        "ambiguous"
    } else if any(|fact| matches!(fact, Fact::OwnNumberEqual { .. })) {
        "equal"
    } else if any(|fact| matches!(fact, Fact::OwnNumberSlip { .. })) {
        "slip"
    } else if any(|fact| matches!(fact, Fact::OwnNumberOther)) {
        "other"
    } else {
        "not-given"
    }
}

/// Says how the call's start lies to the days that the report states.
fn day(found: &Match<'_>) -> &'static str {
    let any = |test: fn(&Fact) -> bool| found.reasons.iter().any(|reason| test(&reason.fact));
    if any(|fact| matches!(fact, Fact::InsideWindow { .. })) {
        "inside"
    } else if any(|fact| matches!(fact, Fact::OutsideWindow { .. })) {
        "outside"
    } else if any(|fact| matches!(fact, Fact::BeforeReport { .. })) {
        "before-report"
    } else {
        "unknown"
    }
}

/// Says whose number a call showed; None where nobody's that is known.
fn shown_as(found: &Match<'_>, names: &[String]) -> Option<String> {
    let numbers = found.call.organisations.iter();
    let all: Vec<&str> = numbers
        .filter_map(|number| names.get(number.0 as usize).map(String::as_str))
        .collect();
    Some(all.join("; ")).filter(|all| !all.is_empty())
}

fn losses(matched: &Matched<'_>, reports: &ReportRows, ground: &MatchGround<'_>) -> Vec<Loss> {
    let counted = matched.counted_losses(&reports.reports);
    let groups = matched.losses.iter().zip(counted);
    groups
        .map(|(group, counted)| {
            let mut all = group.reports.clone();
            // Stable, so that of equally sure ones the first by source and id stands first.
            all.sort_by_key(|&at| {
                let tier = matched.reports[at].tier();
                (tier.is_none(), tier)
            });
            let best = all.first().and_then(|&at| matched.reports[at].matched());
            let listed: Vec<&Match<'_>> = match best {
                Some(best) => vec![best],
                None => all
                    .iter()
                    .flat_map(|&at| &matched.reports[at].matches)
                    .collect(),
            };
            let known = |account_no: &u32| *account_no != NO_ACCOUNT;
            Loss {
                numbers: listed
                    .iter()
                    .filter_map(|m| number(m.call.called))
                    .collect(),
                accounts: listed
                    .iter()
                    .map(|m| m.call.account.0)
                    .filter(known)
                    .collect(),
                counted,
                started_us: best.map(|best| best.call.started_utc),
                account_no: best
                    .map(|best| best.call.account.0)
                    .filter(|&account_no| account_no != NO_ACCOUNT),
                organisations: best.and_then(|best| shown_as(best, ground.organisations)),
                called_e164: best.and_then(|best| number(best.call.called)),
                reports: all,
            }
        })
        .collect()
}

fn rows<'a>(
    matched: &'a Matched<'a>,
    places: &'a BTreeMap<u32, CallPlace>,
    loss_of: &[u32],
    ground: &MatchGround<'_>,
) -> Vec<MatchRow<'a>> {
    let mut rows = Vec::new();
    for (report, found) in matched.reports.iter().enumerate() {
        let new = |rank, found: Option<&'a Match<'a>>, candidates| MatchRow {
            report,
            loss_no: loss_of[report],
            candidates,
            rank,
            found,
            place: found.and_then(|found| places.get(&found.call.call.0)),
            organisations: found.and_then(|found| shown_as(found, ground.organisations)),
            reasons: found.map(|found| {
                let reasons = found.reasons.iter().map(ToString::to_string);
                reasons.collect::<Vec<_>>().join("; ")
            }),
        };
        if found.matches.is_empty() {
            rows.push(new(0, None, found.candidates));
        }
        let ranked = found.matches.iter().zip(1..);
        rows.extend(ranked.map(|(one, rank)| new(rank, Some(one), found.candidates)));
    }
    rows
}

fn write(
    rows: &[MatchRow<'_>],
    ground: &MatchGround<'_>,
    reports: &ReportRows,
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    let report = |row: &MatchRow<'_>| -> &ReportRow { &reports.rows[row.report] };
    let account_no = |row: &MatchRow<'_>| {
        let number = row.found.map(|found| found.call.account.0);
        number.filter(|&number| number != NO_ACCOUNT)
    };
    let account = |row: &MatchRow<'_>| -> Option<&Account> {
        account_no(row).map(|number| &ground.accounts.all[number as usize])
    };
    WholeTable::of(rows)
        .text("source", |row| Some(&report(row).source))
        .text("report_id", |row| report(row).report_id.as_deref())
        .place("", |row| Some(&report(row).place))
        .time("reported_utc", |row| report(row).reported_us)
        .small("loss_no", |row| Some(row.loss_no))
        .count("candidates", |row| Some(row.candidates as u64))
        .small("rank", |row| Some(row.rank))
        .text("tier", |row| {
            Some(tier_word(row.found.map(|found| found.tier)))
        })
        .bits("bits", |row| row.found.map(|found| found.bits.as_f64()))
        .small("share_ppm", |row| row.found.map(|found| found.share_ppm))
        .text("own_number", |row| row.found.map(own_number))
        .text("day", |row| row.found.map(day))
        .flag("same_episode", |row| {
            row.found.map(|found| found.same_episode)
        })
        .text("reasons", |row| row.reasons.as_deref())
        .text("call_source", |row| row.place.map(|call| &*call.source))
        .place("call_", |row| row.place.map(|call| &call.place))
        .int("called_e164", |row| number(row.found?.call.called))
        .int("presented_e164", |row| number(row.found?.call.presented))
        .text("organisation", |row| row.organisations.as_deref())
        .time("started_utc", |row| {
            row.found.map(|found| found.call.started_utc)
        })
        .small("account_no", account_no)
        .text("account_source", |row| Some(&account(row)?.source))
        .text("account_id", |row| Some(&account(row)?.account_id))
        .text("person_id", |row| {
            let person = ground.linked.persons.person_of(account_no(row)?)?;
            Some(person.id.as_str())
        })
        .write(path)
}

/// Reads back, of a finished case, the reported numbers, and when the last report of each was made,
/// in microseconds UTC.
pub(crate) fn reported_of_case(path: &Utf8Path) -> Result<BTreeMap<i64, i64>, AnalysisError> {
    let mut last_of: BTreeMap<i64, i64> = BTreeMap::new();
    let wanted = ["own_number", "day", "called_e164", "reported_utc"];
    for columns in read_columns(path, &wanted)? {
        let columns = columns?;
        let (own, days) = (columns.text("own_number")?, columns.text("day")?);
        let (called, reported) = (columns.int("called_e164")?, columns.time("reported_utc")?);
        for row in 0..own.len() {
            let is_sure = is_report_of(own.value(row), days.value(row));
            if is_sure && called.is_valid(row) && reported.is_valid(row) {
                let last = last_of.entry(called.value(row)).or_insert(i64::MIN);
                *last = reported.value(row).max(*last);
            }
        }
    }
    Ok(last_of)
}

/// Writes `derived/already_reported.parquet`: the numbers that the funnel leaves to officers, as
/// their people have told of the call already.
pub(crate) fn write_already_reported(
    already: &[AlreadyReported],
    matched: &MatchedReports,
    reports: &ReportRows,
    judged: &InForce,
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    let matched_by = judged.matched.iter().map(|(_, number)| number);
    let judged: BTreeSet<i64> = judged
        .reported
        .iter()
        .chain(matched_by)
        .map(|n| n.reveal())
        .collect();
    let report = |row: &AlreadyReported| {
        let at = matched.reported.get(&row.number)?;
        reports.rows.get(*at)
    };
    WholeTable::of(already)
        .int("called_e164", |row| Some(row.number))
        .text("by", |row| {
            Some(if judged.contains(&row.number) {
                "judgement"
            } else {
                "report"
            })
        })
        .time("last_call_utc", |row| {
            (row.last_us != i64::MAX).then_some(row.last_us)
        })
        .time("reported_utc", |row| report(row)?.reported_us)
        .text("source", |row| Some(&report(row)?.source))
        .text("report_id", |row| report(row)?.report_id.as_deref())
        .place("", |row| Some(&report(row)?.place))
        .write(path)
}
