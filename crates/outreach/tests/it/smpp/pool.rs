use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use unspoof_model::Coded;
use unspoof_outreach::clock::SetClock;
use unspoof_outreach::smpp::config::{BindMode, LongText};
use unspoof_outreach::smpp::{Password, Pool, SmppConfig};
use unspoof_outreach::{
    Answer, Clock, Event, Message, ReceiptState, Sender, SharedClock, SystemClock,
};
use zeroize::Zeroizing;

use super::centre::{Centre, Go, answer, honest};

const WAIT: Duration = Duration::from_millis(50);

fn message(key: u64, now_us: i64) -> Message {
    Message {
        key,
        to: Zeroizing::new(format!("447700900{:03}", key % 1000)),
        text: Zeroizing::new("Your number was in a list. Code BCDF-GHJK-LMNP".into()),
        reference: String::new(),
        expires_us: now_us + 3_600_000_000,
    }
}

/// A message whose window is open for an hour.
pub(crate) fn message_now(key: u64) -> Message {
    message(key, SystemClock::start().wall_us())
}

/// The same with a text so long that 10,000 are more than the system's buffers hold.
pub(crate) fn long_message(key: u64) -> Message {
    Message {
        text: Zeroizing::new("a long text ".repeat(340)),
        ..message_now(key)
    }
}

pub(crate) fn pool_of(config: &SmppConfig) -> Pool {
    let password = Password::of(Zeroizing::new("secret".into())).unwrap();
    let clock = Arc::new(SystemClock::start());
    Pool::open(config, password, "Police", true, clock, 1).unwrap()
}

fn config(centre: &Centre) -> SmppConfig {
    SmppConfig::of("127.0.0.1", centre.address.port(), "unspoof")
}

/// Sends so many messages as fast as the window allows, and returns the answers, those included of
/// messages that were answered twice.
pub(crate) struct Run {
    pub(crate) answers: BTreeMap<u64, Vec<Answer>>,
    notices: Vec<String>,
}

#[expect(clippy::disallowed_methods, reason = "a test gives up some time")]
pub(crate) fn run(pool: &mut Pool, messages: u64) -> Run {
    let now_us = SystemClock::start().wall_us();
    let begun = Instant::now();
    let (mut next, mut answered) = (0, 0);
    let mut run = Run {
        answers: BTreeMap::new(),
        notices: Vec::new(),
    };
    while answered < messages {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{:?}",
            run.notices
        );
        let free = u64::try_from(pool.free_slots()).unwrap();
        let batch: Vec<_> = (next..messages.min(next + free))
            .map(|key| message(key, now_us))
            .collect();
        next += u64::try_from(batch.len()).unwrap();
        pool.submit(batch).unwrap();
        for event in pool.poll(WAIT).unwrap() {
            match event {
                Event::Answered { key, answer } => {
                    answered += 1;
                    run.answers.entry(key).or_default().push(answer);
                }
                Event::Receipt { .. } => {}
                Event::Notice(notice) => run.notices.push(notice),
            }
        }
    }
    run
}

impl Run {
    fn count(&self, of: impl Fn(&Answer) -> bool) -> usize {
        let answers = self.answers.values().flatten();
        answers.filter(|answer| of(answer)).count()
    }

    pub(crate) fn accepted(&self) -> usize {
        self.count(|answer| matches!(answer, Answer::Accepted { .. }))
    }
}

#[test]
fn messages_go_out_over_all_sessions_and_each_is_answered_once() {
    for bind in [BindMode::Transceiver, BindMode::Pair] {
        let centre = Centre::start(Arc::new(|_, command, sequence, _, out| {
            honest(command, sequence, out);
            Go::On
        }));
        let mut config = config(&centre);
        (config.sessions, config.bind) = (3, bind);
        let mut pool = pool_of(&config);
        assert_eq!((pool.window(), pool.free_slots()), (30, 0));
        let run = run(&mut pool, 2000);
        assert_eq!(run.accepted(), 2000);
        assert_eq!(run.answers.len(), 2000);
        assert_eq!(centre.submits(), 2000);
        pool.close(Duration::from_secs(5)).unwrap();
        let seen = centre.seen.lock().unwrap().clone();
        let mut binds: Vec<u32> = seen.iter().map(|(_, command, _)| *command).collect();
        binds.retain(|command| [1, 2, 9].contains(command));
        binds.sort_unstable();
        let wanted: &[u32] = match bind {
            BindMode::Transceiver => &[9, 9, 9],
            BindMode::Pair => &[1, 1, 1, 2, 2, 2],
        };
        assert_eq!(binds, wanted);
        let goodbyes = seen.iter().filter(|(_, command, _)| *command == 6).count();
        assert_eq!(goodbyes, binds.len());
    }
}

