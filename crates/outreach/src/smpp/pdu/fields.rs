//! Fields of a PDU, one after the other, never over its end.

use super::{Given, PduError};

/// What of a PDU has not been read.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn bytes(
        &mut self,
        count: usize,
        field: &'static str,
    ) -> Result<&'a [u8], PduError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(PduError::Overrun { field })?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, PduError> {
        let (first, rest) = self.rest.split_first().ok_or(PduError::Overrun { field })?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn u32(&mut self, field: &'static str) -> Result<u32, PduError> {
        let bytes = self.bytes(4, field)?;
        let bytes = bytes.try_into().map_err(|_| PduError::Overrun { field })?;
        Ok(u32::from_be_bytes(bytes))
    }

    /// Reads a string up to its zero octet, which is left out.
    pub(super) fn string(&mut self, field: &'static str) -> Result<&'a [u8], PduError> {
        let end = self.rest.iter().position(|octet| *octet == 0);
        let string = self.bytes(end.ok_or(PduError::Overrun { field })?, field)?;
        self.u8(field)?;
        Ok(string)
    }

    /// Reads the string of an answer, which may be absent or lack its zero octet.
    pub(super) fn given(&mut self) -> Given<'a> {
        if self.rest.is_empty() {
            return Given::Absent;
        }
        match self.string("message_id") {
            Ok(string) => Given::Ended(string),
            Err(_) => Given::Unended(std::mem::take(&mut self.rest)),
        }
    }
}

/// Writes a string and its zero octet.
pub(super) fn put_string(
    out: &mut Vec<u8>,
    string: &[u8],
    field: &'static str,
) -> Result<(), PduError> {
    if string.contains(&0) {
        return Err(PduError::Unwritable {
            field,
            why: "a zero octet stands in it",
        });
    }
    out.extend_from_slice(string);
    out.push(0);
    Ok(())
}
