//! JSON in one form only: the JSON Canonicalization Scheme (RFC 8785), for what we write.
//!
//! Numbers are integers that a double holds exactly; the scheme's rules for fractions are not
//! needed and such numbers are refused.

use std::fmt::Write as _;

use serde_json::Value;

/// The largest magnitude up to which every integer is one double: 2^53 - 1.
pub(crate) const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Says that a value has no canonical form here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{number}` is not an integer that every JSON reader keeps exactly")]
pub(crate) struct NotCanonical {
    number: String,
}

/// Writes a value in canonical form.
pub(crate) fn to_canonical(value: &Value) -> Result<String, NotCanonical> {
    let mut out = String::new();
    write_value(&mut out, value)?;
    Ok(out)
}

fn write_value(out: &mut String, value: &Value) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            let exact = match (number.as_u64(), number.as_i64()) {
                (Some(positive), _) => positive <= MAX_INTEGER,
                (None, Some(negative)) => negative.unsigned_abs() <= MAX_INTEGER,
                (None, None) => false,
            };
            if !exact {
                return Err(NotCanonical {
                    number: number.to_string(),
                });
            }
            out.push_str(&number.to_string());
        }
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_value(out, item)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            // By UTF-16 code units, as section 3.2.3 asks.
            let mut names: Vec<(Vec<u16>, &String, &Value)> = members
                .iter()
                .map(|(name, member)| (name.encode_utf16().collect(), name, member))
                .collect();
            names.sort_by(|a, b| a.0.cmp(&b.0));
            out.push('{');
            for (place, (_, name, member)) in names.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_string(out, name);
                out.push(':');
                write_value(out, member)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// Section 3.2.2.2: the two-letter escapes where there is one, `\u00xx` for other controls,
/// everything else as it is.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                write!(out, "\\u{:04x}", u32::from(control)).expect("a String takes all text");
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The members of RFC 8785 section 3.2.3, which sort differently by UTF-16 and by UTF-8.
    #[test]
    fn sorts_members_as_the_rfc_shows() {
        let value: Value = serde_json::from_str(
            "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}",
        )
        .expect("json");
        assert_eq!(
            to_canonical(&value).expect("integers"),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
    }

    /// The string of RFC 8785 section 3.2.2.
    #[test]
    fn writes_strings_as_the_rfc_shows() {
        let value: Value =
            serde_json::from_str(r#""\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/""#)
                .expect("json");
        assert_eq!(
            to_canonical(&value).expect("text"),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\""
        );
    }

    #[test]
    fn refuses_numbers_that_readers_round() {
        for text in ["1.5", "9007199254740992", "-9007199254740992", "1e2"] {
            let value: Value = serde_json::from_str(text).expect("json");
            assert!(to_canonical(&value).is_err(), "{text}");
        }
        let value: Value =
            serde_json::from_str("[9007199254740991,-9007199254740991]").expect("json");
        assert_eq!(
            to_canonical(&value).expect("exact"),
            "[9007199254740991,-9007199254740991]"
        );
    }
}
