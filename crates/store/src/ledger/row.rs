//! What goes into a ledger and what comes out of it.

use std::fmt;

use sha2::{Digest as _, Sha256};
use unspoof_model::{Sha256Hash, UtcMicros};

use super::{Outcome, Said, State};

/// A recipient: HMAC-SHA-256 of the digits of an E.164 number, under a key that the ledger never sees.
///
/// [`Ledger::told`](super::Ledger::told) finds a recipient in another campaign only if both used one key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Recipient(pub [u8; 32]);

/// Shows nothing: whoever has the key could try every number.
impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipient(…)")
    }
}

/// Who opens a campaign's rows, under which plan.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// The campaign's name: `a-z 0-9 - _`, at most 60.
    pub campaign: &'a str,
    /// SHA-256 of the plan's exact bytes. A campaign keeps its plan for ever.
    pub plan_sha256: Sha256Hash,
    /// Who does it.
    pub actor: &'a str,
    /// When.
    pub now_us: UtcMicros,
}

/// A recipient as planned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PlannedRow {
    /// Its place in the plan, unique in the campaign, below 2⁶³.
    pub key: u64,
    /// Whom.
    pub recipient: Recipient,
    /// In which stage.
    pub stage: u32,
    /// Which of the plan's texts.
    pub text: u32,
}

/// What planning did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Planned {
    /// All rows are new.
    New,
    /// All of them stood there already, the same.
    Already,
}

/// A campaign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Campaign {
    /// Its name.
    pub id: String,
    /// SHA-256 of its plan.
    pub plan_sha256: Sha256Hash,
    /// How many recipients were planned.
    pub planned: u64,
    /// When it was opened.
    pub opened_us: UtcMicros,
    /// Whether, by whom and why it is halted.
    pub halt: Option<Halt>,
    /// When what leads to persons was erased.
    pub erased_us: Option<UtcMicros>,
    pub(crate) number: i64,
}

/// How a campaign is halted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum HaltKind {
    /// Until a person resumes it.
    Held,
    /// For ever.
    Stopped,
}

/// Why nothing is claimed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Halt {
    /// For how long.
    pub kind: HaltKind,
    /// Who said so: a person, or a rule.
    pub actor: String,
    /// Why.
    pub why: String,
    /// When.
    pub at_us: UtcMicros,
}

/// What became of a claimed row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answered {
    /// The other side has it.
    Accepted {
        /// Its id for it; of several parts their ids, parted by commas; empty where it gave none. Kept as it is
        /// until the ledger is erased: where a gateway gives the recipient's own digits as its id, hand over
        /// none, and receipts are matched by recipient.
        message_id: String,
    },
    /// The other side said no for good.
    Refused {
        /// Its code.
        code: String,
    },
    /// Nobody knows.
    Unknown {
        /// Why, in a word.
        why: String,
    },
    /// The other side did not take it and may later.
    Deferred {
        /// Its code.
        code: String,
        /// Counted apart: the code tells of a fault of the other side's own.
        suspicious: bool,
        /// It is not claimed again before.
        not_before_us: UtcMicros,
    },
    /// No byte of it left.
    Unsent,
}

/// What the other side told later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceiptIn {
    /// The row's key in this campaign, where that is certain.
    pub key: Option<u64>,
    /// The hash of the number that the receipt names, where it names one. A row that an id finds must then be
    /// this recipient's.
    pub recipient: Option<Recipient>,
    /// The id in each form that it may have, the likeliest first.
    pub message_ids: Vec<String>,
    /// What it says.
    pub said: Said,
    /// The other side's code for it.
    pub code: String,
}

/// What to claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    /// Of which stage.
    pub stage: u32,
    /// How many at most: the free slots of the windows.
    pub most: usize,
}

impl Claim {
    /// Claims nothing.
    pub const NONE: Self = Self { stage: 0, most: 0 };
}

/// A row that may now be sent, once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claimed {
    /// Its place in the plan.
    pub key: u64,
    /// Whom: check it against the number before it is sent.
    pub recipient: Recipient,
    /// In which stage.
    pub stage: u32,
    /// Which text.
    pub text: u32,
    /// Counts from 1.
    pub attempt: u32,
    /// How often the other side deferred it.
    pub deferred: u32,
    /// How often with a suspicious code.
    pub suspicious: u32,
    /// Unique for ever; see [`reference`].
    pub reference: String,
}

