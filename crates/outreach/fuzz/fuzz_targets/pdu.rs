#![no_main]
//! Any bytes from a message centre: read or refused, written back as they were, and each message that
//! was handed to it told of once.

#[path = "../../tests/it/smpp/laws.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    laws::read_and_written_back(input);
    laws::each_message_is_told_of(input);
});
