//! Where the case is, who acts, and with which keys.

use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};
use unspoof_evidence::{CaseFolder, CaseWriter, Clock as _, Details, KeyDir, SystemClock, Who};
use unspoof_model::{Actor, Purpose, UtcMicros};

use crate::args::Global;
use crate::fail::Refusal;

/// What every command needs to know of its surroundings.
pub(crate) struct Surroundings {
    pub(crate) root: Utf8PathBuf,
    pub(crate) keys: KeyDir,
    pub(crate) json: bool,
    pub(crate) workers: usize,
    pub(crate) memory_bytes: usize,
    actor: Actor,
    purpose: Option<Purpose>,
    command: &'static str,
}

impl Surroundings {
    pub(crate) fn new(global: &Global, command: &'static str) -> anyhow::Result<Self> {
        let root = match &global.case {
            Some(root) => root.clone(),
            None => Utf8PathBuf::from("."),
        };
        let actor = match &global.actor {
            Some(actor) => actor.clone(),
            None => system_user().ok_or_else(|| {
                Refusal::new("actor/unknown", "it is not known who acts")
                    .hint("name yourself: --actor NAME, or set UNSPOOF_ACTOR")
            })?,
        };
        let actor = Actor::new(&actor).map_err(|error| {
            Refusal::new("actor/unusable", error.to_string())
                .hint("name yourself: --actor NAME, or set UNSPOOF_ACTOR")
        })?;
        let purpose = global
            .purpose
            .as_deref()
            .map(Purpose::new)
            .transpose()
            .map_err(|error| {
                Refusal::new("actor/unusable", error.to_string())
                    .hint("give a short code: --purpose investigation")
            })?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            root,
            keys: KeyDir::from_env(|name| std::env::var_os(name))?,
            json: global.json,
            workers: global.workers.unwrap_or(cores).clamp(1, 64),
            memory_bytes: global.memory_mib.max(64) << 20,
            actor,
            purpose,
            command,
        })
    }

    pub(crate) fn at(mut self, root: &Utf8Path) -> Self {
        self.root = root.to_owned();
        self
    }

    /// Names who acts, for the purpose given or else the case's own.
    pub(crate) fn who(&self, default_purpose: &str) -> anyhow::Result<Who> {
        let purpose = match &self.purpose {
            Some(purpose) => purpose.clone(),
            None => Purpose::new(default_purpose).context("`default_purpose` in case.toml")?,
        };
        Ok(Who {
            actor: self.actor.clone(),
            purpose,
            command: self.command.to_owned(),
        })
    }

    /// Who acts.
    pub(crate) fn actor(&self) -> &str {
        self.actor.as_str()
    }

    /// The machine's time, in microseconds UTC.
    pub(crate) fn now_utc(&self) -> UtcMicros {
        SystemClock.now_utc_micros()
    }

    pub(crate) fn open(&self) -> anyhow::Result<CaseFolder> {
        Ok(CaseFolder::open(&self.root)?)
    }

    pub(crate) fn write(&self) -> anyhow::Result<CaseWriter> {
        let case = self.open()?;
        let who = self.who(&case.config().default_purpose)?;
        Ok(case.write(&self.keys, who, SystemClock::shared())?)
    }

    /// Records that somebody looks, before anything is shown.
    pub(crate) fn consult(
        &self,
        case: &CaseFolder,
        operation: &'static str,
        details: &Details,
    ) -> anyhow::Result<()> {
        let who = self.who(&case.config().default_purpose)?;
        Ok(case.consult(&self.keys, &who, &SystemClock, operation, details)?)
    }
}

/// The operating system's user, by the variables that login sets.
fn system_user() -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| !name.trim().is_empty())
        .or_else(|| {
            rustix::process::getuid()
                .is_root()
                .then(|| "root".to_owned())
        })
        .or_else(|| Some(format!("uid {}", rustix::process::getuid().as_raw())))
}
