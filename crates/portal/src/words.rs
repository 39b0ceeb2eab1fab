//! What the pages say, in Fluent files (<https://projectfluent.org>).
//!
//! Used of Fluent: messages of one text with variables. Nothing depends on numbers' grammar, and a
//! file that uses more is refused. A translation that nobody has checked says so in its first line.

use std::collections::BTreeMap;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, PatternElement};

use crate::PortalError;

const FILES: [(&str, &str); 6] = [
    ("en", include_str!("../locales/en.ftl")),
    ("cy", include_str!("../locales/cy.ftl")),
    ("es", include_str!("../locales/es.ftl")),
    ("pl", include_str!("../locales/pl.ftl")),
    ("ur", include_str!("../locales/ur.ftl")),
    ("ar", include_str!("../locales/ar.ftl")),
];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(String),
}

/// The texts of one language.
#[derive(Clone, Debug)]
pub struct Language {
    /// A BCP 47 tag.
    pub code: &'static str,
    /// Whether somebody who speaks it has checked the translation.
    pub is_reviewed: bool,
    messages: BTreeMap<String, Vec<Piece>>,
}

/// All languages that the program brings.
#[derive(Clone, Debug)]
pub struct Words(Vec<Language>);

impl Words {
    /// Reads the built-in files.
    ///
    /// # Errors
    /// [`PortalError::Words`] where one uses what is not understood, or lacks a message of English.
    pub fn load() -> Result<Self, PortalError> {
        let mut languages = Vec::new();
        for (code, file) in FILES {
            languages.push(Language::read(code, file)?);
        }
        let words = Self(languages);
        let english: Vec<String> = words
            .get("en")
            .map(|en| en.messages.keys().cloned().collect())
            .unwrap_or_default();
        for language in &words.0 {
            let missing = english
                .iter()
                .find(|id| !language.messages.contains_key(*id));
            if let Some(id) = missing {
                return Err(language.wrong(&format!("`{id}` is missing")));
            }
        }
        Ok(words)
    }

    /// Finds a language by its code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Language> {
        self.0.iter().find(|language| language.code == code)
    }

    /// Whether one of these texts holds a sign of self-harm in any language: people do not always
    /// write in the one that a page is in.
    #[must_use]
    pub fn hint_at_self_harm<'a>(&self, texts: impl IntoIterator<Item = &'a String>) -> bool {
        texts
            .into_iter()
            .any(|text| self.iter().any(|of| of.hints_at_self_harm(text)))
    }

    /// All of them, English first.
    pub fn iter(&self) -> impl Iterator<Item = &Language> {
        self.0.iter()
    }
}

impl Language {
    fn read(code: &'static str, file: &str) -> Result<Self, PortalError> {
        let mut language = Self {
            code,
            is_reviewed: file.starts_with("# reviewed: yes"),
            messages: BTreeMap::new(),
        };
        let resource = fluent_syntax::parser::parse(file)
            .map_err(|(_, errors)| language.wrong(&format!("{:?}", errors.first())))?;
        for entry in resource.body {
            let message = match entry {
                Entry::Message(message) => message,
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
                Entry::Term(_) | Entry::Junk { .. } => {
                    return Err(language.wrong("it holds something else than messages"));
                }
            };
            let id = message.id.name;
            let pattern = message
                .value
                .ok_or_else(|| language.wrong(&format!("`{id}` is empty")))?;
            let mut pieces = Vec::new();
            for element in pattern.elements {
                pieces.push(match element {
                    PatternElement::TextElement { value } => Piece::Text(value.to_owned()),
                    PatternElement::Placeable {
                        expression: Expression::Inline(InlineExpression::VariableReference { id }),
                    } => Piece::Variable(id.name.to_owned()),
                    PatternElement::Placeable { .. } => {
                        return Err(language.wrong(&format!("`{id}` uses more than variables")));
                    }
                });
            }
            if language.messages.insert(id.to_owned(), pieces).is_some() {
                return Err(language.wrong(&format!("`{id}` stands twice")));
            }
        }
        Ok(language)
    }

    fn wrong(&self, detail: &str) -> PortalError {
        PortalError::Words {
            language: self.code.to_owned(),
            detail: detail.to_owned(),
        }
    }

    /// Whether there is such a message.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.messages.contains_key(id)
    }

    /// A message without variables. One that is missing shows its id: a test looks for that.
    #[must_use]
    pub fn say(&self, id: &str) -> String {
        self.say_with(id, &[])
    }

    /// A message with its variables filled in, each isolated from the direction of the text around
    /// it (U+2068 to U+2069) where that runs from right to left.
    #[must_use]
    pub fn say_with(&self, id: &str, variables: &[(&str, &str)]) -> String {
        let Some(pieces) = self.messages.get(id) else {
            return format!("[{id}]");
        };
        let (open, close) = if self.is_rtl() {
            ("\u{2068}", "\u{2069}")
        } else {
            ("", "")
        };
        let mut said = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => said.push_str(text),
                Piece::Variable(name) => {
                    let value = variables
                        .iter()
                        .find(|(of, _)| of == name)
                        .map_or("", |(_, v)| v);
                    said.push_str(open);
                    said.push_str(value);
                    said.push_str(close);
                }
            }
        }
        said
    }

    /// Whether it is written from right to left.
    #[must_use]
    pub fn is_rtl(&self) -> bool {
        matches!(self.code, "ar" | "ur")
    }

    /// The variables that a message uses, sorted.
    #[must_use]
    pub fn variables(&self, id: &str) -> Vec<&str> {
        let pieces = self.messages.get(id).map(Vec::as_slice).unwrap_or_default();
        let mut names: Vec<&str> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Variable(name) => Some(name.as_str()),
                Piece::Text(_) => None,
            })
            .collect();
        names.sort_unstable();
        names
    }

    /// The ids of all messages, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().map(String::as_str)
    }

    /// Whether a text holds a sign that somebody thinks of harming themselves.
    #[must_use]
    pub fn hints_at_self_harm(&self, text: &str) -> bool {
        let text = text.to_lowercase().replace('’', "'");
        self.say("crisis-words")
            .split('|')
            .any(|sign| !sign.is_empty() && text.contains(sign))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_languages_say_all_with_the_same_variables() {
        let words = Words::load().unwrap();
        let english = words.get("en").unwrap();
        assert!(english.ids().count() > 150);
        for language in words.iter() {
            let ids: Vec<&str> = language.ids().collect();
            assert_eq!(ids, english.ids().collect::<Vec<_>>(), "{}", language.code);
            for id in ids {
                let used = (language.variables(id), english.variables(id));
                assert_eq!(used.0, used.1, "{} {id}", language.code);
                assert!(
                    !language.say(id).trim().is_empty(),
                    "{} {id}",
                    language.code
                );
            }
        }
    }

    #[test]
    fn signs_of_self_harm_are_seen() {
        let words = Words::load().unwrap();
        let english = words.get("en").unwrap();
        assert!(english.hints_at_self_harm("Some days I don’t want to live any more"));
        assert!(!english.hints_at_self_harm("They killed the line"));
        // Whatever the page is in.
        for sign in [
            "I can’t go on",
            "Nie chcę żyć",
            "quiero morir",
            "أريد أن أموت",
            "مرنا چاہتا ہوں",
        ] {
            assert!(words.hint_at_self_harm([&sign.to_owned()]), "{sign}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert!(Language::read("en", "a = { $n -> *[other] b }\n").is_err());
        assert!(Language::read("en", "a = 1\na = 2\n").is_err());
        assert!(Language::read("en", "= 1\n").is_err());
    }
}
