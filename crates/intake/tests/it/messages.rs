use unspoof_handover::spool::{RecordId, SpoolRecord};
use unspoof_intake::rows::{self, CodeFound};
use unspoof_intake::{Message, NotAMessage, open_all};
use zeroize::Zeroizing;

fn record(byte: u8, message: &serde_json::Value) -> SpoolRecord {
    let id = RecordId([byte; 16]);
    let mut message = message.clone();
    for (field, value) in [
        ("version", serde_json::json!(1)),
        ("id", serde_json::json!(id.to_string())),
        ("campaign", serde_json::json!("made-up-2022")),
        ("received_utc", serde_json::json!("2022-11-25T10:00:00Z")),
    ] {
        if message.get(field).is_none() {
            message[field] = value;
        }
    }
    SpoolRecord {
        id,
        sealed: message.to_string().into_bytes(),
        segment: "segment-1.spool".to_owned(),
    }
}

/// Stands for a key: what was not sealed is what is in it.
fn as_is(sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    Ok(Zeroizing::new(sealed.to_vec()))
}

#[test]
fn each_message_stands_in_one_table_once() {
    let story =
        "A man said that he was from my bank and that all my money had to be moved at once.";
    let answers = serde_json::json!({ "story": [story], "amount": ["1,250.50"], "currency": ["GBP"],
        "call-day": ["3", "3", "2022"], "phone": ["07700 900456"] });
    let records = [
        record(
            1,
            &serde_json::json!({ "kind": "statement", "reference": "REF1", "code": "BCDF-GHJK-MNPQ", "answers": answers }),
        ),
        record(
            2,
            &serde_json::json!({ "kind": "statement", "reference": "REF2", "answers": answers }),
        ),
        record(
            3,
            &serde_json::json!({ "kind": "statement", "reference": "REF2", "answers": answers, "follows_up": true, "code": "no code" }),
        ),
        record(
            4,
            &serde_json::json!({ "kind": "number-asked", "number": "07700 900123" }),
        ),
        record(
            5,
            &serde_json::json!({ "kind": "code-frozen", "code_hash": "ab" }),
        ),
        record(6, &serde_json::json!({ "kind": "something-new" })),
        record(
            7,
            &serde_json::json!({ "kind": "statement", "reference": "REF7", "version": 2 }),
        ),
        record(
            8,
            &serde_json::json!({ "kind": "statement", "reference": "REF8", "id": "00" }),
        ),
        record(9, &serde_json::json!({ "kind": "statement" })),
    ];
    let opened = open_all(&records, &as_is);
    assert_eq!(opened.messages.len(), 5);
    assert_eq!(opened.unopened.len(), 4);
    let sent = |_: &str, code: &str| {
        if code == "BCDF-GHJK-MNPQ" {
            CodeFound::Of("447700900123".to_owned())
        } else {
            CodeFound::Unknown
        }
    };
    let tables = rows::tables(&opened.messages, &sent).unwrap();
    let statements = rows::read(tables.statements.as_deref().unwrap()).unwrap();
    let column =
        |name: &str| -> Vec<&str> { statements.iter().map(|row| row[name].as_str()).collect() };
    assert_eq!(column("report"), ["REF1", "REF2", "REF2+030303"]);
    assert_eq!(column("code"), ["right", "missing", "wrong"]);
    assert_eq!(
        column("called"),
        ["+447700900123", "07700 900456", "07700 900456"]
    );
    assert_eq!(column("call_day"), ["2022-03-03"; 3]);
    assert_eq!(column("amount"), ["1250.50"; 3]);
    assert_eq!(column("alike"), ["", "REF1", "REF1"]);
    assert_eq!(
        rows::records(tables.numbers.as_deref().unwrap()).unwrap(),
        ["04".repeat(16)]
    );
    assert_eq!(
        rows::records(tables.codes.as_deref().unwrap()).unwrap(),
        ["05".repeat(16)]
    );
}

#[test]
fn a_message_is_the_record_that_it_says_it_is() {
    let other = br#"{"version":1,"kind":"code-frozen","id":"aa","campaign":"c","received_utc":"t","code_hash":"h"}"#;
    assert_eq!(Message::read(other, "bb"), Err(NotAMessage::OtherId));
    assert!(Message::read(other, "aa").is_ok());
    assert_eq!(Message::read(b"{", "aa"), Err(NotAMessage::Form));
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let _ = Message::read(&bytes, "aa");
    }
}
