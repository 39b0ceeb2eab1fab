use proptest::strategy::Strategy as _;
use unspoof_outreach::Receipt;
use unspoof_outreach::ReceiptState::{self, Delivered, Expired, Undelivered, Underway};
use unspoof_outreach::smpp::config::IdDialect;
use unspoof_outreach::smpp::pdu::{Address, Body, Pdu, Short, put_tlv, tag};
use unspoof_outreach::smpp::receipt::{Dialect, Incoming, fields, read};

/// What a receipt with this `esm_class`, text and parameters says.
fn read_with(
    esm_class: u8,
    text: &[u8],
    tlvs: &[(u16, &[u8])],
    dialect: Dialect,
) -> Option<Receipt> {
    let mut rest = Vec::new();
    for (tag, value) in tlvs {
        put_tlv(&mut rest, *tag, value).unwrap();
    }
    let pdu = Pdu {
        rest: &rest,
        ..Pdu::request(1, Body::DeliverSm(Short::default()))
    };
    let incoming = Incoming {
        source: Address {
            ton: 1,
            npi: 1,
            address: b"447700900123",
        },
        destination: Address {
            ton: 5,
            npi: 0,
            address: b"Police",
        },
        esm_class,
        data_coding: 0,
        message: text,
        tlvs: pdu.tlvs(),
    };
    read(&incoming, dialect)
}

fn read_text(text: &str) -> Receipt {
    read_with(0x04, text.as_bytes(), &[], Dialect::default()).unwrap()
}

#[test]
fn every_state_of_every_dialect_is_known() {
    for (name, state) in [
        ("DELIVRD", Delivered),
        ("EXPIRED", Expired),
        ("DELETED", Undelivered),
        ("UNDELIV", Undelivered),
        ("REJECTD", Undelivered),
        ("SKIPPED", Undelivered),
        ("ENROUTE", Underway),
        ("ACCEPTD", Underway),
        ("UNKNOWN", Underway),
        ("ACKED", Underway),
        ("BUFFRED", Underway),
        ("BUFFERD", Underway),
        ("SOMETHING", Underway),
    ] {
        for written in [name.to_owned(), name.to_lowercase()] {
            let receipt = read_text(&format!("id:1 stat:{written} err:000"));
            assert_eq!(receipt.state, state, "{written}");
        }
    }
    for (number, state) in [
        (0, Underway),
        (1, Underway),
        (2, Delivered),
        (3, Expired),
        (4, Undelivered),
        (5, Undelivered),
        (6, Underway),
        (7, Underway),
        (8, Undelivered),
        (9, Undelivered),
        (200, Underway),
    ] {
        let tlvs: &[(u16, &[u8])] = &[
            (tag::RECEIPTED_MESSAGE_ID, b"1a\0"),
            (tag::MESSAGE_STATE, &[number]),
        ];
        let receipt = read_with(0x04, b"", tlvs, Dialect::default()).unwrap();
        assert_eq!(receipt.state, state, "{number}");
        assert_eq!(receipt.message_ids[0], "1a");
        // On the way, whatever it says.
        let receipt = read_with(0x20, b"", tlvs, Dialect::default()).unwrap();
        assert_eq!(receipt.state, Underway, "{number}");
    }
}

