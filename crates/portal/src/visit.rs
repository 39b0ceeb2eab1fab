//! One request, as the pages see it.

use std::net::IpAddr;
use std::sync::Arc;

use maud::{Markup, html};

use crate::bundle::CheckedBundle;
use crate::draft::ReturnCode;
use crate::fields::Fields;
use crate::http::{Head, Response};
use crate::layout::{Frame, Scripts};
use crate::limits::{Deed, Lane, Network};
use crate::portal::Portal;
use crate::ticket::{TicketState, WORK_BITS, is_worked_for};
use crate::words::Language;
use crate::{PortalError, chance, hex};

/// Against forged forms: random, means nothing. `__Host-` binds both cookies to this host over TLS.
const VISIT_COOKIE: &str = "__Host-visit";
/// Holds the return code until the browser is closed.
pub(crate) const REPORT_COOKIE: &str = "__Host-report";
/// `Lax`: a visitor who comes from a link keeps the report; a form of another site gets no cookie.
const COOKIE_RULES: &str = "; Path=/; Secure; HttpOnly; SameSite=Lax";
/// People need longer than this to read a page and fill it in.
const LEAST_FILL_MS: u64 = 1500;
/// How long somebody in the queue waits.
const QUEUE_MS: u64 = 8000;

pub(crate) struct Visit<'a> {
    pub(crate) portal: &'a Portal,
    pub(crate) bundle: Arc<CheckedBundle>,
    pub(crate) language: &'a Language,
    /// The path after the language.
    pub(crate) path: &'a str,
    pub(crate) network: Network,
    pub(crate) now_ms: u64,
    visit: String,
    is_new: bool,
}

/// What a form's ticket allows.
pub(crate) enum Ticketed {
    Go,
    /// Show the form again, with what was entered and this message.
    Again(&'static str),
}

impl<'a> Visit<'a> {
    pub(crate) fn new(
        portal: &'a Portal,
        bundle: Arc<CheckedBundle>,
        language: &'a Language,
        path: &'a str,
        head: &Head,
        network: Network,
    ) -> Result<Self, PortalError> {
        let cookie = head
            .cookie(VISIT_COOKIE)
            .filter(|value| hex::decode::<16>(value).is_some());
        let (visit, is_new) = match cookie {
            Some(value) => (value.to_owned(), false),
            None => (hex::encode(&chance::bytes::<16>()?), true),
        };
        let now_ms = portal.clock.now_ms();
        Ok(Self {
            portal,
            bundle,
            language,
            path,
            network,
            now_ms,
            visit,
            is_new,
        })
    }

    pub(crate) fn say(&self, id: &str) -> String {
        self.language.say(id)
    }

    /// An address in this language.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("/{}{path}", self.language.code)
    }

    pub(crate) fn go(&self, path: &str) -> Response {
        self.remember(Response::see_other(&self.at(path)))
    }

    fn remember(&self, response: Response) -> Response {
        if self.is_new {
            return response.with(
                "Set-Cookie",
                format!("{VISIT_COOKIE}={}{COOKIE_RULES}", self.visit),
            );
        }
        response
    }

    pub(crate) fn page(&self, title: &str, content: &Markup) -> Response {
        self.page_with(200, title, content, Scripts::None)
    }

    pub(crate) fn problem_page(&self, title: &str, content: &Markup) -> Response {
        self.page_with(422, title, content, Scripts::None)
    }

    pub(crate) fn page_with(
        &self,
        status: u16,
        title: &str,
        content: &Markup,
        scripts: Scripts,
    ) -> Response {
        let bundle = &self.bundle.bundle;
        let frame = Frame {
            bundle,
            language: self.language,
            languages: bundle
                .languages
                .iter()
                .filter_map(|code| self.portal.words.get(code))
                .collect(),
            here: self.path,
            title,
            has_problem: status == 422,
            scripts,
        };
        self.remember(Response::html(status, frame.page(content)))
    }

    /// A page of a title, a sentence and a link to the start.
    pub(crate) fn notice(&self, status: u16, title: &str, lead: &str) -> Response {
        let title = self.say(title);
        let content = html! {
            h1 { (title) }
            p.lead { (self.say(lead)) }
            p { a href=(self.at("/")) { (self.say("home-link")) } }
        };
        self.page_with(status, &title, &content, Scripts::None)
    }

    pub(crate) fn failed(&self) -> Response {
        self.portal.metrics.count("failed");
        self.notice(503, "failed-title", "failed-lead")
    }

    pub(crate) fn ticket(&self, purpose: &str) -> String {
        self.portal.tickets.issue(purpose, &self.visit, self.now_ms)
    }

    pub(crate) fn ticket_field(&self, purpose: &str) -> Markup {
        html! { input type="hidden" name="ticket" value=(self.ticket(purpose)); }
    }

