//! Answers checked and sent, the return code kept, the receipt.

use maud::{Markup, html};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::bundle::{Bundle, HelpKind};
use crate::draft::{Draft, ReturnCode};
use crate::fields::Fields;
use crate::files::hand_over;
use crate::http::Response;
use crate::layout::{help_lines, summary};
use crate::limits::Deed;
use crate::pages::field::{label, shown};
use crate::questions::QUESTIONS;
use crate::seal::derive;
use crate::spool::RecordId;
use crate::visit::{Ticketed, Visit, clear_and_go};
use crate::{PortalError, hex};

pub(crate) fn answers(visit: &Visit<'_>, draft: &Draft, problem: Option<&str>) -> Response {
    let title = visit.say("answers-title");
    let problems: Vec<_> = problem
        .map(|id| (String::new(), visit.say(id)))
        .into_iter()
        .collect();
    let language = visit.language;
    let content = html! {
        a.back href=(visit.at("/report/files")) { (visit.say("back")) }
        (summary(language, &problems))
        h1 { (title) }
        dl.answers {
            @for question in QUESTIONS {
                @for field in question.fields {
                    @let said = shown(language, field, &draft.answers);
                    @let name = label(language, question, field);
                    div {
                        dt { (name) }
                        dd dir="auto" {
                            @if said.is_empty() { span.hint { (visit.say("answers-empty")) } } @else { (said) }
                        }
                        dd.change {
                            a href=(visit.at(&format!("/report/q/{}?then=answers", question.slug)))
                                aria-label=(format!("{}: {name}", visit.say("answers-change"))) {
                                (visit.say("answers-change"))
                            }
                        }
                    }
                }
            }
            div {
                dt { (visit.say("files-title")) }
                dd { bdi { (draft.files.len()) } }
                dd.change {
                    a href=(visit.at("/report/files"))
                        aria-label=(format!("{}: {}", visit.say("answers-change"), visit.say("files-title"))) {
                        (visit.say("answers-change"))
                    }
                }
            }
        }
        h2 { (visit.say("answers-send-title")) }
        p { (visit.say("answers-send")) }
        p { (visit.say(crime(&visit.bundle.bundle))) }
        form method="post" action=(visit.at("/report/answers")) {
            (visit.ticket_field("send"))
            button { (visit.say("answers-button")) }
        }
        p { a href=(visit.at("/report/save")) { (visit.say("save-link")) } }
    };
    if problem.is_some() {
        visit.problem_page(&title, &content)
    } else {
        visit.page(&title, &content)
    }
}

/// The message that says whether this is a crime report.
pub(crate) fn crime(bundle: &Bundle) -> &'static str {
    if bundle.is_crime_report {
        "start-crime"
    } else {
        "start-no-crime"
    }
}

pub(crate) async fn send(
    visit: &Visit<'_>,
    code: &ReturnCode,
    draft: Draft,
    given: &Fields,
) -> Response {
    if let Ticketed::Again(why) = visit.check_ticket(given.one("ticket"), "send", true) {
        return answers(visit, &draft, Some(why));
    }
    if draft.is_blank() {
        // A second press of the button comes here too: the report was sent by the first.
        if !draft.receipts.is_empty() {
            return visit.go("/report/sent");
        }
        return answers(visit, &draft, Some("answers-nothing"));
    }
    if let Err(queue) = visit.admit(Deed::Send, given, draft.code.is_some()) {
        return queue;
    }
    match deliver(visit, code, draft, Content::Answers).await {
        Ok(()) => visit.go("/report/sent"),
        Err(_) => visit.failed(),
    }
}

/// What a report holds.
pub(crate) enum Content {
    /// The draft's answers, sealed here.
    Answers,
    /// An `age` file that the browser made, and its SHA-256.
    Sealed(Vec<u8>, String),
}

/// Derives a statement's id from what it holds and its return code: the same report sent again
/// after an interruption has the same id, and is pulled once.
///
/// # Errors
/// [`PortalError::Seal`], which answers do not lead to.
pub fn statement_id(draft: &Draft, code: &ReturnCode) -> Result<RecordId, PortalError> {
    let content = serde_json::to_vec(&(&draft.answers, &draft.files));
    let content = zeroize::Zeroizing::new(content.map_err(|_| PortalError::Seal)?);
    id_of(&content, code)
}

