use unspoof_outreach::Answer;
use unspoof_outreach::smpp::config::LongText;
use unspoof_outreach::smpp::pdu::{Body, Given, Pdu, Role, Short, put_tlv, tag};
use unspoof_outreach::smpp::session::{End, Told};

use super::played::{NOON_US, Played, accepted, config, deferred, message, refused, unknown};

const LONG: &str = "This text is longer than one hundred and sixty characters, so that it takes two \
    parts on the air, each of which has an answer of its own and may be lost on its own as well.";

#[test]
fn answers_are_matched_by_number_in_whatever_order_they_come() {
    let mut played = Played::bound(&config());
    for key in 0..5 {
        played.session.submit(message(key, "Hello"));
    }
    let submits = played.submits();
    assert_eq!(submits.len(), 5);
    for at in [3, 0, 4, 2, 1] {
        played.accept(submits[at], &format!("id{at}"));
    }
    let keys = [3, 0, 4, 2, 1];
    let wanted: Vec<_> = keys
        .iter()
        .map(|key| (*key, accepted(&format!("id{key}"))))
        .collect();
    assert_eq!(played.answers(), wanted);
    // Twice, and to nothing.
    played.accept(submits[3], "id3");
    played.accept(0x7000_0000, "id");
    assert_eq!(played.answers(), []);
    assert_eq!(played.session.counts().unmatched, 2);
}

#[test]
fn a_submit_says_what_it_must() {
    let mut played = Played::bound(&config());
    played.session.submit(message(7, "Hello"));
    let got = played.got();
    let Body::SubmitSm(short) = Pdu::read(&got[0].bytes).unwrap().body else {
        panic!("no submit_sm");
    };
    assert_eq!((short.source.ton, short.source.npi), (5, 0));
    assert_eq!(short.source.address, b"Police");
    assert_eq!(short.destination.address, b"447700900007");
    assert_eq!(short.validity, b"000000010000000R");
    assert_eq!((short.registered, short.replace), (1, 0));
    assert_eq!(short.message, b"Hello");
}

#[test]
fn the_window_is_never_wider_and_slots_come_back() {
    let mut config = config();
    config.window = 3;
    let mut played = Played::bound(&config);
    assert_eq!(played.session.free_slots(), 3);
    for key in 0..3 {
        played.session.submit(message(key, "Hello"));
    }
    assert_eq!(played.session.free_slots(), 0);
    let submits = played.submits();
    // One too many never leaves.
    played.session.submit(message(9, "Hello"));
    assert_eq!(played.answers(), [(9, Answer::Unsent)]);
    played.accept(submits[1], "b");
    assert_eq!(played.session.free_slots(), 1);
    played.session.submit(message(3, "Hello"));
    assert_eq!(played.submits().len(), 1);
}

#[test]
fn each_refusal_has_its_meaning() {
    for (status, answer) in [
        (0x58, deferred("ESME_RTHROTTLED", false)),
        (0x14, deferred("ESME_RMSGQFUL", false)),
        (0x08, deferred("ESME_RSYSERR", true)),
        (0x64, deferred("ESME_RX_T_APPN", true)),
        (0x0b, refused("ESME_RINVDSTADR")),
        (0x0412, refused("vendor 0x412")),
        (0x45, refused("ESME_RSUBMITFAIL")),
    ] {
        let mut played = Played::bound(&config());
        played.session.submit(message(1, "Hello"));
        let submits = played.submits();
        played.refuse(submits[0], status);
        assert_eq!(played.answers(), [(1, answer)]);
    }
    // A generic_nack that names it is a refusal; one that names nothing is none.
    let mut played = Played::bound(&config());
    played.session.submit(message(1, "Hello"));
    let submits = played.submits();
    played.say(&Pdu::answer(0, 3, Body::GenericNack));
    assert_eq!(played.answers(), []);
    played.say(&Pdu::answer(submits[0], 3, Body::GenericNack));
    assert_eq!(played.answers(), [(1, refused("ESME_RINVCMDID"))]);
}

