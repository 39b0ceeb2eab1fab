//! One exhibit's stream, read to its end.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::mapping::{Dialling, Match};
use unspoof_model::{Coded, Rates, Zone};
use unspoof_numbers::Context;

use crate::block::{Account, Block, Event, ReadError, ReadOptions, SettingName, TableDef, TableId};
use crate::charset::Charset;
use crate::delimited::{DelimitedReader, Dialect};
use crate::detect::{self, SourceSetup};
use crate::dump::DumpReader;
use crate::fill::FillContext;
use crate::part::{PartError, Stamp};
use crate::pipeline::{PartDone, Parts, WorkError, Workshop};
use crate::plan::{PlanContext, PlanError, TablePlan, plan};
use crate::sniff::{Sniffed, sniff};

/// Bytes by which a file's format is told.
const PREFIX_BYTES: u64 = 1 << 20;

/// What to ingest, by which sources, to where.
#[derive(Clone, Debug)]
pub struct Job<'a> {
    /// The exhibit's name.
    pub exhibit: &'a str,
    /// Its SHA-256, stamped into every file.
    pub exhibit_sha256: String,
    /// The case's sources.
    pub sources: &'a [SourceSetup],
    /// Exchange rates.
    pub rates: &'a Rates,
    /// Currency that payments are valued in.
    pub value_currency: &'a str,
    /// Folder under which `tables/…` is written; parts that are whole there are not made again.
    pub folder: &'a Utf8Path,
    /// First part of every file name.
    pub prefix: &'a str,
    /// Threads that fill and write, besides the one that reads.
    pub workers: usize,
}

/// How far an ingest has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Bytes of the decompressed stream that were read.
    pub stream_bytes: u64,
    /// Rows that were located.
    pub rows: u64,
}

/// Counts of one table of the source that became one of ours.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct TableCount {
    /// The source's table.
    pub from: String,
    /// Our table.
    pub to: String,
    /// Rows that were located, rejects included.
    pub rows_in: u64,
    /// Rows that stand in our table.
    pub kept: u64,
    /// Rows that stand in `rejects`.
    pub rejected: u64,
}

/// A table of the source that the mapping has no use for.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Unmapped {
    /// Its name.
    pub from: String,
    /// Rows in it.
    pub rows: u64,
}

/// What came of an ingest.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// The source that the exhibit turned out to come from.
    pub source: String,
    /// The mapping it was read by.
    pub mapping: String,
    /// Counts, by the source's table and ours.
    pub tables: Vec<TableCount>,
    /// Tables that were passed over.
    pub unmapped: Vec<Unmapped>,
    /// Columns that were noted and not loaded, as `table.column`.
    pub withheld: Vec<String>,
    /// Files written, under the folder, sorted.
    pub files: Vec<Utf8PathBuf>,
    /// Bytes of the stream, all accounted for.
    pub stream_bytes: u64,
    /// Whether the file ends as its writer ends files.
    pub complete: bool,
    /// Whether it ends in the midst of a row or statement.
    pub cut: bool,
    /// Why the stream could not be read to its end, if so.
    pub stream_error: Option<String>,
}

