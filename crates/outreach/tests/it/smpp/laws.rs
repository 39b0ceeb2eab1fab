//! What holds for all bytes. The fuzz target calls these too.

use std::sync::Arc;

use unspoof_outreach::smpp::pdu::{
    Body, Given, HEADER_BYTES, Header, MOST_BYTES, Pdu, Role, first_of, put_tlv,
};
use unspoof_outreach::smpp::session::{Session, Settings, Told};
use unspoof_outreach::smpp::{Password, SmppConfig, Source};
use unspoof_outreach::{Answer, Message};

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

/// Lets a session in, hands it three messages, one of them in two parts, and gives it these bytes in
/// pieces of that size. Returns what it told.
fn heard(bytes: &[u8], size: usize) -> Vec<Told> {
    let config = SmppConfig::of("127.0.0.1", 2775, "unspoof");
    let password = Password::of("secret".to_owned().into()).unwrap();
    let settings = Settings::of(&config, password, Source::of("Police").unwrap()).unwrap();
    let mut session = Session::new(Arc::new(settings), Role::Transceiver, "s".into(), 1, 0);
    session.connected(0);
    let mut bound = Vec::new();
    let body = Body::BindResp(Role::Transceiver, Given::Absent);
    Pdu::answer(1, 0, body).write(&mut bound).unwrap();
    session.read(&bound, 0);
    for key in 0..3 {
        session.submit(Message {
            key,
            to: format!("44770090000{key}").into(),
            text: "a".repeat(if key == 1 { 200 } else { 5 }).into(),
            reference: String::new(),
            expires_us: 60_000_000,
        });
    }
    session.turn(0, 0);
    session.wrote(session.unwritten().len());
    let mut told = Vec::new();
    for piece in bytes.chunks(size) {
        session.read(piece, 0);
    }
    session.turn(0, 0);
    session.wrote(session.unwritten().len());
    session.turn(60_000, 0);
    session.closed();
    session.told(&mut told);
    told
}

/// Whatever a centre says, cut anywhere: each message is told of once, or once more after it was unknown,
/// and an accepted one was answered.
pub(crate) fn each_message_is_told_of(bytes: &[u8]) {
    let whole = heard(bytes, usize::MAX);
    assert_eq!(whole, heard(bytes, 1), "pieces make no difference");
    for message in 0..3 {
        let answers: Vec<&Answer> = whole
            .iter()
            .filter_map(|told| match told {
                Told::Answered { key, answer } if *key == message => Some(answer),
                Told::Answered { .. }
                | Told::Bound
                | Told::PartsBegun { .. }
                | Told::PartAccepted { .. }
                | Told::Receipt { .. }
                | Told::Notice(_) => None,
            })
            .collect();
        match answers.as_slice() {
            [_] => {}
            [
                Answer::Unknown { .. },
                Answer::Accepted { .. } | Answer::Refused { .. },
            ] => {}
            other => panic!("message {message}: {other:?}"),
        }
        assert!(!answers.contains(&&Answer::Unsent), "all of it had left");
    }
}
