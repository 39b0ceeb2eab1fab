use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

/// Evidence in bits: the base-2 logarithm of how much likelier an agreement is for a true pair than
/// by chance (Fellegi and Sunter 1969).
///
/// Kept in whole thousandths, so that sums do not depend on their order and tables are the same on
/// every machine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Bits(i32);

/// Beyond this much no further evidence changes a decision.
const MOST: f64 = 1_000.0;
/// What the likeliest of several explanations has, in the units of [`Bits::odds_beside`].
const ODDS_OF_BEST: f64 = (1_u64 << 60) as f64;

impl Bits {
    /// No evidence either way.
    pub const ZERO: Self = Self(0);

    /// Weighs an agreement that true pairs show with probability `m` and chance pairs with `u`.
    /// Neither is taken for nought: what was never seen is rare, not impossible.
    pub(crate) fn of(m: f64, u: f64) -> Self {
        Self::from_log2((m.max(1e-12) / u.max(1e-12)).log2())
    }

    pub(crate) fn from_log2(bits: f64) -> Self {
        Self((bits.clamp(-MOST, MOST) * 1_000.0).round() as i32)
    }

    /// Returns thousandths of a bit.
    #[must_use]
    pub const fn thousandths(self) -> i32 {
        self.0
    }

    /// Returns the bits as a number to compute with.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1_000.0
    }

    /// Returns the odds that the bits stand for, the likeliest explanation's being 2⁶⁰: a whole
    /// number, so that sums are exact in any order, and 2³² of them do not overflow.
    pub(crate) fn odds_beside(self, best: Self) -> u128 {
        let less = (self.as_f64() - best.as_f64()).min(0.0);
        (less.exp2() * ODDS_OF_BEST) as u128
    }
}

impl Add for Bits {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Bits {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Bits {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+.1}", self.as_f64())
    }
}
