//! Accounts, and the persons that they are taken for, with their facts and ranks.
//!
//! The tables' name is not a verdict: whoever held an account is unassessed until a named person
//! records otherwise.

use std::collections::BTreeMap;

use camino::Utf8Path;
use unspoof_model::Region;
use unspoof_persons::Outcome;
use unspoof_ranking::{
    AccountKey, CountryFile, Fact as _, Facts, HomeEvidence, HomeFinding, HomeWeights, SuspectFact,
    SuspectKey, Suspects,
};

use crate::AnalysisError;
use crate::accounts::{Account, Accounts};
use crate::contacts::{AccountCalls, Gathered, Standing};
use crate::identified::IdentifiedAccounts;
use crate::persons_table::Linked;
use crate::told::{Told, ToldBy};
use crate::whole_table::WholeTable;

const DAY_US: i64 = 86_400_000_000;

/// What nobody has recorded anything else of.
pub(crate) const UNASSESSED: &str = "unassessed";

/// All that suspects are counted by.
pub(crate) struct SuspectGround<'a> {
    pub(crate) accounts: &'a Accounts,
    pub(crate) linked: &'a Linked,
    pub(crate) gathered: &'a Gathered<'a>,
    pub(crate) told: &'a ToldBy,
    pub(crate) home: &'a [Region],
    pub(crate) countries: Option<&'a CountryFile>,
}

/// One row: an account, or the accounts of one person.
pub(crate) struct Suspect {
    /// By `account_no`.
    pub(crate) members: Vec<u32>,
    pub(crate) calls: AccountCalls,
    pub(crate) home: HomeFinding,
}

/// Rows with their facts, in one order.
pub(crate) struct SuspectRows {
    pub(crate) rows: Vec<Suspect>,
    pub(crate) table: Suspects,
}

