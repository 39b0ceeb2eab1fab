//! What goes out as lists instead of texts, and what was left out, for people of the case.

use std::io::Write;

use jiff::Timestamp;

use super::{Apart, PlanError, Planned};
use crate::candidate::Candidates;

impl Apart {
    /// Returns how many numbers they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes them as CSV: number, region, kind of line, organisations shown with their calls, and the day
    /// (UTC) of the last call. It holds numbers: it stays inside, or is sealed to whom it is for.
    ///
    /// # Errors
    /// [`PlanError::Io`] where the writer fails.
    pub fn write_csv(&self, candidates: &Candidates, to: impl Write) -> Result<(), PlanError> {
        let mut csv = csv::Writer::from_writer(to);
        let head = ["number", "region", "line", "organisations", "last_call"];
        csv.write_record(head).map_err(failed)?;
        for place in &self.0 {
            let Some(candidate) = candidates.list.get(*place) else {
                continue;
            };
            let shown: Vec<String> = candidate
                .shown
                .iter()
                .map(|shown| {
                    let name = usize::try_from(shown.organisation)
                        .ok()
                        .and_then(|at| candidates.organisations.get(at));
                    format!("{} ({})", name.map_or("?", String::as_str), shown.calls)
                })
                .collect();
            let last_call = candidate
                .last_call_utc
                .and_then(|at_utc| Timestamp::from_microsecond(at_utc).ok())
                .map(|at| at.strftime("%F").to_string());
            csv.write_record([
                candidate.number.reveal().as_str(),
                candidate
                    .region
                    .as_ref()
                    .map_or("", |region| region.as_str()),
                candidate.line.map_or("", |line| line.as_str()),
                shown.join("; ").as_str(),
                last_call.as_deref().unwrap_or_default(),
            ])
            .map_err(failed)?;
        }
        csv.flush().map_err(PlanError::io("write", "the list"))
    }
}

impl Planned {
    /// Writes every number that was left out, with its reason, as CSV. It stays inside.
    ///
    /// # Errors
    /// [`PlanError::Io`] where the writer fails.
    pub fn write_left_out_csv(
        &self,
        candidates: &Candidates,
        to: impl Write,
    ) -> Result<(), PlanError> {
        let mut csv = csv::Writer::from_writer(to);
        csv.write_record(["number", "reason"]).map_err(failed)?;
        for (place, reason) in &self.left_out {
            if let Some(candidate) = candidates.list.get(*place) {
                csv.write_record([candidate.number.reveal().as_str(), reason.as_str()])
                    .map_err(failed)?;
            }
        }
        csv.flush().map_err(PlanError::io("write", "the list"))
    }
}

fn failed(source: csv::Error) -> PlanError {
    PlanError::io("write", "the list")(source.into())
}
