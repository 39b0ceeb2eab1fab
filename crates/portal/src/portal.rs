//! What the portal holds while it runs: the bundle, keys in memory, the spool, limits.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use zeroize::Zeroizing;

use crate::bundle::{Bundle, CheckedBundle, key_pair};
use crate::clock::{SharedClock, rfc3339_utc};
use crate::codes::CodeKey;
use crate::draft::{Drafts, pad};
use crate::files::OpenUpload;
use crate::limits::{Freezes, Limits};
use crate::room::Room;
use crate::seal::seal;
use crate::spool::{RecordId, Spool, private};
use crate::ticket::Tickets;
use crate::words::Words;
use crate::{PortalError, hex};

/// Keys that are handed over at start and live in memory only.
pub struct Keys {
    /// The key under which codes are hashed.
    pub code: CodeKey,
    /// The Ed25519 seed of receipts.
    pub receipt_seed: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(•••)")
    }
}

/// Counts since start. No person, number or code is behind any of them.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    counts: Mutex<BTreeMap<&'static str, u64>>,
    pub(crate) connections: AtomicU64,
}

impl Metrics {
    pub(crate) fn count(&self, what: &'static str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(what).or_default() += 1;
    }

    /// Prometheus' text format.
    pub(crate) fn text(&self) -> String {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = format!(
            "# TYPE unspoof_portal_connections gauge\nunspoof_portal_connections {}\n# TYPE unspoof_portal_events_total counter\n",
            self.connections.load(Ordering::Relaxed)
        );
        for (what, count) in counts.iter() {
            text.push_str(&format!(
                "unspoof_portal_events_total{{event=\"{what}\"}} {count}\n"
            ));
        }
        text
    }
}

/// Codes that froze and wait to be reported inwards.
#[derive(Debug)]
struct FrozenQueue {
    queue: mpsc::UnboundedSender<[u8; 32]>,
    waiting: Mutex<Option<mpsc::UnboundedReceiver<[u8; 32]>>>,
    /// How many are not reported yet.
    left: AtomicU64,
}

impl FrozenQueue {
    fn new() -> Self {
        let (queue, waiting) = mpsc::unbounded_channel();
        Self {
            queue,
            waiting: Mutex::new(Some(waiting)),
            left: AtomicU64::new(0),
        }
    }
}

/// How long a code has been frozen when the inside is told.
const REPORT_AFTER: Duration = Duration::from_secs(1);
/// Bytes of the disk that are kept for what is sent, unless [`Portal::reserve`] says otherwise.
const RESERVE_BYTES: u64 = 1 << 30;

/// The running portal.
pub struct Portal {
    bundle: RwLock<Arc<CheckedBundle>>,
    pub(crate) words: Words,
    pub(crate) code_key: CodeKey,
    receipt_key: Ed25519KeyPair,
    pub(crate) spool: Spool,
    pub(crate) drafts: Drafts,
    pub(crate) clock: SharedClock,
    pub(crate) tickets: Tickets,
    pub(crate) limits: Limits,
    pub(crate) freezes: Freezes,
    frozen: FrozenQueue,
    pub(crate) uploads: Mutex<BTreeMap<RecordId, Arc<tokio::sync::Mutex<OpenUpload>>>>,
    pub(crate) metrics: Metrics,
    pub(crate) room: Room,
    /// Whether a proxy in front tells the client's address.
    pub(crate) is_behind_proxy: bool,
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portal")
            .field("spool", &self.spool.root())
            .finish_non_exhaustive()
    }
}