/// Says why an exhibit could not be ingested.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Reading failed before anything could be told.
    #[error("could not read exhibit `{exhibit}`")]
    Open {
        /// The exhibit's name.
        exhibit: String,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// No reader takes the format.
    #[error(
        "exhibit `{exhibit}` is neither an SQL dump nor delimited text: it looks like {looks_like}"
    )]
    Format {
        /// The exhibit's name.
        exhibit: String,
        /// What it looks like.
        looks_like: String,
    },
    /// No source's mapping fits.
    #[error("no source of this case fits exhibit `{exhibit}`, which holds {found}")]
    UnknownLayout {
        /// The exhibit's name.
        exhibit: String,
        /// What it holds.
        found: String,
    },
    /// More than one does.
    #[error("exhibit `{exhibit}` fits more than one source: {sources}")]
    Ambiguous {
        /// The exhibit's name.
        exhibit: String,
        /// Their names.
        sources: String,
    },
    /// The source's mapping does not fit the table it names.
    #[error("exhibit `{exhibit}` cannot be read by its mapping")]
    Plan {
        /// The exhibit's name.
        exhibit: String,
        /// What went wrong.
        #[source]
        source: PlanError,
    },
    /// The reader gave up.
    #[error("exhibit `{exhibit}` could not be read")]
    Read {
        /// The exhibit's name.
        exhibit: String,
        /// What went wrong.
        #[source]
        source: ReadError,
    },
    /// Writing failed.
    #[error("the tables of exhibit `{exhibit}` could not be written")]
    Write {
        /// The exhibit's name.
        exhibit: String,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
        /// Whether the disk was full.
        full: bool,
    },
    /// Rows kept and rejects do not add up to rows located, or bytes to the stream's length.
    #[error(
        "the counts of `{table}` in exhibit `{exhibit}` do not add up: {rows_in} in, {kept} kept, {rejected} rejected"
    )]
    Count {
        /// The exhibit's name.
        exhibit: String,
        /// The source's table.
        table: String,
        /// Rows located.
        rows_in: u64,
        /// Rows kept.
        kept: u64,
        /// Rows rejected.
        rejected: u64,
    },
}

impl Coded for IngestError {
    fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } => "ingest/open",
            Self::Format { .. } => "ingest/format",
            Self::UnknownLayout { .. } => "ingest/unknown-layout",
            Self::Ambiguous { .. } => "ingest/ambiguous",
            Self::Plan { source, .. } => source.code(),
            Self::Read { source, .. } => source.code(),
            Self::Write { full: true, .. } => "ingest/disk-full",
            Self::Write { .. } => "ingest/write",
            Self::Count { .. } => "bug/count",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Plan { source, .. } => source.hint(),
            Self::Read { source, .. } => source.hint(),
            Self::UnknownLayout { exhibit, .. } => Some(format!(
                "draft a mapping from its content: unspoof mapping suggest {exhibit}"
            )),
            Self::Ambiguous { exhibit, .. } => Some(format!(
                "under one [[sources]] of case.toml, write exhibits = [\"{exhibit}\"]"
            )),
            Self::Format { .. } => {
                Some("take the files that it holds out of it and seal those beside it".to_owned())
            }
            Self::Write { full: true, .. } => {
                Some("make room and run the same command again: whole parts are kept".to_owned())
            }
            Self::Open { .. } | Self::Write { .. } | Self::Count { .. } => None,
        }
    }
}

/// Reads an exhibit's decompressed stream and writes its tables.
///
/// # Errors
/// [`IngestError`]. A stream that breaks off is none: what was read is kept, and
/// [`Outcome::stream_error`] says where and why.
pub fn ingest(
    job: &Job<'_>,
    mut stream: impl Read + Send,
    progress: &mut dyn FnMut(Progress),
) -> Result<Outcome, IngestError> {
    let exhibit = || job.exhibit.to_owned();
    let mut prefix = Vec::new();
    let early = stream
        .by_ref()
        .take(PREFIX_BYTES)
        .read_to_end(&mut prefix)
        .err();
    if let (true, Some(source)) = (prefix.is_empty(), early) {
        return Err(IngestError::Open {
            exhibit: exhibit(),
            source,
        });
    }
    let candidates = detect::candidates(job.sources, job.exhibit);
    let sniffed = sniff(&prefix);
    match sniffed {
        Sniffed::SqlDump { .. } => {
            let reader = DumpReader::new(Cursor::new(prefix).chain(stream), ReadOptions::default());
            dump(job, reader, &candidates, progress)
        }
        Sniffed::Delimited(dialect) => {
            let source = choose_delimited(job, &prefix, dialect, &candidates)?;
            let has_names = matches!(&source.mapping.matches,
                Match::Csv { header, .. } if !header.is_empty());
            let dialect = Dialect {
                header: has_names,
                ..dialect
            };
            let input = Cursor::new(prefix).chain(stream);
            let mut reader = DelimitedReader::new(input, dialect, ReadOptions::default());
            if let Match::Csv {
                columns: Some((least, most)),
                ..
            } = &source.mapping.matches
            {
                reader = reader.accept(*least..=*most);
            }
            delimited(job, reader, source, progress)
        }
        Sniffed::Unknown { looks_like } => Err(IngestError::Format {
            exhibit: exhibit(),
            looks_like: looks_like.to_owned(),
        }),
    }
}

