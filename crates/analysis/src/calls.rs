//! Calls as facts: which count, which were engaged, and as whom they posed.
//!
//! Makes `derived/spoofed_calls.parquet`: one row a counted call leg and organisation whose number
//! it showed; a leg that showed nobody's listed number has one row without an organisation.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, BooleanBufferBuilder, Int64Builder, RecordBatch, StringArray,
    StringBuilder, TimestampMicrosecondBuilder, UInt32Array, UInt32Builder, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use camino::Utf8Path;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use unspoof_model::Region;
use unspoof_model::config::Engaged;
use unspoof_numbers::PhoneNumber;
use unspoof_numbers::blocks::Blocks;

use crate::AnalysisError;
use crate::accounts::Accounts;
use crate::call_facts::{CallFact, CallFacts, Run, RunWriter};
use crate::call_sets::{JudgedCall, PlaceFacts, PlaceWriter, Places};
use crate::duplicates::{LeftOuts, Numbered, Ordinal, Reason};
use crate::ordered::in_order;
use crate::organisations::Organisations;
use crate::parts::{Columns, read_part_coded};

/// What one version of a call says about whether somebody was reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Reached {
    answered: bool,
    /// Talk time less time on an answering machine, where it is talk time that was recorded.
    talk_s: Option<i64>,
    /// Whether the recorded duration is talk time, readable or not.
    is_talk: bool,
    code: bool,
}

impl Reached {
    /// Two systems' versions of one call: whichever knows more.
    fn or(self, other: Self) -> Self {
        Self {
            answered: self.answered || other.answered,
            talk_s: self.talk_s.max(other.talk_s),
            is_talk: self.is_talk || other.is_talk,
            code: self.code || other.code,
        }
    }

    fn is_engaged(self, rule: &Engaged) -> bool {
        self.answered
            && (self.talk_s.is_some_and(|talk_s| talk_s > rule.over_s)
                || (rule.code_captured && self.code))
    }
}

/// The columns by which [`Reached`] is judged, numbers and words.
const REACHED_NUMBERS: [&str; 2] = ["duration_s", "machine_s"];
const REACHED_WORDS: [&str; 4] = [
    "disposition",
    "answered_status",
    "duration_kind",
    "code_captured",
];

fn reached(columns: &Columns) -> Result<impl Fn(usize) -> Reached + '_, AnalysisError> {
    let said = columns
        .coded("disposition")?
        .judged(None, |word| match word {
            "answered" => Some(true),
            "unknown" => None,
            _ => Some(false),
        });
    let has_answer_time = columns
        .coded("answered_status")?
        .judged(false, |status| matches!(status, "ok" | "gap" | "overlap"));
    let is_talk = columns
        .coded("duration_kind")?
        .judged(false, |kind| kind == "talk");
    let code = columns
        .coded("code_captured")?
        .judged(false, |captured| captured == "yes");
    let (duration, machine) = (columns.int("duration_s")?, columns.int("machine_s")?);
    Ok(move |row: usize| {
        let on_machine = if machine.is_valid(row) {
            machine.value(row).max(0)
        } else {
            0
        };
        let is_talk = is_talk.get(row);
        Reached {
            answered: said.get(row).unwrap_or_else(|| has_answer_time.get(row)),
            talk_s: (is_talk && duration.is_valid(row)).then(|| duration.value(row) - on_machine),
            is_talk,
            code: code.get(row),
        }
    })
}

/// What was counted on the way, for charts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tally {
    /// Call attempts and engaged ones by day (days since 1970 UTC).
    pub(crate) by_day: BTreeMap<i32, (u64, u64)>,
    /// Call attempts and engaged ones by region called.
    pub(crate) by_region: BTreeMap<Option<String>, (u64, u64)>,
    /// Call attempts and engaged ones by organisation shown.
    pub(crate) by_organisation: BTreeMap<u32, (u64, u64)>,
    /// Answered call attempts by talk time: index of [`TALK_BUCKETS_S`].
    pub(crate) by_talk: BTreeMap<usize, u64>,
    /// Rows that were left out, by reason.
    pub(crate) left_out: BTreeMap<&'static str, u64>,
}

/// Lower bounds of the talk-time chart's bars, in seconds.
pub(crate) const TALK_BUCKETS_S: [i64; 9] = [0, 15, 30, 60, 120, 300, 600, 1200, 3600];

impl Tally {
    fn add_day(&mut self, (day, counts): (i32, (u64, u64))) {
        if counts.0 > 0 {
            let sum = self.by_day.entry(day).or_default();
            *sum = (sum.0 + counts.0, sum.1 + counts.1);
        }
    }