#[test]
fn a_line_that_is_cut_loses_what_was_out_and_no_more() {
    // Each connection but the last is cut after 25 submits, the last five of which get no answer.
    let centre = Centre::start(Arc::new(|connection, command, sequence, _, out| {
        let is_last = connection.number >= 2;
        if command == 4 && !is_last && sequence > 21 {
            return if sequence >= 26 { Go::Close } else { Go::On };
        }
        honest(command, sequence, out);
        Go::On
    }));
    let mut pool = pool_of(&config(&centre));
    let run = run(&mut pool, 200);
    assert_eq!(run.answers.len(), 200);
    assert!(run.answers.values().all(|answers| answers.len() == 1));
    let unknown = run.count(|answer| matches!(answer, Answer::Unknown { .. }));
    let unsent = run.count(|answer| *answer == Answer::Unsent);
    assert!((2..=20).contains(&unknown), "{unknown}");
    assert_eq!(run.accepted() + unknown + unsent, 200);
    // What the centre got is what was accepted or is unknown: nothing twice.
    assert!(centre.submits() <= 200 - unsent);
}

#[test]
fn a_refused_account_is_told_and_not_tried_again() {
    let centre = Centre::start(Arc::new(|_, command, sequence, _, out| {
        answer(out, command | 0x8000_0000, 0x0e, sequence, b"");
        Go::On
    }));
    let mut pool = pool_of(&config(&centre));
    let mut polled = Ok(Vec::new());
    for _ in 0..100 {
        polled = pool.poll(WAIT);
        if polled.is_err() {
            break;
        }
    }
    let why = polled.unwrap_err();
    assert_eq!(why.code(), "smpp/bind-refused");
    assert!(why.to_string().contains("ESME_RINVPASWD"));
    assert_eq!(centre.seen.lock().unwrap().len(), 1);
}

#[test]
fn made_up_records_never_leave_this_machine() {
    let password = || Password::of(Zeroizing::new("secret".into())).unwrap();
    let clock = || Arc::new(SystemClock::start());
    for host in ["192.0.2.1", "localhost", "smpp.example"] {
        let config = SmppConfig::of(host, 2775, "unspoof");
        let refused = Pool::open(&config, password(), "Police", true, clock(), 1);
        assert_eq!(refused.unwrap_err().code(), "smpp/made-up", "{host}");
    }
}

