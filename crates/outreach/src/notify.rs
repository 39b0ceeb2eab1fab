//! Sends through GOV.UK Notify's REST interface, and settles each doubt by asking for the reference.
//!
//! Notify takes the same text twice if it is asked twice, so this sender never asks twice in doubt:
//!
//! 1. The message's reference is unique and in the ledger before anything leaves.
//! 2. It is posted once. A clear answer is an answer.
//! 3. With no clear answer (time-out, cut line, 5xx, garbled), it asks for the reference. Found: the
//!    text was taken, and the id is adopted. Not found is no proof yet, for the request may still be
//!    on its way to the rows: only an answer that was asked for after [`Timing::settle_ms`], longer
//!    than the service lets a request live, says that no such text exists.
//! 4. Where Notify cannot be asked for [`Timing::give_up_ms`], the message is unknown.
//! 5. A message that is posted anew after a doubt is asked for once more before.
//!
//! Texts go out whole through a template that holds one placeholder and nothing else, so what two
//! people signed is what is sent; [`Notify::preview`] shows what Notify would make of a text, and an
//! answer that tells another text or sender halts the sender. So do the day's limit and a refused key:
//! what has not left is given back, and once all is answered [`Sender::poll`] tells why, once.
//!
//! Notify cannot be told how long a text is good: networks may try for three days, beyond any window.
//! So nothing is posted that has expired here.
//!
//! The requests are blocking, on as many threads as may be without an answer at one time.

mod api;
mod callbacks;
mod pace;
mod settings;
mod words;
mod work;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use unspoof_model::Coded;

use crate::sender::{Event, Message, Sender};
use crate::{OutreachError, SharedClock};

pub use settings::{ApiKey, Callbacks, Settings, Timing};

use api::Api;
use work::Shared;

/// Says why GOV.UK Notify cannot be used. It repeats no number, text or secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotifyError {
    /// The plan is of made-up records.
    #[error("the plan is of made-up records, and `{host}` is not this machine")]
    MadeUp {
        /// The host of the URL.
        host: String,
    },
    /// The URL is none, or goes over an open line.
    #[error("the URL cannot be used: {why}")]
    Url {
        /// What is wrong.
        why: &'static str,
    },
    /// The key is none.
    #[error("the key cannot be used: it ends in two UUIDs, the service's and the secret")]
    Key,
    /// A setting makes no sense.
    #[error("the setting `{name}` cannot be used: {why}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// No answer, or none that can be read.
    #[error("GOV.UK Notify did not answer: {why}")]
    Unreachable {
        /// What happened.
        why: String,
    },
    /// It answered with an error.
    #[error("GOV.UK Notify refused: {status} {error}: {message}")]
    Refused {
        /// HTTP's status.
        status: u16,
        /// Its name for the error.
        error: String,
        /// Its words.
        message: String,
    },
    /// The template holds something else than the placeholder.
    #[error("the template must be a text that holds `(({placeholder}))` and nothing else")]
    Template {
        /// The placeholder's name.
        placeholder: String,
    },
    /// A text would not arrive as it was signed.
    #[error("GOV.UK Notify would change the text from character {position} on")]
    Altered {
        /// The first character that differs, from 1.
        position: usize,
    },
    /// Receipts cannot be listened for.
    #[error("could not listen for receipts at `{place}`")]
    Listen {
        /// Where.
        place: SocketAddr,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
}

impl Coded for NotifyError {
    fn code(&self) -> &'static str {
        match self {
            Self::MadeUp { .. } => "outreach/notify-made-up",
            Self::Url { .. } => "outreach/notify-url",
            Self::Key => "outreach/notify-key",
            Self::Setting { .. } => "outreach/notify-setting",
            Self::Unreachable { .. } => "outreach/notify-unreachable",
            Self::Refused { .. } => "outreach/notify-refused",
            Self::Template { .. } => "outreach/notify-template",
            Self::Altered { .. } => "outreach/notify-altered",
            Self::Listen { .. } => "outreach/notify-listen",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::MadeUp { .. } => Some(
                "rehearse against the stand-in: unspoof-smsc notify --listen 127.0.0.1:0".into(),
            ),
            Self::Altered { .. } => {
                Some("see what Notify changes with: unspoof campaign lint".into())
            }
            Self::Url { .. }
            | Self::Key
            | Self::Setting { .. }
            | Self::Unreachable { .. }
            | Self::Refused { .. }
            | Self::Template { .. }
            | Self::Listen { .. } => None,
        }
    }
}

