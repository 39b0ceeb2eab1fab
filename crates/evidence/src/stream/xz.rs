//! The xz format, version 1.2.1: streams one after the other.

use std::io::{self, Read};

use lzma_rust2::XzReader;

use super::input::Input;
use super::{Step, Stop};

/// Bytes decoded at a time: what was decoded before an error in the same call is lost.
const CALL_BYTES: usize = 4 << 10;

/// An xz decoder.
pub(super) struct Xz<R: Read> {
    reader: XzReader<Input<R>>,
}

impl<R: Read> Xz<R> {
    pub(super) fn new(input: Input<R>, max_window_log: u32) -> Self {
        // The window, and as much again for the decoder itself, in KiB.
        let memory_kib = 1_u32 << (max_window_log.clamp(10, 31) - 10);
        Self {
            reader: XzReader::new_mem_limit(input, true, memory_kib.saturating_mul(2)),
        }
    }

    pub(super) fn input(&mut self) -> &mut Input<R> {
        self.reader.inner_mut()
    }

    pub(super) fn step(&mut self, out: &mut [u8]) -> Step {
        let mut written = 0;
        while written < out.len() {
            let until = out.len().min(written + CALL_BYTES);
            match self.reader.read(&mut out[written..until]) {
                Ok(0) => return Step::stopped(written, Stop::End),
                Ok(some) => written += some,
                Err(error) => {
                    let stop = match (self.reader.inner().failure(), error.kind()) {
                        (Some(failure), _) => Stop::Read(failure),
                        (None, io::ErrorKind::UnexpectedEof) => Stop::Truncated,
                        (None, _) => Stop::Corrupt(error.to_string()),
                    };
                    return Step::stopped(written, stop);
                }
            }
        }
        Step::wrote(written)
    }
}
