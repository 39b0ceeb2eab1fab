//! The requests, and what their answers mean.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::Sha256;
use ureq::Agent;
use zeroize::Zeroizing;

use super::{ApiKey, LookedUp, NotifyError, Settings};
use crate::SharedClock;
use crate::sender::Message;

/// The most octets of an answer that are read.
const MOST_OCTETS: u64 = 4 << 20;

/// What became of a text that was posted.
#[derive(Debug, PartialEq)]
pub(super) enum Posted {
    /// Notify has it, as it was meant.
    Taken { id: String },
    /// Notify has it, and says that it sends something else.
    Otherwise { id: String, why: &'static str },
    /// This number is refused, for good.
    Refused { code: String },
    /// Nothing is taken for now.
    Throttled { code: String },
    /// Nothing more will be taken: the key, the template, the day's limit.
    Halted { code: String, why: String },
    /// No octet left.
    NotSent { why: String },
    /// Nobody knows.
    InDoubt { why: String },
}

/// A text to be taken, as the interface wants it.
#[derive(Serialize)]
struct Body<'a> {
    phone_number: &'a str,
    template_id: &'a str,
    personalisation: BTreeMap<&'a str, &'a str>,
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sms_sender_id: Option<&'a str>,
}

/// Why a request has no answer.
enum Failure {
    /// No octet left.
    NotSent(String),
    /// Some may have.
    Lost(String),
}

/// Makes the requests.
pub(super) struct Api {
    agent: Agent,
    url: String,
    key: ApiKey,
    template_id: String,
    placeholder: String,
    sms_sender_id: Option<String>,
    sender_id: String,
    clock: SharedClock,
}

impl Api {
    pub(super) fn new(settings: &Settings, clock: SharedClock) -> Self {
        let ms = |ms| Some(Duration::from_millis(ms));
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // Neither a redirect nor the environment may lead a number elsewhere.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(ms(settings.timing.connect_ms))
            .timeout_global(ms(settings.timing.request_ms))
            .max_idle_connections_per_host(settings.window)
            // A line that the other side is about to close puts a text in doubt.
            .max_idle_age(Duration::from_secs(10))
            .user_agent("unspoof")
            .build()
            .new_agent();
        Self {
            agent,
            url: settings.url.trim_end_matches('/').to_owned(),
            key: settings.key.clone(),
            template_id: settings.template_id.clone(),
            placeholder: settings.placeholder.clone(),
            sms_sender_id: settings.sms_sender_id.clone(),
            sender_id: settings.sender_id.clone(),
            clock,
        }
    }

    fn request(&self, path: &str, body: Option<&str>) -> Result<(u16, Option<Value>), Failure> {
        let url = format!("{}{path}", self.url);
        let bearer = format!("Bearer {}", token(&self.key, self.clock.wall_us()));
        let answer = match body {
            None => self.agent.get(&url).header("Authorization", &bearer).call(),
            Some(body) => self
                .agent
                .post(&url)
                .header("Authorization", &bearer)
                .header("Content-Type", "application/json")
                .send(body),
        };
        let mut answer = answer.map_err(failure)?;
        let status = answer.status().as_u16();
        let read = answer
            .body_mut()
            .with_config()
            .limit(MOST_OCTETS)
            .read_to_vec();
        let json = read.map_err(|error| Failure::Lost(told(&error)))?;
        Ok((status, serde_json::from_slice(&json).ok()))
    }

    /// Makes a request whose answer is needed to go on.
    fn ask(&self, path: &str, body: Option<&str>) -> Result<Value, NotifyError> {
        match self.request(path, body) {
            Ok((200, Some(json))) => Ok(json),
            Ok((200, None)) => Err(NotifyError::Unreachable {
                why: "its answer is no JSON".into(),
            }),
            Ok((status, json)) => {
                let (error, message) = error_of(json.as_ref());
                Err(NotifyError::Refused {
                    status,
                    error,
                    message,
                })
            }
            Err(Failure::NotSent(why) | Failure::Lost(why)) => {
                Err(NotifyError::Unreachable { why })
            }
        }
    }

    pub(super) fn check_template(&self) -> Result<(), NotifyError> {
        let template = self.ask(
            &format!("/v2/template/{}", escaped(&self.template_id)),
            None,
        )?;
        let is_placeholder = template
            .get("body")
            .and_then(Value::as_str)
            .is_some_and(|body| body.trim() == format!("(({}))", self.placeholder));
        if template.get("type").and_then(Value::as_str) == Some("sms") && is_placeholder {
            return Ok(());
        }
        Err(NotifyError::Template {
            placeholder: self.placeholder.clone(),
        })
    }

