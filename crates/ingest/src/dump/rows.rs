use std::io::Read;

use super::lex::{self, Comment, Walker};
use super::resync::{self, SkipRow};
use super::tuple::{Scan, scan_tuple};
use super::{DumpReader, Need, Phase};
use crate::block::{Event, Part, RowSpan};

/// Where within a statement's rows the reader stands.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rows {
    /// A row was read, and a `,` or the statement's end must follow.
    after_row: bool,
}

impl Rows {
    pub(super) fn begin(&mut self) {
        self.after_row = false;
    }
}

/// Longest word that tells what follows the rows (`RETURNING`), with room to spare.
const LONGEST_WORD: usize = 16;

/// Why the fast loop stopped.
enum Stop {
    /// Something that is neither a row nor a comma stands here.
    Other,
    /// The block is full.
    Full,
    /// The row here is cut by the window's end.
    Cut,
    /// The row here is longer than a row may be.
    Large,
    /// The row here, of so many bytes, is too large or has the wrong number of cells.
    Refused {
        len: usize,
        first_cell: usize,
        too_large: bool,
    },
    /// The row here cannot be understood from so many bytes on.
    Malformed(usize),
}

impl<R: Read> DumpReader<R> {
    /// Reads rows up to the end of the statement, of the window, or of the block.
    pub(super) fn rows(&mut self) -> Need {
        self.assembly.settle();
        let table = self.assembly.table;
        let width = self.catalog.width(table);
        let described = self.undescribed.is_none();
        let first_row_no = self.catalog.rows(table).copied().unwrap_or_default();
        let backslash = self.session.quoting.backslash;
        let options = self.assembly.options;
        let view_bytes = self.assembly.view_bytes();
        let base = self.assembly.window_offset();
        let mut full_at = self.assembly.full_at().unwrap_or(usize::MAX);
        let (window, from, block) = self.assembly.window_and_block();
        let most_rows = options.max_rows.saturating_sub(block.rejects.len());
        let mut after_row = self.rows.after_row;
        let mut row_no = first_row_no;
        let mut row_bytes = 0u64;
        let mut at = from;
        let stop = loop {
            match window.get(at) {
                Some(b'(') if !after_row => {
                    let first_cell = block.cells.len();
                    let view = &window[..window.len().min(at + view_bytes)];
                    let end = match scan_tuple(view, at, backslash, &mut block.cells) {
                        Scan::Row(end) if end - at > options.max_row_bytes => break Stop::Large,
                        Scan::Row(end) => end,
                        Scan::Cut => break Stop::Cut,
                        Scan::Malformed(place) if place - at > options.max_row_bytes => {
                            break Stop::Large;
                        }
                        Scan::Malformed(place) => break Stop::Malformed(place - at),
                    };
                    let cells = block.cells.len() - first_cell;
                    let len = end - at;
                    let too_large = len > options.max_cell_bytes
                        && block.cells[first_cell..]
                            .iter()
                            .any(|cell| (cell.end - cell.start) as usize > options.max_cell_bytes);
                    if cells != width || too_large || !described {
                        break Stop::Refused {
                            len,
                            first_cell,
                            too_large,
                        };
                    }
                    row_no += 1;
                    row_bytes += len as u64;
                    block.rows.push(RowSpan {
                        stream: 0,
                        byte_offset: base + at as u64,
                        byte_len: len as u32,
                        row_no,
                        first_cell: first_cell as u32,
                        cells: cells as u32,
                    });
                    if full_at == usize::MAX {
                        full_at = at.saturating_add(options.target_bytes);
                    }
                    at = end;
                    after_row = true;
                    if block.rows.len() >= most_rows || at >= full_at {
                        break Stop::Full;
                    }
                }
                Some(b',') if after_row => {
                    at += 1;
                    after_row = false;
                }
                Some(b'\n' | b'\r' | b' ' | b'\t') => at += 1,
                _ => break Stop::Other,
            }
        };
        let passed = at - from;
        self.rows.after_row = after_row;
        self.assembly.account.rows += row_no - first_row_no;
        self.assembly.account.row_bytes += row_bytes;
        self.assembly
            .account
            .add(Part::Statement, passed as u64 - row_bytes);
        self.assembly.advance(passed);
        if let Some(counter) = self.catalog.rows(table) {
            *counter = row_no;
        }
        match stop {
            Stop::Full => {
                self.assembly.flush();
                Need::Nothing
            }
            Stop::Other => self.beside_rows(),
            Stop::Cut => self.cut_row(),
            Stop::Large => self.large_row(),
            Stop::Refused {
                len,
                first_cell,
                too_large,
            } => self.refuse(len, first_cell, too_large),
            Stop::Malformed(within) => self.malformed(within),
        }
    }

