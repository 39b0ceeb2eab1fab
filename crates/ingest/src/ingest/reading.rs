//! What the reading thread knows of a stream, event by event.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use unspoof_model::Zone;
use unspoof_model::mapping::Match;

use super::{IngestError, Job, Outcome, Progress, TableCount, Unmapped};
use crate::block::{Account, Block, Event, ReadError, SettingName, TableDef, TableId};
use crate::charset::Charset;
use crate::delimited::DelimitedReader;
use crate::detect::SourceSetup;
use crate::dump::DumpReader;
use crate::pipeline::{PartDone, Parts};
use crate::plan::{PlanContext, PlanError, TablePlan, plan};

/// What both readers are.
pub(super) trait Events {
    fn next_event(&mut self) -> Result<Option<Event>, ReadError>;
    fn recycle(&mut self, block: Block);
}

impl<R: Read> Events for DumpReader<R> {
    fn next_event(&mut self) -> Result<Option<Event>, ReadError> {
        DumpReader::next_event(self)
    }

    fn recycle(&mut self, block: Block) {
        DumpReader::recycle(self, block);
    }
}

impl<R: Read> Events for DelimitedReader<R> {
    fn next_event(&mut self) -> Result<Option<Event>, ReadError> {
        DelimitedReader::next_event(self)
    }

    fn recycle(&mut self, block: Block) {
        DelimitedReader::recycle(self, block);
    }
}

