//! Who is cared for first.

use serde::Serialize;

use crate::Statement;

/// How soon somebody should ring, the most urgent first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// Signs that somebody may harm themselves.
    Crisis,
    /// Money moved in the last days, or a code was given away: a bank may still stop it.
    MoneyMoving,
    /// Somebody asked to be rung, or a code or password was given away.
    HelpWanted,
    /// Anything else that people wrote.
    Ordinary,
    /// Likely written by a program: the hidden field was filled.
    Doubtful,
}

/// Judges a statement by its answers alone.
#[must_use]
pub fn of(statement: &Statement) -> Urgency {
    if statement.saw_crisis_help {
        Urgency::Crisis
    } else if statement.one("moved") == "yes" {
        Urgency::MoneyMoving
    } else if statement.is_trapped {
        Urgency::Doubtful
    } else if statement.one("secret") == "yes"
        || statement
            .all("help")
            .iter()
            .any(|help| !matches!(help.as_str(), "" | "none"))
    {
        Urgency::HelpWanted
    } else {
        Urgency::Ordinary
    }
}

impl Urgency {
    /// As it stands in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Crisis => "crisis",
            Self::MoneyMoving => "money-moving",
            Self::HelpWanted => "help-wanted",
            Self::Ordinary => "ordinary",
            Self::Doubtful => "doubtful",
        }
    }

    /// Reads the word back; anything else is ordinary.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        [
            Self::Crisis,
            Self::MoneyMoving,
            Self::HelpWanted,
            Self::Doubtful,
        ]
        .into_iter()
        .find(|urgency| urgency.as_str() == word)
        .unwrap_or(Self::Ordinary)
    }
}
