//! A Parquet file of arrays and codes.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{Array as _, ArrayRef};
use arrow_schema::{DataType, FieldRef, SchemaRef};
use bytes::Bytes;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::basic::Compression;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::statistics::Statistics;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::SchemaDescPtr;

use crate::chunk::{self, Coded};
use crate::codes::{IntCodes, TextCodes};

/// A dictionary beyond this is none: what it saves it costs at every look into the file.
const MOST_DICTIONARY_BYTES: usize = 1 << 20;

/// A Parquet file that is being written, row group after row group.
pub struct TableFile<W: Write + Send> {
    file: SerializedFileWriter<W>,
    groups: Groups,
}

impl<W: Write + Send> TableFile<W> {
    /// Starts a file of flat columns; those of `coded`, of texts or 64-bit numbers, are written as
    /// codes. Columns of structs or lists are no matter of this crate.
    ///
    /// # Errors
    /// The disk's, or a `coded` column that is of another kind or not in the schema.
    pub fn create(
        to: W,
        schema: SchemaRef,
        mut properties: WriterProperties,
        coded: &[&str],
    ) -> Result<Self> {
        for name in coded {
            let field = schema.field_with_name(name);
            let kind = field.map(|field| field.data_type());
            if !matches!(kind, Ok(DataType::Utf8 | DataType::Int64)) {
                let text = format!("`{name}` is no column of texts or whole numbers");
                return Err(ParquetError::General(text));
            }
        }
        add_encoded_arrow_schema_to_metadata(&schema, &mut properties);
        let columns = ArrowSchemaConverter::new().convert(&schema)?;
        let file = SerializedFileWriter::new(to, columns.root_schema_ptr(), Arc::new(properties))?;
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let groups = Groups {
            coded: names.map(|name| coded.contains(&name)).collect(),
            factory: Arc::new(ArrowRowGroupWriterFactory::new(&file, schema.clone())),
            described: Arc::new(columns),
            properties: Arc::clone(file.properties()),
            schema,
        };
        Ok(Self { file, groups })
    }

    /// Gives what row groups are made with, on whatever thread.
    #[must_use]
    pub fn groups(&self) -> Groups {
        self.groups.clone()
    }

    /// Writes a row group.
    ///
    /// # Errors
    /// The disk's.
    pub fn append(&mut self, group: Group) -> Result<()> {
        let mut to = self.file.next_row_group()?;
        for chunk in group.chunks {
            match chunk {
                Chunk::Array(chunk) => chunk.append_to_row_group(&mut to)?,
                Chunk::Coded(bytes, close) => to.append_column(&bytes, close)?,
            }
        }
        to.close()?;
        Ok(())
    }

    /// Writes the footer. Nothing can be appended afterwards.
    ///
    /// # Errors
    /// The disk's.
    pub fn finish(&mut self) -> Result<()> {
        self.file.finish()?;
        Ok(())
    }

    /// Returns what is written to; whole after [`Self::finish`].
    pub fn inner(&self) -> &W {
        self.file.inner()
    }
}

/// Makes a file's row groups.
#[derive(Clone)]
pub struct Groups {
    factory: Arc<ArrowRowGroupWriterFactory>,
    schema: SchemaRef,
    described: SchemaDescPtr,
    properties: Arc<WriterProperties>,
    coded: Vec<bool>,
}

impl Groups {
    /// Starts a row group, in memory.
    ///
    /// # Errors
    /// Properties that the format cannot hold.
    pub fn start(&self) -> Result<GroupWriter> {
        let writers = self.factory.create_column_writers(0)?;
        let fields = self.schema.fields().iter();
        let columns = fields.zip(writers).zip(&self.coded);
        let columns = columns.map(|((field, writer), coded)| Column {
            field: field.clone(),
            writer,
            content: match (coded, field.data_type()) {
                (false, _) => GroupColumn::Array,
                (true, DataType::Int64) => GroupColumn::Ints(IntCodes::default()),
                (true, _) => GroupColumn::Texts(TextCodes::default()),
            },
        });
        Ok(GroupWriter {
            rows: vec![0; self.coded.len()],
            columns: columns.collect(),
            described: Arc::clone(&self.described),
            properties: Arc::clone(&self.properties),
        })
    }
}

/// A column of a row group that is being made.
#[derive(Debug)]
pub enum GroupColumn {
    /// Arrays go to [`GroupWriter::write`].
    Array,
    /// Texts as codes.
    Texts(TextCodes),
    /// Whole numbers as codes.
    Ints(IntCodes),
}

struct Column {
    field: FieldRef,
    writer: ArrowColumnWriter,
    content: GroupColumn,
}

