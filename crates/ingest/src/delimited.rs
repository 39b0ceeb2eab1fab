//! Delimited text: CSV, TSV and their relatives, as located rows.
//!
//! RFC 4180, and what files do besides: other delimiters and quotes, backslash escapes, records
//! that end with LF, CR LF, CR or any mixture, cells over several lines. A quote that is neither
//! doubled nor followed by a delimiter makes the record a reject: what it was meant to be would be
//! a guess.

mod dialect;
pub(crate) mod record;
mod recover;

use std::fmt;
use std::io::Read;
use std::ops::RangeInclusive;

pub use dialect::Dialect;
use record::Scan;
use recover::SkipRecord;

use crate::block::{
    Assembly, Block, Column, Escapes, Event, Finished, Part, ReadError, ReadOptions, RowSpan,
    TableDef, TableId,
};

/// Reads delimited text and gives its rows in the order of the file.
///
/// An [`Event::Table`] comes first. Its columns have the header's names, or `#1`, `#2` and so on.
/// All rows have as many cells as it has columns, unless [`DelimitedReader::accept`] said
/// otherwise. Where the first records cannot be read, they are rejects of a table without columns,
/// and the next one that can be read is taken for a row, whose width a second table has.
pub struct DelimitedReader<R> {
    assembly: Assembly<R>,
    dialect: Dialect,
    accepted: Option<RangeInclusive<usize>>,
    /// Cells that a row must have; none before the first record.
    width: Option<RangeInclusive<usize>>,
    row_no: u64,
    phase: Phase,
    begun: bool,
    /// A table was given.
    given: bool,
    cut: bool,
}

/// Most columns that are made up for a table without a header.
const MOST_UNNAMED: usize = 4096;

/// What the next byte belongs to.
#[derive(Debug, Clone, Copy)]
enum Phase {
    Records,
    Skip(SkipRecord),
    Utf16,
    Over,
}

/// Whether a step needs more bytes than there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    More,
}

/// Why the fast loop stopped.
enum Stop {
    /// The block is full.
    Full,
    /// The window ends, between records or within one.
    End,
    /// The record here is cut by the window's end, within quotes or not.
    Cut,
    /// The record here is longer than a record may be.
    Large,
    /// The record here, of so many bytes, is too large or has the wrong number of cells.
    Refused {
        len: usize,
        first_cell: usize,
        too_large: bool,
    },
    /// The record here has a stray quote after so many bytes.
    Stray(usize),
}

fn column_count(cells: usize, width: &RangeInclusive<usize>) -> String {
    let (least, most) = (width.start(), width.end());
    if least == most {
        format!("the record has {cells} cells, the table {most} columns")
    } else {
        format!("the record has {cells} cells, the table {least} to {most} columns")
    }
}

impl<R> fmt::Debug for DelimitedReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelimitedReader")
            .field("assembly", &self.assembly)
            .field("dialect", &self.dialect)
            .finish_non_exhaustive()
    }
}

impl<R: Read> DelimitedReader<R> {
    /// Begins to read plain, decompressed text.
    pub fn new(input: R, dialect: Dialect, options: ReadOptions) -> Self {
        let mut assembly = Assembly::new(input, options);
        assembly.block.escapes = Escapes {
            escape: dialect.escape,
            quote: dialect.quote,
            keeps_patterns: false,
        };
        Self {
            assembly,
            dialect,
            accepted: None,
            width: None,
            row_no: 0,
            phase: Phase::Records,
            begun: false,
            given: false,
            cut: false,
        }
    }

    /// Takes rows with any of these numbers of cells, whatever the first record has. A table
    /// without a header then has as many columns as the greatest, but no more than 4,096.
    #[must_use]
    pub fn accept(mut self, cells: RangeInclusive<usize>) -> Self {
        self.accepted = Some(cells);
        self
    }

