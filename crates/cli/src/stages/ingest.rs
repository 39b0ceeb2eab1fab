//! Sealed exhibits to tables, those that are due.

use std::collections::BTreeMap;

use anyhow::Context;
use camino::Utf8PathBuf;
use unspoof_analysis::{TablePart, read_rates};
use unspoof_evidence::{CaseFolder, CaseWriter, Exhibit, StreamError, StreamLimits, open_stream};
use unspoof_ingest::{IngestError, Job, Outcome, SourceSetup};
use unspoof_model::config::ReferenceKind;
use unspoof_model::{EventKind, Rates};

use super::{Fingerprint, sources};
use crate::fail::Refusal;
use crate::output::{self, Progress, Unit};
use crate::place::Surroundings;

/// Where the record of what was ingested stands.
pub(crate) const RECORD: &str = "tables/ingest.json";

/// What was ingested, by exhibit.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Record {
    pub(crate) exhibits: BTreeMap<String, Ingested>,
}

/// What came of one exhibit, and what it follows from.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Ingested {
    pub(crate) fingerprint: String,
    pub(crate) outcome: Outcome,
}

impl Record {
    pub(crate) fn read(case: &CaseFolder) -> anyhow::Result<Self> {
        let Some((_, _, path)) = case.files(RECORD).next() else {
            return Ok(Self::default());
        };
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("could not read `{path}`"))?;
        serde_json::from_str(&text).with_context(|| format!("`{path}` is not readable"))
    }

    /// Lists the parts of all tables: exhibits by name, files by name.
    pub(crate) fn parts(&self, case: &CaseFolder) -> Vec<TablePart> {
        let mut parts = Vec::new();
        for (exhibit, ingested) in &self.exhibits {
            for file in &ingested.outcome.files {
                let table = file.components().nth(1).map(|c| c.as_str().to_owned());
                parts.push(TablePart {
                    table: table.unwrap_or_default(),
                    source: ingested.outcome.source.clone(),
                    exhibit: exhibit.clone(),
                    path: case.root().join(file),
                });
            }
        }
        parts
    }

    pub(crate) fn rejected(&self) -> u64 {
        let tables = self
            .exhibits
            .values()
            .flat_map(|ingested| &ingested.outcome.tables);
        tables.map(|table| table.rejected).sum()
    }
}

/// Everything that reading an exhibit follows from, besides the exhibit.
struct Rules {
    sources: Vec<SourceSetup>,
    rates: Rates,
    value_currency: String,
    without_rows: Vec<String>,
    text: String,
}

impl Rules {
    fn of(case: &CaseFolder) -> anyhow::Result<Self> {
        let (sources, mut text) = sources::sources(case)?;
        let mut rates = Rates::default();
        for list in case
            .config()
            .references
            .iter()
            .filter(|l| l.kind == ReferenceKind::Rates)
        {
            let path = case.root().join("reference").join(&list.file);
            rates.extend(read_rates(&path)?);
            text.push_str(&format!("{list:?}"));
            let place = format!("reference/{}", list.file);
            for (_, record, _) in case.files(&place) {
                text.push_str(&record.sha256.to_string());
            }
        }
        let value_currency = case.config().value_currency.clone();
        text.push_str(&value_currency);
        Ok(Self {
            sources,
            rates,
            value_currency,
            without_rows: case.config().without_rows.clone(),
            text,
        })
    }

    fn fingerprint(&self, exhibit: &Exhibit) -> String {
        let mut made = Fingerprint::of("ingest");
        made.add(&exhibit.name);
        made.add(&exhibit.sha256.to_string());
        made.add(&self.text);
        made.add(unspoof_numbers::METADATA_VERSION);
        made.finish()
    }
}

