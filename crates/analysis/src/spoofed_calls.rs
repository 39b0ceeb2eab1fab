//! `derived/spoofed_calls.parquet`: one row a counted call leg and organisation whose number it
//! showed; a leg that showed nobody's listed number has one row without an organisation.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, BooleanBufferBuilder, Int64Builder, RecordBatch, StringArray,
    StringBuilder, TimestampMicrosecondBuilder, UInt32Array, UInt32Builder, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

pub(crate) fn spoofed_calls_schema() -> SchemaRef {
    let field = |name: &str, kind: DataType, null: bool| Field::new(name, kind, null);
    let time = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    Arc::new(Schema::new(vec![
        field("source", DataType::Utf8, false),
        field("exhibit", DataType::Utf8, false),
        field("stream", DataType::UInt32, false),
        field("byte_offset", DataType::UInt64, false),
        field("byte_len", DataType::UInt32, false),
        field("leg", DataType::Utf8, true),
        field("account_no", DataType::UInt32, true),
        field("started_utc", time(), true),
        field("called_e164", DataType::Int64, true),
        field("called_region", DataType::Utf8, true),
        field("called_type", DataType::Utf8, true),
        field("called_allocation", DataType::Utf8, true),
        field("presented_e164", DataType::Int64, true),
        field("presented_allocation", DataType::Utf8, true),
        field("attempt", DataType::Boolean, false),
        field("test", DataType::Boolean, false),
        field("home", DataType::Boolean, false),
        field("answered", DataType::Boolean, false),
        field("talk_s", DataType::Int64, true),
        field("talk_known", DataType::Boolean, false),
        field("code", DataType::Boolean, false),
        field("engaged", DataType::Boolean, false),
        field("priority", DataType::Boolean, false),
        field("organisation_no", DataType::UInt32, true),
        field("match_no", DataType::UInt32, false),
    ]))
}

pub(crate) fn writer_properties() -> WriterProperties {
    let mut built = WriterProperties::builder()
        .set_compression(Compression::ZSTD(
            ZstdLevel::try_new(1).expect("zstd has a level 1"),
        ))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_max_row_group_row_count(Some(usize::MAX))
        .set_dictionary_enabled(true);
    for column in [
        "stream",
        "byte_offset",
        "byte_len",
        "account_no",
        "started_utc",
        "talk_s",
        "organisation_no",
        "match_no",
    ] {
        let path = ColumnPath::from(column);
        built = built
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    for column in ["byte_offset", "started_utc"] {
        let path = ColumnPath::from(column);
        built = built.set_column_statistics_enabled(path, EnabledStatistics::Chunk);
    }
    built
        .set_column_dictionary_enabled(ColumnPath::from("called_e164"), false)
        .build()
}

/// One leg as it was judged, without its organisations.
pub(crate) struct SpoofedCall<'a> {
    pub(crate) leg: &'a str,
    pub(crate) account_no: Option<u32>,
    pub(crate) started_us: Option<i64>,
    pub(crate) called: Option<i64>,
    pub(crate) region: Option<&'a str>,
    pub(crate) called_type: Option<&'a str>,
    pub(crate) called_allocation: Option<&'static str>,
    pub(crate) shown: Option<i64>,
    pub(crate) shown_allocation: Option<&'static str>,
    pub(crate) attempt: bool,
    pub(crate) is_test: bool,
    pub(crate) home: bool,
    pub(crate) answered: bool,
    pub(crate) talk_s: Option<i64>,
    pub(crate) is_talk: bool,
    pub(crate) code: bool,
    pub(crate) engaged: bool,
    pub(crate) priority: bool,
    pub(crate) place: (u32, u64, u32),
}

/// Columns of the batch that is being made, in the schema's order from `stream` on.
pub(crate) struct SpoofedCalls<'a> {
    streams: Vec<u32>,
    offsets: Vec<u64>,
    lens: Vec<u32>,
    legs: Vec<&'a str>,
    accounts: UInt32Builder,
    started: TimestampMicrosecondBuilder,
    called: Int64Builder,
    regions: StringBuilder,
    types: StringBuilder,
    called_allocations: StringBuilder,
    shown: Int64Builder,
    shown_allocations: StringBuilder,
    flags: [BooleanBufferBuilder; 8],
    talk: Int64Builder,
    organisations: UInt32Builder,
    matches: Vec<u32>,
}

