//! What the brief says of losses, payments and estimates, as lines of text.

use crate::brief::Brief;
use crate::figures::{grouped, money};
use crate::money_brief::{EstimateBrief, EstimateRow, ListBrief, LossSums, MoneyBrief};

/// Said of payments wherever they stand: what is not known.
pub(crate) const NO_CHAIN: &str = "The service's own table of payments counts as fact. No block \
     chain was looked at: where coins came from before, or went afterwards, is not known here and \
     nothing is inferred about it.";

/// Said of sums of losses.
pub(crate) const AS_REPORTED: &str = "Each loss once, in the tier of its surest report, at the \
     lowest amount that its reports state. Refunded and recovered stand apart and are taken off \
     nothing. Nobody has confirmed any of it.";

/// Writes a limit for people.
pub(crate) fn limit(high: Option<u64>) -> String {
    high.map_or_else(|| "no limit".to_owned(), grouped)
}

/// Writes a model's numbers for people: never the middle without its limits.
pub(crate) fn range(row: &EstimateRow) -> String {
    match (row.low, row.middle, &row.why_none) {
        (_, _, Some(why)) => why.clone(),
        (Some(low), Some(middle), None) => {
            let (low, middle) = (grouped(low), grouped(middle));
            format!("{middle} ({low} to {})", limit(row.high))
        }
        (Some(low), None, None) => format!("{} to {}", grouped(low), limit(row.high)),
        (None, _, None) => "no number".to_owned(),
    }
}

/// Says in one sentence how many victims there are.
pub(crate) fn sentence(estimate: &EstimateBrief) -> String {
    let listed = grouped(estimate.victims_listed);
    match estimate.low {
        Some(low) => format!(
            "between {} and {} victims, of whom {listed} are on a list",
            grouped(low),
            limit(estimate.high)
        ),
        None => format!("no estimate; {listed} victims are on a list"),
    }
}

/// Breaks a sentence into lines of at most 96 columns, each two columns in.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < 96 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("  {word}")),
        }
    }
    lines
}

/// Writes the sections; none of what there is nothing of.
pub(crate) fn lines(brief: &Brief) -> Vec<String> {
    let MoneyBrief {
        losses,
        estimate,
        address_lists,
        ..
    } = &brief.money;
    let mut out = Vec::new();
    if brief.figure("payments").is_some_and(|f| f.value > 0) {
        out.extend([String::new(), "Payments and lists of addresses".to_owned()]);
        out.extend(address_lists.iter().flat_map(list));
        if address_lists.is_empty() {
            out.push(
                "  no list of addresses in the case: unspoof reference add addresses FILE"
                    .to_owned(),
            );
        }
        out.extend(wrapped(NO_CHAIN));
    }
    if losses.all.losses > 0 {
        let title = "Losses by exact and probable matches";
        out.extend([String::new(), title.to_owned()]);
        out.push(format!(
            "  {:<34} {:>6} {:>14} {:>12} {:>12} {:>12}",
            "", "losses", "sum", "mean", "median", "largest"
        ));
        let currency = brief.currency.as_str();
        out.push(sums("all", &losses.all, currency));
        for (title, groups) in [
            ("organisation shown", &losses.by_organisation),
            ("month", &losses.by_month),
            ("person", &losses.by_person),
            ("account", &losses.by_account),
        ] {
            out.push(format!("  by {title}"));
            let name = |one: &LossSums| one.group.clone().unwrap_or_else(|| "unknown".to_owned());
            out.extend(
                groups
                    .iter()
                    .map(|one| sums(&format!("  {}", name(one)), one, currency)),
            );
        }
        out.push(format!(
            "  refunded {}, recovered {}",
            money(losses.all.refunded_minor, currency),
            money(losses.all.recovered_minor, currency)
        ));
        out.extend(wrapped(AS_REPORTED));
    }
    if brief.figure("reports").is_some_and(|f| f.value > 0) {
        out.extend([String::new(), "Victims, reported or not".to_owned()]);
        out.push(format!("  {}", sentence(estimate)));
        out.extend(wrapped(&estimate.basis));
        for (name, persons) in &estimate.lists {
            out.push(format!("  list {name}: {} victims", grouped(*persons)));
        }
        for row in &estimate.models {
            let mark = if row.plausible { '*' } else { ' ' };
            out.push(format!("  {mark} {}: {}", row.name, range(row)));
        }
        for row in &estimate.missed_links {
            out.push(format!("    if {}: {}", row.name, range(row)));
        }
        out.push(format!(
            "  on no list, for nothing ties them to a call: {} reports",
            grouped(estimate.reports_left_out)
        ));
        out.push(format!(
            "  engaged numbers of home regions, which is exposure and no list of victims: {}",
            grouped(estimate.exposure_numbers)
        ));
    }
    out
}

fn list(list: &ListBrief) -> Vec<String> {
    let dated = list.dated.as_deref().unwrap_or("not dated");
    let mut out = vec![format!(
        "  {} ({dated}, {} addresses): {} payments",
        list.list,
        grouped(list.entries),
        grouped(list.payments)
    )];
    out.extend(
        list.labels
            .iter()
            .map(|(label, payments)| format!("    {label}: {} payments", grouped(*payments))),
    );
    out
}

fn sums(name: &str, sums: &LossSums, currency: &str) -> String {
    let amount = |minor: Option<i64>| minor.map_or_else(|| "-".to_owned(), |m| money(m, currency));
    let name: String = name.chars().take(34).collect();
    format!(
        "  {name:<34} {:>6} {:>14} {:>12} {:>12} {:>12}",
        grouped(sums.losses),
        money(sums.gross_minor, currency),
        amount(sums.mean_minor),
        amount(sums.median_minor),
        amount(sums.largest_minor),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_never_stands_without_its_limits() {
        let row = |low, middle, high| EstimateRow {
            low,
            middle,
            high,
            ..EstimateRow::default()
        };
        let said = range(&row(Some(1_200), Some(2_500), Some(9_000)));
        assert_eq!(said, "2,500 (1,200 to 9,000)");
        assert_eq!(range(&row(Some(7), Some(8), None)), "8 (7 to no limit)");
        assert_eq!(range(&row(Some(7), None, Some(9))), "7 to 9");
        // What has no limits has no number either.
        assert_eq!(range(&row(None, Some(8), None)), "no number");
        let none = EstimateBrief {
            victims_listed: 3,
            ..EstimateBrief::default()
        };
        assert_eq!(sentence(&none), "no estimate; 3 victims are on a list");
    }

    #[test]
    fn lines_are_short_and_lose_no_word() {
        let lines = wrapped(NO_CHAIN);
        assert!(lines.len() > 1 && lines.iter().all(|line| line.chars().count() <= 97));
        let words: Vec<&str> = lines
            .iter()
            .flat_map(|line| line.split_whitespace())
            .collect();
        assert_eq!(
            words.join(" "),
            NO_CHAIN.split_whitespace().collect::<Vec<_>>().join(" ")
        );
    }
}
