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
fn what_a_browser_sealed_is_opened_too_and_another_s_is_refused() {
    let inner = |reference: &str| {
        let inner = serde_json::json!({ "version": 1, "campaign": "made-up-2022", "reference": reference,
            "language": "en", "answers": { "story": ["told"] },
            "files": [{ "id": "ab", "name": "photo.jpg", "size_bytes": 5, "sha256": "original" }] });
        inner
            .to_string()
            .bytes()
            .map(|b| format!("{b:02x}"))
            .collect::<String>()
    };
    let statement = |reference: &str| {
        serde_json::json!({ "kind": "statement", "reference": "REF1", "answers": {}, "sealed_answers": inner(reference),
            "files": [{ "id": "ab", "name": "", "size_bytes": 90, "sha256": "sealed", "kind": "sealed", "by_browser": true }] })
    };
    let opened = open_all(
        &[record(1, &statement("REF1")), record(2, &statement("REF2"))],
        &as_is,
    );
    let [Message::Statement(taken)] = opened.messages.as_slice() else {
        panic!("{opened:?}");
    };
    assert_eq!(taken.one("story"), "told");
    let file = &taken.files[0];
    assert_eq!(
        (file.name.as_str(), file.sha256.as_str()),
        ("photo.jpg", "original")
    );
    assert_eq!(file.sealed_sha256.as_deref(), Some("sealed"));
    assert!(opened.unopened[0].why.contains("another statement"));
}

/// A spool that a portal of version 1 wrote, with the key that opens it.
#[test]
fn a_spool_of_version_1_opens_whole() {
    let folder = std::path::Path::new("../portal/testdata/formats/1");
    let key = std::fs::read_to_string(folder.join("team.key")).unwrap();
    let keys = unspoof_unseal::Identity::parse_file(&key).unwrap();
    let content =
        unspoof_handover::spool::read(&folder.join("spool"), &Default::default()).unwrap();
    assert!(content.damaged.is_empty() && content.records.len() > 2);
    let open = |sealed: &[u8]| unspoof_unseal::unseal(sealed, &keys).map_err(|e| e.to_string());
    let opened = open_all(&content.records, &open);
    assert_eq!(opened.unopened, []);
    for message in &opened.messages {
        if let Message::Statement(statement) = message {
            assert!(statement.sealed_answers().is_none() && !statement.answers.is_empty());
        }
    }
    let kinds = |is: fn(&&Message) -> bool| opened.messages.iter().filter(is).count();
    assert!(kinds(|m| matches!(m, Message::NumberAsked { .. })) > 0);
    assert!(kinds(|m| matches!(m, Message::CodeFrozen { .. })) > 0);
    assert!(kinds(|m| matches!(m, Message::Statement(_))) > 1);
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
