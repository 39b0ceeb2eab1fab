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
    bytes
        .get(at..)?
        .first_chunk::<8>()
        .map(|word| u64::from_le_bytes(*word))
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

/// Marks the bytes that are `a`, `b` or `c`. All marks are true, unlike those of [`zeros`].
#[inline(always)]
pub(crate) const fn equal3(word: u64, a: u8, b: u8, c: u8) -> u64 {
    !(filled(word ^ eight(a)) & filled(word ^ eight(b)) & filled(word ^ eight(c))) & HIGH
}

/// Sets the highest bit of each byte that is not zero; no byte's sum reaches the next.
#[inline(always)]
const fn filled(word: u64) -> u64 {
    ((word & !HIGH) + !HIGH) | word
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_where_bytes_are() {
        // Neighbours of the bytes that are looked for carry into each other in weaker tests.
        for text in [
            *b",-,.+,\n\x0b",
            *b"\0\x01\xff\x80,,\r\x0c",
            *b"abcdefgh",
            *b"\n\n\n\n\r\r,,",
        ] {
            let word = u64::from_le_bytes(text);
            let marks = equal3(word, b',', b'\n', b'\r');
            let mut least = None;
            for (at, byte) in text.iter().enumerate() {
                let found = marks >> (8 * at) & 0xff;
                let is = matches!(byte, b',' | b'\n' | b'\r');
                assert_eq!(found, if is { 0x80 } else { 0 }, "{byte} at {at}");
                least = least.or(is.then_some(at));
            }
            let loose =
                zeros(word ^ eight(b',')) | zeros(word ^ eight(b'\n')) | zeros(word ^ eight(b'\r'));
            assert_eq!((loose != 0).then(|| lowest(loose)), least);
            let low = below(word, b'-');
            let least = text.iter().position(|byte| *byte < b'-');
            assert_eq!((low != 0).then(|| lowest(low)), least);
        }
        assert_eq!(find2(b'x', b'y', &[b'a'; 100], 0), None);
        for at in 0..100 {
            let mut bytes = [b'a'; 100];
            bytes[at] = b'y';
            assert_eq!(find2(b'x', b'y', &bytes, 0), Some(at));
            assert_eq!(find2(b'x', b'y', &bytes, at + 1), None);
        }
    }
}
