//! `unspoof campaign plan`

use std::collections::{BTreeSet, HashSet};

use anyhow::Context;
use unspoof_evidence::CaseFolder;
use unspoof_handover::hex;
use unspoof_model::EventKind;
use unspoof_numbers::PhoneNumber;
use unspoof_outreach::approval;
use unspoof_outreach::candidate::Candidates;
use unspoof_outreach::plan::{Campaign, Grounds, Kind, Planned, Told, make};
use unspoof_outreach::recipient::RecipientKey;
use unspoof_outreach::suppression::{SuppressionKey, Suppressions};
use zeroize::Zeroizing;

use super::super::Done;
use super::{Plan, candidates, lint};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::campaigns::{
    FOLDER, HANDED_OVER, PLAN, RECIPIENTS, read_recipients, recipient_key, told_by,
};
use crate::stages::number_lists::{number_in, read_numbers, reader_of};

pub(crate) fn plan(around: &Surroundings, args: &Plan) -> anyhow::Result<Done> {
    let campaign = lint::read(&args.file)?;
    lint::refuse_found(&campaign)?;
    let case = around.open()?;
    refuse_signed(&case, &campaign.id)?;
    let key = recipient_key(around, &case)?;
    let candidates = candidates::candidates(around, &case, args.funnel.as_deref())?;
    let team = args
        .team
        .as_deref()
        .map_or(Ok(Vec::new()), |file| read_numbers(&case, file))?;
    let suppressions = suppressions(args)?;
    let asked = (campaign.kind == Kind::Answer)
        .then(|| asked(&case))
        .transpose()?;
    let told = told(&case, &campaign.id, &key)?;
    let planned = make(&Grounds {
        campaign: &campaign,
        candidates: &candidates,
        home: &case.config().home_regions,
        team: &team,
        asked: asked.as_ref(),
        suppressions: &suppressions,
        told: &told,
        key: &key,
        now_utc: around.now_utc(),
    })?;
    keep(around, args, &campaign, &candidates, &planned)?;
    tell(around, &planned)?;
    Ok(Done::Whole)
}

/// A plan that somebody signed is not replaced.
fn refuse_signed(case: &CaseFolder, id: &str) -> anyhow::Result<()> {
    let place = format!("{FOLDER}/{id}/{PLAN}");
    let Some((_, _, path)) = case.files(&place).next() else {
        return Ok(());
    };
    let file = std::fs::read(&path).with_context(|| format!("could not read `{path}`"))?;
    let is_signed = approval::unsigned(&approval::read(&file)?)?.len() != file.len();
    let is_out = case
        .files(&format!("{FOLDER}/{id}/{HANDED_OVER}"))
        .next()
        .is_some();
    if is_signed || is_out {
        return Err(Refusal::new(
            "campaign/signed",
            format!("the plan of `{id}` was signed already"),
        )
        .hint("give the new one another id")
        .into());
    }
    Ok(())
}

fn suppressions(args: &Plan) -> anyhow::Result<Vec<Suppressions>> {
    let (Some(list), Some(key)) = (&args.suppressions, &args.suppressions_key) else {
        return Ok(Vec::new());
    };
    let text = std::fs::read_to_string(key).with_context(|| format!("could not read `{key}`"))?;
    let text = Zeroizing::new(text);
    let digits = hex::decode::<32>(text.trim())
        .ok_or_else(|| Refusal::new("campaign/key", format!("`{key}` holds no key")))?;
    let file = std::fs::read_to_string(list).with_context(|| format!("could not read `{list}`"))?;
    Ok(vec![Suppressions::read(
        &file,
        SuppressionKey::new(&Zeroizing::new(digits)),
    )?])
}

/// The numbers that somebody asked about on the website, as far as they are numbers.
fn asked(case: &CaseFolder) -> anyhow::Result<BTreeSet<PhoneNumber>> {
    let mut reader = reader_of(case);
    let typed = super::super::portal::numbers_asked(case)?;
    Ok(typed
        .iter()
        .filter_map(|typed| number_in(&mut reader, typed))
        .collect())
}

/// Whom the case's other campaigns told. Of one that was handed to a sender and of which no results
/// came back yet, everybody may have been.
fn told(case: &CaseFolder, id: &str, key: &RecipientKey) -> anyhow::Result<Vec<Told>> {
    let mut all = Vec::new();
    let ids: BTreeSet<String> = case
        .files(FOLDER)
        .filter_map(|(place, _, _)| place.split('/').nth(1).map(str::to_owned))
        .filter(|other| other != id)
        .collect();
    for other in ids {
        let place = |name: &str| format!("{FOLDER}/{other}/{name}");
        if case.files(&place(HANDED_OVER)).next().is_none() {
            continue;
        }
        let Some((_, _, path)) = case.files(&place(PLAN)).next() else {
            continue;
        };
        let file = std::fs::read(&path).with_context(|| format!("could not read `{path}`"))?;
        let kind = approval::read(&file)?.kind;
        let hashes: HashSet<_> = match told_by(case, &other)? {
            Some(told) => told,
            None => {
                let Some((_, _, path)) = case.files(&place(RECIPIENTS)).next() else {
                    continue;
                };
                let recipients = read_recipients(&path)?;
                recipients
                    .list
                    .iter()
                    .map(|of| recipients.hash(of))
                    .collect()
            }
        };
        all.push(Told {
            kind,
            key: key.clone(),
            hashes,
        });
    }
    Ok(all)
}

