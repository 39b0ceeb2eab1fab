//! `unspoof audit`

use unspoof_evidence::{Details, log_entries, rfc3339_utc};

use super::Done;
use crate::args::Audit;
use crate::output;
use crate::place::Surroundings;

pub(crate) fn audit(around: &Surroundings, args: &Audit) -> anyhow::Result<Done> {
    let case = around.open()?;
    match args {
        Audit::Checkpoint => output::text(&case.checkpoint()?),
        Audit::Log => {
            around.consult(&case, "audit-log", &Details::new())?;
            let events = log_entries(case.root())?;
            if around.json {
                output::json(&events);
                return Ok(Done::Whole);
            }
            for event in events {
                let details: Vec<String> = event
                    .details
                    .iter()
                    .map(|(key, value)| format!("{key}={value}"))
                    .collect();
                output::text(&format!(
                    "{:>6} {} {:<13} {:<16} by {} for {} {}\n",
                    event.seq,
                    rfc3339_utc(event.at_utc),
                    event.kind.as_str(),
                    event.operation,
                    event.actor,
                    event.purpose,
                    details.join(" ")
                ));
            }
        }
    }
    Ok(Done::Whole)
}
