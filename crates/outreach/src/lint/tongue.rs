//! Whether a text is in the language that it claims.
//!
//! The share of the language's script first; then, for the languages that have a word list, the
//! words that nearly every text has: the claimed language must have most of them.

use super::filled::Kind;
use super::script::{script_of, script_of_language};
use super::words::{LEXICON, tokens};
use super::{Look, Rule};

/// Of ten letters so many must be of the language's script; names may be of another.
const LETTERS_IN_TEN: usize = 6;
/// One word in so many must be one that most texts have.
const WORDS_FOR_A_COMMON_ONE: usize = 10;

pub(super) fn check(look: &mut Look<'_>) {
    let text = look.filled.text.clone();
    let language = look
        .draft
        .language
        .split('-')
        .next()
        .unwrap_or_default()
        .to_owned();
    let whole = 0..text.len();
    let Some(own) = script_of_language(&language) else {
        look.finds(
            Rule::Language,
            whole,
            format!("the linter does not know `{language}`"),
            "have somebody who speaks it read the text, and sign an exception",
        );
        return;
    };
    let is_plain = |at: usize| {
        !look.filled.touches(&(at..at + 1), Kind::Code)
            && !look.filled.touches(&(at..at + 1), Kind::Organisation)
    };
    let scripts: Vec<_> = text
        .char_indices()
        .filter(|(at, _)| is_plain(*at))
        .filter_map(|(_, letter)| script_of(letter))
        .collect();
    let of_own = scripts.iter().filter(|script| **script == own).count();
    if of_own * 10 < scripts.len() * LETTERS_IN_TEN || scripts.is_empty() {
        look.finds(
            Rule::Language,
            whole,
            format!("it claims to be in `{language}`, and most of its letters are not"),
            "translate it, or name its language",
        );
        return;
    }
    let tokens: Vec<_> = tokens(&text)
        .into_iter()
        .filter(|token| is_plain(token.span.start))
        .collect();
    let common = |language: &str| {
        let words = LEXICON.iter().find(|words| words.language == language)?;
        let is_common = |token: &&super::words::Token| words.common.contains(&token.folded);
        Some(tokens.iter().filter(is_common).count())
    };
    let most = LEXICON
        .iter()
        .filter_map(|words| Some((common(words.language)?, words.language)))
        .max_by_key(|(count, of)| (*count, *of == language));
    let (why, mend) = match (common(&language), most) {
        (Some(own), Some((most, other))) if own < most => (
            format!("it claims to be in `{language}`, and reads like `{other}`"),
            "translate it, or name its language",
        ),
        (Some(own), _) if own * WORDS_FOR_A_COMMON_ONE < tokens.len() => (
            format!("it claims to be in `{language}`, and has few of that language's words"),
            "translate it, or name its language",
        ),
        (Some(_), _) => return,
        (None, _) => (
            format!("the linter has no word list for `{language}`"),
            "have somebody who speaks it read the text, and sign an exception",
        ),
    };
    look.finds(Rule::Language, whole, why, mend);
}
