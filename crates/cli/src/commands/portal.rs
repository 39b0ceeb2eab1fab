//! `unspoof portal`

mod attachment;
mod pull;
mod queue;
mod statements;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use unspoof_model::Region;
use unspoof_store::Deed;

use camino::Utf8PathBuf;

use super::Done;
use crate::place::Surroundings;

/// What the victims' website took in, on the inside.
#[derive(Subcommand, Debug)]
pub(crate) enum Portal {
    /// Take what came in on the website into the case: opened, sealed as exhibits, each once
    Pull(Pull),
    /// Show who is to be cared for, urgent ones first, or record what was done
    Queue(Queue),
    /// Draw an attachment's pages in a sandbox without network, to look at them
    Attachment(Attachment),
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Pull {
    /// A copy of the portal's spool
    #[arg(value_name = "SPOOL")]
    pub(crate) spool: Utf8PathBuf,
    /// A file with a key that opens it, `AGE-SECRET-KEY-1…`; may be given several times
    #[arg(long = "identity", required = true, value_name = "FILE")]
    pub(crate) identities: Vec<Utf8PathBuf>,
    /// Region whose habits telephone numbers are written in [default: the case's first home region]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<Region>,
    /// Zone of the days that people state [default: the region's, where it has one]
    #[arg(long, value_name = "IANA")]
    pub(crate) zone: Option<String>,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Queue {
    /// One statement, by its reference, with all that it says
    #[arg(value_name = "REFERENCE")]
    pub(crate) reference: Option<String>,
    /// Show closed ones too
    #[arg(long)]
    pub(crate) all: bool,
    /// Record what was done about this statement
    #[arg(long, value_enum, value_name = "DEED", requires = "reference")]
    pub(crate) record: Option<QueueDeed>,
    /// Whom it was assigned or referred to, or a note
    #[arg(long, value_name = "TEXT", requires = "record", default_value = "")]
    pub(crate) note: String,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QueueDeed {
    /// Somebody is to take care of it
    Assigned,
    /// Its writer was reached
    Contacted,
    /// It was passed on
    Referred,
    /// Nothing more is to be done
    Closed,
    /// Something more is to be done after all
    Reopened,
}

impl QueueDeed {
    pub(crate) const fn deed(self) -> Deed {
        match self {
            Self::Assigned => Deed::Assigned,
            Self::Contacted => Deed::Contacted,
            Self::Referred => Deed::Referred,
            Self::Closed => Deed::Closed,
            Self::Reopened => Deed::Reopened,
        }
    }
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Attachment {
    /// The statement, by its reference
    #[arg(value_name = "REFERENCE")]
    pub(crate) reference: String,
    /// Which of its files, from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) file: usize,
    /// A file with a key that opens it
    #[arg(long = "identity", required = true, value_name = "FILE")]
    pub(crate) identities: Vec<Utf8PathBuf>,
    /// Folder for the drawn pages
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Utf8PathBuf,
    /// Write the original itself, unopened and undrawn, for a machine that is kept for such files
    #[arg(long)]
    pub(crate) original: bool,
}

pub(crate) fn portal(around: &Surroundings, args: &Portal) -> anyhow::Result<Done> {
    match args {
        Portal::Pull(args) => pull::pull(around, args),
        Portal::Queue(args) => queue::queue(around, args),
        Portal::Attachment(args) => attachment::attachment(around, args),
    }
}

/// Lists the numbers that somebody asked about on the website, as typed; those that programs asked
/// about are left out.
pub(crate) fn numbers_asked(case: &unspoof_evidence::CaseFolder) -> anyhow::Result<Vec<String>> {
    let rows = statements::table(case, ".numbers.csv")?.into_iter();
    let real = rows.filter(|(_, row)| row.get("trapped").is_none_or(|is| is != "yes"));
    Ok(real
        .filter_map(|(_, row)| row.get("number").cloned())
        .collect())
}
