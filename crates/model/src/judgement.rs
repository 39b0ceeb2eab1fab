//! What people have decided, as plain values: the subjects of a judgement, and what is in force.
//!
//! Judgements bind to what was seized and never to what was computed: to an account (source and
//! id), a telephone number, a report (source and id). How records add up to this is the business
//! of the `store` crate; whoever computes from decisions takes [`InForce`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::Sha256Hash;

/// An account of a seized service: ids count only within their source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountRef {
    /// The account's id in its source.
    pub account_id: String,
    /// The system that it is an account of.
    pub source: String,
}

impl AccountRef {
    /// Names an account.
    #[must_use]
    pub fn new(source: impl Into<String>, account_id: impl Into<String>) -> Self {
        Self {
            account_id: account_id.into(),
            source: source.into(),
        }
    }
}

/// Shows the source alone: ids can be names.
impl fmt::Debug for AccountRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:•", self.source)
    }
}

impl fmt::Display for AccountRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.account_id)
    }
}

/// A fraud report: ids count only within their source.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRef {
    /// The report's id in its source.
    pub report_id: String,
    /// The system that it comes from.
    pub source: String,
}

impl ReportRef {
    /// Names a report.
    #[must_use]
    pub fn new(source: impl Into<String>, report_id: impl Into<String>) -> Self {
        Self {
            report_id: report_id.into(),
            source: source.into(),
        }
    }
}

/// Shows the source alone.
impl fmt::Debug for ReportRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:•", self.source)
    }
}

impl fmt::Display for ReportRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.report_id)
    }
}

/// A whole telephone number by ITU-T E.164, country code and national number as one integer, as
/// in the tables' `*_e164` columns; written `+` and digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E164(i64);

/// Says why a text or integer is no whole telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number is written `+` and 4 to 15 digits, the first of them not 0 (ITU-T E.164)")]
pub struct E164Error;

impl E164 {
    /// Takes a number as the tables hold it.
    ///
    /// # Errors
    /// It has fewer than 4 digits or more than 15.
    pub const fn new(number: i64) -> Result<Self, E164Error> {
        if number >= 1_000 && number <= 999_999_999_999_999 {
            Ok(Self(number))
        } else {
            Err(E164Error)
        }
    }

    /// Gives the number as the tables hold it.
    #[must_use]
    pub const fn reveal(self) -> i64 {
        self.0
    }
}

/// Shows the first two digits and the last three: `+44•••••123`.
impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let head: String = digits.chars().take(2).collect();
        // Of a short number the end would be all of it.
        let tail = if digits.len() > 8 {
            self.0.rem_euclid(1_000)
        } else {
            return write!(f, "+{head}•••••");
        };
        write!(f, "+{head}•••••{tail:03}")
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

impl FromStr for E164 {
    type Err = E164Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('+').ok_or(E164Error)?;
        let is_plain = digits.len() <= 15
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit());
        if !is_plain {
            return Err(E164Error);
        }
        Self::new(digits.parse().map_err(|_| E164Error)?)
    }
}

impl serde::Serialize for E164 {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for E164 {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A person whom somebody named, by the accounts that were before them when they did.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Identified {
    /// The judgement.
    pub judgement: Sha256Hash,
    /// How the person is called in the case.
    pub label: String,
    /// The accounts that the judgement was made on, and no others.
    pub accounts: BTreeSet<AccountRef>,
}

/// Shows no label.
impl fmt::Debug for Identified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identified")
            .field("judgement", &self.judgement)
            .field("accounts", &self.accounts.len())
            .finish_non_exhaustive()
    }
}

/// Why a judgement should be looked at again. It stays in force until somebody undoes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewReason {
    /// Some of its accounts were judged to be of different persons later.
    JudgedDifferentLater,
    /// What is computed puts its accounts with different persons.
    ComputedApart,
}

/// A judgement that should be looked at again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
pub struct Review {
    /// The judgement.
    pub judgement: Sha256Hash,
    /// Why.
    pub reason: ReviewReason,
}

/// Two accounts, the lesser first.
pub type AccountPair = (AccountRef, AccountRef);

