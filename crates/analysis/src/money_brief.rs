//! What the brief says of money: payments, losses, estimates, and what is drawn.

use std::collections::{BTreeMap, BTreeSet};

use unspoof_matching::Tier;
use unspoof_persons::{Finding, Outcome, Person};

use crate::accounts::Accounts;
use crate::call_tally::Tally;
use crate::loss_groups::{GroupBy, Sums, group_name, sums_by};
use crate::losses::LossRow;
use crate::persons_table::Linked;
use crate::references::iso_day;
use crate::report_rows::ReportRows;
use crate::spend_out::SpendBy;

/// Money, victims and what is drawn of them.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct MoneyBrief {
    /// Losses by an exact or probable match, in the case's currency.
    pub losses: LossesBrief,
    /// How many victims there are, as a range.
    pub estimate: EstimateBrief,
    /// Lists of addresses that payments were held against, by file name.
    pub address_lists: Vec<ListBrief>,
    /// Persons with the largest spend among those of several accounts, the largest first.
    pub persons: Vec<PersonBrief>,
    /// Calls, engaged calls and reports by week.
    pub weeks: Vec<Week>,
}

/// Losses by what they are grouped by; each grouping tells of the same losses.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct LossesBrief {
    /// All of exact and probable tier.
    pub all: LossSums,
    /// By tier, all four: tiers share no loss.
    pub by_tier: Vec<LossSums>,
    /// By organisation whose number the matched call showed, largest sum first.
    pub by_organisation: Vec<LossSums>,
    /// By month of the matched call.
    pub by_month: Vec<LossSums>,
    /// Sums by month, of exact and of probable tier, in minor units.
    pub months: Vec<(String, i64, i64)>,
    /// By person, largest sum first, ten at most.
    pub by_person: Vec<LossSums>,
    /// By account, largest sum first, ten at most.
    pub by_account: Vec<LossSums>,
}

/// What a group's losses come to, in minor units of the case's currency.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct LossSums {
    /// The group; none for losses of which it is unknown.
    pub group: Option<String>,
    /// Losses, each once.
    pub losses: u64,
    /// Losses whose reports state an amount.
    pub with_amount: u64,
    /// Sum of the lowest amounts stated, before refunds.
    pub gross_minor: i64,
    /// Mean over losses with an amount.
    pub mean_minor: Option<i64>,
    /// The middle one, of two the lower.
    pub median_minor: Option<i64>,
    /// The largest.
    pub largest_minor: Option<i64>,
    /// Given back by banks or companies; not taken off the sum.
    pub refunded_minor: i64,
    /// Taken back from receivers; not taken off the sum.
    pub recovered_minor: i64,
}

/// What overlapping lists of victims tell.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct EstimateBrief {
    /// What the estimate rests on, or why there is none.
    pub basis: String,
    /// Lists with the number of victims on each.
    pub lists: Vec<(String, u64)>,
    /// Victims on any list: a count.
    pub victims_listed: u64,
    /// Reports that no exact or probable match ties to a call, and that are on no list therefore.
    pub reports_left_out: u64,
    /// Numbers of home regions engaged by the seized log: exposure, no list of victims.
    pub exposure_numbers: u64,
    /// Lower end of the range over all plausible models; none without an estimate.
    pub low: Option<u64>,
    /// Upper end; none without an estimate or without a limit.
    pub high: Option<u64>,
    /// Every model that was looked at.
    pub models: Vec<EstimateRow>,
    /// What the plausible models would give had a share of links been missed.
    pub missed_links: Vec<EstimateRow>,
}

/// What one model says, in persons.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct EstimateRow {
    /// The model.
    pub name: String,
    /// Whether it is part of the range.
    pub plausible: bool,
    /// Lower limit.
    pub low: Option<u64>,
    /// What it gives by itself; never to be told without its limits.
    pub middle: Option<u64>,
    /// Upper limit; none where there is none.
    pub high: Option<u64>,
    /// Its BIC, in tenths.
    pub bic_tenths: Option<i64>,
    /// Why it gives no number.
    pub why_none: Option<String>,
}

/// A list of addresses and what of it was found.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct ListBrief {
    /// Its file.
    pub list: String,
    /// Its title, where it has one.
    pub title: Option<String>,
    /// Its day, where one is known.
    pub dated: Option<String>,
    /// Its entries.
    pub entries: u64,
    /// Payments to or from one of them.
    pub payments: u64,
    /// Labels of these entries with the number of payments, the most first.
    pub labels: Vec<(String, u64)>,
}

