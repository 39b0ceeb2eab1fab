//! The calls of a case in columns, found by called number, by presented number and by organisation.

use std::collections::BTreeMap;
use std::ops::Range;

use unspoof_model::UtcMicros;
use unspoof_numbers::PhoneNumber;

use crate::MatchError;

mod sort;

/// An organisation, numbered by the caller's list of organisations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OrganisationNo(pub u32);

/// An account, numbered by the caller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountNo(pub u32);

/// A call: counts from 0 in the order in which calls were pushed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallNo(pub u32);

/// What became of a call, as far as the record tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Talk {
    /// Nothing was recorded.
    Unknown,
    /// Nobody answered.
    Unanswered,
    /// Answered, for a time that was not recorded.
    Answered,
    /// Answered, for so many seconds.
    Seconds(u32),
}

impl Talk {
    const UNKNOWN: u32 = u32::MAX;
    const UNANSWERED: u32 = u32::MAX - 1;
    const ANSWERED: u32 = u32::MAX - 2;
    const MOST_SECONDS: u32 = u32::MAX - 3;

    const fn of(talk_s: Option<u32>, answered: Option<bool>) -> Self {
        match (answered, talk_s) {
            (Some(false), _) | (None, Some(0)) => Self::Unanswered,
            (Some(true), None) => Self::Answered,
            (_, Some(talk_s)) => Self::Seconds(talk_s),
            (None, None) => Self::Unknown,
        }
    }

    fn packed(self) -> u32 {
        match self {
            Self::Unknown => Self::UNKNOWN,
            Self::Unanswered => Self::UNANSWERED,
            Self::Answered => Self::ANSWERED,
            Self::Seconds(talk_s) => talk_s.min(Self::MOST_SECONDS),
        }
    }

    const fn unpacked(packed: u32) -> Self {
        match packed {
            Self::UNKNOWN => Self::Unknown,
            Self::UNANSWERED => Self::Unanswered,
            Self::ANSWERED => Self::Answered,
            talk_s => Self::Seconds(talk_s),
        }
    }

    /// Returns the seconds, 0 where none are known.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Seconds(talk_s) => talk_s,
            Self::Unknown | Self::Unanswered | Self::Answered => 0,
        }
    }
}

/// One call as the caller's table has it: the target's leg, duplicates left out.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Who was rung, where that was read as a number.
    pub called: Option<PhoneNumber>,
    /// Which number was shown, where that was read as a number.
    pub presented: Option<PhoneNumber>,
    /// Whose number was shown, on the day of the call.
    pub organisations: &'a [OrganisationNo],
    /// When it started, in microseconds of UTC. Kept to the second, from 1970 to 2106.
    pub started_utc: UtcMicros,
    /// Talk time in seconds, where it is known to be talk time.
    pub talk_s: Option<u32>,
    /// Whether it was answered; a talk time of 0 s counts as not, where nothing is said.
    pub answered: Option<bool>,
    /// Who placed it.
    pub account: AccountNo,
    /// Whether it engaged, by the caller's rule: kept for who asks, and no ground for a match.
    pub engaged: bool,
}

/// One call as the store gives it back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoredCall<'a> {
    /// Which one it is.
    pub call: CallNo,
    /// Who was rung.
    pub called: Option<PhoneNumber>,
    /// Which number was shown.
    pub presented: Option<PhoneNumber>,
    /// Whose number was shown.
    pub organisations: &'a [OrganisationNo],
    /// When it started, in microseconds of UTC, to the second.
    pub started_utc: UtcMicros,
    /// What became of it.
    pub talk: Talk,
    /// Who placed it.
    pub account: AccountNo,
    /// Whether it engaged, as it was given.
    pub engaged: bool,
}

/// Position of a call in the order of called number and time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Position(pub(crate) u32);

/// Seconds since 1970, as calls keep them.
pub(crate) type Second = u32;

/// Rounds down to a second that calls can have.
pub(crate) fn second(utc: UtcMicros) -> Second {
    utc.div_euclid(1_000_000).clamp(0, i64::from(u32::MAX)) as u32
}

/// Takes calls in any order and sorts them once.
#[derive(Default)]
pub struct CallsBuilder {
    called: Vec<u64>,
    presented: Vec<u64>,
    started_s: Vec<Second>,
    talk: Vec<u32>,
    account: Vec<u32>,
    shown_as: Vec<u32>,
    sets: OrganisationSets,
}

