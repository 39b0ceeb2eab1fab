//! A campaign by countries, for whoever holds its recipients: the ledger knows no numbers.

use std::collections::BTreeMap;

use serde::Serialize;
use unspoof_store::ledger::{Ledger, State};

use super::status::{SMALLEST_GROUP, StateCounts};
use crate::OutreachError;
use crate::package::Opened;

/// Counts of one country. Countries of few recipients stand together under `other`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CountryCount {
    /// The region of its numbers, such as `GB`.
    pub country: String,
    /// Its counts.
    pub counts: StateCounts,
}

/// All states, in order.
const STATES: [State; 10] = [
    State::Planned,
    State::Intent,
    State::Accepted,
    State::Refused,
    State::Unknown,
    State::Delivered,
    State::Undelivered,
    State::Expired,
    State::Settled,
    State::Removed,
];

/// Counts a campaign by the countries of its recipients. Reads every row.
///
/// # Errors
/// The ledger cannot be read, or does not hold the campaign.
pub fn countries_of(
    ledger: &mut Ledger,
    opened: &Opened,
) -> Result<Vec<CountryCount>, OutreachError> {
    let plan = opened.plan();
    let mut by: BTreeMap<&str, StateCounts> = BTreeMap::new();
    for state in STATES {
        for row in ledger.rows(&plan.campaign, state)? {
            let clock = opened.recipient(row.key).map(|of| usize::from(of.clock));
            let clock = clock.and_then(|at| plan.clocks.get(at));
            let country = clock.map_or(OTHER, |clock| clock.region.as_str());
            by.entry(country).or_default().add(state, 1);
        }
    }
    let mut listed = Vec::new();
    let mut other = StateCounts::default();
    for (country, counts) in by {
        if country == OTHER || counts.all() < SMALLEST_GROUP {
            other.join(counts);
        } else {
            listed.push(CountryCount {
                country: country.to_owned(),
                counts,
            });
        }
    }
    if other.all() > 0 {
        listed.push(CountryCount {
            country: OTHER.to_owned(),
            counts: other,
        });
    }
    Ok(listed)
}

const OTHER: &str = "other";
