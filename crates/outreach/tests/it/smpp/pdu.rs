use std::collections::BTreeMap;
use std::path::PathBuf;

use proptest::prelude::*;
use unspoof_outreach::smpp::pdu::{
    Address, Bind, Body, Data, Given, Pdu, PduError, Role, Short, first_of, put_tlv, tag,
};

use super::laws;

fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// The captured PDUs, by the name of the test that they come from, in `$UNSPOOF_SHARED_DATA`, by
/// default `../shared/data` beside the project. Without them there is nothing to read: a warning, and
/// under CI a failure.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
fn captured() -> Option<BTreeMap<String, Vec<u8>>> {
    let shared = std::env::var_os("UNSPOOF_SHARED_DATA")
        .map_or("../../../shared/data".into(), PathBuf::from);
    let Ok(table) = std::fs::read_to_string(shared.join("smpp/cloudhopper_decode_pdus.tsv")) else {
        let why = "`smpp` is not there: set UNSPOOF_SHARED_DATA to the folder that holds it";
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{why}");
        eprintln!("LEFT OUT: {why}");
        return None;
    };
    let mut captured: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let (name, hex) = line.split_once('\t').unwrap();
        // A capture in several lines came in as many reads.
        captured
            .entry(name.into())
            .or_default()
            .extend(bytes_of(hex));
    }
    Some(captured)
}

#[test]
fn captured_pdus_are_read_and_written_back_byte_for_byte() {
    let Some(captured) = captured() else {
        return;
    };
    assert_eq!(captured.len(), 58);
    let mut refused = BTreeMap::new();
    let mut unfinished = Vec::new();
    let mut read = 0;
    for (name, bytes) in &captured {
        laws::read_and_written_back(bytes);
        let mut rest = bytes.as_slice();
        loop {
            match first_of(rest) {
                Ok(Some(whole)) => {
                    match Pdu::read(whole) {
                        Ok(pdu) => {
                            let mut written = Vec::new();
                            pdu.write(&mut written).unwrap();
                            assert_eq!(written, whole, "{name}");
                            read += 1;
                        }
                        Err(why) => {
                            refused.insert(name.as_str(), why);
                        }
                    }
                    rest = &rest[whole.len()..];
                }
                Ok(None) => {
                    if !rest.is_empty() {
                        unfinished.push(name.as_str());
                    }
                    break;
                }
                Err(why) => {
                    refused.insert(name.as_str(), why);
                    break;
                }
            }
        }
    }
    // What was captured broken is broken, and nothing else is.
    assert_eq!(
        refused,
        BTreeMap::from([
            (
                "decodeDeliverSMWithCorrectTotalByteLengthButInvalidShortMessageLength",
                PduError::Overrun {
                    field: "short_message"
                }
            ),
            (
                "decodeSignedIntLength",
                PduError::Length {
                    length: 0xf000_0011
                }
            ),
        ])
    );
    assert_eq!(
        unfinished,
        [
            "decodeLessThan16Bytes",
            "decodeLessThan4Bytes",
            "decodeOnly4Bytes"
        ]
    );
    assert_eq!(read, 55);
}

#[test]
fn captured_pdus_say_what_they_say() {
    let Some(captured) = captured() else {
        return;
    };
    let pdu = |name: &str| Pdu::read(&captured[name]).unwrap();
    let receipt = pdu("decodeDeliverSmAsDeliveryReceipt");
    let Body::DeliverSm(short) = receipt.body else {
        panic!("no deliver_sm");
    };
    assert_eq!(short.esm_class, 0x04);
    assert!(short.message.starts_with(b"id:0059113978 sub:001"));
    assert_eq!(
        receipt.tlvs().string(tag::RECEIPTED_MESSAGE_ID),
        Some(b"38601fa".as_slice())
    );
    assert_eq!(receipt.tlvs().octet(tag::MESSAGE_STATE), Some(2));
    let payload = pdu("decodeDeliverSmWithOptionalMessagePayload");
    assert_eq!(
        payload.tlvs().value(tag::MESSAGE_PAYLOAD).unwrap().len(),
        38
    );
    for (name, given) in [
        (
            "decodeSubmitSmResp",
            Given::Ended(b"94258431594".as_slice()),
        ),
        ("decodeSubmitSmRespWithNoMessageId", Given::Absent),
        ("decodeSubmitSmRespWithEmptyMessageId", Given::Ended(b"")),
        (
            "decodeSubmitSmRespWithNoNullByteForMessageId",
            Given::Unended(b"9"),
        ),
    ] {
        assert_eq!(pdu(name).body, Body::SubmitSmResp(given), "{name}");
    }
    let bound = pdu("decodeBindTransceiverRespWithOptionalParams");
    assert_eq!(
        bound.body,
        Body::BindResp(Role::Transceiver, Given::Ended(b"Smsc GW"))
    );
    assert_eq!(bound.tlvs().octet(tag::SC_INTERFACE_VERSION), Some(0x34));
    let data = pdu("decodeDataSM");
    assert!(matches!(data.body, Body::DataSm(_)));
    assert_eq!(
        data.tlvs().value(tag::MESSAGE_PAYLOAD),
        Some(b"Test".as_slice())
    );
    assert!(matches!(
        pdu("decodeQuerySm").body,
        Body::Other { command: 3 }
    ));
    assert!(matches!(
        pdu("decodeAlertNotification").body,
        Body::AlertNotification { .. }
    ));
}

