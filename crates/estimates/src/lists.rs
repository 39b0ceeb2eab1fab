//! Lists of victims by kind, and the seized log, which is none.

use std::collections::BTreeMap;
use std::fmt;

mod sealed {
    pub trait Sealed {}
}

/// A kind of list on which a person stands because they are a victim.
///
/// Sealed: what measures exposure (who was rung) cannot be made into a list of victims.
pub trait VictimSource: sealed::Sealed {
    /// Returns the kind.
    fn kind(&self) -> ListKind;
}

/// Reports to the police or a national reporting centre.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reports;

/// Statements of people who answered and said what they lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statements;

/// Cases that a bank or a fraud register holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BankCases;

/// What kind of list of victims this is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ListKind {
    /// [`Reports`].
    Reports,
    /// [`Statements`].
    Statements,
    /// [`BankCases`].
    BankCases,
}

impl ListKind {
    /// Returns the words for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reports => "reports",
            Self::Statements => "statements",
            Self::BankCases => "banks' cases",
        }
    }
}

macro_rules! source {
    ($name:ident) => {
        impl sealed::Sealed for $name {}
        impl VictimSource for $name {
            fn kind(&self) -> ListKind {
                ListKind::$name
            }
        }
    };
}
source!(Reports);
source!(Statements);
source!(BankCases);

/// A list's kind and name. Lists are put in the order of their labels, so that the order in which
/// they are given changes nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ListLabel {
    kind: ListKind,
    name: String,
}

impl ListLabel {
    /// Names a list.
    pub fn new(source: impl VictimSource, name: impl Into<String>) -> Self {
        Self {
            kind: source.kind(),
            name: name.into(),
        }
    }

    /// Returns the kind.
    #[must_use]
    pub const fn kind(&self) -> ListKind {
        self.kind
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for ListLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.kind.as_str())
    }
}

/// A list of victims: who stands on it, how often.
///
/// `K` is whatever a person is known by after linking: one value a person over all lists. It never
/// shows in `Debug`.
///
/// The seized log is no such list: who was rung is not who was robbed, and taking exposure for a
/// capture would make the estimate an artefact of the dialler.
///
/// ```compile_fail,E0277
/// use unspoof_estimates::{CaptureList, SeizedLog};
/// let seized = SeizedLog::new([1_u64, 2, 3]);
/// let list = CaptureList::new(seized, "calls", [1_u64, 2, 3]);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct CaptureList<K> {
    pub(crate) label: ListLabel,
    pub(crate) times: BTreeMap<K, u32>,
}

impl<K: Ord> CaptureList<K> {
    /// Takes a list's entries, one a record: a person who stands on it twice counts once against
    /// other lists, and as a repeat within this one.
    pub fn new(
        source: impl VictimSource,
        name: impl Into<String>,
        records: impl IntoIterator<Item = K>,
    ) -> Self {
        let mut times = BTreeMap::new();
        for person in records {
            let count: &mut u32 = times.entry(person).or_default();
            *count = count.saturating_add(1);
        }
        Self {
            label: ListLabel::new(source, name),
            times,
        }
    }

    /// Returns kind and name.
    #[must_use]
    pub const fn label(&self) -> &ListLabel {
        &self.label
    }

    /// Counts the persons on the list.
    #[must_use]
    pub fn persons(&self) -> usize {
        self.times.len()
    }
}

impl<K> fmt::Debug for CaptureList<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaptureList")
            .field("label", &self.label)
            .field("persons", &self.times.len())
            .finish_non_exhaustive()
    }
}

/// What the seized log tells: how many numbers were engaged. It measures exposure.
///
/// It stands beside an estimate and never enters one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SeizedLog {
    engaged_numbers: u64,
}

impl SeizedLog {
    /// Counts distinct engaged numbers.
    pub fn new<K: Ord>(engaged: impl IntoIterator<Item = K>) -> Self {
        let distinct: std::collections::BTreeSet<K> = engaged.into_iter().collect();
        Self::of_count(distinct.len() as u64)
    }

    /// Takes a count of distinct engaged numbers.
    #[must_use]
    pub const fn of_count(engaged_numbers: u64) -> Self {
        Self { engaged_numbers }
    }

    /// Returns the count.
    #[must_use]
    pub const fn engaged_numbers(self) -> u64 {
        self.engaged_numbers
    }
}
