//! How fast texts leave: a token bucket below the agreed rate, slower after trouble.

/// How much longer than the first a doubled wait may become.
pub(super) const MOST_DOUBLED: u64 = 30;

/// How fast texts may leave.
#[derive(Default)]
pub(super) struct Pace {
    /// Thousandths of a text that may leave at once.
    pub(super) tokens: u64,
    pub(super) counted_ms: u64,
    /// Texts a minute, by what the service let through.
    pub(super) per_minute: u64,
    /// Nothing leaves before.
    pub(super) not_before_ms: u64,
    /// The last back-off; 0 after a text was taken.
    pub(super) back_off_ms: u64,
}

impl Pace {
    /// Says whether one more may leave now, and counts it.
    pub(super) fn takes_one(&mut self, now_ms: u64) -> bool {
        if now_ms < self.not_before_ms {
            return false;
        }
        // A thousandth of a text for each 60 ms at one text a minute.
        let gained = now_ms.saturating_sub(self.counted_ms) * self.per_minute / 60;
        if gained > 0 {
            // What may leave at once is a fifth of a second's worth, and one at least.
            self.tokens = (self.tokens + gained).min((self.per_minute * 1_000 / 300).max(1_000));
            self.counted_ms = now_ms;
        }
        let takes = self.tokens >= 1_000;
        if takes {
            self.tokens -= 1_000;
        }
        takes
    }

    pub(super) fn went_well(&mut self, most: u32) {
        self.back_off_ms = 0;
        let most = u64::from(most);
        self.per_minute = (self.per_minute + most.div_ceil(100)).min(most);
    }

    /// Lets nothing leave for a while: twice as long as the last time, at half the pace afterwards.
    pub(super) fn back_off(&mut self, first_ms: u64, now_ms: u64) {
        self.back_off_ms = (self.back_off_ms * 2).clamp(first_ms, first_ms * MOST_DOUBLED);
        self.not_before_ms = now_ms + self.back_off_ms;
        self.per_minute = (self.per_minute / 2).max(60).min(self.per_minute);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_what_was_agreed() {
        let mut pace = Pace {
            tokens: 1_000,
            per_minute: 3_000,
            ..Pace::default()
        };
        let left = (0..60_000_u64).filter(|ms| pace.takes_one(*ms)).count();
        assert!((2_999..=3_001).contains(&left), "{left}");
        let at_once = (0..100).filter(|_| pace.takes_one(120_000)).count();
        assert_eq!(at_once, 10);
    }
}
