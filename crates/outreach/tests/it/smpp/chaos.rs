//! A session against anything that a centre, a socket and a person may do, in any order. What is
//! certain is kept beside it by looking at nothing but the bytes.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use unspoof_outreach::Answer;
use unspoof_outreach::smpp::pdu::{Body, Given, Pdu, first_of};
use unspoof_outreach::smpp::session::Told;

use super::played::{Played, config, message};

#[derive(Clone, Debug)]
enum Act {
    Submit {
        parts: usize,
    },
    /// The socket takes so many bytes.
    Take {
        bytes: usize,
    },
    /// The centre answers one of the submits that it got whole.
    Answer {
        which: usize,
        status: u32,
    },
    /// It answers one again that it has answered.
    Again {
        which: usize,
    },
    Pass {
        ms: u64,
    },
    Enquire,
    Unbind,
    Cut,
    Stop,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (1_usize..4).prop_map(|parts| Act::Submit { parts }),
        8 => prop_oneof![1_usize..60, 100_usize..2000].prop_map(|bytes| Act::Take { bytes }),
        8 => (
            0_usize..8,
            prop_oneof![4 => Just(0_u32), 1 => Just(0x58), 1 => Just(0x08), 1 => Just(0x0b)],
        )
            .prop_map(|(which, status)| Act::Answer { which, status }),
        1 => (0_usize..8).prop_map(|which| Act::Again { which }),
        2 => prop_oneof![1_u64..2000, 20_000_u64..70_000].prop_map(|ms| Act::Pass { ms }),
        1 => Just(Act::Enquire),
        1 => Just(Act::Unbind),
        2 => Just(Act::Cut),
        1 => Just(Act::Stop),
    ]
}

/// What is certain of a message.
#[derive(Default, Debug)]
struct Certain {
    /// Parts of which a byte has left, over all connections.
    left: usize,
    accepted: usize,
    refused: usize,
    answers: Vec<Answer>,
}

struct World {
    played: Played,
    certain: BTreeMap<u64, Certain>,
    next: u64,
    /// All bytes of this connection that the socket took.
    taken: Vec<u8>,
    /// Where submits of this connection begin, and whose they are.
    begins: BTreeMap<usize, (u32, u64)>,
    left: BTreeSet<usize>,
    /// Submits that the centre got whole: not answered, and answered.
    open: Vec<(u32, u64)>,
    answered: Vec<u32>,
    is_stopped: bool,
}

impl World {
    fn look(&mut self) {
        // What was not taken may have been taken back.
        self.begins.split_off(&self.taken.len());
        let mut stream = self.taken.clone();
        stream.extend_from_slice(self.played.session.unwritten());
        let mut at = 0;
        while let Ok(Some(pdu)) = first_of(&stream[at..]) {
            let read = Pdu::read(pdu).unwrap();
            if let Body::SubmitSm(short) = read.body {
                let digits = std::str::from_utf8(short.destination.address).unwrap();
                let key = digits.strip_prefix("447700900").unwrap().parse().unwrap();
                self.begins.insert(at, (read.sequence, key));
                let is_whole = at + pdu.len() <= self.taken.len();
                let is_known = self.answered.contains(&read.sequence)
                    || self.open.iter().any(|(open, _)| *open == read.sequence);
                if is_whole && !is_known {
                    self.open.push((read.sequence, key));
                }
            }
            at += pdu.len();
        }
        for (at, (_, key)) in &self.begins {
            if *at < self.taken.len() && self.left.insert(*at) {
                self.certain.get_mut(key).unwrap().left += 1;
            }
        }
    }

    fn take(&mut self, bytes: usize) {
        self.look();
        let unwritten = self.played.session.unwritten();
        let bytes = bytes.min(unwritten.len());
        self.taken.extend_from_slice(&unwritten[..bytes]);
        self.played.session.wrote(bytes);
        self.look();
    }

    fn tell(&mut self) {
        for told in self.played.told() {
            if let Told::Answered { key, answer } = told {
                self.certain.get_mut(&key).unwrap().answers.push(answer);
            }
        }
    }

    fn connect(&mut self) {
        self.taken.clear();
        self.begins.clear();
        self.left.clear();
        self.open.clear();
        self.answered.clear();
        self.played.session.connected(self.played.now_ms);
        let unwritten = self.played.session.unwritten();
        let bytes = unwritten.len();
        let bind = Pdu::read(first_of(unwritten).unwrap().unwrap()).unwrap();
        let body = Body::BindResp(self.played.session.role(), Given::Absent);
        let mut answer = Vec::new();
        Pdu::answer(bind.sequence, 0, body)
            .write(&mut answer)
            .unwrap();
        self.take(bytes);
        self.played.session.read(&answer, self.played.now_ms);
    }

