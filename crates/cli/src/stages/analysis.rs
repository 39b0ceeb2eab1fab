//! Tables to answers, when they no longer follow from what there is.

use std::collections::BTreeMap;

use anyhow::Context;
use camino::Utf8PathBuf;
use unspoof_analysis::{Analysis, Brief, EngineOptions, Inputs, analyse, render_html};
use unspoof_evidence::{CaseFolder, CaseWriter};
use unspoof_model::config::CaseConfig;
use unspoof_model::{EventKind, Sha256Hash};

use super::Fingerprint;
use super::ingest::Record;
use super::sources::sources;
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;

/// Where the fingerprint of the last analysis stands.
const RECORD: &str = "derived/analysis.json";

#[derive(serde::Serialize, serde::Deserialize)]
struct Made {
    fingerprint: String,
}

/// What an analysis works on, kept together for as long as [`Inputs`] borrows it.
pub(crate) struct Ground {
    root: Utf8PathBuf,
    config: CaseConfig,
    parts: Vec<unspoof_analysis::TablePart>,
    sha256_of: BTreeMap<String, Sha256Hash>,
    identities: BTreeMap<(String, String), Vec<String>>,
    out: Utf8PathBuf,
    engine: EngineOptions,
}

impl Ground {
    pub(crate) fn of(
        around: &Surroundings,
        case: &CaseFolder,
        out: Utf8PathBuf,
    ) -> anyhow::Result<Self> {
        let record = Record::read(case)?;
        let (sources, _) = sources(case)?;
        let mut identities: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for source in &sources {
            for table in source
                .mapping
                .tables
                .iter()
                .filter(|table| !table.identity.is_empty())
            {
                let key = (source.name.clone(), table.to.clone());
                identities
                    .entry(key)
                    .or_insert_with(|| table.identity.clone());
            }
        }
        Ok(Self {
            root: case.root().to_owned(),
            config: case.config().clone(),
            parts: record.parts(case),
            sha256_of: case
                .exhibits()
                .iter()
                .map(|e| (e.name.clone(), e.sha256))
                .collect(),
            identities,
            engine: engine_options(around, &out),
            out,
        })
    }

    pub(crate) fn inputs(&self) -> Inputs<'_> {
        Inputs {
            case: &self.root,
            config: &self.config,
            parts: &self.parts,
            sha256_of: &self.sha256_of,
            identities: &self.identities,
            out: &self.out,
            engine: &self.engine,
            judgements: &[],
        }
    }

    pub(crate) fn engine(&self) -> &EngineOptions {
        &self.engine
    }
}

/// What the engine may use; it spills under `folder`, so that nothing seized leaves the case.
pub(crate) fn engine_options(around: &Surroundings, folder: &camino::Utf8Path) -> EngineOptions {
    EngineOptions {
        memory_bytes: around.memory_bytes,
        workers: around.workers,
        spill: folder.join("spill"),
    }
}

fn fingerprint(case: &CaseFolder, record: &Record) -> anyhow::Result<String> {
    let mut made = Fingerprint::of("analysis");
    for (exhibit, ingested) in &record.exhibits {
        made.add(exhibit);
        made.add(&ingested.fingerprint);
    }
    made.add(&toml::to_string(case.config()).context("the configuration")?);
    let (_, text) = sources(case)?;
    made.add(&text);
    for (path, file, _) in case.files("reference") {
        made.add(path);
        made.add(&file.sha256.to_string());
    }
    Ok(made.finish())
}

/// Analyses if that is due; gives the brief, and whether it was made now.
pub(crate) fn analyse_due(
    around: &Surroundings,
    writer: &mut CaseWriter,
    record: &Record,
    again: bool,
) -> anyhow::Result<(Brief, bool)> {
    let due = fingerprint(writer.folder(), record)?;
    let made = writer
        .folder()
        .files(RECORD)
        .next()
        .and_then(|(_, _, path)| {
            serde_json::from_str::<Made>(&std::fs::read_to_string(path).ok()?).ok()
        });
    if !again && made.is_some_and(|made| made.fingerprint == due) {
        let brief = read_brief(writer.folder())?;
        // Whoever died between the commit and the page left none, or an older one.
        write_page(writer.folder(), &brief)?;
        return Ok((brief, false));
    }
    let folder = writer.work_dir(&format!("{due}-analysis"))?;
    let ground = Ground::of(around, writer.folder(), folder.clone())?;
    let Analysis { brief, files, .. } = analyse(&ground.inputs(), &mut |step| {
        if !around.json {
            output::note(&format!("{step} …"));
        }
    })?;
    let mut change = writer.begin(EventKind::Combination, "analyse")?;
    change.remove_under("derived");
    for file in &files {
        change.stage_existing(&folder.join(file), file)?;
    }
    let made = serde_json::to_string_pretty(&Made {
        fingerprint: due.clone(),
    })?;
    change.stage_bytes(RECORD, format!("{made}\n").as_bytes())?;
    change.detail("figures", brief.figures.len());
    change.commit()?;
    writer.clear_work(&format!("{due}-analysis"))?;
    write_page(writer.folder(), &brief)?;
    Ok((brief, true))
}

/// Writes the brief's page to `out/brief.html`, unless it is there as it should be.
fn write_page(case: &CaseFolder, brief: &Brief) -> anyhow::Result<()> {
    let folder = case.root().join("out");
    std::fs::create_dir_all(&folder).with_context(|| format!("could not create `{folder}`"))?;
    let page = folder.join("brief.html");
    let text = render_html(brief);
    if std::fs::read_to_string(&page).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let partial = folder.join("brief.html.partial");
    std::fs::write(&partial, text)
        .and_then(|()| std::fs::rename(&partial, &page))
        .with_context(|| format!("could not write `{page}`"))
}

/// Reads the last brief.
pub(crate) fn read_brief(case: &CaseFolder) -> anyhow::Result<Brief> {
    let Some((_, _, path)) = case.files("derived/brief.json").next() else {
        return Err(
            Refusal::new("analysis/none", "nothing was analysed yet in this case")
                .hint("do what is due: unspoof run")
                .into(),
        );
    };
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("could not read `{path}`"))?;
    serde_json::from_str(&text).with_context(|| format!("`{path}` is not readable"))
}
