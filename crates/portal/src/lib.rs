#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test that cannot go on fails")
)]

pub mod clock;
pub mod draft;
mod error;
pub mod fields;
pub mod files;
mod http;
pub mod kinds;
mod layout;
mod limits;
mod net;
mod pages;
mod portal;
pub mod questions;
mod room;
mod route;
pub mod sample;
pub mod sealed;
pub mod serve;
pub mod spool;
pub mod swap;
mod ticket;
mod visit;
pub mod words;

pub use error::PortalError;
pub use unspoof_handover::{bundle, codes, hex, seal};

pub use pages::send::statement_id;
pub use portal::{Keys, Portal};
use unspoof_handover::chance;
