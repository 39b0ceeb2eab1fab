//! How fast a session submits: below the contracted rate, and slower after the centre said so.

/// Milliseconds of the first pause.
const FIRST_PAUSE_MS: u64 = 1000;
/// Milliseconds of the longest pause.
const LONGEST_PAUSE_MS: u64 = 30_000;
/// Milliseconds without a complaint after which the next pause is a first one again.
const QUIET_MS: u64 = 60_000;
/// Of the contracted rate, how much flows steadily; the rest is room for bursts, so that no second
/// anywhere holds more than the contract.
const STEADY: f64 = 0.9;
/// Of the full rate, what comes back each second after a complaint.
const RECOVERY: f64 = 0.05;

/// A token bucket with back-off.
#[derive(Debug)]
pub(super) struct Pace {
    /// What is the full rate, in parts a second; infinite without a contract.
    full: f64,
    /// What is the rate now.
    rate: f64,
    tokens: f64,
    at_ms: u64,
    paused_from_ms: u64,
    paused_until_ms: u64,
    pause_ms: u64,
    /// Parts taken and since when, for a rate where the contract has none.
    taken: f64,
    taken_from_ms: u64,
    chance: Chance,
}

impl Pace {
    pub(super) fn of(contracted_per_s: Option<f64>, now_ms: u64, seed: u64) -> Self {
        let full = contracted_per_s.map_or(f64::INFINITY, |rate| rate * STEADY);
        let mut pace = Self {
            full,
            rate: full,
            tokens: 0.0,
            at_ms: now_ms,
            paused_from_ms: 0,
            paused_until_ms: 0,
            pause_ms: FIRST_PAUSE_MS,
            taken: 0.0,
            taken_from_ms: now_ms,
            chance: Chance(seed),
        };
        pace.tokens = pace.burst();
        pace
    }

    fn burst(&self) -> f64 {
        // A hair more, so that what divides evenly is not one less.
        (self.rate * (1.0 - STEADY) / STEADY + 1e-6).max(1.0)
    }

    /// Says whether a pause goes on.
    pub(super) fn is_paused(&self, now_ms: u64) -> bool {
        now_ms < self.paused_until_ms
    }

    /// Lets time pass, and says whether a part may be submitted.
    pub(super) fn is_ready(&mut self, now_ms: u64) -> bool {
        if self.is_paused(now_ms) {
            return false;
        }
        if self.rate.is_infinite() {
            if now_ms >= self.taken_from_ms + 1000 {
                // Halved, so that it is an average over the last seconds.
                self.taken /= 2.0;
                self.taken_from_ms = now_ms - 500;
            }
            return true;
        }
        let passed_s = seconds(now_ms.saturating_sub(self.at_ms.max(self.paused_until_ms)));
        if passed_s > 0.0 {
            self.at_ms = now_ms;
            if self.rate < self.full {
                let full = if self.full.is_finite() {
                    self.full
                } else {
                    // The rate at which the centre complained is the only one that is known.
                    self.taken.max(1.0)
                };
                self.rate = (self.rate + full * RECOVERY * passed_s).min(self.full);
                if self.full.is_infinite() && self.rate > 2.0 * full {
                    self.rate = f64::INFINITY;
                    (self.taken, self.taken_from_ms) = (0.0, now_ms);
                    return true;
                }
            }
            self.tokens = (self.tokens + self.rate * passed_s).min(self.burst());
        }
        self.tokens >= 1.0
    }

    /// A part is submitted.
    pub(super) fn take(&mut self) {
        if self.rate.is_infinite() {
            self.taken += 1.0;
        } else {
            self.tokens -= 1.0;
        }
    }

    /// The centre did not take what was submitted at `sent_ms` because it is too busy. Returns the
    /// pause in milliseconds; `None` where the pause that this asks for has begun already.
    pub(super) fn complained(&mut self, sent_ms: u64, now_ms: u64) -> Option<u64> {
        let has_paused = self.paused_until_ms > 0;
        if has_paused && (now_ms < self.paused_until_ms || sent_ms <= self.paused_from_ms) {
            return None;
        }
        if has_paused && now_ms >= self.paused_until_ms + QUIET_MS {
            self.pause_ms = FIRST_PAUSE_MS;
        }
        if self.rate.is_infinite() {
            let passed_s = seconds(now_ms.saturating_sub(self.taken_from_ms)).max(0.5);
            self.taken = (self.taken / passed_s).max(1.0);
            self.rate = self.taken;
        }
        let least = if self.full.is_finite() {
            (self.full / 64.0).min(1.0)
        } else {
            1.0
        };
        self.rate = (self.rate / 2.0).max(least);
        self.tokens = self.tokens.clamp(0.0, 1.0);
        // Up to a quarter longer, so that sessions do not come back as one.
        let jitter = self.pause_ms * (self.chance.draw() % 256) / 1024;
        let pause_ms = (self.pause_ms + jitter).min(LONGEST_PAUSE_MS);
        self.pause_ms = (self.pause_ms * 2).min(LONGEST_PAUSE_MS);
        self.paused_from_ms = now_ms;
        self.paused_until_ms = now_ms + pause_ms;
        Some(pause_ms)
    }

