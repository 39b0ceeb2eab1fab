//! The whole way from evidence to persons.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::candidates::candidates;
use crate::compare::{Compared, Said, compare};
use crate::evidence::{AccountKey, Evidence, Kind, Private, Verdict};
use crate::index::Index;
use crate::join::{Chances, Crossing, Decisions, Edge, join};
use crate::learn::Lesson;
use crate::outcome::{
    Explanation, Finding, Item, Merge, Outcome, OutcomeReason, Pair, Person, PersonId, SharedValue,
};
use crate::sharers::persons_by_value;
use crate::weights::{Weights, bin};

/// How sure is sure enough. One setting serves cases of any size: bits here are log-odds, into
/// which the number of accounts went already.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Log-odds in bits from which a pair is one person's.
    pub same_bits: f64,
    /// Log-odds in bits from which it is possible.
    pub possible_bits: f64,
    /// The least share of the pairs between two groups that must be the same person's to join them.
    pub crossing_share: f64,
    /// Log-odds in bits from which one pair or one account alone may hold two groups together.
    pub sure_bits: f64,
    /// The weights to use; none: learned from the case where it is large enough.
    pub weights: Option<Weights>,
    /// How many threads work. The result does not depend on it.
    pub threads: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            same_bits: 3.0,
            possible_bits: -3.0,
            crossing_share: 0.2,
            sure_bits: 14.0,
            weights: None,
            threads: 1,
        }
    }
}

/// The persons of a case, with the reasons.
pub struct Persons {
    index: Index,
    kinds: Vec<Kind>,
    sharers: Vec<u32>,
    bins: Vec<u8>,
    weights: Weights,
    persons: Vec<Person>,
    person_of: Vec<u32>,
    pairs: Vec<Pair>,
    merges: Vec<Merge>,
    overruled: Vec<(u32, u32)>,
}

impl Evidence {
    /// Finds the persons behind the accounts.
    #[must_use]
    pub fn resolve(&self, settings: &Settings) -> Persons {
        let index = Index::new(self);
        let kinds: Vec<Kind> = index.values.iter().map(|value| value.kind).collect();
        let threads = settings.threads.max(1);
        let decisions = decisions(self, &index);
        let mut looked_at = candidates(&index, threads);
        let judged = decisions.same.iter().chain(&decisions.different);
        looked_at
            .extend(judged.filter(|(a, b)| !index.apart[*a as usize] && !index.apart[*b as usize]));
        looked_at.sort_unstable();
        looked_at.dedup();
        let compared = Compared::new(&index, looked_at, threads);

        let count = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let mut sharers: Vec<u32> = (0..kinds.len()).map(|v| index.degree(count(v))).collect();
        let mut bins: Vec<u8> = sharers.iter().map(|&persons| bin(persons)).collect();
        let lesson = Lesson::new(&index, &compared, &kinds, threads);
        let mut weights = Weights::assumed(index.compared);
        // First by accounts, then twice by the persons that the round before made of them.
        for rounds in [6, 2, 2] {
            weights = match &settings.weights {
                Some(given) => given.clone(),
                None => lesson.learn(weights, &bins, rounds),
            };
            sharers = persons_by_value(
                &index,
                &compared,
                &kinds,
                &bins,
                &weights,
                settings.same_bits,
            );
            bins = sharers.iter().map(|&persons| bin(persons)).collect();
        }

        let chances: Vec<Chances> = (0..index.accounts())
            .map(|at| weights.chances(index.own(count(at))))
            .collect();
        let bits: Vec<f64> = (0..compared.pairs.len())
            .map(|pair| weights.odds(&kinds, &bins, compared.codes(pair)).bits())
            .collect();
        let edges: Vec<Edge> = compared
            .pairs
            .iter()
            .zip(&bits)
            .enumerate()
            .filter(|&(_, (pair, &bits))| {
                bits >= settings.possible_bits.min(settings.same_bits)
                    && !decisions.different.contains(pair)
                    && !decisions.several.contains(&pair.0)
                    && !decisions.several.contains(&pair.1)
            })
            .map(|(pair, (&(a, b), &bits))| Edge {
                a,
                b,
                bits,
                shares: weights.shares(&kinds, &bins, compared.codes(pair)),
            })
            .collect();
        let crossing = Crossing {
            same_bits: settings.same_bits,
            share: settings.crossing_share,
            sure_bits: settings.sure_bits,
        };
        let joined = join(&chances, &edges, &decisions, crossing);
        let (persons, person_of) = persons(&index, &joined.group, &decisions);
        let pairs = compared
            .pairs
            .iter()
            .zip(bits)
            .map(|(&(a, b), odds_bits)| {
                let joined = person_of[a as usize] == person_of[b as usize];
                let (outcome, reason) = outcome((a, b), odds_bits, joined, &decisions, settings);
                Pair {
                    a,
                    b,
                    odds_bits,
                    outcome,
                    reason,
                }
            })
            .collect();
        Persons {
            index,
            kinds,
            sharers,
            bins,
            weights,
            persons,
            person_of,
            pairs,
            merges: joined.merges,
            overruled: joined.overruled,
        }
    }
}

