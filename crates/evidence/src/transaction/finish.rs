//! What follows the commit point, and what follows an interruption.

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::Sha256Hash;

use super::{FILES, MANIFEST, PLAN, STAGING, WORK, list_staged};
use crate::case;
use crate::durable;
use crate::error::{CaseError, LogError};
use crate::log::{Append, Head, Log, as_sha256};
use crate::state::State;

/// Names the event that a commit is about to append, written before it.
///
/// What the commit does follows from the log: the lists of files before and after the event. So
/// whoever can write here decides nothing by it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    pub(crate) v: u64,
    /// Place of the event in the log.
    pub(crate) seq: u64,
    /// The event's hash in the log's tree.
    pub(crate) leaf: Sha256Hash,
}

impl Plan {
    pub(super) fn write(&self, dir: &Utf8Path) -> Result<(), CaseError> {
        let text = serde_json::to_string(self).expect("a plan has only text keys");
        Ok(durable::write_new(&dir.join(PLAN), text.as_bytes())?)
    }

    /// Reads a transaction's plan; `None` for one that did not get that far.
    fn read(dir: &Utf8Path) -> Option<Self> {
        let plan: Self = serde_json::from_slice(&fs::read(dir.join(PLAN)).ok()?).ok()?;
        (plan.v == 1).then_some(plan)
    }
}

/// A commit that is recorded while its files may still be on their way.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) dir: Utf8PathBuf,
    /// The list of files after the commit.
    pub(crate) state_sha256: Sha256Hash,
    /// The files before it.
    pub(crate) before: State,
    /// Files that are no longer part of the case.
    pub(crate) gone: Vec<String>,
}

impl Pending {
    /// Returns where a file of the commit lies until it is in its place.
    pub(crate) fn staged(&self, path: &str) -> Utf8PathBuf {
        self.dir.join(FILES).join(path)
    }

    /// Returns where the list of files lies until it is in the log's folder.
    pub(crate) fn manifest(&self) -> Utf8PathBuf {
        self.dir.join(MANIFEST)
    }
}

/// Finds the commit that is recorded but may not be finished.
///
/// Its list of files must still be the case's: an old folder that somebody puts back must not
/// undo what came after it.
pub(crate) fn find_pending(
    root: &Utf8Path,
    log: &Log,
    head: &Head,
    current: Sha256Hash,
) -> Result<Option<Pending>, CaseError> {
    for dir in staging_entries(root) {
        let Some(plan) = Plan::read(&dir).filter(|plan| plan.seq < head.size) else {
            continue;
        };
        let (event, leaf) = log.event(head, plan.seq)?;
        if as_sha256(leaf) != plan.leaf || event.state != current {
            continue;
        }
        let before = match plan.seq.checked_sub(1) {
            Some(seq) => case::read_state(log, log.event(head, seq)?.0.state, None)?,
            None => State::default(),
        };
        let after = case::read_state(log, current, Some(&dir.join(MANIFEST)))?;
        let gone = before
            .files
            .keys()
            .filter(|path| !after.files.contains_key(*path))
            .cloned()
            .collect();
        return Ok(Some(Pending {
            dir,
            state_sha256: current,
            before,
            gone,
        }));
    }
    Ok(None)
}

fn staging_entries(root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = root.join(STAGING).read_dir_utf8();
    let mut found: Vec<Utf8PathBuf> = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.into_path())
        .filter(|path| path.file_name() != Some(WORK))
        .collect();
    found.sort();
    found
}

/// Finishes what is recorded and clears away what never happened. The caller holds the case.
pub(crate) fn recover(root: &Utf8Path, log: &Log) -> Result<(), CaseError> {
    if staging_entries(root).is_empty() {
        return Ok(());
    }
    // Holding the log as well: an append of another process may be using the staging folder.
    let append = Append::begin(log, root)?;
    let current = append.last().ok_or(LogError::Checkpoint)?.state;
    if let Some(pending) = find_pending(root, log, append.head(), current)? {
        finish(root, log, &pending)?;
    }
    for left in staging_entries(root) {
        if left.is_dir() && !left.is_symlink() {
            durable::remove_tree(&left)?;
        } else {
            durable::remove_file(&left)?;
        }
    }
    Ok(())
}

/// Puts a recorded commit's files in place. May be interrupted and repeated at will.
pub(super) fn finish(root: &Utf8Path, log: &Log, pending: &Pending) -> Result<(), CaseError> {
    let mut touched = BTreeSet::new();
    let manifest = log.manifest_path(pending.state_sha256);
    if pending.manifest().exists() {
        durable::create_dir_all(manifest.parent().unwrap_or(root))?;
        durable::rename(&pending.manifest(), &manifest)?;
        touched.extend(manifest.parent().map(Utf8Path::to_owned));
    }
    for path in &pending.gone {
        let place = root.join(path);
        durable::remove_file(&place)?;
        // A folder goes with its last file, but not the case's own.
        for folder in Utf8Path::new(path)
            .ancestors()
            .skip(1)
            .filter(|folder| folder.as_str().contains('/'))
        {
            if !durable::remove_empty_dir(&root.join(folder))? {
                break;
            }
        }
        touched.extend(place.parent().map(Utf8Path::to_owned));
    }
    for path in list_staged(&pending.dir.join(FILES))? {
        let place = root.join(&path);
        durable::create_dir_all(place.parent().unwrap_or(root))?;
        durable::rename(&pending.staged(&path), &place)?;
        let folders = Utf8Path::new(&path)
            .ancestors()
            .skip(1)
            .map(|folder| root.join(folder));
        touched.extend(folders);
    }
    for folder in touched.iter().filter(|folder| folder.is_dir()) {
        durable::sync_dir(folder)?;
    }
    Ok(durable::remove_tree(&pending.dir)?)
}
