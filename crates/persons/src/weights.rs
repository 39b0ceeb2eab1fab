//! What each piece of evidence is worth, in bits.
//!
//! A bit doubles the odds that two accounts are one person's (Fellegi & Sunter 1969: the base-two
//! logarithm of how much likelier the observation is for one person than for two). Without enough
//! data to learn from, the weights of [`Weights::assumed`] hold; [`crate::learn`] replaces them by
//! what the case itself shows, and falls back on them where it shows little.

use crate::compare::{Code, Overlap, Said};
use crate::evidence::Kind;

/// Classes of how many persons share a value: to 2, to 4, to 8, …
pub(crate) const BINS: usize = 28;
/// Values of more persons than 2⁵ are nobody's own.
const OWN_BINS: usize = 5;
pub(crate) const CHANCES: usize = 4;

/// Returns the class of a number of persons that share a value.
pub(crate) fn bin(persons: u32) -> u8 {
    // Both accounts being of different persons, two at least share it.
    let bits = u32::BITS - (persons.max(2) - 1).leading_zeros();
    u8::try_from(bits - 1).unwrap_or(u8::MAX).min(BINS as u8 - 1)
}

/// Returns a number of persons in the middle of a class.
fn persons_in(bin: usize) -> f64 {
    if bin == 0 {
        1.0
    } else {
        0.75 * 2_f64.powi(i32::try_from(bin).unwrap_or(i32::MAX) + 1)
    }
}

/// Returns the assumed odds that two accounts that share one value of a kind, and nothing else,
/// are one person's, if the value is of two persons at most.
fn assumed_odds(kind: Kind) -> f64 {
    match kind {
        Kind::Phone | Kind::PayoutAddress => 4.0,
        Kind::Handle => 2.0,
        Kind::Device | Kind::PaymentSource | Kind::Username | Kind::Email => 1.0,
        Kind::Ip => 0.5,
        Kind::Other => 0.2,
        Kind::Name => 0.1,
        Kind::ReferralCode => 0.05,
    }
}

/// Returns what one person's accounts are assumed to do that could have shared a value of their
/// own and do not: the share of them, by chances.
pub(crate) fn assumed_absent(kind: Kind) -> [f64; CHANCES] {
    match kind {
        Kind::Ip | Kind::Device => [0.6, 0.4, 0.3, 0.2],
        Kind::PaymentSource | Kind::PayoutAddress => [0.7, 0.5, 0.4, 0.3],
        Kind::Name => [0.5; CHANCES],
        Kind::Phone => [0.3; CHANCES],
        Kind::Email | Kind::Handle => [0.8; CHANCES],
        Kind::Username | Kind::Other | Kind::ReferralCode => [0.95; CHANCES],
    }
}

/// Assumed bits of the times' overlap, and how often each class is seen among strangers.
pub(crate) fn assumed_overlap(overlap: Overlap) -> (f64, f64) {
    match overlap {
        Overlap::SameHour => (1.5, 0.05),
        Overlap::SameDay => (1.0, 0.10),
        Overlap::Spans => (0.0, 0.45),
        Overlap::Apart => (-0.7, 0.40),
        Overlap::Unknown => (0.0, 1.0),
        Overlap::SameDomain => (0.4, 0.33),
        Overlap::OtherDomain => (-0.3, 0.67),
    }
}

/// How often two strangers' contact details are assumed to differ by a slip only.
pub(crate) const ASSUMED_ALIKE_STRANGERS: f64 = 0.001;
/// How often two accounts of one person have details that differ by a slip only.
pub(crate) const ASSUMED_ALIKE_SAME: f64 = 0.03;

/// The weights of a run, in bits.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Before anything is compared: the log-odds that any two accounts are one person's.
    pub prior_bits: f64,
    /// Whether they were learned from the case.
    pub learned: bool,
    pub(crate) shared: [[f64; BINS]; Kind::COUNT],
    pub(crate) overlap: [[[f64; Overlap::COUNT]; 2]; Kind::COUNT],
    pub(crate) absent: [[f64; CHANCES]; Kind::COUNT],
    pub(crate) alike: [f64; Kind::COUNT],
}

