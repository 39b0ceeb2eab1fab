//! How often something may be done, by each network and in all; and codes that too many try.
//!
//! Buckets fill with time and give one token for each deed. Whoever finds a bucket empty gets a
//! place in a queue, never an error. Guessing a code: 25^11 = 2.4 × 10^15 payloads against, say,
//! 70,000 codes is one hit in 3.4 × 10^10 tries; at the most that all buckets together let through,
//! 600 a second, one hit takes two years on average, and it shows nothing but the published text.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deed {
    Check,
    Number,
    Begin,
    Open,
    Save,
    Send,
    File,
    /// Anything, with a place in the queue that has waited.
    Wait,
    /// Anything, with a place in the queue that a browser worked for.
    Work,
    /// Anything, by somebody who has a valid code of a text.
    Coded,
}

/// A bucket: how many tokens it holds and how many it gets in a minute.
#[derive(Clone, Copy, Debug)]
struct Rate {
    burst: u64,
    a_minute: u64,
}

impl Deed {
    /// For one network. Mobile carriers put thousands behind one, so these are for people, and
    /// the queue for the rest.
    fn by_network(self) -> Rate {
        match self {
            Self::Check => Rate {
                burst: 30,
                a_minute: 30,
            },
            Self::Number => Rate {
                burst: 10,
                a_minute: 2,
            },
            Self::Begin => Rate {
                burst: 30,
                a_minute: 30,
            },
            Self::Open => Rate {
                burst: 10,
                a_minute: 10,
            },
            Self::Send => Rate {
                burst: 20,
                a_minute: 20,
            },
            Self::File | Self::Work => Rate {
                burst: 60,
                a_minute: 60,
            },
            // A report takes some fifteen pages.
            Self::Save | Self::Coded => Rate {
                burst: 300,
                a_minute: 600,
            },
            // No single network can fill the queue for all.
            Self::Wait => Rate {
                burst: 20,
                a_minute: 30,
            },
        }
    }

    fn in_all(self) -> Rate {
        match self {
            Self::Check => Rate {
                burst: 2000,
                a_minute: 500 * 60,
            },
            Self::Number => Rate {
                burst: 500,
                a_minute: 50 * 60,
            },
            Self::Begin | Self::Send => Rate {
                burst: 1000,
                a_minute: 400 * 60,
            },
            Self::Open => Rate {
                burst: 200,
                a_minute: 50 * 60,
            },
            Self::File => Rate {
                burst: 500,
                a_minute: 100 * 60,
            },
            Self::Save => Rate {
                burst: 3000,
                a_minute: 1000 * 60,
            },
            // Apart from the others', so that a flood from everywhere does not stop who has a code.
            Self::Wait | Self::Work | Self::Coded => Rate {
                burst: 100,
                a_minute: 50 * 60,
            },
        }
    }
}

/// Networks that are told apart; beyond that, new ones share a bucket.
const MAX_NETWORKS: usize = 100_000;
/// A code tried from more networks than this freezes: home, work, mobile and some to spare.
const MAX_CODE_NETWORKS: usize = 6;

/// A client's network: the first 24 bits of IPv4, the first 56 of IPv6. Held in memory only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Network(u64);

impl Network {
    pub(crate) fn of(address: IpAddr) -> Self {
        let address = match address {
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4),
            v4 @ IpAddr::V4(_) => v4,
        };
        match address {
            IpAddr::V4(v4) => Self(u64::from(u32::from(v4) >> 8)),
            // The top bit keeps the two families apart.
            IpAddr::V6(v6) => {
                let high = u64::try_from(u128::from(v6) >> 72).unwrap_or(0);
                Self(high | 1 << 63)
            }
        }
    }
}

/// Thousandths of a token, and when they were counted.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    milli: u64,
    at_ms: u64,
}

impl Bucket {
    fn full(rate: Rate, now_ms: u64) -> Self {
        Self {
            milli: rate.burst * 1000,
            at_ms: now_ms,
        }
    }

    fn fill(&mut self, rate: Rate, now_ms: u64) {
        let gained = now_ms
            .saturating_sub(self.at_ms)
            .saturating_mul(rate.a_minute)
            / 60;
        if gained > 0 || now_ms < self.at_ms {
            self.milli = self.milli.saturating_add(gained).min(rate.burst * 1000);
            self.at_ms = now_ms;
        }
    }

    fn take(&mut self, rate: Rate, now_ms: u64) -> bool {
        self.fill(rate, now_ms);
        match self.milli.checked_sub(1000) {
            Some(left) => {
                self.milli = left;
                true
            }
            None => false,
        }
    }
}

#[derive(Debug, Default)]
struct State {
    networks: BTreeMap<(Deed, Option<Network>), Bucket>,
    in_all: BTreeMap<Deed, Bucket>,
}

/// All buckets.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<State>);

/// How somebody asks to be let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Usual,
    /// Holds a queue ticket that has waited long enough.
    Waited,
    /// Holds a queue ticket with a proof of work: one lane beside the others, never the only one.
    Worked,
    /// Holds a valid code of a text: no limit by network.
    Coded,
}

