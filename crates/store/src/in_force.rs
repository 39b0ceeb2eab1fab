//! What all judgements together come to.

use std::collections::{BTreeMap, BTreeSet};

use unspoof_model::UtcMicros;
use unspoof_model::judgement::{
    AccountPair, AccountRef, E164, Identified, InForce, ReportRef, Review, ReviewReason,
};

use crate::{Decision, Judgement, JudgementId};

/// Returns the decisions that are in force, given all judgements.
///
/// It depends on the set alone: neither on their order nor on how often one is given.
///
/// - A judgement is undone by a later one that names it and is not undone itself. So undoing an
///   undoing brings the first one back. Later means: recorded later; at one microsecond the
///   greater id. One that names a later judgement undoes nothing.
/// - Of two that answer the same question otherwise (of one pair of accounts: same or different;
///   of one report and number: match or not; of one number: victim or not) the later one decides.
/// - An identified person has the accounts that the judgement was made on. Where some of them were
///   judged to be of different persons later, the judgement stands, and is returned for review.
///   So is a set of more than two accounts of one person.
#[must_use]
pub fn in_force<'a>(judgements: impl IntoIterator<Item = &'a Judgement>) -> InForce {
    let all: BTreeMap<(UtcMicros, JudgementId), &Judgement> =
        judgements.into_iter().map(|j| (j.order(), j)).collect();
    let mut undone: BTreeSet<JudgementId> = BTreeSet::new();
    let order_of: BTreeMap<JudgementId, UtcMicros> =
        all.keys().map(|(at_utc, id)| (*id, *at_utc)).collect();
    // From the latest back: whoever could undo a judgement is settled before it.
    for (order, judgement) in all.iter().rev() {
        let Some(target) = judgement.undoes() else {
            continue;
        };
        let is_earlier = order_of
            .get(&target)
            .is_some_and(|at| (*at, target) < *order);
        if is_earlier && !undone.contains(&judgement.id()) {
            undone.insert(target);
        }
    }
    let mut settled = Settled::default();
    for judgement in all.values().filter(|j| !undone.contains(&j.id())) {
        settled.take(judgement);
    }
    settled.finish()
}

/// The latest answer to each question; judgements are taken from the earliest on.
#[derive(Default)]
struct Settled<'a> {
    /// Whether two accounts are of one person, and since which judgement.
    pairs: BTreeMap<AccountPair, (bool, (UtcMicros, JudgementId))>,
    matches: BTreeMap<(ReportRef, E164), bool>,
    victims: BTreeMap<E164, bool>,
    several: BTreeSet<AccountRef>,
    reported: BTreeSet<E164>,
    suppressed: BTreeSet<E164>,
    /// Those whose accounts stand together.
    sets: Vec<(&'a Judgement, &'a BTreeSet<AccountRef>)>,
}

impl<'a> Settled<'a> {
    fn take(&mut self, judgement: &'a Judgement) {
        match judgement.decision() {
            Decision::SamePerson(accounts) => {
                self.pair(accounts, true, judgement);
                if accounts.len() > 2 {
                    self.sets.push((judgement, accounts));
                }
            }
            Decision::DifferentPersons(accounts) => self.pair(accounts, false, judgement),
            Decision::SeveralPersons(account) => {
                self.several.insert(account.clone());
            }
            Decision::Match(report, number) => {
                self.matches.insert((report.clone(), *number), true);
            }
            Decision::NoMatch(report, number) => {
                self.matches.insert((report.clone(), *number), false);
            }
            Decision::Identified(accounts, _) => self.sets.push((judgement, accounts)),
            Decision::VictimConfirmed(numbers) => {
                self.victims.extend(numbers.iter().map(|n| (*n, true)));
            }
            Decision::NotVictim(numbers) => {
                self.victims.extend(numbers.iter().map(|n| (*n, false)));
            }
            Decision::AlreadyReported(numbers) => self.reported.extend(numbers),
            Decision::Suppressed(numbers) => self.suppressed.extend(numbers),
            Decision::Undo => {}
        }
    }

    fn pair(&mut self, accounts: &BTreeSet<AccountRef>, is_same: bool, judgement: &Judgement) {
        let accounts: Vec<&AccountRef> = accounts.iter().collect();
        for (at, lesser) in accounts.iter().enumerate() {
            for greater in &accounts[at + 1..] {
                let pair = ((*lesser).clone(), (*greater).clone());
                self.pairs.insert(pair, (is_same, judgement.order()));
            }
        }
    }

    fn finish(self) -> InForce {
        let mut found = InForce {
            for_review: self.for_review(),
            several: self.several,
            reported: self.reported,
            suppressed: self.suppressed,
            ..InForce::default()
        };
        for (pair, (is_same, _)) in self.pairs {
            if is_same {
                found.same.insert(pair);
            } else {
                found.different.insert(pair);
            }
        }
        for (of, is_match) in self.matches {
            if is_match {
                found.matched.insert(of);
            } else {
                found.not_matched.insert(of);
            }
        }
        for (number, is_victim) in self.victims {
            if is_victim {
                found.victims.insert(number);
            } else {
                found.not_victims.insert(number);
            }
        }
        let identified = self.sets.iter().filter_map(|(judgement, accounts)| {
            Some(Identified {
                judgement: judgement.id().0,
                label: judgement.decision().label()?.to_owned(),
                accounts: (*accounts).clone(),
            })
        });
        found.identified = identified.collect();
        found.identified.sort();
        found
    }

    /// Finds the sets of accounts of which some pair was judged different later.
    fn for_review(&self) -> Vec<Review> {
        let mut sets_of: BTreeMap<&AccountRef, Vec<usize>> = BTreeMap::new();
        for (at, (_, accounts)) in self.sets.iter().enumerate() {
            for account in *accounts {
                sets_of.entry(account).or_default().push(at);
            }
        }
        let mut found = BTreeSet::new();
        for ((lesser, greater), (is_same, order)) in &self.pairs {
            let (false, Some(sets)) = (*is_same, sets_of.get(lesser)) else {
                continue;
            };
            for at in sets {
                let (judgement, accounts) = self.sets[*at];
                if accounts.contains(greater) && *order > judgement.order() {
                    found.insert(Review {
                        judgement: judgement.id().0,
                        reason: ReviewReason::JudgedDifferentLater,
                    });
                }
            }
        }
        found.into_iter().collect()
    }
}
