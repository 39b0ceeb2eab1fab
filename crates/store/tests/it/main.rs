//! The store from the outside, on each database that it knows.

#![expect(clippy::unwrap_used, reason = "a test that fails says where by itself")]

mod child;
mod laws;
mod ledger;
mod lines;
mod made_up;
mod places;
mod server;
mod suite;
