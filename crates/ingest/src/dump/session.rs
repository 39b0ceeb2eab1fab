use std::collections::BTreeMap;

use super::lex::Quoting;
use super::token::{Token, Tokens};
use crate::block::SettingName;

/// Most variables of a dump's own that are remembered, and the longest value.
const MOST_VARIABLES: usize = 256;
const MOST_VALUE_BYTES: usize = 4096;

/// What the statements before a place have set.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) database: Option<String>,
    pub(crate) delimiter: Vec<u8>,
    pub(crate) quoting: Quoting,
    settings: BTreeMap<SettingName, String>,
    /// `@variables`, in lower case: dumps keep what was before in them, and go back to it.
    variables: BTreeMap<String, Option<String>>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            database: None,
            delimiter: b";".to_vec(),
            quoting: Quoting {
                backslash: true,
                ansi: false,
            },
            settings: BTreeMap::new(),
            variables: BTreeMap::new(),
        }
    }
}

/// What a SET statement changed.
pub(crate) type Change = (SettingName, Option<String>);

impl Session {
    /// Follows a whole SET statement and returns what it changed that matters for reading.
    pub(crate) fn set(&mut self, statement: &[u8]) -> Vec<Change> {
        let mut tokens = Tokens::new(statement, 0, self.quoting, true);
        tokens.take("set");
        let mut changes = Vec::new();
        loop {
            match self.assignment(&mut tokens) {
                Some(Some(change)) => changes.push(change),
                Some(None) => {}
                None => break,
            }
            // Whatever is left of this assignment, up to the next.
            let mut depth = 0usize;
            loop {
                match tokens.next() {
                    Token::Mark(b',') if depth == 0 => break,
                    Token::Mark(b'(') => depth += 1,
                    Token::Mark(b')') => depth = depth.saturating_sub(1),
                    Token::End | Token::Cut => return changes,
                    Token::Word(_) | Token::Quoted { .. } | Token::Mark(_) => {}
                }
            }
        }
        changes
    }

    fn assignment(&mut self, tokens: &mut Tokens<'_>) -> Option<Option<Change>> {
        while tokens.take("session") || tokens.take("local") || tokens.take("global") {}
        let name = match tokens.next() {
            Token::Word(word) | Token::Quoted { raw: word, .. } => {
                String::from_utf8_lossy(word).to_ascii_lowercase()
            }
            Token::Mark(_) | Token::End | Token::Cut => return None,
        };
        if name == "names" || name == "charset" || (name == "character" && tokens.take("set")) {
            let value = self.value(tokens)?;
            return Some(Some(self.change(SettingName::Charset, value)));
        }
        let assigned = tokens.take_mark(b':') | tokens.take_mark(b'=');
        tokens.take_mark(b'=');
        if !assigned {
            return Some(None);
        }
        let value = self.value(tokens)?;
        if name.starts_with('@') && !name.starts_with("@@") {
            let fits = value
                .as_ref()
                .is_none_or(|value| value.len() <= MOST_VALUE_BYTES);
            if fits && (self.variables.len() < MOST_VARIABLES || self.variables.contains_key(&name))
            {
                self.variables.insert(name, value);
            }
            return Some(None);
        }
        Some(setting_named(&name).map(|setting| self.change(setting, value)))
    }

    /// Reads a value: a literal, a word, or what a variable holds. None: what the server has.
    fn value(&self, tokens: &mut Tokens<'_>) -> Option<Option<String>> {
        match tokens.next() {
            Token::Quoted { raw, .. } => Some(Some(String::from_utf8_lossy(raw).into_owned())),
            Token::Word(word) => {
                let word = String::from_utf8_lossy(word);
                let lower = word.to_ascii_lowercase();
                Some(
                    if let Some(setting) = setting_named(&lower).filter(|_| lower.starts_with("@@"))
                    {
                        self.settings.get(&setting).cloned()
                    } else if lower.starts_with('@') {
                        self.variables.get(&lower).cloned().flatten()
                    } else if lower == "default" || lower == "concat" || lower == "null" {
                        None
                    } else {
                        Some(word.into_owned())
                    },
                )
            }
            Token::Mark(sign @ (b'+' | b'-')) => {
                let Token::Word(word) = tokens.next() else {
                    return Some(None);
                };
                Some(Some(format!(
                    "{}{}",
                    char::from(sign),
                    String::from_utf8_lossy(word)
                )))
            }
            Token::Mark(_) => Some(None),
            Token::End | Token::Cut => None,
        }
    }

    fn change(&mut self, name: SettingName, value: Option<String>) -> Change {
        let value = value.filter(|value| value.len() <= MOST_VALUE_BYTES);
        if name == SettingName::SqlMode {
            let modes = value.as_deref().unwrap_or_default().to_ascii_uppercase();
            let has = |mode: &str| modes.split(',').any(|found| found.trim() == mode);
            self.quoting = Quoting {
                backslash: !has("NO_BACKSLASH_ESCAPES"),
                ansi: has("ANSI_QUOTES") || has("ANSI"),
            };
        }
        match &value {
            Some(value) => self.settings.insert(name, value.clone()),
            None => self.settings.remove(&name),
        };
        (name, value)
    }
}

fn setting_named(name: &str) -> Option<SettingName> {
    let name = name.strip_prefix("@@").unwrap_or(name);
    let name = name
        .strip_prefix("session.")
        .or(name.strip_prefix("local."))
        .unwrap_or(name);
    match name {
        "time_zone" => Some(SettingName::TimeZone),
        "character_set_client" => Some(SettingName::Charset),
        "sql_mode" => Some(SettingName::SqlMode),
        _ => None,
    }
}
