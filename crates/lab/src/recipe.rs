//! What to make: a preset, a seed, and what may be chosen besides.

use anyhow::bail;

use crate::losses::Process;
use crate::preset::{Preset, Size};

/// The fewest and the most accounts that hard mode makes.
const ACCOUNTS: std::ops::RangeInclusive<u32> = 500..=100_000;

/// What to make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Recipe {
    /// How much, and of what sort.
    pub preset: Preset,
    /// Another seed makes other records.
    pub seed: u64,
    /// How losses come about.
    pub losses: Process,
    /// Accounts of hard mode, 500 to 100,000; `None`: the preset's.
    pub accounts: Option<u32>,
}

impl Recipe {
    /// A preset as it is.
    #[must_use]
    pub const fn new(preset: Preset, seed: u64) -> Self {
        Self {
            preset,
            seed,
            losses: Process::Mixed,
            accounts: None,
        }
    }

    pub(crate) fn size(&self) -> anyhow::Result<Size> {
        match (self.preset, self.accounts) {
            (preset, None) => Ok(preset.size()),
            (Preset::Hard, Some(accounts)) if ACCOUNTS.contains(&accounts) => {
                Ok(Size::hard(accounts))
            }
            (Preset::Hard, Some(accounts)) => bail!(
                "{accounts} accounts cannot be made: use {} to {}",
                ACCOUNTS.start(),
                ACCOUNTS.end()
            ),
            (preset, Some(_)) => bail!(
                "the preset `{}` has its own number of accounts: use `hard` to choose one",
                preset.as_str()
            ),
        }
    }
}
