//! Opened messages as rows of a delimited text, to be sealed and ingested like what was seized.
//!
//! The mapping `portal-statements` reads the statements. What a person typed stays as typed; beside
//! it stands what can be read of it without guessing.

use std::io::Read;

use crate::message::Head;
use crate::{Message, Statement, alike, urgency};

/// First columns of each of the three tables; a table is known by its header.
pub const STATEMENTS: [&str; 36] = [
    "record",
    "received",
    "campaign",
    "report",
    "reference",
    "language",
    "code",
    "called",
    "call_day",
    "call_day_as_given",
    "call_time",
    "number_shown",
    "claimed",
    "bank",
    "lost",
    "amount",
    "amount_as_given",
    "currency",
    "moved",
    "moved_when",
    "secret",
    "story",
    "whom",
    "relation",
    "reported",
    "reported_reference",
    "name",
    "phone",
    "email",
    "safe",
    "help",
    "agree",
    "files",
    "trapped",
    "urgency",
    "alike",
];

/// Columns of the table of numbers that somebody asked about.
pub const NUMBERS: [&str; 6] = [
    "record", "received", "campaign", "language", "number", "trapped",
];

/// Columns of the table of codes that were frozen.
pub const CODES: [&str; 4] = ["record", "received", "campaign", "code_hash"];

/// What the inside knows of a code: whether it was sent, and to whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CodeFound {
    /// It was sent to this number, digits of E.164 without `+`.
    Of(String),
    /// No campaign sent it.
    Unknown,
}

/// The three tables, as bytes; one without rows is `None`.
#[derive(Default)]
pub struct Tables {
    /// Statements.
    pub statements: Option<Vec<u8>>,
    /// Numbers asked about.
    pub numbers: Option<Vec<u8>>,
    /// Frozen codes.
    pub codes: Option<Vec<u8>>,
}

/// Writes messages as tables. `number_of` is asked for each code that was entered.
///
/// # Errors
/// Writing CSV into memory fails only without memory.
pub fn tables(
    messages: &[Message],
    number_of: &dyn Fn(&str, &str) -> CodeFound,
) -> Result<Tables, csv::Error> {
    let statements: Vec<&Statement> = messages
        .iter()
        .filter_map(|message| match message {
            Message::Statement(statement) => Some(&**statement),
            Message::NumberAsked { .. } | Message::CodeFrozen { .. } => None,
        })
        .collect();
    let stories = statements.iter().map(|statement| statement.one("story"));
    let groups = alike::groups(stories);
    let rows = statements.iter().zip(groups).enumerate();
    let rows = rows.map(|(at, (statement, first))| {
        let alike = (first != at).then(|| statements[first].report_id());
        row(statement, alike, number_of)
    });
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let head = |head: &Head| {
        [
            head.id.clone(),
            head.received_utc.clone(),
            head.campaign.clone(),
        ]
    };
    let numbers = messages.iter().filter_map(|message| match message {
        Message::NumberAsked {
            head: of,
            number,
            is_trapped,
        } => {
            let mut row = head(of).to_vec();
            row.extend([of.language.clone(), number.clone(), yes(*is_trapped)]);
            Some(row)
        }
        Message::Statement(_) | Message::CodeFrozen { .. } => None,
    });
    let codes = messages.iter().filter_map(|message| match message {
        Message::CodeFrozen {
            head: of,
            code_hash,
        } => {
            let mut row = head(of).to_vec();
            row.push(code_hash.clone());
            Some(row)
        }
        Message::Statement(_) | Message::NumberAsked { .. } => None,
    });
    Ok(Tables {
        statements: table(&STATEMENTS, rows)?,
        numbers: table(&NUMBERS, numbers)?,
        codes: table(&CODES, codes)?,
    })
}

fn table(
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Option<Vec<u8>>, csv::Error> {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return Ok(None);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(&row)?;
    }
    writer.flush()?;
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(Some(bytes))
}

