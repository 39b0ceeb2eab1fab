//! Hard mode: a service as criminals and their carriers make it, where little tells people apart.
//!
//! Everything that is drawn here has streams of its own, so that no other preset's bytes hang on
//! it. The shares are in [`SHARES`] and in `docs/reference/lab.md`, and a test keeps the two equal.

mod ledger;
mod logins;
mod people;
mod reports;
mod script;
mod shares;

pub(crate) use ledger::ledger;
pub(crate) use logins::{Login, logins};
pub(crate) use people::{People, Shows, Trade};
pub(crate) use reports::write as write_reports;
pub(crate) use script::{Script, Scripted};
pub use shares::{SHARES, Share};

/// Mapping files that a case of hard mode needs: name, text.
pub(crate) const MAPPINGS: [(&str, &str); 2] = [
    (
        "lab-hard-service",
        include_str!("../mappings/lab-hard-service.toml"),
    ),
    (
        "lab-hard-reports",
        include_str!("../mappings/lab-hard-reports.toml"),
    ),
];
