#![no_main]
//! Any bytes as a dump: no panic, every byte accounted for, pieces and pages without effect.

#[expect(dead_code, reason = "shared with the tests and the other targets")]
#[path = "../../tests/it/accounted.rs"]
mod accounted;
#[expect(dead_code, reason = "shared with the tests and the other targets")]
#[path = "../../tests/it/seen.rs"]
mod seen;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let (_, sizes, text) = accounted::choices(input);
    accounted::dump(text, &sizes);
});
