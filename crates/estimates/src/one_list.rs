//! One list's repeat counts: how many were never seen.

use libm::{exp, expm1, sqrt};

use crate::histories::RepeatCounts;
use crate::spread::{Spread, z_of};
use crate::two_lists::FormulaFit;

/// What one list's repeats say, by the formulas that share their data.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TruncatedPoisson {
    /// The number of persons.
    pub fit: FormulaFit,
    /// Mean number of entries a person, those with none included.
    pub lambda: f64,
}

/// Chao's lower bound, `n + f₁²/(2 f₂)` (A. Chao, Biometrics 43 (1987) 783–791).
///
/// However people's chances differ, there are at least so many, up to chance. Without repeats the
/// bias-corrected form `n + f₁(f₁ − 1)/(2 (f₂ + 1))` stands in.
#[must_use]
pub fn chao(counts: &RepeatCounts, confidence: f64) -> FormulaFit {
    chao_of(&counts.table(), None, confidence)
}

/// Chao's lower bound over `lists` lists: with the factor `(t − 1)/t` of a known number of
/// occasions (A. Chao, Biometrics 45 (1989) 427–438).
pub(crate) fn chao_of(of: &[f64], lists: Option<usize>, confidence: f64) -> FormulaFit {
    let observed: f64 = of.iter().sum();
    let f1 = of.first().copied().unwrap_or(0.0);
    let f2 = of.get(1).copied().unwrap_or(0.0);
    let factor = lists.map_or(1.0, |t| (t as f64 - 1.0) / t as f64);
    let (unseen, variance) = if f2 > 0.0 {
        let r = f1 / f2;
        let variance = f2
            * (0.5 * factor * r * r
                + factor * factor * r * r * r
                + 0.25 * factor * factor * r * r * r * r);
        (factor * f1 * f1 / (2.0 * f2), variance)
    } else {
        let unseen = factor * f1 * (f1 - 1.0).max(0.0) / 2.0;
        let spread = factor * factor * f1 * (2.0 * f1 - 1.0) * (2.0 * f1 - 1.0) / 4.0;
        let total = observed + unseen;
        let variance = unseen + spread - factor * factor * f1 * f1 * f1 * f1 / (4.0 * total);
        (unseen, variance.max(0.0))
    };
    let stderr = sqrt(variance);
    FormulaFit {
        persons: Spread::log_normal(observed, observed + unseen, stderr, confidence),
        stderr_persons: stderr,
    }
}

/// The zero-truncated Poisson estimate (P. G. M. van der Heijden et al., Statistical Modelling 3
/// (2003) 305–322): everybody has the same chance.
///
/// None where nobody was seen twice: any number would do.
#[must_use]
pub fn zero_truncated_poisson(counts: &RepeatCounts, confidence: f64) -> Option<TruncatedPoisson> {
    truncated_of(&counts.table(), confidence)
}

pub(crate) fn truncated_of(of: &[f64], confidence: f64) -> Option<TruncatedPoisson> {
    let observed: f64 = of.iter().sum();
    let entries: f64 = of
        .iter()
        .zip(1_u32..)
        .map(|(f, times)| f * f64::from(times))
        .sum();
    let mean = entries / observed;
    if mean.is_nan() || mean <= 1.0 {
        return None;
    }
    // λ/(1 − e^−λ) = mean; the left side rises, from 1 at 0, and is above λ.
    let (mut low, mut high) = (0.0, mean);
    for _ in 0..200 {
        let middle: f64 = 0.5 * (low + high);
        if middle / -expm1(-middle) < mean {
            low = middle;
        } else {
            high = middle;
        }
    }
    let lambda = 0.5 * (low + high);
    // Not seen, as odds: 1/(e^λ − 1).
    let point = observed + observed / expm1(lambda);
    let stderr = sqrt(point / (expm1(lambda) - lambda));
    let half = z_of(confidence) * stderr;
    Some(TruncatedPoisson {
        fit: FormulaFit {
            persons: Spread::new((point - half).max(observed), point, point + half),
            stderr_persons: stderr,
        },
        lambda,
    })
}

/// Zelterman's estimate from those seen once and twice alone, λ = 2 f₂/f₁ (D. Zelterman, J. Stat.
/// Plan. Inference 18 (1988) 225–237; variance: D. Böhning, Statistical Methodology 5 (2008)
/// 410–423). Those seen often, who may differ from the others, do not move it.
///
/// None where nobody was seen twice, or nobody once.
#[must_use]
pub fn zelterman(counts: &RepeatCounts, confidence: f64) -> Option<TruncatedPoisson> {
    zelterman_of(&counts.table(), confidence)
}

pub(crate) fn zelterman_of(of: &[f64], confidence: f64) -> Option<TruncatedPoisson> {
    let observed: f64 = of.iter().sum();
    let (f1, f2) = (*of.first()?, *of.get(1)?);
    // Also false for what is not a number.
    if !(f1 > 0.0 && f2 > 0.0) {
        return None;
    }
    let lambda = 2.0 * f2 / f1;
    let unseen_odds = 1.0 / expm1(lambda);
    let point = observed + observed * unseen_odds;
    let g = exp(-lambda) / (expm1(-lambda) * expm1(-lambda));
    let variance = observed * g * (1.0 + observed * g * lambda * lambda * (1.0 / f1 + 1.0 / f2));
    let stderr = sqrt(variance);
    Some(TruncatedPoisson {
        fit: FormulaFit {
            persons: Spread::log_normal(observed, point, stderr, confidence),
            stderr_persons: stderr,
        },
        lambda,
    })
}
