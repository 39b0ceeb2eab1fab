//! Values as records hold telephone numbers, drawn from a seed: the same seed, the same values.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberType};
use unspoof_model::Region;

/// SplitMix64 (Steele, Lea and Flood 2014).
pub(crate) struct Draw(u64);

impl Draw {
    /// Starts from a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Draws below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    /// Is true so many times in a hundred.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Draws one of several.
    pub(crate) fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Draws so many digits.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| char::from(b'0' + self.below(10) as u8))
            .collect()
    }
}

/// An example number of the metadata.
pub(crate) struct Example {
    /// None for calling codes of no region.
    pub(crate) region: Option<Region>,
    pub(crate) code: String,
    pub(crate) national: String,
}

/// All regions, in order.
pub(crate) fn regions() -> Vec<Region> {
    let mut all: Vec<Region> = PHONE_NUMBER_UTIL
        .get_supported_regions()
        .map(|r| r.as_region_str().parse().expect("a region's letters"))
        .collect();
    all.sort();
    all
}

/// All example numbers of the metadata, of every region and kind.
pub(crate) fn examples() -> Vec<Example> {
    const KINDS: [PhoneNumberType; 11] = [
        PhoneNumberType::FixedLine,
        PhoneNumberType::Mobile,
        PhoneNumberType::TollFree,
        PhoneNumberType::PremiumRate,
        PhoneNumberType::SharedCost,
        PhoneNumberType::VoIP,
        PhoneNumberType::PersonalNumber,
        PhoneNumberType::Pager,
        PhoneNumberType::UAN,
        PhoneNumberType::VoiceMail,
        PhoneNumberType::Unknown,
    ];
    let util = &*PHONE_NUMBER_UTIL;
    let example = |region, parsed: rlibphonenumber::PhoneNumber| Example {
        region,
        code: parsed.country_code.to_string(),
        national: rlibphonenumber::get_national_significant_number_owned(&parsed),
    };
    let mut all = Vec::new();
    for region in regions() {
        let original = region.as_str().parse().expect("a known region");
        for kind in KINDS {
            if let Ok(parsed) = util.get_example_number_for_type_and_region(original, kind) {
                all.push(example(Some(region), parsed));
            }
        }
    }
    let mut codes: Vec<i32> = util.get_supported_global_network_calling_codes().collect();
    codes.sort_unstable();
    for code in codes {
        if let Ok(parsed) = util.get_example_number_for_non_geo_entity(code) {
            all.push(example(None, parsed));
        }
    }
    all
}

/// Draws other digits for the last few of a number: mostly of the same range.
pub(crate) fn sibling(draw: &mut Draw, national: &str) -> String {
    let redrawn = draw.below(6).min(national.len());
    let kept = national.len() - redrawn;
    format!(
        "{}{}",
        national.get(..kept).unwrap_or(national),
        draw.digits(redrawn)
    )
}

/// Puts punctuation between digits, as people do.
pub(crate) fn punctuated(draw: &mut Draw, digits: &str) -> String {
    let separator = *draw.of(&[" ", "-", ".", " ", "  ", "/", " - "]);
    let mut text = String::new();
    let mut left = 2 + draw.below(3);
    for (at, c) in digits.chars().enumerate() {
        if left == 0 && at + 1 < digits.len() {
            text.push_str(separator);
            left = 2 + draw.below(3);
        }
        left = left.saturating_sub(1);
        text.push(c);
    }
    if draw.chance(20) && text.len() > 5 {
        let close = 2 + draw.below(3);
        text.insert(close, ')');
        text.insert(0, '(');
    }
    text
}

/// Writes a number in one of the forms that records hold.
pub(crate) fn written(draw: &mut Draw, code: &str, national: &str) -> String {
    let spaced = punctuated(draw, national);
    match draw.below(16) {
        0 | 1 => format!("+{code}{national}"),
        2 => format!("+{code} {spaced}"),
        3 => format!("+{code} (0){spaced}"),
        4 => format!(
            "{}{code}{national}",
            draw.of(&["00", "011", "0011", "810", "001", "119"])
        ),
        5 => format!("00 {code} {spaced}"),
        6 => format!("{code}{national}"),
        7 => format!("0{national}"),
        8 => format!("0{spaced}"),
        9 => format!(
            "{}{national}",
            draw.of(&["1", "8", "0", "06", "01", "90", "80", "15", "1 "])
        ),
        10 => format!("tel:+{code}-{spaced}"),
        11 => format!(
            "{spaced}{}{}",
            draw.of(&[
                " x", " ext ", " ext. ", ";ext=", ",", " EXT ", "x", "#", " int ", "~"
            ]),
            draw.below(100_000),
        ),
        12 => spaced,
        13 => {
            // Carrier codes and rules: something before, something lost in front.
            let lost = draw.below(5).min(national.len());
            let before = draw.below(4);
            format!(
                "{}{}",
                draw.digits(before),
                national.get(lost..).unwrap_or("")
            )
        }
        14 => format!("{code}0{national}"),
        _ => national.to_owned(),
    }
}

