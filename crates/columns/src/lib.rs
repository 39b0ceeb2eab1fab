//! Parquet files whose repeated values are written as the codes they were read as.
//!
//! Most columns of a case hold few different texts: statuses, regions, kinds of line, accounts,
//! numbers that are shown. A general writer takes each value as bytes and looks it up in a
//! dictionary again, which was a third of what it cost to bring a row to the disk. Whoever fills the
//! column mostly knows the value before: here it hands over the code.
//!
//! ```text
//! TextCodes ┐
//! IntCodes  ┼─ GroupWriter ─finish→ Group ─append→ TableFile ─finish→ a Parquet file
//! ArrayRef  ┘
//! ```
//!
//! What comes out is plain Parquet (format 1, data pages v1): a dictionary page, then pages of
//! `RLE_DICTIONARY` codes. Everything else about the file is the `parquet` crate's own work. A
//! column that turns out to hold too many texts for a dictionary is written without one.
//!
//! The bytes follow from the values, their order and the cut into row groups alone.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use arrow_schema::{DataType, Field, Schema};
//! use unspoof_columns::{GroupColumn, TableFile};
//! use parquet::file::properties::WriterProperties;
//!
//! let schema = Arc::new(Schema::new(vec![Field::new("status", DataType::Utf8, true)]));
//! let properties = WriterProperties::builder().build();
//! let mut file = TableFile::create(Vec::new(), schema, properties, &["status"])?;
//! let mut group = file.groups().start()?;
//! if let GroupColumn::Texts(codes) = group.column(0) {
//!     for _ in 0..1000 {
//!         codes.push_word("valid");
//!     }
//!     codes.push_nulls(24);
//! }
//! file.append(group.finish()?)?;
//! file.finish()?;
//! assert!(file.inner().len() < 600);
//! # Ok::<(), parquet::errors::ParquetError>(())
//! ```

mod chunk;
mod codes;
mod file;
mod hybrid;

pub use codes::{IntCodes, Mark, TextCodes};
pub use file::{Group, GroupColumn, GroupWriter, Groups, TableFile};
