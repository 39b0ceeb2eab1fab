#![no_main]
//! Any bytes sniffed, and read by what was found.

#[expect(dead_code, reason = "shared with the tests and the other targets")]
#[path = "../../tests/it/accounted.rs"]
mod accounted;
#[expect(dead_code, reason = "shared with the tests and the other targets")]
#[path = "../../tests/it/seen.rs"]
mod seen;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    accounted::sniffed(input);
});
