//! Keys that open what was sealed to the inside: given by file, held in memory.

use anyhow::Context;
use camino::Utf8PathBuf;
use unspoof_unseal::{Identity, UnsealError};
use zeroize::Zeroizing;

use crate::fail::Refusal;

/// Keys of which any one opens.
pub(crate) struct Identities(Vec<Identity>);

impl Identities {
    /// Opens a sealed file.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        unspoof_unseal::open(sealed, &self.0)
    }
}

/// Reads key files as `age-keygen` writes them: lines with keys, `#` before remarks.
pub(crate) fn read(files: &[Utf8PathBuf]) -> anyhow::Result<Identities> {
    let mut identities = Vec::new();
    for file in files {
        let text = Zeroizing::new(
            std::fs::read_to_string(file).with_context(|| format!("could not read `{file}`"))?,
        );
        let lines = text.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let identity = Identity::parse(line)
                .with_context(|| format!("`{file}` holds no key that opens anything"))?;
            identities.push(identity);
        }
    }
    if identities.is_empty() {
        return Err(Refusal::new("portal/no-key", "the files hold no key")
            .hint("give a file that `age-keygen` wrote: --identity team.key")
            .into());
    }
    Ok(Identities(identities))
}
