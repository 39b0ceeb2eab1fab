//! The sender over GOV.UK Notify, against a stand-in that the official clients take for the service.

mod faults;
mod receipts;
mod refusals;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use unspoof_outreach::notify::{ApiKey, Notify, NotifyError, Settings, Timing};
use unspoof_outreach::{
    Answer, Clock, Event, Message, OutreachError, Receipt, Sender, SharedClock, SystemClock,
};
use unspoof_smsc::notify::{NotifyStandIn, Settings as StandIn};
use zeroize::Zeroizing;

const TEXT: &str = "Crown Police: fraudsters rang this number in 2022. We ask you for nothing. Code BCDF-GHJK-MNPQ";

fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn clock() -> SharedClock {
    Arc::new(SystemClock::start())
}

/// Times that a test can wait for. Whatever the stand-in delays, it delays far less than `settle_ms`.
fn quick() -> Timing {
    Timing {
        connect_ms: 2_000,
        request_ms: 250,
        ask_every_ms: 100,
        settle_ms: 2_500,
        give_up_ms: 6_000,
        back_off_ms: 5,
        poll_ms: 20,
        keep_ms: 2_000,
    }
}

fn patient() -> Timing {
    Timing {
        request_ms: 10_000,
        settle_ms: 20_000,
        give_up_ms: 30_000,
        ..quick()
    }
}

fn settings(stand_in: &NotifyStandIn, timing: Timing) -> Settings {
    Settings {
        url: stand_in.url(),
        key: ApiKey::read(&stand_in.api_key()).unwrap(),
        template_id: StandIn::default().template_id,
        placeholder: "text".into(),
        sms_sender_id: None,
        sender_id: "CrownPolice".into(),
        window: 5,
        per_minute: 3_000,
        callbacks: None,
        polls_receipts: false,
        timing,
    }
}

fn start(stand_in: &NotifyStandIn, timing: Timing) -> Result<Notify, NotifyError> {
    Notify::start(settings(stand_in, timing), true, clock())
}

/// Messages to drama numbers, the references unique in this process.
fn messages(count: u64) -> Vec<Message> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static CAMPAIGNS: AtomicU64 = AtomicU64::new(0);
    let campaign = CAMPAIGNS.fetch_add(1, Ordering::SeqCst);
    assert!(count <= 900);
    (0..count)
        .map(|key| Message {
            key,
            to: Zeroizing::new(format!("44770090{:04}", 100 + key)),
            text: Zeroizing::new(TEXT.into()),
            reference: format!("c{campaign} {key}/α&="),
            expires_us: i64::MAX,
        })
        .collect()
}

/// Sends as the ledger lets one: a message leaves again only after `Deferred` or `Unsent`.
#[derive(Default)]
struct Desk {
    planned: Vec<Message>,
    out: BTreeMap<u64, Message>,
    answers: BTreeMap<u64, Answer>,
    receipts: Vec<Receipt>,
    unknown: BTreeSet<u64>,
    notices: Vec<String>,
    /// Whether receipts are said to be durable.
    keeps: bool,
}

impl Desk {
    fn of(messages: Vec<Message>) -> Self {
        Self {
            planned: messages,
            keeps: true,
            ..Self::default()
        }
    }

    /// One turn; whether the sender can go on.
    fn turn(&mut self, sender: &mut Notify, wait_ms: u64) -> Result<(), OutreachError> {
        let free = sender.free_slots().min(self.planned.len());
        let batch: Vec<Message> = self.planned.drain(..free).collect();
        for message in &batch {
            self.out.insert(message.key, message.clone());
        }
        if !batch.is_empty() {
            sender.submit(batch)?;
        }
        let events = sender.poll(Duration::from_millis(wait_ms))?;
        let mut kept = Vec::new();
        for event in events {
            match event {
                Event::Answered { key, answer } => {
                    let message = self.out.remove(&key).expect("each is answered once");
                    match &answer {
                        Answer::Deferred { .. } | Answer::Unsent => self.planned.push(message),
                        Answer::Unknown { .. } => {
                            self.unknown.insert(key);
                        }
                        Answer::Accepted { .. } | Answer::Refused { .. } => {}
                    }
                    self.answers.insert(key, answer);
                }
                Event::Receipt { ticket, receipt } => {
                    self.receipts.push(receipt);
                    kept.push(ticket);
                }
                Event::Notice(notice) => self.notices.push(notice),
            }
        }
        if self.keeps {
            sender.receipts_kept(&kept);
        }
        Ok(())
    }

    /// Turns until every message has an answer that stays, or too long.
    fn run(&mut self, sender: &mut Notify) -> Result<(), OutreachError> {
        let clock = SystemClock::start();
        while !(self.planned.is_empty() && self.out.is_empty()) {
            assert!(clock.monotonic_ms() < 60_000, "{:?}", self.notices);
            self.turn(sender, 20)?;
        }
        Ok(())
    }

    fn accepted(&self) -> BTreeSet<String> {
        let ids = self.answers.values().filter_map(|answer| match answer {
            Answer::Accepted { message_id } => Some(message_id.clone()),
            Answer::Deferred { .. }
            | Answer::Refused { .. }
            | Answer::Unknown { .. }
            | Answer::Unsent => None,
        });
        ids.collect()
    }
}

#[test]
fn each_text_is_taken_once_as_it_was_signed() {
    let stand_in = NotifyStandIn::start(anywhere(), StandIn::default()).unwrap();
    let mut sender = start(&stand_in, patient()).unwrap();
    sender.preview(TEXT).unwrap();
    let sent = messages(40);
    let mut desk = Desk::of(sent.clone());
    desk.run(&mut sender).unwrap();
    let stored = stand_in.stored();
    assert_eq!(stored.len(), sent.len());
    assert_eq!(
        desk.accepted(),
        stored.iter().map(|row| row.id.clone()).collect()
    );
    for message in sent {
        let row = stored
            .iter()
            .find(|row| row.reference.as_ref() == Some(&message.reference))
            .unwrap();
        assert_eq!(row.phone_number, format!("+{}", message.to.as_str()));
        assert_eq!(row.body, TEXT);
    }
}
