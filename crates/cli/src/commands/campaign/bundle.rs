//! `unspoof campaign bundle`, `unspoof campaign remove`

use anyhow::Context;
use camino::Utf8Path;
use ring::signature::KeyPair as _;
use unspoof_evidence::{CaseFolder, rfc3339_utc};
use unspoof_handover::{bundle as handover, hex};
use unspoof_model::EventKind;
use unspoof_outreach::approval::{self, Approved, Use};
use unspoof_outreach::notice::Notice;
use unspoof_outreach::{bundle, package, removal};

use super::super::Done;
use super::{Bundle, Remove, key};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::campaigns::{
    FOLDER, HANDED_OVER, PLAN, RECIPIENTS, approvers, bundle_seed, file_of, read_recipients,
    recipient_key, write_secret,
};
use crate::stages::number_lists::read_numbers;

/// Reads the approved plan of a campaign of the case.
fn approved(
    around: &Surroundings,
    case: &CaseFolder,
    id: &str,
) -> anyhow::Result<(String, Approved)> {
    let path = file_of(case, id, PLAN)?;
    let file =
        std::fs::read_to_string(&path).with_context(|| format!("could not read `{path}`"))?;
    let approvers = approvers(case)?;
    let approved = Approved::verify(
        file.as_bytes(),
        &approvers,
        Use::Rehearsal,
        around.now_utc(),
    )?;
    Ok((file, approved))
}

pub(crate) fn bundle(around: &Surroundings, args: &Bundle) -> anyhow::Result<Done> {
    let case = around.open()?;
    let (file, approved) = approved(around, &case, &args.id)?;
    let recipients = read_recipients(&file_of(&case, &args.id, RECIPIENTS)?)?;
    let seed = bundle_seed(around, &case)?;
    let public = handover::key_pair("bundle", &seed)?;
    let public = format!("{}\n", hex::encode(public.public_key().as_ref()));
    if args.out.exists() {
        return Err(
            Refusal::new("campaign/out", format!("`{}` is there already", args.out))
                .hint("name a new folder")
                .into(),
        );
    }
    // What leaves is in the log before it leaves.
    let mut writer = around.write()?;
    let mut change = writer.begin(EventKind::Disclosure, "campaign-bundle")?;
    let marker = format!(
        "{} {} {}\n",
        rfc3339_utc(around.now_utc()),
        approved.sha256(),
        approved.plan().sender_host
    );
    change.stage_bytes(
        format!("{FOLDER}/{}/{HANDED_OVER}", args.id),
        marker.as_bytes(),
    )?;
    let keyed = change.keyed(&args.id);
    change.detail("campaign", keyed);
    change.detail("plan_sha256", approved.sha256());
    change.detail("recipients", approved.plan().recipients.count);
    change.commit()?;

    let sender = args.out.join("sender");
    std::fs::create_dir_all(&sender).with_context(|| format!("could not create `{sender}`"))?;
    let sealed = package::seal_recipients(approved.plan(), &recipients)?;
    package::write(sender.as_std_path(), &file, &sealed)?;
    let list = serde_json::to_string_pretty(&case.config().approvers)?;
    write(&args.out.join("approvers.json"), list.as_bytes())?;

    let notice = args.out.join("notice");
    std::fs::create_dir_all(&notice).with_context(|| format!("could not create `{notice}`"))?;
    let document = Notice::of(&approved);
    write(
        &notice.join("notice.json"),
        document.sign_json(&seed)?.as_bytes(),
    )?;
    write(
        &notice.join("notice.html"),
        document.sign_html(&seed)?.as_bytes(),
    )?;
    write(&notice.join("notice.pub"), public.as_bytes())?;

    let has_portal = approved.plan().portal.is_some();
    if has_portal {
        let portal = args.out.join("portal");
        std::fs::create_dir_all(&portal).with_context(|| format!("could not create `{portal}`"))?;
        let code_key = bundle::draw_code_key()?;
        let made = bundle::make(&approved, &recipients, &code_key)?;
        write(&portal.join("bundle.json"), &made.sign(&seed)?)?;
        write(&portal.join("bundle.pub"), public.as_bytes())?;
        let text = zeroize::Zeroizing::new(format!("{}\n", hex::encode(code_key.as_slice())));
        write_secret(&portal.join("code.key"), text.as_bytes())?;
    }
    if around.json {
        output::json(&serde_json::json!({
            "plan_sha256": approved.sha256(),
            "approved_by": approved.by(),
            "sender": sender,
            "notice": notice,
            "portal": has_portal.then(|| args.out.join("portal")),
        }));
        return Ok(Done::Whole);
    }
    output::text(&format!(
        "approved by {}\nsender's host: {sender}, and {} by another way\npublish before the first text: {notice}\n",
        approved.by().join(" and "),
        args.out.join("approvers.json"),
    ));
    if has_portal {
        output::text(&format!(
            "portal's host: {}; code.key is given to it at start and erased there\n",
            args.out.join("portal")
        ));
    }
    output::text(
        "rehearse on the sender's host: unspoof campaign send sender --approvers approvers.json --identity HOST.key\n",
    );
    Ok(Done::Whole)
}

fn write(path: &Utf8Path, content: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, content).with_context(|| format!("could not write `{path}`"))
}

pub(crate) fn remove(around: &Surroundings, args: &Remove) -> anyhow::Result<Done> {
    let case = around.open()?;
    let path = file_of(&case, &args.id, PLAN)?;
    let file = std::fs::read(&path).with_context(|| format!("could not read `{path}`"))?;
    let numbers = read_numbers(&case, &args.numbers)?;
    let seed = key::read_seed(&args.key)?;
    let list = removal::make(
        &args.id,
        approval::plan_sha256(&file)?,
        &numbers,
        &recipient_key(around, &case)?,
        &args.reason,
        &seed,
        around.now_utc(),
    )?;
    let mut writer = around.write()?;
    let mut change = writer.begin(EventKind::Disclosure, "campaign-remove")?;
    let keyed = change.keyed(&args.id);
    change.detail("campaign", keyed);
    change.detail("numbers", numbers.len());
    change.commit()?;
    write(&args.out, list.as_bytes())?;
    output::text(&format!(
        "{} numbers; on the sender's host: unspoof campaign removal PACKAGE {} --approvers FILE\n",
        numbers.len(),
        args.out
    ));
    Ok(Done::Whole)
}
