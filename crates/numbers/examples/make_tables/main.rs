//! Makes `src/tables` from the metadata of the `rlibphonenumber` that `Cargo.lock` names, so that
//! both are of one version, and says what changed:
//!
//! ```sh
//! cargo run --release -p unspoof-numbers --example make_tables
//! ```

mod automaton;
mod changes;
mod layout;
mod metadata;
mod pattern;
mod plan;
mod prefix;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use changes::{View, changes};
use layout::Layout;
use metadata::Territory;
use pattern::Pattern;

const CALLING_CODES: usize = 1_000;

fn main() -> Result<(), String> {
    let source = Source::find()?;
    let (automata, areas) = source.tables()?;
    let folder = crate_folder()?.join("src/tables");
    let old = View::read(
        &read(&folder.join("automata.bin"))?,
        &text(&folder.join("areas.rs"))?,
    )?;
    let said = changes(&old, &View::read(&automata, &areas)?).map_err(|e| e.to_string())?;
    let library = crate_folder()?.join("src/lib.rs");
    let before = text(&library)?;
    let had = metadata_version(&before)?;
    write(&folder.join("automata.bin"), &automata)?;
    write(&folder.join("areas.rs"), areas.as_bytes())?;
    write(
        &library,
        before
            .replace(&line(had), &line(&source.version))
            .as_bytes(),
    )?;
    let end = if said.is_empty() {
        "the tables stay as they are\n"
    } else {
        ""
    };
    write!(
        std::io::stdout(),
        "metadata {had} -> {}\n{said}{end}",
        source.version
    )
    .map_err(|e| e.to_string())
}

/// Asked for when it runs: builds of several checkouts may share one cache.
fn crate_folder() -> Result<PathBuf, String> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR");
    Ok(folder.ok_or("run by cargo, this knows its crate")?.into())
}

fn line(version: &str) -> String {
    format!("pub const METADATA_VERSION: &str = {version:?};")
}

/// Finds the version that the library says it is of.
fn metadata_version(library: &str) -> Result<&str, String> {
    library
        .lines()
        .find_map(|line| line.strip_prefix("pub const METADATA_VERSION: &str = "))
        .map(|rest| rest.trim_matches(|c| c == '"' || c == ';'))
        .ok_or_else(|| "`src/lib.rs` has no METADATA_VERSION".to_owned())
}

/// The metadata that `rlibphonenumber` carries.
struct Source {
    version: String,
    metadata: Vec<u8>,
}

impl Source {
    fn find() -> Result<Self, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(crate_folder()?)
            .output()
            .map_err(|e| format!("`cargo metadata`: {e}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!("`cargo metadata`: {said}"));
        }
        let workspace: serde_json::Value =
            serde_json::from_slice(&output.stdout).map_err(|e| e.to_string())?;
        let manifest = workspace["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|package| package["name"] == "rlibphonenumber")
            .and_then(|package| package["manifest_path"].as_str())
            .ok_or("`rlibphonenumber` is no dependency")?;
        let folder = Path::new(manifest).parent().ok_or("a crate has a folder")?;
        let readme = text(&folder.join("Readme.md"))?;
        let version = readme
            .lines()
            .find(|line| line.to_lowercase().contains("metadata version"))
            .and_then(|line| line.split_once("`v")?.1.split_once('`'))
            .ok_or("the readme of `rlibphonenumber` names no metadata version")?
            .0;
        Ok(Self {
            version: version.to_owned(),
            metadata: read(&folder.join("src/generated/metadata/metadata.bin"))?,
        })
    }

    /// Makes both files.
    fn tables(&self) -> Result<(Vec<u8>, String), String> {
        Ok(files(tables_of(&self.metadata)?))
    }
}

/// Gives tables the form of their files.
fn files((words, areas): (Vec<u16>, String)) -> (Vec<u8>, String) {
    (
        words.into_iter().flat_map(u16::to_le_bytes).collect(),
        areas,
    )
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|e| format!("`{}`: {e}", path.display()))
}

fn text(path: &Path) -> Result<String, String> {
    String::from_utf8(read(path)?).map_err(|e| e.to_string())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_tables_are_those_of_the_version_that_is_named() {
        let source = Source::find().expect("the crate is there");
        let folder = crate_folder().expect("cargo runs tests");
        let library = text(&folder.join("src/lib.rs")).expect("a library");
        assert_eq!(metadata_version(&library), Ok(source.version.as_str()));
        let (automata, areas) = source.tables().expect("tables");
        let folder = folder.join("src/tables");
        let hint = "make them: cargo xtask numbers update";
        let committed = read(&folder.join("automata.bin")).expect("is committed");
        assert!(automata == committed, "{hint}");
        let committed = text(&folder.join("areas.rs")).expect("is committed");
        assert!(areas == committed, "{hint}");
    }

    #[test]
    fn what_changed_is_told() {
        let source = Source::find().expect("the crate is there");
        let view = |change: fn(&mut Vec<Territory>)| {
            let mut all = Territory::read_all(&source.metadata).expect("metadata");
            change(&mut all);
            let (automata, areas) = files(tables(all).expect("tables"));
            View::read(&automata, &areas).expect("tables")
        };
        let old = view(|_| {});
        assert_eq!(changes(&old, &old).as_deref(), Ok(""));
        let new = view(|all| {
            let at = all.iter().position(|t| t.id == "FK").expect("is there");
            // The Falklands: mobiles were [56]\d{4}, fixed lines [2-47]\d{4}.
            all[at].general.pattern = Some(r"^(?:[2-8]\d{4})$".to_owned());
            all[at].general.lengths.push(7);
            all[at].kinds.entry(3).or_default().pattern =
                Some(r"^(?:(?:5\d|8[0-4])\d{3})$".to_owned());
            all[at].national_prefix = Some("^(?:0)$".to_owned());
            all.retain(|t| t.id != "AC");
        });
        let said = changes(&old, &new).expect("text");
        for line in [
            "AC (+247) removed",
            "FK (+500) lengths: 5 -> 5 7",
            "FK (+500) national prefix changed",
            "FK (+500) 10000 numbers: mobile -> invalid",
            "    +500 6xxxx: mobile -> invalid",
            "    +500 80xxx: invalid -> mobile",
        ] {
            assert!(
                said.lines().any(|said| said == line),
                "no `{line}` in\n{said}"
            );
        }
        assert!(said.contains("AC (+247)") && !said.contains("GB"), "{said}");
    }
}