#[test]
fn texts_are_read_in_any_order_and_case_with_anything_missing() {
    let whole = "id:0059113978 sub:001 dlvrd:001 submit date:2612011200 done date:2612011201 \
                 stat:DELIVRD err:000 text:Your number was in";
    let fields_of = |text: &str| {
        let read = fields(text.as_bytes());
        let shown = |value: Option<&[u8]>| {
            value.map_or(String::new(), |value| value.escape_ascii().to_string())
        };
        [shown(read.id), shown(read.stat), shown(read.err)]
    };
    for (text, wanted) in [
        (whole, ["0059113978", "DELIVRD", "000"]),
        ("ID:1 STAT:DELIVRD ERR:012", ["1", "DELIVRD", "012"]),
        ("stat:UNDELIV err:1 id:ab-cd", ["ab-cd", "UNDELIV", "1"]),
        ("err:0x4 Stat:EXPIRED,id:7;sub:001", ["7", "EXPIRED", "0x4"]),
        ("id: 7 stat : DELIVRD", ["7", "DELIVRD", ""]),
        ("stat:DELIVRD", ["", "DELIVRD", ""]),
        ("id:1 stat: err:5", ["1", "", "5"]),
        (
            "id:1 stat:DELIVRD err:000 text:id:2 stat:UNDELIV",
            ["1", "DELIVRD", "000"],
        ),
        (
            "text:Hello id:3 stat:DELIVRD err:000",
            ["3", "DELIVRD", "000"],
        ),
        ("id:1\nstat:DELIVRD\0", ["1", "DELIVRD", ""]),
        ("paid:9 valid:8 id:1", ["1", "", ""]),
        ("Hello", ["", "", ""]),
        ("", ["", "", ""]),
        ("id:", ["", "", ""]),
        ("id", ["", "", ""]),
    ] {
        assert_eq!(fields_of(text), wanted, "{text}");
    }
}

#[test]
fn parameters_come_before_the_text_and_ids_of_both_are_kept() {
    // As it was captured.
    let receipt = read_with(
        0x04,
        b"id:0059113978 sub:001 dlvrd:001 submit date:1002101730 done date:1002101731 stat:DELIVRD err:000 text:@$",
        &[
            (tag::RECEIPTED_MESSAGE_ID, b"38601fa\0"),
            (tag::MESSAGE_STATE, &[5]),
        ],
        Dialect::default(),
    )
    .unwrap();
    assert_eq!(receipt.state, Undelivered);
    assert_eq!(receipt.message_ids[0], "38601fa");
    for id in ["0059113978", "59113978", "38601FA"] {
        assert!(receipt.message_ids.iter().any(|read| read == id), "{id}");
    }
    let mut once = receipt.message_ids.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), receipt.message_ids.len(), "none twice");
    assert_eq!(receipt.to.unwrap().as_str(), "447700900123");
}

#[test]
fn codes_are_told_where_something_went_wrong() {
    let code = |text: &str| read_text(text).code;
    assert_eq!(code("id:1 stat:DELIVRD err:000"), "");
    assert_eq!(code("id:1 stat:UNDELIV err:012"), "err:012");
    assert_eq!(code("id:1 stat:Rejectd err:000"), "stat:REJECTD");
    assert_eq!(code("id:1 stat:UNDELIV"), "stat:UNDELIV");
    let long = format!("id:1 stat:UNDELIV err:{}", "9".repeat(200));
    assert!(code(&long).len() < 40);
    let network: &[(u16, &[u8])] = &[
        (tag::MESSAGE_STATE, &[5]),
        (tag::NETWORK_ERROR_CODE, &[3, 0, 27]),
    ];
    let receipt = read_with(0x04, b"", network, Dialect::default()).unwrap();
    assert_eq!(receipt.code, "network:3/27");
    let bare: &[(u16, &[u8])] = &[(tag::MESSAGE_STATE, &[8])];
    let receipt = read_with(0x04, b"", bare, Dialect::default()).unwrap();
    assert_eq!(receipt.code, "state:8");
}

#[test]
fn what_somebody_texts_is_no_receipt_even_if_it_looks_like_one() {
    let forged = b"id:1 stat:DELIVRD err:000";
    let by_text = Dialect {
        by_text: true,
        ids: IdDialect::Any,
    };
    assert!(read_with(0x00, forged, &[], Dialect::default()).is_none());
    assert!(read_with(0x00, forged, &[], by_text).is_some());
    assert!(read_with(0x00, b"Hello", &[], by_text).is_none());
    // Acknowledgements that people type on their handsets (SMPP 3.4, 5.2.12).
    for esm_class in [0x08, 0x10, 0x18] {
        assert!(read_with(esm_class, forged, &[], by_text).is_none());
    }
    // Unmarked, but with a parameter that only centres set.
    let tlvs: &[(u16, &[u8])] = &[
        (tag::RECEIPTED_MESSAGE_ID, b"1\0"),
        (tag::MESSAGE_STATE, &[2]),
    ];
    assert!(read_with(0x00, b"", tlvs, Dialect::default()).is_some());
    // An id alone tells of nothing.
    assert!(read_with(0x00, b"Hello", &tlvs[..1], by_text).is_none());
    assert!(read_with(0x00, b"id:1 stat:DELIVRD", &tlvs[..1], Dialect::default()).is_some());
}

