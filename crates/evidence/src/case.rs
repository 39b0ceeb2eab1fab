//! A case's folder as the log last recorded it.

mod init;

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::config::{CASE_FORMAT, CaseConfig};
use unspoof_model::{EventKind, Sha256Hash};

use crate::clock::{Clock, SharedClock};
use crate::durable;
use crate::error::{CaseError, IoFault, LogError};
use crate::event::{Details, Event};
use crate::exhibit::{Exhibit, RECORD};
use crate::keys::{KeyDir, Keyed};
use crate::log::{self, Append, Head, Log, as_sha256};
use crate::state::{self, CONFIG, FileRecord, State};
use crate::transaction::{self, Pending};
use crate::who::Who;
use crate::writer::CaseWriter;

pub use init::NewFiles;

/// An existing case, to be read: as it was at its last recorded state, whatever a writer does
/// meanwhile.
pub struct CaseFolder {
    pub(crate) root: Utf8PathBuf,
    pub(crate) config: CaseConfig,
    pub(crate) log: Log,
    pub(crate) head: Head,
    /// The last recorded list of files; `None` while a case is being made.
    pub(crate) state_sha256: Option<Sha256Hash>,
    pub(crate) state: State,
    pub(crate) exhibits: Vec<Exhibit>,
    /// A commit that is recorded while its files still move into place.
    pub(crate) pending: Option<Pending>,
}

/// Shows the folder and nothing of what is in it.
impl std::fmt::Debug for CaseFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CaseFolder")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl CaseFolder {
    /// Opens a case.
    ///
    /// # Errors
    /// The folder is no case, a newer version made it, `case.toml` cannot be read, or the log or
    /// what it pins of the exhibits is damaged.
    pub fn open(root: &Utf8Path) -> Result<Self, CaseError> {
        let log = Log::open(root)?;
        log::steady(|| Self::read(root, &log))
    }

    fn read(root: &Utf8Path, log: &Log) -> Result<Self, CaseError> {
        // First of all: a newer format may differ in all that follows.
        if let Ok(text) = fs::read_to_string(root.join(CONFIG)) {
            check_format(&text)?;
        }
        let head = log.head()?.ok_or_else(|| CaseError::NotACase {
            root: root.to_owned(),
        })?;
        let (_, last) = log.last(&head)?;
        let pending = transaction::find_pending(root, log, &head, last.state)?;
        let state = read_state(
            log,
            last.state,
            pending.as_ref().map(Pending::manifest).as_deref(),
        )?;
        // In its place, or on its way there.
        let staged = pending.as_ref().map(|pending| pending.staged(CONFIG));
        let config = read_config(
            &staged
                .filter(|path| path.exists())
                .unwrap_or(root.join(CONFIG)),
        )?;
        let mut case = Self {
            root: root.to_owned(),
            config,
            log: log.clone(),
            head,
            state_sha256: Some(last.state),
            state,
            exhibits: Vec::new(),
            pending,
        };
        case.exhibits = case.read_exhibits()?;
        Ok(case)
    }

    /// Returns the case's folder.
    #[must_use]
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Returns what `case.toml` says, edits that no event has recorded yet included.
    #[must_use]
    pub fn config(&self) -> &CaseConfig {
        &self.config
    }

    /// Returns the sealed exhibits, sorted by name.
    #[must_use]
    pub fn exhibits(&self) -> &[Exhibit] {
        &self.exhibits
    }

    /// Returns an exhibit's place in the list.
    #[must_use]
    pub fn exhibit(&self, name: &str) -> Option<&Exhibit> {
        self.exhibits.iter().find(|exhibit| exhibit.name == name)
    }

    /// Returns the log's name, by which the keys are filed.
    #[must_use]
    pub fn log_name(&self) -> &str {
        self.log.origin()
    }

    /// Returns the key that the log is verified with, to be kept outside of the case.
    #[must_use]
    pub fn log_key(&self) -> &str {
        self.log.public()
    }

    /// Returns the signed checkpoint of the log, to be kept outside of the case: `verify` finds
    /// any later change to what it counts.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn checkpoint(&self) -> Result<String, CaseError> {
        let head = self.log.head()?.ok_or(LogError::Checkpoint)?;
        String::from_utf8(head.note).map_err(|_| LogError::Checkpoint.into())
    }

    /// Returns the recorded files at or under a place such as `tables/calls`, sorted by path:
    /// path from the root, what is recorded, and where the bytes can be opened just now.
    pub fn files<'a>(
        &'a self,
        place: &'a str,
    ) -> impl Iterator<Item = (&'a str, FileRecord, Utf8PathBuf)> + 'a {
        self.state
            .under(place)
            .map(|(path, record)| (path.as_str(), *record, self.resolve(path)))
    }

    /// Returns where a recorded file can be opened just now.
    pub(crate) fn resolve(&self, path: &str) -> Utf8PathBuf {
        let place = self.root.join(path);
        match &self.pending {
            Some(pending) => {
                let staged = pending.staged(path);
                if staged.exists() { staged } else { place }
            }
            None => place,
        }
    }

    pub(crate) fn read_exhibits(&self) -> Result<Vec<Exhibit>, CaseError> {
        let mut exhibits = Vec::new();
        for (path, record) in self.state.under("exhibits") {
            let Some(name) = path
                .strip_prefix("exhibits/")
                .and_then(|rest| rest.strip_suffix(RECORD))
                .and_then(|rest| rest.strip_suffix('/'))
                .filter(|name| !name.contains('/'))
            else {
                continue;
            };
            let place = self.resolve(path);
            let bytes = fs::read(&place).map_err(IoFault::at("read", &place))?;
            let changed = || CaseError::Changed { path: path.clone() };
            if state::sha256(&bytes) != record.sha256 {
                return Err(changed());
            }
            let mut exhibit = Exhibit::from_record(&bytes, name).ok_or_else(changed)?;
            if let Some(payload) = exhibit.payload() {
                exhibit.path = self.resolve(&payload);
            }
            exhibits.push(exhibit);
        }
        exhibits.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(exhibits)
    }

    /// Hashes a file's name, a query or a reason so that it may stand in the log.
    ///
    /// # Errors
    /// The case's keys cannot be read.
    pub fn keyed(&self, keys: &KeyDir, text: &str) -> Result<Keyed, CaseError> {
        Ok(keys.hasher(self.log.origin())?.keyed(text))
    }

    /// Takes the case for writing, finishing first what an interrupted commit left.
    ///
    /// # Errors
    /// [`CaseError::Busy`] names whoever holds it; keys, log and disk have errors of their own.
    pub fn write(
        self,
        keys: &KeyDir,
        who: Who,
        clock: SharedClock,
    ) -> Result<CaseWriter, CaseError> {
        CaseWriter::take(self, keys, who, clock)
    }

    /// Records that somebody looked at the case's data; to be called before it is shown.
    ///
    /// # Errors
    /// The event cannot be recorded: then nothing may be shown.
    pub fn consult(
        &self,
        keys: &KeyDir,
        who: &Who,
        clock: &dyn Clock,
        operation: &'static str,
        details: &Details,
    ) -> Result<(), CaseError> {
        self.record(
            keys,
            who,
            clock,
            EventKind::Consultation,
            operation,
            details,
        )
    }

    /// Records that data leaves the case; to be called before it does. Recipients go into the
    /// details.
    ///
    /// # Errors
    /// The event cannot be recorded: then nothing may leave.
    pub fn disclose(
        &self,
        keys: &KeyDir,
        who: &Who,
        clock: &dyn Clock,
        operation: &'static str,
        details: &Details,
    ) -> Result<(), CaseError> {
        self.record(keys, who, clock, EventKind::Disclosure, operation, details)
    }

    fn record(
        &self,
        keys: &KeyDir,
        who: &Who,
        clock: &dyn Clock,
        kind: EventKind,
        operation: &'static str,
        details: &Details,
    ) -> Result<(), CaseError> {
        let signer = keys.signer(self.log.origin(), self.log.public())?;
        let hasher = keys.hasher(self.log.origin())?;
        let mut append = Append::begin(&self.log, &self.root)?;
        // The event pins the state of now, which may be newer than the one that was read.
        let state = append.last().ok_or(LogError::Checkpoint)?.state;
        let event = Event {
            seq: append.head().size,
            at_utc: clock.now_utc_micros(),
            kind,
            operation,
            actor: &who.actor,
            purpose: &who.purpose,
            details,
            state,
            prev_root: as_sha256(append.head().root),
        };
        let ready = append.write(&event.to_entry(&hasher)?, &signer)?;
        append.commit(ready).map(|_head| ())
    }
}

