//! Finding bytes, eight at a time: cells are short, and a call into `memchr` costs as much as a cell.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// A byte, eight times.
#[inline(always)]
pub(crate) const fn eight(byte: u8) -> u64 {
    LOW * byte as u64
}

#[inline(always)]
pub(crate) fn load(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<8>().map(|word| u64::from_le_bytes(*word))
}

/// Marks the bytes that are zero. Only the lowest mark is sure to be true; where there is no zero
/// byte there is no mark (Mycroft's test).
#[inline(always)]
pub(crate) const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word & HIGH
}

/// Marks the bytes below `limit`, at most 128; the lowest mark is true.
#[inline(always)]
pub(crate) const fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(eight(limit)) & !word & HIGH
}

/// Returns how many bytes stand before the lowest mark.
#[inline(always)]
pub(crate) const fn lowest(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// Finds the first `a` or `b` at or after `from`.
#[inline(always)]
pub(crate) fn find2(a: u8, b: u8, bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for _ in 0..4 {
        let Some(word) = load(bytes, at) else { break };
        let marks = zeros(word ^ eight(a)) | zeros(word ^ eight(b));
        if marks != 0 {
            return Some(at + lowest(marks));
        }
        at += 8;
    }
    find2_far(a, b, bytes, at)
}

#[inline(never)]
fn find2_far(a: u8, b: u8, bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memchr2(a, b, bytes.get(from..)?).map(|at| from + at)
}
