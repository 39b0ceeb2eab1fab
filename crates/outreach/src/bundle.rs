//! The portal's bundle: notice, pages' settings and keyed hashes of the codes; no number, no code.

use unspoof_handover::bundle::{Bundle, CodeEntry, Notice, NoticeText};
use unspoof_handover::codes::CodeKey;
use unspoof_handover::{chance, hex};
use zeroize::Zeroizing;

use crate::approval::Approved;
use crate::package;
use crate::plan::{Plan, PlanError, PortalPart};
use crate::recipient::Recipients;

/// Draws the key that a bundle's codes are hashed with. It is given to the portal at start, held in
/// memory there, and written nowhere near the bundle.
///
/// # Errors
/// [`PlanError::Handover`] without randomness.
pub fn draw_code_key() -> Result<Zeroizing<[u8; 32]>, PlanError> {
    Ok(Zeroizing::new(chance::bytes()?))
}

/// Makes the bundle of an approved plan. [`Bundle::sign`] writes it.
///
/// # Errors
/// [`PlanError::Recipients`] where the recipients are not the plan's; [`PlanError::Document`] for a plan
/// without a portal; [`PlanError::Handover`] for what a portal would refuse.
pub fn make(
    approved: &Approved,
    recipients: &Recipients,
    code_key: &Zeroizing<[u8; 32]>,
) -> Result<Bundle, PlanError> {
    const DAY_MS: u64 = 86_400_000;
    let plan = approved.plan();
    package::check(plan, recipients)?;
    let portal = plan.portal.as_ref().ok_or_else(|| PlanError::Document {
        what: "plan",
        detail: "it has no `[portal]`".to_owned(),
    })?;
    let until_ms = u64::try_from(plan.window.until_utc / 1000).unwrap_or(0);
    let expires_ms = until_ms + u64::from(portal.codes_open_days) * DAY_MS;
    let key = CodeKey::new(code_key.clone());
    let mut codes: Vec<CodeEntry> = recipients
        .list
        .iter()
        .map(|recipient| CodeEntry {
            hash: hex::encode(&key.hash(&recipient.code)),
            text: usize::from(recipient.text),
            expires_ms,
        })
        .collect();
    // In the order of the hashes: a code's place tells nothing of when its text was sent.
    codes.sort_by(|one, other| one.hash.cmp(&other.hash));
    let bundle = with_codes(plan, portal, codes);
    // What a portal would refuse is heard here.
    bundle.clone().check()?;
    Ok(bundle)
}

/// Checks that a portal could serve what a campaign says of it.
pub(crate) fn check_portal(plan: &Plan, portal: &PortalPart) -> Result<(), PlanError> {
    with_codes(plan, portal, Vec::new()).check()?;
    Ok(())
}

fn with_codes(plan: &Plan, portal: &PortalPart, codes: Vec<CodeEntry>) -> Bundle {
    let window = &plan.window;
    let texts = plan.texts.iter().map(|text| NoticeText {
        language: text.language.clone(),
        text: text.text.clone(),
    });
    Bundle {
        version: 1,
        campaign: plan.campaign.clone(),
        made_up: plan.made_up,
        organisation: plan.organisation.clone(),
        contact: plan.contact.clone(),
        notice: Notice {
            sender: plan.sender.clone(),
            from_day: window.first_day.clone(),
            to_day: window.last_day.clone(),
            hours: format!("{} to {}", window.earliest, window.latest),
            texts: texts.collect(),
        },
        languages: portal.languages.clone(),
        language_exceptions: portal.language_exceptions.clone(),
        codes,
        recipients: portal.recipients.clone(),
        receipt_key: portal.receipt_key.clone(),
        help: portal.help.clone(),
        leave_url: portal.leave_url.clone(),
        is_crime_report: portal.is_crime_report,
        read_within_days: portal.read_within_days,
        draft_days: portal.draft_days,
    }
}
