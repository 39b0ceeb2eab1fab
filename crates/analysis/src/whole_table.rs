//! A derived table that is small enough to be made at once, column by column.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use camino::Utf8Path;

use crate::AnalysisError;
use crate::accounts::Place;
use crate::write::TableWriter;

/// A table in the making; all columns have as many values as it has rows.
pub(crate) struct WholeTable<'a, R> {
    rows: &'a [R],
    fields: Vec<Field>,
    columns: Vec<ArrayRef>,
}

impl<'a, R> WholeTable<'a, R> {
    pub(crate) fn of(rows: &'a [R]) -> Self {
        Self {
            rows,
            fields: Vec::new(),
            columns: Vec::new(),
        }
    }

    fn column(mut self, name: &str, kind: DataType, column: ArrayRef) -> Self {
        self.fields.push(Field::new(name, kind, true));
        self.columns.push(column);
        self
    }

    pub(crate) fn text<'t>(self, name: &str, of: impl Fn(&'a R) -> Option<&'t str>) -> Self
    where
        'a: 't,
    {
        let column: StringArray = self.rows.iter().map(of).collect();
        self.column(name, DataType::Utf8, Arc::new(column))
    }

    pub(crate) fn int(self, name: &str, of: impl Fn(&'a R) -> Option<i64>) -> Self {
        let column: Int64Array = self.rows.iter().map(of).collect();
        self.column(name, DataType::Int64, Arc::new(column))
    }

    pub(crate) fn small(self, name: &str, of: impl Fn(&'a R) -> Option<u32>) -> Self {
        let column: UInt32Array = self.rows.iter().map(of).collect();
        self.column(name, DataType::UInt32, Arc::new(column))
    }

    pub(crate) fn count(self, name: &str, of: impl Fn(&'a R) -> Option<u64>) -> Self {
        let column: UInt64Array = self.rows.iter().map(of).collect();
        self.column(name, DataType::UInt64, Arc::new(column))
    }

    pub(crate) fn flag(self, name: &str, of: impl Fn(&'a R) -> Option<bool>) -> Self {
        let column: BooleanArray = self.rows.iter().map(of).collect();
        self.column(name, DataType::Boolean, Arc::new(column))
    }

    /// Bits of evidence, to the hundredth: no result hangs on more.
    pub(crate) fn bits(self, name: &str, of: impl Fn(&'a R) -> Option<f64>) -> Self {
        let rounded = |bits: f64| (bits * 100.0).round() / 100.0;
        let column: Float64Array = self.rows.iter().map(|row| of(row).map(rounded)).collect();
        self.column(name, DataType::Float64, Arc::new(column))
    }

    pub(crate) fn time(self, name: &str, of: impl Fn(&'a R) -> Option<i64>) -> Self {
        let column: TimestampMicrosecondArray = self.rows.iter().map(of).collect();
        let kind = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        self.column(name, kind, Arc::new(column.with_timezone("UTC")))
    }

    /// A row's place: exhibit, stream, offset and length, each name with `before` in front.
    pub(crate) fn place(
        self,
        before: &str,
        of: impl Fn(&'a R) -> Option<&'a Place> + Copy,
    ) -> Self {
        let name = |end: &str| format!("{before}{end}");
        self.text(&name("exhibit"), |row| of(row).map(|place| &*place.exhibit))
            .small(&name("stream"), |row| of(row).map(|place| place.stream))
            .count(&name("byte_offset"), |row| {
                of(row).map(|place| place.byte_offset)
            })
            .small(&name("byte_len"), |row| of(row).map(|place| place.byte_len))
    }

    /// Makes the rows one batch.
    pub(crate) fn batch(self) -> RecordBatch {
        RecordBatch::try_new(Arc::new(Schema::new(self.fields)), self.columns)
            .expect("each column was made of the same rows, by its own type")
    }

    /// Writes the table in the order of its rows.
    pub(crate) fn write(self, path: &Utf8Path) -> Result<(), AnalysisError> {
        let batch = self.batch();
        let mut writer = TableWriter::create(path, batch.schema())?;
        writer.write(batch)?;
        writer.finish().map(drop)
    }
}
