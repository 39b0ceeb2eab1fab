//! Going on after a record that cannot be read.

use std::io::Read;

use memchr::memchr2;

use super::record::{self, Scan};
use super::{DelimitedReader, Dialect, Need, Phase};
use crate::block::{Event, RowSpan, TableDef};

pub(super) const COLUMN_COUNT: &str = "csv/column-count";
pub(super) const TOO_LARGE: &str = "csv/cell-too-large";
pub(super) const UNTERMINATED: &str = "csv/unterminated-quote";
pub(super) const STRAY: &str = "csv/stray-quote";

/// A record that is passed over piece by piece.
#[derive(Debug, Clone, Copy)]
pub(super) struct SkipRecord {
    /// Stream offset of its first byte.
    from: u64,
    in_quotes: bool,
    /// A cell begins here, so that a quote opens.
    at_start: bool,
    /// The byte before was an escape.
    escaped: bool,
}

impl SkipRecord {
    fn new(from: u64) -> Self {
        Self {
            from,
            in_quotes: false,
            at_start: true,
            escaped: false,
        }
    }

    /// Goes through a piece; gives how many bytes belong to the record, and whether it ends there.
    fn step(&mut self, bytes: &[u8], dialect: &Dialect) -> (usize, bool) {
        for (at, &byte) in bytes.iter().enumerate() {
            let first = std::mem::take(&mut self.at_start);
            if std::mem::take(&mut self.escaped) {
                continue;
            }
            if Some(byte) == dialect.escape {
                self.escaped = true;
            } else if Some(byte) == dialect.quote && (self.in_quotes || first) {
                // Two quotes close and open again.
                self.in_quotes = !self.in_quotes;
                self.at_start = !self.in_quotes;
            } else if !self.in_quotes {
                if matches!(byte, b'\n' | b'\r') {
                    return (at, true);
                }
                self.at_start = byte == dialect.delimiter;
            }
        }
        (bytes.len(), false)
    }
}

impl<R: Read> DelimitedReader<R> {
    /// A record that the window's end cuts: more bytes, or too large, or the file's end.
    pub(super) fn cut_record(&mut self) -> Need {
        let ended = self.assembly.ended();
        let unused = self.assembly.unused();
        self.assembly.drop_loose_cells();
        let beyond = self.assembly.is_beyond_view();
        if !ended && !beyond {
            return Need::More;
        }
        let first_cell = self.assembly.block.cells.len();
        if let Some(len) = self.line_with_stray_opening() {
            let detail = "a quote opens in this line and does not close".to_owned();
            self.reject_here(len, first_cell, UNTERMINATED, detail);
            return Need::Nothing;
        }
        if !beyond {
            self.cut = true;
            let detail = "the file ends within quotes".to_owned();
            self.reject_here(unused, first_cell, UNTERMINATED, detail);
            return Need::Nothing;
        }
        self.large_record()
    }

    pub(super) fn large_record(&mut self) -> Need {
        self.assembly.drop_loose_cells();
        self.assembly.flush();
        self.phase = Phase::Skip(SkipRecord::new(self.assembly.offset()));
        Need::Nothing
    }

    /// Where a quote never closes, tells whether it was meant to open a cell over several lines.
    /// It was not when the line after this one is a whole record by itself: then this line's
    /// length is given.
    fn line_with_stray_opening(&mut self) -> Option<usize> {
        let width = self.width.clone()?;
        let dialect = self.dialect;
        let most = self.assembly.options.max_row_bytes;
        let (window, at, block) = self.assembly.window_and_block();
        let rest = &window[at..];
        let rest = rest.get(..most).unwrap_or(rest);
        let line = memchr2(b'\n', b'\r', rest)?;
        let blanks = rest[line..]
            .iter()
            .take_while(|b| matches!(b, b'\n' | b'\r'))
            .count();
        let next = &rest[line + blanks..];
        let next = &next[..memchr2(b'\n', b'\r', next)?];
        if next.is_empty() {
            return None;
        }
        let before = block.cells.len();
        let scanned = record::scan(next, 0, &dialect, true, &mut block.cells);
        let cells = block.cells.len() - before;
        block.cells.truncate(before);
        (matches!(scanned, Scan::Record(end) if end == next.len()) && width.contains(&cells))
            .then_some(line)
    }

    /// Rejects a record with a stray quote, up to the end of the line that holds the quote.
    pub(super) fn stray(&mut self, within: usize) -> Need {
        self.assembly.drop_loose_cells();
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let rest = &window[at..];
        let most = self.assembly.options.max_row_bytes;
        let len = match memchr2(b'\n', b'\r', &rest[within..]) {
            Some(end) if within + end <= most => within + end,
            None if rest.len() <= most && ended => rest.len(),
            None if rest.len() <= most => return Need::More,
            Some(_) | None => return self.large_record(),
        };
        let first_cell = self.assembly.block.cells.len();
        let detail = "a quote stands within a quoted cell and is not doubled".to_owned();
        self.reject_here(len, first_cell, STRAY, detail);
        Need::Nothing
    }

    /// Passes over a record of which no more than a window is held at a time.
    pub(super) fn skip(&mut self, mut skip: SkipRecord) -> Need {
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let (passed, found) = skip.step(&window[at..], &self.dialect);
        self.assembly.advance(passed);
        self.assembly.settle();
        if !found && !ended {
            self.phase = Phase::Skip(skip);
            return Need::More;
        }
        let len = self.assembly.offset() - skip.from;
        let (code, detail) = if skip.in_quotes {
            self.cut = true;
            (UNTERMINATED, "the file ends within quotes".to_owned())
        } else {
            (TOO_LARGE, self.too_large(len))
        };
        self.phase = Phase::Records;
        self.reject_passed(RowSpan::default(), skip.from, len, code, detail);
        Need::Nothing
    }

    pub(super) fn too_large(&self, len_bytes: u64) -> String {
        let options = self.assembly.options;
        format!(
            "the record is {len_bytes} bytes long; at most {} bytes a cell and {} bytes a record are read",
            options.max_cell_bytes, options.max_row_bytes
        )
    }

    /// Rejects the next `len` bytes; its cells are those from `first_cell` on.
    pub(super) fn reject_here(
        &mut self,
        len: usize,
        first_cell: usize,
        code: &'static str,
        detail: String,
    ) {
        let byte_offset = self.assembly.offset();
        let cells = self.assembly.block.cells.len() - first_cell;
        let row = RowSpan {
            first_cell: first_cell as u32,
            cells: cells as u32,
            ..RowSpan::default()
        };
        self.assembly.advance(len);
        self.reject_passed(row, byte_offset, len as u64, code, detail);
    }

    fn reject_passed(
        &mut self,
        row: RowSpan,
        byte_offset: u64,
        len: u64,
        code: &'static str,
        detail: String,
    ) {
        if !self.given {
            self.given = true;
            self.dialect.header = false;
            self.assembly
                .events
                .push_back(Event::Table(TableDef::default()));
        }
        self.row_no += 1;
        let byte_len = u32::try_from(len).unwrap_or(u32::MAX);
        let row = RowSpan {
            byte_offset,
            byte_len,
            row_no: self.row_no,
            ..row
        };
        self.assembly.reject(row, len, code, detail);
    }
}
