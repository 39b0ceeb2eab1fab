//! What each path answers.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::http::Request;
use super::{Shared, State, Stored, callback, now_ms, render, token};

/// What goes back on the line.
pub(super) enum Answer {
    /// The line closes.
    Nothing,
    /// Half of an answer, and the line closes.
    Half(String),
    /// A status and its JSON.
    Whole(u16, String),
}

type Refusal = (u16, &'static str, String);

pub(super) fn answer(request: &Request, shared: &Arc<Shared>) -> Answer {
    let refused = |(status, error, message): Refusal| {
        let json = json!({"status_code": status, "errors": [{"error": error, "message": message}]});
        Answer::Whole(status, json.to_string())
    };
    let now = now_ms();
    if let Err((status, message)) =
        token::judge(request.bearer.as_deref(), &shared.settings, now / 1000)
    {
        return refused((status, "AuthError", message));
    }
    let path: Vec<&str> = request
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    match (request.method.as_str(), path.as_slice()) {
        ("POST", ["v2", "notifications", "sms"]) => match post(request, shared) {
            Ok(answer) => answer,
            Err(refusal) => refused(refusal),
        },
        ("GET", ["v2", "notifications"]) => {
            let faults = &shared.settings.faults;
            if shared.happens(faults.search_error) {
                return if shared.happens(500) {
                    Answer::Nothing
                } else {
                    refused((500, "Exception", "Internal server error".into()))
                };
            }
            match search(request, shared) {
                Ok(json) => Answer::Whole(200, json.to_string()),
                Err(refusal) => refused(refusal),
            }
        }
        ("GET", ["v2", "notifications", id]) => {
            let state = shared.state();
            match state.by_id.get(*id).and_then(|at| state.stored.get(*at)) {
                Some(stored) => Answer::Whole(200, told(stored, shared, &request.host).to_string()),
                None => refused((404, "NoResultFound", "No result found".into())),
            }
        }
        ("GET", ["v2", "template", id]) if *id == shared.settings.template_id => {
            Answer::Whole(200, template(shared).to_string())
        }
        ("GET", ["v2", "templates"]) => {
            Answer::Whole(200, json!({"templates": [template(shared)]}).to_string())
        }
        ("POST", ["v2", "template", id, "preview"]) if *id == shared.settings.template_id => {
            let values = body(request).and_then(|body| body_of(&body, shared));
            match values {
                Ok(body) => {
                    let json = json!({
                        "id": id, "type": "sms", "version": 1, "body": body,
                        "subject": null, "postage": null, "html": null,
                    });
                    Answer::Whole(200, json.to_string())
                }
                Err(refusal) => refused(refusal),
            }
        }
        ("GET", ["v2", "received-text-messages"]) => Answer::Whole(
            200,
            json!({"received_text_messages": [], "links": {}}).to_string(),
        ),
        _ => refused((404, "NoResultFound", "No result found".into())),
    }
}

fn template(shared: &Shared) -> Value {
    json!({
        "id": shared.settings.template_id, "type": "sms", "name": "stand-in", "version": 1,
        "created_at": "2022-11-01T00:00:00.000000Z", "updated_at": null, "created_by": "a@example.gov.uk",
        "body": shared.settings.template, "subject": null, "postage": null, "letter_contact_block": null,
        "personalisation": render::placeholders(&shared.settings.template)
            .into_iter()
            .map(|name| (name, json!({"required": true})))
            .collect::<Map<_, _>>(),
    })
}

fn body(request: &Request) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) | Err(_) => Err((
            400,
            "BadRequestError",
            "Invalid JSON supplied in POST data".into(),
        )),
    }
}

/// Renders what is to go out.
fn body_of(body: &Map<String, Value>, shared: &Shared) -> Result<String, Refusal> {
    let none = Map::new();
    let values = body
        .get("personalisation")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    let filled = render::fill(&shared.settings.template, values).map_err(|missing| {
        let message = format!("Missing personalisation: {}", missing.join(", "));
        (400, "BadRequestError", message)
    })?;
    let filled = match &shared.settings.prefix {
        Some(prefix) => format!("{prefix}: {filled}"),
        None => filled,
    };
    let body = render::sanitise(&filled);
    if body.chars().count() > 918 {
        let message =
            "Your message is too long. Text messages cannot be longer than 918 characters.";
        return Err((400, "BadRequestError", message.into()));
    }
    if body.is_empty() {
        return Err((400, "BadRequestError", "Your message is empty.".into()));
    }
    Ok(body)
}