/// Worked out by hand from the tables of SMPP 3.4, 4.4.1.
#[test]
fn a_submit_is_written_as_the_specification_lays_it_out() {
    let short = Short {
        source: Address {
            ton: 5,
            npi: 0,
            address: b"Police",
        },
        destination: Address {
            ton: 1,
            npi: 1,
            address: b"447700900123",
        },
        validity: b"000000013000000R",
        registered: 1,
        message: b"Hi",
        ..Short::default()
    };
    let mut written = Vec::new();
    Pdu::request(7, Body::SubmitSm(short))
        .write(&mut written)
        .unwrap();
    let by_hand = [
        "00000045 00000004 00000000 00000007",
        "00 0500506f6c69636500 0101343437373030393030313233 00",
        "00 00 00 00 3030303030303031333030303030305200 01 00 00 00 02 4869",
    ]
    .concat()
    .replace(' ', "");
    assert_eq!(written, bytes_of(&by_hand));
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let mut out = b"before".to_vec();
    let long = [b'a'; 256];
    for (short, field) in [
        (
            Short {
                message: &long,
                ..Short::default()
            },
            "short_message",
        ),
        (
            Short {
                validity: b"0\x000",
                ..Short::default()
            },
            "validity_period",
        ),
    ] {
        let written = Pdu::request(1, Body::SubmitSm(short)).write(&mut out);
        assert!(matches!(written, Err(PduError::Unwritable { field: told, .. }) if told == field));
        assert_eq!(out, b"before");
    }
    let huge = vec![0; 70_000];
    assert!(put_tlv(&mut out, tag::MESSAGE_PAYLOAD, &huge).is_err());
    assert_eq!(out, b"before");
}

#[test]
fn nothing_personal_is_shown() {
    let address = Address {
        ton: 1,
        npi: 1,
        address: b"447700900123",
    };
    let short = Short {
        source: address,
        destination: address,
        message: b"your code",
        ..Short::default()
    };
    let bind = Bind {
        system_id: b"unspoof",
        password: b"s3cret",
        ..Bind::default()
    };
    let mut rest = Vec::new();
    put_tlv(&mut rest, tag::MESSAGE_PAYLOAD, b"your code").unwrap();
    for body in [
        Body::SubmitSm(short),
        Body::DeliverSm(short),
        Body::Bind(Role::Transceiver, bind),
        Body::DataSm(Data {
            source: address,
            destination: address,
            ..Data::default()
        }),
    ] {
        let pdu = Pdu {
            rest: &rest,
            ..Pdu::request(1, body)
        };
        let tlvs: Vec<_> = pdu.tlvs().collect();
        let shown = format!("{pdu:?} {tlvs:?}");
        for secret in ["447700900123", "your code", "s3cret", "52, 52, 55"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        laws::read_and_written_back(&bytes);
        laws::each_message_is_told_of(&bytes);
    }

    /// Answers to what was asked, in any order, twice and wrong.
    #[test]
    fn any_answers_settle_each_message_once(
        answers in prop::collection::vec(
            (
                prop::sample::select(vec![0x8000_0004_u32, 0x8000_0004, 0x8000_0000, 0x8000_0015]),
                prop::sample::select(vec![0_u32, 0, 0x58, 0x08, 0x0b, 0x412]),
                0_u32..8,
                prop::sample::select(vec![&b""[..], b"\0", b"1f\0", b"9"]),
            ),
            0..12,
        ),
    ) {
        let mut bytes = Vec::new();
        for (command, status, sequence, body) in answers {
            let length = u32::try_from(16 + body.len()).unwrap();
            for word in [length, command, status, sequence] {
                bytes.extend(word.to_be_bytes());
            }
            bytes.extend(body);
        }
        laws::each_message_is_told_of(&bytes);
    }

    /// Random bytes seldom have a header that fits: here they always have.
    #[test]
    fn any_body_of_any_command_is_read_or_refused(
        command in prop_oneof![
            prop::sample::select(vec![
                0x01, 0x02, 0x04, 0x05, 0x06, 0x09, 0x0b, 0x15, 0x102, 0x103,
                0x8000_0000_u32, 0x8000_0001, 0x8000_0004, 0x8000_0005, 0x8000_0009, 0x8000_0103,
            ]),
            any::<u32>(),
        ],
        status in prop_oneof![Just(0_u32), Just(0x58), Just(0x0b), any::<u32>()],
        sequence in prop_oneof![0_u32..8, any::<u32>()],
        body in prop::collection::vec(prop_oneof![3 => Just(0_u8), 4 => 0_u8..16, 3 => any::<u8>()], 0..120),
    ) {
        let mut pdu = u32::try_from(16 + body.len()).unwrap().to_be_bytes().to_vec();
        for word in [command, status, sequence] {
            pdu.extend(word.to_be_bytes());
        }
        pdu.extend(body);
        laws::read_and_written_back(&pdu);
        laws::each_message_is_told_of(&pdu);
    }
}

#[test]
fn what_fuzzing_found_and_began_with_still_holds() {
    for seed in std::fs::read_dir("fuzz/corpus/pdu").unwrap() {
        let seed = std::fs::read(seed.unwrap().path()).unwrap();
        laws::read_and_written_back(&seed);
        laws::each_message_is_told_of(&seed);
    }
}
