//! The form: one question a page, over a draft that only the visitor's return code opens.

use maud::html;

use crate::bundle::HelpKind;
use crate::draft::{Draft, ReturnCode};
use crate::fields::Fields;
use crate::http::{Head, Response};
use crate::layout::{emergency, help_lines, summary};
use crate::limits::Deed;
use crate::pages::field::{anchor, draw_all};
use crate::pages::{attach, by_browser, send};
use crate::questions::{Problem, QUESTIONS, Question, question};
use crate::visit::{Ticketed, Visit, clear_and_go, held_code};

/// Where the page of a question leads on to: its successor, or back to the answers.
fn next(question: &Question, is_change: bool) -> String {
    if is_change {
        return "/report/answers".to_owned();
    }
    let at = QUESTIONS.iter().position(|of| of.slug == question.slug);
    match at.and_then(|at| QUESTIONS.get(at + 1)) {
        Some(following) => format!("/report/q/{}", following.slug),
        None => "/report/files".to_owned(),
    }
}

fn previous(question: &Question) -> String {
    let at = QUESTIONS
        .iter()
        .position(|of| of.slug == question.slug)
        .unwrap_or(0);
    match at.checked_sub(1).and_then(|at| QUESTIONS.get(at)) {
        Some(before) => format!("/report/q/{}", before.slug),
        None => "/report".to_owned(),
    }
}

/// The draft that the visitor's browser opens; otherwise the page that says so.
pub(crate) fn opened(visit: &Visit<'_>, code: Option<&ReturnCode>) -> Result<Draft, Response> {
    let Some(code) = code else {
        return Err(lost(visit));
    };
    match visit.portal.drafts.open(code) {
        Ok(Some(draft)) => Ok(draft),
        Ok(None) => Err(lost(visit)),
        Err(_) => Err(visit.failed()),
    }
}

fn lost(visit: &Visit<'_>) -> Response {
    let title = visit.say("lost-title");
    let content = html! {
        h1 { (title) }
        p.lead { (visit.say("lost-lead")) }
        ul {
            li { a href=(visit.at("/report")) { (visit.say("home-report")) } }
            li { a href=(visit.at("/return")) { (visit.say("home-return")) } }
        }
    };
    visit.page(&title, &content)
}

pub(crate) async fn get(visit: &Visit<'_>, head: &Head, rest: &str) -> Response {
    let code = held_code(head);
    let draft = match opened(visit, code.as_ref()) {
        Ok(draft) => draft,
        // Nothing is open: there is nothing to finish but to clear.
        Err(_) if rest == "finish" => return clear_and_go(&visit.at("/")),
        Err(response) => return response,
    };
    let is_change = head.query == "then=answers";
    match rest {
        "finish" => send::finish(visit, &draft, head.query == "sure"),
        "private" => by_browser::page(visit, &draft),
        "files" => attach::page(visit, &draft, None),
        "now" => urgent(visit, is_change),
        "care" => care(visit, &head.query),
        "answers" => send::answers(visit, &draft, None),
        "sent" => send::sent(visit, &draft, code.as_ref(), None),
        "save" => send::save(visit, &draft, code.as_ref(), None),
        "receipt" => send::receipt(visit, &draft),
        path => match path.strip_prefix("q/").and_then(question) {
            Some(question) => ask(visit, question, &draft, &[], is_change, None),
            None => match path.strip_prefix("files/part/") {
                Some(id) => attach::offset(visit, code.as_ref(), id).await,
                None => visit.notice(404, "missing-title", "missing-lead"),
            },
        },
    }
}

pub(crate) async fn post(visit: &Visit<'_>, head: &Head, rest: &str, given: &Fields) -> Response {
    let Some(code) = held_code(head) else {
        return lost(visit);
    };
    let Ok(_hold) = visit.portal.drafts.hold(&code).await else {
        return visit.failed();
    };
    let draft = match opened(visit, Some(&code)) {
        Ok(draft) => draft,
        Err(response) => return response,
    };
    match rest {
        "answers" => send::send(visit, &code, draft, given).await,
        "kept" => send::kept(visit, &code, draft, given),
        "keep" => by_browser::keep(visit, &code, draft, given),
        path => match path.strip_prefix("q/").and_then(question) {
            Some(question) => take(visit, question, &code, draft, given),
            None => visit.notice(404, "missing-title", "missing-lead"),
        },
    }
}

