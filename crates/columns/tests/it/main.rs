//! The crate from outside.

mod read_back;
