#![doc = include_str!("../README.md")]

mod candidates;
mod compare;
mod error;
mod evidence;
mod index;
mod join;
mod learn;
mod outcome;
mod resolve;
mod sharers;
mod weights;
mod work;
mod written;

pub use candidates::{ALL_PAIRS_MOST_ACCOUNTS, NAME_MOST_ACCOUNTS, WINDOW, WINDOW_MOST_ACCOUNTS};
pub use compare::Overlap;
pub use error::EvidenceError;
pub use evidence::{
    Account, AccountKey, AccountNo, Evidence, Judgement, Kind, Private, Role, Sighting, Verdict,
};
pub use outcome::{
    Explanation, Finding, Item, Merge, MergeReason, Outcome, OutcomeReason, Pair, Person, PersonId,
    SharedValue,
};
pub use resolve::{Persons, Settings};
pub use weights::Weights;