    /// Whether the form that sent this came from a page of ours. A ticket of an earlier process
    /// cannot be told from a forged one; both show the form again and do nothing.
    pub(crate) fn check_ticket(&self, ticket: &str, purpose: &str, is_typed: bool) -> Ticketed {
        match self
            .portal
            .tickets
            .check(ticket, purpose, &self.visit, self.now_ms)
        {
            TicketState::Good { age_ms } if is_typed && age_ms < LEAST_FILL_MS => {
                self.portal.metrics.count("too_fast");
                Ticketed::Again("ticket-fast")
            }
            TicketState::Good { .. } => Ticketed::Go,
            TicketState::Old | TicketState::Forged => {
                self.portal.metrics.count("stale_ticket");
                Ticketed::Again("ticket-old")
            }
        }
    }

    /// Lets a deed through, or gives a place in the queue. The place keeps what was entered.
    pub(crate) fn admit(&self, deed: Deed, given: &Fields, is_coded: bool) -> Result<(), Response> {
        if self.is_let_through(deed, given, is_coded) {
            return Ok(());
        }
        self.portal.metrics.count("queued");
        let title = self.say("queue-title");
        let seconds = (QUEUE_MS / 1000).to_string();
        let is_ours = |name: &str| matches!(name, "place" | "work");
        let content = html! {
            h1 { (title) }
            p.lead { (self.say("queue-lead")) }
            p role="status" { (self.language.say_with("queue-wait", &[("seconds", &seconds)])) }
            form method="post" action=(self.at(self.path)) data-work=(WORK_BITS)
                data-ready=(self.say("queue-ready")) {
                @for (name, value) in given.pairs() {
                    @if !is_ours(name) { input type="hidden" name=(name) value=(value); }
                }
                input type="hidden" name="place" value=(self.ticket(&self.wait_purpose()));
                input type="hidden" name="work";
                button { (self.say("queue-button")) }
            }
        };
        Err(self
            .page_with(429, &title, &content, Scripts::Portal)
            .with("Retry-After", seconds))
    }

    fn wait_purpose(&self) -> String {
        format!("wait {}", self.path)
    }

    /// Tries the lanes that this request may take: the usual one or a text code's, then what a
    /// place in the queue earned by work, or by waiting.
    pub(crate) fn is_let_through(&self, deed: Deed, given: &Fields, is_coded: bool) -> bool {
        let fills = matches!(deed, Deed::Begin | Deed::File);
        if fills
            && !self
                .portal
                .room
                .is_left(self.portal.spool.root(), self.now_ms)
        {
            self.portal.metrics.count("disk_low");
            return false;
        }
        let allow = |lane| {
            self.portal
                .limits
                .allow(deed, self.network, lane, self.now_ms)
        };
        if allow(if is_coded { Lane::Coded } else { Lane::Usual }) {
            return true;
        }
        let (place, tickets) = (given.one("place"), &self.portal.tickets);
        let Some(age_ms) = tickets.place(place, &self.wait_purpose(), &self.visit, self.now_ms)
        else {
            return false;
        };
        let has_worked = is_worked_for(place, given.one("work")) && allow(Lane::Worked);
        let is_through = has_worked || age_ms >= QUEUE_MS && allow(Lane::Waited);
        if is_through {
            tickets.use_up(place, age_ms, self.now_ms);
            let lane = if has_worked { "worked" } else { "waited" };
            self.portal.metrics.count(lane);
        }
        is_through
    }
}

/// The return code that the browser holds.
pub(crate) fn held_code(head: &Head) -> Option<ReturnCode> {
    head.cookie(REPORT_COOKIE).and_then(ReturnCode::parse)
}

/// Lets the browser hold a return code until it is closed.
pub(crate) fn hold_code(response: Response, code: &ReturnCode) -> Response {
    response.with(
        "Set-Cookie",
        format!("{REPORT_COOKIE}={}{COOKIE_RULES}", code.reveal()),
    )
}

/// Takes everything from the browser and sends it on.
pub(crate) fn clear_and_go(to: &str) -> Response {
    let expired = |name: &str| format!("{name}=; Max-Age=0{COOKIE_RULES}");
    Response::see_other(to)
        .with("Set-Cookie", expired(REPORT_COOKIE))
        .with("Set-Cookie", expired(VISIT_COOKIE))
        .with("Clear-Site-Data", "\"cache\", \"storage\"")
}

/// Whether a POST can only have come from a page of this host, as far as the browser tells.
pub(crate) fn is_same_site(head: &Head) -> bool {
    let site = head.joined("sec-fetch-site");
    if !matches!(site.as_str(), "" | "same-origin" | "none") {
        return false;
    }
    let (origin, host) = (head.joined("origin"), head.one("host").unwrap_or(""));
    let from = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    origin.is_empty() || from.is_some_and(|from| from.eq_ignore_ascii_case(host))
}

/// The client's address: the connection's, or behind a proxy the last one that `X-Forwarded-For`
/// names, which is the one that the proxy itself saw. Anything before it anybody can write.
pub(crate) fn client(head: &Head, peer: IpAddr, is_behind_proxy: bool) -> IpAddr {
    if !is_behind_proxy {
        return peer;
    }
    let forwarded = head.joined("x-forwarded-for");
    forwarded
        .rsplit(',')
        .next()
        .and_then(|last| last.trim().parse().ok())
        .unwrap_or(peer)
}
