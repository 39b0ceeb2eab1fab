//! From tables to persons: what accounts were seen with, and whose they are by that.

use std::collections::BTreeSet;

use arrow::array::{Array, StringArray};
use unspoof_model::judgement::{AccountRef, InForce};
use unspoof_model::{Region, Zone};
use unspoof_persons::{
    Account as Holder, AccountKey, Evidence, Judgement, Kind, Persons, Role, Settings, Sighting,
    Verdict,
};

use crate::AnalysisError;
use crate::accounts::Accounts;
use crate::duplicates::{LeftOuts, Numbered};
use crate::ordered::in_order;
use crate::parts::read_part;
use crate::zones::{clock_of, hour_at};

/// One table's parts with the rows that no count takes.
pub(crate) type Counted<'a> = (&'a Numbered<'a>, &'a LeftOuts);

/// When an account was first and last seen, in microseconds UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) first_us: Option<i64>,
    pub(crate) last_us: Option<i64>,
}

impl Seen {
    pub(crate) fn add(&mut self, first_us: Option<i64>, last_us: Option<i64>) {
        self.first_us = match (self.first_us, first_us) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, other) => one.or(other),
        };
        self.last_us = self.last_us.max(last_us);
    }
}

/// Persons with what their accounts' logins and payments say of time.
pub(crate) struct Linked {
    /// Places of accounts in it are `account_no`: both are in the order of source and id.
    pub(crate) persons: Persons,
    /// By `account_no`: logins and payments.
    pub(crate) seen: Vec<Seen>,
    /// Hours of logins, by the clock of each home region that has one.
    hours: Vec<(Region, Zone, Vec<[u32; 24]>)>,
    /// By `account_no`: addresses that it logged in from, where somebody wants to know.
    addresses: Vec<BTreeSet<String>>,
}

impl Linked {
    /// Returns each account's person, by its place among all persons.
    pub(crate) fn person_numbers(&self, accounts: usize) -> Vec<u32> {
        let mut numbers = vec![u32::MAX; accounts];
        for (person, number) in self.persons.persons().iter().zip(0..) {
            for &account_no in &person.members {
                numbers[account_no as usize] = number;
            }
        }
        numbers
    }

    /// Returns how often an account logged in at each hour of a region's clock.
    pub(crate) fn hours_of(&self, region: Region, account_no: u32) -> [u32; 24] {
        let found = self.hours.iter().find(|(of, _, _)| *of == region);
        found.map_or([0; 24], |(_, _, hours)| hours[account_no as usize])
    }

    /// Returns the addresses that an account logged in from.
    pub(crate) fn addresses_of(&self, account_no: u32) -> impl Iterator<Item = &str> {
        let all = self.addresses.get(account_no as usize);
        all.into_iter().flatten().map(String::as_str)
    }
}

/// What is wanted of logins besides whose they are.
pub(crate) struct LoginsWanted<'a> {
    /// Regions whose hours are counted.
    pub(crate) home: &'a [Region],
    /// Whether addresses are kept.
    pub(crate) addresses: bool,
}

/// Finds the persons behind all accounts that any row names.
///
/// Two accounts' parent, or who passed credit to whom, is never evidence. Withheld columns were
/// never loaded, so nothing of them is compared.
pub(crate) fn link_accounts(
    accounts: &Accounts,
    table: Counted<'_>,
    logins: Counted<'_>,
    payments: Counted<'_>,
    judged: &InForce,
    wanted: &LoginsWanted<'_>,
    workers: usize,
) -> Result<Linked, AnalysisError> {
    let mut evidence = Evidence::new();
    let mut numbers = Vec::with_capacity(accounts.all.len());
    for holder in holders(accounts, table)? {
        numbers.push(
            evidence
                .add_account(holder)
                .map_err(AnalysisError::persons)?,
        );
    }
    let mut seen = vec![Seen::default(); accounts.all.len()];
    let regions = wanted.home.iter();
    let mut hours: Vec<(Region, Zone, Vec<[u32; 24]>)> = regions
        .filter_map(|&region| Some((region, clock_of(region)?, vec![[0; 24]; accounts.all.len()])))
        .collect();
    let mut addresses = vec![
        BTreeSet::new();
        if wanted.addresses {
            accounts.all.len()
        } else {
            0
        }
    ];
    let mut take =
        |account_no: u32, at_utc_us: Option<i64>, values: &[(Kind, &str)], login: bool| {
            let place = account_no as usize;
            seen[place].add(at_utc_us, at_utc_us);
            if let Some(at_us) = at_utc_us.filter(|_| login) {
                for (_, clock, hours) in &mut hours {
                    let hour = &mut hours[place][usize::from(hour_at(clock, at_us))];
                    *hour = hour.saturating_add(1);
                }
            }
            for &(kind, value) in values {
                if let (Kind::Ip, Some(kept)) = (kind, addresses.get_mut(place)) {
                    kept.insert(value.to_owned());
                }
                evidence
                    .add_sighting(Sighting {
                        account: numbers[place],
                        kind,
                        value,
                        at_utc_us,
                    })
                    .map_err(AnalysisError::persons)?;
            }
            Ok(())
        };
    // A browser's name is no evidence: the few that there are would join strangers who share lines.
    let columns = [("ip", Kind::Ip), ("device", Kind::Device)];
    sightings(
        accounts,
        logins,
        &columns,
        workers,
        &mut |account_no, at, values| take(account_no, at, values, true),
    )?;
    // Whom the service was paid at says little by itself, and much where few share it.
    let columns = [
        ("payer", Kind::PaymentSource),
        ("address", Kind::Other),
        ("txid", Kind::Other),
    ];
    sightings(
        accounts,
        payments,
        &columns,
        workers,
        &mut |account_no, at, values| take(account_no, at, values, false),
    )?;
    for verdict in verdicts(judged, &evidence) {
        // What is in force was found by the times at which it was recorded: of what is left no
        // decision comes before another.
        let at_utc_us = 0;
        evidence
            .add_judgement(Judgement { at_utc_us, verdict })
            .map_err(AnalysisError::persons)?;
    }
    let settings = Settings {
        threads: workers,
        ..Settings::default()
    };
    let persons = evidence.resolve(&settings);
    Ok(Linked {
        persons,
        seen,
        hours,
        addresses,
    })
}

