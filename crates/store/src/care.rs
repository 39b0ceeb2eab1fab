//! What people did about statements: an append-only list beside the judgements.

use std::collections::BTreeMap;

use unspoof_model::UtcMicros;

use crate::StoreError;

/// What somebody did about a statement.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// Somebody is to take care of it: the detail says who.
    Assigned,
    /// Its writer was reached.
    Contacted,
    /// It was passed on: the detail says to whom.
    Referred,
    /// Nothing more is to be done.
    Closed,
    /// Something more is to be done after all.
    Reopened,
}

impl Deed {
    /// All, in the order in which they usually happen.
    pub const ALL: [Self; 5] = [
        Self::Assigned,
        Self::Contacted,
        Self::Referred,
        Self::Closed,
        Self::Reopened,
    ];

    /// As it stands in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Contacted => "contacted",
            Self::Referred => "referred",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == word)
    }
}

/// One thing that somebody did.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
pub struct CareEvent {
    /// The statement, by its report id.
    pub report: String,
    /// What was done.
    pub deed: Deed,
    /// To whom, or a note.
    pub detail: String,
    /// Who did it.
    pub actor: String,
    /// When, in microseconds UTC.
    pub at_utc: UtcMicros,
}

/// Shows neither statement nor note.
impl std::fmt::Debug for CareEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CareEvent")
            .field("deed", &self.deed)
            .field("at_utc", &self.at_utc)
            .finish_non_exhaustive()
    }
}

/// Where a statement stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct CareState {
    /// Whose it is.
    pub assigned_to: Option<String>,
    /// When its writer was last reached, in microseconds UTC.
    pub contacted_utc: Option<UtcMicros>,
    /// Whom it was last passed on to.
    pub referred_to: Option<String>,
    /// Whether nothing more is to be done.
    pub closed: bool,
    /// All that was done, in order.
    pub events: Vec<CareEvent>,
}

/// Puts together what was done about each statement; events come in the order of their adding.
#[must_use]
pub fn care_states(events: impl IntoIterator<Item = CareEvent>) -> BTreeMap<String, CareState> {
    let mut states: BTreeMap<String, CareState> = BTreeMap::new();
    for event in events {
        let state = states.entry(event.report.clone()).or_default();
        match event.deed {
            Deed::Assigned => state.assigned_to = Some(event.detail.clone()),
            Deed::Contacted => state.contacted_utc = Some(event.at_utc),
            Deed::Referred => state.referred_to = Some(event.detail.clone()),
            Deed::Closed => state.closed = true,
            Deed::Reopened => state.closed = false,
        }
        state.events.push(event);
    }
    states
}

/// A row of the table, as both databases give it.
pub(crate) struct CareRow {
    pub(crate) report: String,
    pub(crate) deed: String,
    pub(crate) detail: String,
    pub(crate) actor: String,
    pub(crate) at_us: UtcMicros,
}

impl CareRow {
    pub(crate) fn of(event: &CareEvent) -> Self {
        Self {
            report: event.report.clone(),
            deed: event.deed.as_str().to_owned(),
            detail: event.detail.clone(),
            actor: event.actor.clone(),
            at_us: event.at_utc,
        }
    }

    pub(crate) fn event(self) -> Result<CareEvent, StoreError> {
        let damaged = || StoreError::database("read what was done")("an unknown deed".into());
        Ok(CareEvent {
            deed: Deed::from_word(&self.deed).ok_or_else(damaged)?,
            report: self.report,
            detail: self.detail,
            actor: self.actor,
            at_utc: self.at_us,
        })
    }
}
