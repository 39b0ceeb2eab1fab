//! The form for browsers that seal: all questions on one page, of which a script shows one at a
//! time, and an end that takes sealed bytes alone. What it asks is [`QUESTIONS`], as without scripts.

use maud::{Markup, html};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::bundle::HelpKind;
use crate::draft::{Answers, Draft, ReturnCode};
use crate::fields::Fields;
use crate::files::{MAX_FILE_BYTES, MAX_FILES};
use crate::http::{Body, BodyError, Head, Response};
use crate::layout::{Scripts, emergency, help_lines};
use crate::limits::Deed;
use crate::pages::field::{draw_all, label};
use crate::pages::report::opened;
use crate::pages::send::{Content, crime, deliver};
use crate::questions::QUESTIONS;
use crate::sealed::is_sealed;
use crate::visit::{Ticketed, Visit, held_code};

/// Sealed answers, in bytes, at most: what a form of [`crate::route`] holds, sealed.
const MAX_SEALED_BYTES: u64 = 128 * 1024;

pub(crate) fn page(visit: &Visit<'_>, draft: &Draft) -> Response {
    let title = visit.say("start-title");
    let (bundle, language) = (&visit.bundle.bundle, visit.language);
    let (count, mb) = (MAX_FILES.to_string(), (MAX_FILE_BYTES >> 20).to_string());
    let limits = [("count", count.as_str()), ("mb", mb.as_str())];
    let signs: Vec<String> = visit
        .portal
        .words
        .iter()
        .map(|of| of.say("crisis-words"))
        .collect();
    let nothing = Answers::default();
    let next = || html! { button type="button" data-go="next" { (visit.say("continue")) } };
    let content = html! {
        div.summary role="alert" aria-labelledby="problem-title" hidden {
            h2 #problem-title { (visit.say("problem-title")) }
            ul {}
        }
        p role="status" {}
        noscript { p { a href=(visit.at("/report/q/urgent")) { (visit.say("seal-without")) } } }
        form method="post" action=(visit.at("/report/sealed")) novalidate hidden
            data-sealing=(visit.at("/report"))
            data-recipients=(bundle.recipients.join(" "))
            data-campaign=(bundle.campaign)
            data-language=(language.code)
            data-reference=(draft.reference)
            data-signs=(signs.join("|"))
            data-files=(MAX_FILE_BYTES) data-most=(MAX_FILES)
            data-choose=(visit.say("choose-one")) data-date=(visit.say("bad-date"))
            data-amount=(visit.say("bad-amount")) data-empty=(visit.say("answers-empty"))
            data-change=(visit.say("answers-change")) data-remove=(visit.say("files-remove"))
            data-nothing=(visit.say("answers-nothing")) data-working=(visit.say("seal-working"))
            data-failed=(visit.say("seal-failed")) data-none=(visit.say("files-empty"))
            data-large=(language.say_with("files-too-large", &limits))
            data-full=(language.say_with("files-full", &limits))
            data-prefix=(visit.say("problem-prefix")) data-organisation=(bundle.organisation) {
            (visit.ticket_field("send"))
            input type="hidden" name="file-ticket" value=(visit.ticket("file"));
            input type="hidden" name="report-ticket" value=(visit.ticket("report"));
            button.link type="button" data-go="back" { (visit.say("back")) }
            @for question in QUESTIONS {
                section data-step=(question.slug) hidden {
                    (draw_all(language, question, &nothing, &[]))
                    (next())
                }
                @if question.slug == "urgent" {
                    section data-step="now" data-aside hidden {
                        h1 { (visit.say("now-title")) }
                        div."box warn" {
                            p { (visit.say("now-lead")) }
                            (help_lines(bundle, language, HelpKind::Bank))
                        }
                        button type="button" data-go="next" { (visit.say("now-continue")) }
                    }
                }
            }
            section data-step="care" data-aside hidden {
                h1 { (visit.say("crisis-title")) }
                p.lead { (visit.say("crisis-lead")) }
                div."box good" {
                    (help_lines(bundle, language, HelpKind::Crisis))
                    (emergency(bundle, language))
                }
                button type="button" data-go="next" { (visit.say("crisis-continue")) }
            }
            section data-step="files" hidden {
                h1 { (visit.say("files-title")) }
                p { (language.say_with("files-lead", &limits)) }
                p.hint { (visit.say("files-privacy")) }
                div.field {
                    label for="file" { (visit.say("files-label")) }
                    input type="file" id="file";
                }
                button.plain type="button" data-go="add" { (visit.say("files-button")) }
                ul.files {}
                (next())
            }
            section data-step="answers" hidden {
                h1 { (visit.say("answers-title")) }
                dl.answers {
                    @for question in QUESTIONS {
                        @for field in question.fields {
                            div data-answer=(field.name) data-of=(question.slug) {
                                dt { (label(language, question, field)) }
                                dd dir="auto" {}
                                dd.change { button.link type="button" { (visit.say("answers-change")) } }
                            }
                        }
                    }
                    div data-answer="files" data-of="files" {
                        dt { (visit.say("files-title")) }
                        dd dir="auto" {}
                        dd.change { button.link type="button" { (visit.say("answers-change")) } }
                    }
                }
                h2 { (visit.say("answers-send-title")) }
                (promise(visit))
                p { (visit.say(crime(bundle))) }
                button type="button" data-go="send" { (visit.say("answers-button")) }
            }
            section data-step="keep" data-aside hidden {
                h1 { (visit.say("save-title")) }
                p.lead { (visit.say("seal-save")) }
                button type="button" data-go="keep" { (visit.say("seal-save-button")) }
            }
            p data-save { button.link type="button" data-go="stop" { (visit.say("save-link")) } }
        }
    };
    visit.page_with(200, &title, &content, Scripts::Sealing)
}

