//! `unspoof reference`

use anyhow::Context as _;
use camino::Utf8Path;
use unspoof_analysis::{read_organisations, read_rates, read_suppressions};
use unspoof_evidence::Details;
use unspoof_model::EventKind;
use unspoof_model::config::ReferenceKind;
use unspoof_numbers::Context;

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
            file,
            dated,
            organisation,
        } => add(around, *kind, file, dated.clone(), organisation.clone()),
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

fn add(
    around: &Surroundings,
    kind: ListKind,
    file: &Utf8Path,
    dated: Option<String>,
    organisation: Option<String>,
) -> anyhow::Result<Done> {
    let kind = match kind {
        ListKind::Organisations => ReferenceKind::Organisations,
        ListKind::Rates => ReferenceKind::Rates,
        ListKind::Suppressions => ReferenceKind::Suppressions,
    };
    std::fs::File::open(file).with_context(|| format!("could not read `{file}`"))?;
    let mut writer = around.write()?;
    let home = Context {
        default_region: writer.config().home_regions.first().copied(),
        ..Context::default()
    };
    // Read whole before it becomes part of the case: a bad line is said now, not at the next run.
    let entries = match kind {
        ReferenceKind::Organisations => {
            read_organisations(file, organisation.as_deref(), &home)?.len()
        }
        ReferenceKind::Rates => read_rates(file)?.len(),
        ReferenceKind::Suppressions => read_suppressions(file, &home)?.len(),
    };
    if entries == 0 {
        return Err(
            Refusal::new("reference/empty", format!("`{file}` holds nothing usable")).into(),
        );
    }
    let name = file
        .file_name()
        .ok_or_else(|| Refusal::new("reference/name", format!("`{file}` has no file name")))?;
    let mut config = writer.config().clone();
    let list = unspoof_model::config::Reference {
        kind,
        file: name.to_owned(),
        dated,
        organisation,
    };
    match config
        .references
        .iter_mut()
        .find(|known| known.file == list.file)
    {
        Some(known) => *known = list,
        None => config.references.push(list),
    }
    let mut change = writer.begin(EventKind::Collection, "reference-add")?;
    change.stage_copy(format!("reference/{name}"), file)?;
    change.stage_config(&config)?;
    change.detail("kind", kind.as_str());
    change.detail("entries", entries);
    change.commit()?;
    if around.json {
        output::json(&serde_json::json!({ "file": name, "entries": entries }));
    } else {
        output::text(&format!(
            "added {name}: {entries} entries; `unspoof run` takes them up\n"
        ));
    }
    Ok(Done::Whole)
}
