//! Fraud reports as matching takes them.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, Int64Array, StringArray, TimestampMicrosecondArray};
use unspoof_matching::{Currency, Money, Report, ReportKey, Window, windows_of_day};
use unspoof_model::Zone;
use unspoof_model::config::CaseConfig;
use unspoof_model::judgement::{E164, InForce, ReportRef};
use unspoof_numbers::PhoneNumber;

use crate::AnalysisError;
use crate::accounts::{PLACE_COLUMNS, Place, Places};
use crate::calls_to_match::phone;
use crate::parts::{Columns, read_part};
use crate::persons_table::Counted;

/// A report with its row.
pub(crate) struct ReportRow {
    pub(crate) source: String,
    pub(crate) report_id: Option<String>,
    pub(crate) place: Place,
    pub(crate) organisation: Option<String>,
    pub(crate) incident_from_us: Option<i64>,
    pub(crate) reported_us: Option<i64>,
    pub(crate) refunded: Option<Money>,
    pub(crate) recovered: Option<Money>,
    /// Of a statement that somebody made on the website: whether it came with a text's code.
    pub(crate) code: Option<CodeStatus>,
}

/// Whether a statement came with the check code of a text that was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CodeStatus {
    /// It did: its writer got the text to the number that stands as called.
    Right,
    /// It came with another one.
    Wrong,
    /// It came without.
    Missing,
}

impl CodeStatus {
    /// Reads the column; any word but the known ones vouches for nothing.
    fn of(word: &str) -> Self {
        match word {
            "right" => Self::Right,
            "missing" => Self::Missing,
            _ => Self::Wrong,
        }
    }
}

/// All reports that count, in two lists of one order: by exhibit and row.
#[derive(Default)]
pub(crate) struct ReportRows {
    pub(crate) rows: Vec<ReportRow>,
    pub(crate) reports: Vec<Report>,
}

const COLUMNS: [&str; 22] = [
    "report_id",
    "reported_utc",
    "incident_raw",
    "incident_from_utc",
    "incident_to_utc",
    "called_raw",
    "called_e164",
    "called_status",
    "called_readings",
    "presented_e164",
    "presented_status",
    "presented_readings",
    "organisation",
    "bank",
    "loss_minor",
    "loss_currency",
    "refunded_minor",
    "refunded_currency",
    "recovered_minor",
    "recovered_currency",
    "narrative",
    "code_status",
];

/// Half an hour in microseconds: whoever states a time of day rounds it.
const HALF_HOUR_US: i64 = 30 * 60 * 1_000_000;

/// Puts together what people decided about each report, by source and id.
fn by_report(pairs: &BTreeSet<(ReportRef, E164)>) -> BTreeMap<(&str, &str), Vec<PhoneNumber>> {
    let mut by_report: BTreeMap<(&str, &str), Vec<PhoneNumber>> = BTreeMap::new();
    for (report, number) in pairs {
        let key = (report.source.as_str(), report.report_id.as_str());
        by_report
            .entry(key)
            .or_default()
            .extend(phone(number.reveal()));
    }
    by_report
}

impl ReportRows {
    pub(crate) fn read(
        (numbered, left_out): Counted<'_>,
        config: &CaseConfig,
        judged: &InForce,
    ) -> Result<Self, AnalysisError> {
        let (about, not_about) = (by_report(&judged.matched), by_report(&judged.not_matched));
        let zones: BTreeMap<&str, Zone> = config
            .sources
            .iter()
            .filter_map(|source| {
                let zone = Zone::named(source.zone.as_deref()?).ok()?;
                Some((source.name.as_str(), zone))
            })
            .collect();
        let mut wanted = COLUMNS.to_vec();
        wanted.extend(PLACE_COLUMNS);
        let mut made = Self::default();
        let mut known: BTreeSet<ReportKey> = BTreeSet::new();
        for (part, first) in &numbered.parts {
            let columns = read_part(&part.path, &wanted)?;
            let cells = Cells::of(&columns)?;
            let places = Places::of(part, &columns)?;
            for row in 0..columns.batch.num_rows() {
                if left_out.contains(first + row as u32) {
                    continue;
                }
                let place = places.at(row);
                let report_id = text(cells.report_id, row).map(str::to_owned);
                let mut key = ReportKey {
                    source: part.source.clone(),
                    report_id: report_id.clone().unwrap_or_default(),
                };
                // Without an id of its own a report is known by its place.
                if report_id.is_none() || known.contains(&key) {
                    let Place {
                        exhibit,
                        stream,
                        byte_offset,
                        ..
                    } = &place;
                    key.report_id += &format!(" at {exhibit} {stream} {byte_offset:020}");
                }
                known.insert(key.clone());
                let zone = zones.get(part.source.as_str());
                let numbers = |of: &BTreeMap<(&str, &str), Vec<PhoneNumber>>| {
                    let id = report_id.as_deref()?;
                    of.get(&(part.source.as_str(), id)).cloned()
                };
                made.reports.push(Report {
                    judged: numbers(&about).unwrap_or_default(),
                    not_about: numbers(&not_about).unwrap_or_default(),
                    ..cells.report(row, key, zone)
                });
                made.rows.push(ReportRow {
                    source: part.source.clone(),
                    report_id,
                    place,
                    organisation: text(cells.organisation, row).map(str::to_owned),
                    incident_from_us: time(cells.incident_from, row),
                    reported_us: time(cells.reported, row),
                    refunded: cells.money(row, cells.refunded),
                    recovered: cells.money(row, cells.recovered),
                    code: text(cells.code_status, row).map(CodeStatus::of),
                });
            }
        }
        Ok(made)
    }
}