impl Portal {
    /// Opens the spool and takes the bundle and the keys.
    ///
    /// # Errors
    /// [`PortalError::Key`] where the receipt key is not the bundle's; [`PortalError::Words`] where
    /// a language must not be served; what [`Spool::open`] fails with.
    pub fn open(
        bundle: CheckedBundle,
        keys: &Keys,
        spool: &std::path::Path,
        clock: SharedClock,
        is_behind_proxy: bool,
    ) -> Result<Self, PortalError> {
        let words = Words::load()?;
        let receipt_key = key_pair("receipt", &keys.receipt_seed)?;
        check_served(&bundle.bundle, &words, &receipt_key)?;
        let spool = Spool::open(spool, Arc::clone(&clock))?;
        let frozen = read_frozen(&spool.root().join("frozen"))?;
        remove_unfinished(&spool.root().join("drafts"))?;
        remove_unfinished(&spool.root().join("pending"))?;
        Ok(Self {
            bundle: RwLock::new(Arc::new(bundle)),
            words,
            code_key: keys.code.clone(),
            receipt_key,
            drafts: Drafts::new(spool.root().join("drafts")),
            spool,
            clock,
            tickets: Tickets::new()?,
            limits: Limits::default(),
            freezes: Freezes::with(frozen),
            frozen: FrozenQueue::new(),
            uploads: Mutex::new(BTreeMap::new()),
            metrics: Metrics::default(),
            room: Room::new(RESERVE_BYTES),
            is_behind_proxy,
        })
    }

    /// Keeps so many bytes of the spool's disk free for what is sent: when only these are left, nobody
    /// begins a report or adds a file.
    #[must_use]
    pub fn reserve(mut self, bytes: u64) -> Self {
        self.room = Room::new(bytes);
        self
    }

