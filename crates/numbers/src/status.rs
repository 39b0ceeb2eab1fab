/// What a raw value turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// Nothing was recorded.
    Missing,
    /// The caller's number was held back: `anonymous`, `restricted` and the like.
    Withheld,
    /// A name where a number is expected, such as a texting sender ID.
    Alphanumeric,
    /// Three to six digits: a short code or service number.
    ShortCode,
    /// One or two digits: an extension of a switch.
    Extension,
    /// Digits that are one number in one region and another in the next, with nothing to say which
    /// of the source's regions is meant: it stays unread, and [`Reader::readings`] gives them all.
    ///
    /// [`Reader::readings`]: crate::Reader::readings
    Ambiguous,
    /// Digits that no numbering plan has room for.
    Impossible,
    /// A number of a length that its country has, of no range that the metadata lists.
    Possible,
    /// A number of a range that the metadata lists.
    Valid,
}

impl Status {
    /// All statuses.
    pub const ALL: [Self; 9] = [
        Self::Missing,
        Self::Withheld,
        Self::Alphanumeric,
        Self::ShortCode,
        Self::Extension,
        Self::Ambiguous,
        Self::Impossible,
        Self::Possible,
        Self::Valid,
    ];

    /// Returns the word that stands in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Withheld => "withheld",
            Self::Alphanumeric => "alphanumeric",
            Self::ShortCode => "short-code",
            Self::Extension => "extension",
            Self::Ambiguous => "ambiguous",
            Self::Impossible => "impossible",
            Self::Possible => "possible",
            Self::Valid => "valid",
        }
    }
}

/// The kind of line a valid number belongs to (libphonenumber's `PhoneNumberType`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NumberType {
    /// A line in one place.
    FixedLine,
    /// A mobile.
    Mobile,
    /// One of the two; the plan does not tell them apart, as in the US.
    FixedLineOrMobile,
    /// Free to the caller.
    TollFree,
    /// Dearer than an ordinary call.
    PremiumRate,
    /// Cost shared between both ends.
    SharedCost,
    /// A line on the internet.
    Voip,
    /// A number that follows a person.
    Personal,
    /// A pager.
    Pager,
    /// A number for companies' branches (universal access number).
    Uan,
    /// Access to voicemail.
    Voicemail,
}

impl NumberType {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::FixedLine,
        Self::Mobile,
        Self::FixedLineOrMobile,
        Self::TollFree,
        Self::PremiumRate,
        Self::SharedCost,
        Self::Voip,
        Self::Personal,
        Self::Pager,
        Self::Uan,
        Self::Voicemail,
    ];

    /// Returns the word that stands in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FixedLine => "fixed-line",
            Self::Mobile => "mobile",
            Self::FixedLineOrMobile => "fixed-line-or-mobile",
            Self::TollFree => "toll-free",
            Self::PremiumRate => "premium-rate",
            Self::SharedCost => "shared-cost",
            Self::Voip => "voip",
            Self::Personal => "personal",
            Self::Pager => "pager",
            Self::Uan => "uan",
            Self::Voicemail => "voicemail",
        }
    }
}
