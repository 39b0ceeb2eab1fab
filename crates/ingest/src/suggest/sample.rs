//! The first rows of each table, counted.

use std::collections::BTreeMap;
use std::error::Error;

use super::facts::{Eye, Facts};
use crate::block::{Block, Event, Key, ReadOptions, RowSpan, TableDef, TableId};
use crate::delimited::{DelimitedReader, Dialect};

/// Most rows of a table that are looked at.
pub(super) const MOST_ROWS: u64 = 2_000;
/// Most bytes of a dump that are read.
pub(super) const MOST_DUMP_BYTES: u64 = 16 << 30;
/// Most values that are looked at in all; what is remembered of them is at most some 300 MB.
const MOST_VALUES: u64 = 8_000_000;
/// Most columns of a table that are looked at (MySQL allows 4,096), and of all tables.
const MOST_COLUMNS: usize = 4_096;
const MOST_COLUMNS_IN_ALL: usize = 100_000;

/// A table of the source.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) named: bool,
    pub(super) keys: Vec<Key>,
    pub(super) columns: Vec<Facts>,
    /// Rows that were looked at.
    pub(super) rows: u64,
    pub(super) rejects: u64,
}

/// What was seen of a file.
pub(super) struct Sample {
    pub(super) is_dump: bool,
    /// Whether the file names its columns.
    pub(super) header: bool,
    /// Whether the file goes on after what was read.
    pub(super) left_off: bool,
    pub(super) stream_error: Option<String>,
    tables: Vec<Table>,
    by_name: BTreeMap<String, usize>,
    /// Definition to table, and its columns' places in it.
    definitions: BTreeMap<TableId, (usize, Vec<usize>)>,
    values: u64,
    columns: usize,
    eye: Eye,
}

impl Sample {
    pub(super) fn of_dump() -> Self {
        Self::new(true, true)
    }

    pub(super) fn of_text(header: bool) -> Self {
        Self::new(false, header)
    }

    fn new(is_dump: bool, header: bool) -> Self {
        Self {
            is_dump,
            header,
            left_off: false,
            stream_error: None,
            tables: Vec::new(),
            by_name: BTreeMap::new(),
            definitions: BTreeMap::new(),
            values: 0,
            columns: 0,
            eye: Eye::new(),
        }
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Returns whether nothing needs more reading: a dump may always have one more table.
    pub(super) fn is_enough(&self) -> bool {
        !self.is_dump && self.tables.iter().any(|table| table.rows >= MOST_ROWS)
    }

    /// Notes that the stream gave no more, with the chain of causes.
    pub(super) fn broke_off(&mut self, error: &dyn Error) {
        let mut text = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        self.stream_error = Some(text);
    }

    /// Counts what an event holds; gives its block back.
    pub(super) fn take(&mut self, event: Event) -> Option<Block> {
        match event {
            Event::Table(def) => {
                self.define(&def);
                None
            }
            Event::Rows { table, block } => {
                self.rows(table, &block);
                Some(block)
            }
            Event::Setting(_) | Event::Finished(_) => None,
        }
    }

    /// Several definitions of one table, such as INSERTs that list columns, are one table.
    fn define(&mut self, def: &TableDef) {
        if self.columns >= MOST_COLUMNS_IN_ALL {
            self.left_off = true;
            return;
        }
        let tables = &mut self.tables;
        let index = *self.by_name.entry(def.name.clone()).or_insert_with(|| {
            tables.push(Table {
                name: def.name.clone(),
                ..Table::default()
            });
            tables.len() - 1
        });
        let table = &mut tables[index];
        table.named = def.named;
        if !def.keys.is_empty() {
            table.keys.clone_from(&def.keys);
        }
        let mut places: Vec<usize> = Vec::with_capacity(def.columns.len());
        let before = table.columns.len();
        for column in def.columns.iter().take(MOST_COLUMNS) {
            let known = table
                .columns
                .iter()
                .position(|known| known.name == column.name);
            // A name that stands twice in a header is a column each time.
            let place = known.filter(|place| !places.contains(place));
            places.push(place.unwrap_or_else(|| {
                table.columns.push(Facts::of(column, def.named));
                table.columns.len() - 1
            }));
        }
        self.columns += table.columns.len() - before;
        self.definitions.insert(def.id, (index, places));
    }

    fn rows(&mut self, id: TableId, block: &Block) {
        let Some((index, places)) = self.definitions.get(&id) else {
            return;
        };
        let table = &mut self.tables[*index];
        table.rejects += block.rejects.len() as u64;
        let mut scratch = Vec::new();
        for row in &block.rows {
            if table.rows >= MOST_ROWS || self.values >= MOST_VALUES {
                return;
            }
            table.rows += 1;
            self.values += u64::from(row.cells);
            for (cell, place) in block.row_cells(row).iter().zip(places) {
                let value = block.value(cell, &mut scratch);
                table.columns[*place].add(value, &mut self.eye);
            }
        }
    }
}

/// Returns whether a header holds names: none of its cells looks like what a person's record holds.
pub(super) fn header_is_safe(prefix: &[u8], dialect: Dialect) -> bool {
    let dialect = Dialect {
        header: false,
        ..dialect
    };
    let mut reader = DelimitedReader::new(prefix, dialect, ReadOptions::default());
    let mut eye = Eye::new();
    while let Ok(Some(event)) = reader.next_event() {
        let Event::Rows { block, .. } = event else {
            continue;
        };
        let Some(first) = block.rows.first() else {
            return true;
        };
        return row_holds_names(&block, first, &mut eye);
    }
    true
}

fn row_holds_names(block: &Block, row: &RowSpan, eye: &mut Eye) -> bool {
    let mut scratch = Vec::new();
    block.row_cells(row).iter().all(|cell| {
        let mut facts = Facts::default();
        facts.add(block.value(cell, &mut scratch), eye);
        let personal = facts.phones.all() + facts.emails + facts.ips + facts.addresses;
        personal + facts.crypts + facts.hashes + facts.best_format().1 == 0
    })
}