    /// Returns what comes next; none after [`Event::Finished`].
    ///
    /// # Errors
    /// The input fails: whole rows before that place were given already, and asking again gives
    /// the rest and the end. Or the text is in UTF-16.
    pub fn next_event(&mut self) -> Result<Option<Event>, ReadError> {
        loop {
            if let Some(event) = self.assembly.events.pop_front() {
                return Ok(Some(event));
            }
            if let Some(error) = self.assembly.failure() {
                return Err(error);
            }
            let need = match self.phase {
                Phase::Records if !self.begun => self.begin(),
                Phase::Records if self.dialect.preamble_lines > 0 => self.preamble(),
                Phase::Records => self.records(),
                Phase::Skip(skip) => self.skip(skip),
                Phase::Utf16 => return Err(ReadError::Utf16),
                Phase::Over => return Ok(None),
            };
            if need == Need::More {
                debug_assert!(!self.assembly.ended(), "no more bytes will come");
                self.assembly.fill();
            }
        }
    }

    /// Takes back a block, to fill it again.
    pub fn recycle(&mut self, block: Block) {
        self.assembly.recycle(block);
    }

    /// Returns how many bytes of the stream were read and accounted for so far.
    pub fn bytes_read(&self) -> u64 {
        self.assembly.offset()
    }

    fn begin(&mut self) -> Need {
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let rest = &window[at..];
        if rest.len() < 3 && !ended {
            return Need::More;
        }
        if rest.starts_with(b"\xff\xfe") || rest.starts_with(b"\xfe\xff") {
            self.phase = Phase::Utf16;
        } else if rest.starts_with(b"\xef\xbb\xbf") {
            self.assembly.pass(3, Part::Blank);
        }
        self.begun = true;
        Need::Nothing
    }

    /// Passes over the lines before the first record.
    fn preamble(&mut self) -> Need {
        let ended = self.assembly.ended();
        let (window, at) = self.assembly.window();
        let rest = &window[at..];
        let Some(end) = memchr::memchr2(b'\n', b'\r', rest) else {
            let len = rest.len();
            self.assembly.pass(len, Part::Comment);
            if ended {
                self.dialect.preamble_lines = 0;
                return Need::Nothing;
            }
            return Need::More;
        };
        if rest[end] == b'\r' && end + 1 == rest.len() && !ended {
            return Need::More;
        }
        let pair = rest[end..].starts_with(b"\r\n");
        self.assembly.account.comments += 1;
        self.assembly
            .pass(end + 1 + usize::from(pair), Part::Comment);
        self.dialect.preamble_lines -= 1;
        Need::Nothing
    }

