//! What is counted of calls on the way, for charts.

use std::collections::BTreeMap;

/// What was counted on the way, for charts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tally {
    /// Call attempts and engaged ones by day (days since 1970 UTC).
    pub(crate) by_day: BTreeMap<i32, (u64, u64)>,
    /// Call attempts and engaged ones by region called.
    pub(crate) by_region: BTreeMap<Option<String>, (u64, u64)>,
    /// Call attempts and engaged ones by organisation shown.
    pub(crate) by_organisation: BTreeMap<u32, (u64, u64)>,
    /// Answered call attempts by talk time: index of [`TALK_BUCKETS_S`].
    pub(crate) by_talk: BTreeMap<usize, u64>,
    /// Rows that were left out, by reason.
    pub(crate) left_out: BTreeMap<&'static str, u64>,
}

/// Lower bounds of the talk-time chart's bars, in seconds.
pub(crate) const TALK_BUCKETS_S: [i64; 9] = [0, 15, 30, 60, 120, 300, 600, 1200, 3600];

impl Tally {
    pub(crate) fn add_day(&mut self, (day, counts): (i32, (u64, u64))) {
        if counts.0 > 0 {
            let sum = self.by_day.entry(day).or_default();
            *sum = (sum.0 + counts.0, sum.1 + counts.1);
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        let sum = |to: &mut (u64, u64), from: (u64, u64)| *to = (to.0 + from.0, to.1 + from.1);
        for (key, counts) in other.by_day {
            sum(self.by_day.entry(key).or_default(), counts);
        }
        for (key, counts) in other.by_region {
            sum(self.by_region.entry(key).or_default(), counts);
        }
        for (key, counts) in other.by_organisation {
            sum(self.by_organisation.entry(key).or_default(), counts);
        }
        for (key, count) in other.by_talk {
            *self.by_talk.entry(key).or_default() += count;
        }
        for (key, count) in other.left_out {
            *self.left_out.entry(key).or_default() += count;
        }
    }
}
