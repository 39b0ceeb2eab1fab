use std::io;
use std::sync::Arc;

use camino::Utf8PathBuf;
use unspoof_model::{Coded, Sha256Hash};

use super::Compression;

/// Why a stream ends before its end.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The file could not be opened.
    #[error("could not open `{path}`")]
    Open {
        /// The file.
        path: Utf8PathBuf,
        /// What the operating system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// The file could not be read further.
    #[error("could not read on after {at_byte} bytes of content")]
    Read {
        /// Decompressed bytes that came out before.
        at_byte: u64,
        /// What the operating system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// The compressed data ends too early.
    #[error("the {} data is cut off after {at_byte} bytes of content", .compression.as_str())]
    Truncated {
        /// How the file is compressed.
        compression: Compression,
        /// Decompressed bytes that came out before.
        at_byte: u64,
    },
    /// The compressed data is damaged.
    #[error("the {} data is corrupt after {at_byte} bytes of content: {detail}", .compression.as_str())]
    Corrupt {
        /// How the file is compressed.
        compression: Compression,
        /// Decompressed bytes that came out before.
        at_byte: u64,
        /// What the decoder said.
        detail: String,
    },
    /// Something that is not compressed data follows it.
    #[error("the {} data ends after {at_byte} bytes of content, but the file goes on", .compression.as_str())]
    Trailing {
        /// How the file is compressed.
        compression: Compression,
        /// Decompressed bytes that came out before.
        at_byte: u64,
    },
    /// A decompression bomb, or a limit that is too low.
    #[error(
        "{compressed_bytes} compressed bytes give more than the {at_byte} bytes of content that are allowed"
    )]
    TooLarge {
        /// Length of the file in bytes.
        compressed_bytes: u64,
        /// Decompressed bytes that came out before: the limit.
        at_byte: u64,
    },
    /// The file's bytes are not those that were sealed.
    #[error("`{path}` does not hold the bytes that were sealed")]
    NotAsSealed {
        /// The file.
        path: Utf8PathBuf,
        /// What was sealed.
        sealed_sha256: Sha256Hash,
        /// What was read.
        found_sha256: Sha256Hash,
    },
}

impl StreamError {
    /// Finds the stream's error inside of what [`io::Read`] returned.
    #[must_use]
    pub fn in_io(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<StreamError> for io::Error {
    fn from(error: StreamError) -> Self {
        Self::other(error)
    }
}

impl Coded for StreamError {
    fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } | Self::Read { .. } => "evidence/read",
            Self::Truncated { .. } => "evidence/stream-truncated",
            Self::Corrupt { .. } | Self::Trailing { .. } => "evidence/stream-corrupt",
            Self::TooLarge { .. } => "evidence/stream-too-large",
            Self::NotAsSealed { .. } => "evidence/hash-mismatch",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NotAsSealed { .. } => Some("see what else changed: unspoof verify".to_owned()),
            Self::TooLarge { .. } => Some(
                "if the file is what it claims, raise the limit on decompressed bytes".to_owned(),
            ),
            Self::Open { .. }
            | Self::Read { .. }
            | Self::Truncated { .. }
            | Self::Corrupt { .. }
            | Self::Trailing { .. } => None,
        }
    }
}
