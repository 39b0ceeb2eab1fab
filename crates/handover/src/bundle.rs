//! The signed bundle: all that the portal knows of a campaign. No number, no name, no code.
//!
//! A bundle file is one JSON document on the lines before the last, and on the last line
//! `unspoof-bundle-v1 ed25519 HEX`: the Ed25519 signature (RFC 8032) over exactly the bytes before
//! that line. So there is no second way to write what was signed.

use std::collections::BTreeMap;

use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::{HandoverError, hex, seal::Recipient};

const SIGNATURE_LINE: &str = "unspoof-bundle-v1 ed25519 ";

/// What a campaign hands to its portal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Format version; this program knows 1.
    pub version: u32,
    /// The campaign's id, as it stands in sealed reports.
    pub campaign: String,
    /// Made-up records: every page says that this is a rehearsal.
    pub made_up: bool,
    /// Who runs the campaign, as the public knows them.
    pub organisation: String,
    /// How to reach them, in one line.
    pub contact: String,
    /// The announced texts, sender and window.
    pub notice: Notice,
    /// Languages to serve, the first is the default. Unreviewed ones need an exception.
    pub languages: Vec<String>,
    /// Languages that nobody reviewed and that are served all the same, with who decided and why.
    pub language_exceptions: Vec<LanguageException>,
    /// Keyed hashes of the check codes.
    pub codes: Vec<CodeEntry>,
    /// Public keys that everything is sealed to; two or more, none of them on the portal's host.
    pub recipients: Vec<String>,
    /// The public key of receipts, 64 hexadecimal digits.
    pub receipt_key: String,
    /// Numbers to ring for help.
    pub help: Vec<HelpLine>,
    /// Where "leave this page" leads.
    pub leave_url: String,
    /// Whether what is logged here counts as a crime report.
    pub is_crime_report: bool,
    /// Days until somebody reads a report, at most.
    pub read_within_days: u32,
    /// Days that an unfinished report is kept.
    pub draft_days: u32,
}

/// What was announced in public.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The name that the texts come from.
    pub sender: String,
    /// First day of the window, as people read it.
    pub from_day: String,
    /// Last day of the window.
    pub to_day: String,
    /// Hours of the day within which texts are sent.
    pub hours: String,
    /// The exact texts, `{code}` where the code stands.
    pub texts: Vec<NoticeText>,
}

/// One text, exactly as it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeText {
    /// Its language, a BCP 47 tag.
    pub language: String,
    /// The text.
    pub text: String,
}

/// A decision to serve a language that nobody reviewed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageException {
    /// The language.
    pub language: String,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// One code, as far as the portal knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeEntry {
    /// [`crate::codes::CodeKey::hash`], 64 hexadecimal digits.
    pub hash: String,
    /// Which of the notice's texts it was sent in, from 0.
    pub text: usize,
    /// From when on it no longer opens anything: milliseconds since 1970, UTC.
    pub expires_ms: u64,
}

/// Somebody to ring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HelpLine {
    /// When it is shown.
    pub kind: HelpKind,
    /// Who answers, by language; `en` is taken where a language is missing.
    pub name: BTreeMap<String, String>,
    /// What to dial, as people write it.
    pub number: String,
}

/// What a help line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HelpKind {
    /// The banks' fraud line: money moved recently.
    Bank,
    /// Somebody thinks of harming themselves.
    Crisis,
    /// Danger to life.
    Emergency,
    /// Anything else.
    Advice,
    /// Where a crime is reported, for campaigns whose form is no crime report.
    Report,
}

/// What the portal looks a code up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownCode {
    /// Which of the notice's texts.
    pub text: usize,
    /// Milliseconds since 1970.
    pub expires_ms: u64,
}

/// A bundle whose signature and content were checked.
#[derive(Clone, Debug)]
pub struct CheckedBundle {
    /// The content.
    pub bundle: Bundle,
    /// The recipients, parsed.
    pub recipients: Vec<Recipient>,
    /// By hash. A look-up takes as many steps for a hash that is there as for one that is not.
    codes: Vec<([u8; 32], KnownCode)>,
}

impl CheckedBundle {
    /// Looks up a code's keyed hash.
    #[must_use]
    pub fn code(&self, hash: &[u8; 32]) -> Option<KnownCode> {
        let at = self.codes.partition_point(|(of, _)| of < hash);
        let (of, known) = self.codes.get(at)?;
        (of == hash).then_some(*known)
    }
}

