//! The time, handed in wherever it is needed: one clock that only runs on, for time-outs and rates, and
//! one that tells the day, for windows and validity. A jump of the second never moves the first.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Returns milliseconds since some fixed moment. It never goes back and never jumps.
    fn monotonic_ms(&self) -> u64;
    /// Returns microseconds since 1970, UTC. It may be set, and so jump either way.
    fn wall_us(&self) -> i64;
}

/// A clock that is shared.
pub type SharedClock = Arc<dyn Clock>;

/// The operating system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Starts the clock that only runs on.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that all others are given"
    )]
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that all others are given"
    )]
    fn monotonic_ms(&self) -> u64 {
        let since = Instant::now().duration_since(self.start);
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that all others are given"
    )]
    fn wall_us(&self) -> i64 {
        let now = SystemTime::now();
        match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            // A machine whose clock was never set; nothing that has a window is sent by it.
            Err(_) => 0,
        }
    }
}

/// A clock that stands still until it is moved, for tests.
#[derive(Debug, Default)]
pub struct SetClock {
    monotonic_ms: AtomicU64,
    wall_us: AtomicI64,
}

impl SetClock {
    /// Makes a clock that shows `wall_us`.
    #[must_use]
    pub fn at(wall_us: i64) -> Self {
        Self {
            monotonic_ms: AtomicU64::new(0),
            wall_us: AtomicI64::new(wall_us),
        }
    }

    /// Moves both on by `by_ms`.
    pub fn advance(&self, by_ms: u64) {
        self.monotonic_ms.fetch_add(by_ms, Ordering::SeqCst);
        let by_us = i64::try_from(by_ms)
            .unwrap_or(i64::MAX)
            .saturating_mul(1000);
        self.wall_us.fetch_add(by_us, Ordering::SeqCst);
    }

    /// Sets the clock that tells the day, as a person or a time server may.
    pub fn set_wall_us(&self, wall_us: i64) {
        self.wall_us.store(wall_us, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn monotonic_ms(&self) -> u64 {
        self.monotonic_ms.load(Ordering::SeqCst)
    }

    fn wall_us(&self) -> i64 {
        self.wall_us.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, SetClock, SystemClock};

    #[test]
    fn setting_the_day_moves_no_time_out() {
        let clock = SetClock::at(5_000_000);
        clock.advance(7);
        assert_eq!((clock.monotonic_ms(), clock.wall_us()), (7, 5_007_000));
        clock.set_wall_us(1);
        assert_eq!((clock.monotonic_ms(), clock.wall_us()), (7, 1));
    }

    #[test]
    fn the_systems_clock_runs_on() {
        let clock = SystemClock::start();
        let first = clock.monotonic_ms();
        assert!(clock.monotonic_ms() >= first);
        // After 2020, before 2200.
        assert!((1_577_836_800_000_000..7_258_118_400_000_000).contains(&clock.wall_us()));
    }
}
