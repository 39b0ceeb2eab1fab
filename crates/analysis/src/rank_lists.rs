//! Ranks of a finished case under any policy: who stands where, why, and who moves.

use std::collections::BTreeMap;

use arrow::array::Array;
use camino::Utf8Path;
use unspoof_numbers::PhoneNumber;
use unspoof_ranking::{
    AccountKey, ContactFact, Fact, Facts, Policy, PresentedFact, Ranking, RulesFor, SuspectFact,
    SuspectKey, Table,
};

use crate::AnalysisError;
use crate::parts::{Columns, read_columns};

/// What can be ranked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RankOf {
    /// Numbers that were called.
    Contacts,
    /// Accounts, and those that calls or payments alone name.
    Suspects,
    /// Persons that accounts are taken for.
    Persons,
    /// Personal numbers that were shown.
    Presented,
}

impl RankOf {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 4] = [
        Self::Contacts,
        Self::Persons,
        Self::Suspects,
        Self::Presented,
    ];

    /// Returns the table's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Suspects => "suspects",
            Self::Persons => "persons",
            Self::Presented => "presented",
        }
    }
}

/// The head of a ranked table.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct RankList {
    /// The table.
    pub of: &'static str,
    /// The policy's name.
    pub policy: String,
    /// How many rows are ranked in all.
    pub subjects: u64,
    /// The first of them.
    pub rows: Vec<RankRow>,
}

/// One subject in its place.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct RankRow {
    /// 1 for the first.
    pub rank: u32,
    /// A number as `+` and digits, an account as `SOURCE/ID`, or a person's name.
    pub subject: String,
    /// The sum, to the thousandth.
    pub points: String,
    /// What it is the sum of; terms that give nothing are left out.
    pub lines: Vec<RankLine>,
}

/// One term of a sum.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct RankLine {
    /// The term's name in the policy.
    pub name: String,
    /// What it gives.
    pub points: String,
    /// The facts that it counts.
    pub facts: BTreeMap<&'static str, u64>,
    /// The same for people to read.
    pub shown: String,
}

/// Two policies over one table.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct RankComparison {
    /// The table.
    pub of: &'static str,
    /// The first policy's name.
    pub first: String,
    /// The second's.
    pub second: String,
    /// How many of each policy's first are compared.
    pub top: u64,
    /// How many are among them under both.
    pub in_both: u64,
    /// Who moves: those that come in or go out first, the farthest first.
    pub moves: Vec<RankMove>,
}

/// One subject that moves.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct RankMove {
    /// Who.
    pub subject: String,
    /// The place under the first policy.
    pub first_rank: u32,
    /// The place under the second.
    pub second_rank: u32,
    /// The points under the first.
    pub first_points: String,
    /// The points under the second.
    pub second_points: String,
    /// Terms whose points differ, those that differ most first: name, first, second.
    pub because: Vec<(String, String, String)>,
}

/// A table as it was written, with how its rows are called.
struct Loaded<F: Fact> {
    table: Table<F>,
    names: Vec<String>,
}

fn phone(
    columns: &Columns,
    column: &'static str,
    row: usize,
) -> Result<Option<PhoneNumber>, AnalysisError> {
    let key = u64::try_from(columns.int(column)?.value(row)).ok();
    Ok(key.and_then(|key| PhoneNumber::from_key(key).ok()))
}

