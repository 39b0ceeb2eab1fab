//! A stand-in for GOV.UK Notify: its REST interface for texts, on loopback, with nobody behind it.
//!
//! It answers as the public interface does (`/v2/notifications/sms`, `/v2/notifications`,
//! `/v2/notifications/ID`, `/v2/template/ID`, `/v2/template/ID/preview`): tokens, limits, errors,
//! rendering, pages, receipts by callback. The official clients for Python and Node talk to it in a
//! test. As Notify itself it keeps no client from asking for the same text twice: it stores what it is
//! asked for, and a test counts.
//!
//! It misbehaves on request ([`Faults`]): loses answers before or after it stored, stores late, cuts
//! answers short, answers 500 for what it has taken, limits, finds new rows late, and calls back
//! twice. It keeps nothing on disk.

mod api;
pub mod arguments;
mod callback;
mod http;
mod render;
mod token;

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Says why the stand-in cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotifyError {
    /// It stands in for a service; it is none.
    #[error("the stand-in listens and calls back on loopback alone, not at `{place}`")]
    NotLoopback {
        /// What was asked for.
        place: String,
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
}

/// Whom it knows, and how much it takes.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The service's id, a UUID.
    pub service_id: String,
    /// The secret half of its key, a UUID.
    pub secret: String,
    /// The template's id, a UUID.
    pub template_id: String,
    /// What the template says, `((name))` where something is filled in.
    pub template: String,
    /// Put before each text with a colon, as services may ask for.
    pub prefix: Option<String>,
    /// Under what name texts go out.
    pub from: String,
    /// Texts a minute, and at once.
    pub per_minute: u32,
    /// Texts at once.
    pub burst: u32,
    /// Texts a day.
    pub per_day: u64,
    /// Rows of one page.
    pub page: usize,
    /// After how long a text has its final state.
    pub deliver_after_ms: u64,
    /// Where receipts are posted, with which bearer token.
    pub callback: Option<(SocketAddr, String)>,
    /// Times that a receipt is posted again after an error, and how long between.
    pub callback_tries: u32,
    /// Milliseconds between two tries.
    pub callback_every_ms: u64,
    /// What goes wrong.
    pub faults: Faults,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            service_id: "26785a09-ab16-4eb0-8407-a37497a57506".into(),
            secret: "3d844edf-8d35-48ac-975b-e847b4f122b0".into(),
            template_id: "f33517ff-2a88-4f6e-b855-c550268ce08a".into(),
            template: "((text))".into(),
            prefix: None,
            from: "CrownPolice".into(),
            per_minute: 3000,
            burst: 1000,
            per_day: 250_000,
            page: 250,
            deliver_after_ms: 50,
            callback: None,
            callback_tries: 5,
            callback_every_ms: 200,
            faults: Faults::default(),
        }
    }
}

/// What goes wrong, each in so many of 1,000 requests for a text.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Where chance starts.
    pub seed: u64,
    /// The line closes before anything is done.
    pub close_before: u32,
    /// The text is stored, and the line closes without an answer.
    pub close_after: u32,
    /// The text is stored, and half an answer comes.
    pub cut_answer: u32,
    /// 500, and nothing is stored.
    pub error_before: u32,
    /// 500 or 504, and the text is stored.
    pub error_after: u32,
    /// 201 with something else than JSON; the text is stored.
    pub garbled: u32,
    /// The text is stored late, whoever still waits.
    pub slow_store: u32,
    /// The answer comes late; the text is stored.
    pub slow_answer: u32,
    /// How late.
    pub slow_ms: u64,
    /// A search fails, each of 1,000.
    pub search_error: u32,
    /// What was stored is found only so much later.
    pub search_lag_ms: u64,
    /// A receipt is posted twice.
    pub callback_twice: u32,
    /// A receipt is never posted.
    pub callback_lost: u32,
}

/// A text that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// Its id, a UUID.
    pub id: String,
    /// The client's reference.
    pub reference: Option<String>,
    /// The number as the client wrote it.
    pub phone_number: String,
    /// What goes out.
    pub body: String,
    /// When it was asked for, in milliseconds since 1970.
    pub created_ms: u64,
    /// When it has its final state.
    pub final_ms: u64,
}

impl Stored {
    /// Returns its state, by what time it is and by what its number ends in, as Notify's numbers for
    /// tests do: 002 fails for good, 003 for now.
    #[must_use]
    pub fn status(&self, now_ms: u64) -> &'static str {
        if now_ms < self.final_ms {
            "sending"
        } else if self.phone_number.ends_with("900002") {
            "permanent-failure"
        } else if self.phone_number.ends_with("900003") {
            "temporary-failure"
        } else {
            "delivered"
        }
    }
}

