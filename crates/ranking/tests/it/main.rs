//! Ranks from the outside: what always holds, what they find, what they refuse.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod country_files;
mod facts;
mod holders;
mod homes;
mod laws;
mod mmdb;
mod policies;
mod quality;
mod world;