impl std::fmt::Debug for CallsBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallsBuilder")
            .field("calls", &self.called.len())
            .finish_non_exhaustive()
    }
}

/// The different sets of organisations that calls were shown as: a few hundred in a case.
#[derive(Default, Clone)]
struct OrganisationSets {
    numbers: BTreeMap<Vec<OrganisationNo>, u32>,
    sets: Vec<Vec<OrganisationNo>>,
    /// The set of one organisation, for small numbers: most calls show one.
    ones: Vec<u32>,
}

/// The bit beside a set's number that says that the call engaged: sets are few.
const ENGAGED: u32 = 1 << 31;

/// Organisations up to here have their set looked up without a search.
const ONES: usize = 1 << 16;

impl OrganisationSets {
    fn number(&mut self, organisations: &[OrganisationNo]) -> u32 {
        if let [OrganisationNo(one)] = organisations
            && let Some(&number) = self.ones.get(*one as usize)
            && number != u32::MAX
        {
            return number;
        }
        let mut set = organisations.to_vec();
        set.sort_unstable();
        set.dedup();
        let next = self.sets.len() as u32;
        let number = *self.numbers.entry(set).or_insert_with_key(|set| {
            self.sets.push(set.clone());
            next
        });
        if let [OrganisationNo(one)] = organisations
            && (*one as usize) < ONES
        {
            let one = *one as usize;
            if self.ones.len() <= one {
                self.ones.resize(one + 1, u32::MAX);
            }
            self.ones[one] = number;
        }
        number
    }
}

impl CallsBuilder {
    /// The largest number of calls: positions have 32 bits.
    pub const MOST_CALLS: u32 = u32::MAX - 1;

    /// Makes room for so many calls.
    #[must_use]
    pub fn with_capacity(calls: usize) -> Self {
        Self {
            called: Vec::with_capacity(calls),
            presented: Vec::with_capacity(calls),
            started_s: Vec::with_capacity(calls),
            talk: Vec::with_capacity(calls),
            account: Vec::with_capacity(calls),
            shown_as: Vec::with_capacity(calls),
            sets: OrganisationSets::default(),
        }
    }

    /// Takes one call, and says which it is.
    ///
    /// # Errors
    /// [`MatchError::TooManyCalls`].
    pub fn push(&mut self, call: &Call<'_>) -> Result<CallNo, MatchError> {
        let number = self.called.len();
        if number >= Self::MOST_CALLS as usize {
            return Err(MatchError::TooManyCalls {
                most: Self::MOST_CALLS,
            });
        }
        self.called.push(call.called.map_or(0, PhoneNumber::key));
        self.presented
            .push(call.presented.map_or(0, PhoneNumber::key));
        self.started_s.push(second(call.started_utc));
        self.talk
            .push(Talk::of(call.talk_s, call.answered).packed());
        self.account.push(call.account.0);
        let engaged = if call.engaged { ENGAGED } else { 0 };
        self.shown_as
            .push(self.sets.number(call.organisations) | engaged);
        Ok(CallNo(number as u32))
    }

    /// Sorts the calls by called number and time, and indexes them by presented number and time.
    #[must_use]
    pub fn finish(self) -> Calls {
        let Self {
            called,
            presented,
            started_s,
            talk,
            account,
            shown_as,
            sets,
        } = self;
        let by_called = sort::by_number_and_time(&called, &started_s);
        drop(called);
        let order = by_called.order;
        let started_s = sort::gathered(&started_s, &order);
        let talk = sort::gathered(&talk, &order);
        let account = sort::gathered(&account, &order);
        let shown_as = sort::gathered(&shown_as, &order);
        let presented = sort::gathered(&presented, &order);
        let by_presented = sort::by_number_and_time(&presented, &started_s);
        drop(presented);
        let mut presented_no = vec![0_u32; order.len()];
        for (number, range) in by_presented.ranges.windows(2).enumerate() {
            for &position in &by_presented.order[range[0] as usize..range[1] as usize] {
                presented_no[position as usize] = number as u32;
            }
        }
        let mut calls = Calls {
            called: Numbers {
                keys: by_called.keys,
                ranges: by_called.ranges,
            },
            presented: Numbers {
                keys: by_presented.keys,
                ranges: by_presented.ranges,
            },
            by_presented: by_presented.order,
            call: order,
            started_s,
            talk,
            account,
            shown_as,
            presented_no,
            sets: sets.sets,
            numbers_of: BTreeMap::new(),
        };
        calls.index_organisations();
        calls
    }
}

