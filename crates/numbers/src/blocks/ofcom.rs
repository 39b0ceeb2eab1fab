//! Ofcom's lists of the United Kingdom's number blocks: S1 (01 and 02), S3, S5, S7, S8 and S9.
//!
//! Blocks are national digits without the leading 0, in groups, and as long as they need to be.

use super::list::{
    Form, LineFault, ListedBlock, NumberDigits, Row, civil_day, exact_digits, row_with,
};
use super::{BlockStatus, Day, Regulator};

const BLOCK: &str = "NMS Number Block: Number Block";
const STATUS: &str = "Block Status";
const HOLDER: &str = "CP Name";
/// Of S1, and of the others.
const LENGTHS: [&str; 2] = ["Geographic Number Length", "Non Geo Number Length"];
const SINCE: &str = "Allocation Date";

const COUNTRY_CODE: u64 = 44;
const COUNTRY_CODE_DIGITS: u32 = 2;
/// National numbers have no more.
const MAX_NATIONAL_DIGITS: u32 = 10;

pub(super) const FORM: Ofcom = Ofcom;

pub(super) struct Ofcom;

impl Form for Ofcom {
    fn regulator(&self) -> Regulator {
        Regulator::Ofcom
    }

    fn headings(&self, head: &[Vec<String>]) -> Option<usize> {
        row_with(head, &[BLOCK, STATUS, HOLDER, SINCE])
    }

    fn published(&self, _head: &[Vec<String>]) -> Option<Day> {
        None
    }

    fn is_no_row(&self, _cells: &[String]) -> bool {
        false
    }

    fn block(&self, row: &Row<'_>) -> Result<ListedBlock, LineFault> {
        let block = row.cell(BLOCK)?;
        let national: String = block.chars().filter(|c| *c != ' ').collect();
        let national_digits = national.len() as u32;
        let prefix = Some(national.as_str())
            .filter(|text| {
                (1..=MAX_NATIONAL_DIGITS).contains(&national_digits) && !text.starts_with('0')
            })
            .and_then(|text| exact_digits(text, text.len()))
            .map(|digits| COUNTRY_CODE * 10_u64.pow(national_digits) + digits)
            .ok_or_else(|| LineFault::Block { text: block.into() })?;
        let word = row.cell(STATUS)?;
        Ok(ListedBlock {
            prefix,
            status: status(word).ok_or_else(|| LineFault::Status { word: word.into() })?,
            word: word.into(),
            holder: row.given(HOLDER),
            digits: lengths(row, national_digits)?,
            since: row.day(SINCE, british_day)?,
            line: row.line,
        })
    }
}

/// What Ofcom's words mean: of these only the first says that a provider has the numbers, however
/// the word goes on, as in `Allocated(Closed Range)`.
fn status(word: &str) -> Option<BlockStatus> {
    Some(match word {
        "Free" => BlockStatus::Free,
        "Protected" => BlockStatus::Protected,
        "Designated" => BlockStatus::Designated,
        "Quarantined" => BlockStatus::Quarantined,
        "Reserved" => BlockStatus::Reserved,
        allocated if allocated.starts_with("Allocated") => BlockStatus::Allocated,
        _ => return None,
    })
}

/// Reads `10 digit numbers`, `3+7` (area code and local number) and `Mixed 4+5 & 4+6`.
fn lengths(row: &Row<'_>, block_digits: u32) -> Result<NumberDigits, LineFault> {
    let mut digits = NumberDigits::NOT_GIVEN;
    for heading in LENGTHS {
        let text = row.cell(heading)?;
        if text.is_empty() {
            continue;
        }
        let fault = || LineFault::Length { text: text.into() };
        for part in text.trim_start_matches("Mixed ").split(" & ") {
            let part = part.trim_end_matches(" digit numbers");
            let national = part
                .split('+')
                .map(|count| exact_digits(count, count.len()))
                .try_fold(0, |sum: u64, count| sum.checked_add(count?))
                .and_then(|sum| u32::try_from(sum).ok())
                .filter(|sum| (block_digits..=MAX_NATIONAL_DIGITS).contains(sum))
                .ok_or_else(fault)?;
            digits = digits.with(COUNTRY_CODE_DIGITS + national);
        }
    }
    Ok(digits)
}

/// Reads `26/03/2007`, the day first.
fn british_day(text: &str) -> Option<Day> {
    let mut parts = text.split('/');
    let mut next = |count| exact_digits(parts.next()?, count);
    let (day, month, year) = (next(2)?, next(2)?, next(4)?);
    if parts.next().is_some() {
        return None;
    }
    civil_day(year, month, day)
}
