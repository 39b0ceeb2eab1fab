//! The estimate as it may be shown: every model, their range, and what missed links would do.

use std::collections::BTreeSet;
use std::fmt;

use crate::bootstrap::{Bootstrap, Drawn, Resample, Resampled};
use crate::error::EstimateError;
use crate::existence::Flag;
use crate::fit::{Interval, ModelFit, fit_table};
use crate::histories::{Histories, RepeatCounts};
use crate::lists::{ListLabel, SeizedLog};
use crate::missed_links::{undo, undo_repeats};
use crate::model::{Heterogeneity, Model};
use crate::one_list::{chao_of, truncated_of, zelterman_of};
use crate::search::{Search, search};
use crate::spread::{Persons, Spread};
use crate::two_lists::{chapman_of, odds_ratio_of};

/// What is looked at. [`Options::default`] is meant for cases.
#[derive(Clone, PartialEq, Debug)]
pub struct Options {
    /// Which models of dependence.
    pub search: Search,
    /// In which ways people may differ, each beside independent lists (3 lists or more).
    pub heterogeneity: BTreeSet<Heterogeneity>,
    /// Which interval each model has.
    pub interval: Interval,
    /// Two-sided, between 0.5 and 1.
    pub confidence: f64,
    /// Models whose BIC is at most this far above the lowest are plausible. 10 is "very strong"
    /// evidence (R. E. Kass and A. E. Raftery, JASA 90 (1995) 773–795).
    pub plausible_bic: f64,
    /// Shares of true links that may have been missed, 0 to 0.9.
    pub missed_links: Vec<f64>,
    /// How the choice of the model is drawn again; none for not at all.
    pub bootstrap: Option<Bootstrap>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            search: Search::Default,
            heterogeneity: Heterogeneity::ALL.into(),
            interval: Interval::MultinomialProfile,
            confidence: 0.95,
            plausible_bic: 10.0,
            missed_links: vec![0.02, 0.05, 0.1, 0.2],
            bootstrap: Some(Bootstrap {
                rounds: 1_000,
                seed: 1,
                resample: Resample::Listed,
            }),
        }
    }
}

impl Options {
    fn check(&self) -> Result<(), EstimateError> {
        let confident = self.confidence > 0.5 && self.confidence < 1.0;
        let shares = self
            .missed_links
            .iter()
            .all(|share| (0.0..=0.9).contains(share));
        if !confident || !shares {
            return Err(EstimateError::Share);
        }
        if self
            .bootstrap
            .is_some_and(|b| !(1..=100_000).contains(&b.rounds))
        {
            return Err(EstimateError::Rounds);
        }
        Ok(())
    }
}

/// What a row of an estimate was made by.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Method {
    /// A log-linear model.
    LogLinear(Model),
    /// Chapman's estimate of two independent lists.
    Chapman,
    /// Two lists with this odds ratio.
    OddsRatio(f64),
    /// Chao's lower bound.
    Chao,
    /// The zero-truncated Poisson estimate.
    TruncatedPoisson,
    /// Zelterman's estimate.
    Zelterman,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LogLinear(model) => write!(f, "log-linear, {model}"),
            Self::Chapman => f.write_str("Chapman, independent lists"),
            Self::OddsRatio(ratio) => write!(f, "two lists, odds ratio {ratio}"),
            Self::Chao => f.write_str("Chao's lower bound"),
            Self::TruncatedPoisson => f.write_str("zero-truncated Poisson, people alike"),
            Self::Zelterman => f.write_str("Zelterman"),
        }
    }
}

/// One model or formula and what it gives.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// What it was made by.
    pub method: Method,
    /// The number of persons with its interval, or why there is none.
    pub persons: Result<Spread, Flag>,
    /// The model's fit, for log-linear models that the data identify.
    pub fit: Option<ModelFit>,
    /// Whether the data leave it standing: a formula, or a model close enough to the best by BIC.
    pub is_plausible: bool,
}

/// What the plausible rows would say if a share of the true links had been missed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct MissedLinks {
    /// Share of true links missed.
    pub share: f64,
    /// Lowest and highest number of persons over the plausible rows, without their intervals; none
    /// where so many cannot have been missed, for the table would hold fewer than no persons.
    pub low_high_persons: Option<[f64; 2]>,
}

/// How many victims there are, as far as lists tell.
///
/// It is always a range: over models, over chance, and over what linking may have missed. There is
/// no way to ask it for one number.
#[derive(Clone, PartialEq, Debug)]
pub struct VictimEstimate {
    lists: Vec<(ListLabel, u64)>,
    observed: u64,
    rows: Vec<Row>,
    confidence: f64,
    missed_links: Vec<MissedLinks>,
    resampled: Option<Resampled>,
    exposure: Option<SeizedLog>,
}

