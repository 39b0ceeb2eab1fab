//! A sealed exhibit, and the record of it that lies beside its bytes.

use camino::Utf8PathBuf;
use unspoof_model::{Sha256Hash, UtcMicros};

use crate::clock::{parse_rfc3339_utc, rfc3339_utc};
use crate::keys::hex;
use crate::stream::Compression;

/// The newest format of `exhibit.json`.
const EXHIBIT_FORMAT: u64 = 1;

/// Where an exhibit's record stands, under its folder.
pub(crate) const RECORD: &str = "unspoof/exhibit.json";

/// A SHA-512 digest (FIPS 180-4), written as 128 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha512Hash(pub [u8; 64]);

impl std::fmt::Display for Sha512Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl std::fmt::Debug for Sha512Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Sha512Hash {
    type Err = unspoof_model::HashTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Two halves, each as long as a SHA-256 digest and written alike.
        let wrong = || unspoof_model::HashTextError {
            text: text.to_owned(),
        };
        let (high, low) = text.split_at_checked(64).ok_or_else(wrong)?;
        let half = |text: &str| text.parse::<Sha256Hash>().map_err(|_| wrong());
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&half(high)?.0);
        bytes[32..].copy_from_slice(&half(low)?.0);
        Ok(Self(bytes))
    }
}

impl serde::Serialize for Sha512Hash {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Sha512Hash {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        <String as serde::Deserialize>::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Where the sealed bytes are.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stored {
    /// In the case, as the payload of a BagIt bag.
    Bag,
    /// Where they were found; the case holds their hashes and claims no bag.
    Reference {
        /// Absolute path of the file.
        path: Utf8PathBuf,
    },
}

impl Stored {
    /// Returns the word that stands in the log.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Bag => "bag",
            Self::Reference { .. } => "reference",
        }
    }
}

/// A sealed exhibit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exhibit {
    /// Name within the case, of the characters `A-Z a-z 0-9 . _ -`.
    pub name: String,
    /// Name of the file when it was sealed.
    pub file_name: String,
    /// SHA-256 of the file.
    pub sha256: Sha256Hash,
    /// SHA-512 of the file.
    pub sha512: Sha512Hash,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// How the file is compressed.
    pub compression: Compression,
    /// SHA-256 of the decompressed stream, as far as it can be read.
    pub stream_sha256: Sha256Hash,
    /// Length of the decompressed stream in bytes, as far as it can be read.
    pub stream_bytes: u64,
    /// Why the stream cannot be read to its end, if so.
    pub stream_error: Option<String>,
    /// Where the sealed bytes are kept.
    pub stored: Stored,
    /// The legal authority that the file was taken under.
    pub authority: Option<String>,
    /// The restrictions on its use.
    pub restrictions: Option<String>,
    /// The organisation that it comes from.
    pub source_organization: Option<String>,
    /// When it was sealed, in UTC microseconds.
    pub sealed_utc: UtcMicros,
    /// Who sealed it.
    pub sealed_by: String,
    /// Where the bytes can be opened just now.
    pub path: Utf8PathBuf,
}

/// `exhibit.json`, in the order in which it is written.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    format: u64,
    name: String,
    file_name: String,
    /// The payload's name in the bag; differs from `file_name` where that cannot stand in a bag.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    payload: Option<String>,
    bytes: u64,
    sha256: Sha256Hash,
    sha512: Sha512Hash,
    compression: Compression,
    stream: Stream,
    stored: Stored,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    authority: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    restrictions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    source_organization: Option<String>,
    sealed_utc: String,
    sealed_by: String,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    bytes: u64,
    sha256: Sha256Hash,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    error: Option<String>,
}

impl Exhibit {
    /// Returns the exhibit's folder, from the case's root.
    pub(crate) fn folder(&self) -> String {
        format!("exhibits/{}", self.name)
    }

    /// Returns the payload's place from the case's root, for an exhibit that is a bag.
    pub(crate) fn payload(&self) -> Option<String> {
        match self.stored {
            Stored::Bag => Some(format!(
                "exhibits/{}/data/{}",
                self.name,
                payload_name(&self.file_name)
            )),
            Stored::Reference { .. } => None,
        }
    }

