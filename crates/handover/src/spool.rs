//! The spool: append-only segments of sealed records, each durable before it is acknowledged.
//!
//! A segment file is `segment-UTCMS-RANDOM.spool`; it starts with [`MAGIC`] and holds records:
//! 16 bytes id, 8 bytes length (big-endian), the sealed bytes, and 32 bytes of SHA-256 over the
//! chain value before it and all that. The first chain value is the SHA-256 of the file's name. So a
//! record that is missing, changed or moved is seen; a last record that is cut off was never
//! acknowledged. A process never appends to a segment that another one wrote. Attachments are files
//! of their own, `files/ID.age`, and the statement that a visitor sends names them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{HandoverError, chance, hex};

/// How a segment begins.
pub const MAGIC: &[u8; 16] = b"unspoof-spool-1\n";

/// Sealed records larger than this are no records.
const MAX_RECORD_BYTES: u64 = 1 << 20;

/// An id of a record or an attachment, drawn at random; the inside pulls each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordId(pub [u8; 16]);

impl RecordId {
    /// Draws one.
    ///
    /// # Errors
    /// [`HandoverError::System`] without randomness.
    pub fn draw() -> Result<Self, HandoverError> {
        chance::bytes().map(Self)
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

/// The chain's value before a segment's first record: the SHA-256 of the segment's name.
#[must_use]
pub fn first_link(name: &str) -> [u8; 32] {
    Sha256::digest(name.as_bytes()).into()
}

/// The chain's value after a record, given the one before it.
#[must_use]
pub fn link(chain: &[u8; 32], record: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(chain)
        .chain_update(record)
        .finalize()
        .into()
}

/// A sealed record as the inside reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolRecord {
    /// Its id.
    pub id: RecordId,
    /// An `age` file.
    pub sealed: Vec<u8>,
    /// The segment that it stands in.
    pub segment: String,
}

/// What a spool holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpoolContent {
    /// New records, by segment and place.
    pub records: Vec<SpoolRecord>,
    /// Segments that end in a record that was never acknowledged.
    pub cut_off: Vec<String>,
    /// Segments with bytes that nobody wrote so: name and offset of the first.
    pub damaged: Vec<(String, u64)>,
}

/// Reads a copy of a spool, leaving out ids that were pulled before.
///
/// # Errors
/// [`HandoverError::Io`] where a segment cannot be read.
pub fn read(root: &Path, pulled: &BTreeSet<RecordId>) -> Result<SpoolContent, HandoverError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root).map_err(HandoverError::io("read", root))? {
        let entry = entry.map_err(HandoverError::io("read", root))?;
        if let Some(name) = entry
            .file_name()
            .to_str()
            .filter(|name| name.ends_with(".spool"))
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    let mut content = SpoolContent::default();
    let mut seen = pulled.clone();
    for name in names {
        let path = root.join(&name);
        let bytes = fs::read(&path).map_err(HandoverError::io("read", &path))?;
        read_segment(&name, &bytes, &mut seen, &mut content);
    }
    Ok(content)
}

fn read_segment(
    name: &str,
    bytes: &[u8],
    seen: &mut BTreeSet<RecordId>,
    content: &mut SpoolContent,
) {
    let Some(mut rest) = bytes.strip_prefix(MAGIC.as_slice()) else {
        if MAGIC.starts_with(bytes) {
            content.cut_off.push(name.to_owned());
        } else {
            content.damaged.push((name.to_owned(), 0));
        }
        return;
    };
    let mut chain = first_link(name);
    while !rest.is_empty() {
        let offset = (bytes.len() - rest.len()) as u64;
        let Some((head, after)) = rest.split_first_chunk::<24>() else {
            content.cut_off.push(name.to_owned());
            return;
        };
        let (id, length) = head.split_at(16);
        let length = length.try_into().map_or(u64::MAX, u64::from_be_bytes);
        let id = id.try_into().map(RecordId);
        let (Ok(id), true) = (id, length <= MAX_RECORD_BYTES) else {
            content.damaged.push((name.to_owned(), offset));
            return;
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let parts = after.split_at_checked(length).and_then(|(sealed, after)| {
            after
                .split_first_chunk::<32>()
                .map(|(link, after)| (sealed, link, after))
        });
        let Some((sealed, linked, after)) = parts else {
            content.cut_off.push(name.to_owned());
            return;
        };
        let record = rest.split_at(24 + length).0;
        chain = link(&chain, record);
        if chain != *linked {
            content.damaged.push((name.to_owned(), offset));
            return;
        }
        if seen.insert(id) {
            content.records.push(SpoolRecord {
                id,
                sealed: sealed.to_vec(),
                segment: name.to_owned(),
            });
        }
        rest = after;
    }
}
