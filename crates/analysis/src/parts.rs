//! Reading a table's parts, column by column.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{
    Array, AsArray, Date32Array, Int32Array, Int64Array, RecordBatch, RecordBatchReader,
    StringArray, TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use arrow::datatypes::{
    DataType, Date32Type, Int32Type, Int64Type, Schema, TimestampMicrosecondType, UInt32Type,
    UInt64Type,
};
use camino::{Utf8Path, Utf8PathBuf};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use crate::AnalysisError;

/// One file of a table, as ingest wrote it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TablePart {
    /// The table, such as `calls`.
    pub table: String,
    /// The source that its rows come from.
    pub source: String,
    /// The exhibit whose rows it holds.
    pub exhibit: String,
    /// Where it is.
    pub path: Utf8PathBuf,
}

/// A batch with its file, for errors that say where.
pub(crate) struct Columns {
    pub(crate) batch: RecordBatch,
    path: Utf8PathBuf,
}

impl Columns {
    fn array(&self, column: &'static str) -> Result<&dyn Array, AnalysisError> {
        self.batch
            .column_by_name(column)
            .map(AsRef::as_ref)
            .ok_or_else(|| AnalysisError::Column {
                path: self.path.clone(),
                column,
            })
    }

    fn wrong(&self, column: &'static str) -> AnalysisError {
        AnalysisError::Column {
            path: self.path.clone(),
            column,
        }
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<&StringArray, AnalysisError> {
        self.array(column)?
            .as_string_opt::<i32>()
            .ok_or_else(|| self.wrong(column))
    }

    pub(crate) fn int(&self, column: &'static str) -> Result<&Int64Array, AnalysisError> {
        self.array(column)?
            .as_primitive_opt::<Int64Type>()
            .ok_or_else(|| self.wrong(column))
    }

    pub(crate) fn count(&self, column: &'static str) -> Result<&UInt64Array, AnalysisError> {
        self.array(column)?
            .as_primitive_opt::<UInt64Type>()
            .ok_or_else(|| self.wrong(column))
    }

    pub(crate) fn small(&self, column: &'static str) -> Result<&UInt32Array, AnalysisError> {
        self.array(column)?
            .as_primitive_opt::<UInt32Type>()
            .ok_or_else(|| self.wrong(column))
    }

    pub(crate) fn time(
        &self,
        column: &'static str,
    ) -> Result<&TimestampMicrosecondArray, AnalysisError> {
        let array = self.array(column)?;
        array
            .as_primitive_opt::<TimestampMicrosecondType>()
            .ok_or_else(|| self.wrong(column))
    }

    pub(crate) fn coded(&self, column: &'static str) -> Result<Coded<'_>, AnalysisError> {
        let array = self.array(column)?;
        let array = array
            .as_dictionary_opt::<Int32Type>()
            .ok_or_else(|| self.wrong(column))?;
        let values = array
            .values()
            .as_string_opt::<i32>()
            .ok_or_else(|| self.wrong(column))?;
        Ok(Coded {
            keys: array.keys(),
            values,
        })
    }

    pub(crate) fn day(&self, column: &'static str) -> Result<&Date32Array, AnalysisError> {
        self.array(column)?
            .as_primitive_opt::<Date32Type>()
            .ok_or_else(|| self.wrong(column))
    }

    pub(crate) fn flag(
        &self,
        column: &'static str,
    ) -> Result<&arrow::array::BooleanArray, AnalysisError> {
        self.array(column)?
            .as_boolean_opt()
            .ok_or_else(|| self.wrong(column))
    }
}

/// A text column of few values, as codes: what is asked of a value is asked once a value and not
/// once a row.
pub(crate) struct Coded<'a> {
    keys: &'a Int32Array,
    values: &'a StringArray,
}

impl<'a> Coded<'a> {
    /// Returns the text of a row; None for null.
    pub(crate) fn get(&self, row: usize) -> Option<&'a str> {
        self.keys
            .is_valid(row)
            .then(|| self.values.value(self.keys.value(row) as usize))
    }

    /// Returns a row's code: the place of its text in [`Coded::words`]; None for null.
    pub(crate) fn code(&self, row: usize) -> Option<usize> {
        self.keys
            .is_valid(row)
            .then(|| self.keys.value(row) as usize)
    }

    /// Returns the texts by code.
    pub(crate) fn words(&self) -> &'a StringArray {
        self.values
    }

    /// Judges every value once; the result is asked by row.
    pub(crate) fn judged<T: Copy>(
        &self,
        null: T,
        judge: impl FnMut(&'a str) -> T,
    ) -> JudgedValues<'a, T> {
        let judged = self
            .values
            .iter()
            .map(Option::unwrap_or_default)
            .map(judge)
            .collect();
        JudgedValues {
            keys: self.keys,
            judged,
            null,
        }
    }
}

/// What was judged of each value of a [`Coded`] column.
pub(crate) struct JudgedValues<'a, T> {
    keys: &'a Int32Array,
    judged: Vec<T>,
    null: T,
}

impl<T: Copy> JudgedValues<'_, T> {
    pub(crate) fn get(&self, row: usize) -> T {
        if self.keys.is_valid(row) {
            self.judged[self.keys.value(row) as usize]
        } else {
            self.null
        }
    }
}

