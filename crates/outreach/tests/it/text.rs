//! Alphabets, counts and parts.

mod laws;