/// What sealing in the browser does and does not protect against.
pub(crate) fn promise(visit: &Visit<'_>) -> Markup {
    html! {
        div.box {
            p { strong { (visit.say("seal-title")) } " " (visit.say("seal-does")) }
            p { (visit.say("seal-not")) }
        }
    }
}

fn told(status: u16, to: &str) -> Response {
    let body = json!({ "to": to }).to_string().into_bytes();
    Response::new(status, "application/json", body)
}

/// Takes answers that the browser sealed. They are looked at for their form alone, for nothing here
/// can open them.
pub(crate) async fn take(visit: &Visit<'_>, head: &Head, body: &mut Body<'_>) -> Response {
    let Some(code) = held_code(head) else {
        return told(404, &visit.at("/report"));
    };
    let ticket = head.one("x-portal-ticket").unwrap_or("");
    if let Ticketed::Again(_) = visit.check_ticket(ticket, "send", true) {
        return Response::plain(403);
    }
    let sealed = match body.whole(MAX_SEALED_BYTES).await {
        Ok(sealed) => sealed,
        Err(BodyError::TooLarge) => return Response::plain(413),
        Err(BodyError::TooSlow | BodyError::Gone) => return Response::plain(408),
    };
    if !is_sealed(&sealed, visit.bundle.recipients.len()) {
        return Response::plain(422);
    }
    let Ok(_hold) = visit.portal.drafts.hold(&code).await else {
        return Response::plain(503);
    };
    let draft = match opened(visit, Some(&code)) {
        Ok(draft) => draft,
        Err(_) => return told(404, &visit.at("/report")),
    };
    // An answer that was lost on its way: the report is there.
    let sha256 = crate::hex::encode(&Sha256::digest(&sealed));
    if draft.last_sealed == sha256 {
        return told(200, &visit.at("/report/sent"));
    }
    if !visit.is_let_through(Deed::Send, &Fields::default(), draft.code.is_some()) {
        return Response::plain(429).with("Retry-After", "8");
    }
    match deliver(visit, &code, draft, Content::Sealed(sealed, sha256)).await {
        Ok(()) => told(200, &visit.at("/report/sent")),
        Err(_) => Response::plain(503),
    }
}

/// Takes all answers at once into the draft: somebody who began in a browser that seals stops, and
/// wants to come back on any device.
pub(crate) fn keep(
    visit: &Visit<'_>,
    code: &ReturnCode,
    mut draft: Draft,
    given: &Fields,
) -> Response {
    if let Ticketed::Again(_) = visit.check_ticket(given.one("ticket"), "report", false) {
        return Response::plain(403);
    }
    for question in QUESTIONS {
        // What is wrong stands there when the visitor comes back.
        let _ = question.take(given, visit.language, &mut draft.answers);
    }
    let texts = draft.answers.0.values().flatten();
    draft.saw_crisis_help |= visit.portal.words.hint_at_self_harm(texts);
    for file in draft.files.iter_mut().filter(|file| file.by_browser) {
        let name = given.one(&format!("file-{}", file.id));
        file.name.0 = name.chars().filter(|c| !c.is_control()).take(200).collect();
    }
    draft.in_browser = false;
    match visit.portal.drafts.save(code, &draft, true) {
        Ok(()) => told(200, &visit.at("/report/save")),
        Err(_) => Response::plain(503),
    }
}