/// Different numbers in order, and where the calls of each begin.
#[derive(Clone)]
pub(crate) struct Numbers {
    keys: Vec<u64>,
    /// One more than there are keys.
    ranges: Vec<u32>,
}

impl Numbers {
    fn find(&self, number: PhoneNumber) -> Option<u32> {
        let found = self.keys.binary_search(&number.key()).ok()?;
        Some(found as u32)
    }

    fn range(&self, number: u32) -> Range<usize> {
        let at = number as usize;
        self.ranges[at] as usize..self.ranges[at + 1] as usize
    }

    fn number(&self, number: u32) -> Option<PhoneNumber> {
        PhoneNumber::from_key(*self.keys.get(number as usize)?).ok()
    }
}

/// All calls of a case, sorted: 28 bytes a call, 12 for each different called or presented number,
/// and nothing else that grows.
///
/// A call whose called number could not be read stays, and is found by what it presented.
#[derive(Clone)]
pub struct Calls {
    called: Numbers,
    presented: Numbers,
    /// Positions by presented number and time.
    by_presented: Vec<u32>,
    call: Vec<u32>,
    started_s: Vec<Second>,
    talk: Vec<u32>,
    account: Vec<u32>,
    shown_as: Vec<u32>,
    presented_no: Vec<u32>,
    sets: Vec<Vec<OrganisationNo>>,
    /// The presented numbers of an organisation, at any time.
    numbers_of: BTreeMap<OrganisationNo, Vec<u32>>,
}

impl std::fmt::Debug for Calls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calls")
            .field("calls", &self.len())
            .field("called_numbers", &self.called.keys.len())
            .field("presented_numbers", &self.presented.keys.len())
            .finish_non_exhaustive()
    }
}