impl Column {
    fn write(&mut self, array: &ArrayRef) -> Result<()> {
        for leaf in compute_leaves(&self.field, array)? {
            self.writer.write(&leaf)?;
        }
        Ok(())
    }
}

/// A row group that is being made.
pub struct GroupWriter {
    columns: Vec<Column>,
    described: SchemaDescPtr,
    properties: Arc<WriterProperties>,
    /// Rows of columns of arrays, by place.
    rows: Vec<usize>,
}

impl GroupWriter {
    /// Returns a column of codes, to append to; columns count from 0 in the schema's order.
    ///
    /// # Panics
    /// If there are fewer columns.
    pub fn column(&mut self, place: usize) -> &mut GroupColumn {
        &mut self.columns[place].content
    }

    /// Appends to a column of arrays.
    ///
    /// # Errors
    /// An array of another type, or a column of codes.
    pub fn write(&mut self, place: usize, array: &ArrayRef) -> Result<()> {
        let column = &mut self.columns[place];
        let name = column.field.name();
        if !matches!(column.content, GroupColumn::Array) {
            return Err(ParquetError::General(format!(
                "`{name}` is written as codes"
            )));
        }
        if array.data_type() != column.field.data_type() {
            let text = format!("`{name}` is no {}", array.data_type());
            return Err(ParquetError::General(text));
        }
        self.rows[place] += array.len();
        column.write(array)
    }

    /// Returns how many rows a column has.
    fn rows_of(&self, place: usize) -> usize {
        match &self.columns[place].content {
            GroupColumn::Array => self.rows[place],
            GroupColumn::Texts(texts) => texts.len(),
            GroupColumn::Ints(ints) => ints.len(),
        }
    }

    /// Encodes all columns.
    ///
    /// # Errors
    /// Columns that differ in length, or the format's, such as gaps where there may be none.
    pub fn finish(self) -> Result<Group> {
        for place in 0..self.columns.len() {
            let (rows, first) = (self.rows_of(place), self.rows_of(0));
            if rows != first {
                let name = self.columns[place].field.name();
                let text = format!("`{name}` has {rows} rows where the first column has {first}");
                return Err(ParquetError::General(text));
            }
        }
        let columns = self.columns.into_iter().enumerate();
        let chunks = columns.map(|(place, mut column)| {
            let described = self.described.column(place);
            let path = described.path();
            let may_compress = self.properties.compression(path) != Compression::UNCOMPRESSED;
            let is_told = self.properties.statistics_enabled(path) != EnabledStatistics::None;
            let array = match &mut column.content {
                GroupColumn::Array => None,
                GroupColumn::Texts(texts) if texts.plain_bytes() > MOST_DICTIONARY_BYTES => {
                    Some(texts.array())
                }
                GroupColumn::Ints(ints) if ints.values().len() * 8 > MOST_DICTIONARY_BYTES => {
                    Some(ints.array())
                }
                GroupColumn::Texts(texts) => {
                    let rows = texts.len();
                    let (codes, gaps) = texts.codes.take();
                    let coded = Coded {
                        column: described,
                        dictionary: texts.plain(),
                        entries: texts.entries(),
                        codes,
                        gaps,
                        rows,
                        statistics: None,
                        may_compress,
                    };
                    return chunk::write(coded).map(|(bytes, close)| Chunk::Coded(bytes, close));
                }
                GroupColumn::Ints(ints) => {
                    let rows = ints.len();
                    let (codes, gaps) = ints.codes.take();
                    let values = ints.values();
                    let bounds = values.iter().min().zip(values.iter().max());
                    let statistics = bounds.filter(|_| is_told).map(|(least, greatest)| {
                        let gaps = (rows - codes.len()) as u64;
                        Statistics::int64(Some(*least), Some(*greatest), None, Some(gaps), false)
                    });
                    let coded = Coded {
                        column: described,
                        dictionary: values
                            .iter()
                            .flat_map(|value| value.to_le_bytes())
                            .collect(),
                        entries: values.len(),
                        codes,
                        gaps,
                        rows,
                        statistics,
                        may_compress,
                    };
                    return chunk::write(coded).map(|(bytes, close)| Chunk::Coded(bytes, close));
                }
            };
            if let Some(array) = array {
                column.write(&array)?;
            }
            column.writer.close().map(Chunk::Array)
        });
        Ok(Group {
            chunks: chunks.collect::<Result<_>>()?,
        })
    }
}

enum Chunk {
    Array(ArrowColumnChunk),
    Coded(Bytes, ColumnCloseResult),
}

/// A row group, encoded.
pub struct Group {
    chunks: Vec<Chunk>,
}
