//! Delivery receipts, in the dialects that centres speak.
//!
//! SMPP 3.4 has two forms: the parameters `receipted_message_id` and `message_state`, and a text that
//! its appendix B calls an example and everybody sends with changes. Ids come as they were given, or
//! turned from hexadecimal into decimal or back, with zeros in front or without, cut off or whole.

mod ids;
mod text;

use zeroize::Zeroizing;

use super::config::IdDialect;
use super::pdu::{Address, Tlvs, tag};
use crate::{Receipt, ReceiptState};
pub use ids::{readings, written};
pub use text::{Fields, fields};

/// Bits of `esm_class` that tell what kind of message it is (SMPP 3.4, 5.2.12).
const KIND: u8 = 0x3c;
/// A receipt of what became of a message.
const RECEIPT: u8 = 0x04;
/// A receipt on the way.
const INTERMEDIATE: u8 = 0x20;
/// A user data header stands in front of the text.
const USER_DATA_HEADER: u8 = 0x40;

/// What of a `deliver_sm` or `data_sm` a receipt is read from.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// Who sends: in a receipt, the recipient's number.
    pub source: Address<'a>,
    /// Who receives.
    pub destination: Address<'a>,
    /// Its kind.
    pub esm_class: u8,
    /// Its alphabet.
    pub data_coding: u8,
    /// `short_message`.
    pub message: &'a [u8],
    /// Its parameters.
    pub tlvs: Tlvs<'a>,
}

/// How an account's receipts are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Dialect {
    /// How ids are written.
    pub ids: IdDialect,
    /// Takes a message for a receipt by its text alone.
    pub by_text: bool,
}

/// Reads a receipt; `None` where the message is none, but somebody's text.
#[must_use]
pub fn read(incoming: &Incoming<'_>, dialect: Dialect) -> Option<Receipt> {
    let tlvs = incoming.tlvs;
    let tlv_id = tlvs
        .string(tag::RECEIPTED_MESSAGE_ID)
        .filter(|id| !id.is_empty());
    let text = text_of(incoming);
    let told = fields(&text);
    let kind = incoming.esm_class & KIND;
    let is_receipt = match kind {
        RECEIPT | INTERMEDIATE => true,
        // Some centres do not mark their receipts, and Kannel's stand-in sets the id on plain texts:
        // a parameter that is no handset's to send, and a state.
        0 => {
            let has_id = tlv_id.is_some() || (dialect.by_text && told.id.is_some());
            let has_state = tlvs.value(tag::MESSAGE_STATE).is_some() || told.stat.is_some();
            has_id && has_state
        }
        _ => false,
    };
    if !is_receipt {
        return None;
    }
    let mut message_ids = Vec::new();
    for id in [tlv_id, told.id].into_iter().flatten() {
        for reading in readings(id, dialect.ids) {
            if !message_ids.contains(&reading) {
                message_ids.push(reading);
            }
        }
    }
    let stated = tlvs.octet(tag::MESSAGE_STATE).and_then(state_of_number);
    let named = told.stat.and_then(state_of_name);
    let state = match stated.or(named) {
        Some(state) if kind != INTERMEDIATE => state,
        _ => ReceiptState::Underway,
    };
    Some(Receipt {
        message_ids,
        to: number_of(incoming),
        key: None,
        state,
        code: code(&told, tlvs, state),
    })
}

/// States as SMPP 3.4, 5.2.28 numbers them, and 5.0's two more.
fn state_of_number(number: u8) -> Option<ReceiptState> {
    match number {
        // Scheduled, en route, accepted by a person on the recipient's behalf.
        0 | 1 | 6 => Some(ReceiptState::Underway),
        2 => Some(ReceiptState::Delivered),
        3 => Some(ReceiptState::Expired),
        // Deleted, undeliverable, rejected, skipped.
        4 | 5 | 8 | 9 => Some(ReceiptState::Undelivered),
        // Unknown: settles nothing.
        7 => Some(ReceiptState::Underway),
        _ => None,
    }
}

