//! Sightings in short.

use unspoof_persons::{AccountNo, Evidence, Kind, Sighting};

/// Lets an account be seen with a value, in an hour since 1970 UTC where one is given.
pub(crate) fn see(
    evidence: &mut Evidence,
    account: AccountNo,
    kind: Kind,
    value: &str,
    hour: Option<i64>,
) {
    evidence
        .add_sighting(Sighting {
            account,
            kind,
            value,
            at_utc_us: hour.map(|hour| hour * 3_600_000_000),
        })
        .unwrap();
}
