use std::fmt;

use serde::{Deserialize, Serialize};
use unspoof_model::Region;
use unspoof_numbers::NumberType;

use super::Kind;
use super::clocks::Clocks;
use super::fiction::Fiction;
use super::make::{Grounds, Once, Told};
use crate::candidate::Allocation;

/// Why a number is not texted. Where several hold, the first of this order is given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The number stood twice among the candidates, or is of the team.
    Duplicate,
    /// It must not be contacted: a judgement, or a list of suppressions. It stands in no other list.
    Suppressed,
    /// It is of a listed organisation.
    ListedOrganisation,
    /// It is of the seized service's staff, or of a police test.
    Staff,
    /// It is of somebody who had an account there.
    AccountHolder,
    /// Its holder has reported.
    Reported,
    /// An earlier campaign told it.
    AlreadyTold,
    /// Nobody asked for it; in answers alone.
    NotAsked,
    /// It is of a range for fiction.
    Drama,
    /// It is of a block that is allocated to nobody, or not for subscribers.
    Unallocated,
    /// It is of no home region; it goes out in the list for partners.
    Foreign,
    /// A fixed line; it goes out in the list for look-up, letters and calls.
    Landline,
    /// A line on the internet; it goes out with the landlines.
    Voip,
    /// Dearer than an ordinary number.
    PremiumRate,
    /// Cost shared between both ends.
    SharedCost,
    /// Free to the caller: a company's.
    TollFree,
    /// A number that follows a person, and costs whoever reaches it.
    Personal,
    /// A pager.
    Pager,
    /// For companies' branches.
    Uan,
    /// Access to voicemail.
    Voicemail,
    /// Of no range that is known.
    UnknownKind,
    /// The clocks of its region have no hour of the day in common within the window, or are unknown.
    NoHour,
}

impl Reason {
    /// Returns the word that stands in plans and lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Suppressed => "suppressed",
            Self::ListedOrganisation => "listed-organisation",
            Self::Staff => "staff",
            Self::AccountHolder => "account-holder",
            Self::Reported => "reported",
            Self::AlreadyTold => "already-told",
            Self::NotAsked => "not-asked",
            Self::Drama => "drama",
            Self::Unallocated => "unallocated",
            Self::Foreign => "foreign",
            Self::Landline => "landline",
            Self::Voip => "voip",
            Self::PremiumRate => "premium-rate",
            Self::SharedCost => "shared-cost",
            Self::TollFree => "toll-free",
            Self::Personal => "personal",
            Self::Pager => "pager",
            Self::Uan => "uan",
            Self::Voicemail => "voicemail",
            Self::UnknownKind => "unknown-kind",
            Self::NoHour => "no-hour",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns the region by whose clocks a number is texted, or why it is not.
pub(crate) fn admit(
    grounds: &Grounds<'_>,
    once: &Once<'_>,
    clocks: &Clocks,
    fiction: &Fiction,
) -> Result<Region, Reason> {
    let (candidate, flags) = (once.candidate, once.flags);
    let number = candidate.number;
    let is_answer = grounds.campaign.kind == Kind::Answer;
    if flags.suppressed
        || grounds
            .suppressions
            .iter()
            .any(|list| list.contains(number))
    {
        return Err(Reason::Suppressed);
    }
    if flags.listed_organisation {
        return Err(Reason::ListedOrganisation);
    }
    if flags.staff {
        return Err(Reason::Staff);
    }
    if flags.account_holder {
        return Err(Reason::AccountHolder);
    }
    // Who reported and asks all the same is answered.
    if flags.reported && !is_answer {
        return Err(Reason::Reported);
    }
    let was_told = |told: &Told| {
        (told.kind == Kind::Answer || !is_answer) && told.hashes.contains(&told.key.hash(number))
    };
    if grounds.told.iter().any(was_told) {
        return Err(Reason::AlreadyTold);
    }
    if grounds.asked.is_some_and(|asked| !asked.contains(&number)) {
        return Err(Reason::NotAsked);
    }
    let (mut region, mut line) = (candidate.region, candidate.line);
    if grounds.candidates.made_up {
        // The lab's numbers lie in blocks of nobody; only rehearsals and this machine get them.
        if let Some(seems) = fiction.looks_like(number) {
            region = Some(seems.0);
            line = line.or(Some(seems.1));
        }
    } else if fiction.holds(number) {
        return Err(Reason::Drama);
    } else {
        match candidate.allocation {
            Some(Allocation::Drama) => return Err(Reason::Drama),
            Some(
                Allocation::Unallocated | Allocation::NotYetAllocated | Allocation::SpecialUse,
            ) => return Err(Reason::Unallocated),
            Some(Allocation::Allocated) | None => {}
        }
    }
    let Some(region) = region else {
        return Err(Reason::UnknownKind);
    };
    if !grounds.home.contains(&region) {
        return Err(Reason::Foreign);
    }
    match line {
        Some(NumberType::Mobile | NumberType::FixedLineOrMobile) => {
            if clocks.is_ever_day(region) {
                Ok(region)
            } else {
                Err(Reason::NoHour)
            }
        }
        Some(NumberType::FixedLine) => Err(Reason::Landline),
        Some(NumberType::Voip) => Err(Reason::Voip),
        Some(NumberType::PremiumRate) => Err(Reason::PremiumRate),
        Some(NumberType::SharedCost) => Err(Reason::SharedCost),
        Some(NumberType::TollFree) => Err(Reason::TollFree),
        Some(NumberType::Personal) => Err(Reason::Personal),
        Some(NumberType::Pager) => Err(Reason::Pager),
        Some(NumberType::Uan) => Err(Reason::Uan),
        Some(NumberType::Voicemail) => Err(Reason::Voicemail),
        None => Err(Reason::UnknownKind),
    }
}
