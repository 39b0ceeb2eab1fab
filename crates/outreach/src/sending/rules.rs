//! When sending holds by itself.
//!
//! Judged on what is settled, of each stage and of all together: a message whose receipt is not there
//! yet says nothing. Dead numbers, which operators report under the plan's codes, count as neither
//! delivered nor failed. No share is judged before so many receipts are settled that it means
//! something (`after_settled`).

use std::fmt;

use unspoof_store::ledger::{Count, State};

use crate::plan::StopRules;

/// Codes that stop a campaign whatever its plan says: the sender ID is not registered or not allowed, or the
/// networks take the texts for a flood. Compared without case, as a part of the code, for gateways write them
/// as names or as sentences.
const ALWAYS_STOP: [&str; 4] = [
    "ESME_RINVSRCADR",
    "sender id not registered",
    "sender not registered",
    "anti-flood",
];

fn stops(code: &str, rules: &StopRules) -> bool {
    let lower = code.to_ascii_lowercase();
    is_among(code, &rules.stop_codes)
        || ALWAYS_STOP
            .iter()
            .any(|part| lower.contains(&part.to_ascii_lowercase()))
}

/// A rule that was tripped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tripped {
    /// Too few of the settled receipts say delivered.
    Delivered {
        /// Of which stage; none of all.
        stage: Option<u32>,
        /// How many say delivered.
        delivered: u64,
        /// Of how many settled, dead numbers left out.
        settled: u64,
    },
    /// An operator's code at any one of which sending stops.
    Code {
        /// The code.
        code: String,
        /// How often it came.
        times: u64,
    },
    /// Too much of what was claimed is unknown.
    Unknown {
        /// How many.
        unknown: u64,
        /// Of how many claimed.
        claimed: u64,
    },
    /// Two things were told of one message that cannot both be: it may have gone out twice.
    Duplicate {
        /// Which message.
        key: u64,
    },
    /// The clock that tells the day jumped.
    Clock {
        /// By how many seconds, forwards or back.
        by_s: i64,
    },
}

impl fmt::Display for Tripped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered {
                stage,
                delivered,
                settled,
            } => {
                match stage {
                    Some(stage) => write!(f, "in stage {}, ", stage + 1)?,
                    None => f.write_str("in all, ")?,
                }
                write!(f, "{delivered} of {settled} settled receipts say delivered")
            }
            Self::Code { code, times } => write!(f, "the code {code} came {times} times"),
            Self::Unknown { unknown, claimed } => {
                write!(f, "of {unknown} of {claimed} messages nobody knows")
            }
            Self::Duplicate { key } => write!(f, "message {key} may have gone out twice"),
            Self::Clock { by_s } => write!(f, "the clock jumped by {by_s} s"),
        }
    }
}

/// How near a share is to its rule, for people.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Nearness {
    /// The rule, such as `delivered`.
    pub rule: &'static str,
    /// Of which stage, from 0; none of all.
    pub stage: Option<u32>,
    /// The share now, in thousandths; none before anything is settled.
    pub now_permille: Option<u64>,
    /// The share at which it trips, in thousandths.
    pub limit_permille: u64,
    /// Whether enough is settled for it to be judged.
    pub is_judged: bool,
}

/// Counts of one stage or all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Sums {
    delivered: u64,
    failed: u64,
    dead: u64,
    unknown: u64,
    claimed: u64,
}

impl Sums {
    fn settled(self) -> u64 {
        self.delivered + self.failed
    }

    fn of<'a>(counts: impl Iterator<Item = &'a Count>, rules: &StopRules) -> Self {
        let mut sums = Self::default();
        for count in counts {
            let rows = count.rows;
            if !matches!(count.state, State::Planned | State::Removed) {
                sums.claimed += rows;
            }
            match count.state {
                State::Delivered => sums.delivered += rows,
                State::Undelivered | State::Expired => {
                    if is_among(&count.code, &rules.dead_codes) {
                        sums.dead += rows;
                    } else {
                        sums.failed += rows;
                    }
                }
                State::Unknown => sums.unknown += rows,
                State::Planned
                | State::Intent
                | State::Accepted
                | State::Refused
                | State::Settled
                | State::Removed => {}
            }
        }
        sums
    }
}

/// Codes are compared without case; a rule's code may be the whole or what stands behind a colon, so
/// that `012` means `err:012`.
fn is_among(code: &str, codes: &[String]) -> bool {
    !code.is_empty()
        && codes.iter().any(|of| {
            code.eq_ignore_ascii_case(of)
                || code
                    .rsplit(':')
                    .next()
                    .is_some_and(|tail| tail.eq_ignore_ascii_case(of))
        })
}

fn stages(counts: &[Count]) -> impl Iterator<Item = Option<u32>> {
    let mut stages: Vec<u32> = counts.iter().map(|count| count.stage).collect();
    stages.sort_unstable();
    stages.dedup();
    stages.into_iter().map(Some).chain([None])
}

fn of_stage(counts: &[Count], stage: Option<u32>) -> impl Iterator<Item = &Count> {
    counts
        .iter()
        .filter(move |count| stage.is_none_or(|stage| count.stage == stage))
}

