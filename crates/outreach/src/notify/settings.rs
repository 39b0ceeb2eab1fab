//! What the sender is told, and what of it is refused.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ureq::http::Uri;
use zeroize::Zeroizing;

use super::NotifyError;

/// Characters of a UUID.
const UUID: usize = 36;

/// A service's key. `Debug` does not show the secret.
#[derive(Clone)]
pub struct ApiKey {
    pub(super) service_id: String,
    pub(super) secret: Zeroizing<String>,
}

impl ApiKey {
    /// Reads a key as Notify hands it out: a name, the service's id and the secret, dashes between.
    ///
    /// # Errors
    /// [`NotifyError::Key`].
    pub fn read(key: &str) -> Result<Self, NotifyError> {
        let key = key.trim();
        let secret_at = key.len().checked_sub(UUID).ok_or(NotifyError::Key)?;
        let service_at = secret_at.checked_sub(UUID + 1).ok_or(NotifyError::Key)?;
        let service_id = key.get(service_at..secret_at - 1).unwrap_or_default();
        let secret = key.get(secret_at..).unwrap_or_default();
        let is_uuid = |part: &str| {
            part.len() == UUID
                && part.bytes().enumerate().all(|(at, b)| match at {
                    8 | 13 | 18 | 23 => b == b'-',
                    _ => b.is_ascii_hexdigit(),
                })
        };
        if !is_uuid(service_id) || !is_uuid(secret) {
            return Err(NotifyError::Key);
        }
        Ok(Self {
            service_id: service_id.to_owned(),
            secret: Zeroizing::new(secret.to_owned()),
        })
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({}, •••)", self.service_id)
    }
}

/// How receipts are posted to us. `Debug` does not show the token.
#[derive(Clone)]
pub struct Callbacks {
    /// Where to listen; on loopback, for a web server in front of it ends TLS.
    pub listen: SocketAddr,
    /// The bearer token that Notify was given.
    pub token: Zeroizing<String>,
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Callbacks({}, •••)", self.listen)
    }
}

/// How long what takes. Milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// For a connection.
    pub connect_ms: u64,
    /// For a request from its first octet to the answer's last.
    pub request_ms: u64,
    /// Between two questions for one reference.
    pub ask_every_ms: u64,
    /// From the end of a request in doubt until "not found" is believed: longer than the service lets
    /// a request live.
    pub settle_ms: u64,
    /// From the end of a request in doubt until nobody asks any more.
    pub give_up_ms: u64,
    /// After the first throttling; doubled each time up to 30 times as much.
    pub back_off_ms: u64,
    /// From acceptance to the first question for a receipt, where receipts are polled; doubled each
    /// time up to 30 times as much.
    pub poll_ms: u64,
    /// How long a posted receipt waits to be durable before it is refused and comes again. Notify
    /// itself waits for 5 s.
    pub keep_ms: u64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect_ms: 5_000,
            request_ms: 30_000,
            ask_every_ms: 15_000,
            settle_ms: 120_000,
            give_up_ms: 900_000,
            back_off_ms: 1_000,
            poll_ms: 20_000,
            keep_ms: 4_000,
        }
    }
}

/// What the sender is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The base URL: HTTPS, or a loopback address.
    pub url: String,
    /// The service's key.
    pub key: ApiKey,
    /// The template that holds the placeholder and nothing else.
    pub template_id: String,
    /// The placeholder's name.
    pub placeholder: String,
    /// The id of the sender ID in the service's settings; its default where there is none.
    pub sms_sender_id: Option<String>,
    /// The sender ID of the plan, which every answer must name.
    pub sender_id: String,
    /// Most messages without an answer, and so threads.
    pub window: usize,
    /// Most texts a minute; the service allows 3,000.
    pub per_minute: u32,
    /// How receipts are posted to us, if they are.
    pub callbacks: Option<Callbacks>,
    /// Whether receipts are asked for.
    pub polls_receipts: bool,
    /// How long what takes.
    pub timing: Timing,
}

