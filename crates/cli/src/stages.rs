//! What is due: exhibits that were not read by the present rules, results that no longer follow.

pub(crate) mod analysis;
pub(crate) mod campaigns;
pub(crate) mod identities;
pub(crate) mod ingest;
pub(crate) mod judgements;
pub(crate) mod number_lists;
pub(crate) mod sources;

use sha2::{Digest, Sha256};

/// Changes with any change of what ingest or analysis makes of the same inputs.
const MAKER: &str = concat!("unspoof ", env!("CARGO_PKG_VERSION"), " tables 3");

/// Hashes what a result follows from; equal fingerprints mean equal results.
#[derive(Default)]
pub(crate) struct Fingerprint(Sha256);

impl Fingerprint {
    pub(crate) fn of(what: &str) -> Self {
        let mut made = Self::default();
        made.add(MAKER);
        made.add(what);
        made
    }

    pub(crate) fn add(&mut self, part: &str) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part.as_bytes());
    }

    pub(crate) fn finish(self) -> String {
        unspoof_model::Sha256Hash(self.0.finalize().into()).to_string()
    }
}
