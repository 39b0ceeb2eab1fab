//! What a sealed record holds once it is open.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// The newest version of messages that this program reads.
const VERSION: u32 = 1;

/// One record of the spool, opened.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// Somebody said what happened.
    Statement(Box<Statement>),
    /// Somebody asked whether a number was called.
    NumberAsked {
        /// Head of the message.
        head: Head,
        /// The number as typed.
        number: String,
        /// A field was filled that people do not see.
        is_trapped: bool,
    },
    /// A code was entered from so many networks that it was frozen: it was copied.
    CodeFrozen {
        /// Head of the message.
        head: Head,
        /// The code's keyed hash, in hexadecimal digits.
        code_hash: String,
    },
}

/// What all messages begin with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The record's id, in hexadecimal digits.
    pub id: String,
    /// The campaign whose site it came in by.
    pub campaign: String,
    /// When the site took it, RFC 3339 UTC.
    pub received_utc: String,
    /// The language that the visitor read, where it is known.
    pub language: String,
}

/// A statement.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    /// Head of the message.
    pub head: Head,
    /// To quote on the phone.
    pub reference: String,
    /// The check code as typed, where one was entered.
    pub code: Option<String>,
    /// Answers by field; a field may have several values.
    pub answers: BTreeMap<String, Vec<String>>,
    /// What was attached.
    pub files: Vec<AttachedFile>,
    /// A field was filled that people do not see.
    pub is_trapped: bool,
    /// Crisis help was shown.
    pub saw_crisis_help: bool,
    /// It adds to an earlier one of the same reference.
    pub follows_up: bool,
    /// What the visitor's browser sealed by itself: the answers, still closed.
    pub(crate) sealed_answers: Option<Vec<u8>>,
}

/// A file that was attached; its content lies sealed beside the spool's segments.
#[derive(Clone, PartialEq, Eq, serde::Serialize, Deserialize)]
pub struct AttachedFile {
    /// `files/ID.age`.
    pub id: String,
    /// The name that the visitor's device gave it.
    pub name: String,
    /// Bytes of the original.
    pub size_bytes: u64,
    /// SHA-256 of the original.
    pub sha256: String,
    /// What its first bytes say it is; `sealed` where the browser sealed it.
    pub kind: String,
    /// Set where the visitor's browser sealed it before it was sent: the SHA-256 of what it sent then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_sha256: Option<String>,
    #[serde(default, skip_serializing)]
    by_browser: bool,
}

impl fmt::Debug for AttachedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttachedFile")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement")
            .field("id", &self.head.id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id) = match self {
            Self::Statement(statement) => ("Statement", &statement.head.id),
            Self::NumberAsked { head, .. } => ("NumberAsked", &head.id),
            Self::CodeFrozen { head, .. } => ("CodeFrozen", &head.id),
        };
        f.debug_struct(kind).field("id", id).finish_non_exhaustive()
    }
}

/// Why opened bytes are no message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAMessage {
    /// Not of the form that the portal writes.
    #[error("it is not in the form of a message")]
    Form,
    /// Of a version that a later program reads.
    #[error("a newer version wrote it")]
    Newer,
    /// What a browser sealed is of another statement: somebody else put it there.
    #[error("what a browser sealed belongs to another statement")]
    OtherInner,
    /// It says that it is another record than the one it was found as.
    #[error("it is another record than the one that it was found as")]
    OtherId,
}

/// As the portal writes it; `kind` decides which fields count.
#[derive(Deserialize)]
struct Written {
    version: u32,
    kind: String,
    id: String,
    campaign: String,
    received_utc: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    trapped: bool,
    number: Option<String>,
    code_hash: Option<String>,
    reference: Option<String>,
    code: Option<String>,
    #[serde(default)]
    answers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    files: Vec<AttachedFile>,
    #[serde(default)]
    crisis: bool,
    #[serde(default)]
    follows_up: bool,
    #[serde(default)]
    sealed_answers: Option<String>,
}

