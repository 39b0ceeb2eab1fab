//! "Is this message genuine?": the notice, and what a code opens.

use crate::codes::{Code, NotACode};
use crate::fields::Fields;
use crate::http::Response;
use crate::layout::{summary, trap};
use crate::limits::{Deed, Tried};
use crate::visit::{Ticketed, Visit};
use std::time::Duration;

use maud::{Markup, html};

/// How long a refusal waits, for whatever reason it is one.
const REFUSED: Duration = Duration::from_millis(5);

pub(crate) fn ask(visit: &Visit<'_>, problem: Option<&str>, typed: &str) -> Response {
    let title = visit.say("check-title");
    let notice = &visit.bundle.bundle.notice;
    let window = visit.language.say_with(
        "check-window-value",
        &[
            ("from", &notice.from_day),
            ("to", &notice.to_day),
            ("hours", &notice.hours),
        ],
    );
    let problems: Vec<_> = problem
        .map(|id| ("code".to_owned(), visit.say(id)))
        .into_iter()
        .collect();
    let content = html! {
        (summary(visit.language, &problems))
        h1 { (title) }
        h2 { (visit.say("check-announced")) }
        dl {
            dt { strong { (visit.say("check-sender")) } }
            dd { bdi { (notice.sender) } }
            dt { strong { (visit.say("check-window")) } }
            dd { (window) }
        }
        h2 { (visit.say("check-texts")) }
        @for text in &notice.texts {
            blockquote lang=(text.language) dir="auto" { (text.text.replace("{code}", "••••-••••-••••")) }
        }
        div."box warn" { p { (visit.say("check-fake")) } }
        h2 { (visit.say("check-code-title")) }
        form method="post" action=(visit.at("/check")) novalidate {
            (visit.ticket_field("check"))
            (trap(visit.language))
            (code_field(visit, problem.map(|id| visit.say(id)), typed))
            button { (visit.say("check-button")) }
        }
    };
    if problem.is_some() {
        visit.problem_page(&title, &content)
    } else {
        visit.page(&title, &content)
    }
}

fn code_field(visit: &Visit<'_>, problem: Option<String>, typed: &str) -> Markup {
    html! {
        div.field.wrong[problem.is_some()] {
            label for="code" { (visit.say("check-code-label")) }
            p.hint #code-hint { (visit.say("check-code-hint")) }
            @if let Some(problem) = &problem { p.error #code-error { (problem) } }
            input.code type="text" id="code" name="code" value=(typed) autocomplete="off"
                autocapitalize="characters" spellcheck="false" maxlength="40"
                aria-invalid=[problem.is_some().then_some("true")]
                aria-describedby=(if problem.is_some() { "code-hint code-error" } else { "code-hint" });
        }
    }
}

pub(crate) async fn check(visit: &Visit<'_>, given: &Fields) -> Response {
    let typed = given.one("code");
    // A program that fills every field is made to wait with everybody else.
    let is_trapped = !given.one("website").is_empty();
    match visit.check_ticket(given.one("ticket"), "check", true) {
        Ticketed::Again(why) => return ask(visit, Some(why), typed),
        Ticketed::Go if is_trapped => return ask(visit, Some("ticket-fast"), typed),
        Ticketed::Go => {}
    }
    if let Err(queue) = visit.admit(Deed::Check, given, false) {
        return queue;
    }
    let code = match Code::parse(typed) {
        Ok(code) => code,
        Err(NotACode::Check | NotACode::Form) => {
            visit.portal.metrics.count("code_mistyped");
            return ask(visit, Some("check-typing"), typed);
        }
    };
    match right_text(visit, &code) {
        Some(text) => own_page(visit, &code, text),
        None => {
            visit.portal.metrics.count("code_refused");
            let page = refused(visit);
            // What is left of a difference drowns in the steps of the clock that ends this wait.
            tokio::time::sleep(REFUSED).await;
            page
        }
    }
}

/// Which text a code was sent in, if the code is known, in time and not frozen. All that differs
/// outside between the other cases is nothing: one hash and two look-ups, whatever the case. The
/// report of a code that freezes waits for the disk, so it is written after the answer.
pub(crate) fn right_text(visit: &Visit<'_>, code: &Code) -> Option<usize> {
    let (portal, hash) = (visit.portal, visit.portal.code_key.hash(code));
    let known = visit.bundle.code(&hash);
    let is_frozen = portal.freezes.is_frozen(&hash);
    let live = known.filter(|known| !is_frozen && visit.now_ms < known.expires_ms)?;
    match portal.freezes.tried(hash, visit.network) {
        Tried::Open => Some(live.text),
        Tried::Frozen => None,
        Tried::Freezes => {
            portal.report_frozen(hash);
            None
        }
    }
}

/// The one answer to wrong, expired and frozen codes: it holds nothing of the request.
fn refused(visit: &Visit<'_>) -> Response {
    let title = visit.say("check-other-title");
    let content = html! {
        h1 { (title) }
        div."box warn" { p { (visit.say("check-other")) } }
        p { a href=(visit.at("/check")) { (visit.say("check-again")) } }
        p { a href=(visit.at("/report")) { (visit.say("home-report")) } }
    };
    visit.page(&title, &content)
}

fn own_page(visit: &Visit<'_>, code: &Code, text: usize) -> Response {
    visit.portal.metrics.count("code_right");
    let title = visit.say("own-title");
    let Some(text) = visit.bundle.bundle.notice.texts.get(text) else {
        return visit.failed();
    };
    let shown = code.reveal();
    let content = html! {
        h1 { (title) }
        p.lead { (visit.say("own-lead")) }
        blockquote lang=(text.language) dir="auto" { (text.text.replace("{code}", &shown)) }
        div."box warn" { p { strong { (visit.say("own-fake")) } } p { (visit.say("check-fake")) } }
        p { (visit.say("own-next")) }
        form method="post" action=(visit.at("/report")) {
            (visit.ticket_field("begin"))
            input type="hidden" name="code" value=(shown.as_str());
            button { (visit.say("own-report")) }
        }
    };
    visit.page(&title, &content)
}