/// A running stand-in. It ends when it is dropped.
pub struct NotifyStandIn {
    shared: Arc<Shared>,
    address: SocketAddr,
}

struct Shared {
    settings: Settings,
    state: Mutex<State>,
    is_down: AtomicBool,
    is_ended: AtomicBool,
    requests: AtomicU64,
}

#[derive(Default)]
struct State {
    stored: Vec<Stored>,
    by_id: BTreeMap<String, usize>,
    /// Tokens of the bucket, in thousandths of a text, and when they were counted.
    tokens: u64,
    tokens_at_ms: u64,
    /// Texts that counted towards the day's limit.
    today: u64,
    chance: u64,
    callback: Option<(SocketAddr, String)>,
    lines: Vec<TcpStream>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whether a fault of so many in 1,000 happens now.
    fn happens(&self, in_thousand: u32) -> bool {
        if in_thousand == 0 {
            return false;
        }
        let mut state = self.state();
        // SplitMix64: the same seed misbehaves the same.
        state.chance = state.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state.chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % 1000 < u64::from(in_thousand)
    }
}

impl NotifyStandIn {
    /// Starts it.
    ///
    /// # Errors
    /// [`NotifyError::NotLoopback`] for any other address; [`NotifyError::Listen`].
    pub fn start(listen: SocketAddr, settings: Settings) -> Result<Self, NotifyError> {
        let callback = settings.callback.as_ref().map(|(place, _)| *place);
        for place in [Some(listen), callback].into_iter().flatten() {
            if !place.ip().is_loopback() {
                let place = place.to_string();
                return Err(NotifyError::NotLoopback { place });
            }
        }
        let refused = |source| NotifyError::Listen {
            place: listen,
            source,
        };
        let listener = TcpListener::bind(listen).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let state = State {
            tokens: u64::from(settings.burst) * 1000,
            tokens_at_ms: now_ms(),
            chance: settings.faults.seed,
            callback: settings.callback.clone(),
            ..State::default()
        };
        let shared = Arc::new(Shared {
            settings,
            state: Mutex::new(state),
            is_down: AtomicBool::new(false),
            is_ended: AtomicBool::new(false),
            requests: AtomicU64::new(0),
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

    /// Returns its base URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns a key as Notify hands it out: a name, the service, the secret.
    #[must_use]
    pub fn api_key(&self) -> String {
        let settings = &self.shared.settings;
        format!("stand_in-{}-{}", settings.service_id, settings.secret)
    }

    /// Returns all texts that were asked for, in order.
    #[must_use]
    pub fn stored(&self) -> Vec<Stored> {
        self.shared.state().stored.clone()
    }

    /// Returns how many texts each number would have got.
    #[must_use]
    pub fn texts_by_number(&self) -> BTreeMap<String, usize> {
        let mut texts = BTreeMap::new();
        for stored in &self.shared.state().stored {
            *texts.entry(stored.phone_number.clone()).or_default() += 1;
        }
        texts
    }

    /// Returns how many requests there were.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Posts receipts there from now on, with this bearer token.
    ///
    /// # Errors
    /// [`NotifyError::NotLoopback`] for any other address.
    pub fn set_callback(&self, place: SocketAddr, token: &str) -> Result<(), NotifyError> {
        if !place.ip().is_loopback() {
            let place = place.to_string();
            return Err(NotifyError::NotLoopback { place });
        }
        self.shared.state().callback = Some((place, token.to_owned()));
        Ok(())
    }

    /// Cuts all lines and takes no new ones, or takes them again. What was stored stays.
    pub fn set_down(&self, is_down: bool) {
        self.shared.is_down.store(is_down, Ordering::SeqCst);
        if is_down {
            for line in self.shared.state().lines.drain(..) {
                // It may be closed already.
                let _ = line.shutdown(std::net::Shutdown::Both);
            }
        }
    }
}

impl Drop for NotifyStandIn {
    fn drop(&mut self) {
        self.shared.is_ended.store(true, Ordering::SeqCst);
        self.set_down(true);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while !shared.is_ended.load(Ordering::SeqCst) {
        match listener.accept() {
            Ok((line, _)) => {
                if shared.is_down.load(Ordering::SeqCst) {
                    drop(line);
                    continue;
                }
                if let Ok(kept) = line.try_clone() {
                    shared.state().lines.push(kept);
                }
                let shared = Arc::clone(shared);
                thread::spawn(move || http::serve(&line, &shared));
            }
            Err(_) => thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// The stand-in's own clock, by which tokens are judged and rows are dated.
#[expect(
    clippy::disallowed_methods,
    reason = "a stand-in has the time of the world that its clients live in"
)]
fn now_ms() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}
