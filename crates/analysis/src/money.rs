//! Payments, losses and victims: their tables, figures and part of the brief.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::Sha256Hash;
use unspoof_model::config::CaseConfig;
use unspoof_payments::AddressLists;

use crate::AnalysisError;
use crate::accounts::Accounts;
use crate::address_lists::{
    PaymentMatch, payment_matches, read_address_lists, write_payment_matches,
};
use crate::call_tally::Tally;
use crate::figures::Figure;
use crate::loss_groups::write_loss_groups;
use crate::losses::{loss_rows, write_losses};
use crate::money_brief::{ListBrief, LossesBrief, MoneyBrief, largest_persons, weeks};
use crate::money_figures::{MoneyRows, money_figures};
use crate::payments_read::PaymentRows;
use crate::persons_table::{Counted, Linked};
use crate::report_matches::MatchedReports;
use crate::report_rows::ReportRows;
use crate::shared_sources::{shared_values, write_shared};
use crate::spend_out::SpendBy;
use crate::victims::estimate_victims;

/// What money and victims are told from.
pub(crate) struct MoneyGround<'a> {
    pub(crate) case: &'a Utf8Path,
    pub(crate) config: &'a CaseConfig,
    pub(crate) sha256_of: &'a BTreeMap<String, Sha256Hash>,
    pub(crate) payments: Counted<'a>,
    pub(crate) accounts: &'a Accounts,
    pub(crate) linked: &'a Linked,
    pub(crate) matched: &'a MatchedReports,
    pub(crate) reports: &'a ReportRows,
    pub(crate) tally: &'a Tally,
    /// Numbers of home regions that engaged call attempts went to.
    pub(crate) home_numbers_engaged: u64,
    pub(crate) workers: usize,
}

/// What came of it.
pub(crate) struct Money {
    pub(crate) brief: MoneyBrief,
    /// On payments.
    pub(crate) payments: Vec<Figure>,
    /// On victims.
    pub(crate) victims: Vec<Figure>,
}

/// Writes all tables about money and victims.
pub(crate) fn write_money(
    ground: &MoneyGround<'_>,
    derived: &dyn Fn(&str) -> Utf8PathBuf,
) -> Result<Money, AnalysisError> {
    let (accounts, linked) = (ground.accounts, ground.linked);
    let currency = ground.config.value_currency.as_str();
    let payments = PaymentRows::read(ground.payments, accounts, ground.workers)?;
    payments.write(accounts, linked, currency, &derived("payments_read"))?;
    let spend = SpendBy::of(&payments, linked);
    spend.write(
        accounts,
        linked,
        currency,
        &derived("account_spend"),
        &derived("person_spend"),
    )?;
    let shared = shared_values(&payments, accounts, linked);
    write_shared(&shared, accounts, linked, &derived("shared_sources"))?;
    let lists = read_address_lists(ground.case, ground.config)?;
    let matches = lists
        .as_ref()
        .map_or_else(Vec::new, |lists| payment_matches(&payments, lists));
    let path = derived("payment_matches");
    write_payment_matches(&matches, &payments, accounts, linked, currency, &path)?;

    let losses = loss_rows(ground.matched, ground.reports);
    write_losses(&losses, accounts, linked, &derived("losses"))?;
    write_loss_groups(&losses, accounts, linked, &derived("loss_groups"))?;

    let victims = estimate_victims(ground.matched, ground.reports, ground.home_numbers_engaged)?;
    victims.write(&derived("estimates"))?;

    let figures = MoneyRows {
        payments: &payments,
        shared: &shared,
        lists: lists.as_ref(),
        matches: &matches,
        currency,
    };
    Ok(Money {
        payments: money_figures(&figures, ground.sha256_of),
        victims: victims.figures(ground.reports, ground.sha256_of),
        brief: MoneyBrief {
            losses: LossesBrief::of(&losses, accounts, linked, currency),
            address_lists: list_briefs(lists.as_ref(), &matches),
            persons: largest_persons(linked, accounts, &spend),
            weeks: weeks(ground.tally, ground.reports),
            estimate: victims.brief,
        },
    })
}

/// Says of each list what payments it was found in, and under which labels.
fn list_briefs(lists: Option<&AddressLists>, matches: &[PaymentMatch<'_>]) -> Vec<ListBrief> {
    let lists = lists.map_or(&[][..], AddressLists::lists);
    lists
        .iter()
        .map(|list| {
            let mut of_list: Vec<(&str, u32)> = matches
                .iter()
                .filter(|found| found.found.list.name == list.name)
                .map(|found| {
                    let label = found.found.entry.label.as_deref();
                    (label.unwrap_or("no label"), found.payment_no)
                })
                .collect();
            // A payment counts once a label, though both of its addresses stand under it.
            of_list.sort_unstable();
            of_list.dedup();
            let mut labels: BTreeMap<&str, u64> = BTreeMap::new();
            for (label, _) in &of_list {
                *labels.entry(label).or_default() += 1;
            }
            let mut labels: Vec<(String, u64)> = labels
                .into_iter()
                .map(|(label, payments)| (label.to_owned(), payments))
                .collect();
            labels.sort_by_key(|(_, payments)| std::cmp::Reverse(*payments));
            of_list.sort_unstable_by_key(|(_, payment)| *payment);
            of_list.dedup_by_key(|(_, payment)| *payment);
            ListBrief {
                list: list.name.clone(),
                title: list.title.clone(),
                dated: list.dated.clone(),
                entries: list.entries.len() as u64,
                payments: of_list.len() as u64,
                labels,
            }
        })
        .collect()
}
