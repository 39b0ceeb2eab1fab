//! One process that sends from a ledger in a file.
//!
//! The lock is the operating system's (`flock`): it ends with the process that holds it, however it ends. The
//! file's content only tells others who it is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use camino::{Utf8Path, Utf8PathBuf};

use super::LedgerError;
use crate::StoreError;

/// The right to claim, for as long as this lives.
pub(super) struct SendingLock {
    file: File,
}

impl SendingLock {
    /// Takes the right to claim from the ledger at `ledger`, or tells who has it.
    pub(super) fn take(ledger: &Utf8Path, who: &str) -> Result<Self, LedgerError> {
        let path = Utf8PathBuf::from(format!("{ledger}.lock"));
        let open = |source: std::io::Error| StoreError::Open {
            at: path.to_string(),
            source: source.into(),
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(open)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut by = String::new();
                let _read = file.read_to_string(&mut by);
                if by.is_empty() {
                    by.push_str("another process");
                }
                let at = ledger.to_string();
                return Err(LedgerError::Held { at, by });
            }
            Err(TryLockError::Error(source)) => return Err(open(source).into()),
        }
        // Only a courtesy to others: on a full disk the ledger is held all the same.
        let _told = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| write!(file, "`{who}` (process {})", std::process::id()));
        Ok(Self { file })
    }
}

impl Drop for SendingLock {
    fn drop(&mut self) {
        // So that nobody is told of a holder who is gone.
        let _told = self.file.set_len(0);
        // Closing the file would do so only once a child process that is just being started in another
        // thread has closed its copy.
        let _released = self.file.unlock();
    }
}