    fn add(&mut self, other: Self) {
        let sum = |to: &mut (u64, u64), from: (u64, u64)| *to = (to.0 + from.0, to.1 + from.1);
        for (key, counts) in other.by_day {
            sum(self.by_day.entry(key).or_default(), counts);
        }
        for (key, counts) in other.by_region {
            sum(self.by_region.entry(key).or_default(), counts);
        }
        for (key, counts) in other.by_organisation {
            sum(self.by_organisation.entry(key).or_default(), counts);
        }
        for (key, count) in other.by_talk {
            *self.by_talk.entry(key).or_default() += count;
        }
        for (key, count) in other.left_out {
            *self.left_out.entry(key).or_default() += count;
        }
    }
}

/// All that calls are judged by.
pub(crate) struct CallRules<'a> {
    pub(crate) engaged: &'a Engaged,
    pub(crate) home: &'a [Region],
    pub(crate) organisations: &'a Organisations,
    pub(crate) accounts: &'a Accounts,
    pub(crate) left_out: &'a LeftOuts,
    /// Regulators' lists of number blocks, where the case has any.
    pub(crate) blocks: Option<&'a Blocks>,
}

impl CallRules<'_> {
    /// Asks the regulators' lists for a number on a day; None where none is known to say.
    fn allocation(&self, number: Option<i64>, day: Option<i32>) -> Option<&'static str> {
        let number = PhoneNumber::from_key(u64::try_from(number?).ok()?).ok()?;
        Some(self.blocks?.lookup(number, day?)?.as_str())
    }
}

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

