//! The lab as a whole: what it writes, twice, and whether its truth says what the files hold.

mod files;
mod hard;
mod house;
mod rows;
mod score;
mod truth;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_lab::{Preset, Process, Recipe, Summary, generate_recipe_on};

/// A case in a folder of its own.
struct Made {
    _folder: tempfile::TempDir,
    root: Utf8PathBuf,
    summary: Summary,
}

impl Made {
    fn new(preset: Preset, seed: u64, threads: usize) -> Self {
        Self::of(&Recipe::new(preset, seed), threads)
    }

    /// The smallest case of hard mode.
    fn hard(seed: u64, losses: Process, threads: usize) -> Self {
        let mut recipe = Recipe::new(Preset::Hard, seed);
        recipe.accounts = Some(500);
        recipe.losses = losses;
        Self::of(&recipe, threads)
    }

    fn of(recipe: &Recipe, threads: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Utf8Path::from_path(folder.path())
            .expect("UTF-8")
            .to_owned();
        let mut ignore = |_, _| {};
        let summary = generate_recipe_on(threads, recipe, &root, &mut ignore).expect("made");
        Self {
            _folder: folder,
            root,
            summary,
        }
    }

    fn tiny(seed: u64) -> Self {
        Self::new(Preset::Tiny, seed, 2)
    }

    /// All files by their path in the case.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        for folder in ["", "seized", "reference", "truth", "mappings"] {
            if !self.root.join(folder).exists() {
                continue;
            }
            for entry in fs::read_dir(self.root.join(folder)).expect("a folder") {
                let path =
                    Utf8PathBuf::from_path_buf(entry.expect("an entry").path()).expect("UTF-8");
                if path.is_file() {
                    let name = path.strip_prefix(&self.root).expect("inside").to_string();
                    found.insert(name, fs::read(&path).expect("read"));
                }
            }
        }
        found
    }

    /// A seized file as it lies there.
    fn sealed(&self, name: &str) -> Vec<u8> {
        fs::read(self.root.join("seized").join(name)).expect("read")
    }

    /// A seized file's decompressed bytes.
    #[expect(
        clippy::disallowed_methods,
        reason = "our own files, a few megabytes at most"
    )]
    fn plain(&self, name: &str) -> Vec<u8> {
        let bytes = self.sealed(name);
        let mut plain = Vec::new();
        if name.ends_with(".gz") {
            let mut decoder = flate2::bufread::GzDecoder::new(&bytes[..]);
            decoder.read_to_end(&mut plain).expect("gzip");
            assert!(decoder.into_inner().is_empty(), "{name} is one member");
        } else if name.ends_with(".zst") {
            zstd::stream::copy_decode(&bytes[..], &mut plain).expect("zstd");
        } else {
            plain = bytes;
        }
        plain
    }

    fn json(&self, name: &str) -> serde_json::Value {
        let text = fs::read(self.root.join("truth").join(name)).expect("read");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// A truth file's rows, by column.
    fn truth(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let text = fs::read(self.root.join("truth").join(name)).expect("read");
        let mut rows = rows::of_csv(&text, b"\n").into_iter().map(|row| {
            let cells = row.cells.into_iter().flatten();
            cells
                .map(|cell| String::from_utf8(cell).expect("UTF-8"))
                .collect::<Vec<_>>()
        });
        let header = rows.next().expect("a header");
        rows.map(|row| {
            assert_eq!(row.len(), header.len(), "cells of `{name}`");
            header.iter().cloned().zip(row).collect()
        })
        .collect()
    }

    /// A figure's value and the hash of its rows.
    fn figure(&self, id: &str) -> (u64, String) {
        let figures = self.json("figures.json");
        let figure = figures["figures"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|f| f["id"] == id);
        let figure = figure.unwrap_or_else(|| panic!("no figure `{id}`"));
        (
            figure["value"].as_u64().expect("a whole number"),
            figure["rows_sha256"].as_str().expect("text").to_owned(),
        )
    }
}
