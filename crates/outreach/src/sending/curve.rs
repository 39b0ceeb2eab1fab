//! What happened in each minute, from the ledger's own times: the curves of a campaign's page.

use std::collections::BTreeMap;

use serde::Serialize;
use unspoof_model::UtcMicros;
use unspoof_store::ledger::{Ledger, State};

use crate::OutreachError;

const MINUTE_US: i64 = 60_000_000;

/// Counts of one minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Curve {
    /// Its first instant, in microseconds UTC.
    pub minute_us: UtcMicros,
    /// Messages that were handed to the sender in it, by their last attempt.
    pub submitted: u64,
    /// Messages that the other side took in it.
    pub accepted: u64,
    /// Messages that reached their handset in it, by when the receipt came.
    pub delivered: u64,
}

/// Counts a campaign by minutes, those in which nothing happened left out.
///
/// Reads every row that was claimed: for a page, not for every second.
///
/// # Errors
/// The ledger cannot be read, or does not hold the campaign.
pub fn curve_of(ledger: &mut Ledger, campaign: &str) -> Result<Vec<Curve>, OutreachError> {
    let mut minutes: BTreeMap<UtcMicros, Curve> = BTreeMap::new();
    let mut add = |at_us: Option<UtcMicros>, to: fn(&mut Curve) -> &mut u64| {
        if let Some(at_us) = at_us {
            let minute_us = at_us.div_euclid(MINUTE_US) * MINUTE_US;
            let curve = minutes.entry(minute_us).or_default();
            curve.minute_us = minute_us;
            *to(curve) += 1;
        }
    };
    for state in [
        State::Intent,
        State::Accepted,
        State::Refused,
        State::Unknown,
        State::Delivered,
        State::Undelivered,
        State::Expired,
        State::Settled,
    ] {
        for row in ledger.rows(campaign, state)? {
            add(row.intent_us, |curve| &mut curve.submitted);
            // A receipt that came before any answer says that it was taken, too.
            let was_taken = match state {
                State::Accepted => true,
                State::Delivered | State::Undelivered | State::Expired => true,
                State::Planned
                | State::Intent
                | State::Refused
                | State::Unknown
                | State::Settled
                | State::Removed => false,
            };
            if was_taken {
                add(row.answered_us.or(row.settled_us), |curve| {
                    &mut curve.accepted
                });
            }
            if state == State::Delivered {
                add(row.settled_us, |curve| &mut curve.delivered);
            }
        }
    }
    Ok(minutes.into_values().collect())
}
