//! What is in the bytes of a ledger, before and after it is erased.

use std::path::PathBuf;

use unspoof_model::Coded as _;
use unspoof_store::Address;
use unspoof_store::ledger::{Answered, Ledger, Outcome, Said, State};

use super::{accepted, by_id, claim, recipient, started};
use crate::places::Place;

/// Whether any of a file's or table's bytes are these.
fn holds(place: &Place, address: &Address, needle: &str) -> bool {
    match (place, address) {
        (_, Address::File(path)) => ["", "-wal", "-shm", ".lock"].iter().any(|end| {
            let bytes = std::fs::read(format!("{path}{end}")).unwrap_or_default();
            bytes
                .windows(needle.len())
                .any(|window| window == needle.as_bytes())
        }),
        (Place::Postgres { server, .. }, Address::Server { schema, .. }) => {
            // Written out as they are, without the log that the server keeps for itself.
            server.psql("CHECKPOINT");
            let files = format!(
                "SELECT pg_relation_filepath(c.oid) FROM pg_class c \
                 JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = '{schema}' AND c.relkind IN ('r', 'i')"
            );
            let told = |sql| String::from_utf8(server.psql(sql).stdout).unwrap();
            let data = PathBuf::from(told("SHOW data_directory").trim());
            let files = told(&files);
            assert!(files.lines().count() > 15);
            files.lines().any(|file| {
                let bytes = std::fs::read(data.join(file)).unwrap();
                bytes
                    .windows(needle.len())
                    .any(|window| window == needle.as_bytes())
            })
        }
        _ => unreachable!("an address of another place"),
    }
}

/// Everything that a gateway can be made to say holds this, and so do all that people write.
pub(super) fn holds_no_number(place: &Place) {
    const NUMBER: &str = "447700900123";
    const ID: &str = "planted-message-id";
    const WAITS: &str = "planted-orphan-id";
    let address = place.fresh();
    let mut sending = started(&address, 10);
    sending.turn(10, &[], &[], claim(6)).unwrap();
    let code = format!("bad address {NUMBER}");
    let answers = [
        (0, Answered::Refused { code: code.clone() }),
        (1, Answered::Unknown { why: code.clone() }),
        (
            2,
            Answered::Deferred {
                code: code.clone(),
                suspicious: true,
                not_before_us: 0,
            },
        ),
        (3, accepted(ID)),
        (4, accepted(&format!("{NUMBER} {NUMBER}"))),
        (5, accepted("id5")),
    ];
    let mut said = by_id("id5", Said::Delivered);
    said.code.clone_from(&code);
    let mut waits = by_id(WAITS, Said::Delivered);
    waits.code.clone_from(&code);
    waits.recipient = Some(recipient(77));
    let turn = sending
        .turn(20, &answers, &[said, waits], claim(0))
        .unwrap();
    assert_eq!((turn.not_taken.len(), turn.orphaned), (0, 1));
    let mut ledger = sending.end();
    assert_eq!(ledger.rows("warning", State::Accepted).unwrap().len(), 2);
    assert!(holds(place, &address, "opened"), "it is looked at rightly");
    assert!(holds(place, &address, ID));
    assert!(holds(place, &address, WAITS));
    assert!(!holds(place, &address, NUMBER));
    assert!(!holds(place, &address, "7700900123"));
    // Nothing is erased while somebody may still ask.
    let mut erase = |at_us| ledger.erase("warning", "an officer", "the window is over", at_us);
    assert_eq!(erase(30).unwrap_err().code(), "ledger/unsettled");
    let mut desk = Ledger::open(&address).unwrap();
    desk.settle_by_person("warning", 1, Outcome::Open, "an officer", "asked", 31)
        .unwrap();
    // Nor by one who reads at the same time.
    drop(desk);
    erase(32).unwrap();
    assert!(!holds(place, &address, ID));
    assert!(!holds(place, &address, WAITS));
    assert!(holds(place, &address, "opened"));
    let campaign = ledger.campaign("warning").unwrap();
    assert_eq!(campaign.erased_us, Some(32));
    assert_eq!(ledger.orphans("warning").unwrap(), 0);
    // Who was told stays known.
    let told = ledger.told(None, &[recipient(3), recipient(0)]).unwrap();
    assert_eq!(told, [true, false]);
    assert_eq!(
        ledger.events("warning", 0).unwrap().last().unwrap().kind,
        "erased"
    );
}

/// What is not a ledger is left alone, and a newer one is not opened.
pub(super) fn opens_what_it_knows(place: &Place) {
    let address = place.fresh();
    drop(unspoof_store::Store::open(&address).unwrap());
    match &address {
        Address::File(_) => {
            let refused = Ledger::open(&address).unwrap_err();
            assert_eq!(refused.code(), "ledger/not-a-ledger");
        }
        // Judgements and ledgers live side by side.
        Address::Server { .. } => drop(Ledger::open(&address).unwrap()),
    }
    drop(unspoof_store::Store::open(&address).unwrap());
    let address = place.fresh();
    drop(Ledger::open(&address).unwrap());
    let newer = match &address {
        Address::File(_) => "PRAGMA user_version = 99",
        Address::Server { .. } => "INSERT INTO ledger_versions VALUES (99)",
    };
    place.sql(&address, newer).unwrap();
    assert_eq!(Ledger::open(&address).unwrap_err().code(), "store/newer");
}
