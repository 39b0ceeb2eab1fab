//! Lines of a mapping file, fit to hold names from a seized one.

use std::fmt::Write as _;

/// A name from the file, fit for a comment: one line, short, no quotes of ours.
pub(super) fn shown(name: &str) -> String {
    let clean: String = name
        .chars()
        .take(64)
        .map(|c| {
            if c.is_control() || c == '`' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect();
    if name.chars().count() > 64 {
        clean + "…"
    } else {
        clean
    }
}

/// A basic string of TOML.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
    out
}

pub(super) fn list(items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let items: Vec<String> = items
        .into_iter()
        .map(|item| quoted(item.as_ref()))
        .collect();
    format!("[{}]", items.join(", "))
}

/// Lines of a file that is being written.
#[derive(Default)]
pub(super) struct Lines(pub(super) String);

impl Lines {
    pub(super) fn line(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    pub(super) fn comment(&mut self, text: impl AsRef<str>) {
        self.line(format!("# {}", text.as_ref()));
    }

    pub(super) fn check(&mut self, text: impl AsRef<str>) {
        self.comment(format!("check: {}", text.as_ref()));
    }

    pub(super) fn gap(&mut self) {
        self.0.push('\n');
    }
}
