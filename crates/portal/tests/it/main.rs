//! The portal as visitors, thieves and operators meet it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stderr, reason = "a test that is left out says so")]

mod abuse;
mod alike;
mod binary;
mod browser;
mod check;
mod dependencies;
mod flood;
mod formats;
mod fuzz;
mod journey;
mod pages;
mod proxy;
mod schema;
mod sealed;
mod support;
