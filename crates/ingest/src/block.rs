//! What every reader gives: blocks of located rows, and the events between them.
//!
//! A block is flat: the bytes as read, one span a row, one cell a value, no allocation a row.
//! Cells are slices of the bytes *as written*, without their quotes; [`Block::value`] undoes
//! escapes only where there are any. A block's allocations are used again when it is handed back
//! (`recycle`).

mod account;
mod assemble;
mod charset;
mod event;
pub(crate) mod scan;
mod value;

use std::fmt;

pub use account::Account;
pub(crate) use account::Part;
pub(crate) use assemble::Assembly;
pub use charset::Introducer;
pub use event::{
    Column, Event, Finished, Key, KeyKind, ReadError, ReadOptions, Setting, SettingName, TableDef,
    TableId,
};
pub(crate) use value::Escapes;
pub use value::Value;

/// Rows of one table in the order of the file, with the bytes they were read from.
#[derive(Default, Clone, PartialEq, Eq)]
pub struct Block {
    /// The bytes from somewhere before the first row to somewhere after the last, as read.
    pub bytes: Vec<u8>,
    /// Where `bytes` starts: bytes from the start of the decompressed stream.
    pub byte_offset: u64,
    /// The rows.
    pub rows: Vec<RowSpan>,
    /// The cells of all rows, and of those rejects whose cells could be told apart.
    pub cells: Vec<Cell>,
    /// What looked like rows of this table and could not be used.
    pub rejects: Vec<Reject>,
    pub(crate) escapes: Escapes,
}

/// Where a row stands, and which cells are its own.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct RowSpan {
    /// Archive member or inner database; readers give 0, the file itself.
    pub stream: u32,
    /// Bytes from the start of the decompressed stream to the row's first byte.
    pub byte_offset: u64,
    /// Length of the row as written, in bytes. A reject of 4 GiB or more has `u32::MAX`.
    pub byte_len: u32,
    /// Counts from 1 within the table, rejects included.
    pub row_no: u64,
    /// Index of its first cell in [`Block::cells`].
    pub first_cell: u32,
    /// How many cells it has.
    pub cells: u32,
}

/// One value as written: a slice of [`Block::bytes`] without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// First byte, from the start of [`Block::bytes`].
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// How it was written.
    pub kind: CellKind,
    /// Character set that was stated before it, as in `_binary 'x'`.
    pub introducer: Introducer,
}

/// How a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellKind {
    /// `NULL`, or `\N` where the dialect has it.
    Null,
    /// The keyword `DEFAULT`.
    Default,
    /// Without quotes: a number, a keyword, or any cell of delimited text that has none.
    Bare,
    /// Without quotes, and holds escapes (delimited text only).
    BareEscaped,
    /// In quotes, to be taken as it stands.
    Quoted,
    /// In quotes, and holds doubled quotes or backslash escapes.
    QuotedEscaped,
    /// Hexadecimal digits of `0x…` or `x'…'`.
    Hex,
    /// Binary digits of `0b…` or `b'…'`.
    Bit,
    /// Something that only the server could work out, such as `now()`; the slice is all of it.
    Expression,
}

/// A row that could not be used: where it stands and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Its place. `cells` is 0 where they could not be told apart.
    pub row: RowSpan,
    /// Stable code, such as `dump/column-count`.
    pub code: &'static str,
    /// In words, without any of the row's content.
    pub detail: String,
}

/// Counts only: what a seized file holds is not for logs.
impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("byte_offset", &self.byte_offset)
            .field("bytes", &self.bytes.len())
            .field("rows", &self.rows.len())
            .field("cells", &self.cells.len())
            .field("rejects", &self.rejects)
            .finish()
    }
}

impl Block {
    /// Returns a row's cells, in order.
    #[must_use]
    pub fn row_cells(&self, row: &RowSpan) -> &[Cell] {
        let first = row.first_cell as usize;
        self.cells
            .get(first..first + row.cells as usize)
            .unwrap_or_default()
    }

    /// Returns a row's bytes as written; none for a reject that was too large to be held.
    #[must_use]
    pub fn row_bytes(&self, row: &RowSpan) -> Option<&[u8]> {
        let start = usize::try_from(row.byte_offset.checked_sub(self.byte_offset)?).ok()?;
        self.bytes
            .get(start..start.checked_add(row.byte_len as usize)?)
    }

    /// Returns a cell's bytes as written, without quotes, escapes in place.
    #[must_use]
    pub fn raw(&self, cell: &Cell) -> &[u8] {
        self.bytes
            .get(cell.start as usize..cell.end as usize)
            .unwrap_or_default()
    }

    /// Empties the block and keeps its allocations.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
        self.cells.clear();
        self.rejects.clear();
        self.byte_offset = 0;
    }
}
