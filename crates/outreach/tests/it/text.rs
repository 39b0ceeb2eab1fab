//! Alphabets, counts and parts.

mod laws;
mod peers;