/// Names an attempt for senders that can be asked for it later: 32 hexadecimal digits that are unique for
/// ever, tell nothing of the recipient and need not be kept, for they follow from the row.
#[must_use]
pub fn reference(campaign: &str, plan_sha256: &Sha256Hash, key: u64, attempt: u32) -> String {
    let mut sha256 = Sha256::new();
    sha256.update(b"unspoof reference 1\n");
    sha256.update(plan_sha256.0);
    sha256.update(key.to_be_bytes());
    sha256.update(attempt.to_be_bytes());
    sha256.update(campaign.as_bytes());
    let mut digits = Sha256Hash(sha256.finalize().into()).to_string();
    digits.truncate(32);
    digits
}

/// A row of this campaign whose state a receipt or a late answer changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settled {
    /// Which row.
    pub key: u64,
    /// Where it stood.
    pub from: State,
    /// Where it stands.
    pub to: State,
    /// The code that came with it.
    pub code: String,
}

/// An answer that does not fit the row's state; it changed nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotTaken {
    /// Which row.
    pub key: u64,
    /// Where it stands; none if there is no such row.
    pub found: Option<State>,
    /// The answer.
    pub answered: Answered,
}

/// A receipt that says other than what is settled; it changed nothing, and an event tells of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contradiction {
    /// Which row.
    pub key: u64,
    /// Where it stands.
    pub found: State,
    /// What the receipt said.
    pub said: Said,
}

/// What a turn did. All of it is durable.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Turn {
    /// What may now be sent, by key; those that were deferred come after fresh ones.
    pub claimed: Vec<Claimed>,
    /// Why nothing was claimed.
    pub halt: Option<Halt>,
    /// Rows that receipts and late answers changed.
    pub settled: Vec<Settled>,
    /// Answers that changed nothing since they do not fit.
    pub not_taken: Vec<NotTaken>,
    /// Receipts that changed nothing since they do not fit.
    pub contradicted: Vec<Contradiction>,
    /// Answers and receipts that had come before.
    pub repeated: usize,
    /// Receipts whose message is not known yet. They are kept until it is.
    pub orphaned: usize,
    /// When the next row of the stage is due, where fewer were claimed than asked for; none if the stage has
    /// none that is planned.
    pub next_due_us: Option<UtcMicros>,
}

/// How many rows are alike.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Count {
    /// Their stage.
    pub stage: u32,
    /// Their state.
    pub state: State,
    /// The last code, empty where there is none.
    pub code: String,
    /// How many.
    pub rows: u64,
}

/// A row, for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageRow {
    /// Its place in the plan.
    pub key: u64,
    /// Whom.
    pub recipient: Recipient,
    /// In which stage.
    pub stage: u32,
    /// Which text.
    pub text: u32,
    /// Where it stands.
    pub state: State,
    /// How often it was claimed.
    pub attempt: u32,
    /// How often the other side deferred it.
    pub deferred: u32,
    /// How often with a suspicious code.
    pub suspicious: u32,
    /// It is not claimed before.
    pub not_before_us: UtcMicros,
    /// Who claimed it last.
    pub owner: Option<i64>,
    /// The other side's id for it.
    pub message_id: Option<String>,
    /// The last code, or why it is unknown.
    pub code: Option<String>,
    /// What a person found out.
    pub outcome: Option<Outcome>,
    /// When it was last claimed.
    pub intent_us: Option<UtcMicros>,
    /// When the last answer came, or was given up.
    pub answered_us: Option<UtcMicros>,
    /// When a receipt or a person settled it.
    pub settled_us: Option<UtcMicros>,
}

/// What a removal list did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Removed {
    /// Taken from the plan now.
    pub removed: u64,
    /// Taken from it before.
    pub already: u64,
    /// Not in the plan.
    pub absent: u64,
    /// Too late: claimed before, by key, with the state.
    pub too_late: Vec<(u64, State)>,
}

/// Who did what, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// Counts up.
    pub number: u64,
    /// When.
    pub at_us: UtcMicros,
    /// Who.
    pub actor: String,
    /// What: `opened`, `started`, `held`, `resumed`, `stopped`, `removed`, `settled`, `contradicted`, `erased`,
    /// or the sender's own.
    pub kind: String,
    /// More about it.
    pub detail: String,
}