fn ask(
    visit: &Visit<'_>,
    question: &Question,
    draft: &Draft,
    problems: &[Problem],
    is_change: bool,
    notice: Option<&str>,
) -> Response {
    let language = visit.language;
    let title = visit.say(&format!("q-{}", question.slug));
    let listed: Vec<(String, String)> = notice
        .map(|id| (String::new(), visit.say(id)))
        .into_iter()
        .chain(problems.iter().map(|(name, text)| {
            let field = question.fields.iter().find(|field| field.name == *name);
            (field.map(anchor).unwrap_or_default(), text.clone())
        }))
        .collect();
    let back = if is_change {
        "/report/answers".to_owned()
    } else {
        previous(question)
    };
    let content = html! {
        a.back href=(visit.at(&back)) { (visit.say("back")) }
        (summary(language, &listed))
        form method="post" action=(visit.at(&format!("/report/q/{}", question.slug))) novalidate {
            (visit.ticket_field("report"))
            @if is_change { input type="hidden" name="then" value="answers"; }
            (draw_all(language, question, &draft.answers, problems))
            button { (visit.say("continue")) }
        }
        p { a href=(visit.at("/report/save")) { (visit.say("save-link")) } }
    };
    if listed.is_empty() {
        visit.page(&title, &content)
    } else {
        visit.problem_page(&title, &content)
    }
}

fn take(
    visit: &Visit<'_>,
    question: &Question,
    code: &ReturnCode,
    mut draft: Draft,
    given: &Fields,
) -> Response {
    let is_change = given.one("then") == "answers";
    let problems = question.take(given, visit.language, &mut draft.answers);
    if let Ticketed::Again(why) = visit.check_ticket(given.one("ticket"), "report", false) {
        return ask(visit, question, &draft, &problems, is_change, Some(why));
    }
    if !problems.is_empty() {
        return ask(visit, question, &draft, &problems, is_change, None);
    }
    if let Err(queue) = visit.admit(Deed::Save, given, draft.code.is_some()) {
        return queue;
    }
    let said = question
        .fields
        .iter()
        .flat_map(|field| draft.answers.all(field.name));
    let in_crisis = visit.portal.words.hint_at_self_harm(said);
    let show_care = in_crisis && !draft.saw_crisis_help;
    draft.saw_crisis_help |= in_crisis;
    if visit.portal.drafts.save(code, &draft, false).is_err() {
        return visit.failed();
    }
    let suffix = if is_change { "?then=answers" } else { "" };
    if show_care {
        let on = if is_change { "answers" } else { question.slug };
        return visit.go(&format!("/report/care?after={on}"));
    }
    // Who is not sure has no time to lose either.
    if question.slug == "urgent" && draft.answers.one("moved") != "no" {
        return visit.go(&format!("/report/now{suffix}"));
    }
    visit.go(&next(question, is_change))
}

/// The bank comes first where money moved in the last hours.
fn urgent(visit: &Visit<'_>, is_change: bool) -> Response {
    let title = visit.say("now-title");
    let on =
        question("urgent").map_or_else(|| "/report".into(), |question| next(question, is_change));
    let content = html! {
        h1 { (title) }
        div."box warn" {
            p { (visit.say("now-lead")) }
            (help_lines(&visit.bundle.bundle, visit.language, HelpKind::Bank))
        }
        p { (visit.say("now-later")) }
        p { a.button href=(visit.at(&on)) { (visit.say("now-continue")) } }
        p { a href=(visit.at("/report/save")) { (visit.say("save-link")) } }
    };
    visit.page(&title, &content)
}

/// Crisis help, shown once where an answer holds a sign of self-harm, and on the last pages again.
fn care(visit: &Visit<'_>, query: &str) -> Response {
    let title = visit.say("crisis-title");
    let after = query.strip_prefix("after=").unwrap_or("");
    let on = question(after).map_or_else(
        || "/report/answers".into(),
        |question| next(question, false),
    );
    let content = html! {
        h1 { (title) }
        p.lead { (visit.say("crisis-lead")) }
        div."box good" {
            (help_lines(&visit.bundle.bundle, visit.language, HelpKind::Crisis))
            (emergency(&visit.bundle.bundle, visit.language))
        }
        p { a.button href=(visit.at(&on)) { (visit.say("crisis-continue")) } }
    };
    visit.page(&title, &content)
}
