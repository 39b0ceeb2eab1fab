//! A made-up campaign, to try the portal with and to test it: every page says that it is a rehearsal.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use ring::signature::KeyPair;

use crate::bundle::{
    Bundle, CodeEntry, HelpKind, HelpLine, LanguageException, Notice, NoticeText, key_pair,
};
use crate::codes::{ALPHABET, Code, CodeKey};
use crate::spool::private;
use crate::words::Words;
use crate::{PortalError, chance, hex};

/// Everything of a made-up campaign.
#[derive(Debug)]
pub struct Sample {
    /// The bundle, unsigned.
    pub bundle: Bundle,
    /// Codes that open a page.
    pub codes: Vec<Code>,
    /// The key of their hashes.
    pub code_key: zeroize::Zeroizing<[u8; 32]>,
    /// The Ed25519 seed that signs the bundle.
    pub bundle_seed: zeroize::Zeroizing<[u8; 32]>,
    /// The Ed25519 seed of receipts.
    pub receipt_seed: zeroize::Zeroizing<[u8; 32]>,
}

const TEXT: &str = "Crownfield Police: your number was among about 4,000 that fraudsters rang in 2022. \
We ask you for nothing. To see that this is ours, look for our website yourself. Your code: {code}";

impl Sample {
    /// Makes a campaign with new keys, sealed to these recipients, its codes valid until `expires_ms`.
    ///
    /// # Errors
    /// [`PortalError::System`] without randomness; [`PortalError::Words`].
    pub fn make(recipients: Vec<String>, expires_ms: u64) -> Result<Self, PortalError> {
        let code_key = zeroize::Zeroizing::new(chance::bytes::<32>()?);
        let bundle_seed = zeroize::Zeroizing::new(chance::bytes::<32>()?);
        let receipt_seed = zeroize::Zeroizing::new(chance::bytes::<32>()?);
        let mut codes = Vec::new();
        for _ in 0..20 {
            let drawn = chance::bytes::<11>()?;
            let payload: Vec<u8> = drawn
                .iter()
                .filter_map(|b| ALPHABET.get(usize::from(b % 25)).copied())
                .collect();
            codes.extend(Code::of_payload(&payload));
        }
        let key = CodeKey::new(code_key.clone());
        let entries = codes.iter().map(|code| CodeEntry {
            hash: hex::encode(&key.hash(code)),
            text: 0,
            expires_ms,
        });
        let words = Words::load()?;
        let help = |kind, name: &str, number: &str| HelpLine {
            kind,
            name: BTreeMap::from([("en".to_owned(), name.to_owned())]),
            number: number.to_owned(),
        };
        let bundle = Bundle {
            version: 1,
            campaign: "made-up-2022".into(),
            made_up: true,
            organisation: "Crownfield Police".into(),
            contact: "020 7946 0101".into(),
            notice: Notice {
                sender: "CrownfldPol".into(),
                from_day: "24 November 2022".into(),
                to_day: "25 November 2022".into(),
                hours: "09:00–20:00".into(),
                texts: vec![NoticeText {
                    language: "en".into(),
                    text: TEXT.into(),
                }],
            },
            languages: words
                .iter()
                .map(|language| language.code.to_owned())
                .collect(),
            language_exceptions: words
                .iter()
                .filter(|language| !language.is_reviewed)
                .map(|language| LanguageException {
                    language: language.code.to_owned(),
                    by: "A. Rehearser".into(),
                    reason: "a rehearsal with made-up records".into(),
                })
                .collect(),
            codes: entries.collect(),
            recipients,
            receipt_key: hex::encode(key_pair("receipt", &receipt_seed)?.public_key().as_ref()),
            help: vec![
                help(HelpKind::Bank, "Your bank (made up)", "020 7946 0159"),
                help(
                    HelpKind::Crisis,
                    "Somebody who listens (made up)",
                    "020 7946 0116",
                ),
                help(HelpKind::Emergency, "Emergency (made up)", "020 7946 0999"),
                help(
                    HelpKind::Advice,
                    "Victims’ advice (made up)",
                    "020 7946 0111",
                ),
                help(HelpKind::Report, "Crime reports (made up)", "020 7946 0101"),
            ],
            leave_url: "https://example.org/weather".into(),
            is_crime_report: true,
            read_within_days: 5,
            draft_days: 30,
        };
        Ok(Self {
            bundle,
            codes,
            code_key,
            bundle_seed,
            receipt_seed,
        })
    }

    /// Writes `bundle.json`, `bundle.pub`, `code.key`, `receipt.key` and `codes.txt`.
    ///
    /// # Errors
    /// [`PortalError::Io`] where one is there already or cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), PortalError> {
        std::fs::create_dir_all(folder).map_err(PortalError::io("make", folder))?;
        let public = key_pair("bundle", &self.bundle_seed)?;
        let codes: Vec<String> = self
            .codes
            .iter()
            .map(|code| code.reveal().to_string())
            .collect();
        let line = |bytes: &[u8]| format!("{}\n", hex::encode(bytes)).into_bytes();
        let files = [
            ("bundle.json", self.bundle.sign(&self.bundle_seed)?),
            ("bundle.pub", line(public.public_key().as_ref())),
            ("code.key", line(self.code_key.as_slice())),
            ("receipt.key", line(self.receipt_seed.as_slice())),
            ("codes.txt", format!("{}\n", codes.join("\n")).into_bytes()),
        ];
        for (name, content) in files {
            let path = folder.join(name);
            private(OpenOptions::new().write(true).create_new(true))
                .open(&path)
                .and_then(|mut file| file.write_all(&content))
                .map_err(PortalError::io("write", &path))?;
        }
        Ok(())
    }
}
