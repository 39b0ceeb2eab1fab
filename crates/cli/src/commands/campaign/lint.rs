//! `unspoof campaign lint`, `unspoof campaign preview`

use anyhow::Context;
use unspoof_handover::codes::{ALPHABET, Code};
use unspoof_outreach::plan::Campaign;
use unspoof_outreach::text::preview as preview_text;

use super::super::Done;
use super::Lint;
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;

/// Reads a campaign file.
pub(crate) fn read(file: &camino::Utf8Path) -> anyhow::Result<Campaign> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read `{file}`"))?;
    Campaign::read(&text).with_context(|| format!("`{file}` cannot be used"))
}

/// Refuses a campaign in whose texts something was found that nobody answers for.
pub(crate) fn refuse_found(campaign: &Campaign) -> anyhow::Result<()> {
    let reports = campaign.lint();
    let refused: usize = reports.iter().map(|report| report.refused().count()).sum();
    if refused > 0 {
        return Err(Refusal::new(
            "campaign/lint",
            format!("the texts hold {refused} things that no text may hold"),
        )
        .hint("see them: unspoof campaign lint FILE")
        .into());
    }
    Ok(())
}

fn about(campaign: &Campaign, at: usize) -> String {
    let text = &campaign.texts[at];
    let organisation = text.organisation.as_deref().unwrap_or("neutral");
    format!("text {} ({}, {organisation})", at + 1, text.language)
}

pub(crate) fn lint(around: &Surroundings, args: &Lint) -> anyhow::Result<Done> {
    let campaign = read(&args.file)?;
    let reports = campaign.lint();
    let refused = reports.iter().any(|report| !report.is_accepted());
    if around.json {
        output::json(&serde_json::json!({ "accepted": !refused, "texts": reports }));
    } else {
        for (at, report) in reports.iter().enumerate() {
            let about = about(&campaign, at);
            if report.findings.is_empty() {
                output::text(&format!("{about}: nothing found\n"));
            }
            for finding in &report.findings {
                output::text(&format!("{about}: {finding}\n"));
            }
        }
    }
    Ok(if refused { Done::NotSound } else { Done::Whole })
}

/// A code that was never drawn, to show where one stands.
fn shown_code() -> String {
    let payload: Vec<u8> = ALPHABET.iter().copied().take(11).collect();
    let code = Code::of_payload(&payload);
    code.map_or_else(String::new, |code| code.reveal().to_string())
}

pub(crate) fn preview(around: &Surroundings, args: &Lint) -> anyhow::Result<Done> {
    let campaign = read(&args.file)?;
    let code = shown_code();
    let mut all = Vec::new();
    for (at, text) in campaign.texts.iter().enumerate() {
        let filled = text.text.replacen("{code}", &code, 1);
        let preview = preview_text(&filled, campaign.coding)?;
        if around.json {
            all.push(serde_json::json!({
                "language": text.language,
                "organisation": text.organisation,
                "sender": campaign.sender,
                "preview": preview,
            }));
        } else {
            output::text(&format!(
                "{}, from {}\n{preview}\n",
                about(&campaign, at),
                campaign.sender
            ));
        }
    }
    if around.json {
        output::json(&serde_json::json!({ "texts": all }));
    }
    Ok(Done::Whole)
}
