//! Words and phrases of money, haste, requests and personal data, by lists that people edit.

use std::ops::Range;
use std::sync::LazyLock;

use super::filled::Kind;
use super::{Look, Rule};

/// The languages that have lists.
const LISTS: [(&str, &str); 6] = [
    ("ar", include_str!("words/ar.txt")),
    ("cy", include_str!("words/cy.txt")),
    ("en", include_str!("words/en.txt")),
    ("es", include_str!("words/es.txt")),
    ("pl", include_str!("words/pl.txt")),
    ("ur", include_str!("words/ur.txt")),
];

/// All lists, read once.
pub(super) static LEXICON: LazyLock<Vec<Words>> = LazyLock::new(|| {
    LISTS
        .map(|(language, list)| Words::read(language, list))
        .into()
});

/// One word of a phrase.
#[derive(Debug, PartialEq)]
enum Pattern {
    Word(String),
    Prefix(String),
    Number,
}

type Phrase = Vec<Pattern>;

/// The lists of one language.
#[derive(Default)]
pub(super) struct Words {
    pub(super) language: &'static str,
    money: Vec<Phrase>,
    urgency: Vec<Phrase>,
    request: Vec<Phrase>,
    personal: Vec<Phrase>,
    allowed: Vec<Phrase>,
    pub(super) common: Vec<String>,
}

impl Words {
    fn read(language: &'static str, list: &'static str) -> Self {
        let mut words = Self {
            language,
            ..Self::default()
        };
        let mut section = "";
        for line in list.lines().filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']');
                continue;
            }
            for entry in line
                .split([',', '،'])
                .map(str::trim)
                .filter(|e| !e.is_empty())
            {
                let phrase = phrase(entry);
                match section {
                    "money" => words.money.push(phrase),
                    "urgency" => words.urgency.push(phrase),
                    "request" => words.request.push(phrase),
                    "personal" => words.personal.push(phrase),
                    "allowed" => words.allowed.push(phrase),
                    _ => words.common.push(fold(entry)),
                }
            }
        }
        words
    }
}

fn phrase(entry: &str) -> Phrase {
    entry
        .split([' ', '-'])
        .map(|word| match (word, word.strip_suffix('*')) {
            ("#", _) => Pattern::Number,
            (_, Some(prefix)) => Pattern::Prefix(fold(prefix)),
            (word, None) => Pattern::Word(fold(word)),
        })
        .collect()
}

/// A word of a text, folded, and where it stands.
pub(super) struct Token {
    pub(super) folded: String,
    pub(super) span: Range<usize>,
}

/// Cuts a text into words. Apostrophes inside belong to them, hyphens do not.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let is_word = |c: char| c.is_alphanumeric() || is_mark(c) || matches!(c, '\'' | '’' | 'ʼ');
    super::link::runs(text, is_word)
        .into_iter()
        .filter_map(|span| {
            let written = text.get(span.clone())?;
            let folded = fold(written.trim_matches(['\'', '’']));
            (!folded.is_empty()).then_some(Token { folded, span })
        })
        .collect()
}

fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Makes spellings of one word the same: lower case, no accents, no vowel signs of Arabic, one form
/// of alef, yeh, kaf, heh and apostrophe.
fn fold(word: &str) -> String {
    word.chars()
        .filter(|c| !is_mark(*c))
        .flat_map(char::to_lowercase)
        .filter(|c| !is_mark(*c))
        .map(|c| match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
            'ç' | 'ć' | 'č' => 'c',
            'è'..='ë' | 'ē' | 'ę' | 'ě' => 'e',
            'ì'..='ï' | 'ī' => 'i',
            'ł' => 'l',
            'ñ' | 'ń' | 'ň' => 'n',
            'ò'..='ö' | 'ō' => 'o',
            'ś' | 'š' => 's',
            'ù'..='ü' | 'ū' | 'ů' => 'u',
            'ŵ' | 'ẁ' | 'ẃ' | 'ẅ' => 'w',
            'ý' | 'ÿ' | 'ŷ' | 'ỳ' => 'y',
            'ź' | 'ż' | 'ž' => 'z',
            '’' | 'ʼ' => '\'',
            'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
            'ى' | 'ی' => 'ي',
            'ک' => 'ك',
            'ة' | 'ہ' | 'ۃ' => 'ه',
            'ؤ' => 'و',
            other => other,
        })
        .collect()
}

