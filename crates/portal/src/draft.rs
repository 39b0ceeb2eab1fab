//! Unfinished reports, locked with a return code that the portal does not keep.
//!
//! A return code has 100 bits from the operating system. From it HKDF-SHA-256 gives the name of the
//! draft's file and, with 32 fresh random bytes at each save, the key of ChaCha20-Poly1305 for that
//! one save; so the nonce can be zero, as in XChaCha20's construction, where a long random nonce also
//! ends in a key of its own. No slow password hash: nobody searches 2^100 codes, while a hash
//! that takes a second and 128 MB for each visit lets anybody exhaust the server. The visitor's browser
//! holds the code in a session cookie, so each request can open the draft and the server holds
//! nothing between two. A stolen disk holds files of random names and content.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ring::aead::{Aad, Nonce};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::seal::{aead, derive};
use crate::spool::private;
use crate::{PortalError, chance, hex};

/// Crockford's 32 characters: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH: usize = 20;
/// Drafts are padded to a multiple of this, so that a file's length tells little.
const PAD_BYTES: usize = 4096;
const MAX_DRAFT_BYTES: u64 = 1 << 20;

/// The code with which somebody comes back: 20 characters of 5 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct ReturnCode(Zeroizing<String>);

impl fmt::Debug for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReturnCode(•••)")
    }
}

impl ReturnCode {
    /// Draws one.
    ///
    /// # Errors
    /// [`PortalError::System`] without randomness.
    pub fn draw() -> Result<Self, PortalError> {
        let drawn = Zeroizing::new(chance::bytes::<CODE_LENGTH>()?);
        let character = |byte: &u8| {
            char::from(
                ALPHABET
                    .get(usize::from(byte & 31))
                    .copied()
                    .unwrap_or(b'0'),
            )
        };
        Ok(Self(Zeroizing::new(drawn.iter().map(character).collect())))
    }

    /// Reads what somebody typed: case, spaces and dashes do not count, and I, L and O are read as
    /// the figures that they look like.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut code = Zeroizing::new(String::with_capacity(CODE_LENGTH));
        for typed in typed
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '—'))
        {
            let read = match typed.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            };
            if code.len() == CODE_LENGTH || !ALPHABET.contains(&u8::try_from(read).ok()?) {
                return None;
            }
            code.push(read);
        }
        (code.len() == CODE_LENGTH).then_some(Self(code))
    }

    /// Gives the code up as it stands in the cookie.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Gives the code up in five groups.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        let characters: Vec<char> = self.0.chars().collect();
        characters
            .chunks(4)
            .map(|group| group.iter().collect())
            .collect()
    }

    /// Whether these are its last four characters.
    #[must_use]
    pub fn ends_in(&self, typed: &str) -> bool {
        let typed: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| match c.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            })
            .collect();
        typed.len() == 4 && self.0.ends_with(&typed)
    }

    fn name(&self) -> Result<String, PortalError> {
        let name = derive(&[], self.0.as_bytes(), b"unspoof draft name v1")?;
        Ok(hex::encode(name.split_at(16).0))
    }
}

/// What somebody answered, by field. `Debug` shows how many fields there are.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers(pub BTreeMap<String, Vec<String>>);

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answers({} fields)", self.0.len())
    }
}

impl Answers {
    /// The values of a field.
    #[must_use]
    pub fn all(&self, field: &str) -> &[String] {
        self.0.get(field).map(Vec::as_slice).unwrap_or_default()
    }

    /// The first value of a field, or nothing.
    #[must_use]
    pub fn one(&self, field: &str) -> &str {
        self.all(field).first().map_or("", String::as_str)
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        for values in self.0.values_mut() {
            values.iter_mut().for_each(Zeroize::zeroize);
        }
    }
}

/// A file that was added, sealed already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedFile {
    /// Its id, in hexadecimal digits: `pending/ID.age`, later `files/ID.age`.
    pub id: String,
    /// The name that the visitor's device gave it.
    pub name: SecretText,
    /// Bytes of the original.
    pub size_bytes: u64,
    /// SHA-256 of the original.
    pub sha256: String,
    /// What its first bytes say it is.
    pub kind: String,
    /// The browser sealed it: size and hash are those of the sealed bytes, the kind is `sealed`.
    #[serde(default)]
    pub by_browser: bool,
}

