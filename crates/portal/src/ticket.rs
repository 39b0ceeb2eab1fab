//! Tickets: what a form carries to show that it came from a page of ours, to this browser, and when.
//!
//! A ticket is bound to the visit cookie and to what it is for, so one that somebody else was given
//! is worth nothing here: that holds off forged requests from other sites, also the kind that signs
//! a visitor in to a stranger's report. The key is drawn at start and lives in memory only.

use ring::hmac;
use subtle::ConstantTimeEq;

use crate::{PortalError, chance, hex};

/// Milliseconds after which a form is shown again, with what was entered.
const MAX_AGE_MS: u64 = 24 * 3_600_000;

/// Signs and checks tickets.
#[derive(Debug)]
pub(crate) struct Tickets(hmac::Key);

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
        Ok(Self(hmac::Key::new(
            hmac::HMAC_SHA256,
            &chance::bytes::<32>()?,
        )))
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
        let mac = hmac::sign(&self.0, signed.as_bytes());
        hex::encode(mac.as_ref().split_at(16).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