impl Limits {
    /// Whether it may be done now; takes the tokens if so.
    pub(crate) fn allow(&self, deed: Deed, network: Network, lane: Lane, now_ms: u64) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let deed = match lane {
            Lane::Waited => Deed::Wait,
            Lane::Worked => Deed::Work,
            Lane::Coded => Deed::Coded,
            Lane::Usual => deed,
        };
        let rate = deed.in_all();
        let in_all = state
            .in_all
            .entry(deed)
            .or_insert(Bucket::full(rate, now_ms));
        in_all.fill(rate, now_ms);
        if in_all.milli < 1000 {
            return false;
        }
        if lane != Lane::Coded {
            let rate = deed.by_network();
            let mut key = (deed, Some(network));
            if state.networks.len() >= MAX_NETWORKS && !state.networks.contains_key(&key) {
                state.networks.retain(|(deed, _), bucket| {
                    bucket.fill(deed.by_network(), now_ms);
                    bucket.milli < deed.by_network().burst * 1000
                });
                if state.networks.len() >= MAX_NETWORKS {
                    key = (deed, None);
                }
            }
            let bucket = state
                .networks
                .entry(key)
                .or_insert(Bucket::full(rate, now_ms));
            if !bucket.take(rate, now_ms) {
                return false;
            }
        }
        state
            .in_all
            .get_mut(&deed)
            .is_some_and(|in_all| in_all.take(rate, now_ms))
    }
}

/// What trying a known code comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    Open,
    /// Frozen by this very try: to be reported inwards.
    Freezes,
    Frozen,
}

/// Which known codes were tried from where. Only codes that exist take up room.
#[derive(Debug, Default)]
pub(crate) struct Freezes(Mutex<BTreeMap<[u8; 32], Option<BTreeSet<Network>>>>);

impl Freezes {
    /// Takes up what an earlier run froze.
    pub(crate) fn with(frozen: impl IntoIterator<Item = [u8; 32]>) -> Self {
        Self(Mutex::new(
            frozen.into_iter().map(|hash| (hash, None)).collect(),
        ))
    }

    /// Whether a code is frozen. Asked of every code, known or not: what is refused takes equally
    /// long for whatever reason.
    pub(crate) fn is_frozen(&self, hash: &[u8; 32]) -> bool {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(tries.get(hash), Some(None))
    }

    /// Counts a try of a code that would open.
    pub(crate) fn tried(&self, hash: [u8; 32], network: Network) -> Tried {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = tries.entry(hash).or_insert_with(|| Some(BTreeSet::new()));
        let Some(networks) = seen else {
            return Tried::Frozen;
        };
        networks.insert(network);
        if networks.len() > MAX_CODE_NETWORKS {
            *seen = None;
            return Tried::Freezes;
        }
        Tried::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(last: u8) -> Network {
        Network::of(IpAddr::from([192, 0, 2 + last, 1]))
    }

    #[test]
    fn a_network_runs_dry_and_fills_again_while_others_go_on() {
        let limits = Limits::default();
        let allowed = |n, now| limits.allow(Deed::Check, network(n), Lane::Usual, now);
        assert_eq!((0..100).filter(|_| allowed(0, 1000)).count(), 30);
        assert!(allowed(1, 1000));
        assert!(!allowed(0, 2000));
        assert!(allowed(0, 3001));
        assert!(!allowed(0, 3001));
    }

    #[test]
    fn all_networks_together_run_dry_too_and_the_queue_has_its_own_limit() {
        let limits = Limits::default();
        let many = (0..100_u32).flat_map(|n| (0..30).map(move |_| n));
        let through = many
            .filter(|n| {
                let network = Network::of(IpAddr::from(std::net::Ipv4Addr::from(n << 8)));
                limits.allow(Deed::Check, network, Lane::Usual, 1000)
            })
            .count();
        assert_eq!(through, 2000);
        let through = |lane, from: u8, count: u32| {
            let allowed = |_: &u32| limits.allow(Deed::Check, network(from), lane, 1000);
            (0..count).filter(allowed).count()
        };
        assert_eq!(through(Lane::Waited, 0, 1000), 20, "one network");
        assert_eq!(through(Lane::Worked, 0, 1000), 60, "one network");
        let others: usize = (1..9).map(|from| through(Lane::Waited, from, 100)).sum();
        assert_eq!(others, 80, "all networks");
        assert_eq!(through(Lane::Coded, 0, 1000), 100, "who has a code goes on");
    }

    #[test]
    fn a_clock_that_jumps_back_neither_panics_nor_gives_tokens() {
        let limits = Limits::default();
        while limits.allow(Deed::Number, network(0), Lane::Usual, 1_000_000) {}
        assert!(!limits.allow(Deed::Number, network(0), Lane::Usual, 0));
        assert!(limits.allow(Deed::Number, network(0), Lane::Usual, 60_000));
    }

    #[test]
    fn the_seventh_network_freezes_a_code() {
        let freezes = Freezes::default();
        for last in 0..6 {
            assert_eq!(freezes.tried([7; 32], network(last)), Tried::Open);
            assert_eq!(freezes.tried([7; 32], network(last)), Tried::Open);
        }
        assert!(!freezes.is_frozen(&[7; 32]) && !freezes.is_frozen(&[9; 32]));
        assert_eq!(freezes.tried([7; 32], network(6)), Tried::Freezes);
        assert!(freezes.is_frozen(&[7; 32]));
        assert_eq!(freezes.tried([7; 32], network(0)), Tried::Frozen);
        assert_eq!(freezes.tried([8; 32], network(0)), Tried::Open);
    }

    #[test]
    fn neighbours_share_a_network_and_families_do_not() {
        let of = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(of("192.0.2.1"), of("192.0.2.200"));
        assert_ne!(of("192.0.2.1"), of("192.0.3.1"));
        assert_eq!(of("::ffff:192.0.2.9"), of("192.0.2.1"));
        assert_eq!(of("2001:db8:0:aa00::1"), of("2001:db8:0:aaff::2"));
        assert_ne!(of("2001:db8:0:aa00::1"), of("2001:db8:0:ab00::1"));
    }
}