#[test]
fn an_id_may_be_missing_empty_or_unended() {
    for (given, id) in [
        (Given::Absent, ""),
        (Given::Ended(b"".as_slice()), ""),
        (Given::Unended(b"9".as_slice()), "9"),
    ] {
        let mut played = Played::bound(&config());
        played.session.submit(message(1, "Hello"));
        let submits = played.submits();
        played.say(&Pdu::answer(submits[0], 0, Body::SubmitSmResp(given)));
        assert_eq!(played.answers(), [(1, accepted(id))]);
    }
}

#[test]
fn a_lost_line_makes_unknown_what_left_and_unsent_what_did_not() {
    let mut played = Played::bound(&config());
    for key in 0..4 {
        played.session.submit(message(key, "Hello"));
    }
    played.session.turn(0, NOON_US);
    let one = played.session.unwritten().len() / 4;
    // The first whole, of the second one byte.
    played.session.wrote(one + 1);
    played.session.closed();
    assert_eq!(
        played.answers(),
        [
            (0, unknown("disconnected")),
            (1, unknown("disconnected")),
            (2, Answer::Unsent),
            (3, Answer::Unsent),
        ]
    );
    // And nothing of it goes out over the next line.
    played.session.connected(1);
    played.let_in();
    assert_eq!(played.submits().len(), 0);
}

#[test]
fn every_place_at_which_a_line_can_be_cut_gives_the_same_law() {
    let mut whole = Played::bound(&config());
    for key in 0..3 {
        whole.session.submit(message(key, LONG));
    }
    whole.session.turn(0, NOON_US);
    let bytes = whole.session.unwritten().len();
    for cut in 0..=bytes {
        let mut played = Played::bound(&config());
        for key in 0..3 {
            played.session.submit(message(key, LONG));
        }
        played.session.turn(0, NOON_US);
        played.session.wrote(cut);
        played.session.closed();
        let answers = played.answers();
        assert_eq!(answers.len(), 3, "each is told of once");
        let unsent = answers
            .iter()
            .filter(|(_, answer)| *answer == Answer::Unsent)
            .count();
        // A message is unsent exactly if the cut is at or before its first byte.
        let begins = |message: usize| message * bytes / 3;
        let wanted = (0..3).filter(|at| begins(*at) >= cut).count();
        assert_eq!(unsent, wanted, "cut at {cut} of {bytes}");
    }
}

#[test]
fn no_answer_in_time_is_unknown_and_a_late_one_settles_it() {
    let mut played = Played::bound(&config());
    for key in 0..4 {
        played.session.submit(message(key, "Hello"));
    }
    let submits = played.submits();
    played.pass(25_000);
    played.accept(submits[0], "a");
    played.pass(34_999);
    assert_eq!(played.answers(), [(0, accepted("a"))]);
    played.pass(1);
    assert_eq!(
        played.answers(),
        [
            (1, unknown("timeout")),
            (2, unknown("timeout")),
            (3, unknown("timeout"))
        ]
    );
    // They keep their slots, or a centre that answers nothing would get one window after the other.
    assert_eq!(played.session.free_slots(), 7);
    played.accept(submits[1], "b");
    played.refuse(submits[2], 0x0b);
    // Never back to the queue after it was unknown.
    played.refuse(submits[3], 0x58);
    assert_eq!(
        played.answers(),
        [
            (1, accepted("b")),
            (2, refused("ESME_RINVDSTADR")),
            (3, refused("ESME_RTHROTTLED")),
        ]
    );
    assert_eq!(played.session.counts().late, 3);
    assert_eq!(played.session.free_slots(), 10);
}

#[test]
fn a_centre_that_answers_nothing_gets_one_window_and_then_one_message() {
    let mut config = config();
    config.window = 4;
    let mut played = Played::bound(&config);
    for key in 0..4 {
        played.session.submit(message(key, "Hello"));
    }
    assert_eq!(played.submits().len(), 4);
    played.pass(60_000);
    assert_eq!(played.answers().len(), 4);
    assert!(matches!(played.session.end(), Some(End::Fault { .. })));
    played.session.closed();
    assert_eq!(played.answers(), [], "nothing is told twice");
    played.session.connected(played.now_ms);
    played.let_in();
    assert_eq!(played.session.free_slots(), 1);
    // Each answer widens it by one.
    for (key, free) in [(10, 2), (11, 3), (12, 4), (13, 4)] {
        played.session.submit(message(key, "Hello"));
        let submits = played.submits();
        played.accept(submits[0], "id");
        assert_eq!(played.session.free_slots(), free);
    }
}

