//! The only place that prints: results on standard output, everything else on standard error.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Prints text on standard output. A closed pipe is how a reader says that it has enough.
pub(crate) fn text(text: &str) {
    let _ = write!(std::io::stdout().lock(), "{text}");
}

/// Prints one JSON document on standard output.
pub(crate) fn json(document: &impl serde::Serialize) {
    match serde_json::to_string_pretty(document) {
        Ok(document) => text(&format!("{document}\n")),
        Err(error) => note(&format!(
            "error: the result cannot be written as JSON: {error}"
        )),
    }
}

/// Prints a line on standard error. Where nobody can be told, the work goes on all the same.
pub(crate) fn note(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Tells a failure: text, hint, code.
pub(crate) fn failure(text: &str, hint: Option<&str>, code: &str) {
    note(&format!("error: {text}"));
    if let Some(hint) = hint {
        note(&format!("hint: {hint}"));
    }
    note(&format!("code: {code}"));
}

/// Shows how far long work has come: a bar on a terminal, else a line every ten seconds.
pub(crate) struct Progress {
    bar: ProgressBar,
    label: String,
    unit: Unit,
    started: Instant,
    last_line: Instant,
    is_terminal: bool,
}

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes,
    Rows,
}

impl Progress {
    /// Starts at 0 of `total`; of an unknown total give 0.
    #[expect(clippy::disallowed_methods, reason = "progress that people watch")]
    pub(crate) fn start(label: &str, total: u64, unit: Unit) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        let counts = match unit {
            Unit::Bytes => "{bytes}/{total_bytes} {binary_bytes_per_sec}",
            Unit::Rows => "{human_pos}/{human_len} rows {per_sec}",
        };
        let style = ProgressStyle::with_template(&format!(
            "{{msg:28}} {{bar:30}} {counts} {{eta}} left {{prefix}}"
        ));
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message(label.to_owned());
        let now = Instant::now();
        Self {
            bar,
            label: label.to_owned(),
            unit,
            started: now,
            last_line: now,
            is_terminal,
        }
    }

    #[expect(clippy::disallowed_methods, reason = "progress that people watch")]
    pub(crate) fn at(&mut self, done: u64, also: Option<u64>) {
        self.bar.set_position(done);
        if let Some(rows) = also {
            self.bar.set_prefix(format!("({rows} rows)"));
        }
        if !self.is_terminal && self.last_line.elapsed() >= Duration::from_secs(10) {
            self.last_line = Instant::now();
            let seconds = self.started.elapsed().as_secs_f64();
            let total = self.bar.length().unwrap_or(0);
            let left = match total.checked_sub(done) {
                Some(left) if done > 0 => {
                    format!(", {:.0} s left", left as f64 * seconds / done as f64)
                }
                Some(_) | None => String::new(),
            };
            let (what, scale) = match self.unit {
                Unit::Bytes => ("MB", 1e6),
                Unit::Rows => ("rows", 1.0),
            };
            let rows = also
                .map(|rows| format!(", {rows} rows"))
                .unwrap_or_default();
            let (done, total) = (done as f64 / scale, total as f64 / scale);
            let rate = done / seconds;
            note(&format!(
                "{}: {done:.0} of {total:.0} {what}{rows}, {rate:.0} {what}/s{left}",
                self.label
            ));
        }
    }

    pub(crate) fn done(self) {
        self.bar.finish_and_clear();
    }
}
