use std::io;

use camino::Utf8PathBuf;
use unspoof_model::Coded;
use unspoof_numbers::blocks::BlockListError;

/// Says why something could not be computed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalysisError {
    /// A table's file could not be read.
    #[error("could not read `{path}`")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A result could not be written.
    #[error("could not write `{path}`")]
    Write {
        /// The file.
        path: Utf8PathBuf,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The engine refused or failed.
    #[error("the query engine could not compute {what}")]
    Engine {
        /// What was asked of it.
        what: &'static str,
        /// What it said.
        #[source]
        source: Box<datafusion::error::DataFusionError>,
    },
    /// A table lacks a column that it should have.
    #[error("`{path}` has no column `{column}` of the expected type")]
    Column {
        /// The file.
        path: Utf8PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A reference list's line makes no sense.
    #[error("line {line} of `{path}` is not usable: {why}")]
    Reference {
        /// The list.
        path: Utf8PathBuf,
        /// Counts from 1.
        line: u64,
        /// Why.
        why: String,
    },
    /// A list of number blocks cannot be used.
    #[error("{source}")]
    Blocks {
        /// What is wrong with it.
        source: BlockListError,
    },
    /// A list of number blocks is another regulator's.
    #[error("`{path}` is a list of {found}, not of {named}")]
    OtherRegulator {
        /// The list.
        path: Utf8PathBuf,
        /// Whose it is.
        found: &'static str,
        /// Whose it was said to be.
        named: &'static str,
    },
    /// A list of addresses cannot be used.
    #[error("`{path}` is no list of addresses")]
    Addresses {
        /// The list.
        path: Utf8PathBuf,
        /// What is wrong with it.
        #[source]
        source: unspoof_payments::PaymentError,
    },
    /// Lists of victims could not be put together.
    #[error("the number of victims could not be estimated")]
    Estimate {
        /// Why.
        #[source]
        source: unspoof_estimates::EstimateError,
    },
    /// A declaration in `case.toml` names a column that calls cannot be joined by.
    #[error("`same_call` cannot join calls on `{column}`")]
    SameCallColumn {
        /// The column.
        column: String,
    },
    /// Accounts and what they were seen with contradict each other or are too many.
    #[error("accounts could not be joined to persons")]
    Persons {
        /// What is wrong with them.
        #[source]
        source: unspoof_persons::EvidenceError,
    },
    /// Reports could not be matched to calls.
    #[error("reports could not be matched to calls")]
    Matching {
        /// Why.
        #[source]
        source: unspoof_matching::MatchError,
    },
    /// Contacts or suspects could not be ranked.
    #[error("contacts and suspects could not be ranked")]
    Ranking {
        /// Why.
        #[source]
        source: unspoof_ranking::RankError,
    },
    /// A policy cannot be used.
    #[error("the policy `{name}` cannot be used")]
    Policy {
        /// A preset's name or a file's.
        name: String,
        /// What is wrong with it.
        #[source]
        source: unspoof_ranking::PolicyError,
    },
    /// A country file cannot be used.
    #[error("the country file cannot be used")]
    Countries {
        /// What is wrong with it.
        #[source]
        source: unspoof_ranking::CountryFileError,
    },
    /// More calls than row numbers of 32 bits can tell apart.
    #[error("more than {most} rows of calls in one case")]
    TooManyRows {
        /// The limit.
        most: u64,
    },
}

impl AnalysisError {
    pub(crate) fn read(
        path: impl Into<Utf8PathBuf>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Read {
            path: path.into(),
            source: source.into(),
        }
    }

    pub(crate) fn write(
        path: impl Into<Utf8PathBuf>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Write {
            path: path.into(),
            source: source.into(),
        }
    }

    pub(crate) fn persons(source: unspoof_persons::EvidenceError) -> Self {
        Self::Persons { source }
    }

    pub(crate) fn matching(source: unspoof_matching::MatchError) -> Self {
        Self::Matching { source }
    }

    pub(crate) fn ranking(source: unspoof_ranking::RankError) -> Self {
        Self::Ranking { source }
    }

    pub(crate) fn countries(source: unspoof_ranking::CountryFileError) -> Self {
        Self::Countries { source }
    }

    pub(crate) fn estimate(source: unspoof_estimates::EstimateError) -> Self {
        Self::Estimate { source }
    }

    pub(crate) fn engine(
        what: &'static str,
    ) -> impl FnOnce(datafusion::error::DataFusionError) -> Self {
        move |source| Self::Engine {
            what,
            source: Box::new(source),
        }
    }

    /// Returns whether the disk was full.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        let mut cause: Option<&dyn std::error::Error> = Some(self);
        while let Some(current) = cause {
            // The Parquet writer and the engine pass some failures of the disk on as text only.
            let numbers = ["(os error 27)", "(os error 28)", "(os error 122)"];
            if numbers
                .iter()
                .any(|number| current.to_string().contains(number))
            {
                return true;
            }
            if let Some(io_error) = current.downcast_ref::<io::Error>()
                && matches!(
                    io_error.kind(),
                    io::ErrorKind::StorageFull
                        | io::ErrorKind::FileTooLarge
                        | io::ErrorKind::QuotaExceeded
                )
            {
                return true;
            }
            cause = current.source();
        }
        false
    }
}

impl Coded for AnalysisError {
    fn code(&self) -> &'static str {
        if self.is_disk_full() {
            return "analysis/disk-full";
        }
        match self {
            Self::Read { .. } => "analysis/read",
            Self::Write { .. } => "analysis/write",
            Self::Engine { .. } => "analysis/engine",
            Self::Column { .. } => "analysis/column",
            Self::Reference { .. } => "reference/line",
            Self::Blocks { source } => source.code(),
            Self::OtherRegulator { .. } => "reference/regulator",
            Self::Addresses { source, .. } => source.code(),
            Self::Estimate { source } => source.code(),
            Self::SameCallColumn { .. } => "config/same-call",
            Self::Persons { source } => source.code(),
            Self::Matching { source } => source.code(),
            Self::Ranking { source } => source.code(),
            Self::Policy { source, .. } => source.code(),
            Self::Countries { source } => source.code(),
            Self::TooManyRows { .. } => "analysis/too-many-rows",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Column { .. } => {
                Some("the table is of another version; make it again: unspoof run --again".into())
            }
            Self::SameCallColumn { .. } => {
                Some("use leg, account_id, called_e164, presented_e164, call_id or leg_id".into())
            }
            Self::Blocks {
                source: BlockListError::Undated { .. },
            } => Some("say when it was published: --dated YYYY-MM-DD".into()),
            Self::Blocks { source } => source.hint(),
            Self::Policy { source, .. } => source.hint(),
            Self::Countries { source } => source.hint(),
            Self::Addresses { source, .. } => source.hint(),
            Self::Estimate { source } => source.hint(),
            Self::OtherRegulator { found, .. } => Some(format!(
                "add it as such: unspoof reference add {found} FILE"
            )),
            _ if self.is_disk_full() => Some("make room and run the same command again".into()),
            Self::Read { path, source } if source.to_string().contains("(os error 2)") => {
                Some(format!("look for the file: ls -l {path}"))
            }
            Self::Read { .. }
            | Self::Write { .. }
            | Self::Engine { .. }
            | Self::Reference { .. }
            | Self::Persons { .. }
            | Self::Matching { .. }
            | Self::Ranking { .. }
            | Self::TooManyRows { .. } => None,
        }
    }
}
