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
