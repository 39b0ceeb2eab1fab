//! How documents are signed: a body of whole lines, then a line for each signature,
//! `TAG ed25519 PUBLIC-KEY SIGNATURE` in hexadecimal digits. What is signed is exactly the bytes
//! before the first of those lines, so there is no second way to write it.

use ring::signature::{ED25519, KeyPair as _, UnparsedPublicKey};
use unspoof_handover::{bundle, hex};
use zeroize::Zeroizing;

use crate::PlanError;

/// A signed document that was taken apart. Nothing was checked but its form.
#[derive(Clone, Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) body: &'a str,
    pub(crate) signatures: Vec<Signature>,
}

/// A signature and whose it says that it is.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) key: [u8; 32],
    signature: [u8; 64],
}

impl<'a> Signed<'a> {
    /// Takes a document apart; `None` where a line after the first signature is none.
    pub(crate) fn parse(file: &'a [u8], tag: &str) -> Option<Self> {
        let text = std::str::from_utf8(file).ok()?;
        if !text.ends_with('\n') {
            return None;
        }
        let is_signature = |line: &str| line.starts_with(tag);
        let mut body_bytes = 0;
        let mut lines = text.split_inclusive('\n').peekable();
        while let Some(line) = lines.next_if(|line| !is_signature(line)) {
            body_bytes += line.len();
        }
        let signatures: Option<Vec<Signature>> = lines.map(|line| signature(line, tag)).collect();
        Some(Self {
            body: text.get(..body_bytes)?,
            signatures: signatures?,
        })
    }

    /// Checks all signatures; returns whose they are, in order.
    pub(crate) fn keys(&self) -> Option<Vec<[u8; 32]>> {
        let checked = self.signatures.iter().map(|signature| {
            UnparsedPublicKey::new(&ED25519, signature.key)
                .verify(self.body.as_bytes(), &signature.signature)
                .ok()
                .map(|()| signature.key)
        });
        checked.collect()
    }
}

fn signature(line: &str, tag: &str) -> Option<Signature> {
    let rest = line.strip_prefix(tag)?.strip_prefix(" ed25519 ")?;
    let (key, signature) = rest.strip_suffix('\n')?.split_once(' ')?;
    // In small letters alone: one signature is written in one way.
    let is_small = |text: &str| !text.bytes().any(|b| b.is_ascii_uppercase());
    (is_small(key) && is_small(signature)).then_some(())?;
    Some(Signature {
        key: hex::decode(key)?,
        signature: hex::decode(signature)?,
    })
}

/// Returns the line that signs a body.
pub(crate) fn sign(body: &str, tag: &str, seed: &Zeroizing<[u8; 32]>) -> Result<String, PlanError> {
    let key = bundle::key_pair("signing", seed)?;
    Ok(format!(
        "{tag} ed25519 {} {}\n",
        hex::encode(key.public_key().as_ref()),
        hex::encode(key.sign(body.as_bytes()).as_ref())
    ))
}

/// Returns the public key of a seed.
pub(crate) fn public_key(seed: &Zeroizing<[u8; 32]>) -> Result<[u8; 32], PlanError> {
    let pair = bundle::key_pair("signing", seed)?;
    let mut key = [0; 32];
    key.copy_from_slice(pair.public_key().as_ref());
    Ok(key)
}

/// Writes a document as JSON, in the one way that is signed.
pub(crate) fn body<T: serde::Serialize>(
    document: &T,
    what: &'static str,
) -> Result<String, PlanError> {
    let mut body =
        serde_json::to_string_pretty(document).map_err(|source| PlanError::Document {
            what,
            detail: source.to_string(),
        })?;
    body.push('\n');
    Ok(body)
}

/// Reads a document that was written by [`body`]; any other writing of it is refused.
pub(crate) fn read<T: serde::Serialize + serde::de::DeserializeOwned>(
    written: &str,
    what: &'static str,
) -> Result<T, PlanError> {
    let wrong = |detail: String| PlanError::Document { what, detail };
    let document: T = serde_json::from_str(written).map_err(|source| {
        wrong(format!(
            "line {} is not of its form, or of a newer version",
            source.line()
        ))
    })?;
    if body(&document, what)? != written {
        return Err(wrong(
            "it is written in another way than this program writes".to_owned(),
        ));
    }
    Ok(document)
}
