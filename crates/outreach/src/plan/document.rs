//! The document that two people sign. No number, no name, no code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use unspoof_model::{Region, Sha256Hash, UtcMicros};

use super::{Figures, PortalPart, Reason};
use crate::lint::{Channel, Exception};
use crate::text::Coding;

/// What a campaign is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// People who were called are told so.
    Warning,
    /// Numbers that somebody asked about on the portal, and that were called, get their one answer.
    Answer,
}

/// A plan. Two approvals are over its exact bytes ([`crate::approval`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// `unspoof-plan-1`.
    pub format: String,
    /// The campaign's id.
    pub campaign: String,
    /// What it is for.
    pub kind: Kind,
    /// Made-up records: only rehearsal and senders on this machine take it.
    pub made_up: bool,
    /// When it was made.
    pub planned_utc: UtcMicros,
    /// The funnel result that it follows from.
    pub funnel_sha256: Option<Sha256Hash>,
    /// Who runs the campaign, as the public knows them.
    pub organisation: String,
    /// How to reach them, in one line.
    pub contact: String,
    /// The one name that all texts come from.
    pub sender: String,
    /// The registered ones, of which it is one.
    pub registered_senders: Vec<String>,
    /// Who takes the texts.
    pub channel: Channel,
    /// How they take them.
    pub coding: Coding,
    /// The most parts that a text may take.
    pub most_parts: u32,
    /// All texts that there are. `{code}` is the one thing that differs between two recipients.
    pub texts: Vec<PlanText>,
    /// The announced window.
    pub window: Window,
    /// When it is day by each recipient's own clocks.
    pub clocks: Vec<Clock>,
    /// Who is told first, and what must have happened before the next.
    pub stages: Vec<Stage>,
    /// When sending stops by itself.
    pub stop: StopRules,
    /// Texts a second, at most.
    pub rate_per_s: u32,
    /// Whom it tells, by hashes.
    pub recipients: PlanRecipients,
    /// How many numbers were left out, by reason.
    pub left_out: BTreeMap<Reason, u64>,
    /// What it comes to.
    pub figures: Figures,
    /// What [`crate::lint`] finds and somebody decided to send all the same.
    pub exceptions: Vec<Exception>,
    /// Those who may approve it.
    pub approvers: Vec<ApprovedKey>,
    /// The key of the sender's host, to which the recipients are sealed.
    pub sender_host: String,
    /// What the portal is told besides; `None` for a campaign without one.
    pub portal: Option<PortalPart>,
}

/// One text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanText {
    /// Its language, a BCP 47 tag.
    pub language: String,
    /// The organisation that it names; `None` for a neutral text.
    pub organisation: Option<String>,
    /// The text, `{code}` where the code stands.
    pub text: String,
    /// Parts that it takes with any code.
    pub parts: u32,
    /// How many recipients get it.
    pub recipients: u64,
}

/// What was announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The zone that its days are of, by its IANA name.
    pub zone: String,
    /// First day, `YYYY-MM-DD`.
    pub first_day: String,
    /// Last day.
    pub last_day: String,
    /// From this time of the day on by the recipient's own clocks, `HH:MM`.
    pub earliest: String,
    /// Until this time of the day.
    pub latest: String,
    /// When the first text may leave.
    pub from_utc: UtcMicros,
    /// When the last one must have arrived; the plan expires then.
    pub until_utc: UtcMicros,
}

/// When it is day for some recipients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Their region.
    pub region: Region,
    /// The hours within which all clocks of the region show day, in order, none touching the next.
    pub open: Vec<Open>,
}

/// A span of time: from an instant on, until another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// Its first microsecond.
    pub from_utc: UtcMicros,
    /// The one after its last.
    pub until_utc: UtcMicros,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What people call it.
    pub name: String,
    /// How many recipients it has.
    pub recipients: u64,
    /// How long to wait after its last text before the next stage, in seconds.
    pub pause_s: u32,
    /// Whether a person must let the next stage begin.
    pub hold_after: bool,
}

/// When sending stops by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StopRules {
    /// Stop when fewer than so many of a hundred settled receipts say delivered, dead numbers left out.
    pub delivered_percent: u8,
    /// … once so many receipts of a stage are settled.
    pub after_settled: u32,
    /// Operators' codes of numbers that are dead, which count as neither.
    pub dead_codes: Vec<String>,
    /// Operators' codes at any one of which sending stops, such as of a sender that is not registered.
    pub stop_codes: Vec<String>,
    /// Stop when so many in a hundred of a stage are unknown.
    pub unknown_percent: u8,
}

impl Default for StopRules {
    fn default() -> Self {
        Self {
            delivered_percent: 85,
            after_settled: 20,
            dead_codes: Vec::new(),
            stop_codes: Vec::new(),
            unknown_percent: 5,
        }
    }
}

/// Whom a plan tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRecipients {
    /// How many.
    pub count: u64,
    /// SHA-256 over all numbers, `+` and digits a line, sorted.
    pub numbers_sha256: Sha256Hash,
    /// SHA-256 of the recipients' file before it was sealed: who gets which text when.
    pub file_sha256: Sha256Hash,
}

/// Somebody who may approve.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovedKey {
    /// Their name.
    pub name: String,
    /// Their public Ed25519 key, 64 hexadecimal digits.
    pub key: String,
}

/// What a plan's first field says.
pub(crate) const FORMAT: &str = "unspoof-plan-1";

/// Where the code stands in a text.
pub const CODE: &str = "{code}";

impl Plan {
    /// Tells whether it is day for recipients with this clock, within the window.
    #[must_use]
    pub fn is_open(&self, clock: u16, at_utc: UtcMicros) -> bool {
        self.clocks.get(usize::from(clock)).is_some_and(|clock| {
            clock
                .open
                .iter()
                .any(|open| open.from_utc <= at_utc && at_utc < open.until_utc)
        })
    }

    /// Returns the first instant from `at_utc` on at which recipients with this clock may be texted;
    /// `None` where there is no such instant any more.
    #[must_use]
    pub fn next_open(&self, clock: u16, at_utc: UtcMicros) -> Option<UtcMicros> {
        let clock = self.clocks.get(usize::from(clock))?;
        let open = clock.open.iter().find(|open| at_utc < open.until_utc)?;
        Some(open.from_utc.max(at_utc))
    }

    /// Returns when the span ends in which recipients with this clock may be texted at `at_utc`.
    #[must_use]
    pub fn open_until(&self, clock: u16, at_utc: UtcMicros) -> Option<UtcMicros> {
        let clock = self.clocks.get(usize::from(clock))?;
        let holds = |open: &&Open| open.from_utc <= at_utc && at_utc < open.until_utc;
        clock.open.iter().find(holds).map(|open| open.until_utc)
    }
}
