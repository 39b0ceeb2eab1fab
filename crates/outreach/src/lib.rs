#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    expect(clippy::unwrap_used, reason = "a test that cannot go on fails")
)]

pub mod approval;
pub mod bundle;
pub mod candidate;
pub mod clock;
pub mod csv_sender;
pub mod erasure;
mod error;
pub mod lint;
pub mod notice;
pub mod notify;
pub mod package;
pub mod plan;
pub mod recipient;
pub mod rehearsal;
pub mod removal;
pub mod sender;
pub mod sending;
mod signed;
pub mod smpp;
pub mod suppression;
pub mod text;
pub mod zones;

pub use clock::{Clock, SharedClock, SystemClock};
pub use error::OutreachError;
pub use plan::PlanError;
pub use sender::{Answer, Event, Message, Receipt, ReceiptState, Sender};
