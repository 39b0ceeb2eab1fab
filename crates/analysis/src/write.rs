//! Derived tables to Parquet: fixed row groups, no clock, no thread's whim.

use std::fs::File;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use camino::{Utf8Path, Utf8PathBuf};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::AnalysisError;

/// Rows that are encoded at a time. The engine cuts its batches by threads and memory, and pages
/// follow batches; cutting anew keeps the file's bytes the same whatever the engine did.
const ROWS_AT_A_TIME: usize = 65_536;

pub(crate) fn writer_properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(
            ZstdLevel::try_new(1).expect("zstd has a level 1"),
        ))
        .set_max_row_group_row_count(Some(ROWS_AT_A_TIME * 16))
        .build()
}

/// Writes one derived table.
pub(crate) struct TableWriter {
    path: Utf8PathBuf,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    pub(crate) rows: u64,
}

impl TableWriter {
    pub(crate) fn create(path: &Utf8Path, schema: SchemaRef) -> Result<Self, AnalysisError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| AnalysisError::write(folder, e))?;
        }
        let file = File::create(path).map_err(|e| AnalysisError::write(path, e))?;
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(writer_properties()))
            .map_err(|e| AnalysisError::write(path, e))?;
        let path = path.to_owned();
        Ok(Self {
            path,
            schema,
            writer,
            waiting: Vec::new(),
            waiting_rows: 0,
            rows: 0,
        })
    }

    pub(crate) fn write(&mut self, batch: RecordBatch) -> Result<(), AnalysisError> {
        self.rows += batch.num_rows() as u64;
        self.waiting_rows += batch.num_rows();
        self.waiting.push(batch);
        if self.waiting_rows >= ROWS_AT_A_TIME {
            self.flush(false)
        } else {
            Ok(())
        }
    }

    fn flush(&mut self, all: bool) -> Result<(), AnalysisError> {
        let wrong = |e| AnalysisError::write(&self.path, e);
        let whole = concat_batches(&self.schema, &self.waiting).map_err(wrong)?;
        self.waiting.clear();
        let mut at = 0;
        while whole.num_rows() - at >= ROWS_AT_A_TIME || (all && at < whole.num_rows()) {
            let rows = ROWS_AT_A_TIME.min(whole.num_rows() - at);
            self.writer
                .write(&whole.slice(at, rows))
                .map_err(|e| AnalysisError::write(&self.path, e))?;
            at += rows;
        }
        self.waiting_rows = whole.num_rows() - at;
        if self.waiting_rows > 0 {
            self.waiting.push(whole.slice(at, self.waiting_rows));
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<u64, AnalysisError> {
        self.flush(true)?;
        let Self {
            path, writer, rows, ..
        } = self;
        writer.close().map_err(|e| AnalysisError::write(&path, e))?;
        Ok(rows)
    }
}
