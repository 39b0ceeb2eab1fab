//! The frame of every page, and the pieces that pages share.

use maud::{DOCTYPE, Markup, html};

use crate::bundle::{Bundle, HelpKind};
use crate::words::Language;

const STYLE: &[u8] = include_bytes!("../assets/portal.css");
const PORTAL: &[u8] = include_bytes!("../assets/portal.js");
const SEALING: &[u8] = include_bytes!("../assets/sealing.js");
/// npm's `age-encryption`, as `assets/age` builds it: a test builds it again and compares.
const AGE: &[u8] = include_bytes!("../assets/age.js");
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Files that browsers may keep: their addresses hold their hashes.
static ASSETS: std::sync::LazyLock<[(String, &'static str, &'static [u8]); 4]> =
    std::sync::LazyLock::new(|| {
        [
            ("portal.css", "text/css; charset=utf-8", STYLE),
            ("portal.js", JAVASCRIPT, PORTAL),
            ("age.js", JAVASCRIPT, AGE),
            ("sealing.js", JAVASCRIPT, SEALING),
        ]
        .map(|(name, kind, content)| (hashed(content, name), kind, content))
    });

/// Which scripts a page has. Each works without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scripts {
    None,
    /// Progress of uploads, work in the queue, the way to sealing in the browser.
    Portal,
    /// All that a browser needs to seal by itself.
    Sealing,
}

impl Scripts {
    fn paths(self) -> impl Iterator<Item = &'static str> {
        let count = match self {
            Self::None => 0,
            Self::Portal => 1,
            Self::Sealing => 3,
        };
        ASSETS
            .iter()
            .skip(1)
            .take(count)
            .map(|(path, ..)| path.as_str())
    }
}

/// Finds a file that browsers may keep.
pub(crate) fn asset(path: &str) -> Option<(&'static str, &'static [u8])> {
    let found = ASSETS.iter().find(|(of, ..)| of == path);
    found.map(|(_, kind, content)| (*kind, *content))
}

fn hashed(content: &[u8], name: &str) -> String {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(content);
    format!("/s/{}/{name}", crate::hex::encode(hash.split_at(8).0))
}

fn style_path() -> &'static str {
    ASSETS.first().map_or("", |(path, ..)| path.as_str())
}

/// What a page needs besides its content.
pub(crate) struct Frame<'a> {
    pub(crate) bundle: &'a Bundle,
    pub(crate) language: &'a Language,
    /// All languages that are served, for the links at the foot.
    pub(crate) languages: Vec<&'a Language>,
    /// The path after the language, that the links at the foot lead to.
    pub(crate) here: &'a str,
    pub(crate) title: &'a str,
    pub(crate) has_problem: bool,
    pub(crate) scripts: Scripts,
}

impl Frame<'_> {
    pub(crate) fn page(&self, content: &Markup) -> String {
        let (say, bundle) = (|id: &str| self.language.say(id), self.bundle);
        let code = self.language.code;
        let direction = if self.language.is_rtl() { "rtl" } else { "ltr" };
        html! {
            (DOCTYPE)
            html lang=(code) dir=(direction) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    @if self.here.starts_with("/report/") { meta name="robots" content="noindex"; }
                    title {
                        @if self.has_problem { (say("problem-prefix")) ": " }
                        (self.title) " – " (bundle.organisation)
                    }
                    link rel="stylesheet" href=(style_path());
                    @for script in self.scripts.paths() { script src=(script) defer {} }
                }
                body {
                    a.skip href="#main" { (say("skip")) }
                    header {
                        div.top {
                            a.org href=(format!("/{code}/")) { (bundle.organisation) }
                            a.leave href="/leave" rel="noreferrer" { (say("leave")) }
                        }
                        @if bundle.made_up { div.band { p { (say("rehearsal")) } } }
                        @if !self.language.is_reviewed { div.band { p { (say("unreviewed")) } } }
                    }
                    main id="main" tabindex="-1" { (content) }
                    footer {
                        div.foot {
                            p { (say("contact-us")) ": " bdi { (bundle.contact) } }
                            ul {
                                li { a href=(format!("/{code}/")) { (say("home-link")) } }
                                li { a href=(format!("/{code}/about")) { (say("about-link")) } }
                            }
                            @if self.languages.len() > 1 {
                                nav aria-label=(say("languages")) {
                                    ul {
                                        @for other in &self.languages {
                                            li {
                                                @let name = other.say("language-name");
                                                @if other.code == code {
                                                    span lang=(other.code) aria-current="true" { (name) }
                                                } @else {
                                                    a lang=(other.code) hreflang=(other.code)
                                                        href=(format!("/{}{}", other.code, self.here)) { (name) }
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        .into_string()
    }
}

/// Help lines of a kind, as a list of names and numbers that phones can dial.
pub(crate) fn help_lines(bundle: &Bundle, language: &Language, kind: HelpKind) -> Markup {
    html! {
        @for line in bundle.help.iter().filter(|line| line.kind == kind) {
            // A name in another language than the page's keeps its own direction and voice.
            @let name = [language.code, "en"].into_iter().find_map(|code| Some((code, line.name.get(code)?)));
            @let digits: String = line.number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
            p.now {
                @if let Some((code, name)) = name { bdi lang=(code) { (name) } ": " }
                a href=(format!("tel:{digits}")) { bdi { (line.number) } }
            }
        }
    }
}

/// The number to ring where life is in danger.
pub(crate) fn emergency(bundle: &Bundle, language: &Language) -> Markup {
    let line = bundle
        .help
        .iter()
        .find(|line| line.kind == HelpKind::Emergency);
    html! {
        @if let Some(line) = line {
            // In one piece at the end of a line too.
            @let number = line.number.replace(' ', "\u{a0}");
            p { (language.say_with("emergency", &[("number", &number)])) }
        }
    }
}

/// What is wrong with a form, first on its page, each with a link to its field.
pub(crate) fn summary(language: &Language, problems: &[(String, String)]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div.summary role="alert" aria-labelledby="problem-title" {
                h2 #problem-title { (language.say("problem-title")) }
                ul {
                    @for (field, problem) in problems {
                        li {
                            @if field.is_empty() { (problem) }
                            @else { a href=(format!("#{field}")) { (problem) } }
                        }
                    }
                }
            }
        }
    }
}

/// A field that people do not see and that programs fill in.
pub(crate) fn trap(language: &Language) -> Markup {
    html! {
        div.trap aria-hidden="true" {
            label for="website" { (language.say("trap-label")) }
            input type="text" id="website" name="website" tabindex="-1" autocomplete="off";
        }
    }
}