/// Makes the plan part of the case.
fn keep(
    around: &Surroundings,
    args: &Plan,
    campaign: &Campaign,
    candidates: &Candidates,
    planned: &Planned,
) -> anyhow::Result<()> {
    let mut writer = around.write()?;
    let place = |name: &str| format!("{FOLDER}/{}/{name}", campaign.id);
    let mut change = writer.begin(EventKind::Alteration, "campaign-plan")?;
    change.remove_under(&place(""));
    let file = approval::unsigned(&planned.plan)?;
    change.stage_copy(place("campaign.toml"), &args.file)?;
    change.stage_bytes(place(PLAN), file.as_bytes())?;
    change.stage_bytes(place(RECIPIENTS), &planned.recipients.to_bytes())?;
    let mut left_out = Vec::new();
    planned.write_left_out_csv(candidates, &mut left_out)?;
    change.stage_bytes(place("left-out.csv"), &left_out)?;
    for (name, apart) in [
        ("landlines.csv", &planned.landlines),
        ("foreign.csv", &planned.foreign),
    ] {
        let mut list = Vec::new();
        apart.write_csv(candidates, &mut list)?;
        change.stage_bytes(place(name), &list)?;
    }
    let keyed = change.keyed(&campaign.id);
    change.detail("campaign", keyed);
    change.detail("plan_sha256", approval::plan_sha256(file.as_bytes())?);
    change.detail("recipients", planned.plan.recipients.count);
    change.detail("left_out", planned.left_out.len());
    Ok(change.commit()?)
}

fn tell(around: &Surroundings, planned: &Planned) -> anyhow::Result<()> {
    let plan = &planned.plan;
    let sha256 = approval::plan_sha256(approval::unsigned(plan)?.as_bytes())?;
    if around.json {
        output::json(&serde_json::json!({
            "plan_sha256": sha256,
            "plan": plan,
            "neutral": planned.neutral,
            "landlines": planned.landlines.0.len(),
            "foreign": planned.foreign.0.len(),
        }));
        return Ok(());
    }
    output::text(&describe(plan));
    output::text(&format!(
        "neutral texts: {}; landlines for look-up, letters and calls: {}; foreign numbers for partners: {}\n",
        planned.neutral,
        planned.landlines.0.len(),
        planned.foreign.0.len()
    ));
    output::text(&format!(
        "plan SHA-256 {sha256}\ntwo people sign it: unspoof campaign approve {} --key FILE\n",
        plan.campaign
    ));
    Ok(())
}

/// A plan in words, for whoever is about to sign it.
pub(crate) fn describe(plan: &unspoof_outreach::plan::Plan) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "campaign {}, {} messages in {} parts, {} minutes at {} a second with pauses",
        plan.campaign,
        plan.figures.messages,
        plan.figures.parts,
        plan.figures.minutes(),
        plan.rate_per_s
    );
    if plan.made_up {
        let _ = writeln!(
            text,
            "made-up records: for rehearsal and senders on this machine alone"
        );
    }
    if let Some(cost) = &plan.figures.cost {
        let _ = writeln!(
            text,
            "cost {}.{:02} {} at {} a part",
            cost.minor / 100,
            cost.minor % 100,
            cost.currency,
            cost.price_per_part
        );
    }
    let window = &plan.window;
    let _ = writeln!(
        text,
        "window {} to {}, {} to {} by each recipient's clock ({})",
        window.first_day, window.last_day, window.earliest, window.latest, window.zone
    );
    let _ = writeln!(text, "sender {}", plan.sender);
    for (of, number) in plan.texts.iter().zip(1..) {
        let about = of.organisation.as_deref().unwrap_or("neutral");
        let _ = writeln!(
            text,
            "  text {number} ({}, {about}), {} recipients, {} part(s): {}",
            of.language, of.recipients, of.parts, of.text
        );
    }
    for stage in plan.stages.iter().filter(|stage| stage.recipients > 0) {
        let hold = if stage.hold_after {
            ", then a person lets it go on"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "  stage {}: {} recipients, {} min pause{hold}",
            stage.name,
            stage.recipients,
            stage.pause_s / 60
        );
    }
    for (reason, count) in &plan.left_out {
        let _ = writeln!(text, "  left out {reason}: {count}");
    }
    for exception in &plan.exceptions {
        let _ = writeln!(
            text,
            "  exception {} `{}` by {}: {}",
            exception.rule, exception.found, exception.by, exception.reason
        );
    }
    text
}