/// Spoils a text: a character more, less or other.
pub(crate) fn spoiled(draw: &mut Draw, text: &str) -> String {
    const ODD: [char; 32] = [
        '0', '1', '5', '9', '+', '+', '-', ' ', '(', ')', '.', '/', '*', '#', 'x', 'a', 'B', '[',
        ']', ';', ',', ':', '\t', '\n', '~', '\u{ff0b}', '\u{ff11}', '\u{661}', '\u{a0}',
        '\u{200b}', '<', '@',
    ];
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=draw.below(2) {
        let at = draw.below(chars.len() + 1);
        match draw.below(3) {
            0 => chars.insert(at, *draw.of(&ODD)),
            1 if at < chars.len() => {
                chars.remove(at);
            }
            _ if at < chars.len() => chars[at] = *draw.of(&ODD),
            _ => chars.push(*draw.of(&ODD)),
        }
    }
    chars.into_iter().collect()
}

/// Draws digits of no particular number, with a calling code in front or without.
pub(crate) fn random_digits(draw: &mut Draw, examples: &[Example]) -> String {
    let count = match draw.below(20) {
        0 => draw.below(40),
        1..4 => draw.below(5),
        _ => 4 + draw.below(11),
    };
    let digits = draw.digits(count);
    match draw.below(6) {
        0 => format!("+{digits}"),
        1 => format!("00{digits}"),
        2 | 3 => format!("+{}{digits}", draw.of(examples).code),
        4 => format!("{}{digits}", draw.of(examples).code),
        _ => digits,
    }
}

