//! How much the estimate moves when the persons, and with them the chosen model, are drawn again.

use std::collections::{BTreeMap, BTreeSet};

use libm::{exp, lgamma, log, log1p, sqrt};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::fit::estimate;
use crate::model::{Heterogeneity, Model};
use crate::search::{Search, Searched, search};
use crate::spread::{normal_below, normal_quantile};

/// What is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resample {
    /// The listed persons, with replacement. The interval is bias-corrected and accelerated
    /// (T. J. DiCiccio and B. Efron, Statistical Science 11 (1996) 189–228).
    Listed,
    /// A whole population from the chosen model, of which the listed are kept. The interval is that
    /// of percentiles.
    Population,
}

/// How to draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bootstrap {
    /// How often, 1 to 100,000.
    pub rounds: u32,
    /// Where chance begins; each round has a stream of its own.
    pub seed: u64,
    /// What is drawn.
    pub resample: Resample,
}

/// What the rounds gave. In each, the model was chosen afresh.
#[derive(Clone, PartialEq, Debug)]
pub struct Resampled {
    /// Rounds drawn.
    pub rounds: u32,
    /// Rounds in which no model was identified: they count as no upper limit, and never fall out.
    pub rounds_without_estimate: u32,
    /// Limits of the number of persons.
    pub low_high_persons: [f64; 2],
    /// How often each model was chosen, most often first.
    pub chosen: Vec<(Model, u32)>,
}

pub(crate) struct Drawn<'a> {
    pub(crate) table: &'a [f64],
    pub(crate) lists: usize,
    pub(crate) how: Search,
    pub(crate) heterogeneity: &'a BTreeSet<Heterogeneity>,
    pub(crate) searched: &'a Searched,
    pub(crate) confidence: f64,
}

impl Drawn<'_> {
    /// Draws all rounds; none where the data themselves have no estimate.
    pub(crate) fn run(&self, bootstrap: Bootstrap) -> Option<Resampled> {
        let point = self.searched.persons()?;
        let (draws, cells) = match bootstrap.resample {
            Resample::Listed => (self.table.iter().sum(), self.table.to_vec()),
            Resample::Population => (libm::round(point), self.population()?),
        };
        let mut persons = Vec::with_capacity(bootstrap.rounds as usize);
        let mut chosen: BTreeMap<Model, u32> = BTreeMap::new();
        let mut without = 0;
        for round in 0..bootstrap.rounds {
            let mut chance = ChaCha8Rng::seed_from_u64(bootstrap.seed);
            chance.set_stream(u64::from(round) + 1);
            let mut table = multinomial(draws, &cells, &mut chance);
            table[0] = 0.0;
            let found = self.again(&table);
            if let Some(model) = found.chosen {
                *chosen.entry(model).or_default() += 1;
            }
            persons.push(found.persons().unwrap_or_else(|| {
                without += 1;
                f64::INFINITY
            }));
        }
        persons.sort_by(f64::total_cmp);
        let tail = 0.5 * (1.0 - self.confidence);
        let shares = match bootstrap.resample {
            Resample::Population => [tail, 1.0 - tail],
            Resample::Listed => self.corrected(&persons, point),
        };
        let mut chosen: Vec<(Model, u32)> = chosen.into_iter().collect();
        chosen.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        Some(Resampled {
            rounds: bootstrap.rounds,
            rounds_without_estimate: without,
            low_high_persons: shares.map(|share| quantile(&persons, share)),
            chosen,
        })
    }

    fn again(&self, table: &[f64]) -> Searched {
        let starts = Some(self.searched);
        search(table, self.lists, self.how, self.heterogeneity, starts)
    }

    /// Means of the chosen model, those on no list included.
    fn population(&self) -> Option<Vec<f64>> {
        let design = self.searched.chosen?.design(self.table);
        let found = estimate(self.table, &design, None).ok()?;
        let mut cells = vec![0.0; self.table.len()];
        cells[0] = exp(found.beta[0]);
        for (&cell, &mean) in design.cells.iter().zip(&found.mu) {
            cells[cell] = mean;
        }
        Some(cells)
    }

    /// Which shares of the rounds the limits are, corrected for bias and acceleration (`BCa`).
    fn corrected(&self, persons: &[f64], point: f64) -> [f64; 2] {
        let below = persons.iter().filter(|&&drawn| drawn < point).count() as f64;
        let rounds = persons.len() as f64;
        // Half a round from the ends, so that the correction stays finite.
        let share = (below / rounds).clamp(0.5 / rounds, 1.0 - 0.5 / rounds);
        let z0 = normal_quantile(share);
        let acceleration = self.acceleration();
        let tail = 0.5 * (1.0 - self.confidence);
        [tail, 1.0 - tail].map(|alpha| {
            let z = z0 + normal_quantile(alpha);
            let bent = 1.0 - acceleration * z;
            if bent <= 0.0 {
                return if z > 0.0 { 1.0 } else { 0.0 };
            }
            normal_below(z0 + z / bent)
        })
    }

    /// The jackknife: each person left out once, those of one history alike.
    fn acceleration(&self) -> f64 {
        let mut left_out: Vec<(f64, f64)> = Vec::new();
        for cell in 1..self.table.len() {
            let count = self.table[cell];
            if count > 0.0 {
                let mut table = self.table.to_vec();
                table[cell] -= 1.0;
                if let Some(persons) = self.again(&table).persons() {
                    left_out.push((count, persons));
                }
            }
        }
        let all: f64 = left_out.iter().map(|(count, _)| count).sum();
        let mean = left_out
            .iter()
            .map(|(count, persons)| count * persons)
            .sum::<f64>()
            / all;
        let moment = |power: i32| -> f64 {
            left_out
                .iter()
                .map(|(count, persons)| count * (mean - persons).powi(power))
                .sum()
        };
        let (second, third) = (moment(2), moment(3));
        if second > 0.0 {
            third / (6.0 * second * sqrt(second))
        } else {
            0.0
        }
    }
}

