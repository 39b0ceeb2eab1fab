//! u: how often strangers agree.

use super::{Training, mixed, scaled};
use crate::block::in_parallel;
use crate::compare::Comparers;
use crate::records::{MISSING, Records};

/// Share of what random pairs show that stays in u at least: priors are not known better.
const KEPT: f64 = 0.05;
/// Random pairs that are one piece of work.
const DRAWS: u64 = 8_192;

/// What random pairs show of a comparison.
pub(super) struct Seen {
    /// Share of each level, of pairs where no value is missing.
    pub(super) shares: Vec<f64>,
    /// The least share that so many pairs can show.
    least: Vec<f64>,
}

impl Seen {
    /// Takes the matches that were among the pairs out of them.
    pub(super) fn cleared(&self, m: &[f64], prior: f64) -> Vec<f64> {
        let levels = self.shares.iter().zip(&self.least).zip(m);
        let cleared: Vec<f64> = levels
            .map(|((&share, &least), &m)| {
                let strangers = (share - prior * m) / (1.0 - prior);
                strangers.max(KEPT * share).max(least)
            })
            .collect();
        scaled(cleared)
    }
}

pub(super) fn random_levels(
    records: &Records,
    comparers: &Comparers<'_>,
    training: &Training,
    threads: usize,
) -> Vec<Seen> {
    let count = u64::from(records.count());
    let width = comparers.each.len();
    let none = || vec![[0_u64; 16]; width];
    let see = |levels: &mut Vec<[u64; 16]>, one: u32, other: u32| {
        let values = comparers.row(one).iter().zip(comparers.row(other));
        let all = levels.iter_mut().zip(&comparers.each).zip(values);
        for ((levels, comparer), (&one, &other)) in all {
            levels[usize::from(comparer.level(one, other))] += 1;
        }
    };
    let made = if records.all_pairs() <= training.random_pairs {
        in_parallel(count as usize, threads, none, |levels, one| {
            let one = one as u32;
            for other in (one + 1..records.count()).filter(|&other| records.may_pair(one, other)) {
                see(levels, one, other);
            }
        })
    } else {
        let pieces = training.random_pairs.div_ceil(DRAWS);
        in_parallel(pieces as usize, threads, none, |levels, piece| {
            let start = piece as u64 * DRAWS;
            let end = (start + DRAWS).min(training.random_pairs);
            let mut draw = Draw(mixed(training.seed ^ mixed(piece as u64)));
            for _ in start..end {
                let (one, other) = match records.left() {
                    Some(left) => {
                        let right = records.count() - left;
                        (draw.below(left), left + draw.below(right))
                    }
                    None => {
                        let one = draw.below(records.count());
                        let other = draw.below(records.count() - 1);
                        (one, if other >= one { other + 1 } else { other })
                    }
                };
                see(levels, one, other);
            }
        })
    };
    let levels = made.into_iter().fold(none(), |mut sum, made| {
        for (sum, made) in sum.iter_mut().flatten().zip(made.iter().flatten()) {
            *sum += made;
        }
        sum
    });
    let each = comparers
        .each
        .iter()
        .zip(levels)
        .zip(comparers.comparisons());
    each.map(|((comparer, counts), comparison)| {
        let levels = comparison.tests().len() + 1;
        let counts: Vec<f64> = (1..=levels).map(|level| counts[level] as f64).collect();
        let all: f64 = counts.iter().sum();
        let half = 0.5 / (all + 0.5 * levels as f64);
        let mut shares: Vec<f64> = counts
            .iter()
            .map(|count| (count + 0.5) / (all + 0.5 * levels as f64))
            .collect();
        let mut least = vec![half; levels];
        if comparison.is_exact(0)
            && let Some((equal, pairs)) =
                equal_share(records, comparer.column.codes(), comparer.column.distinct())
        {
            // Counted, where the others are drawn.
            let exact = equal.max(0.5 / pairs);
            let others: f64 = shares.iter().skip(1).sum();
            for share in shares.iter_mut().skip(1) {
                *share *= (1.0 - exact) / others;
            }
            shares[0] = exact;
            least[0] = 0.5 / pairs;
        }
        Seen {
            shares: scaled(shares),
            least,
        }
    })
    .collect()
}

/// Share of the pairs of records that have a value where it is the same, and how many these pairs
/// are; `None` where there is no such pair or all are equal.
fn equal_share(records: &Records, codes: &[u32], distinct: usize) -> Option<(f64, f64)> {
    let split = records.left().map_or(codes.len(), |left| left as usize);
    let (left, right) = codes.split_at_checked(split)?;
    let counts = |codes: &[u32]| {
        let mut counts = vec![0_u64; distinct];
        for &code in codes.iter().filter(|&&code| code != MISSING) {
            counts[code as usize] += 1;
        }
        counts
    };
    let one = counts(left);
    let (equal, pairs) = if records.left().is_some() {
        let other = counts(right);
        let equal: f64 = one.iter().zip(&other).map(|(a, b)| (a * b) as f64).sum();
        let sum = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
        (equal, sum(&one) * sum(&other))
    } else {
        let pairs = |count: u64| (count * count.saturating_sub(1) / 2) as f64;
        let equal: f64 = one.iter().map(|&count| pairs(count)).sum();
        (equal, pairs(one.iter().sum()))
    };
    (pairs > 0.0 && equal < pairs).then_some((equal / pairs, pairs))
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let high = mixed(self.0) >> 32;
        ((high * u64::from(bound)) >> 32) as u32
    }
}
