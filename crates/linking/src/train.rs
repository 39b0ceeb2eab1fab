//! Weights learned from the records themselves: nobody says which of them match.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::LinkError;
use crate::block::{Plan, Rule, in_order, in_parallel};
use crate::compare::{self, Comparers, Comparison, MOST_LEVELS, level_in};
use crate::model::{LevelWeights, Model};
use crate::records::{MISSING, Records};

/// Where the probability that two records drawn at random match comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Prior {
    /// It is known.
    Given(f64),
    /// Pairs that meet one of the rules are taken for matches, and for this share of all matches.
    Rules {
        /// Rules that hardly any two strangers meet.
        rules: Vec<Rule>,
        /// Share of the matches that meets one of them, above 0 and up to 1.
        recall: f64,
    },
    /// The matches that the model expects among the pairs of the training rules are taken for all.
    Expected,
}

/// How weights are learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    /// Rules to learn m from, each by itself: the comparisons of columns that are not in it. Every
    /// comparison must be outside of at least one.
    pub rules: Vec<Rule>,
    /// Where the prior comes from.
    pub prior: Prior,
    /// Where the random pairs start.
    pub seed: u64,
    /// Random pairs that u is learned from; where there are no more than these, all pairs are.
    pub random_pairs: u64,
    /// About so many pairs of a rule are learned from: those of records drawn by the seed.
    pub most_pairs: u64,
    /// Bound of a block, as in [`Model::predict`].
    pub reach: u32,
}

impl Default for Training {
    /// No rules; a million random pairs, two million of each rule, and a reach of 1,000.
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            prior: Prior::Expected,
            seed: 1,
            random_pairs: 1_000_000,
            most_pairs: 2_000_000,
            reach: 1_000,
        }
    }
}

/// Passes over the counts until no probability moves by more than this.
const STILL: f64 = 1e-5;
const MOST_PASSES: usize = 200;
/// Times that u is cleared of the matches among the random pairs, and m learned anew with it.
const ROUNDS: usize = 2;
/// Share of what random pairs show that stays in u at least: priors are not known better.
const KEPT: f64 = 0.05;
/// Random pairs that are one piece of work.
const DRAWS: u64 = 8_192;

/// How often a pattern of levels occurs, in the order of patterns.
type Patterns = Vec<(u64, u64)>;

impl Model {
    /// Learns a model from records.
    ///
    /// u comes from random pairs, that of equal values from the counts of the values. m comes from
    /// EM (Dempster, Laird and Rubin 1977; Winkler 1988) over the counts of level patterns among the
    /// pairs of each rule, with u held; where several rules teach a comparison, their log odds are
    /// averaged by the matches expected in each. The result is the same for any number of threads.
    ///
    /// # Errors
    ///
    /// [`LinkError::Untrained`], [`LinkError::NoPairs`], [`LinkError::NoSuchColumn`],
    /// [`LinkError::OutOfRange`], [`LinkError::Nothing`], and those of [`Model::new`].
    pub fn train(
        records: &Records,
        comparisons: Vec<Comparison>,
        training: &Training,
        threads: usize,
    ) -> Result<Self, LinkError> {
        compare::check(&comparisons)?;
        if training.rules.is_empty() {
            return Err(LinkError::Nothing {
                what: "training rules",
            });
        }
        let comparers = Comparers::new(&comparisons, records, threads)?;
        let seen = random_levels(records, &comparers, training, threads);
        // The blocks of all rules first, beside each other.
        let by_rule = training.rules.iter().map(std::slice::from_ref);
        let of_prior = match &training.prior {
            Prior::Rules { rules, .. } => Some(rules.as_slice()),
            Prior::Given(_) | Prior::Expected => None,
        };
        let wanted: Vec<&[Rule]> = by_rule.chain(of_prior).collect();
        let plans = in_order(wanted.len(), threads, |at| {
            Plan::new(records, wanted[at], training.reach, 1)
        });
        let mut plans = plans.into_iter().collect::<Result<Vec<_>, _>>()?;
        let of_prior = of_prior.and_then(|_| plans.pop());
        let runs: Vec<Run> = training
            .rules
            .iter()
            .zip(&plans)
            .map(|(rule, plan)| Run::new(&comparers, rule, plan, training, threads))
            .collect();
        for (at, comparison) in comparisons.iter().enumerate() {
            let taught = runs
                .iter()
                .any(|run| run.active.contains(&at) && run.teaches(at));
            if !taught {
                return Err(LinkError::Untrained {
                    comparison: comparison.name().to_owned(),
                });
            }
        }
        let known = prior_of(records, training, of_prior.as_ref(), threads)?;
        drop((plans, of_prior));
        let mut u: Vec<Vec<f64>> = seen.iter().map(|seen| seen.shares.clone()).collect();
        let mut m: Vec<Vec<f64>> = u.iter().map(|u| first_guess(u.len())).collect();
        // Only the prior by expectation needs the patterns of all rules together.
        let all = match known {
            Some(_) => Vec::new(),
            None => {
                let plan = Plan::new(records, &training.rules, training.reach, threads)?;
                let every: Vec<usize> = (0..comparisons.len()).collect();
                let counts = plan.visit(threads, Counts::default, |counts, one, other| {
                    counts.add(comparers.pattern(&every, one, other));
                });
                put_together(counts)
            }
        };
        let mut prior = known.unwrap_or(0.0);
        for round in 0..=ROUNDS {
            m = learn(&runs, &u, &m);
            prior = match known {
                Some(prior) => prior,
                None => expected_prior(&all, &m, &u, records.all_pairs())?,
            };
            if round < ROUNDS {
                for ((u, m), seen) in u.iter_mut().zip(&m).zip(&seen) {
                    *u = seen.cleared(m, prior);
                }
            }
        }
        let weights = m.iter().zip(&u).map(|(m, u)| {
            let levels = m.iter().zip(u);
            levels.map(|(&m, &u)| LevelWeights { m, u }).collect()
        });
        Self::new(comparisons.clone(), weights.collect(), prior)
    }
}

