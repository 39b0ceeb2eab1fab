//! What can be wrong with records or with settings. Values of records are never among it.

use unspoof_model::Coded;

/// A reason why records cannot be linked as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Columns of one table must have one value a record.
    #[error("column `{column}` has {found} values where the first has {expected}")]
    UnevenColumns {
        /// Name of the column.
        column: String,
        /// Records by the first column.
        expected: usize,
        /// Values of this one.
        found: usize,
    },
    /// Two columns of one name, or two comparisons.
    #[error("the name `{name}` is given twice")]
    GivenTwice {
        /// The name.
        name: String,
    },
    /// Record numbers are 32 bits, as are places in a column's text.
    #[error("column `{column}` is too large: at most {most} {unit}")]
    TooLarge {
        /// Name of the column.
        column: String,
        /// The limit.
        most: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// The left set cannot have more records than there are.
    #[error("the left set is said to have {left} records of {all}")]
    LeftSet {
        /// Records of the left set.
        left: usize,
        /// Records of both.
        all: usize,
    },
    /// A rule or a comparison names a column that is not there.
    #[error("there is no column `{column}`")]
    NoSuchColumn {
        /// The name asked for.
        column: String,
    },
    /// A comparison was asked for that the model has not got.
    #[error("there is no comparison `{comparison}`")]
    NoSuchComparison {
        /// The name asked for.
        comparison: String,
    },
    /// A rule without keys would pair everything with everything.
    #[error("a blocking rule has no key")]
    EmptyRule,
    /// Nothing to learn from, or nothing to look at.
    #[error("no {what} given")]
    Nothing {
        /// What is missing.
        what: &'static str,
    },
    /// A pattern of levels is kept in 64 bits, four for each comparison.
    #[error("{found} {unit} given, at most {most} are possible")]
    TooMany {
        /// How many were given.
        found: usize,
        /// The limit.
        most: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// A number outside of its range.
    #[error("`{name}` must be {range}")]
    OutOfRange {
        /// Name of the setting.
        name: &'static str,
        /// What it must be.
        range: &'static str,
    },
    /// Every rule that was trained on contains this comparison's column, or gave no pair.
    #[error("comparison `{comparison}` is learned from no training rule")]
    Untrained {
        /// Name of the comparison.
        comparison: String,
    },
    /// The deterministic rules give no pair.
    #[error("the rules that the prior is estimated from give no pair")]
    NoPairs,
    /// A record number that is not there.
    #[error("there is no record {record}")]
    NoSuchRecord {
        /// The number asked for.
        record: u32,
    },
}

impl Coded for LinkError {
    fn code(&self) -> &'static str {
        match self {
            Self::UnevenColumns { .. } => "linking/uneven-columns",
            Self::GivenTwice { .. } => "linking/given-twice",
            Self::TooLarge { .. } => "linking/too-large",
            Self::LeftSet { .. } => "linking/left-set",
            Self::NoSuchColumn { .. } => "linking/no-such-column",
            Self::NoSuchComparison { .. } => "linking/no-such-comparison",
            Self::EmptyRule => "linking/empty-rule",
            Self::Nothing { .. } => "linking/nothing-given",
            Self::TooMany { .. } => "linking/too-many",
            Self::OutOfRange { .. } => "linking/out-of-range",
            Self::Untrained { .. } => "linking/untrained",
            Self::NoPairs => "linking/no-pairs",
            Self::NoSuchRecord { .. } => "linking/no-such-record",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Untrained { comparison } => Some(format!(
                "add a training rule that does not contain the column of `{comparison}`"
            )),
            Self::NoPairs => Some("give a prior, or rules that some matches meet".to_owned()),
            Self::UnevenColumns { .. }
            | Self::GivenTwice { .. }
            | Self::TooLarge { .. }
            | Self::LeftSet { .. }
            | Self::NoSuchColumn { .. }
            | Self::NoSuchComparison { .. }
            | Self::EmptyRule
            | Self::Nothing { .. }
            | Self::TooMany { .. }
            | Self::OutOfRange { .. }
            | Self::NoSuchRecord { .. } => None,
        }
    }
}