    fn cut(&mut self) {
        self.look();
        self.played.session.closed();
        self.tell();
        assert!(!self.played.session.is_waiting());
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Submit { parts } => {
                let key = self.next;
                self.next += 1;
                self.certain.insert(key, Certain::default());
                let text = "a".repeat(if *parts == 1 { 10 } else { parts * 150 });
                self.played.session.submit(message(key, &text));
            }
            Act::Take { bytes } => self.take(*bytes),
            Act::Answer { which, status } => {
                if self.open.is_empty() || self.played.session.end().is_some() {
                    return;
                }
                let (sequence, key) = self.open.remove(which % self.open.len());
                self.answered.push(sequence);
                let certain = self.certain.get_mut(&key).unwrap();
                if *status == 0 {
                    certain.accepted += 1;
                } else {
                    certain.refused += 1;
                }
                let body = Body::SubmitSmResp(Given::Ended(b"id"));
                self.played.say(&Pdu::answer(sequence, *status, body));
            }
            Act::Again { which } => {
                if let Some(at) = which.checked_rem(self.answered.len()) {
                    let body = Body::SubmitSmResp(Given::Ended(b"id"));
                    self.played.say(&Pdu::answer(self.answered[at], 0, body));
                }
            }
            Act::Pass { ms } => {
                self.look();
                self.played.pass(*ms);
            }
            Act::Enquire => self.played.say(&Pdu::request(1, Body::EnquireLink)),
            Act::Unbind => self.played.say(&Pdu::request(2, Body::Unbind)),
            Act::Cut => {
                self.cut();
                self.connect();
            }
            Act::Stop => {
                self.look();
                self.played.session.stop();
                self.is_stopped = true;
            }
        }
        if self.played.session.end().is_some() {
            self.cut();
            self.connect();
        }
        self.played
            .session
            .turn(self.played.now_ms, self.played.wall_us);
        self.look();
        if self.is_stopped {
            let waiting = self.played.session.unwritten();
            assert_eq!(submits_in(waiting), 0, "nothing goes out after a stop");
        }
        self.tell();
    }
}

fn submits_in(mut bytes: &[u8]) -> usize {
    let mut submits = 0;
    while let Ok(Some(pdu)) = first_of(bytes) {
        submits += usize::from(pdu[4..8] == [0, 0, 0, 4]);
        bytes = &bytes[pdu.len()..];
    }
    submits
}

fn live(acts: &[Act]) {
    let mut config = config();
    config.window = 4;
    let played = Played::of(&config);
    let mut world = World {
        played,
        certain: BTreeMap::new(),
        next: 0,
        taken: Vec::new(),
        begins: BTreeMap::new(),
        left: BTreeSet::new(),
        open: Vec::new(),
        answered: Vec::new(),
        is_stopped: false,
    };
    world.connect();
    for act in acts {
        world.act(act);
    }
    world.cut();
    for (key, certain) in &world.certain {
        let told = format!("message {key}: {certain:?}");
        match certain.answers.as_slice() {
            [Answer::Unsent] => assert_eq!(certain.left, 0, "{told}"),
            [Answer::Accepted { .. }] => {
                assert!(certain.accepted > 0 && certain.refused == 0, "{told}");
                assert_eq!(certain.left, certain.accepted, "{told}");
            }
            [Answer::Refused { .. } | Answer::Deferred { .. }] => {
                assert!(certain.refused > 0 && certain.accepted == 0, "{told}");
                assert_eq!(certain.left, certain.refused, "{told}");
            }
            [Answer::Unknown { .. }] => {
                assert!(certain.left > 0, "{told}");
            }
            [Answer::Unknown { .. }, Answer::Accepted { .. }] => {
                assert_eq!(certain.left, certain.accepted, "{told}");
            }
            [Answer::Unknown { .. }, Answer::Refused { .. }] => {
                assert_eq!(certain.left, certain.refused, "{told}");
            }
            _ => panic!("{told}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        if std::env::var_os("UNSPOOF_SOAK").is_some() { 20_000 } else { 200 }
    ))]

    #[test]
    fn whatever_happens_each_message_is_told_of_truly(
        acts in proptest::collection::vec(act(), 1..80),
    ) {
        live(&acts);
    }
}
