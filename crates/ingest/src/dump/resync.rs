//! Finding the way back: past rows that are too large, and out of rows that make no sense.
//!
//! What cannot be understood is rejected as one piece, up to the nearest place that is surely the
//! start of something: `),(` between rows, `);` at the end of a line, or a line that begins as
//! only dump programs begin one. A value can hold such text, but then only the rejected piece is
//! cut in two; no row is read from it unless it has the right number of cells.

use memchr::memchr2;

use super::lex::{Goal, Quoting, Walked, Walker};

pub(super) const TRUNCATED: &str = "dump/truncated-row";
pub(super) const TOO_LARGE: &str = "dump/cell-too-large";
pub(super) const COLUMN_COUNT: &str = "dump/column-count";
pub(super) const MALFORMED: &str = "dump/malformed-row";

/// How lines begin that only dump programs write.
const LINES: [&[u8]; 9] = [
    b"-- ",
    b"--\n",
    b"/*!",
    b"INSERT INTO ",
    b"REPLACE INTO ",
    b"CREATE TABLE ",
    b"DROP TABLE ",
    b"LOCK TABLES ",
    b"UNLOCK TABLES",
];
/// White space that may stand between a row's end and what follows.
const MOST_BLANKS: usize = 8;
/// How many bytes after a place are needed to tell whether it is a boundary.
const AHEAD: usize = 2 * MOST_BLANKS + 24;

/// Where to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Boundary {
    /// One past the last byte to reject.
    pub(super) end: usize,
    /// Whether more rows of the statement, or its end, follow.
    pub(super) in_rows: bool,
}

/// Finds the nearest boundary in `bytes`, of which the first `understood` made sense. None where
/// there is none, or where more bytes could bring a nearer one.
pub(super) fn boundary(
    bytes: &[u8],
    understood: usize,
    delimiter: &[u8],
    ended: bool,
) -> Option<Boundary> {
    let mut at = 0;
    while let Some(found) = memchr2(b')', b'\n', &bytes[at..]) {
        at += found;
        if !ended && bytes.len() - at < AHEAD {
            return None;
        }
        if bytes[at] == b'\n' {
            let line = &bytes[at + 1..];
            if LINES.iter().any(|start| line.starts_with(start)) {
                return Some(Boundary {
                    end: at,
                    in_rows: false,
                });
            }
        } else if at >= understood && ends_row(&bytes[at + 1..], delimiter) {
            return Some(Boundary {
                end: at + 1,
                in_rows: true,
            });
        }
        at += 1;
    }
    None
}

/// Returns whether what follows a `)` says that it closed a row.
fn ends_row(rest: &[u8], delimiter: &[u8]) -> bool {
    let rest = after_blanks(rest);
    if let Some(rest) = rest.strip_prefix(b",") {
        return after_blanks(rest).starts_with(b"(");
    }
    match rest.strip_prefix(delimiter) {
        Some(rest) => matches!(rest.first(), None | Some(b'\n' | b'\r')),
        None => false,
    }
}

fn after_blanks(bytes: &[u8]) -> &[u8] {
    let blanks = bytes
        .iter()
        .take(MOST_BLANKS)
        .take_while(|b| b.is_ascii_whitespace())
        .count();
    &bytes[blanks..]
}

/// A row that is passed over piece by piece.
#[derive(Debug, Clone, Copy)]
pub(super) struct SkipRow {
    /// Stream offset of its first byte.
    pub(super) from: u64,
    how: How,
}

#[derive(Debug, Clone, Copy)]
enum How {
    /// By its quotes and parentheses.
    Large(Walker),
    /// Up to the nearest boundary; so many bytes of what comes next made sense.
    Garbled(usize),
}

/// What came of a piece.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// So many bytes belong to the row, and it goes on.
    Upto(usize),
    /// It ends.
    Found(Boundary),
}

impl SkipRow {
    pub(super) fn large(from: u64) -> Self {
        Self {
            from,
            how: How::Large(Walker::default()),
        }
    }

    pub(super) fn garbled(from: u64, understood: usize) -> Self {
        Self {
            from,
            how: How::Garbled(understood),
        }
    }

    pub(super) fn is_large(&self) -> bool {
        matches!(self.how, How::Large(_))
    }

    pub(super) fn step(
        &mut self,
        bytes: &[u8],
        quoting: Quoting,
        delimiter: &[u8],
        ended: bool,
    ) -> Step {
        match &mut self.how {
            How::Large(walker) => match walker.walk(bytes, 0, quoting, Goal::Row, ended) {
                Walked::Found(end) => Step::Found(Boundary { end, in_rows: true }),
                Walked::Upto(end) => Step::Upto(end),
            },
            How::Garbled(understood) => match boundary(bytes, *understood, delimiter, ended) {
                Some(boundary) => Step::Found(boundary),
                None => {
                    let kept = if ended { 0 } else { AHEAD.min(bytes.len()) };
                    let passed = bytes.len() - kept;
                    *understood = understood.saturating_sub(passed);
                    Step::Upto(passed)
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str, understood: usize) -> Option<(usize, bool)> {
        boundary(text.as_bytes(), understood, b";", true).map(|b| (b.end, b.in_rows))
    }

    #[test]
    fn finds_the_nearest_start_of_something() {
        assert_eq!(end("('O'Brien',1),('x',2);", 4), Some((13, true)));
        assert_eq!(end("('O'Brien',1),\n(2);", 4), Some((13, true)));
        assert_eq!(end("('O'Brien (x)',1);\n", 4), Some((17, true)));
        assert_eq!(end("('abc\n-- MySQL dump 10.13\n", 1), Some((5, false)));
        assert_eq!(
            end("('abc\nINSERT INTO `t` VALUES (1);\n", 26),
            Some((5, false))
        );
        assert_eq!(end("('O'Brien',1", 4), None);
        assert!(LINES.iter().all(|line| line.len() < AHEAD));
    }
}
