//! What can go wrong with a case, told so that a person can act on it.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::{Coded, Sha256Hash, UtcMicros};

use crate::clock::rfc3339_utc;

/// A file operation that the operating system refused.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing} `{path}`")]
pub struct IoFault {
    /// What was tried, as a verb.
    pub doing: &'static str,
    /// With which file.
    pub path: Utf8PathBuf,
    /// What the operating system said.
    #[source]
    pub source: io::Error,
}

impl IoFault {
    pub(crate) fn at(doing: &'static str, path: &Utf8Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self {
            doing,
            path,
            source,
        }
    }

    fn is_full(&self) -> bool {
        matches!(
            self.source.kind(),
            io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::FileTooLarge
                | io::ErrorKind::WriteZero
        )
    }
}

impl Coded for IoFault {
    fn code(&self) -> &'static str {
        if self.is_full() {
            "case/disk-full"
        } else {
            "case/io"
        }
    }

    fn hint(&self) -> Option<String> {
        if self.is_full() {
            return Some(
                "make room, then run the same command again; nothing is half done".to_owned(),
            );
        }
        (self.source.kind() == io::ErrorKind::PermissionDenied)
            .then(|| format!("check who owns it: ls -l {}", self.path))
    }
}

/// Who holds a case that is busy.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Holder {
    /// The actor.
    pub actor: String,
    /// The process's number on its machine.
    pub pid: u32,
    /// The command's name.
    pub command: String,
    /// Since when, in UTC microseconds.
    pub since_utc: UtcMicros,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            actor,
            pid,
            command,
            since_utc,
        } = self;
        write!(
            f,
            "`{actor}` with `{command}` (process {pid}) since {}",
            rfc3339_utc(*since_utc)
        )
    }
}

fn held_by(holder: Option<&Holder>) -> String {
    holder.map_or_else(
        || "by another process".to_owned(),
        |holder| format!("by {holder}"),
    )
}

