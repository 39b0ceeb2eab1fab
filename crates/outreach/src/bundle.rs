//! The portal's bundle: notice, pages' settings and keyed hashes of the codes; no number, no code.

use unspoof_handover::bundle::{Bundle, CodeEntry, Notice, NoticeText};
use unspoof_handover::codes::CodeKey;
use unspoof_handover::{chance, hex};
use zeroize::Zeroizing;

use crate::approval::Approved;
use crate::package;
use crate::plan::{Kind, Plan, PlanError, PortalPart};
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
    make_with_answers(approved, recipients, &[], code_key)
}

/// Makes the bundle of an approved plan and of answers that go out beside it: the portal knows their codes
/// and shows their texts too. The page's days span all windows.
///
/// # Errors
/// As [`make`], and [`PlanError::Document`] for answers of another sender or organisation, of other hours,
/// or of which one is made up and the other is not.
pub fn make_with_answers(
    approved: &Approved,
    recipients: &Recipients,
    answers: &[(&Approved, &Recipients)],
    code_key: &Zeroizing<[u8; 32]>,
) -> Result<Bundle, PlanError> {
    let plan = approved.plan();
    let wrong = |detail: &str| PlanError::Document {
        what: "plan",
        detail: detail.to_owned(),
    };
    let portal = plan
        .portal
        .as_ref()
        .ok_or_else(|| wrong("it has no `[portal]`"))?;
    let mut bundle = without_codes(plan, portal);
    let key = CodeKey::new(code_key.clone());
    add_codes(&mut bundle, &key, plan, recipients, portal, 0)?;
    for (answer, recipients) in answers {
        let other = answer.plan();
        let hours = |plan: &Plan| (plan.window.earliest.clone(), plan.window.latest.clone());
        if other.kind != Kind::Answer
            || (&other.sender, &other.organisation, other.made_up)
                != (&plan.sender, &plan.organisation, plan.made_up)
            || hours(other) != hours(plan)
        {
            return Err(wrong(
                "what goes out beside it is no answer of the same sender, organisation and hours",
            ));
        }
        let from = bundle.notice.texts.len();
        bundle.notice.texts.extend(notice_texts(other));
        let notice = &mut bundle.notice;
        // Days are written so that they sort.
        notice.from_day = notice.from_day.clone().min(other.window.first_day.clone());
        notice.to_day = notice.to_day.clone().max(other.window.last_day.clone());
        add_codes(&mut bundle, &key, other, recipients, portal, from)?;
    }
    // In the order of the hashes: a code's place tells nothing of when its text was sent.
    bundle.codes.sort_by(|one, other| one.hash.cmp(&other.hash));
    // What a portal would refuse is heard here.
    bundle.clone().check()?;
    Ok(bundle)
}

fn add_codes(
    bundle: &mut Bundle,
    key: &CodeKey,
    plan: &Plan,
    recipients: &Recipients,
    portal: &PortalPart,
    first_text: usize,
) -> Result<(), PlanError> {
    const DAY_MS: u64 = 86_400_000;
    package::check(plan, recipients)?;
    let until_ms = u64::try_from(plan.window.until_utc / 1000).unwrap_or(0);
    let expires_ms = until_ms + u64::from(portal.codes_open_days) * DAY_MS;
    bundle
        .codes
        .extend(recipients.list.iter().map(|recipient| CodeEntry {
            hash: hex::encode(&key.hash(&recipient.code)),
            text: first_text + usize::from(recipient.text),
            expires_ms,
        }));
    Ok(())
}

/// Checks that a portal could serve what a campaign says of it.
pub(crate) fn check_portal(plan: &Plan, portal: &PortalPart) -> Result<(), PlanError> {
    without_codes(plan, portal).check()?;
    Ok(())
}

fn notice_texts(plan: &Plan) -> impl Iterator<Item = NoticeText> + '_ {
    plan.texts.iter().map(|text| NoticeText {
        language: text.language.clone(),
        text: text.text.clone(),
    })
}

fn without_codes(plan: &Plan, portal: &PortalPart) -> Bundle {
    let window = &plan.window;
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
            texts: notice_texts(plan).collect(),
        },
        languages: portal.languages.clone(),
        language_exceptions: portal.language_exceptions.clone(),
        codes: Vec::new(),
        recipients: portal.recipients.clone(),
        receipt_key: portal.receipt_key.clone(),
        help: portal.help.clone(),
        leave_url: portal.leave_url.clone(),
        is_crime_report: portal.is_crime_report,
        read_within_days: portal.read_within_days,
        draft_days: portal.draft_days,
    }
}
