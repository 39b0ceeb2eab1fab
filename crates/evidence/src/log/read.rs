//! Reading entries, each proven to be in the tree that the checkpoint signs.

use std::thread;
use std::time::Duration;

use camino::Utf8Path;
use tlog_tiles::{
    Hash, HashReader, TileHashReader, record_hash, stored_hash_index, stored_hashes_for_record_hash,
};

use super::tiles::{Hashes, TileFiles, bundle_entries, bundle_of, tile_path};
use super::{Head, Log, read_capped};
use crate::error::{CaseError, LogError};
use crate::event::LoggedEvent;

/// All entries of a log and the tree over them, worked out from the entries alone.
pub(crate) struct Entries {
    pub(crate) entries: Vec<Vec<u8>>,
    tree: Hashes<'static>,
}

impl Entries {
    fn new() -> Self {
        Self {
            entries: Vec::new(),
            tree: Hashes {
                from: 0,
                new: Vec::new(),
                stored: None,
            },
        }
    }

    fn push(&mut self, entry: &[u8]) -> Result<(), LogError> {
        let seq = self.entries.len() as u64;
        let hashes = stored_hashes_for_record_hash(seq, record_hash(entry), &self.tree)
            .map_err(|_| LogError::Tree)?;
        self.tree.new.extend(hashes);
        self.entries.push(entry.to_vec());
        Ok(())
    }

    /// Returns the root of the tree over the first `size` entries.
    pub(crate) fn root(&self, size: u64) -> Result<Hash, LogError> {
        if size > self.entries.len() as u64 {
            return Err(LogError::Tree);
        }
        tlog_tiles::tree_hash(size, &self.tree).map_err(|_| LogError::Tree)
    }

    /// Returns the tree's hashes, from which tiles are worked out.
    pub(crate) fn hashes(&self) -> &impl HashReader {
        &self.tree
    }

    /// Reads every entry as an event.
    pub(crate) fn events(&self) -> Result<Vec<LoggedEvent>, LogError> {
        self.entries
            .iter()
            .zip(0..)
            .map(|(entry, seq)| LoggedEvent::from_entry(seq, entry))
            .collect()
    }
}

impl Log {
    /// Reads all entries that a checkpoint counts.
    ///
    /// # Errors
    /// A bundle is missing or malformed, or the entries are not those that were signed.
    pub(crate) fn entries(&self, head: &Head) -> Result<Entries, LogError> {
        let mut entries = self.unproven_entries(head)?;
        if entries.root(head.size)? != head.root {
            return Err(LogError::Tree);
        }
        entries.entries.shrink_to_fit();
        Ok(entries)
    }

    /// Reads all entries without looking whether the checkpoint signs them.
    pub(crate) fn unproven_entries(&self, head: &Head) -> Result<Entries, LogError> {
        let mut entries = Entries::new();
        let mut seq = 0;
        while seq < head.size {
            let bundle = bundle_of(seq, head.size);
            let malformed = || LogError::Tile {
                path: tile_path(&bundle),
            };
            let bytes = read_capped(&self.dir.join(tile_path(&bundle))).map_err(|_| malformed())?;
            for entry in bundle_entries(&bytes, bundle.width()).ok_or_else(malformed)? {
                entries.push(entry)?;
                seq += 1;
            }
        }
        Ok(entries)
    }

    /// Reads hashes of the tree's nodes, each proven against the checkpoint.
    pub(super) fn proven_hashes(
        &self,
        head: &Head,
        indexes: &[u64],
    ) -> Result<Vec<Hash>, LogError> {
        let files = TileFiles::new(&self.dir);
        TileHashReader::new(head.size, head.root, &files)
            .read_hashes(indexes)
            .map_err(|_| {
                files
                    .missed()
                    .map_or(LogError::Tree, |path| LogError::Tile { path })
            })
    }

    /// Reads the bundle that holds an entry, every entry of it proven against the checkpoint.
    fn proven_bundle(&self, head: &Head, seq: u64) -> Result<Bundle, LogError> {
        if seq >= head.size {
            return Err(LogError::Checkpoint);
        }
        let tile = bundle_of(seq, head.size);
        let malformed = || LogError::Tile {
            path: tile_path(&tile),
        };
        let bytes = read_capped(&self.dir.join(tile_path(&tile))).map_err(|_| malformed())?;
        let entries = bundle_entries(&bytes, tile.width()).ok_or_else(malformed)?;
        let first = tile.level_index() * 256;
        let places = first..first + u64::from(tile.width());
        let indexes: Vec<u64> = places.map(|seq| stored_hash_index(0, seq)).collect();
        let leaves = self.proven_hashes(head, &indexes)?;
        if entries.iter().map(|entry| record_hash(entry)).ne(leaves) {
            return Err(malformed());
        }
        let place = usize::try_from(seq - first).map_err(|_| malformed())?;
        let entry = entries.get(place).ok_or_else(malformed)?.to_vec();
        Ok(Bundle { bytes, entry })
    }

    /// Reads an event and its hash in the tree, proven against the checkpoint.
    pub(crate) fn event(&self, head: &Head, seq: u64) -> Result<(LoggedEvent, Hash), LogError> {
        let Bundle { entry, .. } = self.proven_bundle(head, seq)?;
        Ok((LoggedEvent::from_entry(seq, &entry)?, record_hash(&entry)))
    }

    /// Reads the last bundle's bytes and the last event, both proven against the checkpoint.
    pub(crate) fn last(&self, head: &Head) -> Result<(Vec<u8>, LoggedEvent), LogError> {
        let last = head.size.checked_sub(1).ok_or(LogError::Checkpoint)?;
        let Bundle { bytes, entry } = self.proven_bundle(head, last)?;
        Ok((bytes, LoggedEvent::from_entry(last, &entry)?))
    }
}

/// A bundle's bytes, and one entry of it.
struct Bundle {
    bytes: Vec<u8>,
    entry: Vec<u8>,
}

/// Runs a reading that another process's append or commit may disturb: the files that it needs
/// are replaced under its feet. A disturbance lasts milliseconds, a damage lasts.
pub(crate) fn steady<T, E>(mut read: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    for _ in 0..4 {
        if let Ok(found) = read() {
            return Ok(found);
        }
        thread::sleep(Duration::from_millis(15));
    }
    read()
}

/// Lists a case's log, every entry of it proven against the signed checkpoint.
///
/// # Errors
/// The folder is no case, or its log is damaged.
pub fn log_entries(root: &Utf8Path) -> Result<Vec<LoggedEvent>, CaseError> {
    let log = Log::open(root)?;
    steady(|| {
        let head = log.head()?.ok_or_else(|| CaseError::NotACase {
            root: root.to_owned(),
        })?;
        Ok(log.entries(&head)?.events()?)
    })
}
