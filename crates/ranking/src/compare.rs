//! Two policies over one table: who moves, how far, and by which facts.

use std::collections::BTreeSet;

use crate::fact::Fact;
use crate::points::Points;
use crate::rank::Ranking;

/// What one term gives to a subject under each of two policies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The term's name.
    pub name: String,
    /// Its points under the first policy; 0 where that has no such term.
    pub first: Points,
    /// Its points under the second.
    pub second: Points,
}

/// A subject whose place differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Move<K> {
    /// What names it.
    pub key: K,
    /// Its row in the table, from 0.
    pub row: u32,
    /// Its place under the first policy, from 1.
    pub first_place: u32,
    /// Its place under the second.
    pub second_place: u32,
    /// Its points under the first.
    pub first_points: Points,
    /// Its points under the second.
    pub second_points: Points,
    /// Terms with different points, the greatest difference first. Their differences add up to the
    /// difference of the points.
    pub because: Vec<Difference>,
}

/// The first so many places of two rankings, side by side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparison<K> {
    /// The first policy's name.
    pub first: String,
    /// The second's.
    pub second: String,
    /// How many places were looked at.
    pub top: usize,
    /// How many subjects are among them under both.
    pub in_both: usize,
    /// Subjects among them under either that have another place, those that enter or leave the
    /// first places before the others, the farthest moved first.
    pub moves: Vec<Move<K>>,
}

impl<F: Fact> Ranking<'_, F> {
    /// Compares the first `top` places with another ranking's. None where the two are not of the
    /// same table.
    #[must_use]
    pub fn compare(&self, other: &Self, top: usize) -> Option<Comparison<F::Key>> {
        if !std::ptr::eq(self.table(), other.table()) {
            return None;
        }
        let rows = |ranking: &Self| -> BTreeSet<u32> {
            ranking.iter().take(top).map(|one| one.row).collect()
        };
        let (ours, theirs) = (rows(self), rows(other));
        let (our_places, their_places) = (self.places(), other.places());
        let mut moves: Vec<Move<F::Key>> = ours
            .union(&theirs)
            .filter(|&&row| our_places[row as usize] != their_places[row as usize])
            .filter_map(|&row| {
                Some(Move {
                    key: self.table().key(row)?.clone(),
                    row,
                    first_place: our_places[row as usize],
                    second_place: their_places[row as usize],
                    first_points: self.points(row)?,
                    second_points: other.points(row)?,
                    because: self.differences(other, row)?,
                })
            })
            .collect();
        moves.sort_by_cached_key(|one| {
            let stays = ours.contains(&one.row) && theirs.contains(&one.row);
            let far = one.first_place.abs_diff(one.second_place);
            (stays, std::cmp::Reverse(far), one.key.clone())
        });
        Some(Comparison {
            first: self.policy().to_owned(),
            second: other.policy().to_owned(),
            top,
            in_both: ours.intersection(&theirs).count(),
            moves,
        })
    }

    fn differences(&self, other: &Self, row: u32) -> Option<Vec<Difference>> {
        let (ours, theirs) = (self.explain(row)?, other.explain(row)?);
        let points = |lines: &[crate::Line<F>], name: &str| {
            lines
                .iter()
                .find(|line| line.name == name)
                .map_or(Points::default(), |line| line.points)
        };
        let names: BTreeSet<&str> = ours
            .lines
            .iter()
            .chain(&theirs.lines)
            .map(|line| line.name.as_str())
            .collect();
        let mut because: Vec<Difference> = names
            .into_iter()
            .map(|name| Difference {
                name: name.to_owned(),
                first: points(&ours.lines, name),
                second: points(&theirs.lines, name),
            })
            .filter(|difference| difference.first != difference.second)
            .collect();
        because.sort_by_key(|one| std::cmp::Reverse(one.first.milli.abs_diff(one.second.milli)));
        Some(because)
    }
}
