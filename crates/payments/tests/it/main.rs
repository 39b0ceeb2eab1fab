//! Addresses, lists of them, and what was paid.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod addresses;
mod lists;
mod money;