/// Returns the first rule that the counts trip.
#[must_use]
pub fn tripped(counts: &[Count], rules: &StopRules) -> Option<Tripped> {
    let mut codes: Vec<(&str, u64)> = Vec::new();
    for count in counts.iter().filter(|c| stops(&c.code, rules)) {
        match codes.iter_mut().find(|(code, _)| *code == count.code) {
            Some((_, times)) => *times += count.rows,
            None => codes.push((&count.code, count.rows)),
        }
    }
    if let Some((code, times)) = codes.first() {
        return Some(Tripped::Code {
            code: (*code).to_owned(),
            times: *times,
        });
    }
    for stage in stages(counts) {
        let sums = Sums::of(of_stage(counts, stage), rules);
        let settled = sums.settled();
        let enough = settled >= u64::from(rules.after_settled.max(1));
        if enough && sums.delivered * 100 < settled * u64::from(rules.delivered_percent) {
            return Some(Tripped::Delivered {
                stage,
                delivered: sums.delivered,
                settled,
            });
        }
    }
    let all = Sums::of(counts.iter(), rules);
    let enough = all.claimed >= u64::from(rules.after_settled.max(1));
    (enough && all.unknown * 100 > all.claimed * u64::from(rules.unknown_percent)).then_some(
        Tripped::Unknown {
            unknown: all.unknown,
            claimed: all.claimed,
        },
    )
}

/// Says how near each rule is.
#[must_use]
pub fn nearness(counts: &[Count], rules: &StopRules) -> Vec<Nearness> {
    let least = u64::from(rules.after_settled.max(1));
    let share = |part: u64, of: u64| (part * 1000).checked_div(of);
    let mut all: Vec<Nearness> = stages(counts)
        .map(|stage| {
            let sums = Sums::of(of_stage(counts, stage), rules);
            Nearness {
                rule: "delivered",
                stage,
                now_permille: share(sums.delivered, sums.settled()),
                limit_permille: u64::from(rules.delivered_percent) * 10,
                is_judged: sums.settled() >= least,
            }
        })
        .collect();
    let sums = Sums::of(counts.iter(), rules);
    all.push(Nearness {
        rule: "unknown",
        stage: None,
        now_permille: share(sums.unknown, sums.claimed),
        limit_permille: u64::from(rules.unknown_percent) * 10,
        is_judged: sums.claimed >= least,
    });
    all
}

#[cfg(test)]
mod tests {
    use unspoof_store::ledger::{Count, State};

    use super::{Tripped, nearness, tripped};
    use crate::plan::StopRules;

    fn rules() -> StopRules {
        StopRules {
            delivered_percent: 85,
            after_settled: 20,
            dead_codes: vec!["err:001".to_owned()],
            stop_codes: vec!["012".to_owned()],
            unknown_percent: 2,
        }
    }

    fn count(stage: u32, state: State, code: &str, rows: u64) -> Count {
        Count {
            stage,
            state,
            code: code.to_owned(),
            rows,
        }
    }

    #[test]
    fn a_share_counts_once_enough_is_settled_and_dead_numbers_do_not() {
        let few = [
            count(1, State::Delivered, "", 2),
            count(1, State::Undelivered, "", 1),
        ];
        assert_eq!(tripped(&few, &rules()), None);
        let good = [
            count(1, State::Delivered, "", 85),
            count(1, State::Undelivered, "", 15),
            count(1, State::Undelivered, "err:001", 500),
            count(1, State::Accepted, "", 9_000),
        ];
        assert_eq!(tripped(&good, &rules()), None);
        let bad = [
            count(1, State::Delivered, "", 84),
            count(1, State::Expired, "", 16),
        ];
        assert_eq!(
            tripped(&bad, &rules()),
            Some(Tripped::Delivered {
                stage: Some(1),
                delivered: 84,
                settled: 100
            })
        );
    }

    #[test]
    fn a_bad_stage_is_seen_among_good_ones() {
        let counts = [
            count(1, State::Delivered, "", 1_000),
            count(2, State::Undelivered, "", 20),
        ];
        let stage = |tripped| matches!(tripped, Some(Tripped::Delivered { stage: Some(2), .. }));
        assert!(stage(tripped(&counts, &rules())));
        assert_eq!(nearness(&counts, &rules()).len(), 4);
    }

    #[test]
    fn one_code_of_a_sender_that_is_not_registered_is_enough() {
        let counts = [
            count(0, State::Delivered, "", 50),
            count(0, State::Undelivered, "err:012", 1),
        ];
        assert_eq!(
            tripped(&counts, &rules()),
            Some(Tripped::Code {
                code: "err:012".to_owned(),
                times: 1
            })
        );
    }

    #[test]
    fn what_means_no_registration_or_a_flood_stops_whatever_the_plan_says() {
        let plain = StopRules {
            stop_codes: Vec::new(),
            ..rules()
        };
        for code in [
            "ESME_RINVSRCADR",
            "Sender id not registered",
            "Rejected by anti-flooding mechanism",
        ] {
            let counts = [count(0, State::Refused, code, 1)];
            assert!(matches!(
                tripped(&counts, &plain),
                Some(Tripped::Code { .. })
            ));
        }
        for code in ["ESME_RINVDSTADR", "ESME_RTHROTTLED", "err:012", ""] {
            assert_eq!(tripped(&[count(0, State::Refused, code, 1)], &plain), None);
        }
    }

    #[test]
    fn too_many_unknowns_hold() {
        let counts = |unknown| {
            [
                count(0, State::Unknown, "timeout", unknown),
                count(0, State::Accepted, "", 100 - unknown),
            ]
        };
        assert_eq!(tripped(&counts(2), &rules()), None);
        assert!(matches!(
            tripped(&counts(3), &rules()),
            Some(Tripped::Unknown {
                unknown: 3,
                claimed: 100
            })
        ));
    }
}
