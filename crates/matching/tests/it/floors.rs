//! How right the answers are on made-up cases, pooled over seeds: the floors that the issue sets.

use std::collections::BTreeSet;

use unspoof_matching::{Matcher, Settings, Tier};

use crate::made_up::{Case, context};

#[derive(Default)]
struct Pooled {
    matched: u64,
    right: u64,
    exact: u64,
    exact_right: u64,
    real_with_number: u64,
    right_with_number: u64,
    without_number_listed: u64,
    pairs: u64,
    true_pairs: u64,
    right_pairs: u64,
}

fn pooled() -> Pooled {
    let mut pooled = Pooled::default();
    for seed in 0..5 {
        let (calls, names, reports, truth) = Case::new(seed, 60_000, 800).stored();
        let matcher = Matcher::new(&calls, &names, context(), Settings::default())
            .expect("the default settings");
        let matched = matcher.match_reports(&reports).expect("keys differ");
        for (report, truth) in matched.reports.iter().zip(&truth) {
            let with_number = truth.call.is_some() && truth.has_number;
            pooled.real_with_number += u64::from(with_number);
            match report.matched() {
                Some(best) => {
                    assert!(
                        truth.has_number,
                        "a report without a number is never counted"
                    );
                    let right = u64::from(Some(best.call.call) == truth.call);
                    let exact = u64::from(best.tier == Tier::Exact);
                    pooled.matched += 1;
                    pooled.right += right;
                    pooled.exact += exact;
                    pooled.exact_right += exact * right;
                    pooled.right_with_number += right;
                }
                None if !truth.has_number => {
                    pooled.without_number_listed += u64::from(!report.matches.is_empty());
                }
                None => {}
            }
        }
        let pairs_of = |groups: Vec<Vec<usize>>| -> BTreeSet<(usize, usize)> {
            let pairs = |group: Vec<usize>| {
                let all = group.clone();
                let of = move |a: usize| all.clone().into_iter().map(move |b| (a, b));
                group.into_iter().flat_map(of).filter(|(a, b)| a < b)
            };
            groups.into_iter().flat_map(pairs).collect()
        };
        let found = pairs_of(
            matched
                .losses
                .into_iter()
                .map(|loss| loss.reports)
                .collect(),
        );
        let mut by_loss = std::collections::BTreeMap::<usize, Vec<usize>>::new();
        for (at, truth) in truth.iter().enumerate() {
            by_loss.entry(truth.loss).or_default().push(at);
        }
        let real = pairs_of(by_loss.into_values().collect());
        pooled.pairs += found.len() as u64;
        pooled.true_pairs += real.len() as u64;
        pooled.right_pairs += found.intersection(&real).count() as u64;
    }
    pooled
}

#[test]
fn precision_recall_and_repeated_losses_stay_above_their_floors() {
    let pooled = pooled();
    let share = |part: u64, whole: u64| part as f64 / whole as f64;
    let precision = share(pooled.right, pooled.matched);
    let recall = share(pooled.right_with_number, pooled.real_with_number);
    assert!(
        pooled.real_with_number > 2_000,
        "{}",
        pooled.real_with_number
    );
    assert!(precision >= 0.99, "precision {precision}");
    assert!(recall >= 0.98, "recall {recall}");
    let exact = share(pooled.exact_right, pooled.exact);
    assert!(
        pooled.exact > 1_000 && exact >= 0.995,
        "{exact} of {}",
        pooled.exact
    );
    assert!(pooled.without_number_listed > 100);
    assert!(pooled.true_pairs > 100, "{}", pooled.true_pairs);
    let (precision, recall) = (
        share(pooled.right_pairs, pooled.pairs),
        share(pooled.right_pairs, pooled.true_pairs),
    );
    assert!(precision >= 0.99, "repeated losses: precision {precision}");
    assert!(recall >= 0.95, "repeated losses: recall {recall}");
}
