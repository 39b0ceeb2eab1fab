//! What the generator remembers of each row that it wrote, compact enough for ten million.

use anyhow::Context as _;

/// The files that are seized, in the order in which places name them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exhibit {
    Backup,
    Panel,
    Switch,
    Reports,
}

impl Exhibit {
    pub(crate) const COUNT: usize = 4;

    /// File name under `seized/`.
    pub(crate) const fn file_name(self) -> &'static str {
        match self {
            Self::Backup => "panel-2022-06-15.sql.gz",
            Self::Panel => "panel-2022-11-08.sql.zst",
            Self::Switch => "Master.csv.gz",
            Self::Reports => "reports.csv",
        }
    }
}

/// What a row is, and what it counts towards.
pub(crate) mod flag {
    /// Not a duplicate of a row that counts in its stead, and no reject.
    pub(crate) const COUNTED: u32 = 1;
    /// A row that cannot be read.
    pub(crate) const REJECT: u32 = 1 << 1;

    /// A leg of a call attempt.
    pub(crate) const LEG: u32 = 1 << 2;
    /// A call: a leg to a target or of unknown kind, and no test.
    pub(crate) const CALL: u32 = 1 << 3;
    /// A target's or unknown leg of a test.
    pub(crate) const TEST: u32 = 1 << 4;
    pub(crate) const ANSWERED: u32 = 1 << 5;
    pub(crate) const ENGAGED: u32 = 1 << 6;
    /// Answered, not engaged, and no version says how long was talked.
    pub(crate) const UNCLEAR: u32 = 1 << 7;
    pub(crate) const CODE: u32 = 1 << 8;
    /// The called number can be read.
    pub(crate) const NUMBER: u32 = 1 << 9;

    pub(crate) const ACCOUNT: u32 = 1 << 10;
    pub(crate) const ACTIVE: u32 = 1 << 11;
    pub(crate) const PAYING: u32 = 1 << 12;
    pub(crate) const PRIORITY: u32 = 1 << 13;

    pub(crate) const PAYMENT: u32 = 1 << 14;

    pub(crate) const REPORT: u32 = 1 << 15;
    pub(crate) const LOSS: u32 = 1 << 16;
    pub(crate) const LARGEST_LOSS: u32 = 1 << 17;

    /// The address that it went to is one, by its checksum.
    pub(crate) const VALID_ADDRESS: u32 = 1 << 18;
    /// A list names that address.
    pub(crate) const LISTED_ADDRESS: u32 = 1 << 19;
}

/// A row of an exhibit.
#[derive(Clone, Copy)]
pub(crate) struct Record {
    /// Offset of the row's first byte in the decompressed stream.
    pub(crate) at: u64,
    pub(crate) flags: u32,
    pub(crate) len: u16,
    /// Index into [`crate::blocks::REGIONS`] of the called number, for calls.
    pub(crate) region: u8,
    /// Index of the set of organisations that the presented number belonged to, for calls.
    pub(crate) posed: u8,
}

impl Record {
    /// A row of any table but calls.
    pub(crate) fn plain(at: u64, len: usize, flags: u32) -> anyhow::Result<Self> {
        let len = u16::try_from(len).context("a row is longer than 65,535 bytes")?;
        Ok(Self {
            at,
            flags,
            len,
            region: crate::blocks::NO_REGION,
            posed: 0,
        })
    }
}
