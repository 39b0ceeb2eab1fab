//! Points are whole thousandths, so that a sum is exact whatever its order.

use std::fmt;

/// Thousandths of a point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Points {
    /// How many thousandths.
    pub milli: i64,
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.milli < 0 { "-" } else { "" };
        let milli = self.milli.unsigned_abs();
        f.pad(&format!("{sign}{}.{:03}", milli / 1000, milli % 1000))
    }
}

/// Returns how often 1 must be doubled to reach `1 + value`, in thousandths, rounded down.
///
/// In whole numbers, so that all machines agree: the logarithm's binary digits one by one, by
/// squaring (Knuth, The Art of Computer Programming, vol. 1, 1.2.2, exercise 25 and its text).
pub(crate) fn doublings_milli(value: u64) -> i64 {
    let x = u128::from(value) + 1;
    let whole = x.ilog2();
    // A number of [1, 2) with 62 binary places.
    let mut m = (x << 62) >> whole;
    let mut fraction: u64 = 0;
    for _ in 0..20 {
        m = (m * m) >> 62;
        fraction <<= 1;
        if m >= 1 << 63 {
            m >>= 1;
            fraction |= 1;
        }
    }
    i64::from(whole) * 1000 + ((fraction * 1000) >> 20) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doublings_are_those_of_the_logarithm() {
        for (value, milli) in [
            (0, 0),
            (1, 1000),
            (3, 2000),
            (1023, 10_000),
            (u64::MAX, 64_000),
        ] {
            assert_eq!(doublings_milli(value), milli);
        }
        for value in 0..70_000_u64 {
            let exact = (value as f64 + 1.0).log2() * 1000.0;
            let ours = doublings_milli(value) as f64;
            assert!((exact - 1.01..=exact + 0.01).contains(&ours), "{value}");
        }
    }

    #[test]
    fn thousandths_are_written_out() {
        assert_eq!(Points { milli: -1_050 }.to_string(), "-1.050");
        assert_eq!(Points { milli: 7 }.to_string(), "0.007");
    }
}
