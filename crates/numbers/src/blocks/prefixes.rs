//! Digits to the longest listed prefix, in one array.

/// A slot that leads to other slots.
const NODE: u32 = 1 << 31;
/// Digits that each level of the table looks at, from the first on. Most blocks of the North
/// American plan end with the third level, and of the British with the fourth: there and below,
/// slots for one digit keep the table small enough for the processor's own memory.
const LEVEL_DIGITS: [u32; 11] = [3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1];
/// Numbers are aligned to the left in so many digits; no key has more.
const ALIGNED_DIGITS: u32 = 18;
/// No number has more digits (ITU-T E.164), so no prefix has.
pub(super) const MAX_PREFIX_DIGITS: u32 = 15;

const POWERS: [u64; ALIGNED_DIGITS as usize + 1] = {
    let mut powers = [1; ALIGNED_DIGITS as usize + 1];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// What a prefix leads to, by the digits of a number, a few at a time.
///
/// A slot holds 0 for nothing, the value, or where the slots for the next digits are. A prefix that ends
/// between two levels fills all slots that it covers, so that looking up never goes back.
#[derive(Debug)]
pub(super) struct Prefixes {
    slots: Vec<u32>,
}

/// Moves digits to the left of an 18-digit field.
pub(super) fn aligned(digits: u64, count: u32) -> u64 {
    digits * POWERS[(ALIGNED_DIGITS - count) as usize]
}

/// Counts the digits of a number.
#[inline]
pub(super) fn count_digits(digits: u64) -> u32 {
    digits.checked_ilog10().map_or(0, |log| log + 1)
}

impl Prefixes {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![0; POWERS[LEVEL_DIGITS[0] as usize] as usize],
        }
    }

    /// Lets all numbers that start with a prefix lead to a value, whatever they led to before: so
    /// the shorter prefixes come first. The value is above 0 and below 2³¹.
    pub(super) fn set(&mut self, prefix: u64, count: u32, value: u32) {
        let aligned = aligned(prefix, count);
        let mut base = 0;
        let mut end = 0;
        for (level, digits) in LEVEL_DIGITS.into_iter().enumerate() {
            end += digits;
            let left = aligned / POWERS[(ALIGNED_DIGITS - end) as usize];
            let at = base + (left % POWERS[digits as usize]) as usize;
            if count <= end {
                let covered = POWERS[(end - count) as usize] as usize;
                self.slots[at..at + covered].fill(value);
                return;
            }
            let slot = self.slots[at];
            base = (slot & !NODE) as usize;
            if slot & NODE == 0 {
                base = self.slots.len();
                let next = LEVEL_DIGITS.get(level + 1).copied().unwrap_or_default();
                self.slots
                    .resize(base + POWERS[next as usize] as usize, slot);
                self.slots[at] = NODE | base as u32;
            }
        }
    }

    /// Finds the value of the longest prefix of a number, as if zeros followed it; 0 for none.
    #[inline]
    pub(super) fn get(&self, digits: u64, count: u32) -> u32 {
        let aligned = aligned(digits, count);
        let mut slot = self.slots[(aligned / POWERS[15]) as usize];
        // Powers that are known here make the divisions cheap.
        macro_rules! descend {
            ($($power:literal of $slots:literal,)*) => {$(
                if slot & NODE == 0 {
                    return slot;
                }
                let digits = (aligned / POWERS[$power] % $slots) as usize;
                slot = self.slots[(slot & !NODE) as usize + digits];
            )*};
        }
        descend!(
            13 of 100, 11 of 100, 10 of 10, 9 of 10, 8 of 10,
            7 of 10, 6 of 10, 5 of 10, 4 of 10, 3 of 10,
        );
        slot
    }

    /// Bytes that the table takes.
    pub(super) fn bytes(&self) -> usize {
        self.slots.len() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_of_every_length_is_found() {
        let digits = 447_700_900_123_456;
        let mut prefixes = Prefixes::new();
        for count in 1..=MAX_PREFIX_DIGITS {
            prefixes.set(digits / POWERS[(15 - count) as usize], count, count);
        }
        assert_eq!(prefixes.get(digits, 15), 15);
        for count in 1..MAX_PREFIX_DIGITS {
            // The digit after the prefix is another one.
            let place = POWERS[(15 - count - 1) as usize];
            let digit = digits / place % 10;
            let other = digits - digit * place + (digit + 1) % 10 * place;
            assert_eq!(prefixes.get(other, 15), count);
        }
        assert_eq!(prefixes.get(557_700_900_123, 12), 0);
        assert_eq!(prefixes.get(4, 1), 1);
    }

    #[test]
    fn digits_are_counted() {
        for (digits, count) in [(0, 0), (9, 1), (10, 2), (447_700_900_123, 12)] {
            assert_eq!(count_digits(digits), count);
        }
    }
}
