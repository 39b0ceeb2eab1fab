//! Decompression of sealed bytes: plain, gzip, zstd and xz, told apart by their first bytes.
//!
//! The bytes that come out are a function of the bytes that go in and of [`StreamLimits`] alone,
//! whatever the sizes of reads on either side: also where the input is cut off or corrupt. All that
//! was decompressed before such a place comes out first, then the error, which says where.

mod error;
mod exhibit;
mod gzip;
mod input;
mod xz;
mod zstd;

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use input::Input;

pub use error::StreamError;
pub use exhibit::{ExhibitStream, open_stream};

/// How a file is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    Plain,
    /// gzip (RFC 1952), of one member or several.
    Gzip,
    /// Zstandard (RFC 8878), of one frame or several.
    Zstd,
    /// xz, of one stream or several.
    Xz,
}

impl Compression {
    /// Tells from a file's first bytes how it is compressed.
    #[must_use]
    pub fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, 0x08, ..] => Self::Gzip,
            // A frame, or a skippable frame before the first one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0x00, ..] => Self::Xz,
            _ => Self::Plain,
        }
    }

    /// Returns the word that stands in an exhibit's record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
        }
    }
}

/// Guards against files that decompress to far more than they should.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StreamLimits {
    /// Most decompressed bytes for each compressed one; [`StreamLimits::free_bytes`] come on top.
    pub max_ratio: u64,
    /// Decompressed bytes that even the smallest file may give.
    pub free_bytes: u64,
    /// Most decompressed bytes of one file, whatever its size.
    pub max_bytes: u64,
    /// Most memory for a decoder's window, as a power of two in bytes, 10 to 31.
    pub max_window_log: u32,
}

impl Default for StreamLimits {
    /// A thousandfold and 64 MiB, at most 16 TiB; windows up to 128 MiB, the most that the `zstd`
    /// and `xz` commands use unless told otherwise.
    fn default() -> Self {
        Self {
            max_ratio: 1000,
            free_bytes: 64 << 20,
            max_bytes: 16 << 40,
            max_window_log: 27,
        }
    }
}

impl StreamLimits {
    fn bytes_for(&self, compressed_bytes: u64) -> u64 {
        compressed_bytes
            .saturating_mul(self.max_ratio)
            .saturating_add(self.free_bytes)
            .min(self.max_bytes)
    }
}

/// What a decoder did: bytes that it put out, and what stopped it, if anything.
struct Step {
    written: usize,
    stopped: Option<Stop>,
}

impl Step {
    const fn wrote(written: usize) -> Self {
        Self {
            written,
            stopped: None,
        }
    }

    const fn stopped(written: usize, stop: Stop) -> Self {
        Self {
            written,
            stopped: Some(stop),
        }
    }
}

/// What stopped a decoder.
#[derive(Debug)]
enum Stop {
    End,
    Truncated,
    Corrupt(String),
    Trailing,
    Read(io::Error),
}

enum Decoder<R: Read> {
    Plain(Input<R>),
    Gzip(Box<gzip::Gzip<R>>),
    Zstd(zstd::Zstd<R>),
    Xz(Box<xz::Xz<R>>),
}

impl<R: Read> Decoder<R> {
    fn step(&mut self, out: &mut [u8]) -> Step {
        match self {
            Self::Plain(input) => match input.read(out) {
                Ok(0) => Step::stopped(0, Stop::End),
                Ok(written) => Step::wrote(written),
                Err(error) => Step::stopped(0, Stop::Read(error)),
            },
            Self::Gzip(decoder) => decoder.step(out),
            Self::Zstd(decoder) => decoder.step(out),
            Self::Xz(decoder) => decoder.step(out),
        }
    }

    fn input(&mut self) -> &mut Input<R> {
        match self {
            Self::Plain(input) => input,
            Self::Gzip(decoder) => decoder.input(),
            Self::Zstd(decoder) => decoder.input(),
            Self::Xz(decoder) => decoder.input(),
        }
    }
}

/// Bytes handed out at a time. A zstd block is never larger.
const BLOCK_BYTES: usize = 128 << 10;