fn writer_properties() -> WriterProperties {
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

/// Kinds of line by their place in a class; 0 stands for none.
const KINDS: [&str; 12] = [
    "",
    "fixed-line",
    "mobile",
    "fixed-line-or-mobile",
    "toll-free",
    "premium-rate",
    "shared-cost",
    "voip",
    "personal",
    "pager",
    "uan",
    "voicemail",
];

/// Puts a number's region and kind of line into one integer, which groups and compares cheaply.
pub(crate) fn class_of(region: Option<&str>, kind: Option<&str>) -> Option<i32> {
    let letters = match region?.as_bytes() {
        [a, b] => i32::from(*a) << 8 | i32::from(*b),
        // Numbers of no country.
        _ => 0,
    };
    let kind = KINDS
        .iter()
        .position(|known| Some(*known) == kind)
        .unwrap_or(0);
    Some(letters << 4 | kind as i32)
}

/// Returns whether a class's lines are mobile.
pub(crate) fn is_mobile(class: i32) -> bool {
    KINDS.get((class & 15) as usize) == Some(&"mobile")
}

/// Undoes [`class_of`].
pub(crate) fn of_class(class: i32) -> (String, Option<&'static str>) {
    let (letters, kind) = (class >> 4, (class & 15) as usize);
    let region = match letters {
        0 => "001".to_owned(),
        letters => [(letters >> 8) as u8, letters as u8]
            .iter()
            .map(|b| char::from(*b))
            .collect(),
    };
    (
        region,
        KINDS.get(kind).copied().filter(|kind| !kind.is_empty()),
    )
}

/// What making the table gave besides the table.
pub(crate) struct CallsMade {
    pub(crate) tally: Tally,
    pub(crate) facts: CallFacts,
    pub(crate) places: PlaceFacts,
}

/// Judges every counted row of `calls` and writes them to `path`, one row group a part. Facts that
/// are read back in other orders go to files in `scratch`.
pub(crate) fn write_spoofed_calls(
    numbered: &Numbered<'_>,
    rules: &CallRules<'_>,
    path: &Utf8Path,
    scratch: &Utf8Path,
    workers: usize,
) -> Result<CallsMade, AnalysisError> {
    let others = other_versions(numbered, rules.left_out)?;
    let file = File::create(path).map_err(|e| AnalysisError::write(path, e))?;
    let mut writer = ArrowWriter::try_new(file, spoofed_calls_schema(), Some(writer_properties()))
        .map_err(|e| AnalysisError::write(path, e))?;
    let mut tally = Tally::default();
    let mut runs = RunWriter::create(&scratch.join("call_facts"))?;
    let mut places = PlaceWriter::create(&scratch.join("place_facts"))?;
    in_order(
        numbered.parts.len(),
        workers,
        |index| judge_part(numbered, index, rules, &others),
        |index, judged| {
            tally.add(judged.tally);
            if judged.batch.num_rows() == 0 {
                return Ok(());
            }
            let (part, _) = numbered.parts[index];
            runs.append(judged.run)?;
            places.append(&part.exhibit, &part.path, &judged.places)?;
            writer
                .write(&judged.batch)
                .and_then(|()| writer.flush())
                .map_err(|e| AnalysisError::write(path, e))
        },
    )?;
    writer.close().map_err(|e| AnalysisError::write(path, e))?;
    Ok(CallsMade {
        tally,
        facts: runs.finish()?,
        places: places.finish()?,
    })
}

/// Gathers what left-out versions of another system say, by the row that counts in their stead.
fn other_versions(
    numbered: &Numbered<'_>,
    left_out: &LeftOuts,
) -> Result<Vec<(Ordinal, Reached)>, AnalysisError> {
    let mut others = Vec::new();
    for (part, first) in &numbered.parts {
        let rows = crate::parts::row_count(&part.path)? as usize;
        let gone = left_out.within(*first, rows);
        if !gone
            .iter()
            .any(|left_out| left_out.reason == Reason::SameCall)
        {
            continue;
        }
        let columns = read_part_coded(&part.path, &REACHED_NUMBERS, &REACHED_WORDS)?;
        let reached = reached(&columns)?;
        for left_out in gone
            .iter()
            .filter(|left_out| left_out.reason == Reason::SameCall)
        {
            others.push((left_out.counted, reached((left_out.row - first) as usize)));
        }
    }
    others.sort_by_key(|(counted, _)| *counted);
    Ok(others)
}

/// One part's counted legs.
struct JudgedPart {
    batch: RecordBatch,
    tally: Tally,
    run: Run,
    places: Places,
}

fn judge_part(
    numbered: &Numbered<'_>,
    index: usize,
    rules: &CallRules<'_>,
    others: &[(Ordinal, Reached)],
) -> Result<JudgedPart, AnalysisError> {
    let (part, first) = numbered.parts[index];
    let mut numbers = vec![
        "started_utc",
        "presented_e164",
        "called_e164",
        "stream",
        "byte_offset",
        "byte_len",
    ];
    numbers.extend(REACHED_NUMBERS);
    let mut words = vec!["leg", "account_id", "kind", "called_region", "called_type"];
    words.extend(REACHED_WORDS);
    let columns = read_part_coded(&part.path, &numbers, &words)?;
    let rows = columns.batch.num_rows();
    let (started, shown) = (columns.time("started_utc")?, columns.int("presented_e164")?);
    let called = columns.int("called_e164")?;
    let (streams, offsets) = (columns.small("stream")?, columns.count("byte_offset")?);
    let lens = columns.small("byte_len")?;
    let (legs, regions) = (columns.coded("leg")?, columns.coded("called_region")?);
    let types = columns.coded("called_type")?;
    let is_marked_test = columns.coded("kind")?.judged(false, |kind| kind == "test");
    let reached_of = reached(&columns)?;
    let accounts = rules.accounts.of_source(&part.source);
    let account_no_of = columns.coded("account_id")?.judged(None, |id| {
        accounts.and_then(|accounts| accounts.get(id)).copied()
    });
    let is_home = regions.judged(false, |region| {
        rules.home.iter().any(|h| h.as_str() == region)
    });

    let mut tally = Tally::default();
    let mut day_counts = (0, (0, 0));
    // By the region's code, from 1; those of no region at 0.
    let mut region_counts = vec![(0_u64, 0_u64); regions.words().len() + 1];
    let mut built = Builder::with_capacity(rows);
    let mut facts = Vec::with_capacity(rows);
    let mut places = Places::with_capacity(rows);
    let mut holders = Vec::new();
    let mut gone = rules.left_out.within(first, rows).iter().peekable();
    let mut other = others.partition_point(|(counted, _)| *counted < first);
    for row in 0..rows {
        let ordinal = first + row as u32;
        if let Some(left_out) = gone.next_if(|left_out| left_out.row == ordinal) {
            *tally.left_out.entry(left_out.reason.as_str()).or_default() += 1;
            continue;
        }
        let mut reached = reached_of(row);
        while let Some((_, version)) = others.get(other).filter(|(counted, _)| *counted == ordinal)
        {
            reached = reached.or(*version);
            other += 1;
        }
        let leg = legs.get(row).unwrap_or("unknown");
        let account_no = account_no_of.get(row);
        let account = account_no.map(|number| &rules.accounts.all[number as usize]);
        let to_target = matches!(leg, "target" | "unknown");
        let is_test =
            is_marked_test.get(row) || account.is_some_and(crate::accounts::Account::is_test);
        let attempt = to_target && !is_test;
        let region = regions.get(row);
        let day = started
            .is_valid(row)
            .then(|| started.value(row).div_euclid(86_400_000_000) as i32);
        let engaged = to_target && reached.is_engaged(rules.engaged);
        holders.clear();
        if shown.is_valid(row) {
            rules
                .organisations
                .holders(shown.value(row), day, &mut holders);
        }
        if attempt {
            let one = (1, u64::from(engaged));
            let sum = |to: &mut (u64, u64)| *to = (to.0 + one.0, to.1 + one.1);
            if let Some(day) = day {
                // Calls of a part lie in few days, one after the other.
                if day_counts.0 != day {
                    tally.add_day(std::mem::replace(&mut day_counts, (day, (0, 0))));
                }
                sum(&mut day_counts.1);
            }
            sum(&mut region_counts[regions.code(row).map_or(0, |code| code + 1)]);
            for &organisation in &holders {
                sum(tally.by_organisation.entry(organisation).or_default());
            }
            if let (true, Some(talk_s)) = (reached.answered, reached.talk_s) {
                let bucket = TALK_BUCKETS_S.partition_point(|&from| from <= talk_s.max(0)) - 1;
                *tally.by_talk.entry(bucket).or_default() += 1;
            }
        }
        let home = is_home.get(row);
        let called = called.is_valid(row).then(|| called.value(row));
        let called_type = types.get(row);
        let priority = account.is_some_and(|account| account.is_priority);
        let started_us = started.is_valid(row).then(|| started.value(row));
        let place = (streams.value(row), offsets.value(row), lens.value(row));
        let called_allocation = rules.allocation(called, day);
        let shown_number = shown.is_valid(row).then(|| shown.value(row));
        let judged = JudgedCall {
            leg,
            region,
            attempt,
            is_test,
            home,
            answered: reached.answered,
            talk_known: reached.is_talk,
            code: reached.code,
            engaged,
            has_number: called.is_some(),
            spoofed: !holders.is_empty(),
            is_unallocated: called_allocation == Some("unallocated"),
        };
        places.push(place, &judged, &holders);
        if attempt {
            facts.push(CallFact {
                called,
                account_no,
                class: class_of(region, called_type),
                started_us,
                talk_s: reached.talk_s,
                home,
                answered: reached.answered,
                engaged,
                code: reached.code,
                spoofed: !holders.is_empty(),
                priority,
            });
        }
        let fixed = Fixed {
            leg,
            account_no,
            started_us,
            called,
            region,
            called_type,
            called_allocation,
            shown: shown_number,
            shown_allocation: rules.allocation(shown_number, day),
            attempt,
            is_test,
            home,
            reached,
            engaged,
            priority,
            place,
        };
        if holders.is_empty() {
            built.push(&fixed, None, 0);
        }
        for (number, &organisation) in holders.iter().enumerate() {
            built.push(&fixed, Some(organisation), number as u32 + 1);
        }
    }
    tally.add_day(day_counts);
    let known = regions.words().iter().map(|word| word.map(str::to_owned));
    for (region, counts) in std::iter::once(None).chain(known).zip(region_counts) {
        if counts.0 > 0 {
            let sum = tally.by_region.entry(region).or_default();
            *sum = (sum.0 + counts.0, sum.1 + counts.1);
        }
    }
    Ok(JudgedPart {
        batch: built.finish(&part.source, &part.exhibit),
        tally,
        run: Run::new(facts),
        places,
    })
}

struct Fixed<'a> {
    leg: &'a str,
    account_no: Option<u32>,
    started_us: Option<i64>,
    called: Option<i64>,
    region: Option<&'a str>,
    called_type: Option<&'a str>,
    called_allocation: Option<&'static str>,
    shown: Option<i64>,
    shown_allocation: Option<&'static str>,
    attempt: bool,
    is_test: bool,
    home: bool,
    reached: Reached,
    engaged: bool,
    priority: bool,
    place: (u32, u64, u32),
}

