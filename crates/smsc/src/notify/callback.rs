//! Receipts: posted to the service's own address with its token, again after an error.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::api::written;
use super::{Shared, Stored, now_ms};

/// Posts the text's receipt when it has its final state.
pub(super) fn follow(stored: Stored, shared: &Arc<Shared>) {
    let callback = shared.state().callback.clone();
    let Some((place, token)) = callback else {
        return;
    };
    let faults = &shared.settings.faults;
    if shared.happens(faults.callback_lost) {
        return;
    }
    let times = if shared.happens(faults.callback_twice) {
        2
    } else {
        1
    };
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        let wait = stored.final_ms.saturating_sub(now_ms());
        thread::sleep(Duration::from_millis(wait));
        for _ in 0..times {
            for _ in 0..=shared.settings.callback_tries {
                if shared.is_ended.load(Ordering::SeqCst) {
                    return;
                }
                let status = post(place, &token, &stored, &shared);
                // As Notify does: again after 429, 5xx and what is no answer, never after 4xx.
                if matches!(status, Some(200..=428 | 430..=499)) {
                    break;
                }
                thread::sleep(Duration::from_millis(shared.settings.callback_every_ms));
            }
        }
    });
}

fn post(place: SocketAddr, token: &str, stored: &Stored, shared: &Shared) -> Option<u16> {
    let body = json!({
        "id": stored.id,
        "reference": stored.reference,
        "to": stored.phone_number,
        "status": stored.status(now_ms()),
        "created_at": written(stored.created_ms),
        "completed_at": written(stored.final_ms),
        "sent_at": written(stored.created_ms),
        "notification_type": "sms",
        "template_id": shared.settings.template_id,
        "template_version": 1,
    })
    .to_string();
    let wait = Duration::from_secs(5);
    let mut line = TcpStream::connect_timeout(&place, wait).ok()?;
    line.set_read_timeout(Some(wait)).ok()?;
    let request = format!(
        "POST /receipts HTTP/1.1\r\nHost: {place}\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {token}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    line.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    let _ = line.read_to_end(&mut answer);
    let head = String::from_utf8_lossy(answer.get(..answer.len().min(32))?).into_owned();
    head.split(' ').nth(1)?.parse().ok()
}
