//! Sender IDs: registered, and of a form that networks let through.
//!
//! There is no other place in the program where one can be given: a plan names one of these.

use super::{Draft, Finding, Rule, Setting};

/// Names that say nothing of who sends, refused by UK networks and by GOV.UK Notify. Compared in lower
/// case, letters and digits alone.
const GENERIC: [&str; 30] = [
    "admin",
    "alert",
    "alerts",
    "bank",
    "code",
    "contact",
    "customer",
    "delivery",
    "fraud",
    "help",
    "info",
    "infosms",
    "inform",
    "information",
    "message",
    "mobile",
    "msg",
    "news",
    "notice",
    "notify",
    "payment",
    "refund",
    "security",
    "service",
    "sms",
    "support",
    "text",
    "update",
    "verification",
    "verify",
];

/// The most characters that an alphanumeric address holds (TS 23.040, 9.1.2.5).
const MOST_CHARACTERS: usize = 11;

pub(super) fn check(draft: &Draft<'_>, setting: &Setting<'_>, findings: &mut Vec<Finding>) {
    let id = draft.sender_id;
    let plain: String = id
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let is_allowed =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '&' | '.' | '_' | '-');
    let is_number = !id.is_empty()
        && id
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | ' '));
    let has_letter = id.chars().any(|c| c.is_ascii_alphabetic());
    let (why, mend) = if is_number && setting.short_codes.iter().any(|code| code == id) {
        return;
    } else if is_number {
        (
            "a number as sender invites to ring or answer it, and this one is no registered short code",
            "use the registered sender ID",
        )
    } else if id.chars().count() > MOST_CHARACTERS {
        (
            "phones show at most 11 characters",
            "use the registered sender ID",
        )
    } else if !id.chars().all(is_allowed) {
        (
            "networks let letters A to Z, digits, space, `&`, `.`, `_` and `-` through",
            "use the registered sender ID",
        )
    } else if !has_letter || id.trim() != id {
        (
            "it has no letter, or spaces around it",
            "use the registered sender ID",
        )
    } else if GENERIC.contains(&plain.as_str()) {
        (
            "it says nothing of who sends, and networks refuse it",
            "register the force's name",
        )
    } else if !setting.registered.iter().any(|registered| registered == id) {
        (
            "it is not registered for this campaign, so networks may refuse it and anybody may use it",
            "use one that the plan lists as registered, exactly as it is listed",
        )
    } else {
        return;
    };
    findings.push(Finding {
        rule: Rule::SenderId,
        span: 0..0,
        found: id.to_owned(),
        organisation: None,
        why: why.into(),
        mend: mend.into(),
        excepted_by: None,
    });
}
