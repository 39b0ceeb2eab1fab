//! The facts of one called number, from its calls.

use std::collections::{BTreeMap, BTreeSet};

use unspoof_model::UtcMicros;

use crate::fact::ContactFact;
use crate::table::Facts;

/// An answered call of at most so many seconds is a short one.
pub const SHORT_S: u32 = 30;
/// How long after a short call an engaged one belongs to it, in hours.
pub const SHORT_THEN_LONG_H: i64 = 24;
/// How long after an engaged call another one is a call back, in days.
pub const CALL_BACK_D: i64 = 7;

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

/// One attempt to reach a number, from a target's leg that counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct SeenCall {
    /// When it began, in microseconds of UTC.
    pub started_utc: UtcMicros,
    /// The account, by the caller's number for it.
    pub account: u32,
    /// The person behind the account, by the caller's number; none where nobody knows.
    pub person: Option<u32>,
    /// The listed organisation whose number was shown, by the caller's number for it.
    pub organisation: Option<u32>,
    /// It was answered.
    pub answered: bool,
    /// Seconds of talk, time on an answering machine left out; none where talk was not recorded.
    pub talk_s: Option<u32>,
    /// It engaged, by the case's rule.
    pub engaged: bool,
    /// A one-time code was captured.
    pub code_captured: bool,
    /// A recorded message or a bot spoke.
    pub recorded: bool,
    /// The hour, 0 to 23, where the called number belongs; none where nobody knows.
    pub local_hour: Option<u8>,
}

/// What a case knows of a called number besides its calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AboutNumber {
    /// Losses with an exact match; with a probable and no exact one; with a possible one only.
    pub reports: [u32; 3],
    /// Losses by exact and probable matches, gross, in minor units.
    pub losses_minor: u64,
    /// It is of a home region.
    pub home: bool,
    /// It is a mobile number.
    pub mobile: bool,
    /// It is a listed organisation's own.
    pub listed_organisation: bool,
    /// It was allocated to nobody on the day.
    pub unallocated: bool,
}

/// What a case knows of an account, over all numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AboutAccount {
    /// It is a priority account by the case's rule.
    pub priority: bool,
    /// Its engaged calls.
    pub engaged_calls: u32,
    /// Those that showed a listed organisation's number.
    pub engaged_as_organisation: u32,
    /// Different numbers that it engaged and that have an exact or probable report.
    pub reported_numbers: u32,
}

/// Counts the facts of one called number. `calls` may come in any order; `case_end_utc` is the last
/// call of the case. What an account's other numbers tell is counted without this number, so that
/// no number vouches for itself.
#[must_use]
pub fn contact_facts(
    calls: &[SeenCall],
    about: &AboutNumber,
    account: impl Fn(u32) -> AboutAccount,
    case_end_utc: UtcMicros,
) -> Facts<ContactFact> {
    use ContactFact as Of;
    let mut calls = calls.to_vec();
    calls.sort_unstable();
    let mut facts = Facts::new();
    let (mut days, mut days_engaged) = (BTreeSet::new(), BTreeSet::new());
    let (mut organisations, mut accounts) = (BTreeSet::new(), BTreeSet::new());
    let mut persons: BTreeSet<Result<u32, u32>> = BTreeSet::new();
    // By account: engaged calls, and those as an organisation, with this number alone.
    let mut engaging: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    let mut last_engaged: BTreeMap<u32, UtcMicros> = BTreeMap::new();
    let mut last_short: Option<UtcMicros> = None;
    let within = |earlier: Option<UtcMicros>, now: UtcMicros, most: i64| {
        earlier.is_some_and(|earlier| now.saturating_sub(earlier) <= most)
    };
    for call in &calls {
        let day = call.started_utc.div_euclid(DAY_US);
        facts.add(Of::Calls, 1);
        days.insert(day);
        accounts.insert(call.account);
        persons.insert(call.person.ok_or(call.account));
        organisations.extend(call.organisation);
        facts.add(Of::CodesCaptured, call.code_captured.into());
        if call.answered {
            facts.add(Of::AnsweredCalls, 1);
            facts.add(Of::RecordedCalls, call.recorded.into());
            let night = call.local_hour.is_some_and(|h| !(7..22).contains(&h));
            facts.add(Of::NightCalls, night.into());
            match call.talk_s {
                Some(talk_s) => {
                    facts.add(Of::TalkS, talk_s.into());
                    let longest = facts.get(Of::LongestTalkS).max(talk_s.into());
                    facts.set(Of::LongestTalkS, longest);
                }
                None => {
                    facts.add(Of::TalkUnknownCalls, 1);
                }
            }
            let last = last_engaged.get(&call.account).copied();
            let is_back = within(last, call.started_utc, CALL_BACK_D * DAY_US);
            facts.add(Of::CallsBack, is_back.into());
        }
        if call.engaged {
            facts.add(Of::EngagedCalls, 1);
            let as_organisation = call.organisation.is_some();
            facts.add(Of::EngagedAsOrganisation, as_organisation.into());
            let is_second = within(last_short, call.started_utc, SHORT_THEN_LONG_H * HOUR_US);
            facts.add(Of::ShortThenLong, is_second.into());
            days_engaged.insert(day);
            let (engaged, shown) = engaging.entry(call.account).or_default();
            *engaged += 1;
            *shown += u32::from(as_organisation);
            last_engaged.insert(call.account, call.started_utc);
        } else if call.answered && call.talk_s.is_some_and(|talk_s| talk_s <= SHORT_S) {
            last_short = Some(call.started_utc);
        }
    }
    let is_reported = about.reports[0] + about.reports[1] > 0;
    for (&no, &(engaged, shown)) in &engaging {
        let seen = account(no);
        facts.add(Of::PriorityAccounts, seen.priority.into());
        let others = seen.engaged_calls.saturating_sub(engaged);
        let others_shown = seen.engaged_as_organisation.saturating_sub(shown);
        let mostly = others > 0 && u64::from(others_shown) * 2 >= u64::from(others);
        facts.add(Of::AccountsAsOrganisation, mostly.into());
        let reported = seen.reported_numbers.saturating_sub(is_reported.into());
        facts.add(Of::ReportedNumbersOfAccounts, reported.into());
    }
    let last = calls.last().map_or(case_end_utc, |call| call.started_utc);
    let before_end = case_end_utc.saturating_sub(last).max(0) / DAY_US;
    facts
        .set(Of::DaysCalled, days.len() as u64)
        .set(Of::DaysEngaged, days_engaged.len() as u64)
        .set(Of::Organisations, organisations.len() as u64)
        .set(Of::Accounts, accounts.len() as u64)
        .set(Of::Persons, persons.len() as u64)
        .set(Of::ReportsExact, about.reports[0].into())
        .set(Of::ReportsProbable, about.reports[1].into())
        .set(Of::ReportsPossible, about.reports[2].into())
        .set(Of::LossesMinor, about.losses_minor)
        .set(Of::Home, about.home.into())
        .set(Of::Mobile, about.mobile.into())
        .set(Of::ListedOrganisation, about.listed_organisation.into())
        .set(Of::Unallocated, about.unallocated.into())
        .set(Of::DaysBeforeEnd, before_end.unsigned_abs());
    facts
}
