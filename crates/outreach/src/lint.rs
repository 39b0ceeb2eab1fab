//! Refuses a campaign's text for what a fraudster's copy of it could use, and for what would not
//! arrive as it was written.
//!
//! A warning that tells people to tap, call, pay or hurry teaches them to obey the next text, which
//! is not ours. So a text may hold nothing that a phone turns into a link or a number to ring, no
//! money, no urgency, no request and no personal data; it must be in the language that it claims, in
//! characters that the sender takes, from a sender ID that is registered. [`lint`] looks at the text
//! with its placeholders filled in, for each organisation that may stand there.
//!
//! Each [`Finding`] says what was found where, why that is refused, and how to mend it. An
//! [`Exception`] lets one finding pass, by name; the plan that holds it is what people sign.
//!
//! Word lists lie in `lint/words`, one a language, for people who speak it to correct. The linter
//! finds slips; it cannot prove a text harmless, and two people read every text before they sign.

mod characters;
mod filled;
mod link;
mod number;
mod script;
mod sender_id;
mod tongue;
mod words;

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::text::{Coding, split};
use filled::Filled;

pub use number::looks_like_a_number_to_ring;

/// A rule's stable name. New ones may be added; a released one keeps its meaning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rule {
    /// A scheme, a domain name, a dotted address: whatever a phone makes a link of.
    Link,
    /// An e-mail address.
    Email,
    /// Five digits or more in a row, with or without separators, other than the code.
    PhoneNumber,
    /// An amount, a currency, or a word of money.
    Money,
    /// Haste, a deadline, a threat.
    Urgency,
    /// Asks to reply, call, click, press or tell something.
    Request,
    /// Addresses the reader by name, or speaks of what identifies a person.
    PersonalData,
    /// A placeholder other than `{code}` and `{organisation}`.
    Placeholder,
    /// The check code is missing, stands there twice, or where none is given.
    Code,
    /// The sender ID is not registered, or none that may be used.
    SenderId,
    /// The text is not in the language that it claims, or in one that cannot be checked.
    Language,
    /// A character that does not arrive.
    Unsendable,
    /// Something that GOV.UK Notify would change on the way, such as spaces.
    Altered,
    /// Invisible characters, and those that turn the direction of writing.
    Invisible,
    /// Letters of different scripts that look alike.
    MixedScripts,
    /// More parts than are allowed.
    Parts,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 16] = [
        Self::Link,
        Self::Email,
        Self::PhoneNumber,
        Self::Money,
        Self::Urgency,
        Self::Request,
        Self::PersonalData,
        Self::Placeholder,
        Self::Code,
        Self::SenderId,
        Self::Language,
        Self::Unsendable,
        Self::Altered,
        Self::Invisible,
        Self::MixedScripts,
        Self::Parts,
    ];

    /// Returns the stable name, such as `phone-number`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Email => "email",
            Self::PhoneNumber => "phone-number",
            Self::Money => "money",
            Self::Urgency => "urgency",
            Self::Request => "request",
            Self::PersonalData => "personal-data",
            Self::Placeholder => "placeholder",
            Self::Code => "code",
            Self::SenderId => "sender-id",
            Self::Language => "language",
            Self::Unsendable => "unsendable",
            Self::Altered => "altered",
            Self::Invisible => "invisible",
            Self::MixedScripts => "mixed-scripts",
            Self::Parts => "parts",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A text of a plan, with its placeholders.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// Its language, such as `en` or `cy`.
    pub language: &'a str,
    /// The text. `{code}` stands for the check code, `{organisation}` for who was posed as.
    pub text: &'a str,
    /// Whose name the text comes under.
    pub sender_id: &'a str,
}

/// Who takes the texts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// A message centre, or a gateway that sends what it is given.
    #[default]
    MessageCentre,
    /// GOV.UK Notify, which changes spaces and replaces characters: the GSM alphabet and Welsh
    /// letters pass. Releases differ in what they do with others, so those are refused.
    Notify,
}

/// What a text is held against.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// Sender IDs that are registered for the campaign, as they will be shown.
    pub registered: &'a [String],
    /// Short codes that are registered: the only sender IDs of digits.
    pub short_codes: &'a [String],
    /// Names that may stand for `{organisation}` or in the text itself, as they will be shown. What a
    /// name says is no finding of the word lists.
    pub organisations: &'a [String],
    /// Whether each text must carry the check code.
    pub has_code: bool,
    /// How the provider wants texts.
    pub coding: Coding,
    /// Who takes them.
    pub channel: Channel,
    /// The most parts that a text may take.
    pub most_parts: usize,
}

