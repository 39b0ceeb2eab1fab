//! Every change to a disk that this crate makes, and nothing else.
//!
//! One place, so that a crash can be simulated before each of them (see `crash` below): what a
//! test cannot interrupt, nobody knows to be safe.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};

use camino::Utf8Path;

use crate::error::IoFault;

/// Creates a folder and those above it.
pub(crate) fn create_dir_all(path: &Utf8Path) -> Result<(), IoFault> {
    // A folder that is there already is no change, so no place for a crash.
    if path.is_dir() {
        return Ok(());
    }
    step()
        .and_then(|()| fs::create_dir_all(path))
        .map_err(IoFault::at("create the folder", path))
}

/// Creates a folder that only its owner may look into, and those above it.
pub(crate) fn create_private_dir(path: &Utf8Path) -> Result<(), IoFault> {
    use std::os::unix::fs::DirBuilderExt as _;
    step()
        .and_then(|()| {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
        })
        .map_err(IoFault::at("create the folder", path))
}

/// A file being written.
pub(crate) struct NewFile(File);

impl NewFile {
    /// Creates a file; one that is there already is an error.
    pub(crate) fn create(path: &Utf8Path) -> Result<Self, IoFault> {
        step()
            .and_then(|()| OpenOptions::new().write(true).create_new(true).open(path))
            .map(Self)
            .map_err(IoFault::at("create", path))
    }

    /// Creates a file that only its owner may read; one that is there already is an error.
    pub(crate) fn create_private(path: &Utf8Path) -> Result<Self, IoFault> {
        use std::os::unix::fs::OpenOptionsExt as _;
        step()
            .and_then(|()| {
                OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(path)
            })
            .map(Self)
            .map_err(IoFault::at("create", path))
    }

    /// Writes all of these bytes.
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        step().and_then(|()| self.0.write_all(bytes))
    }

    /// Waits until the bytes are on the disk.
    pub(crate) fn sync(self) -> io::Result<()> {
        step().and_then(|()| self.0.sync_all())
    }
}

/// Writes a file that was not there before, and waits until it is on the disk.
pub(crate) fn write_new(path: &Utf8Path, bytes: &[u8]) -> Result<(), IoFault> {
    fill(NewFile::create(path)?, path, bytes)
}

/// Writes a file that was not there before and that only its owner may read.
pub(crate) fn write_private(path: &Utf8Path, bytes: &[u8]) -> Result<(), IoFault> {
    fill(NewFile::create_private(path)?, path, bytes)
}

fn fill(mut file: NewFile, path: &Utf8Path, bytes: &[u8]) -> Result<(), IoFault> {
    file.write_all(bytes).map_err(IoFault::at("write", path))?;
    file.sync().map_err(IoFault::at("write", path))
}

/// Puts a file in place in one step: whoever looks sees the old content or the new one.
///
/// `scratch` is on the same file system and is replaced.
pub(crate) fn replace(path: &Utf8Path, scratch: &Utf8Path, bytes: &[u8]) -> Result<(), IoFault> {
    remove_file(scratch)?;
    write_new(scratch, bytes)?;
    rename(scratch, path)
}

/// Moves a file or folder within one file system, replacing a file of the new name.
pub(crate) fn rename(from: &Utf8Path, to: &Utf8Path) -> Result<(), IoFault> {
    step()
        .and_then(|()| fs::rename(from, to))
        .map_err(IoFault::at("put in place", to))
}

/// Gives a file a second name.
pub(crate) fn hard_link(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    step().and_then(|()| fs::hard_link(from, to))
}

/// Takes everybody's right to write away: mode 0444.
pub(crate) fn set_read_only(path: &Utf8Path) -> Result<(), IoFault> {
    use std::os::unix::fs::PermissionsExt as _;
    step()
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o444)))
        .map_err(IoFault::at("make read-only", path))
}

/// Waits until a file's bytes are on the disk.
pub(crate) fn sync_file(path: &Utf8Path) -> Result<(), IoFault> {
    step()
        .and_then(|()| File::open(path)?.sync_all())
        .map_err(IoFault::at("write to disk", path))
}

/// Waits until a folder's list of names is on the disk.
pub(crate) fn sync_dir(path: &Utf8Path) -> Result<(), IoFault> {
    sync_file(path)
}

/// Removes a file; one that is not there is removed already.
pub(crate) fn remove_file(path: &Utf8Path) -> Result<(), IoFault> {
    match step().and_then(|()| fs::remove_file(path)) {
        Ok(()) => Ok(()),
        Err(error) if is_absent(&error) => Ok(()),
        Err(error) => Err(IoFault::at("remove", path)(error)),
    }
}

/// Removes a folder if it is empty; returns whether it is gone.
pub(crate) fn remove_empty_dir(path: &Utf8Path) -> Result<bool, IoFault> {
    match step().and_then(|()| fs::remove_dir(path)) {
        Ok(()) => Ok(true),
        Err(error) if is_absent(&error) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
        Err(error) => Err(IoFault::at("remove", path)(error)),
    }
}

/// Removes a folder with everything in it; links are removed, never followed.
pub(crate) fn remove_tree(path: &Utf8Path) -> Result<(), IoFault> {
    let entries = match path.read_dir_utf8() {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(()),
        Err(error) => return Err(IoFault::at("list", path)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(IoFault::at("list", path))?;
        let kind = entry
            .file_type()
            .map_err(IoFault::at("look at", entry.path()))?;
        if kind.is_dir() {
            remove_tree(entry.path())?;
        } else {
            remove_file(entry.path())?;
        }
    }
    remove_empty_dir(path).map(|_gone| ())
}

/// Tells whether an error says that there is no such file, be it because a folder on the way to
/// it is a file by now.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "its twin for tests fails")]
fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
fn step() -> io::Result<()> {
    crash::step()
}

/// Simulates `kill -9`: from a chosen change on, this thread changes nothing on the disk any more,
/// not even while it cleans up after the error.
#[cfg(test)]
pub(crate) mod crash {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
    }

    /// Runs something that may make `changes` changes and no more; returns its result, and
    /// whether it was cut short.
    pub(crate) fn after<T>(changes: u64, run: impl FnOnce() -> T) -> (T, bool) {
        LEFT.with(|left| left.set(Some(changes)));
        let result = run();
        let crashed = LEFT.with(|left| left.replace(None)) == Some(0);
        (result, crashed)
    }

    pub(super) fn step() -> io::Result<()> {
        LEFT.with(|left| match left.get() {
            None => Ok(()),
            Some(0) => Err(io::Error::other("the process is dead")),
            Some(some) => {
                left.set(Some(some - 1));
                Ok(())
            }
        })
    }
}
