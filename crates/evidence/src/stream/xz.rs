//! The xz format, version 1.2.1: streams one after the other.
//!
//! Over the decoder that is handed its input and output, as it tells how much it had put out when
//! an error stopped it.

use std::io::{self, BufRead as _, Read};

use lzma_rust2::{Action, Status, XzStream};

use super::input::Input;
use super::{Step, Stop};

/// An xz decoder.
pub(super) struct Xz<R: Read> {
    input: Input<R>,
    decoder: XzStream,
}

impl<R: Read> Xz<R> {
    pub(super) fn new(input: Input<R>, max_window_log: u32) -> Self {
        // The window, and as much again for the decoder itself, in KiB.
        let memory_kib = 2_u32 << (max_window_log.clamp(10, 31) - 10);
        Self {
            input,
            decoder: XzStream::new_mem_limit(true, memory_kib),
        }
    }

    pub(super) fn input(&mut self) -> &mut Input<R> {
        &mut self.input
    }

    pub(super) fn step(&mut self, out: &mut [u8]) -> Step {
        loop {
            let bytes = match self.input.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) => return Step::stopped(0, Stop::Read(error)),
            };
            let at_end = bytes.is_empty();
            let action = if at_end { Action::Finish } else { Action::Run };
            let (in_before, out_before) = (self.decoder.total_in(), self.decoder.total_out());
            let result = self.decoder.process(bytes, out, action);
            let used = usize::try_from(self.decoder.total_in() - in_before).unwrap_or(0);
            let made = usize::try_from(self.decoder.total_out() - out_before).unwrap_or(0);
            self.input.consume(used);
            match result.map(|result| result.status) {
                Ok(Status::StreamEnd) => return Step::stopped(made, Stop::End),
                Ok(Status::Ok) if made > 0 => return Step::wrote(made),
                Ok(Status::Ok) if used > 0 => {}
                Ok(Status::Ok) if at_end => return Step::stopped(0, Stop::Truncated),
                Ok(Status::Ok) => {
                    let detail = "the decoder takes no more of it".to_owned();
                    return Step::stopped(0, Stop::Corrupt(detail));
                }
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Step::stopped(made, Stop::Truncated);
                }
                Err(error) => return Step::stopped(made, Stop::Corrupt(error.to_string())),
            }
        }
    }
}
