//! `derived/losses.parquet`: what was lost, each loss once, in the surest tier of its reports.

use std::collections::BTreeMap;

use camino::Utf8Path;
use unspoof_matching::{Currency, Money, Tier};
use unspoof_model::{Sha256Hash, days_to_civil};

use crate::AnalysisError;
use crate::accounts::{Accounts, Place};
use crate::figures::{Figure, as_value, figure, mean, places_sha256, saturated};
use crate::persons_table::Linked;
use crate::report_matches::{Loss, MatchedReports, UNMATCHED, tier_word};
use crate::report_rows::{ReportRow, ReportRows};
use crate::whole_table::WholeTable;

/// A loss with what its reports add up to.
pub(crate) struct LossRow<'a> {
    loss_no: u32,
    pub(crate) loss: &'a Loss,
    first: &'a ReportRow,
    pub(crate) month: Option<String>,
    pub(crate) refunded_minor: Option<i64>,
    pub(crate) recovered_minor: Option<i64>,
}

impl LossRow<'_> {
    /// Returns the lowest amount that its reports state, in minor units, if it is in a currency.
    pub(crate) fn gross_minor(&self, currency: &str) -> Option<i64> {
        let money = self.loss.counted.counted?;
        (money.currency.0 == *currency.as_bytes()).then_some(money.minor)
    }
}

/// The largest amount that any of a loss's reports states in the currency that is counted.
fn largest(loss: &Loss, reports: &ReportRows, of: fn(&ReportRow) -> Option<Money>) -> Option<i64> {
    let currency = loss.counted.counted.map(|money| money.currency);
    let stated = loss.reports.iter().filter_map(|&at| of(&reports.rows[at]));
    let stated = stated.filter(|money| currency.is_none_or(|known| known == money.currency));
    stated
        .map(|money| money.minor)
        .filter(|minor| *minor >= 0)
        .max()
}

fn month(us: i64) -> String {
    let days = i32::try_from(us.div_euclid(86_400_000_000)).unwrap_or(i32::MAX);
    let (year, month, _) = days_to_civil(days);
    format!("{year:04}-{month:02}")
}

/// Lists all losses, by their numbers.
pub(crate) fn loss_rows<'a>(
    matched: &'a MatchedReports,
    reports: &'a ReportRows,
) -> Vec<LossRow<'a>> {
    matched
        .losses
        .iter()
        .zip(0..)
        .filter_map(|(loss, loss_no)| {
            let first = &reports.rows[*loss.reports.first()?];
            let when = loss.started_us.or(first.incident_from_us);
            Some(LossRow {
                loss_no,
                loss,
                first,
                month: when.or(first.reported_us).map(month),
                refunded_minor: largest(loss, reports, |row| row.refunded),
                recovered_minor: largest(loss, reports, |row| row.recovered),
            })
        })
        .collect()
}

/// Writes the table, in the order of the losses' numbers.
pub(crate) fn write_losses(
    rows: &[LossRow<'_>],
    accounts: &Accounts,
    linked: &Linked,
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    let currencies: Vec<Option<String>> = rows
        .iter()
        .map(|row| {
            row.loss
                .counted
                .counted
                .map(|money| money.currency.to_string())
        })
        .collect();
    let account = |row: &LossRow<'_>| Some(&accounts.all[row.loss.account_no? as usize]);
    WholeTable::of(rows)
        .small("loss_no", |row| Some(row.loss_no))
        .text("tier", |row| Some(tier_word(row.loss.counted.tier)))
        .count("reports", |row| Some(row.loss.counted.reports as u64))
        .text("month", |row| row.month.as_deref())
        .text("organisation", |row| row.loss.organisations.as_deref())
        .text("organisation_reported", |row| {
            row.first.organisation.as_deref()
        })
        .small("account_no", |row| row.loss.account_no)
        .text("account_source", |row| Some(&account(row)?.source))
        .text("account_id", |row| Some(&account(row)?.account_id))
        .text("person_id", |row| {
            Some(linked.persons.person_of(row.loss.account_no?)?.id.as_str())
        })
        .text("currency", |row| {
            currencies[row.loss_no as usize].as_deref()
        })
        .int("gross_minor", |row| {
            row.loss.counted.counted.map(|money| money.minor)
        })
        .int("highest_minor", |row| row.loss.counted.highest_minor)
        .int("refunded_minor", |row| row.refunded_minor)
        .int("recovered_minor", |row| row.recovered_minor)
        .text("source", |row| Some(&row.first.source))
        .text("report_id", |row| row.first.report_id.as_deref())
        .place("", |row| Some(&row.first.place))
        .write(path)
}

/// All tiers that figures tell apart, the surest first; none for losses without any candidate.
const TIERS: [Option<Tier>; 4] = [
    Some(Tier::Exact),
    Some(Tier::Probable),
    Some(Tier::Possible),
    None,
];

/// Says in words what reports of a tier are.
fn tier_words(tier: Option<Tier>) -> &'static str {
    match tier {
        Some(Tier::Exact) => "with an exact match: the own number as given was called on the day",
        Some(Tier::Probable) => "with a probable match",
        Some(Tier::Possible) => "with possible calls only, which count as no match",
        None => "with no call that fits",
    }
}

