//! What else a number may have been, had one digit gone wrong.

use std::collections::BTreeMap;

use unspoof_numbers::{PhoneNumber, Reader};

/// How a written number differs from the one that was called.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Slip {
    /// Two neighbouring digits changed places.
    DigitsSwapped,
    /// One digit is another.
    OneDigitDiffers,
    /// One digit too many was written.
    DigitTooMany,
    /// One digit was left out.
    DigitMissing,
}

impl Slip {
    /// All slips, the rarest by chance first: a number that two of them explain counts as the first.
    pub(crate) const ALL: [Self; 4] = [
        Self::DigitsSwapped,
        Self::DigitTooMany,
        Self::DigitMissing,
        Self::OneDigitDiffers,
    ];
}

/// Longer texts are no number with one digit wrong.
const MOST_DIGITS: usize = 20;
const LEAST_DIGITS: usize = 7;

/// Lists all numbers from which what was written differs by one slip, each once.
///
/// Slips are made in the digits as written, with their prefix, so that `(0)7` and `0044` are
/// covered, and each is read again as the source's numbers are. What was written itself is left out.
pub(crate) fn meant(written: &str, reader: &mut Reader) -> BTreeMap<PhoneNumber, Slip> {
    let plus = written.trim_start().starts_with('+');
    let digits: Vec<u8> = written.bytes().filter(u8::is_ascii_digit).collect();
    let mut found = BTreeMap::new();
    if !(LEAST_DIGITS..=MOST_DIGITS).contains(&digits.len()) {
        return found;
    }
    let mut text: Vec<u8> = Vec::with_capacity(MOST_DIGITS + 2);
    let mut read = |parts: [&[u8]; 3]| {
        text.clear();
        text.extend(plus.then_some(b'+'));
        parts.iter().for_each(|part| text.extend_from_slice(part));
        reader.read(&text).number
    };
    let itself = read([&digits, &[], &[]]);
    let mut keep = |number: Option<PhoneNumber>, slip| {
        if let Some(number) = number.filter(|_| number != itself) {
            found.entry(number).or_insert(slip);
        }
    };
    for slip in Slip::ALL {
        for at in 0..digits.len() {
            let (before, from) = digits.split_at(at);
            match (slip, from) {
                (Slip::DigitsSwapped, &[one, other, ref after @ ..]) if one != other => {
                    keep(read([before, &[other, one], after]), slip);
                }
                (Slip::DigitTooMany, [_, after @ ..]) => keep(read([before, &[], after]), slip),
                (Slip::DigitMissing, from) => {
                    for digit in b'0'..=b'9' {
                        keep(read([before, &[digit], from]), slip);
                    }
                }
                (Slip::OneDigitDiffers, &[one, ref after @ ..]) => {
                    for digit in (b'0'..=b'9').filter(|&digit| digit != one) {
                        keep(read([before, &[digit], after]), slip);
                    }
                }
                _ => {}
            }
        }
        if slip == Slip::DigitMissing {
            for digit in b'0'..=b'9' {
                keep(read([&digits, &[digit], &[]]), slip);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use unspoof_numbers::Context;

    use super::*;

    fn slips_of(written: &str) -> BTreeMap<PhoneNumber, Slip> {
        let mut reader = Reader::new(Context {
            default_region: "GB".parse().ok(),
            bare_is_international: true,
            ..Context::default()
        });
        meant(written, &mut reader)
    }

    #[test]
    fn each_slip_leads_back_to_the_number_that_was_meant() {
        let meant = PhoneNumber::from_key(447_700_900_123).expect("a number");
        for (written, slip) in [
            ("+44 7700 900132", Slip::DigitsSwapped),
            ("07700 900129", Slip::OneDigitDiffers),
            ("077001900123", Slip::DigitTooMany),
            ("+44 (0)7700-1900123", Slip::DigitTooMany),
            ("+44 (3)7700-900123", Slip::DigitTooMany),
            ("+44 770090012", Slip::DigitMissing),
            ("00547700900123", Slip::OneDigitDiffers),
        ] {
            assert_eq!(slips_of(written).get(&meant), Some(&slip), "{written}");
        }
    }

    #[test]
    fn what_was_written_is_no_slip_of_itself() {
        let itself = PhoneNumber::from_key(447_700_900_123).expect("a number");
        assert!(!slips_of("07700 900123").contains_key(&itself));
    }
}
