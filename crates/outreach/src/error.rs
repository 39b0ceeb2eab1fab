use std::io;
use std::path::PathBuf;

use unspoof_model::Coded;
use unspoof_store::ledger::LedgerError;

/// Why a campaign cannot be planned, signed or sent. It repeats no number and no text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutreachError {
    /// The sender's other side cannot be reached or used.
    #[error("the sender {sender} cannot be used: {detail}")]
    Sender {
        /// `smpp`, `notify`, `csv` or `rehearsal`.
        sender: &'static str,
        /// What is wrong, without numbers, texts or secrets.
        detail: String,
    },
    /// A file of a sender's cannot be read or written.
    #[error("could not use `{}`", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The operating system does not give what is needed.
    #[error("could not have {what}")]
    System {
        /// What.
        what: &'static str,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The ledger refused or failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger's rows are not those of the plan.
    #[error("message {key} of the ledger is not the plan's")]
    OtherPlan {
        /// Which message.
        key: u64,
    },
    /// The account at the provider cannot be used.
    #[error(transparent)]
    Smpp(#[from] crate::smpp::SmppError),
}

impl Coded for OutreachError {
    fn code(&self) -> &'static str {
        match self {
            Self::Sender { .. } => "outreach/sender",
            Self::File { .. } => "outreach/file",
            Self::System { .. } => "outreach/system",
            Self::Ledger(source) => source.code(),
            Self::OtherPlan { .. } => "outreach/other-plan",
            Self::Smpp(source) => source.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Sender { .. } | Self::File { .. } | Self::System { .. } => None,
            Self::Ledger(source) => source.hint(),
            Self::OtherPlan { .. } => {
                Some("give the ledger and the package of one campaign".to_owned())
            }
            Self::Smpp(source) => source.hint(),
        }
    }
}
