/// Who publishes lists of number blocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Regulator {
    /// The United Kingdom's regulator: all its numbers, in files S1 to S9.
    Ofcom,
    /// The North American plan's administrator: its area codes.
    Nanpa,
    /// Canada's administrator: the central office codes of its area codes.
    Cna,
}

impl Regulator {
    /// Returns the word that stands in tables and commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ofcom => "ofcom",
            Self::Nanpa => "nanpa",
            Self::Cna => "cna",
        }
    }

    /// How many leading digits of a number tell which part of a regulator's lists it belongs to.
    ///
    /// Ofcom publishes a file for each digit after the country code (S1 has two), and CNA one for
    /// all area codes or any of them. A younger file replaces an older one for its part only.
    pub(super) const fn part_digits(self) -> u32 {
        match self {
            Self::Ofcom => 3,
            Self::Nanpa => 1,
            Self::Cna => 4,
        }
    }
}

/// What a block is, in words that all regulators share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BlockStatus {
    /// A company has it.
    Allocated,
    /// An area code that is assigned; nothing is said of the blocks in it.
    AreaCode,
    /// Kept for services or for tests of the network: no company's, though its numbers may work.
    SpecialUse,
    /// Kept for somebody or something, and nobody's yet.
    Reserved,
    /// Given back, and resting before it is given out again.
    Quarantined,
    /// Meant for a service, and not given out.
    Designated,
    /// Not to be given out.
    Protected,
    /// To be had.
    Free,
}

impl BlockStatus {
    /// Returns the word that stands in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allocated => "allocated",
            Self::AreaCode => "area-code",
            Self::SpecialUse => "special-use",
            Self::Reserved => "reserved",
            Self::Quarantined => "quarantined",
            Self::Designated => "designated",
            Self::Protected => "protected",
            Self::Free => "free",
        }
    }

    /// Tells whether nobody has numbers of the block.
    #[must_use]
    pub const fn is_unallocated(self) -> bool {
        match self {
            Self::Allocated | Self::AreaCode | Self::SpecialUse => false,
            Self::Reserved
            | Self::Quarantined
            | Self::Designated
            | Self::Protected
            | Self::Free => true,
        }
    }
}
