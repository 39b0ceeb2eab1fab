//! The one log of a case: a transparency log in plain files.
//!
//! The layout under `log/` is C2SP tlog-tiles (<https://c2sp.org/tlog-tiles>): Merkle tree tiles
//! of height 8 (RFC 6962 hashing), entry bundles, and `checkpoint`, a signed tree head (C2SP
//! tlog-checkpoint and signed-note). Beside it stand `key.txt`, the public key, and
//! `manifests/<sha256>.txt`, the list of the case's files that each event pins.
//!
//! The checkpoint decides: an entry is in the log when the checkpoint in place counts it. Tiles are
//! written before it and what it no longer needs is removed after it, so that a process may die
//! at any moment.

mod append;
mod read;
mod tiles;

use std::fs;
use std::io::Read as _;

use camino::{Utf8Path, Utf8PathBuf};
use signed_note::{Note, StandardVerifier, Verifier as _, VerifierList};
use tlog_tiles::{Checkpoint, Hash};
use unspoof_model::Sha256Hash;

use crate::durable;
use crate::error::{CaseError, IoFault, LogError};
use crate::keys;

pub(crate) use append::{Append, leaf_hash};
pub use read::log_entries;
pub(crate) use read::{Entries, steady};
pub(crate) use tiles::{expected_tiles, tile_of, tile_path};

/// The folder of the log.
pub(crate) const LOG: &str = "log";
const KEY: &str = "key.txt";
const CHECKPOINT: &str = "checkpoint";

/// More entries than a case can ever have; a checkpoint that claims more is malformed.
const MAX_SIZE: u64 = 1 << 40;

/// No file of the log is larger, bundles of 256 entries included; see `event::MAX_ENTRY_BYTES`.
const MAX_FILE_BYTES: u64 = 256 * (2 + u16::MAX as u64);

/// A log, with the key that its checkpoints must be signed by.
#[derive(Clone)]
pub(crate) struct Log {
    dir: Utf8PathBuf,
    public: String,
    verifier: StandardVerifier,
}

/// A signed tree head that has been checked against the log's key.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Head {
    pub(crate) size: u64,
    pub(crate) root: Hash,
    /// The note as it stands in the file.
    pub(crate) note: Vec<u8>,
}

impl Head {
    /// The head of a log without entries, which nobody signs.
    pub(crate) fn empty() -> Self {
        Self {
            size: 0,
            root: tlog_tiles::EMPTY_HASH,
            note: Vec::new(),
        }
    }
}

/// A tree hash as our own type.
pub(crate) fn as_sha256(hash: Hash) -> Sha256Hash {
    Sha256Hash(hash.0)
}

impl Log {
    /// Opens the log of a case, trusting the key that stands in it.
    pub(crate) fn open(root: &Utf8Path) -> Result<Self, CaseError> {
        let dir = root.join(LOG);
        let path = dir.join(KEY);
        let text = match read_capped(&path) {
            Ok(bytes) => String::from_utf8(bytes).map_err(|_| LogError::Key)?,
            Err(error) if durable::is_absent(&error) => {
                return Err(CaseError::NotACase {
                    root: root.to_owned(),
                });
            }
            Err(error) => return Err(IoFault::at("read", &path)(error).into()),
        };
        let public = text.strip_suffix('\n').ok_or(LogError::Key)?;
        Ok(Self::with_key(root, public)?)
    }

    /// Opens the log of a case with a key that was kept elsewhere.
    pub(crate) fn with_key(root: &Utf8Path, public: &str) -> Result<Self, LogError> {
        let verifier = StandardVerifier::new(public).map_err(|_| LogError::Key)?;
        // The parser takes the key's id in capitals too; a key has one form here.
        let start = format!("{}+{:08x}+", verifier.name(), verifier.key_id());
        if !keys::is_origin(verifier.name()) || !public.starts_with(&start) {
            return Err(LogError::Key);
        }
        Ok(Self {
            dir: root.join(LOG),
            public: public.to_owned(),
            verifier,
        })
    }

    /// Writes the public key of a new log.
    pub(crate) fn create(root: &Utf8Path, public: &str) -> Result<Self, CaseError> {
        let log = Self::with_key(root, public)?;
        durable::create_dir_all(&log.dir.join("manifests"))?;
        durable::write_new(&log.dir.join(KEY), format!("{public}\n").as_bytes())?;
        durable::sync_dir(&log.dir)?;
        Ok(log)
    }

    /// Returns the log's name, which its key and its checkpoints carry.
    pub(crate) fn origin(&self) -> &str {
        self.verifier.name()
    }

    /// Returns the public key as text.
    pub(crate) fn public(&self) -> &str {
        &self.public
    }

    /// Reads the checkpoint; `None` for a log that has none yet.
    pub(crate) fn head(&self) -> Result<Option<Head>, CaseError> {
        let path = self.dir.join(CHECKPOINT);
        match read_capped(&path) {
            Ok(note) => Ok(Some(self.check_note(&note)?)),
            Err(error) if durable::is_absent(&error) => Ok(None),
            Err(error) => Err(IoFault::at("read", &path)(error).into()),
        }
    }

    /// Checks a checkpoint: by the log's key, for the log's name, and in the one form in which we
    /// would have written it.
    pub(crate) fn check_note(&self, bytes: &[u8]) -> Result<Head, LogError> {
        let note = Note::from_bytes(bytes).map_err(|_| LogError::Checkpoint)?;
        let known = VerifierList::new(vec![Box::new(self.verifier.clone())]);
        let (signed, unknown) = note.verify(&known).map_err(|_| LogError::Signature)?;
        let [signature] = signed.as_slice() else {
            return Err(LogError::Checkpoint);
        };
        let checkpoint = Checkpoint::from_bytes(note.text()).map_err(|_| LogError::Checkpoint)?;
        let alone = Note::new(note.text(), std::slice::from_ref(signature))
            .map_err(|_| LogError::Checkpoint)?;
        let ours = unknown.is_empty()
            && alone.to_bytes() == bytes
            && checkpoint.origin() == self.origin()
            && checkpoint.extension().is_empty()
            && (1..=MAX_SIZE).contains(&checkpoint.size());
        if !ours {
            return Err(LogError::Checkpoint);
        }
        Ok(Head {
            size: checkpoint.size(),
            root: *checkpoint.hash(),
            note: bytes.to_vec(),
        })
    }

    /// Returns where the list of a state's files is kept.
    pub(crate) fn manifest_path(&self, state: Sha256Hash) -> Utf8PathBuf {
        self.dir.join("manifests").join(format!("{state}.txt"))
    }
}

/// Reads a file of the log, unless it is larger than any can be.
fn read_capped(path: &Utf8Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
