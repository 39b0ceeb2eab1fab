//! The draft as a file: a reason above every line, and `# check:` where a person must look.

use super::choose::{Choice, Draft};
use super::facts::{Facts, LOOKS, PREFIXES, Phones};
use super::lines::{Lines, list, quoted, shown};
use super::sample::{MOST_ROWS, Sample, Table};
use super::slots::Looks;
use super::table::table;

/// Most tables and columns that are listed as not mapped.
pub(super) const MOST_LISTED: usize = 300;

/// Writes the draft.
pub(super) fn toml(name: &str, sample: &Sample, drafts: &[Draft<'_>]) -> String {
    let mut out = Lines::default();
    let mapped: Vec<&Draft<'_>> = drafts.iter().filter(|draft| draft.to.is_some()).collect();
    out.comment("A draft, made from the names and the content of columns. Read every line: `check:` marks what is");
    out.comment("unsure. Keep it as a file and give it to the case: unspoof seal EXHIBIT_FILE --mapping THIS_FILE");
    if let Some(error) = &sample.stream_error {
        out.check(format!(
            "the exhibit could not be read to its end: {}",
            shown(error)
        ));
    }
    if sample.left_off {
        out.check("the file is larger than what was read: tables further on are not in here");
    }
    out.gap();
    out.line(format!("name = {}", quoted(name)));
    out.line(format!(
        "describes = {}",
        quoted(&describes(sample, &mapped))
    ));
    zone(&mut out, &mapped);
    charset(&mut out, sample);
    if mapped.is_empty() {
        out.gap();
        out.check("nothing in it is like accounts, logins, payments, calls or reports: write a [[table]] by hand");
        out.line("table = []");
    }
    out.gap();
    matches(&mut out, sample, drafts);
    dialling(&mut out, &mapped);
    for draft in &mapped {
        table(&mut out, sample, draft);
    }
    not_mapped(&mut out, drafts);
    out.0
}

fn describes(sample: &Sample, mapped: &[&Draft<'_>]) -> String {
    let mut ours: Vec<&str> = mapped
        .iter()
        .filter_map(|draft| draft.to)
        .map(|to| to.ours)
        .collect();
    ours.dedup();
    let kind = if sample.is_dump {
        "an SQL dump"
    } else {
        "delimited text"
    };
    if ours.is_empty() {
        format!("draft for {kind}")
    } else {
        format!("draft for {kind} with {}", ours.join(", "))
    }
}

/// Returns the times of the drafts that are neither epochs nor `TIMESTAMP`s.
fn local_times<'a>(mapped: &'a [&'a Draft<'_>]) -> impl Iterator<Item = String> + 'a {
    mapped.iter().flat_map(|draft| {
        let local = |choice: &&Choice<'_>| {
            choice.slot.looks == Looks::Time
                && !choice.facts.best_format().0.starts_with("epoch")
                && !choice.facts.sql_type.starts_with("timestamp")
        };
        draft
            .choices
            .iter()
            .filter(local)
            .map(|choice| place(draft.table, choice.facts))
    })
}

fn place(table: &Table, facts: &Facts) -> String {
    if table.name.is_empty() {
        format!("`{}`", shown(&facts.name))
    } else {
        format!("`{}.{}`", shown(&table.name), shown(&facts.name))
    }
}

