//! The form's questions, in order: data, so that pages, checks and tests all follow one list.

use crate::draft::Answers;
use crate::fields::Fields;
use crate::words::Language;

/// One page of the form.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Its place in the address; its title is the message `q-SLUG`.
    pub slug: &'static str,
    /// What is asked on it.
    pub fields: &'static [Field],
}

/// One thing that is asked; its label is `f-NAME`, or the page's title for a choice.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in the form and in sealed reports.
    pub name: &'static str,
    /// How it is answered.
    pub kind: Kind,
    /// Whether the page goes on without it.
    pub is_required: bool,
}

/// How a field is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A line of at most so many characters, with HTML's `type`, `autocomplete` and `inputmode`.
    Line(usize, &'static str, &'static str, &'static str),
    /// A text of at most so many characters.
    Text(usize),
    /// One of these; their labels are `c-NAME-VALUE`.
    One(&'static [&'static str]),
    /// Any of these.
    Any(&'static [&'static str]),
    /// Day, month and year, each of which may be missing.
    Date,
    /// An amount of money in figures.
    Amount,
}

const fn optional(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: false,
    }
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: true,
    }
}

const fn line(name: &'static str, max: usize) -> Field {
    optional(name, Kind::Line(max, "text", "off", "text"))
}

const YES_NO: &[&str] = &["yes", "no", "unsure"];

/// All pages with answers, in order.
pub const QUESTIONS: &[Question] = &[
    Question {
        slug: "urgent",
        fields: &[required("moved", Kind::One(YES_NO))],
    },
    Question {
        slug: "who",
        fields: &[
            required("whom", Kind::One(&["self", "other"])),
            line("relation", 100),
        ],
    },
    Question {
        slug: "happened",
        fields: &[optional("story", Kind::Text(4000))],
    },
    Question {
        slug: "when",
        fields: &[optional("call-day", Kind::Date), line("call-time", 60)],
    },
    Question {
        slug: "shown",
        fields: &[optional(
            "number-shown",
            Kind::Line(40, "text", "off", "tel"),
        )],
    },
    Question {
        slug: "claimed",
        fields: &[line("claimed", 100)],
    },
    Question {
        slug: "bank",
        fields: &[line("bank", 100)],
    },
    Question {
        slug: "loss",
        fields: &[
            optional("lost", Kind::One(YES_NO)),
            optional("amount", Kind::Amount),
            optional("currency", Kind::One(&["GBP", "EUR", "PLN", "other"])),
            line("moved-when", 100),
        ],
    },
    Question {
        slug: "secret",
        fields: &[optional("secret", Kind::One(YES_NO))],
    },
    Question {
        slug: "reported",
        fields: &[
            optional(
                "reported",
                Kind::Any(&["bank", "police", "other", "nobody"]),
            ),
            line("reported-reference", 80),
        ],
    },
    Question {
        slug: "contact",
        fields: &[
            optional("name", Kind::Line(100, "text", "name", "text")),
            optional("phone", Kind::Line(40, "tel", "tel", "tel")),
            optional("email", Kind::Line(200, "text", "email", "email")),
            line("safe", 200),
        ],
    },
    Question {
        slug: "help",
        fields: &[optional(
            "help",
            Kind::Any(&["talk", "bank", "language", "none"]),
        )],
    },
    Question {
        slug: "agree",
        fields: &[optional("agree", Kind::Any(&["bank", "research"]))],
    },
];

/// Finds a page by its place in the address.
#[must_use]
pub fn question(slug: &str) -> Option<&'static Question> {
    QUESTIONS.iter().find(|question| question.slug == slug)
}