/// Ingests whatever is due; gives the record as it stands then, and what was done now.
pub(crate) fn ingest_due(
    around: &Surroundings,
    writer: &mut CaseWriter,
    only: Option<&str>,
) -> anyhow::Result<(Record, Vec<String>)> {
    let rules = Rules::of(writer.folder())?;
    let mut record = Record::read(writer.folder())?;
    let mut done = Vec::new();
    let exhibits: Vec<Exhibit> = writer.exhibits().to_vec();
    if let Some(only) = only
        && !exhibits.iter().any(|exhibit| exhibit.name == only)
    {
        return Err(unknown_exhibit(only, &exhibits).into());
    }
    let has_rows = |e: &&Exhibit| !rules.without_rows.contains(&e.name);
    for exhibit in exhibits
        .iter()
        .filter(has_rows)
        .filter(|e| only.is_none_or(|only| e.name == only))
    {
        let fingerprint = rules.fingerprint(exhibit);
        if record
            .exhibits
            .get(&exhibit.name)
            .is_some_and(|i| i.fingerprint == fingerprint)
        {
            continue;
        }
        let folder = writer.work_dir(&fingerprint)?;
        let outcome = read(around, &rules, exhibit, &fingerprint, &folder)?;
        let mut change = writer.begin(EventKind::Combination, "ingest")?;
        if let Some(before) = record.exhibits.get(&exhibit.name) {
            for file in &before.outcome.files {
                change.remove(file)?;
            }
        }
        for file in &outcome.files {
            change.stage_existing(&folder.join(file), file)?;
        }
        let sum =
            |of: fn(&unspoof_ingest::TableCount) -> u64| outcome.tables.iter().map(of).sum::<u64>();
        let exhibit_name = change.keyed(&exhibit.name);
        change.detail("exhibit", exhibit_name);
        change.detail("rows_in", sum(|table| table.rows_in));
        change.detail("kept", sum(|table| table.kept));
        change.detail("rejected", sum(|table| table.rejected));
        let ingested = Ingested {
            fingerprint: fingerprint.clone(),
            outcome,
        };
        record.exhibits.insert(exhibit.name.clone(), ingested);
        let text = serde_json::to_string_pretty(&record).context("the record cannot be written")?;
        change.stage_bytes(RECORD, format!("{text}\n").as_bytes())?;
        change.commit()?;
        writer.clear_work(&fingerprint)?;
        done.push(exhibit.name.clone());
    }
    Ok((record, done))
}

fn unknown_exhibit(name: &str, exhibits: &[Exhibit]) -> Refusal {
    let names: Vec<&str> = exhibits
        .iter()
        .map(|exhibit| exhibit.name.as_str())
        .collect();
    Refusal::new("exhibit/unknown", format!("there is no exhibit `{name}`")).hint(
        if names.is_empty() {
            "seal one first: unspoof seal FILE".to_owned()
        } else {
            format!("exhibits are {}", names.join(", "))
        },
    )
}

/// Reads without writing to the case, for `--dry-run`.
pub(crate) fn dry_run(
    around: &Surroundings,
    case: &CaseFolder,
    only: Option<&str>,
) -> anyhow::Result<BTreeMap<String, Outcome>> {
    let rules = Rules::of(case)?;
    let mut outcomes = BTreeMap::new();
    let exhibits = case.exhibits();
    if let Some(only) = only
        && !exhibits.iter().any(|exhibit| exhibit.name == only)
    {
        return Err(unknown_exhibit(only, exhibits).into());
    }
    let has_rows = |e: &&Exhibit| !rules.without_rows.contains(&e.name);
    for exhibit in exhibits
        .iter()
        .filter(has_rows)
        .filter(|e| only.is_none_or(|only| e.name == only))
    {
        let folder = Scratch::new(case)?;
        let fingerprint = rules.fingerprint(exhibit);
        let outcome = read(around, &rules, exhibit, &fingerprint, &folder.0)?;
        outcomes.insert(exhibit.name.clone(), outcome);
    }
    Ok(outcomes)
}

/// A folder for a dry run's parts, gone afterwards; in the case, where seized rows belong.
struct Scratch(Utf8PathBuf);

