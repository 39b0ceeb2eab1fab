//! `unspoof mapping`

use unspoof_ingest::presets::PRESETS;

use super::Done;
use crate::args::{Global, Mapping};
use crate::fail::Refusal;
use crate::output;

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
    }
    Ok(Done::Whole)
}
