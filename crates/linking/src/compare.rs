//! Comparisons: how alike two values of a column are, in ordered levels.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::LinkError;
use crate::block::in_order;
use crate::derive::{CivilDate, Derive};
use crate::distance::{Outline, edits_at_most, jaro_winkler_at_least};
use crate::records::{Column, MISSING, Records};

/// A condition that two values of a column meet or not. Each is symmetric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Test {
    /// The values are equal.
    Exact,
    /// Jaro–Winkler similarity of at least this, 0 to 1 (Winkler 1990), over characters.
    JaroWinkler(f64),
    /// At most so many insertions, deletions and substitutions of a character.
    Levenshtein(u32),
    /// At most so many of these or exchanges of neighbours (unrestricted Damerau).
    Damerau(u32),
    /// What is derived from the values is there and equal: a year, a start, a sound.
    Same(Derive),
    /// Dates (`YYYY-MM-DD`, `YYYYMMDD`) at most so many days apart.
    DaysApart(u32),
    /// At least so many of the year, the month and the day are equal.
    DateParts(u32),
    /// Dates that are equal once day and month of one are exchanged.
    DayMonthSwapped,
    /// Lists of values share at least so many different ones.
    Overlap {
        /// What parts the values of a list.
        separator: char,
        /// How many must be in both.
        at_least: u32,
    },
}

impl Test {
    /// Says whether two values, neither of them missing, meet the condition.
    pub fn holds(self, one: &str, other: &str) -> bool {
        self.holds_outlined((one, Outline::of(one)), (other, Outline::of(other)))
    }

    fn holds_outlined(self, one: (&str, Outline), other: (&str, Outline)) -> bool {
        let dates = || CivilDate::read(one.0).zip(CivilDate::read(other.0));
        match self {
            Self::Exact => one.0 == other.0,
            Self::JaroWinkler(least) => jaro_winkler_at_least(one, other, least),
            Self::Levenshtein(most) => edits_at_most(one, other, most, false),
            Self::Damerau(most) => edits_at_most(one, other, most, true),
            Self::Same(derive) => {
                let key = derive.of(one.0);
                key.is_some() && key == derive.of(other.0)
            }
            Self::DaysApart(most) => {
                dates().is_some_and(|(one, other)| one.days().abs_diff(other.days()) <= most)
            }
            Self::DateParts(least) => {
                dates().is_some_and(|(one, other)| one.equal_parts(other) >= least)
            }
            Self::DayMonthSwapped => dates().is_some_and(|(one, other)| {
                one.year == other.year && one.month == other.day && one.day == other.month
            }),
            Self::Overlap {
                separator,
                at_least,
            } => {
                let mut shared: Vec<&str> = one
                    .0
                    .split(separator)
                    .filter(|value| !value.is_empty())
                    .filter(|value| other.0.split(separator).any(|second| second == *value))
                    .collect();
                shared.sort_unstable();
                shared.dedup();
                shared.len() >= at_least as usize
            }
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => write!(f, "equal"),
            Self::JaroWinkler(least) => write!(f, "Jaro–Winkler ≥ {least}"),
            Self::Levenshtein(most) => write!(f, "Levenshtein ≤ {most}"),
            Self::Damerau(most) => write!(f, "Damerau ≤ {most}"),
            Self::Same(Derive::Value) => write!(f, "equal"),
            Self::Same(Derive::FirstChars(count)) => write!(f, "first {count} characters equal"),
            Self::Same(Derive::LastChars(count)) => write!(f, "last {count} characters equal"),
            Self::Same(Derive::Soundex) => write!(f, "Soundex equal"),
            Self::Same(Derive::Year) => write!(f, "year equal"),
            Self::Same(Derive::Month) => write!(f, "year and month equal"),
            Self::DaysApart(most) => write!(f, "at most {most} days apart"),
            Self::DateParts(least) => write!(f, "{least} of year, month, day equal"),
            Self::DayMonthSwapped => write!(f, "day and month exchanged"),
            Self::Overlap { at_least, .. } => write!(f, "at least {at_least} in common"),
        }
    }
}