/// Something that is refused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// By which rule.
    pub rule: Rule,
    /// Where in the text, in bytes of UTF-8, placeholders as they are written.
    pub span: Range<usize>,
    /// What was found, as it would arrive. An exception names it.
    pub found: String,
    /// The organisation with which it was found, where it takes one.
    pub organisation: Option<String>,
    /// Why it is refused.
    pub why: String,
    /// How to mend it.
    pub mend: String,
    /// Who lets it pass; `None` while it is refused.
    pub excepted_by: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`", self.rule, self.found.escape_debug())?;
        if let Some(organisation) = &self.organisation {
            write!(f, " (with `{organisation}`)")?;
        }
        write!(f, ": {}; {}", self.why, self.mend)?;
        match &self.excepted_by {
            Some(by) => write!(f, " [excepted by {by}]"),
            None => Ok(()),
        }
    }
}

/// Lets one finding pass. It has effect only as part of what two people sign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The rule.
    pub rule: Rule,
    /// What was found, exactly as [`Finding::found`] says: another link is another exception.
    pub found: String,
    /// Why it may pass.
    pub reason: String,
    /// Who answers for it.
    pub by: String,
}

/// What the linter says of one text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    /// All that was found, in the order of the text.
    pub findings: Vec<Finding>,
    /// Exceptions that nothing was found for, or that lack a reason or a name: they let nothing pass.
    pub idle_exceptions: Vec<Exception>,
}

impl Report {
    /// Returns the findings that no exception lets pass.
    pub fn refused(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.excepted_by.is_none())
    }

    /// Says whether the text may be sent.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.refused().next().is_none()
    }
}

/// Looks for all that a text may not hold.
#[must_use]
pub fn lint(draft: &Draft<'_>, setting: &Setting<'_>, exceptions: &[Exception]) -> Report {
    let mut findings = Vec::new();
    for (at, filled) in filled::all(draft.text, setting.organisations)
        .iter()
        .enumerate()
    {
        let mut look = Look {
            draft,
            setting,
            filled,
            found: &mut findings,
        };
        look.at_what_a_name_can_change();
        // The rest is the same whoever is named.
        if at == 0 {
            look.at_the_words();
        }
    }
    sender_id::check(draft, setting, &mut findings);
    findings.sort_by(|a, b| {
        (a.span.start, a.rule, a.span.end).cmp(&(b.span.start, b.rule, b.span.end))
    });
    let is_usable = |e: &Exception| !e.reason.trim().is_empty() && !e.by.trim().is_empty();
    let fits = |e: &Exception, f: &Finding| is_usable(e) && e.rule == f.rule && e.found == f.found;
    for finding in &mut findings {
        let exception = exceptions.iter().find(|e| fits(e, finding));
        finding.excepted_by = exception.map(|e| e.by.clone());
    }
    let idle_exceptions = exceptions
        .iter()
        .filter(|e| !findings.iter().any(|f| fits(e, f)))
        .cloned()
        .collect();
    Report {
        findings,
        idle_exceptions,
    }
}

/// One text with one filling, and what was found so far.
struct Look<'a> {
    draft: &'a Draft<'a>,
    setting: &'a Setting<'a>,
    filled: &'a Filled,
    found: &'a mut Vec<Finding>,
}

impl Look<'_> {
    fn at_what_a_name_can_change(&mut self) {
        characters::check(self);
        script::check(self);
        link::check(self);
        number::check(self);
        self.check_parts();
    }

    fn at_the_words(&mut self) {
        words::check(self);
        filled::check_placeholders(self);
        tongue::check(self);
    }

    /// Notes a finding, once for a place however many organisations have it.
    fn finds(
        &mut self,
        rule: Rule,
        span: Range<usize>,
        why: impl Into<String>,
        mend: impl Into<String>,
    ) {
        let found = self.filled.shown(&span);
        let organisation = self.filled.organisation_in(&span);
        let span = self.filled.in_template(&span);
        let known = |f: &Finding| f.rule == rule && f.span == span && f.found == found;
        if self.found.iter().any(known) {
            return;
        }
        self.found.push(Finding {
            rule,
            span,
            found,
            organisation,
            why: why.into(),
            mend: mend.into(),
            excepted_by: None,
        });
    }

    fn check_parts(&mut self) {
        let Ok(split) = split(&self.filled.text, self.setting.coding) else {
            return;
        };
        let most = self.setting.most_parts;
        if split.len() <= most {
            return;
        }
        let over = split.parts().get(most).map_or(0, |part| part.range().start);
        let span = over..self.filled.text.len();
        let why = format!(
            "it takes {} parts ({} in {}), and {most} {} allowed",
            split.len(),
            split.units(),
            split.alphabet(),
            if most == 1 { "is" } else { "are" },
        );
        // The longest filling says most; one finding is enough.
        let of_parts = |f: &Finding| f.rule == Rule::Parts;
        if !self.found.iter().any(of_parts) {
            self.finds(
                Rule::Parts,
                span,
                why,
                "shorten it: a text of one part arrives whole or not at all",
            );
        }
    }
}
