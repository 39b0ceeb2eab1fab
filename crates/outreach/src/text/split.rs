//! Cuts a text into parts, between characters, each within its limit on the air.

use std::ops::Range;

use super::gsm::{self, Septets};
use super::{Allowed, Alphabet, Coding, Concatenation, DefaultAlphabet, TextError, never_sendable};

/// One part of a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    range: Range<usize>,
    units: usize,
    octets: Vec<u8>,
}

impl Part {
    /// Returns where the part stands in the text, in bytes of UTF-8.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Returns how many septets or UTF-16 units it takes, the header left out.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// Returns its content as SMPP takes it, the header left out: septets one an octet, or ISO
    /// 8859-1 where that is the centre's default alphabet, or UTF-16 with the high octet first.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }
}

/// A text cut into parts. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Split {
    alphabet: Alphabet,
    coding: Coding,
    parts: Vec<Part>,
    units: usize,
    characters: usize,
    ucs2_because: Option<(usize, char)>,
}

impl std::fmt::Debug for Split {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Split")
            .field("alphabet", &self.alphabet)
            .field("parts", &self.parts.len())
            .field("units", &self.units)
            .finish_non_exhaustive()
    }
}

impl Split {
    /// Returns the alphabet on the air.
    #[must_use]
    pub fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    /// Returns what SMPP's `data_coding` says.
    #[must_use]
    pub fn data_coding(&self) -> u8 {
        self.alphabet.data_coding()
    }

    /// Returns the parts, one at least.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns how many parts there are, one at least: what the provider bills.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Says whether there are no parts. There always is one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Says whether there are several parts, which then each need a header.
    #[must_use]
    pub fn is_concatenated(&self) -> bool {
        self.parts.len() > 1
    }

    /// Returns the septets or UTF-16 units of the whole text, headers left out.
    #[must_use]
    pub fn units(&self) -> usize {
        self.units
    }

    /// Returns the characters of the whole text.
    #[must_use]
    pub fn characters(&self) -> usize {
        self.characters
    }

    /// Returns how many units fit into each of the parts.
    #[must_use]
    pub fn part_limit(&self) -> usize {
        if self.is_concatenated() {
            self.alphabet.part_limit(self.coding.reference)
        } else {
            self.alphabet.single_limit()
        }
    }

    /// Returns the first character that the default alphabet lacks, with its place in bytes: what
    /// it is that makes the text UCS-2.
    #[must_use]
    pub fn ucs2_because(&self) -> Option<(usize, char)> {
        self.ucs2_because
    }

    /// Returns the reference of the message that this count, such as its key, stands for.
    #[must_use]
    pub fn concatenation(&self, count: u64) -> Concatenation {
        Concatenation::of(self.coding.reference, count)
    }

    /// Returns SMPP's `short_message` of each part: with its header where there are several, and
    /// then `esm_class` needs the bit 0x40. `count` as for [`Self::concatenation`].
    pub fn short_messages(&self, count: u64) -> impl Iterator<Item = Vec<u8>> + '_ {
        let concatenation = self.concatenation(count);
        let total = self.total();
        (1..=total).zip(&self.parts).map(move |(number, part)| {
            if total == 1 {
                return part.octets.clone();
            }
            let mut octets = concatenation.header(total, number);
            octets.extend_from_slice(&part.octets);
            octets
        })
    }

    /// Returns the parts as a number that fits the header.
    #[must_use]
    pub fn total(&self) -> u8 {
        u8::try_from(self.parts.len()).expect("`split` makes at most 255 parts")
    }

    /// Returns the whole text as one: SMPP's `message_payload`, which the centre itself cuts.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        self.parts
            .iter()
            .flat_map(|part| part.octets.iter().copied())
            .collect()
    }
}

/// Chooses the alphabet, counts, and cuts.
///
/// # Errors
/// [`TextError::Unsendable`] names the first character that cannot go out and its place;
/// [`TextError::TooLong`] where more than 255 parts were needed.
pub fn split(text: &str, coding: Coding) -> Result<Split, TextError> {
    let mut characters = 0;
    let mut ucs2_because = None;
    for (byte, character) in text.char_indices() {
        characters += 1;
        let unsendable = |why| TextError::Unsendable {
            character,
            position: characters,
            byte,
            why,
        };
        if let Some(why) = never_sendable(character) {
            return Err(unsendable(why));
        }
        if ucs2_because.is_none() && default_alphabet(character, coding).is_none() {
            if coding.allowed == Allowed::GsmOnly {
                return Err(unsendable("the sender takes the GSM alphabet alone"));
            }
            ucs2_because = Some((byte, character));
        }
    }
    let alphabet = match ucs2_because {
        None => Alphabet::Gsm7,
        Some(_) => Alphabet::Ucs2,
    };
    let encode = |character: char, octets: &mut Vec<u8>| match alphabet {
        Alphabet::Gsm7 => {
            let (septets, latin1) =
                default_alphabet(character, coding).expect("looked at all of them above");
            match latin1 {
                Some(octet) => octets.push(octet),
                None => septets.push_to(octets),
            }
        }
        Alphabet::Ucs2 => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                octets.extend(unit.to_be_bytes());
            }
        }
    };
    let units_of = |character: char| match alphabet {
        Alphabet::Gsm7 => gsm::septets_of(character).map_or(0, Septets::count),
        Alphabet::Ucs2 => character.len_utf16(),
    };
    let units: usize = text.chars().map(units_of).sum();
    let limit = if units <= alphabet.single_limit() {
        alphabet.single_limit()
    } else {
        alphabet.part_limit(coding.reference)
    };
    let empty = |start| Part {
        range: start..start,
        units: 0,
        octets: Vec::new(),
    };
    let mut parts = Vec::new();
    let mut part = empty(0);
    for (byte, character) in text.char_indices() {
        let takes = units_of(character);
        if part.units + takes > limit {
            parts.push(std::mem::replace(&mut part, empty(byte)));
        }
        part.units += takes;
        part.range.end = byte + character.len_utf8();
        encode(character, &mut part.octets);
    }
    parts.push(part);
    if parts.len() > usize::from(u8::MAX) {
        return Err(TextError::TooLong { parts: parts.len() });
    }
    Ok(Split {
        alphabet,
        coding,
        parts,
        units,
        characters,
        ucs2_because,
    })
}

/// Returns the septets that a character takes on the air, and its octet where the centre's default
/// alphabet is ISO 8859-1; `None` where it cannot go out with `data_coding` 0.
pub(super) fn default_alphabet(character: char, coding: Coding) -> Option<(Septets, Option<u8>)> {
    let septets = gsm::septets_of(character)?;
    match coding.default_alphabet {
        DefaultAlphabet::Gsm7 => Some((septets, None)),
        DefaultAlphabet::Latin1 => {
            let octet = u8::try_from(u32::from(character)).ok()?;
            Some((septets, Some(octet)))
        }
    }
}