/// Particles that Arabic writes together with the next word.
const PARTICLES: [&str; 9] = ["وال", "بال", "فال", "لل", "ال", "و", "ف", "ب", "ل"];

fn fits(pattern: &Pattern, token: &str) -> bool {
    let is_number = token.chars().all(char::is_numeric);
    let is_so = |token: &str| match pattern {
        Pattern::Number => is_number,
        Pattern::Word(word) => token == word,
        Pattern::Prefix(prefix) => token.starts_with(prefix.as_str()),
    };
    is_so(token)
        || PARTICLES.iter().any(|particle| {
            token
                .strip_prefix(particle)
                .is_some_and(|rest| rest.chars().count() >= 3 && is_so(rest))
        })
}

/// Finds a list's phrases among words: the longest at each place.
fn matches(tokens: &[Token], phrases: &[Phrase]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let longest = phrases
            .iter()
            .filter(|phrase| {
                let there = tokens.get(at..at + phrase.len());
                there.is_some_and(|there| {
                    there
                        .iter()
                        .zip(*phrase)
                        .all(|(token, p)| fits(p, &token.folded))
                })
            })
            .map(Vec::len)
            .max();
        if let Some(length) = longest {
            found.push(at..at + length);
        }
    }
    found
}

/// Joins what overlaps: `please call` and `call us` are one finding.
fn joined(found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for next in found {
        match joined.last_mut() {
            Some(last) if next.start < last.end => last.end = last.end.max(next.end),
            _ => joined.push(next),
        }
    }
    joined
}

/// Refuses money, haste, requests and personal data: by the text's own list and the English one.
pub(super) fn check(look: &mut Look<'_>) {
    let text = look.filled.text.clone();
    let tokens = tokens(&text);
    for (at, sign) in text.match_indices(is_currency) {
        look.finds(
            Rule::Money,
            at..at + sign.len(),
            "it speaks of money, as texts of fraudsters do",
            "leave the amount out",
        );
    }
    let names: Vec<Range<usize>> = look
        .setting
        .organisations
        .iter()
        .filter(|name| !name.is_empty())
        .flat_map(|name| text.match_indices(name.as_str()))
        .map(|(at, name)| at..at + name.len())
        .collect();
    let own = look.draft.language.split('-').next().unwrap_or_default();
    let lists: Vec<&Words> = LEXICON
        .iter()
        .filter(|words| words.language == own || words.language == "en")
        .collect();
    let allowed: Vec<Range<usize>> = lists
        .iter()
        .flat_map(|words| matches(&tokens, &words.allowed))
        .collect();
    let is_allowed = |found: &Range<usize>| {
        allowed
            .iter()
            .any(|a| a.start <= found.start && found.end <= a.end)
    };
    for words in lists {
        for (rule, phrases, why, mend) in [
            (
                Rule::Money,
                &words.money,
                "it speaks of money, as texts of fraudsters do",
                "leave it out: the site can say it",
            ),
            (
                Rule::Urgency,
                &words.urgency,
                "it presses the reader, as texts of fraudsters do",
                "leave it out: nothing here is to be done in haste",
            ),
            (
                Rule::Request,
                &words.request,
                "it asks the reader to do something that a copy would turn to account",
                "ask for nothing; let people find the site themselves",
            ),
            (
                Rule::PersonalData,
                &words.personal,
                "anybody may read the text, and it must be true for a number's new owner too",
                "leave it out",
            ),
        ] {
            for found in joined(matches(&tokens, phrases)) {
                // Who denies that something is asked may name it; a name or birthday is never denied.
                if rule != Rule::PersonalData && is_allowed(&found) {
                    continue;
                }
                let (Some(first), Some(last)) =
                    (tokens.get(found.start), tokens.get(found.end - 1))
                else {
                    continue;
                };
                let span = first.span.start..last.span.end;
                // A name is what it is.
                let is_named = names
                    .iter()
                    .any(|n| n.start <= span.start && span.end <= n.end);
                if !is_named && !look.filled.touches(&span, Kind::Organisation) {
                    look.finds(rule, span, why, mend);
                }
            }
        }
    }
    check_postcodes(look, &tokens);
}

