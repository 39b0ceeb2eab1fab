//! One table of the draft.

use std::fmt::Write as _;

use super::choose::{Choice, Draft, is_key};
use super::facts::Facts;
use super::likeness::share;
use super::lines::{Lines, list, quoted, shown};
use super::sample::{MOST_ROWS, Sample};
use super::slots::Looks;
use super::text::MOST_LISTED;
use super::words;

/// A word that is not known is shown only where so many rows have it.
const SHOWN_FROM: u64 = 3;

pub(super) fn table(out: &mut Lines, sample: &Sample, draft: &Draft<'_>) {
    let Some(target) = draft.to else {
        return;
    };
    out.gap();
    let points = |tenths: i64| format!("{}.{} points", tenths / 10, (tenths % 10).abs());
    let mut told = match draft.table.name.as_str() {
        "" => format!("the rows are most like our {}", target.ours),
        name => format!("`{}` is most like our {}", shown(name), target.ours),
    };
    let first = draft.scores.first().map_or(0, |score| score.tenths);
    let _ = write!(told, ": {}", points(first));
    let second = draft.scores.get(1);
    if let Some(second) = second {
        let _ = write!(told, "; next {}: {}", second.to, points(second.tenths));
    }
    let rows = draft.table.rows;
    let which = if rows >= MOST_ROWS { "the first " } else { "" };
    out.comment(format!("{told}; {which}{rows} rows were looked at"));
    if let Some(second) = second.filter(|second| first - second.tenths < 15) {
        out.check(format!("is it {} or {}?", target.ours, second.to));
    }
    out.line("[[table]]");
    if sample.is_dump {
        out.line(format!("from = {}", quoted(&draft.table.name)));
    }
    out.line(format!("to = {}", quoted(target.ours)));
    identity(out, draft);
    withheld(out, draft);
    out.gap();
    out.line("[table.columns]");
    for choice in &draft.choices {
        column(out, draft, choice);
    }
    let mut unmapped = draft.unmapped().peekable();
    if unmapped.peek().is_some() {
        out.comment("not mapped:");
    }
    for facts in unmapped.take(MOST_LISTED) {
        out.comment(format!("  `{}` ({})", shown(&facts.name), kind(facts)));
    }
}

/// Names what makes two rows one event, if anything does.
fn identity(out: &mut Lines, draft: &Draft<'_>) {
    let ids = ["leg_id", "call_id", "payment_id", "report_id"];
    let of_accounts = draft.to.is_some_and(|to| to.ours == "accounts");
    let candidates = ids.into_iter().chain(of_accounts.then_some("account_id"));
    for choice in candidates.filter_map(|ours| draft.choice(ours)) {
        let (facts, name) = (choice.facts, shown(&choice.facts.name));
        let nearly =
            facts.filled >= 3 && facts.empty == 0 && facts.distinct() * 10 >= facts.filled * 9;
        if is_key(draft.table, &facts.name) {
            out.comment(format!("`{name}` is a key of the table"));
        } else if facts.is_unique() {
            out.comment(format!(
                "`{name}` has no value twice among {}",
                facts.filled
            ));
            out.check("two rows of this source that agree in it tell of one event: is that so?");
        } else if nearly {
            let twice = facts.filled - facts.distinct();
            out.comment(format!(
                "`{name}` has {twice} of {} values again",
                facts.filled
            ));
            out.check("two rows of this source that agree in it tell of one event: is that so?");
        } else {
            continue;
        }
        out.line(format!("identity = {}", list([choice.slot.ours])));
        return;
    }
    out.comment("no column names a row: every row is its own event");
}

fn withheld(out: &mut Lines, draft: &Draft<'_>) {
    let secrets: Vec<&Facts> = draft.withheld().collect();
    if secrets.is_empty() {
        return;
    }
    for facts in &secrets {
        match facts.secret {
            Some(word) => out.comment(format!(
                "`{}` is named like a credential (`{word}`): not looked at, not loaded",
                shown(&facts.name)
            )),
            None => out.comment(format!(
                "`{}` holds password hashes by their form",
                shown(&facts.name)
            )),
        }
    }
    out.line(format!(
        "withheld = {}",
        list(secrets.iter().map(|facts| &facts.name))
    ));
}