    /// Deals with whatever else may stand before, between and after rows.
    fn beside_rows(&mut self) -> Need {
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let rest = &window[at..];
        let Some(&first) = rest.first() else {
            if !ended {
                return Need::More;
            }
            self.cut = true;
            self.phase = Phase::Between;
            return Need::Nothing;
        };
        if rest.starts_with(&self.session.delimiter) {
            self.phase = Phase::Between;
            return Need::Nothing;
        }
        if !ended && (self.session.delimiter.starts_with(rest) || rest.len() < LONGEST_WORD) {
            return Need::More;
        }
        match lex::comment_at(window, at, ended) {
            Comment::Unsure => return Need::More,
            Comment::Mark(len) => {
                self.assembly.pass(len, Part::Blank);
                return Need::Nothing;
            }
            Comment::Open(kind, len) => {
                let end = lex::comment_end(window, at + len, kind);
                let most = self.assembly.options.max_row_bytes;
                let enough = ended || rest.len() > most;
                return match end {
                    Some(end) if end - at <= most => {
                        self.assembly.account.comments += 1;
                        self.assembly.pass(end - at, Part::Comment);
                        Need::Nothing
                    }
                    Some(_) => self.skip_rest(),
                    None if enough => self.skip_rest(),
                    None => Need::More,
                };
            }
            Comment::None => {}
        }
        let word = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let word = rest[..word].to_ascii_lowercase();
        match word.as_slice() {
            b"on" | b"as" | b"returning" if self.rows.after_row => self.skip_rest(),
            b"row" if !self.rows.after_row => {
                self.assembly.pass(3, Part::Statement);
                Need::Nothing
            }
            _ if first == 0x0b || first == 0x0c => {
                self.assembly.pass(1, Part::Statement);
                Need::Nothing
            }
            _ => self.malformed(0),
        }
    }

    /// Gives a table that no row has described without columns: ids and events stay in order.
    pub(super) fn give_undescribed(&mut self) {
        if let Some(table) = self.undescribed.take() {
            self.assembly.events.push_back(Event::Table(table));
        }
    }

    fn skip_rest(&mut self) -> Need {
        self.phase = Phase::Skip(Walker::default());
        Need::Nothing
    }

    /// A row that the window's end cuts: more bytes, or too large, or the file's end.
    fn cut_row(&mut self) -> Need {
        self.assembly.drop_loose_cells();
        if self.assembly.is_beyond_view() {
            return self.large_row();
        }
        let unused = self.assembly.unused();
        if self.assembly.ended() {
            self.cut = true;
            self.phase = Phase::Between;
            self.reject_here(
                unused,
                resync::TRUNCATED,
                "the file ends within the row".to_owned(),
            );
            return Need::Nothing;
        }
        Need::More
    }

    fn large_row(&mut self) -> Need {
        self.assembly.drop_loose_cells();
        self.assembly.flush();
        self.phase = Phase::SkipRow(SkipRow::large(self.assembly.offset()));
        Need::Nothing
    }

    fn refuse(&mut self, len: usize, first_cell: usize, too_large: bool) -> Need {
        let cells = self.assembly.block.cells.len() - first_cell;
        if let Some(mut table) = self.undescribed.take() {
            self.assembly.block.cells.truncate(first_cell);
            self.catalog.describe(&mut table, cells);
            self.assembly.events.push_back(Event::Table(table));
            return Need::Nothing;
        }
        let width = self.catalog.width(self.assembly.table);
        if width == 0 && cells > 0 {
            match self.catalog.widen(self.assembly.table, cells) {
                Ok(Some(table)) => {
                    self.assembly.block.cells.truncate(first_cell);
                    self.assembly.flush();
                    self.assembly.table = table.id;
                    self.assembly.events.push_back(Event::Table(table));
                    return Need::Nothing;
                }
                Ok(None) => {}
                Err(_) => {
                    self.too_many_tables();
                    return Need::Nothing;
                }
            }
        }
        let (code, detail) = if too_large {
            (resync::TOO_LARGE, self.too_large(len as u64))
        } else {
            let detail = format!("the row has {cells} cells, the table {width} columns");
            (resync::COLUMN_COUNT, detail)
        };
        self.rows.after_row = true;
        let row = RowSpan {
            first_cell: first_cell as u32,
            cells: cells as u32,
            ..RowSpan::default()
        };
        self.reject_span(row, len, code, detail);
        Need::Nothing
    }

