//! Poisson log-linear models by iteratively reweighted least squares.

use libm::{exp, log, sqrt};

use crate::existence::{Flag, check};
use crate::histories::Histories;
use crate::linear::{Matrix, cholesky, solve};
use crate::model::{Design, Model};
use crate::profile;
use crate::spread::Spread;

/// Which interval a fit carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interval {
    /// Profile likelihood of the number under multinomial sampling (R. M. Cormack, Biometrics 48
    /// (1992) 567–576).
    MultinomialProfile,
    /// Profile likelihood of the intercept, those not listed being Poisson; the listed are added.
    PoissonProfile,
    /// Log-normal about the Poisson estimate.
    LogNormal,
}

/// A model that the lists identify, fitted.
#[derive(Clone, PartialEq, Debug)]
pub struct ModelFit {
    /// The model.
    pub model: Model,
    /// The number of persons with its interval.
    pub persons: Spread,
    /// Standard error of the number: √(n₀ + n₀² var β₀) for n₀ not listed.
    pub stderr_persons: f64,
    /// Deviance from the saturated table.
    pub deviance: f64,
    /// Histories less parameters.
    pub degrees_of_freedom: i64,
    /// Akaike's criterion: −2 log likelihood + 2 × parameters.
    pub aic: f64,
    /// Schwarz's criterion: −2 log likelihood + parameters × log(persons listed).
    pub bic: f64,
}

/// Fits one model to a table.
///
/// # Errors
/// A [`Flag`], where the table has no estimate for it: there is no number then.
pub fn fit(
    histories: &Histories,
    model: Model,
    interval: Interval,
    confidence: f64,
) -> Result<ModelFit, Flag> {
    if model.lists() != histories.lists() {
        return Err(Flag::NotIdentifiable);
    }
    fit_table(&histories.table(), model, interval, confidence)
}

pub(crate) fn fit_table(
    table: &[f64],
    model: Model,
    interval: Interval,
    confidence: f64,
) -> Result<ModelFit, Flag> {
    let design = model.design(table);
    let found = estimate(table, &design, None)?;
    let observed: f64 = table.iter().sum();
    let unseen = exp(found.beta[0]);
    let point = observed + unseen;
    let stderr = sqrt(unseen + unseen * unseen * found.intercept_variance(&design));
    let persons = match interval {
        Interval::LogNormal => Spread::log_normal(observed, point, stderr, confidence),
        Interval::PoissonProfile => {
            let [low, high] = profile::poisson(table, &design, &found, confidence);
            Spread::new(observed + low, point, observed + high)
        }
        Interval::MultinomialProfile => {
            let [low, high] = profile::multinomial(table, &design, &found, confidence);
            Spread::new(low, point, high)
        }
    };
    let parameters = model.parameters() as f64;
    let minus_two_log = minus_two_log_likelihood(table, found.deviance);
    Ok(ModelFit {
        model,
        persons,
        stderr_persons: stderr,
        deviance: found.deviance,
        degrees_of_freedom: table.len() as i64 - 1 - model.parameters() as i64,
        aic: minus_two_log + 2.0 * parameters,
        bic: minus_two_log + parameters * log(observed),
    })
}

/// −2 log likelihood of the saturated Poisson table, plus the deviance.
fn minus_two_log_likelihood(table: &[f64], deviance: f64) -> f64 {
    let saturated: f64 = table
        .iter()
        .filter(|&&y| y > 0.0)
        .map(|&y| y * log(y) - y - libm::lgamma(y + 1.0))
        .sum();
    deviance - 2.0 * saturated
}

/// Existence, then the maximum.
pub(crate) fn estimate(
    table: &[f64],
    design: &Design,
    start: Option<&[f64]>,
) -> Result<Found, Flag> {
    let (rows, columns) = (design.cells.len(), design.x.columns);
    if rows < columns {
        return Err(Flag::NotIdentifiable);
    }
    check(design, table)?;
    let y: Vec<f64> = design.cells.iter().map(|&cell| table[cell]).collect();
    maximise(&design.x, &y, None, start).ok_or(Flag::NotConverged)
}

/// Where a likelihood is greatest.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) beta: Vec<f64>,
    pub(crate) mu: Vec<f64>,
    pub(crate) deviance: f64,
}