/// Rows asked for at a time: a part's, so that one batch is one part.
const BATCH_ROWS: usize = 1 << 17;

/// Reads some columns of one file, batch by batch, in the file's order.
pub(crate) fn read_columns(
    path: &Utf8Path,
    columns: &[&str],
) -> Result<impl Iterator<Item = Result<Columns, AnalysisError>> + use<>, AnalysisError> {
    read_row_groups(path, columns, None)
}

/// As [`read_columns`], of some row groups only.
fn read_row_groups(
    path: &Utf8Path,
    columns: &[&str],
    row_groups: Option<Vec<usize>>,
) -> Result<impl Iterator<Item = Result<Columns, AnalysisError>> + use<>, AnalysisError> {
    let file = File::open(path).map_err(|e| AnalysisError::read(path, e))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| AnalysisError::read(path, e))?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let builder = match row_groups {
        Some(row_groups) => builder.with_row_groups(row_groups),
        None => builder,
    };
    let reader = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|e| AnalysisError::read(path, e))?;
    let path = path.to_owned();
    Ok(reader.map(move |batch| {
        let batch = batch.map_err(|e| AnalysisError::read(&path, e))?;
        Ok(Columns {
            batch,
            path: path.clone(),
        })
    }))
}

/// Reads some columns of a whole part as one batch.
pub(crate) fn read_part(path: &Utf8Path, columns: &[&str]) -> Result<Columns, AnalysisError> {
    as_one(path, columns, read_columns(path, columns)?)
}

/// As [`read_part`], with some of the text columns as [`Coded`].
pub(crate) fn read_part_coded(
    path: &Utf8Path,
    columns: &[&str],
    coded: &[&str],
) -> Result<Columns, AnalysisError> {
    let failed = |e| AnalysisError::read(path, e);
    let file = File::open(path).map_err(|e| AnalysisError::read(path, e))?;
    let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(failed)?;
    let as_codes = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let fields = plain.schema().fields().iter().map(|field| {
        if coded.contains(&field.name().as_str()) {
            field.as_ref().clone().with_data_type(as_codes.clone())
        } else {
            field.as_ref().clone()
        }
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    let metadata =
        ArrowReaderMetadata::try_new(plain.metadata().clone(), options).map_err(failed)?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
    let wanted = columns.iter().chain(coded).copied();
    let mask = ProjectionMask::columns(builder.parquet_schema(), wanted);
    let reader = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(failed)?;
    let schema = reader.schema();
    let mut found = Vec::new();
    for batch in reader {
        found.push(batch.map_err(|e| AnalysisError::read(path, e))?);
    }
    let batch = match found.as_slice() {
        [_] => found.swap_remove(0),
        several => arrow::compute::concat_batches(&schema, several)
            .map_err(|e| AnalysisError::read(path, e))?,
    };
    Ok(Columns {
        batch,
        path: path.to_owned(),
    })
}

/// Reads some columns of one row group as one batch.
pub(crate) fn read_row_group(
    path: &Utf8Path,
    columns: &[&str],
    row_group: usize,
) -> Result<Columns, AnalysisError> {
    as_one(
        path,
        columns,
        read_row_groups(path, columns, Some(vec![row_group]))?,
    )
}

fn as_one(
    path: &Utf8Path,
    columns: &[&str],
    batches: impl Iterator<Item = Result<Columns, AnalysisError>>,
) -> Result<Columns, AnalysisError> {
    let mut found = Vec::new();
    for batch in batches {
        found.push(batch?.batch);
    }
    let batch = match found.as_slice() {
        [_] => found.swap_remove(0),
        several => {
            let schema = match several.first() {
                Some(batch) => batch.schema(),
                None => empty_schema(path, columns)?,
            };
            arrow::compute::concat_batches(&schema, several)
                .map_err(|e| AnalysisError::read(path, e))?
        }
    };
    Ok(Columns {
        batch,
        path: path.to_owned(),
    })
}

fn empty_schema(
    path: &Utf8Path,
    columns: &[&str],
) -> Result<arrow::datatypes::SchemaRef, AnalysisError> {
    let file = File::open(path).map_err(|e| AnalysisError::read(path, e))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| AnalysisError::read(path, e))?;
    let schema = builder.schema();
    let kept: Vec<usize> = (0..schema.fields().len())
        .filter(|&i| columns.contains(&schema.field(i).name().as_str()))
        .collect();
    schema
        .project(&kept)
        .map(Into::into)
        .map_err(|e| AnalysisError::read(path, e))
}

/// Counts a file's row groups from its footer.
pub(crate) fn row_groups(path: &Utf8Path) -> Result<usize, AnalysisError> {
    Ok(metadata(path)?.metadata().num_row_groups())
}

/// Counts a file's rows from its footer.
pub(crate) fn row_count(path: &Utf8Path) -> Result<u64, AnalysisError> {
    let rows = metadata(path)?.metadata().file_metadata().num_rows();
    Ok(rows.max(0) as u64)
}

fn metadata(path: &Utf8Path) -> Result<ArrowReaderMetadata, AnalysisError> {
    let file = File::open(path).map_err(|e| AnalysisError::read(path, e))?;
    ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        .map_err(|e| AnalysisError::read(path, e))
}
