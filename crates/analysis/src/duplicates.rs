//! Rows that tell of one event twice.
//!
//! Two rows of one source with equal identity columns are versions of one event: the one in the
//! exhibit whose name sorts last counts, and within one exhibit the later row. Two rows of two
//! sources that a case declares to have seen the same calls are paired by account, number and
//! time. All rows stay in `tables/`; what is found here is left out of every count.
//!
//! Memory does not grow with the case: keys are spread over buckets by their first bits and looked
//! at in as many passes as it takes to hold a bounded number of them at a time. Rows that could
//! meet share a key, so that buckets are worked on side by side.

mod keys;
mod same_call;
mod same_key;
mod table;

use std::collections::BTreeMap;

use unspoof_model::config::SameCall;

use crate::AnalysisError;
use crate::parts::TablePart;
use same_call::same_call;
use same_key::same_key;

pub(crate) use table::write_duplicates;

/// A row of a table by its place among all rows of that table: parts in order, rows in order.
pub(crate) type Ordinal = u32;

/// Why a row is left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    /// Another version under the same key counts.
    SameKey,
    /// Another system's record of the same call counts.
    SameCall,
}

impl Reason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SameKey => "same-key",
            Self::SameCall => "same-call",
        }
    }
}

/// A row that is left out, and the one that counts in its stead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LeftOut {
    pub(crate) row: Ordinal,
    pub(crate) counted: Ordinal,
    pub(crate) reason: Reason,
}

/// The rows of one table that are left out, by row.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct LeftOuts {
    sorted: Vec<LeftOut>,
}

impl LeftOuts {
    fn add(&mut self, more: Vec<LeftOut>) {
        self.sorted.extend(more);
        self.sorted.sort_unstable_by_key(|left_out| left_out.row);
        self.sorted.dedup_by_key(|left_out| left_out.row);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &LeftOut> {
        self.sorted.iter()
    }

    /// Returns those among the rows `[first, first + count)`.
    pub(crate) fn within(&self, first: Ordinal, count: usize) -> &[LeftOut] {
        let from = self.sorted.partition_point(|left_out| left_out.row < first);
        let rest = &self.sorted[from..];
        let until = rest.partition_point(|left_out| ((left_out.row - first) as usize) < count);
        &rest[..until]
    }

    pub(crate) fn contains(&self, row: Ordinal) -> bool {
        self.sorted
            .binary_search_by_key(&row, |left_out| left_out.row)
            .is_ok()
    }
}

/// A table's parts with the ordinal of each one's first row.
pub(crate) struct Numbered<'a> {
    pub(crate) parts: Vec<(&'a TablePart, Ordinal)>,
}

impl<'a> Numbered<'a> {
    pub(crate) fn new(parts: &[&'a TablePart]) -> Result<Self, AnalysisError> {
        let mut numbered = Vec::with_capacity(parts.len());
        let mut rows: u64 = 0;
        for part in parts {
            let too_many = || AnalysisError::TooManyRows {
                most: u32::MAX.into(),
            };
            numbered.push((*part, u32::try_from(rows).map_err(|_| too_many())?));
            rows += crate::parts::row_count(&part.path)?;
        }
        if u32::try_from(rows).is_err() {
            return Err(AnalysisError::TooManyRows {
                most: u32::MAX.into(),
            });
        }
        Ok(Self { parts: numbered })
    }
}

/// Finds all rows of a table that are left out: versions under one key, then, for calls, pairs.
pub(crate) fn left_outs(
    numbered: &Numbered<'_>,
    identities: &BTreeMap<String, Vec<&'static str>>,
    same_calls: &[SameCall],
    workers: usize,
) -> Result<LeftOuts, AnalysisError> {
    let mut all = LeftOuts::default();
    for (source, identity) in identities {
        all.add(same_key(numbered, source, identity, workers)?);
    }
    for rule in same_calls {
        let pairs = same_call(numbered, rule, &all, workers)?;
        all.add(pairs);
    }
    Ok(all)
}
