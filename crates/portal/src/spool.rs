//! Writing the spool ([`unspoof_handover::spool`]): each record is durable before it is acknowledged.
//!
//! One thread writes: it takes what waits, writes it, waits for the disk once, and answers all. A
//! process never appends to a segment that another one wrote.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;
use unspoof_handover::spool::{MAGIC, first_link, link};
pub use unspoof_handover::spool::{RecordId, SpoolContent, SpoolRecord, read};

use crate::clock::SharedClock;
use crate::{PortalError, chance, hex};

const SEGMENT_BYTES: u64 = 64 << 20;
const BATCH: usize = 512;

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
        chain: first_link(&name),
        bytes: MAGIC.len() as u64,
    })
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