/// A `deliver_sm` of a receipt about `to`.
fn receipt(out: &mut Vec<u8>, sequence: u32, to: &str, text: &str) {
    let mut body = vec![0, 1, 1];
    body.extend(to.as_bytes());
    body.extend([0, 5, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
    body.push(u8::try_from(text.len()).unwrap());
    body.extend(text.as_bytes());
    answer(out, 5, 0, sequence, &body);
}

#[test]
fn receipts_are_answered_once_kept_and_told_until_then() {
    let centre = Centre::start(Arc::new(|_, command, sequence, _, out| {
        if command == 4 {
            // Before the answer.
            receipt(out, 900, "447700900000", "id:00000002 stat:DELIVRD err:000");
        }
        honest(command, sequence, out);
        Go::On
    }));
    let mut pool = pool_of(&config(&centre));
    let mut tickets = Vec::new();
    let mut is_sent = false;
    while tickets.is_empty() {
        if pool.free_slots() > 0 && !is_sent {
            is_sent = true;
            let now_us = SystemClock::start().wall_us();
            pool.submit(vec![message(0, now_us)]).unwrap();
        }
        for event in pool.poll(WAIT).unwrap() {
            if let Event::Receipt { ticket, receipt } = event {
                assert_eq!(receipt.state, ReceiptState::Delivered);
                assert_eq!(receipt.to.unwrap().as_str(), "447700900000");
                tickets.push(ticket);
            }
        }
    }
    let answered = || {
        let seen = centre.seen.lock().unwrap();
        seen.iter()
            .any(|(_, command, sequence)| (*command, *sequence) == (0x8000_0005, 900))
    };
    pool.poll(Duration::from_millis(300)).unwrap();
    assert!(!answered());
    pool.receipts_kept(&tickets);
    for _ in 0..100 {
        if answered() {
            return;
        }
        pool.poll(WAIT).unwrap();
    }
    panic!("no deliver_sm_resp");
}

#[test]
fn a_receipt_that_nobody_keeps_is_told_again() {
    let centre = Centre::start(Arc::new(|_, command, sequence, _, out| {
        honest(command, sequence, out);
        if command == 9 {
            receipt(out, 900, "447700900000", "id:2 stat:DELIVRD err:000");
        }
        Go::On
    }));
    let clock = Arc::new(SetClock::at(0));
    let password = Password::of(Zeroizing::new("secret".into())).unwrap();
    let shared: SharedClock = clock.clone();
    let mut pool = Pool::open(&config(&centre), password, "Police", true, shared, 1).unwrap();
    let tickets = |pool: &mut Pool| {
        let events = pool.poll(Duration::ZERO).unwrap().into_iter();
        events
            .filter_map(|event| match event {
                Event::Receipt { ticket, .. } => Some(ticket),
                Event::Answered { .. } | Event::Notice(_) => None,
            })
            .collect::<Vec<u64>>()
    };
    let mut first = tickets(&mut pool);
    while first.is_empty() {
        std::thread::sleep(Duration::from_millis(5));
        first = tickets(&mut pool);
    }
    clock.advance(9_999);
    assert_eq!(tickets(&mut pool), [0_u64; 0]);
    clock.advance(1);
    assert_eq!(tickets(&mut pool), first);
    pool.receipts_kept(&first);
    clock.advance(10_000);
    assert_eq!(tickets(&mut pool), [0_u64; 0]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test looks how long it takes")]
fn a_red_stop_works_with_a_centre_that_hears_nothing() {
    // It lets in, and then reads nothing more.
    let centre = Centre::start(Arc::new(|_, command, sequence, _, out| {
        honest(command, sequence, out);
        Go::Sleep
    }));
    let mut config = config(&centre);
    config.window = 10_000;
    config.long_text = LongText::Payload;
    let mut pool = pool_of(&config);
    while pool.free_slots() == 0 {
        pool.poll(WAIT).unwrap();
    }
    pool.submit((0..10_000).map(long_message).collect())
        .unwrap();
    pool.poll(WAIT).unwrap();
    let begun = Instant::now();
    pool.stop();
    assert!(begun.elapsed() < Duration::from_millis(500));
    assert_eq!(pool.free_slots(), 0);
    let mut answers = BTreeMap::new();
    while answers.len() < 10_000 {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{}",
            answers.len()
        );
        for event in pool.poll(WAIT).unwrap() {
            if let Event::Answered { key, answer } = event {
                assert_eq!(answers.insert(key, answer), None);
            }
        }
    }
    // What lay with the system may have left; all the rest did not.
    let unsent = answers
        .values()
        .filter(|answer| **answer == Answer::Unsent)
        .count();
    assert!(unsent > 0, "the system took all of it");
    assert!(
        answers
            .values()
            .all(|answer| matches!(answer, Answer::Unsent | Answer::Unknown { .. }))
    );
}

/// Over 60,000 submits a second against a peer that does nothing but answer; run whole under
/// `UNSPOOF_SOAK=1`, where the figure is held and shown.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test of speed reads the clock")]
#[expect(clippy::print_stderr, reason = "the figure is what the test is for")]
fn submits_a_second() {
    let is_soak = std::env::var_os("UNSPOOF_SOAK").is_some();
    let messages = if is_soak { 500_000 } else { 5000 };
    let centre = Centre::start(Arc::new(|_, command, sequence, _, out| {
        honest(command, sequence, out);
        Go::On
    }));
    let mut config = config(&centre);
    (config.sessions, config.window) = (4, 64);
    let mut pool = pool_of(&config);
    while pool.bound() < 4 {
        pool.poll(WAIT).unwrap();
    }
    let begun = Instant::now();
    let run = run(&mut pool, messages);
    assert_eq!(run.answers.len() as u64, messages);
    let rate = messages as f64 / begun.elapsed().as_secs_f64();
    eprintln!("{rate:.0} submits/s over 4 sessions, window 64");
    if is_soak && !cfg!(debug_assertions) {
        assert!(rate > 60_000.0, "{rate:.0}/s");
    }
}
