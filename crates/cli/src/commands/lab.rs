//! `unspoof lab`

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_lab::{Preset, Recipe, Summary};

use super::Done;
use crate::args::{Global, Lab, PresetName};
use crate::fail::Refusal;
use crate::output::{self, Progress, Unit};

pub(crate) fn lab(global: &Global, args: &Lab) -> anyhow::Result<Done> {
    match args {
        Lab::Generate {
            preset,
            seed,
            accounts,
            losses,
            out,
        } => {
            let mut recipe = Recipe::new(named(*preset), *seed);
            recipe.accounts = *accounts;
            recipe.losses = *losses;
            let summary = generate_recipe(&recipe, out)?;
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
        Lab::Score { answers, truth } => {
            let answers = match (answers, &global.case) {
                (Some(answers), _) => answers.clone(),
                (None, Some(case)) => {
                    let case = case.as_str().trim_end_matches('/');
                    Utf8PathBuf::from(format!("{case}.score"))
                }
                (None, None) => {
                    return Err(
                        Refusal::new("lab/no-answers", "there are no answers to score")
                            .hint("say where they are: unspoof lab score --answers DIR TRUTH_DIR")
                            .into(),
                    );
                }
            };
            let scores = unspoof_lab::score::score(&answers, truth)?;
            if global.json {
                output::json(&scores);
            } else {
                output::text(&scores.to_string());
            }
        }
    }
    Ok(Done::Whole)
}

fn named(preset: PresetName) -> Preset {
    match preset {
        PresetName::Tiny => Preset::Tiny,
        PresetName::Demo => Preset::Demo,
        PresetName::Elaborate => Preset::Elaborate,
        PresetName::Hard => Preset::Hard,
    }
}

/// Generates a made-up service.
pub(crate) fn generate(preset: PresetName, seed: u64, out: &Utf8Path) -> anyhow::Result<Summary> {
    generate_recipe(&Recipe::new(named(preset), seed), out)
}

fn generate_recipe(recipe: &Recipe, out: &Utf8Path) -> anyhow::Result<Summary> {
    let mut progress: Option<Progress> = None;
    let summary = unspoof_lab::generate_recipe(recipe, out, &mut |done, total| {
        let progress =
            progress.get_or_insert_with(|| Progress::start("making records up", total, Unit::Rows));
        progress.at(done, None);
    });
    if let Some(progress) = progress {
        progress.done();
    }
    summary
}
