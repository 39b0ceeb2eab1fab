//! Judgements that were made elsewhere: a file of JSON lines, or a table with a heading.

use camino::Utf8Path;
use unspoof_model::judgement::{AccountRef, ReportRef};

use crate::judgement::Read;
use crate::{BadLine, InvalidJudgement, Judgement, StoreError};

/// The headings that a table may have, in any order.
const HEADINGS: [&str; 10] = [
    "id",
    "kind",
    "accounts",
    "numbers",
    "report",
    "label",
    "actor",
    "reason",
    "recorded_utc",
    "undoes",
];

/// Reads a file of judgements: JSON lines where its first character is `{`, else CSV with a
/// heading. Gives each with its line, counted from 1.
///
/// In a table several accounts or numbers stand in one cell, apart by `;`; an account and a report
/// are written `source:id`.
///
/// # Errors
/// The file cannot be read, or [`StoreError::Lines`] with all lines that hold no judgement.
pub fn read_lines(path: &Utf8Path) -> Result<Vec<(u64, Judgement)>, StoreError> {
    let text = std::fs::read_to_string(path).map_err(|source| StoreError::Read {
        path: path.to_owned(),
        source,
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let read = if text.trim_start().starts_with('{') {
        json_lines(text)
    } else {
        table(text)
    };
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (line, read) in read {
        match read {
            Ok(judgement) => good.push((line, judgement)),
            Err(why) => bad.push(BadLine { line, why }),
        }
    }
    if bad.is_empty() {
        Ok(good)
    } else {
        let path = path.to_owned();
        Err(StoreError::Lines { path, bad })
    }
}

type Lines = Vec<(u64, Result<Judgement, InvalidJudgement>)>;

fn json_lines(text: &str) -> Lines {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| (number, Judgement::from_json(line)))
        .collect()
}

fn table(text: &str) -> Lines {
    let form = |why: &str| InvalidJudgement::Form(why.to_owned());
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let headings = match reader.headers() {
        Ok(headings) => headings.clone(),
        Err(_) => return vec![(1, Err(form("the heading cannot be read")))],
    };
    let known = headings.iter().all(|heading| HEADINGS.contains(&heading));
    if !known || !headings.iter().any(|heading| heading == "kind") {
        let why = format!("the heading may name {}", HEADINGS.join(", "));
        return vec![(1, Err(form(&why)))];
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                let cell = |name: &str| {
                    let at = headings.iter().position(|heading| heading == name)?;
                    record
                        .get(at)
                        .map(str::trim)
                        .filter(|cell| !cell.is_empty())
                };
                lines.push((line, of_cells(&cell)));
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                lines.push((line, Err(form("it has not as many cells as the heading"))));
            }
        }
    }
    lines
}

fn of_cells<'a>(cell: &dyn Fn(&str) -> Option<&'a str>) -> Result<Judgement, InvalidJudgement> {
    let form = |why: &str| InvalidJudgement::Form(why.to_owned());
    let apart = |text: &'a str| -> Result<(&'a str, &'a str), InvalidJudgement> {
        let apart = text.trim().split_once(':');
        apart.ok_or_else(|| form("accounts and reports are written `source:id`"))
    };
    let several = |name| cell(name).into_iter().flat_map(|cell| cell.split(';'));
    let id = |name| {
        let id = cell(name).map(str::parse).transpose();
        id.map_err(|_| form("an id has 64 hexadecimal digits"))
    };
    let accounts: Result<_, InvalidJudgement> = several("accounts")
        .map(|text| apart(text).map(|(source, id)| AccountRef::new(source, id)))
        .collect();
    let numbers: Result<_, InvalidJudgement> = several("numbers")
        .map(|text| text.trim().parse().map_err(|e| form(&format!("{e}"))))
        .collect();
    let report = cell("report").map(apart).transpose()?;
    let needed = |name: &'static str| {
        let text = cell(name).map(str::to_owned);
        text.ok_or_else(|| form(&format!("`{name}` is empty")))
    };
    Read {
        id: id("id")?,
        accounts: accounts?,
        actor: needed("actor")?,
        kind: needed("kind")?,
        label: cell("label").map(str::to_owned),
        numbers: numbers?,
        reason: needed("reason")?,
        recorded_utc: needed("recorded_utc")?,
        report: report.map(|(source, id)| ReportRef::new(source, id)),
        undoes: id("undoes")?,
        _format: None,
    }
    .judgement()
}