/// What Notify says of a reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LookedUp {
    /// It has a text with it.
    Found {
        /// Its id.
        id: String,
        /// Its state, in Notify's words.
        status: String,
        /// How many texts have the reference. More than one is a duplicate.
        times: usize,
    },
    /// It says that it has none. That is no proof for a request of less than [`Timing::settle_ms`] ago,
    /// which may still become one; nor after the days that Notify keeps texts (seven, unless the service
    /// asked for others); nor where it was sent with another type of key, whose texts are not shown.
    NotThere,
}

/// A sender over GOV.UK Notify. Its threads end when it is dropped.
pub struct Notify {
    shared: Arc<Shared>,
    callbacks: Option<SocketAddr>,
}

impl Notify {
    /// Checks settings and template, and starts. `made_up` as the plan says: then it speaks with this
    /// machine alone.
    ///
    /// # Errors
    /// [`NotifyError`] where a setting is unusable, the key is refused, or the template holds more
    /// than the placeholder.
    pub fn start(
        settings: Settings,
        made_up: bool,
        clock: SharedClock,
    ) -> Result<Self, NotifyError> {
        settings.check(made_up)?;
        let api = Api::new(&settings, Arc::clone(&clock));
        api.check_template()?;
        let window = settings.window;
        let listen = settings.callbacks.clone();
        let shared = Arc::new(Shared::new(api, settings, clock));
        let callbacks = match listen {
            Some(callbacks) => Some(callbacks::listen(&callbacks, &shared)?),
            None => None,
        };
        for _ in 0..window {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.work());
        }
        Ok(Self { shared, callbacks })
    }

    /// Returns where receipts are listened for.
    #[must_use]
    pub fn callback_address(&self) -> Option<SocketAddr> {
        self.callbacks
    }

    /// Lets Notify render a text, and sends nothing.
    ///
    /// # Errors
    /// [`NotifyError::Altered`] where the text would not arrive as it is.
    pub fn preview(&self, text: &str) -> Result<(), NotifyError> {
        let shown = self.shared.api.preview(text)?;
        if shown == text {
            return Ok(());
        }
        let same = shown.chars().zip(text.chars()).take_while(|(a, b)| a == b);
        Err(NotifyError::Altered {
            position: same.count() + 1,
        })
    }

    /// Asks for a reference: how a person settles what an earlier process left unknown.
    ///
    /// # Errors
    /// [`NotifyError`] where Notify gave no clear answer.
    pub fn look_up(&self, reference: &str) -> Result<LookedUp, NotifyError> {
        self.shared.api.look_up(reference)
    }

    /// Tells it of a text that an earlier process sent, so that its receipts are known by key, and are
    /// asked for where receipts are polled.
    pub fn watch(&self, key: u64, message_id: &str, reference: &str) {
        self.shared.watch(key, message_id, reference);
    }
}

impl Drop for Notify {
    fn drop(&mut self) {
        self.shared.end();
    }
}

impl Sender for Notify {
    fn window(&self) -> usize {
        self.shared.settings.window
    }

    fn free_slots(&self) -> usize {
        self.shared.free_slots()
    }

    fn submit(&mut self, messages: Vec<Message>) -> Result<(), OutreachError> {
        self.shared.submit(messages)
    }

    fn poll(&mut self, wait: Duration) -> Result<Vec<Event>, OutreachError> {
        self.shared.poll(wait)
    }

    fn receipts_kept(&mut self, tickets: &[u64]) {
        self.shared.receipts_kept(tickets);
    }

    fn stop(&mut self) {
        self.shared.stop();
    }
}
