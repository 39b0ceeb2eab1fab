#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test that cannot go on fails")
)]

pub mod clock;
mod error;
pub mod lint;
pub mod sender;
pub mod smpp;
pub mod text;

pub use clock::{Clock, SharedClock, SystemClock};
pub use error::OutreachError;
pub use sender::{Answer, Event, Message, Receipt, ReceiptState, Sender};