#[test]
fn enquiries_go_both_ways_and_two_missed_end_the_line() {
    let mut played = Played::bound(&config());
    played.say(&Pdu::request(77, Body::EnquireLink));
    let got = played.got();
    assert_eq!((got[0].command, got[0].sequence), (0x8000_0015, 77));
    played.pass(30_000);
    let got = played.got();
    assert_eq!(got[0].command, 0x15);
    played.say(&Pdu::answer(got[0].sequence, 0, Body::EnquireLinkResp));
    for _ in 0..2 {
        played.pass(30_000);
        assert_eq!(played.got()[0].command, 0x15);
        assert_eq!(played.session.end(), None);
    }
    // The first of two is missed now; anything that is heard would be a sign of life.
    played.pass(30_000);
    assert!(matches!(played.session.end(), Some(End::Fault { why }) if why.contains("enquiries")));
}

#[test]
fn nothing_heard_for_too_long_ends_the_line() {
    let mut config = config();
    config.enquire_interval_s = 3600;
    config.inactivity_s = 100;
    let mut played = Played::bound(&config);
    played.pass(99_999);
    assert_eq!(played.session.end(), None);
    played.say(&Pdu::request(1, Body::EnquireLink));
    played.pass(99_999);
    assert_eq!(played.session.end(), None);
    played.pass(1);
    assert!(matches!(played.session.end(), Some(End::Fault { .. })));
}

#[test]
fn a_bind_without_an_answer_or_with_a_refusal_ends_the_line() {
    let mut played = Played::of(&config());
    played.pass(29_999);
    assert_eq!(played.session.end(), None);
    played.pass(1);
    assert!(matches!(played.session.end(), Some(End::Fault { .. })));
    let mut played = Played::of(&config());
    let bind = played.got().remove(0);
    let body = Body::BindResp(Role::Transceiver, Given::Ended(b"SMSC"));
    played.say(&Pdu::answer(bind.sequence, 0x0e, body));
    assert_eq!(played.session.end(), Some(&End::Refused { status: 0x0e }));
    assert_eq!(played.session.free_slots(), 0);
    let mut played = Played::of(&config());
    let bind = played.got().remove(0);
    played.say(&Pdu::answer(bind.sequence, 0x0d, Body::GenericNack));
    assert_eq!(played.session.end(), Some(&End::Refused { status: 0x0d }));
}

#[test]
fn the_bind_is_what_the_account_says_and_waits_for_the_answer() {
    let mut played = Played::with_role(&config(), Role::Receiver);
    let bind = played.got().remove(0);
    let Body::Bind(Role::Receiver, said) = Pdu::read(&bind.bytes).unwrap().body else {
        panic!("no bind_receiver");
    };
    assert_eq!(
        (said.system_id, said.password),
        (&b"unspoof"[..], &b"secret"[..])
    );
    assert_eq!(said.interface_version, 0x34);
    assert_eq!(played.session.free_slots(), 0);
    assert_eq!(played.session.window(), 0);
    played.session.submit(message(1, "Hello"));
    assert_eq!(played.answers(), [(1, Answer::Unsent)]);
    // An answer to some other bind is not ours.
    let body = Body::BindResp(Role::Receiver, Given::Ended(b"SMSC"));
    played.say(&Pdu::answer(bind.sequence + 1, 0, body));
    assert!(!played.session.is_bound());
}

#[test]
fn bytes_may_be_cut_and_joined_anywhere() {
    // The answer to the bind, a receipt before it, two answers, all in one stream.
    let config = config();
    let stream = |played: &mut Played| {
        let bind = played.got().remove(0);
        let mut bytes = Vec::new();
        let short = Short {
            esm_class: 4,
            message: b"id:1 stat:DELIVRD",
            ..Short::default()
        };
        Pdu::request(9, Body::DeliverSm(short))
            .write(&mut bytes)
            .unwrap();
        let body = Body::BindResp(Role::Transceiver, Given::Ended(b"SMSC"));
        Pdu::answer(bind.sequence, 0, body)
            .write(&mut bytes)
            .unwrap();
        Pdu::request(3, Body::EnquireLink)
            .write(&mut bytes)
            .unwrap();
        bytes
    };
    let mut whole = Played::of(&config);
    let bytes = stream(&mut whole);
    whole.session.read(&bytes, 0);
    let wanted = whole.told();
    assert!(matches!(wanted[0], Told::Receipt { .. }), "{wanted:?}");
    assert_eq!(whole.got().len(), 1);
    for size in 1..bytes.len() {
        let mut played = Played::of(&config);
        stream(&mut played);
        for piece in bytes.chunks(size) {
            played.session.read(piece, 0);
        }
        assert_eq!(played.told(), wanted, "in pieces of {size}");
    }
}

