//! Values as records hold them, in two mixes that a seed draws, each with the home it was dialled
//! from.

use unspoof_model::Region;

use crate::inputs::{Draw, Example, punctuated, random_digits, regions, sibling};

/// A value and the home that it was dialled from.
pub(crate) struct Value {
    pub(crate) home: Option<Region>,
    pub(crate) text: String,
}

/// Values that are timed together.
pub(crate) type Batch = Vec<Value>;

const BATCH_VALUES: usize = 1_000;
const BATCHES: usize = 200;

/// Draws the batches of a mix.
pub(crate) type Mix = fn(&mut Draw, &[Example]) -> Vec<Batch>;
pub(crate) const MIXES: [(&str, Mix); 2] = [("home", home_mix), ("all", all_mix)];

/// Seven homes, nearly half of the values British; a quarter in plain international form, and
/// 6 % that are no numbers.
fn home_mix(draw: &mut Draw, examples: &[Example]) -> Vec<Batch> {
    const OTHERS: [&str; 6] = ["US", "ES", "NL", "FR", "IE", "AU"];
    (0..BATCHES)
        .map(|at| {
            let home = if at * 100 < BATCHES * 45 {
                "GB"
            } else {
                OTHERS[at % OTHERS.len()]
            };
            let home = home.parse().ok();
            let own: Vec<&Example> = examples.iter().filter(|e| e.region == home).collect();
            let value = |_| Value {
                home,
                text: home_value(draw, &own),
            };
            (0..BATCH_VALUES).map(value).collect()
        })
        .collect()
}

fn home_value(draw: &mut Draw, own: &[&Example]) -> String {
    let Example { code, national, .. } = draw.of(own);
    // Mobiles and fixed lines are most of what is called.
    let national = if draw.chance(80) {
        &own[draw.below(own.len().min(2))].national
    } else {
        national
    };
    let national = sibling(draw, national);
    let spaced = punctuated(draw, &national);
    let own_prefix = if code == "1" {
        "1"
    } else if code == "34" {
        ""
    } else {
        "0"
    };
    let abroad = match code.as_str() {
        "1" => "011",
        "61" => "0011",
        _ => "00",
    };
    match draw.below(100) {
        0..25 => format!("+{code}{national}"),
        25..40 => format!("+{code} {spaced}"),
        40..46 => format!("+{code} (0){spaced}"),
        46..54 => format!("{abroad}{code}{national}"),
        54..66 => format!("{own_prefix}{national}"),
        66..84 => format!("{own_prefix}{spaced}"),
        84..91 => format!("{code}{national}"),
        91 => format!("tel:+{code}-{spaced}"),
        92 => format!("+{code} {spaced} ext. {}", draw.below(1_000)),
        93 => format!("{own_prefix}{spaced} x{}", draw.below(1_000)),
        94 => String::new(),
        95 => draw
            .of(&["unknown", "n/a", "anonymous", "-", "none"])
            .to_string(),
        96 => draw.below(100).to_string(),
        _ => {
            let count = 3 + draw.below(9);
            draw.digits(count)
        }
    }
}

/// Any region's numbers, spoiled a little, and random digits; each value from another home.
fn all_mix(draw: &mut Draw, examples: &[Example]) -> Vec<Batch> {
    let homes = regions();
    let mut value = || Value {
        home: Some(*draw.of(&homes)),
        text: all_value(draw, examples),
    };
    (0..BATCHES)
        .map(|_| (0..BATCH_VALUES).map(|_| value()).collect())
        .collect()
}

fn all_value(draw: &mut Draw, examples: &[Example]) -> String {
    if draw.chance(20) {
        return random_digits(draw, examples);
    }
    let example = draw.of(examples);
    let text = match draw.below(6) {
        0 => example.national.clone(),
        1 => format!("0{}", example.national),
        2 => format!("00{}{}", example.code, example.national),
        _ => format!("+{}{}", example.code, example.national),
    };
    mutated(draw, &text)
}

/// Changes digits, or how many there are.
fn mutated(draw: &mut Draw, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..draw.below(3) {
        let at = bytes.len() - 1 - draw.below(bytes.len().min(6));
        match draw.below(6) {
            0 => {
                bytes.remove(at);
            }
            1 => bytes.insert(at, b'0' + draw.below(10) as u8),
            _ => bytes[at] = b'0' + draw.below(10) as u8,
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
