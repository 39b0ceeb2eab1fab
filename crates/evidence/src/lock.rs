//! One writer a case, one append to the log at a time.
//!
//! The locks are the operating system's (`flock`): they end with the process that holds them,
//! however it ends. The files' content only tells others who it is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::thread;
use std::time::Duration;

use camino::Utf8Path;

use crate::error::{CaseError, Holder, IoFault};

const CASE_LOCK: &str = ".lock";
const LOG_LOCK: &str = ".lock-log";

/// How long an append waits for another one, in seconds. An append takes milliseconds.
const LOG_WAIT_S: u64 = 5;
const LOG_POLL: Duration = Duration::from_millis(5);

/// Names of the files that locks leave in a case's folder.
pub(crate) const LOCK_FILES: [&str; 2] = [CASE_LOCK, LOG_LOCK];

fn open(root: &Utf8Path, name: &str) -> Result<File, IoFault> {
    let path = root.join(name);
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(IoFault::at("open", &path))
}

/// The right to write to a case, for as long as this lives.
pub(crate) struct CaseLock {
    file: File,
}

impl CaseLock {
    /// Takes the case, or tells who has it.
    pub(crate) fn take(root: &Utf8Path, holder: &Holder) -> Result<Self, CaseError> {
        let path = root.join(CASE_LOCK);
        let mut file = open(root, CASE_LOCK)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(CaseError::Busy {
                    holder: read_holder(&mut file),
                });
            }
            Err(TryLockError::Error(error)) => return Err(IoFault::at("lock", &path)(error).into()),
        }
        let text = serde_json::to_string(holder).unwrap_or_default();
        // Only a courtesy to others: on a full disk the case is held all the same.
        let _told = file
            .set_len(0)
            .and_then(|()| file.write_all(text.as_bytes()));
        Ok(Self { file })
    }
}

impl Drop for CaseLock {
    fn drop(&mut self) {
        // So that nobody is told of a holder who is gone.
        let _told = self.file.set_len(0);
        release(&self.file);
    }
}

/// Gives a lock up at once. Closing the file would do so only once a child process that is being
/// started in another thread has closed its copy.
fn release(file: &File) {
    let _released = file.unlock();
}

/// The holder may be writing its name down just now.
fn read_holder(file: &mut File) -> Option<Holder> {
    for _ in 0..20 {
        let mut text = String::new();
        let read = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| file.read_to_string(&mut text));
        if let (Ok(_), Ok(holder)) = (read, serde_json::from_str(&text)) {
            return Some(holder);
        }
        thread::sleep(LOG_POLL);
    }
    None
}

/// The right to append to a case's log, for as long as this lives.
pub(crate) struct LogLock {
    file: File,
}

impl LogLock {
    /// Waits for the log.
    pub(crate) fn take(root: &Utf8Path) -> Result<Self, CaseError> {
        let path = root.join(LOG_LOCK);
        let file = open(root, LOG_LOCK)?;
        let tries = u128::from(LOG_WAIT_S) * 1000 / LOG_POLL.as_millis();
        for _ in 0..tries {
            match file.try_lock() {
                Ok(()) => return Ok(Self { file }),
                Err(TryLockError::WouldBlock) => thread::sleep(LOG_POLL),
                Err(TryLockError::Error(error)) => {
                    return Err(IoFault::at("lock", &path)(error).into());
                }
            }
        }
        Err(CaseError::LogBusy {
            waited_s: LOG_WAIT_S,
        })
    }
}

impl Drop for LogLock {
    fn drop(&mut self) {
        release(&self.file);
    }
}