    /// The bundle that is served now.
    #[must_use]
    pub fn bundle(&self) -> Arc<CheckedBundle> {
        Arc::clone(&self.bundle.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Serves another bundle from the next request on. Requests under way finish with the old one.
    ///
    /// # Errors
    /// As [`Portal::open`]; the old bundle is served on.
    pub fn replace_bundle(&self, bundle: CheckedBundle) -> Result<(), PortalError> {
        check_served(&bundle.bundle, &self.words, &self.receipt_key)?;
        *self.bundle.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(bundle);
        Ok(())
    }

    /// Removes drafts and pending files that nobody touched for the bundle's `draft_days`, and
    /// uploads that stopped half an hour ago.
    ///
    /// # Errors
    /// [`PortalError::Io`] where a folder cannot be read.
    pub fn sweep(&self) -> Result<usize, PortalError> {
        let (days, now_ms) = (self.bundle().bundle.draft_days, self.clock.now_ms());
        let root = self.spool.root();
        self.uploads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, upload| {
                upload
                    .try_lock()
                    .map_or(true, |upload| !upload.is_idle(now_ms))
            });
        Ok(Drafts::sweep(&root.join("drafts"), days, now_ms)?
            + Drafts::sweep(&root.join("pending"), days, now_ms)?)
    }

    /// Seals a message and spools it; `id` tells one message from another, and one that was sent
    /// twice from two. Returns the SHA-256 of the sealed bytes. All messages have a length that is a
    /// multiple of 4096 bytes before sealing, whatever their kind.
    pub(crate) async fn tell_inside(
        &self,
        bundle: &CheckedBundle,
        id: RecordId,
        kind: &str,
        mut message: Value,
    ) -> Result<String, PortalError> {
        if let Value::Object(fields) = &mut message {
            fields.insert("kind".into(), json!(kind));
            fields.insert("version".into(), json!(1));
            fields.insert("id".into(), json!(id.to_string()));
            fields.insert("campaign".into(), json!(bundle.bundle.campaign));
            fields.insert(
                "received_utc".into(),
                json!(rfc3339_utc(self.clock.now_ms())),
            );
        }
        let mut plain = Zeroizing::new(Vec::with_capacity(16 * 1024));
        serde_json::to_writer(&mut *plain, &message).map_err(|_| PortalError::Seal)?;
        pad(&mut plain);
        let sealed = seal(&plain, &bundle.recipients)?;
        let sha256 = hex::encode(&Sha256::digest(&sealed));
        self.spool
            .add(id, sealed)
            .await
            .inspect_err(|_| self.metrics.count("spool_failed"))?;
        Ok(sha256)
    }

    /// Writes and signs a receipt: campaign, reference, instant and the hash of the sealed bytes.
    pub(crate) fn receipt(&self, bundle: &Bundle, reference: &str, sealed_sha256: &str) -> String {
        let at = rfc3339_utc(self.clock.now_ms());
        let body = format!(
            "unspoof receipt v1\ncampaign: {}\nreference: {reference}\nreceived: {at}\nsealed-sha256: {sealed_sha256}\n",
            bundle.campaign.replace(char::is_control, " ")
        );
        let signature = self.receipt_key.sign(body.as_bytes());
        format!(
            "{body}signature: ed25519 {}\n",
            hex::encode(signature.as_ref())
        )
    }

    /// Has a code that froze reported inwards, once for each freezing, after the answer is given.
    pub(crate) fn report_frozen(&self, hash: [u8; 32]) {
        self.metrics.count("code_frozen");
        self.frozen.left.fetch_add(1, Ordering::SeqCst);
        // The receiver lives as long as the server does.
        let _ = self.frozen.queue.send(hash);
    }

    /// Whether all codes that froze were reported.
    pub(crate) fn has_reported_all(&self) -> bool {
        self.frozen.left.load(Ordering::SeqCst) == 0
    }

    /// Reports codes as they freeze. The code stays frozen in memory whether or not the disk takes
    /// the report; it is kept for the next start only after the report is durable, so that a start
    /// in between counts anew rather than hides it.
    pub(crate) async fn report_frozen_codes(&self) {
        let taken = {
            let mut waiting = self
                .frozen
                .waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            waiting.take()
        };
        let Some(mut waiting) = taken else { return };
        let mut frozen = Vec::new();
        while waiting.recv_many(&mut frozen, 1).await > 0 {
            // Long after the answer, so that sealing and writing slow nothing that tells of them.
            tokio::time::sleep(REPORT_AFTER).await;
            while let Ok(hash) = waiting.try_recv() {
                frozen.push(hash);
            }
            self.tell_of_frozen(&frozen).await;
            frozen.clear();
        }
    }

    async fn tell_of_frozen(&self, frozen: &[[u8; 32]]) {
        for hash in frozen {
            let report = json!({ "code_hash": hex::encode(hash) });
            if let Ok(id) = RecordId::draw() {
                let bundle = self.bundle();
                let told = self.tell_inside(&bundle, id, "code-frozen", report).await;
                if told.is_ok() {
                    // Where this fails, the next start counts anew.
                    let _ = self.keep_frozen(hash);
                }
            }
            self.frozen.left.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Keeps that a code froze, for the next start. The bundle holds the same hashes.
    fn keep_frozen(&self, hash: &[u8; 32]) -> Result<(), PortalError> {
        let path = self.spool.root().join("frozen");
        private(OpenOptions::new().create(true).append(true))
            .open(&path)
            .and_then(|mut file| file.write_all(format!("{}\n", hex::encode(hash)).as_bytes()))
            .map_err(PortalError::io("write", &path))
    }
}

fn check_served(
    bundle: &Bundle,
    words: &Words,
    receipt_key: &Ed25519KeyPair,
) -> Result<(), PortalError> {
    if hex::encode(receipt_key.public_key().as_ref()) != bundle.receipt_key {
        let detail = "the bundle names another public key".to_owned();
        return Err(PortalError::Key {
            name: "receipt",
            detail,
        });
    }
    for code in &bundle.languages {
        let wrong = |detail: &str| PortalError::Words {
            language: code.clone(),
            detail: detail.to_owned(),
        };
        let language = words.get(code).ok_or_else(|| wrong("there are none"))?;
        let is_excepted = bundle
            .language_exceptions
            .iter()
            .any(|e| e.language == *code && !e.by.trim().is_empty() && !e.reason.trim().is_empty());
        if !language.is_reviewed && !is_excepted {
            return Err(wrong(
                "nobody has reviewed them, and the bundle holds no exception",
            ));
        }
    }
    Ok(())
}

fn read_frozen(path: &PathBuf) -> Result<Vec<[u8; 32]>, PortalError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().filter_map(hex::decode::<32>).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(PortalError::Io {
            doing: "read",
            path: path.clone(),
            source,
        }),
    }
}

/// What an earlier process left unfinished can never be finished: its key was in memory.
fn remove_unfinished(folder: &PathBuf) -> Result<(), PortalError> {
    for entry in fs::read_dir(folder).map_err(PortalError::io("read", folder))? {
        let path = entry.map_err(PortalError::io("read", folder))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "part")
        {
            fs::remove_file(&path).map_err(PortalError::io("remove", &path))?;
        }
    }
    Ok(())
}
