use std::fmt;

use unspoof_numbers::PhoneNumber;

use crate::slips::Slip;
use crate::told::GivenIn;
use crate::{Bits, OrganisationNo, Talk};

/// How sure a match is. `confirmed` and `identified` are things only people do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tier {
    /// The victim's own number as given was called inside a window as stated, nothing speaks
    /// against it, and nothing else explains the report about as well.
    Exact,
    /// The own number was called near the window, or a number one slip away was with further
    /// support; and nothing else explains the report about as well.
    Probable,
    /// It may be this call. Listed for a person, and never counted as matched.
    Possible,
}

impl Tier {
    /// All tiers, the surest first.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Probable, Self::Possible];

    /// Returns the word that stands in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Probable => "probable",
            Self::Possible => "possible",
        }
    }

    /// Says whether a report with such a match counts as matched.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Exact | Self::Probable)
    }
}

/// One thing that speaks for or against a call being the one reported.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fact {
    /// Before anything is compared: one call among all, and a report that may be of none.
    OneOfAllCalls,
    /// People decided that the report tells of a call to this number.
    Judged {
        /// The number.
        number: PhoneNumber,
    },
    /// The victim's own number was called.
    OwnNumberEqual {
        /// The number.
        number: PhoneNumber,
        /// Where the report gives it.
        given_in: GivenIn,
        /// How many numbers what was written may be.
        readings: usize,
    },
    /// A number was called from which the victim's own, as written, differs by one slip.
    OwnNumberSlip {
        /// The number that was called.
        called: PhoneNumber,
        /// How the written one differs.
        slip: Slip,
    },
    /// The victim gives a number, and another one was called.
    OwnNumberOther,
    /// The call lies inside a window that the report states.
    InsideWindow {
        /// Which window, from 0.
        window: usize,
        /// How many readings the date has.
        readings: usize,
    },
    /// The call lies outside all windows.
    OutsideWindow {
        /// The nearest window, from 0.
        window: usize,
        /// Begun hours from it to the call.
        hours: u32,
        /// The call came before the window.
        before: bool,
    },
    /// The report states no date; the call came so many hours before it was made.
    BeforeReport {
        /// Begun hours.
        hours: u32,
    },
    /// The call showed the number that the report gives.
    PresentedNumberEqual {
        /// The number that was shown.
        number: PhoneNumber,
    },
    /// The call showed another number than the report gives.
    PresentedNumberOther,
    /// The call showed a number of an organisation that the report names.
    OrganisationEqual {
        /// The organisation.
        organisation: OrganisationNo,
    },
    /// The call showed no known organisation's number, and the report names one.
    OrganisationUnknown,
    /// The call showed a number of another organisation than the report names.
    OrganisationOther,
    /// The call showed a number of the victim's bank.
    BankEqual {
        /// The bank.
        bank: OrganisationNo,
    },
    /// The call showed another organisation's number than the victim's bank.
    BankOther,
    /// How long they talked.
    TalkTime {
        /// What the record says.
        talk: Talk,
        /// Long enough to support a match.
        long: bool,
    },
    /// Another report, of another loss, has the number that this one is a slip away from, or is the
    /// better match: added once all reports are known, without weight, and the tier is possible.
    BetterReport,
}

impl Fact {
    /// Says whether the fact supports a match beyond number and time.
    pub(crate) const fn supports(&self) -> bool {
        matches!(
            self,
            Self::PresentedNumberEqual { .. }
                | Self::OrganisationEqual { .. }
                | Self::BankEqual { .. }
                | Self::TalkTime { long: true, .. }
        )
    }

    /// Says whether the fact speaks against a match outright.
    pub(crate) const fn contradicts(&self) -> bool {
        matches!(
            self,
            Self::PresentedNumberOther
                | Self::OrganisationOther
                | Self::OwnNumberOther
                | Self::TalkTime {
                    talk: Talk::Unanswered,
                    ..
                }
        )
    }
}

/// A fact with its weight.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Reason {
    /// The fact.
    pub fact: Fact,
    /// What it adds: `log2(m · calls / agreeing)`.
    pub bits: Bits,
    /// How many of all calls agree with the report in this by chance.
    pub agreeing_calls: u64,
}

impl fmt::Display for Reason {
    /// Numbers are redacted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fact {
            Fact::OneOfAllCalls => write!(f, "one of {} calls", self.agreeing_calls)?,
            Fact::Judged { number } => write!(f, "judged to tell of a call to {number:?}")?,
            Fact::OwnNumberEqual {
                number,
                given_in,
                readings,
            } => {
                let place = match given_in {
                    GivenIn::Field => "own number",
                    GivenIn::Narrative => "number in the narrative",
                };
                write!(f, "{place} {number:?} called")?;
                if readings > 1 {
                    write!(f, " (one of {readings} readings)")?;
                }
            }
            Fact::OwnNumberSlip { called, slip } => {
                let how = match slip {
                    Slip::DigitsSwapped => "two digits swapped",
                    Slip::OneDigitDiffers => "one digit differs",
                    Slip::DigitTooMany => "one digit too many",
                    Slip::DigitMissing => "one digit missing",
                };
                write!(f, "own number close to {called:?}: {how}")?;
            }
            Fact::OwnNumberOther => f.write_str("another number than the victim's was called")?,
            Fact::InsideWindow { readings, .. } => {
                f.write_str("inside the window")?;
                if readings > 1 {
                    write!(f, " (one of {readings} readings of the date)")?;
                }
            }
            Fact::OutsideWindow { hours, before, .. } => {
                let side = if before { "before" } else { "after" };
                write!(f, "{hours} h {side} the window")?;
            }
            Fact::BeforeReport { hours } => write!(f, "{hours} h before the report, undated")?,
            Fact::PresentedNumberEqual { number } => write!(f, "presented {number:?}")?,
            Fact::PresentedNumberOther => f.write_str("presented another number")?,
            Fact::OrganisationEqual { .. } => f.write_str("organisation named")?,
            Fact::OrganisationUnknown => f.write_str("no known organisation's number shown")?,
            Fact::OrganisationOther => f.write_str("another organisation's number shown")?,
            Fact::BankEqual { .. } => f.write_str("the victim's bank shown")?,
            Fact::BetterReport => f.write_str("another report matches the call better")?,
            Fact::BankOther => f.write_str("another than the victim's bank shown")?,
            Fact::TalkTime { talk, .. } => match talk {
                Talk::Seconds(talk_s) => write!(f, "talked for {talk_s} s")?,
                Talk::Unanswered => f.write_str("not answered")?,
                Talk::Answered | Talk::Unknown => f.write_str("talk time unknown")?,
            },
        }
        write!(f, ": {} bits", self.bits)
    }
}