fn outcome(
    pair: (u32, u32),
    odds_bits: f64,
    joined: bool,
    decisions: &Decisions,
    settings: &Settings,
) -> (Outcome, OutcomeReason) {
    if decisions.different.contains(&pair) {
        (Outcome::Different, OutcomeReason::Judged)
    } else if decisions.same.contains(&pair) && joined {
        (Outcome::Same, OutcomeReason::Judged)
    } else if odds_bits < settings.possible_bits {
        (Outcome::Different, OutcomeReason::Evidence)
    } else if odds_bits < settings.same_bits {
        (Outcome::Possible, OutcomeReason::Evidence)
    } else if joined {
        (Outcome::Same, OutcomeReason::Evidence)
    } else if decisions.several.contains(&pair.0) || decisions.several.contains(&pair.1) {
        (Outcome::Possible, OutcomeReason::SeveralPersons)
    } else {
        (Outcome::Possible, OutcomeReason::HeldBack)
    }
}

/// Takes of the judgements on one thing the latest; of two of one time, the one that separates.
fn decisions(evidence: &Evidence, index: &Index) -> Decisions {
    let mut latest: BTreeMap<(u32, u32), (i64, bool)> = BTreeMap::new();
    let mut decisions = Decisions::default();
    for judgement in &evidence.judgements {
        let (one, other, different) = match judgement.verdict {
            Verdict::Same(one, other) => (one, other, false),
            Verdict::Different(one, other) => (one, other, true),
            Verdict::SeveralPersons(one) => {
                decisions.several.insert(index.place[one.0 as usize]);
                continue;
            }
        };
        let (a, b) = (index.place[one.0 as usize], index.place[other.0 as usize]);
        if a == b {
            continue;
        }
        let said = (judgement.at_utc_us, different);
        let last = latest.entry((a.min(b), a.max(b))).or_insert(said);
        *last = (*last).max(said);
    }
    for (pair, (_, different)) in latest {
        if different {
            decisions.different.insert(pair);
        } else {
            decisions.same.insert(pair);
        }
    }
    decisions
}

fn persons(index: &Index, group: &[u32], decisions: &Decisions) -> (Vec<Person>, Vec<u32>) {
    // A group is named by its first account, so the order of groups is that of first accounts.
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (&group, at) in group.iter().zip(0_u32..) {
        members.entry(group).or_default().push(at);
    }
    let mut person_of = vec![0; group.len()];
    let persons = members
        .into_values()
        .zip(0_u32..)
        .map(|(members, number)| {
            for &member in &members {
                person_of[member as usize] = number;
            }
            Person {
                id: name(index, &members),
                several_persons: members.iter().any(|at| decisions.several.contains(at)),
                members,
            }
        })
        .collect();
    (persons, person_of)
}

