use std::fmt;

/// The person or service that acts: named in the log, because the law asks who it was.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Actor(String);

/// Says why a text cannot name an actor or a purpose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActorError {
    /// Nothing is left when spaces are cut off.
    #[error("an actor or purpose must not be empty")]
    Empty,
    /// Control characters would let one line of a listing look like two.
    #[error("an actor or purpose holds a control character or is longer than 200 bytes")]
    Unprintable,
}

fn checked(text: &str) -> Result<String, ActorError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ActorError::Empty);
    }
    if text.len() > 200 || text.chars().any(char::is_control) {
        return Err(ActorError::Unprintable);
    }
    Ok(text.to_owned())
}

impl Actor {
    /// Takes a name as given on the command line.
    ///
    /// # Errors
    /// Empty, over 200 bytes, or with control characters.
    pub fn new(name: &str) -> Result<Self, ActorError> {
        checked(name).map(Self)
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why somebody acts, as a short code such as `investigation` or `disclosure-review`.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Purpose(String);

impl Purpose {
    /// Takes a purpose code.
    ///
    /// # Errors
    /// Empty, over 200 bytes, or with control characters.
    pub fn new(code: &str) -> Result<Self, ActorError> {
        checked(code).map(Self)
    }

    /// Returns the code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The six operations that a law-enforcement log must show (Directive (EU) 2016/680, Article 25).
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// Data was taken in: a file was sealed, a reference list added.
    Collection,
    /// What the case computes or is configured to do was changed.
    Alteration,
    /// Somebody looked.
    Consultation,
    /// Something left the case.
    Disclosure,
    /// Data of several exhibits was put together.
    Combination,
    /// Something was erased.
    Erasure,
}

impl EventKind {
    /// Returns the word that stands in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Collection => "collection",
            Self::Alteration => "alteration",
            Self::Consultation => "consultation",
            Self::Disclosure => "disclosure",
            Self::Combination => "combination",
            Self::Erasure => "erasure",
        }
    }
}
