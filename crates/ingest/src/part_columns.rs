//! The columns of a part while it is filled: some as codes for the whole part, the others as an
//! array a block.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::Int64Builder;
use arrow_array::cast::AsArray as _;
use arrow_array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow_buffer::{NullBufferBuilder, OffsetBuffer};
use arrow_schema::SchemaRef;
use parquet::errors::{ParquetError, Result};
use unspoof_columns::{GroupColumn, GroupWriter, IntCodes, Mark, TextCodes};

/// A text column that is made of bytes and looked through once, when it is whole: to look through
/// every short value by itself costs more than to write it.
pub(crate) struct TextColumn {
    values: Vec<u8>,
    offsets: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl TextColumn {
    fn with_capacity(rows: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self {
            values: Vec::with_capacity(rows * 16),
            offsets,
            nulls: NullBufferBuilder::new(rows),
        }
    }

    fn end(&mut self) {
        let end = i32::try_from(self.values.len()).expect("a block is far below 2 GiB");
        self.offsets.push(end);
    }

    fn finish(mut self) -> ArrayRef {
        let offsets = OffsetBuffer::new(self.offsets.into());
        let text = StringArray::try_new(offsets, self.values.into(), self.nulls.finish());
        Arc::new(text.expect("each value was text"))
    }
}

/// Where a column's texts go.
pub(crate) enum Texts {
    Codes(Box<TextCodes>),
    Column(TextColumn),
}

impl Texts {
    /// Appends a text; it must be UTF-8.
    pub(crate) fn append(&mut self, text: &[u8]) {
        match self {
            Self::Codes(codes) => {
                codes.push(text);
            }
            Self::Column(column) => {
                column.values.extend_from_slice(text);
                column.nulls.append_non_null();
                column.end();
            }
        }
    }

    /// Appends one of the program's own words.
    pub(crate) fn append_word(&mut self, word: &'static str) {
        match self {
            Self::Codes(codes) => codes.push_word(word),
            Self::Column(_) => self.append(word.as_bytes()),
        }
    }

    pub(crate) fn append_null(&mut self) {
        match self {
            Self::Codes(codes) => codes.push_nulls(1),
            Self::Column(column) => {
                column.nulls.append_null();
                column.end();
            }
        }
    }

    pub(crate) fn append_option(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.append(text.as_bytes()),
            None => self.append_null(),
        }
    }

    pub(crate) fn append_repeated(&mut self, text: &str, rows: usize) {
        match self {
            Self::Codes(codes) => codes.push_repeated(text.as_bytes(), rows),
            Self::Column(_) => (0..rows).for_each(|_| self.append(text.as_bytes())),
        }
    }
}

/// Where a column's whole numbers go.
pub(crate) enum Ints {
    Codes(Box<IntCodes>),
    Column(Int64Builder),
}

impl Ints {
    pub(crate) fn append_option(&mut self, value: Option<i64>) {
        match (self, value) {
            (Self::Codes(codes), Some(value)) => codes.push(value),
            (Self::Codes(codes), None) => codes.push_nulls(1),
            (Self::Column(column), value) => column.append_option(value),
        }
    }
}

/// What a raw number's reading is, as codes of the columns that it fills.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ReadingCodes {
    pub(crate) key: Option<u32>,
    pub(crate) status: u32,
    pub(crate) region: Option<u32>,
    pub(crate) kind: Option<u32>,
}

/// A part's columns.
pub(crate) struct PartColumns {
    schema: SchemaRef,
    group: GroupWriter,
    /// Rows that are whole.
    rows: usize,
    /// Where this block begins in columns of codes, by place.
    starts: Vec<Mark>,
    /// This block's arrays, by place.
    arrays: Vec<Option<ArrayRef>>,
    /// Readings by the code of their raw text, by the raw column's place.
    pub(crate) readings: BTreeMap<usize, Vec<Option<ReadingCodes>>>,
}

