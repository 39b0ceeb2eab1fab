//! Messages of the protocol (PDUs), read from and written as bytes.
//!
//! Reading borrows from the bytes, refuses nothing that a session can do without, and never panics.
//! What is read is written back byte for byte: an answer without a body or with an unended string, a
//! parameter that nobody knows, an unknown command. Only a request whose fixed fields run over its
//! end is refused.

mod fields;
mod tlv;

use std::fmt;

use fields::{Fields, put_string};
pub use tlv::{Tlv, Tlvs, put_tlv, tag};

/// Bytes of the header that each PDU begins with.
pub const HEADER_BYTES: usize = 16;

/// The longest PDU that is read: a `message_payload` of 64 KiB with all that stands around it.
pub const MOST_BYTES: usize = 72 * 1024;

/// Command ids (SMPP 3.4, 5.1.2.1). An answer has the highest bit set besides.
pub mod command {
    /// The bit that makes an answer of a request.
    pub const ANSWER: u32 = 0x8000_0000;
    /// `generic_nack`, which exists as an answer alone.
    pub const GENERIC_NACK: u32 = 0x8000_0000;
    /// `bind_receiver`.
    pub const BIND_RECEIVER: u32 = 0x01;
    /// `bind_transmitter`.
    pub const BIND_TRANSMITTER: u32 = 0x02;
    /// `submit_sm`.
    pub const SUBMIT_SM: u32 = 0x04;
    /// `deliver_sm`.
    pub const DELIVER_SM: u32 = 0x05;
    /// `unbind`.
    pub const UNBIND: u32 = 0x06;
    /// `bind_transceiver`.
    pub const BIND_TRANSCEIVER: u32 = 0x09;
    /// `outbind`.
    pub const OUTBIND: u32 = 0x0b;
    /// `enquire_link`.
    pub const ENQUIRE_LINK: u32 = 0x15;
    /// `alert_notification`.
    pub const ALERT_NOTIFICATION: u32 = 0x102;
    /// `data_sm`.
    pub const DATA_SM: u32 = 0x103;
}

/// Why bytes are no PDU.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PduError {
    /// After a wrong length nobody can tell where the next PDU begins: the connection is lost.
    #[error("a PDU says that it has {length} bytes")]
    Length {
        /// What it says.
        length: u32,
    },
    /// A field runs over the end of the PDU.
    #[error("`{field}` runs over the end of the PDU")]
    Overrun {
        /// The field as the specification names it.
        field: &'static str,
    },
    /// A field cannot be written: a string with a zero octet in it, or a content that is too long.
    #[error("`{field}` cannot be written: {why}")]
    Unwritable {
        /// The field as the specification names it.
        field: &'static str,
        /// What is wrong.
        why: &'static str,
    },
}

/// Returns the first PDU of `buffer`, or `None` where it has not come in whole.
///
/// # Errors
/// [`PduError::Length`]: below 16 bytes, or above [`MOST_BYTES`].
pub fn first_of(buffer: &[u8]) -> Result<Option<&[u8]>, PduError> {
    let Some(Ok(length)) = buffer.get(..4).map(<[u8; 4]>::try_from) else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(length);
    let wrong = PduError::Length { length };
    let bytes = usize::try_from(length).map_err(|_| wrong)?;
    if !(HEADER_BYTES..=MOST_BYTES).contains(&bytes) {
        return Err(wrong);
    }
    Ok(buffer.get(..bytes))
}

/// What a PDU begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// `command_length`, itself included.
    pub length: u32,
    /// `command_id`.
    pub command: u32,
    /// `command_status`, 0 in requests.
    pub status: u32,
    /// `sequence_number`, by which an answer names its request.
    pub sequence: u32,
}

impl Header {
    /// Reads the header of a PDU.
    ///
    /// # Errors
    /// [`PduError::Overrun`] where there are fewer than 16 bytes.
    pub fn read(pdu: &[u8]) -> Result<Self, PduError> {
        let mut fields = Fields::of(pdu);
        Ok(Self {
            length: fields.u32("command_length")?,
            command: fields.u32("command_id")?,
            status: fields.u32("command_status")?,
            sequence: fields.u32("sequence_number")?,
        })
    }
}

/// Whether a bind sends, receives, or does both.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Submits, and gets the answers.
    Transmitter,
    /// Gets receipts and incoming messages.
    Receiver,
    /// Both over one connection.
    Transceiver,
}

