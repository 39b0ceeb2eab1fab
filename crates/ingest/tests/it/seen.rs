//! What a reader gave, in a form that tests can compare, with the laws that hold for all input.

use unspoof_ingest::block::{
    Block, CellKind, Event, Finished, ReadError, ReadOptions, RowSpan, Setting, TableDef,
};
use unspoof_ingest::delimited::{DelimitedReader, Dialect};
use unspoof_ingest::dump::DumpReader;

/// Everything that a reader gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) tables: Vec<TableDef>,
    pub(crate) settings: Vec<Setting>,
    pub(crate) rows: Vec<Row>,
    pub(crate) rejects: Vec<Refused>,
    pub(crate) finished: Option<Finished>,
    pub(crate) errors: Vec<String>,
    pub(crate) blocks: Vec<(u32, Block)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) table: String,
    pub(crate) span: RowSpan,
    pub(crate) kinds: Vec<CellKind>,
    /// Values with escapes undone; none for NULL.
    pub(crate) values: Vec<Option<Vec<u8>>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) table: String,
    pub(crate) span: RowSpan,
    pub(crate) code: &'static str,
}

impl Seen {
    /// All values of all rows as text, `NULL` for none.
    pub(crate) fn texts(&self) -> Vec<Vec<String>> {
        let text = |value: &Option<Vec<u8>>| match value {
            Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            None => "NULL".to_owned(),
        };
        self.rows
            .iter()
            .map(|row| row.values.iter().map(text).collect())
            .collect()
    }

    pub(crate) fn codes(&self) -> Vec<&'static str> {
        self.rejects.iter().map(|reject| reject.code).collect()
    }

    /// The bytes of each reject.
    pub(crate) fn refused<'a>(&self, input: &'a [u8]) -> Vec<&'a [u8]> {
        let bytes = |reject: &Refused| {
            let start = reject.span.byte_offset as usize;
            &input[start..start + reject.span.byte_len as usize]
        };
        self.rejects.iter().map(bytes).collect()
    }

    fn take(&mut self, event: Event, input: &[u8]) -> Option<Block> {
        assert!(self.finished.is_none(), "nothing comes after the end");
        match event {
            Event::Table(table) => {
                assert_eq!(table.id.0 as usize, self.tables.len(), "ids count up");
                self.tables.push(table);
            }
            Event::Setting(setting) => self.settings.push(setting),
            Event::Finished(finished) => self.finished = Some(finished),
            Event::Rows { table, block } => {
                let name = self.tables[table.0 as usize].name.clone();
                let mut scratch = Vec::new();
                for row in &block.rows {
                    let start = row.byte_offset as usize;
                    let bytes = &input[start..start + row.byte_len as usize];
                    assert_eq!(block.row_bytes(row), Some(bytes), "the block holds the row");
                    let cells = block.row_cells(row);
                    assert_eq!(cells.len(), row.cells as usize);
                    let within = start - block.byte_offset as usize;
                    let mut at = within as u32;
                    for cell in cells {
                        assert!(
                            at <= cell.start && cell.start <= cell.end,
                            "cells are in order"
                        );
                        assert!(
                            cell.end as usize <= within + bytes.len(),
                            "cells are in their row"
                        );
                        at = cell.end;
                    }
                    let values = cells
                        .iter()
                        .map(|cell| block.value(cell, &mut scratch).bytes().map(<[u8]>::to_vec));
                    let values = values.collect();
                    let kinds = cells.iter().map(|cell| cell.kind).collect();
                    self.rows.push(Row {
                        table: name.clone(),
                        span: *row,
                        kinds,
                        values,
                    });
                }
                for reject in &block.rejects {
                    let span = reject.row;
                    self.rejects.push(Refused {
                        table: name.clone(),
                        span,
                        code: reject.code,
                    });
                    if let Some(bytes) = block.row_bytes(&span) {
                        let start = span.byte_offset as usize;
                        assert_eq!(bytes, &input[start..start + span.byte_len as usize]);
                    }
                }
                self.blocks.push((table.0, block.clone()));
                return Some(block);
            }
        }
        None
    }

    /// The laws: every byte is accounted for, places do not overlap, rows are numbered without
    /// gaps, and the counts agree.
    fn check(&self, input: &[u8]) {
        let finished = self.finished.as_ref().expect("an end comes");
        let account = finished.account;
        assert_eq!(
            account.total_bytes(),
            input.len() as u64,
            "every byte is accounted for"
        );
        assert_eq!(account.rows, self.rows.len() as u64);
        assert_eq!(account.rejects, self.rejects.len() as u64);
        let bytes = |spans: &mut dyn Iterator<Item = &RowSpan>| -> u64 {
            spans.map(|span| u64::from(span.byte_len)).sum()
        };
        assert_eq!(
            account.row_bytes,
            bytes(&mut self.rows.iter().map(|row| &row.span))
        );
        assert_eq!(
            account.reject_bytes,
            bytes(&mut self.rejects.iter().map(|row| &row.span))
        );
        let mut spans: Vec<_> = self.rows.iter().map(|row| row.span).collect();
        spans.extend(self.rejects.iter().map(|reject| reject.span));
        spans.sort_by_key(|span| span.byte_offset);
        for pair in spans.windows(2) {
            let end = pair[0].byte_offset + u64::from(pair[0].byte_len);
            assert!(end <= pair[1].byte_offset, "places do not overlap");
        }
        let mut numbers = std::collections::BTreeMap::<_, Vec<u64>>::new();
        for (table, block) in &self.blocks {
            let table = &self.tables[*table as usize];
            let numbers = numbers
                .entry((table.database.clone(), table.name.clone()))
                .or_default();
            numbers.extend(block.rows.iter().map(|row| row.row_no));
            numbers.extend(block.rejects.iter().map(|reject| reject.row.row_no));
        }
        for numbers in numbers.values_mut() {
            numbers.sort_unstable();
            assert!(
                numbers.iter().copied().eq(1..=numbers.len() as u64),
                "rows are numbered from 1"
            );
        }
    }
}

