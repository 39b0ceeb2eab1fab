//! m: how often two records of one person agree; from counts of patterns.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::{MOST_PASSES, STILL, Training, mixed, scaled};
use crate::block::{Plan, Rule};
use crate::compare::{Comparers, MOST_LEVELS, level_in};

/// How often a pattern of levels occurs, in the order of patterns.
pub(super) type Patterns = Vec<(u64, u64)>;

/// Patterns of one rule, and the comparisons that it teaches.
pub(super) struct Run {
    patterns: Patterns,
    pub(super) active: Vec<usize>,
}

impl Run {
    pub(super) fn new(
        comparers: &Comparers<'_>,
        rule: &Rule,
        plan: &Plan<'_>,
        training: &Training,
        threads: usize,
    ) -> Self {
        let active: Vec<usize> = comparers
            .comparisons()
            .enumerate()
            .filter(|(_, comparison)| !rule.touches(comparison.column()))
            .map(|(at, _)| at)
            .collect();
        let share = training.most_pairs as f64 / plan.most_pairs().max(1) as f64;
        let limit = if share >= 1.0 {
            u64::MAX
        } else {
            (share * u64::MAX as f64) as u64
        };
        let drawn = |record: u32| mixed(training.seed ^ u64::from(record)) <= limit;
        let counts = plan.visit_drawn(threads, drawn, Counts::default, |counts, one, other| {
            counts.add(comparers.pattern(&active, one, other));
        });
        Self {
            patterns: put_together(counts),
            active,
        }
    }

    pub(super) fn teaches(&self, comparison: usize) -> bool {
        let mut patterns = self.patterns.iter();
        patterns.any(|&(pattern, _)| level_in(pattern, comparison) != 0)
    }

    /// EM with u held; returns m of the active comparisons and the matches expected with a value in
    /// each.
    fn learn(&self, u: &[Vec<f64>], start: &[Vec<f64>]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut m = start.to_vec();
        let mut share = 0.2;
        let mut matches = vec![0.0; m.len()];
        for _ in 0..MOST_PASSES {
            let ratios: Vec<Vec<f64>> = m
                .iter()
                .zip(u)
                .map(|(m, u)| m.iter().zip(u).map(|(m, u)| m / u).collect())
                .collect();
            let mut sums = vec![[0.0_f64; MOST_LEVELS]; m.len()];
            let (mut all, mut matched) = (0.0, 0.0);
            for &(pattern, count) in &self.patterns {
                let count = count as f64;
                let odds = self.active.iter().fold(share / (1.0 - share), |odds, &at| {
                    match level_in(pattern, at).checked_sub(1) {
                        Some(level) => odds * ratios[at][level],
                        None => odds,
                    }
                });
                let expected = count * (1.0 - 1.0 / (1.0 + odds));
                all += count;
                matched += expected;
                for &at in &self.active {
                    if let Some(level) = level_in(pattern, at).checked_sub(1) {
                        sums[at][level] += expected;
                    }
                }
            }
            share = (matched / all).clamp(1e-9, 1.0 - 1e-9);
            let mut moved = 0.0_f64;
            for &at in &self.active {
                let levels = m[at].len();
                let sum: f64 = sums[at].iter().take(levels).sum();
                matches[at] = sum;
                for (m, found) in m[at].iter_mut().zip(&sums[at]) {
                    let learned = (found + 0.1) / (sum + 0.1 * levels as f64);
                    moved = moved.max((learned - *m).abs());
                    *m = learned;
                }
            }
            if moved < STILL {
                break;
            }
        }
        (m, matches)
    }
}

/// Averages what the rules teach: log odds, weighted by the matches that each expects.
pub(super) fn learn(runs: &[Run], u: &[Vec<f64>], start: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut sums: Vec<Vec<f64>> = u.iter().map(|u| vec![0.0; u.len()]).collect();
    let mut weights = vec![0.0; u.len()];
    for run in runs {
        let (m, matches) = run.learn(u, start);
        for &at in &run.active {
            let weight = matches[at] + 1e-9;
            weights[at] += weight;
            for (sum, m) in sums[at].iter_mut().zip(&m[at]) {
                *sum += weight * (m / (1.0 - m)).ln();
            }
        }
    }
    sums.into_iter()
        .zip(weights)
        .map(|(sums, weight)| {
            let shares = sums.into_iter().map(|sum| {
                let odds = (sum / weight).exp();
                odds / (1.0 + odds)
            });
            scaled(shares.collect())
        })
        .collect()
}

/// Counts of patterns, as one thread makes them.
#[derive(Default)]
pub(super) struct Counts {
    of: HashMap<u64, u64, BuildHasherDefault<PatternHasher>>,
}

impl Counts {
    pub(super) fn add(&mut self, pattern: u64) {
        *self.of.entry(pattern).or_insert(0) += 1;
    }
}

pub(super) fn put_together(all: Vec<Counts>) -> Patterns {
    let mut patterns: Patterns = all.into_iter().flat_map(|counts| counts.of).collect();
    patterns.sort_unstable();
    patterns.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    patterns
}

/// One multiplication: patterns are numbers of our own making.
#[derive(Default)]
struct PatternHasher(u64);

impl Hasher for PatternHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, pattern: u64) {
        self.0 = mixed(self.0 ^ pattern);
    }
}