/// A column and its levels, the strictest first. Two values are at the first level whose test they
/// meet, or below all; a missing value is at no level and evidence of nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    name: String,
    column: String,
    tests: Vec<Test>,
    uses_frequencies: bool,
}

impl Comparison {
    /// Makes a comparison of a column, named by it.
    pub fn of(column: impl Into<String>, tests: impl IntoIterator<Item = Test>) -> Self {
        let column = column.into();
        Self {
            name: column.clone(),
            column,
            tests: tests.into_iter().collect(),
            uses_frequencies: false,
        }
    }

    /// Gives it another name than its column's.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Has equal values weigh more the rarer they are (term-frequency adjustment, as Splink's):
    /// at a level [`Test::Exact`], the chance that strangers agree is the value's own frequency
    /// instead of the column's mean.
    #[must_use]
    pub fn with_frequencies(mut self) -> Self {
        self.uses_frequencies = true;
        self
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its column's name.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// Returns its levels, the last ("else") left out.
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// Says whether equal values weigh by their frequency.
    pub fn uses_frequencies(&self) -> bool {
        self.uses_frequencies
    }

    /// Returns the level of two values: 0 is the strictest, `tests().len()` is below all; `None`
    /// where one is missing.
    pub fn level(&self, one: Option<&str>, other: Option<&str>) -> Option<usize> {
        let filled = |value: Option<&'_ str>| value.is_some_and(|text| !text.is_empty());
        if !filled(one) || !filled(other) {
            return None;
        }
        let (one, other) = one.zip(other)?;
        Some(self.level_outlined((one, Outline::of(one)), (other, Outline::of(other))))
    }

    fn level_outlined(&self, one: (&str, Outline), other: (&str, Outline)) -> usize {
        let found = self
            .tests
            .iter()
            .position(|test| test.holds_outlined(one, other));
        found.unwrap_or(self.tests.len())
    }

    /// Says what a level means, for people.
    pub fn label(&self, level: Option<usize>) -> String {
        match level.map(|level| self.tests.get(level)) {
            None => "missing".to_owned(),
            Some(None) => "different".to_owned(),
            Some(Some(test)) => test.to_string(),
        }
    }

    pub(crate) fn is_exact(&self, level: usize) -> bool {
        self.tests.get(level) == Some(&Test::Exact)
    }
}

/// Comparisons that a pattern has room for, and levels each ("missing" and "else" included).
pub(crate) const MOST_COMPARISONS: usize = 16;
pub(crate) const MOST_LEVELS: usize = 14;

/// At most so many bytes for what is remembered of a column's pairs of values.
const MATRIX_BYTES: usize = 1 << 24;

pub(crate) fn check(comparisons: &[Comparison]) -> Result<(), LinkError> {
    if comparisons.is_empty() {
        return Err(LinkError::Nothing {
            what: "comparisons",
        });
    }
    let too_many = |found, most, unit| Err(LinkError::TooMany { found, most, unit });
    if comparisons.len() > MOST_COMPARISONS {
        return too_many(comparisons.len(), MOST_COMPARISONS, "comparisons");
    }
    for (at, comparison) in comparisons.iter().enumerate() {
        if comparison.tests.is_empty() {
            return Err(LinkError::Nothing { what: "tests" });
        }
        if comparison.tests.len() > MOST_LEVELS - 1 {
            let found = comparison.tests.len();
            return too_many(found, MOST_LEVELS - 1, "tests in one comparison");
        }
        let name = &comparison.name;
        if comparisons.iter().take(at).any(|one| one.name == *name) {
            return Err(LinkError::GivenTwice { name: name.clone() });
        }
        for test in &comparison.tests {
            if let Test::JaroWinkler(least) = test
                && !(0.0..=1.0).contains(least)
            {
                return Err(LinkError::OutOfRange {
                    name: "JaroWinkler",
                    range: "0 to 1",
                });
            }
        }
    }
    Ok(())
}

/// A comparison made ready for the values of its column. Levels here are 0 for missing, then from 1.
pub(crate) struct Comparer<'a> {
    comparison: &'a Comparison,
    pub(crate) column: &'a Column,
    outlines: Vec<Outline>,
    /// Level of equal values, where it is one for all.
    equal: Option<u8>,
    /// Levels of pairs of values, 0 where not known yet, where there are few values. Who computes
    /// one first makes no difference: all compute the same.
    known: Option<Vec<AtomicU8>>,
}

