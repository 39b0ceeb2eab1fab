//! Appending one entry.

use std::collections::BTreeSet;

use camino::Utf8Path;
use signed_note::{Note, StandardSigner};
use tlog_tiles::{
    Checkpoint, Hash, Tile, TileHashReader, record_hash, stored_hash_index, stored_hashes,
};

use super::tiles::{
    Hashes, TileFiles, bundle_of, changed_tiles, folders_of, right_edge, tile_path,
};
use super::{CHECKPOINT, Head, Log};
use crate::durable;
use crate::error::{CaseError, LogError};
use crate::event::LoggedEvent;
use crate::lock::LogLock;
use crate::transaction::STAGING;

/// The file in the staging folder that becomes a file of the log by one rename. Only the holder
/// of the log's lock touches it.
const SCRATCH: &str = "log-scratch";

/// A log whose lock is held, with its head as it is now.
pub(crate) struct Append<'a> {
    log: &'a Log,
    root: &'a Utf8Path,
    head: Head,
    last: Option<(Vec<u8>, LoggedEvent)>,
    _lock: LogLock,
}

/// An entry that is written but that no checkpoint counts yet.
pub(crate) struct Ready {
    head: Head,
}

impl<'a> Append<'a> {
    /// Waits for the log, and reads where it ends.
    pub(crate) fn begin(log: &'a Log, root: &'a Utf8Path) -> Result<Self, CaseError> {
        let lock = LogLock::take(root)?;
        let head = log.head()?.unwrap_or_else(Head::empty);
        let last = if head.size == 0 {
            None
        } else {
            Some(log.last(&head)?)
        };
        Ok(Self {
            log,
            root,
            head,
            last,
            _lock: lock,
        })
    }

    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    pub(crate) fn last(&self) -> Option<&LoggedEvent> {
        self.last.as_ref().map(|(_, event)| event)
    }

    /// Writes the tiles that hold one more entry. Until [`Append::commit`], no reader sees it,
    /// and the next append overwrites it.
    pub(crate) fn write(&self, entry: &[u8], signer: &StandardSigner) -> Result<Ready, CaseError> {
        let size = self.head.size;
        let files = TileFiles::new(&self.log.dir);
        let proven = TileHashReader::new(size, self.head.root, &files);
        let damaged = |_| {
            files
                .missed()
                .map_or(LogError::Tree, |path| LogError::Tile { path })
        };
        let from = stored_hash_index(0, size);
        let mut hashes = Hashes {
            from,
            new: Vec::new(),
            stored: None,
        };
        if size > 0 {
            hashes.stored = Some(&proven);
        }
        hashes.new = stored_hashes(size, entry, &hashes).map_err(damaged)?;
        let root = tlog_tiles::tree_hash(size + 1, &hashes).map_err(damaged)?;

        let mut folders = BTreeSet::new();
        for tile in changed_tiles(size) {
            let data = tile.read_data(&hashes).map_err(damaged)?;
            self.put(&tile, &data, &mut folders)?;
        }
        self.put(
            &bundle_of(size, size + 1),
            &self.bundle_with(entry)?,
            &mut folders,
        )?;
        for folder in folders {
            durable::sync_dir(&self.log.dir.join(folder))?;
        }
        let note = self.sign(size + 1, root, signer)?;
        // What goes into the log is checked as a reader would check it.
        let head = self.log.check_note(&note)?;
        Ok(Ready { head })
    }

    fn bundle_with(&self, entry: &[u8]) -> Result<Vec<u8>, CaseError> {
        let too_long = |_| CaseError::Event {
            reason: "it is longer than 65535 bytes".to_owned(),
        };
        let length = u16::try_from(entry.len()).map_err(too_long)?;
        // A full bundle stays as it is and the entry opens the next one.
        let mut bundle = match &self.last {
            Some((bytes, _)) if !self.head.size.is_multiple_of(256) => bytes.clone(),
            Some(_) | None => Vec::new(),
        };
        bundle.extend(length.to_be_bytes());
        bundle.extend(entry);
        Ok(bundle)
    }

    fn put(
        &self,
        tile: &Tile,
        data: &[u8],
        folders: &mut BTreeSet<camino::Utf8PathBuf>,
    ) -> Result<(), CaseError> {
        let path = tile_path(tile);
        folders.extend(folders_of(&path));
        let place = self.log.dir.join(&path);
        durable::create_dir_all(place.parent().unwrap_or(&self.log.dir))?;
        Ok(durable::replace(&place, &self.scratch()?, data)?)
    }

    fn scratch(&self) -> Result<camino::Utf8PathBuf, CaseError> {
        let staging = self.root.join(STAGING);
        durable::create_dir_all(&staging)?;
        Ok(staging.join(SCRATCH))
    }

    fn sign(&self, size: u64, root: Hash, signer: &StandardSigner) -> Result<Vec<u8>, CaseError> {
        let checkpoint =
            Checkpoint::new(self.log.origin(), size, root, "").map_err(|_| LogError::Checkpoint)?;
        let mut note = Note::new(&checkpoint.to_bytes(), &[]).map_err(|_| LogError::Checkpoint)?;
        note.add_sigs(&[signer]).map_err(|_| LogError::Signature)?;
        Ok(note.to_bytes())
    }

    /// Puts the checkpoint in place: from here on, the entry is in the log.
    ///
    /// After an error it may be in the log or not; the checkpoint tells.
    pub(crate) fn commit(&mut self, ready: Ready) -> Result<&Head, CaseError> {
        let Ready { head } = ready;
        let place = self.log.dir.join(CHECKPOINT);
        durable::replace(&place, &self.scratch()?, &head.note)?;
        durable::sync_dir(&self.log.dir)?;
        self.head = head;
        // What is left lying is harmless and goes with the next append.
        let _tidied = self.remove_outgrown();
        Ok(&self.head)
    }

    /// Removes partial tiles that a wider one has replaced: in the last two places of each level,
    /// further back an earlier append did it.
    fn remove_outgrown(&self) -> Result<(), CaseError> {
        for tile in right_edge(self.head.size) {
            let current = tile_path(&tile);
            let full = Tile::new(8, tile.level(), tile.level_index(), 256, tile.is_data());
            let folder = self.log.dir.join(format!("{}.p", tile_path(&full)));
            let Ok(partials) = folder.read_dir_utf8() else {
                continue;
            };
            for partial in partials.flatten() {
                let own = partial
                    .path()
                    .strip_prefix(&self.log.dir)
                    .map(Utf8Path::as_str);
                if own != Ok(current.as_str()) {
                    durable::remove_file(partial.path())?;
                }
            }
            durable::remove_empty_dir(&folder)?;
        }
        Ok(())
    }
}

/// Hashes an entry as the tree does.
pub(crate) fn leaf_hash(entry: &[u8]) -> Hash {
    record_hash(entry)
}
