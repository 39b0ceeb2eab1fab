//! Rows that tell of one event twice.
//!
//! Two rows of one source with equal identity columns are versions of one event: the one in the
//! exhibit whose name sorts last counts, and within one exhibit the later row. Two rows of two
//! sources that a case declares to have seen the same calls are paired by account, number and
//! time. All rows stay in `tables/`; what is found here is left out of every count.
//!
//! Memory does not grow with the case: keys are spread over buckets by their first bits and looked
//! at in as many passes as it takes to hold a bounded number of them at a time. Rows that could
//! meet share a key, so that buckets are worked on side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, StringArray};
use unspoof_model::config::SameCall;

use crate::AnalysisError;
use crate::digest::wide_hash;
use crate::ordered::in_order;
use crate::parts::{TablePart, read_part};

/// Most keys held at a time.
const KEYS_A_PASS: usize = 4_000_000;

/// A row of a table by its place among all rows of that table: parts in order, rows in order.
pub(crate) type Ordinal = u32;

/// Why a row is left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    /// Another version under the same key counts.
    SameKey,
    /// Another system's record of the same call counts.
    SameCall,
}

impl Reason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SameKey => "same-key",
            Self::SameCall => "same-call",
        }
    }
}

/// A row that is left out, and the one that counts in its stead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LeftOut {
    pub(crate) row: Ordinal,
    pub(crate) counted: Ordinal,
    pub(crate) reason: Reason,
}

/// The rows of one table that are left out, by row.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct LeftOuts {
    sorted: Vec<LeftOut>,
}

impl LeftOuts {
    fn add(&mut self, more: Vec<LeftOut>) {
        self.sorted.extend(more);
        self.sorted.sort_unstable_by_key(|left_out| left_out.row);
        self.sorted.dedup_by_key(|left_out| left_out.row);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &LeftOut> {
        self.sorted.iter()
    }

    /// Returns those among the rows `[first, first + count)`.
    pub(crate) fn within(&self, first: Ordinal, count: usize) -> &[LeftOut] {
        let from = self.sorted.partition_point(|left_out| left_out.row < first);
        let rest = &self.sorted[from..];
        let until = rest.partition_point(|left_out| ((left_out.row - first) as usize) < count);
        &rest[..until]
    }

    pub(crate) fn contains(&self, row: Ordinal) -> bool {
        self.sorted
            .binary_search_by_key(&row, |left_out| left_out.row)
            .is_ok()
    }
}

/// A table's parts with the ordinal of each one's first row.
pub(crate) struct Numbered<'a> {
    pub(crate) parts: Vec<(&'a TablePart, Ordinal)>,
}

impl<'a> Numbered<'a> {
    pub(crate) fn new(parts: &[&'a TablePart]) -> Result<Self, AnalysisError> {
        let mut numbered = Vec::with_capacity(parts.len());
        let mut rows: u64 = 0;
        for part in parts {
            let too_many = || AnalysisError::TooManyRows {
                most: u32::MAX.into(),
            };
            numbered.push((*part, u32::try_from(rows).map_err(|_| too_many())?));
            rows += crate::parts::row_count(&part.path)?;
        }
        if u32::try_from(rows).is_err() {
            return Err(AnalysisError::TooManyRows {
                most: u32::MAX.into(),
            });
        }
        Ok(Self { parts: numbered })
    }
}

/// A hash of 128 bits in two halves, so that what holds it needs no padding.
type Key = [u64; 2];

/// A key with its row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Keyed {
    key: Key,
    row: Ordinal,
}

/// Buckets looked at in one pass.
const BUCKETS_A_PASS: usize = 16;

/// Keys by their first bits.
#[derive(Clone, Copy)]
struct Buckets {
    bits: u32,
}

impl Buckets {
    /// Spreads some keys so that a pass holds a bounded number of them.
    fn of(keys: usize) -> Self {
        let buckets = keys.div_ceil(KEYS_A_PASS / BUCKETS_A_PASS);
        Self {
            bits: buckets.max(BUCKETS_A_PASS).next_power_of_two().ilog2(),
        }
    }

