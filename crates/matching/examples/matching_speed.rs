//! What matching costs: made-up calls and reports, one core.
//!
//! ```sh
//! cargo run --release -p unspoof-matching --example matching_speed -- [CALLS [REPORTS [SEED]]]
//! ```
//!
//! Prints seconds of processor time for sorting the calls, for counting what agrees by chance and
//! for matching, narratives included; the bytes that the store takes; and how right the answers are.

use std::io::Write as _;

use cpu_time::ThreadTime;
use unspoof_matching::{Matcher, Settings};

#[path = "../tests/it/made_up.rs"]
mod made_up;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |otherwise: usize| arguments.next().map_or(Ok(otherwise), |text| text.parse());
    let (calls, reports, seed) = (next(10_000_000)?, next(5_000)?, next(1)?);
    let case = made_up::Case::new(seed as u64, calls, reports);
    let clock = ThreadTime::now();
    let (calls, names, reports, truth) = case.stored();
    let sorted_s = clock.elapsed().as_secs_f64();
    let matcher = Matcher::new(&calls, &names, made_up::context(), Settings::default())?;
    let counted_s = clock.elapsed().as_secs_f64();
    let matched = matcher.match_reports(&reports)?;
    let all_s = clock.elapsed().as_secs_f64();
    let (mut found, mut right, mut real, mut right_with_number) = (0, 0, 0, 0);
    for (report, truth) in matched.reports.iter().zip(&truth) {
        let best = report.matched();
        let is_right = best.is_some() && best.map(|m| m.call.call) == truth.call;
        found += u64::from(best.is_some());
        right += u64::from(is_right);
        real += u64::from(truth.call.is_some() && truth.has_number);
        right_with_number += u64::from(is_right && truth.has_number);
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} calls, {} reports: sorted in {sorted_s:.2} s, counted in {:.2} s, matched in {:.2} s, \
         {all_s:.2} s in all; {:.1} bytes a call, {} MB",
        calls.len(),
        reports.len(),
        counted_s - sorted_s,
        all_s - counted_s,
        calls.bytes() as f64 / calls.len().max(1) as f64,
        calls.bytes() / 1_000_000,
    )?;
    let losses: std::collections::BTreeSet<usize> = truth.iter().map(|truth| truth.loss).collect();
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    writeln!(
        out,
        "precision {:.4} ({right} of {found}), recall {:.4} of {real} with a number of their own; \
         {} losses found, {} true",
        share(right, found),
        share(right_with_number, real),
        matched.losses.len(),
        losses.len(),
    )?;
    Ok(())
}
