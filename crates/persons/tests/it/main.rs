//! Persons from the outside: how well they are found, and what always holds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accuracy;
mod laws;
mod rules;
mod seen;
mod world;
