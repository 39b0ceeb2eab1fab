//! Scripts, and letters of one that pass for another's.

use super::{Look, Rule};

/// A script, as far as the linter must tell them apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Indic,
    SouthEastAsian,
    Georgian,
    Ethiopic,
    Cherokee,
    Hangul,
    /// Chinese characters and kana, which are written together.
    Han,
    /// Letters of another width or style: 𝗮, ａ, ⓐ.
    Styled,
    Other,
}

/// Returns a letter's script; `None` for what is no letter.
pub(super) fn script_of(letter: char) -> Option<Script> {
    if !letter.is_alphabetic() {
        return None;
    }
    Some(match u32::from(letter) {
        0x41..=0x24f | 0x1e00..=0x1eff => Script::Latin,
        0x370..=0x3ff | 0x1f00..=0x1fff => Script::Greek,
        0x400..=0x52f | 0x1c80..=0x1c8f | 0x2de0..=0x2dff | 0xa640..=0xa69f => Script::Cyrillic,
        0x530..=0x58f => Script::Armenian,
        0x590..=0x5ff | 0xfb1d..=0xfb4f => Script::Hebrew,
        0x600..=0x6ff | 0x750..=0x77f | 0x870..=0x8ff | 0xfb50..=0xfdff | 0xfe70..=0xfefc => {
            Script::Arabic
        }
        0x900..=0xdff => Script::Indic,
        0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff => Script::SouthEastAsian,
        0x10a0..=0x10ff | 0x1c90..=0x1cbf => Script::Georgian,
        0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7ff => Script::Hangul,
        0x1200..=0x139f => Script::Ethiopic,
        0x13a0..=0x13ff | 0xab70..=0xabbf => Script::Cherokee,
        0x2e80..=0x30ff | 0x31f0..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff => Script::Han,
        0x250..=0x2af
        | 0x1d00..=0x1dbf
        | 0x2070..=0x209f
        | 0x2100..=0x214f
        | 0x2460..=0x24ff
        | 0xfb00..=0xfb06
        | 0xff21..=0xff5a
        | 0x1d400..=0x1d7ff
        | 0x1f100..=0x1f1ff => Script::Styled,
        _ => Script::Other,
    })
}

/// Returns the script of a language; `None` where the linter does not know it.
pub(super) fn script_of_language(language: &str) -> Option<Script> {
    Some(match language {
        "ar" | "fa" | "ps" | "ur" | "ckb" | "sd" => Script::Arabic,
        "be" | "bg" | "kk" | "mk" | "mn" | "ru" | "uk" => Script::Cyrillic,
        "bn" | "gu" | "hi" | "kn" | "ml" | "mr" | "ne" | "pa" | "si" | "ta" | "te" => Script::Indic,
        "el" => Script::Greek,
        "he" | "yi" => Script::Hebrew,
        "hy" => Script::Armenian,
        "ka" => Script::Georgian,
        "ko" => Script::Hangul,
        "am" | "ti" => Script::Ethiopic,
        "ja" | "yue" | "zh" => Script::Han,
        "km" | "lo" | "my" | "th" => Script::SouthEastAsian,
        "cs" | "cy" | "da" | "de" | "en" | "es" | "et" | "fi" | "fr" | "ga" | "gd" | "hr"
        | "hu" | "it" | "lt" | "lv" | "nl" | "no" | "pl" | "pt" | "ro" | "sk" | "sl" | "so"
        | "sq" | "sv" | "tl" | "tr" | "vi" => Script::Latin,
        _ => return None,
    })
}

/// Refuses words of mixed scripts, styled letters, and words of a script that passes for another.
pub(super) fn check(look: &mut Look<'_>) {
    let text = look.filled.text.clone();
    let language = look.draft.language.split('-').next().unwrap_or_default();
    let own = script_of_language(language);
    for word in super::link::runs(&text, char::is_alphanumeric) {
        let written = text.get(word.clone()).unwrap_or_default();
        let mut scripts: Vec<Script> = written.chars().filter_map(script_of).collect();
        scripts.sort_unstable();
        scripts.dedup();
        let passes_for_another = |script: &Script| {
            matches!(
                script,
                Script::Greek | Script::Cyrillic | Script::Armenian | Script::Cherokee
            ) && Some(*script) != own
        };
        let (why, mend) = if scripts.contains(&Script::Styled) {
            (
                "its letters are of a style of their own, which phones and filters read in different ways",
                "type it with plain letters",
            )
        } else if scripts.len() > 1 {
            (
                "its letters are of different scripts that look alike, a mark of fraud to filters",
                "type the word anew on one keyboard",
            )
        } else if scripts.iter().any(passes_for_another) {
            (
                "its letters are of a script that passes for another and is not the language's",
                "type the word anew with the language's letters",
            )
        } else {
            continue;
        };
        look.finds(Rule::MixedScripts, word, why, mend);
    }
}
