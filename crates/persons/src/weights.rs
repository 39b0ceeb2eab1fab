//! What each piece of evidence is worth, in bits.
//!
//! A bit doubles the odds that two accounts are one person's (Fellegi & Sunter 1969: the base-two
//! logarithm of how much likelier the observation is for one person than for two). Without enough
//! data to learn from, the weights of [`Weights::assumed`] hold; [`crate::learn`] replaces them by
//! what the case itself shows, and falls back on them where it shows little.

use crate::compare::{Code, Overlap, Said, chances};
use crate::evidence::Kind;
use crate::join::Chances;

/// Classes of how many persons share a value: to 2, to 4, to 8, …
pub(crate) const BINS: usize = 28;
/// Values of more persons than 2⁵ are nobody's own.
const OWN_BINS: usize = 5;
/// A household has at most 2² persons.
const HOUSEHOLD_BINS: u8 = 2;
pub(crate) const CHANCES: usize = 4;

/// Returns the class of a number of persons that share a value.
pub(crate) fn bin(persons: u32) -> u8 {
    // Both accounts being of different persons, two at least share it.
    let bits = u32::BITS - (persons.max(2) - 1).leading_zeros();
    u8::try_from(bits - 1)
        .unwrap_or(u8::MAX)
        .min(BINS as u8 - 1)
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
    /// The log-odds that two accounts as close as those of a household are one person's.
    pub household_bits: f64,
    /// What a shared device then says: how much rarer it is between two of a household.
    pub household_device_bits: f64,
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
            household_bits: 6.0,
            household_device_bits: 2.0,
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
    pub(crate) fn odds(&self, kinds: &[Kind], bins: &[u8], codes: &[Code]) -> Odds {
        let mut odds = self.no_odds();
        for (said, bits) in self.each(kinds, bins, codes) {
            odds.add(&self.tells(kinds, bins, said, bits));
        }
        odds
    }

    /// Returns the odds before anything is compared.
    pub(crate) fn no_odds(&self) -> Odds {
        Odds {
            strangers_bits: self.prior_bits,
            household_bits: self.household_bits,
            line: false,
        }
    }

    /// Returns what one piece of evidence tells apart: one person from two strangers, and from
    /// two of a household, who share a line and may share a device.
    pub(crate) fn tells(&self, kinds: &[Kind], bins: &[u8], said: Said, bits: f64) -> Odds {
        let (kind, shared, few) = match said {
            Said::Shared { value, .. } => {
                let few = bins[value as usize] < HOUSEHOLD_BINS;
                (kinds[value as usize], true, few)
            }
            Said::Both { kind, .. } => (kind, false, false),
        };
        let household_bits = if kind == Kind::Ip {
            0.0
        } else if kind == Kind::Device && shared {
            bits.min(self.household_device_bits)
        } else {
            bits
        };
        Odds {
            strangers_bits: bits,
            household_bits,
            line: few && kind == Kind::Ip,
        }
    }
}

/// Log-odds, in bits, of one person against two.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Odds {
    /// Against two strangers.
    pub(crate) strangers_bits: f64,
    /// Against two of a household.
    pub(crate) household_bits: f64,
    /// A line of no more persons than a household has is shared.
    pub(crate) line: bool,
}

impl Odds {
    pub(crate) fn add(&mut self, more: &Self) {
        self.strangers_bits += more.strangers_bits;
        self.household_bits += more.household_bits;
        self.line |= more.line;
    }

    /// Returns the odds as they were without some of the evidence.
    pub(crate) fn without(&self, less: &Self) -> Self {
        Self {
            strangers_bits: self.strangers_bits - less.strangers_bits,
            household_bits: self.household_bits - less.household_bits,
            line: self.line,
        }
    }

    /// Whether the log-odds come to so many bits: what the weaker of both says is enough for most.
    pub(crate) fn is_at_least(&self, bits: f64) -> bool {
        self.strangers_bits >= bits && self.household_bits >= bits && self.bits() >= bits
    }

    /// Returns the log-odds against two persons of either sort.
    pub(crate) fn bits(&self) -> f64 {
        let (less, more) = if self.strangers_bits <= self.household_bits {
            (self.strangers_bits, self.household_bits)
        } else {
            (self.household_bits, self.strangers_bits)
        };
        less - (1.0 + (less - more).exp2()).log2()
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
    /// Returns what an account could have shared, by kind, in bits against if it does not.
    pub(crate) fn chances(&self, own: &[u8; Kind::COUNT]) -> Chances {
        let mut bits = [0.0; Kind::COUNT];
        for (kind, bits) in bits.iter_mut().enumerate() {
            if let Some(chances) = chances(own[kind]) {
                *bits = -self.absent[kind][chances as usize % CHANCES];
            }
        }
        bits
    }

    /// Returns which kinds a pair shares a value of, as bits.
    pub(crate) fn shares(&self, kinds: &[Kind], bins: &[u8], codes: &[Code]) -> u16 {
        let shared = self
            .each(kinds, bins, codes)
            .filter_map(|(said, _)| match said {
                Said::Shared { value, .. } => {
                    (!is_wide(bins[value as usize])).then_some(kinds[value as usize])
                }
                Said::Both { kind, alike, .. } => alike.then_some(kind),
            });
        shared.fold(0, |bits, kind| bits | 1 << kind.at())
    }

    /// Returns what a shared value is worth where times say nothing.
    pub(crate) fn shared_bits(&self, kind: Kind, bin: u8) -> f64 {
        self.shared[kind.at()][bin as usize]
    }
}
