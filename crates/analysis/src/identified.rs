//! Which accounts are an identified person's, by people's judgements alone.

use std::sync::Arc;

use arrow::array::Array;
use camino::Utf8Path;
use unspoof_model::judgement::{AccountRef, InForce};

use crate::AnalysisError;
use crate::accounts::Accounts;
use crate::parts::read_part;

/// Whether each account, by `account_no`, is in a judgement in force that identifies a person.
///
/// A judgement covers the accounts that it was made on: nobody inherits it.
#[derive(Clone, Debug, Default)]
pub struct IdentifiedAccounts(Arc<[bool]>);

impl IdentifiedAccounts {
    /// Looks all accounts up.
    pub(crate) fn of(accounts: &Accounts, judged: &InForce) -> Self {
        let all = accounts.all.iter();
        let names = all.map(|account| (account.source.as_str(), account.account_id.as_str()));
        Self::of_names(names, judged)
    }

    /// Looks all accounts of a finished case up, by its `suspects`.
    pub(crate) fn of_case(case: &Utf8Path, judged: &InForce) -> Result<Self, AnalysisError> {
        let path = case.join("derived/suspects.parquet");
        let columns = read_part(&path, &["source", "account_id"])?;
        let (sources, ids) = (columns.text("source")?, columns.text("account_id")?);
        let names = (0..ids.len()).map(|row| (sources.value(row), ids.value(row)));
        Ok(Self::of_names(names, judged))
    }

    fn of_names<'a>(names: impl Iterator<Item = (&'a str, &'a str)>, judged: &InForce) -> Self {
        let identified = judged.identified_accounts();
        if identified.is_empty() {
            return Self::default();
        }
        let is_identified =
            |(source, id): (&str, &str)| identified.contains(&AccountRef::new(source, id));
        Self(names.map(is_identified).collect())
    }

    /// Returns whether the account is an identified person's.
    pub(crate) fn has(&self, account_no: Option<u32>) -> bool {
        let at = account_no.and_then(|number| usize::try_from(number).ok());
        at.and_then(|at| self.0.get(at)).copied().unwrap_or(false)
    }
}
