//! Whether an id that somebody typed stands in a table.

use std::collections::BTreeSet;

use arrow::array::Array;

use crate::AnalysisError;
use crate::parts::{TablePart, read_part};

/// What ids name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdOf {
    /// Accounts: in `accounts`, or named by payments or calls alone.
    Account,
    /// Reports.
    Report,
}

impl IdOf {
    /// Tables to look into, one after the other, with the column that holds the id.
    const fn places(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Account => &[
                ("accounts", "account_id"),
                ("payments", "account_id"),
                ("calls", "account_id"),
            ],
            Self::Report => &[("reports", "report_id")],
        }
    }
}

/// Finds which of some ids no row of a source names.
///
/// # Errors
/// A table cannot be read.
pub fn unknown_ids<'a>(
    parts: &[TablePart],
    of: IdOf,
    source: &str,
    mut ids: BTreeSet<&'a str>,
) -> Result<BTreeSet<&'a str>, AnalysisError> {
    for (table, column) in of.places() {
        let of_table = parts.iter().filter(|part| part.table == *table);
        for part in of_table.filter(|part| part.source == source) {
            if ids.is_empty() {
                return Ok(ids);
            }
            let columns = read_part(&part.path, &[column])?;
            let found = columns.text(column)?;
            for row in (0..found.len()).filter(|row| found.is_valid(*row)) {
                ids.remove(found.value(row));
            }
        }
    }
    Ok(ids)
}
