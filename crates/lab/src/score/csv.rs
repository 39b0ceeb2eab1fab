//! Reads CSV with a header (RFC 4180), by the names of its columns.

use std::fs;

use anyhow::{Context as _, bail};
use camino::Utf8Path;

/// A file's rows.
#[derive(Debug)]
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn read(path: &Utf8Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("could not read `{path}`"))?;
        Self::parse(&text).with_context(|| format!("could not read `{path}`"))
    }

    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut rows = records(text)?;
        if rows.is_empty() {
            bail!("there is no header");
        }
        let header = rows.remove(0);
        for (index, row) in rows.iter().enumerate() {
            if row.len() != header.len() {
                bail!(
                    "row {} has {} cells, not {}",
                    index + 1,
                    row.len(),
                    header.len()
                );
            }
        }
        Ok(Self { header, rows })
    }

    /// Returns the place of a column.
    pub(crate) fn column(&self, name: &str) -> anyhow::Result<usize> {
        match self.optional(name) {
            Some(place) => Ok(place),
            None => bail!(
                "there is no column `{name}`, only `{}`",
                self.header.join("`, `")
            ),
        }
    }

    /// Returns the place of a column that need not be there.
    pub(crate) fn optional(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[String]> {
        self.rows.iter().map(Vec::as_slice)
    }
}

fn records(text: &str) -> anyhow::Result<Vec<Vec<String>>> {
    let mut records = Vec::new();
    let mut record: Vec<String> = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            _ => cell.push(char),
        }
    }
    if quoted {
        bail!("a quote is never closed");
    }
    if !cell.is_empty() || !record.is_empty() {
        record.push(cell);
        records.push(record);
    }
    Ok(records)
}

/// Reads a number as E.164, with or without `+`; an empty cell is none.
pub(crate) fn number(cell: &str) -> anyhow::Result<Option<u64>> {
    let digits = cell.strip_prefix('+').unwrap_or(cell);
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse() {
        Ok(number) => Ok(Some(number)),
        // The number itself may be somebody's.
        Err(_) => bail!("a telephone number is not of digits alone"),
    }
}

/// Reads a count; an empty cell is 0, as a sum over no rows is.
pub(crate) fn count(cell: &str) -> anyhow::Result<u64> {
    if cell.is_empty() {
        return Ok(0);
    }
    cell.parse()
        .with_context(|| format!("`{cell}` is not a whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_hold_commas_quotes_and_line_breaks() {
        let table = Table::parse("a,b\r\n\"x,\"\"y\"\"\nz\",\n1,2").expect("a table");
        let rows: Vec<_> = table.rows().collect();
        assert_eq!(rows[0], ["x,\"y\"\nz", ""]);
        assert_eq!(rows[1], ["1", "2"]);
        assert_eq!(table.column("b").expect("there"), 1);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (text, expected) in [
            ("", "there is no header"),
            ("a,b\n1\n", "row 1 has 1 cells, not 2"),
            ("a\n\"1\n", "a quote is never closed"),
        ] {
            let error = Table::parse(text).expect_err("refused");
            assert_eq!(error.to_string(), expected);
        }
        let table = Table::parse("a,b\n").expect("a table");
        let error = table.column("c").expect_err("not there");
        assert_eq!(error.to_string(), "there is no column `c`, only `a`, `b`");
        assert!(number("+44x").is_err() && count("-1").is_err());
        assert_eq!(number("+4479").expect("digits"), Some(4_479));
        assert_eq!(number("").expect("none"), None);
    }
}
