//! Evidence turned round: which accounts share a value, which values an account has.

use std::collections::HashMap;

use crate::evidence::{AccountKey, Evidence, Kind, NO_TIME, Seen, Value};
use crate::written::Written;

/// Values of at most this many accounts count as an account's own when it is asked whether two
/// accounts had the chance to share one.
pub(crate) const OWN_MOST_ACCOUNTS: u32 = 64;

pub(crate) const NOBODY: u32 = u32::MAX;

/// One shared value of one account, with the times it was seen.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) value: u32,
    times_from: u32,
    times_to: u32,
}

/// The accounts in the order of their keys, with what they share. All numbers are places in it.
pub(crate) struct Index {
    pub(crate) keys: Vec<AccountKey>,
    pub(crate) apart: Vec<bool>,
    /// The account that made this one, or [`NOBODY`].
    pub(crate) parent: Vec<u32>,
    pub(crate) written: Vec<Written>,
    /// From the caller's number to the place here.
    pub(crate) place: Vec<u32>,
    /// How many accounts are compared: those that are not kept apart.
    pub(crate) compared: u64,
    /// Values that two accounts share at least, the rarest first.
    pub(crate) values: Vec<Value>,
    holders_from: Vec<u32>,
    holders: Vec<u32>,
    entries_from: Vec<u32>,
    entries: Vec<Entry>,
    times: Vec<i64>,
    /// How many values of its own an account has, by kind.
    own: Vec<[u8; Kind::COUNT]>,
}

impl Index {
    pub(crate) fn new(evidence: &Evidence) -> Self {
        let count = evidence.accounts.len();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_unstable_by(|&a, &b| evidence.accounts[a].key.cmp(&evidence.accounts[b].key));
        let mut place = vec![0_u32; count];
        for (at, &number) in (0_u32..).zip(&order) {
            place[number] = at;
        }
        let sorted = || order.iter().map(|&number| &evidence.accounts[number]);
        let keys: Vec<AccountKey> = sorted().map(|account| account.key.clone()).collect();
        let apart: Vec<bool> = sorted()
            .map(|account| account.role.is_kept_apart())
            .collect();
        let by_key: HashMap<(&str, &str), u32> = keys
            .iter()
            .zip(0_u32..)
            .map(|(key, at)| ((key.source.as_str(), key.account_id.as_str()), at))
            .collect();
        let parent = sorted()
            .map(|account| {
                account
                    .parent_id
                    .as_deref()
                    .and_then(|id| by_key.get(&(account.key.source.as_str(), id)).copied())
                    .unwrap_or(NOBODY)
            })
            .collect();
        let written = order
            .iter()
            .map(|&number| evidence.written[number].clone())
            .collect();

        let mut seen: Vec<Seen> = evidence
            .seen
            .iter()
            .map(|&seen| Seen {
                account: place[seen.account as usize],
                ..seen
            })
            .filter(|seen| !apart[seen.account as usize])
            .collect();
        seen.sort_unstable();
        seen.dedup();

        let mut degree = vec![0_u32; evidence.values.len()];
        for run in runs(&seen) {
            degree[run[0].value as usize] += 1;
        }
        let mut own = vec![[0_u8; Kind::COUNT]; count];
        for run in runs(&seen) {
            let value = run[0].value as usize;
            if degree[value] <= OWN_MOST_ACCOUNTS {
                let kind = evidence.values[value].kind;
                let own = &mut own[run[0].account as usize][kind.at()];
                *own = own.saturating_add(1);
            }
        }

        let mut shared: Vec<usize> = (0..degree.len()).filter(|&v| degree[v] > 1).collect();
        shared.sort_unstable_by(|&a, &b| {
            (degree[a], &evidence.values[a]).cmp(&(degree[b], &evidence.values[b]))
        });
        let mut number = vec![NOBODY; degree.len()];
        for (at, &value) in (0_u32..).zip(&shared) {
            number[value] = at;
        }
        let values = shared.iter().map(|&v| evidence.values[v].clone()).collect();

        let mut entries = Vec::new();
        let mut entries_from = Vec::with_capacity(count + 1);
        let mut times = Vec::new();
        let mut all = runs(&seen).peekable();
        for account in 0..count {
            let from = entries.len();
            entries_from.push(short(from));
            while let Some(run) = all.next_if(|run| run[0].account as usize == account) {
                let value = number[run[0].value as usize];
                if value == NOBODY {
                    continue;
                }
                let times_from = short(times.len());
                times.extend(run.iter().map(|s| s.at_utc_us).filter(|&at| at != NO_TIME));
                entries.push(Entry {
                    value,
                    times_from,
                    times_to: short(times.len()),
                });
            }
            entries[from..].sort_unstable_by_key(|entry: &Entry| entry.value);
        }
        entries_from.push(short(entries.len()));

        let mut holders_from = vec![0_u32; shared.len() + 1];
        for (at, &value) in shared.iter().enumerate() {
            holders_from[at + 1] = holders_from[at] + degree[value];
        }
        let mut next = holders_from.clone();
        let mut holders = vec![0_u32; entries.len()];
        for account in 0..count {
            let (from, to) = (
                entries_from[account] as usize,
                entries_from[account + 1] as usize,
            );
            for entry in &entries[from..to] {
                let next = &mut next[entry.value as usize];
                holders[*next as usize] = short(account);
                *next += 1;
            }
        }
        let compared = apart.iter().filter(|&&apart| !apart).count() as u64;
        Self {
            keys,
            apart,
            parent,
            written,
            place,
            compared,
            values,
            holders_from,
            holders,
            entries_from,
            entries,
            times,
            own,
        }
    }

    pub(crate) fn accounts(&self) -> usize {
        self.keys.len()
    }

    /// Returns the accounts that share a value, in order.
    pub(crate) fn holders(&self, value: u32) -> &[u32] {
        let value = value as usize;
        &self.holders[self.holders_from[value] as usize..self.holders_from[value + 1] as usize]
    }

    /// Returns how many accounts share a value.
    pub(crate) fn degree(&self, value: u32) -> u32 {
        let value = value as usize;
        self.holders_from[value + 1] - self.holders_from[value]
    }

    /// Returns the shared values of an account, the rarest first.
    pub(crate) fn entries(&self, account: u32) -> &[Entry] {
        let account = account as usize;
        &self.entries[self.entries_from[account] as usize..self.entries_from[account + 1] as usize]
    }

    /// Returns the times an account was seen with a value, in order, microseconds UTC.
    pub(crate) fn times(&self, entry: &Entry) -> &[i64] {
        &self.times[entry.times_from as usize..entry.times_to as usize]
    }

    pub(crate) fn own(&self, account: u32) -> &[u8; Kind::COUNT] {
        &self.own[account as usize]
    }

    /// Whether an account has a value.
    pub(crate) fn has(&self, account: u32, value: u32) -> bool {
        self.entries(account)
            .binary_search_by_key(&value, |entry| entry.value)
            .is_ok()
    }
}

/// Cuts sorted sightings into runs of one account and one value.
fn runs(seen: &[Seen]) -> impl Iterator<Item = &[Seen]> {
    seen.chunk_by(|a, b| (a.account, a.value) == (b.account, b.value))
}

/// Counts are below `u32::MAX`: accounts and values are capped, and sightings take more memory
/// than a machine has long before.
fn short(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
