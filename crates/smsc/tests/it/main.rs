//! The stand-ins, judged by real clients.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod notify;
mod peers;
mod smpp;
