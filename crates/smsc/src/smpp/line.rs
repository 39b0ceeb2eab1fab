//! One connection: reads, writes down, answers, misbehaves.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::faults::{Chance, Fate, Told};
use super::receipt::{self, Receipt};
use super::{Bound, Part, Shared, locked, now_ms, now_us, text, wire};

/// Octets that are read at a time.
const READ_OCTETS: usize = 64 * 1024;
/// Longest wait for octets, in milliseconds, and the wait while something else is due.
const WAIT_MS: u64 = 20;
const SHORT_WAIT_MS: u64 = 2;
/// Receipts that may be without an answer.
const RECEIPT_WINDOW: usize = 256;
/// Milliseconds until a receipt that was put off is sent again.
const AGAIN_MS: u64 = 500;
/// Milliseconds that an answer is put behind others, at most.
const REORDER_MS: u64 = 20;

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// What the line does once all answers so far are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Go {
    On,
    Cut,
}

struct Line<'a> {
    shared: &'a Shared,
    number: u64,
    chance: Chance,
    queue: Arc<Mutex<Vec<(u64, Receipt)>>>,
    account: Option<String>,
    transmits: bool,
    receives: bool,
    out: Vec<u8>,
    /// Answers for later, by when they are due.
    later: BTreeMap<(u64, u64), Vec<u8>>,
    sequence: u32,
    /// Receipts without an answer.
    unanswered: BTreeMap<u32, Receipt>,
    answers: u64,
    parts: Vec<Part>,
    receipts: Vec<Receipt>,
}

/// Serves a connection until it ends.
pub(super) fn serve(socket: TcpStream, shared: &Shared) {
    // What is left when it ends is told by nobody: a peer that goes is no error here.
    let _ = try_serve(socket, shared);
}

fn try_serve(socket: TcpStream, shared: &Shared) -> io::Result<()> {
    socket.set_nonblocking(false)?;
    socket.set_nodelay(true)?;
    socket.set_write_timeout(Some(Duration::from_secs(10)))?;
    let queue = Arc::new(Mutex::new(Vec::new()));
    let number = {
        let mut state = locked(&shared.state);
        let number = state.next_line;
        state.next_line += 1;
        let bound = Bound {
            account: None,
            receives: false,
            queue: Arc::clone(&queue),
            socket: socket.try_clone()?,
        };
        state.lines.insert(number, bound);
        number
    };
    let seed = shared.settings.faults.seed ^ number.wrapping_mul(0xd134_2543_de82_ef95);
    let mut line = Line {
        shared,
        number,
        chance: Chance::of(seed),
        queue,
        account: None,
        transmits: false,
        receives: false,
        out: Vec::new(),
        later: BTreeMap::new(),
        sequence: 0,
        unanswered: BTreeMap::new(),
        answers: 0,
        parts: Vec::new(),
        receipts: Vec::new(),
    };
    let ended = match &shared.tls {
        None => line.run(&mut &socket, &socket),
        Some(config) => rustls::ServerConnection::new(Arc::clone(config))
            .map_err(io::Error::other)
            .and_then(|session| {
                let mut stream = rustls::StreamOwned::new(session, &socket);
                line.run(&mut stream, &socket)
            }),
    };
    line.leave();
    let _ = socket.shutdown(Shutdown::Both);
    ended
}