/// Why a case could not be made, opened or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseError {
    /// The folder holds no case.
    #[error("`{root}` is not a case")]
    NotACase {
        /// The folder.
        root: Utf8PathBuf,
    },
    /// The folder is in use.
    #[error("`{root}` cannot become a case: it holds `{name}` already")]
    Exists {
        /// The folder.
        root: Utf8PathBuf,
        /// What stands in the way.
        name: String,
    },
    /// Made by a newer version.
    #[error("the case has format {found}; this version opens formats up to {known}")]
    NewerFormat {
        /// The case's format.
        found: u64,
        /// The newest that this version opens.
        known: u64,
    },
    /// `case.toml` cannot be read as one.
    #[error("`{path}` is not a case configuration")]
    Config {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A configuration cannot be written as TOML.
    #[error("the configuration cannot be written")]
    ConfigWrite(#[source] Box<toml::ser::Error>),
    /// Somebody else writes to the case.
    #[error("the case is held {}", held_by(.holder.as_ref()))]
    Busy {
        /// Who, where it could be told.
        holder: Option<Holder>,
    },
    /// Somebody else kept the log for too long.
    #[error("the case's log is in use for more than {waited_s} s")]
    LogBusy {
        /// How long was waited, in seconds.
        waited_s: u64,
    },
    /// Not a place where a case keeps files.
    #[error("`{path}` is no place inside a case's recorded folders")]
    Place {
        /// The place as given.
        path: String,
    },
    /// One file would stand where another one needs a folder.
    #[error("`{file}` cannot be a file and a folder at once")]
    PlaceClash {
        /// The place.
        file: String,
    },
    /// A recorded file does not hold what the log says.
    #[error("`{path}` does not hold what the log recorded")]
    Changed {
        /// The file, from the case's root.
        path: String,
    },
    /// The case changed under the hands of whoever held it.
    #[error("the case was changed by another process in the meantime")]
    Overtaken,
    /// A detail that the log cannot hold.
    #[error("the event cannot be recorded: {reason}")]
    Event {
        /// Why.
        reason: String,
    },
    /// Recorded, but the files are not all in their places yet.
    #[error("the work is recorded but not all of its files are in place")]
    Unfinished(#[source] Box<CaseError>),
    /// The keys.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A file operation failed.
    #[error(transparent)]
    Io(#[from] IoFault),
}

impl Coded for CaseError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotACase { .. } => "case/not-a-case",
            Self::Exists { .. } => "case/exists",
            Self::NewerFormat { .. } => "case/newer-format",
            Self::Config { .. } | Self::ConfigWrite(_) => "case/config",
            Self::Busy { .. } | Self::LogBusy { .. } => "case/busy",
            Self::Place { .. } | Self::PlaceClash { .. } => "case/place",
            Self::Changed { .. } => "case/changed",
            Self::Overtaken => "case/overtaken",
            Self::Event { .. } => "case/event",
            Self::Unfinished(_) => "case/unfinished",
            Self::Key(error) => error.code(),
            Self::Log(error) => error.code(),
            Self::Io(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NotACase { .. } => {
                Some("stand in the case's folder, or name it with --case DIR".to_owned())
            }
            Self::Exists { .. } => Some("choose a new folder with --case DIR".to_owned()),
            Self::NewerFormat { .. } => Some("open it with the version that made it".to_owned()),
            Self::Busy { .. } | Self::LogBusy { .. } => {
                Some("try again when that process has ended".to_owned())
            }
            Self::Changed { .. } => Some("see what else changed: unspoof verify".to_owned()),
            Self::Unfinished(_) => {
                Some("the next command that writes to the case finishes it".to_owned())
            }
            Self::Key(error) => error.hint(),
            Self::Log(error) => error.hint(),
            Self::Io(error) => error.hint(),
            Self::Config { .. }
            | Self::ConfigWrite(_)
            | Self::Place { .. }
            | Self::PlaceClash { .. }
            | Self::Overtaken
            | Self::Event { .. } => None,
        }
    }
}

/// Why a case's private keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Neither `UNSPOOF_KEYS` nor a home folder says where keys live.
    #[error("no folder for keys is known")]
    NoFolder,
    /// A folder's name that is no UTF-8.
    #[error("the folder for keys has a name that is not UTF-8")]
    FolderName,
    /// Whoever gets the case would get its keys.
    #[error("the folder for keys, `{folder}`, lies inside the case")]
    InsideCase {
        /// The folder for keys.
        folder: Utf8PathBuf,
    },
    /// The keys of this case are not in the folder.
    #[error("the private keys of case `{origin}` are not in `{folder}`")]
    Missing {
        /// The log's name.
        origin: String,
        /// The folder that was looked into.
        folder: Utf8PathBuf,
    },
    /// Others than the owner may read a private key.
    #[error("`{path}` can be read by others than its owner")]
    Exposed {
        /// The key file.
        path: Utf8PathBuf,
    },
    /// A key file holds something else.
    #[error("`{path}` is not a key of case `{origin}`")]
    Malformed {
        /// The key file.
        path: Utf8PathBuf,
        /// The log's name.
        origin: String,
    },
    /// The private key is not the one whose public half the case names.
    #[error("the private key of case `{origin}` does not belong to the key in `log/key.txt`")]
    Mismatch {
        /// The log's name.
        origin: String,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes for a new key")]
    Random(#[source] getrandom::Error),
    /// A file operation failed.
    #[error(transparent)]
    Io(#[from] IoFault),
}

impl Coded for KeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoFolder | Self::FolderName => "keys/no-folder",
            Self::InsideCase { .. } => "keys/inside-case",
            Self::Missing { .. } => "keys/missing",
            Self::Exposed { .. } => "keys/exposed",
            Self::Malformed { .. } => "keys/malformed",
            Self::Mismatch { .. } => "keys/mismatch",
            Self::Random(_) => "keys/random",
            Self::Io(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoFolder | Self::FolderName | Self::InsideCase { .. } | Self::Missing { .. } => {
                Some("name the folder that holds them: export UNSPOOF_KEYS=DIR".to_owned())
            }
            Self::Exposed { path } => Some(format!("chmod 600 {path}")),
            Self::Io(error) => error.hint(),
            Self::Malformed { .. } | Self::Mismatch { .. } | Self::Random(_) => None,
        }
    }
}

/// What is wrong with a case's log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The public key is not one.
    #[error("`log/key.txt` is not a verifier key")]
    Key,
    /// The checkpoint is no signed note of a tree head.
    #[error("`log/checkpoint` is not a signed checkpoint")]
    Checkpoint,
    /// The signature is not by the log's key.
    #[error("the signature of `log/checkpoint` is not by the log's key")]
    Signature,
    /// A tile is missing or of the wrong size.
    #[error("`log/{path}` is missing, or is not a tile of its log")]
    Tile {
        /// The tile, under `log/`.
        path: String,
    },
    /// Entries and checkpoint do not fit together.
    #[error("the log's entries are not those that its checkpoint signs")]
    Tree,
    /// An entry is no event.
    #[error("entry {seq} of the log is not an event")]
    Entry {
        /// Place of the entry, counted from 0.
        seq: u64,
    },
    /// Written by a newer version.
    #[error("entry {seq} of the log has format {found}; this version reads format {known}")]
    NewerEntry {
        /// Place of the entry, counted from 0.
        seq: u64,
        /// Its format.
        found: u64,
        /// The format that this version reads.
        known: u64,
    },
    /// A state's list of files is missing or changed.
    #[error("`log/manifests/{state}.txt` is missing or changed")]
    Manifest {
        /// The list's hash, by which the log names it.
        state: Sha256Hash,
    },
}

