//! How much of the true loss ranks find, on seeds and processes that no weight was set by.

use unspoof_ranking::{ContactFact, Policy};

use crate::world::{HELD_OUT, Process, TUNED_ON, Trade, World};

/// A fifth of the 59,000 that the first case of this kind had.
const ACCOUNTS: usize = 12_000;

fn finds_the_loss(seed: u64, processes: &[Process]) {
    let world = World::new(seed, ACCOUNTS, processes);
    let ranking = Policy::preset("harm")
        .unwrap()
        .rank(&world.contacts)
        .unwrap();
    let ours = world.loss_in_first_tenth(ranking.iter().map(|one| one.row));
    assert!(ours >= 0.8, "{processes:?}, seed {seed}: {ours}");
    for fact in [
        ContactFact::TalkS,
        ContactFact::LongestTalkS,
        ContactFact::Calls,
    ] {
        let theirs = world.loss_in_first_tenth(world.by(fact).into_iter());
        assert!(
            ours > theirs,
            "{processes:?}, seed {seed}: {ours} by rank, {theirs} by {fact:?}"
        );
    }
    let fraud = world.precision_at_100("harm", is_fraud);
    assert!(
        fraud >= 0.95,
        "{processes:?}, seed {seed}: {fraud} are fraud"
    );
}

fn is_fraud(one: &crate::world::Account) -> bool {
    matches!(one.trade, Trade::Fraud(_))
}

/// At the size of the first case of this kind: the cut leaves a third of all accounts at most, and
/// in a small case a hundred of them reach far down.
#[test]
fn the_first_suspects_inside_the_cut_are_fraud_and_at_home() {
    for seed in [106, 107] {
        let world = World::new(seed, 59_000, &HELD_OUT);
        for policy in ["harm", "elaborate"] {
            let fraud = world.precision_at_100(policy, is_fraud);
            assert!(fraud >= 0.95, "seed {seed}, {policy}: {fraud} are fraud");
        }
        let home = world.precision_at_100("elaborate", |one| one.at_home);
        assert!(home >= 0.95, "seed {seed}: {home} are at home");
    }
}

#[test]
fn losses_of_held_out_processes_are_found() {
    for seed in [101, 102] {
        finds_the_loss(seed, &HELD_OUT);
    }
}

#[test]
fn losses_of_all_processes_are_found() {
    finds_the_loss(103, &[&TUNED_ON[..], &HELD_OUT].concat());
}

#[test]
fn each_held_out_process_is_found_alone() {
    for (seed, process) in (104..).zip(HELD_OUT) {
        finds_the_loss(seed, &[process]);
    }
}

#[test]
fn who_was_posed_as_is_listed() {
    let world = World::new(105, 1_000, &[Process::SafeAccount]);
    assert!(world.posed_as.len() > 20);
    let ranking = Policy::preset("harm")
        .unwrap()
        .rank(&world.presented.table)
        .unwrap();
    let first: std::collections::BTreeSet<_> = ranking
        .iter()
        .take(world.posed_as.len())
        .map(|one| *one.key)
        .collect();
    assert_eq!(first, world.posed_as);
}
