//! What comes after sending: removal lists, reconciling, results, erasure.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Context;
use unspoof_handover::hex;
use unspoof_model::EventKind;
use unspoof_outreach::approval::{self, Approved, Use};
use unspoof_outreach::erasure::{ToErase, erase as destroy};
use unspoof_outreach::removal as list;
use unspoof_store::ledger::{Outcome, Recipient, State};

use super::super::Done;
use super::send::read_approvers;
use super::{Erase, Found, Reconcile, Removal, Results, key};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::campaigns::{FOLDER, PLAN, RECIPIENTS, RESULTS, file_of, read_recipients};

pub(crate) fn removal(around: &Surroundings, args: &Removal) -> anyhow::Result<Done> {
    let approvers = read_approvers(&args.approvers)?;
    let now = around.now_utc();
    let plan_file = args.host.plan_file()?;
    let approved = Approved::verify(&plan_file, &approvers, Use::Afterwards, now)?;
    let file =
        std::fs::read(&args.list).with_context(|| format!("could not read `{}`", args.list))?;
    let removal = list::verify(&file, &approved, &approvers)?;
    let recipients: Vec<Recipient> = removal
        .removed
        .iter()
        .map(|hash| Recipient(hash.0))
        .collect();
    let mut ledger = args.host.ledger()?;
    let campaign = &approved.plan().campaign;
    let done = ledger.remove(campaign, &recipients, &removal.by, &removal.reason, now)?;
    if around.json {
        output::json(&serde_json::json!({
            "removed": done.removed,
            "removed_before": done.already,
            "not_in_the_plan": done.absent,
            "too_late": done.too_late.len(),
        }));
    } else {
        output::text(&format!(
            "taken out {}, taken out before {}, not in the plan {}, too late {}\n",
            done.removed,
            done.already,
            done.absent,
            done.too_late.len()
        ));
    }
    Ok(Done::Whole)
}

pub(crate) fn reconcile(around: &Surroundings, args: &Reconcile) -> anyhow::Result<Done> {
    let plan = args.host.plan()?;
    let mut ledger = args.host.ledger()?;
    if let (Some(message), Some(found), Some(why)) = (args.settle, args.outcome, &args.why) {
        let outcome = match found {
            Found::Arrived => Outcome::Arrived,
            Found::NotArrived => Outcome::NotArrived,
            Found::Open => Outcome::Open,
        };
        let now = around.now_utc();
        ledger.settle_by_person(&plan.campaign, message, outcome, around.actor(), why, now)?;
        output::text(&format!("message {message} is settled\n"));
        return Ok(Done::Whole);
    }
    if let Some(file) = &args.results {
        let mut text = format!("# unspoof-results-1 {}\n", plan.campaign);
        let mut lines = BTreeSet::new();
        for state in State::ALL {
            for row in ledger.rows(&plan.campaign, state)? {
                let word = match (state, row.outcome) {
                    (State::Settled, Some(Outcome::NotArrived)) => "refused",
                    _ => state.name(),
                };
                lines.insert(format!("{} {word}\n", hex::encode(&row.recipient.0)));
            }
        }
        lines.iter().for_each(|line| text.push_str(line));
        std::fs::write(file, &text).with_context(|| format!("could not write `{file}`"))?;
        output::text(&format!(
            "{} results in {file}; bring them inside: unspoof campaign results {} FILE\n",
            lines.len(),
            plan.campaign
        ));
        return Ok(Done::Whole);
    }
    let unknowns = ledger.unknowns(&plan.campaign)?;
    if around.json {
        let rows: Vec<_> = unknowns
            .iter()
            .map(|row| {
                serde_json::json!({
                    "message": row.key,
                    "stage": row.stage,
                    "why": row.code,
                    "claimed_us": row.intent_us,
                })
            })
            .collect();
        output::json(&serde_json::json!({ "unknown": rows }));
        return Ok(Done::Whole);
    }
    if unknowns.is_empty() {
        output::text("of every message it is known what became of it, as far as receipts came\n");
        return Ok(Done::Whole);
    }
    let mut text = String::new();
    for row in &unknowns {
        let at = row
            .intent_us
            .map(unspoof_evidence::rfc3339_utc)
            .unwrap_or_default();
        let why = row.code.as_deref().unwrap_or("");
        let _ = writeln!(
            text,
            "message {:>8}  stage {}  claimed {at}  {why}",
            row.key,
            row.stage + 1
        );
    }
    output::text(&text);
    output::text(
        "ask the provider, then: unspoof campaign reconcile PACKAGE --settle MESSAGE --outcome arrived --why TEXT\nnone of them is ever sent again by the machine\n",
    );
    Ok(Done::Whole)
}

pub(crate) fn results(around: &Surroundings, args: &Results) -> anyhow::Result<Done> {
    let case = around.open()?;
    let recipients = read_recipients(&file_of(&case, &args.id, RECIPIENTS)?)?;
    let known: BTreeSet<String> = recipients
        .list
        .iter()
        .map(|of| hex::encode(&recipients.hash(of).0))
        .collect();
    let text = std::fs::read_to_string(&args.file)
        .with_context(|| format!("could not read `{}`", args.file))?;
    let wrong = |why: &str| Refusal::new("campaign/results", format!("`{}` {why}", args.file));
    let mut seen = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (hash, state) = line
            .split_once(' ')
            .ok_or_else(|| wrong("is no file of results"))?;
        if !State::ALL.iter().any(|of| of.name() == state) || !known.contains(hash) {
            return Err(wrong("is of another plan than the case's").into());
        }
        seen.insert(hash.to_owned());
    }
    if seen != known {
        return Err(wrong("does not tell of every recipient").into());
    }
    let plan = file_of(&case, &args.id, PLAN)?;
    let plan = std::fs::read(&plan).with_context(|| format!("could not read `{plan}`"))?;
    let mut writer = around.write()?;
    let mut change = writer.begin(EventKind::Collection, "campaign-results")?;
    let place = format!("{FOLDER}/{}/{RESULTS}", args.id);
    change.stage_bytes(place, text.as_bytes())?;
    let keyed = change.keyed(&args.id);
    change.detail("campaign", keyed);
    change.detail("plan_sha256", approval::plan_sha256(&plan)?);
    change.detail("recipients", seen.len());
    change.commit()?;
    output::text(&format!(
        "results of {} recipients are part of the case\n",
        seen.len()
    ));
    Ok(Done::Whole)
}

pub(crate) fn erase(around: &Surroundings, args: &Erase) -> anyhow::Result<Done> {
    let file = args.host.plan_file()?;
    let plan = approval::read(&file)?;
    let mut ledger = args.host.ledger()?;
    let now = around.now_utc();
    // Refused while somebody's message is unknown or under way.
    ledger.erase(
        &plan.campaign,
        around.actor(),
        "erasure after the last reconcile",
        now,
    )?;
    let seed = key::read_seed(&args.key)?;
    let statement = destroy(
        &ToErase {
            campaign: &plan.campaign,
            plan_sha256: approval::plan_sha256(&file)?,
            sealed_to: &plan.sender_host,
            package: args.host.package.as_std_path(),
            key_file: args.identity.as_std_path(),
        },
        &seed,
        now,
    )?;
    std::fs::write(&args.out, &statement)
        .with_context(|| format!("could not write `{}`", args.out))?;
    output::text(&format!(
        "destroyed; the signed statement is {}\n",
        args.out
    ));
    Ok(Done::Whole)
}
