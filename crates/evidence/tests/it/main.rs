//! Tests of the crate from the outside, in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod case;
mod support;
