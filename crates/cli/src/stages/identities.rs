//! Keys that open what was sealed to the inside: given by file, held in memory.

use anyhow::Context;
use camino::Utf8PathBuf;
use unspoof_unseal::{Identity, UnsealError, unseal};
use zeroize::Zeroizing;

/// Keys of which any one opens.
pub(crate) struct Identities(Vec<Identity>);

impl Identities {
    /// Opens a sealed file.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        unseal(sealed, &self.0)
    }

    /// Gives the keys themselves.
    pub(crate) fn keys(&self) -> &[Identity] {
        &self.0
    }
}

/// Reads key files as `age-keygen` writes them: lines with keys, `#` before remarks.
pub(crate) fn read(files: &[Utf8PathBuf]) -> anyhow::Result<Identities> {
    let mut identities = Vec::new();
    for file in files {
        let text = Zeroizing::new(
            std::fs::read_to_string(file).with_context(|| format!("could not read `{file}`"))?,
        );
        let read = Identity::parse_file(&text);
        identities.extend(read.with_context(|| format!("`{file}` opens nothing"))?);
    }
    Ok(Identities(identities))
}
