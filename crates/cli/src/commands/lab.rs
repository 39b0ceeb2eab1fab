//! `unspoof lab`

use camino::Utf8Path;
use unspoof_lab::{Preset, Summary};

use super::Done;
use crate::args::{Global, Lab, PresetName};
use crate::output::{self, Progress, Unit};

pub(crate) fn lab(global: &Global, args: &Lab) -> anyhow::Result<Done> {
    match args {
        Lab::Generate { preset, seed, out } => {
            let summary = generate(*preset, *seed, out)?;
            let document = serde_json::json!({
                "accounts": summary.accounts,
                "calls": summary.calls,
                "call_rows": summary.call_rows,
                "reports": summary.reports,
                "plain_bytes": summary.plain_bytes,
                "contacts": summary.contacts,
            });
            if global.json {
                output::json(&document);
            } else {
                output::text(&format!(
                    "made up {} accounts, {} calls and {} reports in {out}\n",
                    summary.accounts, summary.calls, summary.reports
                ));
            }
        }
    }
    Ok(Done::Whole)
}

/// Generates a made-up service.
pub(crate) fn generate(preset: PresetName, seed: u64, out: &Utf8Path) -> anyhow::Result<Summary> {
    let preset = match preset {
        PresetName::Tiny => Preset::Tiny,
        PresetName::Demo => Preset::Demo,
        PresetName::Elaborate => Preset::Elaborate,
    };
    let mut progress: Option<Progress> = None;
    let summary = unspoof_lab::generate(preset, seed, out, &mut |done, total| {
        let progress =
            progress.get_or_insert_with(|| Progress::start("making records up", total, Unit::Rows));
        progress.at(done, None);
    });
    if let Some(progress) = progress {
        progress.done();
    }
    summary
}
