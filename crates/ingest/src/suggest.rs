//! A first draft of a mapping for a layout that nobody has seen before, made from its content.
//!
//! Names of columns and shares of values decide; the draft says for every line why. Nothing that a
//! person was called, wrote or dialled is ever shown: of values, the draft holds shares, and the
//! words of columns that put rows into few classes, such as `NO ANSWER`. Columns named like
//! passwords, PINs, tokens and one-time codes are not even looked at.

mod choose;
mod facts;
mod likeness;
mod lines;
mod names;
mod sample;
mod slots;
mod table;
mod text;
mod words;

use std::io::{Cursor, Read};

use crate::block::{Block, Event, ReadError, ReadOptions};
use crate::delimited::{DelimitedReader, Dialect};
use crate::dump::DumpReader;
use crate::ingest::IngestError;
use crate::sniff::{SNIFF_BYTES, Sniffed, sniff};
use sample::Sample;

/// A draft of a mapping, and how it came about.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Suggestion {
    /// The mapping's name.
    pub name: String,
    /// The mapping file, with a reason above every line. [`crate::presets::parse`] reads it, even
    /// where no table was like any of ours.
    pub toml: String,
    /// The source's tables in the order of the file.
    pub tables: Vec<SuggestedTable>,
    /// Why the stream could not be read to the place where enough was seen, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_error: Option<String>,
}

/// What one table of the source was taken for.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct SuggestedTable {
    /// The source's table; empty for delimited text.
    pub from: String,
    /// Ours that it is most like, if it is like any.
    pub to: Option<String>,
    /// How like it is to each of ours, the most like first, in tenths of a point. Names and
    /// content of columns give points; tables that lack what makes them one are left out.
    pub scores: Vec<Score>,
    /// Rows that were looked at.
    pub rows: u64,
    /// Where our columns come from.
    pub columns: Vec<SuggestedColumn>,
    /// Columns that hold credentials, by their names or the form of their values.
    pub withheld: Vec<String>,
    /// Columns that nothing comes from.
    pub unmapped: Vec<String>,
}

/// How like a table is to one of ours.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Score {
    /// Our table.
    pub to: &'static str,
    /// Tenths of a point.
    pub tenths: i64,
}

/// Where one of our columns comes from.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct SuggestedColumn {
    /// Our column or group of columns.
    pub to: &'static str,
    /// The source's column.
    pub from: String,
    /// Why.
    pub reason: String,
    /// What a person should look at, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

/// Drafts a mapping called `name` from an exhibit's decompressed stream.
///
/// Of each table up to 2,000 rows are looked at. Delimited text is read so far only; a dump to its
/// end, or up to 16 GiB, since tables stand in it one after another.
///
/// # Errors
/// [`IngestError::Open`], [`IngestError::Format`], and [`IngestError::Read`] where nothing could be
/// read. A stream that breaks off later is none: see [`Suggestion::stream_error`].
pub fn suggest(
    exhibit: &str,
    name: &str,
    mut stream: impl Read,
) -> Result<Suggestion, IngestError> {
    let mut prefix = Vec::new();
    let early = stream
        .by_ref()
        .take(SNIFF_BYTES as u64)
        .read_to_end(&mut prefix)
        .err();
    let early = match early {
        Some(source) if prefix.is_empty() => {
            return Err(IngestError::Open {
                exhibit: exhibit.to_owned(),
                source,
            });
        }
        other => other,
    };
    let options = ReadOptions {
        max_rows: sample::MOST_ROWS as usize,
        ..ReadOptions::default()
    };
    let (mut reader, mut sample) = match sniff(&prefix) {
        Sniffed::SqlDump { .. } => {
            let input = Cursor::new(prefix).chain(stream);
            let reader = Reader::Dump(Box::new(DumpReader::new(input, options)));
            (reader, Sample::of_dump())
        }
        Sniffed::Delimited(dialect) => {
            let header = dialect.header && sample::header_is_safe(&prefix, dialect);
            let dialect = Dialect { header, ..dialect };
            let input = Cursor::new(prefix).chain(stream);
            let reader = Reader::Text(Box::new(DelimitedReader::new(input, dialect, options)));
            (reader, Sample::of_text(header))
        }
        Sniffed::Unknown { looks_like } => {
            return Err(IngestError::Format {
                exhibit: exhibit.to_owned(),
                looks_like: looks_like.to_owned(),
            });
        }
    };
    if let Some(error) = early {
        sample.broke_off(&error);
    }
    look(&mut reader, &mut sample).map_err(|source| IngestError::Read {
        exhibit: exhibit.to_owned(),
        source,
    })?;
    let drafts: Vec<choose::Draft<'_>> = sample.tables().map(choose::choose).collect();
    let toml = text::toml(name, &sample, &drafts);
    Ok(Suggestion {
        name: name.to_owned(),
        toml,
        tables: drafts.iter().map(choose::Draft::told).collect(),
        stream_error: sample.stream_error,
    })
}

/// What both readers are.
enum Reader<R> {
    Dump(Box<DumpReader<R>>),
    Text(Box<DelimitedReader<R>>),
}

impl<R: Read> Reader<R> {
    fn next_event(&mut self) -> Result<Option<Event>, ReadError> {
        match self {
            Self::Dump(reader) => reader.next_event(),
            Self::Text(reader) => reader.next_event(),
        }
    }

    fn recycle(&mut self, block: Block) {
        match self {
            Self::Dump(reader) => reader.recycle(block),
            Self::Text(reader) => reader.recycle(block),
        }
    }

    fn bytes_read(&self) -> u64 {
        match self {
            Self::Dump(reader) => reader.bytes_read(),
            Self::Text(reader) => reader.bytes_read(),
        }
    }
}

/// Reads until enough was seen. A failing input gives what it had before, and is asked on once.
fn look<R: Read>(reader: &mut Reader<R>, sample: &mut Sample) -> Result<(), ReadError> {
    let mut failed: Option<ReadError> = None;
    while !sample.is_enough() {
        if reader.bytes_read() > sample::MOST_DUMP_BYTES {
            sample.left_off = true;
            break;
        }
        match reader.next_event() {
            Ok(None) => break,
            Ok(Some(event)) => {
                if let Some(block) = sample.take(event) {
                    reader.recycle(block);
                }
            }
            Err(error) => {
                sample.broke_off(&error);
                let goes_on = failed.is_none() && matches!(error, ReadError::Input { .. });
                failed = Some(error);
                if !goes_on {
                    break;
                }
            }
        }
    }
    match failed {
        Some(error) if sample.is_empty() => Err(error),
        Some(_) | None => Ok(()),
    }
}
