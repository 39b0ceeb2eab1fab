//! The numbers that a funnel leaves, with what a warning must know of each.

use std::collections::BTreeMap;

use arrow::array::Array;
use camino::Utf8Path;
use unspoof_model::config::CaseConfig;
use unspoof_model::judgement::E164;

use crate::AnalysisError;
use crate::funnel::{FunnelLists, FunnelResult, run_funnels};
use crate::ordered::in_order;
use crate::organisations::{Organisations, read_back};
use crate::parts::{read_columns, read_row_group, row_groups};

/// A funnel's result with the numbers behind it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToWarn {
    /// The funnel, run anew over the case's calls.
    pub funnel: FunnelResult,
    /// The numbers that are left, sorted.
    pub numbers: Vec<NumberToWarn>,
}

/// One number that is left. `Debug` shows it shortened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NumberToWarn {
    /// The number.
    pub number: E164,
    /// Its region: two letters, or 001.
    pub region: Option<String>,
    /// The kind of line, such as `mobile`.
    pub kind: Option<String>,
    /// What regulators' lists say of its block on the day of the last attempt; null is unknown.
    pub allocation: Option<String>,
    /// Whose numbers engaged calls showed, by name.
    pub shown: Vec<OrganisationShown>,
    /// Engaged calls that showed nobody's listed number.
    pub shown_nobody: u32,
    /// Start of the first attempt, in microseconds UTC.
    pub first_us: Option<i64>,
    /// Start of the last attempt, in microseconds UTC.
    pub last_us: Option<i64>,
    /// Whether a match that counts, exact or probable, says that its holder has reported.
    pub is_reported: bool,
}

/// An organisation whose number was shown to a number's holder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrganisationShown {
    /// Its name.
    pub organisation: String,
    /// In how many engaged calls.
    pub calls: u32,
    /// In how many of them the number was listed as its own and nobody else's.
    pub certain_calls: u32,
}

/// Runs the case's funnel over its calls and gathers what a campaign needs of the numbers left.
///
/// `home` names the home regions in the funnel's words, as the case's brief has them.
///
/// # Errors
/// A derived table cannot be read.
pub fn to_warn(
    case: &Utf8Path,
    config: &CaseConfig,
    home: &str,
    lists: &FunnelLists,
    workers: usize,
) -> Result<ToWarn, AnalysisError> {
    let rules = [config.rules.engaged.clone()];
    let mut finished = run_funnels(case, &config.funnel, &rules, home, lists, workers)?;
    let run = finished.pop().expect("one rule gives one funnel");
    let place_of = |number: i64| run.left.binary_search(&number).ok();
    let shown = shown(case, &place_of, workers)?;

    let organisations = organisations_of_case(case)?;
    let names = organisations.names();
    let mut numbers: Vec<Option<NumberToWarn>> = vec![None; run.left.len()];
    let contacts = case.join("derived/contacts.parquet");
    let wanted = [
        "called_e164",
        "called_region",
        "called_type",
        "allocation",
        "report_tier",
        "first_utc",
        "last_utc",
    ];
    for columns in read_columns(&contacts, &wanted)? {
        let columns = columns?;
        let called = columns.int("called_e164")?;
        let (region, kind) = (columns.text("called_region")?, columns.text("called_type")?);
        let (allocation, tier) = (columns.text("allocation")?, columns.text("report_tier")?);
        let (first, last) = (columns.time("first_utc")?, columns.time("last_utc")?);
        for row in 0..called.len() {
            let Some(place) = place_of(called.value(row)) else {
                continue;
            };
            let Ok(number) = E164::new(called.value(row)) else {
                continue;
            };
            let word = |column: &arrow::array::StringArray| {
                column.is_valid(row).then(|| column.value(row).to_owned())
            };
            let seen = shown.get(&(place as u32));
            numbers[place] = Some(NumberToWarn {
                number,
                region: word(region),
                kind: word(kind),
                allocation: word(allocation),
                shown: seen
                    .into_iter()
                    .flat_map(|seen| &seen.organisations)
                    .filter_map(|(&no, &(calls, certain_calls))| {
                        let organisation = names.get(no as usize)?.clone();
                        Some(OrganisationShown {
                            organisation,
                            calls,
                            certain_calls,
                        })
                    })
                    .collect(),
                shown_nobody: seen.map_or(0, |seen| seen.nobody),
                first_us: first.is_valid(row).then(|| first.value(row)),
                last_us: last.is_valid(row).then(|| last.value(row)),
                is_reported: matches!(word(tier).as_deref(), Some("exact" | "probable")),
            });
        }
    }
    Ok(ToWarn {
        funnel: run.result,
        numbers: numbers.into_iter().flatten().collect(),
    })
}