impl Calls {
    /// Returns how many calls there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.call.len()
    }

    /// Says whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.call.is_empty()
    }

    /// Returns how many different numbers were called.
    #[must_use]
    pub fn called_numbers(&self) -> usize {
        self.called.keys.len() - usize::from(self.called.keys.first() == Some(&0))
    }

    /// Returns the bytes that the store takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let numbers = |n: &Numbers| 8 * n.keys.capacity() + 4 * n.ranges.capacity();
        let columns = [
            &self.by_presented,
            &self.call,
            &self.started_s,
            &self.talk,
            &self.account,
            &self.shown_as,
            &self.presented_no,
        ];
        numbers(&self.called)
            + numbers(&self.presented)
            + columns.iter().map(|c| 4 * c.capacity()).sum::<usize>()
    }

    fn index_organisations(&mut self) {
        let mut pairs = Vec::new();
        for number in 0..self.presented.keys.len() as u32 {
            let mut last = u32::MAX;
            for &position in &self.by_presented[self.presented.range(number)] {
                let set = self.set_of(Position(position));
                if set != last {
                    last = set;
                    pairs.extend(self.sets[set as usize].iter().map(|&one| (one, number)));
                }
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        for (organisation, number) in pairs {
            self.numbers_of
                .entry(organisation)
                .or_default()
                .push(number);
        }
    }

    /// Returns the calls to a number, by time.
    pub(crate) fn to(&self, called: PhoneNumber) -> Range<u32> {
        self.called.find(called).map_or(0..0, |number| {
            let range = self.called.range(number);
            range.start as u32..range.end as u32
        })
    }

    /// Returns the calls to a number that started in a span, both ends included.
    pub(crate) fn to_within(&self, called: PhoneNumber, span: (Second, Second)) -> Range<u32> {
        let all = self.to(called);
        let times = &self.started_s[all.start as usize..all.end as usize];
        let from = times.partition_point(|&t| t < span.0) as u32;
        let to = times.partition_point(|&t| t <= span.1) as u32;
        all.start + from..all.start + to.max(from)
    }

    /// Returns the calls of a span that showed a number, by time.
    pub(crate) fn presenting_within(
        &self,
        presented: PhoneNumber,
        span: (Second, Second),
    ) -> &[u32] {
        self.presented
            .find(presented)
            .map_or(&[], |number| self.presented_within(number, span))
    }

    fn presented_within(&self, number: u32, span: (Second, Second)) -> &[u32] {
        let all = &self.by_presented[self.presented.range(number)];
        let time = |&position: &u32| self.started_s[position as usize];
        let from = all.partition_point(|p| time(p) < span.0);
        let to = all.partition_point(|p| time(p) <= span.1);
        &all[from..to.max(from)]
    }

    /// Returns the calls of a span that showed a number of an organisation's on that day.
    pub(crate) fn shown_as_within(
        &self,
        organisation: OrganisationNo,
        span: (Second, Second),
    ) -> impl Iterator<Item = Position> {
        let numbers = self.numbers_of.get(&organisation).map_or(&[][..], |n| n);
        numbers
            .iter()
            .flat_map(move |&number| self.presented_within(number, span))
            .map(|&position| Position(position))
            .filter(move |&at| self.organisations(at).contains(&organisation))
    }

    /// Returns how many calls showed a number.
    pub(crate) fn presenting(&self, presented: PhoneNumber) -> usize {
        self.presented
            .find(presented)
            .map_or(0, |number| self.presented.range(number).len())
    }

    pub(crate) fn organisations(&self, at: Position) -> &[OrganisationNo] {
        &self.sets[self.set_of(at) as usize]
    }

    /// Returns the different sets of organisations, with how many calls showed each.
    pub(crate) fn organisation_sets(&self) -> impl Iterator<Item = (&[OrganisationNo], u64)> {
        let mut counts = vec![0_u64; self.sets.len()];
        for &set in &self.shown_as {
            counts[(set & !ENGAGED) as usize] += 1;
        }
        self.sets.iter().map(Vec::as_slice).zip(counts)
    }

    pub(crate) fn started_s(&self, at: Position) -> Second {
        self.started_s[at.0 as usize]
    }

    pub(crate) fn all_started_s(&self) -> &[Second] {
        &self.started_s
    }

    pub(crate) fn talk(&self, at: Position) -> Talk {
        Talk::unpacked(self.talk[at.0 as usize])
    }

    pub(crate) fn talks(&self) -> impl Iterator<Item = Talk> {
        self.talk.iter().map(|&packed| Talk::unpacked(packed))
    }

    pub(crate) fn account(&self, at: Position) -> AccountNo {
        AccountNo(self.account[at.0 as usize])
    }

    pub(crate) fn call(&self, at: Position) -> CallNo {
        CallNo(self.call[at.0 as usize])
    }

    pub(crate) fn presented(&self, at: Position) -> Option<PhoneNumber> {
        self.presented.number(self.presented_no[at.0 as usize])
    }

    /// Returns the number that a call went to: a search among the different numbers.
    pub(crate) fn called(&self, at: Position) -> Option<PhoneNumber> {
        let number = self.called.ranges.partition_point(|&start| start <= at.0);
        self.called.number(number.checked_sub(1)? as u32)
    }

    /// Returns some of the called numbers, spread evenly over all.
    pub(crate) fn sample_called(&self, most: usize) -> Vec<PhoneNumber> {
        let step = self.called.keys.len().div_ceil(most.max(1)).max(1);
        let taken = self.called.keys.iter().step_by(step);
        taken
            .filter_map(|&key| PhoneNumber::from_key(key).ok())
            .collect()
    }

    pub(crate) fn stored(&self, at: Position) -> StoredCall<'_> {
        StoredCall {
            call: self.call(at),
            called: self.called(at),
            presented: self.presented(at),
            organisations: self.organisations(at),
            started_utc: i64::from(self.started_s(at)) * 1_000_000,
            talk: self.talk(at),
            account: self.account(at),
            engaged: self.shown_as[at.0 as usize] & ENGAGED != 0,
        }
    }

    fn set_of(&self, at: Position) -> u32 {
        self.shown_as[at.0 as usize] & !ENGAGED
    }

    /// Returns all calls to a number, by time.
    pub fn calls_to(&self, called: PhoneNumber) -> impl Iterator<Item = StoredCall<'_>> {
        self.to(called).map(|at| self.stored(Position(at)))
    }

    /// Returns every number that was shown and could be read, in order, with its calls by time.
    pub fn by_presented(
        &self,
    ) -> impl Iterator<
        Item = (
            PhoneNumber,
            impl ExactSizeIterator<Item = StoredCall<'_>> + Clone,
        ),
    > {
        let numbers = 0..self.presented.keys.len() as u32;
        numbers.filter_map(|number| {
            let presented = self.presented.number(number)?;
            let positions = &self.by_presented[self.presented.range(number)];
            let calls = positions.iter().map(|&at| self.stored(Position(at)));
            Some((presented, calls))
        })
    }
}