/// Draws a person's name from its accounts' keys: each part's length first, so that no two lists
/// of keys read alike.
fn name(index: &Index, members: &[u32]) -> PersonId {
    let mut hash = Sha256::new();
    for &member in members {
        let key = &index.keys[member as usize];
        for part in [&key.source, &key.account_id] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
    }
    let mut name = String::from("p");
    for byte in hash.finalize().iter().take(8) {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    PersonId(name)
}

impl Persons {
    /// Returns all accounts' keys, sorted: places elsewhere are places in this list.
    #[must_use]
    pub fn accounts(&self) -> &[AccountKey] {
        &self.index.keys
    }

    /// Returns the place of an account.
    #[must_use]
    pub fn place(&self, key: &AccountKey) -> Option<u32> {
        let at = self.index.keys.binary_search(key).ok()?;
        u32::try_from(at).ok()
    }

    /// Returns the persons in the order of their first accounts; each account is in one.
    #[must_use]
    pub fn persons(&self) -> &[Person] {
        &self.persons
    }

    /// Returns the person of the account at a place.
    #[must_use]
    pub fn person_of(&self, place: u32) -> Option<&Person> {
        let number = *self.person_of.get(place as usize)?;
        self.persons.get(number as usize)
    }

    /// Returns the pairs that were looked at, by places.
    #[must_use]
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// Returns the steps in which accounts became persons, judgements first, then the surest.
    #[must_use]
    pub fn merges(&self) -> &[Merge] {
        &self.merges
    }

    /// Returns judgements of sameness that judgements of difference did not let stand.
    #[must_use]
    pub fn overruled(&self) -> &[(u32, u32)] {
        &self.overruled
    }

    /// Returns the weights that were used.
    #[must_use]
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Returns the evidence of two accounts, looked at before or not, the weightiest first.
    /// The prior, [`Weights::prior_bits`], is not among it. Empty if a place is none.
    #[must_use]
    pub fn evidence(&self, one: u32, other: u32) -> Vec<Item> {
        let (a, b) = (one.min(other), one.max(other));
        if a == b || b as usize >= self.index.accounts() {
            return Vec::new();
        }
        let mut codes = Vec::new();
        compare(&self.index, a, b, &mut codes);
        let mut items: Vec<Item> = self
            .weights
            .each(&self.kinds, &self.bins, &codes)
            .filter_map(|(said, bits)| self.item(said, bits))
            .collect();
        items.sort_by(|x, y| y.bits.abs().total_cmp(&x.bits.abs()));
        items
    }

    fn item(&self, said: Said, bits: f64) -> Option<Item> {
        let (kind, finding) = match said {
            Said::Shared { value, overlap } => (
                self.kinds[value as usize],
                Finding::Shared {
                    value: self.text(value),
                    accounts: self.index.degree(value),
                    persons: self.sharers[value as usize].max(2),
                    overlap,
                },
            ),
            Said::Both { kind, alike, .. } if alike => (kind, Finding::Alike),
            Said::Both { kind, .. } if bits < 0.0 => (kind, Finding::NoneShared),
            Said::Both { .. } => return None,
        };
        Some(Item {
            kind,
            finding,
            bits,
        })
    }

    fn text(&self, value: u32) -> Private {
        Private::from(&*self.index.values[value as usize].text)
    }

    /// Tells why a person's accounts are taken for one person's.
    #[must_use]
    pub fn explain(&self, id: &PersonId) -> Option<Explanation> {
        let person = self.persons.iter().find(|person| person.id == *id)?;
        let inside = |place: u32| person.members.binary_search(&place).is_ok();
        let mut members_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for &member in &person.members {
            for entry in self.index.entries(member) {
                members_of.entry(entry.value).or_default().push(member);
            }
        }
        let mut shared: Vec<SharedValue> = members_of
            .into_iter()
            .filter(|(_, members)| members.len() > 1)
            .map(|(value, members)| SharedValue {
                kind: self.kinds[value as usize],
                value: self.text(value),
                members,
                accounts: self.index.degree(value),
                bits: self
                    .weights
                    .shared_bits(self.kinds[value as usize], self.bins[value as usize]),
            })
            .collect();
        shared.sort_by(|x, y| y.bits.total_cmp(&x.bits));
        let pairs = |want: fn(bool, bool) -> bool| -> Vec<Pair> {
            self.pairs
                .iter()
                .filter(|pair| want(inside(pair.a), inside(pair.b)))
                .copied()
                .collect()
        };
        Some(Explanation {
            shared,
            merges: self
                .merges
                .iter()
                .filter(|m| inside(m.a))
                .copied()
                .collect(),
            within: pairs(|a, b| a && b),
            possible: pairs(|a, b| a != b)
                .into_iter()
                .filter(|pair| pair.outcome == Outcome::Possible)
                .collect(),
            person: person.clone(),
        })
    }
}