#[test]
fn texts_stand_in_payloads_behind_headers_and_in_ucs_2() {
    let text = b"id:1 stat:DELIVRD";
    let payload: &[(u16, &[u8])] = &[(tag::MESSAGE_PAYLOAD, text)];
    let receipt = read_with(0x04, b"", payload, Dialect::default()).unwrap();
    assert_eq!(receipt.state, Delivered);
    let mut with_header = vec![5, 0, 3, 1, 1, 1];
    with_header.extend(text);
    let receipt = read_with(0x44, &with_header, &[], Dialect::default()).unwrap();
    assert_eq!(receipt.message_ids[0], "1");
    let units: Vec<u8> = text.iter().flat_map(|octet| [0, *octet]).collect();
    let pdu = Pdu::request(1, Body::EnquireLink);
    let incoming = Incoming {
        source: Address::default(),
        destination: Address::default(),
        esm_class: 4,
        data_coding: 8,
        message: &units,
        tlvs: pdu.tlvs(),
    };
    let receipt = read(&incoming, Dialect::default()).unwrap();
    assert_eq!(receipt.state, Delivered);
    assert_eq!(receipt.to, None);
}

#[test]
fn the_number_is_found_on_whichever_side_it_stands() {
    let pdu = Pdu::request(1, Body::EnquireLink);
    let address = |ton, address| Address {
        ton,
        npi: 1,
        address,
    };
    for (source, destination, to) in [
        (
            address(1, &b"447700900123"[..]),
            address(5, &b"Police"[..]),
            Some("447700900123"),
        ),
        // Not changed over.
        (
            address(5, b"Police"),
            address(1, b"447700900123"),
            Some("447700900123"),
        ),
        (
            address(0, b"+447700900123"),
            address(5, b"Police"),
            Some("447700900123"),
        ),
        (
            address(0, b"00447700900123"),
            address(5, b"Police"),
            Some("447700900123"),
        ),
        (
            address(3, b"60777000"),
            address(1, b"447700900123"),
            Some("447700900123"),
        ),
        (address(1, b"4477009001234567"), address(0, b"Police"), None),
        (address(1, b""), address(1, b"44 7700"), None),
    ] {
        let incoming = Incoming {
            source,
            destination,
            esm_class: 4,
            data_coding: 0,
            message: b"id:1 stat:DELIVRD",
            tlvs: pdu.tlvs(),
        };
        let read = read(&incoming, Dialect::default()).unwrap();
        assert_eq!(read.to.as_ref().map(|to| to.as_str()), to);
    }
}

proptest::proptest! {
    /// Any bytes and any kind: never a panic, and never a final state out of nothing.
    #[test]
    fn any_bytes_are_read(
        esm_class: u8,
        text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..160),
    ) {
        let by_text = Dialect { by_text: true, ids: IdDialect::Any };
        if let Some(receipt) = read_with(esm_class, &text, &[], by_text) {
            let is_final = receipt.state != ReceiptState::Underway;
            proptest::prop_assert!(!is_final || fields(&text).stat.is_some() || esm_class & 0x40 != 0);
        }
    }

    /// The order of the fields makes no difference.
    #[test]
    fn order_makes_no_difference(order in proptest::sample::subsequence(
        vec!["id:00ab12", "sub:001", "dlvrd:000", "submit date:2612011200", "done date:2612011201", "stat:UNDELIV", "err:034"], 7,
    ).prop_shuffle()) {
        let receipt = read_text(&order.join(" "));
        proptest::prop_assert_eq!(receipt.state, Undelivered);
        proptest::prop_assert_eq!(receipt.code.as_str(), "err:034");
        proptest::prop_assert_eq!(receipt.message_ids[0].as_str(), "00ab12");
    }
}