impl Role {
    /// Returns the command id of its bind.
    #[must_use]
    pub const fn command(self) -> u32 {
        match self {
            Self::Transmitter => command::BIND_TRANSMITTER,
            Self::Receiver => command::BIND_RECEIVER,
            Self::Transceiver => command::BIND_TRANSCEIVER,
        }
    }

    /// Says whether it submits.
    #[must_use]
    pub const fn sends(self) -> bool {
        match self {
            Self::Transmitter | Self::Transceiver => true,
            Self::Receiver => false,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transmitter => "transmitter",
            Self::Receiver => "receiver",
            Self::Transceiver => "transceiver",
        })
    }
}

/// An address with its type of number and numbering plan. `Debug` does not show the address.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Address<'a> {
    /// Type of number: 0 unknown, 1 international, 3 network-specific (short codes), 5 alphanumeric.
    pub ton: u8,
    /// Numbering plan: 0 unknown, 1 E.164.
    pub npi: u8,
    /// Digits or letters, without the zero at the end.
    pub address: &'a [u8],
}

impl fmt::Debug for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address(ton {}, npi {})", self.ton, self.npi)
    }
}

/// `bind_transmitter`, `bind_receiver`, `bind_transceiver`. `Debug` does not show the password.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Bind<'a> {
    /// Who binds.
    pub system_id: &'a [u8],
    /// The account's password.
    pub password: &'a [u8],
    /// Kind of ESME, agreed with the provider; mostly empty.
    pub system_type: &'a [u8],
    /// 0x34 or 0x50.
    pub interface_version: u8,
    /// For which addresses a receiver takes messages; mostly empty.
    pub address_range: Address<'a>,
}

impl fmt::Debug for Bind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bind")
            .field("interface_version", &self.interface_version)
            .finish_non_exhaustive()
    }
}

/// `submit_sm` or `deliver_sm`. `Debug` shows neither addresses nor text.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Short<'a> {
    /// `service_type`, mostly empty.
    pub service_type: &'a [u8],
    /// Who sends.
    pub source: Address<'a>,
    /// Who receives.
    pub destination: Address<'a>,
    /// Mode, type and features: 0x40 a user data header, 0x04 a receipt, 0x20 an intermediate one.
    pub esm_class: u8,
    /// The network's protocol id.
    pub protocol_id: u8,
    /// `priority_flag`.
    pub priority: u8,
    /// When to send: empty for at once.
    pub schedule: &'a [u8],
    /// Until when to try: relative or absolute (SMPP 3.4, 7.1.1), empty for the centre's own.
    pub validity: &'a [u8],
    /// `registered_delivery`: 1 asks for a final receipt.
    pub registered: u8,
    /// `replace_if_present_flag`.
    pub replace: u8,
    /// `data_coding`.
    pub data_coding: u8,
    /// `sm_default_msg_id`.
    pub default_message: u8,
    /// `short_message`, at most 254 octets.
    pub message: &'a [u8],
}

impl fmt::Debug for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Short")
            .field("esm_class", &self.esm_class)
            .field("data_coding", &self.data_coding)
            .field("octets", &self.message.len())
            .finish_non_exhaustive()
    }
}

/// `data_sm`, whose content stands in its parameters. `Debug` shows no address.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Data<'a> {
    /// `service_type`, mostly empty.
    pub service_type: &'a [u8],
    /// Who sends.
    pub source: Address<'a>,
    /// Who receives.
    pub destination: Address<'a>,
    /// As in [`Short`].
    pub esm_class: u8,
    /// As in [`Short`].
    pub registered: u8,
    /// As in [`Short`].
    pub data_coding: u8,
}

impl fmt::Debug for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data")
            .field("esm_class", &self.esm_class)
            .finish_non_exhaustive()
    }
}

/// The string that most answers carry, and which some centres leave out or do not end.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub enum Given<'a> {
    /// No body at all.
    #[default]
    Absent,
    /// The body ends before the string does.
    Unended(&'a [u8]),
    /// As it should be.
    Ended(&'a [u8]),
}

impl<'a> Given<'a> {
    /// Returns the string, empty where there is none.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        match self {
            Self::Absent => &[],
            Self::Unended(bytes) | Self::Ended(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.bytes().escape_ascii())
    }
}

