//! Walks rows in the byte order of their lines without sorting text.

use crate::record::Record;

/// Digits that an offset may have.
const DIGITS: usize = 12;

/// Calls `visit` for each record, in byte order of its offset written in decimal and followed by a
/// space. `records` are in order of offset.
///
/// Among offsets of one length, numbers and texts sort alike; so this merges one run for each
/// length, by the offset padded with zeros on the right, the shorter first (a space sorts before
/// any digit).
pub(crate) fn by_decimal_text(records: &[Record], mut visit: impl FnMut(&Record)) {
    let mut runs: Vec<(&[Record], u64)> = Vec::new();
    let mut rest = records;
    for digits in 1..=DIGITS {
        let end = rest.partition_point(|record| record.at < 10_u64.pow(digits as u32));
        let (run, after) = rest.split_at(end);
        if !run.is_empty() {
            runs.push((run, 10_u64.pow((DIGITS - digits) as u32)));
        }
        rest = after;
    }
    loop {
        let mut least: Option<(u64, usize)> = None;
        for (index, (run, scale)) in runs.iter().enumerate() {
            if let Some(head) = run.first() {
                let key = head.at * scale;
                if least.is_none_or(|(known, _)| key < known) {
                    least = Some((key, index));
                }
            }
        }
        let Some((_, index)) = least else { return };
        if let Some((head, tail)) = runs[index].0.split_first() {
            visit(head);
            runs[index].0 = tail;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_sorted_lines() {
        let offsets = [
            0, 1, 2, 9, 10, 12, 19, 20, 99, 100, 101, 119, 120, 121, 1_000, 1_200, 12_000,
        ];
        let records: Vec<Record> = offsets
            .iter()
            .map(|&at| Record {
                at,
                flags: 0,
                len: 7,
                region: 0,
                posed: 0,
            })
            .collect();
        let mut walked = Vec::new();
        by_decimal_text(&records, |record| {
            walked.push(format!("x 0 {} 7\n", record.at))
        });
        let mut sorted = walked.clone();
        sorted.sort_unstable();
        assert_eq!(walked, sorted);
        assert_eq!(walked.len(), records.len());
    }
}
