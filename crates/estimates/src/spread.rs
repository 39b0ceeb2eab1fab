//! A number of persons with its interval, and the normal distribution.

use std::fmt;

use libm::{erfc, exp, log, sqrt};

/// An estimated number of persons between a lower and an upper limit.
///
/// There is no way to take the number without its limits. An upper limit may be infinite: the data
/// then rule out no number, however large.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread {
    low: f64,
    point: f64,
    high: f64,
}

impl Spread {
    pub(crate) fn new(low: f64, point: f64, high: f64) -> Self {
        Self {
            low: low.min(point),
            point,
            high: high.max(point),
        }
    }

    /// Takes the log-normal interval of those not seen, `f0 = point - observed`
    /// (K. P. Burnham; A. Chao, Biometrics 43 (1987) 783–791).
    pub(crate) fn log_normal(observed: f64, point: f64, stderr: f64, confidence: f64) -> Self {
        let unseen = point - observed;
        if unseen <= 0.0 || !stderr.is_finite() {
            return Self::new(
                observed,
                point,
                if stderr == 0.0 { point } else { f64::INFINITY },
            );
        }
        let spread = sqrt(libm::log1p(stderr * stderr / (unseen * unseen)));
        let by = exp(z_of(confidence) * spread);
        Self::new(observed + unseen / by, point, observed + unseen * by)
    }

    /// Returns lower limit, estimate and upper limit, in persons.
    #[must_use]
    pub const fn low_point_high(&self) -> [f64; 3] {
        [self.low, self.point, self.high]
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, point, high] = [self.low, self.point, self.high].map(Persons);
        write!(f, "{point} ({low} to {high})")
    }
}

/// Writes whole persons with commas between thousands.
pub(crate) struct Persons(pub(crate) f64);

impl fmt::Display for Persons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.is_finite() || self.0 >= 1e15 {
            return f.write_str("no limit");
        }
        let digits = format!("{:.0}", self.0);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// Share of a standard normal distribution below `z`.
pub(crate) fn normal_below(z: f64) -> f64 {
    0.5 * erfc(-z / core::f64::consts::SQRT_2)
}

/// Where a standard normal distribution has `share` below; by bisection, exact to the last digits.
pub(crate) fn normal_quantile(share: f64) -> f64 {
    let (mut low, mut high) = (-38.0, 38.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if normal_below(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Half width, in standard errors, of a two-sided interval.
pub(crate) fn z_of(confidence: f64) -> f64 {
    normal_quantile(0.5 + 0.5 * confidence)
}

/// Log of the one-sided Poisson tail in which `seen` lies: P(X ≤ seen) below the mean, else
/// P(X ≥ seen).
pub(crate) fn poisson_tail_log(seen: f64, mean: f64) -> f64 {
    if mean <= 0.0 {
        return if seen > 0.0 { f64::NEG_INFINITY } else { 0.0 };
    }
    let first = seen * log(mean) - mean - libm::lgamma(seen + 1.0);
    let (mut sum, mut term, mut at) = (1.0, 1.0, seen);
    loop {
        if seen <= mean {
            if at <= 0.0 {
                break;
            }
            term *= at / mean;
            at -= 1.0;
        } else {
            at += 1.0;
            term *= mean / at;
        }
        sum += term;
        if term < sum * 1e-16 {
            break;
        }
    }
    first + log(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_tables() {
        assert!((z_of(0.95) - 1.959_963_984_540_054).abs() < 1e-12);
        assert!((normal_quantile(0.5)).abs() < 1e-12);
        assert!((normal_below(1.0) - 0.841_344_746_068_543).abs() < 1e-14);
    }

    #[test]
    fn tails_add_up() {
        // P(X ≤ 2) for mean 5 is 0.1246520195; P(X ≥ 9) is 0.0680936347 (R: ppois).
        assert!((exp(poisson_tail_log(2.0, 5.0)) - 0.124_652_019_483_081).abs() < 1e-12);
        assert!((exp(poisson_tail_log(9.0, 5.0)) - 0.068_093_634_721_848_6).abs() < 1e-12);
        assert!((poisson_tail_log(0.0, 5.0) + 5.0).abs() < 1e-12);
    }

    #[test]
    fn a_spread_shows_its_limits() {
        assert_eq!(
            Spread::new(10_983.85, 12_214.0, f64::INFINITY).to_string(),
            "12,214 (10,984 to no limit)"
        );
    }
}
