//! What a phone turns into something to tap: schemes, domain names, dotted addresses, e-mail.
//!
//! Phones link `word.word` where the second is a top-level domain, also where somebody forgot the
//! space after a full stop (`nothing.To` is a name in Tonga).

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::{Look, Rule};

/// IANA's list, in lower case.
static DOMAINS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    include_str!("tlds.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect()
});

/// Prefixes that make a link without slashes.
const SCHEMES: [&str; 8] = [
    "mailto:",
    "tel:",
    "sms:",
    "smsto:",
    "geo:",
    "http:",
    "https:",
    "whatsapp:",
];

/// Dots of a domain name (RFC 3490, 3.1).
const DOTS: [char; 4] = ['.', '。', '．', '｡'];

const MEND_LINK: &str = "say what to look for, such as the force's name and the campaign's, and let \
                         people find the site themselves";

pub(super) fn check(look: &mut Look<'_>) {
    let text = look.filled.text.clone();
    let mut taken: Vec<Range<usize>> = Vec::new();
    for word in words_of(&text) {
        let written = text.get(word.clone()).unwrap_or_default();
        let trimmed = trim(&text, &word);
        let lower = written.to_lowercase();
        if let Some((before, after)) = written.split_once('@')
            && before.ends_with(char::is_alphanumeric)
            && after.starts_with(char::is_alphanumeric)
        {
            look.finds(
                Rule::Email,
                trimmed.clone(),
                "a phone makes it something to tap, and a copy would name another",
                "leave the address out",
            );
            taken.push(trimmed);
        } else if lower.contains("://") || SCHEMES.iter().any(|scheme| lower.contains(scheme)) {
            look.finds(
                Rule::Link,
                trimmed.clone(),
                "it is a link, and a copy would lead elsewhere",
                MEND_LINK,
            );
            taken.push(trimmed);
        }
    }
    for run in hosts_of(&text) {
        let is_taken = taken
            .iter()
            .any(|t| t.start <= run.start && run.end <= t.end);
        if is_taken {
            continue;
        }
        if let Some(host) = host_in(&text, &run) {
            // The path belongs to it.
            let rest = text.get(host.end..).unwrap_or_default();
            let path = if rest.starts_with(['/', '?', '#', ':']) {
                rest.find(char::is_whitespace).unwrap_or(rest.len())
            } else {
                0
            };
            let whole = trim(&text, &(host.start..host.end + path));
            look.finds(
                Rule::Link,
                whole,
                "phones make a link of it: its end is a top-level domain, or it is an address",
                format!("put a space after the full stop if it ends a sentence; else {MEND_LINK}"),
            );
        }
    }
}

fn words_of(text: &str) -> Vec<Range<usize>> {
    runs(text, |character| !character.is_whitespace())
}

fn hosts_of(text: &str) -> Vec<Range<usize>> {
    runs(text, |c| {
        c.is_alphanumeric() || c == '-' || c == '_' || DOTS.contains(&c) || is_mark(c)
    })
}

fn is_mark(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

/// Returns the longest stretches of characters that fit.
pub(super) fn runs(text: &str, fits: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, character) in text.char_indices() {
        if !fits(character) {
            continue;
        }
        let end = at + character.len_utf8();
        match runs.last_mut() {
            Some(last) if last.end == at => last.end = end,
            _ => runs.push(at..end),
        }
    }
    runs
}

/// Leaves out punctuation around a stretch.
fn trim(text: &str, span: &Range<usize>) -> Range<usize> {
    let written = text.get(span.clone()).unwrap_or_default();
    let is_edge = |c: char| !c.is_alphanumeric() && c != '/';
    let start = span.start + (written.len() - written.trim_start_matches(is_edge).len());
    let end = span.end - (written.len() - written.trim_end_matches(is_edge).len());
    if start < end {
        start..end
    } else {
        span.clone()
    }
}

/// Finds a name that ends in a top-level domain, or four numbers with dots between.
fn host_in(text: &str, run: &Range<usize>) -> Option<Range<usize>> {
    let written = text.get(run.clone())?;
    let mut labels: Vec<(Range<usize>, &str)> = Vec::new();
    let mut at = run.start;
    for label in written.split(DOTS) {
        let dot = text
            .get(at + label.len()..)
            .and_then(|rest| rest.chars().next());
        labels.push((at..at + label.len(), label));
        at += label.len() + dot.map_or(0, char::len_utf8);
    }
    let numbers = labels
        .windows(4)
        .find(|four| four.iter().all(|(_, label)| label.parse::<u8>().is_ok()));
    if let Some([(first, _), _, _, (last, _)]) = numbers {
        return Some(first.start..last.end);
    }
    // From the right: `met.police.uk` is one name, not `met.police`.
    let last = (1..labels.len()).rev().find(|at| {
        let label = labels.get(*at).map_or("", |(_, label)| label);
        let before = labels.get(at - 1).map_or("", |(_, label)| label);
        !before.is_empty() && is_domain(label)
    })?;
    let first = (0..last)
        .rev()
        .take_while(|at| labels.get(*at).is_some_and(|(_, label)| !label.is_empty()))
        .last()?;
    Some(labels.get(first)?.0.start..labels.get(last)?.0.end)
}

fn is_domain(label: &str) -> bool {
    let lower = label.to_lowercase();
    lower.starts_with("xn--") || DOMAINS.contains(lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_phones_link_is_found() {
        for (text, found) in [
            ("see met.police.uk/elaborate now", Some("met.police.uk")),
            ("GOV.UK", Some("GOV.UK")),
            ("for nothing.To see", Some("nothing.To")),
            ("at 127.0.0.1.", Some("127.0.0.1")),
            ("例え。中国", Some("例え。中国")),
            ("m.in. w Warszawie", Some("m.in")),
            ("www.example.com", Some("www.example.com")),
            ("e.g. at 9 p.m. on St. David's Day, i.e. soon.", None),
            ("nothing. To see", None),
            ("3.5 of 10", None),
            ("...", None),
        ] {
            let host = hosts_of(text).iter().find_map(|run| host_in(text, run));
            assert_eq!(host.and_then(|host| text.get(host)), found, "{text}");
        }
        assert!(DOMAINS.len() > 1400 && DOMAINS.contains("uk"));
    }
}
