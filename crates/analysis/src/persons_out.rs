//! `derived/persons.parquet`, `person_accounts.parquet` and `person_links.parquet`: who is taken
//! for one person, and each piece of evidence with its bits.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::Sha256Hash;
use unspoof_persons::{Finding, Outcome, OutcomeReason, Overlap, Pair, Person, Persons};

use crate::AnalysisError;
use crate::accounts::Accounts;
use crate::contacts::{Gathered, Standing};
use crate::figures::{Figure, as_value, figure, places_sha256};
use crate::identified::IdentifiedAccounts;
use crate::ordered::in_order;
use crate::persons_table::{Linked, Seen};
use crate::suspects::{SuspectRows, with_person_facts};
use crate::whole_table::WholeTable;
use crate::write::TableWriter;

/// What is kept of a person for other tables and figures.
pub(crate) struct PersonFacts<'a> {
    pub(crate) person: &'a Person,
    pub(crate) seen: Seen,
    /// Possible links to accounts of others.
    possible: u32,
    /// Of these, the ones held back although their evidence would do.
    held_back: u32,
    /// Its place among all persons.
    number: u32,
}

/// One account of a person.
struct Member<'a> {
    person: &'a Person,
    account_no: u32,
    seen: Seen,
}

/// One piece of evidence of one pair of accounts.
struct Evidence<'a> {
    pair: &'a Pair,
    people: (&'a Person, &'a Person),
    merge_no: Option<u32>,
    item: Option<unspoof_persons::Item>,
}

/// Writes the three tables; a person's name comes from its accounts' keys alone.
pub(crate) fn write_persons(
    linked: &Linked,
    accounts: &Accounts,
    gathered: &Gathered<'_>,
    (suspects, standing, identified): (&SuspectRows, &Standing, &IdentifiedAccounts),
    workers: usize,
    path_of: &dyn Fn(&str) -> Utf8PathBuf,
) -> Result<(), AnalysisError> {
    let persons = &linked.persons;
    let seen: Vec<Seen> = linked
        .seen
        .iter()
        .enumerate()
        .map(|(account_no, seen)| {
            let (first_us, last_us) = gathered.span_of(account_no);
            let mut seen = *seen;
            seen.add(first_us, last_us);
            seen
        })
        .collect();
    let mut facts: Vec<PersonFacts<'_>> = Vec::with_capacity(persons.persons().len());
    let mut members: Vec<Member<'_>> = Vec::with_capacity(accounts.all.len());
    let mut number_of = vec![0_usize; accounts.all.len()];
    for person in persons.persons() {
        let mut all = Seen::default();
        for &account_no in &person.members {
            let of_account = seen[account_no as usize];
            all.add(of_account.first_us, of_account.last_us);
            number_of[account_no as usize] = facts.len();
            members.push(Member {
                person,
                account_no,
                seen: of_account,
            });
        }
        facts.push(PersonFacts {
            person,
            seen: all,
            possible: 0,
            held_back: 0,
            number: facts.len() as u32,
        });
    }
    for pair in persons.pairs() {
        let (a, b) = (number_of[pair.a as usize], number_of[pair.b as usize]);
        if pair.outcome == Outcome::Possible && a != b {
            for one in [a, b] {
                facts[one].possible += 1;
                facts[one].held_back += u32::from(pair.reason == OutcomeReason::HeldBack);
            }
        }
    }
    write_facts(
        &facts,
        (suspects, standing, identified),
        &path_of("persons"),
    )?;
    members.sort_by_key(|member| member.account_no);
    WholeTable::of(&members)
        .text("person_id", |row| Some(row.person.id.as_str()))
        .small("account_no", |row| Some(row.account_no))
        .text("source", |row| {
            Some(&accounts.all[row.account_no as usize].source)
        })
        .text("account_id", |row| {
            Some(&accounts.all[row.account_no as usize].account_id)
        })
        .text("role", |row| {
            Some(&accounts.all[row.account_no as usize].role)
        })
        .time("first_utc", |row| row.seen.first_us)
        .time("last_utc", |row| row.seen.last_us)
        .write(&path_of("person_accounts"))?;
    write_links(persons, accounts, workers, &path_of("person_links"))
}

