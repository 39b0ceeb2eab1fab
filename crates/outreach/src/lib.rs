#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test that cannot go on fails")
)]

mod error;
pub mod sender;
pub mod text;

pub use error::OutreachError;
pub use sender::{Answer, Event, Message, Receipt, ReceiptState, Sender};