impl Line<'_> {
    fn run(&mut self, stream: &mut dyn Stream, socket: &TcpStream) -> io::Result<()> {
        let mut octets = Vec::new();
        let mut buffer = vec![0; READ_OCTETS];
        let mut heard_ms = now_ms();
        let faults = &self.shared.settings.faults;
        let mut waits_ms = 0;
        while !self.shared.is_ended.load(Ordering::Relaxed) {
            self.what_is_due();
            self.write(stream)?;
            if faults.slow_reading_ms > 0 {
                thread::sleep(Duration::from_millis(faults.slow_reading_ms));
            }
            let wait = if self.later.is_empty() && locked(&self.queue).is_empty() {
                WAIT_MS
            } else {
                SHORT_WAIT_MS
            };
            if wait != waits_ms {
                socket.set_read_timeout(Some(Duration::from_millis(wait)))?;
                waits_ms = wait;
            }
            match stream.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => {
                    octets.extend_from_slice(buffer.get(..read).unwrap_or_default());
                    heard_ms = now_ms();
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock
                            | io::ErrorKind::TimedOut
                            | io::ErrorKind::Interrupted
                    ) =>
                {
                    let every = self.shared.settings.enquire_ms;
                    if every > 0 && self.account.is_some() && now_ms() - heard_ms > every {
                        heard_ms = now_ms();
                        let sequence = self.next_sequence();
                        wire::put(&mut self.out, wire::ENQUIRE_LINK, 0, sequence, b"");
                    }
                    continue;
                }
                Err(error) => return Err(error),
            }
            let go = self.take(&mut octets);
            // Written down first, answered then.
            let (parts, receipts) = (
                std::mem::take(&mut self.parts),
                std::mem::take(&mut self.receipts),
            );
            self.shared.commit(parts, receipts)?;
            self.write(stream)?;
            if go == Go::Cut {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Takes all whole PDUs.
    fn take(&mut self, octets: &mut Vec<u8>) -> Go {
        let (mut used, mut go) = (0, Go::On);
        while go == Go::On {
            let rest = octets.get(used..).unwrap_or_default();
            let header = match wire::header(rest) {
                Ok(Some(header)) => header,
                Ok(None) => break,
                Err(()) => {
                    // ESME_RINVCMDLEN
                    self.answer(wire::GENERIC_NACK, 2, 0, b"");
                    go = Go::Cut;
                    break;
                }
            };
            let Some(body) = rest.get(wire::HEADER..header.length) else {
                break;
            };
            go = self.pdu(header, body);
            used += header.length;
        }
        octets.drain(..used);
        go
    }

    fn pdu(&mut self, header: wire::Header, body: &[u8]) -> Go {
        let sequence = header.sequence;
        match header.command {
            wire::BIND_RECEIVER | wire::BIND_TRANSMITTER | wire::BIND_TRANSCEIVER => {
                self.bind(header, body)
            }
            wire::SUBMIT_SM if !self.transmits => {
                // ESME_RINVBNDSTS
                self.answer(wire::SUBMIT_SM | wire::RESP, 4, sequence, b"")
            }
            wire::SUBMIT_SM => match wire::submit(body) {
                Some(submit) => self.submit(sequence, &submit),
                // ESME_RINVCMDLEN
                None => self.answer(wire::SUBMIT_SM | wire::RESP, 2, sequence, b""),
            },
            wire::ENQUIRE_LINK => self.answer(wire::ENQUIRE_LINK | wire::RESP, 0, sequence, b""),
            wire::UNBIND => {
                self.answer(wire::UNBIND_RESP, 0, sequence, b"");
                Go::Cut
            }
            wire::UNBIND_RESP => Go::Cut,
            wire::DELIVER_SM_RESP => {
                if let Some(mut receipt) = self.unanswered.remove(&sequence)
                    && matches!(header.status, 0x08 | 0x14 | 0x58 | 0x64)
                {
                    receipt.due_ms = now_ms() + AGAIN_MS;
                    locked(&self.queue).push((receipt.due_ms, receipt));
                }
                Go::On
            }
            wire::GENERIC_NACK => Go::On,
            other if other & wire::RESP != 0 => Go::On,
            // ESME_RINVCMDID
            _ => self.answer(wire::GENERIC_NACK, 3, sequence, b""),
        }
    }

    fn bind(&mut self, header: wire::Header, body: &[u8]) -> Go {
        let command = header.command | wire::RESP;
        let settings = &self.shared.settings;
        let refused = match wire::bind(body) {
            // ESME_RINVCMDLEN
            None => Some(2),
            // ESME_RALYBND
            Some(_) if self.account.is_some() => Some(5),
            Some(bind) => match &settings.account {
                // ESME_RINVSYSID
                Some((name, _)) if name.as_bytes() != bind.system_id => Some(0x0f),
                // ESME_RINVPASWD
                Some((_, word)) if word.as_bytes() != bind.password => Some(0x0e),
                // ESME_RBINDFAIL
                _ if self.chance.happens(settings.faults.bind_refused) => Some(0x0d),
                _ => {
                    self.account = Some(String::from_utf8_lossy(bind.system_id).into_owned());
                    None
                }
            },
        };
        if let Some(status) = refused {
            self.answer(command, status, header.sequence, b"");
            return Go::Cut;
        }
        self.transmits = header.command != wire::BIND_RECEIVER;
        self.receives = header.command != wire::BIND_TRANSMITTER;
        let mut named = b"stand-in\0".to_vec();
        wire::put_tlv(&mut named, 0x0210, &[0x34]);
        let go = self.answer(command, 0, header.sequence, &named);
        let mut state = locked(&self.shared.state);
        if let Some(line) = state.lines.get_mut(&self.number) {
            line.account.clone_from(&self.account);
            line.receives = self.receives;
        }
        if self.receives {
            let held = std::mem::take(&mut state.held);
            for receipt in held {
                state.hand_on(receipt);
            }
        }
        drop(state);
        if settings.faults.receipts_with_bind {
            self.what_is_due();
        }
        go
    }

    fn submit(&mut self, sequence: u32, submit: &wire::Submit<'_>) -> Go {
        let faults = &self.shared.settings.faults;
        let to = String::from_utf8_lossy(submit.to.2);
        let resp = wire::SUBMIT_SM | wire::RESP;
        let told = match faults.fate(&mut self.chance, &to) {
            Fate::Refused(status) => return self.answer(resp, status, sequence, b""),
            // ESME_RSYSERR
            Fate::Nack => return self.answer(wire::GENERIC_NACK, 8, sequence, b""),
            Fate::CutBefore => return Go::Cut,
            Fate::Stored(told) => told,
        };
        let number = self.shared.next_id.fetch_add(1, Ordering::Relaxed);
        let at_us = now_us();
        let id = receipt::id(number, faults.receipts.ids);
        self.store(submit, to.into_owned(), id.clone(), at_us);
        self.receipt(number, submit, at_us);
        let mut body = Vec::with_capacity(24);
        wire::put_string(&mut body, id.as_bytes());
        let mut pdu = Vec::with_capacity(40);
        wire::put(&mut pdu, resp, 0, sequence, &body);
        match told {
            Told::CutAfter => Go::Cut,
            Told::CutWithin => {
                let most = pdu.len() as u64 - 1;
                let kept = usize::try_from(1 + self.chance.below(most)).unwrap_or(1);
                pdu.truncate(kept);
                self.out.append(&mut pdu);
                Go::Cut
            }
            Told::CutBehind => {
                self.answer(resp, 0, sequence, &body);
                Go::Cut
            }
            Told::Garbage => {
                let garbage = self.chance.next() | 0x8000_0000_0000_0000;
                for word in [garbage, self.chance.next(), self.chance.next()] {
                    self.out.extend_from_slice(&word.to_be_bytes());
                }
                Go::On
            }
            Told::Unanswered => Go::On,
            Told::Late => {
                self.later.insert((now_ms() + faults.late_ms, number), pdu);
                Go::On
            }
            Told::Reordered => {
                let due_ms = now_ms() + 1 + self.chance.below(REORDER_MS);
                self.later.insert((due_ms, number), pdu);
                Go::On
            }
            Told::Twice => {
                self.answer(resp, 0, sequence, &body);
                self.answer(resp, 0, sequence, &body)
            }
            Told::WrongSequence => self.answer(resp, 0, sequence ^ 0x4000_0000, &body),
            Told::WithoutId => self.answer(resp, 0, sequence, b"\0"),
            Told::Unbind => {
                let go = self.answer(resp, 0, sequence, &body);
                let own = self.next_sequence();
                wire::put(&mut self.out, wire::UNBIND, 0, own, b"");
                go
            }
            Told::Well => self.answer(resp, 0, sequence, &body),
        }
    }

    fn store(&mut self, submit: &wire::Submit<'_>, to: String, id: String, at_us: i64) {
        let (joined, octets) = if submit.esm_class & 0x40 == 0 {
            (submit.sar, submit.message)
        } else {
            text::without_header(submit.message).unwrap_or((None, submit.message))
        };
        self.parts.push(Part {
            id,
            account: self.account.clone().unwrap_or_default(),
            to,
            from: String::from_utf8_lossy(submit.from.2).into_owned(),
            text: text::decode(submit.data_coding, octets),
            joined,
            at_us,
            data_coding: submit.data_coding,
            validity: String::from_utf8_lossy(submit.validity).into_owned(),
        });
    }

    fn receipt(&mut self, number: u64, submit: &wire::Submit<'_>, at_us: i64) {
        let of = &self.shared.settings.faults.receipts;
        if submit.registered_delivery & 3 == 0 || self.chance.happens(of.never) {
            return;
        }
        let faults = &self.shared.settings.faults;
        let body = receipt::body(faults, &mut self.chance, number, submit, at_us);
        let receipt = Receipt {
            account: self.account.clone().unwrap_or_default(),
            line: self.number,
            elsewhere: self.chance.happens(of.elsewhere),
            due_ms: now_ms() + of.after_ms,
            body,
        };
        if self.chance.happens(of.twice) {
            self.receipts.push(receipt.clone());
        }
        if self.receives && self.chance.happens(of.early) {
            // Stored within this turn, and so before a byte of this leaves.
            self.deliver(receipt);
        } else {
            self.receipts.push(receipt);
        }
    }

    fn deliver(&mut self, receipt: Receipt) {
        let sequence = self.next_sequence();
        wire::put(&mut self.out, wire::DELIVER_SM, 0, sequence, &receipt.body);
        self.unanswered.insert(sequence, receipt);
    }

    fn next_sequence(&mut self) -> u32 {
        self.sequence = if self.sequence >= 0x7fff_ffff {
            1
        } else {
            self.sequence + 1
        };
        self.sequence
    }

    /// Puts an answer out, and cuts the line within it where that was asked for.
    fn answer(&mut self, command: u32, status: u32, sequence: u32, body: &[u8]) -> Go {
        let before = self.out.len();
        wire::put(&mut self.out, command, status, sequence, body);
        let place = self.shared.settings.faults.cut_answer_at;
        self.answers += 1;
        match place {
            Some((answer, octets)) if self.number == 0 && answer == self.answers - 1 => {
                self.out.truncate(before + octets);
                Go::Cut
            }
            _ => Go::On,
        }
    }

    /// Moves what is due now to what is written next.
    fn what_is_due(&mut self) {
        let now = now_ms();
        while let Some(first) = self.later.first_entry()
            && first.key().0 <= now
        {
            self.out.append(&mut first.remove());
        }
        if !self.receives {
            return;
        }
        let free = RECEIPT_WINDOW.saturating_sub(self.unanswered.len());
        let mut due = Vec::new();
        locked(&self.queue).retain(|(at, receipt)| {
            let is_due = *at <= now && due.len() < free;
            if is_due {
                due.push(receipt.clone());
            }
            !is_due
        });
        for receipt in due {
            self.deliver(receipt);
        }
    }

    fn write(&mut self, stream: &mut dyn Stream) -> io::Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        let out = std::mem::take(&mut self.out);
        let torn = self.chance.happens(self.shared.settings.faults.torn);
        let at = if torn {
            usize::try_from(self.chance.below(out.len() as u64)).unwrap_or(0)
        } else {
            0
        };
        let (first, rest) = out.split_at(at);
        if torn {
            stream.write_all(first)?;
            stream.flush()?;
            thread::sleep(Duration::from_millis(1 + self.chance.below(3)));
        }
        stream.write_all(rest)?;
        stream.flush()?;
        self.out = out;
        self.out.clear();
        Ok(())
    }

    /// Gives back what this line did not bring home.
    fn leave(&mut self) {
        let mut state = locked(&self.shared.state);
        state.lines.remove(&self.number);
        let queued = std::mem::take(&mut *locked(&self.queue));
        let unanswered = std::mem::take(&mut self.unanswered);
        for receipt in queued.into_iter().map(|(_, receipt)| receipt) {
            state.hand_on(receipt);
        }
        for receipt in unanswered.into_values() {
            state.hand_on(receipt);
        }
    }
}