/// Reads a `case.toml`.
pub(crate) fn read_config(path: &Utf8Path) -> Result<CaseConfig, CaseError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if durable::is_absent(&error) => {
            return Err(CaseError::NotACase {
                root: path.parent().unwrap_or(path).to_owned(),
            });
        }
        Err(error) => return Err(IoFault::at("read", path)(error).into()),
    };
    parse_config(path, &text)
}

pub(crate) fn parse_config(path: &Utf8Path, text: &str) -> Result<CaseConfig, CaseError> {
    check_format(text)?;
    toml::from_str(text).map_err(|source| CaseError::Config {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

/// Refuses a newer format, whatever other fields it may have.
fn check_format(text: &str) -> Result<(), CaseError> {
    let known = u64::from(CASE_FORMAT);
    let found = text
        .parse::<toml::Table>()
        .ok()
        .and_then(|table| table.get("format")?.as_integer());
    match found.map(u64::try_from) {
        Some(Ok(found)) if found > known => Err(CaseError::NewerFormat { found, known }),
        Some(_) | None => Ok(()),
    }
}

/// Reads the list of a state's files, which may be on its way from the staging folder.
pub(crate) fn read_state(
    log: &Log,
    state: Sha256Hash,
    staged: Option<&Utf8Path>,
) -> Result<State, CaseError> {
    let text = fs::read_to_string(log.manifest_path(state))
        .or_else(|error| staged.map_or(Err(error), fs::read_to_string));
    text.ok()
        .filter(|text| state::sha256(text.as_bytes()) == state)
        .and_then(|text| State::from_text(&text))
        .ok_or_else(|| LogError::Manifest { state }.into())
}