/// Reads a table's facts back. `key_of` makes a row's key and name; `fixed` gives facts that stand in
/// no column.
fn load<F: Fact>(
    path: &Utf8Path,
    keys: &[&'static str],
    key_of: impl Fn(&Columns, usize) -> Result<Option<(F::Key, String)>, AnalysisError>,
    fixed: impl Fn(F, &F::Key) -> Option<u64>,
    none_of: &[F],
) -> Result<Loaded<F>, AnalysisError> {
    let in_table = || {
        F::ALL
            .iter()
            .copied()
            .filter(|fact| !none_of.contains(fact))
    };
    let mut wanted: Vec<&str> = keys.to_vec();
    wanted.extend(in_table().map(Fact::name));
    let mut loaded = Loaded {
        table: Table::new(),
        names: Vec::new(),
    };
    let mut facts = Facts::new();
    for columns in read_columns(path, &wanted)? {
        let columns = columns?;
        let values: Vec<_> = in_table()
            .map(|fact| Ok((fact, columns.int(fact.name())?)))
            .collect::<Result<_, AnalysisError>>()?;
        for row in 0..columns.batch.num_rows() {
            let Some((key, name)) = key_of(&columns, row)? else {
                continue;
            };
            for (fact, column) in &values {
                let value = if column.is_valid(row) {
                    column.value(row)
                } else {
                    0
                };
                facts.set(*fact, u64::try_from(value).unwrap_or(0));
            }
            for &fact in none_of {
                facts.set(fact, fixed(fact, &key).unwrap_or(0));
            }
            loaded
                .table
                .push(key, &facts)
                .map_err(AnalysisError::ranking)?;
            loaded.names.push(name);
        }
    }
    Ok(loaded)
}

fn derived(case: &Utf8Path, of: RankOf) -> camino::Utf8PathBuf {
    case.join("derived")
        .join(format!("{}.parquet", of.as_str()))
}

fn numbers<F: Fact<Key = PhoneNumber>>(
    case: &Utf8Path,
    of: RankOf,
    column: &'static str,
) -> Result<Loaded<F>, AnalysisError> {
    let key_of = |columns: &Columns, row: usize| {
        let number = phone(columns, column, row)?;
        Ok(number.map(|number| (number, number.reveal())))
    };
    load(&derived(case, of), &[column], key_of, |_, _| None, &[])
}

fn account_key(source: &str, account_id: &str) -> AccountKey {
    AccountKey {
        source: source.to_owned(),
        account_id: account_id.to_owned(),
    }
}

fn accounts(case: &Utf8Path) -> Result<Loaded<SuspectFact>, AnalysisError> {
    let key_of = |columns: &Columns, row: usize| {
        let source = columns.text("source")?.value(row);
        let account_id = columns.text("account_id")?.value(row);
        let key = SuspectKey::new([account_key(source, account_id)]);
        Ok(Some((key, format!("{source}/{account_id}"))))
    };
    let keys = ["source", "account_id"];
    load(
        &derived(case, RankOf::Suspects),
        &keys,
        key_of,
        |_, _| Some(1),
        &[SuspectFact::Accounts],
    )
}

fn persons(case: &Utf8Path) -> Result<Loaded<SuspectFact>, AnalysisError> {
    let mut members: BTreeMap<String, Vec<AccountKey>> = BTreeMap::new();
    let path = case.join("derived/person_accounts.parquet");
    for columns in read_columns(&path, &["person_id", "source", "account_id"])? {
        let columns = columns?;
        let (persons, sources) = (columns.text("person_id")?, columns.text("source")?);
        let ids = columns.text("account_id")?;
        for row in 0..persons.len() {
            let key = account_key(sources.value(row), ids.value(row));
            members
                .entry(persons.value(row).to_owned())
                .or_default()
                .push(key);
        }
    }
    let key_of = |columns: &Columns, row: usize| {
        let person = columns.text("person_id")?.value(row);
        let accounts = members.get(person).cloned().unwrap_or_default();
        Ok(Some((SuspectKey::new(accounts), person.to_owned())))
    };
    load(
        &derived(case, RankOf::Persons),
        &["person_id"],
        key_of,
        |_, key: &SuspectKey| Some(key.accounts().len() as u64),
        &[SuspectFact::Accounts],
    )
}

/// Something to be done with a table of any kind.
trait With {
    type Out;
    fn with<F: Fact>(self, loaded: &Loaded<F>) -> Result<Self::Out, AnalysisError>
    where
        Policy: RulesFor<F>;
}

fn with_table<W: With>(case: &Utf8Path, of: RankOf, with: W) -> Result<W::Out, AnalysisError> {
    match of {
        RankOf::Contacts => with.with(&numbers::<ContactFact>(case, of, "called_e164")?),
        RankOf::Presented => with.with(&numbers::<PresentedFact>(case, of, "presented_e164")?),
        RankOf::Suspects => with.with(&accounts(case)?),
        RankOf::Persons => with.with(&persons(case)?),
    }
}

/// Finds what to list of a ranking.
struct Listing<'a> {
    of: RankOf,
    policy: &'a Policy,
    /// The first so many; or, where it is given, one subject alone.
    top: usize,
    subject: Option<&'a str>,
}