impl SuspectGround<'_> {
    /// Counts the facts of every account.
    pub(crate) fn of_accounts(&self) -> Result<SuspectRows, AnalysisError> {
        let all = 0..self.accounts.all.len() as u32;
        self.rows(all.map(|account_no| vec![account_no]))
    }

    /// Counts the facts of every person, in the order of [`unspoof_persons::Persons::persons`].
    pub(crate) fn of_persons(&self) -> Result<SuspectRows, AnalysisError> {
        let persons = self.linked.persons.persons().iter();
        self.rows(persons.map(|person| person.members.clone()))
    }

    fn rows(&self, groups: impl Iterator<Item = Vec<u32>>) -> Result<SuspectRows, AnalysisError> {
        let possible = self.possible_links();
        let mut made = SuspectRows {
            rows: Vec::new(),
            table: Suspects::new(),
        };
        for members in groups {
            let mut calls = AccountCalls::default();
            for &account_no in &members {
                calls.add(&self.gathered.accounts[account_no as usize]);
            }
            let home = self.home_of(&members)?;
            let facts = self.facts(&members, &calls, &home, &possible);
            let account = |&no: &u32| {
                let account = &self.accounts.all[no as usize];
                AccountKey {
                    source: account.source.clone(),
                    account_id: account.account_id.clone(),
                }
            };
            let key = SuspectKey::new(members.iter().map(account));
            made.table
                .push(key, &facts)
                .map_err(AnalysisError::ranking)?;
            made.rows.push(Suspect {
                members,
                calls,
                home,
            });
        }
        Ok(made)
    }

    /// Returns, by account, the accounts that may be the same person's.
    fn possible_links(&self) -> BTreeMap<u32, Vec<u32>> {
        let mut links: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for pair in self.linked.persons.pairs() {
            if pair.outcome == Outcome::Possible {
                links.entry(pair.a).or_default().push(pair.b);
                links.entry(pair.b).or_default().push(pair.a);
            }
        }
        links
    }

    fn facts(
        &self,
        members: &[u32],
        calls: &AccountCalls,
        home: &HomeFinding,
        possible: &BTreeMap<u32, Vec<u32>>,
    ) -> Facts<SuspectFact> {
        use SuspectFact as Of;
        let mut others: Vec<u32> = members
            .iter()
            .filter_map(|account_no| possible.get(account_no))
            .flatten()
            .copied()
            .filter(|other| !members.contains(other))
            .collect();
        others.sort_unstable();
        others.dedup();
        let accounts = || members.iter().map(|&no| &self.accounts.all[no as usize]);
        let count = |of: i64| u64::try_from(of).unwrap_or(0);
        let sum = |of: &dyn Fn(&Account) -> u64| accounts().map(of).fold(0, u64::saturating_add);
        let is_role = |role: &str| u64::from(accounts().any(|account| account.role == role));
        let mut told = Told::default();
        for one in members.iter().filter_map(|no| self.told.accounts.get(no)) {
            for (all, more) in told.losses.iter_mut().zip(one.losses) {
                *all = all.saturating_add(more);
            }
            for (all, more) in told.sums_minor.iter_mut().zip(one.sums_minor) {
                *all = all.saturating_add(more);
            }
        }
        let last = calls.last_us.unwrap_or(self.gathered.end_us);
        let before_end = self.gathered.end_us.saturating_sub(last).max(0) / DAY_US;
        let mut facts = Facts::new();
        facts
            .set(Of::Accounts, members.len() as u64)
            .set(Of::PossibleAccounts, others.len() as u64)
            .set(Of::Payments, sum(&|account| account.payments))
            .set(Of::PaidMinor, sum(&|account| count(account.paid_minor)))
            .set(Of::Calls, count(calls.calls))
            .set(Of::EngagedCalls, count(calls.engaged))
            .set(Of::EngagedNumbers, count(calls.numbers_engaged))
            .set(Of::EngagedHomeNumbers, count(calls.home_numbers_engaged))
            .set(
                Of::NumbersAsOrganisation,
                count(calls.numbers_as_organisation),
            )
            .set(
                Of::Organisations,
                self.gathered.organisations.count(members),
            )
            .set(Of::CodesCaptured, count(calls.codes))
            .set(
                Of::ShortThenLongNumbers,
                count(calls.short_then_long_numbers),
            )
            .set(Of::CalledBackNumbers, count(calls.called_back_numbers))
            .set(Of::TalkS, count(calls.talk_s))
            .set(
                Of::CallsToOrganisations,
                count(calls.calls_to_organisations),
            )
            .set(Of::ReportsExact, told.losses[0].into())
            .set(Of::ReportsProbable, told.losses[1].into())
            .set(Of::ReportsPossible, told.losses[2].into())
            .set(Of::LossesExactMinor, told.sums_minor[0])
            .set(Of::LossesProbableMinor, told.sums_minor[1])
            .set(Of::ActiveDays, self.gathered.days.count(members))
            .set(Of::DaysBeforeEnd, count(before_end))
            .set(Of::HomeConfidencePct, home.confidence_pct(self.home).into())
            .set(Of::Reseller, is_role("reseller"))
            .set(Of::Staff, is_role("staff"))
            .set(Of::PoliceTest, is_role("police-test"));
        facts
    }

    /// Weighs where the accounts' holder seems to live.
    fn home_of(&self, members: &[u32]) -> Result<HomeFinding, AnalysisError> {
        let accounts = members.iter().map(|&no| &self.accounts.all[no as usize]);
        let mut regions = accounts.filter_map(|account| account.phone_region.as_deref());
        let telephone: Option<Region> = regions.find_map(|region| region.parse().ok());
        let mut addresses: BTreeMap<Region, u32> = BTreeMap::new();
        if let Some(countries) = self.countries {
            let mut seen: Vec<&str> = members
                .iter()
                .flat_map(|&no| self.linked.addresses_of(no))
                .collect();
            seen.sort_unstable();
            seen.dedup();
            for address in seen {
                let Ok(address) = address.parse() else {
                    continue;
                };
                let found = countries
                    .country(address)
                    .map_err(AnalysisError::countries)?;
                if let Some(region) = found {
                    *addresses.entry(region).or_default() += 1;
                }
            }
        }
        let hours = self.gathered.hours.iter().map(|(region, _, hours)| {
            let mut of = hours.of(members);
            for &no in members {
                for (sum, more) in of.iter_mut().zip(self.linked.hours_of(*region, no)) {
                    *sum = sum.saturating_add(more);
                }
            }
            (*region, of)
        });
        let evidence = HomeEvidence {
            telephone,
            addresses,
            hours: hours.collect(),
        };
        Ok(evidence.weigh(&HomeWeights::default()))
    }
}

