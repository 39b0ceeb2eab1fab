//! Intervals from where the likelihood falls by as much as chance allows.

use libm::{exp, lgamma, log};

use crate::fit::{Found, maximise};
use crate::linear::Matrix;
use crate::model::Design;
use crate::spread::z_of;

/// Beyond so many times the persons listed, an upper limit counts as none: the likelihood is flat
/// there, and where it crosses is a matter of rounding.
const MOST_TIMES_LISTED: f64 = 1e4;

/// Finds where `fall` crosses `allowed` between a point where it is below and one where it is
/// above.
fn crossing(mut below: f64, mut above: f64, allowed: f64, fall: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..80 {
        let middle = 0.5 * (below + above);
        if fall(middle) <= allowed {
            below = middle;
        } else {
            above = middle;
        }
        if (above - below).abs() <= 1e-9 * middle.abs() {
            break;
        }
    }
    0.5 * (below + above)
}

/// Limits of those not listed, from the Poisson likelihood of the intercept.
pub(crate) fn poisson(table: &[f64], design: &Design, found: &Found, confidence: f64) -> [f64; 2] {
    let allowed = z_of(confidence) * z_of(confidence);
    let y: Vec<f64> = design.cells.iter().map(|&cell| table[cell]).collect();
    let mut rest = Matrix::new(design.x.columns - 1);
    for row in design.x.rows() {
        rest.push(&row[1..]);
    }
    let fall = |intercept: f64| {
        maximise(&rest, &y, Some(intercept), Some(&found.beta[1..]))
            .or_else(|| maximise(&rest, &y, Some(intercept), None))
            .map_or(f64::INFINITY, |fit| fit.deviance - found.deviance)
    };
    let middle = found.beta[0];
    let most = MOST_TIMES_LISTED * y.iter().sum::<f64>();
    let outer = |sign: f64| {
        let mut by = 0.25;
        loop {
            let at = middle + sign * by;
            if fall(at) > allowed {
                return Some(crossing(middle, at, allowed, fall));
            }
            by *= 2.0;
            if by > 40.0 {
                return None;
            }
        }
    };
    [
        outer(-1.0).map_or(0.0, exp),
        outer(1.0)
            .map(exp)
            .filter(|&high| high <= most)
            .unwrap_or(f64::INFINITY),
    ]
}

/// Limits of the number of persons, from its multinomial likelihood (R. M. Cormack 1992): for each
/// number the table is whole, and the model is fitted to all of it.
pub(crate) fn multinomial(
    table: &[f64],
    design: &Design,
    found: &Found,
    confidence: f64,
) -> [f64; 2] {
    let allowed = 0.5 * z_of(confidence) * z_of(confidence);
    let observed: f64 = table.iter().sum();
    let mut x = design.x.clone();
    let mut unlisted = vec![0.0; x.columns];
    unlisted[0] = 1.0;
    x.push(&unlisted);
    let y: Vec<f64> = design.cells.iter().map(|&cell| table[cell]).collect();
    let log_likelihood = |persons: f64| {
        let mut y = y.clone();
        y.push(persons - observed);
        let fit =
            maximise(&x, &y, None, Some(&found.beta)).or_else(|| maximise(&x, &y, None, None));
        let Some(fit) = fit else {
            return f64::NEG_INFINITY;
        };
        let cells: f64 = y
            .iter()
            .zip(&fit.mu)
            .filter(|&(&y, _)| y > 0.0)
            .map(|(&y, &mu)| y * log(mu / persons))
            .sum();
        lgamma(persons + 1.0) - lgamma(persons - observed + 1.0) + cells
    };
    // The greatest lies close below the Poisson estimate; golden section between twice that and none.
    let (mut low, mut high) = (observed, observed + 2.0 * exp(found.beta[0]) + 2.0);
    let golden = 0.618_033_988_749_894_9;
    for _ in 0..100 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if log_likelihood(a) < log_likelihood(b) {
            low = a;
        } else {
            high = b;
        }
        if high - low <= 1e-6 * high {
            break;
        }
    }
    let best_at = 0.5 * (low + high);
    let best = log_likelihood(best_at);
    let fall = |persons: f64| best - log_likelihood(persons);
    let lower = if fall(observed) <= allowed {
        observed
    } else {
        crossing(best_at, observed, allowed, fall)
    };
    let mut beyond = best_at + (best_at - observed).max(1.0);
    let upper = loop {
        if fall(beyond) > allowed {
            break crossing(best_at, beyond, allowed, fall);
        }
        beyond = observed + 2.0 * (beyond - observed);
        if beyond > MOST_TIMES_LISTED * observed {
            break f64::INFINITY;
        }
    };
    [lower, upper]
}
