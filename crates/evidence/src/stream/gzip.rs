//! gzip (RFC 1952): members one after the other, then at most zeros.
//!
//! Written over the raw inflater rather than a ready-made reader, because those lose the bytes
//! that were inflated just before a damaged place.

use std::io::{self, BufRead as _, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::input::Input;
use super::{Step, Stop};

/// Where in a member the decoder stands.
enum Part {
    Header,
    Body,
    Trailer,
}

/// Flags of a member's header (RFC 1952 section 2.3.1).
mod flag {
    pub(super) const HEADER_CRC: u8 = 1 << 1;
    pub(super) const EXTRA: u8 = 1 << 2;
    pub(super) const NAME: u8 = 1 << 3;
    pub(super) const COMMENT: u8 = 1 << 4;
    pub(super) const RESERVED: u8 = 0b1110_0000;
}

/// A gzip decoder.
pub(super) struct Gzip<R: Read> {
    input: Input<R>,
    inflate: Decompress,
    crc: Crc,
    part: Part,
    first: bool,
}

impl<R: Read> Gzip<R> {
    pub(super) fn new(input: Input<R>) -> Self {
        let inflate = Decompress::new(false);
        Self {
            input,
            inflate,
            crc: Crc::new(),
            part: Part::Header,
            first: true,
        }
    }

    pub(super) fn input(&mut self) -> &mut Input<R> {
        &mut self.input
    }

    pub(super) fn step(&mut self, out: &mut [u8]) -> Step {
        loop {
            let stepped = match self.part {
                Part::Header => self.header().map(|()| {
                    self.inflate.reset(false);
                    self.crc.reset();
                    self.part = Part::Body;
                }),
                Part::Body => match self.body(out) {
                    (0, Ok(())) => Ok(()),
                    (written, Ok(())) => return Step::wrote(written),
                    (written, Err(stop)) => return Step::stopped(written, stop),
                },
                Part::Trailer => self.trailer().map(|()| self.part = Part::Header),
            };
            if let Err(stop) = stepped {
                return Step::stopped(0, stop);
            }
        }
    }

    /// Inflates into `out`; what came out counts even if an error followed it.
    fn body(&mut self, out: &mut [u8]) -> (usize, Result<(), Stop>) {
        let bytes = match self.input.fill_buf() {
            Ok(bytes) => bytes,
            Err(error) => return (0, Err(Stop::Read(error))),
        };
        let at_end = bytes.is_empty();
        let (in_before, out_before) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(bytes, out, FlushDecompress::None);
        let used = usize::try_from(self.inflate.total_in() - in_before).unwrap_or(0);
        let made = usize::try_from(self.inflate.total_out() - out_before).unwrap_or(0);
        self.input.consume(used);
        self.crc.update(&out[..made]);
        let stepped = match status {
            Ok(Status::StreamEnd) => {
                self.part = Part::Trailer;
                Ok(())
            }
            Ok(Status::Ok | Status::BufError) if at_end && made == 0 => Err(Stop::Truncated),
            Ok(Status::Ok | Status::BufError) => Ok(()),
            Err(error) => Err(Stop::Corrupt(error.to_string())),
        };
        (made, stepped)
    }

    fn header(&mut self) -> Result<(), Stop> {
        if !self.first {
            self.next_member()?;
        }
        self.first = false;
        let mut crc = Crc::new();
        let [magic_1, magic_2, method, flags, ..] = self.bytes::<10>(&mut crc)?;
        if [magic_1, magic_2] != [0x1f, 0x8b] {
            return Err(Stop::Trailing);
        }
        if method != 8 || flags & flag::RESERVED != 0 {
            return Err(Stop::Corrupt(
                "a member's header has unknown flags".to_owned(),
            ));
        }
        if flags & flag::EXTRA != 0 {
            let length = u16::from_le_bytes(self.bytes::<2>(&mut crc)?);
            for _ in 0..length {
                self.bytes::<1>(&mut crc)?;
            }
        }
        for text in [flag::NAME, flag::COMMENT] {
            while flags & text != 0 && self.bytes::<1>(&mut crc)? != [0] {}
        }
        if flags & flag::HEADER_CRC != 0 {
            let found = crc.sum() & 0xffff;
            if u32::from(u16::from_le_bytes(self.bytes::<2>(&mut crc)?)) != found {
                return Err(Stop::Corrupt(
                    "a member's header has another checksum".to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// Looks at what follows a member: nothing, zeros up to the end as tapes leave them, another
    /// member, or something else.
    fn next_member(&mut self) -> Result<(), Stop> {
        let mut zeros = false;
        loop {
            let bytes = self.input.fill_buf().map_err(Stop::Read)?;
            match bytes {
                [] => return Err(Stop::End),
                [0, ..] => {
                    zeros = true;
                    let some = bytes.iter().take_while(|&&byte| byte == 0).count();
                    self.input.consume(some);
                }
                [0x1f, ..] if !zeros => return Ok(()),
                [..] => return Err(Stop::Trailing),
            }
        }
    }

    fn trailer(&mut self) -> Result<(), Stop> {
        let mut unused = Crc::new();
        let checksum = u32::from_le_bytes(self.bytes::<4>(&mut unused)?);
        let length = u32::from_le_bytes(self.bytes::<4>(&mut unused)?);
        if checksum != self.crc.sum() {
            return Err(Stop::Corrupt(
                "a member's content has another checksum".to_owned(),
            ));
        }
        // The length counts modulo 2^32, as does the checksum's own count.
        if length != self.crc.amount() {
            return Err(Stop::Corrupt(
                "a member's content has another length".to_owned(),
            ));
        }
        Ok(())
    }

    fn bytes<const N: usize>(&mut self, crc: &mut Crc) -> Result<[u8; N], Stop> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes).map_err(|error| {
            let is_end = error.kind() == io::ErrorKind::UnexpectedEof;
            if is_end {
                Stop::Truncated
            } else {
                Stop::Read(error)
            }
        })?;
        crc.update(&bytes);
        Ok(bytes)
    }
}