/// A person's accounts and what joins them; values are told by their kinds alone.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct PersonBrief {
    /// The person's name.
    pub person_id: String,
    /// Accounts, as `SOURCE/ID`.
    pub accounts: BTreeSet<String>,
    /// What they paid, in minor units of the case's currency.
    pub paid_minor: i64,
    /// Values that several of them share.
    pub shared: Vec<SharedKind>,
}

/// A value that accounts share, by its kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
pub struct SharedKind {
    /// Such as `device`.
    pub kind: String,
    /// What it says for one person, in thousandths of bits.
    pub milli_bits: i64,
    /// Who shares it, as `SOURCE/ID`.
    pub accounts: BTreeSet<String>,
}

/// A week of the case.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Week {
    /// Its Monday, `YYYY-MM-DD` (UTC).
    pub monday: String,
    /// Call attempts.
    pub calls: u64,
    /// Engaged ones.
    pub engaged: u64,
    /// Reports made.
    pub reports: u64,
}

/// How many persons and accounts a brief lists.
const MOST_LISTED: usize = 10;
/// How many persons are drawn.
const MOST_DRAWN: usize = 3;

fn told((group, sums): (Option<String>, Sums)) -> LossSums {
    let [mean, median, largest] = sums
        .mean_median_largest()
        .map_or([None; 3], |all| all.map(Some));
    LossSums {
        group,
        losses: sums.losses,
        with_amount: sums.with_amount(),
        gross_minor: sums.gross(),
        mean_minor: mean,
        median_minor: median,
        largest_minor: largest,
        refunded_minor: crate::figures::saturated(sums.refunded),
        recovered_minor: crate::figures::saturated(sums.recovered),
    }
}

impl LossesBrief {
    pub(crate) fn of(
        rows: &[LossRow<'_>],
        accounts: &Accounts,
        linked: &Linked,
        currency: &str,
    ) -> Self {
        let of_tiers = |tiers: &[Tier]| {
            let is_in = |row: &&LossRow<'_>| {
                row.loss
                    .counted
                    .tier
                    .is_some_and(|tier| tiers.contains(&tier))
            };
            rows.iter().filter(is_in).collect::<Vec<_>>()
        };
        let matched = of_tiers(&[Tier::Exact, Tier::Probable]);
        let by = |by: GroupBy| {
            let name = |row: &LossRow<'_>| group_name(by, row, accounts, linked);
            let groups = sums_by(matched.iter().copied(), currency, name);
            groups.into_iter().map(told).collect::<Vec<_>>()
        };
        let largest_first = |mut groups: Vec<LossSums>, most: usize| {
            groups.sort_by_key(|one| std::cmp::Reverse(one.gross_minor));
            groups.truncate(most);
            groups
        };
        let tiers = sums_by(rows, currency, |row| {
            group_name(GroupBy::Tier, row, accounts, linked)
        });
        let word_order = [
            "exact",
            "probable",
            "possible",
            crate::report_matches::UNMATCHED,
        ];
        let mut by_tier: Vec<LossSums> = tiers.into_iter().map(told).collect();
        by_tier.sort_by_key(|one| {
            let word = one.group.as_deref();
            word_order.iter().position(|known| Some(*known) == word)
        });
        let all = sums_by(matched.iter().copied(), currency, |_| None);
        let month = |row: &LossRow<'_>| row.month.clone();
        let exact = sums_by(of_tiers(&[Tier::Exact]), currency, month);
        let probable = sums_by(of_tiers(&[Tier::Probable]), currency, month);
        let gross = |of: &BTreeMap<Option<String>, Sums>, month: &Option<String>| {
            of.get(month).map_or(0, Sums::gross)
        };
        let by_month = by(GroupBy::Month);
        let months = by_month.iter().filter_map(|one| {
            let name = one.group.clone()?;
            Some((
                name,
                gross(&exact, &one.group),
                gross(&probable, &one.group),
            ))
        });
        Self {
            all: all.into_iter().map(told).next().unwrap_or_default(),
            by_tier,
            by_organisation: largest_first(by(GroupBy::Organisation), usize::MAX),
            months: months.collect(),
            by_month,
            by_person: largest_first(by(GroupBy::Person), MOST_LISTED),
            by_account: largest_first(by(GroupBy::Account), MOST_LISTED),
        }
    }
}

/// What a person's accounts share, by kind and value: thousandths of bits, and who.
type SharedOf = BTreeMap<(String, String), (i64, BTreeSet<String>)>;

