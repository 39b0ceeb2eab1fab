//! How a field of the form is drawn.

use maud::{Markup, html};

use crate::draft::Answers;
use crate::questions::{Field, Kind, Problem, Question};
use crate::words::Language;

/// What a problem's link leads to: the first control of a field.
pub(crate) fn anchor(field: &Field) -> String {
    match field.kind {
        Kind::One(values) | Kind::Any(values) => {
            format!("{}-{}", field.name, values.first().copied().unwrap_or(""))
        }
        Kind::Date => format!("{}-day", field.name),
        Kind::Line(..) | Kind::Text(_) | Kind::Amount => field.name.to_owned(),
    }
}

/// The field's label: its own message, or the page's title for a choice that is the question.
pub(crate) fn label(language: &Language, question: &Question, field: &Field) -> String {
    let own = format!("f-{}", field.name);
    if language.has(&own) {
        language.say(&own)
    } else {
        language.say(&format!("q-{}", question.slug))
    }
}

/// Draws all fields of a question, under its title. Where the first field has no label of its own,
/// the title is its label.
pub(crate) fn draw_all(
    language: &Language,
    question: &Question,
    answers: &Answers,
    problems: &[Problem],
) -> Markup {
    let is_title =
        |at: usize, field: &Field| at == 0 && !language.has(&format!("f-{}", field.name));
    let leads = question.fields.first().is_some_and(|f| is_title(0, f));
    let hint = format!("q-{}-hint", question.slug);
    html! {
        @if !leads {
            h1 { (language.say(&format!("q-{}", question.slug))) }
            @if language.has(&hint) { p.hint { (language.say(&hint)) } }
        }
        @for (at, field) in question.fields.iter().enumerate() {
            @let problem = problems.iter().find(|(name, _)| *name == field.name);
            @let problem = problem.map(|(_, text)| text.as_str());
            (draw(language, question, field, answers, problem, is_title(at, field)))
        }
        @if question.fields.iter().all(|field| !field.is_required) {
            p.hint { (language.say("optional-page")) }
        }
    }
}

/// Draws a field. `is_title`: its label is the page's first heading.
fn draw(
    language: &Language,
    question: &Question,
    field: &Field,
    answers: &Answers,
    problem: Option<&str>,
    is_title: bool,
) -> Markup {
    let name = field.name;
    let label = label(language, question, field);
    let hint_id = format!("f-{name}-hint");
    let hint = language.has(&hint_id).then(|| language.say(&hint_id));
    let hint = hint.or_else(|| {
        let id = format!("q-{}-hint", question.slug);
        (is_title && language.has(&id)).then(|| language.say(&id))
    });
    let described = [(hint.is_some(), "hint"), (problem.is_some(), "error")];
    let described: Vec<String> = described
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, what)| format!("{name}-{what}"))
        .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let about = html! {
        @if let Some(hint) = &hint { p.hint id=(format!("{name}-hint")) { (hint) } }
        @if let Some(problem) = problem { p.error id=(format!("{name}-error")) { (problem) } }
    };
    let invalid = problem.is_some().then_some("true");
    let value = answers.one(name);
    let simple = |control: Markup| {
        html! {
            div.field.wrong[problem.is_some()] {
                @if is_title { h1 { label for=(name) { (label) } } } @else { label for=(name) { (label) } }
                (about)
                (control)
            }
        }
    };
    match field.kind {
        Kind::Line(max, kind, complete, mode) => simple(html! {
            input type=(kind) id=(name) name=(name) value=(value) maxlength=(max) dir="auto"
                autocomplete=(complete) inputmode=(mode) aria-invalid=[invalid] aria-describedby=[described];
        }),
        Kind::Amount => simple(html! {
            input type="text" id=(name) name=(name) value=(value) maxlength="24" dir="ltr"
                autocomplete="off" inputmode="decimal" aria-invalid=[invalid] aria-describedby=[described];
        }),
        Kind::Text(max) => simple(html! {
            textarea id=(name) name=(name) rows="10" maxlength=(max) dir="auto" autocomplete="off"
                aria-invalid=[invalid] aria-describedby=[described] {
                // The parser drops a line break that comes first.
                "\n" (value)
            }
        }),
        Kind::One(values) | Kind::Any(values) => {
            let kind = if matches!(field.kind, Kind::One(_)) {
                "radio"
            } else {
                "checkbox"
            };
            html! {
                fieldset.wrong[problem.is_some()] aria-describedby=[described] {
                    legend { @if is_title { h1 { (label) } } @else { (label) } }
                    (about)
                    @for choice in values {
                        @let id = format!("{name}-{choice}");
                        div.pick {
                            input type=(kind) id=(id) name=(name) value=(choice)
                                checked[answers.all(name).iter().any(|a| a == choice)];
                            label for=(id) { (language.say(&format!("c-{name}-{choice}"))) }
                        }
                    }
                }
            }
        }
        Kind::Date => {
            let parts = answers.all(name);
            html! {
                fieldset.wrong[problem.is_some()] aria-describedby=[described] {
                    legend { (label) }
                    (about)
                    div.date {
                        @for (at, (part, digits)) in [("day", 2), ("month", 2), ("year", 4)].iter().enumerate() {
                            @let id = format!("{name}-{part}");
                            div.field {
                                label for=(id) { (language.say(part)) }
                                input type="text" id=(id) name=(id) inputmode="numeric" maxlength=(digits)
                                    value=(parts.get(at).map_or("", String::as_str)) autocomplete="off";
                            }
                        }
                    }
                }
            }
        }
    }
}

/// An answer as people read it on the last page.
pub(crate) fn shown(language: &Language, field: &Field, answers: &Answers) -> String {
    let values = answers.all(field.name);
    match field.kind {
        Kind::One(_) | Kind::Any(_) => {
            let said: Vec<String> = values
                .iter()
                .map(|value| language.say(&format!("c-{}-{value}", field.name)))
                .collect();
            said.join("\n")
        }
        Kind::Date => {
            let known: Vec<&str> = values
                .iter()
                .map(String::as_str)
                .filter(|v| !v.is_empty())
                .collect();
            known.join(" ")
        }
        Kind::Line(..) | Kind::Text(_) | Kind::Amount => {
            values.first().cloned().unwrap_or_default()
        }
    }
}