#[test]
fn a_length_that_cannot_be_ends_the_line_and_makes_unknown_what_waits() {
    let mut played = Played::bound(&config());
    played.session.submit(message(1, "Hello"));
    played.submits();
    played.session.read(&[0xff, 0, 0, 17, 0, 0], 0);
    assert_eq!(played.got()[0].command, 0x8000_0000);
    assert!(matches!(played.session.end(), Some(End::Fault { .. })));
    played.session.closed();
    assert_eq!(played.answers(), [(1, unknown("disconnected"))]);
}

#[test]
fn what_is_not_for_us_is_refused_and_the_rest_goes_on() {
    let mut played = Played::bound(&config());
    played.say(&Pdu::request(5, Body::Other { command: 0x123 }));
    played.say(&Pdu::request(6, Body::SubmitSm(Short::default())));
    let got = played.got();
    for (got, sequence) in got.iter().zip([5, 6]) {
        assert_eq!(
            (got.command, got.status, got.sequence),
            (0x8000_0000, 3, sequence)
        );
    }
    // A receipt whose fields run over its end.
    let mut bytes = Vec::new();
    let short = Short {
        message: b"id:1",
        ..Short::default()
    };
    Pdu::request(8, Body::DeliverSm(short))
        .write(&mut bytes)
        .unwrap();
    bytes.pop();
    bytes[3] -= 1;
    played.session.read(&bytes, 0);
    let got = played.got();
    assert_eq!(
        (got[0].command, got[0].status, got[0].sequence),
        (0x8000_0000, 2, 8)
    );
    let outbind = Body::Outbind {
        system_id: b"SMSC",
        password: unspoof_outreach::smpp::pdu::Secret(b""),
    };
    played.say(&Pdu::request(9, outbind));
    let alert = Body::AlertNotification {
        source: Default::default(),
        esme: Default::default(),
    };
    played.say(&Pdu::request(10, alert));
    assert_eq!(played.got(), []);
    assert!(played.session.is_bound());
}

#[test]
fn a_receipt_is_answered_only_once_it_is_kept() {
    let mut played = Played::bound(&config());
    played.receipt(41, "447700900123", "id:77 stat:DELIVRD err:000", &[]);
    assert_eq!(played.got(), []);
    let told = played.told();
    let [Told::Receipt { carrier, receipt }] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(receipt.to.as_ref().unwrap().as_str(), "447700900123");
    played.session.keep(*carrier);
    let got = played.got();
    assert_eq!(
        (got[0].command, got[0].status, got[0].sequence),
        (0x8000_0005, 0, 41)
    );
}

#[test]
fn what_somebody_texts_is_answered_counted_and_forgotten() {
    let mut played = Played::bound(&config());
    let short = Short {
        message: b"who is this",
        ..Short::default()
    };
    for sequence in [1, 2, 3] {
        played.say(&Pdu::request(sequence, Body::DeliverSm(short)));
    }
    assert_eq!(played.got().len(), 3);
    let notices = played.notices();
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert!(notices.iter().all(|notice| !notice.contains("who")));
    assert_eq!(played.session.counts().incoming, 3);
}

#[test]
fn a_text_in_parts_is_accepted_only_when_all_of_it_is() {
    let mut played = Played::bound(&config());
    played.session.submit(message(1, LONG));
    let submits = played.submits();
    assert_eq!(submits.len(), 2);
    let told = played.told();
    assert!(
        matches!(told[..], [Told::PartsBegun { key: 1, of: 2, .. }]),
        "{told:?}"
    );
    played.accept(submits[1], "b");
    let told = played.told();
    let part = Told::PartAccepted {
        key: 1,
        message_id: "b".into(),
    };
    assert_eq!(told, [part]);
    played.accept(submits[0], "a");
    assert_eq!(played.answers(), [(1, accepted("a,b"))]);
}