/// Draws persons of several accounts, the largest spend first, then the most accounts.
pub(crate) fn largest_persons(
    linked: &Linked,
    accounts: &Accounts,
    spend: &SpendBy<'_>,
) -> Vec<PersonBrief> {
    let paid = |person: &Person| {
        let of = spend.persons.get(person.id.as_str());
        of.map_or(0, |(_, spend)| crate::figures::saturated(spend.paid_minor))
    };
    let mut persons: Vec<(i64, &Person)> = linked
        .persons
        .persons()
        .iter()
        .filter(|person| person.members.len() > 1)
        .map(|person| (paid(person), person))
        .collect();
    let order = |one: &(i64, &Person)| {
        use std::cmp::Reverse;
        (Reverse(one.0), Reverse(one.1.members.len()))
    };
    // Stable: ties stay in the order of the persons' first accounts.
    persons.sort_by_key(order);
    persons.truncate(MOST_DRAWN);
    let label = |place: u32| {
        let account = &accounts.all[place as usize];
        format!("{}/{}", account.source, account.account_id)
    };
    let mut drawn: Vec<PersonBrief> = persons
        .iter()
        .map(|(paid_minor, person)| PersonBrief {
            person_id: person.id.to_string(),
            accounts: person.members.iter().map(|&place| label(place)).collect(),
            paid_minor: *paid_minor,
            shared: Vec::new(),
        })
        .collect();
    let mut shared: Vec<SharedOf> = vec![SharedOf::new(); drawn.len()];
    let drawn_as: BTreeMap<u32, usize> = persons
        .iter()
        .enumerate()
        .flat_map(|(at, (_, person))| person.members.iter().map(move |&place| (place, at)))
        .collect();
    for pair in linked.persons.pairs() {
        if pair.outcome == Outcome::Different {
            continue;
        }
        let Some(&at) = drawn_as.get(&pair.a) else {
            continue;
        };
        if drawn_as.get(&pair.b) != Some(&at) {
            continue;
        }
        for item in linked.persons.evidence(pair.a, pair.b) {
            if let Finding::Shared { value, .. } = &item.finding {
                let key = (item.kind.name().to_owned(), value.reveal().to_owned());
                let (milli_bits, all) =
                    shared[at].entry(key).or_insert((i64::MIN, BTreeSet::new()));
                *milli_bits = (*milli_bits).max((item.bits * 1_000.0).round() as i64);
                all.extend([label(pair.a), label(pair.b)]);
            }
        }
    }
    for (one, shared) in drawn.iter_mut().zip(shared) {
        one.shared = shared
            .into_iter()
            .map(|((kind, _), (milli_bits, accounts))| SharedKind {
                kind,
                milli_bits,
                accounts,
            })
            .collect();
        one.shared.sort();
    }
    drawn
}

/// Adds up calls, engaged calls and reports by week, from Monday.
pub(crate) fn weeks(tally: &Tally, reports: &ReportRows) -> Vec<Week> {
    // Day 0 was a Thursday.
    let monday = |day: i32| day.saturating_sub((day.rem_euclid(7) + 3) % 7);
    let mut weeks: BTreeMap<i32, (u64, u64, u64)> = BTreeMap::new();
    for (&day, &(calls, engaged)) in &tally.by_day {
        let week = weeks.entry(monday(day)).or_default();
        week.0 += calls;
        week.1 += engaged;
    }
    for row in &reports.rows {
        if let Some(us) = row.reported_us {
            let day = i32::try_from(us.div_euclid(86_400_000_000)).unwrap_or(i32::MAX);
            weeks.entry(monday(day)).or_default().2 += 1;
        }
    }
    weeks
        .into_iter()
        .map(|(monday, (calls, engaged, reports))| Week {
            monday: iso_day(monday),
            calls,
            engaged,
            reports,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        // 2022-11-24 is day 19,320, a Thursday.
        let mut tally = Tally::default();
        for (day, counts) in [
            (19_316, (1, 0)),
            (19_317, (2, 1)),
            (19_323, (4, 2)),
            (19_324, (8, 4)),
        ] {
            tally.add_day((day, counts));
        }
        let weeks = weeks(&tally, &ReportRows::default());
        let said: Vec<_> = weeks
            .iter()
            .map(|week| (week.monday.as_str(), week.calls, week.engaged))
            .collect();
        assert_eq!(
            said,
            [
                ("2022-11-14", 1, 0),
                ("2022-11-21", 6, 3),
                ("2022-11-28", 8, 4)
            ]
        );
    }
}