/// What people have recorded of accounts' holders.
pub(crate) fn holder(members: &[u32], identified: &IdentifiedAccounts) -> &'static str {
    let all = members.iter().all(|&no| identified.has(Some(no)));
    let any = members.iter().any(|&no| identified.has(Some(no)));
    match (all, any) {
        (true, _) => "identified",
        (false, true) => "identified-in-part",
        (false, false) => UNASSESSED,
    }
}

/// One row as it is written.
struct Written<'a> {
    suspect: &'a Suspect,
    row: u32,
    account: &'a Account,
}

/// Facts, ranks and what speaks for a home, after the columns that tables begin with.
fn with_facts<'a, R>(
    table: WholeTable<'a, R>,
    suspects: &'a SuspectRows,
    standing: &'a Standing,
    left_out: &[SuspectFact],
    row_of: impl Fn(&R) -> u32 + Copy,
) -> WholeTable<'a, R> {
    let mut table = table;
    for &fact in SuspectFact::ALL {
        if left_out.contains(&fact) {
            continue;
        }
        table = table.int(fact.name(), move |row| {
            i64::try_from(suspects.table.get(row_of(row), fact)).ok()
        });
    }
    let best = move |row: &R| suspects.rows[row_of(row) as usize].home.candidates.first();
    let bits = |milli: i64| milli as f64 / 1000.0;
    table
        .text("seems_at_home_in", move |row| {
            best(row).map(|one| one.region.as_str())
        })
        .bits("home_telephone_bits", move |row| {
            best(row).map(|one| bits(one.telephone_milli_bits))
        })
        .bits("home_addresses_bits", move |row| {
            best(row).map(|one| bits(one.addresses_milli_bits))
        })
        .bits("home_hours_bits", move |row| {
            best(row).map(|one| bits(one.hours_milli_bits))
        })
        .int("points_milli", move |row| {
            Some(standing.milli[row_of(row) as usize])
        })
        .int("rank", move |row| {
            Some(standing.rank[row_of(row) as usize].into())
        })
}

/// Writes `suspects`, one row an account, in the order of source and id.
pub(crate) fn write_suspects(
    ground: &SuspectGround<'_>,
    suspects: &SuspectRows,
    standing: &Standing,
    identified: &IdentifiedAccounts,
    path: &Utf8Path,
) -> Result<(), AnalysisError> {
    let rows: Vec<Written<'_>> = suspects
        .rows
        .iter()
        .zip(0..)
        .zip(&ground.accounts.all)
        .map(|((suspect, row), account)| Written {
            suspect,
            row,
            account,
        })
        .collect();
    let table = WholeTable::of(&rows)
        .small("account_no", |row| Some(row.row))
        .text("source", |row| Some(&row.account.source))
        .text("account_id", |row| Some(&row.account.account_id))
        .text("person_id", |row| {
            Some(ground.linked.persons.person_of(row.row)?.id.as_str())
        })
        .text("role", |row| Some(&row.account.role))
        .text("username", |row| row.account.username.as_deref())
        .text("email", |row| row.account.email.as_deref())
        .int("phone_e164", |row| row.account.phone_e164)
        .text("phone_region", |row| row.account.phone_region.as_deref())
        .flag("priority", |row| Some(row.account.is_priority))
        .text("holder", |row| {
            Some(holder(&row.suspect.members, identified))
        })
        .int("answered_calls", |row| Some(row.suspect.calls.answered))
        .int("numbers_called", |row| {
            Some(row.suspect.calls.numbers_called)
        })
        .int("spoofed_calls", |row| Some(row.suspect.calls.spoofed))
        .time("first_utc", |row| row.suspect.calls.first_us)
        .time("last_utc", |row| row.suspect.calls.last_us);
    let left_out = [SuspectFact::Accounts];
    with_facts(table, suspects, standing, &left_out, |row| row.row).write(path)
}

/// Adds a person's facts to the table that tells of persons; rows are persons by their place.
pub(crate) fn with_person_facts<'a, R>(
    table: WholeTable<'a, R>,
    suspects: &'a SuspectRows,
    standing: &'a Standing,
    identified: &'a IdentifiedAccounts,
    row_of: impl Fn(&R) -> u32 + Copy,
) -> WholeTable<'a, R> {
    let table = table.text("holder", move |row| {
        Some(holder(
            &suspects.rows[row_of(row) as usize].members,
            identified,
        ))
    });
    with_facts(table, suspects, standing, &[SuspectFact::Accounts], row_of)
}