fn write_facts(
    facts: &[PersonFacts<'_>],
    (suspects, standing, identified): (&SuspectRows, &Standing, &IdentifiedAccounts),
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    let table = WholeTable::of(facts)
        .text("person_id", |row| Some(row.person.id.as_str()))
        .small("accounts", |row| {
            u32::try_from(row.person.members.len()).ok()
        })
        .flag("several_persons", |row| Some(row.person.several_persons))
        .time("first_utc", |row| row.seen.first_us)
        .time("last_utc", |row| row.seen.last_us)
        .small("possible_links", |row| Some(row.possible))
        .small("held_back_links", |row| Some(row.held_back));
    // Persons and their facts come in one order.
    with_person_facts(table, suspects, standing, identified, |row| row.number).write(path)
}

/// Pairs whose evidence is held at a time.
const PAIRS_AT_A_TIME: usize = 8_192;
/// Evidence below this says nothing: it is left out of the table.
const LEAST_BITS: f64 = 0.005;

fn write_links(
    persons: &Persons,
    accounts: &Accounts,
    workers: usize,
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    let merges: BTreeMap<(u32, u32), u32> = persons
        .merges()
        .iter()
        .zip(1..)
        .map(|(merge, number)| ((merge.a, merge.b), number))
        .collect();
    let kept: Vec<&Pair> = persons
        .pairs()
        .iter()
        .filter(|pair| pair.outcome != Outcome::Different || pair.reason == OutcomeReason::Judged)
        .collect();
    let chunks: Vec<&[&Pair]> = kept.chunks(PAIRS_AT_A_TIME).collect();
    let make = |at: usize| Ok(links_batch(persons, accounts, &merges, chunks[at]));
    let none = links_batch(persons, accounts, &merges, &[]);
    let mut writer = TableWriter::create(path, none.schema())?;
    in_order(chunks.len(), workers, make, |_, batch| writer.write(batch))?;
    writer.finish().map(drop)
}

fn links_batch(
    persons: &Persons,
    accounts: &Accounts,
    merges: &BTreeMap<(u32, u32), u32>,
    pairs: &[&Pair],
) -> RecordBatch {
    let mut rows: Vec<Evidence<'_>> = Vec::new();
    for &pair in pairs {
        let Some(people) = persons.person_of(pair.a).zip(persons.person_of(pair.b)) else {
            continue;
        };
        let new = |item| Evidence {
            pair,
            people,
            merge_no: merges.get(&(pair.a, pair.b)).copied(),
            item,
        };
        let mut items = persons.evidence(pair.a, pair.b);
        items.retain(|item| item.bits.abs() >= LEAST_BITS);
        if items.is_empty() {
            rows.push(new(None));
        }
        rows.extend(items.into_iter().map(|item| new(Some(item))));
    }
    let of = |place: u32| &accounts.all[place as usize];
    let shared = |row: &Evidence<'_>| match row.item.as_ref().map(|item| &item.finding) {
        Some(Finding::Shared {
            accounts, persons, ..
        }) => Some((*accounts, *persons)),
        Some(Finding::Alike | Finding::NoneShared) | None => None,
    };
    WholeTable::of(&rows)
        .text("person_id", |row| Some(row.people.0.id.as_str()))
        .text("other_person_id", |row| Some(row.people.1.id.as_str()))
        .small("account_no", |row| Some(row.pair.a))
        .small("other_account_no", |row| Some(row.pair.b))
        .text("source", |row| Some(&of(row.pair.a).source))
        .text("account_id", |row| Some(&of(row.pair.a).account_id))
        .text("other_source", |row| Some(&of(row.pair.b).source))
        .text("other_account_id", |row| Some(&of(row.pair.b).account_id))
        .text("outcome", |row| Some(outcome(row.pair.outcome)))
        .text("outcome_by", |row| Some(outcome_by(row.pair.reason)))
        .bits("odds_bits", |row| Some(row.pair.odds_bits))
        .small("merge_no", |row| row.merge_no)
        .text("evidence", |row| {
            row.item.as_ref().map(|item| item.kind.name())
        })
        .text("finding", |row| {
            row.item.as_ref().map(|item| match item.finding {
                Finding::Shared { .. } => "shared",
                Finding::Alike => "alike",
                Finding::NoneShared => "none-shared",
            })
        })
        .text("value", |row| {
            match row.item.as_ref().map(|item| &item.finding) {
                Some(Finding::Shared { value, .. }) => Some(value.reveal()),
                Some(Finding::Alike | Finding::NoneShared) | None => None,
            }
        })
        .small("value_accounts", |row| {
            shared(row).map(|(accounts, _)| accounts)
        })
        .small("value_persons", |row| {
            shared(row).map(|(_, persons)| persons)
        })
        .text("times", |row| {
            match row.item.as_ref().map(|item| &item.finding) {
                Some(Finding::Shared { overlap, .. }) => Some(times(*overlap)),
                Some(Finding::Alike | Finding::NoneShared) | None => None,
            }
        })
        .bits("bits", |row| row.item.as_ref().map(|item| item.bits))
        .batch()
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Same => "same",
        Outcome::Possible => "possible",
        Outcome::Different => "different",
    }
}

const fn outcome_by(reason: OutcomeReason) -> &'static str {
    match reason {
        OutcomeReason::Evidence => "evidence",
        OutcomeReason::HeldBack => "held-back",
        OutcomeReason::Judged => "judged",
        OutcomeReason::SeveralPersons => "several-persons",
    }
}

const fn times(overlap: Overlap) -> &'static str {
    match overlap {
        Overlap::SameHour => "same-hour",
        Overlap::SameDay => "same-day",
        Overlap::Spans => "spans-overlap",
        Overlap::Apart => "apart",
        Overlap::Unknown => "unknown",
        Overlap::SameDomain => "same-domain",
        Overlap::OtherDomain => "other-domain",
    }
}

/// Figures on persons. Rows behind them are the accounts' own.
pub(crate) fn person_figures(
    linked: &Linked,
    accounts: &Accounts,
    sha256_of: &BTreeMap<String, Sha256Hash>,
) -> Vec<Figure> {
    let customers = |person: &&Person| {
        let mut members = person.members.iter();
        members.any(|&place| {
            let account = &accounts.all[place as usize];
            account.place.is_some() && !account.is_test()
        })
    };
    let all: Vec<&Person> = linked.persons.persons().iter().filter(customers).collect();
    let several: Vec<&Person> = all
        .iter()
        .copied()
        .filter(|person| person.members.len() > 1)
        .collect();
    let told = "taken for one person's by what they share; nobody has identified anybody";
    [
        (
            "persons",
            all,
            format!("groups of registered accounts {told}; staff and police tests left out"),
        ),
        (
            "persons_with_several_accounts",
            several,
            format!("groups of two accounts or more {told}"),
        ),
    ]
    .into_iter()
    .map(|(id, persons, definition)| {
        let members = persons.iter().flat_map(|person| &person.members);
        let places = members.filter_map(|&place| accounts.all[place as usize].place.as_ref());
        let (_, hash) = places_sha256(places, sha256_of);
        figure(
            id,
            as_value(persons.len() as u64),
            "persons",
            &definition,
            hash,
        )
    })
    .collect()
}
