use std::io;
use std::path::PathBuf;

/// Says why what came back cannot be taken in. It repeats nothing that anybody wrote.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// A file could not be read or written.
    #[error("could not {doing} `{}`", path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// No working copy could be made of an attachment.
    #[error("no working copy could be made: {why}")]
    Flatten {
        /// Why.
        why: String,
        /// What could be done about it.
        hint: Option<&'static str>,
    },
}

impl IntakeError {
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

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "intake/io",
            Self::Flatten { .. } => "intake/flatten",
        }
    }

    /// Returns something that can be done next, if there is such a thing.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Flatten { hint, .. } => hint.map(str::to_owned),
            Self::Io { .. } => None,
        }
    }
}