fn id_of(content: &[u8], code: &ReturnCode) -> Result<RecordId, PortalError> {
    let salt = Sha256::digest(content);
    let id = derive(&salt, code.reveal().as_bytes(), b"unspoof statement id v1")?;
    let id = id.first_chunk::<16>().copied().ok_or(PortalError::Seal)?;
    Ok(RecordId(id))
}

/// Receipts that a draft keeps, the newest: more would only make it grow.
const MAX_RECEIPTS: usize = 20;

pub(crate) async fn deliver(
    visit: &Visit<'_>,
    code: &ReturnCode,
    mut draft: Draft,
    content: Content,
) -> Result<(), PortalError> {
    let portal = visit.portal;
    let id = match &content {
        Content::Answers => statement_id(&draft, code)?,
        Content::Sealed(sealed, _) => id_of(sealed, code)?,
    };
    hand_over(portal.spool.root(), &draft.files)?;
    let mut statement = json!({
        "reference": draft.reference,
        "language": visit.language.code,
        "code": draft.code,
        "answers": draft.answers,
        "files": draft.files,
        "trapped": draft.is_trapped,
        "crisis": draft.saw_crisis_help,
        "follows_up": !draft.receipts.is_empty(),
    });
    if let (Content::Sealed(sealed, sha256), Value::Object(fields)) = (&content, &mut statement) {
        fields.insert("sealed_answers".into(), json!(hex::encode(sealed)));
        draft.last_sealed.clone_from(sha256);
    }
    let sealed_sha256 = portal
        .tell_inside(&visit.bundle, id, "statement", statement)
        .await?;
    portal.metrics.count("statement_sealed");
    draft
        .receipts
        .push(portal.receipt(&visit.bundle.bundle, &draft.reference, &sealed_sha256));
    let extra = draft.receipts.len().saturating_sub(MAX_RECEIPTS);
    draft.receipts.drain(..extra);
    draft.answers = crate::draft::Answers::default();
    draft.files.clear();
    // The report is on the disk. Where this is not, it is sent again under the same id.
    portal.drafts.save(code, &draft, false)
}

