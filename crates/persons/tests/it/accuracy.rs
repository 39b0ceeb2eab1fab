//! How well persons are found in made-up worlds, with the one setting.

use unspoof_persons::Settings;

use crate::world::{Mode, score, world};

fn least_f1(mode: Mode, sizes: &[(usize, u64)], least: f64) {
    for &(accounts, seed) in sizes {
        let world = world(mode, accounts, seed).unwrap();
        let score = score(&world.evidence.resolve(&Settings::default()), &world.truth);
        assert!(
            score.f1 >= least,
            "{mode:?} {accounts} accounts, seed {seed}: F1 {:.5}, precision {:.5}, recall {:.5}",
            score.f1,
            score.precision,
            score.recall
        );
    }
}

#[test]
fn plain_worlds_are_found_at_every_size() {
    least_f1(
        Mode::Plain,
        &[(5_000, 101), (5_000, 102), (10_000, 103), (20_000, 104)],
        0.995,
    );
}

#[test]
fn hard_worlds_are_found_with_the_same_setting() {
    least_f1(
        Mode::Hard,
        &[(5_000, 201), (5_000, 202), (10_000, 203), (20_000, 204)],
        0.99,
    );
}