fn is_currency(character: char) -> bool {
    matches!(
        character,
        '$' | '£' | '¤' | '¥' | '₠'..='₿' | '﷼' | '＄' | '￡'
    )
}

/// Refuses British postcodes: an outward code and an inward one.
fn check_postcodes(look: &mut Look<'_>, tokens: &[Token]) {
    let is_outward = |word: &str| {
        let letters = word.bytes().take_while(u8::is_ascii_lowercase).count();
        let rest = word.get(letters..).unwrap_or_default();
        (1..=2).contains(&letters)
            && (1..=2).contains(&rest.len())
            && rest.starts_with(|c: char| c.is_ascii_digit())
    };
    let is_inward = |word: &str| {
        let bytes = word.as_bytes();
        matches!(bytes, [digit, a, b]
            if digit.is_ascii_digit() && a.is_ascii_lowercase() && b.is_ascii_lowercase())
    };
    for pair in tokens.windows(2) {
        if let [outward, inward] = pair
            && is_outward(&outward.folded)
            && is_inward(&inward.folded)
            && !look
                .filled
                .touches(&(outward.span.start..inward.span.end), Kind::Code)
        {
            look.finds(
                Rule::PersonalData,
                outward.span.start..inward.span.end,
                "it is an address",
                "leave it out",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Finding;
    use super::*;

    /// A phrase as somebody could write it.
    fn written(phrase: &Phrase) -> String {
        let words: Vec<String> = phrase
            .iter()
            .map(|pattern| match pattern {
                Pattern::Word(word) => word.clone(),
                Pattern::Prefix(prefix) => format!("{prefix}x"),
                Pattern::Number => "24".into(),
            })
            .collect();
        words.join(" ")
    }

    fn findings(language: &str, text: &str) -> Vec<Finding> {
        let draft = super::super::Draft {
            language,
            text,
            sender_id: "CrownPolice",
        };
        let setting = super::super::Setting {
            registered: &["CrownPolice".into()],
            short_codes: &[],
            organisations: &[],
            has_code: false,
            coding: crate::text::Coding::default(),
            channel: super::super::Channel::MessageCentre,
            most_parts: 9,
        };
        super::super::lint(&draft, &setting, &[]).findings
    }

    /// Each entry of each list is found in a text, whatever stands around it.
    #[test]
    fn each_entry_is_refused() {
        for words in LEXICON.iter() {
            for (rule, list) in [
                (Rule::Money, &words.money),
                (Rule::Urgency, &words.urgency),
                (Rule::Request, &words.request),
                (Rule::PersonalData, &words.personal),
            ] {
                for phrase in list {
                    let text = format!("xx, {}. xx", written(phrase));
                    let found = findings(words.language, &text);
                    assert!(found.iter().any(|f| f.rule == rule), "{rule} {text}");
                }
            }
        }
    }

    /// What denies that something is asked is not taken for asking it, and what follows still is.
    #[test]
    fn each_denial_is_let_through_and_covers_nothing_else() {
        for words in LEXICON.iter() {
            for phrase in &words.allowed {
                let text = written(phrase);
                let refused = |text: &str| {
                    let of_words = [Rule::Money, Rule::Urgency, Rule::Request];
                    let mut found = findings(words.language, text).into_iter();
                    found.find(|f| of_words.contains(&f.rule))
                };
                assert_eq!(refused(&text), None, "{} {text}", words.language);
                let also = written(words.request.first().unwrap());
                let more = format!("{text}. {also}");
                assert!(refused(&more).is_some(), "{} {more}", words.language);
            }
        }
    }

    #[test]
    fn lists_are_read_and_have_all_they_need() {
        for words in LEXICON.iter() {
            for list in [
                &words.money,
                &words.urgency,
                &words.request,
                &words.personal,
                &words.allowed,
            ] {
                assert!(list.len() >= 10, "{}", words.language);
            }
            assert!(words.common.len() >= 25, "{}", words.language);
        }
        assert_eq!(fold("Żółć’s Ŵy"), "zolc's wy");
        assert_eq!(fold("فَوْرًا"), fold("فورا"));
        assert_eq!(
            phrase("within # Stunden*"),
            [
                Pattern::Word("within".into()),
                Pattern::Number,
                Pattern::Prefix("stunden".into())
            ]
        );
    }
}