    /// Returns when a part may be submitted, if nothing else happens.
    pub(super) fn next_ms(&self, now_ms: u64) -> u64 {
        let from = now_ms.max(self.paused_until_ms);
        if self.rate.is_infinite() || self.tokens >= 1.0 {
            return from;
        }
        // Less than a day, for the least rate is some seconds a part.
        let missing_ms = ((1.0 - self.tokens) * 1000.0 / self.rate).clamp(1.0, 86_400_000.0);
        let base = self.at_ms.max(self.paused_until_ms);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and a day's milliseconds"
        )]
        let missing_ms = missing_ms.ceil() as u64;
        from.max(base + missing_ms)
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact below 285,000 years")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

/// `SplitMix64` (Steele, Lea and Flood, 2014): good enough to keep sessions apart.
#[derive(Debug)]
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = self.0;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        drawn ^ (drawn >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    /// Submits as fast as it may from `from_ms` for `for_ms`, and returns when.
    fn run(pace: &mut Pace, from_ms: u64, for_ms: u64) -> Vec<u64> {
        let mut taken = Vec::new();
        let mut now_ms = from_ms;
        while now_ms < from_ms + for_ms {
            while pace.is_ready(now_ms) {
                pace.take();
                taken.push(now_ms);
                assert!(taken.len() < 1_000_000);
            }
            let next_ms = pace.next_ms(now_ms);
            assert!(next_ms > now_ms, "time goes on");
            now_ms = next_ms;
        }
        taken
    }

    #[test]
    fn no_second_holds_more_than_the_contract_and_hardly_less() {
        for rate in [1, 2, 7, 10, 30, 100, 1000] {
            let mut pace = Pace::of(Some(f64::from(rate)), 5, 1);
            let taken = run(&mut pace, 5, 20_000);
            for (at, from) in taken.iter().enumerate() {
                let within = taken.iter().skip(at).take_while(|ms| **ms < from + 1000);
                assert!(within.count() <= usize::try_from(rate).unwrap(), "{rate}/s");
            }
            let least = usize::try_from(rate).unwrap() * 20 * 88 / 100;
            assert!(taken.len() >= least, "{} of {rate}/s", taken.len());
        }
    }

    #[test]
    fn complaints_halve_the_rate_and_pauses_double_to_half_a_minute() {
        let mut pace = Pace::of(Some(100.0), 0, 7);
        let mut now_ms = 0;
        let mut pauses = Vec::new();
        for _ in 0..8 {
            assert!(pace.is_ready(now_ms) || pace.next_ms(now_ms) > now_ms);
            let pause_ms = pace.complained(now_ms, now_ms + 10).unwrap();
            // The rest of what was in flight says the same and changes nothing.
            let rate = pace.rate;
            assert_eq!(pace.complained(now_ms, now_ms + 11), None);
            assert!(!pace.is_ready(now_ms + 9 + pause_ms));
            assert_eq!(pace.complained(now_ms + 10, now_ms + 11 + pause_ms), None);
            assert!((pace.rate - rate).abs() < f64::EPSILON);
            pauses.push(pause_ms);
            now_ms += 10 + pause_ms + 1;
        }
        for (at, pause_ms) in pauses.iter().enumerate() {
            let plain = (1000_u64 << at).min(30_000);
            assert!((plain..=plain * 5 / 4).contains(pause_ms), "{pauses:?}");
            assert!(*pause_ms <= 30_000);
        }
        assert!(pace.rate < 2.0, "{}", pace.rate);
        // It comes back by a twentieth each second.
        let taken = run(&mut pace, now_ms + 30_000, 30_000);
        let late = taken.iter().filter(|ms| **ms >= now_ms + 59_000).count();
        assert!((80..=100).contains(&late), "{late}");
        // After a minute's peace a pause is a first one again.
        let pause_ms = pace.complained(now_ms + 120_000, now_ms + 120_001).unwrap();
        assert!((1000..=1250).contains(&pause_ms));
    }

    #[test]
    fn without_a_contract_the_rate_of_the_complaint_is_what_is_halved() {
        let mut pace = Pace::of(None, 0, 3);
        for ms in 0..1000 {
            assert!(pace.is_ready(ms));
            pace.take();
        }
        let pause_ms = pace.complained(999, 1000).unwrap();
        let taken = run(&mut pace, 1000 + pause_ms, 1000);
        assert!((400..=650).contains(&taken.len()), "{}", taken.len());
        // Unlimited again in the end.
        let mut now_ms = 1000 + pause_ms;
        while !(pace.is_ready(now_ms) && pace.next_ms(now_ms) == now_ms && pace.rate.is_infinite())
        {
            now_ms += 100;
            assert!(now_ms < 100_000);
        }
    }

    #[test]
    fn sessions_do_not_come_back_as_one() {
        let pauses: std::collections::BTreeSet<u64> = (0..20)
            .map(|seed| Pace::of(None, 0, seed).complained(0, 1).unwrap())
            .collect();
        assert!(pauses.len() > 10);
    }
}