    pub(super) fn too_large(&self, len_bytes: u64) -> String {
        let options = self.assembly.options;
        format!(
            "the row is {len_bytes} bytes long; at most {} bytes a cell and {} bytes a row are read",
            options.max_cell_bytes, options.max_row_bytes
        )
    }

    /// Rejects what stands here, `within` bytes of which were understood, up to the next place
    /// that is surely the start of something.
    fn malformed(&mut self, within: usize) -> Need {
        self.assembly.drop_loose_cells();
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let delimiter = &self.session.delimiter;
        match resync::boundary(&window[at..], within, delimiter, ended) {
            Some(boundary) => {
                let (code, detail) = self.garbled(boundary);
                self.reject_here(boundary.end, code, detail);
            }
            None if ended => {
                let unused = self.assembly.unused();
                self.cut = true;
                self.phase = Phase::Between;
                let detail = "what stands here is no row of values, and the file ends with it";
                self.reject_here(unused, resync::MALFORMED, detail.to_owned());
            }
            None if self.assembly.unused() <= self.assembly.options.max_row_bytes => {
                return Need::More;
            }
            None => {
                self.assembly.flush();
                self.phase = Phase::SkipRow(SkipRow::garbled(self.assembly.offset(), within));
            }
        }
        Need::Nothing
    }

    /// Goes on behind something garbled, and says what was wrong with it.
    fn garbled(&mut self, boundary: resync::Boundary) -> (&'static str, String) {
        self.resume(boundary);
        let (code, detail) = if boundary.in_rows {
            (resync::MALFORMED, "what stands here is no row of values")
        } else {
            self.unfinished = true;
            (resync::TRUNCATED, "another statement begins within the row")
        };
        (code, detail.to_owned())
    }

    fn resume(&mut self, boundary: resync::Boundary) {
        self.rows.after_row = true;
        self.phase = if boundary.in_rows {
            Phase::Rows
        } else {
            Phase::Between
        };
    }

    fn reject_here(&mut self, len: usize, code: &'static str, detail: String) {
        let first_cell = self.assembly.block.cells.len() as u32;
        self.reject_span(
            RowSpan {
                first_cell,
                ..RowSpan::default()
            },
            len,
            code,
            detail,
        );
    }

    /// Rejects the next `len` bytes.
    fn reject_span(&mut self, row: RowSpan, len: usize, code: &'static str, detail: String) {
        let byte_offset = self.assembly.offset();
        self.assembly.advance(len);
        self.reject_passed(row, byte_offset, len as u64, code, detail);
    }

    /// Rejects bytes that were passed already.
    fn reject_passed(
        &mut self,
        row: RowSpan,
        byte_offset: u64,
        len: u64,
        code: &'static str,
        detail: String,
    ) {
        self.give_undescribed();
        let row_no = match self.catalog.rows(self.assembly.table) {
            Some(counter) => {
                *counter += 1;
                *counter
            }
            None => 0,
        };
        let byte_len = u32::try_from(len).unwrap_or(u32::MAX);
        let row = RowSpan {
            byte_offset,
            byte_len,
            row_no,
            ..row
        };
        self.assembly.reject(row, len, code, detail);
    }

    /// Passes over a row of which no more than a window is held at a time.
    pub(super) fn skip_row(&mut self) -> Need {
        let Phase::SkipRow(mut skip) = self.phase else {
            return Need::Nothing;
        };
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let step = skip.step(
            &window[at..],
            self.session.quoting,
            &self.session.delimiter,
            ended,
        );
        let (passed, boundary) = match step {
            resync::Step::Upto(passed) => (passed, None),
            resync::Step::Found(boundary) => (boundary.end, Some(boundary)),
        };
        self.assembly.advance(passed);
        self.assembly.settle();
        if boundary.is_none() && !ended {
            self.phase = Phase::SkipRow(skip);
            return Need::More;
        }
        let from = skip.from;
        let len = self.assembly.offset() - from;
        let (code, detail) = match boundary {
            Some(boundary) if skip.is_large() => {
                self.resume(boundary);
                (resync::TOO_LARGE, self.too_large(len))
            }
            Some(boundary) => self.garbled(boundary),
            None => {
                self.cut = true;
                self.phase = Phase::Between;
                let code = if skip.is_large() {
                    resync::TRUNCATED
                } else {
                    resync::MALFORMED
                };
                (code, "the file ends within the row".to_owned())
            }
        };
        self.reject_passed(RowSpan::default(), from, len, code, detail);
        Need::Nothing
    }
}
