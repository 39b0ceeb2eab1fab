//! One record of delimited text into cells.

use super::Dialect;
use crate::block::scan::{eight, equal3, find2, load, lowest, zeros};
use crate::block::{Cell, CellKind, Introducer};

/// What came of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scan {
    /// It is whole and ends before this place, where its terminator stands, or nothing more.
    Record(usize),
    /// The bytes end before it does; with `ended`, within quotes.
    Cut,
    /// A quote that means nothing stands before this place.
    Stray(usize),
}

#[inline(always)]
fn cell(start: usize, end: usize, kind: CellKind) -> Cell {
    // Windows are shorter than 4 GiB: `Assembly::new` sees to it.
    Cell {
        start: start as u32,
        end: end as u32,
        kind,
        introducer: Introducer::NONE,
    }
}

/// Reads the record that begins at `start`, and adds its cells.
#[inline(always)]
pub(crate) fn scan(
    bytes: &[u8],
    start: usize,
    dialect: &Dialect,
    ended: bool,
    cells: &mut Vec<Cell>,
) -> Scan {
    match dialect.escape {
        None => scan_as::<false>(bytes, start, dialect, 0, ended, cells),
        Some(escape) => scan_as::<true>(bytes, start, dialect, escape, ended, cells),
    }
}

#[inline(always)]
fn scan_as<const ESCAPES: bool>(
    bytes: &[u8],
    start: usize,
    dialect: &Dialect,
    escape: u8,
    ended: bool,
    cells: &mut Vec<Cell>,
) -> Scan {
    let delimiter = dialect.delimiter;
    let quote = dialect.quote;
    let mut at = start;
    loop {
        let first = bytes.get(at).copied();
        let is_quote = first.is_some() && first == quote;
        if is_quote || (dialect.spaced && first == Some(b' ')) {
            let open = if is_quote {
                Some(at)
            } else {
                opening(bytes, at, quote)
            };
            if let (Some(open), Some(quote)) = (open, quote) {
                let escape = if ESCAPES { escape } else { quote };
                let Some((end, kind)) = quoted(bytes, open + 1, quote, escape, ended) else {
                    return Scan::Cut;
                };
                cells.push(cell(open + 1, end, kind));
                match bytes.get(end + 1) {
                    Some(&next) if next == delimiter => at = end + 2,
                    Some(b'\n' | b'\r') => return Scan::Record(end + 1),
                    None if ended => return Scan::Record(end + 1),
                    None => return Scan::Cut,
                    Some(b' ') => match spaces_end(bytes, end + 1) {
                        Some(next) if bytes[next] == delimiter => at = next + 1,
                        Some(next) if matches!(bytes[next], b'\n' | b'\r') => {
                            return Scan::Record(next);
                        }
                        Some(_) => return Scan::Stray(end + 1),
                        None if ended => return Scan::Record(bytes.len()),
                        None => return Scan::Cut,
                    },
                    Some(_) => return Scan::Stray(end + 1),
                }
                continue;
            }
        }
        if !ESCAPES {
            match bare_run(bytes, at, dialect, cells) {
                Run::Record(end) => return Scan::Record(end),
                Run::Quoted(next) => {
                    at = next;
                    continue;
                }
                Run::Near(next) => at = next,
            }
        }
        let mut kind = CellKind::Bare;
        let mut from = at;
        let end = loop {
            let end = bare_end::<ESCAPES>(bytes, from, delimiter, escape);
            match bytes.get(end) {
                Some(&byte) if ESCAPES && byte == escape => {
                    kind = CellKind::BareEscaped;
                    if end + 1 >= bytes.len() {
                        if ended {
                            break bytes.len();
                        }
                        return Scan::Cut;
                    }
                    from = end + 2;
                }
                None if !ended => return Scan::Cut,
                _ => break end,
            }
        };
        if ESCAPES && bytes[at..end] == [escape, b'N'] {
            kind = CellKind::Null;
        }
        cells.push(cell(at, end, kind));
        match bytes.get(end) {
            Some(&byte) if byte == delimiter => at = end + 1,
            _ => return Scan::Record(end),
        }
    }
}

/// How a run of bare cells ended.
enum Run {
    /// The record ends before this place.
    Record(usize),
    /// A cell begins here that may be quoted.
    Quoted(usize),
    /// A cell begins here, and the end of all bytes is near.
    Near(usize),
}

/// Reads bare cells, eight bytes at a time: where one cell ends is not waited for to look for the
/// next one's end.
#[inline(always)]
fn bare_run(bytes: &[u8], start: usize, dialect: &Dialect, cells: &mut Vec<Cell>) -> Run {
    let delimiter = dialect.delimiter;
    // A byte that may open a quoted cell; none is above all bytes.
    let quote = dialect.quote.map_or(u16::MAX, u16::from);
    let space = if dialect.spaced {
        u16::from(b' ')
    } else {
        u16::MAX
    };
    let mut start = start;
    let mut at = start;
    while let Some(word) = load(bytes, at) {
        let mut marks = equal3(word, delimiter, b'\n', b'\r');
        while marks != 0 {
            let end = at + lowest(marks);
            marks &= marks - 1;
            cells.push(cell(start, end, CellKind::Bare));
            if bytes[end] != delimiter {
                return Run::Record(end);
            }
            start = end + 1;
            let next = bytes.get(start).map_or(quote, |next| u16::from(*next));
            if next == quote || next == space {
                return Run::Quoted(start);
            }
        }
        at += 8;
    }
    Run::Near(start)
}

/// Finds the closing quote, from the first byte inside on. None where the bytes end first, or
/// where the last one may be the first of two.
#[inline(always)]
fn quoted(
    bytes: &[u8],
    from: usize,
    quote: u8,
    escape: u8,
    ended: bool,
) -> Option<(usize, CellKind)> {
    let mut kind = CellKind::Quoted;
    let mut at = from;
    loop {
        at = find2(quote, escape, bytes, at)?;
        if bytes[at] == quote {
            match bytes.get(at + 1) {
                Some(&next) if next == quote => {}
                None if !ended => return None,
                _ => return Some((at, kind)),
            }
        }
        kind = CellKind::QuotedEscaped;
        at += 2;
    }
}

/// Finds the delimiter, line end or escape that ends a run of plain bytes, or the end of all.
#[inline(always)]
fn bare_end<const ESCAPES: bool>(bytes: &[u8], from: usize, delimiter: u8, escape: u8) -> usize {
    let mut at = from;
    while let Some(word) = load(bytes, at) {
        let mut marks = zeros(word ^ eight(delimiter))
            | zeros(word ^ eight(b'\n'))
            | zeros(word ^ eight(b'\r'));
        if ESCAPES {
            marks |= zeros(word ^ eight(escape));
        }
        if marks != 0 {
            return at + lowest(marks);
        }
        at += 8;
    }
    let ends = |b: &u8| *b == delimiter || matches!(b, b'\n' | b'\r') || (ESCAPES && *b == escape);
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter()
        .position(ends)
        .map_or(bytes.len(), |end| at + end)
}

/// Finds an opening quote behind spaces.
fn opening(bytes: &[u8], at: usize, quote: Option<u8>) -> Option<usize> {
    let next = spaces_end(bytes, at)?;
    (Some(bytes[next]) == quote).then_some(next)
}

fn spaces_end(bytes: &[u8], at: usize) -> Option<usize> {
    bytes[at..]
        .iter()
        .position(|b| *b != b' ')
        .map(|end| at + end)
}
