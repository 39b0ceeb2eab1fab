use std::io;
use std::path::PathBuf;

use unspoof_handover::HandoverError;
use unspoof_model::Coded;
use unspoof_unseal::UnsealError;

use crate::lint::Rule;

/// Why a campaign cannot be planned, approved, opened or erased. It repeats no number and no code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The campaign file is no campaign file.
    #[error("the campaign file cannot be used: {detail}")]
    Campaign {
        /// What is wrong.
        detail: String,
    },
    /// The sender ID is not registered, or there are several.
    #[error("the sender ID `{sender}` cannot be used: {detail}")]
    SenderId {
        /// The sender ID.
        sender: String,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A text cannot be sent so.
    #[error("text {} cannot be used: {detail}", index + 1)]
    Text {
        /// Which of the campaign's texts, from 0.
        index: usize,
        /// What is wrong with it.
        detail: String,
    },
    /// The linter refuses a text, and nobody excepted that in the plan.
    #[error("text {} is refused by the rule `{rule}`: {why} ({findings} in all)", index + 1)]
    Lint {
        /// Which text, from 0.
        index: usize,
        /// By which rule first.
        rule: Rule,
        /// Why.
        why: String,
        /// How many findings the text has.
        findings: usize,
    },
    /// The window is none, or too short.
    #[error("the window cannot be used: {detail}")]
    Window {
        /// What is wrong with it.
        detail: String,
    },
    /// Nobody is left to be told.
    #[error("nobody is left to be told: all {candidates} numbers were left out")]
    Nobody {
        /// How many there were.
        candidates: usize,
    },
    /// A file that must be signed is not, or was changed since.
    #[error("the {what} is not signed by the keys that were given, or was changed since")]
    Signature {
        /// `plan`, `removal list`, `notice`, `erasure statement`.
        what: &'static str,
    },
    /// A signed document says what this program does not know or refuses.
    #[error("the {what} cannot be used: {detail}")]
    Document {
        /// As above.
        what: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// Not enough different people approved the plan.
    #[error("the plan has {given} of the two approvals that it needs")]
    Approvals {
        /// How many different people of the list signed.
        given: usize,
    },
    /// The list of those who may approve is not one.
    #[error("the list of approvers cannot be used: {detail}")]
    Approvers {
        /// What is wrong.
        detail: &'static str,
    },
    /// Somebody signed who may not.
    #[error(
        "the plan is signed by a key that is not on both lists of approvers, the case's and its own"
    )]
    Stranger,
    /// The plan's time is over.
    #[error("the plan expired when its window closed")]
    Expired,
    /// The plan's window is not open yet.
    #[error("the plan's window is not open yet")]
    NotYet,
    /// The recipients are not those of the plan.
    #[error("the recipients cannot be used: {detail}")]
    Recipients {
        /// What is wrong.
        detail: &'static str,
    },
    /// A list of suppressions cannot be relied on.
    #[error("the list of suppressions cannot be used: {detail}")]
    Suppressions {
        /// What is wrong.
        detail: &'static str,
    },
    /// A key cannot be used.
    #[error("the {name} key cannot be used: {detail}")]
    Key {
        /// Which.
        name: &'static str,
        /// What is wrong, without the key.
        detail: &'static str,
    },
    /// A file could not be read, written or destroyed.
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
    /// Something that crosses between the zones could not be made.
    #[error("could not make what crosses to the outside")]
    Handover(#[from] HandoverError),
    /// Something that was sealed could not be opened.
    #[error("could not open what was sealed")]
    Unseal(#[from] UnsealError),
}

impl PlanError {
    /// Names the operation and the file behind an I/O error.
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

impl Coded for PlanError {
    fn code(&self) -> &'static str {
        match self {
            Self::Campaign { .. } => "outreach/campaign",
            Self::SenderId { .. } => "outreach/sender-id",
            Self::Text { .. } => "outreach/text",
            Self::Lint { .. } => "outreach/lint",
            Self::Window { .. } => "outreach/window",
            Self::Nobody { .. } => "outreach/nobody",
            Self::Signature { .. } => "outreach/signature",
            Self::Document { .. } => "outreach/document",
            Self::Approvals { .. } => "outreach/approvals",
            Self::Approvers { .. } => "outreach/approvers",
            Self::Stranger => "outreach/stranger",
            Self::Expired => "outreach/expired",
            Self::NotYet => "outreach/not-yet",
            Self::Recipients { .. } => "outreach/recipients",
            Self::Suppressions { .. } => "outreach/suppressions",
            Self::Key { .. } => "outreach/key",
            Self::Io { .. } => "outreach/io",
            Self::Handover(_) => "outreach/handover",
            Self::Unseal(source) => source.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Approvals { .. } => {
                Some("have another person on the list sign the same file".to_owned())
            }
            Self::Expired => Some("make a new plan, with a window to come".to_owned()),
            Self::Lint { .. } => Some("see each finding with: unspoof campaign preview".to_owned()),
            Self::SenderId { .. }
            | Self::Campaign { .. }
            | Self::Text { .. }
            | Self::Window { .. }
            | Self::Nobody { .. }
            | Self::Signature { .. }
            | Self::Document { .. }
            | Self::Approvers { .. }
            | Self::Stranger
            | Self::NotYet
            | Self::Recipients { .. }
            | Self::Suppressions { .. }
            | Self::Key { .. }
            | Self::Io { .. }
            | Self::Handover(_)
            | Self::Unseal(_) => None,
        }
    }
}
