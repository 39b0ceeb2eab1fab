//! Erasure: after the last reconcile the recipients and the key that opens them are destroyed, and a
//! signed statement says so.
//!
//! **What it proves.** Whoever holds the sender's statement key declares that these files, with these
//! hashes, were overwritten and removed at that time, and that the folder no longer listed them when it
//! was flushed. The recipients exist on the host only sealed to one key. If that key was kept in the
//! file that was destroyed and nowhere else, nobody can open a copy of the recipients any more, wherever
//! a copy may be: a backup, a snapshot, a block that the disk moved away. What the case itself keeps,
//! inside and under keys of its own, is another file and another matter.
//!
//! **What it does not prove.** That no copy of the key was made before; that the disk overwrote the
//! blocks themselves (flash, snapshots and journals keep old ones, which is why the key counts and
//! not the file); that nothing of them was in a memory image or a swap file; that whoever sent for us,
//! an operator or a gateway, keeps nothing. The statement says this too, so that nobody reads more in it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use unspoof_handover::chance;
use unspoof_model::{Sha256Hash, UtcMicros};
use unspoof_unseal::Identity;
use zeroize::Zeroizing;

use crate::package::{RECIPIENTS_FILE, sync_folder};
use crate::plan::PlanError;
use crate::recipient::finished;
use crate::signed::{self, Signed};

const FORMAT: &str = "unspoof-erasure-1";
const TAG: &str = "unspoof-erasure-v1";
const WHAT: &str = "erasure statement";

/// What a statement says of itself.
const PROVES: &str = "The files named here were overwritten with random bytes, flushed, removed, and the folder flushed. \
    The recipients' file was sealed to the public key named here alone: without its private key no copy of \
    that file can be opened. This does not prove that no copy of the private key was made before, that the disk kept no old \
    block, or that those who passed the texts on keep no record.";

/// A statement of erasure, to be recorded in the case's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// `unspoof-erasure-1`.
    pub format: String,
    /// The campaign's id.
    pub campaign: String,
    /// The plan, by the hash of its signed bytes.
    pub plan_sha256: Sha256Hash,
    /// When the last file was gone.
    pub erased_utc: UtcMicros,
    /// The public key that the recipients were sealed to.
    pub sealed_to: String,
    /// What was destroyed.
    pub files: Vec<ErasedFile>,
    /// What this proves, and what it does not.
    pub proves: String,
}

/// A file that was destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasedFile {
    /// What it was.
    pub what: Erased,
    /// SHA-256 of what it held; of a key none, for a hash would tell whether a guess is right. `None` also
    /// where an interrupted erasure was taken up again.
    pub sha256: Option<Sha256Hash>,
    /// How long it was, in bytes; `None` where it was gone already.
    pub bytes: Option<u64>,
}

/// What a destroyed file was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Erased {
    /// The private key of the host.
    Key,
    /// The sealed recipients.
    Recipients,
}

/// What is to be destroyed, for which plan.
#[derive(Clone, Debug)]
pub struct ToErase<'a> {
    /// The campaign's id.
    pub campaign: &'a str,
    /// The plan, by the hash of its signed bytes.
    pub plan_sha256: Sha256Hash,
    /// The key that the plan names as the host's.
    pub sealed_to: &'a str,
    /// The package's folder.
    pub package: &'a Path,
    /// The file with the host's private key, made for this campaign alone.
    pub key_file: &'a Path,
}

/// Destroys the key first and then the recipients, so that an interruption leaves what nobody can open;
/// run again it finishes. Returns the signed statement.
///
/// # Errors
/// [`PlanError::Key`] where the key file holds another key than the plan names: nothing was destroyed
/// then; [`PlanError::Io`] where a file could not be destroyed; [`PlanError::Handover`] where the seed is
/// no key.
pub fn erase(
    what: &ToErase<'_>,
    seed: &Zeroizing<[u8; 32]>,
    now_utc: UtcMicros,
) -> Result<String, PlanError> {
    // Before anything is destroyed: the statement can be signed, and it is the right key.
    signed::public_key(seed)?;
    check_key(what)?;
    let recipients = what.package.join(RECIPIENTS_FILE);
    let sha256 = hash(&recipients)?;
    let files = vec![
        ErasedFile {
            what: Erased::Key,
            sha256: None,
            bytes: destroy(what.key_file)?,
        },
        ErasedFile {
            what: Erased::Recipients,
            sha256,
            bytes: destroy(&recipients)?,
        },
    ];
    let statement = Erasure {
        format: FORMAT.to_owned(),
        campaign: what.campaign.to_owned(),
        plan_sha256: what.plan_sha256,
        erased_utc: now_utc,
        sealed_to: what.sealed_to.to_owned(),
        files,
        proves: PROVES.to_owned(),
    };
    let mut file = signed::body(&statement, WHAT)?;
    file.push_str(&signed::sign(&file, TAG, seed)?);
    Ok(file)
}

