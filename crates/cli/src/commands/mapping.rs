//! `unspoof mapping`

use anyhow::Context;
use unspoof_evidence::{Details, StreamLimits, open_stream};
use unspoof_ingest::presets::PRESETS;
use unspoof_ingest::suggest;

use super::Done;
use crate::args::{Global, Mapping};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;

pub(crate) fn mapping(global: &Global, args: &Mapping) -> anyhow::Result<Done> {
    match args {
        Mapping::List => {
            let mut listed = Vec::new();
            for (name, text) in PRESETS {
                let mapping = unspoof_ingest::presets::parse(name, text)?;
                listed.push((*name, mapping.describes));
            }
            if global.json {
                output::json(&listed);
            } else {
                for (name, describes) in listed {
                    output::text(&format!("{name:<16} {describes}\n"));
                }
            }
        }
        Mapping::Show { name } => match PRESETS.iter().find(|(known, _)| known == name) {
            Some((_, text)) => output::text(text),
            None => {
                return Err(
                    Refusal::new("mapping/unknown", format!("no mapping `{name}` ships"))
                        .hint("list them: unspoof mapping list")
                        .into(),
                );
            }
        },
        Mapping::Suggest { exhibit, name } => {
            let around = Surroundings::new(global, "mapping")?;
            draft(&around, exhibit, name.as_deref())?;
        }
    }
    Ok(Done::Whole)
}

/// Prints a draft made from an exhibit's content.
fn draft(around: &Surroundings, exhibit: &str, name: Option<&str>) -> anyhow::Result<()> {
    let case = around.open()?;
    let Some(sealed) = case.exhibit(exhibit) else {
        let known: Vec<&str> = case.exhibits().iter().map(|e| e.name.as_str()).collect();
        return Err(Refusal::new(
            "exhibit/unknown",
            format!("there is no exhibit `{exhibit}`"),
        )
        .hint(if known.is_empty() {
            "seal one first: unspoof seal FILE".to_owned()
        } else {
            format!("exhibits are {}", known.join(", "))
        })
        .into());
    };
    let keyed = case.keyed(&around.keys, exhibit)?;
    around.consult(
        &case,
        "mapping-suggest",
        &Details::new().with("exhibit", keyed),
    )?;
    let name = match name {
        Some(name) => name.to_owned(),
        None => mapping_name(exhibit),
    };
    let stream = open_stream(sealed, &StreamLimits::default())
        .with_context(|| format!("exhibit `{exhibit}`"))?;
    let suggestion = suggest(exhibit, &name, stream)?;
    // An exhibit that was whole when it was sealed must be read whole, as it was sealed.
    if let (Some(error), None) = (&suggestion.stream_error, &sealed.stream_error) {
        return Err(Refusal::new(
            "evidence/hash-mismatch",
            format!("exhibit `{exhibit}` is no longer what was sealed: {error}"),
        )
        .hint(format!(
            "look at what changed: unspoof verify --exhibit {exhibit}"
        ))
        .into());
    }
    if around.json {
        output::json(&suggestion);
    } else {
        output::text(&suggestion.toml);
    }
    Ok(())
}

/// Makes a mapping's name, which is a file's name too, from an exhibit's.
fn mapping_name(exhibit: &str) -> String {
    let stem = exhibit.split('.').find(|part| !part.is_empty());
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let name: String = stem.unwrap_or_default().chars().map(letter).collect();
    match name.trim_matches('-') {
        "" => "draft".to_owned(),
        name => name.to_owned(),
    }
}
