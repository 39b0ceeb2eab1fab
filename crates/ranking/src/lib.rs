#![doc = include_str!("../README.md")]

mod column;
mod compare;
mod contact;
mod country_file;
mod error;
mod explain;
mod fact;
mod holder;
mod home;
mod points;
mod policy;
mod presented;
mod rank;
mod table;

pub use compare::{Comparison, Difference, Move};
pub use contact::{
    AboutAccount, AboutNumber, AccountAndNumber, CALL_BACK_D, ContactCounter, NO_START, SHORT_S,
    SHORT_THEN_LONG_H, SeenCall, contact_facts,
};
pub use country_file::CountryFile;
pub use error::{CountryFileError, JudgementError, PolicyError, RankError};
pub use explain::{Explanation, Line};
pub use fact::{ContactFact, Fact, PresentedFact, SuspectFact, Unit};
pub use holder::{AccountKey, Finding, Holder, Judgement, Judgements, SuspectKey};
pub use home::{HomeCandidate, HomeEvidence, HomeFinding, HomeWeights, local_hours};
pub use points::Points;
pub use policy::{Amount, Counted, POLICY_FORMAT, Policy, Rules, RulesFor, Scale, Term};
pub use presented::{AboutPresented, PresentedNumbers, ShownCall, presented_numbers};
pub use rank::{Ranked, RankedContact, RankedPresented, RankedSuspect, Ranking};
pub use table::{Facts, Table};

/// Numbers that were called, with their facts.
pub type Contacts = Table<ContactFact>;
/// Accounts or persons, with their facts.
pub type Suspects = Table<SuspectFact>;
/// Personal numbers that were shown, with their facts.
pub type Presented = Table<PresentedFact>;
