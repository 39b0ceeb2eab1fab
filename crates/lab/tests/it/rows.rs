//! A small reader of the test's own: where the rows of the written files are, and what they hold.

use std::collections::BTreeMap;

/// A row: offset, length, cells. A NULL is `None`.
pub(crate) struct Row {
    pub(crate) at: usize,
    pub(crate) len: usize,
    pub(crate) cells: Vec<Option<Vec<u8>>>,
}

/// Rows by table.
pub(crate) type Tables = BTreeMap<String, Vec<Row>>;

/// Reads a dump's rows, and the place and length of a row that is cut off.
pub(crate) fn of_dump(text: &[u8]) -> (Tables, Option<(usize, usize)>) {
    let mut tables = Tables::new();
    let mut at = 0;
    while at < text.len() {
        let line_end = text[at..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(text.len(), |n| at + n);
        let Some(rest) = text[at..].strip_prefix(b"INSERT INTO `") else {
            at = line_end + 1;
            continue;
        };
        let name_len = rest
            .iter()
            .position(|&byte| byte == b'`')
            .expect("a closing backtick");
        let name = String::from_utf8(rest[..name_len].to_vec()).expect("a name");
        let values = text[at..]
            .windows(6)
            .position(|word| word == b"VALUES")
            .expect("VALUES");
        at += values + 7;
        loop {
            let Some(row) = tuple(text, at) else {
                return (tables, Some((at, text.len() - at)));
            };
            at += row.len;
            tables.entry(name.clone()).or_default().push(row);
            let comma = text[at] == b',';
            at += 1;
            if !comma {
                assert_eq!(text[at], b'\n', "after a statement");
                at += 1;
                break;
            }
            at += usize::from(text[at] == b'\n');
        }
    }
    (tables, None)
}

/// Reads one `(…)`; `None` if the text ends within it.
pub(crate) fn tuple(text: &[u8], start: usize) -> Option<Row> {
    assert_eq!(text[start], b'(', "a row at {start}");
    let mut at = start + 1;
    let mut cells = Vec::new();
    loop {
        let mut cell = Vec::new();
        if text[at..].starts_with(b"_binary ") {
            at += 8;
        }
        let quoted = *text.get(at)? == b'\'';
        if quoted {
            at += 1;
            loop {
                match *text.get(at)? {
                    b'\'' => break,
                    b'\\' => {
                        at += 1;
                        cell.push(match *text.get(at)? {
                            b'0' => 0,
                            b'n' => b'\n',
                            b'r' => b'\r',
                            b'Z' => 0x1a,
                            other => other,
                        });
                    }
                    other => cell.push(other),
                }
                at += 1;
            }
            at += 1;
        } else {
            while !matches!(*text.get(at)?, b',' | b')') {
                cell.push(text[at]);
                at += 1;
            }
        }
        cells.push(if !quoted && cell == b"NULL" {
            None
        } else {
            Some(cell)
        });
        at += 1;
        if *text.get(at - 1)? == b')' {
            return Some(Row {
                at: start,
                len: at - start,
                cells,
            });
        }
    }
}

/// Reads delimited records: quotes doubled, records end with `end` outside quotes.
pub(crate) fn of_csv(text: &[u8], end: &[u8]) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut start, mut at, mut quoted) = (0, 0, false);
    let mut cells = vec![Vec::new()];
    while at < text.len() {
        let byte = text[at];
        if quoted && byte == b'"' && text.get(at + 1) == Some(&b'"') {
            cells.last_mut().expect("a cell").push(byte);
            at += 2;
        } else if byte == b'"' {
            quoted = !quoted;
            at += 1;
        } else if !quoted && byte == b',' {
            cells.push(Vec::new());
            at += 1;
        } else if !quoted && text[at..].starts_with(end) {
            let cells = std::mem::replace(&mut cells, vec![Vec::new()]);
            rows.push(Row {
                at: start,
                len: at - start,
                cells: cells.into_iter().map(Some).collect(),
            });
            at += end.len();
            start = at;
        } else {
            cells.last_mut().expect("a cell").push(byte);
            at += 1;
        }
    }
    assert_eq!(start, text.len(), "the last record is whole");
    rows
}