impl Scratch {
    fn new(case: &CaseFolder) -> anyhow::Result<Self> {
        let folder = case
            .root()
            .join(".staging")
            .join(format!("dry-run-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("could not create `{folder}`"))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn read(
    around: &Surroundings,
    rules: &Rules,
    exhibit: &Exhibit,
    fingerprint: &str,
    folder: &camino::Utf8Path,
) -> anyhow::Result<Outcome> {
    let short: String = fingerprint.chars().take(8).collect();
    let prefix = format!("{}-{short}", exhibit.name);
    let job = Job {
        exhibit: &exhibit.name,
        exhibit_sha256: exhibit.sha256.to_string(),
        sources: &rules.sources,
        rates: &rules.rates,
        value_currency: &rules.value_currency,
        folder,
        prefix: &prefix,
        workers: around.workers,
    };
    let stream = open_stream(exhibit, &StreamLimits::default())
        .with_context(|| format!("exhibit `{}`", exhibit.name))?;
    let label = format!("reading {}", exhibit.name);
    let mut progress = Progress::start(&label, exhibit.stream_bytes, Unit::Bytes);
    let outcome = unspoof_ingest::ingest(&job, stream, &mut |at| {
        progress.at(at.stream_bytes, Some(at.rows));
    });
    progress.done();
    let outcome = match outcome {
        Err(error) if !matches!(error, IngestError::Write { .. }) => {
            // What reads as another format or layout may be what was sealed, or no longer be it.
            if let Some(changed) = no_longer_as_sealed(exhibit) {
                return Err(changed.into());
            }
            return Err(error.into());
        }
        other => other?,
    };
    // An exhibit that was whole when it was sealed must be read whole, as it was sealed.
    if let (Some(error), None) = (&outcome.stream_error, &exhibit.stream_error) {
        return Err(changed(exhibit, error).into());
    }
    Ok(outcome)
}

fn changed(exhibit: &Exhibit, error: &str) -> Refusal {
    Refusal::new(
        "evidence/hash-mismatch",
        format!(
            "exhibit `{}` is no longer what was sealed: {error}",
            exhibit.name
        ),
    )
    .hint(format!(
        "look at what changed: unspoof verify --exhibit {}",
        exhibit.name
    ))
}

/// Reads an exhibit to its end for nothing but its hash.
fn no_longer_as_sealed(exhibit: &Exhibit) -> Option<Refusal> {
    let mut stream = open_stream(exhibit, &StreamLimits::default()).ok()?;
    let error = std::io::copy(&mut stream, &mut std::io::sink()).err()?;
    match StreamError::in_io(&error) {
        Some(StreamError::NotAsSealed { .. }) => Some(changed(exhibit, &error.to_string())),
        Some(_) | None => None,
    }
}

/// Prints what an ingest came to, table by table.
pub(crate) fn tell(exhibit: &str, outcome: &Outcome) {
    output::note(&format!(
        "{exhibit}: source `{}`, mapping `{}`, {} bytes read",
        outcome.source, outcome.mapping, outcome.stream_bytes
    ));
    for table in &outcome.tables {
        output::note(&format!(
            "  {} → {}: {} rows in = {} kept + {} rejected",
            if table.from.is_empty() {
                "(file)"
            } else {
                &table.from
            },
            table.to,
            table.rows_in,
            table.kept,
            table.rejected
        ));
    }
    for table in &outcome.unmapped {
        output::note(&format!(
            "  {}: {} rows that the mapping has no use for",
            table.from, table.rows
        ));
    }
    if !outcome.withheld.is_empty() {
        output::note(&format!(
            "  not loaded (credentials): {}",
            outcome.withheld.join(", ")
        ));
    }
    if let Some(error) = &outcome.stream_error {
        output::note(&format!("  the stream ends early: {error}"));
    }
    if outcome.cut {
        output::note("  the file ends in the midst of a row or statement");
    }
}
