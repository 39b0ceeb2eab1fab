//! One exhibit's stream, read to its end.

mod error;
mod reading;

use std::io::{Cursor, Read};

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::Rates;
use unspoof_model::mapping::{Dialling, Match};
use unspoof_numbers::Context;

use crate::block::{Event, ReadOptions};
use crate::delimited::{DelimitedReader, Dialect};
use crate::detect::{self, SourceSetup};
use crate::dump::DumpReader;
use crate::fill::FillContext;
use crate::part::Stamp;
use crate::pipeline::{PartDone, WorkError, Workshop};
use crate::sniff::{Sniffed, sniff};
use error::write_error;
use reading::{Events, Reading};

pub use error::IngestError;

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
