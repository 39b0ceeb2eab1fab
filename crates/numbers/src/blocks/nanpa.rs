//! NANPA's report on the area codes (NPA) of the North American plan.
//!
//! It says which area codes are assigned, and nothing of the numbers in them. Fields near the end
//! hold bare commas and some rows end early, so that only the columns up to the status are read.

use super::list::{
    Form, LineFault, ListedBlock, NumberDigits, Row, civil_day, exact_digits, row_with,
};
use super::{BlockStatus, Day, Regulator};

const AREA_CODE: &str = "NPA_ID";
const ASSIGNABLE: &str = "ASSIGNABLE";
const EXPLANATION: &str = "EXPLANATION";
const RESERVED: &str = "RESERVED";
const ASSIGNED: &str = "ASSIGNED";
const ASSIGNED_SINCE: &str = "ASSIGNMENT_DT";
const IN_SERVICE: &str = "IN_SERVICE";
const IN_SERVICE_SINCE: &str = "IN_SERVICE_DT";
/// Stands before the day of publication, over the headings.
const FILE_DATE: &str = "File Date";

/// Years have two digits here, and the plan began in 1947.
const FIRST_YEAR: u64 = 1947;

/// Numbers have ten digits after the 1.
pub(super) const NUMBER_DIGITS: NumberDigits = NumberDigits::NOT_GIVEN.with(11);

pub(super) const FORM: Nanpa = Nanpa;

pub(super) struct Nanpa;

impl Form for Nanpa {
    fn regulator(&self) -> Regulator {
        Regulator::Nanpa
    }

    fn headings(&self, head: &[Vec<String>]) -> Option<usize> {
        let needed = [
            AREA_CODE,
            ASSIGNABLE,
            EXPLANATION,
            RESERVED,
            ASSIGNED,
            IN_SERVICE,
        ];
        row_with(head, &needed)
    }

    fn published(&self, head: &[Vec<String>]) -> Option<Day> {
        head.iter().find_map(|row| match row.as_slice() {
            [label, date, ..] if label == FILE_DATE => american_day(date),
            _ => None,
        })
    }

    fn is_no_row(&self, _cells: &[String]) -> bool {
        false
    }

    fn block(&self, row: &Row<'_>) -> Result<ListedBlock, LineFault> {
        let area_code = row.cell(AREA_CODE)?;
        let digits = exact_digits(area_code, 3)
            .filter(|digits| *digits >= 200)
            .ok_or_else(|| LineFault::Block {
                text: area_code.into(),
            })?;
        let is_assigned = said(row, ASSIGNED, "Yes", "No")?;
        let is_in_service = said(row, IN_SERVICE, "Y", "N")?;
        let is_assignable = said(row, ASSIGNABLE, "Yes", "No")?;
        let is_reserved = said(row, RESERVED, "Yes", "No")?;
        let explained = row.given(EXPLANATION);
        let (status, word) = match (is_assigned, is_in_service) {
            (_, true) => (BlockStatus::AreaCode, "Assigned, in service"),
            (true, false) => (BlockStatus::AreaCode, "Assigned, not in service"),
            (false, false) if !is_assignable => (BlockStatus::Protected, "Not assignable"),
            (false, false) if is_reserved => (BlockStatus::Reserved, "Reserved"),
            (false, false) => (BlockStatus::Free, "Not assigned"),
        };
        let assigned_since = row.day(ASSIGNED_SINCE, dashed_day)?;
        let in_service_since = row.day(IN_SERVICE_SINCE, dashed_day)?;
        Ok(ListedBlock {
            prefix: 1_000 + digits,
            status,
            word: explained.map_or_else(|| word.to_owned(), |why| format!("{word}: {why}")),
            holder: None,
            since: in_service_since.or(assigned_since),
            digits: NUMBER_DIGITS,
            line: row.line,
        })
    }
}

/// Reads one of two words; anything else shows that the columns have shifted.
fn said(row: &Row<'_>, heading: &str, yes: &str, no: &str) -> Result<bool, LineFault> {
    let word = row.cell(heading)?;
    if word == yes {
        return Ok(true);
    }
    if word == no {
        return Ok(false);
    }
    Err(LineFault::Status {
        word: format!("{heading} {word}"),
    })
}

/// Reads `03/04/2020`, the month first.
fn american_day(text: &str) -> Option<Day> {
    let mut parts = text.split('/');
    let mut next = |count| exact_digits(parts.next()?, count);
    let (month, day, year) = (next(2)?, next(2)?, next(4)?);
    if parts.next().is_some() {
        return None;
    }
    civil_day(year, month, day)
}

/// Reads `01-JAN-47`.
fn dashed_day(text: &str) -> Option<Day> {
    const MONTHS: [&str; 12] = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ];
    let mut parts = text.split('-');
    let day = exact_digits(parts.next()?, 2)?;
    let month = parts.next()?;
    let month = MONTHS.iter().position(|known| *known == month)? as u64 + 1;
    let year = exact_digits(parts.next()?, 2)?;
    if parts.next().is_some() {
        return None;
    }
    let century = if year >= FIRST_YEAR % 100 { 1900 } else { 2000 };
    civil_day(century + year, month, day)
}
