//! Changing a case: whole or not at all.
//!
//! Files are written to `.staging/<n>/files/` first. A commit waits until they are on the disk,
//! writes the new list of files and a plan beside them, and appends the event that pins the list.
//! The log's checkpoint is the commit point. Then files move into place and superseded ones go.
//!
//! Whatever is interrupted, the folder tells what to do: a plan whose event is in the log is
//! finished by the next writer (readers and `verify` look into the staging folder as well); any
//! other one never happened and is cleared away.

mod finish;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::config::CaseConfig;
use unspoof_model::{EventKind, Sha256Hash, UtcMicros};

use crate::case;
use crate::durable::{self, NewFile};
use crate::error::{CaseError, IoFault};
use crate::event::{Detail, Details, Event};
use crate::hashing;
use crate::log::{self, Append, as_sha256};
use crate::state::{self, CONFIG, FOLDERS, FileRecord, State};
use crate::writer::{CaseWriter, list_files};

use finish::Plan;
pub(crate) use finish::{Pending, find_pending, recover};

/// The folder of all that is not finished.
pub(crate) const STAGING: &str = ".staging";
/// The folder in it for work that outlives an interruption.
pub(crate) const WORK: &str = "work";
/// The staged files, under a transaction's folder.
const FILES: &str = "files";
const MANIFEST: &str = "manifest.txt";
const PLAN: &str = "plan.json";

/// A change to a case that is being prepared. Dropped, it never happened.
pub struct Transaction<'w> {
    writer: &'w mut CaseWriter,
    dir: Utf8PathBuf,
    kind: EventKind,
    operation: &'static str,
    details: Details,
    removals: BTreeSet<String>,
    /// Files that were hashed while they were written, and are on the disk.
    known: BTreeMap<String, FileRecord>,
    /// Set once the staged files may be part of the case.
    keep: bool,
}

impl<'w> Transaction<'w> {
    pub(crate) fn begin(
        writer: &'w mut CaseWriter,
        kind: EventKind,
        operation: &'static str,
    ) -> Result<Self, CaseError> {
        let staging = writer.case.root.join(STAGING);
        durable::create_dir_all(&staging)?;
        let free = (1_u32..)
            .map(|number| staging.join(number.to_string()))
            .find(|dir| !dir.exists());
        let dir = free.expect("a folder holds fewer than 2^32 names");
        durable::create_dir_all(&dir.join(FILES))?;
        Ok(Self {
            writer,
            dir,
            kind,
            operation,
            details: Details::new(),
            removals: BTreeSet::new(),
            known: BTreeMap::new(),
            keep: false,
        })
    }

    /// Returns the case as it is before the change.
    #[must_use]
    pub fn folder(&self) -> &case::CaseFolder {
        &self.writer.case
    }

    /// Hashes a file's name, a query or a reason so that it may stand in the log.
    #[must_use]
    pub fn keyed(&self, text: &str) -> crate::keys::Keyed {
        self.writer.hasher.keyed(text)
    }

    /// Returns where to write a file that will stand at `place` (from the case's root, such as
    /// `tables/calls/0001.parquet`); the folders are made.
    ///
    /// # Errors
    /// `place` is not inside the recorded folders, or the folders cannot be made.
    pub fn stage(&self, place: impl AsRef<Utf8Path>) -> Result<Utf8PathBuf, CaseError> {
        let place = checked(place.as_ref())?;
        let path = self.dir.join(FILES).join(place);
        durable::create_dir_all(path.parent().unwrap_or(&self.dir))?;
        Ok(path)
    }

    /// Moves a file in that lies on the same file system, such as one from
    /// [`CaseWriter::work_dir`].
    ///
    /// # Errors
    /// As [`Transaction::stage`], or the file cannot be moved.
    pub fn stage_existing(
        &mut self,
        file: &Utf8Path,
        place: impl AsRef<Utf8Path>,
    ) -> Result<(), CaseError> {
        let staged = self.stage(place)?;
        Ok(durable::rename(file, &staged)?)
    }

    /// Stages a file with this content.
    ///
    /// # Errors
    /// As [`Transaction::stage`], the place is staged already, or the file cannot be written.
    pub fn stage_bytes(
        &mut self,
        place: impl AsRef<Utf8Path>,
        bytes: &[u8],
    ) -> Result<(), CaseError> {
        let place = place.as_ref();
        let path = self.stage(place)?;
        durable::write_new(&path, bytes)?;
        let record = FileRecord {
            sha256: state::sha256(bytes),
            bytes: bytes.len() as u64,
        };
        self.known.insert(place.as_str().to_owned(), record);
        Ok(())
    }

