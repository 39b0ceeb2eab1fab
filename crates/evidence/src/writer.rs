//! A case held for writing.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use signed_note::StandardSigner;
use unspoof_model::EventKind;
use unspoof_model::config::CaseConfig;

use crate::case::{self, CaseFolder};
use crate::clock::{Clock, SharedClock};
use crate::durable;
use crate::error::{CaseError, Holder, IoFault};
use crate::exhibit::Exhibit;
use crate::keys::{KeyDir, Keyed, KeyedHasher};
use crate::lock::CaseLock;
use crate::state::{self, CONFIG};
use crate::transaction::{self, STAGING, Transaction, WORK};
use crate::who::Who;

/// A case that this process alone may write to, for as long as this lives.
pub struct CaseWriter {
    pub(crate) case: CaseFolder,
    pub(crate) signer: StandardSigner,
    pub(crate) hasher: KeyedHasher,
    pub(crate) who: Who,
    pub(crate) clock: SharedClock,
    /// Set by a commit that failed in a way that leaves open whether it is recorded.
    pub(crate) unsure: bool,
    _lock: CaseLock,
}

/// Shows the folder and nothing of what is in it.
impl std::fmt::Debug for CaseWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CaseWriter")
            .field("case", &self.case)
            .finish_non_exhaustive()
    }
}

impl CaseWriter {
    pub(crate) fn take(
        case: CaseFolder,
        keys: &KeyDir,
        who: Who,
        clock: SharedClock,
    ) -> Result<Self, CaseError> {
        let lock = CaseLock::take(&case.root, &Self::holder(&who, &*clock))?;
        let mut writer = Self::with_lock(case, keys, who, clock, lock)?;
        writer.recover()?;
        Ok(writer)
    }

    pub(crate) fn with_lock(
        case: CaseFolder,
        keys: &KeyDir,
        who: Who,
        clock: SharedClock,
        lock: CaseLock,
    ) -> Result<Self, CaseError> {
        let signer = keys.signer(case.log.origin(), case.log.public())?;
        let hasher = keys.hasher(case.log.origin())?;
        Ok(Self {
            case,
            signer,
            hasher,
            who,
            clock,
            unsure: false,
            _lock: lock,
        })
    }

    pub(crate) fn holder(who: &Who, clock: &dyn Clock) -> Holder {
        Holder {
            actor: who.actor.as_str().to_owned(),
            pid: std::process::id(),
            command: who.command.clone(),
            since_utc: clock.now_utc_micros(),
        }
    }

    /// Finishes or clears away what an earlier writer left, and reads the case anew: it may have
    /// changed between opening and locking.
    pub(crate) fn recover(&mut self) -> Result<(), CaseError> {
        transaction::recover(&self.case.root, &self.case.log)?;
        self.case = CaseFolder::open(&self.case.root)?;
        self.unsure = false;
        Ok(())
    }

    /// Recovers after a commit that left open whether it is recorded.
    pub(crate) fn make_sure(&mut self) -> Result<(), CaseError> {
        if self.unsure { self.recover() } else { Ok(()) }
    }

    /// Returns the case as it is now.
    #[must_use]
    pub fn folder(&self) -> &CaseFolder {
        &self.case
    }

    /// Gives the case back for others to write to.
    #[must_use]
    pub fn into_folder(self) -> CaseFolder {
        self.case
    }

    /// Returns what `case.toml` says.
    #[must_use]
    pub fn config(&self) -> &CaseConfig {
        &self.case.config
    }

    /// Returns the sealed exhibits, sorted by name.
    #[must_use]
    pub fn exhibits(&self) -> &[Exhibit] {
        &self.case.exhibits
    }

    /// Hashes a file's name, a query or a reason so that it may stand in the log.
    #[must_use]
    pub fn keyed(&self, text: &str) -> Keyed {
        self.hasher.keyed(text)
    }

