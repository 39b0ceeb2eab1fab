//! The spool: append-only segments of sealed records, each durable before it is acknowledged.
//!
//! A segment file is `segment-UTCMS-RANDOM.spool`; it starts with [`MAGIC`] and holds records:
//! 16 bytes id, 8 bytes length (big-endian), the sealed bytes, and 32 bytes of SHA-256 over the
//! chain value before it and all that. The first chain value is the SHA-256 of the file's name. So a
//! record that is missing, changed or moved is seen; a last record that is cut off was never
//! acknowledged. A process never appends to a segment that another one wrote. Attachments are files
//! of their own, `files/ID.age`, and the statement that a visitor sends names them.
//!
//! One thread writes: it takes what waits, writes it, waits for the disk once, and answers all.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use crate::clock::SharedClock;
use crate::{PortalError, chance, hex};

/// How a segment begins.
pub const MAGIC: &[u8; 16] = b"unspoof-spool-1\n";

/// Sealed records larger than this are no records.
const MAX_RECORD_BYTES: u64 = 1 << 20;
const SEGMENT_BYTES: u64 = 64 << 20;
const BATCH: usize = 512;

/// An id of a record or an attachment, drawn at random; the inside pulls each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordId(pub [u8; 16]);

impl RecordId {
    /// Draws one.
    ///
    /// # Errors
    /// [`PortalError::System`] without randomness.
    pub fn draw() -> Result<Self, PortalError> {
        chance::bytes().map(Self)
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

struct Waiting {
    id: RecordId,
    sealed: Vec<u8>,
    done: oneshot::Sender<Result<(), String>>,
}

/// Takes sealed records. Clones share one writing thread.
#[derive(Clone, Debug)]
pub struct Spool {
    root: PathBuf,
    queue: mpsc::SyncSender<Waiting>,
    /// Held for as long as any clone lives.
    _lock: std::sync::Arc<File>,
}

impl Spool {
    /// Opens the spool and takes its lock.
    ///
    /// # Errors
    /// [`PortalError::Busy`] where another process has it; [`PortalError::Io`].
    pub fn open(root: &Path, clock: SharedClock) -> Result<Self, PortalError> {
        for folder in ["", "files", "drafts", "pending"] {
            make_private_folder(&root.join(folder))?;
        }
        let lock_path = root.join("lock");
        let lock = private(OpenOptions::new().create(true).truncate(false).write(true))
            .open(&lock_path)
            .map_err(PortalError::io("write", &lock_path))?;
        lock.try_lock().map_err(|_| PortalError::Busy {
            path: root.to_owned(),
        })?;
        let (queue, waiting) = mpsc::sync_channel::<Waiting>(4 * BATCH);
        let folder = root.to_owned();
        thread::Builder::new()
            .name("spool".into())
            .spawn(move || write_all(&folder, &clock, &waiting))
            .map_err(|_| PortalError::System { what: "a thread" })?;
        Ok(Self {
            root: root.to_owned(),
            queue,
            _lock: std::sync::Arc::new(lock),
        })
    }

    /// Returns the spool's folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Adds a sealed record. When this returns, the record is on the disk.
    ///
    /// # Errors
    /// [`PortalError::Spool`]: the record may or may not be there, and was not acknowledged.
    pub async fn add(&self, id: RecordId, sealed: Vec<u8>) -> Result<(), PortalError> {
        let (done, answer) = oneshot::channel();
        let full = |_| PortalError::Spool {
            detail: "too many records wait for the disk".into(),
        };
        self.queue
            .try_send(Waiting { id, sealed, done })
            .map_err(full)?;
        match answer.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(detail)) => Err(PortalError::Spool { detail }),
            Err(_) => Err(PortalError::Spool {
                detail: "the writing thread has ended".into(),
            }),
        }
    }
}

struct Segment {
    file: File,
    chain: [u8; 32],
    bytes: u64,
}

fn write_all(root: &Path, clock: &SharedClock, waiting: &mpsc::Receiver<Waiting>) {
    let mut segment: Option<Segment> = None;
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(BATCH - 1));
        let written = write_batch(root, clock, &mut segment, &batch);
        // After a failed write or fsync nobody knows what the file holds: the next batch gets a
        // new one (P. Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
        if written.is_err() {
            segment = None;
        }
        for one in batch {
            let answer = written.as_ref().copied().map_err(ToString::to_string);
            // Whoever asked may have hung up.
            let _ = one.done.send(answer);
        }
    }
}