/// Checks a statement against the key of the sender's that is known from before.
///
/// # Errors
/// [`PlanError::Signature`] unless `key` signed exactly these bytes; [`PlanError::Document`] for what is no
/// statement.
pub fn verify(file: &[u8], key: &[u8; 32]) -> Result<Erasure, PlanError> {
    let signed = Signed::parse(file, TAG).ok_or(PlanError::Signature { what: WHAT })?;
    if signed.keys().as_deref() != Some(&[*key]) {
        return Err(PlanError::Signature { what: WHAT });
    }
    let statement: Erasure = signed::read(signed.body, WHAT)?;
    if statement.format != FORMAT {
        return Err(PlanError::Document {
            what: WHAT,
            detail: "it is of another format".to_owned(),
        });
    }
    Ok(statement)
}

/// Checks that the key file, where it is still there, holds the key that the plan names and no other.
fn check_key(what: &ToErase<'_>) -> Result<(), PlanError> {
    let text = match fs::read_to_string(what.key_file) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(PlanError::io("read", what.key_file)(error)),
    };
    let identities = Identity::parse_file(&text)?;
    let is_it = |identity: &Identity| identity.recipient() == what.sealed_to;
    if identities.iter().all(is_it) {
        return Ok(());
    }
    Err(PlanError::Key {
        name: "sender host's",
        detail: "the file holds another than the plan names; nothing was destroyed",
    })
}

/// Returns a file's SHA-256; `None` where there is no such file.
fn hash(path: &Path) -> Result<Option<Sha256Hash>, PlanError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PlanError::io("read", path)(error)),
    };
    let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut piece).map_err(PlanError::io("read", path))?;
        if read == 0 {
            return Ok(Some(Sha256Hash(finished(digest))));
        }
        digest.update(piece.split_at(read).0);
    }
}

/// Renames a file to what says that it is being erased, overwrites it with random bytes, flushes and
/// removes it, each step durable before the next, so that an interrupted erasure is taken up where it
/// was. Returns how long the file was; `None` where there was none.
fn destroy(path: &Path) -> Result<Option<u64>, PlanError> {
    let failed = || PlanError::io("destroy", path);
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut name = path.as_os_str().to_owned();
    name.push(".erasing");
    let erasing = PathBuf::from(name);
    // What was begun before comes first: its name must be free.
    let begun = overwrite_and_remove(&erasing, &folder)?;
    // Never through a link: what it points at is somebody else's.
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(failed()(io::Error::other("it is no regular file"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(begun),
        Err(error) => return Err(failed()(error)),
    }
    fs::rename(path, &erasing).map_err(failed())?;
    sync_folder(&folder)?;
    overwrite_and_remove(&erasing, &folder)
}

fn overwrite_and_remove(path: &Path, folder: &Path) -> Result<Option<u64>, PlanError> {
    let failed = || PlanError::io("destroy", path);
    let mut file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed()(error)),
    };
    let bytes = file.metadata().map_err(failed())?.len();
    let mut left = bytes;
    while left > 0 {
        let noise = chance::bytes::<4096>()?;
        let now = usize::try_from(left).map_or(noise.len(), |left| left.min(noise.len()));
        file.write_all(noise.split_at(now).0).map_err(failed())?;
        left -= now as u64;
    }
    file.sync_all().map_err(failed())?;
    drop(file);
    fs::remove_file(path).map_err(failed())?;
    sync_folder(folder)?;
    Ok(Some(bytes))
}
