//! What anybody may see of a campaign: counts, shares and times, never a person.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use unspoof_model::UtcMicros;
use unspoof_store::ledger::{Count, HaltKind, Ledger, State};

use super::countries::CountryCount;
use super::rules::{Nearness, nearness};
use crate::OutreachError;
use crate::plan::Plan;

/// Groups smaller than this are not told apart.
pub(super) const SMALLEST_GROUP: u64 = 5;

/// Counts by state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct StateCounts {
    /// Not sent yet, or to be sent again.
    pub planned: u64,
    /// Under way.
    pub intent: u64,
    /// The other side has it.
    pub accepted: u64,
    /// The other side said no.
    pub refused: u64,
    /// Nobody knows.
    pub unknown: u64,
    /// It reached the handset.
    pub delivered: u64,
    /// It did not.
    pub undelivered: u64,
    /// Its time ran out.
    pub expired: u64,
    /// A person said what became of it.
    pub settled: u64,
    /// Taken from the plan.
    pub removed: u64,
}

impl StateCounts {
    pub(super) fn add(&mut self, state: State, rows: u64) {
        *match state {
            State::Planned => &mut self.planned,
            State::Intent => &mut self.intent,
            State::Accepted => &mut self.accepted,
            State::Refused => &mut self.refused,
            State::Unknown => &mut self.unknown,
            State::Delivered => &mut self.delivered,
            State::Undelivered => &mut self.undelivered,
            State::Expired => &mut self.expired,
            State::Settled => &mut self.settled,
            State::Removed => &mut self.removed,
        } += rows;
    }

    pub(super) fn join(&mut self, other: Self) {
        self.planned += other.planned;
        self.intent += other.intent;
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.delivered += other.delivered;
        self.undelivered += other.undelivered;
        self.expired += other.expired;
        self.settled += other.settled;
        self.removed += other.removed;
    }

    /// Returns how many there are in all.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.planned
            + self.intent
            + self.accepted
            + self.refused
            + self.unknown
            + self.delivered
            + self.undelivered
            + self.expired
            + self.settled
            + self.removed
    }
}

/// A stage.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct StageStatus {
    /// What people call it.
    pub name: String,
    /// Its counts.
    pub counts: StateCounts,
}

/// How often the other side gave a code. Small groups stand together under `other`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CodeCount {
    /// The code.
    pub code: String,
    /// In which state, or `other`.
    pub state: String,
    /// How often.
    pub messages: u64,
}

/// A campaign as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Status {
    /// The campaign.
    pub campaign: String,
    /// When this was counted, in microseconds UTC.
    pub at_us: UtcMicros,
    /// The present stage, from 0; the number of stages once all are through.
    pub stage: u32,
    /// Its stages.
    pub stages: Vec<StageStatus>,
    /// All of them together.
    pub counts: StateCounts,
    /// `held` or `stopped`, by whom and why; none while it runs.
    pub halted: Option<(String, String, String)>,
    /// Codes by state.
    pub codes: Vec<CodeCount>,
    /// Counts by country, where whoever counted holds the recipients; some seconds old while it runs.
    pub countries: Vec<CountryCount>,
    /// How near the rules are at which it holds by itself.
    pub rules: Vec<Nearness>,
    /// Receipts whose message is not known.
    pub orphans: u64,
    /// Seconds left in the window; 0 once it is over.
    pub window_left_s: i64,
}

impl Status {
    /// Writes it as JSON, whole or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), OutreachError> {
        let failed = |source| OutreachError::File {
            path: path.to_owned(),
            source,
        };
        let text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        let partial = path.with_extension("partial");
        File::create(&partial)
            .and_then(|mut file| file.write_all(&text))
            .and_then(|()| std::fs::rename(&partial, path))
            .map_err(failed)
    }
}

/// Counts a campaign in its ledger.
///
/// # Errors
/// The ledger cannot be read, or does not hold the campaign.
pub fn status_of(
    ledger: &mut Ledger,
    plan: &Plan,
    now_us: UtcMicros,
) -> Result<Status, OutreachError> {
    let campaign = ledger.campaign(&plan.campaign)?;
    let counts = ledger.counts(&plan.campaign)?;
    let stage = ledger
        .note(&plan.campaign, "stage")?
        .and_then(|stage| stage.parse().ok())
        .unwrap_or(0);
    let mut stages: Vec<StageStatus> = plan
        .stages
        .iter()
        .map(|stage| StageStatus {
            name: stage.name.clone(),
            counts: StateCounts::default(),
        })
        .collect();
    let mut all = StateCounts::default();
    for count in &counts {
        all.add(count.state, count.rows);
        if let Some(stage) = stages.get_mut(count.stage as usize) {
            stage.counts.add(count.state, count.rows);
        }
    }
    let halted = campaign.halt.map(|halt| {
        let kind = match halt.kind {
            HaltKind::Held => "held",
            HaltKind::Stopped => "stopped",
        };
        (kind.to_owned(), halt.actor, halt.why)
    });
    Ok(Status {
        campaign: plan.campaign.clone(),
        at_us: now_us,
        stage,
        stages,
        counts: all,
        halted,
        codes: codes(&counts),
        countries: Vec::new(),
        rules: nearness(&counts, &plan.stop),
        orphans: ledger.orphans(&plan.campaign)?,
        window_left_s: plan.window.until_utc.saturating_sub(now_us).max(0) / 1_000_000,
    })
}

fn codes(counts: &[Count]) -> Vec<CodeCount> {
    let mut by: BTreeMap<(&str, State), u64> = BTreeMap::new();
    for count in counts.iter().filter(|count| !count.code.is_empty()) {
        *by.entry((&count.code, count.state)).or_default() += count.rows;
    }
    let mut listed = Vec::new();
    let mut other = 0;
    for ((code, state), messages) in by {
        if messages < SMALLEST_GROUP {
            other += messages;
        } else {
            listed.push(CodeCount {
                code: code.to_owned(),
                state: state.name().to_owned(),
                messages,
            });
        }
    }
    if other > 0 {
        listed.push(CodeCount {
            code: "other".to_owned(),
            state: "other".to_owned(),
            messages: other,
        });
    }
    listed
}
