#![doc = include_str!("../README.md")]

mod error;
mod header;
mod identity;
mod reader;

pub use error::UnsealError;
pub use identity::Identity;
pub use reader::{UnsealReader, unseal};
