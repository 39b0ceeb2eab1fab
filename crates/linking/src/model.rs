//! The model of Fellegi and Sunter (1969): what each level of each comparison says, in bits.

use crate::LinkError;
use crate::compare::{self, Comparison};
use crate::records::Records;

/// How often a level occurs in pairs of one person and in pairs of strangers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelWeights {
    /// Probability among matches, of pairs where no value is missing.
    pub m: f64,
    /// Probability among the other pairs, likewise.
    pub u: f64,
}

impl LevelWeights {
    /// Returns log₂(m / u): positive speaks for one person, negative for two.
    pub fn bits(self) -> f64 {
        (self.m / self.u).log2()
    }
}

/// What one comparison says of a pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Name of the comparison.
    pub comparison: String,
    /// Number of the level, 0 the strictest; `None` where a value is missing.
    pub level: Option<usize>,
    /// What the level means.
    pub label: String,
    /// log₂(m / u) of the level; 0 where a value is missing.
    pub bits: f64,
    /// What the rarity of an equal value adds, or its frequency takes away; 0 where frequencies are
    /// not used.
    pub rarity_bits: f64,
}

/// A pair's weight as a sum: the prior, then one term a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// log₂ of the odds that two records drawn at random match.
    pub prior_bits: f64,
    /// What each comparison adds, in the order of the model.
    pub evidence: Vec<Evidence>,
    /// The sum: log₂ of the odds that this pair matches.
    pub bits: f64,
}

impl Explanation {
    /// Returns the probability of a match.
    pub fn probability(&self) -> f64 {
        probability(self.bits)
    }
}

/// Comparisons with what they weigh: given, or learned by [`Model::train`].
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(crate) comparisons: Vec<Comparison>,
    pub(crate) weights: Vec<Vec<LevelWeights>>,
    pub(crate) prior: f64,
}

impl Model {
    /// Makes a model of known weights: for each comparison one of each of its levels, the last for
    /// values that are below all; `prior` is the probability that two records drawn at random match.
    ///
    /// # Errors
    ///
    /// [`LinkError::OutOfRange`] where a probability is not between 0 and 1 or the numbers of levels
    /// differ; those of the comparisons themselves.
    pub fn new(
        comparisons: Vec<Comparison>,
        weights: Vec<Vec<LevelWeights>>,
        prior: f64,
    ) -> Result<Self, LinkError> {
        compare::check(&comparisons)?;
        let inside = |probability: f64| probability > 0.0 && probability < 1.0;
        if !inside(prior) {
            return Err(LinkError::OutOfRange {
                name: "prior",
                range: "above 0 and below 1",
            });
        }
        let as_many = weights.len() == comparisons.len()
            && comparisons
                .iter()
                .zip(&weights)
                .all(|(comparison, weights)| weights.len() == comparison.tests().len() + 1);
        if !as_many {
            return Err(LinkError::OutOfRange {
                name: "weights",
                range: "one a level of each comparison, and one for the rest",
            });
        }
        let positive = |weights: &LevelWeights| {
            weights.m > 0.0 && weights.u > 0.0 && weights.m <= 1.0 && weights.u <= 1.0
        };
        if !weights.iter().flatten().all(positive) {
            return Err(LinkError::OutOfRange {
                name: "weights",
                range: "above 0 and at most 1",
            });
        }
        Ok(Self {
            comparisons,
            weights,
            prior,
        })
    }

    /// Returns the comparisons.
    pub fn comparisons(&self) -> &[Comparison] {
        &self.comparisons
    }

    /// Returns the weights of a comparison's levels, the strictest first, "different" last.
    ///
    /// # Errors
    ///
    /// [`LinkError::NoSuchComparison`].
    pub fn weights(&self, comparison: &str) -> Result<&[LevelWeights], LinkError> {
        Ok(self.found(comparison)?.1)
    }

    /// Returns the probability that two records drawn at random match.
    pub fn prior(&self) -> f64 {
        self.prior
    }

    /// Returns log₂ of the odds that two records drawn at random match.
    pub fn prior_bits(&self) -> f64 {
        bits(self.prior)
    }

    /// Weighs two values of a comparison's column. `frequency` is the share of records that have
    /// the value ([`Column::frequency`](crate::Column::frequency)); it counts only where the values
    /// are equal and the comparison uses frequencies, and without it rarity says nothing.
    ///
    /// # Errors
    ///
    /// [`LinkError::NoSuchComparison`].
    pub fn evidence(
        &self,
        comparison: &str,
        one: Option<&str>,
        other: Option<&str>,
        frequency: Option<f64>,
    ) -> Result<Evidence, LinkError> {
        let (comparison, weights) = self.found(comparison)?;
        let level = comparison.level(one, other);
        Ok(weigh(comparison, weights, level, frequency))
    }

    /// Explains the weight of a pair: exactly the terms that [`Model::predict`] adds up.
    ///
    /// # Errors
    ///
    /// [`LinkError::NoSuchColumn`], [`LinkError::NoSuchRecord`].
    pub fn explain(
        &self,
        records: &Records,
        one: u32,
        other: u32,
    ) -> Result<Explanation, LinkError> {
        for record in [one, other] {
            if record >= records.count() {
                return Err(LinkError::NoSuchRecord { record });
            }
        }
        let mut bits = self.prior_bits();
        let mut evidence = Vec::with_capacity(self.comparisons.len());
        for (comparison, weights) in self.comparisons.iter().zip(&self.weights) {
            let column = records.column(comparison.column())?;
            let (one, other) = (column.value(one), column.value(other));
            let frequency = match (one, other) {
                (Some(one), Some(other)) if one == other => column.frequency(one),
                _ => None,
            };
            let part = weigh(comparison, weights, comparison.level(one, other), frequency);
            bits += part.bits + part.rarity_bits;
            evidence.push(part);
        }
        Ok(Explanation {
            prior_bits: self.prior_bits(),
            evidence,
            bits,
        })
    }

    fn found(&self, name: &str) -> Result<(&Comparison, &[LevelWeights]), LinkError> {
        let mut all = self.comparisons.iter().zip(&self.weights);
        let found = all.find(|(comparison, _)| comparison.name() == name);
        let (comparison, weights) = found.ok_or_else(|| LinkError::NoSuchComparison {
            comparison: name.to_owned(),
        })?;
        Ok((comparison, weights))
    }
}

fn weigh(
    comparison: &Comparison,
    weights: &[LevelWeights],
    level: Option<usize>,
    frequency: Option<f64>,
) -> Evidence {
    let weights = level.and_then(|level| weights.get(level));
    let rarity_bits = match (level, weights, frequency) {
        (Some(level), Some(weights), Some(frequency))
            if comparison.uses_frequencies() && comparison.is_exact(level) =>
        {
            rarity_bits(weights.u, frequency)
        }
        _ => 0.0,
    };
    Evidence {
        comparison: comparison.name().to_owned(),
        level,
        label: comparison.label(level),
        bits: weights.map_or(0.0, |weights| weights.bits()),
        rarity_bits,
    }
}

/// What is added where strangers agree on this value more seldom than on values in general.
pub(crate) fn rarity_bits(u: f64, frequency: f64) -> f64 {
    if frequency > 0.0 {
        (u / frequency.min(1.0)).log2()
    } else {
        0.0
    }
}

/// Returns log₂ of the odds of a probability.
pub fn bits(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}

/// Returns the probability of which `bits` are the log₂ odds.
pub fn probability(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits).exp2())
}
