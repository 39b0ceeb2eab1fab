//! How automata lie in the file of words that `src/tables.rs` reads.

use std::collections::HashMap;

use super::automaton::Automaton;

/// A leaf tells by how many digits are left, up to this many, less one.
const LEAF_WORDS: usize = 18;
/// Words that are no state: a leaf of a plan.
const LEAF: usize = 0x8000;
/// No state of a prefix.
const DEAD: u16 = 0xffff;

/// Words of all automata.
pub(crate) struct Layout {
    rows: Vec<u16>,
    leaves: Vec<[u16; LEAF_WORDS]>,
    leaf_places: HashMap<[u16; LEAF_WORDS], usize>,
    known: HashMap<Vec<u16>, usize>,
}

impl Layout {
    /// Starts with a prefix that is never there, at 0.
    pub(crate) fn new() -> Self {
        let mut made = Self {
            rows: Vec::new(),
            leaves: Vec::new(),
            leaf_places: HashMap::new(),
            known: HashMap::new(),
        };
        let mut never = vec![DEAD; 10];
        never.extend([0, 0]);
        made.place(never);
        made
    }

    /// All words: rows, then leaves.
    pub(crate) fn words(&self) -> impl Iterator<Item = u16> + '_ {
        let leaves = self.leaves.iter().flatten();
        self.rows.iter().chain(leaves).copied()
    }

    pub(crate) fn row_words(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn leaf_words(&self) -> usize {
        self.leaves.len() * LEAF_WORDS
    }

    /// Adds a plan: rows of ten digits and the output. A state from which only the number of
    /// digits left decides is no row but a leaf: walking stops there.
    pub(crate) fn plan(&mut self, plan: &Automaton) -> Result<usize, String> {
        let leaves: Vec<Option<[u16; LEAF_WORDS]>> = leaves_of(plan)?;
        let mut offsets = vec![None; plan.out.len()];
        let mut rows = 0;
        for (state, offset) in offsets.iter_mut().enumerate() {
            if state == 0 || leaves[state].is_none() {
                *offset = Some(rows * 11);
                rows += 1;
            }
        }
        if rows * 11 > LEAF {
            return Err(format!("a plan of {rows} states is too large"));
        }
        let mut words = Vec::with_capacity(rows * 11);
        for (state, row) in plan.next.iter().enumerate() {
            if offsets[state].is_none() {
                continue;
            }
            for &to in row {
                words.push(match (leaves[to], offsets[to]) {
                    (Some(leaf), _) => word(LEAF + self.leaf(leaf))?,
                    (None, offset) => word(offset.ok_or("a state without a place")?)?,
                });
            }
            words.push(u16::try_from(plan.out[state]).map_err(|e| e.to_string())?);
        }
        Ok(self.place(words))
    }

    /// Adds a prefix: rows of ten digits, the outcome before the end and the one at it.
    pub(crate) fn prefix(&mut self, prefix: &Automaton) -> Result<usize, String> {
        let mut words = Vec::with_capacity(prefix.out.len() * 12);
        for (row, out) in prefix.next.iter().zip(&prefix.out) {
            for &to in row {
                let dead = prefix.out[to] == 0 && prefix.next[to] == [to; 10];
                words.push(if dead { DEAD } else { word(to * 12)? });
            }
            words.extend([(out >> 16) as u16, (out & 0xffff) as u16]);
        }
        Ok(self.place(words))
    }

    fn leaf(&mut self, leaf: [u16; LEAF_WORDS]) -> usize {
        let fresh = self.leaves.len();
        *self.leaf_places.entry(leaf).or_insert_with(|| {
            self.leaves.push(leaf);
            fresh
        })
    }

    fn place(&mut self, words: Vec<u16>) -> usize {
        let fresh = self.rows.len();
        *self.known.entry(words).or_insert_with_key(|words| {
            self.rows.extend(words);
            fresh
        })
    }
}

fn word(number: usize) -> Result<u16, String> {
    u16::try_from(number).map_err(|e| e.to_string())
}

/// Finds the states from which the number of digits left decides alone.
fn leaves_of(plan: &Automaton) -> Result<Vec<Option<[u16; LEAF_WORDS]>>, String> {
    let only_next = |state: usize| {
        let [first, others @ ..] = plan.next[state];
        others.iter().all(|&to| to == first).then_some(first)
    };
    let mut leaves = vec![None; plan.out.len()];
    for (state, leaf) in leaves.iter_mut().enumerate() {
        let mut outs = [0; LEAF_WORDS];
        let mut at = Some(state);
        for out in &mut outs {
            let Some(here) = at else { break };
            *out = u16::try_from(plan.out[here]).map_err(|e| e.to_string())?;
            at = only_next(here);
        }
        // Past the last word there must be nothing left to tell.
        *leaf = at
            .filter(|&end| plan.out[end] == 0 && plan.next[end] == [end; 10])
            .map(|_| outs);
    }
    Ok(leaves)
}
