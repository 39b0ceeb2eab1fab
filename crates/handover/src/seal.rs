//! Sealing: `age` version 1 files for X25519 recipients, written as a stream.
//!
//! The format is <https://c2sp.org/age>: a header that wraps one file key for each recipient, then
//! ChaCha20-Poly1305 over chunks of 64 KiB. It is written here rather than by the `age` crate, which
//! also brings pass phrases, plug-ins and a translation system, and would turn on features of crates
//! that the query engine is built on (docs/decisions/0012). Debian's `age` opens what is written, in
//! `sealed_files_open_with_debians_age`. Nothing here can open anything: there is no private key.

use std::fmt;
use std::io::{self, Write};

use bech32::{Bech32, Hrp};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::rand::SystemRandom;
use ring::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::{HandoverError, chance};

/// Bytes of plaintext in a chunk.
const CHUNK_BYTES: usize = 64 * 1024;

/// The public key of somebody who can open what is sealed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Recipient([u8; 32]);

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipient(age1…)")
    }
}

impl Recipient {
    /// Reads `age1…`.
    ///
    /// # Errors
    /// [`HandoverError::Key`] for anything that is not the Bech32 form of an X25519 public key.
    pub fn parse(written: &str) -> Result<Self, HandoverError> {
        let wrong = |detail: &str| HandoverError::Key {
            name: "recipient",
            detail: detail.to_owned(),
        };
        let read = bech32::primitives::decode::CheckedHrpstring::new::<Bech32>(written)
            .map_err(|_| wrong("it is not written as `age1…`"))?;
        if read.hrp() != Hrp::parse_unchecked("age") {
            return Err(wrong("it is not written as `age1…`"));
        }
        let bytes: Vec<u8> = read.byte_iter().collect();
        let key = bytes
            .try_into()
            .map_err(|_| wrong("it is not 32 bytes long"))?;
        // A point of low order would wrap the file key for everybody.
        if key == [0; 32] {
            return Err(wrong("it is the zero key"));
        }
        Ok(Self(key))
    }
}

/// Writes what it is given, sealed, to another writer. Dropped without [`SealWriter::finish`] it
/// leaves a file that opens as cut off, never as whole.
pub struct SealWriter<W: Write> {
    inner: W,
    key: LessSafeKey,
    counter: u64,
    pending: Zeroizing<Vec<u8>>,
}

impl<W: Write> fmt::Debug for SealWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealWriter")
            .field("chunks", &self.counter)
            .finish_non_exhaustive()
    }
}

impl<W: Write> SealWriter<W> {
    /// Writes the header for these recipients.
    ///
    /// # Errors
    /// [`HandoverError::Seal`] where a recipient's key is of low order or the writer fails.
    pub fn new(mut inner: W, recipients: &[Recipient]) -> Result<Self, HandoverError> {
        let file_key = Zeroizing::new(chance::bytes::<16>()?);
        let mut header = String::from("age-encryption.org/v1\n");
        for recipient in recipients {
            header.push_str(&stanza(recipient, &file_key)?);
        }
        header.push_str("---");
        let mac_key = derive(&[], file_key.as_slice(), b"header")?;
        let mac = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, mac_key.as_slice()),
            header.as_bytes(),
        );
        header.push_str(&format!(" {}\n", base64(mac.as_ref())));
        let nonce = chance::bytes::<16>()?;
        let payload_key = derive(&nonce, file_key.as_slice(), b"payload")?;
        inner
            .write_all(header.as_bytes())
            .map_err(|_| HandoverError::Seal)?;
        inner.write_all(&nonce).map_err(|_| HandoverError::Seal)?;
        Ok(Self {
            inner,
            key: aead(&payload_key)?,
            counter: 0,
            pending: Zeroizing::new(Vec::with_capacity(CHUNK_BYTES + 16)),
        })
    }

    /// Seals the last chunk and gives the writer back.
    ///
    /// # Errors
    /// Whatever the writer fails with.
    pub fn finish(mut self) -> io::Result<W> {
        self.chunk(true)?;
        Ok(self.inner)
    }

    fn chunk(&mut self, is_last: bool) -> io::Result<()> {
        let mut nonce = [0_u8; 12];
        let (_, tail) = nonce.split_at_mut(3);
        tail.split_at_mut(8)
            .0
            .copy_from_slice(&self.counter.to_be_bytes());
        if let Some(last) = nonce.last_mut() {
            *last = u8::from(is_last);
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        // In place: what stays in the buffer is sealed.
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::empty(), self.pending.as_mut_slice())
            .map_err(|_| io::Error::other("sealing failed"))?;
        self.inner.write_all(&self.pending)?;
        self.inner.write_all(tag.as_ref())?;
        self.pending.clear();
        self.counter += 1;
        Ok(())
    }
}