    /// Reads records up to the end of the window or of the block.
    fn records(&mut self) -> Need {
        self.assembly.settle();
        // No record has this many cells: the first is looked at apart.
        let width = self.width.clone().unwrap_or(usize::MAX..=usize::MAX);
        let dialect = self.dialect;
        let ended = self.assembly.ended();
        let options = self.assembly.options;
        let view_bytes = self.assembly.view_bytes();
        let base = self.assembly.window_offset();
        let mut full_at = self.assembly.full_at().unwrap_or(usize::MAX);
        let (window, from, block) = self.assembly.window_and_block();
        let most_rows = options.max_rows.saturating_sub(block.rejects.len());
        let first_row_no = self.row_no;
        let mut row_no = first_row_no;
        let mut row_bytes = 0u64;
        let mut at = from;
        let stop = loop {
            match window.get(at) {
                Some(b'\n' | b'\r') => {
                    at += 1;
                    continue;
                }
                Some(_) => {}
                None => break Stop::End,
            }
            let first_cell = block.cells.len();
            let view = &window[..window.len().min(at + view_bytes)];
            let whole = ended && view.len() == window.len();
            let scan = record::scan(view, at, &dialect, whole, &mut block.cells);
            let end = match scan {
                Scan::Record(end) if end - at <= options.max_row_bytes => end,
                Scan::Stray(place) if place - at <= options.max_row_bytes => {
                    break Stop::Stray(place - at);
                }
                Scan::Cut => break Stop::Cut,
                Scan::Record(_) | Scan::Stray(_) => break Stop::Large,
            };
            let cells = block.cells.len() - first_cell;
            let len = end - at;
            let too_large = len > options.max_cell_bytes
                && block.cells[first_cell..]
                    .iter()
                    .any(|cell| (cell.end - cell.start) as usize > options.max_cell_bytes);
            if !width.contains(&cells) || too_large {
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
            if block.rows.len() >= most_rows || at >= full_at {
                break Stop::Full;
            }
        };
        let passed = at - from;
        self.row_no = row_no;
        self.assembly.account.rows += row_no - first_row_no;
        self.assembly.account.row_bytes += row_bytes;
        self.assembly.pass(passed - row_bytes as usize, Part::Blank);
        self.assembly.advance(row_bytes as usize);
        match stop {
            Stop::Full => {
                self.assembly.flush();
                Need::Nothing
            }
            Stop::End if ended => self.finish(),
            Stop::End => Need::More,
            Stop::Cut => self.cut_record(),
            Stop::Large => self.large_record(),
            Stop::Refused {
                len,
                first_cell,
                too_large,
            } => self.refuse(len, first_cell, too_large),
            Stop::Stray(within) => self.stray(within),
        }
    }

    fn refuse(&mut self, len: usize, first_cell: usize, too_large: bool) -> Need {
        let cells = self.assembly.block.cells.len() - first_cell;
        let (code, detail) = if too_large {
            (recover::TOO_LARGE, self.too_large(len as u64))
        } else {
            let Some(width) = &self.width else {
                self.describe(len, first_cell);
                return Need::Nothing;
            };
            (recover::COLUMN_COUNT, column_count(cells, width))
        };
        self.reject_here(len, first_cell, code, detail);
        Need::Nothing
    }

    /// Takes the first record: a header, or a row that tells how many columns there are.
    fn describe(&mut self, len: usize, first_cell: usize) {
        let header: Vec<_> = self.assembly.block.cells.drain(first_cell..).collect();
        let width = match &self.accepted {
            Some(accepted) => accepted.clone(),
            None => header.len()..=header.len(),
        };
        let named = self.dialect.header;
        let most = match (named, &self.accepted) {
            (false, Some(accepted)) => (*accepted.end()).min(MOST_UNNAMED),
            _ => header.len(),
        };
        // After rejects, which have a table of their own.
        let id = TableId(u32::from(self.given));
        let mut table = TableDef {
            id,
            named,
            ..TableDef::default()
        };
        let mut scratch = Vec::new();
        let (window, _) = self.assembly.window();
        for number in 1..=most {
            let name = match header.get(number - 1).filter(|_| named) {
                Some(cell) => {
                    let raw = window
                        .get(cell.start as usize..cell.end as usize)
                        .unwrap_or_default();
                    let quote = self.dialect.quote;
                    scratch.clear();
                    self.assembly
                        .block
                        .unescape_into(raw, cell.kind, quote, &mut scratch);
                    String::from_utf8_lossy(&scratch).into_owned()
                }
                None => format!("#{number}"),
            };
            table.columns.push(Column {
                name,
                ..Column::default()
            });
        }
        self.width = Some(width);
        self.assembly.flush();
        self.assembly.table = id;
        self.given = true;
        if named {
            self.assembly.account.statements += 1;
            self.assembly.pass(len, Part::Statement);
        }
        self.assembly.events.push_back(Event::Table(table));
    }

    fn finish(&mut self) -> Need {
        self.assembly.flush();
        let account = self.assembly.account;
        self.assembly.events.push_back(Event::Finished(Finished {
            complete: !self.cut,
            cut: self.cut,
            account,
        }));
        self.phase = Phase::Over;
        Need::Nothing
    }
}
