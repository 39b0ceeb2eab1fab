//! Writes a seized file part by part, hashing it as it grows.
//!
//! Parts are compressed apart from each other, so that threads can share the work and the bytes
//! still depend on the plan alone: a zstd file is a run of frames (RFC 8878 §3.1), and a gzip
//! file is one member whose deflate stream is cut at byte bounds by empty blocks (RFC 1951, as
//! `pigz` does).

use std::fs::File;
use std::io::{self, BufWriter, Write as _};

use anyhow::Context as _;
use camino::{Utf8Path, Utf8PathBuf};
use flate2::{Compress, Compression, Crc, FlushCompress};
use sha2::{Digest as _, Sha256};

/// How a file is compressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// A part of a file.
pub(crate) struct Part {
    bytes: Vec<u8>,
    plain_bytes: u64,
    /// Checksum of the plain bytes, for gzip.
    crc: Crc,
}

const GZIP_LEVEL: u32 = 3;
const ZSTD_LEVEL: i32 = 1;
/// No name, no time, unknown system (RFC 1952 §2.3).
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// An empty last block.
const DEFLATE_END: [u8; 2] = [3, 0];

impl Packing {
    /// Compresses a part.
    ///
    /// # Errors
    /// The compressor has no memory.
    pub(crate) fn pack(self, plain: &[u8]) -> io::Result<Part> {
        let mut crc = Crc::new();
        let bytes = match self {
            _ if plain.is_empty() => Vec::new(),
            Self::Plain => plain.to_vec(),
            Self::Zstd => zstd::bulk::Compressor::new(ZSTD_LEVEL)?.compress(plain)?,
            Self::Gzip => {
                crc.update(plain);
                deflate(plain)?
            }
        };
        Ok(Part {
            bytes,
            plain_bytes: plain.len() as u64,
            crc,
        })
    }
}

fn deflate(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut deflater = Compress::new(Compression::new(GZIP_LEVEL), false);
    let mut out = Vec::with_capacity(plain.len() / 4 + 1_024);
    loop {
        let done = deflater.total_in() as usize;
        deflater
            .compress_vec(&plain[done..], &mut out, FlushCompress::Sync)
            .map_err(io::Error::other)?;
        if deflater.total_in() as usize == plain.len() && out.len() < out.capacity() {
            return Ok(out);
        }
        out.reserve(out.capacity() / 2);
    }
}

/// A file that is being written.
pub(crate) struct ExhibitFile {
    path: Utf8PathBuf,
    file: BufWriter<File>,
    packing: Packing,
    sha256: Sha256,
    crc: Crc,
    /// Plain bytes so far: where the next part begins.
    pub(crate) plain_bytes: u64,
}

impl ExhibitFile {
    pub(crate) fn create(path: &Utf8Path, packing: Packing) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| format!("could not create `{path}`"))?;
        let mut made = Self {
            path: path.to_owned(),
            file: BufWriter::with_capacity(1 << 18, file),
            packing,
            sha256: Sha256::new(),
            crc: Crc::new(),
            plain_bytes: 0,
        };
        if packing == Packing::Gzip {
            made.write(&GZIP_HEAD)?;
        }
        Ok(made)
    }

    /// Appends a part that was packed for this file.
    pub(crate) fn append(&mut self, part: &Part) -> anyhow::Result<()> {
        self.crc.combine(&part.crc);
        self.plain_bytes += part.plain_bytes;
        self.write(&part.bytes)
    }

    /// Packs and appends plain bytes.
    pub(crate) fn append_plain(&mut self, plain: &[u8]) -> anyhow::Result<()> {
        let part = self.packing.pack(plain);
        self.append(&part.with_context(|| format!("could not compress for `{}`", self.path))?)
    }

    /// Ends the file, and returns its SHA-256 in hexadecimal.
    pub(crate) fn finish(mut self) -> anyhow::Result<String> {
        if self.packing == Packing::Gzip {
            self.write(&DEFLATE_END)?;
            self.write(&self.crc.sum().to_le_bytes())?;
            self.write(&(self.plain_bytes as u32).to_le_bytes())?;
        }
        self.file
            .flush()
            .with_context(|| format!("could not write `{}`", self.path))?;
        Ok(hex(&self.sha256.finalize()))
    }

    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.sha256.update(bytes);
        let done = self.file.write_all(bytes);
        done.with_context(|| format!("could not write `{}`", self.path))
    }
}

/// Writes bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "our own file")]
    fn parts_make_one_gzip_member() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = Utf8Path::from_path(folder.path())
            .expect("UTF-8")
            .join("x.gz");
        let mut file = ExhibitFile::create(&path, Packing::Gzip).expect("created");
        let parts = ["first,".repeat(9_000), String::new(), "second".to_owned()];
        for part in &parts {
            file.append_plain(part.as_bytes()).expect("written");
        }
        let sha256 = file.finish().expect("written");
        let bytes = std::fs::read(&path).expect("read");
        assert_eq!(sha256, hex(&Sha256::digest(&bytes)));
        let mut plain = String::new();
        let mut decoder = flate2::bufread::GzDecoder::new(&bytes[..]);
        decoder
            .read_to_string(&mut plain)
            .expect("one whole member");
        assert_eq!(plain, parts.concat());
        assert!(decoder.into_inner().is_empty());
    }
}
