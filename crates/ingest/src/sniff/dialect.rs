use std::collections::{BTreeMap, BTreeSet};

use crate::block::{Cell, CellKind};
use crate::delimited::Dialect;
use crate::delimited::record::{self, Scan};

/// Records that are looked at, for each dialect that is tried.
const MOST_RECORDS: usize = 1_000;
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// A dialect that was tried.
struct Tried {
    dialect: Dialect,
    score: f64,
    /// The records behind the preamble.
    records: Vec<Vec<Cell>>,
}

/// Finds the dialect in which the text's records are most alike. `more`: the text goes on.
pub(super) fn of(text: &[u8], more: bool) -> Option<Dialect> {
    let text = if more { whole_lines(text) } else { text };
    let says = |mark: &[u8]| memchr::memmem::find(text, mark).is_some();
    let escapes: &[_] = if says(b"\\\"") || says(b"\\N") {
        &[None, Some(b'\\')]
    } else {
        &[None]
    };
    let mut best: Option<Tried> = None;
    for delimiter in DELIMITERS {
        for quote in [Some(b'"'), Some(b'\''), None] {
            if quote.is_some_and(|quote| !opens_cells(text, quote, delimiter)) {
                continue;
            }
            let is_spaced = quote.is_some_and(|quote| says(&[delimiter, b' ', quote]));
            let spaces: &[_] = if is_spaced { &[false, true] } else { &[false] };
            for &escape in escapes {
                for &spaced in spaces {
                    let dialect = Dialect {
                        delimiter,
                        quote,
                        escape,
                        spaced,
                        ..Dialect::default()
                    };
                    let tried = try_dialect(text, dialect);
                    if best.as_ref().is_none_or(|best| tried.score > best.score) {
                        best = Some(tried);
                    }
                }
            }
        }
    }
    let best = best.filter(|best| best.score > 0.0)?;
    let mut dialect = best.dialect;
    dialect.header = has_header(text, &best.records);
    // A file whose first cells need no quotes may need them later.
    if dialect.quote.is_none() && !text.contains(&b'"') {
        dialect.quote = Some(b'"');
    }
    Some(dialect)
}

/// Cuts off the last line, which may go on.
fn whole_lines(text: &[u8]) -> &[u8] {
    match memchr::memrchr2(b'\n', b'\r', text) {
        Some(end) => &text[..=end],
        None => text,
    }
}

/// Returns whether a quote ever stands at the start of a cell, spaces before it or none.
fn opens_cells(text: &[u8], quote: u8, delimiter: u8) -> bool {
    memchr::memchr_iter(quote, text).any(|at| {
        let before = text[..at].iter().rev().find(|b| **b != b' ');
        before.is_none_or(|b| *b == delimiter || matches!(b, b'\n' | b'\r'))
    })
}

/// Scores a dialect: the share of records that have the usual number of cells, squared, times how
/// much is gained by cutting at all. Zero where most records disagree, or there is one column.
fn try_dialect(text: &[u8], dialect: Dialect) -> Tried {
    let mut records = Vec::new();
    let mut broken = 0usize;
    let mut quoted = 0usize;
    let mut loose = 0usize;
    let mut cells = Vec::new();
    let mut at = 0;
    while at < text.len() && records.len() + broken < MOST_RECORDS {
        if matches!(text[at], b'\n' | b'\r') {
            at += 1;
            continue;
        }
        cells.clear();
        match record::scan(text, at, &dialect, true, &mut cells) {
            Scan::Record(end) => {
                at = end;
                let speaks = |cell: &&Cell| is_quoted(cell.kind) || cell.kind == CellKind::Null;
                quoted += cells.iter().filter(speaks).count();
                loose += usize::from(
                    cells
                        .iter()
                        .any(|cell| has_loose_quote(text, cell, dialect)),
                );
                records.push(cells.clone());
            }
            Scan::Cut | Scan::Stray(_) => {
                broken += 1;
                let line = memchr::memchr2(b'\n', b'\r', &text[at..]);
                at = line.map_or(text.len(), |line| at + line);
            }
        }
    }
    let mut widths = BTreeMap::<usize, usize>::new();
    for record in &records {
        *widths.entry(record.len()).or_default() += 1;
    }
    let usual = widths
        .iter()
        .max_by_key(|(width, count)| (**count, **width));
    let Some((&width, &count)) = usual.filter(|(width, _)| **width > 1) else {
        return Tried {
            dialect,
            score: 0.0,
            records,
        };
    };
    let before = preamble(text, &records, width);
    let first = records
        .get(before)
        .and_then(|record| record.first())
        .map_or(0, |cell| cell.start);
    let dialect = Dialect {
        preamble_lines: lines(&text[..first as usize]),
        ..dialect
    };
    let comments = records
        .drain(..before)
        .filter(|record| is_comment(text, record))
        .count();
    // Quotes that enclose nothing say that cells were cut where they should not have been.
    let loose = 1.0 - 0.5 * loose as f64 / (records.len() + before) as f64;
    let share = count as f64 / (records.len() + before - comments + broken) as f64;
    // One quoted cell, or one `\N`, decides between dialects that are otherwise alike.
    let quotes = if quoted > 0 { 1.1 } else { 1.0 };
    let enough = if width < 4 { 0.8 } else { 0.5 };
    let score = if share < enough {
        0.0
    } else {
        share * share * (width as f64).sqrt() * quotes * loose
    };
    Tried {
        dialect,
        score,
        records,
    }
}