/// The value below which a share of sorted values lies, linear between neighbours.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::INFINITY;
    };
    let at = share.clamp(0.0, 1.0) * last as f64;
    let below = libm::floor(at) as usize;
    let (a, b) = (sorted[below], sorted[(below + 1).min(last)]);
    let part = at - below as f64;
    if part == 0.0 || a == b {
        a
    } else {
        a + part * (b - a)
    }
}

/// Draws `n` persons into cells of given weights.
fn multinomial(n: f64, weights: &[f64], chance: &mut ChaCha8Rng) -> Vec<f64> {
    let (mut left, mut weight_left) = (n, weights.iter().sum::<f64>());
    let last = weights.iter().rposition(|&weight| weight > 0.0);
    weights
        .iter()
        .enumerate()
        .map(|(at, &weight)| {
            if weight <= 0.0 || left <= 0.0 {
                return 0.0;
            }
            let drawn = if Some(at) == last {
                left
            } else {
                binomial(left, (weight / weight_left).clamp(0.0, 1.0), chance)
            };
            weight_left -= weight;
            left -= drawn;
            drawn
        })
        .collect()
}

/// Draws from a binomial distribution by inversion, outwards from its mode: about √(n p (1 − p))
/// steps.
fn binomial(n: f64, p: f64, chance: &mut ChaCha8Rng) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return n;
    }
    let odds = p / (1.0 - p);
    let mode = libm::floor((n + 1.0) * p).min(n);
    let at_mode = exp(
        lgamma(n + 1.0) - lgamma(mode + 1.0) - lgamma(n - mode + 1.0)
            + mode * log(p)
            + (n - mode) * log1p(-p),
    );
    let mut left = (chance.next_u64() >> 11) as f64 / (1_u64 << 53) as f64 - at_mode;
    let (mut up, mut down) = (mode, mode);
    let (mut p_up, mut p_down) = (at_mode, at_mode);
    while left >= 0.0 {
        if up < n {
            p_up *= odds * (n - up) / (up + 1.0);
            up += 1.0;
            left -= p_up;
            if left < 0.0 {
                return up;
            }
        }
        if down > 0.0 {
            p_down *= down / (odds * (n - down + 1.0));
            down -= 1.0;
            left -= p_down;
            if left < 0.0 {
                return down;
            }
        }
        // What rounding left over.
        if p_up.max(p_down) < 1e-30 || (up >= n && down <= 0.0) {
            return mode;
        }
    }
    mode
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binomial_draws_have_their_mean_and_variance() {
        let mut chance = ChaCha8Rng::seed_from_u64(7);
        for (n, p) in [(10.0, 0.3), (2_000.0, 0.01), (200_000.0, 0.6), (5.0, 0.99)] {
            let rounds = 20_000;
            let draws: Vec<f64> = (0..rounds).map(|_| binomial(n, p, &mut chance)).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(rounds);
            let variance =
                draws.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / f64::from(rounds);
            let expected = n * p * (1.0 - p);
            let stderr = sqrt(expected / f64::from(rounds));
            assert!(
                (mean - n * p).abs() < 4.0 * stderr,
                "mean {mean} of {n} × {p}"
            );
            assert!(
                (variance / expected - 1.0).abs() < 0.05,
                "variance {variance} of {n} × {p}"
            );
            assert!(
                draws
                    .iter()
                    .all(|&d| d >= 0.0 && d <= n && d == libm::floor(d))
            );
        }
    }
}
