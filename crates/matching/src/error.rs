use unspoof_model::Coded;

/// Says why reports could not be matched at all. Bad values in single rows are never errors.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MatchError {
    /// More calls than positions of 32 bits can tell apart.
    #[error("a store of calls holds up to {most} calls")]
    TooManyCalls {
        /// The largest number of calls.
        most: u32,
    },
    /// A setting that stands for no probability, or for bands that do not grow.
    #[error("setting `{name}` is out of range")]
    Setting {
        /// The field of [`Settings`](crate::Settings).
        name: &'static str,
    },
    /// Two reports with one identity: losses could not be told apart.
    #[error("report {report} of {reports} has the source and id of an earlier one")]
    TwiceTheSameReport {
        /// Counts from 0 in the order given.
        report: usize,
        /// How many were given.
        reports: usize,
    },
}

impl Coded for MatchError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooManyCalls { .. } => "matching/too-many-calls",
            Self::Setting { .. } => "matching/setting",
            Self::TwiceTheSameReport { .. } => "matching/report-twice",
        }
    }
}