fn column(out: &mut Lines, draft: &Draft<'_>, choice: &Choice<'_>) {
    let facts = choice.facts;
    let mut parts = vec![format!("column = {}", quoted(&facts.name))];
    let mut checks: Vec<String> = choice.check.iter().cloned().collect();
    let mut reason = choice.reason.clone();
    match choice.slot.looks {
        Looks::Time => {
            let is_timestamp = facts.sql_type.starts_with("timestamp");
            let format = if is_timestamp {
                "timestamp"
            } else {
                facts.best_format().0
            };
            parts.push(format!("format = {}", quoted(format)));
            if is_timestamp {
                reason.push_str("; its type is TIMESTAMP, so the dump says the zone");
            }
        }
        Looks::Duration if draft.choice("duration_kind").is_none() => {
            let (kind, check) = duration_kind(facts);
            parts.push(format!("kind = \"{kind}\""));
            checks.extend(check);
        }
        Looks::Amount => match currency(facts) {
            Some(currency) => parts.push(format!("currency = \"{currency}\"")),
            None if draft.choice("currency").is_some() => {}
            None => checks.push("in which currency? Write it as currency = \"…\"".to_owned()),
        },
        Looks::Words(vocabulary) => {
            let (values, check) = values(facts, vocabulary);
            checks.extend(check);
            if values.is_empty() {
                // Without any meaning, the source's own words would be loaded as ours.
                out.check(format!(
                    "`{}` may be `{}`: which words mean what?",
                    shown(&facts.name),
                    choice.slot.ours
                ));
                return;
            }
            parts.push(format!("values = {{ {} }}", values.join(", ")));
            parts.push("otherwise = \"unknown\"".to_owned());
        }
        Looks::Id
        | Looks::Ref
        | Looks::Presented
        | Looks::Called
        | Looks::Phone
        | Looks::Duration
        | Looks::Seconds
        | Looks::Email
        | Looks::Ip
        | Looks::Agent
        | Looks::Currency
        | Looks::Txid
        | Looks::Address
        | Looks::Text
        | Looks::Narrative => {}
    }
    out.comment(format!("`{}`: {reason}", shown(&facts.name)));
    for check in checks {
        out.check(check);
    }
    let origin = match parts.as_slice() {
        [_] => quoted(&facts.name),
        several => format!("{{ {} }}", several.join(", ")),
    };
    out.line(format!("{} = {origin}", choice.slot.ours));
}

/// Tells what a duration counts, where its name or content says so.
fn duration_kind(facts: &Facts) -> (&'static str, Option<String>) {
    let says = |word: &str| facts.tokens.iter().any(|token| token.starts_with(word));
    if says("billsec") || says("talk") {
        ("talk", None)
    } else if facts.positive >= 10 && facts.minutes == facts.positive {
        (
            "billed-rounded",
            Some("only whole minutes: was it billed so?".to_owned()),
        )
    } else {
        let check = "does it count ringing? Then kind = \"with-ringing\"; if not, kind = \"talk\"";
        ("unknown", Some(check.to_owned()))
    }
}

fn currency(facts: &Facts) -> Option<&'static str> {
    let named = words::CURRENCIES.iter().find(|code| {
        facts
            .tokens
            .iter()
            .any(|token| token.eq_ignore_ascii_case(code))
    });
    match (named, facts.pounds, facts.euros) {
        (Some(code), _, _) => Some(code),
        (None, 1.., 0) => Some("GBP"),
        (None, 0, 1..) => Some("EUR"),
        (None, _, _) => None,
    }
}

/// Pairs the source's words with ours. A word is shown if it is known or if several rows have it.
fn values(facts: &Facts, vocabulary: words::Vocabulary) -> (Vec<String>, Option<String>) {
    if vocabulary == words::CODE_CAPTURED {
        let known = facts
            .words
            .as_ref()
            .filter(|found| !found.is_empty() && facts.secret.is_none());
        let pairs = match known {
            Some(found) => found
                .keys()
                .filter_map(|word| Some(pair(word, words::meaning(vocabulary, word)?)))
                .collect(),
            None => vec![pair("1", "yes"), pair("0", "no")],
        };
        return (pairs, None);
    }
    let (mut pairs, mut unknown, mut rare) = (Vec::new(), Vec::new(), 0_u64);
    for (word, count) in facts.words.iter().flatten() {
        match words::meaning(vocabulary, word) {
            Some(ours) => pairs.push(pair(word, ours)),
            None if *count >= SHOWN_FROM => {
                pairs.push(pair(word, "unknown"));
                unknown.push(format!("`{}`", shown(word)));
            }
            None => rare += 1,
        }
    }
    let mut check = Vec::new();
    if !unknown.is_empty() {
        check.push(format!("what do {} mean?", unknown.join(", ")));
    }
    if rare > 0 {
        check.push(format!("words that few rows have are not shown: {rare}"));
    }
    let ours: Vec<&str> = vocabulary.iter().map(|(ours, _)| *ours).collect();
    let told = format!("{} (ours: {})", check.join("; "), ours.join(", "));
    (pairs, (!check.is_empty()).then_some(told))
}

fn pair(theirs: &str, ours: &str) -> String {
    format!("{} = {}", quoted(theirs), quoted(ours))
}

/// Says in a few words what a column holds.
fn kind(facts: &Facts) -> String {
    if facts.filled == 0 {
        return "no values were seen".to_owned();
    }
    let (format, times) = facts.best_format();
    let kinds = [
        (facts.binary, "bytes".to_owned()),
        (times, format!("times written as `{format}`")),
        (facts.phones.all(), "telephone numbers".to_owned()),
        (facts.emails, "e-mail addresses".to_owned()),
        (facts.ips, "IP addresses".to_owned()),
        (
            facts.addresses,
            "Bitcoin addresses by their form".to_owned(),
        ),
        (facts.fractions, "decimal numbers".to_owned()),
        (facts.integers, "whole numbers".to_owned()),
        (facts.long_texts, "sentences".to_owned()),
    ];
    for (count, what) in kinds {
        if facts.share(count) >= 0.5 {
            return format!("{what}: {}", share(facts, count));
        }
    }
    format!(
        "{} different among {} values",
        facts.distinct(),
        facts.filled
    )
}