/// What the reading thread knows so far.
pub(super) struct Reading<'a> {
    exhibit: &'a str,
    pub(super) source: Option<&'a SourceSetup>,
    defs: BTreeMap<TableId, TableDef>,
    plans: BTreeMap<TableId, Vec<Arc<TablePlan>>>,
    timestamp_zone: Option<Zone>,
    charset: Option<String>,
    pub(super) rows_passed_over: BTreeMap<TableId, u64>,
    rows_in: BTreeMap<(&'static str, String), u64>,
    progress: Progress,
    account: Account,
    complete: bool,
    cut: bool,
    stream_error: Option<String>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(job: &Job<'a>) -> Self {
        Self {
            exhibit: job.exhibit,
            source: None,
            defs: BTreeMap::new(),
            plans: BTreeMap::new(),
            timestamp_zone: None,
            charset: None,
            rows_passed_over: BTreeMap::new(),
            rows_in: BTreeMap::new(),
            progress: Progress::default(),
            account: Account::default(),
            complete: false,
            cut: false,
            stream_error: None,
        }
    }

    pub(super) fn all(
        &mut self,
        mut reader: impl Events,
        parts: &mut Parts<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), IngestError> {
        loop {
            match reader.next_event() {
                Ok(Some(event)) => {
                    if !self.take(event, parts, progress)? {
                        return Ok(());
                    }
                    for block in parts.returned() {
                        reader.recycle(block);
                    }
                }
                Ok(None) => return Ok(()),
                Err(error @ ReadError::Input { .. }) => {
                    let chain = std::error::Error::source(&error)
                        .map(|source| format!(": {source}"))
                        .unwrap_or_default();
                    self.stream_error = Some(format!("{error}{chain}"));
                }
                Err(source) => {
                    let exhibit = self.exhibit.to_owned();
                    return Err(IngestError::Read { exhibit, source });
                }
            }
        }
    }

    /// Takes one event; false once nobody writes any more.
    pub(super) fn take(
        &mut self,
        event: Event,
        parts: &mut Parts<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<bool, IngestError> {
        match event {
            Event::Table(def) => self.define(def)?,
            Event::Setting(setting) => self.setting(setting.name, setting.value.as_deref()),
            Event::Rows { table, block } => {
                self.progress.rows += (block.rows.len() + block.rejects.len()) as u64;
                self.progress.stream_bytes = block.byte_offset + block.bytes.len() as u64;
                progress(self.progress);
                return Ok(self.rows(table, block, parts));
            }
            Event::Finished(finished) => {
                self.account = finished.account;
                self.complete = finished.complete;
                self.cut = finished.cut;
                self.progress.stream_bytes = finished.account.total_bytes();
                progress(self.progress);
            }
        }
        Ok(true)
    }

    pub(super) fn rows(&mut self, table: TableId, block: Block, parts: &mut Parts<'_>) -> bool {
        let plans = self
            .plans
            .get(&table)
            .map(Vec::as_slice)
            .unwrap_or_default();
        if plans.is_empty() {
            self.passed_over(table, &block);
            return true;
        }
        let charset = self.charset_of_text();
        let located = (block.rows.len() + block.rejects.len()) as u64;
        let block = Arc::new(block);
        let mut going = true;
        for plan in plans {
            *self
                .rows_in
                .entry((plan.target.name, plan.from.clone()))
                .or_default() += located;
            going &= parts.add(plan, charset, &block);
        }
        going
    }

    pub(super) fn charset_of_text(&self) -> Charset {
        let of_mapping = self
            .source
            .map_or("utf8", |source| source.mapping.charset.as_str());
        Charset::named(self.charset.as_deref().unwrap_or(of_mapping))
    }

    pub(super) fn passed_over(&mut self, table: TableId, block: &Block) {
        let located = (block.rows.len() + block.rejects.len()) as u64;
        *self.rows_passed_over.entry(table).or_default() += located;
    }

    pub(super) fn setting(&mut self, name: SettingName, value: Option<&str>) {
        match name {
            SettingName::TimeZone => {
                self.timestamp_zone = value.and_then(|zone| Zone::named(zone).ok());
            }
            SettingName::Charset => self.charset = value.map(str::to_owned),
            SettingName::SqlMode => {}
        }
    }

    pub(super) fn plan_for(
        &self,
        source: &SourceSetup,
        def: &TableDef,
    ) -> Result<Vec<Arc<TablePlan>>, PlanError> {
        let context = PlanContext {
            source_name: &source.name,
            mapping: &source.mapping,
            zone: source.zone.as_ref(),
            timestamp_zone: self.timestamp_zone.as_ref(),
        };
        let is_dump = matches!(source.mapping.matches, Match::SqlDump { .. });
        let mine = |from: &Option<String>| match from {
            Some(from) => is_dump && *from == def.name,
            None => !is_dump,
        };
        let tables = source
            .mapping
            .tables
            .iter()
            .filter(|table| mine(&table.from));
        tables
            .map(|table| plan(&context, table, def).map(Arc::new))
            .collect()
    }

    pub(super) fn define(&mut self, def: TableDef) -> Result<(), IngestError> {
        let Some(source) = self.source else {
            return Ok(());
        };
        let plans = self
            .plan_for(source, &def)
            .map_err(|source| IngestError::Plan {
                exhibit: self.exhibit.to_owned(),
                source,
            })?;
        self.plans.insert(def.id, plans);
        self.defs.insert(def.id, def);
        Ok(())
    }

    pub(super) fn outcome(
        self,
        job: &Job<'_>,
        source: &SourceSetup,
        parts: Vec<PartDone>,
    ) -> Result<Outcome, IngestError> {
        let mut tables: BTreeMap<(&str, &str), TableCount> = BTreeMap::new();
        for ((to, from), rows_in) in &self.rows_in {
            let count = TableCount {
                from: from.clone(),
                to: (*to).to_owned(),
                rows_in: *rows_in,
                kept: 0,
                rejected: 0,
            };
            tables.insert((to, from), count);
        }
        let mut files = Vec::new();
        for part in &parts {
            if let Some(count) = tables.get_mut(&(part.table, part.from.as_str())) {
                count.kept += part.kept;
                count.rejected += part.rejected;
            }
            files.extend(part.files.iter().cloned());
        }
        files.sort();
        for count in tables.values() {
            if count.rows_in != count.kept + count.rejected {
                return Err(IngestError::Count {
                    exhibit: job.exhibit.to_owned(),
                    table: count.from.clone(),
                    rows_in: count.rows_in,
                    kept: count.kept,
                    rejected: count.rejected,
                });
            }
        }
        let name_of = |id: &TableId| self.defs.get(id).map(|def| def.name.clone());
        let unmapped = self.rows_passed_over.iter().map(|(id, rows)| Unmapped {
            from: name_of(id).unwrap_or_default(),
            rows: *rows,
        });
        let mut withheld: Vec<String> = self
            .plans
            .iter()
            .flat_map(|(id, plans)| plans.iter().map(move |plan| (id, plan)))
            .flat_map(|(id, plan)| {
                let def = &self.defs[id];
                plan.withheld
                    .iter()
                    .map(move |&at| format!("{}.{}", def.name, def.columns[at].name))
            })
            .collect();
        withheld.sort();
        withheld.dedup();
        Ok(Outcome {
            source: source.name.clone(),
            mapping: source.mapping.name.clone(),
            unmapped: unmapped.collect(),
            tables: tables.into_values().collect(),
            withheld,
            files,
            stream_bytes: self.account.total_bytes(),
            complete: self.complete,
            cut: self.cut,
            stream_error: self.stream_error,
        })
    }
}
