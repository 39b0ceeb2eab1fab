#![no_main]
//! Any bytes as a value, dialled from anywhere: the answer is `rlibphonenumber`'s.

#[path = "../../tests/it/original.rs"]
mod original;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some(difference) = original::difference_of(input) {
        panic!("{difference}");
    }
});