/// Writes a number as people do who do not think of machines: extensions in words, letters for
/// digits, digits of other scripts, carrier codes, `tel:` with its parameters.
pub(crate) fn messy(draw: &mut Draw, code: &str, national: &str) -> String {
    let spaced = punctuated(draw, national);
    match draw.below(14) {
        0 => {
            let label = *draw.of(&[
                " ext",
                " ext. ",
                " extn. ",
                " extension ",
                " xtn ",
                "x",
                " x ",
                " X. ",
                "#",
                " # ",
                " int. ",
                " anexo ",
                " доб. ",
                " доб ",
                " \u{ff45}\u{ff58}\u{ff54} ",
                " \u{ff58}",
                " \u{ff03}",
                "~",
                " ~ ",
                ";ext=",
                ";extn=",
                "; ext.",
                ", ext ",
                ",",
                ",,",
                ", ,",
                ";",
                " e x t ",
                " Durchwahl ",
                ":",
                " :",
                " poste ",
            ]);
            let digits = 1 + draw.below(8);
            let end = *draw.of(&["", "", "", "#", " ", ".", " (after 6)"]);
            format!("+{code} {spaced}{label}{}{end}", draw.digits(digits))
        }
        1 => {
            let label = *draw.of(&[" ext. ", " x", "x", ";ext=", " доб. ", ",", " int ", "#"]);
            let digits = 1 + draw.below(6);
            format!("0{spaced}{label}{}", draw.digits(digits))
        }
        2 => {
            let context = match draw.below(6) {
                0 => format!("+{code}"),
                1 => format!("+{code}-"),
                2 => "example.org".to_owned(),
                3 => String::new(),
                4 => "+".to_owned(),
                _ => {
                    let count = 1 + draw.below(3);
                    format!("+{}", draw.digits(count))
                }
            };
            let before = *draw.of(&["tel:", "", "TEL:", "tel: ", "Tel:"]);
            let after = *draw.of(&["", "", ";isub=12345", ";ext=45", ";isub=1;ext=2", ";x=y"]);
            if draw.chance(30) {
                format!("{before}+{code}-{spaced}{after};phone-context={context}")
            } else {
                format!("{before}{spaced};phone-context={context}{after}")
            }
        }
        3 => {
            let after = *draw.of(&["", ";isub=12", ";ext=7", ";ext=1234567", "?body=x", ";foo"]);
            format!("tel:+{code}-{spaced}{after}")
        }
        4 => {
            // The last few digits as letters of a keypad.
            let lost = (3 + draw.below(5)).min(national.len());
            let kept = national.get(..national.len() - lost).unwrap_or_default();
            let letters: String = (0..lost)
                .map(|_| char::from(b'A' + draw.below(26) as u8))
                .collect();
            let letters = if draw.chance(30) {
                letters.to_lowercase()
            } else {
                letters
            };
            let own = *draw.of(&["", "0", "1-", "1 "]);
            match draw.below(3) {
                0 => format!("+{code} {kept} {letters}"),
                1 => format!("{own}{kept}-{letters}"),
                _ => format!("({kept}) {letters}"),
            }
        }
        5 | 6 => {
            // Full-width, Arabic, Persian, Devanagari, mathematical digits.
            let zero = *draw.of(&['\u{ff10}', '\u{660}', '\u{6f0}', '\u{966}', '\u{1d7ce}']);
            let plus = *draw.of(&['+', '\u{ff0b}']);
            let text = match draw.below(3) {
                0 => format!("{plus}{code}{spaced}"),
                1 => format!("0{spaced}"),
                _ => spaced,
            };
            let mixed = draw.chance(20);
            text.chars()
                .map(|c| match c.to_digit(10) {
                    Some(digit) if !mixed || draw.chance(50) => {
                        char::from_u32(zero as u32 + digit).unwrap_or(c)
                    }
                    _ => c,
                })
                .collect()
        }
        7 => {
            let dash = *draw.of(&[
                "\u{2010}", "\u{2013}", "\u{2212}", "\u{30fc}", "\u{ff0d}", "\u{3000}", "\u{ff0e}",
                "\u{2060}", "\u{ad}", "\u{200b}", "\u{a0}", "\u{ff08}", "\u{ff09}", "\u{ff3b}",
                "\u{2053}", "\u{223c}", "\u{ff5e}", "\u{202d}", "\u{2022}",
            ]);
            format!("+{code} {}", spaced.replace([' ', '-', '.', '/'], dash))
        }
        8 => {
            // Carrier codes and other ways into a network.
            let carrier = *draw.of(&[
                "0 15 ", "015", "0 31 ", "021", "044 ", "045", "01", "1 ", "05", "09", "007",
                "0 12 34 ", "1790", "17911", "12593", "080", "08", "0041", "106", "16", "81",
                "#31#", "*31#", "*67", "1831", "141", "0 ", "86",
            ]);
            match draw.below(3) {
                0 => format!("{carrier}{national}"),
                1 => format!("{carrier}{spaced}"),
                // Local forms, as where a 15 stands inside an Argentine number.
                _ => {
                    let at = (1 + draw.below(4)).min(national.len());
                    let (area, rest) = national.split_at(at);
                    format!("0{area}{}{rest}", draw.of(&["15", "", "0", " 15 "]))
                }
            }
        }
        9 => {
            let prefix = *draw.of(&[
                "00", "00 ", "011", "0011", "0014", "810", "8~10", "8 10 ", "001", "010", "119",
                "00300", "00700", "0021", "0031", "900", "002", "000", "0000", "+00", "++", "+ +",
                "00+", "011 +",
            ]);
            format!("{prefix}{code}{spaced}")
        }
        10 => {
            let zero = *draw.of(&[" (0)", "(0)", " (0) ", " [0]", " 0", "-0", " (00)", "0 "]);
            format!("+{code}{zero}{spaced}")
        }
        11 => {
            let before = *draw.of(&[
                "Tel. ",
                "phone: ",
                "T: ",
                "Mob ",
                "(",
                "[",
                "\"",
                "'",
                "=",
                "~",
                ">",
                ":",
                "fax ",
                "\u{260e} ",
                "\u{202a}",
                "\u{feff}",
                "n\u{ba} ",
                "No.",
            ]);
            let after = *draw.of(&[
                "", ")", "]", "\"", ".", ",", ";", " (home)", " or", "\u{202c}", "*", "#", "+",
                " /", "\\", "/1", "/ 020",
            ]);
            format!("{before}+{code} {spaced}{after}")
        }
        12 => {
            let other = sibling(draw, national);
            let between = *draw.of(&[" / ", "/x", "/ ", " or ", ", ", "; ", "\\ x", " x", "\n"]);
            format!("+{code} {spaced}{between}{other}")
        }
        _ => {
            let zeros = 1 + draw.below(13);
            let cut = draw.below(national.len() + 1);
            let national = national.get(cut..).unwrap_or(national);
            match draw.below(3) {
                0 => format!("+{code}{:0zeros$}{national}", 0),
                1 => format!("{:0zeros$}{national}", 0),
                _ => format!("+{code} {:0zeros$} {national}", 0),
            }
        }
    }
}
