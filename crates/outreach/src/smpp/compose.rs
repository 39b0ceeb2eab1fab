//! From a message to the `submit_sm`s that carry it.

use super::SmppError;
use super::config::{LongText, SmppConfig};
use super::pdu::{Address, Body, Pdu, PduError, Short, put_tlv, tag};
use crate::Message;
use crate::text::{Alphabet, Coding, Split, TextError, split};

/// `esm_class` of a message with a user data header.
const USER_DATA_HEADER: u8 = 0x40;
/// `registered_delivery`: a receipt of what became of it in the end (SMPP 3.4, 5.2.17).
const FINAL_RECEIPT: u8 = 0x01;
/// The longest validity that is asked for: longer ones would need months, which have no length.
const MOST_VALID_S: i64 = 28 * 86_400;

/// Who the text comes from: the plan's sender ID, and nothing else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    ton: u8,
    npi: u8,
    address: String,
}

impl Source {
    /// Reads the plan's sender ID: letters (`TON` 5), a short code (3), or a whole number (1).
    ///
    /// # Errors
    /// [`SmppError::SenderId`] where the network could not carry it.
    pub fn of(sender_id: &str) -> Result<Self, SmppError> {
        let wrong = |why| Err(SmppError::SenderId { why });
        if sender_id.is_empty() {
            return wrong("it is empty");
        }
        let digits = sender_id.strip_prefix('+').unwrap_or(sender_id);
        if !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit()) {
            let is_short = digits.len() == sender_id.len() && digits.len() <= 8;
            if digits.len() > 15 {
                return wrong("a number has at most 15 digits");
            }
            let (ton, npi) = if is_short { (3, 0) } else { (1, 1) };
            return Ok(Self {
                ton,
                npi,
                address: digits.into(),
            });
        }
        if sender_id.len() > 11 {
            return wrong("letters have room for 11 characters");
        }
        if !sender_id.bytes().all(|octet| (0x20..0x7f).contains(&octet)) {
            return wrong("it has characters other than ASCII");
        }
        Ok(Self {
            ton: 5,
            npi: 0,
            address: sender_id.into(),
        })
    }

    pub(super) fn address(&self) -> &[u8] {
        self.address.as_bytes()
    }
}

/// How messages of an account are written.
#[derive(Clone, Debug)]
pub(super) struct Compose {
    pub(super) source: Source,
    long_text: LongText,
    coding: Coding,
    data_coding: u8,
}

impl Compose {
    pub(super) fn of(config: &SmppConfig, source: Source) -> Self {
        Self {
            source,
            long_text: config.long_text,
            coding: config.coding,
            data_coding: config.data_coding,
        }
    }

    /// Cuts a message into what goes out.
    ///
    /// # Errors
    /// The message's key, and why its text cannot go out over this account.
    pub(super) fn compose(&self, message: Message) -> Result<Composed, (u64, TextError)> {
        match split(&message.text, self.coding) {
            Ok(split) => Ok(Composed {
                is_payload: split.is_concatenated() && self.long_text == LongText::Payload,
                message,
                split,
            }),
            Err(why) => Err((message.key, why)),
        }
    }

    /// Writes one `submit_sm` of a message, `number` from 1.
    pub(super) fn write(
        &self,
        composed: &Composed,
        number: u8,
        sequence: u32,
        validity: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), PduError> {
        let Composed { message, split, .. } = composed;
        let total = composed.total();
        let mut short = Short {
            source: Address {
                ton: self.source.ton,
                npi: self.source.npi,
                address: self.source.address(),
            },
            destination: Address {
                ton: 1,
                npi: 1,
                address: message.to.as_bytes(),
            },
            validity,
            registered: FINAL_RECEIPT,
            data_coding: match split.alphabet() {
                Alphabet::Gsm7 => self.data_coding,
                Alphabet::Ucs2 => split.data_coding(),
            },
            ..Short::default()
        };
        let part = split.parts().get(usize::from(number.saturating_sub(1)));
        let octets = part.map(crate::text::Part::octets).unwrap_or_default();
        let (mut with_header, mut rest) = (Vec::new(), Vec::new());
        if composed.is_payload {
            put_tlv(&mut rest, tag::MESSAGE_PAYLOAD, &split.payload())?;
        } else if total == 1 {
            short.message = octets;
        } else {
            // The key is the count: the same message has the same reference whenever it goes out.
            let joined = split.concatenation(message.key);
            match self.long_text {
                LongText::Sar => {
                    let sar = joined.sar(total, number);
                    put_tlv(
                        &mut rest,
                        tag::SAR_MSG_REF_NUM,
                        &sar.reference.to_be_bytes(),
                    )?;
                    put_tlv(&mut rest, tag::SAR_TOTAL_SEGMENTS, &[sar.total])?;
                    put_tlv(&mut rest, tag::SAR_SEGMENT_SEQNUM, &[sar.number])?;
                    short.message = octets;
                }
                LongText::Udh | LongText::Payload => {
                    with_header = joined.header(total, number);
                    with_header.extend_from_slice(octets);
                    short.esm_class = USER_DATA_HEADER;
                    short.message = &with_header;
                }
            }
        }
        let written = Pdu {
            rest: &rest,
            ..Pdu::request(sequence, Body::SubmitSm(short))
        }
        .write(out);
        zeroize::Zeroize::zeroize(&mut with_header);
        zeroize::Zeroize::zeroize(&mut rest);
        written
    }
}