fn row_of<F: Fact>(loaded: &Loaded<F>, ranking: &Ranking<'_, F>, rank: u32, row: u32) -> RankRow {
    let explained = ranking.explain(row);
    let lines = explained.iter().flat_map(|all| all.counted());
    RankRow {
        rank,
        subject: loaded.names[row as usize].clone(),
        points: explained
            .as_ref()
            .map(|all| all.total.to_string())
            .unwrap_or_default(),
        lines: lines
            .map(|line| RankLine {
                name: line.name.clone(),
                points: line.points.to_string(),
                facts: line
                    .facts
                    .iter()
                    .map(|&(fact, value)| (fact.name(), value))
                    .collect(),
                shown: line.to_string(),
            })
            .collect(),
    }
}

impl With for Listing<'_> {
    type Out = RankList;

    fn with<F: Fact>(self, loaded: &Loaded<F>) -> Result<RankList, AnalysisError>
    where
        Policy: RulesFor<F>,
    {
        let ranking = self
            .policy
            .rank(&loaded.table)
            .map_err(AnalysisError::ranking)?;
        let wanted = ranking.iter().filter(|one| match self.subject {
            Some(subject) => loaded.names[one.row as usize] == subject,
            None => true,
        });
        let rows = wanted
            .take(self.top)
            .map(|one| row_of(loaded, &ranking, one.place, one.row))
            .collect();
        Ok(RankList {
            of: self.of.as_str(),
            policy: self.policy.name.clone(),
            subjects: loaded.table.len() as u64,
            rows,
        })
    }
}

/// Ranks a table of a finished case and gives its first `top` rows, with their reasons.
///
/// # Errors
/// The table cannot be read.
pub fn rank_list(
    case: &Utf8Path,
    of: RankOf,
    policy: &Policy,
    top: usize,
) -> Result<RankList, AnalysisError> {
    let listing = Listing {
        of,
        policy,
        top,
        subject: None,
    };
    with_table(case, of, listing)
}

/// Finds where one subject stands, and why; None where the table does not have it.
///
/// # Errors
/// The table cannot be read.
pub fn rank_of_subject(
    case: &Utf8Path,
    of: RankOf,
    policy: &Policy,
    subject: &str,
) -> Result<Option<(RankRow, u64)>, AnalysisError> {
    let listing = Listing {
        of,
        policy,
        top: 1,
        subject: Some(subject),
    };
    let mut list = with_table(case, of, listing)?;
    Ok(list.rows.pop().map(|row| (row, list.subjects)))
}

struct Comparing<'a> {
    of: RankOf,
    first: &'a Policy,
    second: &'a Policy,
    top: usize,
}

impl With for Comparing<'_> {
    type Out = RankComparison;

    fn with<F: Fact>(self, loaded: &Loaded<F>) -> Result<RankComparison, AnalysisError>
    where
        Policy: RulesFor<F>,
    {
        let rank = |policy: &Policy| policy.rank(&loaded.table).map_err(AnalysisError::ranking);
        let (first, second) = (rank(self.first)?, rank(self.second)?);
        let compared = first.compare(&second, self.top);
        let moves = compared.iter().flat_map(|compared| &compared.moves);
        let moves = moves.map(|one| RankMove {
            subject: loaded.names[one.row as usize].clone(),
            first_rank: one.first_place,
            second_rank: one.second_place,
            first_points: one.first_points.to_string(),
            second_points: one.second_points.to_string(),
            because: one
                .because
                .iter()
                .map(|d| (d.name.clone(), d.first.to_string(), d.second.to_string()))
                .collect(),
        });
        Ok(RankComparison {
            of: self.of.as_str(),
            first: self.first.name.clone(),
            second: self.second.name.clone(),
            top: self.top.min(loaded.table.len()) as u64,
            in_both: compared
                .as_ref()
                .map_or(0, |compared| compared.in_both as u64),
            moves: moves.collect(),
        })
    }
}

/// Compares the first `top` rows of a table under two policies.
///
/// # Errors
/// The table cannot be read.
pub fn compare_ranks(
    case: &Utf8Path,
    of: RankOf,
    first: &Policy,
    second: &Policy,
    top: usize,
) -> Result<RankComparison, AnalysisError> {
    let comparing = Comparing {
        of,
        first,
        second,
        top,
    };
    with_table(case, of, comparing)
}
