//! A stand-in for a message centre that speaks SMPP 3.4, honest or misbehaving, with nobody behind it.
//!
//! It takes what is submitted, writes it down, answers, and sends receipts. What it has written down is
//! what people would have got: a test counts there. With a journal, a message is in the operating
//! system's hands before its answer is written, so that `kill -9` loses none that was acknowledged.
//! [`Faults`] say what goes wrong.

pub mod arguments;
pub mod faults;
mod journal;
mod line;
mod receipt;
mod text;
mod wire;

use std::collections::BTreeMap;
use std::io::{self, BufReader};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};

pub use faults::{Faults, Form, Ids, Receipts};
pub use journal::read as read_journal;
pub use text::{Submitted, assemble};

use journal::Journal;
use receipt::Receipt;

/// Says why the stand-in cannot start, or a journal cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmppError {
    /// It stands in for a message centre; it is none.
    #[error("the stand-in listens on loopback alone, not at `{place}`")]
    NotLoopback {
        /// What was asked for.
        place: SocketAddr,
    },
    /// The operating system refused.
    #[error("could not listen at `{place}`")]
    Listen {
        /// Where.
        place: SocketAddr,
        /// What it says.
        #[source]
        source: io::Error,
    },
    /// The journal cannot be opened, read or written.
    #[error("could not use the journal `{path}`")]
    Journal {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("could not use the certificate or its key: {why}")]
    Tls {
        /// What is wrong.
        why: String,
    },
}

/// A certificate and its key, both PEM files.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The certificate's chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// How it listens and what it keeps.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where; a port of 0 takes any that is free.
    pub listen: SocketAddr,
    /// The one account that may bind, and its password; all may where none is given.
    pub account: Option<(String, String)>,
    /// Where to write down what was submitted.
    pub journal: Option<PathBuf>,
    /// Waits for the disk at each batch of the journal.
    pub is_synced: bool,
    /// Keeps what was submitted in memory.
    pub is_kept: bool,
    /// Sends `enquire_link` after so many silent milliseconds; never for 0.
    pub enquire_ms: u64,
    /// TLS, or none.
    pub tls: Option<Tls>,
    /// What goes wrong.
    pub faults: Faults,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            account: None,
            journal: None,
            is_synced: false,
            is_kept: true,
            enquire_ms: 0,
            tls: None,
            faults: Faults::default(),
        }
    }
}

/// A message as it was submitted: a whole text, or a part of one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Its id, as the answer wrote it.
    pub id: String,
    /// The account that submitted it.
    pub account: String,
    /// The recipient's number, as it was sent.
    pub to: String,
    /// Who it comes from.
    pub from: String,
    /// What it says.
    pub text: String,
    /// Reference, number of parts and number of this part, from a user data header or `sar_*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<(u16, u8, u8)>,
    /// When it came: microseconds since 1970, UTC.
    pub at_us: i64,
    /// Its coding.
    pub data_coding: u8,
    /// How long it is valid, as it was sent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub validity: String,
}

/// A running stand-in. It ends when it is dropped.
pub struct Smsc {
    shared: Arc<Shared>,
    address: SocketAddr,
}

struct Shared {
    settings: Settings,
    tls: Option<Arc<rustls::ServerConfig>>,
    state: Mutex<State>,
    is_down: AtomicBool,
    is_ended: AtomicBool,
    next_id: AtomicU64,
    submits: AtomicU64,
}

#[derive(Default)]
struct State {
    parts: Vec<Part>,
    journal: Option<Journal>,
    lines: BTreeMap<u64, Bound>,
    next_line: u64,
    /// Receipts of accounts that have no line that takes them.
    held: Vec<Receipt>,
}

/// A line as others see it.
struct Bound {
    account: Option<String>,
    receives: bool,
    /// Receipts for it, with when they are due in milliseconds.
    queue: Arc<Mutex<Vec<(u64, Receipt)>>>,
    socket: TcpStream,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Writes down what was submitted and hands receipts on. Only after it may answers leave.
    fn commit(&self, parts: Vec<Part>, receipts: Vec<Receipt>) -> io::Result<()> {
        if parts.is_empty() && receipts.is_empty() {
            return Ok(());
        }
        self.submits
            .fetch_add(parts.len() as u64, Ordering::Relaxed);
        let mut state = locked(&self.state);
        if let Some(journal) = &mut state.journal {
            journal.append(&parts, self.settings.is_synced)?;
        }
        if self.settings.is_kept {
            state.parts.extend(parts);
        }
        for receipt in receipts {
            state.hand_on(receipt);
        }
        Ok(())
    }
}

