use unspoof_ingest::block::{CellKind, Event, ReadError, ReadOptions};
use unspoof_ingest::delimited::{DelimitedReader, Dialect};
use unspoof_model::Coded;

use crate::seen::{Seen, csv, csv_with};

fn read(text: &str, dialect: Dialect) -> Seen {
    csv_with(text.as_bytes(), dialect, ReadOptions::default())
}

#[test]
fn an_ordinary_file_is_read_whole() {
    let seen = csv("\u{feff}a,b,c\r\n1,\"x, y\",\r\n\r\n2,\"say \"\"hi\"\"\n\",z");
    let names: Vec<_> = seen.tables[0]
        .columns
        .iter()
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(
        seen.texts(),
        [["1", "x, y", ""], ["2", "say \"hi\"\n", "z"]]
    );
    assert!(seen.rejects.is_empty());
}

/// What `SELECT … INTO OUTFILE` and `mysqldump --tab` write.
#[test]
fn escapes_of_mysql_are_undone() {
    let dialect = Dialect {
        delimiter: b'\t',
        quote: None,
        escape: Some(b'\\'),
        header: false,
        spaced: false,
        ..Dialect::default()
    };
    let seen = read("1\t\\N\ta\\tb\\\\\n2\tx\\\ny\t\\0\\N\n3\t\"\t\\", dialect);
    assert_eq!(
        seen.texts(),
        [
            ["1", "NULL", "a\tb\\"],
            ["2", "x\ny", "\0N"],
            ["3", "\"", "\\"]
        ]
    );
    assert_eq!(
        seen.rows[0].kinds,
        [CellKind::Bare, CellKind::Null, CellKind::BareEscaped]
    );
    let names: Vec<_> = seen.tables[0]
        .columns
        .iter()
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(
        (names, seen.tables[0].named),
        (vec!["#1", "#2", "#3"], false)
    );
}

#[test]
fn a_backslash_takes_a_quotes_meaning() {
    let dialect = Dialect {
        escape: Some(b'\\'),
        header: false,
        ..Dialect::default()
    };
    let seen = read("\"say \\\"hi\\\"\",\"a\\\\\"\n\"b\"\"\",c\n", dialect);
    assert_eq!(seen.texts(), [["say \"hi\"", "a\\"], ["b\"", "c"]]);
}

/// The templates `sql` and `snom` of FreeSWITCH's `cdr_csv.conf.xml` have a space before the last
/// cells.
#[test]
fn spaces_before_quotes_are_passed_where_the_dialect_has_them() {
    let text = "\"u-1\",\"u-2\", \"acc,1\"\n x,  \"y\",z\n";
    let seen = read(
        text,
        Dialect {
            spaced: true,
            header: false,
            ..Dialect::default()
        },
    );
    assert_eq!(seen.texts(), [["u-1", "u-2", "acc,1"], [" x", "y", "z"]]);
    let seen = read(
        text,
        Dialect {
            header: false,
            ..Dialect::default()
        },
    );
    assert_eq!(
        seen.codes(),
        ["csv/column-count"],
        "without it, the comma counts"
    );
}

/// Asterisk writes 16 to 21 columns, as it is configured.
#[test]
fn rows_of_several_widths_are_taken_where_they_are_accepted() {
    let text = "1,2\n1,2,3\n1\n1,2,3,4\n";
    let dialect = Dialect {
        header: false,
        ..Dialect::default()
    };
    let mut reader =
        DelimitedReader::new(text.as_bytes(), dialect, ReadOptions::default()).accept(2..=3);
    let mut found = Vec::new();
    while let Some(event) = reader.next_event().expect("is read") {
        match event {
            Event::Table(table) => assert_eq!(table.columns.len(), 3),
            Event::Rows { block, .. } => {
                found.extend(block.rows.iter().map(|row| row.cells));
                assert!(
                    block
                        .rejects
                        .iter()
                        .all(|reject| reject.code == "csv/column-count")
                );
                assert_eq!(block.rejects.len(), 2);
                assert_eq!(
                    block.rejects[0].detail,
                    "the record has 1 cells, the table 2 to 3 columns"
                );
            }
            Event::Setting(_) | Event::Finished(_) => {}
        }
    }
    assert_eq!(found, [2, 3]);
}

#[test]
fn a_cell_that_is_too_large_is_rejected_and_reading_goes_on() {
    let options = ReadOptions {
        max_cell_bytes: 1 << 10,
        max_row_bytes: 1 << 14,
        page_bytes: 1 << 10,
        ..ReadOptions::default()
    };
    for size in [2 << 10, 100 << 10] {
        for (before, after) in [("\"", "\"\",\n\""), ("", "")] {
            let large = "x".repeat(size);
            let text = format!("a,b\n1,2\n3,{before}{large}{after}\n5,6\n");
            let seen = csv_with(text.as_bytes(), Dialect::default(), options);
            assert_eq!(seen.texts(), [["1", "2"], ["5", "6"]], "{size}");
            assert_eq!(seen.codes(), ["csv/cell-too-large"]);
        }
    }
}

#[test]
fn a_stray_quote_far_from_the_end_costs_one_line() {
    let options = ReadOptions {
        max_row_bytes: 1 << 12,
        page_bytes: 1 << 10,
        ..ReadOptions::default()
    };
    let text = format!("a,b\n1,2\n\"3,4\n{}", "5,6\n".repeat(10_000));
    let seen = csv_with(text.as_bytes(), Dialect::default(), options);
    assert_eq!(seen.rows.len(), 10_001);
    assert_eq!(seen.codes(), ["csv/unterminated-quote"]);
    assert_eq!(seen.refused(text.as_bytes()), [b"\"3,4"]);
}

#[test]
fn utf_16_is_named_and_refused() {
    for mark in [&b"\xff\xfea\0,\0b\0"[..], b"\xfe\xff\0a\0,\0b"] {
        let mut reader = DelimitedReader::new(mark, Dialect::default(), ReadOptions::default());
        let error = reader.next_event().expect_err("is refused");
        assert!(matches!(error, ReadError::Utf16));
        assert_eq!(error.code(), "ingest/utf-16");
        assert!(error.hint().is_some());
    }
}
