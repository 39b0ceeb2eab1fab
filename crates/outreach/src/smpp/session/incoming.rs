//! What a message centre sends.

use super::{End, GOODBYE_MS, Session, State, Told};
use crate::smpp::pdu::{Body, Data, Given, Header, Pdu, PduError, Role, Short, first_of, tag};
use crate::smpp::receipt::{self, Incoming};
use crate::smpp::session::Carrier;
use crate::smpp::status;

impl Session {
    /// Takes bytes from the socket, cut anywhere.
    pub fn read(&mut self, bytes: &[u8], now_ms: u64) {
        if !bytes.is_empty() {
            self.heard_ms = now_ms;
            self.heard_since_enquiry = true;
        }
        if self.inbound.is_empty() {
            let used = self.read_all(bytes, now_ms);
            self.inbound
                .extend_from_slice(bytes.get(used..).unwrap_or_default());
        } else {
            let mut inbound = std::mem::take(&mut self.inbound);
            inbound.extend_from_slice(bytes);
            let used = self.read_all(&inbound, now_ms);
            inbound.drain(..used);
            self.inbound = inbound;
        }
    }

    /// Reads whole PDUs, and returns how many bytes they had.
    fn read_all(&mut self, bytes: &[u8], now_ms: u64) -> usize {
        let mut used = 0;
        while !matches!(self.state, State::Ended(_) | State::Closed) {
            let rest = bytes.get(used..).unwrap_or_default();
            match first_of(rest) {
                Ok(Some(pdu)) => {
                    used += pdu.len();
                    self.read_one(pdu, now_ms);
                }
                Ok(None) => return used,
                Err(why) => {
                    // Where the next one begins, nobody knows.
                    self.write(&Pdu::answer(0, status::RINVCMDLEN, Body::GenericNack));
                    self.fault(why.to_string());
                }
            }
        }
        bytes.len()
    }

    fn read_one(&mut self, bytes: &[u8], now_ms: u64) {
        match Pdu::read(bytes) {
            Ok(pdu) => self.take_in(&pdu, now_ms),
            Err(why) => self.malformed(bytes, why),
        }
    }

    fn malformed(&mut self, bytes: &[u8], why: PduError) {
        let what = format!("a request cannot be read: {why}");
        self.tally(|counts| &mut counts.malformed, &what);
        // Only requests are ever refused by the codec.
        if let Ok(header) = Header::read(bytes) {
            self.write(&Pdu::answer(
                header.sequence,
                status::RINVCMDLEN,
                Body::GenericNack,
            ));
        }
    }

    fn take_in(&mut self, pdu: &Pdu<'_>, now_ms: u64) {
        match pdu.body {
            Body::SubmitSmResp(id) => self.answered(pdu, id, now_ms),
            Body::GenericNack => match self.state {
                State::Binding { sequence, .. } if sequence == pdu.sequence => {
                    self.bind_answered(pdu, Given::Absent, now_ms);
                }
                State::Binding { .. }
                | State::Bound
                | State::Leaving { .. }
                | State::Closed
                | State::Ended(_) => self.answered(pdu, Given::Absent, now_ms),
            },
            Body::DeliverSm(short) => self.delivered(pdu, &short),
            Body::DataSm(data) => self.data_came(pdu, &data),
            Body::EnquireLink => {
                self.write(&Pdu::answer(pdu.sequence, 0, Body::EnquireLinkResp));
            }
            Body::EnquireLinkResp => {
                (self.enquired, self.missed) = (false, 0);
            }
            Body::BindResp(_, system_id) => self.bind_answered(pdu, system_id, now_ms),
            Body::Unbind => {
                // What is half out goes on; nothing else is begun.
                self.recall();
                self.write(&Pdu::answer(pdu.sequence, 0, Body::UnbindResp));
                self.notice("the message centre says goodbye");
                self.state = State::Leaving {
                    until_ms: now_ms.saturating_add(GOODBYE_MS),
                    is_ours: false,
                };
            }
            Body::UnbindResp => {
                if matches!(self.state, State::Leaving { .. }) {
                    self.state = State::Ended(End::Unbound);
                } else {
                    self.unmatched();
                }
            }
            Body::DeliverSmResp(_) | Body::DataSmResp(_) => self.unmatched(),
            Body::Outbind { .. } => self.tally(
                |counts| &mut counts.outbinds,
                "an outbind, though we are here already",
            ),
            // Tells that a handset is back; nobody asked.
            Body::AlertNotification { .. } => {}
            Body::Bind(..) | Body::SubmitSm(_) => self.not_for_us(pdu),
            Body::Other { command } if command & crate::smpp::pdu::command::ANSWER == 0 => {
                self.not_for_us(pdu);
            }
            Body::Other { .. } => self.unmatched(),
        }
    }