#[test]
fn half_a_text_is_unknown_whatever_the_other_half_is() {
    // One accepted and one refused, either way round, for now or for good.
    for status in [0x0b, 0x58, 0x08] {
        for first in [0, 1] {
            let mut played = Played::bound(&config());
            played.session.submit(message(1, LONG));
            let submits = played.submits();
            played.accept(submits[first], "a");
            assert_eq!(played.answers(), []);
            played.refuse(submits[1 - first], status);
            assert_eq!(played.answers(), [(1, unknown("partly"))]);
            assert_eq!(played.session.free_slots(), 10);
        }
    }
    // One accepted and one unanswered; then the answer comes late.
    let mut played = Played::bound(&config());
    played.session.submit(message(1, LONG));
    let submits = played.submits();
    played.accept(submits[0], "a");
    played.pass(60_000);
    assert_eq!(played.answers(), [(1, unknown("partly"))]);
    played.accept(submits[1], "b");
    assert_eq!(played.answers(), [(1, accepted("a,b"))]);
    // None accepted: refused, and for good if one is.
    for (one, other, answer) in [
        (0x58, 0x58, deferred("ESME_RTHROTTLED", false)),
        (0x58, 0x08, deferred("ESME_RSYSERR", true)),
        (0x0b, 0x58, refused("ESME_RINVDSTADR")),
        (0x58, 0x0b, refused("ESME_RINVDSTADR")),
    ] {
        let mut played = Played::bound(&config());
        played.session.submit(message(1, LONG));
        let submits = played.submits();
        played.refuse(submits[0], one);
        played.refuse(submits[1], other);
        assert_eq!(played.answers(), [(1, answer)]);
    }
    // Cut between the parts.
    let mut played = Played::bound(&config());
    played.session.submit(message(1, LONG));
    let submits = played.submits();
    played.accept(submits[0], "a");
    played.session.closed();
    assert_eq!(played.answers(), [(1, unknown("partly"))]);
}

#[test]
fn a_text_is_not_begun_where_its_parts_have_no_room() {
    let mut config = config();
    config.window = 3;
    let mut played = Played::bound(&config);
    played.session.submit(message(1, LONG));
    played.session.submit(message(2, LONG));
    let first = played.submits();
    assert_eq!(first.len(), 2, "the second would stay half");
    played.accept(first[0], "a");
    assert_eq!(played.submits().len(), 2);
    // Where the window is smaller than the text, its parts wait for each other.
    config.window = 1;
    let mut played = Played::bound(&config);
    played.session.submit(message(1, LONG));
    let first = played.submits();
    assert_eq!(first.len(), 1);
    played.accept(first[0], "a");
    let second = played.submits();
    assert_eq!(second.len(), 1);
    // What was not begun when the first part was refused is never sent.
    played.accept(second[0], "b");
    played.session.submit(message(2, LONG));
    let first = played.submits();
    played.refuse(first[0], 0x0b);
    assert_eq!(played.submits().len(), 0);
    assert_eq!(
        played.answers(),
        [(1, accepted("a,b")), (2, refused("ESME_RINVDSTADR"))]
    );
}

#[test]
fn payload_is_one_message_whatever_its_length() {
    let mut config = config();
    config.long_text = LongText::Payload;
    let mut played = Played::bound(&config);
    played.session.submit(message(1, LONG));
    let submits = played.submits();
    assert_eq!(submits.len(), 1);
    played.accept(submits[0], "a");
    assert_eq!(played.answers(), [(1, accepted("a"))]);
}

