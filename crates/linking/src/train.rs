//! Weights learned from the records themselves: nobody says which of them match.

mod chance;
mod em;

use self::chance::random_levels;
use self::em::{Counts, Patterns, Run, learn, put_together};
use crate::LinkError;
use crate::block::{Plan, Rule, in_order};
use crate::compare::{self, Comparers, Comparison, level_in};
use crate::model::{LevelWeights, Model};
use crate::records::Records;

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
        for (name, pairs) in [
            ("random_pairs", training.random_pairs),
            ("most_pairs", training.most_pairs),
        ] {
            if pairs == 0 {
                let range = "1 or more";
                return Err(LinkError::OutOfRange { name, range });
            }
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

fn scaled(mut shares: Vec<f64>) -> Vec<f64> {
    let sum: f64 = shares.iter().sum();
    for share in &mut shares {
        *share /= sum;
    }
    shares
}

fn mixed(mut value: u64) -> u64 {
    value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}
