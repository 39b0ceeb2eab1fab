#![no_main]
//! Any bytes as each kind of file that a case is described by.

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    unspoof_evidence::fuzzing::parse_as_anything(input);
});