/// Something that a page is shown again for: the field, and what to do.
pub type Problem = (&'static str, String);

impl Question {
    /// Takes a page's answers into `answers`, and says what is wrong with them. What is wrong is
    /// taken too: the page shows it again.
    pub fn take(&self, given: &Fields, language: &Language, answers: &mut Answers) -> Vec<Problem> {
        let mut problems = Vec::new();
        for field in self.fields {
            let values = field.values(given);
            if let Some(problem) = field.problem(&values, language) {
                problems.push((field.name, problem));
            }
            if values.iter().all(String::is_empty) {
                answers.0.remove(field.name);
            } else {
                answers.0.insert(field.name.to_owned(), values);
            }
        }
        problems
    }
}

impl Field {
    fn values(&self, given: &Fields) -> Vec<String> {
        match self.kind {
            Kind::Date => {
                let part = |part| {
                    given
                        .one(&format!("{}-{part}", self.name))
                        .trim()
                        .to_owned()
                };
                vec![part("day"), part("month"), part("year")]
            }
            Kind::One(values) | Kind::Any(values) => {
                let known = |given: &&str| values.contains(given);
                given
                    .all(self.name)
                    .filter(known)
                    .map(str::to_owned)
                    .collect()
            }
            // No cut at the limit: the page says what is too long and shows all of it.
            Kind::Line(..) | Kind::Amount => {
                let line = given.one(self.name);
                vec![
                    line.chars()
                        .filter(|c| !c.is_control())
                        .collect::<String>()
                        .trim()
                        .to_owned(),
                ]
            }
            Kind::Text(_) => {
                let text = given.one(self.name).replace("\r\n", "\n");
                vec![
                    text.chars()
                        .filter(|c| !c.is_control() || *c == '\n')
                        .collect::<String>()
                        .trim()
                        .to_owned(),
                ]
            }
        }
    }

    fn problem(&self, values: &[String], language: &Language) -> Option<String> {
        let first = values.first().map_or("", String::as_str);
        let too_long = |max: usize| {
            (first.chars().count() > max)
                .then(|| language.say_with("too-long", &[("max", &max.to_string())]))
        };
        match self.kind {
            Kind::Line(max, ..) | Kind::Text(max) => too_long(max),
            Kind::One(_) => (self.is_required && first.is_empty() || values.len() > 1)
                .then(|| language.say("choose-one")),
            Kind::Any(_) => None,
            Kind::Date => (!is_date(values)).then(|| language.say("bad-date")),
            Kind::Amount => {
                (!first.is_empty() && !is_amount(first)).then(|| language.say("bad-amount"))
            }
        }
    }
}

/// Empty parts are all right: people remember the month and not the day.
fn is_date(parts: &[String]) -> bool {
    let [day, month, year] = parts else {
        return false;
    };
    let number = |part: &str, least: u32, most: u32| {
        part.is_empty() || part.parse().is_ok_and(|n: u32| (least..=most).contains(&n))
    };
    let days = match (month.parse(), year.parse::<u32>()) {
        (Ok(4 | 6 | 9 | 11), _) => 30,
        (Ok(2), Ok(year))
            if !year.is_multiple_of(4)
                || (year.is_multiple_of(100) && !year.is_multiple_of(400)) =>
        {
            28
        }
        (Ok(2), _) => 29,
        _ => 31,
    };
    number(day, 1, days) && number(month, 1, 12) && number(year, 1990, 2100)
}

/// Figures, with at most two after a point or comma; spaces and the thousands' separators of
/// either habit are left to whoever reads it.
fn is_amount(text: &str) -> bool {
    let figures = text.chars().filter(char::is_ascii_digit).count();
    let plain =
        |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\'' | '£' | '€' | '$');
    (1..=12).contains(&figures) && text.chars().count() <= 24 && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_may_be_partial_and_must_be_real() {
        let is = |d: &str, m: &str, y: &str| is_date(&[d.into(), m.into(), y.into()]);
        assert!(is("29", "2", "2020") && is("", "3", "2022") && is("", "", ""));
        assert!(!is("29", "2", "2022") && !is("31", "4", "2022") && !is("1", "13", "2022"));
        assert!(!is("1", "1", "22") && !is("-1", "", "") && !is("x", "", ""));
    }

    #[test]
    fn amounts_are_figures() {
        assert!(
            is_amount("1,250.50") && is_amount("£ 12 000") && !is_amount("much") && !is_amount("£")
        );
    }
}