fn write_batch(
    root: &Path,
    clock: &SharedClock,
    open: &mut Option<Segment>,
    batch: &[Waiting],
) -> io::Result<()> {
    if open
        .as_ref()
        .is_none_or(|segment| segment.bytes >= SEGMENT_BYTES)
    {
        *open = Some(begin(root, clock)?);
    }
    let segment = open
        .as_mut()
        .ok_or_else(|| io::Error::other("no segment"))?;
    let mut written = Vec::new();
    for one in batch {
        let from = written.len();
        written.extend_from_slice(&one.id.0);
        written.extend_from_slice(&(one.sealed.len() as u64).to_be_bytes());
        written.extend_from_slice(&one.sealed);
        let record = written.split_at(from).1;
        segment.chain = link(&segment.chain, record);
        written.extend_from_slice(&segment.chain);
    }
    segment.file.write_all(&written)?;
    segment.file.sync_data()?;
    segment.bytes += written.len() as u64;
    Ok(())
}

fn begin(root: &Path, clock: &SharedClock) -> io::Result<Segment> {
    let random: [u8; 8] = chance::bytes().map_err(|_| io::Error::other("no randomness"))?;
    let name = format!(
        "segment-{:014}-{}.spool",
        clock.now_ms(),
        hex::encode(&random)
    );
    let mut file =
        private(OpenOptions::new().create_new(true).append(true)).open(root.join(&name))?;
    file.write_all(MAGIC)?;
    file.sync_all()?;
    File::open(root)?.sync_all()?;
    Ok(Segment {
        file,
        chain: Sha256::digest(name.as_bytes()).into(),
        bytes: MAGIC.len() as u64,
    })
}

fn link(chain: &[u8; 32], record: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(chain)
        .chain_update(record)
        .finalize()
        .into()
}

/// Nobody but the portal's own account reads what it writes.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

fn make_private_folder(path: &Path) -> Result<(), PortalError> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(PortalError::io("make", path))
}

/// A sealed record as the inside reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolRecord {
    /// Its id.
    pub id: RecordId,
    /// An `age` file.
    pub sealed: Vec<u8>,
}

/// What a spool holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpoolContent {
    /// New records, by segment and place.
    pub records: Vec<SpoolRecord>,
    /// Segments that end in a record that was never acknowledged.
    pub cut_off: Vec<String>,
    /// Segments with bytes that nobody wrote so: name and offset of the first.
    pub damaged: Vec<(String, u64)>,
}

/// Reads a copy of a spool, leaving out ids that were pulled before.
///
/// # Errors
/// [`PortalError::Io`] where a segment cannot be read.
pub fn read(root: &Path, pulled: &BTreeSet<RecordId>) -> Result<SpoolContent, PortalError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root).map_err(PortalError::io("read", root))? {
        let entry = entry.map_err(PortalError::io("read", root))?;
        if let Some(name) = entry
            .file_name()
            .to_str()
            .filter(|name| name.ends_with(".spool"))
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    let mut content = SpoolContent::default();
    let mut seen = pulled.clone();
    for name in names {
        let path = root.join(&name);
        let bytes = fs::read(&path).map_err(PortalError::io("read", &path))?;
        read_segment(&name, &bytes, &mut seen, &mut content);
    }
    Ok(content)
}

fn read_segment(
    name: &str,
    bytes: &[u8],
    seen: &mut BTreeSet<RecordId>,
    content: &mut SpoolContent,
) {
    let Some(mut rest) = bytes.strip_prefix(MAGIC.as_slice()) else {
        if MAGIC.starts_with(bytes) {
            content.cut_off.push(name.to_owned());
        } else {
            content.damaged.push((name.to_owned(), 0));
        }
        return;
    };
    let mut chain: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    while !rest.is_empty() {
        let offset = (bytes.len() - rest.len()) as u64;
        let Some((head, after)) = rest.split_first_chunk::<24>() else {
            content.cut_off.push(name.to_owned());
            return;
        };
        let (id, length) = head.split_at(16);
        let length = length.try_into().map_or(u64::MAX, u64::from_be_bytes);
        let id = id.try_into().map(RecordId);
        let (Ok(id), true) = (id, length <= MAX_RECORD_BYTES) else {
            content.damaged.push((name.to_owned(), offset));
            return;
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let parts = after.split_at_checked(length).and_then(|(sealed, after)| {
            after
                .split_first_chunk::<32>()
                .map(|(link, after)| (sealed, link, after))
        });
        let Some((sealed, linked, after)) = parts else {
            content.cut_off.push(name.to_owned());
            return;
        };
        let record = rest.split_at(24 + length).0;
        chain = link(&chain, record);
        if chain != *linked {
            content.damaged.push((name.to_owned(), offset));
            return;
        }
        if seen.insert(id) {
            content.records.push(SpoolRecord {
                id,
                sealed: sealed.to_vec(),
            });
        }
        rest = after;
    }
}
