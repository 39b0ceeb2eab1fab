//! What stands in the log: one event an entry, and no seized person's data in any of them.
//!
//! The types hold that line. A detail is a count, a flag, a hash, a word from the program's own
//! text, or a keyed hash: a file's name, a query or a reason in somebody's own words fits none of
//! these but the last.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use unspoof_model::{Actor, EventKind, Purpose, Sha256Hash, UtcMicros};

use crate::canonical;
use crate::clock::{parse_rfc3339_utc, rfc3339_utc};
use crate::error::{CaseError, LogError};
use crate::keys::{Keyed, KeyedHasher};

/// The format of events that this version writes, and the newest it reads.
const EVENT_FORMAT: u64 = 1;

/// An entry's length is written in two bytes (C2SP tlog-tiles, "Log Entries").
const MAX_ENTRY_BYTES: usize = u16::MAX as usize;

/// A particular of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Detail {
    /// So many of something.
    Count(u64),
    /// Yes or no.
    Flag(bool),
    /// A word from the program's own text, such as `gzip`.
    Word(&'static str),
    /// A hash of content.
    Sha256(Sha256Hash),
    /// A keyed hash of a name, a query or a reason.
    Keyed(Keyed),
    /// Several keyed hashes.
    AllKeyed(Vec<Keyed>),
}

impl From<u64> for Detail {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<usize> for Detail {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<bool> for Detail {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&'static str> for Detail {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl From<Sha256Hash> for Detail {
    fn from(hash: Sha256Hash) -> Self {
        Self::Sha256(hash)
    }
}

impl From<Keyed> for Detail {
    fn from(keyed: Keyed) -> Self {
        Self::Keyed(keyed)
    }
}

/// The particulars of an event, by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Details(BTreeMap<&'static str, Detail>);

impl Details {
    /// Starts with none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one; a second one of the same name replaces the first.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Detail>) -> Self {
        self.set(key, value);
        self
    }

    /// Adds one; a second one of the same name replaces the first.
    pub fn set(&mut self, key: &'static str, value: impl Into<Detail>) {
        self.0.insert(key, value.into());
    }

    fn to_json(&self) -> Value {
        let member = |(key, value): (&&'static str, &Detail)| {
            let value = match value {
                Detail::Count(count) => json!(count),
                Detail::Flag(flag) => json!(flag),
                Detail::Word(word) => json!(word),
                Detail::Sha256(hash) => json!(hash),
                Detail::Keyed(keyed) => json!(keyed.as_str()),
                Detail::AllKeyed(all) => json!(all.iter().map(Keyed::as_str).collect::<Vec<_>>()),
            };
            ((*key).to_owned(), value)
        };
        Value::Object(self.0.iter().map(member).collect())
    }
}

/// An event about to be recorded.
pub(crate) struct Event<'a> {
    pub(crate) seq: u64,
    pub(crate) at_utc: UtcMicros,
    pub(crate) kind: EventKind,
    pub(crate) operation: &'static str,
    pub(crate) actor: &'a Actor,
    pub(crate) purpose: &'a Purpose,
    pub(crate) details: &'a Details,
    /// The case's files after this event.
    pub(crate) state: Sha256Hash,
    /// The root of the log's tree before this event.
    pub(crate) prev_root: Sha256Hash,
}

impl Event<'_> {
    /// Writes the entry: canonical JSON.
    pub(crate) fn to_entry(&self, hasher: &KeyedHasher) -> Result<Vec<u8>, CaseError> {
        let refused = |reason: String| CaseError::Event { reason };
        let value = json!({
            "v": EVENT_FORMAT,
            "seq": self.seq,
            "at_utc": rfc3339_utc(self.at_utc),
            "kind": self.kind.as_str(),
            "operation": self.operation,
            "actor": self.actor.as_str(),
            "purpose": purpose_text(self.purpose, hasher),
            "details": self.details.to_json(),
            "state": self.state,
            "prev_root": self.prev_root,
        });
        let entry = canonical::to_canonical(&value).map_err(|error| refused(error.to_string()))?;
        if entry.len() > MAX_ENTRY_BYTES {
            return Err(refused(format!(
                "its details take {} bytes, of which {MAX_ENTRY_BYTES} fit",
                entry.len()
            )));
        }
        Ok(entry.into_bytes())
    }
}

/// A purpose is a code. One in somebody's own words could tell of a seized person, and so stands
/// in the log as its keyed hash.
fn purpose_text(purpose: &Purpose, hasher: &KeyedHasher) -> String {
    let text = purpose.as_str();
    let is_code = text.len() <= 40
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/'))
        // A code may carry a section's number, never a telephone number.
        && !text.split(|letter: char| !letter.is_ascii_digit()).any(|digits| digits.len() > 4);
    if is_code {
        text.to_owned()
    } else {
        hasher.keyed(text).as_str().to_owned()
    }
}

/// An event as it stands in the log.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct LoggedEvent {
    /// Place in the log, counted from 0.
    pub seq: u64,
    /// When it was recorded, in UTC microseconds; as JSON, RFC 3339.
    #[serde(serialize_with = "as_rfc3339")]
    pub at_utc: UtcMicros,
    /// Which of the six operations.
    pub kind: EventKind,
    /// What was done, in a word of the program.
    pub operation: String,
    /// Who did it.
    pub actor: String,
    /// The purpose code, or the keyed hash of a purpose in somebody's own words.
    pub purpose: String,
    /// Particulars: counts, flags, words, hashes and keyed hashes.
    pub details: BTreeMap<String, Value>,
    /// SHA-256 of the list of the case's files after this event.
    pub state: Sha256Hash,
    /// Root of the log's tree before this event.
    pub prev_root: Sha256Hash,
}