/// Takes a text, or refuses it, or misbehaves.
fn post(request: &Request, shared: &Arc<Shared>) -> Result<Answer, Refusal> {
    let faults = &shared.settings.faults;
    if shared.happens(faults.close_before) {
        return Ok(Answer::Nothing);
    }
    let body = body(request)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let required = |name: &str| {
        let message = format!("{name} is a required property");
        text(name).ok_or((400, "ValidationError", message))
    };
    let invalid = |message: &str| Err((400, "ValidationError", message.to_owned()));
    let phone_number = required("phone_number")?;
    let template_id = required("template_id")?;
    for key in body.keys() {
        let known = [
            "phone_number",
            "template_id",
            "personalisation",
            "reference",
            "sms_sender_id",
            "scheduled_for",
        ];
        if !known.contains(&key.as_str()) {
            return invalid(&format!(
                "Additional properties are not allowed ({key} was unexpected)"
            ));
        }
    }
    let digits = phone_number.chars().filter(char::is_ascii_digit).count();
    let is_odd = |c: char| !(c.is_ascii_digit() || matches!(c, '+' | ' ' | '(' | ')' | '-'));
    if phone_number.contains(is_odd) {
        return invalid("phone_number Phone numbers must not contain letters or symbols");
    }
    if digits < 9 {
        return invalid("phone_number Not enough digits");
    }
    if digits > 15 {
        return invalid("phone_number Too many digits");
    }
    if text("reference").is_some_and(|reference| reference.chars().count() > 1000) {
        return invalid("reference is too long");
    }
    limit(shared)?;
    if template_id != shared.settings.template_id {
        return Err((400, "BadRequestError", "Template not found".into()));
    }
    let rendered = body_of(&body, shared)?;
    if shared.happens(faults.error_before) {
        return Err((500, "Exception", "Internal server error".into()));
    }
    if shared.happens(faults.slow_store) {
        std::thread::sleep(Duration::from_millis(faults.slow_ms));
    }
    let stored = store(shared, phone_number, text("reference"), rendered);
    let json = json!({
        "id": stored.id,
        "reference": stored.reference,
        "content": {"body": stored.body, "from_number": shared.settings.from},
        "uri": format!("http://{}/v2/notifications/{}", request.host, stored.id),
        "template": template_link(shared, &request.host),
        "scheduled_for": null,
    })
    .to_string();
    callback::follow(stored, shared);
    if shared.happens(faults.close_after) {
        return Ok(Answer::Nothing);
    }
    if shared.happens(faults.cut_answer) {
        return Ok(Answer::Half(json));
    }
    if shared.happens(faults.error_after) {
        let status = if shared.happens(500) { 500 } else { 504 };
        return Err((status, "Exception", "Internal server error".into()));
    }
    if shared.happens(faults.garbled) {
        return Ok(Answer::Whole(201, "<html>created</html>".into()));
    }
    if shared.happens(faults.slow_answer) {
        std::thread::sleep(Duration::from_millis(faults.slow_ms));
    }
    Ok(Answer::Whole(201, json))
}

fn template_link(shared: &Shared, host: &str) -> Value {
    let id = &shared.settings.template_id;
    json!({"id": id, "version": 1, "uri": format!("http://{host}/v2/template/{id}")})
}

/// The token bucket and the day's limit.
fn limit(shared: &Shared) -> Result<(), Refusal> {
    let settings = &shared.settings;
    let now = now_ms();
    let mut state = shared.state();
    let gained = now.saturating_sub(state.tokens_at_ms) * u64::from(settings.per_minute) / 60;
    if gained > 0 {
        state.tokens = (state.tokens + gained).min(u64::from(settings.burst) * 1000);
        state.tokens_at_ms = now;
    }
    if state.tokens < 1000 {
        let message = format!(
            "Exceeded rate limit for key type LIVE of {} requests per 60 seconds",
            settings.per_minute
        );
        return Err((429, "RateLimitError", message));
    }
    if state.today >= settings.per_day {
        let message = format!("Exceeded send limits (sms: {}) for today", settings.per_day);
        return Err((429, "TooManyRequestsError", message));
    }
    state.tokens -= 1000;
    state.today += 1;
    Ok(())
}

