//! SMPP 3.4 and 5.0, as an ESME: the side that hands messages to a message centre (SMSC).
//!
//! - [`pdu`] reads and writes single messages of the protocol, and nothing more;
//! - [`session`] is one connection without a socket or a clock: bytes in, bytes out, time handed in;
//! - [`receipt`] reads delivery receipts in the dialects that centres speak;
//! - [`pool`] drives the connections of one account, and is the [`Sender`](crate::Sender).
//!
//! The specifications: SMPP v3.4 issue 1.2 (12 October 1999) and SMPP v5.0 (20 February 2003).

mod compose;
pub mod config;
mod error;
mod pace;
pub mod pdu;
pub mod pool;
pub mod receipt;
pub mod session;
pub mod status;

pub use compose::Source;
pub use config::{Password, SmppConfig};
pub use error::SmppError;
pub use pool::Pool;
