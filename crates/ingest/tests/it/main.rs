//! The readers from the outside.

mod accounted;
mod corpora;
mod delimited;
mod dump;
mod golden;
mod laws;
mod seen;
mod sniff;
mod suggest;
