//! Which clocks the telephones of a region may live by.
//!
//! Every zone that the IANA database gives a region counts, whether it is of a capital or of a
//! small island: where somebody is within a region is not known, so a text waits until it is day
//! by all of its clocks.

use unspoof_model::{Region, Zone};

/// `REGION ZONE` a line, sorted: `zone.tab` of the IANA time zone database (public domain), and
/// three regions of telephone numbers that it lacks, `AC`, `TA` and `XK`.
const REGIONS: &str = include_str!("zones/regions.txt");

/// Returns the names of all zones of a region; none for one that is not known.
pub fn zone_names(region: Region) -> impl Iterator<Item = &'static str> {
    REGIONS
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(move |(of, _)| *of == region.as_str())
        .map(|(_, zone)| zone)
}

/// Returns all clocks of a region, those that keep one time throughout merged into one; none for a
/// region that is not known.
#[must_use]
pub fn clocks_of(region: Region) -> Vec<Zone> {
    zone_names(region)
        .filter_map(|name| Zone::named(name).ok())
        .collect()
}