type Next<'a> = &'a mut dyn FnMut(Option<Block>) -> Result<Option<Event>, ReadError>;

fn see(input: &[u8], next: Next<'_>) -> Seen {
    let mut seen = Seen::default();
    let mut back = None;
    loop {
        match next(back.take()) {
            Ok(Some(event)) => back = seen.take(event, input),
            Ok(None) => break,
            Err(error) => {
                seen.errors.push(error.to_string());
                if !matches!(error, ReadError::Input { .. }) {
                    return seen;
                }
            }
        }
    }
    seen
}

pub(crate) fn dump_from(input: &[u8], reader: impl std::io::Read, options: ReadOptions) -> Seen {
    let mut reader = DumpReader::new(reader, options);
    see(input, &mut |back| {
        if let Some(block) = back {
            reader.recycle(block);
        }
        reader.next_event()
    })
}

/// Reads a dump and checks the laws.
pub(crate) fn dump_with(input: &[u8], options: ReadOptions) -> Seen {
    let seen = dump_from(input, input, options);
    seen.check(input);
    for row in &seen.rows {
        let start = row.span.byte_offset as usize;
        let bytes = &input[start..start + row.span.byte_len as usize];
        assert!(
            bytes.starts_with(b"(") && bytes.ends_with(b")"),
            "a row is its parentheses"
        );
    }
    seen
}

pub(crate) fn dump(input: impl AsRef<[u8]>) -> Seen {
    dump_with(input.as_ref(), ReadOptions::default())
}

pub(crate) fn csv_from(
    input: &[u8],
    reader: impl std::io::Read,
    dialect: Dialect,
    options: ReadOptions,
) -> Seen {
    let mut reader = DelimitedReader::new(reader, dialect, options);
    see(input, &mut |back| {
        if let Some(block) = back {
            reader.recycle(block);
        }
        reader.next_event()
    })
}

/// Reads delimited text and checks the laws.
pub(crate) fn csv_with(input: &[u8], dialect: Dialect, options: ReadOptions) -> Seen {
    let seen = csv_from(input, input, dialect, options);
    if seen.errors.is_empty() {
        seen.check(input);
    }
    seen
}

pub(crate) fn csv(input: impl AsRef<[u8]>) -> Seen {
    csv_with(input.as_ref(), Dialect::default(), ReadOptions::default())
}

/// Gives its bytes in pieces of these sizes, over and over.
pub(crate) struct Pieces<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) sizes: Vec<usize>,
    pub(crate) turn: usize,
}

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()].max(1);
        self.turn += 1;
        let size = size.min(buffer.len()).min(self.bytes.len());
        buffer[..size].copy_from_slice(&self.bytes[..size]);
        self.bytes = &self.bytes[size..];
        Ok(size)
    }
}

/// Small limits, so that short input meets them all.
pub(crate) fn narrow(page_bytes: usize) -> ReadOptions {
    ReadOptions {
        max_rows: 7,
        target_bytes: 200,
        max_cell_bytes: 64,
        max_row_bytes: 256,
        page_bytes,
    }
}
