//! The program as people run it, from the outside.

#![expect(clippy::unwrap_used, reason = "a test that fails says where by itself")]

mod again;
mod bad_input;
mod blocks;
mod campaign;
mod cli;
mod determinism;
mod docs;
mod judge;
mod links;
mod mariadb;
mod money;
mod rank;
mod samples;
mod score;
mod support;
mod truth;
