//! Records in memory: columns of text, each distinct value kept once.

use std::fmt;

use crate::LinkError;

/// A value that is not there.
pub(crate) const MISSING: u32 = u32::MAX;

/// A named column of text: a dictionary of its distinct values, and one number a record.
///
/// `None` and the empty text are a missing value, which is evidence of nothing. Values are taken as
/// they are: whoever wants case, accents or spaces to be equal makes them so before.
pub struct Column {
    name: String,
    dictionary: Dictionary,
    codes: Vec<u32>,
    counts: Vec<u32>,
}

impl Column {
    /// Makes a column of one value a record.
    ///
    /// # Errors
    ///
    /// [`LinkError::TooLarge`] from 2³² − 1 records, or 4 GiB of distinct text, on.
    pub fn new<V, S>(name: impl Into<String>, values: V) -> Result<Self, LinkError>
    where
        V: IntoIterator<Item = Option<S>>,
        S: AsRef<str>,
    {
        let name = name.into();
        let values = values.into_iter();
        let mut dictionary = Dictionary::default();
        let mut codes = Vec::with_capacity(values.size_hint().0);
        let mut counts: Vec<u32> = Vec::new();
        for value in values {
            let value = value.as_ref().map_or("", |value| value.as_ref());
            let code = if value.is_empty() {
                MISSING
            } else {
                let Some(code) = dictionary.intern(value) else {
                    let (most, unit) = (u64::from(u32::MAX), "bytes of distinct text");
                    return Err(too_large(name, most, unit));
                };
                match counts.get_mut(code as usize) {
                    Some(count) => *count += 1,
                    None => counts.push(1),
                }
                code
            };
            if codes.len() >= MISSING as usize {
                return Err(too_large(name, u64::from(MISSING), "records"));
            }
            codes.push(code);
        }
        Ok(Self {
            name,
            dictionary,
            codes,
            counts,
        })
    }

    /// Returns the column's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns how many records it has.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Says whether it has no record.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Returns how many different values it has.
    pub fn distinct(&self) -> usize {
        self.counts.len()
    }

    /// Returns the value of a record, if it has one.
    pub fn value(&self, record: u32) -> Option<&str> {
        let code = self.code(record);
        (code != MISSING).then(|| self.text(code))
    }

    /// Returns the share of records with a value that have this one, as Splink counts its term
    /// frequencies; `None` for a value that no record has.
    pub fn frequency(&self, value: &str) -> Option<f64> {
        let code = self.dictionary.find(value)?;
        Some(self.frequency_of(code, self.filled()))
    }

    pub(crate) fn frequency_of(&self, code: u32, filled: u64) -> f64 {
        self.counts
            .get(code as usize)
            .map_or(0.0, |&count| f64::from(count) / filled.max(1) as f64)
    }

    /// Records that have a value.
    pub(crate) fn filled(&self) -> u64 {
        self.counts.iter().map(|&count| u64::from(count)).sum()
    }

    pub(crate) fn code(&self, record: u32) -> u32 {
        self.codes.get(record as usize).copied().unwrap_or(MISSING)
    }

    pub(crate) fn codes(&self) -> &[u32] {
        &self.codes
    }

    pub(crate) fn text(&self, code: u32) -> &str {
        self.dictionary.text(code)
    }
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Column")
            .field("name", &self.name)
            .field("records", &self.len())
            .field("distinct", &self.distinct())
            .finish_non_exhaustive()
    }
}

/// Records to be linked: in one set, where any two may be the same, or in two, where a pair has one
/// of each.
#[derive(Debug)]
pub struct Records {
    columns: Vec<Column>,
    len: u32,
    left: Option<u32>,
}

impl Records {
    /// Makes one set of records, numbered from 0, in which duplicates are looked for.
    ///
    /// # Errors
    ///
    /// [`LinkError::UnevenColumns`], [`LinkError::GivenTwice`].
    pub fn new(columns: Vec<Column>) -> Result<Self, LinkError> {
        let len = columns.first().map_or(0, Column::len);
        for (at, column) in columns.iter().enumerate() {
            if column.len() != len {
                return Err(LinkError::UnevenColumns {
                    column: column.name.clone(),
                    expected: len,
                    found: column.len(),
                });
            }
            if columns.iter().take(at).any(|one| one.name == column.name) {
                return Err(LinkError::GivenTwice {
                    name: column.name.clone(),
                });
            }
        }
        let len = u32::try_from(len).unwrap_or(MISSING);
        Ok(Self {
            columns,
            len,
            left: None,
        })
    }

