//! Who stands on which lists, counted; and how often on one.

use std::collections::BTreeMap;

use crate::error::EstimateError;
use crate::lists::{CaptureList, ListLabel};

const MOST: u64 = 1 << 40;

/// Counts of persons by capture history over 2 to 6 lists of victims.
///
/// A history is a bit mask: bit 0 is the first list in the order of labels. History 0, those on no
/// list, is what an estimate is about, and has no count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Histories {
    labels: Vec<ListLabel>,
    /// Indexed by mask; the first is 0.
    counts: Vec<u64>,
}

impl Histories {
    /// Counts the histories of persons that have been linked over all lists.
    ///
    /// # Errors
    /// Fewer than 2 or more than 6 lists, two of one name, or one on which nobody stands.
    pub fn from_lists<K: Ord>(lists: &[CaptureList<K>]) -> Result<Self, EstimateError> {
        let mut of_person: BTreeMap<&K, u32> = BTreeMap::new();
        for (at, list) in lists.iter().take(32).enumerate() {
            for person in list.times.keys() {
                *of_person.entry(person).or_default() |= 1 << at;
            }
        }
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        for mask in of_person.into_values() {
            *counts.entry(mask).or_default() += 1;
        }
        Self::from_counts(
            lists.iter().map(|list| list.label.clone()).collect(),
            counts,
        )
    }

    /// Takes counts of persons by history, bit 0 being the first label; histories that are not
    /// named count none, and those named twice add up.
    ///
    /// # Errors
    /// As [`Self::from_lists`]; a history of no list or of a list that there is not; a count that
    /// is none of people.
    pub fn from_counts(
        labels: Vec<ListLabel>,
        counts: impl IntoIterator<Item = (u32, u64)>,
    ) -> Result<Self, EstimateError> {
        let lists = labels.len();
        if !(2..=6).contains(&lists) {
            return Err(EstimateError::Lists { found: lists });
        }
        let mut order: Vec<usize> = (0..lists).collect();
        order.sort_by(|&a, &b| labels[a].cmp(&labels[b]));
        if order.windows(2).any(|two| labels[two[0]] == labels[two[1]]) {
            return Err(EstimateError::SameName);
        }
        let mut table = vec![0_u64; 1 << lists];
        for (mask, count) in counts {
            if mask == 0 || mask as usize >= table.len() {
                return Err(EstimateError::History { mask, lists });
            }
            let moved = order
                .iter()
                .enumerate()
                .map(|(to, &from)| ((mask as usize >> from) & 1) << to)
                .sum::<usize>();
            table[moved] = table[moved].saturating_add(count);
        }
        if table.iter().any(|&count| count > MOST) {
            return Err(EstimateError::Count);
        }
        for (at, &from) in order.iter().enumerate() {
            if !(1..table.len()).any(|mask| mask >> at & 1 == 1 && table[mask] > 0) {
                return Err(EstimateError::EmptyList { list: from + 1 });
            }
        }
        let mut labels = labels;
        labels.sort();
        Ok(Self {
            labels,
            counts: table,
        })
    }

    /// Returns the lists, in the order of the masks' bits.
    #[must_use]
    pub fn labels(&self) -> &[ListLabel] {
        &self.labels
    }

    /// Counts the lists.
    #[must_use]
    pub fn lists(&self) -> usize {
        self.labels.len()
    }

    /// Counts the persons of a history; none for one that there is not.
    #[must_use]
    pub fn count(&self, mask: u32) -> u64 {
        self.counts.get(mask as usize).copied().unwrap_or(0)
    }

    /// Counts the persons on any list.
    #[must_use]
    pub fn observed(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Counts the persons on one list.
    #[must_use]
    pub fn on_list(&self, list: usize) -> u64 {
        (0..self.counts.len())
            .filter(|mask| mask >> list & 1 == 1)
            .map(|mask| self.counts[mask])
            .sum()
    }

    /// Counts persons by the number of lists they stand on.
    #[must_use]
    pub fn by_number_of_lists(&self) -> RepeatCounts {
        let mut of = vec![0; self.lists()];
        for (mask, &count) in self.counts.iter().enumerate().skip(1) {
            of[mask.count_ones() as usize - 1] += count;
        }
        RepeatCounts { of }
    }

    pub(crate) fn table(&self) -> Vec<f64> {
        self.counts.iter().map(|&count| count as f64).collect()
    }
}

/// How many persons stand on one list once, twice, and so on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RepeatCounts {
    of: Vec<u64>,
}

impl RepeatCounts {
    /// Takes the number of persons seen once, twice, …
    ///
    /// # Errors
    /// Nobody was seen, or a count that is none of people.
    pub fn new(of: impl Into<Vec<u64>>) -> Result<Self, EstimateError> {
        let of = of.into();
        if of.iter().any(|&count| count > MOST) || of.len() > 100_000 {
            return Err(EstimateError::Count);
        }
        if of.iter().all(|&count| count == 0) {
            return Err(EstimateError::EmptyList { list: 1 });
        }
        Ok(Self { of })
    }

    /// Counts how often persons repeat within one list.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_list<K: Ord>(list: &CaptureList<K>) -> Result<Self, EstimateError> {
        let most = list.times.values().max().copied().unwrap_or(0) as usize;
        if most > 100_000 {
            return Err(EstimateError::Count);
        }
        let mut of = vec![0; most];
        for &times in list.times.values() {
            of[times as usize - 1] += 1;
        }
        Self::new(of)
    }

    /// Counts the persons seen `times` times.
    #[must_use]
    pub fn seen(&self, times: usize) -> u64 {
        times
            .checked_sub(1)
            .and_then(|at| self.of.get(at))
            .copied()
            .unwrap_or(0)
    }

    /// Counts the persons seen.
    #[must_use]
    pub fn observed(&self) -> u64 {
        self.of.iter().sum()
    }

    pub(crate) fn table(&self) -> Vec<f64> {
        self.of.iter().map(|&count| count as f64).collect()
    }
}
