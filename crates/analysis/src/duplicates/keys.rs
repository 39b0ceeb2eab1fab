//! Keys of rows, spread over buckets.

use std::sync::{Mutex, MutexGuard, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray};

use super::Ordinal;
use crate::digest::wide_hash;

/// Most keys held at a time.
const KEYS_A_PASS: usize = 4_000_000;

/// A hash of 128 bits in two halves, so that what holds it needs no padding.
pub(super) type Key = [u64; 2];

/// A key with its row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Keyed {
    pub(super) key: Key,
    pub(super) row: Ordinal,
}

/// Buckets looked at in one pass.
pub(super) const BUCKETS_A_PASS: usize = 16;

/// Keys by their first bits.
#[derive(Clone, Copy)]
pub(super) struct Buckets {
    pub(super) bits: u32,
}

impl Buckets {
    /// Spreads some keys so that a pass holds a bounded number of them.
    pub(super) fn of(keys: usize) -> Self {
        let buckets = keys.div_ceil(KEYS_A_PASS / BUCKETS_A_PASS);
        Self {
            bits: buckets.max(BUCKETS_A_PASS).next_power_of_two().ilog2(),
        }
    }

    pub(super) const fn passes(self) -> usize {
        (1 << self.bits) / BUCKETS_A_PASS
    }

    /// Returns a key's bucket among those of a pass, if it is one of them.
    pub(super) fn within(self, pass: usize, key: Key) -> Option<usize> {
        let bucket = (key[0] >> (u64::BITS - self.bits)) as usize;
        (bucket / BUCKETS_A_PASS == pass).then_some(bucket % BUCKETS_A_PASS)
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hashes some columns of each row; rows of which one is null or empty are passed over.
pub(super) fn for_each_key(columns: &[&ArrayRef], rows: usize, mut take: impl FnMut(usize, Key)) {
    enum Column<'a> {
        Texts(&'a StringArray),
        Numbers(&'a Int64Array),
    }
    let columns = columns.iter().map(|column| {
        let texts = column.as_string_opt().map(Column::Texts);
        texts.or_else(|| column.as_primitive_opt().map(Column::Numbers))
    });
    // Other kinds of column have no key.
    let Some(columns) = columns.collect::<Option<Vec<_>>>() else {
        return;
    };
    let mut text = Vec::new();
    'rows: for row in 0..rows {
        text.clear();
        for column in &columns {
            match column {
                Column::Texts(texts) if texts.is_valid(row) && !texts.value(row).is_empty() => {
                    let value = texts.value(row).as_bytes();
                    text.extend_from_slice(&(value.len() as u64).to_le_bytes());
                    text.extend_from_slice(value);
                }
                Column::Numbers(numbers) if numbers.is_valid(row) => {
                    text.extend_from_slice(&numbers.value(row).to_le_bytes());
                }
                Column::Texts(_) | Column::Numbers(_) => continue 'rows,
            }
        }
        take(row, wide_hash(&text));
    }
}
