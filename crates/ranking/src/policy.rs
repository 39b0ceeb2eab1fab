//! Which facts count how much: a policy, as its file says it.

mod read;

use crate::fact::{ContactFact, Fact, PresentedFact, SuspectFact};
use crate::points::{Points, doublings_milli};

pub use read::POLICY_FORMAT;

/// How a counted amount becomes points.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scale {
    /// So many points each.
    Each,
    /// So many points each time that 1 + the amount doubles.
    Doubling,
}

/// What a term counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Counted<F> {
    /// A fact's value, less `over`, at most `at_most`.
    Amount {
        /// The fact.
        fact: F,
        /// What is taken off first.
        over: u64,
        /// The most that counts.
        at_most: u64,
        /// How the amount becomes points.
        scale: Scale,
    },
    /// Once, where each of these facts has at least this value.
    When(Vec<(F, u64)>),
}

/// One term of a sum: what it counts, and its points.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Term<F> {
    /// Its name, which its line in an explanation carries.
    pub name: String,
    /// Points for each, in thousandths; negative ones speak against.
    pub points: Points,
    /// What is counted.
    pub counted: Counted<F>,
}

impl<F: Fact> Term<F> {
    /// Returns the amount that counts, in thousandths where it is counted in doublings.
    pub(crate) fn amount(&self, value: impl Fn(F) -> u64) -> Amount {
        match &self.counted {
            Counted::Amount {
                fact,
                over,
                at_most,
                scale,
            } => {
                let units = value(*fact).saturating_sub(*over).min(*at_most);
                match scale {
                    Scale::Each => Amount::Units(units),
                    Scale::Doubling => Amount::DoublingsMilli(doublings_milli(units)),
                }
            }
            Counted::When(all) => {
                let holds = all.iter().all(|&(fact, least)| value(fact) >= least);
                Amount::Units(holds.into())
            }
        }
    }

    /// Returns the points of an amount. Limits on both, held when a policy is read, keep every sum
    /// far inside 64 bits.
    pub(crate) fn points_of(&self, amount: Amount) -> Points {
        let milli = match amount {
            Amount::Units(units) => self
                .points
                .milli
                .saturating_mul(i64::try_from(units).unwrap_or(i64::MAX)),
            Amount::DoublingsMilli(doublings) => {
                let millionths = self.points.milli.saturating_mul(doublings);
                // To the nearest thousandth, halves away from zero.
                (millionths + millionths.signum() * 500) / 1000
            }
        };
        Points { milli }
    }
}

/// How much of something counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Amount {
    /// Whole units.
    Units(u64),
    /// Thousandths of doublings.
    DoublingsMilli(i64),
}

/// The terms for one kind of subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules<F> {
    /// What is summed, in the file's order.
    pub terms: Vec<Term<F>>,
    /// Facts that order subjects of equal points, greater values first; then their keys do.
    pub ties: Vec<F>,
}

impl<F> Default for Rules<F> {
    fn default() -> Self {
        Self {
            terms: Vec::new(),
            ties: Vec::new(),
        }
    }
}

/// A policy: for each kind of subject, which facts count how much.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Its name, printed with every list.
    pub name: String,
    /// What it is for, in a sentence.
    pub describes: String,
    /// For numbers that were called.
    pub contacts: Rules<ContactFact>,
    /// For accounts and persons.
    pub suspects: Rules<SuspectFact>,
    /// For personal numbers that were shown.
    pub presented: Rules<PresentedFact>,
}

impl Policy {
    /// The policies that ship with the program: names and files.
    pub const PRESETS: &'static [(&'static str, &'static str)] = &[
        ("elaborate", include_str!("../presets/elaborate.toml")),
        ("harm", include_str!("../presets/harm.toml")),
    ];

    /// Reads a shipped policy.
    ///
    /// # Errors
    /// [`UnknownPreset`](crate::PolicyError::UnknownPreset)
    pub fn preset(name: &str) -> Result<Self, crate::PolicyError> {
        let found = Self::PRESETS.iter().find(|(known, _)| *known == name);
        let (_, text) = found.ok_or_else(|| crate::PolicyError::UnknownPreset {
            name: name.to_owned(),
        })?;
        Self::parse(text)
    }

    /// Returns how many terms it has in all.
    #[must_use]
    pub const fn terms(&self) -> usize {
        self.contacts.terms.len() + self.suspects.terms.len() + self.presented.terms.len()
    }
}

/// The part of a policy that is for one kind of subject.
pub trait RulesFor<F: Fact> {
    /// Returns it.
    fn rules(&self) -> &Rules<F>;
}

impl RulesFor<ContactFact> for Policy {
    fn rules(&self) -> &Rules<ContactFact> {
        &self.contacts
    }
}

impl RulesFor<SuspectFact> for Policy {
    fn rules(&self) -> &Rules<SuspectFact> {
        &self.suspects
    }
}

impl RulesFor<PresentedFact> for Policy {
    fn rules(&self) -> &Rules<PresentedFact> {
        &self.presented
    }
}
