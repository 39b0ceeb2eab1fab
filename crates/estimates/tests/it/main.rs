//! The published values, the laws, and what must stay flagged.

mod flagged;
mod laws;
mod published;
mod speed;

use unspoof_estimates::{Histories, ListLabel, Reports};

/// Makes a table of `lists` lists from counts in the papers' order: the first list slowest, on
/// before off, from on all to on the last alone.
fn table(lists: usize, counts: &[u64]) -> Histories {
    let all = (1_u32 << lists) - 1;
    let papers = (1..=all).rev().map(|code| {
        // The papers' first list is the highest bit; ours is the lowest.
        (0..lists)
            .map(|list| (code >> (lists - 1 - list) & 1) << list)
            .sum::<u32>()
    });
    assert_eq!(counts.len(), all as usize);
    Histories::from_counts(labels(lists), papers.zip(counts.iter().copied())).expect("a table")
}

fn labels(lists: usize) -> Vec<ListLabel> {
    (1..=lists)
        .map(|list| ListLabel::new(Reports, format!("list {list}")))
        .collect()
}
