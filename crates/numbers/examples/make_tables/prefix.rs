//! Prefixes: how much of a number's start a pattern takes, by the order of its alternatives.

use std::collections::HashSet;

use super::automaton::Automaton;
use super::pattern::{Node, Pattern};

/// No number that tables read is longer.
const LONGEST: u8 = 31;
/// A prefix to take off.
const TAKE_OFF: u32 = 1;
/// A prefix to put a group of it in place of: start and length of the group in the low bytes.
const PUT_GROUP: u32 = 0x8000;

/// A way through the pattern: where it stands, and where groups start and end.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Way {
    node: usize,
    groups: [Option<u8>; 4],
}

/// Ways still open, the preferred first, and how many digits were taken.
type State = (u8, Vec<Way>);

/// Makes the automaton of a prefix. The low 16 bits of an output count at the end of the number,
/// the high ones before it. `group` is the one that the rule puts in the prefix's place.
pub(crate) fn prefix(pattern: &Pattern, group: Option<usize>) -> Automaton {
    let start = Way {
        node: pattern.start,
        groups: [None; 4],
    };
    Automaton::explore(
        (0, follow(pattern, 0, [start], false)),
        |(taken, ways)| {
            let here = outcome(pattern, ways, group);
            let at_end = follow(pattern, *taken, ways.iter().copied(), true);
            here << 16 | outcome(pattern, &at_end, group)
        },
        |state, digit| step(pattern, state, digit),
    )
}

fn step(pattern: &Pattern, (taken, ways): &State, digit: u8) -> State {
    let reached = ways.iter().filter_map(|way| match pattern.nodes[way.node] {
        Node::Digit { set, next } => (set >> digit & 1 == 1).then_some(Way { node: next, ..*way }),
        Node::Split { .. } | Node::Save { .. } | Node::End { .. } | Node::Match => None,
    });
    let ways = if *taken < LONGEST {
        follow(pattern, taken + 1, reached, false)
    } else {
        Vec::new()
    };
    if ways.is_empty() {
        (0, ways)
    } else {
        (taken + 1, ways)
    }
}

/// Follows all steps that take no digit. What comes after a match is never preferred to it.
fn follow(
    pattern: &Pattern,
    taken: u8,
    ways: impl IntoIterator<Item = Way>,
    at_end: bool,
) -> Vec<Way> {
    let mut seen = HashSet::new();
    let mut open: Vec<Way> = ways.into_iter().collect();
    open.reverse();
    let mut kept = Vec::new();
    while let Some(mut way) = open.pop() {
        if !seen.insert(way.node) {
            continue;
        }
        match pattern.nodes[way.node] {
            Node::Split { first, second } => {
                open.push(Way {
                    node: second,
                    ..way
                });
                open.push(Way { node: first, ..way });
            }
            Node::Save { slot, next } => {
                way.groups[slot] = Some(taken);
                open.push(Way { node: next, ..way });
            }
            Node::End { next } if at_end => open.push(Way { node: next, ..way }),
            Node::End { .. } | Node::Digit { .. } => kept.push(way),
            Node::Match => {
                kept.push(way);
                break;
            }
        }
    }
    kept
}

/// Says what becomes of a prefix that ends here; 0: there is none.
///
/// A rule applies where its last group holds a digit (`MaybeStripNationalPrefixAndCarrierCode`).
fn outcome(pattern: &Pattern, ways: &[Way], group: Option<usize>) -> u32 {
    let Some(way) = ways
        .iter()
        .find(|way| matches!(pattern.nodes[way.node], Node::Match))
    else {
        return 0;
    };
    let span = |number: usize| {
        let start = way.groups[2 * number - 2]?;
        way.groups[2 * number - 1].map(|end| (u32::from(start), u32::from(end - start)))
    };
    let holds = |span: Option<(u32, u32)>| span.is_some_and(|(_, length)| length > 0);
    let applies = span(1).is_some() && (holds(span(2)) || holds(span(1)) && span(2).is_none());
    match group {
        Some(number) if applies => {
            let (start, length) = span(number).unwrap_or((0, 0));
            PUT_GROUP | start << 8 | length
        }
        _ => TAKE_OFF,
    }
}
