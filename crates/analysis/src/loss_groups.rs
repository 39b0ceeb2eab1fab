//! `derived/loss_groups.parquet`: losses by tier, organisation, month, person and account.

use std::collections::BTreeMap;

use camino::Utf8Path;
use unspoof_matching::{Currency, Tier};

use crate::AnalysisError;
use crate::accounts::Accounts;
use crate::figures::{mean, saturated};
use crate::losses::LossRow;
use crate::persons_table::Linked;
use crate::report_matches::tier_word;
use crate::whole_table::WholeTable;

/// What a group is of; each groups all losses anew.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum GroupBy {
    Tier,
    Organisation,
    Month,
    Person,
    Account,
}

impl GroupBy {
    const ALL: [Self; 5] = [
        Self::Tier,
        Self::Organisation,
        Self::Month,
        Self::Person,
        Self::Account,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::Organisation => "organisation",
            Self::Month => "month",
            Self::Person => "person",
            Self::Account => "account",
        }
    }
}

/// What losses of a group come to, in minor units of one currency.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Sums {
    /// Losses, with an amount or without.
    pub(crate) losses: u64,
    /// Amounts, sorted once [`Sums::sorted`] was called.
    amounts: Vec<i64>,
    pub(crate) refunded: i128,
    pub(crate) recovered: i128,
}

impl Sums {
    fn add(&mut self, row: &LossRow<'_>, gross_minor: Option<i64>) {
        self.losses += 1;
        self.amounts.extend(gross_minor);
        self.refunded += i128::from(row.refunded_minor.unwrap_or(0));
        self.recovered += i128::from(row.recovered_minor.unwrap_or(0));
    }

    fn sorted(mut self) -> Self {
        self.amounts.sort_unstable();
        self
    }

    pub(crate) fn with_amount(&self) -> u64 {
        self.amounts.len() as u64
    }

    pub(crate) fn gross(&self) -> i64 {
        saturated(self.amounts.iter().map(|&minor| i128::from(minor)).sum())
    }

    /// Returns mean, middle amount (of two the lower) and largest; none without any amount.
    pub(crate) fn mean_median_largest(&self) -> Option<[i64; 3]> {
        let largest = *self.amounts.last()?;
        let sum = self.amounts.iter().map(|&minor| i128::from(minor)).sum();
        let median = self.amounts[(self.amounts.len() - 1) / 2];
        Some([mean(sum, self.amounts.len()), median, largest])
    }
}

/// Groups losses that are kept by a name, in one currency.
pub(crate) fn sums_by<'r, 'a: 'r>(
    rows: impl IntoIterator<Item = &'r LossRow<'a>>,
    currency: &str,
    name: impl Fn(&LossRow<'a>) -> Option<String>,
) -> BTreeMap<Option<String>, Sums> {
    let mut groups: BTreeMap<Option<String>, Sums> = BTreeMap::new();
    for row in rows {
        // A loss in another currency is none of these sums'.
        let money = row.loss.counted.counted;
        let gross = row.gross_minor(currency);
        if money.is_none() || gross.is_some() {
            groups.entry(name(row)).or_default().add(row, gross);
        }
    }
    groups
        .into_iter()
        .map(|(name, sums)| (name, sums.sorted()))
        .collect()
}

/// Returns the name that a loss's person or account has in groups.
pub(crate) fn group_name(
    by: GroupBy,
    row: &LossRow<'_>,
    accounts: &Accounts,
    linked: &Linked,
) -> Option<String> {
    let loss = row.loss;
    match by {
        GroupBy::Tier => Some(tier_word(loss.counted.tier).to_owned()),
        GroupBy::Organisation => loss.organisations.clone(),
        GroupBy::Month => row.month.clone(),
        GroupBy::Person => Some(linked.persons.person_of(loss.account_no?)?.id.to_string()),
        GroupBy::Account => {
            let account = &accounts.all[loss.account_no? as usize];
            Some(format!("{}/{}", account.source, account.account_id))
        }
    }
}

/// One group of the table. For one `by`, each loss is in one group.
struct Group {
    by: GroupBy,
    name: Option<String>,
    tier: Option<Tier>,
    currency: Option<String>,
    sums: Sums,
}

/// Writes the table: by what is grouped, then by name, tier and currency.
pub(crate) fn write_loss_groups(
    rows: &[LossRow<'_>],
    accounts: &Accounts,
    linked: &Linked,
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    type Key = (Option<String>, Option<Tier>, Option<[u8; 3]>);
    let mut groups: Vec<Group> = Vec::new();
    for by in GroupBy::ALL {
        let mut found: BTreeMap<Key, Sums> = BTreeMap::new();
        for row in rows {
            let counted = &row.loss.counted;
            let name = group_name(by, row, accounts, linked);
            let letters = counted.counted.map(|money| money.currency.0);
            let sums = found.entry((name, counted.tier, letters)).or_default();
            sums.add(row, counted.counted.map(|money| money.minor));
        }
        let made = |((name, tier, letters), sums): (Key, Sums)| Group {
            by,
            name,
            tier,
            currency: letters.map(|letters| Currency(letters).to_string()),
            sums: sums.sorted(),
        };
        groups.extend(found.into_iter().map(made));
    }
    let of = |row: &Group, at: usize| Some(row.sums.mean_median_largest()?[at]);
    let amount = |row: &Group, sum: i128| row.currency.is_some().then(|| saturated(sum));
    WholeTable::of(&groups)
        .text("by", |row| Some(row.by.as_str()))
        .text("group", |row| row.name.as_deref())
        .text("tier", |row| Some(tier_word(row.tier)))
        .text("currency", |row| row.currency.as_deref())
        .count("losses", |row| Some(row.sums.losses))
        .int("gross_minor", |row| {
            row.currency.is_some().then(|| row.sums.gross())
        })
        .int("mean_minor", |row| of(row, 0))
        .int("median_minor", |row| of(row, 1))
        .int("largest_minor", |row| of(row, 2))
        .int("refunded_minor", |row| amount(row, row.sums.refunded))
        .int("recovered_minor", |row| amount(row, row.sums.recovered))
        .write(path)
}
