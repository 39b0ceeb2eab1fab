//! What is linked, and why; against Splink where it is installed.

mod febrl;
mod laws;
mod peer;
mod persons;

#[path = "../../examples/million/made_up.rs"]
mod made_up;
#[path = "../../examples/million/task.rs"]
mod task;

#[expect(clippy::print_stderr, reason = "who runs the tests should know")]
fn told(what: &str) {
    eprintln!("{what}");
}

/// How well found pairs meet the true ones.
#[derive(Clone, Copy, Debug)]
struct Score {
    precision: f64,
    recall: f64,
    f1: f64,
}

impl Score {
    fn of(true_found: u64, found: u64, truth: u64) -> Self {
        let share = |of: u64| true_found as f64 / of.max(1) as f64;
        let (precision, recall) = (share(found), share(truth));
        Self {
            precision,
            recall,
            f1: 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE),
        }
    }
}
