//! `unspoof run`

use unspoof_analysis::{Brief, render_text};
use unspoof_evidence::Details;

use super::Done;
use crate::args::Run;
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages;

pub(crate) fn run(around: &Surroundings, args: &Run) -> anyhow::Result<Done> {
    let (brief, rejected) = everything(around, args.again)?;
    if around.json {
        output::json(&brief);
    } else {
        output::text(&render_text(&brief));
    }
    Ok(Done::by_rejects(rejected))
}

/// Does all that is due; gives the brief and how many rows are rejected.
pub(crate) fn everything(around: &Surroundings, again: bool) -> anyhow::Result<(Brief, u64)> {
    let mut writer = around.write()?;
    if writer.exhibits().is_empty() {
        return Err(Refusal::new("case/empty", "the case holds no exhibits")
            .hint("seal what was seized: unspoof seal FILE…")
            .into());
    }
    writer.accept_config()?;
    let (record, done) = stages::ingest::ingest_due(around, &mut writer, None)?;
    if !around.json {
        for name in &done {
            if let Some(ingested) = record.exhibits.get(name) {
                stages::ingest::tell(name, &ingested.outcome);
            }
        }
    }
    let (brief, made) = stages::analysis::analyse_due(around, &mut writer, &record, again)?;
    if !made && done.is_empty() && !around.json {
        output::note("nothing was due");
    }
    let case = writer.into_folder();
    around.consult(&case, "brief", &Details::new())?;
    Ok((brief, record.rejected()))
}
