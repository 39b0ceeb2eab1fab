//! A query's rows, for people and for other programs.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::csv;
use arrow::datatypes::SchemaRef;
use arrow::json;
use camino::{Utf8Path, Utf8PathBuf};
use parquet::arrow::ArrowWriter;

use crate::AnalysisError;
use crate::engine::RowTaker;
use crate::write::writer_properties;

/// How rows leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowsOut {
    /// Columns side by side; of very many rows the first.
    Table,
    /// One JSON array of objects.
    Json,
    /// Comma-separated, with a header (RFC 4180).
    Csv,
    /// A Parquet file.
    Parquet,
}

/// Rows that a table shows; more is for programs, not for people.
const TABLE_ROWS: usize = 10_000;

/// Writes rows in one of the forms, as they come.
pub struct RowWriter<W: Write + Send> {
    path: Utf8PathBuf,
    form: Form<W>,
    /// Rows taken, written or not.
    rows: usize,
}

enum Form<W: Write + Send> {
    NotStarted(RowsOut, W),
    Table(W, Vec<RecordBatch>),
    Json(json::ArrayWriter<W>),
    Csv(csv::Writer<W>),
    Parquet(ArrowWriter<W>),
    Gone,
}

impl<W: Write + Send> RowWriter<W> {
    /// Writes to `to`, which errors call `path`.
    pub fn new(form: RowsOut, to: W, path: &Utf8Path) -> Self {
        Self {
            path: path.to_owned(),
            form: Form::NotStarted(form, to),
            rows: 0,
        }
    }

    /// Writes what is left; gives how many rows were taken and how many of them a table left out.
    ///
    /// # Errors
    /// The rest cannot be written.
    pub fn finish(self) -> Result<(usize, usize), AnalysisError> {
        let failed =
            |e: Box<dyn std::error::Error + Send + Sync>| AnalysisError::write(&self.path, e);
        match self.form {
            Form::NotStarted(..) | Form::Gone => {}
            Form::Table(mut to, batches) => {
                let table = arrow::util::pretty::pretty_format_batches(&batches)
                    .map_err(|e| failed(e.into()))?;
                writeln!(to, "{table}").map_err(|e| failed(e.into()))?;
                return Ok((self.rows, self.rows.saturating_sub(TABLE_ROWS)));
            }
            Form::Json(mut writer) => {
                writer.finish().map_err(|e| failed(e.into()))?;
                let mut to = writer.into_inner();
                writeln!(to)
                    .and_then(|()| to.flush())
                    .map_err(|e| failed(e.into()))?;
            }
            Form::Csv(writer) => {
                writer.into_inner().flush().map_err(|e| failed(e.into()))?;
            }
            Form::Parquet(writer) => writer.close().map(drop).map_err(|e| failed(e.into()))?,
        }
        Ok((self.rows, 0))
    }
}

impl<W: Write + Send> RowTaker for RowWriter<W> {
    fn start(&mut self, schema: &SchemaRef) -> Result<(), AnalysisError> {
        let form = std::mem::replace(&mut self.form, Form::Gone);
        let Form::NotStarted(form, to) = form else {
            self.form = form;
            return Ok(());
        };
        let empty = RecordBatch::new_empty(schema.clone());
        let wrong =
            |e: Box<dyn std::error::Error + Send + Sync>| AnalysisError::write(&self.path, e);
        self.form = match form {
            RowsOut::Table => Form::Table(to, vec![empty]),
            RowsOut::Json => {
                let writer = json::WriterBuilder::new().build::<W, json::writer::JsonArray>(to);
                Form::Json(writer)
            }
            RowsOut::Csv => {
                let mut writer = csv::WriterBuilder::new().with_header(true).build(to);
                writer.write(&empty).map_err(|e| wrong(e.into()))?;
                Form::Csv(writer)
            }
            RowsOut::Parquet => Form::Parquet(
                ArrowWriter::try_new(to, schema.clone(), Some(writer_properties()))
                    .map_err(|e| wrong(e.into()))?,
            ),
        };
        Ok(())
    }

    fn take(&mut self, rows: &RecordBatch) -> Result<(), AnalysisError> {
        let failed =
            |e: Box<dyn std::error::Error + Send + Sync>| AnalysisError::write(&self.path, e);
        match &mut self.form {
            Form::Table(_, batches) => {
                let room = TABLE_ROWS.saturating_sub(self.rows);
                if room > 0 {
                    batches.push(rows.slice(0, room.min(rows.num_rows())));
                }
            }
            Form::Json(writer) => writer.write(rows).map_err(|e| failed(e.into()))?,
            Form::Csv(writer) => writer.write(rows).map_err(|e| failed(e.into()))?,
            Form::Parquet(writer) => writer.write(rows).map_err(|e| failed(e.into()))?,
            Form::NotStarted(..) | Form::Gone => {}
        }
        self.rows += rows.num_rows();
        Ok(())
    }
}
