//! Attachments are drawn in the real sandbox; without it those tests say that they are left out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod flatten;
mod messages;
