//! From pairs to persons: joined the surest first, and never over a weak crossing.
//!
//! Joining everything that is connected (single linkage) lets one resold telephone make one person
//! of two rings. Here a pair joins two groups only if enough of the pairs between them are the
//! same person's too, and afterwards a group that hangs together at one pair or at one account is
//! cut there. What is cut or not joined stays a *possible* link.

use std::collections::{BTreeMap, BTreeSet};

use crate::candidates::WINDOW;
use crate::evidence::Kind;
use crate::outcome::{Merge, MergeReason};

/// A pair that its evidence calls one person's, or possibly so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) bits: f64,
    /// Bit n: the pair shares a value, or nearly so, of the n-th kind.
    pub(crate) shares: u16,
}

/// What an account could have shared with another one of its person and, by kind, how many bits
/// it counts against that if it does not.
pub(crate) type Chances = [f64; Kind::COUNT];

/// What people decided, by place; judgements that others overrule are left out.
#[derive(Debug, Default, Clone)]
pub(crate) struct Decisions {
    pub(crate) same: BTreeSet<(u32, u32)>,
    pub(crate) different: BTreeSet<(u32, u32)>,
    pub(crate) several: BTreeSet<u32>,
}

/// How sure a crossing must be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crossing {
    /// Log-odds in bits from which a pair is one person's.
    pub(crate) same_bits: f64,
    /// The least share of the pairs between two groups that must be the same person's.
    pub(crate) share: f64,
    /// Log-odds in bits from which one pair alone may hold two groups together.
    pub(crate) sure_bits: f64,
}

/// Which account is in which group, by the group's first account.
pub(crate) struct Joined {
    pub(crate) group: Vec<u32>,
    pub(crate) merges: Vec<Merge>,
    /// Judgements of sameness that a judgement of difference forbids.
    pub(crate) overruled: Vec<(u32, u32)>,
}

pub(crate) fn join(
    chances: &[Chances],
    edges: &[Edge],
    decisions: &Decisions,
    crossing: Crossing,
) -> Joined {
    let mut cut: BTreeSet<(u32, u32)> = BTreeSet::new();
    loop {
        let kept: Vec<Edge> = edges
            .iter()
            .filter(|edge| !cut.contains(&(edge.a, edge.b)))
            .copied()
            .collect();
        let joined = Groups::new(chances, decisions).join(&kept, decisions, crossing);
        let more = weak_cuts(&joined.group, &kept, decisions, crossing);
        let before = cut.len();
        cut.extend(more);
        if cut.len() == before {
            return joined;
        }
    }
}

/// How many pairs between two groups are one person's, and which kinds any of them share.
#[derive(Clone, Copy, Default)]
struct Between {
    same: u32,
    shares: u16,
}

impl Between {
    fn add(&mut self, more: Self) {
        self.same += more.same;
        self.shares |= more.shares;
    }
}

struct Groups<'a> {
    of_account: &'a [Chances],
    chances: Vec<Chances>,
    parent: Vec<u32>,
    members: Vec<u32>,
    /// Groups that must stay apart, by the root of either.
    forbidden: BTreeMap<u32, BTreeSet<u32>>,
    /// What lies between two groups, by the root of either.
    crossings: Vec<BTreeMap<u32, Between>>,
    merges: Vec<Merge>,
}

impl<'a> Groups<'a> {
    fn new(of_account: &'a [Chances], decisions: &Decisions) -> Self {
        let accounts = of_account.len();
        let count = u32::try_from(accounts).unwrap_or(u32::MAX);
        let mut forbidden: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for &(a, b) in &decisions.different {
            forbidden.entry(a).or_default().insert(b);
            forbidden.entry(b).or_default().insert(a);
        }
        Self {
            of_account,
            chances: of_account.to_vec(),
            parent: (0..count).collect(),
            members: vec![1; accounts],
            forbidden,
            crossings: vec![BTreeMap::new(); accounts],
            merges: Vec::new(),
        }
    }