/// States as texts name them: appendix B of SMPP 3.4, and what else centres are known to write.
fn state_of_name(name: &[u8]) -> Option<ReceiptState> {
    let name = name.to_ascii_uppercase();
    match name.as_slice() {
        b"DELIVRD" | b"DELIVERD" | b"DELIVERED" => Some(ReceiptState::Delivered),
        b"EXPIRED" => Some(ReceiptState::Expired),
        b"DELETED" | b"UNDELIV" | b"UNDELIVERABLE" | b"REJECTD" | b"REJECTED" | b"SKIPPED" => {
            Some(ReceiptState::Undelivered)
        }
        b"ENROUTE" | b"ACCEPTD" | b"ACCEPTED" | b"ACKED" | b"BUFFRED" | b"BUFFERD"
        | b"BUFFERED" | b"SCHEDULED" | b"UNKNOWN" => Some(ReceiptState::Underway),
        _ => None,
    }
}

/// The most octets of a code that are kept.
const MOST_CODE: usize = 24;

fn code(told: &Fields<'_>, tlvs: Tlvs<'_>, state: ReceiptState) -> String {
    let shown = |octets: &[u8]| -> String {
        let octets = octets.iter().take(MOST_CODE);
        octets
            .map(|octet| char::from(*octet))
            .filter(|character| character.is_ascii_graphic())
            .collect()
    };
    let says = |err: &[u8]| err.iter().any(|octet| *octet != b'0');
    if let Some(err) = told.err.filter(|err| says(err)) {
        return format!("err:{}", shown(err));
    }
    if let Some([kind, high, low]) = tlvs.value(tag::NETWORK_ERROR_CODE)
        && (*kind, *high, *low) != (0, 0, 0)
    {
        let number = u16::from_be_bytes([*high, *low]);
        return format!("network:{kind}/{number}");
    }
    match (state, told.stat, tlvs.octet(tag::MESSAGE_STATE)) {
        (ReceiptState::Delivered, _, _) | (_, None, None) => String::new(),
        (_, Some(stat), _) => format!("stat:{}", shown(stat).to_ascii_uppercase()),
        (_, None, Some(state)) => format!("state:{state}"),
    }
}

/// The recipient's number: a receipt has the two addresses changed over, but not with every centre.
fn number_of(incoming: &Incoming<'_>) -> Option<Zeroizing<String>> {
    [incoming.source, incoming.destination]
        .into_iter()
        .find_map(digits_of)
}

fn digits_of(address: Address<'_>) -> Option<Zeroizing<String>> {
    // Letters, and the network's own short codes.
    if matches!(address.ton, 3 | 5) {
        return None;
    }
    let digits = address.address;
    let digits = digits.strip_prefix(b"+").unwrap_or(digits);
    let digits = digits.strip_prefix(b"00").unwrap_or(digits);
    let is_number = (7..=15).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| Zeroizing::new(digits.iter().map(|digit| char::from(*digit)).collect()))
}

/// The text, from wherever it stands, as octets of ASCII.
fn text_of<'a>(incoming: &Incoming<'a>) -> std::borrow::Cow<'a, [u8]> {
    let mut text = incoming.message;
    if text.is_empty() {
        text = incoming
            .tlvs
            .value(tag::MESSAGE_PAYLOAD)
            .unwrap_or_default();
    }
    if incoming.esm_class & USER_DATA_HEADER != 0
        && let Some((length, rest)) = text.split_first()
    {
        text = rest.get(usize::from(*length)..).unwrap_or_default();
    }
    if incoming.data_coding == 8 && text.len().is_multiple_of(2) {
        let units = text.chunks_exact(2);
        return units
            .map(|unit| match unit {
                [0, low] => *low,
                _ => b'?',
            })
            .collect::<Vec<u8>>()
            .into();
    }
    text.into()
}
