//! Pictures from the outside: valid, harmless, readable, and the same for the same values.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod laws;
mod looks;
mod samples;
