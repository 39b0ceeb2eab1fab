//! What can be wrong with a policy, with facts or with a country file.

use unspoof_model::Coded;

/// A policy file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Not TOML at all.
    #[error("the policy is not TOML")]
    NotToml(#[source] Box<toml::de::Error>),
    /// Made by a newer version.
    #[error("the policy has format {found}, and this version reads up to {newest}")]
    NewerFormat {
        /// What the file says.
        found: i64,
        /// What is read.
        newest: i64,
    },
    /// A key that means nothing there.
    #[error("`{key}` means nothing in {place}")]
    UnknownKey {
        /// Where, such as `[[contacts.points]]` number 2.
        place: String,
        /// The key.
        key: String,
        /// The nearest one that is known there.
        nearest: Option<String>,
    },
    /// A fact that does not exist.
    #[error("`{name}` in {place} is no fact of {section}")]
    UnknownFact {
        /// Where.
        place: String,
        /// The name.
        name: String,
        /// The section whose facts were looked at.
        section: &'static str,
        /// The nearest that exists.
        nearest: Option<String>,
    },
    /// A preset that does not exist.
    #[error("`{name}` is no preset")]
    UnknownPreset {
        /// The name.
        name: String,
    },
    /// A value of the wrong kind or size.
    #[error("`{key}` in {place} must be {must}")]
    Value {
        /// Where.
        place: String,
        /// The key.
        key: String,
        /// What it must be, as `a number from …`.
        must: String,
    },
    /// Two terms of one name would be one line for two things.
    #[error("{place} has the name `{name}` a second time")]
    NameTwice {
        /// Where.
        place: String,
        /// The name.
        name: String,
    },
}

impl Coded for PolicyError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotToml(_) => "ranking/policy-not-toml",
            Self::NewerFormat { .. } => "ranking/policy-newer-format",
            Self::UnknownKey { .. } => "ranking/policy-unknown-key",
            Self::UnknownFact { .. } => "ranking/policy-unknown-fact",
            Self::UnknownPreset { .. } => "ranking/policy-unknown-preset",
            Self::Value { .. } => "ranking/policy-value",
            Self::NameTwice { .. } => "ranking/policy-name-twice",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey { nearest, .. } | Self::UnknownFact { nearest, .. } => {
                nearest.as_ref().map(|name| format!("write `{name}`"))
            }
            Self::UnknownPreset { .. } => {
                let names: Vec<String> = crate::Policy::PRESETS
                    .iter()
                    .map(|(name, _)| format!("`{name}`"))
                    .collect();
                Some(format!("write {}", names.join(" or ")))
            }
            Self::NameTwice { name, .. } => Some(format!("write name = \"{name} (2)\"")),
            Self::NotToml(_) | Self::NewerFormat { .. } | Self::Value { .. } => None,
        }
    }
}

/// Facts that cannot be ranked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RankError {
    /// More rows than 32 bits can number.
    #[error("more {section} than 32 bits can number")]
    TooMany {
        /// Which table.
        section: &'static str,
    },
    /// One subject was added twice.
    #[error("rows {first_row} and {second_row} of {section} are of one subject")]
    KeyTwice {
        /// Which table.
        section: &'static str,
        /// The row that came first, from 0.
        first_row: u32,
        /// The other, from 0.
        second_row: u32,
    },
}

impl Coded for RankError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "ranking/too-many",
            Self::KeyTwice { .. } => "ranking/key-twice",
        }
    }
}

/// A country file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CountryFileError {
    /// Not a file in MaxMind's format.
    #[error("not a MaxMind DB file")]
    NotMaxMind(#[source] Box<maxminddb::MaxMindDbError>),
    /// A file of something else than countries.
    #[error("a MaxMind DB file of type `{database_type}`, which tells no countries")]
    NoCountries {
        /// The type in its metadata.
        database_type: String,
    },
    /// An address's entry is damaged.
    #[error("the country file is damaged where it speaks of an address")]
    Damaged(#[source] Box<maxminddb::MaxMindDbError>),
}

impl Coded for CountryFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotMaxMind(_) => "ranking/country-file",
            Self::NoCountries { .. } => "ranking/country-file-type",
            Self::Damaged(_) => "ranking/country-file-damaged",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoCountries { .. } => Some(
                "use a file whose type holds `Country` or `City`, such as `GeoLite2-Country`"
                    .to_owned(),
            ),
            Self::NotMaxMind(_) | Self::Damaged(_) => None,
        }
    }
}

/// A judgement that nobody made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JudgementError {
    /// No reason was given.
    #[error("a judgement needs a reason")]
    NoReason,
}

impl Coded for JudgementError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoReason => "ranking/judgement-reason",
        }
    }
}
