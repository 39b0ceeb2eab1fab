//! Hashes: of row sets and number sets, as figures publish them, and of keys.

use sha2::{Digest, Sha256};
use unspoof_model::Sha256Hash;

/// Hashes a key to 128 bits. Two different keys of a case meet with a chance below 10⁻²⁰.
pub(crate) fn wide_hash(key: &[u8]) -> [u64; 2] {
    let mut low = 0x243f_6a88_85a3_08d3_u64 ^ key.len() as u64;
    let mut high = 0x1319_8a2e_0370_7344_u64;
    for chunk in key.chunks(8) {
        let mut word = [0_u8; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        let word = u64::from_le_bytes(word);
        low = mix(low ^ word, 0x9e37_79b9_7f4a_7c15);
        high = mix(high.rotate_left(23) ^ word, 0xd6e8_feb8_6659_fd93);
    }
    let low = mix(low ^ high, 0xff51_afd7_ed55_8ccd);
    let high = mix(high ^ low, 0xc4ce_b9fe_1a85_ec53);
    [high, low]
}

/// Folds a 64 × 64 → 128-bit product, as wyhash and its kin do.
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a ^ 0x2d35_8dcc_aa6c_78a5) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64) ^ a
}

/// SHA-256 over lines that come in their sorted order.
#[derive(Clone)]
pub(crate) struct LineDigest {
    hasher: Sha256,
    buffer: Vec<u8>,
    pub(crate) lines: u64,
}

impl Default for LineDigest {
    fn default() -> Self {
        Self {
            hasher: Sha256::new(),
            buffer: Vec::with_capacity(1 << 14),
            lines: 0,
        }
    }
}

impl LineDigest {
    /// Takes a line, its end included.
    pub(crate) fn line(&mut self, line: &[u8]) {
        self.buffer.extend_from_slice(line);
        self.lines += 1;
        if self.buffer.len() > (1 << 14) - 128 {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }

    pub(crate) fn finish(mut self) -> Sha256Hash {
        self.hasher.update(&self.buffer);
        Sha256Hash(self.hasher.finalize().into())
    }
}

/// Hashes telephone numbers as DESIGN says: sorted lines `+E164`.
pub(crate) fn numbers_sha256(mut numbers: Vec<i64>) -> Sha256Hash {
    numbers.sort_unstable_by_key(|number| decimal_order(number.unsigned_abs()));
    let mut digest = LineDigest::default();
    for number in numbers {
        digest.line(format!("+{number}\n").as_bytes());
    }
    digest.finish()
}

/// A key that orders numbers as their decimal digits sort as text: `10` before `2`.
///
/// Digits are moved to the left of twenty places; of two that are then equal the shorter is first.
pub(crate) fn decimal_order(number: u64) -> (u128, u32) {
    let digits = number.checked_ilog10().unwrap_or(0) + 1;
    (u128::from(number) * 10_u128.pow(20 - digits), digits)
}

/// Writes a row's place behind its exhibit's hash, as lines that are hashed have it.
pub(crate) fn push_place(line: &mut Vec<u8>, stream: u32, byte_offset: u64, byte_len: u32) {
    for number in [u64::from(stream), byte_offset, u64::from(byte_len)] {
        line.push(b' ');
        push_decimal(line, number);
    }
    line.push(b'\n');
}

fn push_decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_order_is_the_order_of_the_text() {
        let mut numbers: Vec<u64> = (0..3000)
            .chain([u64::MAX, 10_u64.pow(19), 999_999])
            .collect();
        let mut texts: Vec<String> = numbers.iter().map(u64::to_string).collect();
        numbers.sort_by_key(|&n| decimal_order(n));
        texts.sort();
        let shown: Vec<String> = numbers.iter().map(u64::to_string).collect();
        assert_eq!(shown, texts);
    }

    #[test]
    fn wide_hashes_of_near_keys_differ() {
        let mut seen = std::collections::BTreeSet::new();
        for i in 0..200_000_u64 {
            assert!(seen.insert(wide_hash(&i.to_le_bytes())));
            assert!(seen.insert(wide_hash(format!("call-{i}").as_bytes())));
        }
        assert_ne!(wide_hash(b"a\0"), wide_hash(b"a"));
    }
}
