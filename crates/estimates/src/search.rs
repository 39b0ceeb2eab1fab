//! Which models are looked at, and which of them is chosen.

use std::collections::{BTreeMap, BTreeSet};

use libm::{exp, log};

use crate::existence::Flag;
use crate::fit::estimate;
use crate::model::{Heterogeneity, Model, every_pair};
use crate::spread::poisson_tail_log;

/// How models are searched.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Search {
    /// Every model of two-list interactions up to 4 lists (64 of them), else [`Self::ForwardByBic`].
    Default,
    /// Every model of two-list interactions. 5 lists have 1,024, 6 have 32,768.
    Every,
    /// From independent lists, the interaction that lowers BIC most is added, until none does.
    /// Models that were tried on the way count as looked at.
    ForwardByBic,
    /// From independent lists, the interaction of the lowest p-value is added while that is below
    /// the threshold and the estimate exists (L. Chan, B. W. Silverman, K. Vincent,
    /// arXiv:1902.05156, section 3.2; they use 0.02). The p-value is that of the number of persons
    /// on both lists: one-sided Poisson, about its mean under the model without the interaction.
    ForwardByPValue(f64),
}

/// A model that was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Tried {
    pub(crate) persons: f64,
    pub(crate) bic: f64,
    pub(crate) beta: Vec<f64>,
}

/// Everything a search has looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Searched {
    pub(crate) tried: BTreeMap<Model, Result<Tried, Flag>>,
    pub(crate) chosen: Option<Model>,
}

impl Searched {
    pub(crate) fn persons(&self) -> Option<f64> {
        let chosen = self.tried.get(self.chosen.as_ref()?)?;
        chosen.as_ref().ok().map(|tried| tried.persons)
    }

    fn look(&mut self, table: &[f64], model: Model, starts: Option<&Searched>) -> Option<&Tried> {
        self.tried.entry(model).or_insert_with(|| {
            let design = model.design(table);
            let start = starts
                .and_then(|starts| starts.tried.get(&model))
                .and_then(|tried| tried.as_ref().ok())
                .map(|tried| tried.beta.as_slice());
            let found = estimate(table, &design, start)?;
            let observed: f64 = table.iter().sum();
            // The saturated likelihood is the same for all models, and left out.
            Ok(Tried {
                persons: observed + exp(found.beta[0]),
                bic: found.deviance + model.parameters() as f64 * log(observed),
                beta: found.beta,
            })
        });
        self.tried.get(&model).and_then(|tried| tried.as_ref().ok())
    }

    fn bic(&self, model: Model) -> f64 {
        match self.tried.get(&model) {
            Some(Ok(tried)) => tried.bic,
            Some(Err(_)) | None => f64::INFINITY,
        }
    }

    /// Chooses the lowest BIC; of equals (to nine digits), the one with fewer parameters, then the
    /// first.
    fn choose_by_bic(&mut self) {
        let identified = || {
            self.tried
                .iter()
                .filter_map(|(m, t)| t.as_ref().ok().map(|t| (m, t)))
        };
        let best = identified().fold(f64::INFINITY, |best, (_, tried)| best.min(tried.bic));
        self.chosen = identified()
            .filter(|(_, tried)| tried.bic <= best + 1e-9 * (1.0 + best.abs()))
            .map(|(&model, _)| model)
            .min_by_key(|model| (model.parameters(), *model));
    }
}

/// Searches from scratch, or with a former search's fits as starting values.
pub(crate) fn search(
    table: &[f64],
    lists: usize,
    how: Search,
    heterogeneity: &BTreeSet<Heterogeneity>,
    starts: Option<&Searched>,
) -> Searched {
    let mut seen = Searched::default();
    let Ok(independence) = Model::independence(lists) else {
        return seen;
    };
    match how {
        Search::Default if lists <= 4 => every(&mut seen, table, lists, starts),
        Search::Every => every(&mut seen, table, lists, starts),
        Search::Default | Search::ForwardByBic => {
            forward_by_bic(&mut seen, table, independence, starts);
        }
        Search::ForwardByPValue(threshold) => {
            forward_by_p_value(&mut seen, table, independence, threshold, starts);
            return seen;
        }
    }
    if lists > 2 {
        for &kind in heterogeneity {
            seen.look(table, independence.varying(kind), starts);
        }
    }
    seen.choose_by_bic();
    seen
}

fn every(seen: &mut Searched, table: &[f64], lists: usize, starts: Option<&Searched>) {
    for model in Model::every(lists) {
        seen.look(table, model, starts);
    }
}

fn candidates(model: Model) -> Vec<(usize, Model)> {
    every_pair(model.lists())
        .enumerate()
        .filter(|&(pair, _)| !model.has(pair))
        .map(|(pair, _)| (pair, model.join(pair)))
        .collect()
}

fn forward_by_bic(
    seen: &mut Searched,
    table: &[f64],
    independence: Model,
    starts: Option<&Searched>,
) {
    let mut at = independence;
    seen.look(table, at, starts);
    loop {
        let mut best = (seen.bic(at), at);
        for (_, next) in candidates(at) {
            seen.look(table, next, starts);
            let bic = seen.bic(next);
            if bic < best.0 {
                best = (bic, next);
            }
        }
        if best.1 == at {
            return;
        }
        at = best.1;
    }
}

fn forward_by_p_value(
    seen: &mut Searched,
    table: &[f64],
    independence: Model,
    threshold: f64,
    starts: Option<&Searched>,
) {
    let mut at = independence;
    if seen.look(table, at, starts).is_none() {
        return;
    }
    loop {
        seen.chosen = Some(at);
        let Some(Ok(tried)) = seen.tried.get(&at) else {
            return;
        };
        let means = means(table, at, &tried.beta);
        let pairs: Vec<(usize, usize)> = every_pair(at.lists()).collect();
        let mut by_p: Vec<(f64, Model)> = candidates(at)
            .into_iter()
            .map(|(pair, next)| {
                let (i, j) = pairs[pair];
                let both = 1 << i | 1 << j;
                let sum = |of: &[f64]| -> f64 {
                    (1..of.len())
                        .filter(|mask| mask & both == both)
                        .map(|mask| of[mask])
                        .sum()
                };
                (poisson_tail_log(sum(table), sum(&means)), next)
            })
            .filter(|&(p, _)| p < log(threshold))
            .collect();
        by_p.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let next = by_p
            .into_iter()
            .map(|(_, next)| next)
            .find(|&next| seen.look(table, next, starts).is_some());
        match next {
            Some(next) => at = next,
            None => return,
        }
    }
}

/// Means of every history under a fitted model; 0 where it left the design.
fn means(table: &[f64], model: Model, beta: &[f64]) -> Vec<f64> {
    let design = model.design(table);
    let mut out = vec![0.0; table.len()];
    for (row, &cell) in design.x.rows().zip(&design.cells) {
        out[cell] = exp(row.iter().zip(beta).map(|(x, b)| x * b).sum());
    }
    out
}