fn row(
    statement: &Statement,
    alike: Option<String>,
    number_of: &dyn Fn(&str, &str) -> CodeFound,
) -> Vec<String> {
    let one = |field: &str| statement.one(field).to_owned();
    let all = |field: &str| statement.all(field).join(" ");
    let code = statement.code.as_deref().filter(|code| !code.is_empty());
    // Without a code the number that somebody can be rung at is most likely the one that was called.
    let (code, called) = match code.map(|code| number_of(&statement.head.campaign, code)) {
        Some(CodeFound::Of(number)) => ("right", format!("+{number}")),
        Some(CodeFound::Unknown) => ("wrong", one("phone")),
        None => ("missing", one("phone")),
    };
    let day = statement.all("call-day");
    let amount = plain_amount(statement.one("amount"));
    let currency = match statement.one("currency") {
        "" if statement.one("amount").contains('£') => "GBP",
        "" if statement.one("amount").contains('€') => "EUR",
        "other" => "",
        named => named,
    };
    let files = serde_json::to_string(&statement.files).unwrap_or_default();
    vec![
        statement.head.id.clone(),
        statement.head.received_utc.clone(),
        statement.head.campaign.clone(),
        statement.report_id(),
        statement.reference.clone(),
        statement.head.language.clone(),
        code.to_owned(),
        called,
        whole_day(day).unwrap_or_default(),
        day.join("/").trim_matches('/').to_owned(),
        one("call-time"),
        one("number-shown"),
        one("claimed"),
        one("bank"),
        one("lost"),
        amount.clone().unwrap_or_default(),
        one("amount"),
        if amount.is_some() { currency } else { "" }.to_owned(),
        one("moved"),
        one("moved-when"),
        one("secret"),
        one("story"),
        one("whom"),
        one("relation"),
        all("reported"),
        one("reported-reference"),
        one("name"),
        one("phone"),
        one("email"),
        one("safe"),
        all("help"),
        all("agree"),
        if statement.files.is_empty() {
            String::new()
        } else {
            files
        },
        if statement.is_trapped { "yes" } else { "no" }.to_owned(),
        urgency::of(statement).as_str().to_owned(),
        alike.unwrap_or_default(),
    ]
}

/// A day of which all three parts were given, as `YYYY-MM-DD`.
fn whole_day(parts: &[String]) -> Option<String> {
    let [day, month, year] = parts else {
        return None;
    };
    let (day, month): (u8, u8) = (day.parse().ok()?, month.parse().ok()?);
    let year: u16 = year.parse().ok()?;
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// An amount that can be read in one way alone, in plain digits with a point: separators of thousands
/// and of the fraction differ between countries, so `1.250` stays unread.
fn plain_amount(typed: &str) -> Option<String> {
    let kept = |c: &char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let plain: String = typed.chars().filter(kept).collect();
    let marks: Vec<(usize, char)> = plain
        .char_indices()
        .filter(|(_, c)| !c.is_ascii_digit())
        .collect();
    let Some(&(last, mark)) = marks.last() else {
        return Some(plain).filter(|plain| !plain.is_empty());
    };
    let behind = plain.len() - last - 1;
    let other = if mark == '.' { ',' } else { '.' };
    let is_grouped = |text: &str, by: char| {
        let mut groups = text.split(by);
        let first = groups.next().unwrap_or_default();
        (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)
    };
    let (whole, fraction) = plain.split_at(last);
    let fraction = fraction.trim_start_matches(mark);
    let is_fraction = marks.iter().filter(|(_, c)| *c == mark).count() == 1;
    if behind == 3 {
        // `1,250` is twelve hundred and fifty where commas part thousands, and one and a quarter
        // elsewhere; two groups leave no doubt.
        let is_sure = marks.len() > 1 && marks.iter().all(|(_, c)| *c == mark);
        return (is_sure && is_grouped(&plain, mark)).then(|| plain.replace(mark, ""));
    }
    let whole_is_plain = !whole.contains(['.', ',']) || is_grouped(whole, other);
    ((1..=2).contains(&behind) && is_fraction && whole_is_plain && !whole.is_empty())
        .then(|| format!("{}.{fraction}", whole.replace(other, "")))
}

/// Reads the record ids of a table that [`tables`] wrote.
///
/// # Errors
/// It is no CSV, or its first column is not `record`.
pub fn records(table: impl Read) -> Result<Vec<String>, csv::Error> {
    let mut reader = csv::Reader::from_reader(table);
    let mut ids = Vec::new();
    for row in reader.records() {
        ids.push(row?.get(0).unwrap_or_default().to_owned());
    }
    Ok(ids)
}

/// Reads a table that [`tables`] wrote: a map a row, by column.
///
/// # Errors
/// It is no CSV.
pub fn read(
    table: impl Read,
) -> Result<Vec<std::collections::BTreeMap<String, String>>, csv::Error> {
    csv::Reader::from_reader(table).deserialize().collect()
}

#[cfg(test)]
mod tests {
    use super::plain_amount;

    #[test]
    fn amounts_are_read_only_where_one_reading_is_left() {
        for (typed, read) in [
            ("950", Some("950")),
            ("£ 1,250.50", Some("1250.50")),
            ("1.250,50 €", Some("1250.50")),
            ("12 000", Some("12000")),
            ("1,234,567", Some("1234567")),
            ("12.5", Some("12.5")),
            ("1,250", None),
            ("1.250", None),
            ("1,2,3", None),
            ("12,34.5.6", None),
            ("", None),
            (".50", None),
        ] {
            assert_eq!(plain_amount(typed).as_deref(), read, "{typed}");
        }
    }
}
