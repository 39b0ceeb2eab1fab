//! Parts: Parquet files of a fixed span of rows.

use std::fs::File;
use std::io;

use arrow_array::RecordBatch;
use camino::{Utf8Path, Utf8PathBuf};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use unspoof_columns::TableFile;
use unspoof_model::schema::{ColumnType, PROVENANCE, TABLES_FORMAT, Table};

use crate::part_columns::PartColumns;

/// Rows of the source that one part spans, rejects included: part `k` holds the rows whose
/// `row_no` lies in `(k·N, (k+1)·N]`. Fixed, so that the same exhibit gives the same files.
pub const PART_ROWS: u64 = 131_072;

/// Says why a part could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PartError {
    #[error("could not write `{path}`")]
    Io {
        path: Utf8PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("could not write `{path}`")]
    Parquet {
        path: Utf8PathBuf,
        #[source]
        source: ParquetError,
    },
}

/// What is stamped into every part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stamp {
    pub(crate) exhibit_sha256: String,
    pub(crate) mapping: String,
}

fn properties(table: &Table, stamp: &Stamp) -> WriterProperties {
    let pair = |key: &str, value: String| KeyValue::new(format!("unspoof.{key}"), value);
    let mut built = WriterProperties::builder()
        .set_compression(Compression::ZSTD(
            ZstdLevel::try_new(1).expect("zstd has a level 1"),
        ))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(PART_ROWS as usize))
        .set_dictionary_enabled(false)
        .set_key_value_metadata(Some(vec![
            pair("tables_format", TABLES_FORMAT.to_string()),
            pair("table", table.name.to_owned()),
            pair("exhibit_sha256", stamp.exhibit_sha256.clone()),
            pair("mapping", stamp.mapping.clone()),
            pair(
                "numbers_metadata",
                unspoof_numbers::METADATA_VERSION.to_owned(),
            ),
        ]));
    for column in table.columns.iter().chain(PROVENANCE) {
        let path = || ColumnPath::from(column.name);
        if column.kind == ColumnType::Text {
            // Texts' least and greatest cost a comparison a value and prune next to nothing.
            built = built.set_column_statistics_enabled(path(), EnabledStatistics::None);
        }
        built = match column.kind {
            ColumnType::Text if follows_the_last(column.name) => {
                built.set_column_encoding(path(), Encoding::DELTA_BYTE_ARRAY)
            }
            ColumnType::Text => {
                built.set_column_encoding(path(), Encoding::DELTA_LENGTH_BYTE_ARRAY)
            }
            // What is packed to its bits has nothing left to compress.
            ColumnType::E164 | ColumnType::Int | ColumnType::SmallCount | ColumnType::Count => {
                built
                    .set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED)
                    .set_column_compression(path(), Compression::UNCOMPRESSED)
            }
            // Whole seconds in microseconds are not.
            ColumnType::Time => built.set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED),
            ColumnType::Money => built,
        };
    }
    built.build()
}

/// Tells texts that mostly begin as the row before: ids that count up, and times.
fn follows_the_last(column: &str) -> bool {
    const NAMES: [&str; 2] = ["call_id", "leg_id"];
    const ENDINGS: [&str; 3] = ["started_raw", "answered_raw", "at_raw"];
    NAMES.contains(&column) || ENDINGS.iter().any(|ending| column.ends_with(ending))
}

/// Tells columns whose values repeat so much that they are kept as codes.
fn few_values(column: &str) -> bool {
    const ENDINGS: [&str; 5] = ["_status", "_region", "_type", "_kind", "_readings"];
    const NAMES: [&str; 25] = [
        "source",
        "exhibit",
        "leg",
        "kind",
        "code_captured",
        "disposition",
        "role",
        "plan",
        "method",
        "currency",
        "value_currency",
        "loss_currency",
        "refunded_currency",
        "recovered_currency",
        "organisation",
        "bank",
        "trunk",
        "table",
        "code",
        "account_id",
        "presented_raw",
        "presented_e164",
        "duration_raw",
        "user_agent",
        "device",
    ];
    NAMES.contains(&column) || ENDINGS.iter().any(|ending| column.ends_with(ending))
}

/// A part that is being written. It stands under a temporary name until it is whole.
pub(crate) struct PartWriter {
    path: Utf8PathBuf,
    unfinished: Utf8PathBuf,
    file: TableFile<File>,
    /// Its columns, to be filled.
    pub(crate) columns: PartColumns,
}

impl PartWriter {
    pub(crate) fn create(path: &Utf8Path, table: &Table, stamp: &Stamp) -> Result<Self, PartError> {
        let unfinished = Utf8PathBuf::from(format!("{path}.unfinished"));
        let io_error = |source| PartError::Io {
            path: path.to_owned(),
            source,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(io_error)?;
        }
        let file = File::create(&unfinished).map_err(io_error)?;
        let columns = table.columns.iter().chain(PROVENANCE);
        let coded: Vec<&str> = columns.map(|c| c.name).filter(|c| few_values(c)).collect();
        let schema = table.arrow();
        let parquet_error = |source| PartError::Parquet {
            path: path.to_owned(),
            source,
        };
        let file = TableFile::create(file, schema.clone(), properties(table, stamp), &coded)
            .map_err(parquet_error)?;
        let group = file.groups().start().map_err(parquet_error)?;
        Ok(Self {
            path: path.to_owned(),
            unfinished,
            file,
            columns: PartColumns::new(schema, group),
        })
    }

    /// Says what the part is of an error in its columns.
    pub(crate) fn error(&self, source: ParquetError) -> PartError {
        PartError::Parquet {
            path: self.path.clone(),
            source,
        }
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), PartError> {
        self.columns.write(batch).map_err(|e| self.error(e))
    }

    /// Closes the file, brings it to the disk, and gives it its name; gives its rows.
    pub(crate) fn finish(self) -> Result<u64, PartError> {
        let Self {
            path,
            unfinished,
            mut file,
            columns,
        } = self;
        let rows = columns.rows();
        let write = || {
            if rows > 0 {
                file.append(columns.into_group().finish()?)?;
            }
            file.finish()
        };
        if let Err(source) = write() {
            return Err(PartError::Parquet { path, source });
        }
        file.inner()
            .sync_data()
            .and_then(|()| std::fs::rename(&unfinished, &path))
            .map_err(|source| PartError::Io { path, source })?;
        Ok(rows as u64)
    }
}
