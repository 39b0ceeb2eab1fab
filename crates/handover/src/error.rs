use std::io;
use std::path::PathBuf;

/// Says why something that crosses between the zones cannot be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandoverError {
    /// A file could not be read or written.
    #[error("could not {doing} `{}`", path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The signature is missing, or by another key.
    #[error("the bundle is not signed by the key that was given")]
    Signature,
    /// The bundle is no bundle, or of a version that this program does not know.
    #[error("the bundle cannot be read: {detail}")]
    Bundle {
        /// What is wrong, without the bundle's content.
        detail: String,
    },
    /// A key cannot be used.
    #[error("the {name} key cannot be used: {detail}")]
    Key {
        /// `code`, `receipt`, `bundle` or `recipient`.
        name: &'static str,
        /// What is wrong, without the key.
        detail: String,
    },
    /// What was to be sealed could not be.
    #[error("could not seal")]
    Seal,
    /// The operating system gives no randomness.
    #[error("the operating system refused {what}")]
    System {
        /// What was asked for.
        what: &'static str,
    },
}

impl HandoverError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "handover/io",
            Self::Signature => "handover/signature",
            Self::Bundle { .. } => "handover/bundle",
            Self::Key { .. } => "handover/key",
            Self::Seal => "handover/seal",
            Self::System { .. } => "handover/system",
        }
    }

    /// Names the operation and the file behind an I/O error.
    pub fn io(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }
}