/// Reads back the organisations' numbers and ranges of a finished case.
///
/// # Errors
/// The table cannot be read.
pub fn organisations_of_case(case: &Utf8Path) -> Result<Organisations, AnalysisError> {
    let path = case.join("derived/organisations.parquet");
    Ok(Organisations::new(read_back(&path)?))
}

/// Lists the own numbers of the service's accounts, each with the account's role, sorted.
///
/// # Errors
/// A derived table cannot be read.
pub fn account_holders(case: &Utf8Path) -> Result<Vec<(E164, String)>, AnalysisError> {
    let path = case.join("derived/suspects.parquet");
    let mut holders = Vec::new();
    for columns in read_columns(&path, &["phone_e164", "role"])? {
        let columns = columns?;
        let (phone, role) = (columns.int("phone_e164")?, columns.text("role")?);
        for row in (0..phone.len()).filter(|&row| phone.is_valid(row)) {
            if let Ok(number) = E164::new(phone.value(row)) {
                let role = role.is_valid(row).then(|| role.value(row).to_owned());
                holders.push((number, role.unwrap_or_default()));
            }
        }
    }
    holders.sort();
    holders.dedup();
    Ok(holders)
}

/// What engaged calls showed one number.
#[derive(Default)]
struct Seen {
    /// Engaged calls, and those of them that showed nobody else's number.
    organisations: BTreeMap<u32, (u32, u32)>,
    nobody: u32,
}

/// An engaged call's row: the number's place, whose number it showed, and whether nobody else's.
type ShownRow = (u32, Option<u32>, bool);

/// Counts, for numbers with a place, the engaged calls by the organisation that they showed.
fn shown(
    case: &Utf8Path,
    place_of: &(dyn Fn(i64) -> Option<usize> + Sync),
    workers: usize,
) -> Result<BTreeMap<u32, Seen>, AnalysisError> {
    const WANTED: [&str; 5] = [
        "called_e164",
        "attempt",
        "engaged",
        "organisation_no",
        "match_no",
    ];
    let path = case.join("derived/spoofed_calls.parquet");
    let count = |group: usize| {
        let columns = read_row_group(&path, &WANTED, group)?;
        let (called, organisation) = (
            columns.int("called_e164")?,
            columns.small("organisation_no")?,
        );
        let (attempt, engaged) = (columns.flag("attempt")?, columns.flag("engaged")?);
        let matches = columns.small("match_no")?;
        let mut counted: Vec<ShownRow> = Vec::new();
        for row in 0..called.len() {
            if !attempt.value(row) || !engaged.value(row) || called.is_null(row) {
                continue;
            }
            if let Some(place) = place_of(called.value(row)) {
                let shown = organisation.is_valid(row).then(|| organisation.value(row));
                // Rows of one call follow each other, numbered from 1.
                let is_only = matches.value(row) == 1
                    && (row + 1 == matches.len() || matches.value(row + 1) != 2);
                counted.push((place as u32, shown, is_only));
            }
        }
        Ok::<_, AnalysisError>(counted)
    };
    let mut all: BTreeMap<u32, Seen> = BTreeMap::new();
    in_order(row_groups(&path)?, workers, count, |_, counted| {
        for (place, organisation, is_only) in counted {
            let seen = all.entry(place).or_default();
            match organisation {
                Some(organisation) => {
                    let (calls, certain) = seen.organisations.entry(organisation).or_default();
                    *calls += 1;
                    *certain += u32::from(is_only);
                }
                None => seen.nobody += 1,
            }
        }
        Ok(())
    })?;
    Ok(all)
}
