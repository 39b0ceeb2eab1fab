#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test that cannot go on fails")
)]

pub mod alike;
pub mod archive;
mod error;
pub mod flatten;
mod message;
mod open;
pub mod rows;
pub mod urgency;

pub use error::IntakeError;
pub use message::{AttachedFile, Message, NotAMessage, Statement};
pub use open::{Open, Opened, Unopened, open_all};
