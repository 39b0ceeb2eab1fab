use std::fmt::Write as _;

use crate::schema::{Column, ColumnType, PROVENANCE, TABLES, TABLES_FORMAT};

/// Writes the column reference, `docs/reference/columns.md`: every table that is read from
/// exhibits, every column with its type and what it holds.
///
/// The page is Markdown and ends with a line break.
#[must_use]
pub fn reference_markdown() -> String {
    let mut page = format!(
        "# Columns\n\n\
         Made from the schema in `crates/model/src/schema.rs`; a test holds the two together. Tables \
         format {TABLES_FORMAT}.\n\n\
         Every table ends with the columns of [its place in the evidence](#every-table). Those are \
         never null; any other column may be. What the Parquet files look like besides is told in \
         [tables.md](../formats/tables.md).\n\n\
         ## Types\n\n\
         | type | in Parquet | what it holds |\n|---|---|---|\n"
    );
    for kind in ALL_TYPES {
        let (name, describes) = told(kind);
        line(&mut page, &[name, stored(kind), describes]);
    }
    for table in TABLES {
        heading(&mut page, table.name, table.describes);
        columns(&mut page, table.columns);
    }
    heading(
        &mut page,
        "Every table",
        "where the row stands: the exact bytes it was read from",
    );
    columns(&mut page, PROVENANCE);
    page
}

const ALL_TYPES: [ColumnType; 7] = [
    ColumnType::Text,
    ColumnType::E164,
    ColumnType::Int,
    ColumnType::Count,
    ColumnType::SmallCount,
    ColumnType::Time,
    ColumnType::Money,
];

/// Gives a type's name on the page and a sentence about it.
const fn told(kind: ColumnType) -> (&'static str, &'static str) {
    match kind {
        ColumnType::Text => ("text", "UTF-8"),
        ColumnType::E164 => (
            "number",
            "a telephone number as one integer: country code, then national number; `+` is not kept",
        ),
        ColumnType::Int => ("integer", "a whole number"),
        ColumnType::Count => ("count", "a whole number from 0"),
        ColumnType::SmallCount => ("small count", "a whole number from 0"),
        ColumnType::Time => ("time", "microseconds since 1970-01-01T00:00:00Z"),
        ColumnType::Money => (
            "money",
            "an exact decimal of up to 20 digits before and 18 after the point",
        ),
    }
}

/// Names the Parquet type as readers such as DuckDB and pandas show it.
const fn stored(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "string",
        ColumnType::E164 | ColumnType::Int => "int64",
        ColumnType::Count => "uint64",
        ColumnType::SmallCount => "uint32",
        ColumnType::Time => "timestamp, microseconds, UTC",
        ColumnType::Money => "decimal(38, 18)",
    }
}

fn heading(page: &mut String, name: &str, describes: &str) {
    writeln!(page, "\n## {name}\n\n{}.\n", capital(describes)).expect("a String takes all text");
}

fn columns(page: &mut String, columns: &[Column]) {
    page.push_str("| column | type | what it holds |\n|---|---|---|\n");
    for column in columns {
        let name = format!("`{}`", column.name);
        line(page, &[&name, told(column.kind).0, column.describes]);
    }
}

/// Writes a table's line; a bar inside a cell would end it.
fn line(page: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    writeln!(page, "| {} |", cells.join(" | ")).expect("a String takes all text");
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
