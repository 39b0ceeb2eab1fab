//! Numbers for fiction. Outside of made-up cases none is ever texted; within, they stand for what they
//! look like, though no numbering plan lists them.

use unspoof_model::Region;
use unspoof_numbers::blocks::{BlockAnswer, Blocks};
use unspoof_numbers::{NumberType, PhoneNumber};

/// Knows the regulators' ranges for fiction, on any day and whatever lists a case has.
pub(crate) struct Fiction(Blocks);

impl Fiction {
    pub(crate) fn new() -> Self {
        Self(Blocks::new([]))
    }

    pub(crate) fn holds(&self, number: PhoneNumber) -> bool {
        matches!(self.0.lookup(number, 0), Some(BlockAnswer::Drama(_)))
    }

    /// Returns the region and kind of line that a number for fiction looks like.
    pub(crate) fn looks_like(&self, number: PhoneNumber) -> Option<(Region, NumberType)> {
        let found = match number.key() {
            _ if !self.holds(number) => return None,
            10_000_000_000..=19_999_999_999 => ("US", NumberType::FixedLineOrMobile),
            447_000_000_000..=447_999_999_999 => ("GB", NumberType::Mobile),
            _ => ("GB", NumberType::FixedLine),
        };
        Some((found.0.parse().ok()?, found.1))
    }
}
