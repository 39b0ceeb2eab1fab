//! The kinds of dirt, so that each is named, counted and shown with places.

use crate::record::Exhibit;

macro_rules! kinds {
    ($($kind:ident $name:literal $describes:literal)*) => {
        /// A kind of dirt.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Dirt { $($kind),* }

        impl Dirt {
            pub(crate) const ALL: &'static [(Self, &'static str, &'static str)] =
                &[$((Self::$kind, $name, $describes)),*];
        }
    };
}

kinds! {
    Prefix00 "prefix-00" "number written with 00 for the international prefix"
    Prefix011 "prefix-011" "number written with 011, the prefix that dials out of North America"
    Prefix1141 "prefix-1141" "number behind the switch's technical prefix 1141"
    PrefixClir31 "prefix-clir-31" "number behind #31#, which hides the caller's own"
    PrefixStar67 "prefix-star-67" "number behind *67, which hides the caller's own"
    Spaces "spaces" "number written in groups with spaces"
    Dots "dots" "number written in groups with dots"
    Brackets "brackets" "number written with brackets, such as (0)"
    NationalForm "national-form" "home number without a country code"
    BareInternational "bare-international" "number with its country code and without any prefix"
    Withheld "withheld" "presented number withheld: `anonymous`, `Restricted` or empty"
    Alphanumeric "alphanumeric" "presented number that is letters"
    PresentedNull "presented-null" "presented number is NULL"
    ImpossibleCalled "impossible-called" "called number that cannot exist"
    CalledNull "called-null" "called number is NULL or empty"
    ZeroDate "zero-date" "start of a call is 0000-00-00 00:00:00"
    DstGap "dst-gap" "local start that clocks skipped on 2022-03-27"
    DstOverlap "dst-overlap" "local start that clocks showed twice on 2021-10-31"
    ClockSkew "clock-skew" "row of the switch, whose clock ran 37 s ahead, give or take 1 s"
    DuplicateKey "duplicate-key" "row whose key a later row of the same exhibit repeats"
    DuplicateAcrossExhibits "duplicate-across-exhibits" "row of the backup that the main dump holds too"
    ChangedAcrossExhibits "changed-across-exhibits" "account that differs between the two dumps"
    OnlyInBackup "only-in-backup" "row of the backup that the main dump has lost"
    OnlyInSwitch "only-in-switch" "call that was deleted from the panel and is left in the switch"
    NegativeDuration "negative-duration" "duration below zero"
    StatusNull "status-null" "disposition is NULL"
    BilledRounded "billed-rounded" "duration known only as rounded up to minutes for billing"
    UnknownLeg "unknown-leg" "target leg whose kind the panel did not record"
    Latin1 "latin1" "text in latin1 inside a dump that says utf8mb4"
    Blob "blob" "binary column with quotes, backslashes, newlines or zero bytes"
    ZeroDatePayment "zero-date-payment" "payment without a date"
    TxidNull "txid-null" "payment without a transaction id"
    PhoneNull "phone-null" "account without a telephone number"
    PhoneImpossible "phone-impossible" "account with a telephone number that cannot exist"
    TwinLogins "twin-logins" "two logins that agree in every column: two events"
    TruncatedRow "truncated-row" "last row of the main dump, cut off"
    TornRecord "torn-record" "record of Master.csv with columns missing"
    AmendedReport "amended-report" "report that a later row with the same reference replaces"
    MissingLoss "missing-loss" "report without an amount, or with words in its place"
    QuotedText "quoted-text" "report whose text holds commas, quotes or line breaks"
}

const EXAMPLES: usize = 5;

/// A row's place: exhibit, offset, length.
pub(crate) type Place = (Exhibit, u64, u32);

/// Counts of each kind, and the first places of each.
pub(crate) struct DirtTally {
    counts: Vec<u64>,
    examples: Vec<Vec<Place>>,
}

impl DirtTally {
    pub(crate) fn new() -> Self {
        Self {
            counts: vec![0; Dirt::ALL.len()],
            examples: vec![Vec::new(); Dirt::ALL.len()],
        }
    }

    pub(crate) fn add(&mut self, kind: Dirt, place: Place) {
        let index = kind as usize;
        self.counts[index] += 1;
        if self.examples[index].len() < EXAMPLES {
            self.examples[index].push(place);
        }
    }

    /// Takes in a later chunk's tally, whose places count from `bases` of their exhibits.
    pub(crate) fn absorb(&mut self, later: &Self, bases: &[u64; Exhibit::COUNT]) {
        for index in 0..self.counts.len() {
            self.counts[index] += later.counts[index];
            let room = EXAMPLES - self.examples[index].len();
            self.examples[index].extend(
                later.examples[index]
                    .iter()
                    .take(room)
                    .map(|&(exhibit, offset, len)| {
                        (exhibit, offset + bases[exhibit as usize], len)
                    }),
            );
        }
    }

    pub(crate) fn count(&self, kind: Dirt) -> u64 {
        self.counts[kind as usize]
    }

    pub(crate) fn examples(&self, kind: Dirt) -> &[Place] {
        &self.examples[kind as usize]
    }
}
