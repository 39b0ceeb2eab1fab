//! The start page, and how what is told is protected.

use maud::html;

use crate::http::Response;
use crate::layout::emergency;
use crate::visit::Visit;

pub(crate) fn home(visit: &Visit<'_>) -> Response {
    let title = visit.say("home-title");
    let organisation = visit.bundle.bundle.organisation.as_str();
    let ways = [
        ("check", "/check"),
        ("number", "/number"),
        ("report", "/report"),
        ("return", "/return"),
    ];
    let content = html! {
        h1 { (title) }
        p.lead { (visit.language.say_with("home-lead", &[("organisation", organisation)])) }
        ul.ways {
            @for (way, path) in ways {
                li {
                    a href=(visit.at(path)) { (visit.say(&format!("home-{way}"))) }
                    p { (visit.say(&format!("home-{way}-hint"))) }
                }
            }
        }
        (emergency(&visit.bundle.bundle, visit.language))
    };
    visit.page(&title, &content)
}

pub(crate) fn about(visit: &Visit<'_>) -> Response {
    let title = visit.say("about-title");
    let content = html! {
        h1 { (title) }
        ul { @for n in 1..=7 { li { (visit.say(&format!("about-{n}"))) } } }
        p { (visit.say("about-receipt")) }
        p { code dir="ltr" { (visit.bundle.bundle.receipt_key) } }
    };
    visit.page(&title, &content)
}