fn zone(out: &mut Lines, mapped: &[&Draft<'_>]) {
    let local: Vec<String> = local_times(mapped).take(3).collect();
    if !local.is_empty() {
        out.gap();
        out.check(format!(
            "in which zone did the clock run that wrote {}? Local times without a zone are refused",
            local.join(", ")
        ));
        out.comment("zone = \"Europe/London\"");
    }
}

fn charset(out: &mut Lines, sample: &Sample) {
    let odd: u64 = sample
        .tables()
        .flat_map(|table| &table.columns)
        .map(|facts| facts.not_utf8)
        .sum();
    if odd > 0 {
        out.gap();
        out.check(format!(
            "{odd} values are no UTF-8: which character set are they in?"
        ));
        out.comment("charset = \"latin1\"");
    }
}

fn matches(out: &mut Lines, sample: &Sample, drafts: &[Draft<'_>]) {
    out.line("[match]");
    if sample.is_dump {
        out.line("format = \"sql-dump\"");
        return;
    }
    out.line("format = \"csv\"");
    let columns = drafts.first().map_or(&[][..], |draft| &draft.table.columns);
    if sample.header {
        let names = columns
            .iter()
            .map(|facts| facts.name.trim())
            .filter(|name| !name.is_empty());
        out.comment("the first record names the columns");
        out.line(format!("header = {}", list(names)));
        return;
    }
    let width = columns.len().max(1);
    out.comment("no record names the columns: they are counted from 1");
    if let Some(draft) = drafts.first().filter(|draft| draft.table.rejects > 0) {
        out.check(format!(
            "rows that could not be read: {}. Have they more or fewer cells?",
            draft.table.rejects
        ));
    }
    out.line(format!("columns = [{width}, {width}]"));
    let mut looks = Vec::new();
    let rows = drafts.first().map_or(0, |draft| draft.table.rows);
    for (index, facts) in columns
        .iter()
        .enumerate()
        .filter(|(_, facts)| facts.filled * 2 > rows)
    {
        let look = LOOKS
            .iter()
            .zip(facts.looks)
            .find(|(_, count)| *count == rows && rows > 0);
        if let Some(((_, word), _)) = look.filter(|_| looks.len() < 8) {
            looks.push(format!("\"#{}\" = \"{word}\"", index + 1));
        }
    }
    if !looks.is_empty() {
        out.line(format!("looks = {{ {} }}", looks.join(", ")));
    }
}

fn dialling(out: &mut Lines, mapped: &[&Draft<'_>]) {
    let mut phones = Phones::default();
    for choice in mapped.iter().flat_map(|draft| &draft.choices) {
        if matches!(
            choice.slot.looks,
            Looks::Called | Looks::Presented | Looks::Phone
        ) {
            phones.add(&choice.facts.phones);
        }
    }
    let all = phones.all();
    if all == 0 {
        return;
    }
    out.gap();
    out.line("[numbers]");
    let of_all = |count: u64| format!("{count} of {all} numbers");
    if phones.national > 0 {
        out.check(format!(
            "{} have no country code: where do they belong? Without a region they stay unread",
            of_all(phones.national)
        ));
    } else {
        out.comment("all numbers that were seen have a country code");
    }
    out.comment("default_region = \"GB\"");
    let prefixes = [("00", phones.by_00), ("011", phones.by_011)];
    let used: Vec<&str> = prefixes
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(prefix, _)| *prefix)
        .collect();
    if !used.is_empty() {
        out.comment(format!("{} begin so", of_all(phones.by_00 + phones.by_011)));
        out.line(format!("international_prefixes = {}", list(used)));
    }
    let switched: Vec<&str> = PREFIXES
        .iter()
        .zip(phones.prefixes)
        .filter(|(_, count)| *count > 0)
        .map(|(prefix, _)| *prefix)
        .collect();
    if !switched.is_empty() {
        out.comment(format!("{} begin so", of_all(phones.prefixes.iter().sum())));
        out.check("does the switch put other digits before numbers too?");
        out.line(format!("technical_prefixes = {}", list(switched)));
    }
    if phones.bare * 20 >= all {
        out.comment(format!(
            "{} are written with a country code and nothing before it",
            of_all(phones.bare)
        ));
        if phones.national > 0 {
            out.check("are they not national numbers of some country?");
        }
        out.line("bare_is_international = true");
    }
}

fn not_mapped(out: &mut Lines, drafts: &[Draft<'_>]) {
    let left: Vec<&Draft<'_>> = drafts.iter().filter(|draft| draft.to.is_none()).collect();
    let (empty, full): (Vec<&Draft<'_>>, Vec<&Draft<'_>>) =
        left.into_iter().partition(|draft| draft.table.rows == 0);
    if !empty.is_empty() || !full.is_empty() {
        out.gap();
    }
    if !empty.is_empty() {
        let names: Vec<String> = empty
            .iter()
            .take(MOST_LISTED)
            .map(|draft| shown(&draft.table.name))
            .collect();
        out.comment("tables without rows, which were not looked at:");
        for names in names.chunks(5) {
            out.comment(format!("  {}", names.join(", ")));
        }
    }
    if !full.is_empty() {
        out.comment("tables that are like none of ours:");
    }
    for draft in full.into_iter().take(MOST_LISTED) {
        let name = match draft.table.name.as_str() {
            "" => "the rows",
            name => name,
        };
        let columns: Vec<String> = draft
            .table
            .columns
            .iter()
            .take(40)
            .map(|facts| shown(&facts.name))
            .collect();
        let rows = match draft.table.rows {
            rows if rows >= MOST_ROWS => format!("{rows} rows or more"),
            rows => format!("{rows} rows"),
        };
        out.comment(format!(
            "  `{}`, {rows}: {}",
            shown(name),
            columns.join(", ")
        ));
    }
}
