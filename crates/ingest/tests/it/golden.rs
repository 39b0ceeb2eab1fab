//! Fixtures: `testdata/FORMAT/DEFECT.in`, and beside each what a reader makes of it.
//!
//! `UNSPOOF_UPDATE_EXPECTED=1 cargo test -p unspoof-ingest` writes the expected files anew, to be
//! read before they are committed.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use unspoof_ingest::block::{CellKind, Column, TableDef};

use crate::seen::{Seen, narrow};

fn column(column: &Column) -> String {
    let mut text = column.name.clone();
    if !column.sql_type.is_empty() {
        let _ = write!(text, " {}", column.sql_type);
    }
    if let Some(charset) = &column.charset {
        let _ = write!(text, " in {charset}");
    }
    if column.generated {
        text.push_str(" generated");
    }
    text
}

fn table(table: &TableDef) -> String {
    let mut text = format!("table {}", table.id.0);
    if let Some(database) = &table.database {
        let _ = write!(text, " {database} /");
    }
    let _ = write!(
        text,
        " {}{}",
        table.name,
        if table.named { "" } else { " unnamed" }
    );
    if let Some(charset) = &table.charset {
        let _ = write!(text, " in {charset}");
    }
    for one in &table.columns {
        let _ = write!(text, "\n  {}", column(one));
    }
    for key in &table.keys {
        let _ = write!(text, "\n  {:?} key: {}", key.kind, key.columns.join(", "));
    }
    text
}

fn value(kind: CellKind, value: Option<&[u8]>) -> String {
    let Some(bytes) = value else {
        return format!("{kind:?}");
    };
    format!("{kind:?} {}", bytes.escape_ascii())
}

/// Shows all that a reader gave.
fn show(seen: &Seen) -> String {
    let mut out = String::new();
    for one in &seen.tables {
        let _ = writeln!(out, "{}", table(one));
    }
    for setting in &seen.settings {
        let value = setting.value.as_deref().unwrap_or("(the server's)");
        let _ = writeln!(
            out,
            "setting at {}: {:?} = {value}",
            setting.byte_offset, setting.name
        );
    }
    for row in &seen.rows {
        let span = &row.span;
        let _ = writeln!(
            out,
            "row {} {} at {}+{}",
            row.table, span.row_no, span.byte_offset, span.byte_len
        );
        for (kind, one) in row.kinds.iter().zip(&row.values) {
            let _ = writeln!(out, "  {}", value(*kind, one.as_deref()));
        }
    }
    for reject in &seen.rejects {
        let span = &reject.span;
        let _ = writeln!(
            out,
            "reject {} {} at {}+{}: {}",
            reject.table, span.row_no, span.byte_offset, span.byte_len, reject.code
        );
    }
    if let Some(finished) = &seen.finished {
        let account = &finished.account;
        let _ = writeln!(
            out,
            "complete: {}, cut: {}",
            finished.complete, finished.cut
        );
        let _ = writeln!(
            out,
            "statements: {}, passed over: {}, comments: {}",
            account.statements, account.skipped_statements, account.comments
        );
        let _ = writeln!(
            out,
            "bytes: {} rows, {} rejects, {} statements, {} passed over, {} comments, {} blank",
            account.row_bytes,
            account.reject_bytes,
            account.statement_bytes,
            account.skipped_bytes,
            account.comment_bytes,
            account.blank_bytes
        );
    }
    out
}

/// Reads every fixture of a format and compares; `again` reads with a page size of its own.
fn compare(format: &str, read: fn(&[u8]) -> Seen, again: fn(&[u8], usize) -> Seen) {
    let folder = Path::new("testdata").join(format);
    let mut wrong = Vec::new();
    let mut fixtures = 0;
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .expect("is there")
        .map(|entry| entry.expect("is readable").path())
        .collect();
    paths.sort();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|name| name == "in"))
    {
        let input = fs::read(path).expect("is readable");
        let found = show(&read(&input));
        let expected_path = path.with_extension("expected");
        if std::env::var_os("UNSPOOF_UPDATE_EXPECTED").is_some() {
            fs::write(&expected_path, &found).expect("is writable");
        }
        let expected = fs::read_to_string(&expected_path).unwrap_or_default();
        if found != expected {
            wrong.push(format!(
                "{}\n--- expected\n{expected}--- found\n{found}",
                path.display()
            ));
        }
        // Rows, rejects and the account do not depend on how much is read at a time.
        for page_bytes in [16, 17, 64] {
            let seen = again(&input, page_bytes);
            assert_eq!(
                show(&seen),
                show(&again(&input, 1 << 20)),
                "{}",
                path.display()
            );
        }
        fixtures += 1;
    }
    assert!(fixtures > 10, "the fixtures are found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn dumps_are_read_as_expected() {
    compare(
        "dump",
        |input| crate::seen::dump(input),
        |input, page_bytes| crate::seen::dump_with(input, narrow(page_bytes)),
    );
}

#[test]
fn delimited_texts_are_read_as_expected() {
    use unspoof_ingest::delimited::Dialect;
    compare(
        "csv",
        |input| crate::seen::csv(input),
        |input, page_bytes| crate::seen::csv_with(input, Dialect::default(), narrow(page_bytes)),
    );
}
