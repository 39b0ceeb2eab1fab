//! What stops an ingest.

use std::io;

use unspoof_model::Coded;

use super::Job;
use crate::block::ReadError;
use crate::part::PartError;
use crate::plan::PlanError;

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

pub(super) fn write_error(job: &Job<'_>, error: PartError) -> IngestError {
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
