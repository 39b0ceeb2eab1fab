//! Tests of the crate from the outside, in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod attacks;
mod bags;
mod case;
mod child;
mod disk_full;
mod flips;
mod kill;
mod log;
mod parsers;
mod seal;
mod streams;
mod support;
