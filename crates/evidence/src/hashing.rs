//! Hashing files, several at a time.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256, Sha512};
use unspoof_model::Sha256Hash;

use crate::error::IoFault;
use crate::exhibit::Sha512Hash;
use crate::state::FileRecord;

const BLOCK_BYTES: usize = 256 << 10;
const MAX_THREADS: usize = 4;

/// Hands a file's content over block by block.
pub(crate) fn for_each_block(
    file: &mut impl Read,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<u64> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut bytes = 0;
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(bytes),
            Ok(some) => {
                take(&block[..some])?;
                bytes += some as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Both digests of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Digests {
    pub(crate) record: FileRecord,
    /// Only where it was asked for.
    pub(crate) sha512: Option<Sha512Hash>,
}

/// Hashes a file.
pub(crate) fn digests(path: &Utf8Path, with_sha512: bool) -> io::Result<Digests> {
    let mut sha256 = Sha256::new();
    let mut sha512 = with_sha512.then(Sha512::new);
    let bytes = for_each_block(&mut File::open(path)?, |block| {
        sha256.update(block);
        if let Some(sha512) = &mut sha512 {
            sha512.update(block);
        }
        Ok(())
    })?;
    let sha256 = Sha256Hash(sha256.finalize().into());
    let sha512 = sha512.map(|sha512| Sha512Hash(sha512.finalize().into()));
    Ok(Digests {
        record: FileRecord { sha256, bytes },
        sha512,
    })
}

/// Does something with each of many files on several threads; results keep the order.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MAX_THREADS);
    if threads == 1 || items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(place) else { return };
                    let result = work(item);
                    if let Ok(mut results) = results.lock() {
                        results.push((place, result));
                    }
                }
            });
        }
    });
    let mut results = results
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Hashes files and waits until they are on the disk.
pub(crate) fn hash_and_sync(paths: &[Utf8PathBuf]) -> Result<Vec<FileRecord>, IoFault> {
    let hash = |path: &Utf8PathBuf| {
        let hashed = digests(path, false).map_err(IoFault::at("read", path))?;
        crate::durable::sync_file(path)?;
        Ok(hashed.record)
    };
    in_parallel(paths, hash).into_iter().collect()
}