    /// Begins a change to the case: one event, and any number of files that come or go with it.
    /// Dropped without a commit, it leaves nothing behind.
    ///
    /// # Errors
    /// The staging folder cannot be made.
    pub fn begin(
        &mut self,
        kind: EventKind,
        operation: &'static str,
    ) -> Result<Transaction<'_>, CaseError> {
        self.make_sure()?;
        Transaction::begin(self, kind, operation)
    }

    /// Replaces `case.toml`.
    ///
    /// # Errors
    /// The configuration cannot be written, or the commit fails.
    pub fn set_config(
        &mut self,
        config: &CaseConfig,
        operation: &'static str,
    ) -> Result<(), CaseError> {
        let mut change = self.begin(EventKind::Alteration, operation)?;
        change.stage_config(config)?;
        change.commit()
    }

    /// Records `case.toml` and `mappings/` as a person left them; returns whether they differed
    /// from what was recorded.
    ///
    /// # Errors
    /// `case.toml` cannot be read as a configuration, a mapping cannot be read, or the commit fails.
    pub fn accept_config(&mut self) -> Result<bool, CaseError> {
        self.make_sure()?;
        self.case.config = case::read_config(&self.case.root.join(CONFIG))?;
        let root = self.case.root.clone();
        let mut found = vec![CONFIG.to_owned()];
        list_files(&root, "mappings", &mut found)?;
        let mut changed = Vec::new();
        for path in &found {
            let place = root.join(path);
            let bytes = fs::read(&place).map_err(IoFault::at("read", &place))?;
            let recorded = self.case.state.files.get(path).map(|record| record.sha256);
            if recorded != Some(state::sha256(&bytes)) {
                changed.push((path.clone(), bytes));
            }
        }
        let recorded = self.case.state.under("mappings").map(|(path, _)| path);
        let gone: Vec<String> = recorded
            .filter(|path| !found.contains(path))
            .cloned()
            .collect();
        if changed.is_empty() && gone.is_empty() {
            return Ok(false);
        }
        let mut accept = self.begin(EventKind::Alteration, "accept-config")?;
        accept.detail("case_toml", changed.iter().any(|(path, _)| path == CONFIG));
        accept.detail(
            "mappings_changed",
            changed.iter().filter(|(path, _)| path != CONFIG).count(),
        );
        accept.detail("mappings_removed", gone.len());
        for (path, bytes) in changed {
            accept.stage_bytes(&path, &bytes)?;
        }
        for path in gone {
            accept.remove(&path)?;
        }
        accept.commit()?;
        Ok(true)
    }

    /// Returns a folder for work that may be taken up again after an interruption: made if it is
    /// not there, never looked into by `verify`, kept until [`CaseWriter::clear_work`].
    ///
    /// # Errors
    /// `fingerprint` is not made of 1 to 100 of the characters `a-z 0-9 -`, or the folder cannot
    /// be made.
    pub fn work_dir(&self, fingerprint: &str) -> Result<Utf8PathBuf, CaseError> {
        let folder = self.work_path(fingerprint)?;
        durable::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Removes a folder that [`CaseWriter::work_dir`] made.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn clear_work(&self, fingerprint: &str) -> Result<(), CaseError> {
        Ok(durable::remove_tree(&self.work_path(fingerprint)?)?)
    }

    /// Removes all folders for interrupted work but one.
    ///
    /// # Errors
    /// One cannot be removed.
    pub fn clear_work_except(&self, fingerprint: &str) -> Result<(), CaseError> {
        let keep = self.work_path(fingerprint)?;
        let Ok(folders) = self.case.root.join(STAGING).join(WORK).read_dir_utf8() else {
            return Ok(());
        };
        for folder in folders.flatten() {
            if folder.path() != keep {
                durable::remove_tree(folder.path())?;
            }
        }
        Ok(())
    }

    fn work_path(&self, fingerprint: &str) -> Result<Utf8PathBuf, CaseError> {
        let fits = (1..=100).contains(&fingerprint.len())
            && fingerprint
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !fits {
            return Err(CaseError::Place {
                path: fingerprint.to_owned(),
            });
        }
        Ok(self.case.root.join(STAGING).join(WORK).join(fingerprint))
    }
}

/// Lists the files under a folder of the case, sorted, as paths from its root.
pub(crate) fn list_files(
    root: &Utf8Path,
    folder: &str,
    found: &mut Vec<String>,
) -> Result<(), CaseError> {
    let place = root.join(folder);
    let entries = match place.read_dir_utf8() {
        Ok(entries) => entries,
        Err(error) if durable::is_absent(&error) => return Ok(()),
        Err(error) => return Err(IoFault::at("list", &place)(error).into()),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(IoFault::at("list", &place))?;
        let kind = entry
            .file_type()
            .map_err(IoFault::at("look at", entry.path()))?;
        names.push((format!("{folder}/{}", entry.file_name()), kind));
    }
    names.sort_by(|a, b| a.0.cmp(&b.0));
    for (path, kind) in names {
        if kind.is_dir() {
            list_files(root, &path, found)?;
        } else if kind.is_file() {
            found.push(path);
        } else {
            return Err(CaseError::Place { path });
        }
    }
    Ok(())
}