/// A text that `Debug` does not show.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// A report in the making.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// To quote on the phone; opens nothing.
    pub reference: String,
    /// The answers so far.
    pub answers: Answers,
    /// The check code of the text, where one was entered.
    pub code: Option<SecretText>,
    /// Files so far.
    pub files: Vec<AddedFile>,
    /// Receipts of what was sent.
    pub receipts: Vec<String>,
    /// A field was filled that people do not see.
    pub is_trapped: bool,
    /// Crisis help was shown once.
    pub saw_crisis_help: bool,
    /// The visitor showed that the return code is kept.
    #[serde(default)]
    pub is_kept: bool,
    /// The answers are in the visitor's browser, which will seal them.
    #[serde(default)]
    pub in_browser: bool,
    /// SHA-256 of what a browser sealed and sent last: the same bytes again are no second report.
    #[serde(default)]
    pub last_sealed: String,
}

impl Draft {
    /// Whether nothing was answered and no file added.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let mut values = self.answers.0.values().flatten();
        self.files.is_empty() && values.all(|value| value.trim().is_empty())
    }
}

/// The folder of drafts.
#[derive(Debug)]
pub struct Drafts {
    root: PathBuf,
    locks: Vec<tokio::sync::Mutex<()>>,
}

impl Drafts {
    /// Takes the folder, which exists.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self {
            root,
            locks: (0..64).map(|_| tokio::sync::Mutex::new(())).collect(),
        }
    }

    /// Holds a draft, so that two requests of one visitor do not overwrite each other.
    ///
    /// # Errors
    /// [`PortalError::Seal`] where no name can be derived.
    pub async fn hold(&self, code: &ReturnCode) -> Result<impl Drop + use<'_>, PortalError> {
        let name = code.name()?;
        let at = name.bytes().fold(0_usize, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(byte.into())
        });
        let lock = self
            .locks
            .get(at % self.locks.len().max(1))
            .ok_or(PortalError::Seal)?;
        Ok(lock.lock().await)
    }

    /// Opens a draft; `None` where there is none under this code.
    ///
    /// # Errors
    /// [`PortalError::Io`] where the file is there and cannot be read, or was damaged.
    pub fn open(&self, code: &ReturnCode) -> Result<Option<Draft>, PortalError> {
        let name = code.name()?;
        let path = self.root.join(&name);
        let size = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(PortalError::Io {
                    doing: "read",
                    path,
                    source,
                });
            }
        };
        let damaged = || PortalError::Io {
            doing: "open",
            path: path.clone(),
            source: io::Error::from(io::ErrorKind::InvalidData),
        };
        if size > MAX_DRAFT_BYTES {
            return Err(damaged());
        }
        let mut file = fs::read(&path).map_err(PortalError::io("read", &path))?;
        let (salt, sealed) = file.split_at_mut_checked(32).ok_or_else(damaged)?;
        let key = derive(salt, code.0.as_bytes(), b"unspoof draft key v1")?;
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        let plain = aead(&key)?
            .open_in_place(nonce, Aad::from(name.as_bytes()), sealed)
            .map_err(|_| damaged())?;
        let draft = serde_json::from_slice(plain).map_err(|_| damaged());
        plain.zeroize();
        draft.map(Some)
    }

    /// Saves a draft; with `durable` it is on the disk when this returns.
    ///
    /// # Errors
    /// [`PortalError::Io`] where it cannot be written.
    pub fn save(&self, code: &ReturnCode, draft: &Draft, durable: bool) -> Result<(), PortalError> {
        let name = code.name()?;
        let mut plain = Zeroizing::new(Vec::with_capacity(4 * PAD_BYTES));
        serde_json::to_writer(&mut *plain, draft).map_err(|_| PortalError::Seal)?;
        pad(&mut plain);
        let salt = chance::bytes::<32>()?;
        let key = derive(&salt, code.0.as_bytes(), b"unspoof draft key v1")?;
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        let tag = aead(&key)?
            .seal_in_place_separate_tag(nonce, Aad::from(name.as_bytes()), &mut plain)
            .map_err(|_| PortalError::Seal)?;
        let path = self.root.join(&name);
        let random = hex::encode(&chance::bytes::<8>()?);
        let unfinished = self.root.join(format!("{name}.{random}.part"));
        let write = || -> io::Result<()> {
            let mut file =
                private(OpenOptions::new().write(true).create_new(true)).open(&unfinished)?;
            file.write_all(&salt)?;
            file.write_all(&plain)?;
            file.write_all(tag.as_ref())?;
            if durable {
                file.sync_all()?;
            }
            fs::rename(&unfinished, &path)?;
            if durable {
                fs::File::open(&self.root)?.sync_all()?;
            }
            Ok(())
        };
        if durable {
            // Waiting for the disk must not hold up the requests that share this thread.
            return tokio::task::block_in_place(write).map_err(PortalError::io("write", &path));
        }
        write().map_err(PortalError::io("write", &path))
    }

    /// Removes what nobody touched for `days` days, drafts and pending files alike.
    ///
    /// # Errors
    /// [`PortalError::Io`] where a folder cannot be read.
    pub fn sweep(folder: &Path, days: u32, now_ms: u64) -> Result<usize, PortalError> {
        let mut removed = 0;
        for entry in fs::read_dir(folder).map_err(PortalError::io("read", folder))? {
            let entry = entry.map_err(PortalError::io("read", folder))?;
            let touched = entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .ok();
            let touched_ms = touched
                .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
                .and_then(|since| u64::try_from(since.as_millis()).ok());
            let is_old = touched_ms.is_some_and(|at| at + u64::from(days) * 86_400_000 < now_ms);
            if is_old && fs::remove_file(entry.path()).is_ok() {
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// Fills JSON up with spaces to the next step, so that its length tells little of its content.
pub(crate) fn pad(json: &mut Vec<u8>) {
    let padded = json.len().next_multiple_of(PAD_BYTES);
    json.resize(padded, b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_opens_with_its_code_alone() {
        let folder = tempfile::tempdir().unwrap();
        let drafts = Drafts::new(folder.path().to_owned());
        let code = ReturnCode::draw().unwrap();
        assert_eq!(drafts.open(&code).unwrap(), None);
        let mut draft = Draft {
            reference: "ABCD-EFGH".into(),
            ..Draft::default()
        };
        draft
            .answers
            .0
            .insert("story".into(), vec!["planted marker".into()]);
        drafts.save(&code, &draft, true).unwrap();
        drafts.save(&code, &draft, false).unwrap();
        assert_eq!(drafts.open(&code).unwrap(), Some(draft));
        assert_eq!(drafts.open(&ReturnCode::draw().unwrap()).unwrap(), None);
        let path = folder.path().join(code.name().unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let mut bytes = fs::read(&path).unwrap();
        assert_eq!(bytes.len(), 32 + PAD_BYTES + 16);
        bytes[40] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(drafts.open(&code).is_err());
    }

    #[test]
    fn return_codes_are_read_as_people_write_them() {
        let code = ReturnCode::draw().unwrap();
        assert_eq!(code.groups().len(), 5);
        let typed = code
            .groups()
            .join("-")
            .to_lowercase()
            .replace('0', "o")
            .replace('1', "l");
        assert_eq!(ReturnCode::parse(&typed), Some(code.clone()));
        assert!(code.ends_in(&code.groups()[4].to_lowercase()));
        assert!(!code.ends_in(""));
        assert_eq!(ReturnCode::parse("ABCD"), None);
        assert_eq!(format!("{code:?}"), "ReturnCode(•••)");
    }

    proptest::proptest! {
        #[test]
        fn nothing_typed_panics(typed: String) {
            let _ = ReturnCode::parse(&typed);
        }
    }
}
