//! Exhibits that earlier pulls made, read back.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use unspoof_evidence::{CaseFolder, Exhibit, StreamLimits, open_stream};
use unspoof_handover::hex;
use unspoof_handover::spool::RecordId;
use unspoof_intake::rows;

use crate::fail::Refusal;

/// How exhibits of pulls are called: `portal-PULL.KIND`.
pub(crate) const PREFIX: &str = "portal-";

/// Lists the exhibits of pulls that end so.
pub(crate) fn exhibits<'a>(
    case: &'a CaseFolder,
    ending: &'a str,
) -> impl Iterator<Item = &'a Exhibit> {
    case.exhibits()
        .iter()
        .filter(move |exhibit| exhibit.name.starts_with(PREFIX) && exhibit.name.ends_with(ending))
}

/// Reads which records were pulled before, from the sealed tables themselves.
pub(crate) fn pulled(case: &CaseFolder) -> anyhow::Result<BTreeSet<RecordId>> {
    let mut pulled = BTreeSet::new();
    for ending in [".statements.csv", ".numbers.csv", ".codes.csv"] {
        for exhibit in exhibits(case, ending) {
            let stream = open_stream(exhibit, &StreamLimits::default())?;
            let ids = rows::records(stream)
                .with_context(|| format!("could not read the exhibit `{}`", exhibit.name))?;
            pulled.extend(
                ids.iter()
                    .filter_map(|id| hex::decode::<16>(id))
                    .map(RecordId),
            );
        }
    }
    Ok(pulled)
}

/// A row of a table of statements, by column.
pub(crate) type Row = BTreeMap<String, String>;

/// Reads all statements with the exhibits that they stand in.
pub(crate) fn statements(case: &CaseFolder) -> anyhow::Result<Vec<(String, Row)>> {
    table(case, ".statements.csv")
}

/// Reads all rows of one kind of table.
pub(crate) fn table(case: &CaseFolder, ending: &str) -> anyhow::Result<Vec<(String, Row)>> {
    let mut all = Vec::new();
    for exhibit in exhibits(case, ending) {
        let stream = open_stream(exhibit, &StreamLimits::default())?;
        let rows = rows::read(stream)
            .with_context(|| format!("could not read the exhibit `{}`", exhibit.name))?;
        all.extend(rows.into_iter().map(|row| (exhibit.name.clone(), row)));
    }
    Ok(all)
}

/// A row's value in a column, empty where there is none.
pub(crate) fn cell<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).map_or("", String::as_str)
}

/// Finds a statement by the name of its report, or else by its reference.
pub(crate) fn known<'a>(
    all: &'a [(String, Row)],
    reference: &str,
) -> anyhow::Result<&'a (String, Row)> {
    let by = |column: &str| {
        all.iter()
            .find(|(_, row)| cell(row, column).eq_ignore_ascii_case(reference))
    };
    by("report").or_else(|| by("reference")).ok_or_else(|| {
        let text = format!("there is no statement `{reference}`");
        Refusal::new("portal/unknown", text)
            .hint("see them all: unspoof portal queue --all")
            .into()
    })
}
