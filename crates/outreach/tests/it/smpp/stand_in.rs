//! The stand-in of `crates/smsc`, whose codec shares no line with ours.

use std::collections::BTreeMap;
use std::time::Duration;

use unspoof_outreach::smpp::SmppConfig;
use unspoof_outreach::smpp::config::{BindMode, LongText};
use unspoof_outreach::{Answer, Event, Message, ReceiptState, Sender};
use unspoof_smsc::smpp::{Faults, Form, Ids, Receipts, Settings, Smsc};

use super::pool::{message_now, pool_of};

/// 50 texts, every fifth of them in two parts.
fn texts() -> Vec<Message> {
    let texts = (0..50).map(|key| Message {
        text: format!("{}{key}", "a{".repeat(if key % 5 == 0 { 60 } else { 5 })).into(),
        ..message_now(key)
    });
    texts.collect()
}

fn all_comes_back(receipts: Receipts, bind: BindMode, long_text: LongText) {
    let told = format!("{receipts:?} {bind:?} {long_text:?}");
    let faults = Faults {
        seed: 7,
        reordered: 200,
        twice: 200,
        torn: 200,
        receipts,
        ..Faults::default()
    };
    let settings = Settings {
        faults,
        ..Settings::default()
    };
    let centre = Smsc::start(settings).unwrap();
    let mut config = SmppConfig::of("127.0.0.1", centre.address().port(), "unspoof");
    (config.sessions, config.window) = (2, 64);
    (config.bind, config.long_text) = (bind, long_text);
    let mut pool = pool_of(&config);
    let mut waiting = texts();
    let mut ids: BTreeMap<u64, String> = BTreeMap::new();
    let mut delivered: BTreeMap<u64, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for _ in 0..400 {
        let free = pool.free_slots().min(waiting.len());
        pool.submit(waiting.drain(..free).collect()).unwrap();
        let mut tickets = Vec::new();
        for event in pool.poll(Duration::from_millis(25)).unwrap() {
            match event {
                Event::Answered {
                    key,
                    answer: Answer::Accepted { message_id },
                } => {
                    ids.insert(key, message_id);
                }
                Event::Answered { key, answer } => wrong.push((key, answer)),
                Event::Receipt { ticket, receipt } => {
                    tickets.push(ticket);
                    let to = receipt.to.clone().unwrap();
                    let key: u64 = to.strip_prefix("447700900").unwrap().parse().unwrap();
                    assert!(receipt.key.is_none_or(|known| known == key));
                    if receipt.state == ReceiptState::Delivered {
                        *delivered.entry(key).or_default() += 1;
                    }
                    // One of the readings is the id that was given, unless it speaks for all parts.
                    if let Some(id) = ids.get(&key)
                        && !receipt.message_ids.is_empty()
                    {
                        let named = id
                            .split(',')
                            .any(|id| receipt.message_ids.iter().any(|r| r == id));
                        assert!(named, "{told}: {id} {:?}", receipt.message_ids);
                    }
                }
                Event::Notice(_) => {}
            }
        }
        pool.receipts_kept(&tickets);
        if ids.len() == 50 && delivered.len() == 50 {
            break;
        }
    }
    assert_eq!(wrong, [], "{told}");
    assert_eq!((ids.len(), delivered.len()), (50, 50), "{told}");
    let mut got: Vec<(String, String)> = centre
        .submitted()
        .into_iter()
        .map(|got| (got.to, got.text))
        .collect();
    got.sort();
    let sent: Vec<(String, String)> = texts()
        .iter()
        .map(|sent| (sent.to.to_string(), sent.text.to_string()))
        .collect();
    assert_eq!(got, sent, "{told}");
    pool.close(Duration::from_secs(5)).unwrap();
}

#[test]
fn texts_and_receipts_of_every_form_go_there_and_back() {
    for ids in [
        Ids::Same,
        Ids::DecimalForHex,
        Ids::HexForDecimal,
        Ids::Zeros,
        Ids::Capitals,
    ] {
        for form in [Form::Both, Form::Tlv, Form::Text] {
            let receipts = Receipts {
                early: 300,
                twice: 300,
                elsewhere: 500,
                form,
                ids,
                ..Receipts::default()
            };
            all_comes_back(receipts, BindMode::Transceiver, LongText::Udh);
        }
    }
    for long_text in [LongText::Udh, LongText::Sar, LongText::Payload] {
        all_comes_back(Receipts::default(), BindMode::Pair, long_text);
    }
}
