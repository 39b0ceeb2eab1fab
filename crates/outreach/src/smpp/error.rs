//! Why an account cannot be used.

use unspoof_model::Coded;

/// Why an account at a provider cannot be used. It repeats no number, text or password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmppError {
    /// An item of the configuration makes no sense.
    #[error("the account's `{item}` {why}")]
    Config {
        /// Which item.
        item: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Made-up records would leave this machine.
    #[error(
        "the case's records are made up, and the account's host is not an address of this machine"
    )]
    MadeUp,
    /// The sender ID of the plan cannot go into a message.
    #[error("the plan's sender ID cannot be sent: {why}")]
    SenderId {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The host has no address.
    #[error("`{host}` has no address")]
    Resolve {
        /// The host as configured.
        host: String,
        /// What the system said.
        #[source]
        source: Option<std::io::Error>,
    },
    /// The certificates or the server's name cannot be used.
    #[error("TLS towards the message centre cannot be set up: {what}")]
    Tls {
        /// What of it.
        what: String,
    },
    /// The centre does not let the account in, on any session, and will not.
    #[error("the message centre does not let the account in: {code}")]
    BindRefused {
        /// Its code, such as `ESME_RINVPASWD`.
        code: String,
    },
    /// The system's own means to wait for sockets are gone.
    #[error("sockets cannot be waited for")]
    Wait {
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Coded for SmppError {
    fn code(&self) -> &'static str {
        match self {
            Self::Config { .. } => "smpp/config",
            Self::MadeUp => "smpp/made-up",
            Self::SenderId { .. } => "smpp/sender-id",
            Self::Resolve { .. } => "smpp/no-address",
            Self::Tls { .. } => "smpp/tls",
            Self::BindRefused { .. } => "smpp/bind-refused",
            Self::Wait { .. } => "smpp/wait",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::MadeUp => Some("send to a stand-in: unspoof-smsc listens on 127.0.0.1".into()),
            Self::Config { .. }
            | Self::SenderId { .. }
            | Self::Resolve { .. }
            | Self::Tls { .. }
            | Self::BindRefused { .. }
            | Self::Wait { .. } => None,
        }
    }
}
