//! How wide text is, how numbers are written, and text that means harm made plain.

use unspoof_model::days_to_civil;

/// Returns how wide a line of text is at most, in pixels, in any usual sans-serif face. No font is
/// at hand, so widths are those of a wide one (DejaVu Sans), rounded up.
#[must_use]
pub fn text_width_px(text: &str, size_px: i32) -> i32 {
    let hundredths: i32 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | 'I' => 36,
            'f' | 't' | 'r' | '(' | ')' | '-' | '/' | '·' => 43,
            'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' => 102,
            'A'..='Z' => 78,
            '\0'..='\x7f' | '£' => 65,
            // Anything of the rest of the world's scripts may be as wide as high.
            _ => 105,
        })
        .sum();
    (hundredths * size_px + 99) / 100
}

/// Makes text harmless and one line: what XML cannot hold, line breaks, and characters that turn the
/// direction of what follows become `�`.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_control() => '\u{fffd}',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                '\u{fffd}'
            }
            '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// Cuts text to a width, with `…` where something is missing.
pub(crate) fn cut(text: &str, size_px: i32, most_px: i32) -> String {
    let text = plain(text);
    if text_width_px(&text, size_px) <= most_px {
        return text;
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        kept.push('…');
        let fits = text_width_px(&kept, size_px) <= most_px;
        kept.pop();
        if !fits {
            kept.pop();
            break;
        }
    }
    kept.push('…');
    kept
}

/// How values are written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unit {
    /// Put before, such as `£`.
    pub before: String,
    /// Put after, such as ` calls`.
    pub after: String,
    /// Values are hundredths, such as pence, and are written as whole ones.
    pub hundredths: bool,
}

impl Unit {
    /// Writes a value with commas between thousands.
    #[must_use]
    pub fn written(&self, value: u64) -> String {
        let value = if self.hundredths {
            value / 100 + u64::from(value % 100 >= 50)
        } else {
            value
        };
        format!("{}{}{}", self.before, thousands(value), self.after)
    }
}

pub(crate) fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Writes a day since 1970 as `YYYY-MM-DD`.
pub(crate) fn day(days: i32) -> String {
    let (year, month, day) = days_to_civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Returns the least of 1, 2, 5, 10, 20 … that is not below a value.
pub(crate) fn round_up(value: u64) -> u64 {
    let mut step: u64 = 1;
    loop {
        for times in [1, 2, 5] {
            match step.checked_mul(times) {
                Some(nice) if nice >= value => return nice,
                Some(_) => {}
                None => return u64::MAX,
            }
        }
        step = match step.checked_mul(10) {
            Some(step) => step,
            None => return u64::MAX,
        };
    }
}

/// Returns where a value lies on a line of `length_px` that ends at `most`.
pub(crate) fn share_px(value: u64, most: u64, length_px: i32) -> i32 {
    let length = u128::from(length_px.unsigned_abs());
    let px = u128::from(value.min(most)) * length / u128::from(most.max(1));
    i32::try_from(px).unwrap_or(length_px)
}
