//! Every model of four lists, and a thousand rounds of choosing among them.

use unspoof_estimates::{Options, VictimEstimate};

use crate::table;

#[test]
#[cfg_attr(
    debug_assertions,
    ignore = "measures an optimised build: run with --release"
)]
fn four_lists_and_a_thousand_rounds_take_two_seconds() {
    let lists = table(
        4,
        &[
            58, 157, 18, 104, 46, 650, 12, 709, 14, 20, 7, 74, 8, 182, 10,
        ],
    );
    let before = cpu_time::ProcessTime::now();
    let found = VictimEstimate::from_lists(&lists, &Options::default()).expect("options");
    let took = before.elapsed();
    assert_eq!(found.resampled().map(|drawn| drawn.rounds), Some(1_000));
    assert!(took.as_secs_f64() < 2.0, "{took:?}");
}