/// What both readers are.
trait Events {
    fn next_event(&mut self) -> Result<Option<Event>, ReadError>;
    fn recycle(&mut self, block: Block);
}

impl<R: Read> Events for DumpReader<R> {
    fn next_event(&mut self) -> Result<Option<Event>, ReadError> {
        DumpReader::next_event(self)
    }

    fn recycle(&mut self, block: Block) {
        DumpReader::recycle(self, block);
    }
}

impl<R: Read> Events for DelimitedReader<R> {
    fn next_event(&mut self) -> Result<Option<Event>, ReadError> {
        DelimitedReader::next_event(self)
    }

    fn recycle(&mut self, block: Block) {
        DelimitedReader::recycle(self, block);
    }
}

/// Tells which source a delimited file comes from, by its first bytes.
fn choose_delimited<'a>(
    job: &Job<'_>,
    prefix: &[u8],
    dialect: Dialect,
    candidates: &[&'a SourceSetup],
) -> Result<&'a SourceSetup, IngestError> {
    let first = |with_header: bool| {
        let dialect = Dialect {
            header: with_header,
            ..dialect
        };
        let mut reader = DelimitedReader::new(prefix, dialect, ReadOptions::default());
        let (mut def, mut block) = (None, None);
        while let Ok(Some(event)) = reader.next_event() {
            match event {
                Event::Table(found) => def = Some(found),
                Event::Rows { block: rows, .. } => {
                    block = Some(rows);
                    break;
                }
                Event::Setting(_) | Event::Finished(_) => {}
            }
        }
        (def, block)
    };
    let (named, _) = first(true);
    let names: Vec<String> = named
        .iter()
        .flat_map(|def| def.columns.iter().map(|c| c.name.clone()))
        .collect();
    let (_, rows) = first(false);
    let fits = |source: &&&SourceSetup| {
        detect::fits_header(&source.mapping, &names)
            || rows
                .as_ref()
                .is_some_and(|rows| detect::fits_rows(&source.mapping, rows))
    };
    let fitting: Vec<&&SourceSetup> = candidates.iter().filter(fits).collect();
    match fitting.as_slice() {
        [one] => Ok(one),
        [] => Err(IngestError::UnknownLayout {
            exhibit: job.exhibit.to_owned(),
            found: format!("delimited text of {} columns", names.len()),
        }),
        several => Err(ambiguous(
            job,
            several.iter().map(|source| source.name.as_str()),
        )),
    }
}

fn ambiguous<'a>(job: &Job<'_>, sources: impl Iterator<Item = &'a str>) -> IngestError {
    let sources: Vec<&str> = sources.collect();
    IngestError::Ambiguous {
        exhibit: job.exhibit.to_owned(),
        sources: sources.join(", "),
    }
}

fn delimited(
    job: &Job<'_>,
    reader: impl Events,
    source: &SourceSetup,
    progress: &mut dyn FnMut(Progress),
) -> Result<Outcome, IngestError> {
    let mut reading = Reading::new(job);
    reading.source = Some(source);
    let shop = workshop(job, source, true);
    let parts = shop.run(job.workers, |parts| reading.all(reader, parts, progress));
    reading.outcome(job, source, work(job, parts)?)
}