/// Figures on matched reports and on losses by tier. Tiers share no loss.
pub(crate) fn match_figures(
    matched: &MatchedReports,
    reports: &ReportRows,
    currency: &str,
    sha256_of: &BTreeMap<String, Sha256Hash>,
) -> Vec<Figure> {
    let mut made = Vec::new();
    let place = |at: usize| &reports.rows[at].place;
    for tier in TIERS {
        let of_tier = matched.tiers.iter().enumerate();
        let of_tier = of_tier.filter(|(_, found)| **found == tier);
        let (count, hash) = places_sha256(of_tier.map(|(at, _)| place(at)), sha256_of);
        let id = match tier {
            Some(tier) => format!("reports_matched_{}", tier.as_str()),
            None => format!("reports_{UNMATCHED}"),
        };
        let definition = format!("fraud reports {}", tier_words(tier));
        made.push(figure(&id, as_value(count), "reports", &definition, hash));
    }
    let letters: Option<[u8; 3]> = currency.as_bytes().try_into().ok();
    let unit = format!("minor {currency}");
    for tier in TIERS {
        let losses: Vec<&Loss> = matched
            .losses
            .iter()
            .filter(|loss| loss.counted.tier == tier)
            .collect();
        let hash = |of: &mut dyn Iterator<Item = &&Loss>| {
            let places: Vec<&Place> = of
                .flat_map(|loss| &loss.reports)
                .map(|&at| place(at))
                .collect();
            places_sha256(places, sha256_of).1
        };
        let word = tier_word(tier);
        let said = tier_words(tier);
        made.push(figure(
            &format!("losses_{word}"),
            as_value(losses.len() as u64),
            "losses",
            &format!(
                "losses, each once however often it was reported, whose surest report is one {said}"
            ),
            hash(&mut losses.iter()),
        ));
        let amount = |loss: &&Loss| {
            let money = loss.counted.counted?;
            (Some(money.currency) == letters.map(Currency)).then_some(money.minor)
        };
        let mut amounts: Vec<i64> = losses.iter().filter_map(amount).collect();
        amounts.sort_unstable();
        let sum: i128 = amounts.iter().map(|&minor| i128::from(minor)).sum();
        let largest = amounts.last().copied().unwrap_or(0);
        let median = amounts.get(amounts.len().saturating_sub(1) / 2);
        let of_all = hash(&mut losses.iter().filter(|loss| amount(loss).is_some()));
        let at_largest = hash(&mut losses.iter().filter(|loss| amount(loss) == Some(largest)));
        for (end, what, value, hash) in [
            ("minor", "sum", saturated(sum), of_all),
            ("mean_minor", "mean", mean(sum, amounts.len()), of_all),
            (
                "median_minor",
                "middle one, of two the lower,",
                median.copied().unwrap_or(0),
                of_all,
            ),
            ("largest_minor", "largest", largest, at_largest),
        ] {
            made.push(figure(
                &format!("losses_{word}_{end}"),
                value,
                &unit,
                &format!(
                    "{what} of the lowest amounts in {currency} that the reports of each loss \
                     state, before refunds; losses whose surest report is one {said}; nobody has \
                     confirmed them"
                ),
                hash,
            ));
        }
    }
    for (id, what, of) in [
        (
            "losses_refunded_minor",
            "what banks or companies gave back to victims",
            (|row| row.refunded) as fn(&ReportRow) -> Option<Money>,
        ),
        (
            "losses_recovered_minor",
            "what was taken back from whoever received it",
            |row| row.recovered,
        ),
    ] {
        let counted = |loss: &&Loss| {
            let money = loss.counted.counted?;
            (Some(money.currency) == letters.map(Currency)).then_some(())?;
            largest(loss, reports, of)
        };
        let with: Vec<(&Loss, i64)> = matched
            .losses
            .iter()
            .filter_map(|loss| Some((loss, counted(&loss)?)))
            .collect();
        let sum: i128 = with.iter().map(|(_, minor)| i128::from(*minor)).sum();
        let places = with.iter().flat_map(|(loss, _)| &loss.reports);
        let (_, hash) = places_sha256(places.map(|&at| place(at)), sha256_of);
        made.push(figure(
            id,
            saturated(sum),
            &unit,
            &format!(
                "sum of {what} in {currency}, as reported: of each loss the largest amount that a \
                 report of it states; not taken off any other figure"
            ),
            hash,
        ));
    }
    made
}
