//! A session and its connection, made anew whenever it is lost.

use std::net::SocketAddr;

use mio::{Registry, Token};

use super::line::{Line, Tls};
use crate::smpp::pace::Chance;
use crate::smpp::pdu::Role;
use crate::smpp::session::{End, Session, Told};
use crate::smpp::status;

/// Milliseconds until a connection is tried again, the first time.
const FIRST_RETRY_MS: u64 = 1000;
/// Milliseconds until a connection is tried again at most.
const LONGEST_RETRY_MS: u64 = 30_000;
/// Milliseconds for a connection to come to stand.
const CONNECT_MS: u64 = 10_000;
/// Milliseconds that answers may still come in after a red stop, before what the system still
/// holds of messages is thrown away with the connection.
const STOP_MS: u64 = 2000;

/// Where the centre is.
#[derive(Debug)]
pub(super) struct Centre {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) tls: Option<Tls>,
}

/// A session and its connection.
pub(super) struct Link {
    pub(super) session: Session,
    line: Option<Line>,
    name: String,
    token: Token,
    /// Counts connections, so that a receipt is answered on the one that it came by.
    generation: u64,
    address: usize,
    retry_at_ms: u64,
    retry_ms: u64,
    connect_until_ms: u64,
    give_up_at_ms: Option<u64>,
    /// The centre will never let us in: its status.
    refused: Option<u32>,
    is_closing: bool,
    chance: Chance,
    pub(super) notices: Vec<String>,
}

