//! How a message centre misbehaves. What it does is drawn from a seed, so that it can be done again.

use serde::{Deserialize, Serialize};

/// What goes wrong. Numbers without a unit are times in 1,000; all is 0 by default.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Misbehaves the same for the same seed, as far as the same comes in the same order.
    pub seed: u64,
    /// A bind is refused.
    pub bind_refused: u32,
    /// `ESME_RTHROTTLED`; not stored.
    pub throttled: u32,
    /// `ESME_RMSGQFUL`; not stored.
    pub queue_full: u32,
    /// `ESME_RSYSERR`; not stored.
    pub system_error: u32,
    /// A `generic_nack` instead of an answer; not stored.
    pub nack: u32,
    /// Numbers that end so are refused with `ESME_RINVDSTADR`.
    pub refused_endings: Vec<String>,
    /// The line is cut; not stored.
    pub cut_before: u32,
    /// Stored, and the line is cut before the answer.
    pub cut_after: u32,
    /// Stored, and the line is cut within the answer.
    pub cut_within: u32,
    /// Stored and answered, and the line is cut behind the answer.
    pub cut_behind: u32,
    /// Stored, and garbage comes instead of the answer.
    pub garbage: u32,
    /// Stored, and never answered.
    pub unanswered: u32,
    /// Stored, and answered after `late_ms`.
    pub late: u32,
    /// How late, in milliseconds.
    pub late_ms: u64,
    /// Answered a little later than what comes after.
    pub reordered: u32,
    /// Answered twice.
    pub twice: u32,
    /// Answered with a sequence number that nobody used.
    pub wrong_sequence: u32,
    /// Answered without an id.
    pub without_id: u32,
    /// After an answer it unbinds.
    pub unbind: u32,
    /// What it writes comes in two pieces.
    pub torn: u32,
    /// Milliseconds that it sleeps before each reading.
    pub slow_reading_ms: u64,
    /// On the first line: of the answer with this number (the bind's is 0) so many octets are sent,
    /// and the line is cut.
    pub cut_answer_at: Option<(u64, usize)>,
    /// Receipts that wait come in one piece with the answer to the bind.
    pub receipts_with_bind: bool,
    /// What receipts look like, and when they come.
    pub receipts: Receipts,
}

/// What a receipt names its message and state by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// In optional parameters and in the text.
    #[default]
    Both,
    /// In optional parameters alone.
    Tlv,
    /// In the text alone.
    Text,
}

/// How ids are written, at acceptance and in a receipt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ids {
    /// Hexadecimal both times.
    #[default]
    Same,
    /// Hexadecimal first, decimal in the receipt.
    DecimalForHex,
    /// Decimal first, hexadecimal in the receipt.
    HexForDecimal,
    /// With zeros in front in the receipt.
    Zeros,
    /// In capitals in the receipt.
    Capitals,
}

/// What receipts look like, and when they come.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Receipts {
    /// Milliseconds after the message.
    pub after_ms: u64,
    /// In so many of 1,000: before the answer to the submit.
    pub early: u32,
    /// Never.
    pub never: u32,
    /// Twice.
    pub twice: u32,
    /// On another line of the same account, where there is one.
    pub elsewhere: u32,
    /// Where the names stand.
    pub form: Form,
    /// How ids are written.
    pub ids: Ids,
    /// In so many of 1,000, each: the rest is delivered.
    pub undelivered: u32,
    /// Expired.
    pub expired: u32,
    /// Rejected.
    pub rejected: u32,
    /// A state that nobody knows.
    pub unknown: u32,
}

/// SplitMix64 (Steele, Lea, Flood, 2014).
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or(0)
    }

    /// Says whether something of so many in 1,000 happens.
    pub(super) fn happens(&mut self, in_thousand: u32) -> bool {
        in_thousand > 0 && self.below(1000) < u64::from(in_thousand)
    }
}

/// What becomes of one message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// Refused with a status.
    Refused(u32),
    Nack,
    CutBefore,
    /// Stored, and so told.
    Stored(Told),
}

/// How it is told that a message was stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Told {
    Well,
    CutAfter,
    CutWithin,
    CutBehind,
    Garbage,
    Unanswered,
    Late,
    Reordered,
    Twice,
    WrongSequence,
    WithoutId,
    Unbind,
}

impl Faults {
    /// Draws what becomes of a message to a number.
    pub(super) fn fate(&self, chance: &mut Chance, to: &str) -> Fate {
        if self.refused_endings.iter().any(|end| to.ends_with(end)) {
            return Fate::Refused(0x0b);
        }
        let table = [
            (self.throttled, Fate::Refused(0x58)),
            (self.queue_full, Fate::Refused(0x14)),
            (self.system_error, Fate::Refused(0x08)),
            (self.nack, Fate::Nack),
            (self.cut_before, Fate::CutBefore),
            (self.cut_after, Fate::Stored(Told::CutAfter)),
            (self.cut_within, Fate::Stored(Told::CutWithin)),
            (self.cut_behind, Fate::Stored(Told::CutBehind)),
            (self.garbage, Fate::Stored(Told::Garbage)),
            (self.unanswered, Fate::Stored(Told::Unanswered)),
            (self.late, Fate::Stored(Told::Late)),
            (self.reordered, Fate::Stored(Told::Reordered)),
            (self.twice, Fate::Stored(Told::Twice)),
            (self.wrong_sequence, Fate::Stored(Told::WrongSequence)),
            (self.without_id, Fate::Stored(Told::WithoutId)),
            (self.unbind, Fate::Stored(Told::Unbind)),
        ];
        let mut drawn = chance.below(1000);
        for (share, fate) in table {
            let share = u64::from(share);
            if drawn < share {
                return fate;
            }
            drawn -= share;
        }
        Fate::Stored(Told::Well)
    }
}
