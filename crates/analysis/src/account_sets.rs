//! What accounts did on different days, as different organisations and at which hours. Threads may
//! add in any order.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Bits that all rows together may take before they are kept one by one.
const MOST_DENSE_BITS: u64 = 1 << 31;

/// For each account, a set of small numbers.
#[derive(Debug)]
pub(crate) enum NumberSets {
    /// Words of each account, one after the other.
    Dense { words: Vec<AtomicU64>, each: usize },
    /// Where numbers lie too far apart for that.
    Sparse(Mutex<BTreeSet<(u32, u64)>>),
}

impl NumberSets {
    /// Makes empty sets of numbers below `numbers`.
    pub(crate) fn new(accounts: usize, numbers: u64) -> Self {
        let each = numbers.div_ceil(64).max(1);
        let bits = each.saturating_mul(64).saturating_mul(accounts as u64);
        if bits > MOST_DENSE_BITS {
            return Self::Sparse(Mutex::default());
        }
        let words = std::iter::repeat_with(AtomicU64::default);
        Self::Dense {
            words: words.take(each as usize * accounts).collect(),
            each: each as usize,
        }
    }

    /// Adds a number to an account's set.
    pub(crate) fn add(&self, account_no: u32, number: u64) {
        match self {
            Self::Dense { words, each } => {
                let word = account_no as usize * each + (number / 64) as usize;
                let bit = 1_u64 << (number % 64);
                // Most are there already, and reading disturbs nobody.
                if words[word].load(Ordering::Relaxed) & bit == 0 {
                    words[word].fetch_or(bit, Ordering::Relaxed);
                }
            }
            Self::Sparse(all) => {
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.insert((account_no, number));
            }
        }
    }

    /// Counts the different numbers in several accounts' sets.
    pub(crate) fn count(&self, accounts: &[u32]) -> u64 {
        match self {
            Self::Dense { words, each } => (0..*each)
                .map(|at| {
                    let word = |&no: &u32| words[no as usize * each + at].load(Ordering::Relaxed);
                    let all = accounts.iter().map(word).fold(0, |all, word| all | word);
                    u64::from(all.count_ones())
                })
                .sum(),
            Self::Sparse(all) => {
                let all = all.lock().unwrap_or_else(PoisonError::into_inner);
                let of = |&no: &u32| {
                    all.range((no, 0)..=(no, u64::MAX))
                        .map(|&(_, number)| number)
                };
                let different: BTreeSet<u64> = accounts.iter().flat_map(of).collect();
                different.len() as u64
            }
        }
    }
}

/// For each account, how often it was active in each hour of one clock.
#[derive(Debug)]
pub(crate) struct Hours(Vec<[AtomicU32; 24]>);

impl Hours {
    pub(crate) fn new(accounts: usize) -> Self {
        let hours = || std::array::from_fn(|_| AtomicU32::default());
        Self(std::iter::repeat_with(hours).take(accounts).collect())
    }

    pub(crate) fn add(&self, account_no: u32, hour: u8) {
        self.0[account_no as usize][usize::from(hour)].fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the sums over several accounts.
    pub(crate) fn of(&self, accounts: &[u32]) -> [u32; 24] {
        let mut sums = [0_u32; 24];
        for &account_no in accounts {
            let hours = &self.0[account_no as usize];
            for (sum, count) in sums.iter_mut().zip(hours) {
                *sum = sum.saturating_add(count.load(Ordering::Relaxed));
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_count_what_is_different() {
        let dense = NumberSets::new(3, 130);
        let sparse = NumberSets::new(3, u64::MAX / 4);
        assert!(matches!(sparse, NumberSets::Sparse(_)));
        for sets in [&dense, &sparse] {
            for (account, number) in [(0, 0), (0, 129), (0, 129), (1, 129), (2, 64)] {
                sets.add(account, number);
            }
            assert_eq!(
                [sets.count(&[0]), sets.count(&[1]), sets.count(&[2])],
                [2, 1, 1]
            );
            assert_eq!(sets.count(&[0, 1]), 2);
            assert_eq!(sets.count(&[0, 1, 2]), 3);
            assert_eq!(sets.count(&[]), 0);
        }
    }
}
