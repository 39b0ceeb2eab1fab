//! Compressed bytes in blocks that depend on the file alone.

use std::io::{self, BufRead, Read};

/// Bytes read from the file at a time.
const BLOCK_BYTES: usize = 256 << 10;

/// A buffer that is filled to the brim before any of it is handed out: a decoder then sees the
/// same bytes at each call, whether they come from a file, a pipe or a channel.
pub(super) struct Input<R> {
    source: R,
    block: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    /// An error met while filling; given once the bytes before it are used up, and again after.
    failed: Option<io::Error>,
}

impl<R: Read> Input<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            block: vec![0; BLOCK_BYTES],
            start: 0,
            end: 0,
            ended: false,
            failed: None,
        }
    }

    pub(super) fn source(&mut self) -> &mut R {
        &mut self.source
    }

    fn refill(&mut self) {
        self.start = 0;
        self.end = 0;
        while self.end < self.block.len() && !self.ended {
            match self.source.read(&mut self.block[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(some) => self.end += some,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(error);
                    self.ended = true;
                }
            }
        }
    }
}

/// An [`io::Error`] cannot be cloned; this keeps what a person needs of it.
fn again(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

impl<R: Read> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.refill();
        }
        if self.start == self.end
            && let Some(error) = &self.failed
        {
            return Err(again(error));
        }
        Ok(&self.block[self.start..self.end])
    }

    fn consume(&mut self, amount: usize) {
        self.start = (self.start + amount).min(self.end);
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let some = bytes.len().min(out.len());
        out[..some].copy_from_slice(&bytes[..some]);
        self.consume(some);
        Ok(some)
    }
}