impl Found {
    /// Returns the first diagonal cell of the inverse of Fisher's information.
    pub(crate) fn intercept_variance(&self, design: &Design) -> f64 {
        let n = design.x.columns;
        let mut information = vec![0.0; n * n];
        weigh(&design.x, &self.mu, &mut information);
        if !cholesky(&mut information, n) {
            return f64::INFINITY;
        }
        let mut unit = vec![0.0; n];
        unit[0] = 1.0;
        solve(&information, n, &mut unit);
        unit[0]
    }
}

/// Adds up `XᵀWX` into the lower triangle.
fn weigh(x: &Matrix, weights: &[f64], into: &mut [f64]) {
    let n = x.columns;
    into.fill(0.0);
    for (row, &weight) in x.rows().zip(weights) {
        for (i, &a) in row.iter().enumerate() {
            if a != 0.0 {
                let by = weight * a;
                for (cell, &b) in into[i * n..=i * n + i].iter_mut().zip(row) {
                    *cell += by * b;
                }
            }
        }
    }
}

fn deviance_of(y: &[f64], mu: &[f64]) -> f64 {
    let half: f64 = y
        .iter()
        .zip(mu)
        .map(|(&y, &mu)| {
            if y > 0.0 {
                y * log(y / mu) - (y - mu)
            } else {
                mu
            }
        })
        .sum();
    2.0 * half
}

/// Maximises the Poisson likelihood of `y` with means `exp(Xβ + offset)`; none where it does not
/// settle. Counts need not be whole.
pub(crate) fn maximise(
    x: &Matrix,
    y: &[f64],
    offset: Option<f64>,
    start: Option<&[f64]>,
) -> Option<Found> {
    let n = x.columns;
    let offset = offset.unwrap_or(0.0);
    let mut information = vec![0.0; n * n];
    let mut beta = vec![0.0; n];
    let mut mu: Vec<f64> = y.iter().map(|y| y + 0.1).collect();
    let means = |beta: &[f64], mu: &mut [f64]| {
        for (row, mean) in x.rows().zip(mu.iter_mut()) {
            let eta: f64 = row.iter().zip(beta).map(|(x, b)| x * b).sum();
            // Far outside what any table holds; keeps a long step from overflowing.
            *mean = exp((eta + offset).clamp(-600.0, 600.0));
        }
    };
    if let Some(start) = start.filter(|start| start.len() == n) {
        beta.copy_from_slice(start);
    } else {
        // Weighted least squares on the logs of the counts: where IRLS begins.
        weigh(x, &mu, &mut information);
        if !cholesky(&mut information, n) {
            return None;
        }
        for ((row, &y), &m) in x.rows().zip(y).zip(&mu) {
            let pseudo = m * (log(m) - offset) + (y - m);
            for (b, &x) in beta.iter_mut().zip(row) {
                *b += x * pseudo;
            }
        }
        solve(&information, n, &mut beta);
    }
    means(&beta, &mut mu);
    let mut deviance = deviance_of(y, &mu);
    let (mut step, mut tried, mut tried_mu) = (vec![0.0; n], vec![0.0; n], mu.clone());
    for _ in 0..200 {
        weigh(x, &mu, &mut information);
        if !cholesky(&mut information, n) {
            return None;
        }
        step.fill(0.0);
        for ((row, &y), &mean) in x.rows().zip(y).zip(&mu) {
            for (s, &x) in step.iter_mut().zip(row) {
                *s += x * (y - mean);
            }
        }
        // Twice what a full step promises: Newton's decrement.
        let gradient = step.clone();
        solve(&information, n, &mut step);
        let promise: f64 = gradient.iter().zip(&step).map(|(g, s)| g * s).sum();
        let mut size = 1.0;
        let better = loop {
            for ((t, b), s) in tried.iter_mut().zip(&beta).zip(&step) {
                *t = b + size * s;
            }
            means(&tried, &mut tried_mu);
            let now = deviance_of(y, &tried_mu);
            if now.is_finite() && now <= deviance + 1e-9 * (1.0 + deviance.abs()) {
                break Some(now);
            }
            size /= 2.0;
            if size < 1e-6 {
                break None;
            }
        };
        let Some(better) = better else {
            return (promise < 1e-6).then_some(Found { beta, mu, deviance });
        };
        std::mem::swap(&mut beta, &mut tried);
        std::mem::swap(&mut mu, &mut tried_mu);
        deviance = better;
        if promise < 1e-12 * (1.0 + deviance.abs()) {
            return Some(Found { beta, mu, deviance });
        }
    }
    None
}
