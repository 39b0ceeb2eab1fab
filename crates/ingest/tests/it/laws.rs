//! What holds for all input: nothing is lost, nothing depends on how the bytes arrive, and what is
//! written is read.

use proptest::prelude::*;
use unspoof_ingest::delimited::Dialect;

use crate::{accounted, seen};

/// SQL-like text: mostly pieces that mean something, so that random orders reach odd places.
fn sql() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&[u8]; 46] = [
        b"INSERT INTO t VALUES ", b"INSERT INTO `t` (`b`,a) VALUES\n", b"(1,'x'),(2,'y')", b"('a''b',\"c\")",
        b"(1,2,3)", b"(", b")", b",", b";", b"\n", b" ", b"'", b"\"", b"`", b"\\", b"--", b"-- ", b"#", b"/*",
        b"*/", b"/*!40101 ", b"/*M!999999", b"NULL", b"0x1f", b"x'00'", b"b'1'", b"_binary ", b"1", b"a",
        b"\xff", b"\0", b"DELIMITER ;;\n", b"DELIMITER ;\n", b";;", b"USE d;", b"CREATE TABLE t (a int, b text);",
        b"CREATE TABLE `t` (`c` int);\n", b"SET sql_mode='NO_BACKSLASH_ESCAPES';", b"SET sql_mode=ANSI_QUOTES;",
        b"\xef\xbb\xbf", b"-- Dump completed\n", b"INSERT INTO u SELECT 1;", b"now()", b"\r\n", b"ON DUPLICATE",
        b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
    let pieces = prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60);
    pieces.prop_map(|pieces| {
        let mut text = b"INSERT INTO t VALUES ".to_vec();
        text.extend(pieces.concat());
        text
    })
}

fn delimited() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&[u8]; 18] = [
        b",", b",", b",", b"\n", b"\n", b"\r", b"\r\n", b"\"", b"\"\"", b"\",\"", b"\"\n\"", b"a", b"1,2\n",
        b"\"x\",\"y\"\n", b"\xff", b"\\", b" ",
        b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
    prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60)
        .prop_map(|pieces| pieces.concat())
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let quotes = prop::sample::select(vec![Some(b'"'), Some(b'\''), None]);
    let escapes = prop::sample::select(vec![None, Some(b'\\')]);
    (
        prop::sample::select(vec![b',', b'\t', b'1']),
        quotes,
        escapes,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(delimiter, quote, escape, header, spaced)| Dialect {
            delimiter,
            quote,
            escape,
            header,
            spaced,
            preamble_lines: 0,
        })
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1..40usize, 1..5)
}

/// Writes a value as SQL in one of the ways there are.
fn sql_literal(value: Option<&[u8]>, way: u8) -> Vec<u8> {
    let Some(value) = value else {
        return b"NULL".to_vec();
    };
    let hex = || value.iter().map(|b| format!("{b:02X}")).collect::<String>();
    let quote = if way & 1 == 0 { b'\'' } else { b'"' };
    match way % 8 {
        5 => format!("0x{}", hex()).into_bytes(),
        6 => format!("x'{}'", hex()).into_bytes(),
        _ => {
            let mut out = if way % 8 == 7 {
                b"_binary ".to_vec()
            } else {
                Vec::new()
            };
            out.push(quote);
            for &byte in value {
                match byte {
                    0 => out.extend(b"\\0"),
                    b'\n' if way & 2 == 0 => out.extend(b"\\n"),
                    0x1a if way & 2 == 0 => out.extend(b"\\Z"),
                    b'\\' => out.extend(b"\\\\"),
                    _ if byte == quote && way & 4 == 0 => out.extend([b'\\', byte]),
                    _ if byte == quote => out.extend([byte, byte]),
                    _ => out.push(byte),
                }
            }
            out.push(quote);
            out
        }
    }
}

fn csv_cell(value: &[u8], dialect: Dialect) -> Vec<u8> {
    let quote = dialect.quote.unwrap_or(b'"');
    let mut out = vec![quote];
    for &byte in value {
        if byte == quote || Some(byte) == dialect.escape {
            out.push(if byte == quote { quote } else { byte });
        }
        out.push(byte);
    }
    out.push(quote);
    out
}

