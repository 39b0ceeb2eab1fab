//! What links that were missed do to a table, and how it looked before.
//!
//! A person on `k` lists is held together by `k − 1` links. Each link is missed with chance `x`,
//! alike for all; when one is, one of the person's records, any of them alike, stands alone as if it
//! were somebody else's. So a missed link makes two persons of one, lowers overlaps, and raises the
//! estimate. What is seen is then a known mixture of what is true, from the fullest history down,
//! and is solved for it.

use libm::pow;

/// Returns the table before links were missed; none where it would hold fewer than no persons, so
/// that so many cannot have been missed.
pub(crate) fn undo(table: &[f64], share: f64) -> Option<Vec<f64>> {
    let lists = table.len().trailing_zeros();
    let lost = |k: u32| 1.0 - pow(1.0 - share, f64::from(k.saturating_sub(1)));
    let mut truth = vec![0.0; table.len()];
    for k in (1..=lists).rev() {
        for mask in (1..table.len()).filter(|mask| mask.count_ones() == k) {
            let mut rest = table[mask];
            // From fuller histories that lost one list.
            for list in (0..lists).filter(|list| mask >> list & 1 == 0) {
                rest -= truth[mask | 1 << list] * lost(k + 1) / f64::from(k + 1);
            }
            if k == 1 {
                // And the records that stand alone.
                for fuller in (1..table.len()).filter(|f| f & mask == mask && *f != mask) {
                    let of = fuller.count_ones();
                    rest -= truth[fuller] * lost(of) / f64::from(of);
                }
            }
            truth[mask] = rest / (1.0 - lost(k));
        }
    }
    truth
        .iter()
        .all(|&count| count >= -1e-9)
        .then(|| truth.iter().map(|&count| count.max(0.0)).collect())
}

/// The same for one list's repeat counts.
pub(crate) fn undo_repeats(of: &[f64], share: f64) -> Option<Vec<f64>> {
    let lost = |k: usize| 1.0 - pow(1.0 - share, (k - 1) as f64);
    let mut truth = vec![0.0; of.len()];
    for k in (1..=of.len()).rev() {
        let mut rest = of[k - 1];
        if k < of.len() {
            rest -= truth[k] * lost(k + 1);
        }
        if k == 1 {
            for fuller in 2..=of.len() {
                rest -= truth[fuller - 1] * lost(fuller);
            }
        }
        truth[k - 1] = rest / (1.0 - lost(k));
    }
    truth
        .iter()
        .all(|&count| count >= -1e-9)
        .then(|| truth.iter().map(|&count| count.max(0.0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes links apart as the module says.
    fn miss(table: &[f64], share: f64) -> Vec<f64> {
        let mut seen = vec![0.0; table.len()];
        for (mask, &count) in table.iter().enumerate().skip(1) {
            let k = mask.count_ones();
            let kept = pow(1.0 - share, f64::from(k - 1));
            seen[mask] += count * kept;
            for list in (0..8).filter(|list| mask >> list & 1 == 1 && k > 1) {
                let each = count * (1.0 - kept) / f64::from(k);
                seen[mask & !(1 << list)] += each;
                seen[1 << list] += each;
            }
        }
        seen
    }

    #[test]
    fn undoes_what_missing_does() {
        let table = [0.0, 400.0, 300.0, 80.0, 500.0, 60.0, 70.0, 20.0];
        for share in [0.0, 0.05, 0.2, 0.5] {
            let back = undo(&miss(&table, share), share).expect("it can be undone");
            for (a, b) in table.iter().zip(&back) {
                assert!((a - b).abs() < 1e-9, "{table:?} {back:?}");
            }
        }
        assert_eq!(undo(&[0.0, 1.0, 1.0, 80.0], 0.5), None);
    }

    #[test]
    fn two_lists_keep_their_sizes() {
        let before = undo(&[0.0, 80.0, 90.0, 20.0], 0.2).expect("it can be undone");
        assert_eq!(
            before.iter().map(|x| libm::round(*x)).collect::<Vec<_>>(),
            [0.0, 75.0, 85.0, 25.0]
        );
    }

    #[test]
    fn repeats_keep_their_entries() {
        let before = undo_repeats(&[1645.0, 183.0, 37.0, 13.0, 1.0, 1.0], 0.1).expect("it can");
        let entries =
            |of: &[f64]| -> f64 { of.iter().zip(1..).map(|(f, k)| f * f64::from(k)).sum() };
        assert!((entries(&before) - 2_185.0).abs() < 1e-9);
        assert!(before[1] > 183.0 && before[0] < 1645.0);
    }
}
