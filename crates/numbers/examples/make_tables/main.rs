//! Makes `src/tables` from the metadata of `rlibphonenumber`, so that both are of one version:
//!
//! ```sh
//! cargo run --release -p unspoof-numbers --example make_tables -- \
//!     ~/.cargo/registry/src/*/rlibphonenumber-2.2.15/src/generated/metadata/metadata.bin \
//!     crates/numbers/src/tables
//! ```

mod automaton;
mod layout;
mod metadata;
mod pattern;
mod plan;
mod prefix;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use layout::Layout;
use metadata::Territory;
use pattern::Pattern;

const CALLING_CODES: usize = 1_000;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [metadata, folder] = arguments.as_slice() else {
        return Err("usage: make_tables METADATA.BIN FOLDER".to_owned());
    };
    let bytes = std::fs::read(metadata).map_err(|e| format!("`{metadata}`: {e}"))?;
    let (words, areas) = tables_of(&bytes)?;
    let bytes: Vec<u8> = words.into_iter().flat_map(u16::to_le_bytes).collect();
    write(&Path::new(folder).join("automata.bin"), &bytes)?;
    write(&Path::new(folder).join("areas.rs"), areas.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|e| format!("`{}`: {e}", path.display()))
}

/// Makes the tables of a `PhoneMetadataCollection`: their words, and the source text of the areas.
pub(crate) fn tables_of(metadata: &[u8]) -> Result<(Vec<u16>, String), String> {
    tables(Territory::read_all(metadata)?)
}

/// Makes the words of all automata and the source text of the areas.
fn tables(territories: Vec<Territory>) -> Result<(Vec<u16>, String), String> {
    // Regions of a calling code stand in the metadata's order, the main one first.
    let mut sharing: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    for (place, territory) in territories.iter().enumerate() {
        let regions = sharing.entry(territory.country_code).or_default();
        let at = if territory.main_for_code {
            0
        } else {
            regions.len()
        };
        regions.insert(at, place);
    }
    let mut layout = Layout::new();
    let mut plans = BTreeMap::new();
    for (&code, regions) in &sharing {
        let regions: Vec<(u32, &Territory)> = regions
            .iter()
            .map(|&place| (place as u32, &territories[place]))
            .collect();
        plans.insert(code, layout.plan(&plan::plan(&regions)?)?);
    }
    let mut rows = String::new();
    for (place, territory) in territories.iter().enumerate() {
        let code = territory.country_code;
        let main = sharing[&code][0];
        let plan = plans[&code];
        let general = if main == place {
            plan
        } else {
            layout.plan(&plan::general(territory)?)?
        };
        let (inserted, group) = rule(&territory.transform)?;
        let international = prefix(&mut layout, territory.international_prefix.as_deref(), None)?;
        let national = prefix(&mut layout, territory.national_prefix.as_deref(), group)?;
        let lengths = length_mask(&territory.general.lengths)?;
        let local_lengths = length_mask(&territory.general.local_lengths)?;
        let id = &territory.id;
        writeln!(
            rows,
            "    Area {{ id: \"{id}\", code: {code}, main: {main}, lengths: {lengths:#x}, \
             local_lengths: {local_lengths:#x}, plan: {plan}, general: {general}, \
             international: {international}, national: {national}, inserted: &{inserted:?} }},"
        )
        .map_err(|e| e.to_string())?;
    }
    let text = format!(
        "// Made by `examples/make_tables`; not to be edited.\n\
         use super::Area;\n\n\
         pub(super) const ROW_WORDS: usize = {};\n\
         pub(super) const LEAF_WORDS: usize = {};\n\n\
         #[rustfmt::skip]\n\
         pub(super) static AREAS: [Area; {}] = [\n{rows}];\n",
        layout.row_words(),
        layout.leaf_words(),
        territories.len(),
    );
    let codes = calling_codes(&sharing)?;
    Ok((layout.words().chain(codes).collect(), text))
}

fn prefix(
    layout: &mut Layout,
    pattern: Option<&str>,
    group: Option<usize>,
) -> Result<usize, String> {
    match pattern {
        Some(pattern) => layout.prefix(&prefix::prefix(&Pattern::compile(pattern)?, group)),
        None => Ok(0),
    }
}

/// Reads a rule such as `268$1`: digits, then a group of the prefix.
fn rule(text: &str) -> Result<(Vec<u8>, Option<usize>), String> {
    if text.is_empty() {
        return Ok((Vec::new(), None));
    }
    let unknown = || format!("unknown rule `{text}`");
    let (digits, group) = text.split_once('$').ok_or_else(unknown)?;
    let group: usize = group.parse().map_err(|_| unknown())?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !(1..=2).contains(&group) {
        return Err(unknown());
    }
    Ok((digits.bytes().map(|b| b - b'0').collect(), Some(group)))
}

fn length_mask(lengths: &[i32]) -> Result<u32, String> {
    lengths.iter().try_fold(0, |mask, &length| match length {
        -1 => Ok(0),
        0..32 => Ok(mask | 1 << length),
        _ => Err(format!("a length of {length} digits")),
    })
}

/// By the first three digits: how many of them are the calling code (high byte; 0: none), and the
/// place of its main area.
fn calling_codes(sharing: &BTreeMap<u16, Vec<usize>>) -> Result<Vec<u16>, String> {
    let mut codes = vec![0; CALLING_CODES];
    for (start, entry) in codes.iter_mut().enumerate().skip(100) {
        for (digits, divisor) in [(1, 100), (2, 10), (3, 1)] {
            let code = u16::try_from(start / divisor).map_err(|e| e.to_string())?;
            if let Some(regions) = sharing.get(&code) {
                let main = u8::try_from(regions[0]).map_err(|e| e.to_string())?;
                *entry = digits << 8 | u16::from(main);
                break;
            }
        }
    }
    Ok(codes)
}