impl<W: Write> Write for SealWriter<W> {
    fn write(&mut self, given: &[u8]) -> io::Result<usize> {
        // A full chunk waits until more comes: the last one is marked, and must not be empty.
        if self.pending.len() == CHUNK_BYTES && !given.is_empty() {
            self.chunk(false)?;
        }
        let (taken, _) = given.split_at(given.len().min(CHUNK_BYTES - self.pending.len()));
        self.pending.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Seals a whole message.
///
/// # Errors
/// [`HandoverError::Seal`], as [`SealWriter::new`].
pub fn seal(plain: &[u8], recipients: &[Recipient]) -> Result<Vec<u8>, HandoverError> {
    let mut writer = SealWriter::new(Vec::with_capacity(plain.len() + 512), recipients)?;
    writer.write_all(plain).map_err(|_| HandoverError::Seal)?;
    writer.finish().map_err(|_| HandoverError::Seal)
}

fn stanza(recipient: &Recipient, file_key: &[u8; 16]) -> Result<String, HandoverError> {
    let secret = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new())
        .map_err(|_| HandoverError::System { what: "randomness" })?;
    let share = secret
        .compute_public_key()
        .map_err(|_| HandoverError::Seal)?;
    let salt = [share.as_ref(), recipient.0.as_slice()].concat();
    let public = UnparsedPublicKey::new(&X25519, recipient.0);
    let wrap = agree_ephemeral(secret, &public, |shared| {
        derive(&salt, shared, b"age-encryption.org/v1/X25519")
    })
    .map_err(|_| HandoverError::Seal)??;
    let mut wrapped = file_key.to_vec();
    aead(&wrap)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key([0; 12]),
            Aad::empty(),
            &mut wrapped,
        )
        .map_err(|_| HandoverError::Seal)?;
    Ok(format!(
        "-> X25519 {}\n{}\n",
        base64(share.as_ref()),
        base64(&wrapped)
    ))
}

/// HKDF-SHA-256 (RFC 5869) to 32 bytes.
///
/// # Errors
/// [`HandoverError::Seal`] for lengths that HKDF does not have, which these are not.
pub fn derive(
    salt: &[u8],
    secret: &[u8],
    info: &[u8],
) -> Result<Zeroizing<[u8; 32]>, HandoverError> {
    let mut derived = Zeroizing::new([0_u8; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(secret)
        .expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(derived.as_mut_slice()))
        .map_err(|_| HandoverError::Seal)?;
    Ok(derived)
}

/// ChaCha20-Poly1305 (RFC 8439) under this key.
///
/// # Errors
/// [`HandoverError::Seal`] where the key is no key.
pub fn aead(key: &[u8; 32]) -> Result<LessSafeKey, HandoverError> {
    UnboundKey::new(&CHACHA20_POLY1305, key)
        .map(LessSafeKey::new)
        .map_err(|_| HandoverError::Seal)
}

/// Base64 (RFC 4648 §4) without padding, as age headers have it. Nothing here is over 48 bytes, so
/// no line of a stanza reaches the 64 characters after which it would go on.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut written = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte))
            << (8 * (3 - group.len()));
        for at in 0..=group.len() {
            let digit = DIGITS
                .get(bits >> (18 - 6 * at) & 63)
                .copied()
                .unwrap_or(b'A');
            written.push(char::from(digit));
        }
    }
    written
}
