//! What a plan needs to know of a number that was called.
//!
//! The tables of a case fill it: `contacts` the number, its region, kind of line, allocation and
//! last call; `spoofed_calls` which organisations it was shown; `accounts`, `organisations`,
//! reference lists and judgements the flags.

use unspoof_model::{Region, Sha256Hash, UtcMicros};
use unspoof_numbers::{NumberType, PhoneNumber};

/// Numbers to choose from, as a funnel gave them.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// The funnel result that they come from, by its hash.
    pub funnel: Option<Sha256Hash>,
    /// The case is stamped `made_up`.
    pub made_up: bool,
    /// Names of organisations; [`Shown::organisation`] counts in it. In tables it is `organisation_no`.
    pub organisations: Vec<String>,
    /// The numbers, in any order.
    pub list: Vec<Candidate>,
}

/// A number that was called, and what speaks for and against texting it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// `contacts.called_e164`.
    pub number: PhoneNumber,
    /// `contacts.called_region`.
    pub region: Option<Region>,
    /// `contacts.called_type`; `None` where the number is of no range that is known.
    pub line: Option<NumberType>,
    /// `contacts.allocation`; `None` where no list speaks of the number.
    pub allocation: Option<Allocation>,
    /// Organisations whose numbers it was shown in engaged calls (`spoofed_calls`), each once.
    pub shown: Vec<Shown>,
    /// `contacts.last_utc`; `None` where no call has a time.
    pub last_call_utc: Option<UtcMicros>,
    /// The language that its holder is known to speak, a BCP 47 tag such as `pl`.
    pub language: Option<String>,
    /// What speaks against texting it.
    pub flags: Flags,
}

/// An organisation whose number was shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Its place in [`Candidates::organisations`].
    pub organisation: u32,
    /// Engaged calls that showed a number of it.
    pub calls: u32,
    /// Those of them in which the number was listed as its own and nobody else's: rows of
    /// `spoofed_calls` with `match_no` 1 and no row with `match_no` 2 for the same call.
    pub certain_calls: u32,
}

/// What regulators' lists say of a number's block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Allocation {
    /// Allocated.
    Allocated,
    /// Not yet on that day.
    NotYetAllocated,
    /// Set aside for a special use.
    SpecialUse,
    /// To nobody.
    Unallocated,
    /// Reserved for fiction.
    Drama,
}

impl Allocation {
    /// Reads the word that stands in tables.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "allocated" => Self::Allocated,
            "not-yet-allocated" => Self::NotYetAllocated,
            "special-use" => Self::SpecialUse,
            "unallocated" => Self::Unallocated,
            "drama" => Self::Drama,
            _ => return None,
        })
    }
}

/// Reads the kind of line as tables have it.
#[must_use]
pub fn line_of_word(word: &str) -> Option<NumberType> {
    NumberType::ALL
        .into_iter()
        .find(|line| line.as_str() == word)
}

/// Why somebody is not to be texted, as people and records have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flags {
    /// Must not be contacted: a judgement in force, or a list of suppressions.
    pub suppressed: bool,
    /// A listed organisation's own number.
    pub listed_organisation: bool,
    /// The number of an account with the role `staff` or `police-test`.
    pub staff: bool,
    /// The number of any other account.
    pub account_holder: bool,
    /// A report exists: matched exactly or probably, or a judgement in force says so.
    pub reported: bool,
}

impl Flags {
    /// Returns what speaks against a number in either.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self {
            suppressed: self.suppressed || other.suppressed,
            listed_organisation: self.listed_organisation || other.listed_organisation,
            staff: self.staff || other.staff,
            account_holder: self.account_holder || other.account_holder,
            reported: self.reported || other.reported,
        }
    }
}