/// A message that is cut into what goes out.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) message: Message,
    split: Split,
    is_payload: bool,
}

impl Composed {
    /// Returns how many `submit_sm`s it takes.
    pub(super) fn total(&self) -> u8 {
        if self.is_payload {
            1
        } else {
            self.split.total()
        }
    }
}

/// Writes how long the centre may try, as a relative time (SMPP 3.4, 7.1.1): until `expires_us`,
/// rounded down to a second. `None` where less than a second is left.
pub(super) fn validity(expires_us: i64, wall_us: i64) -> Option<[u8; 16]> {
    let left_s = expires_us.saturating_sub(wall_us) / 1_000_000;
    if left_s < 1 {
        return None;
    }
    let left_s = left_s.min(MOST_VALID_S);
    let mut written = *b"000000000000000R";
    for (at, value) in [
        (4, left_s / 86_400),
        (6, left_s / 3600 % 24),
        (8, left_s / 60 % 60),
        (10, left_s % 60),
    ] {
        // Each below 60.
        let value = u8::try_from(value).unwrap_or_default();
        if let Some(pair) = written.get_mut(at..at + 2) {
            pair.copy_from_slice(&[b'0' + value / 10, b'0' + value % 10]);
        }
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::{Compose, Source, validity};
    use crate::Message;
    use crate::smpp::config::{LongText, SmppConfig};
    use crate::smpp::pdu::{Body, Pdu, Short, Tlv, first_of, tag};

    #[test]
    fn validity_is_the_rest_of_the_window() {
        let left =
            |seconds: i64| validity(1_000_000 * (1_700_000_000 + seconds), 1_700_000_000_000_000);
        for (seconds, written) in [
            (1, b"000000000001000R"),
            (59, b"000000000059000R"),
            (3600, b"000000010000000R"),
            (2 * 86_400 + 3 * 3600 + 4 * 60 + 5, b"000002030405000R"),
            // Never longer than 28 days.
            (60 * 86_400, b"000028000000000R"),
        ] {
            assert_eq!(left(seconds), Some(*written));
        }
        assert_eq!(left(0), None);
        assert_eq!(left(-5), None);
        // What is less than a second is not rounded up.
        assert_eq!(validity(1_999_999, 0), Some(*b"000000000001000R"));
        assert_eq!(validity(999_999, 0), None);
        assert_eq!(validity(i64::MAX, i64::MIN), Some(*b"000028000000000R"));
    }

    #[test]
    fn sender_ids_get_their_type_of_number() {
        let of = |id| Source::of(id).map(|source| (source.ton, source.npi, source.address));
        assert_eq!(of("Police").unwrap(), (5, 0, "Police".into()));
        assert_eq!(of("60777").unwrap(), (3, 0, "60777".into()));
        assert_eq!(of("+442079460123").unwrap(), (1, 1, "442079460123".into()));
        assert_eq!(of("442079460123").unwrap(), (1, 1, "442079460123".into()));
        for wrong in [
            "",
            "TwelveLetter",
            "Pol\0ice",
            "P\u{f6}lice",
            "+1234567890123456",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    fn message(text: &str) -> Message {
        Message {
            key: 0x1234,
            to: Zeroizing::new("447700900123".into()),
            text: Zeroizing::new(text.into()),
            reference: String::new(),
            expires_us: 0,
        }
    }

    /// Composes a text and reads back what goes out.
    fn parts<T>(
        config: &SmppConfig,
        text: &str,
        seen: impl Fn(&Short<'_>, &[Tlv<'_>]) -> T,
    ) -> Vec<T> {
        let compose = Compose::of(config, Source::of("Police").unwrap());
        let composed = compose.compose(message(text)).unwrap();
        let mut out = Vec::new();
        for number in 1..=composed.total() {
            let sequence = u32::from(number);
            compose
                .write(&composed, number, sequence, b"000000000001000R", &mut out)
                .unwrap();
        }
        let mut rest = out.as_slice();
        let mut all = Vec::new();
        while let Some(pdu) = first_of(rest).unwrap() {
            let read = Pdu::read(pdu).unwrap();
            let Body::SubmitSm(short) = read.body else {
                panic!("no submit_sm");
            };
            assert_eq!(short.source.ton, 5);
            assert_eq!((short.destination.ton, short.destination.npi), (1, 1));
            assert_eq!(short.destination.address, b"447700900123");
            assert_eq!(short.registered, 1);
            assert_eq!(short.replace, 0);
            all.push(seen(&short, &read.tlvs().collect::<Vec<_>>()));
            rest = &rest[pdu.len()..];
        }
        assert!(rest.is_empty());
        all
    }

    #[test]
    fn long_texts_go_out_as_the_provider_wants_them() {
        let mut config = SmppConfig::of("127.0.0.1", 1, "unspoof");
        let text = "a".repeat(200);
        let udh = parts(&config, &text, |short, tlvs| {
            assert!(tlvs.is_empty());
            assert_eq!(short.esm_class, 0x40);
            short.message.to_vec()
        });
        assert_eq!(udh.len(), 2);
        assert_eq!(udh[0][..5], [5, 0, 3, udh[1][3], 2]);
        assert_eq!((udh[0][5], udh[0].len()), (1, 6 + 153));
        assert_eq!((udh[1][5], udh[1].len()), (2, 6 + 47));
        config.long_text = LongText::Sar;
        let sar = parts(&config, &text, |short, tlvs| {
            assert_eq!(short.esm_class, 0);
            let value = |tag| {
                let tlv = tlvs.iter().find(|tlv| tlv.tag == tag).unwrap();
                tlv.value.to_vec()
            };
            (
                value(tag::SAR_MSG_REF_NUM),
                value(tag::SAR_TOTAL_SEGMENTS),
                value(tag::SAR_SEGMENT_SEQNUM),
                short.message.len(),
            )
        });
        assert_eq!(sar[0].0, sar[1].0);
        assert_eq!(
            (sar[0].1.as_slice(), sar[0].2.as_slice(), sar[0].3),
            (&[2][..], &[1][..], 153)
        );
        assert_eq!(
            (sar[1].1.as_slice(), sar[1].2.as_slice(), sar[1].3),
            (&[2][..], &[2][..], 47)
        );
        config.long_text = LongText::Payload;
        let payload = parts(&config, &text, |short, tlvs| {
            assert_eq!((short.esm_class, short.message.len()), (0, 0));
            assert_eq!(tlvs.len(), 1);
            (tlvs[0].tag, tlvs[0].value.to_vec())
        });
        assert_eq!(payload, [(tag::MESSAGE_PAYLOAD, text.into_bytes())]);
        // What fits is a plain message whatever the mode.
        let short = parts(&config, "Hello", |short, tlvs| {
            assert!(tlvs.is_empty());
            (short.esm_class, short.data_coding, short.message.to_vec())
        });
        assert_eq!(short, [(0, 0, b"Hello".to_vec())]);
    }

    #[test]
    fn alphabets_are_said_as_the_contract_has_them() {
        let mut config = SmppConfig::of("127.0.0.1", 1, "unspoof");
        config.data_coding = 1;
        let seen = |config: &SmppConfig, text| {
            parts(config, text, |short, _| {
                (short.data_coding, short.message.to_vec())
            })
        };
        assert_eq!(seen(&config, "@"), [(1, vec![0])]);
        // The other alphabet keeps its number.
        assert_eq!(seen(&config, "\u{17c}"), [(8, vec![0x01, 0x7c])]);
    }
}