impl PartColumns {
    pub(crate) fn new(schema: SchemaRef, group: GroupWriter) -> Self {
        Self {
            arrays: vec![None; schema.fields().len()],
            starts: vec![Mark::default(); schema.fields().len()],
            schema,
            group,
            rows: 0,
            readings: BTreeMap::new(),
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Takes a text column to fill with the block's `rows` rows; it goes back by
    /// [`Self::put_texts`]. What was filled into it before, for the same block, is forgotten: what a
    /// mapping says of a column goes before what follows from another one.
    pub(crate) fn texts(&mut self, place: usize, rows: usize) -> Texts {
        let start = self.starts[place];
        if let GroupColumn::Texts(codes) = self.group.column(place) {
            codes.back_to(start);
        }
        match self.group.column(place) {
            GroupColumn::Texts(codes) => Texts::Codes(Box::new(std::mem::take(codes))),
            GroupColumn::Array | GroupColumn::Ints(_) => {
                Texts::Column(TextColumn::with_capacity(rows))
            }
        }
    }

    pub(crate) fn put_texts(&mut self, place: usize, texts: Texts) {
        match texts {
            Texts::Codes(codes) => *self.group.column(place) = GroupColumn::Texts(*codes),
            Texts::Column(column) => self.arrays[place] = Some(column.finish()),
        }
    }

    /// As [`Self::texts`], of whole numbers.
    pub(crate) fn ints(&mut self, place: usize, rows: usize) -> Ints {
        let start = self.starts[place];
        if let GroupColumn::Ints(codes) = self.group.column(place) {
            codes.back_to(start);
        }
        match self.group.column(place) {
            GroupColumn::Ints(codes) => Ints::Codes(Box::new(std::mem::take(codes))),
            GroupColumn::Array | GroupColumn::Texts(_) => {
                Ints::Column(Int64Builder::with_capacity(rows))
            }
        }
    }

    pub(crate) fn put_ints(&mut self, place: usize, ints: Ints) {
        match ints {
            Ints::Codes(codes) => *self.group.column(place) = GroupColumn::Ints(*codes),
            Ints::Column(mut column) => self.arrays[place] = Some(Arc::new(column.finish())),
        }
    }

    /// Puts a block's array at its place.
    pub(crate) fn put(&mut self, place: usize, array: ArrayRef) {
        self.arrays[place] = Some(array);
    }

    /// Returns this block's array of a column, if it was put.
    pub(crate) fn array(&self, place: usize) -> Option<&ArrayRef> {
        self.arrays.get(place)?.as_ref()
    }

    /// Ends a block of `rows` rows: what nobody filled is null.
    pub(crate) fn end_block(&mut self, rows: usize) -> Result<()> {
        self.rows += rows;
        for place in 0..self.arrays.len() {
            let array = self.arrays[place].take();
            match self.group.column(place) {
                GroupColumn::Texts(codes) => {
                    codes.push_nulls(self.rows.saturating_sub(codes.len()));
                    self.starts[place] = codes.mark();
                }
                GroupColumn::Ints(codes) => {
                    codes.push_nulls(self.rows.saturating_sub(codes.len()));
                    self.starts[place] = codes.mark();
                }
                GroupColumn::Array => {
                    let kind = self.schema.field(place).data_type();
                    let array = array.unwrap_or_else(|| new_null_array(kind, rows));
                    self.group.write(place, &array)?;
                }
            }
        }
        Ok(())
    }

    /// Appends a batch of the part's schema.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let rows = batch.num_rows();
        for (place, array) in batch.columns().iter().enumerate() {
            match self.texts(place, rows) {
                Texts::Column(_) => self.put(place, Arc::clone(array)),
                mut codes @ Texts::Codes(_) => {
                    let texts = array.as_string_opt::<i32>().ok_or_else(|| {
                        let name = self.schema.field(place).name();
                        ParquetError::General(format!("`{name}` is no text"))
                    })?;
                    texts.iter().for_each(|text| codes.append_option(text));
                    self.put_texts(place, codes);
                }
            }
        }
        self.end_block(rows)
    }

    pub(crate) fn into_group(self) -> GroupWriter {
        self.group
    }
}