/// What a PDU says, by its command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body<'a> {
    /// `bind_transmitter`, `bind_receiver`, `bind_transceiver`.
    Bind(Role, Bind<'a>),
    /// Their answers, with the centre's own name.
    BindResp(Role, Given<'a>),
    /// `submit_sm`.
    SubmitSm(Short<'a>),
    /// `submit_sm_resp`, with the message's id.
    SubmitSmResp(Given<'a>),
    /// `deliver_sm`.
    DeliverSm(Short<'a>),
    /// `deliver_sm_resp`; its string is unused.
    DeliverSmResp(Given<'a>),
    /// `data_sm`.
    DataSm(Data<'a>),
    /// `data_sm_resp`.
    DataSmResp(Given<'a>),
    /// `enquire_link`.
    EnquireLink,
    /// `enquire_link_resp`.
    EnquireLinkResp,
    /// `unbind`.
    Unbind,
    /// `unbind_resp`.
    UnbindResp,
    /// `generic_nack`.
    GenericNack,
    /// `outbind`, by which a centre asks to be bound to.
    Outbind {
        /// The centre's name.
        system_id: &'a [u8],
        /// Its password.
        password: Secret<'a>,
    },
    /// `alert_notification`.
    AlertNotification {
        /// Whose handset became reachable.
        source: Address<'a>,
        /// The ESME that asked.
        esme: Address<'a>,
    },
    /// Any other command, its body unread.
    Other {
        /// `command_id`.
        command: u32,
    },
}

/// Bytes that `Debug` does not show.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Secret<'a>(pub &'a [u8]);

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Body<'_> {
    /// Returns its `command_id`.
    #[must_use]
    pub const fn command(&self) -> u32 {
        match self {
            Self::Bind(role, _) => role.command(),
            Self::BindResp(role, _) => role.command() | command::ANSWER,
            Self::SubmitSm(_) => command::SUBMIT_SM,
            Self::SubmitSmResp(_) => command::SUBMIT_SM | command::ANSWER,
            Self::DeliverSm(_) => command::DELIVER_SM,
            Self::DeliverSmResp(_) => command::DELIVER_SM | command::ANSWER,
            Self::DataSm(_) => command::DATA_SM,
            Self::DataSmResp(_) => command::DATA_SM | command::ANSWER,
            Self::EnquireLink => command::ENQUIRE_LINK,
            Self::EnquireLinkResp => command::ENQUIRE_LINK | command::ANSWER,
            Self::Unbind => command::UNBIND,
            Self::UnbindResp => command::UNBIND | command::ANSWER,
            Self::GenericNack => command::GENERIC_NACK,
            Self::Outbind { .. } => command::OUTBIND,
            Self::AlertNotification { .. } => command::ALERT_NOTIFICATION,
            Self::Other { command } => *command,
        }
    }
}

/// A message of the protocol. `Debug` shows neither addresses nor text nor password.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pdu<'a> {
    /// `command_status`, 0 in requests; named by [`status::name`](super::status::name).
    pub status: u32,
    /// `sequence_number`.
    pub sequence: u32,
    /// What it says.
    pub body: Body<'a>,
    /// The optional parameters as they stand; the whole body of a command that is not known.
    pub rest: &'a [u8],
}

impl fmt::Debug for Pdu<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pdu")
            .field("status", &self.status)
            .field("sequence", &self.sequence)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

impl<'a> Pdu<'a> {
    /// Makes a request without parameters.
    #[must_use]
    pub const fn request(sequence: u32, body: Body<'a>) -> Self {
        Self::answer(sequence, 0, body)
    }

    /// Makes an answer without parameters.
    #[must_use]
    pub const fn answer(sequence: u32, status: u32, body: Body<'a>) -> Self {
        Self {
            status,
            sequence,
            body,
            rest: &[],
        }
    }

    /// Returns the optional parameters, as far as they can be read.
    #[must_use]
    pub fn tlvs(&self) -> Tlvs<'a> {
        Tlvs::of(self.rest)
    }

    /// Reads one whole PDU, as [`first_of`] gives it.
    ///
    /// # Errors
    /// [`PduError::Length`] where the length it says is not the length it has, and
    /// [`PduError::Overrun`] where a field runs over its end.
    pub fn read(pdu: &'a [u8]) -> Result<Self, PduError> {
        let header = Header::read(pdu)?;
        if usize::try_from(header.length).ok() != Some(pdu.len()) {
            return Err(PduError::Length {
                length: header.length,
            });
        }
        let mut fields = Fields::of(pdu.get(HEADER_BYTES..).unwrap_or_default());
        let body = read_body(header.command, &mut fields)?;
        Ok(Self {
            status: header.status,
            sequence: header.sequence,
            body,
            rest: fields.rest(),
        })
    }

    /// Writes it behind what `out` holds.
    ///
    /// # Errors
    /// [`PduError::Unwritable`]; `out` is then as it was.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), PduError> {
        let start = out.len();
        let written = self.write_at(start, out);
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    fn write_at(&self, start: usize, out: &mut Vec<u8>) -> Result<(), PduError> {
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.body.command().to_be_bytes());
        out.extend_from_slice(&self.status.to_be_bytes());
        out.extend_from_slice(&self.sequence.to_be_bytes());
        write_body(&self.body, out)?;
        out.extend_from_slice(self.rest);
        let length = out.len() - start;
        let too_long = PduError::Unwritable {
            field: "command_length",
            why: "the PDU is too long",
        };
        if length > MOST_BYTES {
            return Err(too_long);
        }
        let length = u32::try_from(length).map_err(|_| too_long)?;
        let place = out.get_mut(start..start + 4).ok_or(too_long)?;
        place.copy_from_slice(&length.to_be_bytes());
        Ok(())
    }
}

fn read_body<'a>(id: u32, fields: &mut Fields<'a>) -> Result<Body<'a>, PduError> {
    const BIND_RECEIVER_RESP: u32 = command::BIND_RECEIVER | command::ANSWER;
    const BIND_TRANSMITTER_RESP: u32 = command::BIND_TRANSMITTER | command::ANSWER;
    const BIND_TRANSCEIVER_RESP: u32 = command::BIND_TRANSCEIVER | command::ANSWER;
    const SUBMIT_SM_RESP: u32 = command::SUBMIT_SM | command::ANSWER;
    const DELIVER_SM_RESP: u32 = command::DELIVER_SM | command::ANSWER;
    const DATA_SM_RESP: u32 = command::DATA_SM | command::ANSWER;
    const ENQUIRE_LINK_RESP: u32 = command::ENQUIRE_LINK | command::ANSWER;
    const UNBIND_RESP: u32 = command::UNBIND | command::ANSWER;
    Ok(match id {
        command::BIND_RECEIVER => Body::Bind(Role::Receiver, read_bind(fields)?),
        command::BIND_TRANSMITTER => Body::Bind(Role::Transmitter, read_bind(fields)?),
        command::BIND_TRANSCEIVER => Body::Bind(Role::Transceiver, read_bind(fields)?),
        BIND_RECEIVER_RESP => Body::BindResp(Role::Receiver, fields.given()),
        BIND_TRANSMITTER_RESP => Body::BindResp(Role::Transmitter, fields.given()),
        BIND_TRANSCEIVER_RESP => Body::BindResp(Role::Transceiver, fields.given()),
        command::SUBMIT_SM => Body::SubmitSm(read_short(fields)?),
        SUBMIT_SM_RESP => Body::SubmitSmResp(fields.given()),
        command::DELIVER_SM => Body::DeliverSm(read_short(fields)?),
        DELIVER_SM_RESP => Body::DeliverSmResp(fields.given()),
        command::DATA_SM => Body::DataSm(read_data(fields)?),
        DATA_SM_RESP => Body::DataSmResp(fields.given()),
        command::ENQUIRE_LINK => Body::EnquireLink,
        ENQUIRE_LINK_RESP => Body::EnquireLinkResp,
        command::UNBIND => Body::Unbind,
        UNBIND_RESP => Body::UnbindResp,
        command::GENERIC_NACK => Body::GenericNack,
        command::OUTBIND => Body::Outbind {
            system_id: fields.string("system_id")?,
            password: Secret(fields.string("password")?),
        },
        command::ALERT_NOTIFICATION => Body::AlertNotification {
            source: read_address(fields, "source_addr")?,
            esme: read_address(fields, "esme_addr")?,
        },
        command => Body::Other { command },
    })
}

fn read_address<'a>(fields: &mut Fields<'a>, field: &'static str) -> Result<Address<'a>, PduError> {
    Ok(Address {
        ton: fields.u8(field)?,
        npi: fields.u8(field)?,
        address: fields.string(field)?,
    })
}

fn read_bind<'a>(fields: &mut Fields<'a>) -> Result<Bind<'a>, PduError> {
    Ok(Bind {
        system_id: fields.string("system_id")?,
        password: fields.string("password")?,
        system_type: fields.string("system_type")?,
        interface_version: fields.u8("interface_version")?,
        address_range: read_address(fields, "address_range")?,
    })
}

