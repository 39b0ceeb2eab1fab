#![no_main]
//! Any bytes as delimited text in any dialect, under the same laws as dumps.

#[expect(dead_code, reason = "shared with the tests and the other targets")]
#[path = "../../tests/it/accounted.rs"]
mod accounted;
#[expect(dead_code, reason = "shared with the tests and the other targets")]
#[path = "../../tests/it/seen.rs"]
mod seen;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let (dialect, sizes, text) = accounted::choices(input);
    accounted::delimited(text, dialect, &sizes);
});
