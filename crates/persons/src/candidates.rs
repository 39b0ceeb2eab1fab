//! Which pairs are looked at.
//!
//! Two ways, both blind to the order of the input:
//!
//! 1. all pairs within a value of at most [`ALL_PAIRS_MOST_ACCOUNTS`] accounts (a name: of at most
//!    [`NAME_MOST_ACCOUNTS`], as it joins nobody by itself);
//! 2. within a value of more accounts, up to [`WINDOW_MOST_ACCOUNTS`]: its accounts are sorted by
//!    the rarest other values of that sort that they have, and each is paired with its next
//!    [`WINDOW`] neighbours (sorted neighbourhoods, Hernández & Stolfo 1995). So a person of a
//!    thousand accounts is still found, at a cost that grows with the accounts alone.
//!
//! More widely shared values bring no pair up; they only weigh in pairs that something rarer did.

use crate::evidence::Kind;
use crate::index::Index;
use crate::work::in_chunks;

/// The most accounts that share a value of which all pairs are looked at.
pub const ALL_PAIRS_MOST_ACCOUNTS: u32 = 64;
/// The same for a name.
pub const NAME_MOST_ACCOUNTS: u32 = 8;
/// The most accounts that share a value of which neighbours are looked at.
pub const WINDOW_MOST_ACCOUNTS: u32 = 1024;
/// How many neighbours.
pub const WINDOW: usize = 3;

const ACCOUNTS_A_CHUNK: usize = 1024;

/// Returns the pairs to look at, the smaller place first, in order.
pub(crate) fn candidates(index: &Index, threads: usize) -> Vec<(u32, u32)> {
    let near = neighbours(index);
    let chunks = index.accounts().div_ceil(ACCOUNTS_A_CHUNK);
    in_chunks(threads, chunks, |chunk| {
        let from = chunk * ACCOUNTS_A_CHUNK;
        let to = index.accounts().min(from + ACCOUNTS_A_CHUNK);
        let mut pairs = Vec::new();
        let mut found = vec![u32::MAX; index.accounts()];
        let first_near = near.partition_point(|&(a, _)| (a as usize) < from);
        let mut near = near[first_near..].iter().peekable();
        for account in (from..to).filter_map(|account| u32::try_from(account).ok()) {
            let start = pairs.len();
            let mut pair = |other: u32| {
                let mark = &mut found[other as usize];
                if *mark != account {
                    *mark = account;
                    pairs.push((account, other));
                }
            };
            for entry in index.entries(account) {
                if index.degree(entry.value) > all_pairs_most(index, entry.value) {
                    continue;
                }
                let holders = index.holders(entry.value);
                let after = holders.partition_point(|&other| other <= account);
                holders[after..].iter().copied().for_each(&mut pair);
            }
            while let Some(&(_, other)) = near.next_if(|&&(a, _)| a == account) {
                pair(other);
            }
            pairs[start..].sort_unstable();
        }
        pairs
    })
    .concat()
}

fn all_pairs_most(index: &Index, value: u32) -> u32 {
    if index.values[value as usize].kind == Kind::Name {
        NAME_MOST_ACCOUNTS
    } else {
        ALL_PAIRS_MOST_ACCOUNTS
    }
}

fn neighbours(index: &Index) -> Vec<(u32, u32)> {
    // Values are numbered by rarity, so those of a range of degrees lie side by side.
    let count = index.values.len();
    let wide = |value: &u32| {
        let degree = index.degree(*value);
        degree > ALL_PAIRS_MOST_ACCOUNTS && degree <= WINDOW_MOST_ACCOUNTS
    };
    let values: Vec<u32> = (0..count)
        .filter_map(|value| u32::try_from(value).ok())
        .filter(wide)
        .filter(|&value| index.values[value as usize].kind != Kind::Name)
        .collect();
    let mut pairs = Vec::new();
    for value in values {
        let mut keyed: Vec<([u32; 2], u32)> = index
            .holders(value)
            .iter()
            .map(|&account| {
                let mut others = index
                    .entries(account)
                    .iter()
                    .map(|entry| entry.value)
                    .filter(|other| *other != value && wide(other));
                let mut next = || others.next().unwrap_or(u32::MAX);
                ([next(), next()], account)
            })
            .collect();
        keyed.sort_unstable();
        for (at, &(_, one)) in keyed.iter().enumerate() {
            for &(_, other) in keyed.iter().skip(at + 1).take(WINDOW) {
                pairs.push((one.min(other), one.max(other)));
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}