#[test]
fn the_rate_is_kept_and_complaints_make_a_pause() {
    let mut config = config();
    config.rate_per_s = Some(20);
    config.window = 100;
    let mut played = Played::bound(&config);
    for key in 0..60 {
        played.session.submit(message(key, "Hello"));
    }
    let mut at_ms = Vec::new();
    while played.now_ms < 2000 {
        for sequence in played.submits() {
            at_ms.push(played.now_ms);
            played.accept(sequence, "id");
        }
        let next_ms = played.session.next_ms(played.now_ms).unwrap();
        assert!(next_ms > played.now_ms);
        played.pass(next_ms - played.now_ms);
    }
    assert!((34..=40).contains(&at_ms.len()), "{}", at_ms.len());
    // Throttled: nothing for a second at least, then at half the rate.
    played.told();
    let last = played.submits();
    played.pass(60);
    let sequence = *last.iter().chain(&played.submits()).next_back().unwrap();
    played.refuse(sequence, 0x58);
    let from_ms = played.now_ms;
    let notices = played.notices();
    assert!(notices[0].contains("ESME_RTHROTTLED"), "{notices:?}");
    let next_ms = played.session.next_ms(played.now_ms).unwrap();
    assert!((1000..=1400).contains(&(next_ms - from_ms)), "{next_ms}");
    played.pass(999);
    assert_eq!(played.submits().len(), 0);
    let mut sent = 0;
    while played.now_ms < from_ms + 2250 {
        played.pass(10);
        sent += played.submits().len();
    }
    assert!((8..=14).contains(&sent), "{sent}");
}

#[test]
fn what_waits_in_the_queue_past_its_window_is_not_sent() {
    let mut config = config();
    config.rate_per_s = Some(1);
    let mut played = Played::bound(&config);
    for key in [1, 2] {
        let mut soon = message(key, "Hello");
        soon.expires_us = NOON_US + 1_900_000;
        played.session.submit(soon);
    }
    assert_eq!(played.submits().len(), 1);
    played.pass(1000);
    assert_eq!(played.submits().len(), 0);
    // The day is set back and forth: only what it is now counts, and no time-out moves.
    played.wall_us = NOON_US + 5_000_000;
    played.pass(200);
    assert_eq!(played.submits().len(), 0);
    assert_eq!(played.answers(), [(2, Answer::Unsent)]);
}

#[test]
fn stop_lets_nothing_more_out() {
    let mut config = config();
    config.rate_per_s = Some(40);
    let mut played = Played::bound(&config);
    for key in 0..6 {
        played.session.submit(message(key, "Hello"));
    }
    // Rate: four leave the queue; of these the socket takes one and a half.
    played.session.turn(0, NOON_US);
    let four = played.session.unwritten().len();
    let one = four / 4;
    played.session.wrote(one + one / 2);
    played.session.stop();
    assert_eq!(played.session.unwritten(), b"", "half a message stays half");
    assert_eq!(
        played.answers(),
        [4, 5, 2, 3].map(|key| (key, Answer::Unsent))
    );
    assert_eq!(played.session.free_slots(), 0);
    played.pass(10_000);
    assert_eq!(played.session.unwritten(), b"");
    // It still listens; then the line ends, and what was half out is unknown.
    played.accept(2, "a");
    played.session.closed();
    assert_eq!(
        played.answers(),
        [(0, accepted("a")), (1, unknown("disconnected"))]
    );
}

#[test]
fn stop_between_messages_keeps_the_line() {
    let mut played = Played::bound(&config());
    for key in 0..3 {
        played.session.submit(message(key, "Hello"));
    }
    played.session.turn(0, NOON_US);
    let one = played.session.unwritten().len() / 3;
    // An answer of ours stands behind the messages and is let through.
    played.say(&Pdu::request(88, Body::EnquireLink));
    played.session.wrote(one);
    played.session.stop();
    assert_eq!(played.answers(), [(1, Answer::Unsent), (2, Answer::Unsent)]);
    assert_eq!(played.session.unwritten().len(), 16);
    assert_eq!(
        played.session.unwritten()[4..8],
        0x8000_0015_u32.to_be_bytes()
    );
    played.accept(2, "a");
    assert_eq!(played.answers(), [(0, accepted("a"))]);
    played.receipt(5, "447700900000", "id:a stat:DELIVRD", &[]);
    assert!(matches!(played.told()[0], Told::Receipt { .. }));
}