fn values() -> impl Strategy<Value = Vec<u8>> {
    let tricky = prop::sample::select(b"'\"\\,()\n\r\0\x1a;-*/ab\xff ".to_vec());
    prop::collection::vec(prop_oneof![3 => tricky, 1 => any::<u8>()], 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_dump_of_any_shape_is_accounted_for(text in sql(), sizes in sizes()) {
        accounted::dump(&text, &sizes);
    }

    #[test]
    fn a_dump_of_any_bytes_is_accounted_for(text in prop::collection::vec(any::<u8>(), 0..600), sizes in sizes()) {
        accounted::dump(&text, &sizes);
    }

    #[test]
    fn a_delimited_text_of_any_shape_is_accounted_for(
        text in delimited(), dialect in dialects(), sizes in sizes()
    ) {
        accounted::delimited(&text, dialect, &sizes);
    }

    #[test]
    fn a_delimited_text_of_any_bytes_is_accounted_for(
        text in prop::collection::vec(any::<u8>(), 0..600), dialect in dialects(), sizes in sizes()
    ) {
        accounted::delimited(&text, dialect, &sizes);
    }

    #[test]
    fn whatever_is_sniffed_is_read_by_what_was_found(
        text in prop_oneof![sql(), delimited(), prop::collection::vec(any::<u8>(), 0..600)]
    ) {
        accounted::sniffed(&text);
    }

    #[test]
    fn what_is_written_as_sql_is_read(
        rows in prop::collection::vec(
            prop::collection::vec((prop::option::of(values()), any::<u8>()), 3..=3), 1..20),
        break_lines in any::<bool>(),
    ) {
        let mut text = b"CREATE TABLE t (a text, b text, c text);\nINSERT INTO t VALUES ".to_vec();
        for (number, row) in rows.iter().enumerate() {
            let mark: &[u8] = match (number, break_lines) {
                (0, _) => b"(",
                (_, false) => b",(",
                (_, true) => b",\n(",
            };
            text.extend(mark);
            let cells: Vec<_> = row.iter().map(|(value, way)| sql_literal(value.as_deref(), *way)).collect();
            text.extend(cells.join(&b","[..]));
            text.push(b')');
        }
        text.extend(b";\n");
        let seen = seen::dump(&text);
        prop_assert!(seen.rejects.is_empty());
        let found: Vec<Vec<_>> = seen.rows.iter().map(|row| row.values.clone()).collect();
        let written: Vec<Vec<_>> =
            rows.iter().map(|row| row.iter().map(|(value, _)| value.clone()).collect()).collect();
        prop_assert_eq!(found, written);
    }

    #[test]
    fn what_is_written_as_csv_is_read(
        rows in prop::collection::vec(prop::collection::vec(values(), 3..=3), 1..20),
        dialect in dialects(),
        line_end in prop::sample::select(vec!["\n", "\r", "\r\n"]),
    ) {
        let dialect = Dialect { header: false, quote: dialect.quote.or(Some(b'"')), ..dialect };
        let mut text = Vec::new();
        for row in &rows {
            let cells: Vec<_> = row.iter().map(|value| csv_cell(value, dialect)).collect();
            text.extend(cells.join(&[dialect.delimiter][..]));
            text.extend(line_end.bytes());
        }
        let seen = seen::csv_with(&text, dialect, unspoof_ingest::block::ReadOptions::default());
        prop_assert!(seen.rejects.is_empty());
        let found: Vec<Vec<Vec<u8>>> = seen
            .rows
            .iter()
            .map(|row| row.values.iter().map(|value| value.clone().unwrap_or_default()).collect())
            .collect();
        // An escape gives a few letters another meaning; the values here hold none of those.
        if dialect.escape.is_none() {
            prop_assert_eq!(found, rows);
        }
    }

    #[test]
    fn the_crate_csv_reads_the_same(text in delimited()) {
        // Where a quote is stray, that crate guesses; so it does for spaces around quotes.
        let text: Vec<u8> = text.into_iter().filter(|b| *b != b' ').collect();
        let dialect = Dialect { header: false, ..Dialect::default() };
        let mut reader = unspoof_ingest::delimited::DelimitedReader::new(
            text.as_slice(), dialect, unspoof_ingest::block::ReadOptions::default()).accept(1..=usize::MAX >> 8);
        let mut ours = Vec::new();
        let mut rejects = 0;
        let mut scratch = Vec::new();
        while let Some(event) = reader.next_event().expect("memory can be read") {
            if let unspoof_ingest::block::Event::Rows { block, .. } = event {
                rejects += block.rejects.len();
                for row in &block.rows {
                    let cells = block.row_cells(row).iter();
                    ours.push(cells
                        .map(|cell| block.value(cell, &mut scratch).bytes().expect("no NULL").to_vec())
                        .collect::<Vec<_>>());
                }
            }
        }
        if rejects == 0 && !text.is_empty() {
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_slice());
            let theirs: Vec<Vec<Vec<u8>>> = reader
                .byte_records()
                .map(|record| record.expect("is read").iter().map(<[u8]>::to_vec).collect())
                .collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
