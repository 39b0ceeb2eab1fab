//! A query's rows, for people and for other programs.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use camino::Utf8Path;

use crate::AnalysisError;
use crate::write::TableWriter;

/// How rows leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowsOut {
    /// Columns side by side.
    Table,
    /// One JSON array of objects.
    Json,
    /// Comma-separated, with a header (RFC 4180).
    Csv,
    /// A Parquet file.
    Parquet,
}

impl RowsOut {
    /// Gives the rows as text; Parquet, which is none, gives them as a table.
    ///
    /// # Errors
    /// A column's type has no such form.
    pub fn text(
        self,
        schema: &SchemaRef,
        batches: &[RecordBatch],
    ) -> Result<String, AnalysisError> {
        let failed = |e: arrow::error::ArrowError| AnalysisError::write("standard output", e);
        let mut out = Vec::new();
        match self {
            Self::Table | Self::Parquet => {
                let mut batches = batches.to_vec();
                if batches.is_empty() {
                    batches.push(RecordBatch::new_empty(schema.clone()));
                }
                let table = arrow::util::pretty::pretty_format_batches(&batches).map_err(failed)?;
                return Ok(format!("{table}\n"));
            }
            Self::Json => {
                let mut writer = arrow::json::ArrayWriter::new(&mut out);
                for batch in batches {
                    writer.write(batch).map_err(failed)?;
                }
                writer.finish().map_err(failed)?;
                if out.is_empty() {
                    out.extend_from_slice(b"[]");
                }
                out.push(b'\n');
            }
            Self::Csv => {
                let mut writer = arrow::csv::WriterBuilder::new()
                    .with_header(true)
                    .build(&mut out);
                for batch in batches {
                    writer.write(batch).map_err(failed)?;
                }
                if batches.is_empty() {
                    writer
                        .write(&RecordBatch::new_empty(schema.clone()))
                        .map_err(failed)?;
                }
            }
        }
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// Writes the rows to a file.
    ///
    /// # Errors
    /// The file cannot be written, or a column's type has no such form.
    pub fn write(
        self,
        path: &Utf8Path,
        schema: &SchemaRef,
        batches: &[RecordBatch],
    ) -> Result<(), AnalysisError> {
        if self == Self::Parquet {
            let mut writer = TableWriter::create(path, schema.clone())?;
            for batch in batches {
                writer.write(batch.clone())?;
            }
            return writer.finish().map(drop);
        }
        std::fs::write(path, self.text(schema, batches)?).map_err(|e| AnalysisError::write(path, e))
    }
}
