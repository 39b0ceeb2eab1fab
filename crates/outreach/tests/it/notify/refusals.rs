//! What stops the sender, and what it says then.

use std::time::Duration;

use unspoof_outreach::clock::SetClock;
use unspoof_outreach::notify::{ApiKey, LookedUp, Notify, NotifyError};
use unspoof_outreach::{Answer, Clock, OutreachError, Sender, SystemClock};
use unspoof_smsc::notify::{NotifyStandIn, Settings as StandIn};
use zeroize::Zeroizing;

use super::{Desk, TEXT, anywhere, clock, messages, patient, quick, settings, start};

fn stand_in(settings: StandIn) -> NotifyStandIn {
    NotifyStandIn::start(anywhere(), settings).unwrap()
}

#[test]
fn nothing_starts_with_a_wrong_key_clock_or_template() {
    let honest = stand_in(StandIn::default());
    let mut wrong = settings(&honest, patient());
    wrong.key = ApiKey::read(&format!(
        "x-{}-{}",
        StandIn::default().service_id,
        StandIn::default().service_id
    ))
    .unwrap();
    assert!(matches!(
        Notify::start(wrong, true, clock()),
        Err(NotifyError::Refused { status: 403, .. })
    ));
    let now = SystemClock::start().wall_us();
    for off_s in [-45, 45] {
        let off = std::sync::Arc::new(SetClock::at(now + off_s * 1_000_000));
        let refused = Notify::start(settings(&honest, patient()), true, off)
            .err()
            .unwrap();
        assert!(refused.to_string().contains("system clock"), "{refused}");
    }
    let mut wrong = settings(&honest, patient());
    wrong.template_id = StandIn::default().service_id;
    assert!(matches!(
        Notify::start(wrong, true, clock()),
        Err(NotifyError::Refused { status: 404, .. })
    ));
    for template in ["Dear ((text))", "((other))", "", "((text)) ((code))"] {
        let other = stand_in(StandIn {
            template: template.into(),
            ..StandIn::default()
        });
        let refused = start(&other, patient());
        assert!(
            matches!(refused, Err(NotifyError::Template { .. })),
            "{template}"
        );
    }
    assert!(honest.stored().is_empty());
}

/// A service that puts its name before each text sends another text than the signed one.
#[test]
fn a_text_that_is_not_the_signed_one_halts() {
    for other in [
        StandIn {
            prefix: Some("Crown".into()),
            ..StandIn::default()
        },
        StandIn {
            from: "GOVUK".into(),
            ..StandIn::default()
        },
    ] {
        let has_prefix = other.prefix.is_some();
        let other = stand_in(other);
        let mut sender = start(&other, patient()).unwrap();
        let shown = sender.preview(TEXT);
        assert_eq!(shown.is_err(), has_prefix);
        let mut desk = Desk::of(messages(40));
        let halted = desk.run(&mut sender).unwrap_err();
        assert!(
            halted.to_string().contains("than the signed one"),
            "{halted}"
        );
        // What left before the first answer, and no more; all of it answered.
        assert!(other.stored().len() <= sender.window());
        assert_eq!(desk.accepted().len(), other.stored().len());
        assert!(desk.out.is_empty());
        assert_eq!(sender.free_slots(), 0);
    }
}

#[test]
fn the_days_limit_halts_and_says_so() {
    let limited = stand_in(StandIn {
        per_day: 10,
        ..StandIn::default()
    });
    let mut sender = start(&limited, patient()).unwrap();
    let mut desk = Desk::of(messages(30));
    let halted = desk.run(&mut sender).unwrap_err();
    assert!(matches!(
        &halted,
        OutreachError::Sender {
            sender: "notify",
            ..
        }
    ));
    assert!(
        halted.to_string().contains("TooManyRequestsError"),
        "{halted}"
    );
    assert_eq!(limited.stored().len(), 10);
    assert_eq!(desk.accepted().len(), 10);
    assert_eq!(desk.planned.len(), 20, "the others can be sent another day");
    // Why is told once; receipts still come.
    assert_eq!(sender.poll(Duration::from_millis(10)).unwrap(), []);
}

#[test]
fn throttling_slows_it_down_and_loses_nothing() {
    let limited = stand_in(StandIn {
        per_minute: 1_500,
        burst: 3,
        ..StandIn::default()
    });
    let mut sender = start(&limited, patient()).unwrap();
    let mut desk = Desk::of(messages(60));
    desk.run(&mut sender).unwrap();
    assert_eq!(limited.stored().len(), 60);
    assert!(limited.texts_by_number().values().all(|times| *times == 1));
    assert!(
        desk.notices
            .iter()
            .any(|notice| notice.contains("throttles")),
        "{:?}",
        desk.notices
    );
}

#[test]
fn a_number_that_is_refused_stops_nobody_elses() {
    let honest = stand_in(StandIn::default());
    let mut sender = start(&honest, patient()).unwrap();
    let mut some = messages(6);
    some[2].to = Zeroizing::new("4477".into());
    let mut desk = Desk::of(some);
    desk.run(&mut sender).unwrap();
    assert_eq!(
        desk.answers[&2],
        Answer::Refused {
            code: "400/ValidationError".into()
        }
    );
    assert_eq!(desk.accepted().len(), 5);
}

#[test]
fn what_has_expired_never_leaves() {
    let honest = stand_in(StandIn::default());
    let mut sender = start(&honest, patient()).unwrap();
    let mut some = messages(2);
    some[0].expires_us = SystemClock::start().wall_us();
    sender.submit(some).unwrap();
    let mut answers = std::collections::BTreeMap::new();
    while answers.len() < 2 {
        for event in sender.poll(Duration::from_millis(50)).unwrap() {
            if let unspoof_outreach::Event::Answered { key, answer } = event {
                answers.insert(key, answer);
            }
        }
    }
    assert_eq!(answers[&0], Answer::Unsent);
    assert_eq!(honest.stored().len(), 1);
}

