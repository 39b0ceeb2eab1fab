//! Why accounts are taken for one person's: what they share, in bits, and what may link them on.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type};

use unspoof_pictures::{Look, PersonPicture, Scheme, SharedBy};

use crate::AnalysisError;
use crate::engine::Engine;

/// A person with all that says so.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct PersonExplained {
    /// Its name: drawn from its accounts' keys.
    pub person_id: String,
    /// Whether somebody judged that several persons use its account.
    pub several_persons: bool,
    /// Its accounts, by source and id.
    pub accounts: Vec<PersonAccount>,
    /// Values that two of its accounts or more share, the weightiest first.
    pub shared: Vec<SharedByAccounts>,
    /// Pairs of its accounts, first those that joined it, in that order.
    pub links: Vec<AccountLink>,
    /// Pairs with accounts of others that may be one person's, the likeliest first.
    pub possible: Vec<AccountLink>,
    /// How many of these there are, listed or not.
    pub possible_links: u64,
}

/// An account of a person.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct PersonAccount {
    /// Its source.
    pub source: String,
    /// Its id there.
    pub account_id: String,
    /// Its role.
    pub role: String,
    /// When it was first seen.
    pub first_utc: Option<String>,
    /// When it was last seen.
    pub last_utc: Option<String>,
}

/// A value that accounts of one person share.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct SharedByAccounts {
    /// Of what sort, such as `device`.
    pub evidence: String,
    /// The value as the tables have it.
    pub value: String,
    /// Who shares it, as `SOURCE/ID`.
    pub accounts: Vec<String>,
    /// How many accounts of the case have it.
    pub value_accounts: u64,
    /// Of about how many persons.
    pub value_persons: u64,
    /// What it is worth to a pair, in bits, at most.
    pub bits: f64,
}

/// A pair of accounts.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct AccountLink {
    /// One account, as `SOURCE/ID`.
    pub account: String,
    /// The other.
    pub other_account: String,
    /// The other one's person.
    pub other_person_id: String,
    /// `same`, `possible` or `different`.
    pub outcome: String,
    /// `evidence`, `held-back`, `judged` or `several-persons`.
    pub outcome_by: String,
    /// Log-odds in bits, prior included.
    pub odds_bits: f64,
    /// Which step of joining it was, from 1; None if others joined the two.
    pub merge_no: Option<u64>,
    /// Its evidence, the weightiest first.
    pub evidence: Vec<LinkEvidence>,
}

/// One piece of evidence.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct LinkEvidence {
    /// Of what sort.
    pub evidence: String,
    /// `shared`, `alike` or `none-shared`.
    pub finding: String,
    /// The shared value.
    pub value: Option<String>,
    /// How many accounts of the case have it.
    pub value_accounts: Option<u64>,
    /// How the times lie, such as `same-day`.
    pub times: Option<String>,
    /// What it is worth.
    pub bits: f64,
}

/// Rows whose columns are read by place.
struct Rows(Vec<RecordBatch>);

impl Rows {
    fn each(&self) -> impl Iterator<Item = Row<'_>> {
        let rows = |batch| (0..RecordBatch::num_rows(batch)).map(move |at| Row { batch, at });
        self.0.iter().flat_map(rows)
    }
}

#[derive(Clone, Copy)]
struct Row<'a> {
    batch: &'a RecordBatch,
    at: usize,
}