    pub(super) fn preview(&self, text: &str) -> Result<String, NotifyError> {
        let body = json!({"personalisation": {&self.placeholder: text}}).to_string();
        let path = format!("/v2/template/{}/preview", escaped(&self.template_id));
        let shown = self.ask(&path, Some(&body))?;
        let body = shown.get("body").and_then(Value::as_str);
        body.map(str::to_owned).ok_or(NotifyError::Unreachable {
            why: "its preview has no text".into(),
        })
    }

    pub(super) fn look_up(&self, reference: &str) -> Result<LookedUp, NotifyError> {
        let path = format!("/v2/notifications?reference={}", escaped(reference));
        let found = self.ask(&path, None)?;
        let unclear = || NotifyError::Unreachable {
            why: "its list cannot be read".into(),
        };
        let rows = found
            .get("notifications")
            .and_then(Value::as_array)
            .ok_or_else(unclear)?;
        let text = |row: &Value, name: &str| Some(row.get(name)?.as_str()?.to_owned());
        let ours: Vec<&Value> = rows
            .iter()
            .filter(|row| text(row, "reference").as_deref() == Some(reference))
            .collect();
        match ours.last() {
            // Rows of other references: the question was not understood, so this is no answer.
            None if !rows.is_empty() => Err(unclear()),
            None => Ok(LookedUp::NotThere),
            Some(first) => Ok(LookedUp::Found {
                id: text(first, "id").ok_or_else(unclear)?,
                status: text(first, "status").unwrap_or_default(),
                times: ours.len(),
            }),
        }
    }

