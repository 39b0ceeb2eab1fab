//! The log: signature, tree, every byte of every file, and what a kept checkpoint says of it.

use std::collections::BTreeSet;
use std::fs;

use camino::Utf8Path;
use tlog_tiles::{HASH_SIZE, Tile};
use unspoof_model::{Coded as _, Sha256Hash};

use super::walk::{Kind, walk};
use super::{VerifyOptions, VerifyReport};
use crate::durable;
use crate::error::{CaseError, LogError};
use crate::event::LoggedEvent;
use crate::log::{Entries, Head, LOG, Log, as_sha256, expected_tiles, steady, tile_of, tile_path};
use crate::state::{self, State};
use crate::transaction::Pending;

/// A log that was found sound enough to say what the case's files are.
pub(super) struct Proven {
    pub(super) head: Head,
    /// The list of the case's files now.
    pub(super) current: Sha256Hash,
    /// Every list that an event pins.
    states: BTreeSet<Sha256Hash>,
}

/// Checks the log; `None` when it cannot say what the case's files are.
pub(super) fn check(
    root: &Utf8Path,
    log: &Log,
    options: &VerifyOptions,
    report: &mut VerifyReport,
) -> Option<Proven> {
    let head = match log.head() {
        Ok(Some(head)) => head,
        Ok(None) => {
            report.problem("log/checkpoint", Some("log/checkpoint"), "is missing");
            return None;
        }
        Err(error) => {
            report.failed(&error, Some("log/checkpoint"));
            return None;
        }
    };
    report.checked("signature of the log's checkpoint", 1);
    let entries = match steady(|| log.unproven_entries(&head)) {
        Ok(entries) => entries,
        Err(error) => {
            report.failed(&CaseError::Log(error), None);
            return None;
        }
    };
    let is_signed = entries.root(head.size) == Ok(head.root);
    if !is_signed {
        report.failed(&CaseError::Log(LogError::Tree), Some(LOG));
    }
    report.checked(
        "log entries, by the tree that the checkpoint signs",
        entries.entries.len(),
    );
    check_files(root, &head, &entries, report);
    check_pinned(log, options, &head, &entries, report);
    let events = read_events(&entries, report);
    let current = events.last()?.state;
    // Entries that nobody signed say nothing about the files.
    is_signed.then(|| Proven {
        head,
        current,
        states: events.iter().map(|event| event.state).collect(),
    })
}

/// Reads the entries as events and checks that each names the tree before it.
fn read_events(entries: &Entries, report: &mut VerifyReport) -> Vec<LoggedEvent> {
    let mut events = Vec::new();
    for (entry, seq) in entries.entries.iter().zip(0..) {
        match LoggedEvent::from_entry(seq, entry) {
            Ok(event) => {
                if entries.root(seq).map(as_sha256) != Ok(event.prev_root) {
                    let detail = format!("entry {seq} names another tree than the one before it");
                    report.problem("log/tree", None, detail);
                }
                events.push(event);
            }
            Err(error) => report.problem(error.code(), None, error.to_string()),
        }
    }
    events
}

/// Checks the files of the tree: each of them, byte by byte, and no others.
fn check_files(root: &Utf8Path, head: &Head, entries: &Entries, report: &mut VerifyReport) {
    let mut missing: BTreeSet<String> = expected_tiles(head.size)
        .iter()
        .map(|tile| format!("{LOG}/{}", tile_path(tile)))
        .collect();
    let found = match walk(root, LOG) {
        Ok(found) => found,
        Err(error) => {
            report.problem(
                "case/io",
                Some(LOG),
                format!("could not be listed: {error}"),
            );
            return;
        }
    };
    let mut checked = 0;
    for (path, kind) in found {
        let place = path.strip_prefix("log/").unwrap_or(&path);
        if kind == Kind::Other {
            report.problem("evidence/extra", Some(&path), "is not a regular file");
        } else if matches!(place, "key.txt" | "checkpoint") {
            // Checked when the log was opened.
        } else if place.starts_with("manifests/") {
            // Checked with the states that they list.
        } else if missing.remove(&path) {
            let expected = tile_of(place).and_then(|tile| content(&tile, entries));
            let actual = fs::read(root.join(&path)).ok();
            if expected.is_none() || actual != expected {
                report.problem(
                    "log/tile",
                    Some(&path),
                    "is not what the log's entries give",
                );
            }
            checked += 1;
        } else {
            check_leftover(root, &path, head, entries, report);
        }
    }
    for path in missing {
        report.problem("log/tile", Some(&path), "is missing");
    }
    report.checked("files of the log's tree", checked);
}