impl Row<'_> {
    fn text(self, column: usize) -> Option<String> {
        let column = self.batch.column(column).as_string::<i32>();
        column
            .is_valid(self.at)
            .then(|| column.value(self.at).to_owned())
    }

    fn word(self, column: usize) -> String {
        self.text(column).unwrap_or_default()
    }

    fn count(self, column: usize) -> Option<u64> {
        let column = self.batch.column(column).as_primitive::<Int64Type>();
        let value = column.is_valid(self.at).then(|| column.value(self.at))?;
        u64::try_from(value).ok()
    }

    fn bits(self, column: usize) -> f64 {
        let column = self.batch.column(column).as_primitive::<Float64Type>();
        if column.is_valid(self.at) {
            column.value(self.at)
        } else {
            0.0
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Finds the persons that a name stands for: a person's own, an account's id, or `SOURCE/ID`. Each
/// comes with the account that was named, as `SOURCE/ID`.
///
/// # Errors
/// The engine's.
pub fn persons_of(engine: &Engine, name: &str) -> Result<Vec<(String, String)>, AnalysisError> {
    let name = quoted(name);
    let sql = format!(
        "select person_id, min(source || '/' || account_id) as named from person_accounts where person_id = \
         {name} or account_id = {name} or source || '/' || account_id = {name} group by person_id \
         order by named"
    );
    let rows = Rows(engine.rows(&sql, "a person")?);
    Ok(rows.each().map(|row| (row.word(0), row.word(1))).collect())
}

/// Tells why a person's accounts are taken for one person's; lists at most `limit` possible links.
///
/// # Errors
/// The engine's.
pub fn explain_person(
    engine: &Engine,
    person_id: &str,
    limit: Option<u64>,
) -> Result<PersonExplained, AnalysisError> {
    let id = quoted(person_id);
    let what = "a person's accounts";
    let several = format!(
        "select cast(several_persons as varchar) as several, cast(possible_links as bigint) as links from persons \
         where person_id = {id}"
    );
    let several = Rows(engine.rows(&several, what)?);
    let accounts = format!(
        "select source, account_id, role, cast(first_utc as varchar) as first, cast(last_utc as varchar) as last \
         from person_accounts where person_id = {id} order by account_no"
    );
    let accounts = Rows(engine.rows(&accounts, what)?);
    let pairs = |condition: &str, order: &str| {
        format!(
            "select source || '/' || account_id as one, other_source || '/' || other_account_id \
             as other, other_person_id, outcome, outcome_by, odds_bits, cast(merge_no as bigint) as merge, \
             evidence, finding, value, cast(value_accounts as bigint) as sharers, times, bits, account_no, \
             other_account_no, person_id, cast(value_persons as bigint) as sharing_persons from person_links where \
             {condition} order by {order}, account_no, other_account_no, abs(bits) desc, evidence, \
             value"
        )
    };
    let within = pairs(
        &format!("person_id = {id} and other_person_id = {id}"),
        "merge_no nulls last",
    );
    let within = Rows(engine.rows(&within, "a person's links")?);
    let beyond = pairs(
        &format!(
            "outcome = 'possible' and person_id <> other_person_id and (person_id = {id} or \
             other_person_id = {id})"
        ),
        "odds_bits desc",
    );
    let beyond = Rows(engine.rows(&beyond, "a person's possible links")?);
    let mut possible = links(&beyond, person_id);
    if let Some(limit) = limit {
        possible.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    let said = several.each().next();
    Ok(PersonExplained {
        person_id: person_id.to_owned(),
        several_persons: said.is_some_and(|row| row.word(0) == "true"),
        possible_links: said.and_then(|row| row.count(1)).unwrap_or(0),
        accounts: accounts
            .each()
            .map(|row| PersonAccount {
                source: row.word(0),
                account_id: row.word(1),
                role: row.word(2),
                first_utc: row.text(3),
                last_utc: row.text(4),
            })
            .collect(),
        shared: shared(&within),
        links: links(&within, person_id),
        possible,
    })
}

/// Puts the evidence of each pair together; the person's own account comes first.
fn links(rows: &Rows, person_id: &str) -> Vec<AccountLink> {
    let mut links: Vec<AccountLink> = Vec::new();
    for row in rows.each() {
        let (mut account, mut other) = (row.word(0), row.word(1));
        let mut other_person_id = row.word(2);
        if row.word(15) != person_id {
            std::mem::swap(&mut account, &mut other);
            other_person_id = row.word(15);
        }
        let is_last = links
            .last()
            .is_some_and(|last| last.account == account && last.other_account == other);
        if !is_last {
            links.push(AccountLink {
                account,
                other_account: other,
                other_person_id,
                outcome: row.word(3),
                outcome_by: row.word(4),
                odds_bits: row.bits(5),
                merge_no: row.count(6),
                evidence: Vec::new(),
            });
        }
        if let (Some(last), Some(evidence)) = (links.last_mut(), row.text(7)) {
            last.evidence.push(LinkEvidence {
                evidence,
                finding: row.word(8),
                value: row.text(9),
                value_accounts: row.count(10),
                times: row.text(11),
                bits: row.bits(12),
            });
        }
    }
    links
}

fn shared(within: &Rows) -> Vec<SharedByAccounts> {
    let mut shared: Vec<SharedByAccounts> = Vec::new();
    for row in within.each() {
        let (Some(evidence), Some(value)) = (row.text(7), row.text(9)) else {
            continue;
        };
        let known = shared
            .iter()
            .position(|known| known.evidence == evidence && known.value == value);
        let at = known.unwrap_or_else(|| {
            shared.push(SharedByAccounts {
                evidence,
                value,
                accounts: Vec::new(),
                value_accounts: row.count(10).unwrap_or(0),
                value_persons: row.count(16).unwrap_or(0),
                bits: f64::NEG_INFINITY,
            });
            shared.len() - 1
        });
        if let Some(known) = shared.get_mut(at) {
            known.accounts.extend([row.word(0), row.word(1)]);
            known.bits = known.bits.max(row.bits(12));
        }
    }
    for one in &mut shared {
        one.accounts.sort_unstable();
        one.accounts.dedup();
    }
    shared.sort_by(|a, b| {
        let names = |one: &SharedByAccounts| (one.evidence.clone(), one.value.clone());
        b.bits
            .total_cmp(&a.bits)
            .then_with(|| names(a).cmp(&names(b)))
    });
    shared
}

/// Draws a person's accounts and what joins them, as a file of its own: SVG that follows the reader's
/// choice of light or dark. Values are named by their kinds alone.
#[must_use]
pub fn draw_person(person: &PersonExplained) -> String {
    let accounts = person.accounts.iter();
    let picture = PersonPicture {
        title: format!("Person {}: accounts and what joins them", person.person_id),
        accounts: accounts
            .map(|account| format!("{}/{}", account.source, account.account_id))
            .collect(),
        shared: person
            .shared
            .iter()
            .map(|one| SharedBy {
                kind: one.evidence.clone(),
                milli_bits: (one.bits * 1_000.0).round() as i64,
                accounts: one.accounts.iter().cloned().collect(),
            })
            .collect(),
    };
    picture.svg(&Look {
        id: person.person_id.clone(),
        scheme: Scheme::Auto,
    })
}
