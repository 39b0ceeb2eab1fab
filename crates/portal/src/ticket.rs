//! Tickets: what a form carries to show that it came from a page of ours, to this browser, and when.
//!
//! A ticket is bound to the visit cookie and to what it is for, so one that somebody else was given
//! is worth nothing here: that holds off forged requests from other sites, also the kind that signs
//! a visitor in to a stranger's report. The key is drawn at start and lives in memory only.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use ring::hmac;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{PortalError, chance, hex};

/// Milliseconds after which a form is shown again, with what was entered.
const MAX_AGE_MS: u64 = 24 * 3_600_000;
/// Milliseconds for which a place in the queue is good.
const PLACE_MS: u64 = 15 * 60_000;
/// Zero bits that a proof of work begins with: 2^16 hashes, a second or two of a phone.
pub(crate) const WORK_BITS: u32 = 16;

/// Signs and checks tickets.
#[derive(Debug)]
pub(crate) struct Tickets {
    key: hmac::Key,
    /// Places that were used, by when they were given: each is good once.
    used: Mutex<BTreeSet<(u64, String)>>,
}

/// A ticket that is good, and how long ago its page was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TicketState {
    Good {
        age_ms: u64,
    },
    /// Once ours, too old now.
    Old,
    Forged,
}

impl Tickets {
    pub(crate) fn new() -> Result<Self, PortalError> {
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &chance::bytes::<32>()?),
            used: Mutex::default(),
        })
    }

    /// How long ago a place in the queue was given, if it is ours, of this visit and unused.
    pub(crate) fn place(
        &self,
        ticket: &str,
        purpose: &str,
        visit: &str,
        now_ms: u64,
    ) -> Option<u64> {
        let TicketState::Good { age_ms } = self.check(ticket, purpose, visit, now_ms) else {
            return None;
        };
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let is_used = used.contains(&(now_ms.saturating_sub(age_ms), ticket.to_owned()));
        (age_ms <= PLACE_MS && !is_used).then_some(age_ms)
    }

    /// Takes a place that let somebody through: nobody comes through by it again. What is kept is
    /// bounded by the rate at which places let people through.
    pub(crate) fn use_up(&self, ticket: &str, age_ms: u64, now_ms: u64) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = (now_ms.saturating_sub(2 * PLACE_MS), String::new());
        *used = used.split_off(&forgotten);
        used.insert((now_ms.saturating_sub(age_ms), ticket.to_owned()));
    }

    pub(crate) fn issue(&self, purpose: &str, visit: &str, now_ms: u64) -> String {
        format!("{now_ms:x}.{}", self.mac(purpose, visit, now_ms))
    }

    pub(crate) fn check(
        &self,
        ticket: &str,
        purpose: &str,
        visit: &str,
        now_ms: u64,
    ) -> TicketState {
        let Some((issued, mac)) = ticket.split_once('.') else {
            return TicketState::Forged;
        };
        let Ok(issued_ms) = u64::from_str_radix(issued, 16) else {
            return TicketState::Forged;
        };
        let right = self.mac(purpose, visit, issued_ms);
        if !bool::from(mac.as_bytes().ct_eq(right.as_bytes())) {
            return TicketState::Forged;
        }
        let age_ms = now_ms.saturating_sub(issued_ms);
        if age_ms > MAX_AGE_MS {
            TicketState::Old
        } else {
            TicketState::Good { age_ms }
        }
    }

    fn mac(&self, purpose: &str, visit: &str, issued_ms: u64) -> String {
        // Neither part holds a line break.
        let signed = format!("{purpose}\n{visit}\n{issued_ms:x}");
        let mac = hmac::sign(&self.key, signed.as_bytes());
        hex::encode(mac.as_ref().split_at(16).0)
    }
}

/// Whether a browser worked for this place: SHA-256 over place, dot and answer begins with
/// [`WORK_BITS`] zero bits.
pub(crate) fn is_worked_for(place: &str, answer: &str) -> bool {
    if answer.is_empty() || answer.len() > 20 {
        return false;
    }
    let hash = Sha256::digest(format!("{place}.{answer}").as_bytes());
    let zeros = hash
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(hash.len());
    let bits = hash.get(zeros).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(zeros * 8).unwrap_or(0) + bits >= WORK_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_good_once_and_for_a_quarter_of_an_hour() {
        let tickets = Tickets::new().unwrap();
        let place = tickets.issue("wait /check", "v1", 1000);
        let good = |now| tickets.place(&place, "wait /check", "v1", now);
        assert_eq!((good(1000), good(9000)), (Some(0), Some(8000)));
        assert_eq!(tickets.place(&place, "wait /check", "v2", 9000), None);
        assert_eq!(good(1000 + PLACE_MS + 1), None);
        tickets.use_up(&place, 8000, 9000);
        assert_eq!(good(9000), None);
        assert_eq!(good(20_000), None);
        for n in 0..100 {
            tickets.use_up("x", 0, 4 * PLACE_MS + n);
        }
        assert_eq!(
            tickets.used.lock().unwrap().len(),
            100,
            "the first is forgotten"
        );
    }

    #[test]
    fn work_is_told_from_none() {
        let answer = (0..10_000_000_u32)
            .map(|n| n.to_string())
            .find(|answer| is_worked_for("1.ab", answer))
            .unwrap();
        assert!(!is_worked_for("1.ac", &answer));
        assert!(!is_worked_for("1.ab", "") && !is_worked_for("1.ab", &"0".repeat(21)));
    }

    #[test]
    fn a_ticket_is_good_for_its_purpose_and_visit_alone() {
        let tickets = Tickets::new().unwrap();
        let ticket = tickets.issue("check", "v1", 1000);
        assert_eq!(
            tickets.check(&ticket, "check", "v1", 3500),
            TicketState::Good { age_ms: 2500 }
        );
        assert_eq!(
            tickets.check(&ticket, "number", "v1", 3500),
            TicketState::Forged
        );
        assert_eq!(
            tickets.check(&ticket, "check", "v2", 3500),
            TicketState::Forged
        );
        assert_eq!(
            tickets.check(&ticket, "check", "v1", 90_000_000),
            TicketState::Old
        );
        assert_eq!(
            Tickets::new().unwrap().check(&ticket, "check", "v1", 3500),
            TicketState::Forged
        );
        let later = ticket.replacen("3e8", "3e9", 1);
        assert_eq!(
            tickets.check(&later, "check", "v1", 3500),
            TicketState::Forged
        );
        assert_eq!(tickets.check("", "check", "v1", 3500), TicketState::Forged);
    }
}
