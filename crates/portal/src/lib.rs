#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test that cannot go on fails")
)]

pub mod bundle;
mod chance;
pub mod clock;
pub mod codes;
pub mod draft;
mod error;
pub mod fields;
pub mod files;
pub mod hex;
mod http;
pub mod kinds;
mod layout;
mod limits;
mod net;
mod pages;
mod portal;
pub mod questions;
mod route;
pub mod sample;
pub mod seal;
pub mod serve;
pub mod spool;
mod ticket;
mod visit;
pub mod words;

pub use error::PortalError;
pub use portal::{Keys, Portal};
