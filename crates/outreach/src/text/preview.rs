//! A text as it will arrive: its parts, what is left in each, and what makes it dear.

use std::fmt;

use serde::Serialize;

use super::split::default_alphabet;
use super::{Alphabet, Coding, TextError, split};

/// A text as it will arrive.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Preview {
    /// The alphabet on the air.
    pub alphabet: Alphabet,
    /// Septets or UTF-16 units of the whole text.
    pub units: usize,
    /// Characters of the whole text.
    pub characters: usize,
    /// The parts, in order.
    pub parts: Vec<PreviewPart>,
    /// The characters that the default alphabet lacks, each once, in the order of their first place.
    /// They make the text UCS-2.
    pub foreign: Vec<Foreign>,
}

/// One part of a text as it will arrive.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PreviewPart {
    /// What it says.
    pub text: String,
    /// Septets or UTF-16 units that it takes.
    pub units: usize,
    /// Septets or UTF-16 units that would fit in besides.
    pub left: usize,
}

/// A character that the default alphabet lacks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Foreign {
    /// Which character.
    pub character: char,
    /// Its code point and name, such as ``U+2019 `’` right single quotation mark``.
    pub name: String,
    /// Its first place, in characters from 1.
    pub position: usize,
    /// How often it stands in the text.
    pub times: usize,
    /// What could stand there instead, where something of the default alphabet does the same.
    pub instead: Option<&'static str>,
}

/// Shows a text as it will arrive. Placeholders must be filled in: they count as they stand.
///
/// # Errors
/// As [`split`](super::split()).
pub fn preview(text: &str, coding: Coding) -> Result<Preview, TextError> {
    let split = split(text, coding)?;
    let limit = split.part_limit();
    let parts = split.parts().iter().map(|part| PreviewPart {
        text: text.get(part.range()).unwrap_or_default().to_owned(),
        units: part.units(),
        left: limit - part.units(),
    });
    let mut foreign: Vec<Foreign> = Vec::new();
    for (at, character) in text.chars().enumerate() {
        if default_alphabet(character, coding).is_some() {
            continue;
        }
        match foreign.iter_mut().find(|f| f.character == character) {
            Some(known) => known.times += 1,
            None => foreign.push(Foreign {
                character,
                name: shown_name(character),
                position: at + 1,
                times: 1,
                instead: instead_of(character),
            }),
        }
    }
    Ok(Preview {
        alphabet: split.alphabet(),
        units: split.units(),
        characters: split.characters(),
        parts: parts.collect(),
        foreign,
    })
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.alphabet {
            Alphabet::Gsm7 => "septets",
            Alphabet::Ucs2 => "UTF-16 units",
        };
        let several = if self.parts.len() == 1 { "" } else { "s" };
        writeln!(
            f,
            "{} part{several}, {}, {} {unit}, {} characters",
            self.parts.len(),
            self.alphabet,
            self.units,
            self.characters,
        )?;
        for (at, part) in self.parts.iter().enumerate() {
            let number = at + 1;
            writeln!(
                f,
                "-- part {number}: {} {unit}, {} left",
                part.units, part.left
            )?;
            writeln!(f, "{}", part.text)?;
        }
        for foreign in &self.foreign {
            let times = match foreign.times {
                1 => String::new(),
                times => format!(", {times} times"),
            };
            write!(
                f,
                "not in the GSM alphabet: {}, character {}{times}",
                foreign.name, foreign.position
            )?;
            match foreign.instead {
                Some(instead) => writeln!(f, "; `{instead}` would do")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

/// Returns what in the default alphabet says the same as a character outside of it.
pub(crate) fn instead_of(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{2032}' | '`' | '´' => "'",
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2033}' | '«' | '»' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{2026}' => "...",
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{2022}' | '·' => "*",

        _ => return None,
    })
}

/// Shows a character so that invisible and look-alike ones can be told: its code point, itself where
/// it can be seen, and its name where people often meet it unawares.
#[must_use]
pub fn shown_name(character: char) -> String {
    let code = u32::from(character);
    let name = match character {
        '\0' => "null",
        '\t' => "tab",
        '\u{1b}' => "escape",
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{61c}' => "Arabic letter mark",
        '\u{200b}' => "zero-width space",
        '\u{200c}' => "zero-width non-joiner",
        '\u{200d}' => "zero-width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{2010}'..='\u{2015}' => "dash",
        '\u{2018}' => "left single quotation mark",
        '\u{2019}' => "right single quotation mark",
        '\u{201c}' => "left double quotation mark",
        '\u{201d}' => "right double quotation mark",
        '\u{2026}' => "ellipsis",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "bidirectional control",
        '\u{202f}' => "narrow no-break space",
        '\u{2060}' => "word joiner",
        '\u{feff}' => "byte order mark",
        '\u{fffd}' => "replacement character",
        '`' => "back-tick",
        _ => "",
    };
    let mut shown = format!("U+{code:04X}");
    let is_seen = !(character.is_control()
        || character.is_whitespace()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}'));
    if is_seen {
        shown.push_str(&format!(" `{character}`"));
    }
    if !name.is_empty() {
        shown.push(' ');
        shown.push_str(name);
    }
    shown
}