impl<'a> SpoofedCalls<'a> {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self {
            streams: Vec::with_capacity(rows),
            offsets: Vec::with_capacity(rows),
            lens: Vec::with_capacity(rows),
            legs: Vec::with_capacity(rows),
            accounts: UInt32Builder::with_capacity(rows),
            started: TimestampMicrosecondBuilder::with_capacity(rows),
            called: Int64Builder::with_capacity(rows),
            regions: StringBuilder::with_capacity(rows, rows * 2),
            types: StringBuilder::with_capacity(rows, rows * 12),
            called_allocations: StringBuilder::with_capacity(rows, 0),
            shown_allocations: StringBuilder::with_capacity(rows, 0),
            shown: Int64Builder::with_capacity(rows),
            flags: std::array::from_fn(|_| BooleanBufferBuilder::new(rows)),
            talk: Int64Builder::with_capacity(rows),
            organisations: UInt32Builder::with_capacity(rows),
            matches: Vec::with_capacity(rows),
        }
    }

    pub(crate) fn push(&mut self, leg: &SpoofedCall<'a>, organisation: Option<u32>, match_no: u32) {
        self.streams.push(leg.place.0);
        self.offsets.push(leg.place.1);
        self.lens.push(leg.place.2);
        self.legs.push(leg.leg);
        self.accounts.append_option(leg.account_no);
        self.started.append_option(leg.started_us);
        self.called.append_option(leg.called);
        self.regions.append_option(leg.region);
        self.types.append_option(leg.called_type);
        self.called_allocations.append_option(leg.called_allocation);
        self.shown.append_option(leg.shown);
        self.shown_allocations.append_option(leg.shown_allocation);
        let flags = [
            leg.attempt,
            leg.is_test,
            leg.home,
            leg.answered,
            leg.is_talk,
            leg.code,
            leg.engaged,
            leg.priority,
        ];
        for (column, flag) in self.flags.iter_mut().zip(flags) {
            column.append(flag);
        }
        self.talk.append_option(leg.talk_s);
        self.organisations.append_option(organisation);
        self.matches.push(match_no);
    }

    pub(crate) fn finish(mut self, source: &str, exhibit: &str) -> RecordBatch {
        let rows = self.offsets.len();
        let repeated = |text: &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(
                text, rows,
            )))
        };
        let [
            attempt,
            is_test,
            home,
            answered,
            is_talk,
            code,
            engaged,
            priority,
        ] = self
            .flags
            .map(|mut flags| Arc::new(BooleanArray::new(flags.finish(), None)) as ArrayRef);
        let columns: Vec<ArrayRef> = vec![
            repeated(source),
            repeated(exhibit),
            Arc::new(UInt32Array::from(self.streams)),
            Arc::new(UInt64Array::from(self.offsets)),
            Arc::new(UInt32Array::from(self.lens)),
            Arc::new(StringArray::from_iter_values(self.legs)),
            Arc::new(self.accounts.finish()),
            Arc::new(self.started.finish().with_timezone("UTC")),
            Arc::new(self.called.finish()),
            Arc::new(self.regions.finish()),
            Arc::new(self.types.finish()),
            Arc::new(self.called_allocations.finish()),
            Arc::new(self.shown.finish()),
            Arc::new(self.shown_allocations.finish()),
            attempt,
            is_test,
            home,
            answered,
            Arc::new(self.talk.finish()),
            is_talk,
            code,
            engaged,
            priority,
            Arc::new(self.organisations.finish()),
            Arc::new(UInt32Array::from(self.matches)),
        ];
        RecordBatch::try_new(spoofed_calls_schema(), columns)
            .expect("each column was made by its type in the schema")
    }
}
