//! Versions of one event under one key.

use std::collections::BTreeSet;
use std::sync::Mutex;

use arrow::array::ArrayRef;

use super::keys::{BUCKETS_A_PASS, Buckets, Keyed, for_each_key, lock};
use super::{LeftOut, Numbered, Ordinal, Reason};
use crate::AnalysisError;
use crate::ordered::in_order;
use crate::parts::{TablePart, read_part};

/// Finds the versions of one source's events.
///
/// Most parts cannot hold any: keys that are whole numbers in ascending order, in a span that no
/// other part's keys reach into. Only the others' keys are held and sorted.
pub(super) fn same_key(
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