    fn join(mut self, edges: &[Edge], decisions: &Decisions, crossing: Crossing) -> Joined {
        for edge in edges {
            let between = Between {
                same: u32::from(edge.bits >= crossing.same_bits),
                shares: edge.shares,
            };
            self.crossings[edge.a as usize]
                .entry(edge.b)
                .or_default()
                .add(between);
            self.crossings[edge.b as usize]
                .entry(edge.a)
                .or_default()
                .add(between);
        }
        let mut overruled = Vec::new();
        for &(a, b) in &decisions.same {
            let (one, other) = (self.root(a), self.root(b));
            if self.is_forbidden(one, other) {
                overruled.push((a, b));
            } else if one != other {
                self.merge(one, other, a, b, 0.0, MergeReason::Judged);
            }
        }
        let mut open: Vec<Edge> = edges.to_vec();
        open.retain(|edge| edge.bits >= crossing.same_bits);
        open.sort_by(|x, y| y.bits.total_cmp(&x.bits).then((x.a, x.b).cmp(&(y.a, y.b))));
        // A crossing that is too weak while the groups are small may do once they have grown.
        loop {
            let before = self.merges.len();
            open.retain(|edge| {
                let (one, other) = (self.root(edge.a), self.root(edge.b));
                if one == other || self.is_forbidden(one, other) {
                    return false;
                }
                let may = self.is_firm(one, other, edge, crossing);
                if may {
                    let reason = MergeReason::Evidence;
                    self.merge(one, other, edge.a, edge.b, edge.bits, reason);
                }
                !may
            });
            if self.merges.len() == before {
                break;
            }
        }
        let group = (0..self.parent.len())
            .filter_map(|at| u32::try_from(at).ok())
            .map(|at| self.root(at))
            .collect();
        Joined {
            group,
            merges: self.merges,
            overruled,
        }
    }

    fn root(&mut self, mut at: u32) -> u32 {
        while self.parent[at as usize] != at {
            let above = self.parent[self.parent[at as usize] as usize];
            self.parent[at as usize] = above;
            at = above;
        }
        at
    }

    fn is_forbidden(&self, one: u32, other: u32) -> bool {
        self.forbidden
            .get(&one)
            .is_some_and(|apart| apart.contains(&other))
    }

    /// Whether two groups are one person's: enough of the pairs between them are, and the one at
    /// hand still is once the groups' chances count instead of its two accounts'. Two accounts of
    /// a family that share a telephone may well have no wallet in common; two persons' worth of
    /// accounts that have none are two persons'.
    fn is_firm(&self, one: u32, other: u32, edge: &Edge, crossing: Crossing) -> bool {
        // Of what many accounts share, only neighbours were looked at: more is not to be had.
        let [one_size, other_size] = [one, other].map(|at| f64::from(self.members[at as usize]));
        let pairs = (one_size * other_size).min(WINDOW as f64 * one_size.min(other_size));
        let between = self.crossings[one as usize]
            .get(&other)
            .copied()
            .unwrap_or_default();
        let mut bits = edge.bits;
        for kind in 0..Kind::COUNT {
            if between.shares >> kind & 1 == 0 {
                let of = |all: &[Chances], a: u32, b: u32| {
                    all[a as usize][kind].min(all[b as usize][kind])
                };
                let more = of(&self.chances, one, other) - of(self.of_account, edge.a, edge.b);
                bits -= more.max(0.0);
            }
        }
        f64::from(between.same) >= crossing.share * pairs && bits >= crossing.same_bits
    }

    fn merge(&mut self, one: u32, other: u32, a: u32, b: u32, bits: f64, reason: MergeReason) {
        let (keep, gone) = (one.min(other), one.max(other));
        self.parent[gone as usize] = keep;
        self.members[keep as usize] += self.members[gone as usize];
        let gone_chances = self.chances[gone as usize];
        for (sum, more) in self.chances[keep as usize].iter_mut().zip(gone_chances) {
            *sum += more;
        }
        // The smaller table goes into the larger one, whichever root stays.
        let mut moved = std::mem::take(&mut self.crossings[gone as usize]);
        let mut into = std::mem::take(&mut self.crossings[keep as usize]);
        for third in moved.keys().filter(|&&third| third != keep) {
            let table = &mut self.crossings[*third as usize];
            if let Some(between) = table.remove(&gone) {
                table.entry(keep).or_default().add(between);
            }
        }
        if moved.len() > into.len() {
            std::mem::swap(&mut moved, &mut into);
        }
        for (third, between) in moved {
            into.entry(third).or_default().add(between);
        }
        into.remove(&keep);
        into.remove(&gone);
        self.crossings[keep as usize] = into;
        if let Some(apart) = self.forbidden.remove(&gone) {
            for third in &apart {
                if let Some(theirs) = self.forbidden.get_mut(third) {
                    theirs.remove(&gone);
                    theirs.insert(keep);
                }
            }
            self.forbidden.entry(keep).or_default().extend(apart);
        }
        self.merges.push(Merge {
            a,
            b,
            odds_bits: bits,
            reason,
            members: self.members[keep as usize],
        });
    }
}

