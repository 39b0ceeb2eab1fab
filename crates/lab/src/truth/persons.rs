//! Who is who: each account's person, and the persons who run fraud.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::losses::Loss;
use crate::accounts::Phone;
use crate::hard::{Shows, Trade};
use crate::plan::Plan;
use crate::tracked::TrackedCall;

/// Writes `truth/persons.csv`: each account, whose it is, and what of that person alone it shows.
pub(crate) fn persons_csv(plan: &Plan, shows: &[Shows]) -> String {
    let mut out = String::from("source,account_id,person,shows\n");
    for (index, account) in plan.ledger.accounts.iter().enumerate() {
        let shows = shows.get(index).copied().unwrap_or_default().text();
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "service,{},p{},{shows}", index + 1, account.person);
    }
    out
}

/// Writes `truth/suspects.csv`: the persons who run fraud. In hard mode that is what they do; in
/// older presets, whoever talked to a victim at length.
pub(crate) fn suspects_csv(plan: &Plan, tracked: &[TrackedCall], losses: &[Loss]) -> String {
    let accounts = &plan.ledger.accounts;
    let person_of = |account: u32| accounts[account as usize].person;
    let mut victims: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for call in tracked {
        victims
            .entry(person_of(call.account))
            .or_default()
            .insert(call.called);
    }
    let mut lost: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for loss in losses {
        let sum = lost.entry(person_of(loss.deciding.account)).or_default();
        *sum = (sum.0 + 1, sum.1 + loss.minor);
    }
    let mut held: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (index, account) in accounts.iter().enumerate() {
        held.entry(account.person).or_default().push(index as u32);
    }
    let mut out = String::from("person,home,accounts,victims,losses,loss_minor\n");
    for (person, held) in held {
        let victims = victims.get(&person).map_or(0, BTreeSet::len);
        let (runs_fraud, home) = match &plan.hard {
            Some(hard) => {
                let person = &hard.people.persons[person as usize];
                (person.trade == Trade::Fraud, person.home)
            }
            None => {
                let home = held.iter().any(|&account| {
                    matches!(
                        accounts[account as usize].phone,
                        Phone::Given { home: true, .. }
                    )
                });
                (victims > 0, home)
            }
        };
        if runs_fraud {
            let (losses, minor) = lost.get(&person).copied().unwrap_or_default();
            // Writing to a `String` cannot fail.
            let _ = writeln!(
                out,
                "p{person},{home},{},{victims},{losses},{minor}",
                held.len()
            );
        }
    }
    out
}
