//! `derived/spoofed_calls.parquet`: one row a counted call leg and organisation whose number it
//! showed; a leg that showed nobody's listed number has one row without an organisation.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, BooleanBufferBuilder, Int64Builder, TimestampMicrosecondBuilder,
    UInt32Array, UInt32Builder, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use unspoof_columns::{Group, GroupColumn, Groups, IntCodes, TextCodes};

/// Columns of few values, which are written as codes.
pub(crate) const CODED: [&str; 8] = [
    "source",
    "exhibit",
    "leg",
    "called_region",
    "called_type",
    "called_allocation",
    "presented_e164",
    "presented_allocation",
];

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
        .set_dictionary_enabled(false);
    // Numbers that are packed to their bits have nothing left to compress; a time's whole seconds
    // in microseconds do.
    for column in [
        "stream",
        "byte_offset",
        "byte_len",
        "account_no",
        "started_utc",
        "called_e164",
        "talk_s",
        "organisation_no",
        "match_no",
    ] {
        let path = ColumnPath::from(column);
        built = built.set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED);
        if column != "started_utc" {
            built = built.set_column_compression(path, Compression::UNCOMPRESSED);
        }
    }
    for column in ["byte_offset", "started_utc"] {
        let path = ColumnPath::from(column);
        built = built.set_column_statistics_enabled(path, EnabledStatistics::Chunk);
    }
    built.build()
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
pub(crate) struct SpoofedCalls {
    streams: Vec<u32>,
    offsets: Vec<u64>,
    lens: Vec<u32>,
    legs: TextCodes,
    accounts: UInt32Builder,
    started: TimestampMicrosecondBuilder,
    called: Int64Builder,
    regions: TextCodes,
    types: TextCodes,
    called_allocations: TextCodes,
    shown: IntCodes,
    shown_allocations: TextCodes,
    flags: [BooleanBufferBuilder; 8],
    talk: Int64Builder,
    organisations: UInt32Builder,
    matches: Vec<u32>,
}

impl SpoofedCalls {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self {
            streams: Vec::with_capacity(rows),
            offsets: Vec::with_capacity(rows),
            lens: Vec::with_capacity(rows),
            legs: TextCodes::default(),
            accounts: UInt32Builder::with_capacity(rows),
            started: TimestampMicrosecondBuilder::with_capacity(rows),
            called: Int64Builder::with_capacity(rows),
            regions: TextCodes::default(),
            types: TextCodes::default(),
            called_allocations: TextCodes::default(),
            shown_allocations: TextCodes::default(),
            shown: IntCodes::default(),
            flags: std::array::from_fn(|_| BooleanBufferBuilder::new(rows)),
            talk: Int64Builder::with_capacity(rows),
            organisations: UInt32Builder::with_capacity(rows),
            matches: Vec::with_capacity(rows),
        }
    }

    pub(crate) fn push(&mut self, leg: &SpoofedCall<'_>, organisation: Option<u32>, match_no: u32) {
        self.streams.push(leg.place.0);
        self.offsets.push(leg.place.1);
        self.lens.push(leg.place.2);
        self.legs.push(leg.leg.as_bytes());
        self.accounts.append_option(leg.account_no);
        self.started.append_option(leg.started_us);
        self.called.append_option(leg.called);
        for (column, text) in [
            (&mut self.regions, leg.region),
            (&mut self.types, leg.called_type),
            (&mut self.called_allocations, leg.called_allocation),
            (&mut self.shown_allocations, leg.shown_allocation),
        ] {
            match text {
                Some(text) => {
                    column.push(text.as_bytes());
                }
                None => column.push_nulls(1),
            }
        }
        match leg.shown {
            Some(number) => self.shown.push(number),
            None => self.shown.push_nulls(1),
        }
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

    /// Makes the row group of one part, or none where no row counts.
    pub(crate) fn finish(
        mut self,
        groups: &Groups,
        source: &str,
        exhibit: &str,
    ) -> Result<Option<Group>, ParquetError> {
        let rows = self.offsets.len();
        if rows == 0 {
            return Ok(None);
        }
        let repeated = |text: &str| {
            let mut codes = TextCodes::default();
            codes.push_repeated(text.as_bytes(), rows);
            GroupColumn::Texts(codes)
        };
        let array = |array: ArrayRef| Filled::Array(array);
        let texts = |codes: TextCodes| Filled::Codes(GroupColumn::Texts(codes));
        let mut columns = vec![
            Filled::Codes(repeated(source)),
            Filled::Codes(repeated(exhibit)),
            array(Arc::new(UInt32Array::from(self.streams))),
            array(Arc::new(UInt64Array::from(self.offsets))),
            array(Arc::new(UInt32Array::from(self.lens))),
            texts(self.legs),
            array(Arc::new(self.accounts.finish())),
            array(Arc::new(self.started.finish().with_timezone("UTC"))),
            array(Arc::new(self.called.finish())),
            texts(self.regions),
            texts(self.types),
            texts(self.called_allocations),
            Filled::Codes(GroupColumn::Ints(self.shown)),
            texts(self.shown_allocations),
        ];
        let flags = self
            .flags
            .map(|mut flags| array(Arc::new(BooleanArray::new(flags.finish(), None))));
        let talk = array(Arc::new(self.talk.finish()));
        let [
            attempt,
            is_test,
            home,
            answered,
            is_talk,
            code,
            engaged,
            priority,
        ] = flags;
        columns.extend([attempt, is_test, home, answered, talk]);
        columns.extend([is_talk, code, engaged, priority]);
        columns.push(array(Arc::new(self.organisations.finish())));
        columns.push(array(Arc::new(UInt32Array::from(self.matches))));
        let mut group = groups.start()?;
        for (place, column) in columns.into_iter().enumerate() {
            match column {
                Filled::Codes(codes) => *group.column(place) = codes,
                Filled::Array(array) => group.write(place, &array)?,
            }
        }
        group.finish().map(Some)
    }
}

/// A column that is whole.
enum Filled {
    Codes(GroupColumn),
    Array(ArrayRef),
}