impl<'a> Comparer<'a> {
    pub(crate) fn new(comparison: &'a Comparison, records: &'a Records) -> Result<Self, LinkError> {
        let column = records.column(&comparison.column)?;
        let distinct = column.distinct();
        let outlines = (0..distinct as u32)
            .map(|code| Outline::of(column.text(code)))
            .collect();
        let cells = distinct.saturating_mul(distinct);
        let known = (cells <= MATRIX_BYTES).then(|| {
            std::iter::repeat_with(|| AtomicU8::new(0))
                .take(cells)
                .collect()
        });
        let equal = match comparison.tests.first() {
            Some(Test::Exact | Test::JaroWinkler(_) | Test::Levenshtein(_) | Test::Damerau(_)) => {
                Some(1)
            }
            _ => None,
        };
        Ok(Self {
            comparison,
            column,
            outlines,
            equal,
            known,
        })
    }

    pub(crate) fn level(&self, one: u32, other: u32) -> u8 {
        if one == MISSING || other == MISSING {
            return 0;
        }
        if one == other
            && let Some(level) = self.equal
        {
            return level;
        }
        let Some(known) = &self.known else {
            return self.compute(one, other);
        };
        let (low, high) = (one.min(other) as usize, one.max(other) as usize);
        let Some(cell) = known.get(low * self.outlines.len() + high) else {
            return self.compute(one, other);
        };
        match cell.load(Ordering::Relaxed) {
            0 => {
                let level = self.compute(one, other);
                cell.store(level, Ordering::Relaxed);
                level
            }
            level => level,
        }
    }

    fn compute(&self, one: u32, other: u32) -> u8 {
        let outlined = |code: u32| {
            let outline = self.outlines.get(code as usize).copied();
            (self.column.text(code), outline.unwrap_or_default())
        };
        1 + self
            .comparison
            .level_outlined(outlined(one), outlined(other)) as u8
    }
}

/// All comparisons of a model made ready, with the records' values side by side.
pub(crate) struct Comparers<'a> {
    pub(crate) each: Vec<Comparer<'a>>,
    /// Codes of a record next to each other.
    codes: Vec<u32>,
}

impl<'a> Comparers<'a> {
    pub(crate) fn new(
        comparisons: &'a [Comparison],
        records: &'a Records,
        threads: usize,
    ) -> Result<Self, LinkError> {
        let each = in_order(comparisons.len(), threads, |at| {
            Comparer::new(&comparisons[at], records)
        });
        let each = each.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut codes = vec![MISSING; each.len() * records.len()];
        for (at, comparer) in each.iter().enumerate() {
            let of_column = comparer.column.codes().iter();
            for (row, &code) in codes.chunks_exact_mut(each.len()).zip(of_column) {
                row[at] = code;
            }
        }
        Ok(Self { each, codes })
    }

    pub(crate) fn comparisons(&self) -> impl Iterator<Item = &Comparison> {
        self.each.iter().map(|comparer| comparer.comparison)
    }

    /// The values of a record, by comparison.
    pub(crate) fn row(&self, record: u32) -> &[u32] {
        let width = self.each.len();
        let start = record as usize * width;
        self.codes.get(start..start + width).unwrap_or_default()
    }

    /// The levels of a pair in some comparisons, four bits each, the first comparison lowest.
    pub(crate) fn pattern(&self, of: &[usize], one: u32, other: u32) -> u64 {
        let (one, other) = (self.row(one), self.row(other));
        of.iter().fold(0, |pattern, &at| {
            let level = self.each[at].level(one[at], other[at]);
            pattern | u64::from(level) << (4 * at)
        })
    }
}

/// Level of a comparison in a pattern: 0 is missing.
pub(crate) fn level_in(pattern: u64, comparison: usize) -> usize {
    (pattern >> (4 * comparison) & 15) as usize
}
