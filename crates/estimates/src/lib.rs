#![doc = include_str!("../README.md")]

mod bootstrap;
mod error;
mod estimate;
mod existence;
mod fit;
mod histories;
mod linear;
mod lists;
mod missed_links;
mod model;
mod one_list;
mod profile;
mod search;
mod spread;
mod two_lists;

pub use bootstrap::{Bootstrap, Resample, Resampled};
pub use error::EstimateError;
pub use estimate::{Method, MissedLinks, Options, Row, VictimEstimate};
pub use existence::Flag;
pub use fit::{Interval, ModelFit, fit};
pub use histories::{Histories, RepeatCounts};
pub use lists::{
    BankCases, CaptureList, ListKind, ListLabel, Reports, SeizedLog, Statements, VictimSource,
};
pub use model::{Heterogeneity, Model};
pub use one_list::{TruncatedPoisson, chao, zelterman, zero_truncated_poisson};
pub use search::Search;
pub use spread::Spread;
pub use two_lists::{FormulaFit, chapman, with_odds_ratio};
