#![doc = include_str!("../README.md")]

#[cfg(feature = "arrow")]
pub mod batch;
pub mod blocks;
mod context;
mod find;
mod full_number;
#[cfg(test)]
#[path = "../examples/make_tables/main.rs"]
#[expect(dead_code, reason = "tests have no use for its command line")]
mod make_tables;
mod numbering;
#[cfg(test)]
mod official;
mod parse;
mod phone_number;
mod reader;
mod status;
mod tables;
#[cfg(test)]
mod walks;
mod written;

pub use context::Context;
pub use find::{Found, Leniency, find_in_text};
pub use full_number::{CodeSource, FullNumber};
pub use numbering::{Format, Impossible, Numbering, ParseError, Possible, Sameness};
pub use phone_number::{PhoneNumber, PhoneNumberError};
pub use reader::{Reader, Reading};
pub use status::{NumberType, Status};

/// Version of libphonenumber's metadata that answers are made from.
pub const METADATA_VERSION: &str = "9.0.42";

/// Bytes of the tables that answers are made from.
#[doc(hidden)]
pub const TABLE_BYTES: usize = tables::TABLE_BYTES;
