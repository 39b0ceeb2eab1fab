//! The readers from the outside.

mod delimited;
mod dump;
mod golden;
mod laws;
mod seen;
mod sniff;
