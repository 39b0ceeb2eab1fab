//! Where subjects stand by a policy, and what is computed of it for tables.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use unspoof_model::Region;
use unspoof_model::judgement::InForce;
use unspoof_numbers::blocks::Blocks;
use unspoof_ranking::{CountryFile, Fact, Policy, RulesFor, Table};

use crate::AnalysisError;
use crate::accounts::Accounts;
use crate::analyse::joined;
use crate::calls_to_match::CallsToMatch;
use crate::contacts::{Gathered, Standing, write_contacts};
use crate::identified::IdentifiedAccounts;
use crate::leads::{self, Leads};
use crate::organisations::Organisations;
use crate::persons_out::write_persons;
use crate::persons_table::Linked;
use crate::presented::{PresentedGround, count_presented, write_presented};
use crate::suspects::{SuspectGround, write_suspects};
use crate::told::ToldBy;

/// Ranks a table's rows.
pub(crate) fn standing<F: Fact>(
    policy: &Policy,
    table: &Table<F>,
) -> Result<Standing, AnalysisError>
where
    Policy: RulesFor<F>,
{
    let ranking = policy.rank(table).map_err(AnalysisError::ranking)?;
    let mut standing = Standing {
        milli: vec![0; table.len()],
        rank: vec![0; table.len()],
    };
    for ranked in ranking.iter() {
        standing.milli[ranked.row as usize] = ranked.points.milli;
        standing.rank[ranked.row as usize] = ranked.place;
    }
    Ok(standing)
}

/// All that ranks are made of.
pub(crate) struct Ranks<'a> {
    pub(crate) judged: &'a InForce,
    pub(crate) home: &'a [Region],
    pub(crate) workers: usize,
    pub(crate) policy: &'a Policy,
    pub(crate) currency: &'a str,
    pub(crate) accounts: &'a Accounts,
    pub(crate) linked: &'a Linked,
    pub(crate) gathered: &'a Gathered<'a>,
    pub(crate) told: &'a ToldBy,
    pub(crate) organisations: &'a Organisations,
    pub(crate) identified: &'a IdentifiedAccounts,
    pub(crate) blocks: Option<&'a Blocks>,
    pub(crate) countries: Option<&'a CountryFile>,
    pub(crate) derived: &'a (dyn Fn(&str) -> Utf8PathBuf + Sync),
}

impl Ranks<'_> {
    /// Ranks contacts, accounts, persons and presented numbers, and writes their tables; gives the
    /// head of each.
    pub(crate) fn write(&self, store: CallsToMatch) -> Result<Vec<Leads>, AnalysisError> {
        let derived = self.derived;
        let presented = count_presented(&PresentedGround {
            calls: &store.calls,
            gathered: self.gathered,
            told: self.told,
            organisations: self.organisations,
            blocks: self.blocks,
            home: self.home,
        })?;
        drop(store);
        let places = standing(self.policy, &presented.table)?;
        write_presented(&presented, &places, &derived("presented"))?;
        let name = self.policy.name.as_str();
        let presented = leads::presented(&presented, &places, name);

        let ground = SuspectGround {
            accounts: self.accounts,
            linked: self.linked,
            gathered: self.gathered,
            told: self.told,
            home: self.home,
            countries: self.countries,
        };
        let (persons, contacts) = std::thread::scope(|scope| {
            let persons = scope.spawn(|| {
                let rows = ground.of_accounts()?;
                let places = standing(self.policy, &rows.table)?;
                let path = derived("suspects");
                write_suspects(&ground, &rows, &places, self.identified, &path)?;
                let rows = ground.of_persons()?;
                let places = standing(self.policy, &rows.table)?;
                let ranked = (&rows, &places, self.identified);
                let known = (self.linked, self.accounts, self.identified);
                let leads = leads::persons(&rows, &places, known, name, self.currency);
                write_persons(
                    self.linked,
                    self.accounts,
                    self.gathered,
                    ranked,
                    self.workers,
                    derived,
                )?;
                Ok(leads)
            });
            let contacts = || {
                let places = standing(self.policy, &self.gathered.contacts)?;
                write_contacts(
                    self.gathered,
                    &places,
                    self.told,
                    &judged_numbers(self.judged),
                    self.blocks,
                    &derived("contacts"),
                    self.workers,
                )?;
                Ok(leads::contacts(self.gathered, &places, name, self.currency))
            };
            let contacts: Result<Leads, AnalysisError> = contacts();
            let persons: Result<Leads, AnalysisError> = joined(persons);
            (persons, contacts)
        });
        Ok(vec![contacts?, persons?, presented])
    }
}

/// What people recorded of numbers' holders.
fn judged_numbers(judged: &InForce) -> BTreeMap<i64, &'static str> {
    let victims = judged.victims.iter().map(|number| (number, "victim"));
    let others = judged
        .not_victims
        .iter()
        .map(|number| (number, "not-a-victim"));
    victims
        .chain(others)
        .map(|(number, word)| (number.reveal(), word))
        .collect()
}
