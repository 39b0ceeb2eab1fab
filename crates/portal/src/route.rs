//! From a request to the page that answers it.

use std::net::IpAddr;
use std::sync::Arc;

use crate::http::{Answer, Body, Head, Method, Response};
use crate::limits::Network;
use crate::pages;
use crate::portal::Portal;
use crate::visit::{Visit, clear_and_go, client, is_same_site};
use crate::{fields::Fields, layout};

/// Bytes of a form, at most: four thousand characters of a story in any script, and the rest.
const MAX_FORM_BYTES: u64 = 96 * 1024;

/// Answers one connection's requests.
pub(crate) struct Router {
    pub(crate) portal: Arc<Portal>,
    pub(crate) peer: IpAddr,
}

impl Answer for Router {
    async fn answer(&self, head: &Head, body: &mut Body<'_>) -> Response {
        let portal = &*self.portal;
        portal.metrics.count("requests");
        let is_post = head.method == Method::Post;
        let bundle = portal.bundle();
        match (head.path.as_str(), is_post) {
            ("/", false) => return front(portal, head),
            ("/health", false) => {
                return Response::new(200, "text/plain; charset=utf-8", b"ok\n".to_vec());
            }
            ("/leave", false) => return clear_and_go(&bundle.bundle.leave_url),
            ("/notice.json", false) => {
                let notice = serde_json::to_vec_pretty(&bundle.bundle.notice).unwrap_or_default();
                return Response::new(200, "application/json", notice)
                    .with("Cache-Control", "public, max-age=300");
            }
            _ => {}
        }
        if let Some((content_type, content)) = layout::asset(&head.path) {
            if is_post {
                return Response::plain(405);
            }
            return Response::new(200, content_type, content.to_vec())
                .with("Cache-Control", "public, max-age=31536000, immutable");
        }
        let Some((code, _)) = head
            .path
            .strip_prefix('/')
            .and_then(|path| path.split_once('/'))
        else {
            return Response::plain(404);
        };
        let is_served = bundle.bundle.languages.iter().any(|served| served == code);
        let (Some(language), true) = (portal.words.get(code), is_served) else {
            return Response::plain(404);
        };
        let path = head
            .path
            .strip_prefix('/')
            .and_then(|path| path.strip_prefix(code))
            .unwrap_or("/");
        let network = Network::of(client(head, self.peer, portal.is_behind_proxy));
        let Ok(visit) = Visit::new(portal, bundle, language, path, head, network) else {
            return Response::plain(503);
        };
        if is_post {
            if !is_same_site(head) {
                portal.metrics.count("cross_site");
                return visit.notice(403, "refused-title", "refused-lead");
            }
            return post(&visit, head, body).await;
        }
        get(&visit, head).await
    }
}

/// Sends a visitor to the language that the browser asks for, if it is served.
fn front(portal: &Portal, head: &Head) -> Response {
    let bundle = portal.bundle();
    let languages = &bundle.bundle.languages;
    let asked = head.joined("accept-language");
    let wanted = asked
        .split(',')
        .filter_map(|one| one.split(';').next())
        .filter_map(|tag| tag.trim().split('-').next())
        .find_map(|tag| {
            languages
                .iter()
                .find(|served| served.eq_ignore_ascii_case(tag))
        });
    let code = wanted.or(languages.first()).map_or("en", String::as_str);
    Response::see_other(&format!("/{code}/")).with("Vary", "Accept-Language")
}

async fn get(visit: &Visit<'_>, head: &Head) -> Response {
    match visit.path {
        "/" => pages::home::home(visit),
        "/about" => pages::home::about(visit),
        "/check" => pages::check::ask(visit, None, ""),
        "/number" => pages::number::ask(visit, None, ""),
        "/report" => pages::begin::begin(visit, None, ""),
        "/return" => pages::begin::come_back(visit, None, ""),
        path => match path.strip_prefix("/report/") {
            Some(rest) => pages::report::get(visit, head, rest).await,
            None => visit.notice(404, "missing-title", "missing-lead"),
        },
    }
}

async fn post(visit: &Visit<'_>, head: &Head, body: &mut Body<'_>) -> Response {
    if let Some(rest) = visit.path.strip_prefix("/report/files") {
        return pages::attach::post(visit, head, body, rest).await;
    }
    if visit.path == "/report/sealed" {
        return pages::by_browser::take(visit, head, body).await;
    }
    let content_type = head.one("content-type").unwrap_or("");
    let form = "application/x-www-form-urlencoded";
    if !content_type
        .split(';')
        .next()
        .unwrap_or("")
        .trim()
        .eq_ignore_ascii_case(form)
    {
        return Response::plain(415);
    }
    let given = match read_form(body).await {
        Ok(given) => given,
        Err(status) => return Response::plain(status),
    };
    match visit.path {
        "/check" => pages::check::check(visit, &given).await,
        "/number" => pages::number::take(visit, &given).await,
        "/report" => pages::begin::start(visit, head, &given).await,
        "/return" => pages::begin::open(visit, &given).await,
        path => match path.strip_prefix("/report/") {
            Some(rest) => pages::report::post(visit, head, rest, &given).await,
            None => visit.notice(404, "missing-title", "missing-lead"),
        },
    }
}

/// Reads a form of any page; otherwise the status to answer with.
pub(crate) async fn read_form(body: &mut Body<'_>) -> Result<Fields, u16> {
    use crate::http::BodyError;
    match body.whole(MAX_FORM_BYTES).await {
        Ok(bytes) => Ok(Fields::parse(&zeroize::Zeroizing::new(bytes))),
        Err(BodyError::TooLarge) => Err(413),
        Err(BodyError::TooSlow | BodyError::Gone) => Err(408),
    }
}
