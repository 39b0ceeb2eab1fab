//! Randomness that depends on the seed alone: one ChaCha8 stream for each purpose and chunk.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// What a stream of random numbers is for. The numbers are part of the output's definition.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Accounts = 1,
    Rates = 2,
    Calls = 3,
    Logins = 4,
    Reports = 5,
    Suppressions = 6,
    Layout = 7,
    Blobs = 8,
    Traits = 9,
    People = 10,
    HardAccounts = 11,
    HardLogins = 12,
    HardPayments = 13,
    Script = 14,
    HardReports = 15,
    Addresses = 16,
}

/// A stream of random numbers.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// Opens the stream of a purpose and chunk; no two share a key.
    pub(crate) fn new(seed: u64, purpose: Purpose, chunk: u64) -> Self {
        let mut key = [0_u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
        key[16..24].copy_from_slice(&chunk.to_le_bytes());
        key[24..].copy_from_slice(b"unspoof1");
        Self(ChaCha8Rng::from_seed(key))
    }

    pub(crate) fn u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    pub(crate) fn u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Draws from `0..n` (multiply and shift; the bias of at most n/2³² does not matter here).
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.u32()) * u64::from(n)) >> 32) as u32
    }

    /// Draws from `low..=high`.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True in `per_10k` of 10,000 draws.
    pub(crate) fn chance(&mut self, per_10k: u32) -> bool {
        self.below(10_000) < per_10k
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u32) as usize]
    }

    /// Draws an index by weights given as running sums, the last of which is not zero.
    pub(crate) fn weighted(&mut self, sums: &[u64]) -> usize {
        let total = sums.last().copied().unwrap_or(1);
        let at = ((u128::from(self.u64()) * u128::from(total)) >> 64) as u64;
        sums.partition_point(|&sum| sum <= at)
    }

    /// Draws from a long-tailed spread over `low..=high`: half of the draws lie below `2 × low`.
    pub(crate) fn long_tail(&mut self, low: u32, high: u32) -> u32 {
        let share = u64::from(self.u32()) + 1;
        ((u64::from(low) << 32) / share).min(u64::from(high)) as u32
    }

    /// Draws from spans by their weights, and returns the place; weights in all are not zero.
    pub(crate) fn by_weight(&mut self, weights: &[u32]) -> usize {
        let mut turn = self.below(weights.iter().sum());
        for (place, &weight) in weights.iter().enumerate() {
            if turn < weight {
                return place;
            }
            turn -= weight;
        }
        0
    }

    /// Puts items into an order that is drawn (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at as u32 + 1) as usize);
        }
    }

    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}

/// A one-to-one shuffle of `0..n` that needs no table: `x → (a·x + b) mod n`, a coprime to n.
#[derive(Clone, Copy)]
pub(crate) struct Shuffle {
    n: u64,
    a: u64,
    b: u64,
}

impl Shuffle {
    pub(crate) fn new(draw: &mut Draw, n: u64) -> Self {
        let n = n.max(1);
        let mut a = (draw.u64() % n).max(1);
        while gcd(a, n) != 1 {
            a = a % n + 1;
        }
        Self {
            n,
            a,
            b: draw.u64() % n,
        }
    }

    pub(crate) fn at(self, x: u64) -> u64 {
        ((u128::from(x) * u128::from(self.a) + u128::from(self.b)) % u128::from(self.n)) as u64
    }
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_hits_every_place_once() {
        for n in [1, 2, 7, 100, 1_050] {
            let shuffle = Shuffle::new(&mut Draw::new(5, Purpose::Layout, n), n);
            let mut hit: Vec<u64> = (0..n).map(|x| shuffle.at(x)).collect();
            hit.sort_unstable();
            assert_eq!(hit, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn streams_differ_by_seed_purpose_and_chunk() {
        let first = |seed, purpose, chunk| Draw::new(seed, purpose, chunk).u64();
        let base = first(1, Purpose::Calls, 0);
        assert_eq!(base, first(1, Purpose::Calls, 0));
        for other in [
            first(2, Purpose::Calls, 0),
            first(1, Purpose::Rates, 0),
            first(1, Purpose::Calls, 1),
        ] {
            assert_ne!(base, other);
        }
    }
}
