//! npm's `smpp` as the message centre: it judges what we write and writes what we read.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use unspoof_outreach::smpp::SmppConfig;
use unspoof_outreach::smpp::config::LongText;
use unspoof_outreach::{Answer, Event, Message, ReceiptState, Sender};

use super::pool::{message_now, pool_of};
use crate::peers;

struct Smsc {
    child: Child,
    told: BufReader<ChildStdout>,
    port: u16,
}

impl Drop for Smsc {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Smsc {
    fn start() -> Option<Self> {
        let folder = peers::node_folder()?;
        let mut child = Command::new("node")
            .arg("tests/it/smpp/npm_smsc.cjs")
            .arg(&folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        told.read_line(&mut port).unwrap();
        let port = port.trim().parse().unwrap();
        Some(Self { child, told, port })
    }

    fn line(&mut self) -> serde_json::Value {
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

fn text(key: u64, text: &str) -> Message {
    Message {
        text: text.to_owned().into(),
        ..message_now(key)
    }
}

const LONG: &str = "A long text with \u{20ac} signs in it, so that the parts are not cut where one would think: \
    \u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac}\u{20ac} and some more words, \
    so that it takes two of them in any case.";

#[test]
fn it_reads_what_we_send_and_we_read_its_receipts() {
    for long_text in [LongText::Udh, LongText::Sar, LongText::Payload] {
        let Some(mut smsc) = Smsc::start() else {
            return;
        };
        let mut config = SmppConfig::of("127.0.0.1", smsc.port, "unspoof");
        config.long_text = long_text;
        let mut pool = pool_of(&config);
        let mut messages = vec![
            text(1, "Hello {@} \u{e9}"),
            text(2, "\u{627}\u{644}\u{633}\u{644}\u{627}\u{645} \u{1f600}"),
            text(3, LONG),
        ];
        let (mut ids, mut delivered) = (Vec::new(), Vec::new());
        let parts = if long_text == LongText::Payload { 1 } else { 2 };
        while ids.len() < 3 || delivered.len() < 2 + parts {
            if pool.free_slots() >= 3 && !messages.is_empty() {
                pool.submit(std::mem::take(&mut messages)).unwrap();
            }
            let mut tickets = Vec::new();
            for event in pool.poll(Duration::from_millis(100)).unwrap() {
                match event {
                    Event::Answered { key, answer } => {
                        let Answer::Accepted { message_id } = answer else {
                            panic!("{key}: {answer:?}");
                        };
                        ids.push((key, message_id));
                    }
                    Event::Receipt { ticket, receipt } => {
                        tickets.push(ticket);
                        delivered.push(receipt);
                    }
                    Event::Notice(_) => {}
                }
            }
            pool.receipts_kept(&tickets);
        }
        // Each id of an acceptance is a reading of one receipt, which names the number.
        for (key, id) in ids.iter().filter(|(_, id)| !id.contains(',')) {
            let receipts = delivered.iter().filter(|receipt| {
                receipt.message_ids.iter().any(|reading| reading == id)
                    && receipt.to.as_ref().unwrap().ends_with(&key.to_string())
                    && receipt.state == ReceiptState::Delivered
            });
            assert_eq!(receipts.count(), 1, "{id}");
        }
        // A text in parts is delivered with the last of them, whichever of receipts and answers
        // came first.
        let of_parts = delivered.iter().filter(|receipt| receipt.key == Some(3));
        let of_parts: Vec<_> = of_parts
            .map(|receipt| (receipt.state, receipt.message_ids.is_empty()))
            .collect();
        let (here, ledgers) = (true, false);
        assert!(
            match of_parts.as_slice() {
                [] => parts == 1,
                [
                    (ReceiptState::Underway, _),
                    (ReceiptState::Delivered, names),
                ] => *names == here,
                [
                    (ReceiptState::Delivered, one),
                    (ReceiptState::Delivered, other),
                ] => (*one, *other) == (ledgers, ledgers),
                _ => false,
            },
            "{of_parts:?}"
        );
        let (mut read, mut answered) = (Vec::new(), 0);
        while read.len() < 2 + parts || answered < 2 + parts {
            pool.poll(Duration::from_millis(10)).unwrap();
            let line = smsc.line();
            if line["answered"] == 0 {
                answered += 1;
            } else {
                assert_eq!(line["from"], serde_json::json!([5, 0, "Police"]));
                assert_eq!(line["registered"], 1);
                let valid_s = line["valid_s"].as_i64();
                assert!(
                    valid_s.is_some_and(|s| (3500..=3601).contains(&s)),
                    "{line}"
                );
                read.push(line);
            }
        }
        assert_eq!(read[0]["text"], "Hello {@} \u{e9}");
        assert_eq!(read[0]["data_coding"], 0);
        assert_eq!(read[0]["to"], serde_json::json!([1, 1, "447700900001"]));
        assert_eq!(
            read[1]["text"],
            "\u{627}\u{644}\u{633}\u{644}\u{627}\u{645} \u{1f600}"
        );
        assert_eq!(read[1]["data_coding"], 8);
        let long: String = read[2..]
            .iter()
            .map(|line| line["text"].as_str().unwrap())
            .collect();
        assert_eq!(long, LONG);
        match long_text {
            LongText::Udh => {
                assert_eq!(read[2]["esm_class"], 0x40);
                assert!(
                    read[2]["udh"][0].as_str().unwrap().ends_with("0201"),
                    "{}",
                    read[2]
                );
                assert!(
                    read[3]["udh"][0].as_str().unwrap().ends_with("0202"),
                    "{}",
                    read[3]
                );
            }
            LongText::Sar => assert_eq!(read[3]["sar"], serde_json::json!([4, 2, 2])),
            LongText::Payload => assert_eq!(read.len(), 3),
        }
    }
}
