//! Automata without choices: one step a digit, an output in each state.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use super::pattern::{Node, Pattern};

/// A complete automaton over digits. It starts in state 0.
#[derive(Clone)]
pub(crate) struct Automaton {
    /// The state after each digit.
    pub(crate) next: Vec<[usize; 10]>,
    /// What is known when the number ends here; 0: nothing.
    pub(crate) out: Vec<u32>,
}

impl Automaton {
    /// Explores all states that can be reached from the first.
    pub(crate) fn explore<S: Clone + Eq + Hash>(
        first: S,
        mut out: impl FnMut(&S) -> u32,
        mut step: impl FnMut(&S, u8) -> S,
    ) -> Self {
        let mut places = HashMap::from([(first.clone(), 0)]);
        let mut states = vec![first];
        let mut made = Self {
            next: Vec::new(),
            out: Vec::new(),
        };
        while let Some(state) = states.get(made.next.len()).cloned() {
            made.out.push(out(&state));
            let mut row = [0; 10];
            for (digit, to) in (0..).zip(&mut row) {
                let reached = step(&state, digit);
                *to = *places.entry(reached).or_insert_with_key(|reached| {
                    states.push(reached.clone());
                    states.len() - 1
                });
            }
            made.next.push(row);
        }
        made.least()
    }

    /// Knows nothing of any number.
    pub(crate) fn nothing() -> Self {
        Self {
            next: vec![[0; 10]],
            out: vec![0],
        }
    }

    /// Tells whether the whole number matches: 1, or 0.
    pub(crate) fn whole(pattern: &Pattern) -> Self {
        let start = closure(pattern, [pattern.start], false);
        Self::explore(
            start,
            |state| u32::from(matches(pattern, state, true)),
            |state, digit| step(pattern, state, digit),
        )
    }

    /// Tells whether the number's start matches: 1, or 0. `None` is the state after a match.
    pub(crate) fn start(pattern: &Pattern) -> Self {
        let settled = |state: BTreeSet<usize>| (!matches(pattern, &state, false)).then_some(state);
        let start = settled(closure(pattern, [pattern.start], false));
        Self::explore(
            start,
            |state| match state {
                None => 1,
                Some(state) => u32::from(matches(pattern, state, true)),
            },
            |state, digit| {
                state
                    .as_ref()
                    .and_then(|state| settled(step(pattern, state, digit)))
            },
        )
    }

    /// Tells whether a number has one of the lengths: 1, or 0. No lengths at all: any will do.
    pub(crate) fn of_length(lengths: &[i32]) -> Self {
        let longest = lengths.iter().copied().max().unwrap_or(0).max(0) + 1;
        Self::explore(
            0,
            |length| u32::from(lengths.is_empty() || lengths.contains(length)),
            |length, _| (length + 1).min(longest),
        )
    }

    /// Runs several in step and makes one output of theirs.
    pub(crate) fn together(parts: &[&Self], mut out: impl FnMut(&[u32]) -> u32) -> Self {
        Self::explore(
            vec![0; parts.len()],
            |state| {
                let outs: Vec<u32> = parts.iter().zip(state).map(|(p, &s)| p.out[s]).collect();
                out(&outs)
            },
            |state, digit| {
                let step = |(part, &s): (&&Self, &usize)| part.next[s][usize::from(digit)];
                parts.iter().zip(state).map(step).collect()
            },
        )
    }

    /// Merges states that no number tells apart (Moore's refinement). Keeps their order.
    fn least(self) -> Self {
        let mut class: Vec<usize> = self.out.iter().map(|&out| out as usize).collect();
        let mut count = 0;
        loop {
            let mut known = HashMap::new();
            class = (0..class.len())
                .map(|s| {
                    let key = (class[s], self.next[s].map(|to| class[to]));
                    let fresh = known.len();
                    *known.entry(key).or_insert(fresh)
                })
                .collect();
            if known.len() == count {
                break;
            }
            count = known.len();
        }
        let mut first_of = BTreeMap::new();
        for (state, &class) in class.iter().enumerate() {
            first_of.entry(class).or_insert(state);
        }
        Self {
            next: first_of
                .values()
                .map(|&s| self.next[s].map(|to| class[to]))
                .collect(),
            out: first_of.values().map(|&s| self.out[s]).collect(),
        }
    }
}

fn step(pattern: &Pattern, state: &BTreeSet<usize>, digit: u8) -> BTreeSet<usize> {
    let reached = state.iter().filter_map(|&node| match pattern.nodes[node] {
        Node::Digit { set, next } => (set >> digit & 1 == 1).then_some(next),
        Node::Split { .. } | Node::Save { .. } | Node::End { .. } | Node::Match => None,
    });
    closure(pattern, reached, false)
}

fn matches(pattern: &Pattern, state: &BTreeSet<usize>, at_end: bool) -> bool {
    closure(pattern, state.iter().copied(), at_end)
        .iter()
        .any(|&node| matches!(pattern.nodes[node], Node::Match))
}

/// Follows all steps that take no digit.
fn closure(
    pattern: &Pattern,
    from: impl IntoIterator<Item = usize>,
    at_end: bool,
) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<usize> = from.into_iter().collect();
    while let Some(node) = open.pop() {
        if !seen.insert(node) {
            continue;
        }
        match pattern.nodes[node] {
            Node::Split { first, second } => open.extend([first, second]),
            Node::Save { next, .. } => open.push(next),
            Node::End { next } if at_end => open.push(next),
            Node::End { .. } | Node::Digit { .. } | Node::Match => {}
        }
    }
    seen
}