/// Counts the records before the first of the usual width, where they are so much narrower, or so
/// clearly comments, that they cannot be a header.
fn preamble(text: &[u8], records: &[Vec<Cell>], usual: usize) -> usize {
    let is_usual = |record: &Vec<Cell>| record.len() == usual;
    let first = |record: &Vec<Cell>| is_usual(record) && !is_comment(text, record);
    let before = records.iter().position(first).unwrap_or(0);
    // `#id,name` right before the first row is a header.
    let before = if before > 0 && is_usual(&records[before - 1]) {
        before - 1
    } else {
        before
    };
    let apart = |record: &Vec<Cell>| is_comment(text, record) || record.len() * 2 <= usual;
    if records[..before].iter().all(apart) {
        before
    } else {
        0
    }
}

fn is_comment(text: &[u8], record: &[Cell]) -> bool {
    record
        .first()
        .is_some_and(|cell| text.get(cell.start as usize) == Some(&b'#'))
}

/// Counts line ends: LF, CR LF or CR.
fn lines(text: &[u8]) -> usize {
    let ends = memchr::memchr2_iter(b'\n', b'\r', text);
    ends.filter(|at| text[*at] == b'\n' || text.get(at + 1) != Some(&b'\n'))
        .count()
}

/// Returns whether a bare cell begins or ends with a quote, as halves of quoted cells do.
fn has_loose_quote(text: &[u8], cell: &Cell, dialect: Dialect) -> bool {
    let quote = dialect.quote.unwrap_or(b'"');
    let raw = text[cell.start as usize..cell.end as usize].trim_ascii();
    !is_quoted(cell.kind) && (raw.starts_with(&[quote]) || raw.ends_with(&[quote]))
}

fn is_quoted(kind: CellKind) -> bool {
    matches!(kind, CellKind::Quoted | CellKind::QuotedEscaped)
}

/// Returns whether the first record names the columns: all its cells are unlike numbers and times
/// and different from each other, and either some column below holds mostly numbers or times, or
/// no cell of the first record is found again below it.
fn has_header(text: &[u8], records: &[Vec<Cell>]) -> bool {
    let Some((first, rest)) = records.split_first() else {
        return false;
    };
    let bytes = |cell: &Cell| text[cell.start as usize..cell.end as usize].trim_ascii();
    let names: BTreeSet<_> = first
        .iter()
        .map(|cell| bytes(cell).to_ascii_lowercase())
        .collect();
    let all_words = first.iter().all(|cell| {
        let name = bytes(cell);
        !name.is_empty()
            && name.len() <= 128
            && !is_measure(name)
            && name.iter().any(u8::is_ascii_alphabetic)
    });
    if !all_words || names.len() != first.len() {
        return false;
    }
    if rest.is_empty() {
        return first.iter().all(|cell| is_identifier(bytes(cell)));
    }
    let columns =
        || (0..first.len()).map(|column| rest.iter().filter_map(move |record| record.get(column)));
    let measured = columns().any(|cells| {
        let (mut filled, mut measures) = (0usize, 0usize);
        for cell in cells.map(bytes).filter(|cell| !cell.is_empty()) {
            filled += 1;
            measures += usize::from(is_measure(cell));
        }
        measures > 0 && measures * 10 >= filled * 8
    });
    let again = || {
        columns().zip(first).any(|(mut cells, name)| {
            cells.any(|cell| !bytes(name).is_empty() && bytes(cell) == bytes(name))
        })
    };
    measured || (first.iter().all(|cell| is_identifier(bytes(cell))) && !again())
}

/// Numbers, dates, times, telephone numbers: mostly digits, and a digit or sign first.
fn is_measure(cell: &[u8]) -> bool {
    let digits = cell.iter().filter(|b| b.is_ascii_digit()).count();
    let plain = cell
        .iter()
        .all(|b| b.is_ascii_digit() || b" +-.,:/()TZ".contains(b));
    plain && digits * 2 >= cell.len() && digits > 0
}

fn is_identifier(cell: &[u8]) -> bool {
    cell.first()
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_' || *b == b'#')
        && cell
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"_ -.:()/#?%".contains(b) || *b >= 0x80)
}
