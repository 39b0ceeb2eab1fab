//! `unspoof ingest`

use super::Done;
use crate::args::Ingest;
use crate::output;
use crate::place::Surroundings;
use crate::stages;

pub(crate) fn ingest(around: &Surroundings, args: &Ingest) -> anyhow::Result<Done> {
    let only = args.exhibit.as_deref();
    if args.dry_run {
        let case = around.open()?;
        let outcomes = stages::ingest::dry_run(around, &case, only)?;
        let rejected = outcomes
            .values()
            .flat_map(|outcome| &outcome.tables)
            .map(|table| table.rejected)
            .sum();
        if around.json {
            output::json(&outcomes);
        } else {
            for (exhibit, outcome) in &outcomes {
                stages::ingest::tell(exhibit, outcome);
            }
            output::note("nothing was written");
        }
        return Ok(Done::by_rejects(rejected));
    }
    let mut writer = around.write()?;
    writer.accept_config()?;
    let (record, done) = stages::ingest::ingest_due(around, &mut writer, only)?;
    if around.json {
        output::json(&record);
    } else {
        for (exhibit, ingested) in &record.exhibits {
            if done.contains(exhibit) {
                stages::ingest::tell(exhibit, &ingested.outcome);
            } else if only.is_none_or(|only| only == exhibit) {
                output::note(&format!("{exhibit}: read before, nothing to do"));
            }
        }
    }
    Ok(Done::by_rejects(record.rejected()))
}
