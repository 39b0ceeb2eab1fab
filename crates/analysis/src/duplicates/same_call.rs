//! One call seen by two systems.

use std::sync::Mutex;

use arrow::array::{Array, ArrayRef};
use unspoof_model::config::SameCall;

use super::keys::{BUCKETS_A_PASS, Buckets, Key, for_each_key, lock};
use super::{LeftOut, LeftOuts, Numbered, Ordinal, Reason};
use crate::AnalysisError;
use crate::ordered::in_order;
use crate::parts::{TablePart, read_part};

/// Columns that calls can be joined on.
const JOINED_ON: [&str; 6] = [
    "leg",
    "account_id",
    "called_e164",
    "presented_e164",
    "call_id",
    "leg_id",
];

/// A set of rows of a table, one bit a row.
#[derive(Default)]
struct Rows(Vec<u64>);

impl Rows {
    fn contains(&self, row: Ordinal) -> bool {
        let word = self.0.get(row as usize / 64);
        word.is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    fn insert(&mut self, row: Ordinal) {
        let at = row as usize / 64;
        if self.0.len() <= at {
            self.0.resize((at + 1).next_power_of_two(), 0);
        }
        self.0[at] |= 1 << (row % 64);
    }
}

/// One bucket's sightings sorted by key and time, with the place where each start of a key begins:
/// hashes spread evenly, so that a search has a few of them left to look through.
struct ByKey {
    sorted: Vec<Sighting>,
    starts: Vec<u32>,
    /// Bits of a key before its start, which all keys of the bucket share.
    shared_bits: u32,
}

const START_BITS: u32 = 14;

impl ByKey {
    fn new(mut sorted: Vec<Sighting>, shared_bits: u32) -> Self {
        sorted.sort_unstable();
        let mut starts = vec![0; (1 << START_BITS) + 1];
        let start_of = |key| start_of(key, shared_bits);
        for sighting in &sorted {
            starts[start_of(sighting.key) + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self {
            sorted,
            starts,
            shared_bits,
        }
    }

    /// Gives the sightings of a key within a span of time.
    fn of(
        &self,
        key: Key,
        span_us: std::ops::RangeInclusive<i64>,
    ) -> impl Iterator<Item = &Sighting> {
        let start = start_of(key, self.shared_bits);
        let near = &self.sorted[self.starts[start] as usize..self.starts[start + 1] as usize];
        let first =
            near.partition_point(|other| (other.key, other.at_us) < (key, *span_us.start()));
        near[first..]
            .iter()
            .take_while(move |other| other.key == key && other.at_us <= *span_us.end())
    }
}

const fn start_of(key: Key, shared_bits: u32) -> usize {
    (key[0] << shared_bits >> (u64::BITS - START_BITS)) as usize
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sighting {
    key: Key,
    at_us: i64,
    row: Ordinal,
}

/// Two rows that may be one call: how far apart in time, which would count, which would not. Their
/// order is the order in which pairs are made.
type Near = (i64, Ordinal, Ordinal);

/// Pairs the rows of two sources that saw the same calls, nearest in time first.
pub(super) fn same_call(
    numbered: &Numbered<'_>,
    rule: &SameCall,
    left_out: &LeftOuts,
    workers: usize,
) -> Result<Vec<LeftOut>, AnalysisError> {
    let mut on: Vec<&'static str> = Vec::new();
    for column in &rule.on {
        let known = JOINED_ON.iter().find(|known| *known == column);
        on.push(known.ok_or_else(|| AnalysisError::SameCallColumn {
            column: column.clone(),
        })?);
    }
    let within_us = rule.within_s.saturating_mul(1_000_000);
    let of_source = |source: &str| -> Vec<(&TablePart, Ordinal)> {
        numbered
            .parts
            .iter()
            .filter(|(part, _)| part.source == source)
            .copied()
            .collect()
    };
    let (counted_parts, other_parts) = (of_source(&rule.sources.0), of_source(&rule.sources.1));
    let mut other_rows = 0;
    for (part, _) in &other_parts {
        other_rows += crate::parts::row_count(&part.path)? as usize;
    }
    let buckets = Buckets::of(other_rows);
    let mut pairs = Vec::new();
    for pass in 0..buckets.passes() {
        let within = |key| buckets.within(pass, key);
        let mut others: [Vec<Sighting>; BUCKETS_A_PASS] = Default::default();
        let all = i64::MIN..=i64::MAX;
        let see = |index: usize| sightings(other_parts[index], &on, left_out, &all, within);
        in_order(other_parts.len(), workers, see, |_, seen| {
            for (bucket, sighting) in seen {
                others[bucket].push(sighting);
            }
            Ok(())
        })?;
        let times = || others.iter().flatten().map(|other| other.at_us);
        let earliest = times().min().unwrap_or(i64::MAX);
        let latest = times().max().unwrap_or(i64::MIN);
        let span = earliest.saturating_sub(within_us)..=latest.saturating_add(within_us);
        let others = others.map(Mutex::new);
        let mut by_key = Vec::with_capacity(BUCKETS_A_PASS);
        let sort = |bucket: usize| {
            let others = std::mem::take(&mut *lock(&others[bucket]));
            Ok::<_, AnalysisError>(ByKey::new(others, buckets.bits))
        };
        in_order(BUCKETS_A_PASS, workers, sort, |_, sorted| {
            by_key.push(sorted);
            Ok(())
        })?;
        let mut near: [Vec<Near>; BUCKETS_A_PASS] = Default::default();
        let meet = |index: usize| {
            let seen = sightings(counted_parts[index], &on, left_out, &span, within)?;
            let mut met = Vec::new();
            for (bucket, sighting) in seen {
                let Sighting { key, at_us, row } = sighting;
                let span = at_us.saturating_sub(within_us)..=at_us.saturating_add(within_us);
                let candidates = by_key[bucket].of(key, span);
                met.extend(
                    candidates.map(|other| (bucket, ((other.at_us - at_us).abs(), row, other.row))),
                );
            }
            Ok::<_, AnalysisError>(met)
        };
        in_order(counted_parts.len(), workers, meet, |_, met| {
            for (bucket, met) in met {
                near[bucket].push(met);
            }
            Ok(())
        })?;
        let near = near.map(Mutex::new);
        let pair = |bucket: usize| {
            Ok::<_, AnalysisError>(pairs_of(std::mem::take(&mut *lock(&near[bucket]))))
        };
        in_order(BUCKETS_A_PASS, workers, pair, |_, found| {
            pairs.extend(found);
            Ok(())
        })?;
    }
    Ok(pairs)
}

/// Makes pairs, nearest first; a row is in one at most.
fn pairs_of(mut near: Vec<Near>) -> Vec<LeftOut> {
    near.sort_unstable();
    let mut pairs = Vec::new();
    // Both sides share one set, as ordinals are of one table.
    let mut taken = Rows::default();
    for (_, counted, row) in near {
        if !taken.contains(counted) && !taken.contains(row) {
            taken.insert(counted);
            taken.insert(row);
            pairs.push(LeftOut {
                row,
                counted,
                reason: Reason::SameCall,
            });
        }
    }
    pairs
}

/// Gives the rows of one part that started within a span and are not left out already, with the
/// bucket of those whose key has one.
fn sightings(
    (part, first): (&TablePart, Ordinal),
    on: &[&'static str],
    left_out: &LeftOuts,
    span: &std::ops::RangeInclusive<i64>,
    bucket_of: impl Fn(Key) -> Option<usize>,
) -> Result<Vec<(usize, Sighting)>, AnalysisError> {
    let times = read_part(&part.path, &["started_utc"])?;
    let started = times.time("started_utc")?;
    if !started.iter().flatten().any(|at| span.contains(&at)) {
        return Ok(Vec::new());
    }
    let columns = read_part(&part.path, on)?;
    let arrays: Vec<&ArrayRef> = on
        .iter()
        .filter_map(|name| columns.batch.column_by_name(name))
        .collect();
    let rows = columns.batch.num_rows();
    let mut gone = left_out.within(first, rows).iter().peekable();
    let mut seen = Vec::with_capacity(rows);
    for_each_key(&arrays, rows, |row, key| {
        let ordinal = first + row as u32;
        while gone.next_if(|left_out| left_out.row < ordinal).is_some() {}
        let is_gone = gone.peek().is_some_and(|left_out| left_out.row == ordinal);
        if is_gone || started.is_null(row) || !span.contains(&started.value(row)) {
            return;
        }
        if let Some(bucket) = bucket_of(key) {
            let sighting = Sighting {
                key,
                at_us: started.value(row),
                row: ordinal,
            };
            seen.push((bucket, sighting));
        }
    });
    Ok(seen)
}
