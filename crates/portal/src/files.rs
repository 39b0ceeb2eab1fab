//! Attachments: sealed as they arrive, so that no plaintext touches a disk.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::draft::{AddedFile, SecretText};
use crate::seal::{Recipient, SealWriter};
use crate::sealed::begins_sealed;
use crate::spool::{RecordId, private};
use crate::{PortalError, hex, kinds};

/// Bytes of one file, at most.
pub const MAX_FILE_BYTES: u64 = 25 * 1024 * 1024;
/// The same, sealed by a browser: a header, and 16 bytes for each chunk.
pub const MAX_SEALED_FILE_BYTES: u64 = MAX_FILE_BYTES + 16 * 1024;
/// Files of one report, at most.
pub const MAX_FILES: usize = 20;
const IDLE_MS: u64 = 30 * 60_000;

/// A file that is being received. Dropped before it is finished, it leaves nothing behind.
pub struct OpenUpload {
    /// The sealed file's id.
    pub id: RecordId,
    /// Bytes that have arrived.
    pub offset: u64,
    /// Bytes that were announced; `None` where a form sends them without saying.
    pub size_bytes: Option<u64>,
    /// Which draft it belongs to.
    pub owner: String,
    name: SecretText,
    sink: Option<Sink>,
    hash: Sha256,
    first: Vec<u8>,
    unfinished: PathBuf,
    touched_ms: u64,
}

/// Where the bytes go.
enum Sink {
    Seal(Box<SealWriter<File>>),
    /// The browser has sealed them.
    Sealed(File),
}

/// What an upload brings.
#[derive(Clone, Copy, Debug)]
pub enum Brings<'a> {
    /// A file, to be sealed to these.
    Plain(&'a [Recipient]),
    /// An `age` file.
    Sealed,
}

impl fmt::Debug for OpenUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenUpload({}, {} bytes)", self.id, self.offset)
    }
}

impl Drop for OpenUpload {
    fn drop(&mut self) {
        if self.sink.take().is_some() {
            // What cannot be removed now is removed at the next start.
            let _ = fs::remove_file(&self.unfinished);
        }
    }
}

impl OpenUpload {
    /// Begins a sealed file in `pending`.
    ///
    /// # Errors
    /// [`PortalError::Io`], [`PortalError::Seal`].
    pub fn begin(
        pending: &Path,
        brings: Brings<'_>,
        name: &str,
        size_bytes: Option<u64>,
        owner: String,
        now_ms: u64,
    ) -> Result<Self, PortalError> {
        let id = RecordId::draw()?;
        let unfinished = pending.join(format!("{id}.part"));
        let file = private(OpenOptions::new().write(true).create_new(true))
            .open(&unfinished)
            .map_err(PortalError::io("write", &unfinished))?;
        Ok(Self {
            id,
            offset: 0,
            size_bytes,
            owner,
            name: SecretText(name.chars().filter(|c| !c.is_control()).take(200).collect()),
            sink: Some(match brings {
                Brings::Plain(to) => Sink::Seal(Box::new(SealWriter::new(file, to)?)),
                Brings::Sealed => Sink::Sealed(file),
            }),
            hash: Sha256::new(),
            first: Vec::new(),
            unfinished,
            touched_ms: now_ms,
        })
    }

    /// Whether nothing has arrived for half an hour.
    #[must_use]
    pub fn is_idle(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.touched_ms) > IDLE_MS
    }

    /// Seals what arrived; `false` where the file would grow larger than it may.
    ///
    /// # Errors
    /// Whatever the disk says.
    pub fn take(&mut self, piece: &[u8], now_ms: u64) -> io::Result<bool> {
        let grown = self.offset + piece.len() as u64;
        let most = match self.sink {
            Some(Sink::Sealed(_)) => MAX_SEALED_FILE_BYTES,
            Some(Sink::Seal(_)) | None => MAX_FILE_BYTES,
        };
        if grown > self.size_bytes.unwrap_or(most).min(most) {
            return Ok(false);
        }
        match self.sink.as_mut() {
            Some(Sink::Seal(writer)) => writer.write_all(piece)?,
            Some(Sink::Sealed(file)) => file.write_all(piece)?,
            None => return Err(io::Error::other("finished already")),
        }
        self.hash.update(piece);
        let missing = kinds::LOOK_BYTES.saturating_sub(self.first.len());
        self.first.extend(piece.iter().take(missing));
        self.offset = grown;
        self.touched_ms = now_ms;
        Ok(true)
    }

    /// Seals the end and waits for the disk.
    ///
    /// # Errors
    /// Whatever the disk says; nothing is left then.
    pub fn finish(mut self) -> Result<AddedFile, PortalError> {
        let finished = self.unfinished.with_extension("age");
        let sink = self.sink.take().ok_or(PortalError::Seal)?;
        let by_browser = matches!(sink, Sink::Sealed(_));
        let sealed = match sink {
            Sink::Seal(writer) => writer.finish(),
            Sink::Sealed(file) if begins_sealed(&self.first) => Ok(file),
            Sink::Sealed(_) => Err(io::ErrorKind::InvalidData.into()),
        };
        let outcome = sealed
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.unfinished, &finished))
            .and_then(|()| sync_folder(&finished));
        if let Err(source) = outcome {
            let _ = fs::remove_file(&self.unfinished);
            return Err(PortalError::Io {
                doing: "write",
                path: finished,
                source,
            });
        }
        Ok(AddedFile {
            id: self.id.to_string(),
            name: self.name.clone(),
            size_bytes: self.offset,
            sha256: hex::encode(&std::mem::take(&mut self.hash).finalize()),
            kind: if by_browser {
                "sealed".to_owned()
            } else {
                kinds::of(&self.first).to_owned()
            },
            by_browser,
        })
    }
}

fn sync_folder(file: &Path) -> io::Result<()> {
    file.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Moves the files of a report that is being sent to where the inside pulls them from. A file
/// that was moved before an interruption is there already.
///
/// # Errors
/// [`PortalError::Io`] where one is in neither place.
pub fn hand_over(spool: &Path, files: &[AddedFile]) -> Result<(), PortalError> {
    for file in files {
        let name = format!("{}.age", file.id);
        let (from, to) = (
            spool.join("pending").join(&name),
            spool.join("files").join(&name),
        );
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && to.exists() => {}
            other => other.map_err(PortalError::io("move", &from))?,
        }
    }
    if !files.is_empty() {
        let folder = spool.join("files");
        File::open(&folder)
            .and_then(|f| f.sync_all())
            .map_err(PortalError::io("write", &folder))?;
    }
    Ok(())
}

/// Removes a file that the visitor took back.
///
/// # Errors
/// [`PortalError::Io`] where it is there and cannot be removed.
pub fn take_back(spool: &Path, file: &AddedFile) -> Result<(), PortalError> {
    let path = spool.join("pending").join(format!("{}.age", file.id));
    match fs::remove_file(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(PortalError::io("remove", &path)),
    }
}
