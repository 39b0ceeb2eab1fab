//! The connections of one account, driven by whoever calls: one thread, no runtime.

mod line;
mod link;
mod texts;

use std::collections::BTreeMap;
use std::net::ToSocketAddrs;
use std::sync::Arc;
use std::time::Duration;

use mio::{Events, Poll, Token};

use super::config::{BindMode, Password, SmppConfig};
use super::pdu::Role;
use super::session::{Carrier, Counts, Session, Settings, Told};
use super::{SmppError, Source, status};
use crate::{Event, Message, OutreachError, Receipt, Sender, SharedClock};
use line::Tls;
use link::{Centre, Link};
use texts::Texts;

/// Milliseconds after which a receipt that nobody kept is told again.
const TELL_AGAIN_MS: u64 = 10_000;
/// Receipts that nobody has kept, above which no more are read.
const MOST_HELD: usize = 20_000;
/// Bytes that are read at a time.
const READ_BYTES: usize = 64 * 1024;

/// A receipt that the centre does not yet know to have come.
struct Held {
    link: usize,
    generation: u64,
    carrier: Carrier,
    receipt: Receipt,
}

/// An account at a provider, as a [`Sender`].
///
/// It connects when it is first polled, and again whenever a connection is lost, after 1 s and then
/// twice as long each time up to 30 s. Messages go to the session with the most room.
pub struct Pool {
    poll: Poll,
    ready: Events,
    centre: Centre,
    links: Vec<Link>,
    clock: SharedClock,
    texts: Texts,
    held: BTreeMap<u64, Held>,
    tell_again_ms: u64,
    ticket: u64,
    buffer: Vec<u8>,
    told: Vec<Told>,
    happened: Vec<Event>,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool")
            .field("links", &self.links.len())
            .finish_non_exhaustive()
    }
}