/// An append that was interrupted leaves partial tiles: narrower ones that it would have removed,
/// or those of the one entry that it did not get to commit.
fn check_leftover(
    root: &Utf8Path,
    path: &str,
    head: &Head,
    entries: &Entries,
    report: &mut VerifyReport,
) {
    let place = path.strip_prefix("log/").unwrap_or(path);
    let actual = match fs::read(root.join(path)) {
        Ok(actual) => actual,
        // An append that is under way has just removed it.
        Err(error) if durable::is_absent(&error) => return,
        Err(error) => {
            let detail = format!("could not be read: {error}");
            report.problem("evidence/read", Some(path), detail);
            return;
        }
    };
    let verdict = tile_of(place).and_then(|tile| {
        let in_tree = hashes_at(&tile, head.size);
        if u64::from(tile.width()) <= in_tree {
            let outgrown = content(&tile, entries)? == actual;
            return outgrown
                .then(|| format!("`{path}` was outgrown, and goes with the next event"));
        }
        let uncommitted = expected_tiles(head.size + 1).contains(&tile)
            && u64::from(tile.width()) == in_tree + 1
            && match u32::try_from(in_tree).ok().filter(|&width| width > 0) {
                Some(width) => {
                    let narrower = with_width(&tile, width);
                    content(&narrower, entries).is_some_and(|known| actual.starts_with(&known))
                }
                None => true,
            }
            && (tile.is_data() || actual.len() == tile.width() as usize * HASH_SIZE);
        uncommitted.then(|| {
            format!("`{path}` is of an event that was not recorded, and goes with the next one")
        })
    });
    match verdict {
        Some(note) => report.notes.push(note),
        None => report.problem("evidence/extra", Some(path), "is no part of the log"),
    }
}

/// Counts the hashes that a tree of this size has in a tile's place.
fn hashes_at(tile: &Tile, size: u64) -> u64 {
    let level_size = size.checked_shr(8 * u32::from(tile.level())).unwrap_or(0);
    let first = tile.level_index().saturating_mul(256);
    level_size.saturating_sub(first).min(256)
}

fn with_width(tile: &Tile, width: u32) -> Tile {
    Tile::new(8, tile.level(), tile.level_index(), width, tile.is_data())
}

/// Works out a tile's content from the entries; `None` for one that they do not reach.
fn content(tile: &Tile, entries: &Entries) -> Option<Vec<u8>> {
    let reached = hashes_at(tile, entries.entries.len() as u64) >= u64::from(tile.width());
    if !reached || tile.height() != 8 {
        return None;
    }
    if !tile.is_data() {
        return tile.read_data(entries.hashes()).ok();
    }
    let first = usize::try_from(tile.level_index()).ok()?.checked_mul(256)?;
    let mut bundle = Vec::new();
    for entry in entries
        .entries
        .get(first..)?
        .iter()
        .take(tile.width() as usize)
    {
        bundle.extend(u16::try_from(entry.len()).ok()?.to_be_bytes());
        bundle.extend(entry);
    }
    Some(bundle)
}

/// Checks that the log still begins with all that a kept checkpoint counted.
fn check_pinned(
    log: &Log,
    options: &VerifyOptions,
    head: &Head,
    entries: &Entries,
    report: &mut VerifyReport,
) {
    let Some(text) = &options.checkpoint else {
        report.not_checked.push(
            "whether the whole folder was put back to an earlier state: give a checkpoint that was kept elsewhere with --checkpoint".to_owned(),
        );
        return;
    };
    // Editors and mailers end files with one line break or several.
    let text = format!("{}\n", text.trim_end());
    let pinned = match log.check_note(text.as_bytes()) {
        Ok(pinned) => pinned,
        Err(_) => {
            report.problem(
                "log/pinned",
                None,
                "the checkpoint that was given is not signed by this log's key",
            );
            return;
        }
    };
    if pinned.size > head.size {
        let detail = format!(
            "the log has {} entries, and had {} when the checkpoint that was given was made",
            head.size, pinned.size
        );
        report.problem("log/rolled-back", Some("log/checkpoint"), detail);
    } else if entries.root(pinned.size) != Ok(pinned.root) {
        let detail = format!(
            "the log's first {} entries are not those of the checkpoint that was given",
            pinned.size
        );
        report.problem("log/rewritten", Some("log/checkpoint"), detail);
    }
    report.checked("kept checkpoint", 1);
}

/// Checks the lists of files: each that an event pins is there and unchanged, and no others.
pub(super) fn check_manifests(
    root: &Utf8Path,
    log: &Log,
    proven: &Proven,
    pending: Option<&Pending>,
    report: &mut VerifyReport,
) {
    let mut known = BTreeSet::new();
    for state in &proven.states {
        let place = log.manifest_path(*state);
        known.insert(format!("log/manifests/{state}.txt"));
        let is_pending = pending.filter(|pending| pending.state_sha256 == *state);
        let text = fs::read_to_string(&place)
            .ok()
            .or_else(|| fs::read_to_string(is_pending?.manifest()).ok());
        let is_list = text.is_some_and(|text| {
            state::sha256(text.as_bytes()) == *state && State::from_text(&text).is_some()
        });
        if !is_list {
            let error = LogError::Manifest { state: *state };
            report.problem(
                error.code(),
                Some(&format!("log/manifests/{state}.txt")),
                error.to_string(),
            );
        }
    }
    report.checked(
        "lists of the case's files, one for each state",
        proven.states.len(),
    );
    for (path, kind) in walk(root, "log/manifests").unwrap_or_default() {
        if kind == Kind::File && !known.contains(&path) {
            report.problem("evidence/extra", Some(&path), "is pinned by no event");
        }
    }
}