    fn not_for_us(&mut self, pdu: &Pdu<'_>) {
        let what = format!("command {:#010x} is not for us", pdu.body.command());
        self.tally(|counts| &mut counts.unknown_commands, &what);
        self.write(&Pdu::answer(
            pdu.sequence,
            status::RINVCMDID,
            Body::GenericNack,
        ));
    }

    fn unmatched(&mut self) {
        self.tally(
            |counts| &mut counts.unmatched,
            "an answer to nothing, or given twice",
        );
    }

    fn bind_answered(&mut self, pdu: &Pdu<'_>, system_id: Given<'_>, now_ms: u64) {
        let State::Binding { sequence, .. } = self.state else {
            self.unmatched();
            return;
        };
        if sequence != pdu.sequence {
            self.unmatched();
            return;
        }
        if pdu.status != status::ROK || pdu.body == Body::GenericNack {
            self.state = State::Ended(End::Refused { status: pdu.status });
            return;
        }
        self.state = State::Bound;
        self.enquire_at_ms = now_ms.saturating_add(self.settings.enquire_ms);
        let of = system_id.bytes().iter().take(16).copied();
        let of: Vec<u8> = of.collect();
        let version = match pdu.tlvs().octet(tag::SC_INTERFACE_VERSION) {
            Some(version) => format!(", which speaks {version:#04x}"),
            None => String::new(),
        };
        self.told.push(Told::Bound);
        let role = self.role;
        self.notice(&format!(
            "bound as {role} to `{}`{version}",
            of.escape_ascii()
        ));
    }

    fn answered(&mut self, pdu: &Pdu<'_>, id: Given<'_>, now_ms: u64) {
        let Some(flight) = self.flights.remove(&pdu.sequence) else {
            self.unmatched();
            return;
        };
        // A refusal that says "no error" is none that can be understood, but a refusal.
        let status = if pdu.body == Body::GenericNack && pdu.status == status::ROK {
            status::RINVCMDID
        } else {
            pdu.status
        };
        if flight.is_late {
            self.counts.late += 1;
        }
        match status::verdict(status) {
            status::Verdict::Throttled | status::Verdict::Suspicious => {
                if let Some(pause_ms) = self.pace.complained(flight.sent_ms, now_ms) {
                    let code = status::name(status);
                    self.notice(&format!("{code}: nothing is sent for {pause_ms} ms"));
                }
            }
            status::Verdict::Accepted | status::Verdict::Refused => {}
        }
        // A line that answers is trusted with more, up to the window.
        if self.allowed < self.settings.window {
            self.allowed += 1;
        } else {
            self.was_lossy = false;
        }
        let part =
            self.opens
                .answered(flight.slot, flight.part, flight.is_late, status, id.bytes());
        if let Some((key, message_id)) = part {
            self.told.push(Told::PartAccepted { key, message_id });
        }
        let is_refused = status::verdict(status) != status::Verdict::Accepted;
        if is_refused
            && self
                .head
                .as_ref()
                .is_some_and(|head| head.written > 0 && head.slot == flight.slot)
        {
            self.head = None;
        }
        self.conclude(flight.slot, "timeout");
    }

    fn delivered(&mut self, pdu: &Pdu<'_>, short: &Short<'_>) {
        let incoming = Incoming {
            source: short.source,
            destination: short.destination,
            esm_class: short.esm_class,
            data_coding: short.data_coding,
            message: short.message,
            tlvs: pdu.tlvs(),
        };
        self.came(pdu.sequence, false, &incoming);
    }

    fn data_came(&mut self, pdu: &Pdu<'_>, data: &Data<'_>) {
        let incoming = Incoming {
            source: data.source,
            destination: data.destination,
            esm_class: data.esm_class,
            data_coding: data.data_coding,
            message: &[],
            tlvs: pdu.tlvs(),
        };
        self.came(pdu.sequence, true, &incoming);
    }

    fn came(&mut self, sequence: u32, is_data: bool, incoming: &Incoming<'_>) {
        let carrier = Carrier { sequence, is_data };
        if let Some(receipt) = receipt::read(incoming, self.settings.dialect) {
            self.told.push(Told::Receipt { carrier, receipt });
            return;
        }
        // Somebody texted back. It is answered, or the centre would send it for ever.
        self.tally(
            |counts| &mut counts.incoming,
            "somebody sent a text, which is not kept",
        );
        self.keep(carrier);
    }

    /// Says whether receipts can come over this connection.
    #[must_use]
    pub fn receives(&self) -> bool {
        match self.role {
            Role::Receiver | Role::Transceiver => true,
            Role::Transmitter => false,
        }
    }
}