impl ReportRows {
    /// Splits them by whether `is_apart` holds of their place in the list, each in its order.
    pub(crate) fn split(self, is_apart: impl Fn(usize) -> bool) -> (Self, Self) {
        let (mut rest, mut apart) = (Self::default(), Self::default());
        let pairs = self.rows.into_iter().zip(self.reports);
        for (at, (row, report)) in pairs.enumerate() {
            let to = if is_apart(at) { &mut apart } else { &mut rest };
            to.rows.push(row);
            to.reports.push(report);
        }
        (rest, apart)
    }

    /// Returns each report's place with its loss, if that is in one currency.
    pub(crate) fn with_losses(&self, currency: &str) -> Vec<(Place, Option<i64>)> {
        let rows = self.rows.iter().zip(&self.reports);
        rows.map(|(row, report)| {
            let loss = report
                .loss
                .filter(|loss| loss.currency.0 == *currency.as_bytes());
            (row.place.clone(), loss.map(|loss| loss.minor))
        })
        .collect()
    }
}

/// A group of columns that tell of a number: as read, how that went, and all that it may be.
type NumberCells<'a> = (&'a Int64Array, &'a StringArray, &'a StringArray);
/// An amount and its currency.
type MoneyCells<'a> = (&'a Int64Array, &'a StringArray);

struct Cells<'a> {
    report_id: &'a StringArray,
    reported: &'a TimestampMicrosecondArray,
    incident_raw: &'a StringArray,
    incident_from: &'a TimestampMicrosecondArray,
    incident_to: &'a TimestampMicrosecondArray,
    called_raw: &'a StringArray,
    called: NumberCells<'a>,
    presented: NumberCells<'a>,
    organisation: &'a StringArray,
    bank: &'a StringArray,
    loss: MoneyCells<'a>,
    refunded: MoneyCells<'a>,
    recovered: MoneyCells<'a>,
    narrative: &'a StringArray,
    code_status: &'a StringArray,
}

impl<'a> Cells<'a> {
    fn of(columns: &'a Columns) -> Result<Self, AnalysisError> {
        Ok(Self {
            report_id: columns.text("report_id")?,
            reported: columns.time("reported_utc")?,
            incident_raw: columns.text("incident_raw")?,
            incident_from: columns.time("incident_from_utc")?,
            incident_to: columns.time("incident_to_utc")?,
            called_raw: columns.text("called_raw")?,
            called: (
                columns.int("called_e164")?,
                columns.text("called_status")?,
                columns.text("called_readings")?,
            ),
            presented: (
                columns.int("presented_e164")?,
                columns.text("presented_status")?,
                columns.text("presented_readings")?,
            ),
            organisation: columns.text("organisation")?,
            bank: columns.text("bank")?,
            loss: (columns.int("loss_minor")?, columns.text("loss_currency")?),
            refunded: (
                columns.int("refunded_minor")?,
                columns.text("refunded_currency")?,
            ),
            recovered: (
                columns.int("recovered_minor")?,
                columns.text("recovered_currency")?,
            ),
            narrative: columns.text("narrative")?,
            code_status: columns.text("code_status")?,
        })
    }

    fn report(&self, row: usize, key: ReportKey, zone: Option<&Zone>) -> Report {
        let owned = |column| text(column, row).map(str::to_owned);
        Report {
            key,
            reported_utc: time(self.reported, row),
            windows: self.windows(row, zone),
            called: numbers(self.called, row),
            called_raw: owned(self.called_raw),
            presented: numbers(self.presented, row),
            organisation_raw: owned(self.organisation),
            bank_raw: owned(self.bank),
            loss: self.money(row, self.loss),
            narrative: owned(self.narrative),
            ..Report::default()
        }
    }

    /// The stated span; of a day that the mapping's form does not fit, each way to read it.
    fn windows(&self, row: usize, zone: Option<&Zone>) -> Vec<Window> {
        let Some(from_utc) = time(self.incident_from, row) else {
            let raw = text(self.incident_raw, row).zip(zone);
            return raw.map_or_else(Vec::new, |(raw, zone)| windows_of_day(raw, zone));
        };
        // The column holds the first instant after it.
        let after = time(self.incident_to, row).unwrap_or(from_utc.saturating_add(1));
        let to_utc = after.saturating_sub(1).max(from_utc);
        let is_instant = to_utc.saturating_sub(from_utc) < HALF_HOUR_US;
        let more = if is_instant { HALF_HOUR_US } else { 0 };
        vec![Window {
            from_utc: from_utc.saturating_sub(more),
            to_utc: to_utc.saturating_add(more),
        }]
    }

    fn money(&self, row: usize, (minor, currency): MoneyCells<'_>) -> Option<Money> {
        if minor.is_null(row) {
            return None;
        }
        let letters: [u8; 3] = text(currency, row)?.as_bytes().try_into().ok()?;
        Some(Money {
            currency: Currency(letters),
            minor: minor.value(row),
        })
    }
}

fn text(column: &StringArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}

fn time(column: &TimestampMicrosecondArray, row: usize) -> Option<i64> {
    column.is_valid(row).then(|| column.value(row))
}

/// The number as read, or all that an ambiguous one may be.
fn numbers((key, status, readings): NumberCells<'_>, row: usize) -> Vec<PhoneNumber> {
    if key.is_valid(row) && matches!(text(status, row), Some("valid" | "possible")) {
        return phone(key.value(row)).into_iter().collect();
    }
    let digits = text(readings, row).unwrap_or_default().split(' ');
    digits
        .filter_map(|digits| phone(digits.trim_start_matches('+').parse().ok()?))
        .collect()
}