#[test]
fn goodbye_in_either_direction() {
    let mut played = Played::bound(&config());
    played.session.submit(message(1, "Hello"));
    let submits = played.submits();
    played.say(&Pdu::request(3, Body::Unbind));
    assert_eq!(played.got()[0].command, 0x8000_0006);
    assert_eq!(played.session.end(), None, "the answer may still come");
    assert_eq!(played.session.free_slots(), 0);
    played.accept(submits[0], "a");
    assert_eq!(played.answers(), [(1, accepted("a"))]);
    played.pass(1);
    assert_eq!(played.session.end(), Some(&End::Unbound));

    let mut played = Played::bound(&config());
    played.session.unbind(0);
    let got = played.got();
    assert_eq!(got[0].command, 0x06);
    assert_eq!(played.session.end(), None);
    played.say(&Pdu::answer(got[0].sequence, 0, Body::UnbindResp));
    assert_eq!(played.session.end(), Some(&End::Unbound));
}

#[test]
fn sequence_numbers_rise_by_one_whatever_takes_them() {
    let mut played = Played::bound(&config());
    played.session.submit(message(1, LONG));
    played.pass(30_000);
    let got: Vec<u32> = played.got().iter().map(|got| got.sequence).collect();
    assert_eq!(got, [2, 3, 4]);
}

#[test]
fn a_text_that_cannot_go_out_is_refused_by_us() {
    let mut config = config();
    config.coding.allowed = unspoof_outreach::text::Allowed::GsmOnly;
    let mut played = Played::bound(&config);
    played.session.submit(message(1, "\u{4f60}\u{597d}"));
    assert_eq!(played.submits().len(), 0);
    assert_eq!(played.answers(), [(1, refused("outreach/text-unsendable"))]);
    let mut wrong = message(2, "Hello");
    wrong.to = zeroize::Zeroizing::new("44\0".into());
    played.session.submit(wrong);
    assert_eq!(played.submits().len(), 0);
    assert_eq!(played.answers().len(), 1);
    assert!(played.session.is_bound());
}

#[test]
fn receipts_also_come_as_data_sm() {
    let mut played = Played::bound(&config());
    let mut rest = Vec::new();
    put_tlv(&mut rest, tag::RECEIPTED_MESSAGE_ID, b"1a\0").unwrap();
    put_tlv(&mut rest, tag::MESSAGE_STATE, &[2]).unwrap();
    let data = unspoof_outreach::smpp::pdu::Data {
        esm_class: 4,
        ..Default::default()
    };
    played.say(&Pdu {
        rest: &rest,
        ..Pdu::request(12, Body::DataSm(data))
    });
    let told = played.told();
    let [Told::Receipt { carrier, receipt }] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(receipt.message_ids[0], "1a");
    played.session.keep(*carrier);
    let got = played.got();
    assert_eq!((got[0].command, got[0].sequence), (0x8000_0103, 12));
}

#[test]
fn what_is_sealed_is_not_taken_back_while_the_line_stands() {
    let begin = || {
        let mut played = Played::bound(&config());
        for key in 0..3 {
            played.session.submit(message(key, "Hello"));
        }
        played.session.turn(0, NOON_US);
        let one = played.session.unwritten().len() / 3;
        played.session.seals(2 * one);
        (played, one)
    };
    // The centre says goodbye, and the record leaves all the same.
    let (mut played, one) = begin();
    played.say(&Pdu::request(3, Body::Unbind));
    assert_eq!(played.answers(), [(2, Answer::Unsent)]);
    played.session.wrote(2 * one);
    played.session.closed();
    assert_eq!(
        played.answers(),
        [(0, unknown("disconnected")), (1, unknown("disconnected"))]
    );
    // The line ends with the record unsent.
    let (mut played, _) = begin();
    played.session.closed();
    assert_eq!(played.answers(), [0, 1, 2].map(|key| (key, Answer::Unsent)));
}

#[test]
fn a_pause_takes_nothing_new_and_keeps_what_came_too_late_to_know() {
    let mut played = Played::bound(&config());
    played.session.submit(message(1, "Hello"));
    let submits = played.submits();
    assert_eq!(played.session.free_slots(), 9);
    played.refuse(submits[0], 0x14);
    played.pass(1);
    assert_eq!(played.session.free_slots(), 0);
    played.session.submit(message(2, "Hello"));
    assert_eq!(played.submits().len(), 0);
    assert_eq!(played.answers(), [(1, deferred("ESME_RMSGQFUL", false))]);
    played.pass(2500);
    assert_eq!(played.submits().len(), 1);
    assert_eq!(played.session.free_slots(), 9);
}
