//! What a caller can get wrong when it hands over evidence.

use unspoof_model::Coded;

/// Evidence that contradicts itself before anything is compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// Two accounts of one source carry one id.
    #[error("account `{account_id}` of source `{source_name}` was added already")]
    AccountTwice {
        /// The source both were said to be of.
        source_name: String,
        /// The id both carry.
        account_id: String,
    },
    /// A sighting or a judgement names an account that was not added.
    #[error("account number {number} is not one of the {accounts} accounts added")]
    NoSuchAccount {
        /// What was named.
        number: u32,
        /// How many there are.
        accounts: u32,
    },
    /// More than `u32::MAX` accounts or values.
    #[error("more than {most} {what} do not fit into one run")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most that fit.
        most: u32,
    },
}

impl Coded for EvidenceError {
    fn code(&self) -> &'static str {
        match self {
            Self::AccountTwice { .. } => "persons/account-twice",
            Self::NoSuchAccount { .. } => "persons/no-such-account",
            Self::TooMany { .. } => "persons/too-many",
        }
    }
}
