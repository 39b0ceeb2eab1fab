//! `unspoof campaign`

mod after;
mod approve;
mod bundle;
mod candidates;
mod key;
mod lint;
mod plan;
mod send;
mod sender_host;

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
    /// Write what the sender's host, the portal and the public get of an approved plan
    Bundle(Bundle),
    /// Make a signed list that takes numbers out of a campaign that is being sent
    Remove(Remove),
    /// Bring a campaign's results back into the case
    Results(Results),
    /// On the sender's host: rehearse a package, or send it
    Send(Box<Send>),
    /// On the sender's host: show counts, rules and what is left of the window
    Status(Host),
    /// On the sender's host: claim nothing more until somebody resumes
    Hold(Order),
    /// On the sender's host: let a held campaign go on
    Resume(Order),
    /// On the sender's host: nothing more leaves, at once and for ever
    Stop(Order),
    /// On the sender's host: take numbers out by a signed list
    Removal(Removal),
    /// On the sender's host: list what nobody knows, or record what a person found out
    Reconcile(Reconcile),
    /// On the sender's host: destroy the key and the recipients once all is settled
    Erase(Erase),
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Bundle {
    /// The campaign's id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// A new folder to write to
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Utf8PathBuf,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Remove {
    /// The campaign's id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// The numbers, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) numbers: Utf8PathBuf,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Sign with this private key of an approver
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Utf8PathBuf,
    /// Where to write the list
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Utf8PathBuf,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Results {
    /// The campaign's id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// The results that `campaign reconcile --results` wrote
    #[arg(value_name = "FILE")]
    pub(crate) file: Utf8PathBuf,
}

/// Where a package is on the sender's host.
#[derive(ClapArgs, Debug, Clone)]
pub(crate) struct Host {
    /// The package's folder
    #[arg(value_name = "PACKAGE")]
    pub(crate) package: Utf8PathBuf,
    /// The ledger: a file, or a PostgreSQL database by URL [default: PACKAGE/ledger.db]
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) ledger: Option<String>,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Trust {
    /// Those who may approve, brought apart from the package
    #[arg(long, value_name = "FILE")]
    pub(crate) approvers: Utf8PathBuf,
    /// This host's private key
    #[arg(long = "identity", value_name = "FILE")]
    pub(crate) identity: Utf8PathBuf,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Send {
    #[command(flatten)]
    pub(crate) host: Host,
    #[command(flatten)]
    pub(crate) trust: Trust,
    /// Send by an SMPP account, as this file says; without any of the three it is a rehearsal
    #[arg(long, value_name = "FILE", requires = "password", conflicts_with_all = ["notify", "csv"])]
    pub(crate) smpp: Option<Utf8PathBuf>,
    /// The account's password
    #[arg(long = "password-file", id = "password", value_name = "FILE")]
    pub(crate) password: Option<Utf8PathBuf>,
    /// Send by GOV.UK Notify, as this file says
    #[arg(
        long,
        value_name = "FILE",
        requires = "api_key",
        conflicts_with = "csv"
    )]
    pub(crate) notify: Option<Utf8PathBuf>,
    /// The service's key
    #[arg(long = "api-key-file", id = "api_key", value_name = "FILE")]
    pub(crate) api_key: Option<Utf8PathBuf>,
    /// Write batches for any other gateway to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) csv: Option<Utf8PathBuf>,
    /// In a rehearsal, write what would leave to this new file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["smpp", "notify", "csv"])]
    pub(crate) write: Option<Utf8PathBuf>,
    /// Leave the pace to the other side; for rehearsals and made-up records alone
    #[arg(long)]
    pub(crate) unthrottled: bool,
    /// Wait so long for receipts once all is sent, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) linger_s: u64,
    /// End when it is held, instead of waiting for somebody to resume it
    #[arg(long)]
    pub(crate) leave_when_held: bool,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Order {
    #[command(flatten)]
    pub(crate) host: Host,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Removal {
    #[command(flatten)]
    pub(crate) host: Host,
    /// Those who may approve, brought apart from the package
    #[arg(long, value_name = "FILE")]
    pub(crate) approvers: Utf8PathBuf,
    /// The signed list
    #[arg(value_name = "LIST")]
    pub(crate) list: Utf8PathBuf,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Reconcile {
    #[command(flatten)]
    pub(crate) host: Host,
    /// Record what a person found out about this message
    #[arg(long, value_name = "MESSAGE", requires_all = ["outcome", "why"])]
    pub(crate) settle: Option<u64>,
    /// What they found out
    #[arg(long, value_enum, value_name = "OUTCOME")]
    pub(crate) outcome: Option<Found>,
    /// How they know
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: Option<String>,
    /// Write the results for the case to this new file
    #[arg(long, value_name = "FILE")]
    pub(crate) results: Option<Utf8PathBuf>,
}

#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// It arrived
    Arrived,
    /// It did not arrive
    NotArrived,
    /// It cannot be found out
    Open,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Erase {
    #[command(flatten)]
    pub(crate) host: Host,
    /// The file with this host's private key; it is destroyed
    #[arg(long = "identity", value_name = "FILE")]
    pub(crate) identity: Utf8PathBuf,
    /// Sign the statement with this private key
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Utf8PathBuf,
    /// Where to write the signed statement
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Utf8PathBuf,
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
        Campaign::Bundle(args) => bundle::bundle(around, args),
        Campaign::Remove(args) => bundle::remove(around, args),
        Campaign::Results(args) => after::results(around, args),
        Campaign::Send(args) => send::send(around, args),
        Campaign::Status(args) => sender_host::status(around, args),
        Campaign::Hold(args) => sender_host::hold(around, args),
        Campaign::Resume(args) => sender_host::resume(around, args),
        Campaign::Stop(args) => sender_host::stop(around, args),
        Campaign::Removal(args) => after::removal(around, args),
        Campaign::Reconcile(args) => after::reconcile(around, args),
        Campaign::Erase(args) => after::erase(around, args),
    }
}
