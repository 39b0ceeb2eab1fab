//! Reference lists that a team adds: organisations' numbers, exchange rates, suppressions.

use std::collections::HashSet;

use camino::Utf8Path;
use unspoof_model::config::{CaseConfig, Reference, ReferenceKind};
use unspoof_model::{Rate, Rates, days_to_civil};
use unspoof_numbers::blocks::{BlockList, Blocks};
use unspoof_numbers::{Context, Reader};
use unspoof_ranking::{CountryFile, Policy};

use crate::AnalysisError;
use crate::organisations::{OrganisationEntry, day, rate};

/// One record with its columns by name and its place.
struct Record<'a> {
    headers: &'a csv::StringRecord,
    record: csv::StringRecord,
    line: u64,
    path: &'a Utf8Path,
}

impl Record<'_> {
    fn get(&self, column: &str) -> &str {
        let at = self
            .headers
            .iter()
            .position(|h| h.trim().eq_ignore_ascii_case(column));
        at.and_then(|at| self.record.get(at))
            .unwrap_or_default()
            .trim()
    }

    fn wrong(&self, why: impl Into<String>) -> AnalysisError {
        AnalysisError::Reference {
            path: self.path.to_owned(),
            line: self.line,
            why: why.into(),
        }
    }

    fn day(&self, column: &str) -> Result<Option<i32>, AnalysisError> {
        match self.get(column) {
            "" => Ok(None),
            text => day(text)
                .map(Some)
                .ok_or_else(|| self.wrong(format!("`{column}` is not a date such as 2022-08-31"))),
        }
    }
}

fn each(
    path: &Utf8Path,
    mut take: impl FnMut(Record<'_>) -> Result<(), AnalysisError>,
) -> Result<(), AnalysisError> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(path)
        .map_err(|e| AnalysisError::read(path, e))?;
    let headers = reader
        .byte_headers()
        .map_err(|e| AnalysisError::read(path, e))?
        .clone();
    let headers = csv::StringRecord::from_byte_record_lossy(headers);
    for record in reader.byte_records() {
        let record = record.map_err(|e| AnalysisError::read(path, e))?;
        let line = record.position().map_or(0, csv::Position::line);
        // Other people's lists are in whatever character set they are; numbers are ASCII in all.
        let record = csv::StringRecord::from_byte_record_lossy(record);
        take(Record {
            headers: &headers,
            record,
            line,
            path,
        })?;
    }
    Ok(())
}

fn numbers(home: &Context) -> Reader {
    Reader::new(home.clone())
}

/// Reads a list of organisations' numbers.
///
/// The project's own form has the columns `number` or `prefix`, `organisation`, and, if wanted,
/// `kind`, `valid_from`, `valid_to` and `inbound_only`. Of any other list every column whose name
/// speaks of a telephone or fax is searched for numbers; they belong to
/// `organisation`, and the record's `title` says which line it is.
///
/// # Errors
/// A line without a usable number or date, by its place; a foreign list without `organisation`.
pub fn read_organisations(
    path: &Utf8Path,
    organisation: Option<&str>,
    home: &Context,
) -> Result<Vec<OrganisationEntry>, AnalysisError> {
    let list = path.file_name().unwrap_or_default().to_owned();
    let mut reader = numbers(home);
    let mut entries = Vec::new();
    each(path, |record| {
        let is_own = record
            .headers
            .iter()
            .any(|h| h.trim().eq_ignore_ascii_case("organisation"));
        if is_own {
            entries.push(own_entry(&record, &list, &mut reader)?);
            return Ok(());
        }
        let Some(organisation) = organisation else {
            return Err(record.wrong("it has no column `organisation`, and none was named"));
        };
        foreign_entries(&record, organisation, &list, &mut reader, &mut entries);
        Ok(())
    })?;
    if organisation.is_some() {
        // A foreign list names one number under several headings; the first stands for all.
        let mut seen = HashSet::new();
        entries.retain(|entry| entry.is_prefix || seen.insert((entry.digits, entry.valid_from)));
    }
    Ok(entries)
}

