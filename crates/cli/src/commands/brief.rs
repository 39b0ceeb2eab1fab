//! `unspoof brief`

use anyhow::Context;
use unspoof_analysis::{render_html, render_text};
use unspoof_evidence::Details;

use super::Done;
use crate::args::Brief;
use crate::output;
use crate::place::Surroundings;
use crate::stages::analysis::read_brief;

pub(crate) fn brief(around: &Surroundings, args: &Brief) -> anyhow::Result<Done> {
    let case = around.open()?;
    let brief = read_brief(&case)?;
    around.consult(&case, "brief", &Details::new())?;
    if let Some(path) = &args.html {
        std::fs::write(path, render_html(&brief))
            .with_context(|| format!("could not write `{path}`"))?;
        output::note(&format!("wrote {path}"));
    }
    if around.json {
        output::json(&serde_json::json!({
            "figures": brief.figures,
            "charts": brief.charts,
            "money": brief.money,
            "made_up": brief.made_up,
        }));
    } else {
        output::text(&render_text(&brief));
    }
    Ok(Done::Whole)
}
