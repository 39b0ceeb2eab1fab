//! What is opened, and what is refused, judged by Debian's `age` and the format's own vectors.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod peer;
mod vectors;
mod whole;