/// Reads a file's content, decompressing it on the way.
pub struct StreamReader<R: Read> {
    decoder: Decoder<R>,
    compression: Compression,
    block: Vec<u8>,
    start: usize,
    end: usize,
    /// Decompressed bytes so far, those in `block` included.
    made: u64,
    limit: u64,
    compressed_bytes: u64,
    /// The end, or the error that every further read gives again.
    ended: Option<Result<(), StreamError>>,
}

impl<R: Read> StreamReader<R> {
    /// Starts reading a file of `compressed_bytes` bytes.
    ///
    /// # Errors
    /// The file's first bytes cannot be read.
    pub fn new(
        source: R,
        compressed_bytes: u64,
        limits: &StreamLimits,
    ) -> Result<Self, StreamError> {
        let unreadable = |error| StreamError::Read {
            at_byte: 0,
            source: Arc::new(error),
        };
        let mut input = Input::new(source);
        let compression = Compression::of(input.fill_buf().map_err(unreadable)?);
        let (decoder, limit) = match compression {
            Compression::Plain => (Decoder::Plain(input), u64::MAX),
            Compression::Gzip => (
                Decoder::Gzip(Box::new(gzip::Gzip::new(input))),
                limits.bytes_for(compressed_bytes),
            ),
            Compression::Zstd => {
                let decoder = zstd::Zstd::new(input, limits.max_window_log).map_err(unreadable)?;
                (Decoder::Zstd(decoder), limits.bytes_for(compressed_bytes))
            }
            Compression::Xz => {
                let decoder = xz::Xz::new(input, limits.max_window_log);
                (
                    Decoder::Xz(Box::new(decoder)),
                    limits.bytes_for(compressed_bytes),
                )
            }
        };
        Ok(Self {
            decoder,
            compression,
            block: vec![0; BLOCK_BYTES],
            start: 0,
            end: 0,
            made: 0,
            limit,
            compressed_bytes,
            ended: None,
        })
    }

    /// Returns how the file is compressed.
    #[must_use]
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Returns how many decompressed bytes were handed out.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.made - (self.end - self.start) as u64
    }

    /// Returns the next bytes, decompressing a block when none are left; none are the end.
    ///
    /// # Errors
    /// The stream ends here for another reason than its end.
    pub fn next_bytes(&mut self) -> Result<&[u8], StreamError> {
        while self.start == self.end {
            if let Some(ended) = &self.ended {
                return ended.clone().map(|()| &[][..]);
            }
            let Step { written, stopped } = self.decoder.step(&mut self.block);
            let left = usize::try_from(self.limit - self.made).unwrap_or(usize::MAX);
            self.start = 0;
            self.end = written.min(left);
            self.made += self.end as u64;
            if written > left {
                let (compressed_bytes, at_byte) = (self.compressed_bytes, self.made);
                self.ended = Some(Err(StreamError::TooLarge {
                    compressed_bytes,
                    at_byte,
                }));
            } else if let Some(stop) = stopped {
                self.ended = Some(self.end_by(stop));
            }
        }
        Ok(&self.block[self.start..self.end])
    }

    fn end_by(&self, stop: Stop) -> Result<(), StreamError> {
        let (compression, at_byte) = (self.compression, self.made);
        Err(match stop {
            Stop::End => return Ok(()),
            Stop::Truncated => StreamError::Truncated {
                compression,
                at_byte,
            },
            Stop::Corrupt(detail) => StreamError::Corrupt {
                compression,
                at_byte,
                detail,
            },
            Stop::Trailing => StreamError::Trailing {
                compression,
                at_byte,
            },
            Stop::Read(error) => StreamError::Read {
                at_byte,
                source: Arc::new(error),
            },
        })
    }

    /// Reads the compressed file to its end without decompressing more of it.
    fn drain(&mut self) -> io::Result<()> {
        let input = self.decoder.input();
        loop {
            let left = input.fill_buf()?.len();
            if left == 0 {
                return Ok(());
            }
            input.consume(left);
        }
    }

    fn source(&mut self) -> &mut R {
        self.decoder.input().source()
    }
}

impl<R: Read> BufRead for StreamReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.next_bytes()?)
    }

    fn consume(&mut self, amount: usize) {
        self.start = (self.start + amount).min(self.end);
    }
}

impl<R: Read> Read for StreamReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.next_bytes()?;
        let some = bytes.len().min(out.len());
        out[..some].copy_from_slice(&bytes[..some]);
        self.consume(some);
        Ok(some)
    }
}
