//! What can be decided.

use std::collections::BTreeSet;

use unspoof_model::judgement::{AccountRef, E164, ReportRef};

use crate::InvalidJudgement;

/// The most accounts that one judgement may name.
pub const MAX_ACCOUNTS: usize = 1_000;

/// The most accounts of which one judgement may say that they are of one person, or each of
/// another: it says so of every pair among them.
pub const MAX_PAIRED_ACCOUNTS: usize = 100;

/// The most numbers that one judgement may name.
pub const MAX_NUMBERS: usize = 10_000;

/// A person's decision, with all that it is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Decision {
    /// These accounts are of one person; said of each pair of them.
    SamePerson(BTreeSet<AccountRef>),
    /// These accounts are each of another person; said of each pair of them.
    DifferentPersons(BTreeSet<AccountRef>),
    /// Several persons used this account.
    SeveralPersons(AccountRef),
    /// The report tells of calls to the number.
    Match(ReportRef, E164),
    /// The report does not tell of calls to the number.
    NoMatch(ReportRef, E164),
    /// These accounts are of a person who is known in the case by this label.
    Identified(BTreeSet<AccountRef>, Label),
    /// The holders of these numbers are victims, as somebody confirmed.
    VictimConfirmed(BTreeSet<E164>),
    /// The holders of these numbers are no victims.
    NotVictim(BTreeSet<E164>),
    /// The holders of these numbers have reported already.
    AlreadyReported(BTreeSet<E164>),
    /// These numbers must not be contacted.
    Suppressed(BTreeSet<E164>),
    /// Nothing but that an earlier judgement is undone.
    Undo,
}

/// How an identified person is called in the case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label(pub String);

impl std::fmt::Debug for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("•")
    }
}

impl Decision {
    /// Returns the word that stands in records, files and the log.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SamePerson(_) => "same-person",
            Self::DifferentPersons(_) => "different-persons",
            Self::SeveralPersons(_) => "several-persons",
            Self::Match(..) => "match",
            Self::NoMatch(..) => "no-match",
            Self::Identified(..) => "identified",
            Self::VictimConfirmed(_) => "victim-confirmed",
            Self::NotVictim(_) => "not-a-victim",
            Self::AlreadyReported(_) => "already-reported",
            Self::Suppressed(_) => "suppressed",
            Self::Undo => "undo",
        }
    }

    /// Returns the accounts that it names.
    #[must_use]
    pub fn accounts(&self) -> Vec<&AccountRef> {
        match self {
            Self::SamePerson(all) | Self::DifferentPersons(all) | Self::Identified(all, _) => {
                all.iter().collect()
            }
            Self::SeveralPersons(one) => vec![one],
            Self::Match(..)
            | Self::NoMatch(..)
            | Self::VictimConfirmed(_)
            | Self::NotVictim(_)
            | Self::AlreadyReported(_)
            | Self::Suppressed(_)
            | Self::Undo => Vec::new(),
        }
    }

    /// Returns the numbers that it names.
    #[must_use]
    pub fn numbers(&self) -> Vec<E164> {
        match self {
            Self::VictimConfirmed(all)
            | Self::NotVictim(all)
            | Self::AlreadyReported(all)
            | Self::Suppressed(all) => all.iter().copied().collect(),
            Self::Match(_, number) | Self::NoMatch(_, number) => vec![*number],
            Self::SamePerson(_)
            | Self::DifferentPersons(_)
            | Self::SeveralPersons(_)
            | Self::Identified(..)
            | Self::Undo => Vec::new(),
        }
    }

    /// Returns the report that it names.
    #[must_use]
    pub fn report(&self) -> Option<&ReportRef> {
        match self {
            Self::Match(report, _) | Self::NoMatch(report, _) => Some(report),
            Self::SamePerson(_)
            | Self::DifferentPersons(_)
            | Self::SeveralPersons(_)
            | Self::Identified(..)
            | Self::VictimConfirmed(_)
            | Self::NotVictim(_)
            | Self::AlreadyReported(_)
            | Self::Suppressed(_)
            | Self::Undo => None,
        }
    }

    /// Returns the label of an identified person.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::Identified(_, label) => Some(&label.0),
            Self::SamePerson(_)
            | Self::DifferentPersons(_)
            | Self::SeveralPersons(_)
            | Self::Match(..)
            | Self::NoMatch(..)
            | Self::VictimConfirmed(_)
            | Self::NotVictim(_)
            | Self::AlreadyReported(_)
            | Self::Suppressed(_)
            | Self::Undo => None,
        }
    }

    /// Checks that it says something, and no more than a judgement may.
    pub(crate) fn check(&self) -> Result<(), InvalidJudgement> {
        let (least, most) = match self {
            Self::SamePerson(_) | Self::DifferentPersons(_) => (2, MAX_PAIRED_ACCOUNTS),
            Self::SeveralPersons(_) | Self::Identified(..) => (1, MAX_ACCOUNTS),
            Self::Match(..)
            | Self::NoMatch(..)
            | Self::VictimConfirmed(_)
            | Self::NotVictim(_)
            | Self::AlreadyReported(_)
            | Self::Suppressed(_)
            | Self::Undo => (0, 0),
        };
        let accounts = self.accounts();
        if !(least..=most).contains(&accounts.len()) {
            return Err(InvalidJudgement::Accounts {
                found: accounts.len(),
                least,
                most,
            });
        }
        let numbers = self.numbers().len();
        let needs_numbers = !matches!(self, Self::Undo) && accounts.is_empty();
        if needs_numbers && !(1..=MAX_NUMBERS).contains(&numbers) {
            return Err(InvalidJudgement::Numbers {
                found: numbers,
                most: MAX_NUMBERS,
            });
        }
        let ids = accounts.iter().flat_map(|a| [&a.source, &a.account_id]);
        let report = self.report();
        let ids = ids.chain(report.iter().flat_map(|r| [&r.source, &r.report_id]));
        for id in ids {
            crate::judgement::check_text("id or source", id, 1_000)?;
        }
        self.label().map_or(Ok(()), |label| {
            crate::judgement::check_text("label", label, 200)
        })
    }
}
