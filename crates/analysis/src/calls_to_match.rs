//! The counted call attempts as matching takes them, and the way back from a call to its row.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::Array;
use camino::Utf8Path;
use unspoof_matching::{AccountNo, Call, CallNo, Calls, CallsBuilder, OrganisationNo};
use unspoof_numbers::PhoneNumber;

use crate::AnalysisError;
use crate::accounts::Place;
use crate::ordered::in_order;
use crate::parts::{Columns, read_row_group, row_count, row_groups};
use crate::told::ToldBy;

/// Stands for a call of no known account.
pub(crate) const NO_ACCOUNT: u32 = u32::MAX;

/// All attempts with a start, in the order of the rows of `spoofed_calls`.
pub(crate) struct CallsToMatch {
    pub(crate) calls: Calls,
    /// The number of the first call of each row group.
    firsts: Vec<u32>,
}

/// Where a call stands, and of which system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CallPlace {
    pub(crate) source: Arc<str>,
    pub(crate) place: Place,
}

/// One group's calls; organisations of all of them in one list.
#[derive(Default)]
struct GroupCalls {
    calls: Vec<GroupCall>,
    organisations: Vec<OrganisationNo>,
}

struct GroupCall {
    called: Option<PhoneNumber>,
    presented: Option<PhoneNumber>,
    started_us: i64,
    talk_s: Option<u32>,
    answered: Option<bool>,
    account_no: u32,
    engaged: bool,
    organisations: (u32, u32),
}

const COLUMNS: [&str; 10] = [
    "engaged",
    "called_e164",
    "presented_e164",
    "started_utc",
    "talk_s",
    "answered",
    "account_no",
    "attempt",
    "organisation_no",
    "match_no",
];

/// Makes a number of a column's value.
pub(crate) fn phone(key: i64) -> Option<PhoneNumber> {
    PhoneNumber::from_key(u64::try_from(key).ok()?).ok()
}

/// Tells the rows that are the first of an attempt with a start.
fn starts(columns: &Columns) -> Result<impl Fn(usize) -> bool + '_, AnalysisError> {
    let (attempt, matches) = (columns.flag("attempt")?, columns.small("match_no")?);
    let started = columns.time("started_utc")?;
    Ok(move |row: usize| attempt.value(row) && matches.value(row) <= 1 && started.is_valid(row))
}

impl CallsToMatch {
    /// Reads `spoofed_calls`: an attempt that showed several organisations' number is one call. An
    /// attempt whose start could not be read cannot be near any report's day and is left out.
    pub(crate) fn read(spoofed: &Utf8Path, workers: usize) -> Result<Self, AnalysisError> {
        let groups = row_groups(spoofed)?;
        let rows = usize::try_from(row_count(spoofed)?).unwrap_or(0);
        let mut builder = CallsBuilder::with_capacity(rows);
        let mut firsts = Vec::with_capacity(groups);
        let mut pushed = 0;
        let read = |group: usize| group_calls(&read_row_group(spoofed, &COLUMNS, group)?);
        in_order(groups, workers, read, |_, group: GroupCalls| {
            firsts.push(pushed);
            for call in &group.calls {
                let (from, to) = call.organisations;
                let call = Call {
                    called: call.called,
                    presented: call.presented,
                    organisations: &group.organisations[from as usize..to as usize],
                    started_utc: call.started_us,
                    talk_s: call.talk_s,
                    answered: call.answered,
                    account: AccountNo(call.account_no),
                    engaged: call.engaged,
                };
                pushed = builder.push(&call).map_err(AnalysisError::matching)?.0 + 1;
            }
            Ok(())
        })?;
        Ok(Self {
            calls: builder.finish(),
            firsts,
        })
    }

    /// Counts, by account, the different numbers with an exact or probable loss that it engaged.
    pub(crate) fn reported_numbers(&self, told: &ToldBy, accounts: usize) -> Vec<u32> {
        let mut counts = vec![0; accounts];
        for (&number, told) in &told.numbers {
            let counts_here = told.losses[0] + told.losses[1] > 0;
            let Some(number) = phone(number).filter(|_| counts_here) else {
                continue;
            };
            let calls = self.calls.calls_to(number).filter(|call| call.engaged);
            let mut engaging: Vec<u32> = calls.map(|call| call.account.0).collect();
            engaging.sort_unstable();
            engaging.dedup();
            for account_no in engaging {
                if let Some(count) = counts.get_mut(account_no as usize) {
                    *count += 1;
                }
            }
        }
        counts
    }

