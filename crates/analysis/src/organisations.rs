//! Whose number was shown: presented numbers against dated lists of organisations' numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::Array;
use camino::Utf8Path;
use unspoof_model::{Decimal, civil_to_days};

use crate::AnalysisError;
use crate::parts::read_columns;

/// A number or a range of numbers of an organisation, as a list gives it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OrganisationEntry {
    /// The number, or the digits that all numbers of the range start with.
    pub digits: i64,
    /// Whether `digits` are the start of a range.
    pub is_prefix: bool,
    /// Whose it is.
    pub organisation: String,
    /// What kind of organisation, in the list's word.
    pub kind: String,
    /// First day on which it was theirs (days since 1970 UTC); None: since ever.
    pub valid_from: Option<i32>,
    /// First day on which it no longer was; None: it still is.
    pub valid_to: Option<i32>,
    /// True where the organisation says that it never calls from it.
    pub inbound_only: bool,
    /// File name of the list.
    pub list: String,
    /// Line of the list, from 1.
    pub line: u64,
}

impl OrganisationEntry {
    fn holds_on(&self, day: Option<i32>) -> bool {
        match day {
            Some(day) => {
                self.valid_from.is_none_or(|from| from <= day)
                    && self.valid_to.is_none_or(|to| day < to)
            }
            // Without a day only an entry that always held can be said to have held.
            None => self.valid_from.is_none() && self.valid_to.is_none(),
        }
    }
}

/// All lists of a case, ready to be asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Organisations {
    names: Vec<String>,
    kinds: Vec<String>,
    exact: HashMap<i64, Vec<u32>>,
    prefixes: HashMap<i64, Vec<u32>>,
    prefix_digits: BTreeSet<u32>,
    entries: Vec<(u32, OrganisationEntry)>,
}

impl Organisations {
    /// Takes the entries of all lists, in any order.
    #[must_use]
    pub fn new(mut entries: Vec<OrganisationEntry>) -> Self {
        entries.sort();
        let kinds: BTreeMap<String, String> = entries
            .iter()
            .map(|e| (e.organisation.clone(), e.kind.clone()))
            .collect();
        let mut made = Self {
            names: kinds.keys().cloned().collect(),
            kinds: kinds.values().cloned().collect(),
            ..Self::default()
        };
        for entry in entries {
            let name = made.names.binary_search(&entry.organisation);
            let number = name.expect("every entry's name was taken up") as u32;
            let index = made.entries.len() as u32;
            if entry.is_prefix {
                made.prefix_digits.insert(digits_of(entry.digits));
                made.prefixes.entry(entry.digits).or_default().push(index);
            } else {
                made.exact.entry(entry.digits).or_default().push(index);
            }
            made.entries.push((number, entry));
        }
        made
    }

    /// Returns the organisations' names, sorted; others refer to them by their place here.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns an organisation's kind by its place.
    #[must_use]
    pub fn kind(&self, number: u32) -> &str {
        self.kinds.get(number as usize).map_or("", String::as_str)
    }

    /// Returns how many numbers and ranges are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether nothing is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the organisations, by their places in order, that held a number on a day.
    pub fn holders(&self, number: i64, day: Option<i32>, found: &mut Vec<u32>) {
        found.clear();
        let mut take = |entries: Option<&Vec<u32>>| {
            for &index in entries.into_iter().flatten() {
                let (organisation, entry) = &self.entries[index as usize];
                if entry.holds_on(day) {
                    found.push(*organisation);
                }
            }
        };
        take(self.exact.get(&number));
        let digits = digits_of(number);
        for &prefix_digits in self.prefix_digits.range(..=digits) {
            let prefix = number / 10_i64.pow(digits - prefix_digits);
            take(self.prefixes.get(&prefix));
        }
        found.sort_unstable();
        found.dedup();
    }

    /// Returns the names that held a number on a day.
    #[must_use]
    pub fn names_of(&self, number: i64, day: Option<i32>) -> Vec<&str> {
        let mut found = Vec::new();
        self.holders(number, day, &mut found);
        found
            .iter()
            .map(|&at| self.names[at as usize].as_str())
            .collect()
    }
}

/// Reads the lists back from `derived/organisations.parquet`.
pub(crate) fn read_back(path: &Utf8Path) -> Result<Vec<OrganisationEntry>, AnalysisError> {
    let mut entries = Vec::new();
    let wanted = [
        "organisation",
        "kind",
        "digits",
        "is_prefix",
        "valid_from",
        "valid_to",
        "inbound_only",
        "list",
        "line",
    ];
    for columns in read_columns(path, &wanted)? {
        let columns = columns?;
        let (organisations, kinds) = (columns.text("organisation")?, columns.text("kind")?);
        let (digits, lists) = (columns.int("digits")?, columns.text("list")?);
        let (from, to) = (columns.day("valid_from")?, columns.day("valid_to")?);
        let (prefixes, inbound) = (columns.flag("is_prefix")?, columns.flag("inbound_only")?);
        let lines = columns.count("line")?;
        entries.extend((0..digits.len()).map(|row| OrganisationEntry {
            digits: digits.value(row),
            is_prefix: prefixes.value(row),
            organisation: organisations.value(row).to_owned(),
            kind: kinds.value(row).to_owned(),
            valid_from: from.is_valid(row).then(|| from.value(row)),
            valid_to: to.is_valid(row).then(|| to.value(row)),
            inbound_only: inbound.value(row),
            list: lists.value(row).to_owned(),
            line: lines.value(row),
        }));
    }
    Ok(entries)
}

fn digits_of(number: i64) -> u32 {
    number.unsigned_abs().checked_ilog10().unwrap_or(0) + 1
}

/// Reads `YYYY-MM-DD`.
pub(crate) fn day(text: &str) -> Option<i32> {
    let mut pieces = text.trim().split('-');
    let (year, month, day) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let plausible = pieces.next().is_none()
        && (1900..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day);
    plausible.then(|| civil_to_days(year, month, day))
}

/// Reads a rate's number.
pub(crate) fn rate(text: &str) -> Option<Decimal> {
    Decimal::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(
        digits: i64,
        is_prefix: bool,
        name: &str,
        from: Option<i32>,
        to: Option<i32>,
    ) -> OrganisationEntry {
        OrganisationEntry {
            digits,
            is_prefix,
            organisation: name.into(),
            kind: "bank".into(),
            valid_from: from,
            valid_to: to,
            inbound_only: false,
            list: "banks.csv".into(),
            line: 1,
        }
    }

    #[test]
    fn a_number_changes_hands_on_its_day() {
        let lists = Organisations::new(vec![
            entry(442_079_460_001, false, "Old", None, Some(100)),
            entry(442_079_460_001, false, "New", Some(100), None),
            entry(4_420_794_600, true, "Range", None, None),
        ]);
        assert_eq!(lists.names_of(442_079_460_001, Some(99)), ["Old", "Range"]);
        assert_eq!(lists.names_of(442_079_460_001, Some(100)), ["New", "Range"]);
        assert_eq!(lists.names_of(442_079_460_001, None), ["Range"]);
        assert_eq!(
            lists.names_of(442_079_461_001, Some(100)),
            Vec::<&str>::new()
        );
        assert_eq!(lists.names_of(4_420_794_600, Some(100)), ["Range"]);
    }
}
