//! As much of HTTP/1.1 as the interface's clients speak.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Shared;
use super::api::{self, Answer};

/// The most octets of a request's head or body.
const MOST_OCTETS: usize = 1 << 20;

/// A request, read whole.
pub(super) struct Request {
    pub(super) method: String,
    /// The path, without the query.
    pub(super) path: String,
    /// The query's pairs, decoded.
    pub(super) query: Vec<(String, String)>,
    pub(super) bearer: Option<String>,
    pub(super) host: String,
    pub(super) body: Vec<u8>,
    is_last: bool,
}

/// Answers requests until the line closes.
pub(super) fn serve(mut line: &TcpStream, shared: &Arc<Shared>) {
    let _ = line.set_nodelay(true);
    let _ = line.set_nonblocking(false);
    let _ = line.set_read_timeout(Some(Duration::from_secs(30)));
    let mut unread = Vec::new();
    while let Some(request) = read(line, &mut unread) {
        shared.requests.fetch_add(1, Ordering::SeqCst);
        let close = || {
            // Who hears nothing more must not wait for it.
            let _ = line.shutdown(std::net::Shutdown::Both);
        };
        match api::answer(&request, shared) {
            Answer::Nothing => return close(),
            Answer::Half(json) => {
                let octets = written(201, &json, true);
                let half = octets.get(..octets.len() / 2).unwrap_or_default();
                let _ = line.write_all(half);
                return close();
            }
            Answer::Whole(status, json) => {
                let octets = written(status, &json, request.is_last);
                if line.write_all(&octets).is_err() || request.is_last {
                    return close();
                }
            }
        }
    }
}

fn written(status: u16, json: &str, is_last: bool) -> Vec<u8> {
    let reason = match status {
        200 => "OK",
        201 => "Created",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        429 => "Too Many Requests",
        504 => "Gateway Timeout",
        _ => "Internal Server Error",
    };
    let connection = if is_last { "close" } else { "keep-alive" };
    format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: {connection}\r\n\r\n{json}",
        json.len()
    )
    .into_bytes()
}

fn read(mut line: &TcpStream, unread: &mut Vec<u8>) -> Option<Request> {
    let mut more = |unread: &mut Vec<u8>| -> Option<()> {
        let mut octets = [0; 8192];
        let count = line.read(&mut octets).ok().filter(|count| *count > 0)?;
        unread.extend_from_slice(octets.get(..count)?);
        (unread.len() <= MOST_OCTETS).then_some(())
    };
    let end = loop {
        match unread.windows(4).position(|four| four == b"\r\n\r\n") {
            Some(end) => break end,
            None => more(unread)?,
        }
    };
    let head = String::from_utf8(unread.get(..end)?.to_vec()).ok()?;
    unread.drain(..end + 4);
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let header = |name: &str| {
        head.split("\r\n")
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    let length: usize = header("content-length").map_or(Some(0), |length| length.parse().ok())?;
    if length > MOST_OCTETS || header("transfer-encoding").is_some() {
        return None;
    }
    while unread.len() < length {
        more(unread)?;
    }
    let body = unread.drain(..length).collect();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(key), decoded(value))
        });
    Some(Request {
        path: path.to_owned(),
        query: pairs.collect(),
        bearer: header("authorization")
            .and_then(|value| Some(value.strip_prefix("Bearer ")?.to_owned())),
        host: header("host").unwrap_or_default(),
        body,
        is_last: header("connection").is_some_and(|c| c.eq_ignore_ascii_case("close")),
        method,
    })
}

/// Undoes the escapes of a query.
fn decoded(escaped: &str) -> String {
    let mut octets = Vec::new();
    let mut rest = escaped.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'+' => b' ',
            b'%' => {
                let pair = [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')];
                std::str::from_utf8(&pair)
                    .ok()
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok())
                    .unwrap_or(b'?')
            }
            other => other,
        });
    }
    String::from_utf8_lossy(&octets).into_owned()
}
