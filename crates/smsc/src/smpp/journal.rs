//! What was submitted, as lines of JSON in a file that is only ever added to.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::{Part, SmppError};

/// An open journal.
pub(super) struct Journal(File);

impl Journal {
    /// Opens it and reads what is there. A last line that a kill cut short was never acknowledged, and
    /// goes.
    pub(super) fn open(path: &Path) -> io::Result<(Self, Vec<Part>)> {
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(path)?;
        let mut octets = Vec::new();
        file.read_to_end(&mut octets)?;
        let whole = octets
            .iter()
            .rposition(|octet| *octet == b'\n')
            .map_or(0, |end| end + 1);
        file.set_len(whole as u64)?;
        octets.truncate(whole);
        Ok((Self(file), lines(&octets)?))
    }

    pub(super) fn append(&mut self, parts: &[Part], is_synced: bool) -> io::Result<()> {
        let mut octets = Vec::with_capacity(parts.len() * 256);
        for part in parts {
            serde_json::to_writer(&mut octets, part)?;
            octets.push(b'\n');
        }
        self.0.write_all(&octets)?;
        if is_synced {
            self.0.sync_data()?;
        }
        Ok(())
    }
}

fn lines(octets: &[u8]) -> io::Result<Vec<Part>> {
    octets
        .split(|octet| *octet == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).map_err(io::Error::from))
        .collect()
}

/// Reads a journal whose stand-in may be dead: all whole lines.
///
/// # Errors
/// [`SmppError::Journal`] where it cannot be read.
pub fn read(path: &Path) -> Result<Vec<Part>, SmppError> {
    let failed = |source| SmppError::Journal {
        path: PathBuf::from(path),
        source,
    };
    let mut octets = std::fs::read(path).map_err(failed)?;
    let whole = octets.iter().rposition(|octet| *octet == b'\n');
    octets.truncate(whole.map_or(0, |end| end + 1));
    lines(&octets).map_err(failed)
}
