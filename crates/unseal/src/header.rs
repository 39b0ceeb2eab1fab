//! The header: who can open the file, and its key, wrapped for each of them.

use std::io::Read;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::{Identity, UnsealError};

/// Larger headers are not read. A recipient takes 102 bytes.
const MAX_HEADER_BYTES: usize = 1 << 20;

const VERSION: &str = "age-encryption.org/v1";

/// One recipient's part.
struct Stanza {
    arguments: Vec<String>,
    body: Vec<u8>,
}

/// Reads a header, checks it, and returns the file's key. What follows it stays unread.
pub(crate) fn file_key<R: Read>(
    inner: &mut R,
    identities: &[Identity],
) -> Result<Zeroizing<[u8; 16]>, UnsealError> {
    let mut lines = Lines {
        inner,
        read: Vec::new(),
    };
    if lines.next()? != VERSION {
        return Err(wrong(
            "it begins with another line, or is of another version",
        ));
    }
    let mut stanzas = Vec::new();
    let mac = loop {
        let line = lines.next()?;
        if let Some(mac) = line.strip_prefix("---") {
            break mac
                .strip_prefix(' ')
                .map(str::to_owned)
                .ok_or(wrong("its last line lacks its code"))?;
        }
        let arguments = line
            .strip_prefix("-> ")
            .ok_or(wrong("a line of it begins as none does"))?;
        let arguments: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
        let is_argument = |argument: &String| {
            !argument.is_empty() && argument.bytes().all(|b| b.is_ascii_graphic())
        };
        if !arguments.iter().all(is_argument) {
            return Err(wrong("an argument of a recipient is empty or has a blank"));
        }
        stanzas.push(Stanza {
            arguments,
            body: body(&mut lines)?,
        });
    };
    if stanzas.is_empty() {
        return Err(wrong("it names no recipient"));
    }
    let mac = base64(&mac)
        .filter(|mac| mac.len() == 32)
        .ok_or(wrong("its code is no code"))?;
    let key = unwrap(&stanzas, identities)?;
    // The code is over everything up to the three dashes.
    let signed = lines
        .read
        .iter()
        .rposition(|byte| *byte == b' ')
        .map(|at| lines.read.split_at(at).0)
        .ok_or(wrong("its last line lacks its code"))?;
    let mac_key = derive(&[], key.as_slice(), b"header")?;
    hmac::verify(
        &hmac::Key::new(hmac::HMAC_SHA256, mac_key.as_slice()),
        signed,
        &mac,
    )
    .map_err(|_| UnsealError::HeaderChanged)?;
    Ok(key)
}

/// Reads a stanza's body: lines of 64 characters, and a shorter one, which may be empty.
fn body<R: Read>(lines: &mut Lines<'_, R>) -> Result<Vec<u8>, UnsealError> {
    let mut bytes = Vec::new();
    loop {
        let line = lines.next()?;
        if line.len() > 64 {
            return Err(wrong("a line of it is too long"));
        }
        bytes.extend(base64(&line).ok_or(wrong("a line of it is not in Base64"))?);
        if line.len() < 64 {
            return Ok(bytes);
        }
    }
}

