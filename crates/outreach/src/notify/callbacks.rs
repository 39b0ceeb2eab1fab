//! Receipts that Notify posts to us: answered with 200 only when they are durable, with 503 otherwise,
//! so that they come again.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::NotifyError;
use super::settings::Callbacks;
use super::work::Shared;

/// The most octets of a request.
const MOST_OCTETS: usize = 64 << 10;
/// Lines at one time; more wait to be accepted.
const MOST_LINES: usize = 64;

/// What Notify posts.
#[derive(Deserialize)]
pub(super) struct Posted {
    pub(super) id: String,
    pub(super) reference: Option<String>,
    pub(super) to: Option<String>,
    pub(super) status: String,
    notification_type: Option<String>,
}

/// Starts to listen; returns where.
pub(super) fn listen(
    callbacks: &Callbacks,
    shared: &Arc<Shared>,
) -> Result<SocketAddr, NotifyError> {
    let refused = |source| NotifyError::Listen {
        place: callbacks.listen,
        source,
    };
    let listener = TcpListener::bind(callbacks.listen).map_err(refused)?;
    let place = listener.local_addr().map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let token: [u8; 32] = Sha256::digest(callbacks.token.as_bytes()).into();
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        let lines = Arc::new(AtomicUsize::new(0));
        while !shared.has_ended() {
            let line = match listener.accept() {
                Ok((line, _)) if lines.load(Ordering::SeqCst) < MOST_LINES => line,
                Ok(_) => continue,
                Err(_) => {
                    thread::sleep(Duration::from_millis(10));
                    continue;
                }
            };
            lines.fetch_add(1, Ordering::SeqCst);
            let (shared, lines) = (Arc::clone(&shared), Arc::clone(&lines));
            thread::spawn(move || {
                answer(&line, &token, &shared);
                lines.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    Ok(place)
}

/// Reads one request and answers it.
fn answer(mut line: &TcpStream, token: &[u8; 32], shared: &Shared) {
    let wait = Some(Duration::from_secs(5));
    let is_ready = line.set_nonblocking(false).is_ok()
        && line.set_read_timeout(wait).is_ok()
        && line.set_write_timeout(wait).is_ok();
    if !is_ready {
        return;
    }
    let status = match read(line) {
        None => "400 Bad Request",
        Some((bearer, _)) if Sha256::digest(bearer.as_bytes()).as_slice() != token.as_slice() => {
            "401 Unauthorized"
        }
        Some((_, body)) => match serde_json::from_slice::<Posted>(&body) {
            Err(_) => "400 Bad Request",
            // The service may send other things too; they are no business of this campaign.
            Ok(posted)
                if posted
                    .notification_type
                    .as_deref()
                    .is_some_and(|kind| kind != "sms") =>
            {
                "200 OK"
            }
            Ok(posted) if shared.receive(&posted) => "200 OK",
            Ok(_) => "503 Service Unavailable",
        },
    };
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    // Whoever does not hear it posts the receipt again.
    let _ = line.write_all(answer.as_bytes());
}

/// Reads a POST: its bearer token and its body.
fn read(mut line: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut octets = Vec::new();
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        if let httparse::Status::Complete(body_at) = request.parse(&octets).ok()? {
            if request.method != Some("POST") {
                return None;
            }
            let header = |name: &str| {
                let found = request
                    .headers
                    .iter()
                    .find(|h| h.name.eq_ignore_ascii_case(name));
                found.and_then(|h| std::str::from_utf8(h.value).ok())
            };
            let length: usize = header("content-length")?.parse().ok()?;
            let end = body_at
                .checked_add(length)
                .filter(|end| *end <= MOST_OCTETS)?;
            if let Some(body) = octets.get(body_at..end) {
                let bearer = header("authorization").and_then(|a| a.strip_prefix("Bearer "));
                return Some((bearer.unwrap_or_default().to_owned(), body.to_vec()));
            }
        }
        let mut more = [0; 4096];
        let count = line.read(&mut more).ok().filter(|count| *count > 0)?;
        octets.extend_from_slice(more.get(..count)?);
        if octets.len() > MOST_OCTETS {
            return None;
        }
    }
}
