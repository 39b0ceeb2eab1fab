use unspoof_model::Coded;

/// Says why a list or a table cannot be used at all. A line that cannot is a reject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaymentError {
    /// The text is not YAML.
    #[error("list `{list}` is not YAML from line {line} on")]
    Yaml {
        /// The list as the caller named it.
        list: String,
        /// Counted from 1.
        line: u64,
    },
    /// YAML, and not a `TagPack`: there is no `tags` with a sequence.
    #[error("list `{list}` is no TagPack: it has no sequence `tags`")]
    NoTags {
        /// The list as the caller named it.
        list: String,
    },
}

impl Coded for PaymentError {
    fn code(&self) -> &'static str {
        match self {
            Self::Yaml { .. } => "payments/yaml",
            Self::NoTags { .. } => "payments/no-tags",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Yaml { .. } => None,
            Self::NoTags { .. } => Some("a list of one address a line is read as plain".into()),
        }
    }
}
