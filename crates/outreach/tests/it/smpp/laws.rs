//! What holds for all bytes. The fuzz target calls these too.

use unspoof_outreach::smpp::pdu::{HEADER_BYTES, Header, MOST_BYTES, Pdu, first_of, put_tlv};

/// Cuts bytes into PDUs, reads each, and writes it back.
pub(crate) fn read_and_written_back(mut bytes: &[u8]) {
    while let Ok(Some(pdu)) = first_of(bytes) {
        assert!((HEADER_BYTES..=MOST_BYTES).contains(&pdu.len()));
        one(pdu);
        bytes = &bytes[pdu.len()..];
    }
    // Also what is cut wrongly.
    one(bytes);
}

fn one(bytes: &[u8]) {
    let Ok(pdu) = Pdu::read(bytes) else {
        return;
    };
    let header = Header::read(bytes).unwrap();
    assert_eq!(header.command, pdu.body.command());
    assert_eq!(header.sequence, pdu.sequence);
    let mut written = b"before".to_vec();
    pdu.write(&mut written).unwrap();
    assert_eq!(&written[6..], bytes, "written back byte for byte");
    // Parameters that can be read stand at the front of the rest, as they are.
    let mut parameters = Vec::new();
    for tlv in pdu.tlvs() {
        put_tlv(&mut parameters, tlv.tag, tlv.value).unwrap();
        assert!(pdu.tlvs().value(tlv.tag).is_some());
    }
    assert!(pdu.rest.starts_with(&parameters));
    let _ = format!("{pdu:?}");
}
