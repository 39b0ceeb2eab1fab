//! How much of everything a preset makes.

use std::str::FromStr;

use anyhow::bail;

use crate::clock::{UtcS, utc_s};

/// First instant of the period that calls fall into.
pub(crate) const PERIOD_START: UtcS = utc_s(2021, 9, 1, 0);
/// First instant after the period.
pub(crate) const PERIOD_END: UtcS = utc_s(2022, 9, 1, 0);
/// From here on, the switch's `Master.csv` covers the calls.
pub(crate) const SWITCH_FROM: UtcS = utc_s(2022, 7, 20, 0);
/// The older backup holds the calls of this slice.
pub(crate) const BACKUP_CALLS: (UtcS, UtcS) = (utc_s(2022, 6, 8, 0), utc_s(2022, 6, 15, 0));
/// The older backup holds the payments of this slice.
pub(crate) const BACKUP_PAYMENTS: (UtcS, UtcS) = (utc_s(2022, 5, 1, 0), utc_s(2022, 6, 15, 0));
/// When the older backup was made.
pub(crate) const BACKUP_AT: UtcS = utc_s(2022, 6, 15, 0);

/// A size of case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Preset {
    /// About 3,000 calls: made in less than a second.
    Tiny,
    /// 500,000 calls.
    Demo,
    /// The published operation: 59,000 accounts and 10,000,000 calls in twelve months.
    Elaborate,
    /// 5,000 accounts whose holders are hard to tell apart, 500,000 calls, losses with a cause.
    Hard,
}

impl Preset {
    /// All presets, smallest first, and hard mode.
    pub const ALL: [Self; 4] = [Self::Tiny, Self::Demo, Self::Elaborate, Self::Hard];

    /// Returns the name used on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Demo => "demo",
            Self::Elaborate => "elaborate",
            Self::Hard => "hard",
        }
    }

    pub(crate) const fn size(self) -> Size {
        match self {
            Self::Tiny => Size {
                accounts: 120,
                chunks: 3,
                calls_per_chunk: 1_000,
                tests_per_chunk: 20,
                home_engaged: 105,
                victims: 60,
                mobile_victims: 46,
                priority_victims: 24,
                mobile_numbers: 400,
                other_home_numbers: 120,
                reports: 14,
                losses_minor: 14_000_000,
                largest_loss_minor: 4_500_000,
                dirt_per_10k: 100,
            },
            Self::Demo => Size {
                accounts: 2_950,
                chunks: 25,
                calls_per_chunk: 20_000,
                tests_per_chunk: 200,
                home_engaged: 17_500,
                victims: 10_000,
                mobile_victims: 7_600,
                priority_victims: 3_600,
                mobile_numbers: 45_000,
                other_home_numbers: 12_500,
                reports: 239,
                losses_minor: 239_000_000,
                largest_loss_minor: 15_000_000,
                dirt_per_10k: 20,
            },
            Self::Elaborate => Size {
                accounts: 59_000,
                chunks: 250,
                calls_per_chunk: 40_000,
                tests_per_chunk: 400,
                home_engaged: 350_000,
                victims: 200_000,
                mobile_victims: 152_000,
                priority_victims: 72_000,
                mobile_numbers: 900_000,
                other_home_numbers: 250_000,
                reports: 4_785,
                losses_minor: 4_780_000_000,
                largest_loss_minor: 300_000_000,
                dirt_per_10k: 10,
            },
            Self::Hard => Size::hard(5_000),
        }
    }
}

impl FromStr for Preset {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match Self::ALL.into_iter().find(|preset| preset.as_str() == text) {
            Some(preset) => Ok(preset),
            None => bail!("`{text}` is not a preset: use `tiny`, `demo`, `elaborate` or `hard`"),
        }
    }
}

/// The counts behind a preset.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Accounts whose rows can be read; one more is cut off by the end of the dump.
    pub(crate) accounts: u32,
    /// Parts that are made independently of each other, in order of time.
    pub(crate) chunks: u32,
    pub(crate) calls_per_chunk: u32,
    /// Test calls that come on top.
    pub(crate) tests_per_chunk: u32,
    /// Calls to the home region that count as engaged.
    pub(crate) home_engaged: u32,
    /// Distinct numbers that these calls reach.
    pub(crate) victims: u32,
    /// Victims with a mobile number: the first so many.
    pub(crate) mobile_victims: u32,
    /// Victims, all of them mobile, reached by a priority account: the first so many.
    pub(crate) priority_victims: u32,
    /// Home mobile numbers that are called at all.
    pub(crate) mobile_numbers: u32,
    /// Other home numbers that are called at all.
    pub(crate) other_home_numbers: u32,
    pub(crate) reports: u32,
    pub(crate) losses_minor: u64,
    pub(crate) largest_loss_minor: u64,
    /// How often each kind of rare dirt strikes where it can.
    pub(crate) dirt_per_10k: u32,
}

impl Size {
    /// Hard mode of a number of accounts: 100 calls and two contacts of fraudsters for each.
    pub(crate) const fn hard(accounts: u32) -> Self {
        let chunks = if accounts < 1_000 { 5 } else { accounts / 200 };
        let calls_per_chunk = accounts * 100 / chunks;
        let victims = accounts * 2;
        Self {
            accounts,
            chunks,
            calls_per_chunk,
            tests_per_chunk: calls_per_chunk / 100,
            // Set by the script.
            home_engaged: 0,
            victims,
            mobile_victims: victims / 100 * 76,
            priority_victims: 0,
            mobile_numbers: victims * 9 / 2,
            other_home_numbers: victims * 5 / 4,
            // Who reports follows from the losses.
            reports: 0,
            losses_minor: 0,
            largest_loss_minor: 0,
            dirt_per_10k: 20,
        }
    }

    pub(crate) const fn attempts_per_chunk(&self) -> u32 {
        self.calls_per_chunk + self.tests_per_chunk
    }

    pub(crate) const fn attempts(&self) -> u64 {
        self.chunks as u64 * self.attempts_per_chunk() as u64
    }

    /// Returns how many engaged home calls come before a chunk.
    pub(crate) const fn engaged_before(&self, chunk: u32) -> u64 {
        self.home_engaged as u64 * chunk as u64 / self.chunks as u64
    }
}
