//! `unspoof seal`

use anyhow::Context;
use unspoof_evidence::{CaseWriter, SealOptions, Sealed};
use unspoof_ingest::presets;
use unspoof_model::EventKind;
use unspoof_model::config::Source;

use super::Done;
use crate::args::Seal;
use crate::fail::Refusal;
use crate::output::{self, Progress, Unit};
use crate::place::Surroundings;
use crate::stages::sources::declared_or_shipped;

pub(crate) fn seal(around: &Surroundings, args: &Seal) -> anyhow::Result<Done> {
    if args.name.is_some() && args.files.len() > 1 {
        return Err(Refusal::new(
            "seal/name",
            "--name names one exhibit, and several files are given",
        )
        .hint("seal them one by one")
        .into());
    }
    // Whatever is wrong with the mapping or the zone is said before anything is sealed.
    let mapping = args.mapping.as_deref().map(read_mapping).transpose()?;
    if let Some(zone) = &args.zone {
        unspoof_model::Zone::named(zone).map_err(|error| {
            Refusal::new("config/zone", error.to_string())
                .hint("use an IANA name such as Europe/London, UTC, or +02:00")
        })?;
    }
    let mut writer = around.write()?;
    let sealed = seal_files(around, &mut writer, args)?;
    declare_source(&mut writer, args, mapping, &sealed)?;
    if around.json {
        let exhibits: Vec<_> = sealed.iter().map(document).collect();
        output::json(&serde_json::json!({ "exhibits": exhibits }));
    }
    Ok(Done::Whole)
}

fn document(sealed: &Sealed) -> serde_json::Value {
    let exhibit = &sealed.exhibit;
    serde_json::json!({
        "name": exhibit.name,
        "sha256": exhibit.sha256,
        "bytes": exhibit.bytes,
        "stream_sha256": exhibit.stream_sha256,
        "stream_bytes": exhibit.stream_bytes,
        "stream_error": exhibit.stream_error,
        "already": sealed.already,
    })
}

/// Seals the files in order.
pub(crate) fn seal_files(
    around: &Surroundings,
    writer: &mut CaseWriter,
    args: &Seal,
) -> anyhow::Result<Vec<Sealed>> {
    let mut all = Vec::new();
    for file in &args.files {
        let options = SealOptions {
            name: args.name.clone(),
            in_place: args.in_place,
            authority: args.authority.clone(),
            restrictions: args.restrictions.clone(),
            ..SealOptions::default()
        };
        let label = format!("sealing {}", file.file_name().unwrap_or(file.as_str()));
        let mut progress: Option<Progress> = None;
        let sealed = writer.seal(file, &options, &mut |done, total| {
            let progress =
                progress.get_or_insert_with(|| Progress::start(&label, total, Unit::Bytes));
            progress.at(done, None);
        });
        if let Some(progress) = progress {
            progress.done();
        }
        let sealed = sealed?;
        if !around.json {
            let exhibit = &sealed.exhibit;
            let said = if sealed.already {
                "sealed before"
            } else {
                "sealed"
            };
            output::text(&format!(
                "{said} {}: {} bytes, SHA-256 {}\n",
                exhibit.name, exhibit.bytes, exhibit.sha256
            ));
            if let Some(error) = &exhibit.stream_error {
                output::note(&format!("  its content cannot be read to the end: {error}"));
            }
        }
        all.push(sealed);
    }
    Ok(all)
}

fn read_mapping(path: &camino::Utf8Path) -> anyhow::Result<(String, String)> {
    let text = std::fs::read_to_string(path).with_context(|| format!("could not read `{path}`"))?;
    let mapping = presets::parse(path.as_str(), &text)?;
    Ok((mapping.name, text))
}

/// Makes the exhibits a source of the case, by the mapping and zone that were given.
fn declare_source(
    writer: &mut CaseWriter,
    args: &Seal,
    mapping: Option<(String, String)>,
    sealed: &[Sealed],
) -> anyhow::Result<()> {
    if mapping.is_none() && args.zone.is_none() {
        return Ok(());
    }
    let names: Vec<String> = sealed
        .iter()
        .map(|sealed| sealed.exhibit.name.clone())
        .collect();
    let mut config = writer.config().clone();
    let Some((name, text)) = mapping else {
        // A zone alone: for sources whose mapping is known by content.
        let zone = args.zone.clone();
        config.sources = declared_or_shipped(&config);
        let without = config.sources.iter_mut().filter(|s| s.zone.is_none());
        without.for_each(|source| source.zone.clone_from(&zone));
        return Ok(writer.set_config(&config, "declare-zone")?);
    };
    match config
        .sources
        .iter_mut()
        .find(|source| source.mapping == name)
    {
        Some(source) => {
            source.zone = args.zone.clone().or(source.zone.take());
            source.exhibits.extend(names);
            source.exhibits.sort();
            source.exhibits.dedup();
        }
        None => config.sources.push(Source {
            name: name.clone(),
            mapping: name.clone(),
            zone: args.zone.clone(),
            clock_offset_s: 0,
            exhibits: names,
        }),
    }
    let mut change = writer.begin(EventKind::Alteration, "declare-source")?;
    change.stage_bytes(format!("mappings/{name}.toml"), text.as_bytes())?;
    change.stage_config(&config)?;
    Ok(change.commit()?)
}
