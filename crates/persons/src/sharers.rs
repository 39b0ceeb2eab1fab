//! How many persons, not only accounts, share a value.
//!
//! A telephone of a person with twenty accounts is not a public one. So that a value does not
//! count for itself, the accounts are joined by everything but values of its kind first.

use crate::compare::{Compared, Said};
use crate::evidence::Kind;
use crate::index::Index;
use crate::weights::{Odds, Weights};

/// Returns the number of persons of each value, as far as evidence of other kinds tells.
pub(crate) fn persons_by_value(
    index: &Index,
    compared: &Compared,
    kinds: &[Kind],
    bins: &[u8],
    weights: &Weights,
    same_bits: f64,
) -> Vec<u32> {
    let mut used = [false; Kind::COUNT];
    for kind in kinds {
        used[kind.at()] = true;
    }
    let count = u32::try_from(index.accounts()).unwrap_or(u32::MAX);
    let mut groups: Vec<Vec<u32>> = used
        .iter()
        .map(|&used| {
            if used {
                (0..count).collect()
            } else {
                Vec::new()
            }
        })
        .collect();
    for (pair, &(a, b)) in compared.pairs.iter().enumerate() {
        let mut by_kind = [Odds::default(); Kind::COUNT];
        let mut odds = weights.no_odds();
        for (said, bits) in weights.each(kinds, bins, compared.codes(pair)) {
            let kind = match said {
                Said::Shared { value, .. } => kinds[value as usize],
                Said::Both { kind, .. } => kind,
            };
            let tells = weights.tells(kinds, bins, said, bits);
            by_kind[kind.at()].add(&tells);
            odds.add(&tells);
        }
        for (group, of_kind) in groups.iter_mut().zip(&by_kind) {
            if !group.is_empty() && odds.without(of_kind).is_at_least(same_bits) {
                let (one, other) = (root(group, a), root(group, b));
                group[one.max(other) as usize] = one.min(other);
            }
        }
    }
    let mut counted = vec![u32::MAX; index.accounts()];
    (0_u32..)
        .zip(kinds)
        .map(|(value, kind)| {
            let group = &mut groups[kind.at()];
            let mut persons = 0;
            for &holder in index.holders(value) {
                let root = root(group, holder);
                if counted[root as usize] != value {
                    counted[root as usize] = value;
                    persons += 1;
                }
            }
            persons
        })
        .collect()
}

/// Finds the root by path halving.
fn root(group: &mut [u32], mut at: u32) -> u32 {
    while group[at as usize] != at {
        let above = group[group[at as usize] as usize];
        group[at as usize] = above;
        at = above;
    }
    at
}
