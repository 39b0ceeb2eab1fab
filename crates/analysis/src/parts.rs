//! Reading a table's parts, column by column.

use std::fs::File;

use arrow::array::{
    Array, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array,
    UInt64Array,
};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType, UInt32Type, UInt64Type};
use camino::{Utf8Path, Utf8PathBuf};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

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

    pub(crate) fn flag(
        &self,
        column: &'static str,
    ) -> Result<&arrow::array::BooleanArray, AnalysisError> {
        self.array(column)?
            .as_boolean_opt()
            .ok_or_else(|| self.wrong(column))
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

/// Counts a file's rows from its footer.
pub(crate) fn row_count(path: &Utf8Path) -> Result<u64, AnalysisError> {
    let file = File::open(path).map_err(|e| AnalysisError::read(path, e))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| AnalysisError::read(path, e))?;
    Ok(builder.metadata().file_metadata().num_rows().max(0) as u64)
}
