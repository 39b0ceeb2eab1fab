//! Beginning a report, and coming back to one.

use maud::html;

use crate::codes::{ALPHABET, Code};
use crate::draft::{Draft, ReturnCode, SecretText};
use crate::fields::Fields;
use crate::http::{Head, Response};
use crate::layout::{Scripts, emergency, summary, trap};
use crate::limits::Deed;
use crate::pages::by_browser::promise;
use crate::pages::check::right_text;
use crate::questions::QUESTIONS;
use crate::visit::{Ticketed, Visit, held_code, hold_code};
use crate::{PortalError, chance};

pub(crate) fn begin(visit: &Visit<'_>, problem: Option<&str>, code: &str) -> Response {
    let title = visit.say("start-title");
    let bundle = &visit.bundle.bundle;
    let crime = if bundle.is_crime_report {
        "start-crime"
    } else {
        "start-no-crime"
    };
    let days = bundle.read_within_days.to_string();
    let problems: Vec<_> = problem
        .map(|id| (String::new(), visit.say(id)))
        .into_iter()
        .collect();
    let content = html! {
        (summary(visit.language, &problems))
        h1 { (title) }
        div."box warn" { p { strong { (visit.say("start-not-now")) } } (emergency(bundle, visit.language)) }
        ul {
            li { (visit.say(crime)) }
            li { (visit.language.say_with("start-read", &[("days", &days)])) }
            li { (visit.say("start-sealed")) }
            li { (visit.say("start-keep")) }
            li { (visit.say("optional-page")) }
        }
        form method="post" action=(visit.at("/report")) {
            (visit.ticket_field("begin"))
            (trap(visit.language))
            @if !code.is_empty() { input type="hidden" name="code" value=(code); }
            // A script shows what seals in the browser, where it can.
            div data-seal hidden { (promise(visit)) }
            button { (visit.say("start-button")) }
            div data-seal hidden { button.link name="browser" value="no" { (visit.say("seal-without")) } }
        }
        p { a href=(visit.at("/return")) { (visit.say("home-return")) } }
    };
    let status = if problem.is_some() { 422 } else { 200 };
    visit.page_with(status, &title, &content, Scripts::Portal)
}

/// Makes a draft and lets the browser hold its return code. A code of a text comes along where the
/// visitor entered one; it is looked up again, for a hidden field proves nothing.
pub(crate) async fn start(visit: &Visit<'_>, head: &Head, given: &Fields) -> Response {
    let typed = given.one("code");
    if let Ticketed::Again(why) = visit.check_ticket(given.one("ticket"), "begin", false) {
        return begin(visit, Some(why), typed);
    }
    let code = match Code::parse(typed) {
        Ok(code) if right_text(visit, &code).is_some() => Some(code),
        Ok(_) | Err(_) => None,
    };
    if let Err(queue) = visit.admit(Deed::Begin, given, code.is_some()) {
        return queue;
    }
    match make(visit, head, code.as_ref(), given).await {
        Ok(response) => response,
        Err(_) => visit.failed(),
    }
}

async fn make(
    visit: &Visit<'_>,
    head: &Head,
    code: Option<&Code>,
    given: &Fields,
) -> Result<Response, PortalError> {
    let in_browser = given.one("browser") == "yes";
    let first = match QUESTIONS.first() {
        Some(question) if !in_browser => format!("/report/q/{}", question.slug),
        Some(_) | None => "/report/private".to_owned(),
    };
    let shown = code.map(|code| SecretText(code.reveal().to_string()));
    // Somebody who has begun goes on with that.
    if let Some(held) = held_code(head) {
        let _hold = visit.portal.drafts.hold(&held).await?;
        if let Some(mut draft) = visit.portal.drafts.open(&held)? {
            draft.code = shown.or(draft.code.take());
            // Answers that the website has are not taken back into the browser.
            let is_new = draft.answers.0.is_empty();
            draft.in_browser = in_browser && is_new;
            visit.portal.drafts.save(&held, &draft, false)?;
            let to = if is_new { &first } else { "/report/answers" };
            return Ok(visit.go(to));
        }
    }
    let held = ReturnCode::draw()?;
    let draft = Draft {
        reference: reference()?,
        code: shown,
        is_trapped: !given.one("website").is_empty(),
        in_browser,
        ..Draft::default()
    };
    visit.portal.drafts.save(&held, &draft, false)?;
    visit.portal.metrics.count("report_begun");
    Ok(hold_code(visit.go(&first), &held))
}

/// Eight characters to quote on the phone; 37 bits, that open nothing.
fn reference() -> Result<String, PortalError> {
    let mut reference = String::new();
    while reference.len() < 9 {
        for byte in chance::bytes::<16>()? {
            // 250 is the largest multiple of 25 in a byte: no character is likelier than another.
            let character = ALPHABET.get(usize::from(byte % 25)).filter(|_| byte < 250);
            if let Some(character) = character.filter(|_| reference.len() < 9) {
                reference.push(char::from(*character));
                if reference.len() == 4 {
                    reference.push('-');
                }
            }
        }
    }
    Ok(reference)
}

pub(crate) fn come_back(visit: &Visit<'_>, problem: Option<&str>, typed: &str) -> Response {
    let title = visit.say("return-title");
    let days = visit.bundle.bundle.draft_days.to_string();
    let problem = problem.map(|id| visit.language.say_with(id, &[("days", &days)]));
    let problems: Vec<_> = problem
        .clone()
        .map(|text| ("return".to_owned(), text))
        .into_iter()
        .collect();
    let content = html! {
        (summary(visit.language, &problems))
        h1 { (title) }
        form method="post" action=(visit.at("/return")) novalidate {
            (visit.ticket_field("return"))
            div.field.wrong[problem.is_some()] {
                label for="return" { (visit.say("return-label")) }
                p.hint #return-hint { (visit.say("return-hint")) }
                @if let Some(problem) = &problem { p.error #return-error { (problem) } }
                input.code type="text" id="return" name="return" value=(typed) autocomplete="off"
                    autocapitalize="characters" spellcheck="false" maxlength="60"
                    aria-invalid=[problem.is_some().then_some("true")]
                    aria-describedby=(if problem.is_some() { "return-hint return-error" } else { "return-hint" });
            }
            button { (visit.say("return-button")) }
        }
        p { a href=(visit.at("/report")) { (visit.say("home-report")) } }
    };
    if problem.is_some() {
        visit.problem_page(&title, &content)
    } else {
        visit.page(&title, &content)
    }
}

pub(crate) async fn open(visit: &Visit<'_>, given: &Fields) -> Response {
    let typed = given.one("return");
    if let Ticketed::Again(why) = visit.check_ticket(given.one("ticket"), "return", true) {
        return come_back(visit, Some(why), typed);
    }
    if let Err(queue) = visit.admit(Deed::Open, given, false) {
        return queue;
    }
    let Some(code) = ReturnCode::parse(typed) else {
        return come_back(visit, Some("return-no"), typed);
    };
    match visit.portal.drafts.open(&code) {
        Ok(Some(draft)) => {
            let is_sent = draft.is_blank() && !draft.receipts.is_empty();
            hold_code(
                visit.go(if is_sent {
                    "/report/sent"
                } else {
                    "/report/answers"
                }),
                &code,
            )
        }
        Ok(None) => come_back(visit, Some("return-no"), typed),
        Err(_) => visit.failed(),
    }
}
