//! Which lists count when: of each part of a regulator's numbers one, on any day.

use std::collections::BTreeMap;

use super::prefixes::{Prefixes, aligned};
use super::{Day, Entry, Kind, ListSource, Regulator, drama};

/// The lists that count from a day on.
#[derive(Debug)]
pub(super) struct State {
    pub(super) from: Day,
    pub(super) prefixes: Prefixes,
    /// For an entry inside a wider one, both, by the inner.
    wider: Vec<(u32, u32)>,
}

/// Values in [`Prefixes`]: 1 and more are entries, from here on the ranges for fiction.
pub(super) const DRAMA: u32 = 1 << 30;

/// Makes the states of things that the lists tell of.
pub(super) fn states(sources: &[ListSource], entries: &[Entry], held: &[Kind]) -> Vec<State> {
    // Of each part of a regulator's numbers, the days on which lists were published.
    let part = |at: usize| {
        let regulator = sources[entries[at].source as usize].regulator;
        let digits = u32::from(held[at].prefix_digits);
        let dropped = digits.saturating_sub(regulator.part_digits());
        (regulator, entries[at].prefix / 10_u64.pow(dropped))
    };
    let published = |at: usize| sources[entries[at].source as usize].published;
    let mut days: BTreeMap<(Regulator, u64), Vec<Day>> = BTreeMap::new();
    for at in 0..entries.len() {
        days.entry(part(at)).or_default().push(published(at));
    }
    for part_days in days.values_mut() {
        part_days.sort_unstable();
        part_days.dedup();
    }
    // Something changes on all days but the first of each part.
    let mut begins: Vec<Day> = days.values().flat_map(|all| all[1..].to_vec()).collect();
    begins.push(Day::MIN);
    begins.sort_unstable();
    begins.dedup();
    begins
        .into_iter()
        .map(|from| {
            let counting = |part_days: &[Day]| {
                let later = part_days.partition_point(|day| *day <= from);
                part_days[later.saturating_sub(1)]
            };
            let counting: BTreeMap<_, Day> = days
                .iter()
                .map(|(part, part_days)| (*part, counting(part_days)))
                .collect();
            let used = (0..entries.len() as u32)
                .filter(|at| {
                    let at = *at as usize;
                    counting.get(&part(at)) == Some(&published(at))
                })
                .collect();
            State::new(from, entries, held, used)
        })
        .collect()
}

impl State {
    /// Puts the blocks that count into a table.
    fn new(from: Day, entries: &[Entry], held: &[Kind], mut used: Vec<u32>) -> Self {
        let prefix = |at: u32| entries[at as usize].prefix;
        let prefix_digits = |at: u32| u32::from(held[at as usize].prefix_digits);
        let place = |at: u32| (aligned(prefix(at), prefix_digits(at)), prefix_digits(at));
        // A block that is listed twice is what keeps somebody's numbers from being called nobody's:
        // statuses are in that order, and entries in the order of their lists.
        used.sort_by_key(|at| (place(*at), held[*at as usize].status, *at));
        used.dedup_by_key(|at| place(*at));
        let mut wider = Vec::new();
        let mut around: Vec<u32> = Vec::new();
        for &inner in &used {
            while let Some(&outer) = around.last() {
                let cut = prefix_digits(inner).saturating_sub(prefix_digits(outer));
                if prefix(inner) / 10_u64.pow(cut) == prefix(outer) {
                    wider.push((inner, outer));
                    break;
                }
                around.pop();
            }
            around.push(inner);
        }
        wider.sort_unstable();
        used.sort_by_key(|at| prefix_digits(*at));
        let mut prefixes = Prefixes::new();
        for at in used {
            prefixes.set(prefix(at), prefix_digits(at), at + 1);
        }
        for (at, (prefix, _)) in drama::UK.iter().enumerate() {
            prefixes.set(*prefix, drama::UK_PREFIX_DIGITS, DRAMA | at as u32);
        }
        Self {
            from,
            prefixes,
            wider,
        }
    }

    /// Finds the block around a block.
    pub(super) fn wider_than(&self, inner: u32) -> Option<u32> {
        let at = self
            .wider
            .binary_search_by_key(&inner, |(inner, _)| *inner)
            .ok()?;
        Some(self.wider[at].1)
    }

    /// Bytes that the tables take.
    pub(super) fn bytes(&self) -> usize {
        self.prefixes.bytes() + size_of_val(&*self.wider)
    }
}
