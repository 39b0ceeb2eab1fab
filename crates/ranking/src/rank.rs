//! The sum of a policy's terms for each subject, and the order that follows.

use crate::error::RankError;
use crate::explain::Explanation;
use crate::fact::{ContactFact, Fact, PresentedFact, SuspectFact};
use crate::holder::{Holder, Judgements};
use crate::points::Points;
use crate::policy::{Counted, Policy, Rules, RulesFor};
use crate::table::Table;

/// One subject in its place.
#[derive(Debug)]
pub struct Ranked<'t, F: Fact> {
    /// Counts from 1; no two subjects share a place.
    pub place: u32,
    /// Where it lies in the table, from 0.
    pub row: u32,
    /// What names it.
    pub key: &'t F::Key,
    /// The sum of its terms.
    pub points: Points,
}

/// A called number in its place.
pub type RankedContact<'t> = Ranked<'t, ContactFact>;
/// A number that was shown, in its place.
pub type RankedPresented<'t> = Ranked<'t, PresentedFact>;

/// An account or person in its place, and what people have said of who held it.
#[derive(Debug)]
pub struct RankedSuspect<'t, 'j> {
    /// Its place and points. They say nothing of who held the account.
    pub ranked: Ranked<'t, SuspectFact>,
    /// Unassessed, unless a named person has judged.
    pub holder: Holder<'j>,
}

/// All subjects of a table in the order of a policy: 12 bytes each. Reasons are worked out on
/// demand by [`Ranking::explain`].
#[derive(Debug)]
pub struct Ranking<'t, F: Fact> {
    table: &'t Table<F>,
    rules: Rules<F>,
    policy: String,
    order: Vec<u32>,
    milli: Vec<i64>,
}

impl Policy {
    /// Ranks the subjects of a table: most points first; of equal ones those with more of the
    /// policy's `ties` first, one after the other; then in the order of their keys. So the order
    /// depends on the facts alone, and not on the order in which rows came.
    ///
    /// # Errors
    /// [`RankError::KeyTwice`]
    pub fn rank<'t, F: Fact>(&self, table: &'t Table<F>) -> Result<Ranking<'t, F>, RankError>
    where
        Self: RulesFor<F>,
    {
        let rules: &Rules<F> = self.rules();
        let key_places = table.key_places()?;
        let milli = sums(table, rules);
        let mut order: Vec<(i64, u32)> = milli
            .iter()
            .enumerate()
            .map(|(row, &sum)| (-sum, row as u32))
            .collect();
        order.sort_unstable();
        let mut from = 0;
        while from < order.len() {
            let equal = order[from..]
                .iter()
                .take_while(|one| one.0 == order[from].0);
            let until = from + equal.count();
            break_ties(table, rules, key_places.as_deref(), &mut order[from..until]);
            from = until;
        }
        Ok(Ranking {
            table,
            rules: rules.clone(),
            policy: self.name.clone(),
            order: order.into_iter().map(|(_, row)| row).collect(),
            milli,
        })
    }
}

fn sums<F: Fact>(table: &Table<F>, rules: &Rules<F>) -> Vec<i64> {
    let mut milli = vec![0; table.len()];
    let mut marks = Vec::new();
    for term in &rules.terms {
        match &term.counted {
            Counted::Amount { fact, .. } => table.column(*fact).add(
                |value| term.points_of(term.amount(|_| value)).milli,
                &mut milli,
            ),
            Counted::When(all) => {
                marks.clear();
                marks.resize(table.len(), true);
                for &(fact, least) in all {
                    table.column(fact).keep_at_least(least, &mut marks);
                }
                for (sum, &mark) in milli.iter_mut().zip(&marks) {
                    *sum += if mark { term.points.milli } else { 0 };
                }
            }
        }
    }
    milli
}

fn break_ties<F: Fact>(
    table: &Table<F>,
    rules: &Rules<F>,
    key_places: Option<&[u32]>,
    equal: &mut [(i64, u32)],
) {
    if equal.len() < 2 {
        return;
    }
    let mut keyed: Vec<([u64; 4], u32, u32)> = equal
        .iter()
        .map(|&(_, row)| {
            let mut ties = [0; 4];
            for (tie, &fact) in ties.iter_mut().zip(&rules.ties) {
                // More comes first.
                *tie = !table.get(row, fact);
            }
            let place = key_places.map_or(row, |places| places[row as usize]);
            (ties, place, row)
        })
        .collect();
    keyed.sort_unstable();
    for (one, (_, _, row)) in equal.iter_mut().zip(keyed) {
        one.1 = row;
    }
}

impl<'t, F: Fact> Ranking<'t, F> {
    /// Returns the policy's name.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// Returns how many subjects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Says whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Gives all subjects, the first place first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Ranked<'t, F>> + '_ {
        self.order.iter().enumerate().map(|(at, &row)| Ranked {
            place: at as u32 + 1,
            row,
            key: &self.table.keys()[row as usize],
            points: Points {
                milli: self.milli[row as usize],
            },
        })
    }

    /// Returns the points of a row; none where there is no such row.
    #[must_use]
    pub fn points(&self, row: u32) -> Option<Points> {
        let milli = *self.milli.get(row as usize)?;
        Some(Points { milli })
    }

    /// Returns each row's place, from 1.
    #[must_use]
    pub fn places(&self) -> Vec<u32> {
        let mut places = vec![0; self.order.len()];
        for (at, &row) in self.order.iter().enumerate() {
            places[row as usize] = at as u32 + 1;
        }
        places
    }

    /// Explains a row: each term with its facts, its amount and its points, which add up to the
    /// row's points. None where there is no such row.
    #[must_use]
    pub fn explain(&self, row: u32) -> Option<Explanation<F>> {
        self.table.key(row)?;
        Some(Explanation::new(&self.rules, |fact| {
            self.table.get(row, fact)
        }))
    }

    pub(crate) const fn table(&self) -> &'t Table<F> {
        self.table
    }
}

impl<'t> Ranking<'t, SuspectFact> {
    /// Gives all suspects with what people have said of them, the first place first.
    pub fn with_holders<'j>(
        &'j self,
        judgements: &'j Judgements,
    ) -> impl Iterator<Item = RankedSuspect<'t, 'j>> + 'j {
        self.iter().map(|ranked| RankedSuspect {
            holder: judgements.holder(ranked.key),
            ranked,
        })
    }
}
