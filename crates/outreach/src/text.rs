//! What a text costs and how it is cut: alphabets, exact counts, parts, and how a text arrives.
//!
//! A text goes over the air in one of two alphabets (3GPP TS 23.038): the GSM 7-bit default
//! alphabet with its extension table, or UCS-2, in which phones read UTF-16. [`split`] takes the
//! first that holds every character, counts in its units, and cuts between characters, so that
//! neither an escape pair nor a surrogate pair is ever torn:
//!
//! | | one part | each of several, 8-bit reference | 16-bit reference |
//! |---|---|---|---|
//! | GSM 7-bit, septets | 160 | 153 | 152 |
//! | UCS-2, UTF-16 units | 70 | 67 | 66 |
//!
//! 140 octets are 160 septets. The header that joins the parts (TS 23.040, 9.2.3.24) is 6 octets
//! with an 8-bit reference: 48 bits, which take the room of 7 septets, and 160 - 7 = 153. With a
//! 16-bit reference it is 7 octets: 56 bits, exactly 8 septets, and 160 - 8 = 152. Counting octets
//! instead of septets (160 - 6 = 154) makes parts that do not fit.
//!
//! The national shift tables of TS 23.038 are left off on purpose: phones and message centres that do
//! not know them show other letters without a word, and which ones know them cannot be found out
//! beforehand. A language outside of the default alphabet goes out in UCS-2, which all phones read.

mod concat;
pub mod gsm;
mod preview;
mod split;

use std::fmt;

use unspoof_model::Coded;

pub use concat::{Concatenation, ReferenceSize, Sar};
pub(crate) use preview::instead_of;
pub use preview::{Foreign, Preview, PreviewPart, preview, shown_name};
pub use split::{Part, Split, split};

/// An alphabet on the air.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alphabet {
    /// The GSM 7-bit default alphabet with its extension table. Counted in septets.
    Gsm7,
    /// UCS-2, in which phones read UTF-16. Counted in 16-bit units.
    Ucs2,
}

impl Alphabet {
    /// Returns what SMPP's `data_coding` says for it: 0 and 8.
    #[must_use]
    pub const fn data_coding(self) -> u8 {
        match self {
            Self::Gsm7 => 0,
            Self::Ucs2 => 8,
        }
    }

    /// Returns how many units fit into a text of one part.
    #[must_use]
    pub const fn single_limit(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Returns how many units fit into each of several parts.
    #[must_use]
    pub const fn part_limit(self, reference: ReferenceSize) -> usize {
        match (self, reference) {
            (Self::Gsm7, ReferenceSize::Eight) => 153,
            (Self::Gsm7, ReferenceSize::Sixteen) => 152,
            (Self::Ucs2, ReferenceSize::Eight) => 67,
            (Self::Ucs2, ReferenceSize::Sixteen) => 66,
        }
    }
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gsm7 => "GSM 7-bit",
            Self::Ucs2 => "UCS-2",
        })
    }
}

/// Which alphabets a sender's other side takes.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Allowed {
    /// Both: the default alphabet where it holds every character, else UCS-2.
    #[default]
    GsmOrUcs2,
    /// The default alphabet alone: another character is an error.
    GsmOnly,
}

/// What a message centre reads where `data_coding` is 0, its "default alphabet": a matter of the
/// contract, to be asked for and tried with a text.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum DefaultAlphabet {
    /// GSM 7-bit, one septet an octet.
    #[default]
    Gsm7,
    /// ISO 8859-1, which the centre itself turns into GSM 7-bit: so only characters of both go this
    /// way, and each counts what it takes on the air (`{` is one octet here and two septets there).
    Latin1,
}

/// How a provider wants texts: items of its contract.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, Debug, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct Coding {
    /// How wide the reference is that joins the parts of one text.
    pub reference: ReferenceSize,
    /// What `data_coding` 0 means.
    pub default_alphabet: DefaultAlphabet,
    /// Which alphabets are taken.
    pub allowed: Allowed,
}

/// Says why a text cannot go out. It repeats one character of it at most.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// A character that has no place in the alphabets that the sender takes, or in none.
    #[error("character {position} of the text, {}, cannot be sent: {why}", shown_name(*character))]
    Unsendable {
        /// Which character.
        character: char,
        /// Its place, in characters from 1.
        position: usize,
        /// Its place, in bytes of UTF-8 from 0.
        byte: usize,
        /// Why not.
        why: &'static str,
    },
    /// More parts than the header that joins them can number.
    #[error("the text takes {parts} parts, and 255 can be joined")]
    TooLong {
        /// How many it takes.
        parts: usize,
    },
}

impl Coded for TextError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unsendable { .. } => "outreach/text-unsendable",
            Self::TooLong { .. } => "outreach/text-too-long",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unsendable { .. } => {
                Some("see each character with: unspoof campaign preview".into())
            }
            Self::TooLong { .. } => None,
        }
    }
}

/// Says why a character is in no text whatever the alphabet; `None` if it may be.
#[must_use]
pub fn never_sendable(character: char) -> Option<&'static str> {
    let code = u32::from(character);
    match character {
        // Line feed and carriage return have septets, and the form feed an escape pair.
        '\n' | '\r' | '\u{c}' => None,
        _ if character.is_control() => Some("it is a control character"),
        '\u{feff}' => Some("phones take it for a mark of the byte order"),
        _ if code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code) => {
            Some("Unicode sets it apart as no character")
        }
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => {
            Some("it is for private use: each phone shows another thing")
        }
        _ => None,
    }
}
