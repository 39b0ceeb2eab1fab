//! A case's private keys: kept outside the case, readable by their owner only.
//!
//! Two per case: one signs the log's checkpoints (Ed25519, in the text form that other signed-note
//! tools read), one keys the hashes that stand in the log instead of names and reasons.

use std::ffi::OsString;
use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use camino::{Utf8Path, Utf8PathBuf};
use ed25519_dalek::SigningKey;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use signed_note::StandardSigner;

use crate::durable;
use crate::error::{IoFault, KeyError};

/// The algorithm's number in signed notes (C2SP signed-note, Ed25519).
const ED25519: u8 = 1;

/// The folder that holds private keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDir {
    path: Utf8PathBuf,
}

impl KeyDir {
    /// Names the folder; it is created when a case is made.
    #[must_use]
    pub fn at(path: impl Into<Utf8PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Finds the folder: `UNSPOOF_KEYS`, else `unspoof/keys` in the user's configuration folder
    /// (`XDG_CONFIG_HOME`, else `.config` in `HOME`). `lookup` reads the environment.
    ///
    /// # Errors
    /// None of the three is set, or the name is not UTF-8.
    pub fn from_env(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, KeyError> {
        let folder = |name: &str| -> Result<Option<Utf8PathBuf>, KeyError> {
            let Some(value) = lookup(name).filter(|value| !value.is_empty()) else {
                return Ok(None);
            };
            let text = value.into_string().map_err(|_| KeyError::FolderName)?;
            Ok(Some(Utf8PathBuf::from(text)))
        };
        if let Some(path) = folder("UNSPOOF_KEYS")? {
            return Ok(Self { path });
        }
        let config = match folder("XDG_CONFIG_HOME")?.filter(|path| path.is_absolute()) {
            Some(config) => config,
            None => folder("HOME")?.ok_or(KeyError::NoFolder)?.join(".config"),
        };
        Ok(Self {
            path: config.join("unspoof").join("keys"),
        })
    }

    /// Returns the folder.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// Refuses a folder for keys that lies inside of a case's.
    pub(crate) fn refuse_inside(&self, root: &Utf8Path) -> Result<(), KeyError> {
        let real = |path: &Utf8Path| {
            let whole = std::path::absolute(path).map_err(IoFault::at("look at", path))?;
            // What is not there yet cannot be a link: the part that is there decides.
            let there = whole
                .ancestors()
                .find_map(|part| Some((part, part.canonicalize().ok()?)));
            Ok::<_, IoFault>(match there {
                Some((part, real)) => real.join(whole.strip_prefix(part).unwrap_or(&whole)),
                None => whole,
            })
        };
        if real(&self.path)?.starts_with(real(root)?) {
            return Err(KeyError::InsideCase {
                folder: self.path.clone(),
            });
        }
        Ok(())
    }

    fn signing_path(&self, origin: &str) -> Utf8PathBuf {
        self.path.join(format!("{origin}.log-key"))
    }

    fn hashing_path(&self, origin: &str) -> Utf8PathBuf {
        self.path.join(format!("{origin}.hash-key"))
    }

    /// Makes and stores the keys of a new case; returns the public key that its log carries.
    pub(crate) fn make(&self) -> Result<String, KeyError> {
        let mut id = [0_u8; 8];
        let mut seed = [0_u8; 32];
        let mut hashing = [0_u8; 32];
        for secret in [&mut id[..], &mut seed[..], &mut hashing[..]] {
            draw(secret)?;
        }
        let origin = format!("{ORIGIN_START}{}", hex(&id));
        let signing = SigningKey::from_bytes(&seed);
        let public = signed_note::new_ed25519_verifier_key(&origin, &signing.verifying_key());
        durable::create_private_dir(&self.path)?;
        let private = private_key_text(&origin, &signing);
        durable::write_private(&self.signing_path(&origin), private.as_bytes())?;
        let hashing = format!("{}\n", hex(&hashing));
        durable::write_private(&self.hashing_path(&origin), hashing.as_bytes())?;
        durable::sync_dir(&self.path)?;
        Ok(public)
    }

    /// Loads the key that signs a log.
    pub(crate) fn signer(&self, origin: &str, public: &str) -> Result<StandardSigner, KeyError> {
        let path = self.signing_path(origin);
        let text = self.read_private(origin, &path)?;
        let text = text.trim_end();
        let malformed = || KeyError::Malformed {
            path: path.clone(),
            origin: origin.to_owned(),
        };
        let signer = StandardSigner::new(text).map_err(|_| malformed())?;
        // The signer does not show its public half, so that is worked out from the text again.
        let seed: [u8; 32] = text
            .splitn(5, '+')
            .nth(4)
            .and_then(|secret| BASE64_STANDARD.decode(secret).ok())
            .and_then(|secret| secret.get(1..)?.try_into().ok())
            .ok_or_else(malformed)?;
        let own = SigningKey::from_bytes(&seed).verifying_key();
        if signed_note::new_ed25519_verifier_key(origin, &own) != public {
            return Err(KeyError::Mismatch {
                origin: origin.to_owned(),
            });
        }
        Ok(signer)
    }

    /// Loads the key of a case's keyed hashes.
    pub(crate) fn hasher(&self, origin: &str) -> Result<KeyedHasher, KeyError> {
        let path = self.hashing_path(origin);
        let text = self.read_private(origin, &path)?;
        let key = text
            .trim_end()
            .parse::<unspoof_model::Sha256Hash>()
            .map_err(|_| KeyError::Malformed {
                path,
                origin: origin.to_owned(),
            })?;
        Ok(KeyedHasher { key: key.0 })
    }

    fn read_private(&self, origin: &str, path: &Utf8Path) -> Result<String, KeyError> {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if durable::is_absent(&error) => {
                let (origin, folder) = (origin.to_owned(), self.path.clone());
                return Err(KeyError::Missing { origin, folder });
            }
            Err(error) => return Err(IoFault::at("look at", path)(error).into()),
        };
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(KeyError::Exposed {
                path: path.to_owned(),
            });
        }
        Ok(std::fs::read_to_string(path).map_err(IoFault::at("read", path))?)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a new key is drawn here and nowhere else"
)]
fn draw(secret: &mut [u8]) -> Result<(), KeyError> {
    getrandom::fill(secret).map_err(KeyError::Random)
}

