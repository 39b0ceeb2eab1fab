//! One file a command.

mod audit;
mod brief;
pub(crate) mod campaign;
mod demo;
mod explain;
mod explain_contact;
mod explain_money;
mod explain_person;
mod funnel;
mod ingest;
mod init;
pub(crate) mod judge;
mod lab;
mod mapping;
pub(crate) mod portal;
mod rank;
mod reference;
mod run;
mod seal;
mod sql;
mod verify;

use crate::args::{Args, Command};
use crate::place::Surroundings;

/// How a command that did not fail ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Done {
    /// All done.
    Whole,
    /// Checks found something.
    NotSound,
    /// Done, with rows rejected.
    WithRejects,
}

impl Done {
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::Whole => 0,
            Self::NotSound => 1,
            Self::WithRejects => 3,
        }
    }

    pub(crate) const fn by_rejects(rejected: u64) -> Self {
        if rejected == 0 {
            Self::Whole
        } else {
            Self::WithRejects
        }
    }
}

/// Runs what was typed.
pub(crate) fn dispatch(args: Args) -> anyhow::Result<Done> {
    let around = |command| Surroundings::new(&args.global, command);
    match &args.command {
        Command::Demo(demo) => demo::demo(&args.global, &around("demo")?, demo),
        Command::Init(init) => init::init(&around("init")?, init),
        Command::Seal(seal) => seal::seal(&around("seal")?, seal),
        Command::Verify(verify) => verify::verify(&args.global, verify),
        Command::Ingest(ingest) => ingest::ingest(&around("ingest")?, ingest),
        Command::Mapping(mapping) => mapping::mapping(&args.global, mapping),
        Command::Run(run) => run::run(&around("run")?, run),
        Command::Funnel(funnel) => funnel::funnel(&around("funnel")?, funnel),
        Command::Rank(rank) => rank::rank(&around("rank")?, rank),
        Command::Brief(brief) => brief::brief(&around("brief")?, brief),
        Command::Explain(explain) => explain::explain(&around("explain")?, explain),
        Command::Sql(sql) => sql::sql(&around("sql")?, sql),
        Command::Judge(judge) => judge::judge(&around("judge")?, judge),
        Command::Campaign(campaign) => campaign::campaign(&around("campaign")?, campaign),
        Command::Portal(portal) => portal::portal(&around("portal")?, portal),
        Command::Reference(reference) => reference::reference(&around("reference")?, reference),
        Command::Audit(audit) => audit::audit(&around("audit")?, audit),
        Command::Lab(lab) => lab::lab(&args.global, lab),
    }
}