fn read_short<'a>(fields: &mut Fields<'a>) -> Result<Short<'a>, PduError> {
    let mut short = Short {
        service_type: fields.string("service_type")?,
        source: read_address(fields, "source_addr")?,
        destination: read_address(fields, "destination_addr")?,
        esm_class: fields.u8("esm_class")?,
        protocol_id: fields.u8("protocol_id")?,
        priority: fields.u8("priority_flag")?,
        schedule: fields.string("schedule_delivery_time")?,
        validity: fields.string("validity_period")?,
        registered: fields.u8("registered_delivery")?,
        replace: fields.u8("replace_if_present_flag")?,
        data_coding: fields.u8("data_coding")?,
        default_message: fields.u8("sm_default_msg_id")?,
        message: &[],
    };
    let length = fields.u8("sm_length")?;
    short.message = fields.bytes(usize::from(length), "short_message")?;
    Ok(short)
}

fn read_data<'a>(fields: &mut Fields<'a>) -> Result<Data<'a>, PduError> {
    Ok(Data {
        service_type: fields.string("service_type")?,
        source: read_address(fields, "source_addr")?,
        destination: read_address(fields, "destination_addr")?,
        esm_class: fields.u8("esm_class")?,
        registered: fields.u8("registered_delivery")?,
        data_coding: fields.u8("data_coding")?,
    })
}

