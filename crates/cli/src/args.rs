//! What can be typed.

use camino::Utf8PathBuf;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// From a seized caller-ID-spoofing service's records to warned victims, named suspects and partner referrals
#[derive(Parser, Debug)]
#[command(
    name = "unspoof",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(ClapArgs, Debug, Clone)]
pub(crate) struct Global {
    /// The case's folder [default: the folder you stand in]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) case: Option<Utf8PathBuf>,
    /// Print one JSON document on standard output and nothing else there
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Who acts; named in the case's log [default: the operating system's user]
    #[arg(long, global = true, env = "UNSPOOF_ACTOR", value_name = "NAME")]
    pub(crate) actor: Option<String>,
    /// Why, as a short code; stands in the case's log [default: the case's own]
    #[arg(long, global = true, value_name = "CODE")]
    pub(crate) purpose: Option<String>,
    /// Threads to work with [default: the machine's cores]
    #[arg(long, global = true, value_name = "N")]
    pub(crate) workers: Option<usize>,
    /// Memory for the query engine, in MiB, before it spills to disk
    #[arg(long, global = true, value_name = "MIB", default_value_t = 768)]
    pub(crate) memory_mib: usize,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Make a small case of made-up records and run everything on it
    Demo(Demo),
    /// Make an empty case
    Init(Init),
    /// Take seized files into the case: read once, hashed, kept read-only
    Seal(Seal),
    /// Check every byte of the case against its log
    Verify(Verify),
    /// Read sealed exhibits into tables
    Ingest(Ingest),
    /// Draft or list mappings from a source's columns to ours
    #[command(subcommand)]
    Mapping(Mapping),
    /// Do everything that is due: ingest, analysis, brief
    Run(Run),
    /// Print the funnel: from all calls to the numbers to warn
    Funnel(Funnel),
    /// Print who comes first among contacts, persons, accounts and presented numbers, and why
    Rank(Rank),
    /// Print the brief: every figure with its definition
    Brief(Brief),
    /// Show what is behind a figure, a number's or person's place, or accounts taken for one person's
    Explain(Explain),
    /// Ask all tables a question in SQL
    Sql(Sql),
    /// Record what somebody decided: identified, same person, victim, reported and so on
    #[command(subcommand)]
    Judge(crate::commands::judge::Judge),
    /// Plan, sign, send and settle warnings; rehearses unless told otherwise
    #[command(subcommand)]
    Campaign(Box<crate::commands::campaign::Campaign>),
    /// Take in what people logged on the victims' website, and care for them
    #[command(subcommand)]
    Portal(crate::commands::portal::Portal),
    /// Add a dated list: organisations' numbers, exchange rates, suppressions, payment addresses
    #[command(subcommand)]
    Reference(Reference),
    /// Read the case's log of who did what and why
    #[command(subcommand)]
    Audit(Audit),
    /// Make cases of made-up records with known truth
    #[command(subcommand)]
    Lab(Lab),
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Demo {
    /// How much to make up
    #[arg(long, value_enum, default_value_t = PresetName::Demo)]
    pub(crate) preset: PresetName,
    /// Another seed makes other records
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PresetName {
    /// About 3,000 calls
    Tiny,
    /// 500,000 calls
    Demo,
    /// The published operation: 10,000,000 calls
    Elaborate,
    /// Persons, reports and losses that are hard to tell: 500,000 calls
    Hard,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Init {
    /// Start from this configuration; reference lists that it names come along
    #[arg(long, value_name = "CASE.TOML")]
    pub(crate) from: Option<Utf8PathBuf>,
    /// Name of the case [default: the folder's name]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Region whose people this team warns; may be given several times
    #[arg(long = "home", value_name = "REGION", default_value = "GB")]
    pub(crate) home: Vec<unspoof_model::Region>,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Seal {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<Utf8PathBuf>,
    /// Read these files by this mapping file; it becomes a source of the case
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<Utf8PathBuf>,
    /// Zone of local times in these files, such as Europe/London
    #[arg(long, value_name = "IANA")]
    pub(crate) zone: Option<String>,
    /// Keep the files by hard link instead of a copy
    #[arg(long)]
    pub(crate) in_place: bool,
    /// Legal authority that the files were taken under
    #[arg(long, value_name = "TEXT")]
    pub(crate) authority: Option<String>,
    /// Restrictions on their use
    #[arg(long, value_name = "TEXT")]
    pub(crate) restrictions: Option<String>,
    /// Name of the exhibit, where one file is sealed [default: the file's name]
    #[arg(long)]
    pub(crate) name: Option<String>,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Verify {
    /// Hold the case against this checkpoint, kept by somebody else
    #[arg(long, value_name = "NOTE")]
    pub(crate) checkpoint: Option<Utf8PathBuf>,
    /// Trust this log key instead of the one in the case: its text, or a file that holds it
    #[arg(long, value_name = "KEY")]
    pub(crate) log_key: Option<String>,
    /// Check one exhibit only, by its name
    #[arg(long, value_name = "NAME")]
    pub(crate) exhibit: Option<String>,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Ingest {
    /// Read and count, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Only this exhibit
    #[arg(value_name = "EXHIBIT")]
    pub(crate) exhibit: Option<String>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Mapping {
    /// List the mappings that ship with the program
    List,
    /// Print a shipped mapping
    Show {
        /// Its name
        name: String,
    },
    /// Draft a mapping from a sealed exhibit's names and content, with reasons
    Suggest {
        /// The exhibit
        #[arg(value_name = "EXHIBIT")]
        exhibit: String,
        /// Name of the mapping [default: the exhibit's name up to its first point]
        #[arg(long)]
        name: Option<String>,
    },
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Run {
    /// Do the analysis again although nothing changed
    #[arg(long)]
    pub(crate) again: bool,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Rank {
    /// One table alone
    #[arg(value_enum)]
    pub(crate) what: Option<RankWhat>,
    /// How many to show of each
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: u64,
    /// Rank by this policy instead of the case's: a preset (harm, elaborate) or a file
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: Option<String>,
    /// Show who moves under another policy
    #[arg(long, value_name = "POLICY")]
    pub(crate) compare: Option<String>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RankWhat {
    /// Numbers that were called
    Contacts,
    /// Persons that accounts are taken for
    Persons,
    /// Accounts
    Suspects,
    /// Personal numbers that were shown
    Presented,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Funnel {
    /// Run it side by side under other thresholds, such as engaged_over_s=30,60,120
    #[arg(long, value_name = "RULE=A,B,C")]
    pub(crate) compare: Option<String>,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Brief {
    /// Write the page with charts to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<Utf8PathBuf>,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Explain {
    /// A figure's id, as `unspoof brief` prints it; a number, as +447700900123; a person's id, or an
    /// account's, as ID or SOURCE/ID; payment:ID, payment:SOURCE/ID, or loss:NUMBER
    #[arg(value_name = "FIGURE|NUMBER|PERSON|ACCOUNT|PAYMENT|LOSS")]
    pub(crate) figure: String,
    /// Show the bytes themselves
    #[arg(long)]
    pub(crate) bytes: bool,
    /// Draw a person's accounts and what joins them to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<Utf8PathBuf>,
    /// Show so many rows, calls or possible links; 0 shows all
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u64,
}

#[derive(ClapArgs, Debug)]
pub(crate) struct Sql {
    /// The query
    #[arg(value_name = "QUERY")]
    pub(crate) query: String,
    /// How to print the rows
    #[arg(long, value_enum, default_value_t = RowFormat::Table)]
    pub(crate) format: RowFormat,
    /// Write to this file instead (required for Parquet)
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<Utf8PathBuf>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowFormat {
    Table,
    Json,
    Csv,
    Parquet,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Reference {
    /// Add a list
    Add {
        /// What the list holds
        kind: ListKind,
        /// The list, or several of one kind and day
        #[arg(required = true, value_name = "FILE")]
        files: Vec<Utf8PathBuf>,
        /// Day it was published or taken, YYYY-MM-DD
        #[arg(long, value_name = "DATE")]
        dated: Option<String>,
        /// Whose numbers they are, for a list that does not say so itself
        #[arg(long, value_name = "NAME")]
        organisation: Option<String>,
    },
    /// Show the lists of the case
    List,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListKind {
    Organisations,
    Rates,
    Suppressions,
    /// Number blocks as Ofcom publishes them, files S1 to S9
    Ofcom,
    /// Area codes as NANPA publishes them
    Nanpa,
    /// Central office codes as Canada's administrator publishes them
    Cna,
    /// What counts how much in a rank: see `unspoof rank`
    Policy,
    /// Countries of addresses, a file in MaxMind's format
    Countries,
    /// Attributed or sanctioned payment addresses: a TagPack (.yaml), or one address a line
    Addresses,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Audit {
    /// Print the events
    Log,
    /// Print the signed checkpoint, to be kept by somebody else
    Checkpoint,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Lab {
    /// Write a made-up seized service's files, and the truth about them apart
    Generate {
        /// How much to make up
        #[arg(long, value_enum)]
        preset: PresetName,
        /// Another seed makes other records
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Accounts of the preset `hard`, 500 to 100,000 [default: 5000]
        #[arg(long, value_name = "N")]
        accounts: Option<u32>,
        /// How losses come about, a process by its name
        #[arg(long, value_name = "PROCESS", default_value = "mixed")]
        losses: unspoof_lab::Process,
        /// Where to
        #[arg(value_name = "DIR")]
        out: Utf8PathBuf,
    },
    /// Score answers, as CSV files, by the truth
    Score {
        /// The answers: persons.csv, matches.csv, contacts.csv, suspects.csv [default: CASE.score]
        #[arg(long, value_name = "DIR")]
        answers: Option<Utf8PathBuf>,
        /// The folder `truth` that `lab generate` wrote
        #[arg(value_name = "TRUTH_DIR")]
        truth: Utf8PathBuf,
    },
}
