use unspoof_model::Coded;

use super::State;
use crate::StoreError;

/// Why a ledger refused or failed. No number, text or hash of a recipient stands in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The database could not be opened, refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process sends from it.
    #[error("the ledger {at} is held by {by}")]
    Held {
        /// Which ledger.
        at: String,
        /// Who holds it.
        by: String,
    },
    /// The database is something else.
    #[error("{at} is a database, and no ledger")]
    NotALedger {
        /// Which.
        at: String,
    },
    /// There is no such campaign.
    #[error("the ledger has no campaign `{campaign}`")]
    NoCampaign {
        /// Which.
        campaign: String,
    },
    /// The campaign was opened with another plan.
    #[error("campaign `{campaign}` has another plan")]
    OtherPlan {
        /// Which.
        campaign: String,
    },
    /// Rows that are not those of the first time.
    #[error("campaign `{campaign}` has other rows{}", at(.key))]
    OtherRows {
        /// Which campaign.
        campaign: String,
        /// The first key that differs, where it is one.
        key: Option<u64>,
    },
    /// Two rows with one key or one recipient, or a key that is too great.
    #[error("the plan has the key {key} or its recipient twice, or a key that is too great")]
    Twice {
        /// The key.
        key: u64,
    },
    /// A name or a text that cannot stand in the ledger.
    #[error("the {what} cannot stand in the ledger: {why}")]
    Words {
        /// Which text.
        what: &'static str,
        /// Why.
        why: &'static str,
    },
    /// There is no such row.
    #[error("campaign `{campaign}` has no row with the key {key}")]
    NoRow {
        /// Which campaign.
        campaign: String,
        /// The key.
        key: u64,
    },
    /// A step that the row's state does not allow.
    #[error("the row with the key {key} is {found}; it cannot become {wanted}")]
    Step {
        /// The row.
        key: u64,
        /// Where it stands.
        found: State,
        /// Where it was to go.
        wanted: State,
    },
    /// A red stop is for ever.
    #[error("campaign `{campaign}` was stopped for good")]
    Stopped {
        /// Which.
        campaign: String,
    },
    /// Rows that must be settled first.
    #[error("campaign `{campaign}` has {rows} rows of which nobody knows")]
    Unsettled {
        /// Which.
        campaign: String,
        /// How many.
        rows: u64,
    },
    /// An earlier turn failed, and may or may not have been written.
    #[error("an earlier turn failed, and may or may not be on the disk")]
    Spent,
    /// A row that nobody here wrote.
    #[error("the ledger is damaged: {why}")]
    Damaged {
        /// What is wrong.
        why: &'static str,
    },
}

fn at(key: &Option<u64>) -> String {
    key.map_or_else(String::new, |key| format!(": the key {key} is another's"))
}

impl Coded for LedgerError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Held { .. } => "ledger/held",
            Self::NotALedger { .. } => "ledger/not-a-ledger",
            Self::NoCampaign { .. } => "ledger/no-campaign",
            Self::OtherPlan { .. } => "ledger/other-plan",
            Self::OtherRows { .. } => "ledger/other-rows",
            Self::Twice { .. } => "ledger/twice",
            Self::Words { .. } => "ledger/words",
            Self::NoRow { .. } => "ledger/no-row",
            Self::Step { .. } => "ledger/step",
            Self::Stopped { .. } => "ledger/stopped",
            Self::Unsettled { .. } => "ledger/unsettled",
            Self::Spent => "ledger/spent",
            Self::Damaged { .. } => "ledger/damaged",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Store(error) => return error.hint(),
            Self::Held { .. } => {
                "wait for it to end, or hold or stop the campaign: that needs no lock".to_owned()
            }
            Self::NotALedger { .. } => "name another file".to_owned(),
            Self::NoCampaign { .. } | Self::NoRow { .. } => {
                "list what there is: unspoof campaign status".to_owned()
            }
            Self::OtherPlan { .. } | Self::OtherRows { .. } | Self::Twice { .. } => {
                "a changed plan is a new campaign: sign it under a new name".to_owned()
            }
            Self::Words { .. } => "write it shorter, and without any telephone number".to_owned(),
            Self::Step { .. } => {
                "only what nobody knows, or what has no receipt, can be settled".to_owned()
            }
            Self::Stopped { .. } => "plan a new campaign: who was told stays told".to_owned(),
            Self::Unsettled { .. } => "settle them first: unspoof campaign reconcile".to_owned(),
            Self::Spent => {
                "start the sender again: what it had claimed is found unknown".to_owned()
            }
            Self::Damaged { .. } => {
                "somebody changed the database: put it back from a copy".to_owned()
            }
        })
    }
}