impl Link {
    pub(super) fn new(
        session: Session,
        name: String,
        token: Token,
        seed: u64,
        now_ms: u64,
    ) -> Self {
        Self {
            session,
            line: None,
            name,
            token,
            generation: 0,
            address: 0,
            retry_at_ms: now_ms,
            retry_ms: FIRST_RETRY_MS,
            connect_until_ms: 0,
            give_up_at_ms: None,
            refused: None,
            is_closing: false,
            chance: Chance(seed),
            notices: Vec::new(),
        }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn refused(&self) -> Option<u32> {
        self.refused
    }

    pub(super) fn ready(&mut self, event: &mio::event::Event) {
        if let Some(line) = &mut self.line {
            line.ready(event);
        }
    }

    /// Says whether there is work without waiting.
    pub(super) fn has_work(&self) -> bool {
        self.line.as_ref().is_some_and(Line::may_read) && self.session.wants_read()
    }

    /// Does what can be done now.
    pub(super) fn drive(
        &mut self,
        centre: &Centre,
        registry: &Registry,
        buffer: &mut [u8],
        now_ms: u64,
        wall_us: i64,
    ) {
        if self.line.is_none() && self.may_open() && now_ms >= self.retry_at_ms {
            self.open(centre, registry, now_ms);
        }
        if let Err(why) = self.work(buffer, now_ms, wall_us) {
            self.lose(&why, false, registry, now_ms);
            return;
        }
        if let Some(end) = self.session.end().cloned() {
            self.ended(&end, registry, now_ms);
            return;
        }
        if self.give_up_at_ms.is_some_and(|at_ms| now_ms >= at_ms) {
            self.give_up_at_ms = None;
            let is_mute = self.line.as_ref().is_some_and(Line::is_mute);
            if self.session.is_waiting() || is_mute || self.session.is_mute() {
                self.lose("stopped", true, registry, now_ms);
            }
        }
    }

    fn work(&mut self, buffer: &mut [u8], now_ms: u64, wall_us: i64) -> Result<(), String> {
        let Some(line) = &mut self.line else {
            return Ok(());
        };
        if line.has_opened()? {
            self.session.connected(now_ms);
        } else if !line.is_open() && now_ms >= self.connect_until_ms {
            return Err("no connection in time".into());
        }
        // What came in makes room for what goes out. Where the line broke after it, no message is
        // handed to it any more: it would be unknown for nothing.
        line.read(&mut self.session, buffer, now_ms)?;
        self.session.turn(now_ms, wall_us);
        if self.session.end().is_some() {
            return Ok(());
        }
        line.write(&mut self.session)
    }

    /// Hands out what was just submitted, without waiting for anything.
    pub(super) fn hand_out(&mut self, now_ms: u64, wall_us: i64) {
        if let Some(line) = &mut self.line {
            self.session.turn(now_ms, wall_us);
            // A line that breaks here is found broken by the next turn.
            let _ = line.write(&mut self.session);
        }
    }

    fn may_open(&self) -> bool {
        // After a stop only receipts are waited for.
        let is_needed = !self.session.is_stopped() || self.session.receives();
        self.refused.is_none() && !self.is_closing && is_needed
    }

    fn open(&mut self, centre: &Centre, registry: &Registry, now_ms: u64) {
        let Some(address) = centre
            .addresses
            .get(self.address % centre.addresses.len().max(1))
        else {
            return;
        };
        self.address += 1;
        self.generation += 1;
        self.connect_until_ms = now_ms.saturating_add(CONNECT_MS);
        match Line::open(*address, centre.tls.as_ref(), registry, self.token) {
            Ok(line) => self.line = Some(line),
            Err(why) => self.lose(&why, false, registry, now_ms),
        }
    }

    fn ended(&mut self, end: &End, registry: &Registry, now_ms: u64) {
        // What the session still had to say, such as that it cannot go on, but no message.
        let is_half_out = self.session.recall();
        if let Some(line) = &mut self.line
            && !is_half_out
            && !line.is_sealed()
        {
            let _ = line.write(&mut self.session);
        }
        match end {
            End::Refused { status } => {
                if matches!(
                    *status,
                    status::RINVPASWD | status::RINVSYSID | status::RINVSYSTYP
                ) {
                    // Trying again could lock the account.
                    self.refused = Some(*status);
                }
                let code = status::name(*status);
                self.lose(
                    &format!("the bind was refused: {code}"),
                    false,
                    registry,
                    now_ms,
                );
            }
            End::Unbound => self.lose("unbound", false, registry, now_ms),
            End::Fault { why } => self.lose(why, false, registry, now_ms),
        }
    }

    fn lose(&mut self, why: &str, is_abort: bool, registry: &Registry, now_ms: u64) {
        match self.line.take() {
            Some(line) if is_abort => line.abort(registry),
            Some(line) => line.close(registry),
            None => {}
        }
        self.session.closed();
        let jitter = self.retry_ms * (self.chance.draw() % 256) / 1024;
        let wait_ms = (self.retry_ms + jitter).min(LONGEST_RETRY_MS);
        self.retry_at_ms = now_ms.saturating_add(wait_ms);
        self.retry_ms = (self.retry_ms * 2).min(LONGEST_RETRY_MS);
        let again = if self.may_open() {
            format!("; again in {wait_ms} ms")
        } else {
            String::new()
        };
        self.notices
            .push(format!("{}: the line is gone: {why}{again}", self.name));
    }

    /// The centre let us in.
    pub(super) fn bound(&mut self) {
        self.retry_ms = FIRST_RETRY_MS;
    }

    pub(super) fn stop(&mut self, registry: &Registry, now_ms: u64) {
        self.session.stop();
        if self.line.as_mut().is_some_and(Line::stop) {
            self.lose("stopped", true, registry, now_ms);
        } else {
            self.give_up_at_ms = Some(now_ms.saturating_add(STOP_MS));
        }
    }

    /// Says goodbye. Returns whether there is somebody to say it to.
    pub(super) fn unbind(&mut self, now_ms: u64) -> bool {
        self.is_closing = true;
        self.session.unbind(now_ms);
        self.line.is_some()
    }

    /// Drops the connection, whatever state it is in.
    pub(super) fn drop_line(&mut self, registry: &Registry, now_ms: u64) {
        if self.line.is_some() {
            self.lose("closed", false, registry, now_ms);
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.line.is_some()
    }

    /// Returns when there is something to do, if nothing else happens.
    pub(super) fn next_ms(&self, now_ms: u64) -> Option<u64> {
        let own = match &self.line {
            None => self.may_open().then_some(self.retry_at_ms),
            Some(line) if !line.is_open() => Some(self.connect_until_ms),
            Some(_) => self.session.next_ms(now_ms),
        };
        own.into_iter().chain(self.give_up_at_ms).min()
    }

    pub(super) fn role(&self) -> Role {
        self.session.role()
    }

    pub(super) fn told(&mut self, into: &mut Vec<Told>) {
        self.session.told(into);
        into.extend(self.notices.drain(..).map(Told::Notice));
    }
}