    /// Makes two sets: the first `left` records of the columns, and the rest. Each pair has its
    /// `left` in the first set and its `right` in the second; numbers go through both.
    ///
    /// # Errors
    ///
    /// Those of [`Records::new`], and [`LinkError::LeftSet`].
    pub fn two_sets(columns: Vec<Column>, left: usize) -> Result<Self, LinkError> {
        let records = Self::new(columns)?;
        let all = records.len();
        match u32::try_from(left) {
            Ok(count) if left <= all => Ok(Self {
                left: Some(count),
                ..records
            }),
            Ok(_) | Err(_) => Err(LinkError::LeftSet { left, all }),
        }
    }

    /// Returns how many records there are, of both sets.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Says whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns how many of them are the left set, if there are two.
    pub fn left_len(&self) -> Option<usize> {
        self.left.map(|left| left as usize)
    }

    /// Returns how many pairs there are to choose from.
    pub fn all_pairs(&self) -> u64 {
        let all = u64::from(self.len);
        match self.left {
            Some(left) => u64::from(left) * (all - u64::from(left)),
            None => all * all.saturating_sub(1) / 2,
        }
    }

    /// Returns a column by its name.
    ///
    /// # Errors
    ///
    /// [`LinkError::NoSuchColumn`].
    pub fn column(&self, name: &str) -> Result<&Column, LinkError> {
        let found = self.columns.iter().find(|column| column.name == name);
        found.ok_or_else(|| LinkError::NoSuchColumn {
            column: name.to_owned(),
        })
    }

    /// Returns all columns, in the order given.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(crate) fn left(&self) -> Option<u32> {
        self.left
    }

    pub(crate) fn count(&self) -> u32 {
        self.len
    }

    /// Says whether two records may be a pair at all.
    pub(crate) fn may_pair(&self, one: u32, other: u32) -> bool {
        match self.left {
            Some(left) => (one < left) != (other < left),
            None => one != other,
        }
    }
}

fn too_large(column: String, most: u64, unit: &'static str) -> LinkError {
    LinkError::TooLarge { column, most, unit }
}

/// Distinct texts, numbered in the order of their first appearance.
#[derive(Default)]
struct Dictionary {
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
    /// Open addressing over the texts' hashes: code + 1, or 0. A power of two, at most half full.
    slots: Vec<u32>,
}

impl Dictionary {
    fn text(&self, code: u32) -> &str {
        let code = code as usize;
        let start = match code.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(0),
            None => 0,
        };
        let end = self.ends.get(code).copied().unwrap_or(start);
        self.text
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    fn find(&self, value: &str) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash(value.as_bytes()) as usize & mask;
        loop {
            let code = self.slots.get(at)?.checked_sub(1)?;
            if self.text(code) == value {
                return Some(code);
            }
            at = (at + 1) & mask;
        }
    }

    /// Numbers a text; `None` when there is no more room.
    fn intern(&mut self, value: &str) -> Option<u32> {
        if (self.ends.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = hash(value.as_bytes()) as usize & mask;
        while let Some(code) = self.slots[at].checked_sub(1) {
            if self.text(code) == value {
                return Some(code);
            }
            at = (at + 1) & mask;
        }
        let end = u32::try_from(self.text.len() + value.len()).ok()?;
        let code = u32::try_from(self.ends.len()).ok()?;
        self.text.push_str(value);
        self.ends.push(end);
        self.slots[at] = code + 1;
        Some(code)
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(64);
        let mut slots = vec![0; size];
        for code in 0..self.ends.len() as u32 {
            let mut at = hash(self.text(code).as_bytes()) as usize & (size - 1);
            while slots[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            slots[at] = code + 1;
        }
        self.slots = slots;
    }
}

/// Hashes alike in every process: eight bytes at a time, each folded in by a multiplication.
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = bytes.len() as u64;
    for eight in bytes.chunks(8) {
        let word = eight
            .iter()
            .fold(0, |word: u64, &byte| word << 8 | u64::from(byte));
        let product = u128::from(hash ^ word.wrapping_mul(FACTOR)) * u128::from(FACTOR);
        hash = (product >> 64) as u64 ^ product as u64;
    }
    hash
}
