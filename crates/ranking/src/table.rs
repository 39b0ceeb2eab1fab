//! Subjects and their facts, in columns.

use std::marker::PhantomData;

use crate::column::Column;
use crate::error::RankError;
use crate::fact::{Fact, Unit};

/// The facts of one subject. All are 0 until set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts<F: Fact> {
    values: Vec<u64>,
    of: PhantomData<F>,
}

impl<F: Fact> Default for Facts<F> {
    fn default() -> Self {
        Self {
            values: vec![0; F::ALL.len()],
            of: PhantomData,
        }
    }
}

impl<F: Fact> Facts<F> {
    /// Makes facts that are all 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a fact's value, in its unit.
    #[must_use]
    pub fn get(&self, fact: F) -> u64 {
        self.values[fact.index()]
    }

    /// Sets a fact's value, in its unit.
    pub fn set(&mut self, fact: F, value: u64) -> &mut Self {
        self.values[fact.index()] = value;
        self
    }

    /// Counts more of a fact.
    pub fn add(&mut self, fact: F, more: u64) -> &mut Self {
        let value = &mut self.values[fact.index()];
        *value = value.saturating_add(more);
        self
    }

    /// Makes all facts 0 again, so that one value serves a whole run.
    pub fn clear(&mut self) {
        self.values.fill(0);
    }
}

/// Subjects of one kind with their facts, in columns: about 45 bytes a contact.
///
/// The caller streams rows in, in any order; each key comes once.
#[derive(Clone, Debug)]
pub struct Table<F: Fact> {
    keys: Vec<F::Key>,
    columns: Vec<Column>,
    ascending: bool,
}

impl<F: Fact> Default for Table<F> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<F: Fact> Table<F> {
    /// Makes a table without rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a table with room for so many rows. More may come; while a table grows by itself, it
    /// takes up to twice its bytes.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        let wide = |fact: &F| matches!(fact.unit(), Unit::Seconds | Unit::Days);
        let columns = F::ALL.iter().map(|f| Column::new(wide(f), rows));
        Self {
            keys: Vec::with_capacity(rows),
            columns: columns.collect(),
            ascending: true,
        }
    }

    /// Adds a subject and returns its row.
    ///
    /// # Errors
    /// [`RankError::TooMany`] beyond `u32::MAX` rows.
    pub fn push(&mut self, key: F::Key, facts: &Facts<F>) -> Result<u32, RankError> {
        let row = u32::try_from(self.keys.len())
            .ok()
            .filter(|&row| row < u32::MAX)
            .ok_or(RankError::TooMany {
                section: F::SECTION,
            })?;
        self.ascending &= self.keys.last().is_none_or(|last| *last < key);
        self.keys.push(key);
        for (column, &value) in self.columns.iter_mut().zip(&facts.values) {
            column.push(row, value);
        }
        Ok(row)
    }

    /// Takes all rows of another table after its own.
    ///
    /// # Errors
    /// [`RankError::TooMany`]
    pub fn append(&mut self, other: Self) -> Result<(), RankError> {
        let rows = self.keys.len();
        let all = rows.checked_add(other.keys.len());
        if all.is_none_or(|all| u32::try_from(all).is_err()) {
            return Err(RankError::TooMany {
                section: F::SECTION,
            });
        }
        let meets = self.keys.last().zip(other.keys.first());
        self.ascending &= other.ascending && meets.is_none_or(|(last, first)| last < first);
        self.keys.extend(other.keys);
        for (column, more) in self.columns.iter_mut().zip(other.columns) {
            column.append(rows as u32, more);
        }
        Ok(())
    }

    /// Returns how many subjects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Says whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns the key of a row.
    #[must_use]
    pub fn key(&self, row: u32) -> Option<&F::Key> {
        self.keys.get(row as usize)
    }

    /// Returns a fact of a row; 0 where there is no such row.
    #[must_use]
    pub fn get(&self, row: u32, fact: F) -> u64 {
        self.columns[fact.index()].get(row as usize)
    }

    /// Returns the bytes that the columns and keys take, what keys point to left out.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(Column::bytes).sum();
        columns + self.keys.capacity() * size_of::<F::Key>()
    }

    pub(crate) fn keys(&self) -> &[F::Key] {
        &self.keys
    }

    pub(crate) fn column(&self, fact: F) -> &Column {
        &self.columns[fact.index()]
    }

    /// Returns each row's place in the order of keys; none where rows lie in that order already.
    ///
    /// # Errors
    /// [`RankError::KeyTwice`]
    pub(crate) fn key_places(&self) -> Result<Option<Vec<u32>>, RankError> {
        if self.ascending {
            return Ok(None);
        }
        let mut rows: Vec<u32> = (0..self.keys.len() as u32).collect();
        rows.sort_unstable_by(|&a, &b| self.keys[a as usize].cmp(&self.keys[b as usize]));
        let twice = rows
            .windows(2)
            .find(|two| self.keys[two[0] as usize] == self.keys[two[1] as usize]);
        if let Some(two) = twice {
            return Err(RankError::KeyTwice {
                section: F::SECTION,
                first_row: two[0].min(two[1]),
                second_row: two[0].max(two[1]),
            });
        }
        let mut places = vec![0; rows.len()];
        for (place, &row) in rows.iter().enumerate() {
            places[row as usize] = place as u32;
        }
        Ok(Some(places))
    }
}
