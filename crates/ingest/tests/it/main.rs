//! The readers from the outside.

mod delimited;
mod dump;
mod seen;
mod sniff;
