//! Hexadecimal, as keys and hashes are written.

/// Writes bytes as lower-case hexadecimal digits.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Reads exactly `N` bytes from 2 N hexadecimal digits.
#[must_use]
pub fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0_u8; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        let nibble = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(nibble(high)? * 16 + nibble(low)?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(bytes: [u8; 7]) {
            proptest::prop_assert_eq!(super::decode::<7>(&super::encode(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn other_lengths_and_digits_are_refused() {
        assert_eq!(super::decode::<1>("0"), None);
        assert_eq!(super::decode::<1>("0g"), None);
        assert_eq!(super::decode::<1>("000"), None);
    }
}