    /// Stages a copy of a file from anywhere.
    ///
    /// # Errors
    /// As [`Transaction::stage_bytes`], or the file cannot be read.
    pub fn stage_copy(
        &mut self,
        place: impl AsRef<Utf8Path>,
        source: &Utf8Path,
    ) -> Result<(), CaseError> {
        let path = self.stage(place)?;
        let mut to = NewFile::create(&path)?;
        let mut write_fault = None;
        let mut from = fs::File::open(source).map_err(IoFault::at("read", source))?;
        let read = hashing::for_each_block(&mut from, |block| {
            to.write_all(block).map_err(|error| {
                write_fault = Some(IoFault::at("write", &path)(error));
                std::io::Error::other("not written")
            })
        });
        if let Some(fault) = write_fault {
            return Err(fault.into());
        }
        read.map_err(IoFault::at("read", source))?;
        Ok(to.sync().map_err(IoFault::at("write", &path))?)
    }

    /// Stages a new `case.toml`.
    ///
    /// # Errors
    /// As [`Transaction::stage_bytes`], or the configuration cannot be written as TOML.
    pub fn stage_config(&mut self, config: &CaseConfig) -> Result<(), CaseError> {
        let text =
            toml::to_string(config).map_err(|error| CaseError::ConfigWrite(Box::new(error)))?;
        self.stage_bytes(CONFIG, text.as_bytes())
    }

    /// Tells what a staged file holds, where that is known and the file is on the disk.
    pub(crate) fn know(&mut self, place: &str, record: FileRecord) {
        self.known.insert(place.to_owned(), record);
    }

    /// Takes a file away; staging a file at the same place replaces it. One that is not recorded
    /// is gone already.
    ///
    /// # Errors
    /// `place` is not inside the recorded folders.
    pub fn remove(&mut self, place: impl AsRef<Utf8Path>) -> Result<(), CaseError> {
        let place = checked(place.as_ref())?;
        self.removals.insert(place.to_owned());
        Ok(())
    }

    /// Takes away all recorded files at or under a place such as `tables/calls`; those that are
    /// staged stay.
    pub fn remove_under(&mut self, place: &str) {
        let all = self
            .writer
            .case
            .state
            .under(place)
            .map(|(path, _)| path.clone());
        self.removals.extend(all);
    }

    /// Returns the time and the acting person's name, for a record that is staged.
    pub(crate) fn now_and_actor(&self) -> (UtcMicros, String) {
        (
            self.writer.clock.now_utc_micros(),
            self.writer.who.actor.as_str().to_owned(),
        )
    }

    /// Adds a particular to the event.
    pub fn detail(&mut self, key: &'static str, value: impl Into<Detail>) {
        self.details.set(key, value);
    }

    /// Makes the change part of the case.
    ///
    /// # Errors
    /// The change did not happen; but after [`CaseError::Unfinished`] it is recorded, and its
    /// files are put in place by the next writer.
    pub fn commit(mut self) -> Result<(), CaseError> {
        let staged = self.staged_files()?;
        let mut state = self.writer.case.state.clone();
        let gone: Vec<String> = self
            .removals
            .iter()
            .filter(|path| !staged.contains_key(*path) && state.files.contains_key(*path))
            .cloned()
            .collect();
        for path in &gone {
            state.files.remove(path);
        }
        state
            .files
            .extend(staged.iter().map(|(path, record)| (path.clone(), *record)));
        if let Some(file) = state.clash() {
            return Err(CaseError::PlaceClash {
                file: file.to_owned(),
            });
        }
        let manifest = state.to_text();
        let state_sha256 = state::sha256(manifest.as_bytes());
        durable::write_new(&self.dir.join(MANIFEST), manifest.as_bytes())?;
        self.sync_staged_folders(staged.keys())?;

        let CaseWriter {
            case,
            signer,
            hasher,
            who,
            clock,
            unsure,
            ..
        } = &mut *self.writer;
        let mut append = Append::begin(&case.log, &case.root)?;
        // The case is locked, so only events that change no file can have come in between.
        if append.last().map(|last| last.state) != case.state_sha256
            || append.head().size < case.head.size
        {
            *unsure = true;
            return Err(CaseError::Overtaken);
        }
        let event = Event {
            seq: append.head().size,
            at_utc: clock.now_utc_micros(),
            kind: self.kind,
            operation: self.operation,
            actor: &who.actor,
            purpose: &who.purpose,
            details: &self.details,
            state: state_sha256,
            prev_root: as_sha256(append.head().root),
        };
        let entry = event.to_entry(hasher)?;
        Plan {
            v: 1,
            seq: event.seq,
            leaf: as_sha256(log::leaf_hash(&entry)),
        }
        .write(&self.dir)?;
        durable::sync_dir(&self.dir)?;
        let ready = append.write(&entry, signer)?;
        // From here on only the checkpoint tells whether the change happened.
        self.keep = true;
        *unsure = true;
        case.head = append.commit(ready)?.clone();
        let before = std::mem::take(&mut case.state);
        let pending = Pending {
            dir: self.dir.clone(),
            state_sha256,
            before,
            gone,
        };
        finish::finish(&case.root, &case.log, &pending)
            .map_err(|error| CaseError::Unfinished(Box::new(error)))?;
        drop(append);
        self.adopt(state, state_sha256, &staged)
    }