fn as_rfc3339<S: serde::Serializer>(at_utc: &UtcMicros, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&rfc3339_utc(*at_utc))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    v: u64,
    seq: u64,
    at_utc: String,
    kind: EventKind,
    operation: String,
    actor: String,
    purpose: String,
    details: BTreeMap<String, Value>,
    state: Sha256Hash,
    prev_root: Sha256Hash,
}

impl LoggedEvent {
    /// Reads the entry at a place of the log.
    pub(crate) fn from_entry(seq: u64, entry: &[u8]) -> Result<Self, LogError> {
        let malformed = || LogError::Entry { seq };
        let value: Value = serde_json::from_slice(entry).map_err(|_| malformed())?;
        let found = value
            .get("v")
            .and_then(Value::as_u64)
            .ok_or_else(malformed)?;
        if found > EVENT_FORMAT {
            return Err(LogError::NewerEntry {
                seq,
                found,
                known: EVENT_FORMAT,
            });
        }
        if canonical::to_canonical(&value)
            .ok()
            .as_deref()
            .map(str::as_bytes)
            != Some(entry)
        {
            return Err(malformed());
        }
        let read: Entry = serde_json::from_value(value).map_err(|_| malformed())?;
        let at_utc = parse_rfc3339_utc(&read.at_utc).ok_or_else(malformed)?;
        if read.seq != seq || read.v != EVENT_FORMAT {
            return Err(malformed());
        }
        let Entry {
            kind,
            operation,
            actor,
            purpose,
            details,
            state,
            prev_root,
            ..
        } = read;
        Ok(Self {
            seq,
            at_utc,
            kind,
            operation,
            actor,
            purpose,
            details,
            state,
            prev_root,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyDir;

    fn hasher() -> KeyedHasher {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = KeyDir::at(
            camino::Utf8Path::from_path(folder.path())
                .expect("UTF-8")
                .join("k"),
        );
        let public = keys.make().expect("keys");
        keys.hasher(public.split('+').next().expect("a name"))
            .expect("just made")
    }

    fn entry(details: &Details, purpose: &str) -> Result<Vec<u8>, CaseError> {
        let event = Event {
            seq: 3,
            at_utc: 1_669_248_000_000_000,
            kind: EventKind::Collection,
            operation: "seal",
            actor: &Actor::new("exhibits officer").expect("a name"),
            purpose: &Purpose::new(purpose).expect("a purpose"),
            details,
            state: Sha256Hash([1; 32]),
            prev_root: Sha256Hash([2; 32]),
        };
        event.to_entry(&hasher())
    }

    #[test]
    fn an_event_is_canonical_json_and_read_back() {
        let details = Details::new()
            .with("bytes", 7_u64)
            .with("compression", "gzip");
        let entry = entry(&details, "investigation").expect("fits");
        let text = String::from_utf8(entry.clone()).expect("text");
        assert!(
            text.starts_with(
                r#"{"actor":"exhibits officer","at_utc":"2022-11-24T00:00:00.000000Z","details":{"bytes":7,"compression":"gzip"},"kind":"collection","operation":"seal","prev_root":"02"#
            ),
            "{text}"
        );
        let event = LoggedEvent::from_entry(3, &entry).expect("own entry");
        assert_eq!((event.seq, event.at_utc), (3, 1_669_248_000_000_000));
        assert_eq!(event.purpose, "investigation");
        assert_eq!(
            LoggedEvent::from_entry(4, &entry),
            Err(LogError::Entry { seq: 4 })
        );
    }

    #[test]
    fn a_purpose_in_own_words_is_hashed() {
        for words in [
            "Find Mr Example",
            "447700900123",
            "x 07700900123",
            "case-07700900123",
            "7 calls",
        ] {
            let entry = entry(&Details::new(), words).expect("fits");
            let event = LoggedEvent::from_entry(3, &entry).expect("own entry");
            assert!(
                event.purpose.starts_with("hmac-sha256:"),
                "{words} became {}",
                event.purpose
            );
            assert!(!String::from_utf8(entry).expect("text").contains(words));
        }
        for code in ["investigation", "dpa-2018/s62", "disclosure_review"] {
            let entry = entry(&Details::new(), code).expect("fits");
            assert_eq!(
                LoggedEvent::from_entry(3, &entry)
                    .expect("own entry")
                    .purpose,
                code
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let many = Detail::AllKeyed(vec![hasher().keyed("x"); 1000]);
        let refused = entry(&Details::new().with("all", many), "p").expect_err("76 kB");
        assert!(refused.to_string().contains("65535 fit"), "{refused}");
        assert!(entry(&Details::new().with("n", 1_u64 << 53), "p").is_err());
    }

    #[test]
    fn newer_entries_and_other_json_are_refused() {
        assert_eq!(
            LoggedEvent::from_entry(0, br#"{"v":2,"something":"new"}"#),
            Err(LogError::NewerEntry {
                seq: 0,
                found: 2,
                known: 1
            })
        );
        for text in ["", "{}", "[]", "{\"v\":1}", "{\"v\":\"1\"}", "\u{0}"] {
            assert_eq!(
                LoggedEvent::from_entry(0, text.as_bytes()),
                Err(LogError::Entry { seq: 0 })
            );
        }
        let good = String::from_utf8(entry(&Details::new(), "p").expect("fits")).expect("text");
        for other in [
            good.replace(':', ": "),
            format!("{good} "),
            good.replacen('{', "{\"x\":1,", 1),
        ] {
            assert_eq!(
                LoggedEvent::from_entry(3, other.as_bytes()),
                Err(LogError::Entry { seq: 3 })
            );
        }
    }
}
