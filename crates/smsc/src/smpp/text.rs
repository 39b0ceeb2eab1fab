//! What a telephone would show: octets to text, parts to whole texts (3GPP TS 23.038 and 23.040).

use std::collections::BTreeMap;

use super::Part;

/// The default alphabet, in order of its codes; the escape at 0x1B is left a blank.
const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

const ESCAPE: u8 = 0x1b;

fn escaped(code: u8) -> Option<char> {
    Some(match code {
        0x0a => '\u{c}',
        0x14 => '^',
        0x28 => '{',
        0x29 => '}',
        0x2f => '\\',
        0x3c => '[',
        0x3d => '~',
        0x3e => ']',
        0x40 => '|',
        0x65 => '€',
        _ => return None,
    })
}

/// Reads octets by their coding: 8 is UCS-2, 3 Latin-1, all else the default alphabet, a code an octet.
pub(super) fn decode(data_coding: u8, octets: &[u8]) -> String {
    match data_coding {
        8 => {
            let units = octets.chunks(2).map(|pair| {
                let low = pair.get(1).copied().unwrap_or(0);
                u16::from_be_bytes([pair.first().copied().unwrap_or(0), low])
            });
            char::decode_utf16(units)
                .map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        }
        3 => octets.iter().map(|octet| char::from(*octet)).collect(),
        _ => gsm(octets),
    }
}

fn gsm(octets: &[u8]) -> String {
    let plain = |code: u8| {
        let mut letters = ALPHABET.chars();
        letters.nth(usize::from(code)).unwrap_or('\u{fffd}')
    };
    // Most texts are letters, which stand where ASCII has them.
    if octets
        .iter()
        .all(|code| code.is_ascii_alphanumeric() || b" .,:'".contains(code))
    {
        return octets.iter().map(|octet| char::from(*octet)).collect();
    }
    let mut text = String::with_capacity(octets.len());
    let mut codes = octets.iter().copied();
    while let Some(code) = codes.next() {
        if code == ESCAPE {
            let after = codes.next().unwrap_or(0);
            text.push(escaped(after).unwrap_or_else(|| plain(after)));
        } else {
            text.push(plain(code));
        }
    }
    text
}

/// Reference, number of parts, and number of this part.
type Joined = (u16, u8, u8);

/// Parts a user data header off: reference, number of parts, number of this part, and the rest.
pub(super) fn without_header(octets: &[u8]) -> Option<(Option<Joined>, &[u8])> {
    let (length, rest) = octets.split_first()?;
    let (mut header, text) = rest.split_at_checked(usize::from(*length))?;
    let mut joined = None;
    while let [kind, length, rest @ ..] = header {
        let (value, rest) = rest.split_at_checked(usize::from(*length))?;
        match (kind, value) {
            (0, &[reference, total, number]) => {
                joined = Some((u16::from(reference), total, number));
            }
            (8, &[high, low, total, number]) => {
                joined = Some((u16::from_be_bytes([high, low]), total, number));
            }
            _ => {}
        }
        header = rest;
    }
    Some((joined, text))
}

/// A text as its recipient has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submitted {
    /// Digits of the recipient's number, as they were sent.
    pub to: String,
    /// Who it comes from.
    pub from: String,
    /// The whole text; of one whose parts have not all come, what has.
    pub text: String,
    /// An id for each part.
    pub ids: Vec<String>,
    /// Says whether all parts have come.
    pub is_whole: bool,
    /// When the first part came: microseconds since 1970, UTC.
    pub at_us: i64,
}

/// Where a text in parts stands, and its parts so far.
type Begun<'a> = (usize, BTreeMap<u8, &'a Part>);

/// Puts parts together as a telephone does: by sender, recipient, reference and number of parts.
#[must_use]
pub fn assemble(parts: &[Part]) -> Vec<Submitted> {
    let mut whole: Vec<Submitted> = Vec::with_capacity(parts.len());
    let mut open: BTreeMap<(&str, &str, u16, u8), Begun<'_>> = BTreeMap::new();
    for part in parts {
        let Some((reference, total, number)) = part.joined else {
            whole.push(Submitted {
                to: part.to.clone(),
                from: part.from.clone(),
                text: part.text.clone(),
                ids: vec![part.id.clone()],
                is_whole: true,
                at_us: part.at_us,
            });
            continue;
        };
        let name = (part.to.as_str(), part.from.as_str(), reference, total);
        let (at, have) = open.entry(name).or_insert_with(|| {
            whole.push(Submitted {
                to: part.to.clone(),
                from: part.from.clone(),
                text: String::new(),
                ids: Vec::new(),
                is_whole: false,
                at_us: part.at_us,
            });
            (whole.len() - 1, BTreeMap::new())
        });
        have.insert(number, part);
        if let Some(text) = whole.get_mut(*at) {
            text.text = have.values().map(|part| part.text.as_str()).collect();
            text.ids = have.values().map(|part| part.id.clone()).collect();
            text.is_whole = have.len() == usize::from(total);
            if text.is_whole {
                // The same reference again is another text.
                open.remove(&name);
            }
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_128_letters_and_an_extension() {
        assert_eq!(ALPHABET.chars().count(), 128);
        assert_eq!(decode(0, b"\x00\x1b\x65\x1b\x28a\x1b\x29 \x7f"), "@€{a} à");
        assert_eq!(decode(8, &[0x06, 0x27, 0xd8, 0x3d, 0xde, 0x00]), "ا😀");
    }

    #[test]
    fn parts_become_whole_texts_in_any_order() {
        let part = |id: &str, text: &str, joined| Part {
            id: id.into(),
            account: "unspoof".into(),
            to: "447700900001".into(),
            from: "Police".into(),
            text: text.into(),
            joined,
            at_us: 1,
            data_coding: 0,
            validity: String::new(),
        };
        let parts = [
            part("b", "two", Some((7, 2, 2))),
            part("c", "alone", None),
            part("a", "one ", Some((7, 2, 1))),
            part("d", "again", Some((7, 2, 1))),
        ];
        let whole = assemble(&parts);
        assert_eq!(whole[0].text, "one two");
        assert_eq!(whole[0].ids, ["a", "b"]);
        assert_eq!((whole[0].is_whole, whole[2].is_whole), (true, false));
        assert_eq!(whole.len(), 3);
    }

    #[test]
    fn headers_are_parted_off() {
        let read = without_header(b"\x05\x00\x03\x09\x02\x01hi").unwrap();
        assert_eq!(read, (Some((9, 2, 1)), &b"hi"[..]));
        let read = without_header(b"\x06\x08\x04\x01\x09\x02\x02yo").unwrap();
        assert_eq!(read, (Some((0x0109, 2, 2)), &b"yo"[..]));
        assert_eq!(without_header(b"\x09\x00"), None);
    }
}
