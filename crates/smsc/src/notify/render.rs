//! What goes out: placeholders filled in, spaces put right, characters replaced.

use serde_json::{Map, Value};

/// Letters outside of the GSM alphabet that go out as they are, in UCS-2.
const WELSH: &str = "ÀÁÂÈÊËÌÍÎÏÒÓÔÙÚÛẀẂẄŴỲÝŸŶáâêëíîïóôúûẁẃẅŵỳýÿŷ";
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                   ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€";

/// Returns the placeholders of a template, in order.
pub(super) fn placeholders(template: &str) -> Vec<String> {
    template
        .split("((")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("))")?.0.to_owned()))
        .collect()
}

/// Fills a template in; the names of what is missing, where something is.
pub(super) fn fill(template: &str, values: &Map<String, Value>) -> Result<String, Vec<String>> {
    let named: Vec<String> = placeholders(template);
    let value = |name: &str| {
        values
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
            })
    };
    let missing: Vec<String> = named
        .iter()
        .filter(|name| value(name).is_none())
        .cloned()
        .collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let mut filled = template.to_owned();
    for name in named {
        filled = filled.replace(&format!("(({name}))"), &value(&name).unwrap_or_default());
    }
    Ok(filled)
}

/// Puts spaces right and replaces characters.
pub(super) fn sanitise(text: &str) -> String {
    let mut kept: Vec<char> = Vec::new();
    for character in text.chars() {
        if character == ',' || character == '.' {
            while matches!(kept.last(), Some(' ' | '\t')) {
                kept.pop();
            }
        }
        match character {
            '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}' => {}
            '\u{a0}' | '\u{202f}' => kept.push(' '),
            '‘' | '’' | '‚' => kept.push('\''),
            '“' | '”' | '„' => kept.push('"'),
            '‑' | '–' | '—' | '−' => kept.push('-'),
            '…' => kept.extend("...".chars()),
            plain if plain.is_whitespace() || GSM.contains(plain) || WELSH.contains(plain) => {
                kept.push(plain);
            }
            _ => kept.push('?'),
        }
    }
    let text: String = kept.into_iter().collect();
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let mut joined = String::new();
    let mut empty = 0;
    for line in lines {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty <= 1 {
            joined.push_str(&line);
            joined.push('\n');
        }
    }
    joined.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_filled_in_and_put_right() {
        let values = serde_json::from_str(r#"{"Code": "BCDF", "count": 4}"#).unwrap();
        assert_eq!(fill("((code)) of ((count))", &values).unwrap(), "BCDF of 4");
        assert_eq!(fill("((name))", &values), Err(vec!["name".to_owned()]));
        assert_eq!(
            sanitise(" It’s  “so” , ł ŵ\u{200b}.\n\n\n\nEnd "),
            "It's \"so\", ? ŵ.\n\nEnd"
        );
    }
}
