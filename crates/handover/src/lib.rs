#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test that cannot go on fails")
)]

pub mod bundle;
pub mod chance;
pub mod codes;
mod error;
pub mod hex;
pub mod seal;
pub mod spool;

pub use error::HandoverError;