/// Finds the recipient whose key is held and unwraps the file's key.
fn unwrap(stanzas: &[Stanza], identities: &[Identity]) -> Result<Zeroizing<[u8; 16]>, UnsealError> {
    let is_of =
        |stanza: &&Stanza, kind: &str| stanza.arguments.first().is_some_and(|of| of == kind);
    if stanzas.len() > 1 && stanzas.iter().any(|stanza| is_of(&stanza, "scrypt")) {
        return Err(wrong("it has a pass phrase besides other recipients"));
    }
    let mut found = None;
    for stanza in stanzas.iter().filter(|stanza| is_of(stanza, "X25519")) {
        let [_, share] = stanza.arguments.as_slice() else {
            return Err(wrong("a recipient has not one argument"));
        };
        let share: [u8; 32] = base64(share)
            .and_then(|share| share.try_into().ok())
            .ok_or(wrong("a recipient's share is no point"))?;
        if stanza.body.len() != 32 {
            return Err(wrong("a wrapped key is of another length"));
        }
        for identity in identities {
            if found.is_some() {
                break;
            }
            // A share of low order gives everybody the same secret.
            let shared = identity
                .agree(share)
                .ok_or(wrong("a recipient's share is of low order"))?;
            let salt = [share.as_slice(), identity.public()].concat();
            let wrap = derive(&salt, shared.as_slice(), b"age-encryption.org/v1/X25519")?;
            let mut wrapped = Zeroizing::new(stanza.body.clone());
            let nonce = Nonce::assume_unique_for_key([0; 12]);
            let opened = aead(&wrap)?.open_in_place(nonce, Aad::empty(), &mut wrapped);
            if let Ok(key) = opened {
                let mut kept = Zeroizing::new([0_u8; 16]);
                if key.len() != kept.len() {
                    return Err(wrong("a wrapped key is of another length"));
                }
                kept.copy_from_slice(key);
                found = Some(kept);
            }
        }
    }
    found.ok_or(UnsealError::NoMatch)
}

/// Reads lines byte by byte, so that nothing of what follows is taken. Give it a buffered reader.
struct Lines<'a, R> {
    inner: &'a mut R,
    read: Vec<u8>,
}

impl<R: Read> Lines<'_, R> {
    fn next(&mut self) -> Result<String, UnsealError> {
        let from = self.read.len();
        loop {
            let mut byte = [0_u8];
            match self.inner.read(&mut byte) {
                Ok(0) => return Err(wrong("it ends within its header")),
                Ok(_) => {}
                Err(source) if source.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(source) => return Err(UnsealError::Read(source)),
            }
            let line = self.read.split_at(from).1;
            if byte == *b"\n" {
                let text = String::from_utf8(line.to_vec()).map_err(|_| wrong("it is no text"))?;
                self.read.extend_from_slice(&byte);
                return Ok(text);
            }
            // A compressed or plain file has no line break for long.
            if self.read.len() >= MAX_HEADER_BYTES || (from == 0 && line.len() > VERSION.len()) {
                return Err(wrong("it begins with another line, or is too long"));
            }
            self.read.extend_from_slice(&byte);
        }
    }
}

pub(crate) const fn wrong(detail: &'static str) -> UnsealError {
    UnsealError::Header { detail }
}

/// HKDF-SHA-256 (RFC 5869) to 32 bytes.
pub(crate) fn derive(
    salt: &[u8],
    secret: &[u8],
    info: &[u8],
) -> Result<Zeroizing<[u8; 32]>, UnsealError> {
    let mut derived = Zeroizing::new([0_u8; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(secret)
        .expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(derived.as_mut_slice()))
        .map_err(|_| UnsealError::HeaderChanged)?;
    Ok(derived)
}

/// ChaCha20-Poly1305 (RFC 8439) under this key.
pub(crate) fn aead(key: &[u8; 32]) -> Result<LessSafeKey, UnsealError> {
    UnboundKey::new(&CHACHA20_POLY1305, key)
        .map(LessSafeKey::new)
        .map_err(|_| UnsealError::HeaderChanged)
}

/// Reads Base64 (RFC 4648 §4) without padding, in its one canonical form.
fn base64(text: &str) -> Option<Vec<u8>> {
    let value = |byte: u8| {
        Some(u32::from(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        }))
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for byte in group {
            bits = bits << 6 | value(*byte)?;
        }
        let unused = match group.len() {
            4 => 0,
            3 => 2,
            2 => 4,
            _ => return None,
        };
        // Bits that stand for nothing are zero, or one value could be written in several ways.
        if bits & ((1 << unused) - 1) != 0 {
            return None;
        }
        let whole = (bits >> unused).to_be_bytes();
        bytes.extend_from_slice(whole.split_at(5 - group.len()).1);
    }
    Some(bytes)
}