/// Finds pairs and accounts at which alone a group hangs together: bridges with two accounts or
/// more on either side, and accounts that alone hold two sides of three or more together, of whose
/// links the weaker side's are cut (Tarjan 1972).
fn weak_cuts(
    group: &[u32],
    edges: &[Edge],
    decisions: &Decisions,
    crossing: Crossing,
) -> Vec<(u32, u32)> {
    let mut by_group: BTreeMap<u32, Vec<Edge>> = BTreeMap::new();
    for edge in edges {
        let one_group = group[edge.a as usize] == group[edge.b as usize];
        if one_group && edge.bits >= crossing.same_bits {
            by_group
                .entry(group[edge.a as usize])
                .or_default()
                .push(*edge);
        }
    }
    for &(a, b) in &decisions.same {
        if group[a as usize] == group[b as usize] {
            by_group.entry(group[a as usize]).or_default().push(Edge {
                a,
                b,
                bits: f64::INFINITY,
                shares: 0,
            });
        }
    }
    let mut cuts = Vec::new();
    for edges in by_group.values().filter(|edges| edges.len() >= 3) {
        Shape::new(edges).cuts(crossing, &mut cuts);
    }
    cuts
}

/// One group as a graph of its own.
struct Shape<'a> {
    edges: &'a [Edge],
    accounts: Vec<u32>,
    next: Vec<Vec<(usize, usize)>>,
}

impl<'a> Shape<'a> {
    fn new(edges: &'a [Edge]) -> Self {
        let mut accounts: Vec<u32> = edges.iter().flat_map(|edge| [edge.a, edge.b]).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let mut next = vec![Vec::new(); accounts.len()];
        for (number, edge) in edges.iter().enumerate() {
            let [a, b] = [edge.a, edge.b].map(|at| accounts.partition_point(|&x| x < at));
            next[a].push((b, number));
            next[b].push((a, number));
        }
        Self {
            edges,
            accounts,
            next,
        }
    }

    /// Walks the graph depth first and cuts at what holds two sides together alone.
    fn cuts(&self, crossing: Crossing, cuts: &mut Vec<(u32, u32)>) {
        let count = self.accounts.len();
        let every = count * (count - 1) / 2;
        if self.edges.len() >= every {
            return;
        }
        let (mut entered, mut low, mut below) = (vec![0; count], vec![0; count], vec![1; count]);
        let mut clock = 0;
        for start in 0..count {
            if entered[start] != 0 {
                continue;
            }
            let first_clock = clock;
            clock += 1;
            (entered[start], low[start]) = (clock, clock);
            let mut stack = vec![(start, usize::MAX, 0)];
            let mut weak = Vec::new();
            while let Some((at, by, step)) = stack.last_mut() {
                let (at, by) = (*at, *by);
                if let Some(&(to, edge)) = self.next[at].get(*step) {
                    *step += 1;
                    if entered[to] == 0 {
                        clock += 1;
                        (entered[to], low[to]) = (clock, clock);
                        stack.push((to, edge, 0));
                    } else if edge != by {
                        low[at] = low[at].min(entered[to]);
                    }
                    continue;
                }
                stack.pop();
                let Some(&(above, _, _)) = stack.last() else {
                    continue;
                };
                below[above] += below[at];
                low[above] = low[above].min(low[at]);
                if low[at] > entered[above] {
                    weak.push(Weak::Bridge(by, below[at]));
                } else if low[at] >= entered[above] {
                    weak.push(Weak::Account(above, entered[at], clock, below[at]));
                }
            }
            let size = clock - first_clock;
            for weak in weak {
                self.cut(&weak, size, &entered, crossing, cuts);
            }
        }
    }

    fn cut(
        &self,
        weak: &Weak,
        size: usize,
        entered: &[usize],
        crossing: Crossing,
        cuts: &mut Vec<(u32, u32)>,
    ) {
        match *weak {
            Weak::Bridge(edge, side) => {
                let edge = &self.edges[edge];
                if side >= 2 && size - side >= 2 && edge.bits < crossing.sure_bits {
                    cuts.push((edge.a, edge.b));
                }
            }
            Weak::Account(at, from, to, side) => {
                if side < 3 || size - side - 1 < 3 {
                    return;
                }
                let links = |inside: bool| {
                    self.next[at]
                        .iter()
                        .filter(move |(to_account, _)| {
                            (from..=to).contains(&entered[*to_account]) == inside
                        })
                        .map(|&(_, edge)| &self.edges[edge])
                };
                let best = |inside| links(inside).map(|e| e.bits).fold(f64::MIN, f64::max);
                let weaker = best(true) <= best(false);
                if best(weaker) < crossing.sure_bits {
                    cuts.extend(links(weaker).map(|edge| (edge.a, edge.b)));
                }
            }
        }
    }
}

enum Weak {
    /// An edge, and how many accounts lie below it.
    Bridge(usize, usize),
    /// An account, the clock's span of what lies below it, and how many accounts that is.
    Account(usize, usize, usize, usize),
}
