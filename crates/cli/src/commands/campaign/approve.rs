//! `unspoof campaign approve`

use anyhow::Context;
use unspoof_evidence::Details;
use unspoof_model::EventKind;
use unspoof_outreach::approval::{self, Approved, Use};

use super::super::Done;
use super::plan::describe;
use super::{Approve, key, lint};
use crate::output;
use crate::place::Surroundings;
use crate::stages::campaigns::{FOLDER, PLAN, approvers, file_of};

pub(crate) fn approve(around: &Surroundings, args: &Approve) -> anyhow::Result<Done> {
    let case = around.open()?;
    let path = file_of(&case, &args.id, PLAN)?;
    let file = std::fs::read(&path).with_context(|| format!("could not read `{path}`"))?;
    let plan = approval::read(&file)?;
    let sha256 = approval::plan_sha256(&file)?;
    let Some(key) = &args.key else {
        let keyed = case.keyed(&around.keys, &args.id)?;
        around.consult(
            &case,
            "campaign-plan",
            &Details::new().with("campaign", keyed),
        )?;
        if around.json {
            output::json(&serde_json::json!({ "plan_sha256": sha256, "plan": plan }));
        } else {
            output::text(&describe(&plan));
            output::text(&format!("plan SHA-256 {sha256}\n"));
        }
        return Ok(Done::Whole);
    };
    // Whoever signs signs what passes today's rules, whoever made the plan.
    let campaign = lint::read(&file_of(&case, &args.id, "campaign.toml")?)?;
    lint::refuse_found(&campaign)?;
    let approvers = approvers(&case)?;
    let seed = key::read_seed(key)?;
    let now = around.now_utc();
    let (signed, name) = approval::approve(&file, &approvers, &seed, now)?;
    let is_approved = Approved::verify(signed.as_bytes(), &approvers, Use::Rehearsal, now).is_ok();
    let mut writer = around.write()?;
    let mut change = writer.begin(EventKind::Alteration, "campaign-approve")?;
    change.stage_bytes(format!("{FOLDER}/{}/{PLAN}", args.id), signed.as_bytes())?;
    let keyed = change.keyed(&args.id);
    change.detail("campaign", keyed);
    change.detail("plan_sha256", sha256);
    let keyed = change.keyed(&name);
    change.detail("approver", keyed);
    change.commit()?;
    if around.json {
        output::json(
            &serde_json::json!({ "approver": name, "plan_sha256": sha256, "approved": is_approved }),
        );
    } else {
        output::text(&format!("{name} approved the plan {sha256}\n"));
        output::text(if is_approved {
            "two people have; hand it over: unspoof campaign bundle ID --out DIR\n"
        } else {
            "a second person is to sign it\n"
        });
    }
    Ok(Done::Whole)
}
