//! PDUs as a message centre reads and writes them (SMPP 3.4, sections 3 to 5). Written without a look
//! at the sender's codec, so that each judges the other.

/// Most octets of a PDU that are taken.
const MOST_OCTETS: usize = 128 * 1024;
/// Octets of a header.
pub(super) const HEADER: usize = 16;

pub(super) const GENERIC_NACK: u32 = 0x8000_0000;
pub(super) const BIND_RECEIVER: u32 = 1;
pub(super) const BIND_TRANSMITTER: u32 = 2;
pub(super) const SUBMIT_SM: u32 = 4;
pub(super) const DELIVER_SM: u32 = 5;
pub(super) const DELIVER_SM_RESP: u32 = 0x8000_0005;
pub(super) const UNBIND: u32 = 6;
pub(super) const UNBIND_RESP: u32 = 0x8000_0006;
pub(super) const BIND_TRANSCEIVER: u32 = 9;
pub(super) const ENQUIRE_LINK: u32 = 0x15;
pub(super) const RESP: u32 = 0x8000_0000;

/// What a header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Header {
    pub(super) length: usize,
    pub(super) command: u32,
    pub(super) status: u32,
    pub(super) sequence: u32,
}

/// Reads the header that octets begin with; none where they are too few.
///
/// # Errors
/// A length that no PDU has: what follows cannot be read.
pub(super) fn header(octets: &[u8]) -> Result<Option<Header>, ()> {
    let word = |at: usize| {
        let four = octets.get(at..at + 4)?;
        Some(u32::from_be_bytes(four.try_into().ok()?))
    };
    let (Some(length), Some(command), Some(status), Some(sequence)) =
        (word(0), word(4), word(8), word(12))
    else {
        return Ok(None);
    };
    let length = usize::try_from(length).map_err(|_| ())?;
    if !(HEADER..=MOST_OCTETS).contains(&length) {
        return Err(());
    }
    Ok(Some(Header {
        length,
        command,
        status,
        sequence,
    }))
}

/// Appends a PDU.
pub(super) fn put(out: &mut Vec<u8>, command: u32, status: u32, sequence: u32, body: &[u8]) {
    let length = u32::try_from(HEADER + body.len()).unwrap_or(u32::MAX);
    for word in [length, command, status, sequence] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    out.extend_from_slice(body);
}

/// Appends an optional parameter.
pub(super) fn put_tlv(out: &mut Vec<u8>, tag: u16, value: &[u8]) {
    out.extend_from_slice(&tag.to_be_bytes());
    out.extend_from_slice(&u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
    out.extend_from_slice(value);
}

/// Appends a string and the zero octet that ends it.
pub(super) fn put_string(out: &mut Vec<u8>, string: &[u8]) {
    out.extend_from_slice(string);
    out.push(0);
}

/// Takes fields off the front of a body.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn octet(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|octet| *octet == 0)?;
        let (string, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.get(1..)?;
        Some(string)
    }

    fn octets(&mut self, count: usize) -> Option<&'a [u8]> {
        let (octets, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(octets)
    }
}

/// Who binds.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Bind<'a> {
    pub(super) system_id: &'a [u8],
    pub(super) password: &'a [u8],
}

/// Reads a bind.
pub(super) fn bind(body: &[u8]) -> Option<Bind<'_>> {
    let mut fields = Fields(body);
    let (system_id, password) = (fields.string()?, fields.string()?);
    fields.string()?;
    fields.octets(3)?;
    fields.string()?;
    Some(Bind {
        system_id,
        password,
    })
}

/// A message as it was submitted.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Submit<'a> {
    pub(super) from: (u8, u8, &'a [u8]),
    pub(super) to: (u8, u8, &'a [u8]),
    pub(super) esm_class: u8,
    pub(super) validity: &'a [u8],
    pub(super) registered_delivery: u8,
    pub(super) data_coding: u8,
    /// `short_message`, or `message_payload` where that is there.
    pub(super) message: &'a [u8],
    /// Reference, number of parts, number of this part: the `sar_*` parameters.
    pub(super) sar: Option<(u16, u8, u8)>,
}

/// Reads a `submit_sm`.
pub(super) fn submit(body: &[u8]) -> Option<Submit<'_>> {
    let mut fields = Fields(body);
    fields.string()?;
    let from = (fields.octet()?, fields.octet()?, fields.string()?);
    let to = (fields.octet()?, fields.octet()?, fields.string()?);
    let esm_class = fields.octet()?;
    fields.octets(2)?;
    fields.string()?;
    let validity = fields.string()?;
    let registered_delivery = fields.octet()?;
    fields.octet()?;
    let data_coding = fields.octet()?;
    fields.octet()?;
    let length = fields.octet()?;
    let mut message = fields.octets(usize::from(length))?;
    let (mut reference, mut total, mut number) = (None, None, None);
    while !fields.0.is_empty() {
        let tag = [fields.octet()?, fields.octet()?];
        let length = u16::from_be_bytes([fields.octet()?, fields.octet()?]);
        let value = fields.octets(usize::from(length))?;
        match (u16::from_be_bytes(tag), value) {
            (0x0424, value) => message = value,
            (0x020c, &[high, low]) => reference = Some(u16::from_be_bytes([high, low])),
            (0x020e, &[parts]) => total = Some(parts),
            (0x020f, &[part]) => number = Some(part),
            _ => {}
        }
    }
    let sar = reference.zip(total).zip(number);
    Some(Submit {
        from,
        to,
        esm_class,
        validity,
        registered_delivery,
        data_coding,
        message,
        sar: sar.map(|((reference, total), number)| (reference, total, number)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_submit_is_read_to_its_last_parameter() {
        let mut body =
            b"\0\x05\0Police\0\x01\x01447700900001\0\x40\0\0\x00000000010000000R\0\x01\0\0\0\x02hi"
                .to_vec();
        put_tlv(&mut body, 0x020c, &[1, 2]);
        put_tlv(&mut body, 0x020e, &[2]);
        put_tlv(&mut body, 0x020f, &[1]);
        let read = submit(&body).unwrap();
        assert_eq!(read.from, (5, 0, &b"Police"[..]));
        assert_eq!(read.to.2, b"447700900001");
        assert_eq!((read.esm_class, read.registered_delivery), (0x40, 1));
        assert_eq!(read.message, b"hi");
        assert_eq!(read.sar, Some((0x0102, 2, 1)));
        for short in 0..body.len() - 1 {
            let _ = submit(&body[..short]);
        }
        assert_eq!(submit(&body[..body.len() - 1]), None);
    }

    #[test]
    fn lengths_that_no_pdu_has_end_the_line() {
        assert_eq!(header(&[0; 15]), Ok(None));
        assert_eq!(header(&[0; 16]), Err(()));
        assert_eq!(header(&[0xff; 16]), Err(()));
        let mut out = Vec::new();
        put(&mut out, ENQUIRE_LINK, 0, 7, b"");
        let read = header(&out).unwrap().unwrap();
        assert_eq!((read.length, read.command, read.sequence), (16, 0x15, 7));
    }
}
