use std::io;

use camino::Utf8PathBuf;
use unspoof_model::Coded;

use crate::JudgementId;

/// Why something is no judgement. It never repeats what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidJudgement {
    /// No JSON of the right form.
    #[error("not in the form of a judgement: {0}")]
    Form(String),
    /// Made by a newer version.
    #[error("it has format {found}; this version reads formats up to {known}")]
    Newer {
        /// Its format.
        found: u64,
        /// The newest that this version reads.
        known: u64,
    },
    /// No such kind.
    #[error("there is no such kind of judgement")]
    Kind,
    /// Something that its kind needs is missing.
    #[error("`{kind}` needs {what}")]
    Needs {
        /// The kind.
        kind: String,
        /// What is missing.
        what: &'static str,
    },
    /// Something that its kind does not speak of.
    #[error("`{kind}` takes no `{what}`")]
    Excess {
        /// The kind.
        kind: String,
        /// What is too much.
        what: &'static str,
    },
    /// Too few or too many accounts.
    #[error("it names {found} different accounts; it may name {least} to {most}")]
    Accounts {
        /// How many.
        found: usize,
        /// The fewest.
        least: usize,
        /// The most.
        most: usize,
    },
    /// None or too many numbers.
    #[error("it names {found} different numbers; it may name 1 to {most}")]
    Numbers {
        /// How many.
        found: usize,
        /// The most.
        most: usize,
    },
    /// A text that is empty, too long, or holds control characters.
    #[error("its {what} is empty, longer than {most_bytes} bytes, or holds control characters")]
    Text {
        /// Which text.
        what: &'static str,
        /// Longest, in bytes.
        most_bytes: usize,
    },
    /// Not an instant.
    #[error("its time is no instant such as `2022-11-24T09:30:00Z`, to the microsecond at most")]
    Time,
    /// An undoing that names nothing.
    #[error("it undoes nothing: `undoes` must name a judgement")]
    UndoesNothing,
    /// The id is not the hash of the content.
    #[error("its id is not the hash of its content")]
    OtherId,
    /// What it undoes is not there.
    #[error("it undoes `{0}`, which is not known")]
    UndoesUnknown(JudgementId),
    /// What it undoes is not earlier.
    #[error("it undoes `{0}`, which was not recorded before it")]
    UndoesLater(JudgementId),
    /// Recorded in the future.
    #[error("it is recorded in the future")]
    Future,
}

/// A line of a file that holds no usable judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Counts from 1.
    pub line: u64,
    /// Why.
    pub why: InvalidJudgement,
}

impl std::fmt::Display for BadLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// Why operational records could not be read or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The URL names no PostgreSQL database that this version talks to.
    #[error("the store's URL cannot be used: {why}")]
    Url {
        /// Why.
        why: &'static str,
    },
    /// The database could not be opened or reached.
    #[error("could not open the store {at}")]
    Open {
        /// Where, without a password.
        at: String,
        /// What went wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database refused or failed.
    #[error("the store could not {doing}")]
    Database {
        /// What was tried, as a verb.
        doing: &'static str,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another process writes to it.
    #[error("the store is in use by another process")]
    Busy,
    /// Made by a newer version.
    #[error("the store has version {found}; this version opens versions up to {known}")]
    Newer {
        /// Its version.
        found: i64,
        /// The newest that this version opens.
        known: i64,
    },
    /// A record that is not as it was written.
    #[error("judgement `{id}` in the store is damaged: {why}")]
    Damaged {
        /// The id that it stands under.
        id: String,
        /// What is wrong.
        why: String,
    },
    /// Judgements that cannot be taken.
    #[error("{0}")]
    Invalid(#[from] InvalidJudgement),
    /// A file could not be read.
    #[error("could not read `{path}`")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A file with lines that hold no usable judgement; nothing of it was taken.
    #[error("{} of `{path}` cannot be taken: {}", lines_word(.bad.len()), list(.bad))]
    Lines {
        /// The file.
        path: Utf8PathBuf,
        /// Each of them.
        bad: Vec<BadLine>,
    },
}

/// Bad lines that are told; a file may have thousands.
const LINES_TOLD: usize = 20;

fn lines_word(lines: usize) -> String {
    if lines == 1 {
        "1 line".to_owned()
    } else {
        format!("{lines} lines")
    }
}

fn list(bad: &[BadLine]) -> String {
    let mut told: Vec<String> = bad
        .iter()
        .take(LINES_TOLD)
        .map(ToString::to_string)
        .collect();
    if bad.len() > LINES_TOLD {
        told.push(format!("and {} more", bad.len() - LINES_TOLD));
    }
    told.join("; ")
}

impl StoreError {
    pub(crate) fn database(
        doing: &'static str,
    ) -> impl Fn(Box<dyn std::error::Error + Send + Sync>) -> Self {
        move |source| Self::Database { doing, source }
    }
}

impl Coded for StoreError {
    fn code(&self) -> &'static str {
        match self {
            Self::Url { .. } => "store/url",
            Self::Open { .. } => "store/open",
            Self::Database { .. } => "store/database",
            Self::Busy => "store/busy",
            Self::Newer { .. } => "store/newer",
            Self::Damaged { .. } => "store/damaged",
            Self::Invalid(_) => "judge/invalid",
            Self::Read { .. } => "judge/file",
            Self::Lines { .. } => "judge/lines",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Url { .. } => {
                "write it as postgres://USER@HOST:PORT/DATABASE in `[store]` of case.toml, the password in PGPASSWORD".to_owned()
            }
            Self::Open { at, .. } if at.starts_with("postgres") => {
                "check that the server runs and lets you in: psql URL".to_owned()
            }
            Self::Open { at, .. } => format!("check who owns it: ls -l {at}"),
            Self::Database { .. } => "run the same command again; nothing is half done".to_owned(),
            Self::Busy => "wait for it to end and run the same command again".to_owned(),
            Self::Newer { .. } => "use a newer version".to_owned(),
            Self::Damaged { .. } => {
                "somebody changed the database: put it back from a copy and compare: unspoof judge list".to_owned()
            }
            Self::Invalid(_) => "see how it is written: unspoof judge --help".to_owned(),
            Self::Read { path, .. } => format!("check the path: ls -l {path}"),
            Self::Lines { .. } => {
                "correct these lines and import the file again; nothing of it was taken".to_owned()
            }
        })
    }
}