fn write_body(body: &Body<'_>, out: &mut Vec<u8>) -> Result<(), PduError> {
    match body {
        Body::Bind(_, bind) => {
            put_string(out, bind.system_id, "system_id")?;
            put_string(out, bind.password, "password")?;
            put_string(out, bind.system_type, "system_type")?;
            out.push(bind.interface_version);
            write_address(out, bind.address_range, "address_range")
        }
        Body::BindResp(_, given)
        | Body::SubmitSmResp(given)
        | Body::DeliverSmResp(given)
        | Body::DataSmResp(given) => match given {
            Given::Absent => Ok(()),
            Given::Unended(bytes) => {
                out.extend_from_slice(bytes);
                Ok(())
            }
            Given::Ended(bytes) => put_string(out, bytes, "message_id"),
        },
        Body::SubmitSm(short) | Body::DeliverSm(short) => write_short(out, short),
        Body::DataSm(data) => {
            put_string(out, data.service_type, "service_type")?;
            write_address(out, data.source, "source_addr")?;
            write_address(out, data.destination, "destination_addr")?;
            out.extend_from_slice(&[data.esm_class, data.registered, data.data_coding]);
            Ok(())
        }
        Body::Outbind {
            system_id,
            password,
        } => {
            put_string(out, system_id, "system_id")?;
            put_string(out, password.0, "password")
        }
        Body::AlertNotification { source, esme } => {
            write_address(out, *source, "source_addr")?;
            write_address(out, *esme, "esme_addr")
        }
        Body::EnquireLink
        | Body::EnquireLinkResp
        | Body::Unbind
        | Body::UnbindResp
        | Body::GenericNack
        | Body::Other { .. } => Ok(()),
    }
}

fn write_address(
    out: &mut Vec<u8>,
    address: Address<'_>,
    field: &'static str,
) -> Result<(), PduError> {
    out.extend_from_slice(&[address.ton, address.npi]);
    put_string(out, address.address, field)
}

fn write_short(out: &mut Vec<u8>, short: &Short<'_>) -> Result<(), PduError> {
    put_string(out, short.service_type, "service_type")?;
    write_address(out, short.source, "source_addr")?;
    write_address(out, short.destination, "destination_addr")?;
    out.extend_from_slice(&[short.esm_class, short.protocol_id, short.priority]);
    put_string(out, short.schedule, "schedule_delivery_time")?;
    put_string(out, short.validity, "validity_period")?;
    let length = u8::try_from(short.message.len()).map_err(|_| PduError::Unwritable {
        field: "short_message",
        why: "longer than its length octet can say",
    })?;
    out.extend_from_slice(&[
        short.registered,
        short.replace,
        short.data_coding,
        short.default_message,
        length,
    ]);
    out.extend_from_slice(short.message);
    Ok(())
}
