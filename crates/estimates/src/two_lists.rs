//! Two lists: Chapman's estimate, and what dependence between them would make of it.

use libm::sqrt;

use crate::histories::Histories;
use crate::spread::Spread;

/// An estimate by formula, with its standard error.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FormulaFit {
    /// The number of persons with its log-normal interval.
    pub persons: Spread,
    /// Its standard error, in persons.
    pub stderr_persons: f64,
}

/// Estimates from two independent lists of `n1` and `n2` persons with `both` on the two
/// (D. G. Chapman 1951; variance: G. A. F. Seber, Biometrika 57 (1970) 313–318).
///
/// None where `both` is more than one of the lists holds.
#[must_use]
pub fn chapman(n1: u64, n2: u64, both: u64, confidence: f64) -> Option<FormulaFit> {
    if both > n1.min(n2) {
        return None;
    }
    Some(chapman_of(n1 as f64, n2 as f64, both as f64, confidence))
}

pub(crate) fn chapman_of(n1: f64, n2: f64, m: f64, confidence: f64) -> FormulaFit {
    let point = (n1 + 1.0) * (n2 + 1.0) / (m + 1.0) - 1.0;
    let variance =
        (n1 + 1.0) * (n2 + 1.0) * (n1 - m) * (n2 - m) / ((m + 1.0) * (m + 1.0) * (m + 2.0));
    let stderr = sqrt(variance.max(0.0));
    FormulaFit {
        persons: Spread::log_normal(n1 + n2 - m, point, stderr, confidence),
        stderr_persons: stderr,
    }
}

/// Estimates from two lists whose odds ratio is known: `n₀₀ = ratio × n₁₀ n₀₁ / n₁₁`.
///
/// Two lists cannot tell the ratio, so a range of ratios is what they say. Above 1, people on one
/// list tend to be on the other; below 1, who goes to one does not go to the other. None where
/// nobody is on both.
#[must_use]
pub fn with_odds_ratio(histories: &Histories, ratio: f64, confidence: f64) -> Option<FormulaFit> {
    if histories.lists() != 2 {
        return None;
    }
    let [a, b, both] = [1, 2, 3].map(|mask| histories.count(mask) as f64);
    odds_ratio_of(a, b, both, ratio, confidence)
}

pub(crate) fn odds_ratio_of(
    a: f64,
    b: f64,
    both: f64,
    ratio: f64,
    confidence: f64,
) -> Option<FormulaFit> {
    // Also false for what is not a number.
    if !(both > 0.0 && a > 0.0 && b > 0.0 && ratio > 0.0) {
        return None;
    }
    let unseen = ratio * a * b / both;
    // The delta method on log n₀₀, and n₀₀ itself Poisson: as for a log-linear model.
    let stderr = sqrt(unseen + unseen * unseen * (1.0 / a + 1.0 / b + 1.0 / both));
    let observed = a + b + both;
    Some(FormulaFit {
        persons: Spread::log_normal(observed, observed + unseen, stderr, confidence),
        stderr_persons: stderr,
    })
}