    /// Returns a text's state, in Notify's words; `None` where Notify no longer has it.
    pub(super) fn status(&self, id: &str) -> Result<Option<String>, NotifyError> {
        match self.ask(&format!("/v2/notifications/{}", escaped(id)), None) {
            Ok(row) => Ok(row.get("status").and_then(Value::as_str).map(str::to_owned)),
            Err(NotifyError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn post(&self, message: &Message) -> Posted {
        let number = Zeroizing::new(format!("+{}", message.to.as_str()));
        let body = Body {
            phone_number: &number,
            template_id: &self.template_id,
            personalisation: BTreeMap::from([(self.placeholder.as_str(), message.text.as_str())]),
            reference: &message.reference,
            sms_sender_id: self.sms_sender_id.as_deref(),
        };
        // Written once, into memory that is wiped.
        let body = Zeroizing::new(serde_json::to_string(&body).expect("strings alone"));
        match self.request("/v2/notifications/sms", Some(&body)) {
            Ok((status, json)) => self.meaning(status, json.as_ref(), message),
            Err(Failure::NotSent(why)) => Posted::NotSent { why },
            Err(Failure::Lost(why)) => Posted::InDoubt { why },
        }
    }

    fn meaning(&self, status: u16, json: Option<&Value>, message: &Message) -> Posted {
        if status == 201 {
            let text = |value: Option<&Value>| Some(value?.as_str()?.to_owned());
            let field = |name| text(json.and_then(|json| json.get(name)));
            let Some(id) = field("id").filter(|id| !id.is_empty()) else {
                return Posted::InDoubt {
                    why: "it said 201, and no more that can be read".into(),
                };
            };
            let content = json.and_then(|json| json.get("content"));
            let sent = text(content.and_then(|content| content.get("body")));
            let from = text(content.and_then(|content| content.get("from_number")));
            return if sent.is_some_and(|sent| sent != message.text.as_str()) {
                let why = "Notify sends another text than the signed one";
                Posted::Otherwise { id, why }
            } else if from.is_some_and(|from| from != self.sender_id) {
                let why = "Notify sends under another sender ID than the signed one";
                Posted::Otherwise { id, why }
            } else {
                Posted::Taken { id }
            };
        }
        let (error, told) = error_of(json);
        let code = format!("{status}/{error}");
        let halted = |why: &str| Posted::Halted {
            code: code.clone(),
            why: format!("{status} {error}: {why}"),
        };
        match (status, error.as_str()) {
            (400, _) if is_of_the_number(&told) => Posted::Refused { code },
            // Nothing of the text is wrong that the next text does not share.
            (400 | 401 | 403 | 404 | 405 | 413, _) if json.is_some() => halted(&told),
            (429, "TooManyRequestsError") => halted(&told),
            (429, _) => Posted::Throttled { code },
            _ => Posted::InDoubt {
                why: format!("it said {status}"),
            },
        }
    }
}

/// Says whether an error is of this one number, so that the next may be taken.
fn is_of_the_number(message: &str) -> bool {
    let lower = message.to_lowercase();
    lower.starts_with("phone_number ")
        || lower.contains("international mobile")
        || lower.contains("landline")
        || lower.contains("premium rate")
}

/// Returns the first error's name and words, without what it repeats of the request.
fn error_of(json: Option<&Value>) -> (String, String) {
    let first = json.and_then(|json| json.get("errors")?.get(0).cloned());
    let text = |name: &str| {
        let value = first.as_ref().and_then(|first| first.get(name)?.as_str());
        // Neither a number nor a control character goes on into a log.
        let plain = |c: char| if c.is_ascii_digit() { '#' } else { c };
        value
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .map(plain)
            .collect::<String>()
    };
    let (error, message) = (text("error"), text("message"));
    (
        if error.is_empty() {
            "unnamed".into()
        } else {
            error
        },
        message,
    )
}

/// Tells what is known of a failed request: that nothing left, or not even that.
fn failure(error: ureq::Error) -> Failure {
    use std::io::ErrorKind;
    use ureq::{Error, Timeout};
    // Of an I/O error: from the connection alone, for a line that stands is never refused.
    let is_of_connecting = |kind| {
        matches!(
            kind,
            ErrorKind::ConnectionRefused
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
        )
    };
    let nothing_left = matches!(
        error,
        Error::HostNotFound
            | Error::ConnectionFailed
            | Error::BadUri(_)
            | Error::Timeout(Timeout::Resolve | Timeout::Connect)
    ) || matches!(&error, Error::Io(io) if is_of_connecting(io.kind()));
    let told = told(&error);
    if nothing_left {
        Failure::NotSent(told)
    } else {
        Failure::Lost(told)
    }
}

/// Names a failure without what was sent or received.
fn told(error: &ureq::Error) -> String {
    if let ureq::Error::Timeout(of) = error {
        format!("timeout ({of})")
    } else if let ureq::Error::Io(io) = error {
        format!("disconnected ({})", io.kind())
    } else if matches!(error, ureq::Error::HostNotFound) {
        "host not found".into()
    } else if matches!(error, ureq::Error::ConnectionFailed) {
        "no connection".into()
    } else {
        "the line failed".into()
    }
}

/// Makes a token (RFC 7519, HS256): who asks, and when.
fn token(key: &ApiKey, now_us: i64) -> String {
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let head = part(json!({"typ": "JWT", "alg": "HS256"}));
    let claims = part(json!({"iss": key.service_id, "iat": now_us / 1_000_000}));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.secret.as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(format!("{head}.{claims}").as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{head}.{claims}.{signature}")
}

/// Escapes what stands in a path or query (RFC 3986, 2.3).
fn escaped(plain: &str) -> String {
    plain
        .bytes()
        .map(|b| match b {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => {
                char::from(b).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_one_number_are_told_from_errors_of_all() {
        for of_one in [
            "phone_number Not enough digits",
            "phone_number Not a UK mobile number",
            "Cannot send to international mobile numbers",
            "Cannot send to UK landlines",
        ] {
            assert!(is_of_the_number(of_one), "{of_one}");
        }
        for of_all in [
            "Can’t send to this recipient when service is in trial mode",
            "Template not found",
            "Missing personalisation: text",
            "template_id is a required property",
        ] {
            assert!(!is_of_the_number(of_all), "{of_all}");
        }
    }

    #[test]
    fn a_number_in_an_error_goes_no_further() {
        let json =
            json!({"errors": [{"error": "BadRequestError", "message": "07700900123 is\n odd"}]});
        assert_eq!(
            error_of(Some(&json)),
            (
                "BadRequestError".to_owned(),
                "########### is odd".to_owned()
            )
        );
        assert_eq!(error_of(None).0, "unnamed");
    }

    /// Its signature is judged by the stand-in, whose own judge the official clients pass.
    #[test]
    fn a_token_says_who_asks_and_when() {
        let key = ApiKey {
            service_id: "26785a09-ab16-4eb0-8407-a37497a57506".into(),
            secret: Zeroizing::new("3d844edf-8d35-48ac-975b-e847b4f122b0".into()),
        };
        let token = token(&key, 1_667_779_200_999_999);
        let parts: Vec<Vec<u8>> = token
            .split('.')
            .map(|part| URL_SAFE_NO_PAD.decode(part).unwrap())
            .collect();
        let claims: Value = serde_json::from_slice(&parts[1]).unwrap();
        assert_eq!(claims, json!({"iss": key.service_id, "iat": 1_667_779_200}));
        assert_eq!(parts[2].len(), 32);
    }
}
