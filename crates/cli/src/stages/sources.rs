//! The sources of a case, with their mappings and zones looked up.

use anyhow::Context;
use unspoof_evidence::CaseFolder;
use unspoof_ingest::{SourceSetup, presets};
use unspoof_model::Zone;
use unspoof_model::config::{CaseConfig, Source};
use unspoof_model::mapping::Mapping;

use crate::fail::Refusal;

/// Reads a mapping of the case, or a shipped one.
fn mapping(case: &CaseFolder, name: &str) -> anyhow::Result<(Mapping, String)> {
    let path = case.root().join("mappings").join(format!("{name}.toml"));
    if path.exists() {
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("could not read `{path}`"))?;
        return Ok((presets::parse(name, &text)?, text));
    }
    match presets::PRESETS.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => Ok((presets::parse(name, text)?, (*text).to_owned())),
        None => {
            let known: Vec<&str> = presets::PRESETS.iter().map(|(name, _)| *name).collect();
            Err(
                Refusal::new("mapping/unknown", format!("there is no mapping `{name}`"))
                    .hint(format!(
                        "put it at {path}, or use one that ships: {}",
                        known.join(", ")
                    ))
                    .into(),
            )
        }
    }
}

/// Looks all sources up; also gives the text by which a change of any of them shows.
///
/// Shipped mappings are sources too, under their own names, unless the case declares sources of its
/// own: so an exhibit of a known layout needs no configuration but its zone.
pub(crate) fn sources(case: &CaseFolder) -> anyhow::Result<(Vec<SourceSetup>, String)> {
    let all = declared_or_shipped(case.config());
    let mut made = Vec::new();
    let mut text = String::new();
    for source in all {
        let (mapping, mapping_text) = mapping(case, &source.mapping)?;
        let zone = source.zone.as_ref().or(mapping.zone.as_ref());
        let zone = zone
            .map(|name| Zone::named(name))
            .transpose()
            .map_err(|error| {
                Refusal::new("config/zone", error.to_string())
                    .hint("use an IANA name such as Europe/London, UTC, or +02:00")
            })?;
        text.push_str(&format!("{source:?}\n{mapping_text}\n"));
        made.push(SourceSetup {
            name: source.name,
            mapping,
            zone,
            clock_offset_s: source.clock_offset_s,
            exhibits: source.exhibits,
        });
    }
    Ok((made, text))
}

/// Returns the sources that a case declares; without any, each shipped mapping as one.
pub(crate) fn declared_or_shipped(config: &CaseConfig) -> Vec<Source> {
    if !config.sources.is_empty() {
        return config.sources.clone();
    }
    let shipped = presets::PRESETS.iter().map(|(name, _)| Source {
        name: (*name).to_owned(),
        mapping: (*name).to_owned(),
        zone: None,
        clock_offset_s: 0,
        exhibits: Vec::new(),
    });
    shipped.collect()
}