/// What a browser sealed.
#[derive(Deserialize)]
struct Inner {
    version: u32,
    campaign: String,
    reference: String,
    answers: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    files: Vec<InnerFile>,
}

/// An original as the browser had it.
#[derive(Deserialize)]
struct InnerFile {
    id: String,
    name: String,
    size_bytes: u64,
    sha256: String,
}

impl Message {
    /// Reads an opened record. What pads it to a multiple of 4096 bytes is white space.
    ///
    /// # Errors
    /// [`NotAMessage`]; the record stays in the sealed spool for a later version.
    pub fn read(plain: &[u8], id: &str) -> Result<Self, NotAMessage> {
        let written: Written = serde_json::from_slice(plain).map_err(|_| NotAMessage::Form)?;
        if written.version > VERSION {
            return Err(NotAMessage::Newer);
        }
        if written.id != id {
            return Err(NotAMessage::OtherId);
        }
        let head = Head {
            id: written.id,
            campaign: written.campaign,
            received_utc: written.received_utc,
            language: written.language,
        };
        match written.kind.as_str() {
            "statement" => Ok(Self::Statement(Box::new(Statement {
                head,
                reference: written.reference.ok_or(NotAMessage::Form)?,
                code: written.code,
                answers: written.answers,
                files: written.files,
                is_trapped: written.trapped,
                saw_crisis_help: written.crisis,
                follows_up: written.follows_up,
                sealed_answers: written.sealed_answers.map(|digits| from_hex(&digits)),
            }))),
            "number-asked" => Ok(Self::NumberAsked {
                head,
                number: written.number.ok_or(NotAMessage::Form)?,
                is_trapped: written.trapped,
            }),
            "code-frozen" => Ok(Self::CodeFrozen {
                head,
                code_hash: written.code_hash.ok_or(NotAMessage::Form)?,
            }),
            _ => Err(NotAMessage::Newer),
        }
    }
}

/// Reads hexadecimal digits; what is none becomes nothing, which does not open.
fn from_hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs
        .map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

impl Statement {
    /// Returns what the visitor's browser sealed, if it did.
    #[must_use]
    pub fn sealed_answers(&self) -> Option<&[u8]> {
        self.sealed_answers.as_deref()
    }

    /// Takes in what a browser had sealed, once it is open.
    ///
    /// # Errors
    /// [`NotAMessage::OtherInner`] for what belongs to another statement; [`NotAMessage::Form`] and
    /// [`NotAMessage::Newer`].
    pub fn take_in(&mut self, plain: &[u8]) -> Result<(), NotAMessage> {
        let inner: Inner = serde_json::from_slice(plain).map_err(|_| NotAMessage::Form)?;
        if inner.version > VERSION {
            return Err(NotAMessage::Newer);
        }
        if inner.campaign != self.head.campaign || inner.reference != self.reference {
            return Err(NotAMessage::OtherInner);
        }
        self.answers = inner.answers;
        self.sealed_answers = None;
        for file in self.files.iter_mut().filter(|file| file.by_browser) {
            if let Some(original) = inner.files.iter().find(|of| of.id == file.id) {
                file.sealed_sha256 =
                    Some(std::mem::replace(&mut file.sha256, original.sha256.clone()));
                file.name.clone_from(&original.name);
                file.size_bytes = original.size_bytes;
            }
        }
        Ok(())
    }

    /// The first answer in a field, or nothing.
    #[must_use]
    pub fn one(&self, field: &str) -> &str {
        self.answers
            .get(field)
            .and_then(|values| values.first())
            .map_or("", String::as_str)
    }

    /// All answers in a field.
    #[must_use]
    pub fn all(&self, field: &str) -> &[String] {
        self.answers
            .get(field)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Names the statement among all reports: its reference, and of a later one under the same
    /// reference also the first digits of its record.
    #[must_use]
    pub fn report_id(&self) -> String {
        if self.follows_up {
            let begins: String = self.head.id.chars().take(6).collect();
            format!("{}+{begins}", self.reference)
        } else {
            self.reference.clone()
        }
    }
}