fn own_entry(
    record: &Record<'_>,
    list: &str,
    reader: &mut Reader,
) -> Result<OrganisationEntry, AnalysisError> {
    let (number, prefix) = (record.get("number"), record.get("prefix"));
    let (digits, is_prefix) = match (number, prefix) {
        ("", "") => return Err(record.wrong("neither `number` nor `prefix` is given")),
        ("", prefix) => {
            let digits: String = prefix.chars().filter(char::is_ascii_digit).collect();
            let digits = digits
                .parse::<i64>()
                .ok()
                .filter(|_| prefix.starts_with('+'));
            (
                digits.ok_or_else(|| record.wrong("`prefix` is not `+` and digits"))?,
                true,
            )
        }
        (number, _) => {
            let read = reader.read(number.as_bytes()).number;
            let key = read.and_then(|read| i64::try_from(read.key()).ok());
            (
                key.ok_or_else(|| record.wrong("`number` is not a telephone number"))?,
                false,
            )
        }
    };
    let organisation = record.get("organisation");
    if organisation.is_empty() {
        return Err(record.wrong("`organisation` is empty"));
    }
    Ok(OrganisationEntry {
        digits,
        is_prefix,
        organisation: organisation.to_owned(),
        kind: record.get("kind").to_owned(),
        valid_from: record.day("valid_from")?,
        valid_to: record.day("valid_to")?,
        inbound_only: matches!(record.get("inbound_only"), "true" | "yes" | "1"),
        list: list.to_owned(),
        line: record.line,
    })
}

fn foreign_entries(
    record: &Record<'_>,
    organisation: &str,
    list: &str,
    reader: &mut Reader,
    entries: &mut Vec<OrganisationEntry>,
) {
    let is_number_column = |name: &str| {
        let name = name.to_ascii_lowercase();
        (name.contains("phone")
            || name.contains("international")
            || matches!(name.as_str(), "tel" | "number" | "fax"))
            && !["name", "head", "hours", "info", "url", "tag"]
                .iter()
                .any(|w| name.contains(w))
    };
    for (name, value) in record.headers.iter().zip(&record.record) {
        if !is_number_column(name) {
            continue;
        }
        for found in phone_like(value) {
            let reading = reader.read(found.as_bytes());
            let Some(key) = reading.number.and_then(|n| i64::try_from(n.key()).ok()) else {
                continue;
            };
            entries.push(OrganisationEntry {
                digits: key,
                is_prefix: false,
                organisation: organisation.to_owned(),
                kind: record.get("kind").to_owned(),
                valid_from: None,
                valid_to: None,
                inbound_only: false,
                list: list.to_owned(),
                line: record.line,
            });
        }
    }
}

/// Cuts out runs of digits and what stands between digits of one number.
fn phone_like(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_digit() || matches!(c, '+' | ' ' | '(' | ')' | '-') {
            run.push(c);
        } else {
            if run.chars().filter(char::is_ascii_digit).count() >= 7 {
                found.push(run.trim().to_owned());
            }
            run.clear();
        }
    }
    found
}

/// Reads exchange rates: columns `date`, `currency`, `value_currency`, `rate`.
///
/// # Errors
/// A line without a date or rate, by its place.
pub fn read_rates(path: &Utf8Path) -> Result<Rates, AnalysisError> {
    let mut rates = Rates::default();
    each(path, |record| {
        let day = record
            .day("date")?
            .ok_or_else(|| record.wrong("`date` is empty"))?;
        let rate = rate(record.get("rate")).ok_or_else(|| record.wrong("`rate` is no number"))?;
        let rate = Rate {
            day,
            currency: record.get("currency").to_owned(),
            value_currency: record.get("value_currency").to_owned(),
            rate,
        };
        rates.add(rate).map_err(|e| record.wrong(e.to_string()))
    })?;
    Ok(rates)
}

/// Reads numbers that must not be contacted: a column `number`.
///
/// # Errors
/// A line whose number cannot be read: a suppression must never be dropped in silence.
pub fn read_suppressions(path: &Utf8Path, home: &Context) -> Result<Vec<i64>, AnalysisError> {
    let mut reader = numbers(home);
    let mut suppressed = Vec::new();
    each(path, |record| {
        let read = reader.read(record.get("number").as_bytes()).number;
        let key = read.and_then(|read| i64::try_from(read.key()).ok());
        suppressed.push(key.ok_or_else(|| record.wrong("`number` is not a telephone number"))?);
        Ok(())
    })?;
    suppressed.sort_unstable();
    suppressed.dedup();
    Ok(suppressed)
}

