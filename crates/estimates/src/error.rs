use unspoof_model::Coded;

/// Says why no estimate can be begun. Data from which nothing follows is no error: it is flagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EstimateError {
    /// Overlaps need two lists at least, and tables grow as 2^lists.
    #[error("{found} lists given, 2 to 6 are needed")]
    Lists {
        /// How many there were.
        found: usize,
    },
    /// Two lists carry the same kind and name.
    #[error("two lists of victims have the same name")]
    SameName,
    /// A list on which nobody stands says nothing about the others.
    #[error("list number {list} holds nobody")]
    EmptyList {
        /// Counted from 1 in the order given.
        list: usize,
    },
    /// A capture history names no list, or one that there is not.
    #[error("capture history {mask} is not one of {lists} lists")]
    History {
        /// The history: bit 0 is the first list.
        mask: u32,
        /// How many lists there are.
        lists: usize,
    },
    /// Counts beyond 2^40 are no counts of people.
    #[error("a count is more than 2^40")]
    Count,
    /// A confidence that is not between 0.5 and 1, or a share of links that is not in 0 to 0.9.
    #[error("a confidence must lie between 0.5 and 1, a share of missed links between 0 and 0.9")]
    Share,
    /// A model joins a list with itself or with one that there is not.
    #[error("a model names a pair of lists that there is not")]
    Pair,
    /// No rounds, or more than anybody waits for.
    #[error("a bootstrap needs 1 to 100000 rounds")]
    Rounds,
}

impl Coded for EstimateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Lists { .. } => "estimates/lists",
            Self::SameName => "estimates/same-name",
            Self::EmptyList { .. } => "estimates/empty-list",
            Self::History { .. } => "estimates/history",
            Self::Count => "estimates/count",
            Self::Share => "estimates/share",
            Self::Pair => "estimates/pair",
            Self::Rounds => "estimates/rounds",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::EmptyList { .. } => Some("leave the list out".into()),
            Self::Lists { .. } => {
                Some("put lists of one kind together, or use repeat counts".into())
            }
            Self::SameName
            | Self::History { .. }
            | Self::Count
            | Self::Share
            | Self::Pair
            | Self::Rounds => None,
        }
    }
}