fn store(shared: &Shared, phone_number: &str, reference: Option<&str>, body: String) -> Stored {
    let now = now_ms();
    let mut state = shared.state();
    let at = state.stored.len();
    let stored = Stored {
        id: id(at as u64),
        reference: reference.map(str::to_owned),
        phone_number: phone_number.to_owned(),
        body,
        created_ms: now,
        final_ms: now + shared.settings.deliver_after_ms,
    };
    state.by_id.insert(stored.id.clone(), at);
    state.stored.push(stored.clone());
    stored
}

/// A UUID of version 4's form, the same for the same place.
fn id(at: u64) -> String {
    let mixed = (at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        mixed >> 32,
        (mixed >> 16) & 0xffff,
        mixed & 0xfff,
        (mixed >> 4) & 0xfff,
        at
    )
}

/// Rows of the newest first, by reference, state and place.
fn search(request: &Request, shared: &Shared) -> Result<Value, Refusal> {
    let all = |name: &str| -> Vec<String> {
        let pairs = request.query.iter().filter(|(key, _)| key == name);
        pairs.map(|(_, value)| value.clone()).collect()
    };
    let first = |name: &str| all(name).into_iter().next();
    let (statuses, reference, older) = (all("status"), first("reference"), first("older_than"));
    const STATUSES: [&str; 9] = [
        "created",
        "sending",
        "sent",
        "pending",
        "delivered",
        "failed",
        "permanent-failure",
        "temporary-failure",
        "technical-failure",
    ];
    for status in &statuses {
        if !STATUSES.contains(&status.as_str()) {
            let message = format!("status {status} is not one of [{}]", STATUSES.join(", "));
            return Err((400, "ValidationError", message));
        }
    }
    if all("template_type").iter().any(|kind| kind != "sms") {
        return Ok(json!({"notifications": [], "links": {"current": request.path}}));
    }
    let now = now_ms();
    let state = shared.state();
    let rows = find(&state, older.as_deref(), |stored| {
        stored.created_ms + shared.settings.faults.search_lag_ms <= now
            && reference
                .as_ref()
                .is_none_or(|of| stored.reference.as_ref() == Some(of))
            && (statuses.is_empty() || statuses.iter().any(|of| of == stored.status(now)))
    });
    let page: Vec<&Stored> = rows.into_iter().take(shared.settings.page).collect();
    let mut links = json!({"current": format!("http://{}{}", request.host, request.path)});
    if let Some(last) = page.last() {
        links["next"] = format!(
            "http://{}{}?older_than={}",
            request.host, request.path, last.id
        )
        .into();
    }
    let told: Vec<Value> = page
        .iter()
        .map(|stored| told(stored, shared, &request.host))
        .collect();
    Ok(json!({"notifications": told, "links": links}))
}

fn find<'a>(
    state: &'a State,
    older_than: Option<&str>,
    fits: impl Fn(&Stored) -> bool,
) -> Vec<&'a Stored> {
    let end = match older_than {
        Some(id) => state.by_id.get(id).copied().unwrap_or(0),
        None => state.stored.len(),
    };
    let rows = state.stored.get(..end).unwrap_or_default();
    rows.iter().rev().filter(|stored| fits(stored)).collect()
}

fn told(stored: &Stored, shared: &Shared, host: &str) -> Value {
    let now = now_ms();
    let is_final = now >= stored.final_ms;
    json!({
        "id": stored.id, "reference": stored.reference, "type": "sms",
        "phone_number": stored.phone_number, "email_address": null,
        "body": stored.body, "subject": null, "status": stored.status(now),
        "template": template_link(shared, host),
        "created_at": written(stored.created_ms), "created_by_name": null,
        "sent_at": written(stored.created_ms),
        "completed_at": is_final.then(|| written(stored.final_ms)),
        "estimated_delivery": null, "scheduled_for": null, "postage": null,
        "line_1": null, "line_2": null, "line_3": null, "line_4": null, "line_5": null, "line_6": null,
        "line_7": null, "postcode": null, "one_click_unsubscribe_url": null,
        "is_cost_data_ready": false, "cost_in_pounds": null, "cost_details": {},
    })
}

/// An instant as the interface writes it, to the microsecond in UTC.
pub(super) fn written(at_ms: u64) -> String {
    let days = i64::try_from(at_ms / 86_400_000).unwrap_or(0);
    // H. Hinnant, "chrono-compatible low-level date algorithms".
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let ms = at_ms % 86_400_000;
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}000Z",
        ms / 3_600_000,
        ms / 60_000 % 60,
        ms / 1000 % 60,
        ms % 1000
    )
}
