//! The readers from the outside.

mod delimited;
mod dump;
mod golden;
mod seen;
mod sniff;