impl Settings {
    /// Says what cannot be used.
    pub(super) fn check(&self, made_up: bool) -> Result<(), NotifyError> {
        let unusable = |why| NotifyError::Url { why };
        let uri: Uri = self.url.parse().map_err(|_| unusable("it is none"))?;
        let authority = uri.authority().ok_or(unusable("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(unusable("it holds a name or password"));
        }
        if uri.query().is_some() || !matches!(uri.path(), "" | "/") {
            return Err(unusable("it holds more than scheme, host and port"));
        }
        let host = authority.host();
        let is_here = host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
        if made_up && !is_here {
            return Err(NotifyError::MadeUp { host: host.into() });
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_here => {}
            _ => return Err(unusable("numbers and texts go over HTTPS alone")),
        }
        let wrong = |name, why| Err(NotifyError::Setting { name, why });
        if !(1..=64).contains(&self.window) {
            return wrong("window", "it is from 1 to 64");
        }
        if !(1..=3_000).contains(&self.per_minute) {
            return wrong("per_minute", "it is from 1 to 3,000");
        }
        if self.timing.give_up_ms < self.timing.settle_ms {
            return wrong("give_up_ms", "it is shorter than `settle_ms`");
        }
        if self.timing.settle_ms <= self.timing.request_ms {
            return wrong("settle_ms", "it is not longer than `request_ms`");
        }
        match &self.callbacks {
            Some(callbacks) if !callbacks.listen.ip().is_loopback() => wrong(
                "listen",
                "receipts are listened for on loopback, behind a web server",
            ),
            Some(callbacks) if callbacks.token.len() < 10 => {
                wrong("token", "Notify asks for ten characters or more")
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "crown-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0";

    fn settings(url: &str) -> Settings {
        Settings {
            url: url.into(),
            key: ApiKey::read(KEY).unwrap(),
            template_id: String::new(),
            placeholder: "text".into(),
            sms_sender_id: None,
            sender_id: "CrownPolice".into(),
            window: 4,
            per_minute: 3_000,
            callbacks: None,
            polls_receipts: false,
            timing: Timing::default(),
        }
    }

    #[test]
    fn a_key_is_read_from_its_end_and_never_shown() {
        let key = ApiKey::read(KEY).unwrap();
        assert_eq!(key.service_id, "26785a09-ab16-4eb0-8407-a37497a57506");
        assert_eq!(key.secret.as_str(), "3d844edf-8d35-48ac-975b-e847b4f122b0");
        assert!(!format!("{key:?}").contains("3d844edf"));
        for wrong in ["", "x", KEY.get(10..50).unwrap(), "é".repeat(60).as_str()] {
            assert!(
                matches!(ApiKey::read(wrong), Err(NotifyError::Key)),
                "{wrong}"
            );
        }
    }

    /// What is made up stays on this machine, and what is not goes over HTTPS.
    #[test]
    fn made_up_records_stay_here_and_others_go_over_https() {
        for (url, real, made_up) in [
            ("https://api.notifications.service.gov.uk", true, false),
            ("http://api.notifications.service.gov.uk", false, false),
            ("http://127.0.0.1:6011", true, true),
            ("http://127.9.9.9:6011/", true, true),
            ("http://[::1]:6011", true, true),
            ("http://localhost:6011", false, false),
            ("https://localhost:6011", true, false),
            ("http://127.0.0.1.example.com", false, false),
            ("http://127.0.0.1@example.com", false, false),
            ("https://a:b@127.0.0.1", false, false),
            ("http://10.0.0.1", false, false),
            ("ftp://127.0.0.1", false, false),
            ("https://127.0.0.1/elsewhere", false, false),
            ("127.0.0.1", false, false),
            ("", false, false),
        ] {
            assert_eq!(settings(url).check(false).is_ok(), real, "{url}");
            assert_eq!(settings(url).check(true).is_ok(), made_up, "{url}");
        }
    }

    #[test]
    fn settings_that_could_text_twice_are_refused() {
        let url = "http://127.0.0.1:1";
        let mut hasty = settings(url);
        hasty.timing.settle_ms = hasty.timing.request_ms;
        assert!(hasty.check(true).is_err());
        let mut wide = settings(url);
        wide.window = 0;
        assert!(wide.check(true).is_err());
        let mut open = settings(url);
        open.callbacks = Some(Callbacks {
            listen: SocketAddr::from(([0, 0, 0, 0], 80)),
            token: Zeroizing::new("long-enough".into()),
        });
        assert!(open.check(true).is_err());
    }
}
