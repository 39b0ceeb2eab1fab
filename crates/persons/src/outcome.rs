//! What comes out: persons, pairs, and why.

use std::fmt;

use crate::compare::Overlap;
use crate::evidence::{Kind, Private};

/// Names a person: drawn from the keys of its accounts, so that the same accounts always make
/// the same name, and another account another one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub(crate) String);

impl PersonId {
    /// Returns the name: `p` and 16 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person: the accounts that are taken for theirs. All places are those of
/// [`crate::Persons::accounts`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Its name.
    pub id: PersonId,
    /// Places of its accounts, in order.
    pub members: Vec<u32>,
    /// Whether a judgement says that several persons use its account.
    pub several_persons: bool,
}

/// What a pair's evidence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// One person's.
    Same,
    /// Perhaps: for a person to look at.
    Possible,
    /// Two persons'.
    Different,
}

/// Why a pair came out so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeReason {
    /// By its evidence.
    Evidence,
    /// Enough by its evidence, held back: it alone, or too few with it, would join two groups.
    HeldBack,
    /// Somebody judged it.
    Judged,
    /// Several persons use one of the accounts.
    SeveralPersons,
}

/// A pair that was looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The smaller place.
    pub a: u32,
    /// The larger place.
    pub b: u32,
    /// The log-odds, in bits, that both are one person's: the prior and all evidence.
    pub odds_bits: f64,
    /// What that comes to.
    pub outcome: Outcome,
    /// Why.
    pub reason: OutcomeReason,
}

/// One step in which two groups of accounts became one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Merge {
    /// The pair that joined them: the smaller place.
    pub a: u32,
    /// The larger place.
    pub b: u32,
    /// Its log-odds in bits; 0 where it was judged.
    pub odds_bits: f64,
    /// Why they were joined.
    pub reason: MergeReason,
    /// How many accounts the group had afterwards.
    pub members: u32,
}

/// Why two groups were joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MergeReason {
    /// By a pair's evidence.
    Evidence,
    /// By a judgement.
    Judged,
}

/// One piece of a pair's evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What is compared.
    pub kind: Kind,
    /// What it says.
    pub finding: Finding,
    /// What it is worth: positive for one person, negative for two.
    pub bits: f64,
}

/// What a piece of evidence says.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// Both have one value.
    Shared {
        /// Which.
        value: Private,
        /// How many accounts of the case have it.
        accounts: u32,
        /// Of about how many persons: at least two are assumed.
        persons: u32,
        /// How the times lie.
        overlap: Overlap,
    },
    /// The values differ by a slip only.
    Alike,
    /// Both have values of their own and share none.
    NoneShared,
}

/// A value that members of a person share.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedValue {
    /// Of what sort.
    pub kind: Kind,
    /// The value.
    pub value: Private,
    /// Members that have it.
    pub members: Vec<u32>,
    /// How many accounts of the case have it.
    pub accounts: u32,
    /// What it is worth to a pair whose times say nothing.
    pub bits: f64,
}

/// Why a person's accounts are taken for one person's.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The person.
    pub person: Person,
    /// What its members share, the weightiest first.
    pub shared: Vec<SharedValue>,
    /// How it came together, in order: undo the last step, or any, with a judgement.
    pub merges: Vec<Merge>,
    /// Pairs within it, in order.
    pub within: Vec<Pair>,
    /// Possible links to accounts of others.
    pub possible: Vec<Pair>,
}
