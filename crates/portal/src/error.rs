use std::io;
use std::path::PathBuf;

use unspoof_handover::HandoverError;

/// Says why the portal cannot start, seal or keep something. Nothing a visitor wrote stands in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PortalError {
    /// A file could not be read or written.
    #[error("could not {doing} `{}`", path.display())]
    Io {
        /// What was tried: `read`, `write`, `lock`, `make`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The signature over the bundle is missing, or by another key.
    #[error("the bundle is not signed by the key that was given")]
    Signature,
    /// The bundle is no bundle, or of a version that this program does not know.
    #[error("the bundle cannot be read: {detail}")]
    Bundle {
        /// What is wrong, without the bundle's content.
        detail: String,
    },
    /// A key file does not hold a key, or not the one that the bundle names.
    #[error("the {name} key cannot be used: {detail}")]
    Key {
        /// `code`, `receipt`, `bundle` or `recipient`.
        name: &'static str,
        /// What is wrong, without the key.
        detail: String,
    },
    /// Plain HTTP to anybody but this host.
    #[error("`{listen}` is reached by others, and there is no TLS")]
    Plain {
        /// The address that was to be served.
        listen: String,
    },
    /// Certificate or key of TLS are no good.
    #[error("the TLS certificate or its key cannot be used: {detail}")]
    Tls {
        /// What is wrong.
        detail: String,
    },
    /// Another portal writes to the spool.
    #[error("another process writes to the spool `{}`", path.display())]
    Busy {
        /// The spool.
        path: PathBuf,
    },
    /// What was to be sealed could not be.
    #[error("could not seal")]
    Seal,
    /// The spool took nothing, so nothing was acknowledged.
    #[error("the spool does not take anything: {detail}")]
    Spool {
        /// What the operating system says.
        detail: String,
    },
    /// A text of a language is missing or cannot be read.
    #[error("the texts in `{language}` cannot be used: {detail}")]
    Words {
        /// The language's code.
        language: String,
        /// The message and what is wrong with it.
        detail: String,
    },
    /// What visitors write could end on the disk.
    #[error("the host may write this program's memory to its swap")]
    Swap,
    /// The operating system gives no randomness or refuses a limit.
    #[error("the operating system refused {what}")]
    System {
        /// What was asked for.
        what: &'static str,
    },
}

impl PortalError {
    /// Returns the stable code, such as `portal/signature`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "portal/io",
            Self::Signature => "portal/signature",
            Self::Bundle { .. } => "portal/bundle",
            Self::Key { .. } => "portal/key",
            Self::Plain { .. } => "portal/plain",
            Self::Tls { .. } => "portal/tls",
            Self::Busy { .. } => "portal/busy",
            Self::Seal => "portal/seal",
            Self::Spool { .. } => "portal/spool",
            Self::Words { .. } => "portal/words",
            Self::Swap => "portal/swap",
            Self::System { .. } => "portal/system",
        }
    }

    /// Returns something that can be typed or done next, if there is such a thing.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Signature => Some("give the bundle's public key with --bundle-key".into()),
            Self::Plain { .. } => Some(
                "give --tls-cert and --tls-key, or --behind-proxy where a proxy ends TLS".into(),
            ),
            Self::Busy { .. } => Some("end the other portal, or give each its own --spool".into()),
            Self::Swap => Some(
                "turn swap off, or run it under systemd with MemorySwapMax=0; where swap is encrypted \
                 with a key drawn at each start: --swap-is-safe"
                    .into(),
            ),
            Self::Key { name: "code", .. } => {
                Some("a key file holds 64 hexadecimal digits: --code-key-file FILE".into())
            }
            Self::Io { .. }
            | Self::Bundle { .. }
            | Self::Key { .. }
            | Self::Tls { .. }
            | Self::Seal
            | Self::Spool { .. }
            | Self::Words { .. }
            | Self::System { .. } => None,
        }
    }

    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }
}

impl From<HandoverError> for PortalError {
    fn from(error: HandoverError) -> Self {
        match error {
            HandoverError::Io {
                doing,
                path,
                source,
            } => Self::Io {
                doing,
                path,
                source,
            },
            HandoverError::Signature => Self::Signature,
            HandoverError::Key { name, detail } => Self::Key { name, detail },
            HandoverError::Seal => Self::Seal,
            HandoverError::System { what } => Self::System { what },
            HandoverError::Bundle { detail } => Self::Bundle { detail },
            other => Self::Bundle {
                detail: other.to_string(),
            },
        }
    }
}