impl VictimEstimate {
    /// Estimates from 2 to 6 overlapping lists of victims.
    ///
    /// With two lists the rows are Chapman's estimate, the log-linear model of independence, and
    /// odds ratios of ½ and 2, for two lists cannot tell whether they depend. With more, they are
    /// the models that `options.search` looks at, and Chao's lower bound.
    ///
    /// # Errors
    /// An option that is none. Data from which nothing follows is no error: the rows say so.
    pub fn from_lists(histories: &Histories, options: &Options) -> Result<Self, EstimateError> {
        options.check()?;
        let (table, lists) = (histories.table(), histories.lists());
        let searched = search(&table, lists, options.search, &options.heterogeneity, None);
        let lowest = searched
            .tried
            .values()
            .flatten()
            .fold(f64::INFINITY, |least, tried| least.min(tried.bic));
        let mut rows: Vec<Row> = Vec::new();
        for (&model, tried) in &searched.tried {
            let fit = match tried {
                Ok(_) => fit_table(&table, model, options.interval, options.confidence),
                Err(flag) => Err(*flag),
            };
            let near = matches!(tried, Ok(tried) if tried.bic <= lowest + options.plausible_bic);
            rows.push(Row {
                method: Method::LogLinear(model),
                persons: fit.as_ref().map(|fit| fit.persons).map_err(|flag| *flag),
                is_plausible: fit.is_ok() && (near || searched.chosen == Some(model)),
                fit: fit.ok(),
            });
        }
        // Best first; those without a number last.
        rows.sort_by(|a, b| {
            let bic = |row: &Row| row.fit.as_ref().map_or(f64::INFINITY, |fit| fit.bic);
            bic(a).total_cmp(&bic(b))
        });
        rows.extend(formulas(&table, lists, options.confidence));
        let missed_links = options
            .missed_links
            .iter()
            .map(|&share| MissedLinks {
                share,
                low_high_persons: undo(&table, share)
                    .and_then(|table| points_again(&rows, &table, lists, options.confidence)),
            })
            .collect();
        let resampled = options.bootstrap.and_then(|bootstrap| {
            let drawn = Drawn {
                table: &table,
                lists,
                how: options.search,
                heterogeneity: &options.heterogeneity,
                searched: &searched,
                confidence: options.confidence,
            };
            drawn.run(bootstrap)
        });
        let lists = histories.labels().iter().cloned().enumerate();
        Ok(Self {
            lists: lists
                .map(|(at, label)| (label, histories.on_list(at)))
                .collect(),
            observed: histories.observed(),
            rows,
            confidence: options.confidence,
            missed_links,
            resampled,
            exposure: None,
        })
    }

    /// Estimates from how often persons stand on one list of victims.
    ///
    /// # Errors
    /// An option that is none.
    pub fn from_repeats(
        label: &ListLabel,
        counts: &RepeatCounts,
        options: &Options,
    ) -> Result<Self, EstimateError> {
        options.check()?;
        let of = counts.table();
        let rows = repeat_rows(&of, options.confidence);
        let missed_links = options
            .missed_links
            .iter()
            .map(|&share| MissedLinks {
                share,
                low_high_persons: undo_repeats(&of, share).and_then(|of| {
                    low_high(
                        repeat_rows(&of, options.confidence)
                            .iter()
                            .filter_map(point_of),
                    )
                }),
            })
            .collect();
        Ok(Self {
            lists: vec![(label.clone(), counts.observed())],
            observed: counts.observed(),
            rows,
            confidence: options.confidence,
            missed_links,
            resampled: None,
            exposure: None,
        })
    }

    /// Sets beside the estimate how many numbers were engaged, by the seized log.
    #[must_use]
    pub fn beside(self, exposure: SeizedLog) -> Self {
        Self {
            exposure: Some(exposure),
            ..self
        }
    }

    /// Returns the lists with the number of persons on each.
    #[must_use]
    pub fn lists(&self) -> &[(ListLabel, u64)] {
        &self.lists
    }

    /// Counts the persons on any list: not an estimate, a count.
    #[must_use]
    pub const fn observed(&self) -> u64 {
        self.observed
    }

    /// Returns every model and formula that was looked at, best first.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Returns the lowest and the highest number of persons over plausible models, their intervals
    /// and the resampling taken together; none where no model is identified. The highest may be
    /// infinite.
    #[must_use]
    pub fn low_high_persons(&self) -> Option<[f64; 2]> {
        let rows = self.rows.iter().filter(|row| row.is_plausible);
        let spreads = rows.filter_map(|row| row.persons.ok());
        let limits = spreads.flat_map(|spread| {
            let [low, _, high] = spread.low_point_high();
            [low, high]
        });
        let drawn = self
            .resampled
            .iter()
            .flat_map(|drawn| drawn.low_high_persons);
        low_high(limits.chain(drawn))
    }

    /// Returns what missed links would do, by share.
    #[must_use]
    pub fn missed_links(&self) -> &[MissedLinks] {
        &self.missed_links
    }

    /// Returns what drawing again gave.
    #[must_use]
    pub const fn resampled(&self) -> Option<&Resampled> {
        self.resampled.as_ref()
    }

    /// Returns the exposure that stands beside it.
    #[must_use]
    pub const fn exposure(&self) -> Option<SeizedLog> {
        self.exposure
    }
}