/// Columns of the batch that is being made, in the schema's order from `stream` on.
struct Builder<'a> {
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

impl<'a> Builder<'a> {
    fn with_capacity(rows: usize) -> Self {
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

    fn push(&mut self, fixed: &Fixed<'a>, organisation: Option<u32>, match_no: u32) {
        self.streams.push(fixed.place.0);
        self.offsets.push(fixed.place.1);
        self.lens.push(fixed.place.2);
        self.legs.push(fixed.leg);
        self.accounts.append_option(fixed.account_no);
        self.started.append_option(fixed.started_us);
        self.called.append_option(fixed.called);
        self.regions.append_option(fixed.region);
        self.types.append_option(fixed.called_type);
        self.called_allocations
            .append_option(fixed.called_allocation);
        self.shown.append_option(fixed.shown);
        self.shown_allocations.append_option(fixed.shown_allocation);
        let flags = [
            fixed.attempt,
            fixed.is_test,
            fixed.home,
            fixed.reached.answered,
            fixed.reached.is_talk,
            fixed.reached.code,
            fixed.engaged,
            fixed.priority,
        ];
        for (column, flag) in self.flags.iter_mut().zip(flags) {
            column.append(flag);
        }
        self.talk.append_option(fixed.reached.talk_s);
        self.organisations.append_option(organisation);
        self.matches.push(match_no);
    }

    fn finish(mut self, source: &str, exhibit: &str) -> RecordBatch {
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