/// Shows the return code and asks for its end.
fn keep(visit: &Visit<'_>, code: &ReturnCode, was_kept: Option<bool>, from: &str) -> Markup {
    html! {
        h2 #return-code { (visit.say("code-title")) }
        ul.groups aria-labelledby="return-code" { @for group in code.groups() { li { (group) } } }
        p { (visit.say("code-lead")) }
        @if was_kept == Some(true) {
            div."box good" role="status" { p { (visit.say("code-kept-yes")) } }
        } @else {
            form method="post" action=(visit.at("/report/kept")) novalidate {
                (visit.ticket_field("kept"))
                input type="hidden" name="from" value=(from);
                div.field.wrong[was_kept == Some(false)] {
                    label for="kept" { (visit.say("code-kept-label")) }
                    p.hint #kept-hint { (visit.say("code-kept-hint")) }
                    @if was_kept == Some(false) { p.error #kept-error { (visit.say("code-kept-no")) } }
                    input.code type="text" id="kept" name="kept" autocomplete="off" spellcheck="false"
                        autocapitalize="characters" maxlength="8" aria-describedby="kept-hint"
                        aria-invalid=[(was_kept == Some(false)).then_some("true")];
                }
                button { (visit.say("code-kept-button")) }
            }
        }
    }
}

fn wrong_end(visit: &Visit<'_>, was_kept: Option<bool>) -> Vec<(String, String)> {
    let is_wrong = was_kept == Some(false);
    is_wrong
        .then(|| ("kept".to_owned(), visit.say("code-kept-no")))
        .into_iter()
        .collect()
}

pub(crate) fn sent(
    visit: &Visit<'_>,
    draft: &Draft,
    code: Option<&ReturnCode>,
    was_kept: Option<bool>,
) -> Response {
    let (Some(code), false) = (code, draft.receipts.is_empty()) else {
        return visit.go("/report/answers");
    };
    let title = visit.say("sent-title");
    let bundle = &visit.bundle.bundle;
    let days = bundle.read_within_days.to_string();
    let problems = wrong_end(visit, was_kept);
    let content = html! {
        (summary(visit.language, &problems))
        h1 { (title) }
        div."box good" {
            p { (visit.say("sent-reference")) }
            p.now { bdi { (draft.reference) } }
        }
        @if draft.saw_crisis_help {
            div.box { p { (visit.say("crisis-lead")) } (help_lines(bundle, visit.language, HelpKind::Crisis)) }
        }
        (keep(visit, code, was_kept, "sent"))
        h2 { (visit.say("sent-what-next")) }
        p { (visit.language.say_with("sent-next", &[("days", &days)])) }
        (help_lines(bundle, visit.language, HelpKind::Advice))
        @if !bundle.is_crime_report {
            h2 { (visit.say("how-title")) }
            (help_lines(bundle, visit.language, HelpKind::Report))
        }
        p { (visit.say("sent-receipt-hint")) }
        p { a href=(visit.at("/report/receipt")) download="receipt.txt" { (visit.say("sent-receipt")) } }
        @let more = if draft.in_browser { "/report/private" } else { "/report/q/happened?then=answers" };
        p { a href=(visit.at(more)) { (visit.say("sent-more")) } }
        p { a.button href=(visit.at("/report/finish")) { (visit.say("sent-finish")) } }
    };
    if problems.is_empty() {
        visit.page(&title, &content)
    } else {
        visit.problem_page(&title, &content)
    }
}

pub(crate) fn save(
    visit: &Visit<'_>,
    draft: &Draft,
    code: Option<&ReturnCode>,
    was_kept: Option<bool>,
) -> Response {
    let Some(code) = code else {
        return visit.failed();
    };
    // Who stops here counts on finding it again.
    if visit.portal.drafts.save(code, draft, true).is_err() {
        return visit.failed();
    }
    let title = visit.say("save-title");
    let days = visit.bundle.bundle.draft_days.to_string();
    let problems = wrong_end(visit, was_kept);
    let content = html! {
        a.back href=(visit.at("/report/answers")) { (visit.say("back")) }
        (summary(visit.language, &problems))
        h1 { (title) }
        p.lead { (visit.language.say_with("save-kept", &[("days", &days)])) }
        (keep(visit, code, was_kept, "save"))
        p { a.button href=(visit.at("/report/finish")) { (visit.say("sent-finish")) } }
    };
    if problems.is_empty() {
        visit.page(&title, &content)
    } else {
        visit.problem_page(&title, &content)
    }
}

/// Clears this device; asks first where nobody has shown that the return code is kept.
pub(crate) fn finish(visit: &Visit<'_>, draft: &Draft, is_sure: bool) -> Response {
    if draft.is_kept || is_sure {
        return clear_and_go(&visit.at("/"));
    }
    let title = visit.say("finish-title");
    let back = if draft.receipts.is_empty() {
        "/report/save"
    } else {
        "/report/sent"
    };
    let content = html! {
        h1 { (title) }
        p.lead { (visit.say("finish-lead")) }
        p { a.button href=(visit.at(back)) { (visit.say("finish-back")) } }
        p { a href=(visit.at("/report/finish?sure")) { (visit.say("finish-anyway")) } }
    };
    visit.page(&title, &content)
}

pub(crate) fn kept(
    visit: &Visit<'_>,
    code: &ReturnCode,
    mut draft: Draft,
    given: &Fields,
) -> Response {
    let is_right = match visit.check_ticket(given.one("ticket"), "kept", false) {
        Ticketed::Go => Some(code.ends_in(given.one("kept"))),
        Ticketed::Again(_) => None,
    };
    if is_right == Some(true) && !draft.is_kept {
        draft.is_kept = true;
        if visit.portal.drafts.save(code, &draft, false).is_err() {
            return visit.failed();
        }
    }
    if given.one("from") == "sent" {
        return sent(visit, &draft, Some(code), is_right);
    }
    save(visit, &draft, Some(code), is_right)
}

pub(crate) fn receipt(visit: &Visit<'_>, draft: &Draft) -> Response {
    if draft.receipts.is_empty() {
        return visit.notice(404, "missing-title", "missing-lead");
    }
    Response::new(
        200,
        "text/plain; charset=utf-8",
        draft.receipts.join("\n").into_bytes(),
    )
    .with(
        "Content-Disposition",
        "attachment; filename=\"receipt.txt\"",
    )
}
