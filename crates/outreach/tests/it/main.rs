//! Campaigns, judged from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod lint;
mod notify;
mod peers;
mod plan;
mod sending;
mod smpp;
mod text;
