//! The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1 and 6.2.1.1).

/// Says that what follows is looked up in the extension table.
pub const ESCAPE: u8 = 0x1b;

/// The default alphabet by septet. [`ESCAPE`] stands as U+001B, which is no character of a text.
pub const DEFAULT: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', // 0x00
    'Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1b}', 'Æ', 'æ', 'ß',
    'É', // 0x10
    ' ', '!', '"', '#', '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', // 0x20
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', // 0x30
    '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', // 0x40
    'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§', // 0x50
    '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', // 0x60
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à', // 0x70
];

/// The extension table: the septet after [`ESCAPE`], and its character.
pub const EXTENSION: [(u8, char); 10] = [
    (0x0a, '\u{c}'),
    (0x14, '^'),
    (0x28, '{'),
    (0x29, '}'),
    (0x2f, '\\'),
    (0x3c, '['),
    (0x3d, '~'),
    (0x3e, ']'),
    (0x40, '|'),
    (0x65, '€'),
];

/// How a character is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Septets {
    /// One septet of the default alphabet.
    One(u8),
    /// [`ESCAPE`] and this septet of the extension table: two septets.
    Escaped(u8),
}

impl Septets {
    /// Returns how many septets it takes.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Escaped(_) => 2,
        }
    }

    /// Appends it, one septet an octet.
    pub fn push_to(self, octets: &mut Vec<u8>) {
        match self {
            Self::One(septet) => octets.push(septet),
            Self::Escaped(septet) => octets.extend([ESCAPE, septet]),
        }
    }
}

/// Characters below 256 by code: 0..=127 a septet, 128 + septet an escaped one, 255 none.
const LOW: [u8; 256] = low();
const NONE: u8 = 0xff;

const fn low() -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut septet = 0;
    while septet < DEFAULT.len() {
        let code = DEFAULT[septet] as usize;
        if code < table.len() && septet != ESCAPE as usize {
            #[expect(clippy::cast_possible_truncation, reason = "a septet is below 128")]
            {
                table[code] = septet as u8;
            }
        }
        septet += 1;
    }
    let mut at = 0;
    while at < EXTENSION.len() {
        let (septet, character) = EXTENSION[at];
        if (character as usize) < table.len() {
            table[character as usize] = 0x80 | septet;
        }
        at += 1;
    }
    table
}

/// Returns how a character is written; `None` where the alphabet lacks it. Look-alikes are not
/// taken for each other: a Greek capital alpha is none, though it looks like the A that is one.
#[must_use]
pub fn septets_of(character: char) -> Option<Septets> {
    match character {
        'Δ' => Some(Septets::One(0x10)),
        'Φ' => Some(Septets::One(0x12)),
        'Γ' => Some(Septets::One(0x13)),
        'Λ' => Some(Septets::One(0x14)),
        'Ω' => Some(Septets::One(0x15)),
        'Π' => Some(Septets::One(0x16)),
        'Ψ' => Some(Septets::One(0x17)),
        'Σ' => Some(Septets::One(0x18)),
        'Θ' => Some(Septets::One(0x19)),
        'Ξ' => Some(Septets::One(0x1a)),
        '€' => Some(Septets::Escaped(0x65)),
        low => match LOW.get(low as usize).copied() {
            None | Some(NONE) => None,
            Some(septet) if septet < 0x80 => Some(Septets::One(septet)),
            Some(escaped) => Some(Septets::Escaped(escaped & 0x7f)),
        },
    }
}

/// Writes a text, one septet an octet; the first character that the alphabet lacks, with its place
/// in bytes, where there is one.
///
/// # Errors
/// The character that cannot be written.
pub fn encode(text: &str) -> Result<Vec<u8>, (usize, char)> {
    let mut octets = Vec::with_capacity(text.len());
    for (byte, character) in text.char_indices() {
        septets_of(character)
            .ok_or((byte, character))?
            .push_to(&mut octets);
    }
    Ok(octets)
}

/// Reads septets, one an octet; `None` where an octet is no septet, or an escape leads nowhere.
#[must_use]
pub fn decode(octets: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(octets.len());
    let mut rest = octets.iter().copied();
    while let Some(septet) = rest.next() {
        text.push(if septet == ESCAPE {
            extension(rest.next()?)?
        } else {
            *DEFAULT.get(usize::from(septet))?
        });
    }
    Some(text)
}

/// Reads septets as TS 23.038 tells a phone to: after an escape that leads nowhere, the character of
/// the default alphabet; for an escape after an escape, or at the end, a space; and U+FFFD for an
/// octet that is no septet.
#[must_use]
pub fn decode_lossy(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    let mut rest = octets.iter().copied();
    let default = |septet: u8| match DEFAULT.get(usize::from(septet)) {
        Some('\u{1b}') => ' ',
        Some(character) => *character,
        None => char::REPLACEMENT_CHARACTER,
    };
    while let Some(septet) = rest.next() {
        text.push(match septet {
            ESCAPE => match rest.next() {
                Some(next) => extension(next).unwrap_or_else(|| default(next)),
                None => ' ',
            },
            septet => default(septet),
        });
    }
    text
}

fn extension(septet: u8) -> Option<char> {
    EXTENSION
        .iter()
        .find(|(of, _)| *of == septet)
        .map(|(_, character)| *character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_read_back() {
        for (septet, character) in DEFAULT.iter().enumerate() {
            let septet = u8::try_from(septet).unwrap();
            if septet == ESCAPE {
                assert_eq!(septets_of(*character), None);
            } else {
                assert_eq!(septets_of(*character), Some(Septets::One(septet)));
            }
        }
        for (septet, character) in EXTENSION {
            assert_eq!(septets_of(character), Some(Septets::Escaped(septet)));
        }
        let can = (0..=u32::from(char::MAX))
            .filter_map(char::from_u32)
            .filter(|character| septets_of(*character).is_some());
        assert_eq!(can.count(), 127 + EXTENSION.len());
    }

    #[test]
    fn a_phone_shows_something_for_every_escape() {
        assert_eq!(decode(&[ESCAPE, 0x65]), Some("€".into()));
        assert_eq!(decode(&[ESCAPE, 0x41]), None);
        assert_eq!(decode(&[ESCAPE]), None);
        assert_eq!(decode(&[0x80]), None);
        assert_eq!(
            decode_lossy(&[ESCAPE, 0x41, ESCAPE, ESCAPE, 0x80, ESCAPE]),
            "A \u{fffd} "
        );
    }
}