/// Reads one list of number blocks as its regulator published it.
///
/// # Errors
/// The file cannot be read, is no such list or another regulator's, or nothing says its day.
pub fn read_block_list(path: &Utf8Path, list: &Reference) -> Result<BlockList, AnalysisError> {
    let content = std::fs::read(path).map_err(|e| AnalysisError::read(path, e))?;
    let published = match list.dated.as_deref() {
        Some(text) => Some(day(text).ok_or_else(|| AnalysisError::Reference {
            path: path.to_owned(),
            line: 0,
            why: format!("`{text}` is not a date such as 2022-08-31"),
        })?),
        None => None,
    };
    let read = BlockList::read(&list.file, &content, published)
        .map_err(|source| AnalysisError::Blocks { source })?;
    if read.regulator.as_str() != list.kind.as_str() {
        return Err(AnalysisError::OtherRegulator {
            path: path.to_owned(),
            found: read.regulator.as_str(),
            named: list.kind.as_str(),
        });
    }
    Ok(read)
}

/// Reads all lists of number blocks of a case; None where it has none.
///
/// # Errors
/// As [`read_block_list`].
pub fn read_blocks(case: &Utf8Path, config: &CaseConfig) -> Result<Option<Blocks>, AnalysisError> {
    let lists = config
        .references
        .iter()
        .filter(|list| list.kind.is_blocks());
    let lists: Vec<BlockList> = lists
        .map(|list| read_block_list(&case.join("reference").join(&list.file), list))
        .collect::<Result<_, _>>()?;
    Ok(Some(lists)
        .filter(|lists| !lists.is_empty())
        .map(Blocks::new))
}

/// Writes a day as `YYYY-MM-DD`.
#[must_use]
pub fn iso_day(days: i32) -> String {
    let (year, month, day) = days_to_civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Reads a policy file.
///
/// # Errors
/// The file cannot be read, or [`AnalysisError::Policy`].
pub fn read_policy(path: &Utf8Path) -> Result<Policy, AnalysisError> {
    let text = std::fs::read_to_string(path).map_err(|e| AnalysisError::read(path, e))?;
    Policy::parse(&text).map_err(|source| AnalysisError::Policy {
        name: path.file_name().unwrap_or(path.as_str()).to_owned(),
        source,
    })
}

/// Finds a policy by a preset's name or by its file's name among the case's lists.
///
/// # Errors
/// The file cannot be read, or [`AnalysisError::Policy`].
pub fn policy_of_case(
    case: &Utf8Path,
    config: &CaseConfig,
    name: &str,
) -> Result<Policy, AnalysisError> {
    let mut lists = config.references.iter();
    if lists.any(|list| list.kind == ReferenceKind::Policy && list.file == name) {
        return read_policy(&case.join("reference").join(name));
    }
    Policy::preset(name).map_err(|source| AnalysisError::Policy {
        name: name.to_owned(),
        source,
    })
}

/// Reads a country file in MaxMind's format.
///
/// # Errors
/// The file cannot be read, or [`AnalysisError::Countries`].
pub fn read_countries(path: &Utf8Path) -> Result<CountryFile, AnalysisError> {
    let bytes = std::fs::read(path).map_err(|e| AnalysisError::read(path, e))?;
    CountryFile::new(bytes).map_err(AnalysisError::countries)
}

/// Reads the case's country file: of several the one dated last.
///
/// # Errors
/// As [`read_countries`].
pub(crate) fn countries_of_case(
    case: &Utf8Path,
    config: &CaseConfig,
) -> Result<Option<CountryFile>, AnalysisError> {
    let lists = config.references.iter();
    let files = lists.filter(|list| list.kind == ReferenceKind::Countries);
    let last = files.max_by(|a, b| (&a.dated, &a.file).cmp(&(&b.dated, &b.file)));
    last.map(|list| read_countries(&case.join("reference").join(&list.file)))
        .transpose()
}
