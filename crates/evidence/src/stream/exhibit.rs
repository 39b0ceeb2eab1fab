use std::fs::File;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

use camino::Utf8PathBuf;
use sha2::{Digest as _, Sha256};
use unspoof_model::Sha256Hash;

use super::{Compression, StreamError, StreamLimits, StreamReader};
use crate::exhibit::Exhibit;

/// A file that is hashed while it is read.
struct Hashed {
    file: File,
    sha256: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let some = self.file.read(out)?;
        self.sha256.update(&out[..some]);
        Ok(some)
    }
}

/// The content of a sealed exhibit.
///
/// The sealed bytes are hashed as they are read: whoever reads to the end has read what was
/// sealed, or gets [`StreamError::NotAsSealed`] there instead of the end. An exhibit whose stream
/// was cut off or corrupt when it was sealed ends in that error again.
pub struct ExhibitStream {
    reader: StreamReader<Hashed>,
    path: Utf8PathBuf,
    sealed_sha256: Sha256Hash,
    /// What the check at the end found, once it was made.
    checked: Option<Result<(), StreamError>>,
}

impl ExhibitStream {
    /// Returns how the exhibit is compressed.
    #[must_use]
    pub fn compression(&self) -> Compression {
        self.reader.compression()
    }

    /// Returns how many decompressed bytes were handed out.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.reader.position()
    }

    /// Returns the next bytes; none are the end. [`BufRead::consume`] moves on.
    ///
    /// # Errors
    /// The stream ends here for another reason than its end, or the file is not as sealed.
    pub fn next_bytes(&mut self) -> Result<&[u8], StreamError> {
        let at_end = match self.reader.next_bytes() {
            Ok(bytes) => bytes.is_empty(),
            Err(StreamError::Read { at_byte, source }) => {
                return Err(StreamError::Read { at_byte, source });
            }
            Err(_) => true,
        };
        if at_end {
            if self.checked.is_none() {
                self.checked = Some(self.check());
            }
            if let Some(Err(error)) = &self.checked {
                return Err(error.clone());
            }
        }
        self.reader.next_bytes()
    }

    fn check(&mut self) -> Result<(), StreamError> {
        let at_byte = self.reader.position();
        self.reader.drain().map_err(|error| StreamError::Read {
            at_byte,
            source: Arc::new(error),
        })?;
        let found_sha256 = Sha256Hash(self.reader.source().sha256.clone().finalize().into());
        if found_sha256 == self.sealed_sha256 {
            return Ok(());
        }
        let (path, sealed_sha256) = (self.path.clone(), self.sealed_sha256);
        Err(StreamError::NotAsSealed {
            path,
            sealed_sha256,
            found_sha256,
        })
    }
}

impl BufRead for ExhibitStream {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.next_bytes()?)
    }

    fn consume(&mut self, amount: usize) {
        self.reader.consume(amount);
    }
}

impl Read for ExhibitStream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.next_bytes()?;
        let some = bytes.len().min(out.len());
        out[..some].copy_from_slice(&bytes[..some]);
        self.consume(some);
        Ok(some)
    }
}

/// Opens a sealed exhibit's content, decompressed.
///
/// # Errors
/// The file cannot be opened or its first bytes cannot be read.
pub fn open_stream(exhibit: &Exhibit, limits: &StreamLimits) -> Result<ExhibitStream, StreamError> {
    let path = exhibit.path.clone();
    let file = File::open(&path).map_err(|error| StreamError::Open {
        path: path.clone(),
        source: Arc::new(error),
    })?;
    let hashed = Hashed {
        file,
        sha256: Sha256::new(),
    };
    let reader = StreamReader::new(hashed, exhibit.bytes, limits)?;
    Ok(ExhibitStream {
        reader,
        path,
        sealed_sha256: exhibit.sha256,
        checked: None,
    })
}
