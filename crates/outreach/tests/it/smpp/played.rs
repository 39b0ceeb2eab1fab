//! A session with a message centre that is played by the test.

use std::sync::Arc;

use unspoof_outreach::smpp::pdu::{Address, Body, Given, Pdu, Role, Short, first_of, put_tlv};
use unspoof_outreach::smpp::session::{Session, Settings, Told};
use unspoof_outreach::smpp::{Password, SmppConfig, Source};
use unspoof_outreach::{Answer, Message};
use zeroize::Zeroizing;

/// 2026-12-01T12:00:00Z.
pub(crate) const NOON_US: i64 = 1_796_126_400_000_000;

pub(crate) fn config() -> SmppConfig {
    SmppConfig::of("127.0.0.1", 2775, "unspoof")
}

pub(crate) fn message(key: u64, text: &str) -> Message {
    Message {
        key,
        to: Zeroizing::new(format!("447700900{:03}", key % 1000)),
        text: Zeroizing::new(text.into()),
        reference: String::new(),
        expires_us: NOON_US + 3_600_000_000,
    }
}

/// A PDU as the centre got it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Got {
    pub(crate) command: u32,
    pub(crate) status: u32,
    pub(crate) sequence: u32,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) struct Played {
    pub(crate) session: Session,
    pub(crate) now_ms: u64,
    pub(crate) wall_us: i64,
    told: Vec<Told>,
    taken: Vec<u8>,
}

impl Played {
    pub(crate) fn of(config: &SmppConfig) -> Self {
        Self::with_role(config, Role::Transceiver)
    }

    pub(crate) fn with_role(config: &SmppConfig, role: Role) -> Self {
        let password = Password::of(Zeroizing::new("secret".into())).unwrap();
        let source = Source::of("Police").unwrap();
        let settings = Settings::of(config, password, source).unwrap();
        let mut played = Self {
            session: Session::new(Arc::new(settings), role, "session 1".into(), 1, 0),
            now_ms: 0,
            wall_us: NOON_US,
            told: Vec::new(),
            taken: Vec::new(),
        };
        played.session.connected(0);
        played
    }

    /// A session that the centre has let in.
    pub(crate) fn bound(config: &SmppConfig) -> Self {
        let mut played = Self::of(config);
        played.let_in();
        played
    }

    pub(crate) fn let_in(&mut self) {
        let bind = self.got().remove(0);
        let body = Body::BindResp(self.session.role(), Given::Ended(b"SMSC"));
        self.say(&Pdu::answer(bind.sequence, 0, body));
        assert!(self.session.is_bound());
        assert!(self.told().contains(&Told::Bound));
    }

    /// The socket takes all, and the centre reads whole PDUs.
    pub(crate) fn got(&mut self) -> Vec<Got> {
        self.session.turn(self.now_ms, self.wall_us);
        let unwritten = self.session.unwritten().to_vec();
        self.session.wrote(unwritten.len());
        self.taken.extend(unwritten);
        let mut all = Vec::new();
        while let Some(pdu) = first_of(&self.taken).unwrap() {
            let bytes = pdu.to_vec();
            self.taken.drain(..bytes.len());
            let read = Pdu::read(&bytes).unwrap();
            all.push(Got {
                command: read.body.command(),
                status: read.status,
                sequence: read.sequence,
                bytes,
            });
        }
        all
    }

    /// Only the `submit_sm`s among them, by sequence number.
    pub(crate) fn submits(&mut self) -> Vec<u32> {
        let got = self.got().into_iter();
        got.filter(|got| got.command == 4)
            .map(|got| got.sequence)
            .collect()
    }

    pub(crate) fn say(&mut self, pdu: &Pdu<'_>) {
        let mut bytes = Vec::new();
        pdu.write(&mut bytes).unwrap();
        self.session.read(&bytes, self.now_ms);
    }

    pub(crate) fn accept(&mut self, sequence: u32, id: &str) {
        let body = Body::SubmitSmResp(Given::Ended(id.as_bytes()));
        self.say(&Pdu::answer(sequence, 0, body));
    }

    pub(crate) fn refuse(&mut self, sequence: u32, status: u32) {
        self.say(&Pdu::answer(
            sequence,
            status,
            Body::SubmitSmResp(Given::Absent),
        ));
    }

    /// A receipt about a number, with its text and its parameters.
    pub(crate) fn receipt(&mut self, sequence: u32, to: &str, text: &str, tlvs: &[(u16, &[u8])]) {
        let mut rest = Vec::new();
        for (tag, value) in tlvs {
            put_tlv(&mut rest, *tag, value).unwrap();
        }
        let short = Short {
            source: Address {
                ton: 1,
                npi: 1,
                address: to.as_bytes(),
            },
            esm_class: 0x04,
            message: text.as_bytes(),
            ..Short::default()
        };
        self.say(&Pdu {
            rest: &rest,
            ..Pdu::request(sequence, Body::DeliverSm(short))
        });
    }

    pub(crate) fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.wall_us += i64::try_from(ms).unwrap() * 1000;
        self.session.turn(self.now_ms, self.wall_us);
    }

    pub(crate) fn told(&mut self) -> Vec<Told> {
        self.session.told(&mut self.told);
        std::mem::take(&mut self.told)
    }

    pub(crate) fn answers(&mut self) -> Vec<(u64, Answer)> {
        let told = self.told().into_iter();
        told.filter_map(|told| match told {
            Told::Answered { key, answer } => Some((key, answer)),
            Told::Bound
            | Told::PartsBegun { .. }
            | Told::PartAccepted { .. }
            | Told::Receipt { .. }
            | Told::Notice(_) => None,
        })
        .collect()
    }

    pub(crate) fn notices(&mut self) -> Vec<String> {
        let told = self.told().into_iter();
        told.filter_map(|told| match told {
            Told::Notice(notice) => Some(notice),
            Told::Bound
            | Told::Answered { .. }
            | Told::PartsBegun { .. }
            | Told::PartAccepted { .. }
            | Told::Receipt { .. } => None,
        })
        .collect()
    }
}

pub(crate) fn accepted(id: &str) -> Answer {
    Answer::Accepted {
        message_id: id.into(),
    }
}

pub(crate) fn unknown(why: &str) -> Answer {
    Answer::Unknown { why: why.into() }
}

pub(crate) fn refused(code: &str) -> Answer {
    Answer::Refused { code: code.into() }
}

pub(crate) fn deferred(code: &str, suspicious: bool) -> Answer {
    Answer::Deferred {
        code: code.into(),
        suspicious,
    }
}
