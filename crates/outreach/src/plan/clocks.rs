//! By which clocks recipients live.

use std::collections::BTreeSet;

use unspoof_model::Region;

use super::campaign::Bounds;
use super::{Clock, Grounds, hours};
use crate::zones;

/// When it is day, by region.
pub(crate) struct Clocks {
    bounds: Bounds,
    pub(crate) list: Vec<Clock>,
}

impl Clocks {
    pub(crate) fn of(grounds: &Grounds<'_>, bounds: &Bounds) -> Self {
        let regions: BTreeSet<Region> = grounds.home.iter().copied().collect();
        let mut clocks = Self {
            bounds: *bounds,
            list: Vec::new(),
        };
        for region in regions {
            clocks.add(region);
        }
        clocks
    }

    pub(crate) fn add(&mut self, region: Region) {
        let Bounds {
            from_s,
            until_s,
            earliest_min,
            latest_min,
            ..
        } = self.bounds;
        let zones = zones::clocks_of(region);
        let open = hours::open_hours(&zones, from_s, until_s, earliest_min, latest_min);
        if !self.list.iter().any(|clock| clock.region == region) {
            self.list.push(Clock { region, open });
        }
    }

    pub(crate) fn is_ever_day(&self, region: Region) -> bool {
        let mut clocks = self.list.iter();
        clocks.any(|clock| clock.region == region && !clock.open.is_empty())
    }

    pub(crate) fn place(&self, region: Region) -> u16 {
        let found = self.list.iter().position(|clock| clock.region == region);
        found
            .and_then(|at| u16::try_from(at).ok())
            .unwrap_or(u16::MAX)
    }
}