fn point_of(row: &Row) -> Option<f64> {
    let [_, point, _] = row
        .persons
        .ok()
        .filter(|_| row.is_plausible)?
        .low_point_high();
    Some(point)
}

fn low_high(all: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    all.fold(None, |range: Option<[f64; 2]>, x| {
        Some(range.map_or([x, x], |[low, high]| [low.min(x), high.max(x)]))
    })
}

fn row(method: Method, persons: Option<Spread>, is_plausible: bool) -> Row {
    Row {
        method,
        persons: persons.ok_or(Flag::NotIdentifiable),
        fit: None,
        is_plausible: is_plausible && persons.is_some(),
    }
}

fn formulas(table: &[f64], lists: usize, confidence: f64) -> Vec<Row> {
    if let [_, a, b, both] = *table {
        let chapman = chapman_of(a + both, b + both, both, confidence).persons;
        // Without anybody on both, the formula still gives a number, of the lists' sizes alone.
        let mut rows = vec![row(
            Method::Chapman,
            Some(chapman).filter(|_| both > 0.0),
            true,
        )];
        rows.extend([0.5, 2.0].map(|ratio| {
            let fit = odds_ratio_of(a, b, both, ratio, confidence);
            row(Method::OddsRatio(ratio), fit.map(|fit| fit.persons), true)
        }));
        return rows;
    }
    let mut of = vec![0.0; lists];
    for (mask, &count) in table.iter().enumerate().skip(1) {
        of[mask.count_ones() as usize - 1] += count;
    }
    let chao = chao_of(&of, Some(lists), confidence).persons;
    // A bound from below: shown, and no part of the range, for it bounds no number from above.
    vec![row(Method::Chao, Some(chao), false)]
}

fn repeat_rows(of: &[f64], confidence: f64) -> Vec<Row> {
    let seen_twice = of.iter().skip(1).any(|&count| count > 0.0);
    let chao = Some(chao_of(of, None, confidence).persons).filter(|_| seen_twice);
    let truncated = truncated_of(of, confidence).map(|found| found.fit.persons);
    let zelterman = zelterman_of(of, confidence).map(|found| found.fit.persons);
    vec![
        row(Method::Chao, chao, true),
        row(Method::TruncatedPoisson, truncated, true),
        row(Method::Zelterman, zelterman, true),
    ]
}

/// What the plausible rows give for another table.
fn points_again(rows: &[Row], table: &[f64], lists: usize, confidence: f64) -> Option<[f64; 2]> {
    let again = formulas(table, lists, confidence);
    let formulas = again.iter().filter_map(point_of);
    let models = rows
        .iter()
        .filter(|row| row.is_plausible)
        .filter_map(|row| match row.method {
            Method::LogLinear(model) => {
                let fit = fit_table(table, model, Interval::LogNormal, confidence).ok()?;
                let [_, point, _] = fit.persons.low_point_high();
                Some(point)
            }
            Method::Chapman
            | Method::OddsRatio(_)
            | Method::Chao
            | Method::TruncatedPoisson
            | Method::Zelterman => None,
        });
    low_high(formulas.chain(models))
}

impl fmt::Display for VictimEstimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.low_high_persons() {
            Some([low, high]) => writeln!(
                f,
                "between {} and {} victims, of whom {} are listed",
                Persons(low),
                Persons(high),
                Persons(self.observed as f64)
            )?,
            None => writeln!(
                f,
                "no estimate: the lists do not identify a number; {} victims are listed",
                Persons(self.observed as f64)
            )?,
        }
        for (label, persons) in &self.lists {
            writeln!(f, "  list: {label}, {} persons", Persons(*persons as f64))?;
        }
        let percent = self.confidence * 100.0;
        for row in &self.rows {
            let mark = if row.is_plausible { '*' } else { ' ' };
            match &row.persons {
                Ok(spread) => write!(f, "{mark} {}: {spread} at {percent} %", row.method)?,
                Err(flag) => write!(f, "{mark} {}: {}", row.method, flag.as_str())?,
            }
            if let Some(fit) = &row.fit {
                write!(f, "; BIC {:.1}", fit.bic)?;
            }
            writeln!(f)?;
        }
        if let Some(drawn) = &self.resampled {
            let [low, high] = drawn.low_high_persons.map(Persons);
            write!(
                f,
                "  model chosen afresh in {} rounds: {low} to {high}",
                drawn.rounds
            )?;
            writeln!(
                f,
                "; {} rounds without an estimate",
                drawn.rounds_without_estimate
            )?;
        }
        for missed in &self.missed_links {
            let percent = missed.share * 100.0;
            write!(f, "  if {percent} % of true links were missed: ")?;
            match missed.low_high_persons {
                Some([low, high]) => writeln!(f, "{} to {}", Persons(low), Persons(high))?,
                None => writeln!(f, "not possible with these lists")?,
            }
        }
        if let Some(exposure) = self.exposure {
            let engaged = Persons(exposure.engaged_numbers() as f64);
            writeln!(
                f,
                "  exposure, no list of victims: {engaged} numbers engaged"
            )?;
        }
        Ok(())
    }
}