    const fn passes(self) -> usize {
        (1 << self.bits) / BUCKETS_A_PASS
    }

    /// Returns a key's bucket among those of a pass, if it is one of them.
    fn within(self, pass: usize, key: Key) -> Option<usize> {
        let bucket = (key[0] >> (u64::BITS - self.bits)) as usize;
        (bucket / BUCKETS_A_PASS == pass).then_some(bucket % BUCKETS_A_PASS)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hashes some columns of each row; rows of which one is null or empty are passed over.
fn for_each_key(columns: &[&ArrayRef], rows: usize, mut take: impl FnMut(usize, Key)) {
    enum Column<'a> {
        Texts(&'a StringArray),
        Numbers(&'a Int64Array),
    }
    let columns = columns.iter().map(|column| {
        let texts = column.as_string_opt().map(Column::Texts);
        texts.or_else(|| column.as_primitive_opt().map(Column::Numbers))
    });
    // Other kinds of column have no key.
    let Some(columns) = columns.collect::<Option<Vec<_>>>() else {
        return;
    };
    let mut text = Vec::new();
    'rows: for row in 0..rows {
        text.clear();
        for column in &columns {
            match column {
                Column::Texts(texts) if texts.is_valid(row) && !texts.value(row).is_empty() => {
                    let value = texts.value(row).as_bytes();
                    text.extend_from_slice(&(value.len() as u64).to_le_bytes());
                    text.extend_from_slice(value);
                }
                Column::Numbers(numbers) if numbers.is_valid(row) => {
                    text.extend_from_slice(&numbers.value(row).to_le_bytes());
                }
                Column::Texts(_) | Column::Numbers(_) => continue 'rows,
            }
        }
        take(row, wide_hash(&text));
    }
}

/// Finds the versions of one source's events.
///
/// Most parts cannot hold any: keys that are whole numbers in ascending order, in a span that no
/// other part's keys reach into. Only the others' keys are held and sorted.
pub(crate) fn same_key(
    numbered: &Numbered<'_>,
    source: &str,
    identity: &[&'static str],
    workers: usize,
) -> Result<Vec<LeftOut>, AnalysisError> {
    let mut left_out = Vec::new();
    if identity.is_empty() {
        return Ok(left_out);
    }
    let parts: Vec<(&TablePart, Ordinal)> = numbered
        .parts
        .iter()
        .filter(|(part, _)| part.source == source)
        .copied()
        .collect();
    let mut spans: Vec<KeySpan> = Vec::with_capacity(parts.len());
    let span = |index: usize| key_span(parts[index].0, identity);
    in_order(parts.len(), workers, span, |_, span| {
        spans.push(span);
        Ok(())
    })?;
    let suspects = may_meet(&spans);
    let rows: usize = suspects.iter().map(|&index| spans[index].rows).sum();
    let buckets = Buckets::of(rows);
    for pass in 0..buckets.passes() {
        let mut held: [Vec<Keyed>; BUCKETS_A_PASS] = Default::default();
        let hash = |index: usize| {
            let (part, first) = parts[suspects[index]];
            let columns = read_part(&part.path, identity)?;
            let arrays: Vec<&ArrayRef> = identity
                .iter()
                .filter_map(|name| columns.batch.column_by_name(name))
                .collect();
            let mut found: [Vec<Keyed>; BUCKETS_A_PASS] = Default::default();
            for_each_key(&arrays, columns.batch.num_rows(), |row, key| {
                if let Some(bucket) = buckets.within(pass, key) {
                    let row = first + row as u32;
                    found[bucket].push(Keyed { key, row });
                }
            });
            Ok::<_, AnalysisError>(found)
        };
        in_order(suspects.len(), workers, hash, |_, found| {
            for (held, found) in held.iter_mut().zip(found) {
                held.extend(found);
            }
            Ok(())
        })?;
        let held = held.map(Mutex::new);
        let versions = |bucket: usize| {
            let mut held = std::mem::take(&mut *lock(&held[bucket]));
            held.sort_unstable();
            let mut found = Vec::new();
            for group in held.chunk_by(|a, b| a.key == b.key) {
                if let [versions @ .., counted] = group {
                    found.extend(versions.iter().map(|version| LeftOut {
                        row: version.row,
                        counted: counted.row,
                        reason: Reason::SameKey,
                    }));
                }
            }
            Ok::<_, AnalysisError>(found)
        };
        in_order(BUCKETS_A_PASS, workers, versions, |_, found| {
            left_out.extend(found);
            Ok(())
        })?;
    }
    Ok(left_out)
}

/// What the keys of one part are like.
struct KeySpan {
    rows: usize,
    /// Least and greatest, where all are whole numbers; None where one is not.
    span: Option<(u64, u64)>,
    /// Whether each is greater than the one before.
    ascends: bool,
}

fn key_span(part: &TablePart, identity: &[&'static str]) -> Result<KeySpan, AnalysisError> {
    let columns = read_part(&part.path, identity)?;
    let rows = columns.batch.num_rows();
    let anything = KeySpan {
        rows,
        span: None,
        ascends: false,
    };
    let [only] = identity else {
        return Ok(anything);
    };
    let Ok(texts) = columns.text(only) else {
        return Ok(anything);
    };
    let (mut least, mut greatest, mut before) = (u64::MAX, 0, None);
    let mut ascends = true;
    // Rows without a key are no version of anything.
    for text in texts.iter().flatten().filter(|text| !text.is_empty()) {
        let Some(number) = whole_number(text) else {
            return Ok(anything);
        };
        ascends &= before.is_none_or(|before| before < number);
        before = Some(number);
        least = least.min(number);
        greatest = greatest.max(number);
    }
    Ok(KeySpan {
        rows,
        span: Some((least, greatest)),
        ascends,
    })
}

/// Reads digits without leading zeros, so that equal numbers are equal texts.
fn whole_number(text: &str) -> Option<u64> {
    let digits = text.as_bytes();
    let plain = matches!(digits, [b'0'] | [b'1'..=b'9', ..]) && digits.len() <= 18;
    if !plain {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + u64::from(digit - b'0'))
    })
}

/// Lists the parts that can share a key with another or hold one twice, in order.
fn may_meet(spans: &[KeySpan]) -> Vec<usize> {
    // A part whose keys are no numbers may hold any key.
    if spans.iter().any(|span| span.span.is_none()) {
        return (0..spans.len()).collect();
    }
    let mut suspects: BTreeSet<usize> = (0..spans.len())
        .filter(|&index| !spans[index].ascends)
        .collect();
    let mut ordered: Vec<(u64, u64, usize)> = spans
        .iter()
        .enumerate()
        .filter_map(|(index, span)| span.span.map(|(least, greatest)| (least, greatest, index)))
        .collect();
    ordered.sort_unstable();
    let mut reach: Option<(u64, usize)> = None;
    for (least, greatest, index) in ordered {
        if let Some((reached, by)) = reach
            && least <= reached
        {
            suspects.extend([by, index]);
        }
        if reach.is_none_or(|(reached, _)| reached < greatest) {
            reach = Some((greatest, index));
        }
    }
    suspects.into_iter().collect()
}

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
pub(crate) fn same_call(
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

/// Finds all rows of a table that are left out: versions under one key, then, for calls, pairs.
pub(crate) fn left_outs(
    numbered: &Numbered<'_>,
    identities: &BTreeMap<String, Vec<&'static str>>,
    same_calls: &[SameCall],
    workers: usize,
) -> Result<LeftOuts, AnalysisError> {
    let mut all = LeftOuts::default();
    for (source, identity) in identities {
        all.add(same_key(numbered, source, identity, workers)?);
    }
    for rule in same_calls {
        let pairs = same_call(numbered, rule, &all, workers)?;
        all.add(pairs);
    }
    Ok(all)
}
