//! All reports of a case together: what each tells of, and which tell of one loss.

use std::collections::BTreeMap;

use unspoof_numbers::{PhoneNumber, Reader};

use crate::one_loss::{LossFact, LossLink, LossReason, OwnNumbers, links};
use crate::reason::{Fact, Reason, Tier};
use crate::{Bits, CallNo, MatchError, Matcher, Report, ReportMatches};

/// One loss, as one report or several tell of it. Reports are numbered from 0 in the order given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LossGroup {
    /// The reports, in the order of their sources and ids.
    pub reports: Vec<usize>,
    /// Why they belong together.
    pub links: Vec<LossLink>,
}

/// What became of all reports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matched<'c> {
    /// For each report, in the order given.
    pub reports: Vec<ReportMatches<'c>>,
    /// All losses, in the order of their first reports' sources and ids: each report is in one.
    pub losses: Vec<LossGroup>,
}

impl<'c> Matcher<'c> {
    /// Matches reports to calls, and tells which reports are of one loss.
    ///
    /// Two reports that are matched to one call tell of one event, if the victim's number says so
    /// in both. Where one has the number and the other is a slip away from it, the slip is the
    /// worse explanation: it goes back to possible, unless the two are of one loss by themselves.
    ///
    /// # Errors
    /// [`MatchError::TwiceTheSameReport`].
    pub fn match_reports(&self, reports: &[Report]) -> Result<Matched<'c>, MatchError> {
        let mut order: Vec<usize> = (0..reports.len()).collect();
        order.sort_by(|&a, &b| reports[a].key.cmp(&reports[b].key).then(a.cmp(&b)));
        if let Some(twice) = order
            .windows(2)
            .find(|w| reports[w[0]].key == reports[w[1]].key)
        {
            return Err(MatchError::TwiceTheSameReport {
                report: twice[1],
                reports: reports.len(),
            });
        }
        let mut matches = self.each(reports);
        let numbers = self.own_numbers(reports, &matches);
        let mut links = links(reports, &order, &numbers, self.settings());
        let mut groups = Groups::new(reports.len());
        for link in &links {
            groups.join(link.report, link.repeats);
        }
        for claims in claims(&order, &matches) {
            let slips: Vec<bool> = claims.iter().map(|&at| is_slip(&matches[at])).collect();
            // The best claim: a number as given before a slip, then the more bits.
            let rank = |place: &usize| {
                let bits = matches[claims[*place]].matched().map(|m| m.bits);
                (slips[*place], std::cmp::Reverse(bits), *place)
            };
            let Some(best) = (0..claims.len()).min_by_key(rank) else {
                continue;
            };
            for (place, &at) in claims.iter().enumerate() {
                if place == best || groups.same(at, claims[best]) {
                    continue;
                }
                if slips[place] {
                    if let Some(first) = matches[at].matches.first_mut() {
                        first.tier = Tier::Possible;
                        first.reasons.push(Reason {
                            fact: Fact::BetterReport,
                            bits: Bits::ZERO,
                            agreeing_calls: 1,
                        });
                    }
                } else {
                    let mut pair = [claims[best], at];
                    pair.sort_by_key(|&one| &reports[one].key);
                    let bits = Bits::ZERO;
                    links.push(LossLink {
                        report: pair[0],
                        repeats: pair[1],
                        bits,
                        reasons: vec![LossReason {
                            fact: LossFact::SameCall,
                            bits,
                        }],
                    });
                    groups.join(at, claims[best]);
                }
            }
        }
        let losses = groups.listed(&order, links);
        Ok(Matched {
            reports: matches,
            losses,
        })
    }

    /// A report's own numbers: as given, and as its match says.
    fn own_numbers(&self, reports: &[Report], matches: &[ReportMatches<'c>]) -> Vec<OwnNumbers> {
        let mut reader = Reader::new(self.context().clone());
        let own = |(report, matched): (&Report, &ReportMatches<'c>)| {
            let mut given = report.called.clone();
            if given.is_empty()
                && let Some(raw) = &report.called_raw
            {
                let readings = reader.readings(raw.as_bytes());
                given.extend(readings.iter().filter_map(|reading| reading.number));
            }
            let mut meant = matched.matched().and_then(|m| m.call.called);
            if !is_slip(matched) {
                given.extend(meant.take());
            }
            OwnNumbers { given, meant }
        };
        reports.iter().zip(matches).map(own).collect()
    }
}

fn is_slip(matches: &ReportMatches<'_>) -> bool {
    let slip = |fact: &Fact| matches!(fact, Fact::OwnNumberSlip { .. });
    matches
        .matched()
        .is_some_and(|m| m.reasons.iter().any(|reason| slip(&reason.fact)))
}

/// Lists, for each call that several reports are matched to, those reports, by their keys.
fn claims(order: &[usize], matches: &[ReportMatches<'_>]) -> Vec<Vec<usize>> {
    let mut by_call: BTreeMap<(Option<PhoneNumber>, i64, CallNo), Vec<usize>> = BTreeMap::new();
    for &at in order {
        if let Some(matched) = matches[at].matched() {
            let call = matched.call;
            by_call
                .entry((call.called, call.started_utc, call.call))
                .or_default()
                .push(at);
        }
    }
    by_call
        .into_values()
        .filter(|claims| claims.len() > 1)
        .collect()
}

/// Disjoint sets of reports.
struct Groups {
    parent: Vec<usize>,
}

impl Groups {
    fn new(reports: usize) -> Self {
        Self {
            parent: (0..reports).collect(),
        }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    fn same(&mut self, a: usize, b: usize) -> bool {
        self.root(a) == self.root(b)
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[b] = a;
    }

    fn listed(mut self, order: &[usize], links: Vec<LossLink>) -> Vec<LossGroup> {
        let mut place: BTreeMap<usize, usize> = BTreeMap::new();
        let mut groups: Vec<LossGroup> = Vec::new();
        for &at in order {
            let root = self.root(at);
            let group = *place.entry(root).or_insert_with(|| {
                groups.push(LossGroup {
                    reports: Vec::new(),
                    links: Vec::new(),
                });
                groups.len() - 1
            });
            groups[group].reports.push(at);
        }
        for link in links {
            let root = self.root(link.report);
            if let Some(group) = place.get(&root).and_then(|&group| groups.get_mut(group)) {
                group.links.push(link);
            }
        }
        groups
    }
}