    /// Finds where calls stand.
    pub(crate) fn places(
        &self,
        spoofed: &Utf8Path,
        wanted: impl IntoIterator<Item = CallNo>,
        workers: usize,
    ) -> Result<BTreeMap<u32, CallPlace>, AnalysisError> {
        let mut by_group: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for CallNo(number) in wanted {
            let group = self.firsts.partition_point(|&first| first <= number) - 1;
            by_group.entry(group).or_default().push(number);
        }
        let mut groups: Vec<(usize, Vec<u32>)> = by_group.into_iter().collect();
        for (_, numbers) in &mut groups {
            numbers.sort_unstable();
            numbers.dedup();
        }
        let mut places = BTreeMap::new();
        let find = |at: usize| {
            let (group, numbers) = &groups[at];
            group_places(spoofed, *group, self.firsts[*group], numbers)
        };
        in_order(groups.len(), workers, find, |_, found| {
            places.extend(found);
            Ok(())
        })?;
        Ok(places)
    }
}

fn group_calls(columns: &Columns) -> Result<GroupCalls, AnalysisError> {
    let starts = starts(columns)?;
    let (called, shown) = (columns.int("called_e164")?, columns.int("presented_e164")?);
    let (started, talk) = (columns.time("started_utc")?, columns.int("talk_s")?);
    let (answered, accounts) = (columns.flag("answered")?, columns.small("account_no")?);
    let organisations = columns.small("organisation_no")?;
    let matches = columns.small("match_no")?;
    let engaged = columns.flag("engaged")?;
    let mut made = GroupCalls::default();
    made.calls.reserve(called.len());
    for row in 0..called.len() {
        if !starts(row) {
            continue;
        }
        let from = made.organisations.len() as u32;
        // Rows of one attempt follow each other, numbered from 1.
        let of_call = (row..called.len())
            .zip(1_u32..)
            .take_while(|&(at, number)| matches.value(at) == number);
        made.organisations.extend(
            of_call
                .filter(|(at, _)| organisations.is_valid(*at))
                .map(|(at, _)| OrganisationNo(organisations.value(at))),
        );
        let talk_s = talk
            .is_valid(row)
            .then(|| u32::try_from(talk.value(row).max(0)).unwrap_or(u32::MAX));
        let is_answered = answered.value(row);
        made.calls.push(GroupCall {
            called: called
                .is_valid(row)
                .then(|| phone(called.value(row)))
                .flatten(),
            presented: shown
                .is_valid(row)
                .then(|| phone(shown.value(row)))
                .flatten(),
            started_us: started.value(row),
            talk_s,
            // Talk on a call that no record says was answered speaks for itself.
            answered: (is_answered || talk_s.is_none_or(|s| s == 0)).then_some(is_answered),
            account_no: if accounts.is_valid(row) {
                accounts.value(row)
            } else {
                NO_ACCOUNT
            },
            engaged: engaged.value(row),
            organisations: (from, made.organisations.len() as u32),
        });
    }
    Ok(made)
}

fn group_places(
    spoofed: &Utf8Path,
    group: usize,
    first: u32,
    numbers: &[u32],
) -> Result<Vec<(u32, CallPlace)>, AnalysisError> {
    let wanted = [
        "attempt",
        "match_no",
        "started_utc",
        "source",
        "exhibit",
        "stream",
        "byte_offset",
        "byte_len",
    ];
    let columns = read_row_group(spoofed, &wanted, group)?;
    let starts = starts(&columns)?;
    let (sources, exhibits) = (columns.text("source")?, columns.text("exhibit")?);
    let (streams, offsets) = (columns.small("stream")?, columns.count("byte_offset")?);
    let lens = columns.small("byte_len")?;
    let mut found = Vec::with_capacity(numbers.len());
    let mut numbers = numbers.iter().peekable();
    let rows = (0..sources.len()).filter(|&row| starts(row));
    for (row, number) in rows.zip(first..) {
        if numbers.next_if(|wanted| **wanted == number).is_some() {
            let place = CallPlace {
                source: sources.value(row).into(),
                place: Place {
                    exhibit: exhibits.value(row).into(),
                    stream: streams.value(row),
                    byte_offset: offsets.value(row),
                    byte_len: lens.value(row),
                },
            };
            found.push((number, place));
        }
    }
    Ok(found)
}
