//! The Canadian Numbering Administrator's status of central office codes: each area code (NPA) has
//! 800 of them (NXX), of ten thousand numbers.

use super::list::{Form, LineFault, ListedBlock, Row, civil_day, exact_digits, row_with};
use super::nanpa::NUMBER_DIGITS;
use super::{BlockStatus, Day, Regulator};

const AREA_CODE: &str = "NPA";
const OFFICE_CODE: &str = "CO Code (NXX)";
const STATUS: &str = "Status";
const HOLDER: &str = "Company";

pub(super) const FORM: Cna = Cna;

pub(super) struct Cna;

impl Form for Cna {
    fn regulator(&self) -> Regulator {
        Regulator::Cna
    }

    fn headings(&self, head: &[Vec<String>]) -> Option<usize> {
        row_with(head, &[AREA_CODE, OFFICE_CODE, STATUS, HOLDER])
    }

    fn published(&self, head: &[Vec<String>]) -> Option<Day> {
        head.iter()
            .find(|row| self.is_no_row(row))?
            .iter()
            .find_map(|cell| iso_day(cell))
    }

    /// The day of publication stands alone in a row of its own.
    fn is_no_row(&self, cells: &[String]) -> bool {
        let mut filled = cells.iter().filter(|cell| !cell.is_empty());
        filled.next().is_some_and(|cell| iso_day(cell).is_some()) && filled.next().is_none()
    }

    fn block(&self, row: &Row<'_>) -> Result<ListedBlock, LineFault> {
        let (area_code, office_code) = (row.cell(AREA_CODE)?, row.cell(OFFICE_CODE)?);
        let three = |text| exact_digits(text, 3).filter(|digits| *digits >= 200);
        let (Some(npa), Some(nxx)) = (three(area_code), three(office_code)) else {
            return Err(LineFault::Block {
                text: format!("{area_code} {office_code}"),
            });
        };
        let word = row.cell(STATUS)?;
        Ok(ListedBlock {
            prefix: 1_000_000 + npa * 1_000 + nxx,
            status: status(word).ok_or_else(|| LineFault::Status { word: word.into() })?,
            word: word.into(),
            holder: row.given(HOLDER),
            since: None,
            digits: NUMBER_DIGITS,
            line: row.line,
        })
    }
}

/// What CNA's words mean.
///
/// A code that is being recovered may still have its holder's customers, and a stranded one has
/// customers whose numbers moved to other carriers while its holder left: both count as allocated.
fn status(word: &str) -> Option<BlockStatus> {
    Some(match word {
        "In Service" | "Assigned" | "Being Recovered" | "Stranded Code" => BlockStatus::Allocated,
        "Available" => BlockStatus::Free,
        "Not Available" | "Moratorium on Assignment" | "Protected" | "Temporarily Unavailable" => {
            BlockStatus::Protected
        }
        "New Entrants Reserved" => BlockStatus::Reserved,
        "For Special Use" | "Plant Test" | "TBP Test Code" => BlockStatus::SpecialUse,
        _ => return None,
    })
}

/// Reads `2025-09-12`.
fn iso_day(text: &str) -> Option<Day> {
    let mut parts = text.split('-');
    let mut next = |count| exact_digits(parts.next()?, count);
    let (year, month, day) = (next(4)?, next(2)?, next(2)?);
    if parts.next().is_some() {
        return None;
    }
    civil_day(year, month, day)
}
