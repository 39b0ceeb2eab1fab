//! "Was my number dialled?": one answer for all, and the number goes inwards, sealed.

use maud::html;
use serde_json::json;

use crate::fields::Fields;
use crate::http::Response;
use crate::layout::{summary, trap};
use crate::limits::Deed;
use crate::spool::RecordId;
use crate::visit::{Ticketed, Visit};

pub(crate) fn ask(visit: &Visit<'_>, problem: Option<&str>, typed: &str) -> Response {
    let title = visit.say("number-title");
    let problem = problem.map(|id| visit.say(id));
    let problems: Vec<_> = problem
        .clone()
        .map(|text| ("number".to_owned(), text))
        .into_iter()
        .collect();
    let content = html! {
        (summary(visit.language, &problems))
        h1 { (title) }
        p.lead { (visit.say("number-lead")) }
        p { (visit.say("number-how")) }
        div."box warn" { p { (visit.say("number-warning")) } }
        form method="post" action=(visit.at("/number")) novalidate {
            (visit.ticket_field("number"))
            (trap(visit.language))
            div.field.wrong[problem.is_some()] {
                label for="number" { (visit.say("number-label")) }
                p.hint #number-hint { (visit.say("number-hint")) }
                @if let Some(problem) = &problem { p.error #number-error { (problem) } }
                input type="tel" id="number" name="number" value=(typed) autocomplete="tel" dir="ltr"
                    maxlength="40" aria-invalid=[problem.is_some().then_some("true")]
                    aria-describedby=(if problem.is_some() { "number-hint number-error" } else { "number-hint" });
            }
            button { (visit.say("number-button")) }
        }
    };
    if problem.is_some() {
        visit.problem_page(&title, &content)
    } else {
        visit.page(&title, &content)
    }
}

pub(crate) async fn take(visit: &Visit<'_>, given: &Fields) -> Response {
    let typed = given.one("number");
    match visit.check_ticket(given.one("ticket"), "number", true) {
        Ticketed::Again(why) => return ask(visit, Some(why), typed),
        Ticketed::Go => {}
    }
    // What counts is how it is written, never whose it is.
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    let is_plain = |c: char| c.is_ascii_digit() || "+-() ./".contains(c);
    if !(6..=15).contains(&digits) || typed.len() > 40 || !typed.chars().all(is_plain) {
        return ask(visit, Some("number-bad"), typed);
    }
    if let Err(queue) = visit.admit(Deed::Number, given, false) {
        return queue;
    }
    let asked = json!({
        "number": typed,
        "language": visit.language.code,
        "trapped": !given.one("website").is_empty(),
    });
    let Ok(id) = RecordId::draw() else {
        return visit.failed();
    };
    if visit
        .portal
        .tell_inside(&visit.bundle, id, "number-asked", asked)
        .await
        .is_err()
    {
        return visit.failed();
    }
    visit.portal.metrics.count("number_asked");
    let title = visit.say("number-done-title");
    let content = html! {
        h1 { (title) }
        p.lead { (visit.say("number-done")) }
        p { (visit.say("number-how")) }
        div."box warn" { p { (visit.say("number-warning")) } }
        p { a href=(visit.at("/report")) { (visit.say("home-report")) } }
    };
    visit.page(&title, &content)
}