/// How every log's name begins; 16 hexadecimal digits follow.
const ORIGIN_START: &str = "unspoof-case-";

/// Tells whether a text is a log's name as [`KeyDir`] makes them, and so is safe in a file name.
pub(crate) fn is_origin(text: &str) -> bool {
    text.strip_prefix(ORIGIN_START).is_some_and(|id| {
        id.len() == 16
            && id
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn private_key_text(origin: &str, signing: &SigningKey) -> String {
    let mut public = vec![ED25519];
    public.extend(signing.verifying_key().to_bytes());
    let id = signed_note::key_id(origin, &public);
    let mut secret = vec![ED25519];
    secret.extend(signing.to_bytes());
    format!(
        "PRIVATE+KEY+{origin}+{id:08x}+{}\n",
        BASE64_STANDARD.encode(secret)
    )
}

/// A text's keyed hash: the same text gives the same hash within a case, and nobody without the
/// case's key can tell which text it was, or try a list of telephone numbers until one fits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Keyed(String);

impl Keyed {
    /// Returns `hmac-sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Keyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes keyed hashes: HMAC-SHA-256 (RFC 2104, FIPS 198-1).
#[derive(Clone)]
pub(crate) struct KeyedHasher {
    key: [u8; 32],
}

impl KeyedHasher {
    pub(crate) fn keyed(&self, text: &str) -> Keyed {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        Keyed(format!("hmac-sha256:{}", hex(&digest)))
    }
}

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a String takes all text");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected hash is what `openssl dgst -sha256 -mac HMAC` prints.
    #[test]
    fn keyed_hashes_are_hmac_sha256() {
        let hasher = KeyedHasher { key: [0x0b; 32] };
        assert_eq!(
            hasher.keyed("Hi There").as_str(),
            "hmac-sha256:198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7"
        );
    }

    #[test]
    fn the_folder_is_found_in_the_environment() {
        let with = |pairs: &[(&str, &str)]| {
            let pairs: Vec<(String, String)> = pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect();
            KeyDir::from_env(move |name| {
                pairs
                    .iter()
                    .find(|(k, _)| k == name)
                    .map(|(_, v)| OsString::from(v))
            })
        };
        let path = |pairs: &[(&str, &str)]| with(pairs).expect("a folder").path().to_string();
        assert_eq!(path(&[("UNSPOOF_KEYS", "/k"), ("HOME", "/h")]), "/k");
        assert_eq!(
            path(&[("UNSPOOF_KEYS", ""), ("HOME", "/h")]),
            "/h/.config/unspoof/keys"
        );
        assert_eq!(
            path(&[("XDG_CONFIG_HOME", "/c"), ("HOME", "/h")]),
            "/c/unspoof/keys"
        );
        assert_eq!(
            path(&[("XDG_CONFIG_HOME", "c"), ("HOME", "/h")]),
            "/h/.config/unspoof/keys"
        );
        assert!(matches!(with(&[]), Err(KeyError::NoFolder)));
    }

    #[test]
    fn origins_are_safe_file_names() {
        assert!(is_origin("unspoof-case-0123456789abcdef"));
        for text in [
            "",
            "unspoof-case-",
            "unspoof-case-../../etc/passwd",
            "unspoof-case-0123456789ABCDEF",
        ] {
            assert!(!is_origin(text), "{text}");
        }
    }
}
