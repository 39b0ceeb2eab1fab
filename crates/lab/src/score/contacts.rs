//! Ranked contacts, scored by the share of all losses that the first of them hold.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::bail;
use serde::Serialize;

use super::csv::{Table, count, number};
use super::percent;
use super::truth::Truth;

/// The first so many in 100 of the list are scored.
const TOP_PERCENT: u64 = 10;

/// What the first tenth of the list holds of all that was truly lost, ranked in four ways. Among
/// contacts that tie, each is as likely to come first.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Contacts {
    /// Contacts in the list.
    pub contacts: u64,
    /// The first tenth of them, rounded up.
    pub top: u64,
    /// All that was truly lost, in pence, by contacts outside the list too.
    pub loss_minor: u64,
    /// Of it, what contacts of the list lost.
    pub loss_in_list_minor: u64,
    /// Share held by the first tenth as ranked.
    pub share: f64,
    /// Share held by those with the longest talk time.
    pub share_by_talk_time: f64,
    /// Share held by those with the most calls.
    pub share_by_calls: f64,
    /// The most that any order of this list could hold.
    pub share_at_best: f64,
}

pub(crate) fn score(table: &Table, truth: &Truth) -> anyhow::Result<Contacts> {
    let called = table.column("called_e164")?;
    let (talk, calls) = (table.column("talk_s")?, table.column("calls")?);
    let mut seen = BTreeSet::new();
    let (mut by_rank, mut by_talk, mut by_calls, mut by_loss) = (vec![], vec![], vec![], vec![]);
    for (place, row) in table.rows().enumerate() {
        let Some(number) = number(&row[called])? else {
            bail!("row {} names no number", place + 1);
        };
        if !seen.insert(number) {
            bail!("row {} names a number for the second time", place + 1);
        }
        let loss = truth.losses.get(&number).copied().unwrap_or(0);
        by_rank.push((u64::MAX - place as u64, loss));
        by_talk.push((count(&row[talk])?, loss));
        by_calls.push((count(&row[calls])?, loss));
        by_loss.push((loss, loss));
    }
    let contacts = seen.len() as u64;
    let top = (contacts * TOP_PERCENT).div_ceil(100);
    let loss_minor: u64 = truth.losses.values().sum();
    let share = |by: Vec<(u64, u64)>| {
        if loss_minor == 0 {
            0.0
        } else {
            held_by_first(by, top) / loss_minor as f64
        }
    };
    Ok(Contacts {
        contacts,
        top,
        loss_minor,
        loss_in_list_minor: by_loss.iter().map(|(_, loss)| loss).sum(),
        share: share(by_rank),
        share_by_talk_time: share(by_talk),
        share_by_calls: share(by_calls),
        share_at_best: share(by_loss),
    })
}

/// Sums what the first `top` hold, highest key first; those that tie hold their mean each.
fn held_by_first(mut by: Vec<(u64, u64)>, top: u64) -> f64 {
    by.sort_unstable_by(|one, other| other.cmp(one));
    let mut left = top;
    let mut held = 0.0;
    for tied in by.chunk_by(|one, other| one.0 == other.0) {
        let count = tied.len() as u64;
        let sum: u64 = tied.iter().map(|(_, loss)| loss).sum();
        let taken = left.min(count);
        held += sum as f64 * taken as f64 / count as f64;
        left -= taken;
    }
    held
}

impl fmt::Display for Contacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "contacts: the first {} of {} hold {} of all losses; by talk time {}, by calls {}, at \
             best {}",
            self.top,
            self.contacts,
            percent(self.share),
            percent(self.share_by_talk_time),
            percent(self.share_by_calls),
            percent(self.share_at_best),
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All orders of a list.
    fn orders(items: &[(u64, u64)]) -> Vec<Vec<(u64, u64)>> {
        if items.is_empty() {
            return vec![vec![]];
        }
        let mut all = Vec::new();
        for place in 0..items.len() {
            let mut rest = items.to_vec();
            let first = rest.remove(place);
            for mut order in orders(&rest) {
                order.insert(0, first);
                all.push(order);
            }
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn ties_hold_the_mean_over_all_orders(
            items in prop::collection::vec((0_u64..3, 0_u64..50), 0..6),
            top in 0_u64..7,
        ) {
            let allowed: Vec<_> = orders(&items)
                .into_iter()
                .filter(|order| order.is_sorted_by(|one, other| one.0 >= other.0))
                .collect();
            let sums = allowed.iter().map(|order| {
                order.iter().take(top as usize).map(|(_, loss)| *loss as f64).sum::<f64>()
            });
            let mean = sums.sum::<f64>() / allowed.len() as f64;
            prop_assert!((held_by_first(items, top) - mean).abs() < 1e-6);
        }
    }
}