#[test]
fn after_stop_nothing_more_leaves() {
    let slow = stand_in(StandIn {
        faults: unspoof_smsc::notify::Faults {
            slow_answer: 1000,
            slow_ms: 200,
            ..Default::default()
        },
        ..StandIn::default()
    });
    // One leaves at once, and the next after a second.
    let mut settings = settings(&slow, patient());
    settings.per_minute = 60;
    let mut sender = Notify::start(settings, true, clock()).unwrap();
    let some = messages(5);
    let mut desk = Desk::of(some);
    desk.turn(&mut sender, 1).unwrap();
    std::thread::sleep(Duration::from_millis(30));
    sender.stop();
    let at_stop = slow.stored().len();
    assert_eq!(sender.free_slots(), 0);
    let clock = SystemClock::start();
    while !desk.out.is_empty() {
        assert!(clock.monotonic_ms() < 10_000);
        desk.turn(&mut sender, 20).unwrap();
    }
    std::thread::sleep(Duration::from_millis(1_500));
    // One may have been on its way between the look and the stop.
    let now = slow.stored().len();
    assert!(now <= at_stop + 1, "{at_stop}, then {now}");
    assert_eq!(desk.accepted().len(), slow.stored().len());
    assert_eq!(desk.accepted().len() + desk.planned.len(), 5);
    assert!(!desk.planned.is_empty());
}

/// Where nobody listens, nothing left: the messages stay planned, and it waits longer each time.
#[test]
fn a_service_that_is_not_there_leaves_everything_planned() {
    let honest = stand_in(StandIn::default());
    let mut sender = start(&honest, quick()).unwrap();
    let address = honest.address();
    drop(honest);
    let clock = SystemClock::start();
    // The listener's thread needs a moment to end.
    while std::net::TcpStream::connect(address).is_ok() {
        assert!(clock.monotonic_ms() < 5_000);
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut desk = Desk::of(messages(5));
    while desk.answers.len() < 5 {
        assert!(clock.monotonic_ms() < 20_000);
        desk.turn(&mut sender, 20).unwrap();
    }
    assert!(
        desk.answers
            .values()
            .all(|answer| *answer == Answer::Unsent),
        "{:?}",
        desk.answers
    );
    assert!(desk.unknown.is_empty());
}

/// Where the line is cut each time, also when it is asked, the window's messages become unknown.
#[test]
fn a_service_that_never_answers_makes_no_more_than_a_window_unknown() {
    let honest = stand_in(StandIn::default());
    let mut timing = quick();
    timing.settle_ms = 300;
    timing.give_up_ms = 600;
    let mut sender = start(&honest, timing).unwrap();
    honest.set_down(true);
    let mut desk = Desk::of(messages(5));
    let clock = SystemClock::start();
    while !(desk.planned.is_empty() && desk.out.is_empty()) {
        assert!(clock.monotonic_ms() < 30_000);
        desk.turn(&mut sender, 20).unwrap();
    }
    assert_eq!(desk.unknown.len(), 5);
    assert!(honest.stored().is_empty());
}

#[test]
fn references_are_looked_up_for_people() {
    let honest = stand_in(StandIn::default());
    let mut sender = start(&honest, patient()).unwrap();
    let some = messages(1);
    assert_eq!(
        sender.look_up(&some[0].reference).unwrap(),
        LookedUp::NotThere
    );
    let mut desk = Desk::of(some.clone());
    desk.run(&mut sender).unwrap();
    let LookedUp::Found { id, times, .. } = sender.look_up(&some[0].reference).unwrap() else {
        panic!("not found");
    };
    assert_eq!((desk.accepted().contains(&id), times), (true, 1));
    // Another program with the same reference: Notify takes it, and the looking up shows it.
    let mut other = start(&honest, patient()).unwrap();
    Desk::of(some.clone()).run(&mut other).unwrap();
    let found = sender.look_up(&some[0].reference).unwrap();
    assert!(
        matches!(found, LookedUp::Found { times: 2, .. }),
        "{found:?}"
    );
}

/// Over HTTPS, whoever cannot prove to be the host gets no request, and so no number and no key.
#[test]
fn a_host_that_cannot_prove_itself_gets_nothing() {
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = (folder.path().join("key"), folder.path().join("certificate"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args([
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|made| made.success()) {
        let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!in_ci, "no `openssl`");
        return;
    }
    let port = std::net::TcpListener::bind(anywhere())
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    // Prints what it is sent.
    let mut server = Command::new("openssl")
        .args(["s_server", "-quiet", "-accept", &port.to_string(), "-key"])
        .arg(&key)
        .arg("-cert")
        .arg(&certificate)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let clock = SystemClock::start();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(clock.monotonic_ms() < 10_000);
        std::thread::sleep(Duration::from_millis(20));
    }
    let honest = stand_in(StandIn::default());
    let mut settings = settings(&honest, patient());
    settings.url = format!("https://127.0.0.1:{port}");
    settings.timing.request_ms = 3_000;
    let refused = Notify::start(settings, true, super::clock()).err().unwrap();
    assert!(
        matches!(refused, NotifyError::Unreachable { .. }),
        "{refused}"
    );
    server.kill().unwrap();
    let seen = server.wait_with_output().unwrap().stdout;
    assert!(seen.is_empty(), "{}", String::from_utf8_lossy(&seen));
}