    /// Writes the record.
    pub(crate) fn to_record(&self) -> String {
        let payload = match self.stored {
            Stored::Bag => Some(payload_name(&self.file_name)),
            Stored::Reference { .. } => None,
        };
        let record = Record {
            format: EXHIBIT_FORMAT,
            name: self.name.clone(),
            file_name: self.file_name.clone(),
            payload,
            bytes: self.bytes,
            sha256: self.sha256,
            sha512: self.sha512,
            compression: self.compression,
            stream: Stream {
                bytes: self.stream_bytes,
                sha256: self.stream_sha256,
                error: self.stream_error.clone(),
            },
            stored: self.stored.clone(),
            authority: self.authority.clone(),
            restrictions: self.restrictions.clone(),
            source_organization: self.source_organization.clone(),
            sealed_utc: rfc3339_utc(self.sealed_utc),
            sealed_by: self.sealed_by.clone(),
        };
        let text = serde_json::to_string_pretty(&record).expect("a record has only text keys");
        text + "\n"
    }

    /// Reads a record; `path` stays empty for a bag, whose place the case knows.
    pub(crate) fn from_record(text: &[u8], name: &str) -> Option<Self> {
        let record: Record = serde_json::from_slice(text).ok()?;
        let payload = match record.stored {
            Stored::Bag => Some(payload_name(&record.file_name)),
            Stored::Reference { .. } => None,
        };
        if record.format > EXHIBIT_FORMAT || record.name != name || record.payload != payload {
            return None;
        }
        let path = match &record.stored {
            Stored::Reference { path } => path.clone(),
            Stored::Bag => Utf8PathBuf::new(),
        };
        Some(Self {
            name: record.name,
            file_name: record.file_name,
            sha256: record.sha256,
            sha512: record.sha512,
            bytes: record.bytes,
            compression: record.compression,
            stream_sha256: record.stream.sha256,
            stream_bytes: record.stream.bytes,
            stream_error: record.stream.error,
            stored: record.stored,
            authority: record.authority,
            restrictions: record.restrictions,
            source_organization: record.source_organization,
            sealed_utc: parse_rfc3339_utc(&record.sealed_utc)?,
            sealed_by: record.sealed_by,
            path,
        })
    }
}

/// Gives the name under which a file lies in its bag: its own, but for characters that validators
/// disagree on how to write in a manifest (`%`, `\`, controls) or take for a home folder (`~`).
pub(crate) fn payload_name(file_name: &str) -> String {
    let mut name: String = file_name
        .chars()
        .map(|letter| {
            if letter.is_control() || matches!(letter, '%' | '\\') {
                '_'
            } else {
                letter
            }
        })
        .collect();
    if name.starts_with('~') {
        name.replace_range(..1, "_");
    }
    name
}

/// Most characters in an exhibit's name.
const MAX_NAME: usize = 100;

fn is_name_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-')
}

/// Tells whether a text can name an exhibit.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name.chars().all(is_name_letter)
        && !name.starts_with(['.', '-'])
}

/// Makes an exhibit's name from a file's.
pub(crate) fn name_for(file_name: &str) -> String {
    let letters = file_name
        .chars()
        .map(|letter| if is_name_letter(letter) { letter } else { '_' });
    let name: String = letters
        .skip_while(|letter| matches!(letter, '.' | '-'))
        .take(MAX_NAME)
        .collect();
    if name.is_empty() {
        "exhibit".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_from_any_file_name() {
        for (file, name) in [
            ("backup.sql.gz", "backup.sql.gz"),
            ("Master (copy).csv", "Master__copy_.csv"),
            ("../../x", "_.._x"),
            (".-hidden", "hidden"),
            ("...", "exhibit"),
            ("é", "_"),
        ] {
            assert_eq!(name_for(file), name, "{file}");
            assert!(is_name(name), "{name}");
        }
        assert_eq!(name_for(&"x".repeat(300)).len(), 100);
        for name in ["", ".", "..", "a/b", "-x", "a b", "é", &"x".repeat(101)] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn digests_are_read_as_they_are_written() {
        let digest = Sha512Hash(std::array::from_fn(|place| place as u8));
        assert_eq!(digest.to_string().parse(), Ok(digest));
        for wrong in [
            "",
            "00",
            &"é".repeat(64),
            &"g".repeat(128),
            &"0".repeat(127),
        ] {
            assert!(wrong.parse::<Sha512Hash>().is_err(), "{wrong}");
        }
    }
}
