//! The facts that a rank may be made of: what each counts, and in which unit.

use std::fmt;
use std::hash::Hash;

use unspoof_numbers::PhoneNumber;

use crate::holder::SuspectKey;

/// What a fact counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Unit {
    /// Calls, or legs of them.
    Calls,
    /// Seconds of talk.
    Seconds,
    /// Days.
    Days,
    /// Different telephone numbers.
    Numbers,
    /// Different accounts.
    Accounts,
    /// Different persons.
    Persons,
    /// Different organisations.
    Organisations,
    /// Reports, each loss once.
    Reports,
    /// Payments.
    Payments,
    /// Money in minor units of the case's currency, such as pence.
    Minor,
    /// Hundredths of certainty.
    Percent,
    /// 1 for yes, 0 for no.
    YesNo,
}

impl Unit {
    /// Returns the word that stands after a value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Seconds => "s",
            Self::Days => "days",
            Self::Numbers => "numbers",
            Self::Accounts => "accounts",
            Self::Persons => "persons",
            Self::Organisations => "organisations",
            Self::Reports => "reports",
            Self::Payments => "payments",
            Self::Minor => "minor units",
            Self::Percent => "%",
            Self::YesNo => "yes/no",
        }
    }
}

/// A kind of fact about one kind of subject. A fact is a whole number; what is not known counts 0.
pub trait Fact: Copy + Ord + Hash + fmt::Debug + 'static {
    /// What names a subject, and breaks the last ties.
    type Key: Ord + Clone + fmt::Debug;
    /// All facts, in the order of their columns.
    const ALL: &'static [Self];
    /// The policy file's section.
    const SECTION: &'static str;

    /// Returns the place in [`Fact::ALL`].
    fn index(self) -> usize;
    /// Returns the name in policy files.
    fn name(self) -> &'static str;
    /// Returns what is counted.
    fn unit(self) -> Unit;
    /// Returns a sentence that defines it.
    fn about(self) -> &'static str;

    /// Finds a fact by its name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fact| fact.name() == name)
    }
}

