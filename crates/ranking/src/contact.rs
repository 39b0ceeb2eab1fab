//! The facts of one called number, from its calls.

use unspoof_model::UtcMicros;

use crate::fact::ContactFact;
use crate::table::Facts;

/// An answered call of at most so many seconds is a short one.
pub const SHORT_S: u32 = 30;
/// How long after a short call an engaged one belongs to it, in hours.
pub const SHORT_THEN_LONG_H: i64 = 24;
/// How long after an engaged call another one is a call back, in days.
pub const CALL_BACK_D: i64 = 7;

/// Stands for the start of a call that no record tells. Such a call is counted, and is of no day,
/// before nothing and after nothing.
pub const NO_START: UtcMicros = UtcMicros::MIN;

const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

/// One attempt to reach a number, from a target's leg that counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct SeenCall {
    /// When it began, in microseconds of UTC; [`NO_START`] where nobody knows.
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
    let mut calls = calls.to_vec();
    let mut facts = Facts::new();
    ContactCounter::default().count(&mut calls, about, account, case_end_utc, &mut facts);
    facts
}

/// Counts the facts of numbers one after the other, in memory that is kept between them.
#[derive(Debug, Default)]
pub struct ContactCounter {
    organisations: Vec<u32>,
    persons: Vec<Result<u32, u32>>,
    accounts: Vec<AccountAndNumber>,
}

/// What one account did to one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountAndNumber {
    /// The account, by the caller's number for it.
    pub account: u32,
    /// Calls that engaged.
    pub engaged: u32,
    /// Those that showed a listed organisation's number.
    pub as_organisation: u32,
    /// One that engaged had an answered one of at most [`SHORT_S`] in the hours before.
    pub short_then_long: bool,
    /// One was answered within [`CALL_BACK_D`] days after one that engaged.
    pub called_back: bool,
    last_engaged: Option<UtcMicros>,
    last_short: Option<UtcMicros>,
}

impl ContactCounter {
    /// Counts as [`contact_facts`] does, into facts that are cleared first. `calls` are put in the
    /// order of time.
    pub fn count(
        &mut self,
        calls: &mut [SeenCall],
        about: &AboutNumber,
        account: impl Fn(u32) -> AboutAccount,
        case_end_utc: UtcMicros,
        facts: &mut Facts<ContactFact>,
    ) {
        use ContactFact as Of;
        if calls.len() > 1 {
            calls.sort_unstable();
        }
        facts.clear();
        self.organisations.clear();
        self.persons.clear();
        self.accounts.clear();
        // Calls come in the order of time, and so do their days.
        let (mut days, mut last_day) = (0, None);
        let (mut days_engaged, mut last_day_engaged) = (0, None);
        let mut last_short: Option<UtcMicros> = None;
        let within = |earlier: Option<UtcMicros>, now: Option<UtcMicros>, most: i64| {
            earlier
                .zip(now)
                .is_some_and(|(earlier, now)| now.saturating_sub(earlier) <= most)
        };
        facts.set(Of::Calls, calls.len() as u64);
        for call in &*calls {
            let start = Some(call.started_utc).filter(|start| *start != NO_START);
            let day = start.map(|start| start.div_euclid(DAY_US));
            days += u64::from(day.is_some() && last_day != day);
            last_day = day;
            let place = self.place_of(call.account);
            self.persons.push(call.person.ok_or(call.account));
            self.organisations.extend(call.organisation);
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
                let last = self.accounts[place].last_engaged;
                let is_back = within(last, start, CALL_BACK_D * DAY_US);
                facts.add(Of::CallsBack, is_back.into());
                self.accounts[place].called_back |= is_back;
            }
            if call.engaged {
                facts.add(Of::EngagedCalls, 1);
                let as_organisation = call.organisation.is_some();
                facts.add(Of::EngagedAsOrganisation, as_organisation.into());
                let is_second = within(last_short, start, SHORT_THEN_LONG_H * HOUR_US);
                facts.add(Of::ShortThenLong, is_second.into());
                days_engaged += u64::from(day.is_some() && last_day_engaged != day);
                last_day_engaged = day;
                let of_account = &mut self.accounts[place];
                of_account.engaged += 1;
                of_account.as_organisation += u32::from(as_organisation);
                of_account.short_then_long |=
                    within(of_account.last_short, start, SHORT_THEN_LONG_H * HOUR_US);
                of_account.last_engaged = start.or(of_account.last_engaged);
            } else if call.answered && call.talk_s.is_some_and(|talk_s| talk_s <= SHORT_S) {
                last_short = start.or(last_short);
                self.accounts[place].last_short = last_short;
            }
        }
        let is_reported = about.reports[0] + about.reports[1] > 0;
        for of_account in self.accounts.iter().filter(|one| one.engaged > 0) {
            let seen = account(of_account.account);
            facts.add(Of::PriorityAccounts, seen.priority.into());
            let others = seen.engaged_calls.saturating_sub(of_account.engaged);
            let others_shown = seen
                .engaged_as_organisation
                .saturating_sub(of_account.as_organisation);
            let mostly = others > 0 && u64::from(others_shown) * 2 >= u64::from(others);
            facts.add(Of::AccountsAsOrganisation, mostly.into());
            let reported = seen.reported_numbers.saturating_sub(is_reported.into());
            facts.add(Of::ReportedNumbersOfAccounts, reported.into());
        }
        let last = calls.last().map(|call| call.started_utc);
        let last = last
            .filter(|start| *start != NO_START)
            .unwrap_or(case_end_utc);
        let before_end = case_end_utc.saturating_sub(last).max(0) / DAY_US;
        facts
            .set(Of::DaysCalled, days)
            .set(Of::DaysEngaged, days_engaged)
            .set(Of::Organisations, different(&mut self.organisations))
            .set(Of::Accounts, self.accounts.len() as u64)
            .set(Of::Persons, different(&mut self.persons))
            .set(Of::ReportsExact, about.reports[0].into())
            .set(Of::ReportsProbable, about.reports[1].into())
            .set(Of::ReportsPossible, about.reports[2].into())
            .set(Of::LossesMinor, about.losses_minor)
            .set(Of::Home, about.home.into())
            .set(Of::Mobile, about.mobile.into())
            .set(Of::ListedOrganisation, about.listed_organisation.into())
            .set(Of::Unallocated, about.unallocated.into())
            .set(Of::DaysBeforeEnd, before_end.unsigned_abs());
    }

    /// Returns what each account did to the number counted last, in the order of accounts.
    #[must_use]
    pub fn accounts(&self) -> &[AccountAndNumber] {
        &self.accounts
    }

    /// Finds an account's place among those that called, or gives it one; they are kept in order.
    fn place_of(&mut self, account: u32) -> usize {
        match self
            .accounts
            .binary_search_by_key(&account, |one| one.account)
        {
            Ok(place) => place,
            Err(place) => {
                let new = AccountAndNumber {
                    account,
                    engaged: 0,
                    as_organisation: 0,
                    short_then_long: false,
                    called_back: false,
                    last_engaged: None,
                    last_short: None,
                };
                self.accounts.insert(place, new);
                place
            }
        }
    }
}

/// Counts different values.
fn different<T: Ord>(values: &mut Vec<T>) -> u64 {
    if values.len() > 1 {
        values.sort_unstable();
        values.dedup();
    }
    values.len() as u64
}
