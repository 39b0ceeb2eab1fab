//! Identities: the private keys, as `age-keygen` writes them.

use std::fmt;

use bech32::{Bech32, Hrp, primitives::decode::CheckedHrpstring};
use curve25519_dalek::MontgomeryPoint;
use zeroize::{Zeroize, Zeroizing};

use crate::UnsealError;

const SECRET: Hrp = Hrp::parse_unchecked("age-secret-key-");
const PUBLIC: Hrp = Hrp::parse_unchecked("age");

/// A private X25519 key. Wiped from memory when dropped, and never shown by `Debug`.
#[derive(Clone)]
pub struct Identity {
    secret: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(•••)")
    }
}

impl Identity {
    /// Makes an identity of 32 bytes that were drawn at random.
    #[must_use]
    pub fn of_secret(secret: Zeroizing<[u8; 32]>) -> Self {
        let public = MontgomeryPoint::mul_base_clamped(*secret).to_bytes();
        Self { secret, public }
    }

    /// Reads `AGE-SECRET-KEY-1…`.
    ///
    /// # Errors
    /// [`UnsealError::Identity`] for anything else.
    pub fn parse(written: &str) -> Result<Self, UnsealError> {
        let wrong = |detail| UnsealError::Identity { detail };
        let form = "it is not written as `AGE-SECRET-KEY-1…`";
        // In capitals alone, as the format has it.
        if written.bytes().any(|b| b.is_ascii_lowercase()) {
            return Err(wrong(form));
        }
        let read = CheckedHrpstring::new::<Bech32>(written).map_err(|_| wrong(form))?;
        if read.hrp() != SECRET {
            return Err(wrong(form));
        }
        let mut secret = Zeroizing::new([0_u8; 32]);
        let mut bytes = read.byte_iter();
        for place in secret.iter_mut() {
            *place = bytes.next().ok_or(wrong("it is not 32 bytes long"))?;
        }
        if bytes.next().is_some() {
            return Err(wrong("it is not 32 bytes long"));
        }
        Ok(Self::of_secret(secret))
    }

    /// Reads a file of identities, one a line; empty lines and those that begin with `#` do not count.
    ///
    /// # Errors
    /// [`UnsealError::Identity`] where a line is none, or all are comments.
    pub fn parse_file(text: &str) -> Result<Vec<Self>, UnsealError> {
        let identities = text
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(Self::parse)
            .collect::<Result<Vec<_>, _>>()?;
        if identities.is_empty() {
            return Err(UnsealError::Identity {
                detail: "the file holds none",
            });
        }
        Ok(identities)
    }

    /// Gives the key up: `AGE-SECRET-KEY-1…`.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut written = Zeroizing::new(String::with_capacity(80));
        bech32::encode_upper_to_fmt::<Bech32, String>(&mut written, SECRET, self.secret.as_slice())
            .expect("32 bytes have a Bech32 form, and memory takes it");
        written
    }

    /// Returns the public key that others seal to: `age1…`.
    #[must_use]
    pub fn recipient(&self) -> String {
        bech32::encode::<Bech32>(PUBLIC, &self.public).expect("32 bytes have a Bech32 form")
    }

    pub(crate) const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// X25519 (RFC 7748) with a share; `None` where the share is of low order.
    pub(crate) fn agree(&self, share: [u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
        let mut point = MontgomeryPoint(share).mul_clamped(*self.secret);
        let shared = Zeroizing::new(point.to_bytes());
        point.zeroize();
        (*shared != [0; 32]).then_some(shared)
    }
}