impl State {
    /// Puts a receipt into the queue of a line that may take it.
    fn hand_on(&mut self, receipt: Receipt) {
        let takes = |(number, line): &(&u64, &Bound), elsewhere: bool| {
            line.receives
                && line.account.as_deref() == Some(receipt.account.as_str())
                && (**number != receipt.line) == elsewhere
        };
        let mut found = self.lines.iter().find(|of| takes(of, receipt.elsewhere));
        if found.is_none() {
            found = self.lines.iter().find(|of| takes(of, !receipt.elsewhere));
        }
        match found {
            Some((_, line)) => locked(&line.queue).push((receipt.due_ms, receipt)),
            None => self.held.push(receipt),
        }
    }
}

impl Smsc {
    /// Starts it.
    ///
    /// # Errors
    /// [`SmppError::NotLoopback`] for any other address; a journal, certificate or address that cannot
    /// be used.
    pub fn start(settings: Settings) -> Result<Self, SmppError> {
        let place = settings.listen;
        if !place.ip().is_loopback() {
            return Err(SmppError::NotLoopback { place });
        }
        let tls = settings.tls.as_ref().map(tls).transpose()?;
        let mut state = State::default();
        // Ids of an earlier life are not given again.
        let mut next_id = 0x1000_0000_u64;
        if let Some(path) = &settings.journal {
            let failed = |source| SmppError::Journal {
                path: path.clone(),
                source,
            };
            let (journal, earlier) = Journal::open(path).map_err(failed)?;
            state.journal = Some(journal);
            next_id += earlier.len() as u64 + 0x1_0000;
            if settings.is_kept {
                state.parts = earlier;
            }
        }
        let refused = |source| SmppError::Listen { place, source };
        let listener = TcpListener::bind(place).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let shared = Arc::new(Shared {
            settings,
            tls,
            state: Mutex::new(state),
            is_down: AtomicBool::new(false),
            is_ended: AtomicBool::new(false),
            next_id: AtomicU64::new(next_id),
            submits: AtomicU64::new(0),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepting));
        Ok(Self { shared, address })
    }

    /// Returns where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns how many messages were stored, parts counted each, in this life.
    #[must_use]
    pub fn submits(&self) -> u64 {
        self.shared.submits.load(Ordering::Relaxed)
    }

    /// Returns the messages that were stored, in order.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        locked(&self.shared.state).parts.clone()
    }

    /// Returns the texts that people would have got.
    #[must_use]
    pub fn submitted(&self) -> Vec<Submitted> {
        assemble(&locked(&self.shared.state).parts)
    }

    /// Cuts all lines and takes no new ones, or takes them again. What was stored stays.
    pub fn set_down(&self, is_down: bool) {
        self.shared.is_down.store(is_down, Ordering::SeqCst);
        if is_down {
            self.cut();
        }
    }

    /// Cuts all lines.
    pub fn cut(&self) {
        for line in locked(&self.shared.state).lines.values() {
            // It may be closed already.
            let _ = line.socket.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Smsc {
    fn drop(&mut self) {
        self.shared.is_ended.store(true, Ordering::SeqCst);
        self.cut();
    }
}

fn tls(files: &Tls) -> Result<Arc<rustls::ServerConfig>, SmppError> {
    let wrong = |why: String| SmppError::Tls { why };
    let file = |path: &PathBuf| {
        let opened = std::fs::File::open(path);
        opened.map_err(|error| wrong(format!("`{}`: {error}", path.display())))
    };
    let chain = CertificateDer::pem_reader_iter(BufReader::new(file(&files.certificate)?))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(error.to_string()))?;
    let key = PrivateKeyDer::from_pem_reader(BufReader::new(file(&files.key)?))
        .map_err(|error| wrong(error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| wrong(error.to_string()))?;
    Ok(Arc::new(config))
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while !shared.is_ended.load(Ordering::SeqCst) {
        match listener.accept() {
            Ok((socket, _)) => {
                if shared.is_down.load(Ordering::SeqCst) {
                    continue;
                }
                let shared = Arc::clone(shared);
                thread::spawn(move || line::serve(socket, &shared));
            }
            Err(_) => thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// The stand-in's own clock: microseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "a stand-in has the time of the world that its clients live in"
)]
fn now_us() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_micros()).ok())
        .unwrap_or(0)
}

fn now_ms() -> u64 {
    u64::try_from(now_us() / 1000).unwrap_or(0)
}