/// Equal values first: most matches agree, and the rest is spread evenly.
fn first_guess(levels: usize) -> Vec<f64> {
    let rest = 0.1 / (levels.max(2) - 1) as f64;
    (0..levels)
        .map(|level| if level == 0 { 0.9 } else { rest })
        .collect()
}

/// What random pairs show of a comparison.
struct Seen {
    /// Share of each level, of pairs where no value is missing.
    shares: Vec<f64>,
    /// The least share that so many pairs can show.
    least: Vec<f64>,
}

impl Seen {
    /// Takes the matches that were among the pairs out of them.
    fn cleared(&self, m: &[f64], prior: f64) -> Vec<f64> {
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

fn scaled(mut shares: Vec<f64>) -> Vec<f64> {
    let sum: f64 = shares.iter().sum();
    for share in &mut shares {
        *share /= sum;
    }
    shares
}

fn random_levels(
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
        .zip(comparisons_of(comparers));
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

fn comparisons_of<'a>(comparers: &'a Comparers<'a>) -> impl Iterator<Item = &'a Comparison> {
    comparers.each.iter().map(|comparer| comparer.comparison)
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

fn prior_of(
    records: &Records,
    training: &Training,
    plan: Option<&Plan<'_>>,
    threads: usize,
) -> Result<Option<f64>, LinkError> {
    match &training.prior {
        Prior::Given(prior) => Ok(Some(*prior)),
        Prior::Expected => Ok(None),
        Prior::Rules { recall, .. } => {
            if !(*recall > 0.0 && *recall <= 1.0) {
                return Err(LinkError::OutOfRange {
                    name: "recall",
                    range: "above 0 and at most 1",
                });
            }
            let found = plan.map_or(0, |plan| plan.count(threads)) as f64;
            if found == 0.0 {
                return Err(LinkError::NoPairs);
            }
            Ok(Some(bounded_prior(
                found / recall,
                records.all_pairs() as f64,
            )))
        }
    }
}

fn bounded_prior(matches: f64, pairs: f64) -> f64 {
    (matches / pairs).clamp(0.5 / pairs.max(1.0), 0.99)
}

/// Patterns of one rule, and the comparisons that it teaches.
struct Run {
    patterns: Patterns,
    active: Vec<usize>,
}

impl Run {
    fn new(
        comparers: &Comparers<'_>,
        rule: &Rule,
        plan: &Plan<'_>,
        training: &Training,
        threads: usize,
    ) -> Self {
        let active: Vec<usize> = comparisons_of(comparers)
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

    fn teaches(&self, comparison: usize) -> bool {
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
fn learn(runs: &[Run], u: &[Vec<f64>], start: &[Vec<f64>]) -> Vec<Vec<f64>> {
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

/// Looks for the prior at which the matches expected among the patterns are those that it says.
fn expected_prior(
    patterns: &Patterns,
    m: &[Vec<f64>],
    u: &[Vec<f64>],
    pairs: u64,
) -> Result<f64, LinkError> {
    let looked_at: u64 = patterns.iter().map(|(_, count)| count).sum();
    if looked_at == 0 {
        return Err(LinkError::NoPairs);
    }
    let pairs = pairs as f64;
    let mut prior = bounded_prior(0.1 * looked_at as f64, pairs);
    for _ in 0..MOST_PASSES {
        let expected: f64 = patterns
            .iter()
            .map(|&(pattern, count)| {
                let start = prior / (1.0 - prior);
                let levels = m.iter().zip(u).enumerate();
                let odds = levels.fold(start, |odds, (at, (m, u))| {
                    match level_in(pattern, at).checked_sub(1) {
                        Some(level) => odds * m[level] / u[level],
                        None => odds,
                    }
                });
                count as f64 * (1.0 - 1.0 / (1.0 + odds))
            })
            .sum();
        let next = bounded_prior(expected, pairs);
        let still = (next - prior).abs() <= STILL * prior;
        prior = next;
        if still {
            break;
        }
    }
    Ok(prior)
}

/// Counts of patterns, as one thread makes them.
#[derive(Default)]
struct Counts {
    of: HashMap<u64, u64, BuildHasherDefault<PatternHasher>>,
}

impl Counts {
    fn add(&mut self, pattern: u64) {
        *self.of.entry(pattern).or_insert(0) += 1;
    }
}

fn put_together(all: Vec<Counts>) -> Patterns {
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

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let high = mixed(self.0) >> 32;
        ((high * u64::from(bound)) >> 32) as u32
    }
}

fn mixed(mut value: u64) -> u64 {
    value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}
