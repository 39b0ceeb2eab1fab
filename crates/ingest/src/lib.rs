//! Readers: the bytes of a seized file in, located rows out.

pub mod block;
pub mod delimited;
pub mod dump;
pub mod sniff;
