//! Zstandard (RFC 8878): frames one after the other.
//!
//! The decoder is fed what it asks for and no more, one block of a frame at a time: after an error
//! in a block it does not tell how much it had put out before it in the same call.

use std::io::{self, BufRead as _, Read};

use ::zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation as _, OutBuffer};

use super::input::Input;
use super::{Step, Stop};

/// Bytes that tell how long a frame's header is.
const HEADER_START_BYTES: usize = 5;

/// A zstd decoder.
pub(super) struct Zstd<R: Read> {
    input: Input<R>,
    decoder: Decoder<'static>,
    /// Bytes that the decoder asks for next; 0 between frames.
    wanted: usize,
}

impl<R: Read> Zstd<R> {
    pub(super) fn new(input: Input<R>, max_window_log: u32) -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(max_window_log.clamp(10, 31)))?;
        Ok(Self {
            input,
            decoder,
            wanted: 0,
        })
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
            if at_end && self.wanted == 0 {
                return Step::stopped(0, Stop::End);
            }
            let offered = match self.wanted {
                0 => bytes.len().min(HEADER_START_BYTES),
                wanted => bytes.len().min(wanted),
            };
            let mut from = InBuffer::around(&bytes[..offered]);
            let mut to = OutBuffer::around(&mut *out);
            let ran = self.decoder.run(&mut from, &mut to);
            let (used, made) = (from.pos(), to.pos());
            self.input.consume(used);
            match ran {
                Ok(wanted) => self.wanted = wanted,
                Err(error) => return Step::stopped(0, Stop::Corrupt(error.to_string())),
            }
            if made > 0 {
                return Step::wrote(made);
            }
            if at_end && self.wanted > 0 {
                return Step::stopped(0, Stop::Truncated);
            }
        }
    }
}
