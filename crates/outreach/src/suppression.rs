//! Suppressions that leak nothing: a file of keyed hashes, whose key is kept elsewhere.

use std::collections::HashSet;
use std::fmt;

use ring::hmac;
use unspoof_handover::hex;
use unspoof_numbers::PhoneNumber;
use zeroize::Zeroizing;

use crate::PlanError;
use crate::recipient::with_digits;

const FORMAT: &str = "unspoof-suppressions-1";

/// The key of a list of suppressions, kept elsewhere than the list.
#[derive(Clone)]
pub struct SuppressionKey(hmac::Key);

impl fmt::Debug for SuppressionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SuppressionKey(•••)")
    }
}

impl SuppressionKey {
    /// Takes a key.
    #[must_use]
    pub fn new(key: &Zeroizing<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()))
    }

    fn tag(&self, what: &[u8], of: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(what);
        context.update(of);
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    fn hash(&self, number: PhoneNumber) -> [u8; 32] {
        with_digits(number, |digits| {
            self.tag(b"unspoof suppression v1\0", digits)
        })
    }
}

/// A list of numbers that must not be contacted, by their keyed hashes.
#[derive(Clone)]
pub struct Suppressions {
    key: SuppressionKey,
    hashes: HashSet<[u8; 32]>,
}

impl fmt::Debug for Suppressions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Suppressions({})", self.hashes.len())
    }
}

impl Suppressions {
    /// Makes a list of numbers.
    #[must_use]
    pub fn of(numbers: impl IntoIterator<Item = PhoneNumber>, key: SuppressionKey) -> Self {
        let hashes = numbers.into_iter().map(|number| key.hash(number)).collect();
        Self { key, hashes }
    }

    /// Tells whether a number is on it.
    #[must_use]
    pub fn contains(&self, number: PhoneNumber) -> bool {
        self.hashes.contains(&self.key.hash(number))
    }

    /// Returns how many numbers are on it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Tells whether nothing is on it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Writes the file: its format, the hashes sorted, one a line, and a last line by which a list that
    /// was cut off, added to or made under another key is told.
    #[must_use]
    pub fn write(&self) -> String {
        let mut sorted: Vec<&[u8; 32]> = Vec::with_capacity(self.hashes.len());
        #[expect(clippy::disallowed_methods, reason = "collected and sorted")]
        sorted.extend(self.hashes.iter());
        sorted.sort_unstable();
        let mut file = format!("{FORMAT}\n");
        for hash in sorted {
            file.push_str(&hex::encode(hash));
            file.push('\n');
        }
        let seal = self
            .key
            .tag(b"unspoof suppressions file v1\0", file.as_bytes());
        file.push_str(&format!("whole {}\n", hex::encode(&seal)));
        file
    }

    /// Reads a file that [`Suppressions::write`] wrote under this key.
    ///
    /// # Errors
    /// [`PlanError::Suppressions`] for any other: a list that cannot be relied on leaves out nobody, so
    /// nothing is planned without it.
    pub fn read(file: &str, key: SuppressionKey) -> Result<Self, PlanError> {
        let wrong = |detail| PlanError::Suppressions { detail };
        let cut = wrong("it is not whole, was changed, or is of another key");
        let Some(at) = file.rfind("whole ") else {
            return Err(cut);
        };
        let (body, last) = file.split_at(at);
        let seal = last
            .strip_prefix("whole ")
            .and_then(|seal| seal.strip_suffix('\n'))
            .and_then(hex::decode::<32>);
        let expected = key.tag(b"unspoof suppressions file v1\0", body.as_bytes());
        if seal != Some(expected) {
            return Err(cut);
        }
        let mut lines = body.lines();
        if lines.next() != Some(FORMAT) {
            return Err(wrong("it is of another format"));
        }
        let hashes: Option<HashSet<[u8; 32]>> = lines.map(hex::decode).collect();
        Ok(Self {
            key,
            hashes: hashes.ok_or(wrong("a line is no hash"))?,
        })
    }
}
