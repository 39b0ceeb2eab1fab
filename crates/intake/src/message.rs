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
    /// What its first bytes say it is.
    pub kind: String,
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

impl Statement {
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
