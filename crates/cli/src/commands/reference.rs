//! `unspoof reference`

use anyhow::Context as _;
use camino::{Utf8Path, Utf8PathBuf};
use unspoof_analysis::{
    iso_day, read_address_list, read_block_list, read_countries, read_organisations, read_policy,
    read_rates, read_suppressions,
};
use unspoof_evidence::Details;
use unspoof_model::EventKind;
use unspoof_model::config::{CaseConfig, Reference as ListOfCase, ReferenceKind};
use unspoof_numbers::Context;
use unspoof_numbers::blocks::LineReject;

use super::Done;
use crate::args::{ListKind, Reference};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;

pub(crate) fn reference(around: &Surroundings, args: &Reference) -> anyhow::Result<Done> {
    match args {
        Reference::List => list(around),
        Reference::Add {
            kind,
            files,
            dated,
            organisation,
        } => add(
            around,
            *kind,
            files,
            dated.as_deref(),
            organisation.as_deref(),
        ),
    }
}

fn list(around: &Surroundings) -> anyhow::Result<Done> {
    let case = around.open()?;
    around.consult(&case, "reference-list", &Details::new())?;
    if around.json {
        output::json(&case.config().references);
        return Ok(Done::Whole);
    }
    for list in &case.config().references {
        let dated = list.dated.as_deref().unwrap_or("not dated");
        output::text(&format!(
            "{:<14} {:<40} {dated}\n",
            list.kind.as_str(),
            list.file
        ));
    }
    Ok(Done::Whole)
}

/// A list that was read whole.
struct Read {
    name: String,
    entries: usize,
    /// Rows of other people's lists that could not be read: their lines, and why.
    rejects: Vec<(u64, String)>,
}

fn add(
    around: &Surroundings,
    kind: ListKind,
    files: &[Utf8PathBuf],
    dated: Option<&str>,
    organisation: Option<&str>,
) -> anyhow::Result<Done> {
    let kind = match kind {
        ListKind::Organisations => ReferenceKind::Organisations,
        ListKind::Rates => ReferenceKind::Rates,
        ListKind::Suppressions => ReferenceKind::Suppressions,
        ListKind::Ofcom => ReferenceKind::Ofcom,
        ListKind::Nanpa => ReferenceKind::Nanpa,
        ListKind::Cna => ReferenceKind::Cna,
        ListKind::Policy => ReferenceKind::Policy,
        ListKind::Countries => ReferenceKind::Countries,
        ListKind::Addresses => ReferenceKind::Addresses,
    };
    for file in files {
        std::fs::File::open(file).with_context(|| format!("could not read `{file}`"))?;
    }
    let mut writer = around.write()?;
    let mut config = writer.config().clone();
    // Read whole before they become part of the case: a bad line is said now, not at the next run.
    let mut lists = Vec::new();
    for file in files {
        let mut list = ListOfCase {
            kind,
            file: file
                .file_name()
                .ok_or_else(|| {
                    Refusal::new("reference/name", format!("`{file}` has no file name"))
                })?
                .to_owned(),
            dated: dated.map(str::to_owned),
            organisation: organisation.map(str::to_owned),
        };
        let read = read(file, &mut list, &config)?;
        if read.entries == 0 {
            return Err(
                Refusal::new("reference/empty", format!("`{file}` holds nothing usable")).into(),
            );
        }
        lists.push(read);
        let known = config.references.iter_mut();
        match known.into_iter().find(|known| known.file == list.file) {
            Some(known) => *known = list,
            None => config.references.push(list),
        }
    }
    let mut change = writer.begin(EventKind::Collection, "reference-add")?;
    for (file, list) in files.iter().zip(&lists) {
        change.stage_copy(format!("reference/{}", list.name), file)?;
    }
    change.stage_config(&config)?;
    change.detail("kind", kind.as_str());
    change.detail("lists", lists.len());
    change.detail(
        "entries",
        lists.iter().map(|list| list.entries).sum::<usize>(),
    );
    change.detail(
        "rejects",
        lists.iter().map(|list| list.rejects.len()).sum::<usize>(),
    );
    change.commit()?;
    if around.json {
        let documents: Vec<_> = lists
            .iter()
            .map(|list| {
                let rejects = list.rejects.iter();
                let rejects: Vec<_> = rejects
                    .map(|(line, why)| serde_json::json!({ "line": line, "why": why }))
                    .collect();
                serde_json::json!({ "file": list.name, "entries": list.entries, "rejects": rejects })
            })
            .collect();
        output::json(&documents);
        return Ok(Done::Whole);
    }
    for list in &lists {
        output::text(&format!("added {}: {} entries\n", list.name, list.entries));
        for (line, why) in list.rejects.iter().take(REJECTS_SHOWN) {
            output::text(&format!("  line {line} is left out: {why}\n"));
        }
        if let Some(more) = list.rejects.len().checked_sub(REJECTS_SHOWN + 1) {
            output::text(&format!(
                "  and {} more lines: --json tells all\n",
                more + 1
            ));
        }
    }
    output::text("`unspoof run` takes them up\n");
    Ok(Done::Whole)
}

/// Lines that are left out and shown; a list may have thousands.
const REJECTS_SHOWN: usize = 10;

fn read(file: &Utf8Path, list: &mut ListOfCase, config: &CaseConfig) -> anyhow::Result<Read> {
    let home = Context {
        default_region: config.home_regions.first().copied(),
        ..Context::default()
    };
    let mut rejects = Vec::new();
    let entries = match list.kind {
        ReferenceKind::Organisations => {
            read_organisations(file, list.organisation.as_deref(), &home)?.len()
        }
        ReferenceKind::Rates => read_rates(file)?.count(),
        ReferenceKind::Suppressions => read_suppressions(file, &home)?.len(),
        ReferenceKind::Policy => read_policy(file)?.terms(),
        ReferenceKind::Countries => {
            let countries = read_countries(file)?;
            // A file that dates itself keeps its day in the configuration as well.
            let day = countries.built_utc_s() / 86_400;
            list.dated = list
                .dated
                .take()
                .or_else(|| i32::try_from(day).ok().map(iso_day));
            countries.networks()
        }
        ReferenceKind::Ofcom | ReferenceKind::Nanpa | ReferenceKind::Cna => {
            let blocks = read_block_list(file, list)?;
            // A list that dates itself keeps its day in the configuration as well.
            list.dated = Some(iso_day(blocks.published));
            let told = |reject: LineReject| (reject.line, reject.fault.to_string());
            rejects = blocks.rejects.into_iter().map(told).collect();
            blocks.blocks.len()
        }
        ReferenceKind::Addresses => {
            let read = read_address_list(file, list)?;
            if read.dated.is_some() {
                list.dated = read.dated;
            }
            let told = read.rejects.iter();
            let told = told.map(|reject| (reject.line, reject.code.as_str().to_owned()));
            rejects = told.collect();
            read.entries.len()
        }
    };
    Ok(Read {
        name: list.file.clone(),
        entries,
        rejects,
    })
}