impl Pool {
    /// Prepares an account. `sender_id` is the signed plan's, and `made_up` says whether the plan's
    /// case is stamped so: then only an address of this machine is taken. `seed` keeps the pauses
    /// of sessions apart. Names are looked up now and never again, so that a name server that is
    /// gone cannot hold up a red stop.
    ///
    /// # Errors
    /// [`SmppError`] where the account makes no sense, would take made-up records off this machine,
    /// or has no address.
    pub fn open(
        config: &SmppConfig,
        password: Password,
        sender_id: &str,
        made_up: bool,
        clock: SharedClock,
        seed: u64,
    ) -> Result<Self, SmppError> {
        config.check(made_up)?;
        let source = Source::of(sender_id)?;
        let settings = Arc::new(Settings::of(config, password, source)?);
        let tls = match &config.tls {
            None => None,
            Some(tls) => Some(Tls::of(tls, &config.host)?),
        };
        let resolved = (config.host.as_str(), config.port).to_socket_addrs();
        let no_address = |source| SmppError::Resolve {
            host: config.host.clone(),
            source,
        };
        let addresses: Vec<_> = resolved.map_err(|why| no_address(Some(why)))?.collect();
        if addresses.is_empty() {
            return Err(no_address(None));
        }
        let now_ms = clock.monotonic_ms();
        let roles: &[Role] = match config.bind {
            BindMode::Transceiver => &[Role::Transceiver],
            BindMode::Pair => &[Role::Transmitter, Role::Receiver],
        };
        let mut links = Vec::new();
        for number in 1..=config.sessions {
            for role in roles {
                let name = match config.bind {
                    BindMode::Transceiver => format!("session {number}"),
                    BindMode::Pair => format!("session {number}, {role}"),
                };
                let at = links.len();
                let seed = seed.wrapping_add((at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
                let settings = Arc::clone(&settings);
                let session = Session::new(settings, *role, name.clone(), seed, now_ms);
                links.push(Link::new(session, name, Token(at), seed ^ 1, now_ms));
            }
        }
        Ok(Self {
            poll: Poll::new().map_err(|source| SmppError::Wait { source })?,
            ready: Events::with_capacity(1024),
            centre: Centre { addresses, tls },
            links,
            texts: Texts::default(),
            held: BTreeMap::new(),
            tell_again_ms: now_ms,
            clock,
            ticket: 0,
            buffer: vec![0; READ_BYTES],
            told: Vec::new(),
            happened: Vec::new(),
        })
    }

    /// Says that a text in several parts went out before this process began, with the ids of its
    /// acceptance as far as there are any, so that one part's receipt is not taken for all of it.
    pub fn remember(&mut self, key: u64, to: &str, parts: u8, message_ids: &str) {
        if parts > 1 {
            self.texts.begun(key, parts, to);
            for id in message_ids.split(',') {
                self.texts.accepted(key, id.into());
            }
        }
    }

    /// Returns how many sessions the centre has let in.
    #[must_use]
    pub fn bound(&self) -> usize {
        let links = self.links.iter();
        links.filter(|link| link.session.is_bound()).count()
    }

    /// Returns the counts of what was odd, over all sessions.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut all = Counts::default();
        for link in &self.links {
            let counts = link.session.counts();
            all.unmatched += counts.unmatched;
            all.late += counts.late;
            all.incoming += counts.incoming;
            all.unknown_commands += counts.unknown_commands;
            all.malformed += counts.malformed;
            all.outbinds += counts.outbinds;
        }
        all
    }

    /// Says goodbye to the centre and closes all connections, at the latest after `wait`. What has
    /// no answer then is unknown. Returns what still happened.
    ///
    /// # Errors
    /// As [`Sender::poll`].
    pub fn close(&mut self, wait: Duration) -> Result<Vec<Event>, OutreachError> {
        let mut now_ms = self.clock.monotonic_ms();
        let until_ms = now_ms.saturating_add(ms(wait));
        for link in &mut self.links {
            link.unbind(now_ms);
        }
        let mut happened = Vec::new();
        while self.links.iter().any(Link::is_connected) && now_ms < until_ms {
            happened.extend(self.poll(Duration::from_millis(until_ms - now_ms))?);
            now_ms = self.clock.monotonic_ms();
        }
        for link in &mut self.links {
            link.drop_line(self.poll.registry(), now_ms);
        }
        self.collect(now_ms);
        happened.append(&mut self.happened);
        Ok(happened)
    }

    fn drive(&mut self, now_ms: u64) {
        let wall_us = self.clock.wall_us();
        // Whoever keeps receipts is behind: the centre waits.
        let room = if self.held.len() < MOST_HELD {
            self.buffer.as_mut_slice()
        } else {
            &mut []
        };
        for link in &mut self.links {
            link.drive(&self.centre, self.poll.registry(), room, now_ms, wall_us);
        }
        self.collect(now_ms);
    }

    /// Turns what the sessions tell into what the sender tells.
    fn collect(&mut self, now_ms: u64) {
        for (at, link) in self.links.iter_mut().enumerate() {
            link.told(&mut self.told);
            for told in self.told.drain(..) {
                match told {
                    Told::Bound => link.bound(),
                    Told::Answered { key, answer } => {
                        self.happened.push(Event::Answered { key, answer });
                    }
                    Told::PartsBegun { key, of, to } => self.texts.begun(key, of, &to),
                    Told::PartAccepted { key, message_id } => {
                        self.texts.accepted(key, message_id);
                    }
                    Told::Receipt {
                        carrier,
                        mut receipt,
                    } => {
                        self.texts.of_text(&mut receipt);
                        self.ticket += 1;
                        let ticket = self.ticket;
                        if self.held.is_empty() {
                            self.tell_again_ms = now_ms.saturating_add(TELL_AGAIN_MS);
                        }
                        self.held.insert(
                            ticket,
                            Held {
                                link: at,
                                generation: link.generation(),
                                carrier,
                                receipt: receipt.clone(),
                            },
                        );
                        self.happened.push(Event::Receipt { ticket, receipt });
                    }
                    Told::Notice(notice) => self.happened.push(Event::Notice(notice)),
                }
            }
        }
        if !self.held.is_empty() && now_ms >= self.tell_again_ms {
            self.tell_again_ms = now_ms.saturating_add(TELL_AGAIN_MS);
            self.happened
                .extend(self.held.iter().map(|(ticket, held)| Event::Receipt {
                    ticket: *ticket,
                    receipt: held.receipt.clone(),
                }));
        }
    }

    /// Fails where no session can ever submit.
    fn check(&self) -> Result<(), OutreachError> {
        let mut refused = None;
        for link in self.links.iter().filter(|link| link.role().sends()) {
            match link.refused() {
                Some(status) => refused = Some(status),
                None => return Ok(()),
            }
        }
        match refused {
            Some(status) => Err(SmppError::BindRefused {
                code: status::name(status).into_owned(),
            }
            .into()),
            None => Ok(()),
        }
    }

    /// Waits for sockets, at most until the first session has something to do.
    fn wait(&mut self, now_ms: u64, until_ms: u64) -> Result<(), SmppError> {
        let has_work = self.held.len() < MOST_HELD && self.links.iter().any(Link::has_work);
        let mut wake_ms = if has_work { now_ms } else { until_ms };
        for link in &self.links {
            if let Some(next_ms) = link.next_ms(now_ms) {
                wake_ms = wake_ms.min(next_ms);
            }
        }
        if !self.held.is_empty() {
            wake_ms = wake_ms.min(self.tell_again_ms);
        }
        let timeout = Duration::from_millis(wake_ms.saturating_sub(now_ms));
        match self.poll.poll(&mut self.ready, Some(timeout)) {
            Ok(()) => {}
            Err(why) if why.kind() == std::io::ErrorKind::Interrupted => return Ok(()),
            Err(source) => return Err(SmppError::Wait { source }),
        }
        for event in &self.ready {
            if let Some(link) = self.links.get_mut(event.token().0) {
                link.ready(event);
            }
        }
        Ok(())
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Sender for Pool {
    fn window(&self) -> usize {
        self.links.iter().map(|link| link.session.window()).sum()
    }

    fn free_slots(&self) -> usize {
        let links = self.links.iter();
        links.map(|link| link.session.free_slots()).sum()
    }

    fn submit(&mut self, messages: Vec<Message>) -> Result<(), OutreachError> {
        let now_ms = self.clock.monotonic_ms();
        for message in messages {
            let roomiest = self
                .links
                .iter_mut()
                .filter(|link| link.role().sends())
                .max_by_key(|link| link.session.free_slots());
            // A session without room says itself that the message is unsent.
            if let Some(link) = roomiest {
                link.session.submit(message);
            }
        }
        let wall_us = self.clock.wall_us();
        for link in &mut self.links {
            link.hand_out(now_ms, wall_us);
        }
        Ok(())
    }

    fn poll(&mut self, wait: Duration) -> Result<Vec<Event>, OutreachError> {
        let mut now_ms = self.clock.monotonic_ms();
        let until_ms = now_ms.saturating_add(ms(wait));
        loop {
            self.drive(now_ms);
            if !self.happened.is_empty() {
                return Ok(std::mem::take(&mut self.happened));
            }
            self.check()?;
            now_ms = self.clock.monotonic_ms();
            if now_ms >= until_ms {
                // One look at the sockets, for a caller that never waits.
                self.wait(now_ms, now_ms)?;
                self.drive(now_ms);
                return Ok(std::mem::take(&mut self.happened));
            }
            self.wait(now_ms, until_ms)?;
            now_ms = self.clock.monotonic_ms();
        }
    }

    fn receipts_kept(&mut self, tickets: &[u64]) {
        for ticket in tickets {
            let Some(held) = self.held.remove(ticket) else {
                continue;
            };
            // Over another connection the answer would name another message; the centre sends
            // the receipt again over that one.
            if let Some(link) = self.links.get_mut(held.link)
                && link.generation() == held.generation
            {
                link.session.keep(held.carrier);
            }
        }
        let (now_ms, wall_us) = (self.clock.monotonic_ms(), self.clock.wall_us());
        for link in &mut self.links {
            link.hand_out(now_ms, wall_us);
        }
    }

    fn stop(&mut self) {
        let now_ms = self.clock.monotonic_ms();
        for link in &mut self.links {
            link.stop(self.poll.registry(), now_ms);
        }
        self.collect(now_ms);
    }
}
