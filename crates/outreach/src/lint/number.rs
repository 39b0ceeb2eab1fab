//! Runs of digits that a phone offers to ring.
//!
//! Android takes digits with spaces, dots, dashes and brackets between for a number from the fifth
//! digit on, whatever they are: a date, a year at the end of a sentence before a number, a code.
//! Thousands set apart by commas are left alone.

use std::ops::Range;

use super::filled::Kind;
use super::{Finding, Look, Rule};

/// Digits from which on a phone offers to ring.
const MOST_DIGITS: usize = 5;
/// Separators in a row that do not end a number.
const MOST_SEPARATORS: usize = 3;

pub(super) fn check(look: &mut Look<'_>) {
    let text = look.filled.text.clone();
    for run in digit_runs(&text) {
        let place = look.filled.in_template(&run);
        let is_link = |f: &Finding| {
            matches!(f.rule, Rule::Link | Rule::Email)
                && f.span.start <= place.start
                && place.end <= f.span.end
        };
        if look.found.iter().any(is_link) {
            continue;
        }
        let codes = look.filled.codes();
        if codes
            .iter()
            .any(|code| code.start <= run.start && run.end <= code.end)
        {
            continue;
        }
        if look.filled.touches(&run, Kind::Code) {
            look.finds(
                Rule::PhoneNumber,
                run,
                "where the code begins or ends with digits, a phone takes them together for a number",
                "put a word between them",
            );
        } else {
            look.finds(
                Rule::PhoneNumber,
                run,
                "a phone offers to ring five digits or more",
                "leave the number out; write a date's month as a word, and thousands with a comma",
            );
        }
    }
}

/// Says whether a phone may offer to ring something in a text: five digits or more in a row, or with
/// spaces, dots or dashes between. Codes that look so are better drawn anew.
#[must_use]
pub fn looks_like_a_number_to_ring(text: &str) -> bool {
    !digit_runs(text).is_empty()
}

fn is_digit(character: char) -> bool {
    matches!(character,
        '0'..='9' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' | '\u{966}'..='\u{96f}'
        | '\u{9e6}'..='\u{9ef}' | '\u{ff10}'..='\u{ff19}')
}

fn is_separator(character: char) -> bool {
    matches!(
        character,
        ' ' | '\u{a0}'
            | '\u{202f}'
            | '\u{2009}'
            | '-'
            | '.'
            | '('
            | ')'
            | '/'
            | ','
            | '·'
            | '_'
            | '\u{2010}'..='\u{2015}' | '\u{66c}'
    )
}

/// Finds runs of five digits or more with at most three separators between two of them.
fn digit_runs(text: &str) -> Vec<Range<usize>> {
    let quantities = quantities(text);
    let is_quantity = |at: usize| quantities.iter().any(|q| q.contains(&at));
    let mut runs = Vec::new();
    let mut run: Option<(Range<usize>, usize)> = None;
    let mut separators = 0;
    let mut close = |run: &mut Option<(Range<usize>, usize)>| {
        if let Some((span, digits)) = run.take()
            && digits >= MOST_DIGITS
        {
            runs.push(span);
        }
    };
    for (at, character) in text.char_indices() {
        if is_quantity(at) {
            close(&mut run);
        } else if is_digit(character) {
            let end = at + character.len_utf8();
            run = match run {
                Some((span, digits)) => Some((span.start..end, digits + 1)),
                None => Some((at..end, 1)),
            };
            separators = 0;
        } else if is_separator(character) && separators < MOST_SEPARATORS {
            separators += 1;
        } else {
            close(&mut run);
            separators = 0;
        }
    }
    close(&mut run);
    runs
}

/// Finds numbers whose thousands are set apart by commas: `4,000`, `70,000`, `1,234,567`.
fn quantities(text: &str) -> Vec<Range<usize>> {
    let runs = super::link::runs(text, |c| is_digit(c) || c == ',' || c == '\u{66c}');
    runs.into_iter()
        .filter_map(|run| {
            let written = text.get(run.clone())?.trim_end_matches([',', '\u{66c}']);
            let mut groups = written.split([',', '\u{66c}']);
            let first = groups.next()?.chars().count();
            let mut rest = groups.map(|group| group.chars().count()).peekable();
            rest.peek()?;
            let is_grouped = (1..=3).contains(&first) && rest.all(|group| group == 3);
            is_grouped.then_some(run.start..run.start + written.len())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_phone_offers_to_ring_is_found() {
        for (text, found) in [
            ("ring 07700 900123", Some("07700 900123")),
            ("on 24.11.2022.", Some("24.11.2022")),
            ("in 2022. 12 people", Some("2022. 12")),
            ("+44 (0)20 7946 0999", Some("44 (0)20 7946 0999")),
            ("٠٧٧٠٠٩٠٠", Some("٠٧٧٠٠٩٠٠")),
            ("about 70 000", Some("70 000")),
            ("07,700,900,123", None),
            ("0770,090,0123", Some("0770,090,0123")),
            ("about 70,000, of 1,234,567", None),
            ("24-25 November 2022", None),
            ("at 9 to 17 on 24 and 25", None),
        ] {
            let runs = digit_runs(text);
            let run = runs.first().and_then(|run| text.get(run.clone()));
            assert_eq!(run, found, "{text}");
        }
    }
}