impl Coded for LogError {
    fn code(&self) -> &'static str {
        match self {
            Self::Key => "log/key",
            Self::Checkpoint => "log/checkpoint",
            Self::Signature => "log/signature",
            Self::Tile { .. } => "log/tile",
            Self::Tree => "log/tree",
            Self::Entry { .. } => "log/entry",
            Self::NewerEntry { .. } => "case/newer-format",
            Self::Manifest { .. } => "log/manifest",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NewerEntry { .. } => Some("open it with the version that wrote it".to_owned()),
            Self::Key
            | Self::Checkpoint
            | Self::Signature
            | Self::Tile { .. }
            | Self::Tree
            | Self::Entry { .. }
            | Self::Manifest { .. } => Some(
                "see what else changed: unspoof verify; then restore the folder from its last copy"
                    .to_owned(),
            ),
        }
    }
}

/// Why a file could not be sealed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The file could not be read.
    #[error("could not read `{path}` after {read_bytes} bytes")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// How far reading got, in bytes.
        read_bytes: u64,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A folder, a device or the like.
    #[error("`{path}` is not a regular file")]
    NotAFile {
        /// What was given.
        path: Utf8PathBuf,
    },
    /// The file was written to while it was sealed.
    #[error("`{path}` changed while it was read")]
    ChangedWhileRead {
        /// The file.
        path: Utf8PathBuf,
    },
    /// The name is taken by other content.
    #[error("exhibit `{exhibit}` is sealed already, with other content")]
    Changed {
        /// The exhibit.
        exhibit: String,
        /// What is sealed under that name.
        sealed_sha256: Sha256Hash,
        /// What the file holds.
        found_sha256: Sha256Hash,
    },
    /// Not a name for an exhibit.
    #[error(
        "`{name}` cannot name an exhibit: 1 to 100 of the characters A-Z a-z 0-9 . _ -, the first no point or dash"
    )]
    Name {
        /// The name as given.
        name: String,
    },
    /// A note that would break the bag's text files.
    #[error("`{field}` holds a line break or another control character")]
    Note {
        /// Which note.
        field: &'static str,
    },
    /// The case.
    #[error(transparent)]
    Case(#[from] CaseError),
}

impl From<IoFault> for SealError {
    fn from(fault: IoFault) -> Self {
        Self::Case(CaseError::Io(fault))
    }
}

impl Coded for SealError {
    fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "evidence/read",
            Self::NotAFile { .. } => "evidence/not-a-file",
            Self::ChangedWhileRead { .. } => "evidence/changed-while-read",
            Self::Changed { .. } => "evidence/changed",
            Self::Name { .. } => "evidence/name",
            Self::Note { .. } => "evidence/note",
            Self::Case(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => Some("make it readable, or seal a copy that is".to_owned()),
            Self::NotAFile { .. } => Some("seal each file by itself".to_owned()),
            Self::ChangedWhileRead { .. } => {
                Some("stop what writes to it, then seal it again".to_owned())
            }
            Self::Changed { .. } => Some("seal it as a new exhibit: --name NAME".to_owned()),
            Self::Name { .. } => Some("choose another: --name NAME".to_owned()),
            Self::Note { .. } => None,
            Self::Case(error) => error.hint(),
        }
    }
}
