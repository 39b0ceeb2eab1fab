//! Pairs at or above a threshold.

use crate::LinkError;
use crate::block::{Plan, Rule, RuleReport};
use crate::compare::{Comparers, MOST_COMPARISONS};
use crate::model::{Model, rarity_bits};
use crate::records::{MISSING, Records};

/// Two records and what speaks for their being one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The record of the lower number; of the left set where there are two.
    pub left: u32,
    /// The other.
    pub right: u32,
    /// log₂ of the odds that they match.
    pub bits: f64,
}

/// What was found, and what was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Pairs at or above the threshold, in the order of `left`, then `right`.
    pub pairs: Vec<Pair>,
    /// How many pairs the rules gave, each counted once.
    pub compared: u64,
    /// What became of each rule.
    pub rules: Vec<RuleReport>,
}

/// Rounding of a sum in another order, with much to spare.
const SLACK_BITS: f64 = 1e-6;

impl Model {
    /// Weighs each pair that some rule gives and returns those of at least `threshold_bits`.
    ///
    /// In a block of more than `reach` + 1 records each record is compared with the `reach` that
    /// follow it in the order of all columns' values; [`RuleReport`] says what that left out. The
    /// result is the same for any number of threads.
    ///
    /// # Errors
    ///
    /// [`LinkError::NoSuchColumn`], [`LinkError::EmptyRule`], [`LinkError::OutOfRange`],
    /// [`LinkError::Nothing`] without a rule.
    pub fn predict(
        &self,
        records: &Records,
        rules: &[Rule],
        threshold_bits: f64,
        reach: u32,
        threads: usize,
    ) -> Result<Prediction, LinkError> {
        if rules.is_empty() {
            return Err(LinkError::Nothing { what: "rules" });
        }
        let comparers = Comparers::new(&self.comparisons, records, threads)?;
        let scorer = Scorer::new(self, &comparers, threshold_bits);
        let plan = Plan::new(records, rules, reach, threads)?;
        let made = plan.visit(
            threads,
            || (Vec::new(), 0_u64),
            |(pairs, compared), left, right| {
                *compared += 1;
                if let Some(bits) = scorer.score(left, right) {
                    pairs.push(Pair { left, right, bits });
                }
            },
        );
        let compared = made.iter().map(|(_, compared)| compared).sum();
        let mut pairs: Vec<Pair> = made.into_iter().flat_map(|(pairs, _)| pairs).collect();
        pairs.sort_unstable_by_key(|pair| (pair.left, pair.right));
        Ok(Prediction {
            pairs,
            compared,
            rules: plan.reports,
        })
    }
}

/// A model made ready for the values of its columns.
struct Scorer<'a> {
    comparers: &'a Comparers<'a>,
    threshold_bits: f64,
    prior_bits: f64,
    each: Vec<Weights>,
    /// Comparisons, the one that can say most first.
    order: Vec<usize>,
}

struct Weights {
    /// By level; 0 is missing.
    bits: Vec<f64>,
    /// The most that different values can weigh.
    most: f64,
    /// What an equal value weighs, its rarity included, by value.
    equal: Vec<f64>,
}

impl<'a> Scorer<'a> {
    fn new(model: &Model, comparers: &'a Comparers<'a>, threshold_bits: f64) -> Self {
        let all = model.comparisons.iter().zip(&model.weights);
        let each: Vec<Weights> = all
            .zip(&comparers.each)
            .map(|((comparison, weights), comparer)| {
                let mut bits = vec![0.0];
                bits.extend(weights.iter().map(|weights| weights.bits()));
                let different = weights.iter().enumerate();
                let most = different
                    .filter(|(level, _)| !comparison.is_exact(*level))
                    .map(|(_, weights)| weights.bits())
                    .fold(f64::NEG_INFINITY, f64::max);
                let filled = comparer.column.filled();
                let equal = (0..comparer.column.distinct() as u32)
                    .map(|code| {
                        let level = usize::from(comparer.level(code, code));
                        let bits = bits.get(level).copied().unwrap_or(0.0);
                        let Some(level) = level.checked_sub(1) else {
                            return bits;
                        };
                        if !(comparison.uses_frequencies() && comparison.is_exact(level)) {
                            return bits;
                        }
                        let u = weights.get(level).map_or(1.0, |weights| weights.u);
                        bits + rarity_bits(u, comparer.column.frequency_of(code, filled))
                    })
                    .collect();
                Weights { bits, most, equal }
            })
            .collect();
        let mut order: Vec<usize> = (0..each.len()).collect();
        let span = |at: &usize| {
            let least = each[*at].bits.iter().copied().fold(f64::INFINITY, f64::min);
            each[*at].most - least
        };
        order.sort_by(|one, other| span(other).total_cmp(&span(one)));
        Self {
            comparers,
            threshold_bits,
            prior_bits: model.prior_bits(),
            each,
            order,
        }
    }

    /// Weighs a pair; `None` below the threshold. What can no longer reach it is not compared further.
    fn score(&self, left: u32, right: u32) -> Option<f64> {
        let (left, right) = (self.comparers.row(left), self.comparers.row(right));
        let mut parts = [0.0; MOST_COMPARISONS];
        let mut open = 0_u32;
        let mut most = self.prior_bits;
        for (at, ((&one, &other), weights)) in left.iter().zip(right).zip(&self.each).enumerate() {
            if one == MISSING || other == MISSING {
                continue;
            }
            if one == other {
                parts[at] = weights.equal.get(one as usize).copied().unwrap_or(0.0);
                most += parts[at];
            } else {
                open |= 1 << at;
                most += weights.most;
            }
        }
        let needed = self.threshold_bits - SLACK_BITS;
        if most < needed {
            return None;
        }
        for &at in &self.order {
            if open & 1 << at == 0 {
                continue;
            }
            let level = self.comparers.each[at].level(left[at], right[at]);
            parts[at] = self.each[at].bits[usize::from(level)];
            most += parts[at] - self.each[at].most;
            if most < needed {
                return None;
            }
        }
        // In the order of the model, which is the order of an explanation.
        let bits = parts
            .iter()
            .take(self.each.len())
            .fold(self.prior_bits, |sum, part| sum + part);
        (bits >= self.threshold_bits).then_some(bits)
    }
}
