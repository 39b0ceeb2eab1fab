//! When calls happen: by hour of day, day of week and the service's growth.

use crate::clock::{UtcS, utc_s};
use crate::preset::{PERIOD_END, PERIOD_START, Size};

/// Weights of the hours of a day, UTC: offices' hours on both sides of the Atlantic.
const BY_HOUR: [u64; 24] = [
    14, 10, 6, 4, 3, 4, 8, 20, 44, 70, 84, 88, 80, 86, 96, 100, 98, 88, 72, 56, 44, 34, 26, 18,
];
/// Monday to Sunday.
const BY_WEEKDAY: [u64; 7] = [100, 108, 106, 104, 96, 46, 34];

/// The two hours of 2021-10-31 whose local times are the same in Kyiv.
pub(crate) const OVERLAP: (UtcS, UtcS) = (utc_s(2021, 10, 31, 0), utc_s(2021, 10, 31, 2));
/// The hour of 2022-03-27 before which Kyiv's clocks were put forward.
pub(crate) const GAP: (UtcS, UtcS) = (utc_s(2022, 3, 27, 1), utc_s(2022, 3, 27, 2));

/// Spreads a number of attempts over the period, in order.
pub(crate) struct Timeline {
    /// Running weights of the period's hours, from 0.
    sums: Vec<u64>,
    attempts: u64,
}

impl Timeline {
    pub(crate) fn new(size: &Size) -> Self {
        let hours = (PERIOD_END - PERIOD_START) / 3_600;
        let plain = |hour: i64| {
            let at = PERIOD_START + hour * 3_600;
            // 1970-01-01 was a Thursday.
            let weekday = (at / 86_400 + 3) % 7;
            let growth = 700 + 600 * hour as u64 / hours as u64;
            BY_HOUR[(at / 3_600 % 24) as usize] * BY_WEEKDAY[weekday as usize] * growth
        };
        let total: u64 = (0..hours).map(plain).sum();
        // Some attempts fall into the hours that clocks change in, however few there are in all.
        let least = total * 4 / size.attempts();
        let mut sums = vec![0];
        let mut sum = 0;
        for hour in 0..hours {
            let at = PERIOD_START + hour * 3_600;
            let changing = [OVERLAP, GAP]
                .iter()
                .any(|(from, to)| *from <= at && at < *to);
            sum += if changing {
                plain(hour).max(least)
            } else {
                plain(hour)
            };
            sums.push(sum);
        }
        Self {
            sums,
            attempts: size.attempts(),
        }
    }

    /// Returns the index of the first attempt that lies at an instant or after it.
    pub(crate) fn first_from(&self, at: UtcS) -> u64 {
        let (mut from, mut to) = (0, self.attempts);
        while from < to {
            let half = from.midpoint(to);
            if self.at(half, 0) < at {
                from = half + 1;
            } else {
                to = half;
            }
        }
        from
    }

    /// Returns the instant of attempt `index` and a fraction in 1/65,536: increases with both.
    pub(crate) fn at(&self, index: u64, fraction: u16) -> UtcS {
        let total = u128::from(self.sums.last().copied().unwrap_or(1));
        let place = (u128::from(index) << 16) + u128::from(fraction);
        let target = (place * total / (u128::from(self.attempts) << 16)) as u64;
        let hour = self.sums.partition_point(|&sum| sum <= target) - 1;
        let Some(&[from, to]) = self.sums.get(hour..hour + 2).and_then(<[u64]>::first_chunk) else {
            return PERIOD_END - 1;
        };
        let second = u128::from(target - from) * 3_600 / u128::from(to - from);
        PERIOD_START + hour as i64 * 3_600 + second as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset::Preset;

    #[test]
    fn attempts_are_in_order_and_within_the_period() {
        let size = Preset::Tiny.size();
        let timeline = Timeline::new(&size);
        let mut before = PERIOD_START;
        for index in 0..size.attempts() {
            for fraction in [0, u16::MAX] {
                let at = timeline.at(index, fraction);
                assert!(before <= at && at < PERIOD_END);
                before = at;
            }
        }
        let doubled = (0..size.attempts()).map(|index| timeline.at(index, 0));
        assert!(
            doubled
                .filter(|at| (OVERLAP.0..OVERLAP.1).contains(at))
                .count()
                >= 4
        );
    }
}