impl Bundle {
    /// Writes and signs the bundle; the key is 32 bytes of an Ed25519 seed.
    ///
    /// # Errors
    /// [`HandoverError::Key`] where the seed is no key; [`HandoverError::Bundle`] where the bundle
    /// cannot be written as JSON.
    pub fn sign(&self, seed: &[u8; 32]) -> Result<Vec<u8>, HandoverError> {
        let key = key_pair("bundle", seed)?;
        let mut file = serde_json::to_vec_pretty(self).map_err(|source| HandoverError::Bundle {
            detail: source.to_string(),
        })?;
        file.push(b'\n');
        let signature = hex::encode(key.sign(&file).as_ref());
        file.extend_from_slice(format!("{SIGNATURE_LINE}{signature}\n").as_bytes());
        Ok(file)
    }

    /// Checks signature and content of a bundle file.
    ///
    /// # Errors
    /// [`HandoverError::Signature`] unless `key` signed exactly these bytes;
    /// [`HandoverError::Bundle`] for content that cannot be served.
    pub fn open(file: &[u8], key: &[u8; 32]) -> Result<CheckedBundle, HandoverError> {
        let text = std::str::from_utf8(file).map_err(|_| HandoverError::Signature)?;
        let without_end = text.strip_suffix('\n').ok_or(HandoverError::Signature)?;
        let at = without_end.rfind('\n').ok_or(HandoverError::Signature)? + 1;
        let (signed, line) = without_end.split_at(at);
        let signature = line
            .strip_prefix(SIGNATURE_LINE)
            .and_then(hex::decode::<64>)
            .ok_or(HandoverError::Signature)?;
        UnparsedPublicKey::new(&ED25519, key)
            .verify(signed.as_bytes(), &signature)
            .map_err(|_| HandoverError::Signature)?;
        let bundle: Bundle =
            serde_json::from_str(signed).map_err(|source| HandoverError::Bundle {
                detail: source.to_string(),
            })?;
        bundle.check()
    }

    /// Checks content that nobody signed yet, so that whoever makes a bundle hears first what a portal
    /// would refuse.
    ///
    /// # Errors
    /// [`HandoverError::Bundle`] for content that cannot be served; [`HandoverError::Key`] for a
    /// recipient that is none.
    pub fn check(self) -> Result<CheckedBundle, HandoverError> {
        let wrong = |detail: &str| HandoverError::Bundle {
            detail: detail.to_owned(),
        };
        if self.version != 1 {
            return Err(wrong("its version is newer than this program"));
        }
        if self.languages.is_empty() || self.notice.texts.is_empty() {
            return Err(wrong("it has no language or no text"));
        }
        if !self.leave_url.starts_with("https://")
            || !self.leave_url.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(wrong("`leave_url` must start with `https://`"));
        }
        if self.draft_days == 0 || self.draft_days > 366 {
            return Err(wrong("`draft_days` must be 1 to 366"));
        }
        if hex::decode::<32>(&self.receipt_key).is_none() {
            return Err(wrong("`receipt_key` is no key"));
        }
        let says_how = self.help.iter().any(|line| line.kind == HelpKind::Report);
        if !self.is_crime_report && !says_how {
            return Err(wrong(
                "its form is no crime report, and no help line of kind `report` says how to make one",
            ));
        }
        let mut recipients = Vec::new();
        for written in &self.recipients {
            let recipient = Recipient::parse(written)?;
            if recipients.contains(&recipient) {
                return Err(wrong("a recipient is named twice"));
            }
            recipients.push(recipient);
        }
        if recipients.len() < 2 {
            return Err(wrong(
                "it needs two recipients, so that one lost key loses nothing",
            ));
        }
        let mut codes = Vec::with_capacity(self.codes.len());
        for entry in &self.codes {
            let hash =
                hex::decode::<32>(&entry.hash).ok_or_else(|| wrong("a code's hash is no hash"))?;
            if entry.text >= self.notice.texts.len() {
                return Err(wrong("a code names a text that there is not"));
            }
            let known = KnownCode {
                text: entry.text,
                expires_ms: entry.expires_ms,
            };
            codes.push((hash, known));
        }
        codes.sort_unstable_by_key(|(hash, _)| *hash);
        let is_twice = |pair: &[([u8; 32], KnownCode)]| matches!(pair, [(a, _), (b, _)] if a == b);
        if codes.windows(2).any(is_twice) {
            return Err(wrong("two codes are the same"));
        }
        Ok(CheckedBundle {
            bundle: self,
            recipients,
            codes,
        })
    }
}

/// Makes a signing key from its seed; `name` tells which key it is.
///
/// # Errors
/// [`HandoverError::Key`] where the seed is no key.
pub fn key_pair(name: &'static str, seed: &[u8; 32]) -> Result<Ed25519KeyPair, HandoverError> {
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|rejected| HandoverError::Key {
        name,
        detail: rejected.to_string(),
    })
}
