//! The content: pieces of 64 KiB, each checked before a byte of it is given out.

use std::fmt;
use std::io::{self, Read};

use ring::aead::{Aad, LessSafeKey, Nonce};
use zeroize::{Zeroize, Zeroizing};

use crate::header::{aead, derive, file_key};
use crate::{Identity, UnsealError};

const CHUNK_BYTES: usize = 64 * 1024;
const TAG_BYTES: usize = 16;

/// Opens a sealed file while it is read. What it gives out was checked; a file that was cut off or
/// changed is an error where that shows, and again at each later read, so whoever reads to the end
/// without an error has all of it.
pub struct UnsealReader<R> {
    inner: R,
    key: LessSafeKey,
    counter: u64,
    /// A sealed piece, and the first byte of the next one where there is one; after opening, content.
    chunk: Zeroizing<Vec<u8>>,
    ahead: Option<u8>,
    given: usize,
    len: usize,
    opened_bytes: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Finished,
    CutOff,
    Changed,
}

impl<R> fmt::Debug for UnsealReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsealReader")
            .field("opened_bytes", &self.opened_bytes)
            .finish_non_exhaustive()
    }
}

impl<R: Read> UnsealReader<R> {
    /// Reads the header and finds the key. Give it a buffered reader: the header is read in bytes.
    ///
    /// # Errors
    /// [`UnsealError::NoMatch`] where none of the identities opens it; [`UnsealError::Header`] and
    /// [`UnsealError::HeaderChanged`] for what nobody sealed so.
    pub fn new(mut inner: R, identities: &[Identity]) -> Result<Self, UnsealError> {
        let file_key = file_key(&mut inner, identities)?;
        let mut nonce = [0_u8; 16];
        inner.read_exact(&mut nonce).map_err(|source| {
            if source.kind() == io::ErrorKind::UnexpectedEof {
                UnsealError::CutOff { opened_bytes: 0 }
            } else {
                UnsealError::Read(source)
            }
        })?;
        let key = derive(&nonce, file_key.as_slice(), b"payload")?;
        Ok(Self {
            inner,
            key: aead(&key)?,
            counter: 0,
            chunk: Zeroizing::new(vec![0; CHUNK_BYTES + TAG_BYTES]),
            ahead: None,
            given: 0,
            len: 0,
            opened_bytes: 0,
            state: State::Open,
        })
    }

    /// Reads and opens the next piece.
    fn open_next(&mut self) -> Result<(), UnsealError> {
        self.given = 0;
        self.len = 0;
        let mut filled = 0;
        if let (Some(byte), Some(place)) = (self.ahead.take(), self.chunk.first_mut()) {
            *place = byte;
            filled = 1;
        }
        filled +=
            fill(&mut self.inner, self.chunk.split_at_mut(filled).1).map_err(UnsealError::Read)?;
        if filled == self.chunk.len() {
            let mut next = [0_u8];
            if fill(&mut self.inner, &mut next).map_err(UnsealError::Read)? == 1 {
                self.ahead = Some(next[0]);
            }
        }
        let is_last = self.ahead.is_none();
        if filled < TAG_BYTES {
            return Err(self.failed(State::CutOff));
        }
        // Opening overwrites; what decides between cut off and changed is tried on a copy.
        let is_full = filled == self.chunk.len();
        let sealed = (is_last && is_full).then(|| self.chunk.to_vec());
        let nonce = nonce(self.counter, is_last);
        let opened = self
            .key
            .open_in_place(nonce, Aad::empty(), self.chunk.split_at_mut(filled).0)
            .map(|content| content.len());
        let Ok(len) = opened else {
            self.chunk.as_mut_slice().zeroize();
            let goes_on = sealed.is_some_and(|sealed| {
                let mut sealed = Zeroizing::new(sealed);
                let nonce = self::nonce(self.counter, false);
                self.key
                    .open_in_place(nonce, Aad::empty(), &mut sealed)
                    .is_ok()
            });
            return Err(self.failed(if goes_on {
                State::CutOff
            } else {
                State::Changed
            }));
        };
        // Only a file without content has an empty piece.
        if len == 0 && self.counter > 0 {
            return Err(self.failed(State::Changed));
        }
        self.counter += 1;
        self.len = len;
        self.opened_bytes += len as u64;
        if is_last {
            self.state = State::Finished;
        }
        Ok(())
    }

    fn failed(&mut self, state: State) -> UnsealError {
        self.state = state;
        self.error()
    }

    const fn error(&self) -> UnsealError {
        let opened_bytes = self.opened_bytes;
        match self.state {
            State::CutOff => UnsealError::CutOff { opened_bytes },
            State::Changed | State::Open | State::Finished => UnsealError::Changed { opened_bytes },
        }
    }

    /// Returns the next bytes that were checked, all that there are at once; empty at the end.
    fn next_bytes(&mut self) -> Result<&[u8], UnsealError> {
        if self.given == self.len {
            match self.state {
                State::Open => self.open_next()?,
                State::Finished => return Ok(&[]),
                State::CutOff | State::Changed => return Err(self.error()),
            }
        }
        Ok(self.chunk.get(self.given..self.len).unwrap_or_default())
    }
}

impl<R: Read> Read for UnsealReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        let bytes = self.next_bytes()?;
        let taken = bytes.len().min(into.len());
        into.split_at_mut(taken)
            .0
            .copy_from_slice(bytes.split_at(taken).0);
        self.given += taken;
        Ok(taken)
    }
}

/// Opens a whole sealed file in memory.
///
/// # Errors
/// As [`UnsealReader`]; nothing is returned of a file that was cut off or changed.
pub fn unseal(sealed: &[u8], identities: &[Identity]) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
    let mut reader = UnsealReader::new(sealed, identities)?;
    // Room for all, so that no copy is left behind by growing.
    let mut content = Zeroizing::new(Vec::with_capacity(sealed.len()));
    loop {
        let bytes = reader.next_bytes()?;
        if bytes.is_empty() {
            return Ok(content);
        }
        content.extend_from_slice(bytes);
        reader.given = reader.len;
    }
}

/// Eleven bytes of counter and one that marks the last piece.
fn nonce(counter: u64, is_last: bool) -> Nonce {
    let mut nonce = [0_u8; 12];
    let (_, tail) = nonce.split_at_mut(3);
    let (count, last) = tail.split_at_mut(8);
    count.copy_from_slice(&counter.to_be_bytes());
    last.copy_from_slice(&[u8::from(is_last)]);
    Nonce::assume_unique_for_key(nonce)
}

/// Reads until `into` is full or nothing more comes.
fn fill<R: Read>(inner: &mut R, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match inner.read(into.split_at_mut(filled).1) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(source),
        }
    }
    Ok(filled)
}
