use std::io;

use unspoof_model::Coded;

/// Why something sealed cannot be opened. It repeats nothing of a key or of what was sealed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnsealError {
    /// What should be an identity is none.
    #[error("the identity cannot be used: {detail}")]
    Identity {
        /// What is wrong, without the key.
        detail: &'static str,
    },
    /// The bytes do not begin as an `age` file does.
    #[error("it is no sealed file: {detail}")]
    Header {
        /// What is wrong.
        detail: &'static str,
    },
    /// It was sealed to others.
    #[error("it is sealed to none of the keys that were given")]
    NoMatch,
    /// The header was changed after it was written.
    #[error("its header was changed after it was sealed")]
    HeaderChanged,
    /// It ends before its end.
    #[error("it is cut off after {opened_bytes} bytes of content")]
    CutOff {
        /// Bytes of content that were whole.
        opened_bytes: u64,
    },
    /// Its content was changed, or is cut off within a piece.
    #[error("it was changed or cut off after {opened_bytes} bytes of content")]
    Changed {
        /// Bytes of content that were whole.
        opened_bytes: u64,
    },
    /// Reading failed.
    #[error("could not read what was sealed")]
    Read(#[source] io::Error),
}

impl Coded for UnsealError {
    fn code(&self) -> &'static str {
        match self {
            Self::Identity { .. } => "unseal/identity",
            Self::Header { .. } => "unseal/header",
            Self::NoMatch => "unseal/no-match",
            Self::HeaderChanged => "unseal/header-changed",
            Self::CutOff { .. } => "unseal/cut-off",
            Self::Changed { .. } => "unseal/changed",
            Self::Read(_) => "unseal/read",
        }
    }
}

impl From<UnsealError> for io::Error {
    fn from(error: UnsealError) -> Self {
        let kind = match &error {
            UnsealError::Read(source) => source.kind(),
            UnsealError::CutOff { .. } => io::ErrorKind::UnexpectedEof,
            UnsealError::Identity { .. }
            | UnsealError::Header { .. }
            | UnsealError::NoMatch
            | UnsealError::HeaderChanged
            | UnsealError::Changed { .. } => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}
