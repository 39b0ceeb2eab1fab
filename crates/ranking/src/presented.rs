//! Personal numbers that were shown to others: possible victims too.
//!
//! A fraudster who rings a bank as its customer shows the customer's number. So a personal number
//! that was shown in calls to a listed organisation is its holder's loss in the making. Shown to
//! anybody else, it was mostly taken at random; it is listed below, as its holder may be blamed.

use std::collections::BTreeSet;

use unspoof_model::UtcMicros;
use unspoof_numbers::PhoneNumber;

use crate::error::RankError;
use crate::fact::PresentedFact;
use crate::table::{Facts, Table};

const DAY_US: i64 = 86_400_000_000;

/// One attempt as the number that it showed sees it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ShownCall {
    /// The number that was shown.
    pub presented: PhoneNumber,
    /// The number that was called.
    pub called: PhoneNumber,
    /// When it began, in microseconds of UTC.
    pub started_utc: UtcMicros,
    /// The account, by the caller's number for it.
    pub account: u32,
    /// The listed organisation that was called, by the caller's number for it.
    pub called_organisation: Option<u32>,
    /// It was answered.
    pub answered: bool,
    /// Seconds of talk; none where talk was not recorded.
    pub talk_s: Option<u32>,
}

/// What a case knows of a number that was shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AboutPresented {
    /// It is a listed organisation's own, so it is nobody's personal number.
    pub listed_organisation: bool,
    /// It was allocated to nobody, or is of a kind that no person holds.
    pub nobodys: bool,
    /// It is of a home region.
    pub home: bool,
    /// Attempts to reach the number itself.
    pub also_called: u32,
    /// Calls that engaged it.
    pub also_engaged: u32,
    /// Losses that its holder reported, with an exact or probable match.
    pub reports: u32,
}

/// Personal numbers that were shown, and how many numbers were left out and why.
#[derive(Clone, Debug, Default)]
pub struct PresentedNumbers {
    /// Personal numbers, in their order.
    pub table: Table<PresentedFact>,
    /// Numbers that are listed organisations' own.
    pub listed_organisations: u64,
    /// Numbers that nobody held or that no person holds.
    pub nobodys: u64,
}

/// Lists personal numbers that were shown, with their facts. `calls` must come sorted by
/// [`ShownCall::presented`]; the order within a number does not matter.
///
/// # Errors
/// [`RankError::KeyTwice`] where calls of one number lie apart; [`RankError::TooMany`].
pub fn presented_numbers(
    calls: impl IntoIterator<Item = ShownCall>,
    about: impl Fn(PhoneNumber) -> AboutPresented,
) -> Result<PresentedNumbers, RankError> {
    let mut listed = PresentedNumbers::default();
    let mut of_one: Vec<ShownCall> = Vec::new();
    for call in calls {
        if of_one
            .first()
            .is_some_and(|first| first.presented != call.presented)
        {
            take(&mut listed, &of_one, &about)?;
            of_one.clear();
        }
        of_one.push(call);
    }
    take(&mut listed, &of_one, &about)?;
    listed.table.key_places()?;
    Ok(listed)
}

fn take(
    listed: &mut PresentedNumbers,
    calls: &[ShownCall],
    about: &impl Fn(PhoneNumber) -> AboutPresented,
) -> Result<(), RankError> {
    use PresentedFact as Of;
    let Some(number) = calls.first().map(|call| call.presented) else {
        return Ok(());
    };
    let known = about(number);
    if known.listed_organisation {
        listed.listed_organisations += 1;
        return Ok(());
    }
    if known.nobodys {
        listed.nobodys += 1;
        return Ok(());
    }
    let mut facts = Facts::new();
    let (mut days, mut accounts) = (BTreeSet::new(), BTreeSet::new());
    let (mut organisations, mut others) = (BTreeSet::new(), BTreeSet::new());
    for call in calls {
        days.insert(call.started_utc.div_euclid(DAY_US));
        accounts.insert(call.account);
        if let Some(organisation) = call.called_organisation {
            organisations.insert(organisation);
            facts.add(Of::CallsToOrganisations, 1);
            facts.add(Of::AnsweredByOrganisations, call.answered.into());
            let talk_s = call.talk_s.filter(|_| call.answered).unwrap_or(0);
            facts.add(Of::TalkWithOrganisationsS, talk_s.into());
        } else {
            others.insert(call.called);
            facts.add(Of::CallsToOthers, 1);
        }
    }
    facts
        .set(Of::OrganisationsCalled, organisations.len() as u64)
        .set(Of::NumbersCalled, others.len() as u64)
        .set(Of::Accounts, accounts.len() as u64)
        .set(Of::Days, days.len() as u64)
        .set(Of::AlsoCalled, known.also_called.into())
        .set(Of::AlsoEngaged, known.also_engaged.into())
        .set(Of::Reports, known.reports.into())
        .set(Of::Home, known.home.into());
    listed.table.push(number, &facts)?;
    Ok(())
}