/// The first table that some source has a use for decides whose the dump is; the reading up to
/// there is kept, so that nothing is read twice.
fn dump(
    job: &Job<'_>,
    mut reader: impl Events,
    candidates: &[&SourceSetup],
    progress: &mut dyn FnMut(Progress),
) -> Result<Outcome, IngestError> {
    let mut early: Vec<Event> = Vec::new();
    let mut unclaimed: Vec<String> = Vec::new();
    let mut chosen: Option<&SourceSetup> = None;
    let mut ahead = Reading::new(job);
    while chosen.is_none() {
        let next = reader.next_event().map_err(|source| IngestError::Read {
            exhibit: job.exhibit.to_owned(),
            source,
        })?;
        match next {
            Some(Event::Table(def)) => {
                let wants = |source: &&SourceSetup| detect::wants_table(&source.mapping, &def);
                let wanting: Vec<&SourceSetup> = candidates.iter().copied().filter(wants).collect();
                let fits = |source: &&SourceSetup| ahead.plan_for(source, &def).is_ok();
                let fitting: Vec<&SourceSetup> = wanting.iter().copied().filter(fits).collect();
                chosen = match (wanting.as_slice(), fitting.as_slice()) {
                    ([], _) => None,
                    ([one], _) | (_, [one]) => Some(*one),
                    (several, _) => {
                        return Err(ambiguous(job, several.iter().map(|s| s.name.as_str())));
                    }
                };
                unclaimed.push(def.name.clone());
                early.push(Event::Table(def));
            }
            Some(Event::Rows { table, block }) => {
                // Rows of a table that nobody wants: counted, and let go of.
                ahead.passed_over(table, &block);
            }
            Some(Event::Setting(setting)) => {
                ahead.setting(setting.name, setting.value.as_deref());
                early.push(Event::Setting(setting));
            }
            Some(Event::Finished(_)) | None => {
                unclaimed.dedup();
                let found = if unclaimed.is_empty() {
                    "an SQL dump without tables".to_owned()
                } else {
                    format!("an SQL dump of the tables {}", unclaimed.join(", "))
                };
                return Err(IngestError::UnknownLayout {
                    exhibit: job.exhibit.to_owned(),
                    found,
                });
            }
        }
    }
    let source = chosen.expect("the loop ends with one");
    let mut reading = Reading::new(job);
    reading.source = Some(source);
    reading.rows_passed_over = ahead.rows_passed_over;
    let shop = workshop(job, source, false);
    let parts = shop.run(job.workers, |parts| {
        for event in early {
            reading.take(event, parts, progress)?;
        }
        reading.all(reader, parts, progress)
    });
    reading.outcome(job, source, work(job, parts)?)
}

fn workshop<'a>(job: &'a Job<'_>, source: &'a SourceSetup, empty_is_null: bool) -> Workshop<'a> {
    Workshop {
        folder: job.folder,
        prefix: job.prefix,
        stamp: Stamp {
            exhibit_sha256: job.exhibit_sha256.clone(),
            mapping: source.mapping.name.clone(),
        },
        context: FillContext {
            source: &source.name,
            exhibit: job.exhibit,
            clock_offset_s: source.clock_offset_s,
            rates: job.rates,
            value_currency: job.value_currency,
            empty_is_null,
        },
        dialling: dialling(&source.mapping.numbers),
    }
}

/// Takes a mapping's dialling context for the number reader.
#[must_use]
pub fn dialling(from: &Dialling) -> Context {
    Context {
        default_region: from.default_region,
        candidate_regions: from.candidate_regions.clone(),
        international_prefixes: from.international_prefixes.clone(),
        technical_prefixes: from.technical_prefixes.clone(),
        bare_is_international: from.bare_is_international,
    }
}

fn work(
    job: &Job<'_>,
    parts: Result<Vec<PartDone>, WorkError<IngestError>>,
) -> Result<Vec<PartDone>, IngestError> {
    parts.map_err(|error| match error {
        WorkError::Feed(error) => error,
        WorkError::Part(error) => write_error(job, error),
    })
}

