//! Whom and what a judgement is about, as it is typed.

use std::collections::{BTreeMap, BTreeSet};

use unspoof_analysis::{IdOf, TablePart, unknown_ids};
use unspoof_evidence::CaseFolder;
use unspoof_model::judgement::{AccountRef, E164, ReportRef};
use unspoof_numbers::{Context, Reader};

use crate::fail::Refusal;
use crate::stages::ingest::Record;

/// What there is to judge in a case.
pub(super) struct Subjects {
    parts: Vec<TablePart>,
    home: Context,
}

impl Subjects {
    pub(super) fn of(case: &CaseFolder) -> anyhow::Result<Self> {
        Ok(Self {
            parts: Record::read(case)?.parts(case),
            home: Context {
                default_region: case.config().home_regions.first().copied(),
                ..Context::default()
            },
        })
    }

    pub(super) fn account(&self, text: &str) -> anyhow::Result<AccountRef> {
        let (source, id) = self.named(IdOf::Account, text)?;
        let account = AccountRef::new(source, id);
        self.check(
            IdOf::Account,
            [(account.source.as_str(), account.account_id.as_str())],
        )?;
        Ok(account)
    }

    pub(super) fn accounts(&self, texts: &[String]) -> anyhow::Result<BTreeSet<AccountRef>> {
        let named = texts.iter().map(|text| {
            let (source, id) = self.named(IdOf::Account, text)?;
            Ok(AccountRef::new(source, id))
        });
        let accounts: BTreeSet<AccountRef> = named.collect::<anyhow::Result<_>>()?;
        let all = accounts.iter();
        self.check(
            IdOf::Account,
            all.map(|account| (account.source.as_str(), account.account_id.as_str())),
        )?;
        Ok(accounts)
    }

    pub(super) fn report(&self, text: &str) -> anyhow::Result<ReportRef> {
        let (source, id) = self.named(IdOf::Report, text)?;
        let report = ReportRef::new(source, id);
        self.check(
            IdOf::Report,
            [(report.source.as_str(), report.report_id.as_str())],
        )?;
        Ok(report)
    }

    pub(super) fn number(&self, text: &str) -> anyhow::Result<E164> {
        let mut reader = Reader::new(self.home.clone());
        let read = reader.read(text.as_bytes()).number;
        let number = read.and_then(|read| E164::new(i64::try_from(read.key()).ok()?).ok());
        Ok(number.ok_or_else(|| {
            Refusal::new(
                "judge/number",
                "what was given as a number is no telephone number",
            )
            .hint("write it with its country code, such as +447700900123")
        })?)
    }

    pub(super) fn numbers(&self, texts: &[String]) -> anyhow::Result<BTreeSet<E164>> {
        texts.iter().map(|text| self.number(text)).collect()
    }

    /// Sources with a table of these.
    fn sources(&self, of: IdOf) -> BTreeSet<&str> {
        let table = match of {
            IdOf::Account => "accounts",
            IdOf::Report => "reports",
        };
        let parts = self.parts.iter().filter(|part| part.table == table);
        parts.map(|part| part.source.as_str()).collect()
    }

    /// Takes a source and an id apart.
    fn named<'a>(&'a self, of: IdOf, text: &'a str) -> anyhow::Result<(&'a str, &'a str)> {
        let sources = self.sources(of);
        if let Some((source, id)) = text.split_once(':')
            && (sources.contains(source) || self.parts.iter().any(|part| part.source == source))
        {
            return Ok((source, id));
        }
        let known: Vec<&str> = sources.into_iter().collect();
        match known.as_slice() {
            [one] => Ok((one, text)),
            [] => Err(
                Refusal::new("judge/source", "the case's tables hold none yet")
                    .hint("read what was sealed: unspoof run")
                    .into(),
            ),
            several => Err(Refusal::new(
                "judge/source",
                format!("`{text}` does not say of which source it is"),
            )
            .hint(format!(
                "write SOURCE:ID; the sources are {}",
                several.join(", ")
            ))
            .into()),
        }
    }

    /// Refuses what no row names: a slip of the pen would bind to nothing.
    fn check<'a>(
        &self,
        of: IdOf,
        named: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> anyhow::Result<()> {
        let mut by_source: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (source, id) in named {
            by_source.entry(source).or_default().insert(id);
        }
        for (source, ids) in by_source {
            if let Some(id) = unknown_ids(&self.parts, of, source, ids)?.first() {
                let text = format!("no row of source `{source}` names `{id}`");
                let query = match of {
                    IdOf::Account => "select source, account_id from accounts",
                    IdOf::Report => "select source, report_id from reports",
                };
                return Err(Refusal::new("judge/subject", text)
                    .hint(format!("see what there is: unspoof sql \"{query}\""))
                    .into());
            }
        }
        Ok(())
    }
}