macro_rules! facts {
    ($(#[$outer:meta])* $Name:ident of $Key:ty, $section:literal:
     $($Fact:ident = $name:literal, $unit:ident, $about:literal;)+) => {
        $(#[$outer])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum $Name { $(#[doc = $about] $Fact,)+ }

        impl Fact for $Name {
            type Key = $Key;
            const ALL: &'static [Self] = &[$(Self::$Fact,)+];
            const SECTION: &'static str = $section;

            fn index(self) -> usize { usize::from(self as u8) }
            fn name(self) -> &'static str { match self { $(Self::$Fact => $name,)+ } }
            fn unit(self) -> Unit { match self { $(Self::$Fact => Unit::$unit,)+ } }
            fn about(self) -> &'static str { match self { $(Self::$Fact => $about,)+ } }
        }
    };
}

facts! {
    /// A fact about a number that was called, from legs to targets alone.
    ContactFact of PhoneNumber, "contacts":
    Calls = "calls", Calls, "Attempts to reach the number.";
    AnsweredCalls = "answered_calls", Calls, "Attempts that were answered.";
    EngagedCalls = "engaged_calls", Calls, "Calls that engaged, by the case's rule.";
    EngagedAsOrganisation = "engaged_as_organisation", Calls, "Engaged calls that showed a listed organisation's number.";
    TalkS = "talk_s", Seconds, "Talk time in all, time on an answering machine left out.";
    LongestTalkS = "longest_talk_s", Seconds, "Talk time of the longest call.";
    TalkUnknownCalls = "talk_unknown_calls", Calls, "Answered calls whose talk time was not recorded as such.";
    ShortThenLong = "short_then_long", Calls, "Engaged calls with an answered one of at most 30 s in the 24 hours before.";
    CallsBack = "calls_back", Calls, "Answered calls within 7 days after an engaged one, the same account calling.";
    DaysCalled = "days_called", Days, "Days (UTC) with an attempt.";
    DaysEngaged = "days_engaged", Days, "Days (UTC) with an engaged call.";
    Organisations = "organisations", Organisations, "Listed organisations whose numbers were shown.";
    Accounts = "accounts", Accounts, "Accounts that called.";
    Persons = "persons", Persons, "Persons behind these accounts; an account of nobody known counts as one.";
    PriorityAccounts = "priority_accounts", Accounts, "Priority accounts that engaged the number.";
    AccountsAsOrganisation = "accounts_as_organisation", Accounts, "Accounts that engaged the number, at least half of whose engaged calls to other numbers showed a listed organisation.";
    ReportedNumbersOfAccounts = "reported_numbers_of_accounts", Numbers, "Other numbers with an exact or probable report that the accounts engaging this one had engaged.";
    CodesCaptured = "codes_captured", Calls, "Calls in which a one-time code was captured.";
    ReportsExact = "reports_exact", Reports, "Losses reported, with an exact match.";
    ReportsProbable = "reports_probable", Reports, "Losses reported, with a probable match and no exact one.";
    ReportsPossible = "reports_possible", Reports, "Losses reported that may be this number's; they count as nobody's.";
    LossesMinor = "losses_minor", Minor, "Losses by exact and probable matches, gross, each once.";
    RecordedCalls = "recorded_calls", Calls, "Answered calls of a recorded message or a bot.";
    NightCalls = "night_calls", Calls, "Answered calls from 22:00 to 6:59 where the number belongs.";
    Home = "home", YesNo, "The number is of a home region.";
    Mobile = "mobile", YesNo, "The number is a mobile one.";
    ListedOrganisation = "listed_organisation", YesNo, "The number is a listed organisation's own, so its holder is no private person.";
    Unallocated = "unallocated", YesNo, "The number was allocated to nobody on the day.";
    DaysBeforeEnd = "days_before_end", Days, "Days from the last call to the number to the last call of the case.";
}

facts! {
    /// A fact about an account, or about a person as the sum over that person's accounts.
    SuspectFact of SuspectKey, "suspects":
    Accounts = "accounts", Accounts, "Accounts: 1, or those of the person.";
    PossibleAccounts = "possible_accounts", Accounts, "Further accounts that may be the same person's.";
    Payments = "payments", Payments, "Payments to the service.";
    PaidMinor = "paid_minor", Minor, "Payments valued on their days, in all.";
    Calls = "calls", Calls, "Attempts to reach a target.";
    EngagedCalls = "engaged_calls", Calls, "Calls that engaged, by the case's rule.";
    EngagedNumbers = "engaged_numbers", Numbers, "Numbers engaged.";
    EngagedHomeNumbers = "engaged_home_numbers", Numbers, "Numbers of a home region that were engaged.";
    NumbersAsOrganisation = "numbers_as_organisation", Numbers, "Numbers engaged while a listed organisation's number was shown.";
    Organisations = "organisations", Organisations, "Listed organisations whose numbers were shown.";
    CodesCaptured = "codes_captured", Calls, "Calls in which a one-time code was captured.";
    ShortThenLongNumbers = "short_then_long_numbers", Numbers, "Numbers with a short call, then an engaged one.";
    CalledBackNumbers = "called_back_numbers", Numbers, "Numbers called again, and answered, within 7 days after an engaged call.";
    TalkS = "talk_s", Seconds, "Talk time in all.";
    CallsToOrganisations = "calls_to_organisations", Calls, "Answered calls to listed organisations, such as a bank rung by somebody posing as its customer.";
    ReportsExact = "reports_exact", Reports, "Losses reported, with an exact match.";
    ReportsProbable = "reports_probable", Reports, "Losses reported, with a probable match and no exact one.";
    ReportsPossible = "reports_possible", Reports, "Losses reported that may lead here; they count as nobody's.";
    LossesExactMinor = "losses_exact_minor", Minor, "Losses by exact matches, gross, each once.";
    LossesProbableMinor = "losses_probable_minor", Minor, "Losses by probable matches, gross, each once.";
    ActiveDays = "active_days", Days, "Days (UTC) with a call.";
    DaysBeforeEnd = "days_before_end", Days, "Days from the last call to the last call of the case.";
    HomeConfidencePct = "home_confidence_pct", Percent, "How sure the evidence makes a home region: telephone, addresses, hours.";
    Reseller = "reseller", YesNo, "The service's records call it a reseller.";
    Staff = "staff", YesNo, "The service's records call it staff.";
    PoliceTest = "police_test", YesNo, "An account that police opened for tests.";
}

facts! {
    /// A fact about a personal number that was shown to those who were called. Whoever holds it
    /// usually knows nothing of it.
    PresentedFact of PhoneNumber, "presented":
    CallsToOrganisations = "calls_to_organisations", Calls, "Attempts to reach a listed organisation that showed the number.";
    AnsweredByOrganisations = "answered_by_organisations", Calls, "Such attempts that were answered.";
    TalkWithOrganisationsS = "talk_with_organisations_s", Seconds, "Talk time with listed organisations.";
    OrganisationsCalled = "organisations_called", Organisations, "Listed organisations that were called.";
    CallsToOthers = "calls_to_others", Calls, "Attempts to reach anybody else that showed the number.";
    NumbersCalled = "numbers_called", Numbers, "Different numbers called, organisations left out.";
    Accounts = "accounts", Accounts, "Accounts that showed it.";
    AlsoCalled = "also_called", Calls, "Attempts to reach the number itself.";
    AlsoEngaged = "also_engaged", Calls, "Calls that engaged the number itself.";
    Days = "days", Days, "Days (UTC) on which it was shown.";
    Reports = "reports", Reports, "Losses reported by its holder, with an exact or probable match.";
    Home = "home", YesNo, "The number is of a home region.";
}