    /// Takes the committed state over into the writer.
    fn adopt(
        &mut self,
        state: State,
        state_sha256: Sha256Hash,
        staged: &BTreeMap<String, FileRecord>,
    ) -> Result<(), CaseError> {
        let case = &mut self.writer.case;
        let exhibits = staged
            .keys()
            .chain(&self.removals)
            .any(|path| path.starts_with("exhibits/"));
        case.state = state;
        case.state_sha256 = Some(state_sha256);
        case.pending = None;
        if staged.contains_key(CONFIG) {
            case.config = case::read_config(&case.root.join(CONFIG))?;
        }
        if exhibits {
            case.exhibits = case.read_exhibits()?;
        }
        self.writer.unsure = false;
        Ok(())
    }

    /// Lists what was staged, waiting until it is on the disk.
    fn staged_files(&self) -> Result<BTreeMap<String, FileRecord>, CaseError> {
        let files = self.dir.join(FILES);
        let found = list_staged(&files)?;
        let unknown: Vec<Utf8PathBuf> = found
            .iter()
            .filter(|path| !self.known.contains_key(*path))
            .map(|path| files.join(path))
            .collect();
        let mut hashed = hashing::hash_and_sync(&unknown)?.into_iter();
        let mut staged = BTreeMap::new();
        for path in found {
            let record = match self.known.get(&path) {
                Some(record) => *record,
                None => hashed.next().ok_or(CaseError::Overtaken)?,
            };
            if path == CONFIG {
                // A configuration that cannot be read back would lock everybody out.
                let place = files.join(&path);
                let text = fs::read_to_string(&place).map_err(IoFault::at("read", &place))?;
                case::parse_config(&self.writer.case.root.join(CONFIG), &text)?;
            }
            staged.insert(path, record);
        }
        Ok(staged)
    }

    fn sync_staged_folders<'a>(
        &self,
        staged: impl Iterator<Item = &'a String>,
    ) -> Result<(), CaseError> {
        let files = self.dir.join(FILES);
        let mut folders = BTreeSet::new();
        for path in staged {
            folders.extend(
                Utf8Path::new(path)
                    .ancestors()
                    .skip(1)
                    .map(|folder| files.join(folder)),
            );
        }
        for folder in folders {
            durable::sync_dir(&folder)?;
        }
        durable::sync_dir(&self.writer.case.root.join(STAGING))?;
        Ok(durable::sync_dir(&self.writer.case.root)?)
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.keep {
            // What cannot be removed now, the next writer removes.
            let _removed = durable::remove_tree(&self.dir);
        }
    }
}

fn checked(place: &Utf8Path) -> Result<&str, CaseError> {
    if state::is_place(place.as_str()) {
        Ok(place.as_str())
    } else {
        Err(CaseError::Place {
            path: place.as_str().to_owned(),
        })
    }
}

/// Lists staged files by the places that they are to take.
fn list_staged(files: &Utf8Path) -> Result<Vec<String>, CaseError> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        list_files(files, folder, &mut found)?;
    }
    if files.join(CONFIG).is_file() {
        found.push(CONFIG.to_owned());
    }
    Ok(found)
}