fn write_error(job: &Job<'_>, error: PartError) -> IngestError {
    let mut full = false;
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(current) = cause {
        if let Some(io_error) = current.downcast_ref::<io::Error>() {
            full |= matches!(
                io_error.kind(),
                io::ErrorKind::StorageFull
                    | io::ErrorKind::FileTooLarge
                    | io::ErrorKind::QuotaExceeded
            );
        }
        // The Parquet writer passes some failures of the disk on as text only.
        full |= ["(os error 27)", "(os error 28)", "(os error 122)"]
            .iter()
            .any(|number| current.to_string().contains(number));
        cause = current.source();
    }
    IngestError::Write {
        exhibit: job.exhibit.to_owned(),
        source: Box::new(error),
        full,
    }
}

/// What the reading thread knows so far.
struct Reading<'a> {
    exhibit: &'a str,
    source: Option<&'a SourceSetup>,
    defs: BTreeMap<TableId, TableDef>,
    plans: BTreeMap<TableId, Vec<Arc<TablePlan>>>,
    timestamp_zone: Option<Zone>,
    charset: Option<String>,
    rows_passed_over: BTreeMap<TableId, u64>,
    rows_in: BTreeMap<(&'static str, String), u64>,
    progress: Progress,
    account: Account,
    complete: bool,
    cut: bool,
    stream_error: Option<String>,
}

impl<'a> Reading<'a> {
    fn new(job: &Job<'a>) -> Self {
        Self {
            exhibit: job.exhibit,
            source: None,
            defs: BTreeMap::new(),
            plans: BTreeMap::new(),
            timestamp_zone: None,
            charset: None,
            rows_passed_over: BTreeMap::new(),
            rows_in: BTreeMap::new(),
            progress: Progress::default(),
            account: Account::default(),
            complete: false,
            cut: false,
            stream_error: None,
        }
    }

    fn all(
        &mut self,
        mut reader: impl Events,
        parts: &mut Parts<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), IngestError> {
        loop {
            match reader.next_event() {
                Ok(Some(event)) => {
                    if !self.take(event, parts, progress)? {
                        return Ok(());
                    }
                    for block in parts.returned() {
                        reader.recycle(block);
                    }
                }
                Ok(None) => return Ok(()),
                Err(error @ ReadError::Input { .. }) => {
                    let chain = std::error::Error::source(&error)
                        .map(|source| format!(": {source}"))
                        .unwrap_or_default();
                    self.stream_error = Some(format!("{error}{chain}"));
                }
                Err(source) => {
                    let exhibit = self.exhibit.to_owned();
                    return Err(IngestError::Read { exhibit, source });
                }
            }
        }
    }

