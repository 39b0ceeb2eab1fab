//! `unspoof init`

use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};
use unspoof_evidence::{CaseFolder, NewFiles, SystemClock};
use unspoof_model::config::{CASE_FORMAT, CaseConfig, Funnel, RankConfig, Rules};

use super::Done;
use crate::args::Init;
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::judgements::Judgements;

pub(crate) fn init(around: &Surroundings, args: &Init) -> anyhow::Result<Done> {
    let (case, judgements) = make(around, args)?;
    if around.json {
        output::json(&serde_json::json!({
            "case": case.root(),
            "keys": around.keys.path(),
            "log_key": case.log_key(),
            "judgements": judgements,
        }));
    } else {
        output::text(&format!(
            "made case `{}` in {}\n",
            case.config().name,
            case.root()
        ));
        output::text(&format!(
            "keys are in {}; keep a copy of them elsewhere\n",
            around.keys.path()
        ));
        output::text(&format!("log key: {}\n", case.log_key()));
        if judgements > 0 {
            output::text(&format!("took {judgements} judgements from {JUDGEMENTS}\n"));
        }
        output::text("next: unspoof seal FILE…\n");
    }
    Ok(Done::Whole)
}

/// The file of judgements that may lie beside a configuration.
const JUDGEMENTS: &str = "judgements.jsonl";

/// Makes the case; also gives how many judgements it took from beside the configuration.
pub(crate) fn make(around: &Surroundings, args: &Init) -> anyhow::Result<(CaseFolder, usize)> {
    let (config, references, mappings) = match &args.from {
        Some(from) => read_from(from)?,
        None => (fresh(around, args)?, Vec::new(), Vec::new()),
    };
    let beside = args.from.as_deref().and_then(Utf8Path::parent);
    let judgements = beside.map(|folder| folder.join(JUDGEMENTS));
    let judgements = judgements.filter(|path| path.exists());
    if let Some(path) = &judgements {
        // Said before there is a case, not with half of one made.
        unspoof_store::read_lines(path)?;
    }
    let who = around.who(&config.default_purpose)?;
    let files = NewFiles {
        references: &references,
        mappings: &mappings,
    };
    let clock = SystemClock::shared();
    let case = CaseFolder::init(
        &around.root,
        &config,
        files,
        &around.keys,
        who.clone(),
        clock,
    )?;
    let Some(judgements) = judgements else {
        return Ok((case, 0));
    };
    let mut writer = case.write(&around.keys, who, SystemClock::shared())?;
    let taken = Judgements::settled(around, &mut writer)?.import(&mut writer, &judgements)?;
    Ok((writer.into_folder(), taken.new.len()))
}

fn fresh(around: &Surroundings, args: &Init) -> anyhow::Result<CaseConfig> {
    let folder = std::path::absolute(&around.root).context("the case's folder")?;
    let folder_name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = args
        .name
        .clone()
        .or(folder_name)
        .unwrap_or_else(|| "case".to_owned());
    Ok(CaseConfig {
        format: CASE_FORMAT,
        name,
        made_up: false,
        home_regions: args.home.clone(),
        value_currency: "GBP".to_owned(),
        default_purpose: "investigation".to_owned(),
        sources: Vec::new(),
        without_rows: Vec::new(),
        approvers: Vec::new(),
        same_call: Vec::new(),
        rules: Rules::default(),
        funnel: Funnel::default(),
        references: Vec::new(),
        store: None,
        rank: RankConfig::default(),
    })
}

type From = (
    CaseConfig,
    Vec<(String, Utf8PathBuf)>,
    Vec<(String, String)>,
);

/// Reads a configuration with the lists and mappings that lie beside it.
fn read_from(from: &Utf8Path) -> anyhow::Result<From> {
    let text = std::fs::read_to_string(from).with_context(|| format!("could not read `{from}`"))?;
    // First of all: what a newer format says, this version cannot know.
    let format = toml::from_str::<toml::Table>(&text)
        .ok()
        .and_then(|table| table.get("format")?.as_integer());
    if let Some(format) = format.filter(|format| *format > i64::from(CASE_FORMAT)) {
        let text =
            format!("`{from}` has format {format}; this version opens formats up to {CASE_FORMAT}");
        return Err(Refusal::new("case/newer-format", text)
            .hint("use a newer version")
            .into());
    }
    let config: CaseConfig = toml::from_str(&text).map_err(|error| {
        let text = format!(
            "`{from}` is not a case configuration: {}",
            error.to_string().trim_end()
        );
        Refusal::new("case/config", text)
            .hint("what it may say stands in docs/formats/case-folder.md")
    })?;
    let beside = from.parent().unwrap_or(Utf8Path::new("."));
    let mut references = Vec::new();
    for list in &config.references {
        references.push((list.file.clone(), beside.join("reference").join(&list.file)));
    }
    let mut mappings = Vec::new();
    for source in &config.sources {
        let path = beside
            .join("mappings")
            .join(format!("{}.toml", source.mapping));
        if path.exists() {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("could not read `{path}`"))?;
            mappings.push((source.mapping.clone(), text));
        }
    }
    mappings.sort();
    mappings.dedup();
    Ok((config, references, mappings))
}
