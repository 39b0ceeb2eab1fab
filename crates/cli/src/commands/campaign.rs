//! `unspoof campaign`

mod approve;
mod candidates;
mod key;
mod lint;
mod plan;

use camino::Utf8PathBuf;
use clap::{Args as ClapArgs, Subcommand};

use super::Done;
use crate::place::Surroundings;

/// From the numbers that a funnel leaves to delivered warnings, nobody twice.
#[derive(Subcommand, Debug)]
pub(crate) enum Campaign {
    /// Make an approver's key, and print its public half
    Key(Key),
    /// Put somebody on the case's list of approvers
    Approver(Approver),
    /// Check a campaign file's texts: nothing that an imitation could use
    Lint(Lint),
    /// Show every text as it will arrive
    Preview(Lint),
    /// Choose who is told what and when, from the case's funnel
    Plan(Plan),
    /// Show a plan, or sign it as one of two people
    Approve(Approve),
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Key {
    /// Where to write the private key; never into the case
    #[arg(value_name = "FILE")]
    pub(crate) file: Utf8PathBuf,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Approver {
    /// Their name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Their public key, as `campaign key` printed it
    #[arg(value_name = "KEY")]
    pub(crate) key: String,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Lint {
    /// The campaign file
    #[arg(value_name = "FILE")]
    pub(crate) file: Utf8PathBuf,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Plan {
    /// The campaign file
    #[arg(value_name = "FILE")]
    pub(crate) file: Utf8PathBuf,
    /// Plan only if the funnel's contacts have this SHA-256, as `unspoof funnel` prints it
    #[arg(long, value_name = "SHA256")]
    pub(crate) funnel: Option<String>,
    /// The team's own numbers, one a line, for the stage that takes `team`
    #[arg(long, value_name = "FILE")]
    pub(crate) team: Option<Utf8PathBuf>,
    /// A list of keyed hashes of numbers that must not be contacted
    #[arg(long, value_name = "FILE", requires = "suppressions_key")]
    pub(crate) suppressions: Option<Utf8PathBuf>,
    /// The key of that list, 64 hexadecimal digits in a file
    #[arg(long, value_name = "FILE")]
    pub(crate) suppressions_key: Option<Utf8PathBuf>,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Approve {
    /// The campaign's id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Sign with this private key; without it the plan is shown
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<Utf8PathBuf>,
}

pub(crate) fn campaign(around: &Surroundings, args: &Campaign) -> anyhow::Result<Done> {
    match args {
        Campaign::Key(args) => key::key(around, args),
        Campaign::Approver(args) => key::approver(around, args),
        Campaign::Lint(args) => lint::lint(around, args),
        Campaign::Preview(args) => lint::preview(around, args),
        Campaign::Plan(args) => plan::plan(around, args),
        Campaign::Approve(args) => approve::approve(around, args),
    }
}
