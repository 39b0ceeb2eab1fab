//! Receipts: posted to us or asked for, known by key, durable before they are confirmed.

use unspoof_outreach::notify::{Callbacks, Notify};
use unspoof_outreach::{Clock, ReceiptState, SystemClock};
use unspoof_smsc::notify::{Faults, NotifyStandIn, Settings as StandIn};
use zeroize::Zeroizing;

use super::{Desk, anywhere, clock, messages, patient, settings};

const TOKEN: &str = "a-token-of-some-length";

/// A stand-in that posts receipts, and a sender that listens for them.
fn pair(faults: Faults, tries: u32, keep_ms: u64) -> (NotifyStandIn, Notify) {
    let stand_in = StandIn {
        callback_tries: tries,
        callback_every_ms: 20,
        deliver_after_ms: 10,
        faults,
        ..StandIn::default()
    };
    let stand_in = NotifyStandIn::start(anywhere(), stand_in).unwrap();
    let mut settings = settings(&stand_in, patient());
    settings.timing.keep_ms = keep_ms;
    settings.callbacks = Some(Callbacks {
        listen: anywhere(),
        token: Zeroizing::new(TOKEN.into()),
    });
    let sender = Notify::start(settings, true, clock()).unwrap();
    let place = sender.callback_address().unwrap();
    stand_in.set_callback(place, TOKEN).unwrap();
    (stand_in, sender)
}

/// Turns until there are so many receipts.
fn collect(desk: &mut Desk, sender: &mut Notify, count: usize) {
    let clock = SystemClock::start();
    while desk.receipts.len() < count {
        assert!(
            clock.monotonic_ms() < 20_000,
            "{} of {count}",
            desk.receipts.len()
        );
        desk.turn(sender, 20).unwrap();
    }
}

/// Two numbers that the stand-in fails, as Notify's numbers for tests do.
fn with_failures(count: u64) -> Vec<unspoof_outreach::Message> {
    let mut messages = messages(count);
    messages[0].to = Zeroizing::new("447700900002".into());
    messages[1].to = Zeroizing::new("447700900003".into());
    messages
}

fn are_right(desk: &Desk) {
    for receipt in &desk.receipts {
        let (state, code) = match receipt.key {
            Some(0) => (ReceiptState::Undelivered, "permanent-failure"),
            Some(1) => (ReceiptState::Expired, "temporary-failure"),
            Some(_) => (ReceiptState::Delivered, ""),
            None => panic!("of nobody"),
        };
        assert_eq!((receipt.state, receipt.code.as_str()), (state, code));
        assert!(desk.accepted().contains(&receipt.message_ids[0]));
    }
}

#[test]
fn receipts_that_are_posted_are_known_by_key_also_twice() {
    let twice = Faults {
        callback_twice: 1000,
        ..Faults::default()
    };
    let (_stand_in, mut sender) = pair(twice, 3, 2_000);
    let mut desk = Desk::of(with_failures(12));
    desk.run(&mut sender).unwrap();
    collect(&mut desk, &mut sender, 24);
    are_right(&desk);
    assert!(desk.receipts.iter().all(|receipt| receipt.to.is_some()));
}

#[test]
fn receipts_that_are_asked_for_are_known_by_key() {
    let stand_in = StandIn {
        deliver_after_ms: 10,
        ..StandIn::default()
    };
    let stand_in = NotifyStandIn::start(anywhere(), stand_in).unwrap();
    let mut settings = settings(&stand_in, patient());
    settings.polls_receipts = true;
    let mut sender = Notify::start(settings, true, clock()).unwrap();
    let mut desk = Desk::of(with_failures(12));
    desk.run(&mut sender).unwrap();
    collect(&mut desk, &mut sender, 12);
    are_right(&desk);
}

/// Until it is durable, a receipt is not confirmed: it is told again here and posted again there.
#[test]
fn a_receipt_that_is_not_durable_comes_again() {
    let (_stand_in, mut sender) = pair(Faults::default(), 3, 60);
    let mut desk = Desk::of(messages(3).split_off(2));
    desk.keeps = false;
    desk.run(&mut sender).unwrap();
    // Posted four times, each refused after 60 ms, and each told at least once.
    collect(&mut desk, &mut sender, 4);
    // Told again after a second, for nobody said that it was kept.
    collect(&mut desk, &mut sender, 8);
    desk.keeps = true;
    collect(&mut desk, &mut sender, 12);
    are_right(&desk);
}

/// A stranger's receipt is refused, and changes nothing.
#[test]
fn receipts_without_the_token_are_refused() {
    use std::io::{Read, Write};
    let (_stand_in, mut sender) = pair(Faults::default(), 0, 500);
    let place = sender.callback_address().unwrap();
    let post = |head: &str, body: &str| {
        let mut line = std::net::TcpStream::connect(place).unwrap();
        write!(line, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        line.read_to_string(&mut answer).unwrap();
        answer
    };
    let receipt = r#"{"id":"x","reference":"y","to":"07700900123","status":"delivered"}"#;
    let right = format!("POST / HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n");
    for (head, body, status) in [
        ("POST / HTTP/1.1\r\n", receipt, "401"),
        (
            "POST / HTTP/1.1\r\nAuthorization: Bearer another\r\n",
            receipt,
            "401",
        ),
        ("GET / HTTP/1.1\r\n", receipt, "400"),
        (right.as_str(), "{", "400"),
        (
            right.as_str(),
            r#"{"id":"x","status":"delivered","notification_type":"email"}"#,
            "200",
        ),
        // Nobody keeps it, so it is to come again.
        (right.as_str(), receipt, "503"),
    ] {
        let answer = post(head, body);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{head}{body}: {answer}"
        );
    }
    let mut desk = Desk::of(Vec::new());
    collect(&mut desk, &mut sender, 1);
    // Of nobody's key: the ledger decides by id and number.
    assert_eq!(desk.receipts[0].key, None);
    assert_eq!(
        desk.receipts[0].to.as_deref().map(String::as_str),
        Some("447700900123")
    );
}
