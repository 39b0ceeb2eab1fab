//! Attachments: a form that works without scripts, and the same in pieces for browsers with them.

use std::sync::Arc;
use std::sync::PoisonError;
use std::time::Duration;

use bytes::Bytes;
use maud::html;
use multer::{Constraints, Multipart, SizeLimit};
use serde_json::json;

use crate::draft::{Draft, ReturnCode};
use crate::fields::Fields;
use crate::files::{
    Brings, MAX_FILE_BYTES, MAX_FILES, MAX_SEALED_FILE_BYTES, OpenUpload, take_back,
};
use crate::http::{Body, Head, Response};
use crate::layout::{Scripts, summary};
use crate::limits::Deed;
use crate::pages::report::opened;
use crate::route::read_form;
use crate::spool::RecordId;
use crate::visit::{Ticketed, Visit, held_code};
use crate::{PortalError, hex};

/// What a form adds around its file, at most.
const FORM_BYTES: u64 = 16 * 1024;
const MAX_PIECE_BYTES: u64 = 1 << 20;
/// Files that are being received in pieces at one time.
const MAX_OPEN: usize = 512;

pub(crate) fn page(visit: &Visit<'_>, draft: &Draft, problem: Option<&str>) -> Response {
    let title = visit.say("files-title");
    let (count, mb) = (MAX_FILES.to_string(), (MAX_FILE_BYTES >> 20).to_string());
    let limits = [("count", count.as_str()), ("mb", mb.as_str())];
    let status = match problem {
        None => 200,
        Some("files-busy") => 429,
        Some(_) => 422,
    };
    let problem = problem.map(|id| visit.language.say_with(id, &limits));
    let is_full = draft.files.len() >= MAX_FILES;
    let target = if is_full { "" } else { "file" };
    let problems: Vec<_> = problem
        .clone()
        .map(|text| (target.to_owned(), text))
        .into_iter()
        .collect();
    let content = html! {
        a.back href=(visit.at("/report/q/agree")) { (visit.say("back")) }
        (summary(visit.language, &problems))
        h1 { (title) }
        p { (visit.language.say_with("files-lead", &limits)) }
        p.hint { (visit.say("files-privacy")) }
        @if is_full {
            div.box { p { (visit.language.say_with("files-full", &limits)) } }
        } @else {
            form method="post" action=(visit.at("/report/files")) enctype="multipart/form-data"
                data-files=(MAX_FILE_BYTES) {
                (visit.ticket_field("file"))
                div.field.wrong[problem.is_some()] {
                    label for="file" { (visit.say("files-label")) }
                    @if let Some(problem) = &problem { p.error #file-error { (problem) } }
                    input type="file" id="file" name="file"
                        aria-describedby=[problem.is_some().then_some("file-error")];
                }
                p role="status" {}
                button { (visit.say("files-button")) }
            }
        }
        h2 { (visit.say("files-list")) }
        @if draft.files.is_empty() { p { (visit.say("files-none")) } } @else {
            ul.files {
                @for file in &draft.files {
                    li {
                        span { bdi { (file.name.0) } " – " (visit.say(&format!("kind-{}", file.kind))) ", "
                            bdi { (file.size_bytes.div_ceil(1000)) " kB" } }
                        form method="post" action=(visit.at("/report/files/remove")) {
                            (visit.ticket_field("file"))
                            input type="hidden" name="id" value=(file.id);
                            button.plain aria-label=(format!("{}: {}", visit.say("files-remove"), file.name.0)) {
                                (visit.say("files-remove"))
                            }
                        }
                    }
                }
            }
        }
        p { a.button href=(visit.at("/report/answers")) { (visit.say("files-continue")) } }
        p { a href=(visit.at("/report/save")) { (visit.say("save-link")) } }
    };
    visit.page_with(status, &title, &content, Scripts::Portal)
}

pub(crate) async fn post(
    visit: &Visit<'_>,
    head: &Head,
    body: &mut Body<'_>,
    rest: &str,
) -> Response {
    let code = held_code(head);
    let draft = match opened(visit, code.as_ref()) {
        Ok(draft) => draft,
        Err(response) => return response,
    };
    let Some(code) = code else {
        return visit.failed();
    };
    match rest {
        "" => whole(visit, head, body, &code, &draft).await,
        "/open" => begin(visit, body, &code, &draft).await,
        "/remove" => remove(visit, body, &code).await,
        path => match path
            .strip_prefix("/part/")
            .and_then(|part| part.split_once('/'))
        {
            Some((id, offset)) => piece(visit, head, body, &code, id, offset).await,
            None => visit.notice(404, "missing-title", "missing-lead"),
        },
    }
}

/// Why a file was not taken: a message, or a failure of ours.
enum Refused {
    Say(&'static str),
    Failed,
}

impl From<PortalError> for Refused {
    fn from(_: PortalError) -> Self {
        Self::Failed
    }
}

async fn whole(
    visit: &Visit<'_>,
    head: &Head,
    body: &mut Body<'_>,
    code: &ReturnCode,
    draft: &Draft,
) -> Response {
    if draft.files.len() >= MAX_FILES {
        return page(visit, draft, Some("files-full"));
    }
    if body.remaining() > MAX_FILE_BYTES + FORM_BYTES {
        return page(visit, draft, Some("files-too-large"));
    }
    // A place in the queue would have to keep the file.
    if !visit.is_let_through(Deed::File, &Fields::default(), draft.code.is_some()) {
        visit.portal.metrics.count("queued");
        return page(visit, draft, Some("files-busy")).with("Retry-After", "60");
    }
    let Some(boundary) = head
        .one("content-type")
        .and_then(|t| multer::parse_boundary(t).ok())
    else {
        return Response::plain(415);
    };
    // Twenty minutes for 25 MB: slower than any line that carries them.
    let limit = Duration::from_secs(60 + body.remaining() / 20_000);
    let outcome = tokio::time::timeout(limit, receive(visit, body, code, boundary)).await;
    match outcome.unwrap_or(Err(Refused::Say("files-broken"))) {
        Ok(()) => visit.go("/report/files"),
        Err(Refused::Say(why)) => page(visit, draft, Some(why)),
        Err(Refused::Failed) => visit.failed(),
    }
}

async fn receive(
    visit: &Visit<'_>,
    body: &mut Body<'_>,
    code: &ReturnCode,
    boundary: String,
) -> Result<(), Refused> {
    let broken = |_: multer::Error| Refused::Say("files-broken");
    let pieces = futures::stream::unfold(body, |body| async move {
        match body.piece().await {
            Ok(Some(piece)) => Some((Ok(Bytes::from(piece)), body)),
            Ok(None) => {
                // `multer` 3.1 polls twice while it looks for the first boundary, and takes a body
                // that comes and ends within the second poll for one that was cut off: so the end
                // never comes in the same poll as what is before it.
                tokio::task::yield_now().await;
                None
            }
            Err(_) => Some((Err(std::io::Error::other("the body ended early")), body)),
        }
    });
    let size = SizeLimit::new()
        .whole_stream(MAX_FILE_BYTES + FORM_BYTES)
        .for_field("ticket", 200);
    let constraints = Constraints::new()
        .allowed_fields(vec!["ticket", "file"])
        .size_limit(size);
    let pieces = Box::pin(pieces);
    let mut parts = Multipart::with_constraints(pieces, boundary, constraints);
    let ticket = match parts.next_field().await.map_err(broken)? {
        Some(field) if field.name() == Some("ticket") => field.text().await.map_err(broken)?,
        Some(_) | None => return Err(Refused::Say("ticket-old")),
    };
    if let Ticketed::Again(why) = visit.check_ticket(&ticket, "file", false) {
        return Err(Refused::Say(why));
    }
    let Some(mut field) = parts.next_field().await.map_err(broken)? else {
        return Err(Refused::Say("files-empty"));
    };
    let name = field.file_name().unwrap_or("").to_owned();
    let pending = visit.portal.spool.root().join("pending");
    let owner = String::new();
    let brings = Brings::Plain(&visit.bundle.recipients);
    let mut upload = OpenUpload::begin(&pending, brings, &name, None, owner, visit.now_ms)?;
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        if !upload
            .take(&piece, visit.now_ms)
            .map_err(|_| Refused::Failed)?
        {
            return Err(Refused::Say("files-too-large"));
        }
    }
    drop(field);
    if upload.offset == 0 {
        return Err(Refused::Say("files-empty"));
    }
    // The form's end must have come too: a body that was cut off at a boundary is no whole file.
    if parts.next_field().await.map_err(broken)?.is_some() {
        return Err(Refused::Say("files-broken"));
    }
    add(visit, code, upload).await
}

/// Finishes a file and puts it on the draft's list.
async fn add(visit: &Visit<'_>, code: &ReturnCode, upload: OpenUpload) -> Result<(), Refused> {
    let file = tokio::task::spawn_blocking(move || upload.finish())
        .await
        .map_err(|_| Refused::Failed)??;
    let _hold = visit.portal.drafts.hold(code).await?;
    let draft = visit.portal.drafts.open(code)?;
    let Some(mut draft) = draft.filter(|draft| draft.files.len() < MAX_FILES) else {
        take_back(visit.portal.spool.root(), &file)?;
        return Err(Refused::Say("files-full"));
    };
    draft.files.push(file);
    visit.portal.drafts.save(code, &draft, true)?;
    visit.portal.metrics.count("file_sealed");
    Ok(())
}

async fn remove(visit: &Visit<'_>, body: &mut Body<'_>, code: &ReturnCode) -> Response {
    let given = match read_form(body).await {
        Ok(given) => given,
        Err(status) => return Response::plain(status),
    };
    let Ok(_hold) = visit.portal.drafts.hold(code).await else {
        return visit.failed();
    };
    let mut draft = match opened(visit, Some(code)) {
        Ok(draft) => draft,
        Err(response) => return response,
    };
    if let Ticketed::Again(why) = visit.check_ticket(given.one("ticket"), "file", false) {
        return page(visit, &draft, Some(why));
    }
    if let Some(at) = draft
        .files
        .iter()
        .position(|file| file.id == given.one("id"))
    {
        let file = draft.files.remove(at);
        // First off the list: a report never names a file that is gone.
        let saved = visit.portal.drafts.save(code, &draft, false);
        if saved
            .and_then(|()| take_back(visit.portal.spool.root(), &file))
            .is_err()
        {
            return visit.failed();
        }
    }
    visit.go("/report/files")
}

fn told(status: u16, told: &serde_json::Value) -> Response {
    Response::new(status, "application/json", told.to_string().into_bytes())
}

/// Whose an upload is, without holding the return code.
fn owner(code: &ReturnCode) -> Result<String, PortalError> {
    let owner = crate::seal::derive(&[], code.reveal().as_bytes(), b"unspoof upload owner v1")?;
    Ok(hex::encode(owner.as_slice()))
}

async fn begin(
    visit: &Visit<'_>,
    body: &mut Body<'_>,
    code: &ReturnCode,
    draft: &Draft,
) -> Response {
    let given = match read_form(body).await {
        Ok(given) => given,
        Err(status) => return Response::plain(status),
    };
    if let Ticketed::Again(_) = visit.check_ticket(given.one("ticket"), "file", false) {
        return Response::plain(403);
    }
    let size = given.one("size").parse().unwrap_or(0);
    let (brings, most) = if given.one("sealed") == "yes" {
        (Brings::Sealed, MAX_SEALED_FILE_BYTES)
    } else {
        (Brings::Plain(&visit.bundle.recipients), MAX_FILE_BYTES)
    };
    if draft.files.len() >= MAX_FILES || size == 0 || size > most {
        return Response::plain(413);
    }
    if !visit.is_let_through(Deed::File, &given, draft.code.is_some()) {
        return Response::plain(429).with("Retry-After", "10");
    }
    let pending = visit.portal.spool.root().join("pending");
    let upload = owner(code).and_then(|owner| {
        OpenUpload::begin(
            &pending,
            brings,
            given.one("name"),
            Some(size),
            owner,
            visit.now_ms,
        )
    });
    let Ok(upload) = upload else {
        return Response::plain(503);
    };
    let id = upload.id;
    let mut uploads = visit
        .portal
        .uploads
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if uploads.len() >= MAX_OPEN {
        return Response::plain(429).with("Retry-After", "60");
    }
    uploads.insert(id, Arc::new(tokio::sync::Mutex::new(upload)));
    told(200, &json!({ "id": id.to_string(), "offset": 0 }))
}

fn find(visit: &Visit<'_>, id: &str) -> Option<(RecordId, Arc<tokio::sync::Mutex<OpenUpload>>)> {
    let id = RecordId(hex::decode(id)?);
    let uploads = visit
        .portal
        .uploads
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    uploads.get(&id).map(|upload| (id, Arc::clone(upload)))
}

/// Where to go on after a break.
pub(crate) async fn offset(visit: &Visit<'_>, code: Option<&ReturnCode>, id: &str) -> Response {
    let (Some((_, upload)), Some(Ok(owner))) = (find(visit, id), code.map(owner)) else {
        return Response::plain(404);
    };
    let upload = upload.lock().await;
    if upload.owner != owner {
        return Response::plain(404);
    }
    told(200, &json!({ "id": id, "offset": upload.offset }))
}

async fn piece(
    visit: &Visit<'_>,
    head: &Head,
    body: &mut Body<'_>,
    code: &ReturnCode,
    id: &str,
    offset: &str,
) -> Response {
    let ticket = head.one("x-portal-ticket").unwrap_or("");
    if let Ticketed::Again(_) = visit.check_ticket(ticket, "file", false) {
        return Response::plain(403);
    }
    let (Some((key, upload)), Ok(owner)) = (find(visit, id), owner(code)) else {
        return Response::plain(404);
    };
    let mut open = upload.lock().await;
    if open.owner != owner {
        return Response::plain(404);
    }
    // An answer was lost, or a piece came twice: the browser is told where to go on.
    if offset.parse() != Ok(open.offset) {
        return told(409, &json!({ "id": id, "offset": open.offset }));
    }
    let piece = match body.whole(MAX_PIECE_BYTES).await {
        Ok(piece) => piece,
        Err(crate::http::BodyError::TooLarge) => return Response::plain(413),
        Err(_) => return Response::plain(408),
    };
    match open.take(&piece, visit.now_ms) {
        Ok(true) => {}
        Ok(false) => return Response::plain(413),
        Err(_) => return Response::plain(503),
    }
    let at = open.offset;
    let is_whole = open.size_bytes == Some(at);
    drop(open);
    if is_whole {
        visit
            .portal
            .uploads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&key);
        let Some(upload) = Arc::into_inner(upload) else {
            return Response::plain(409);
        };
        return match add(visit, code, upload.into_inner()).await {
            Ok(()) => told(200, &json!({ "id": id, "offset": at })),
            Err(Refused::Say(_)) => Response::plain(413),
            Err(Refused::Failed) => Response::plain(503),
        };
    }
    told(200, &json!({ "id": id, "offset": at }))
}