/// All decisions that are in force. Equal decisions give equal values, in one order.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct InForce {
    /// Pairs of accounts that are of one person.
    pub same: BTreeSet<AccountPair>,
    /// Pairs of accounts that are of different persons.
    pub different: BTreeSet<AccountPair>,
    /// Accounts that several persons used.
    pub several: BTreeSet<AccountRef>,
    /// Identified persons, by judgement.
    pub identified: Vec<Identified>,
    /// Reports that tell of calls to a number.
    pub matched: BTreeSet<(ReportRef, E164)>,
    /// Reports that do not, whatever they look like.
    pub not_matched: BTreeSet<(ReportRef, E164)>,
    /// Numbers whose holder is a confirmed victim.
    pub victims: BTreeSet<E164>,
    /// Numbers whose holder is no victim.
    pub not_victims: BTreeSet<E164>,
    /// Numbers whose holder has reported already.
    pub reported: BTreeSet<E164>,
    /// Numbers that must not be contacted.
    pub suppressed: BTreeSet<E164>,
    /// Judgements that should be looked at again, by id.
    pub for_review: Vec<Review>,
}

impl InForce {
    /// Returns the accounts that a judgement in force identifies.
    #[must_use]
    pub fn identified_accounts(&self) -> BTreeSet<&AccountRef> {
        let all = self.identified.iter().flat_map(|person| &person.accounts);
        all.collect()
    }

    /// Finds the identified persons whose accounts are computed to be of different persons.
    ///
    /// `person_of` gives the computed person of each account, by any id; accounts that it lacks
    /// are each somebody by themselves and split nothing.
    #[must_use]
    pub fn computed_apart<P: Ord>(&self, person_of: &BTreeMap<AccountRef, P>) -> Vec<Review> {
        let is_apart = |person: &&Identified| {
            let mut persons = person.accounts.iter().filter_map(|a| person_of.get(a));
            let first = persons.next();
            persons.any(|other| Some(other) != first)
        };
        let apart = self.identified.iter().filter(is_apart);
        let review = apart.map(|person| Review {
            judgement: person.judgement,
            reason: ReviewReason::ComputedApart,
        });
        review.collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that fails says where by itself")]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_in_one_way() {
        for good in ["+447700900123", "+15555550100", "+1234"] {
            let number: E164 = good.parse().unwrap();
            assert_eq!(number.to_string(), good);
        }
        for bad in [
            "",
            "+",
            "447700900123",
            "+0447700900123",
            "+123",
            "+44 7700",
            "++4477",
            "+-44770",
            "+1234567890123456",
            "+٤٤٧٧٠٠",
        ] {
            assert_eq!(bad.parse::<E164>(), Err(E164Error), "{bad}");
        }
    }

    #[test]
    fn nothing_private_is_shown() {
        let number: E164 = "+447700900123".parse().unwrap();
        assert_eq!(format!("{number:?}"), "+44•••••123");
        assert_eq!(format!("{:?}", E164::new(12_345).unwrap()), "+12•••••");
        let account = AccountRef::new("service", "mallory@example.org");
        let person = Identified {
            judgement: Sha256Hash([7; 32]),
            label: "Mallory".to_owned(),
            accounts: [account.clone()].into(),
        };
        let report = ReportRef::new("reports", "mallory");
        let shown = format!("{account:?} {person:?} {report:?}").to_lowercase();
        assert!(!shown.contains("mallory"), "{shown}");
    }

    #[test]
    fn accounts_that_are_computed_apart_return_for_review() {
        let [a, b, c] = ["a", "b", "c"].map(|id| AccountRef::new("service", id));
        let judged = InForce {
            identified: vec![Identified {
                judgement: Sha256Hash([1; 32]),
                label: "x".to_owned(),
                accounts: [a.clone(), b.clone()].into(),
            }],
            ..InForce::default()
        };
        let together = BTreeMap::from([(a.clone(), 1), (b.clone(), 1), (c.clone(), 1)]);
        assert_eq!(judged.computed_apart(&together), []);
        // An account that is joined later does not inherit the judgement.
        assert!(!judged.identified_accounts().contains(&c));
        let apart = BTreeMap::from([(a, 1), (b, 2), (c, 1)]);
        assert_eq!(
            judged.computed_apart(&apart),
            [Review {
                judgement: Sha256Hash([1; 32]),
                reason: ReviewReason::ComputedApart,
            }]
        );
    }
}