/// Makes what people decided about accounts. A decision on an account that no row names any more
/// waits for its exhibit.
fn verdicts(judged: &InForce, evidence: &Evidence) -> Vec<Verdict> {
    let no = |account: &AccountRef| {
        evidence.account_no(&AccountKey {
            source: account.source.clone(),
            account_id: account.account_id.clone(),
        })
    };
    let pair = |(a, b): &(AccountRef, AccountRef)| no(a).zip(no(b));
    let same = judged.same.iter().filter_map(pair);
    let different = judged.different.iter().filter_map(pair);
    let several = judged.several.iter().filter_map(no);
    same.map(|(a, b)| Verdict::Same(a, b))
        .chain(different.map(|(a, b)| Verdict::Different(a, b)))
        .chain(several.map(Verdict::SeveralPersons))
        .collect()
}

/// Makes the accounts as their holders wrote about themselves, by `account_no`.
fn holders(
    accounts: &Accounts,
    (numbered, left_out): Counted<'_>,
) -> Result<Vec<Holder>, AnalysisError> {
    let mut holders: Vec<Holder> = accounts
        .all
        .iter()
        .map(|account| Holder {
            role: role(&account.role),
            username: account.username.clone(),
            email: account.email.clone(),
            phone_e164: account.phone_e164,
            ..Holder::new(&account.source, &account.account_id)
        })
        .collect();
    for (part, first) in &numbered.parts {
        let wanted = ["account_id", "parent_account_id", "handles", "created_utc"];
        let columns = read_part(&part.path, &wanted)?;
        let (ids, parents) = (
            columns.text("account_id")?,
            columns.text("parent_account_id")?,
        );
        let (handles, created) = (columns.text("handles")?, columns.time("created_utc")?);
        let Some(of_source) = accounts.of_source(&part.source) else {
            continue;
        };
        for row in 0..ids.len() {
            if ids.is_null(row) || left_out.contains(first + row as u32) {
                continue;
            }
            let Some(&account_no) = of_source.get(ids.value(row)) else {
                continue;
            };
            let holder = &mut holders[account_no as usize];
            let text =
                |column: &StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
            holder.parent_id = text(parents);
            holder.handles = text(handles).map_or_else(Vec::new, |all| {
                let each = all.split([',', ';']).map(str::trim);
                each.filter(|one| !one.is_empty())
                    .map(str::to_owned)
                    .collect()
            });
            holder.created_utc_us = created.is_valid(row).then(|| created.value(row));
        }
    }
    Ok(holders)
}

fn role(word: &str) -> Role {
    match word {
        "reseller" => Role::Reseller,
        "sub-account" => Role::SubAccount,
        "staff" => Role::Staff,
        "police-test" => Role::PoliceTest,
        _ => Role::Customer,
    }
}

/// Takes one row's account, time and values.
type Take<'a> = dyn FnMut(u32, Option<i64>, &[(Kind, &str)]) -> Result<(), AnalysisError> + 'a;

/// Hands on what accounts were seen with, in the order of the rows.
fn sightings(
    accounts: &Accounts,
    (numbered, left_out): Counted<'_>,
    values: &[(&'static str, Kind)],
    workers: usize,
    take: &mut Take<'_>,
) -> Result<(), AnalysisError> {
    let mut wanted = vec!["account_id", "at_utc"];
    wanted.extend(values.iter().map(|(column, _)| *column));
    let read = |index: usize| {
        let (part, _) = numbered.parts[index];
        read_part(&part.path, &wanted)
    };
    in_order(numbered.parts.len(), workers, read, |index, columns| {
        let (part, first) = numbered.parts[index];
        let Some(of_source) = accounts.of_source(&part.source) else {
            return Ok(());
        };
        let (ids, times) = (columns.text("account_id")?, columns.time("at_utc")?);
        let texts: Vec<(&StringArray, Kind)> = values
            .iter()
            .map(|&(column, kind)| Ok((columns.text(column)?, kind)))
            .collect::<Result<_, AnalysisError>>()?;
        let mut there: Vec<(Kind, &str)> = Vec::with_capacity(texts.len());
        for row in 0..ids.len() {
            if ids.is_null(row) || left_out.contains(first + row as u32) {
                continue;
            }
            let Some(&account_no) = of_source.get(ids.value(row)) else {
                continue;
            };
            there.clear();
            let known = texts.iter().filter(|(text, _)| text.is_valid(row));
            let known = known.map(|(text, kind)| (*kind, text.value(row).trim()));
            there.extend(known.filter(|(_, text)| !text.is_empty()));
            take(
                account_no,
                times.is_valid(row).then(|| times.value(row)),
                &there,
            )?;
        }
        Ok(())
    })
}
