#![no_main]
//! Any bytes as PDUs: read or refused, and written back as they were.

#[path = "../../tests/it/smpp/laws.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|input: &[u8]| laws::read_and_written_back(input));