    /// Takes one event; false once nobody writes any more.
    fn take(
        &mut self,
        event: Event,
        parts: &mut Parts<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<bool, IngestError> {
        match event {
            Event::Table(def) => self.define(def)?,
            Event::Setting(setting) => self.setting(setting.name, setting.value.as_deref()),
            Event::Rows { table, block } => {
                self.progress.rows += (block.rows.len() + block.rejects.len()) as u64;
                self.progress.stream_bytes = block.byte_offset + block.bytes.len() as u64;
                progress(self.progress);
                return Ok(self.rows(table, block, parts));
            }
            Event::Finished(finished) => {
                self.account = finished.account;
                self.complete = finished.complete;
                self.cut = finished.cut;
                self.progress.stream_bytes = finished.account.total_bytes();
                progress(self.progress);
            }
        }
        Ok(true)
    }

    fn rows(&mut self, table: TableId, block: Block, parts: &mut Parts<'_>) -> bool {
        let plans = self
            .plans
            .get(&table)
            .map(Vec::as_slice)
            .unwrap_or_default();
        if plans.is_empty() {
            self.passed_over(table, &block);
            return true;
        }
        let charset = self.charset_of_text();
        let located = (block.rows.len() + block.rejects.len()) as u64;
        let block = Arc::new(block);
        let mut going = true;
        for plan in plans {
            *self
                .rows_in
                .entry((plan.target.name, plan.from.clone()))
                .or_default() += located;
            going &= parts.add(plan, charset, &block);
        }
        going
    }

    fn charset_of_text(&self) -> Charset {
        let of_mapping = self
            .source
            .map_or("utf8", |source| source.mapping.charset.as_str());
        Charset::named(self.charset.as_deref().unwrap_or(of_mapping))
    }

    fn passed_over(&mut self, table: TableId, block: &Block) {
        let located = (block.rows.len() + block.rejects.len()) as u64;
        *self.rows_passed_over.entry(table).or_default() += located;
    }

    fn setting(&mut self, name: SettingName, value: Option<&str>) {
        match name {
            SettingName::TimeZone => {
                self.timestamp_zone = value.and_then(|zone| Zone::named(zone).ok());
            }
            SettingName::Charset => self.charset = value.map(str::to_owned),
            SettingName::SqlMode => {}
        }
    }

    fn plan_for(
        &self,
        source: &SourceSetup,
        def: &TableDef,
    ) -> Result<Vec<Arc<TablePlan>>, PlanError> {
        let context = PlanContext {
            source_name: &source.name,
            mapping: &source.mapping,
            zone: source.zone.as_ref(),
            timestamp_zone: self.timestamp_zone.as_ref(),
        };
        let is_dump = matches!(source.mapping.matches, Match::SqlDump { .. });
        let mine = |from: &Option<String>| match from {
            Some(from) => is_dump && *from == def.name,
            None => !is_dump,
        };
        let tables = source
            .mapping
            .tables
            .iter()
            .filter(|table| mine(&table.from));
        tables
            .map(|table| plan(&context, table, def).map(Arc::new))
            .collect()
    }

    fn define(&mut self, def: TableDef) -> Result<(), IngestError> {
        let Some(source) = self.source else {
            return Ok(());
        };
        let plans = self
            .plan_for(source, &def)
            .map_err(|source| IngestError::Plan {
                exhibit: self.exhibit.to_owned(),
                source,
            })?;
        self.plans.insert(def.id, plans);
        self.defs.insert(def.id, def);
        Ok(())
    }

    fn outcome(
        self,
        job: &Job<'_>,
        source: &SourceSetup,
        parts: Vec<PartDone>,
    ) -> Result<Outcome, IngestError> {
        let mut tables: BTreeMap<(&str, &str), TableCount> = BTreeMap::new();
        for ((to, from), rows_in) in &self.rows_in {
            let count = TableCount {
                from: from.clone(),
                to: (*to).to_owned(),
                rows_in: *rows_in,
                kept: 0,
                rejected: 0,
            };
            tables.insert((to, from), count);
        }
        let mut files = Vec::new();
        for part in &parts {
            if let Some(count) = tables.get_mut(&(part.table, part.from.as_str())) {
                count.kept += part.kept;
                count.rejected += part.rejected;
            }
            files.extend(part.files.iter().cloned());
        }
        files.sort();
        for count in tables.values() {
            if count.rows_in != count.kept + count.rejected {
                return Err(IngestError::Count {
                    exhibit: job.exhibit.to_owned(),
                    table: count.from.clone(),
                    rows_in: count.rows_in,
                    kept: count.kept,
                    rejected: count.rejected,
                });
            }
        }
        let name_of = |id: &TableId| self.defs.get(id).map(|def| def.name.clone());
        let unmapped = self.rows_passed_over.iter().map(|(id, rows)| Unmapped {
            from: name_of(id).unwrap_or_default(),
            rows: *rows,
        });
        let mut withheld: Vec<String> = self
            .plans
            .iter()
            .flat_map(|(id, plans)| plans.iter().map(move |plan| (id, plan)))
            .flat_map(|(id, plan)| {
                let def = &self.defs[id];
                plan.withheld
                    .iter()
                    .map(move |&at| format!("{}.{}", def.name, def.columns[at].name))
            })
            .collect();
        withheld.sort();
        withheld.dedup();
        Ok(Outcome {
            source: source.name.clone(),
            mapping: source.mapping.name.clone(),
            unmapped: unmapped.collect(),
            tables: tables.into_values().collect(),
            withheld,
            files,
            stream_bytes: self.account.total_bytes(),
            complete: self.complete,
            cut: self.cut,
            stream_error: self.stream_error,
        })
    }
}