impl Weights {
    /// Returns what is assumed before the case has shown anything.
    ///
    /// Whoever shares nothing but one value with one other is as likely that other as not (an
    /// address less, a telephone number more); of two such values the second then counts in full.
    /// The prior is that of a person in `accounts` + 1,000: in a small case, too, a value is rare
    /// in the world, not in the case.
    #[must_use]
    pub fn assumed(accounts: u64) -> Self {
        let prior_bits = -(accounts as f64 + 1000.0).log2();
        let mut weights = Self {
            prior_bits,
            learned: false,
            shared: [[0.0; BINS]; Kind::COUNT],
            overlap: [[[0.0; Overlap::COUNT]; 2]; Kind::COUNT],
            absent: [[0.0; CHANCES]; Kind::COUNT],
            alike: [0.0; Kind::COUNT],
        };
        for kind in Kind::ALL {
            for (bin, bits) in weights.shared[kind.at()].iter_mut().enumerate() {
                *bits = (assumed_share_odds(kind, bin).log2() - prior_bits).max(0.0);
            }
            for table in &mut weights.overlap[kind.at()] {
                for overlap in Overlap::ALL {
                    table[overlap as usize] = assumed_overlap(overlap).0;
                }
            }
            weights.absent[kind.at()] = assumed_absent(kind).map(f64::log2);
            weights.alike[kind.at()] = (ASSUMED_ALIKE_SAME / ASSUMED_ALIKE_STRANGERS).log2();
        }
        weights
    }

    /// Returns the bits of each piece of evidence of a pair, by its codes. `bins` are the classes
    /// of how many persons share each value.
    pub(crate) fn each<'a>(
        &'a self,
        kinds: &'a [Kind],
        bins: &'a [u8],
        codes: &'a [Code],
    ) -> impl Iterator<Item = (Said, f64)> + 'a {
        let mut own_shared = [false; Kind::COUNT];
        codes.iter().map(move |code| {
            let said = code.said();
            let bits = match said {
                Said::Shared { value, overlap } => {
                    let (kind, bin) = (kinds[value as usize], bins[value as usize] as usize);
                    own_shared[kind.at()] |= bin < OWN_BINS;
                    let time = self.overlap[kind.at()][usize::from(bin >= OWN_BINS)];
                    (self.shared[kind.at()][bin] + time[overlap as usize]).max(0.0)
                }
                Said::Both { kind, alike, .. } if alike => self.alike[kind.at()],
                Said::Both {
                    kind,
                    chances,
                    shared,
                    ..
                } => {
                    if shared || own_shared[kind.at()] {
                        0.0
                    } else {
                        self.absent[kind.at()][chances as usize % CHANCES]
                    }
                }
            };
            (said, bits)
        })
    }

    /// Returns the log-odds, in bits, that a pair is one person's.
    pub(crate) fn odds_bits(&self, kinds: &[Kind], bins: &[u8], codes: &[Code]) -> f64 {
        self.each(kinds, bins, codes)
            .fold(self.prior_bits, |sum, (_, bits)| sum + bits)
    }
}

/// Returns the assumed odds of a pair that shares one value of a kind and a class and nothing else.
pub(crate) fn assumed_share_odds(kind: Kind, bin: usize) -> f64 {
    assumed_odds(kind) / persons_in(bin)
}

/// Whether a class of persons is that of values that are nobody's own.
pub(crate) fn is_wide(bin: u8) -> bool {
    bin as usize >= OWN_BINS
}

impl Weights {
    /// Returns what a shared value is worth where times say nothing.
    pub(crate) fn shared_bits(&self, kind: Kind, bin: u8) -> f64 {
        self.shared[kind.at()][bin as usize]
    }
}
