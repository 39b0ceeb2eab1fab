//! Telephone numbers as records hold them: read, told apart, and kept as one integer.
//!
//! A [`Reader`] takes raw bytes and a [`Context`] (how the source dialled) and gives a [`Reading`]:
//! a [`PhoneNumber`] where there is one, and always a [`Status`] that says what was found. Nothing
//! is guessed: what cannot be read has no number.
//!
//! Numbering rules are libphonenumber's, at [`METADATA_VERSION`]. They say what is *possible* and
//! what has a valid form; whether a regulator ever allocated a number is another question.

mod context;
mod parse;
mod phone_number;
mod reader;
mod status;
mod tables;
#[cfg(test)]
mod walks;
mod written;

pub use context::Context;
pub use phone_number::{PhoneNumber, PhoneNumberError};
pub use reader::{Reader, Reading};
pub use status::{NumberType, Status};

/// Version of libphonenumber's metadata that answers are made from.
pub const METADATA_VERSION: &str = "9.0.42";

/// Bytes of the tables that answers are made from.
#[doc(hidden)]
pub const TABLE_BYTES: usize = tables::TABLE_BYTES;
