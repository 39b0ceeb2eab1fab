//! Optional parameters: tag, length, value.

use super::PduError;

/// Tags that mean something to us (SMPP 3.4, 5.3.2; 5.0, 4.8.1).
pub mod tag {
    /// The id of the message that a receipt is about.
    pub const RECEIPTED_MESSAGE_ID: u16 = 0x001e;
    /// Two octets of an ESME's own, given back in receipts by some centres.
    pub const USER_MESSAGE_REFERENCE: u16 = 0x0204;
    /// Joins the parts of one text.
    pub const SAR_MSG_REF_NUM: u16 = 0x020c;
    /// How many parts there are.
    pub const SAR_TOTAL_SEGMENTS: u16 = 0x020e;
    /// Which part it is, from 1.
    pub const SAR_SEGMENT_SEQNUM: u16 = 0x020f;
    /// The version that a centre speaks.
    pub const SC_INTERFACE_VERSION: u16 = 0x0210;
    /// How busy a centre is, in per cent (5.0).
    pub const CONGESTION_STATE: u16 = 0x0428;
    /// The network's own code for a failure: one octet for its kind, two for the code.
    pub const NETWORK_ERROR_CODE: u16 = 0x0423;
    /// A text that is longer than a `short_message` can be.
    pub const MESSAGE_PAYLOAD: u16 = 0x0424;
    /// What became of a message, as a number.
    pub const MESSAGE_STATE: u16 = 0x0427;
}

/// One optional parameter. `Debug` does not show its value, which may be a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// Which one.
    pub tag: u16,
    /// Its value.
    pub value: &'a [u8],
}

impl std::fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tlv({:#06x}, {} octets)", self.tag, self.value.len())
    }
}

/// The parameters of a PDU in their order. Ends before the first that runs over the end.
#[derive(Clone, Copy, Debug)]
pub struct Tlvs<'a> {
    rest: &'a [u8],
}

impl<'a> Tlvs<'a> {
    pub(super) fn of(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    /// Returns the value of the first parameter with this tag.
    #[must_use]
    pub fn value(self, tag: u16) -> Option<&'a [u8]> {
        { self }.find(|tlv| tlv.tag == tag).map(|tlv| tlv.value)
    }

    /// Returns the value of the first parameter with this tag, if it is one octet.
    #[must_use]
    pub fn octet(self, tag: u16) -> Option<u8> {
        match self.value(tag) {
            Some([octet]) => Some(*octet),
            _ => None,
        }
    }

    /// Returns the value of the first parameter with this tag up to its zero octet, if it has one.
    #[must_use]
    pub fn string(self, tag: u16) -> Option<&'a [u8]> {
        self.value(tag)
            .and_then(|value| value.split(|octet| *octet == 0).next())
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Tlv<'a>;

    fn next(&mut self) -> Option<Tlv<'a>> {
        let (head, rest) = self.rest.split_at_checked(4)?;
        let [tag_high, tag_low, length_high, length_low] = head.try_into().ok()?;
        let length = u16::from_be_bytes([length_high, length_low]);
        let (value, rest) = rest.split_at_checked(usize::from(length))?;
        self.rest = rest;
        Some(Tlv {
            tag: u16::from_be_bytes([tag_high, tag_low]),
            value,
        })
    }
}

/// Writes a parameter behind what `out` holds.
///
/// # Errors
/// [`PduError::Unwritable`] where the value has more than 65,535 octets.
pub fn put_tlv(out: &mut Vec<u8>, tag: u16, value: &[u8]) -> Result<(), PduError> {
    let length = u16::try_from(value.len()).map_err(|_| PduError::Unwritable {
        field: "optional parameter",
        why: "longer than its length can say",
    })?;
    out.extend_from_slice(&tag.to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(value);
    Ok(())
}
