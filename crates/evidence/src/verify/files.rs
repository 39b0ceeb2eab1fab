//! The recorded files: each as recorded, and no others.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::VerifyReport;
use super::walk::{Kind, walk};
use crate::durable;
use crate::hashing::{self, Digests};
use crate::state::{CONFIG, FOLDERS, FileRecord, State};
use crate::transaction::Pending;

/// The case that is verified.
pub(super) struct Subject<'a> {
    pub(super) root: &'a Utf8Path,
    pub(super) state: &'a State,
    pub(super) pending: Option<&'a Pending>,
}

/// How much of it is verified.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Scope {
    Case,
    Folder(String),
}

impl Scope {
    pub(super) fn holds(&self, path: &str) -> bool {
        match self {
            Self::Case => true,
            Self::Folder(folder) => Utf8Path::new(path).starts_with(folder),
        }
    }
}

impl Subject<'_> {
    /// Returns where a file's bytes are: in the staging folder until they are in place.
    pub(super) fn resolve(&self, path: &str) -> Utf8PathBuf {
        let staged = self.pending.map(|pending| pending.staged(path));
        staged
            .filter(|staged| staged.symlink_metadata().is_ok())
            .unwrap_or_else(|| self.root.join(path))
    }

    /// Tells whether a file in its place is the one that a commit on its way supersedes: as it was
    /// recorded before, or, where a person's edit is being recorded, as it will be.
    fn is_superseded(&self, path: &str) -> bool {
        let Some(pending) = self.pending else {
            return false;
        };
        let awaits = pending.gone.iter().any(|gone| gone == path)
            || pending.staged(path).symlink_metadata().is_ok();
        let mut records = [&pending.before, self.state]
            .into_iter()
            .filter_map(|state| state.files.get(path))
            .peekable();
        awaits
            && records.peek().is_some()
            && digests(&self.root.join(path), false)
                .is_ok_and(|found| records.any(|record| found.record == *record))
    }
}

/// Hashes a regular file; anything else is an error, and is not opened.
fn digests(path: &Utf8Path, with_sha512: bool) -> io::Result<Digests> {
    if !path.symlink_metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    hashing::digests(path, with_sha512)
}

/// Checks every recorded file in scope; returns what was found of those that could be read.
pub(super) fn check(
    subject: &Subject<'_>,
    scope: &Scope,
    report: &mut VerifyReport,
) -> BTreeMap<String, Digests> {
    let recorded: Vec<(&String, &FileRecord)> = subject
        .state
        .files
        .iter()
        .filter(|(path, _)| scope.holds(path))
        .collect();
    let hashed = hashing::in_parallel(&recorded, |(path, _)| {
        let with_sha512 = path.starts_with("exhibits/");
        digests(&subject.resolve(path), with_sha512)
    });
    let mut found = BTreeMap::new();
    for ((path, record), hashed) in recorded.iter().zip(hashed) {
        match hashed {
            Ok(digests) => {
                if digests.record != **record {
                    let (code, hint) = changed_code(path);
                    let FileRecord { sha256, bytes } = digests.record;
                    let detail = format!(
                        "holds {bytes} bytes with SHA-256 {sha256}; recorded were {} bytes with SHA-256 {}{hint}",
                        record.bytes, record.sha256
                    );
                    report.problem(code, Some(path), detail);
                }
                found.insert((*path).clone(), digests);
            }
            Err(error) if durable::is_absent(&error) => {
                let (code, hint) = match changed_code(path) {
                    ("case/changed", hint) => ("case/changed", hint),
                    (_, hint) => ("evidence/missing", hint),
                };
                report.problem(code, Some(path), format!("is missing{hint}"));
            }
            Err(error) => {
                report.problem(
                    "evidence/read",
                    Some(path),
                    format!("could not be read: {error}"),
                );
            }
        }
    }
    report.checked("recorded files, by size and SHA-256", recorded.len());
    found
}

/// People may edit the configuration; that is recorded at the next run.
fn changed_code(path: &str) -> (&'static str, &'static str) {
    if path == CONFIG || path.starts_with("mappings/") {
        (
            "case/changed",
            "; if the edit was meant, `unspoof run` records it",
        )
    } else {
        ("evidence/hash-mismatch", "")
    }
}

/// Finds what lies in the recorded folders and is not recorded.
pub(super) fn check_extra(subject: &Subject<'_>, report: &mut VerifyReport) {
    let mut looked_at = 0;
    for folder in FOLDERS {
        let found = match walk(subject.root, folder) {
            Ok(found) => found,
            Err(error) => {
                report.problem(
                    "case/io",
                    Some(folder),
                    format!("could not be listed: {error}"),
                );
                continue;
            }
        };
        looked_at += found.len();
        for (path, kind) in found {
            check_place(subject, &path, kind, report);
        }
    }
    if subject.root.join(CONFIG).is_file() {
        check_place(subject, CONFIG, Kind::File, report);
    }
    report.checked(
        "files in the recorded folders, for ones that are not recorded",
        looked_at,
    );
}

/// Checks a file that was found in a recorded folder.
fn check_place(subject: &Subject<'_>, path: &str, kind: Kind, report: &mut VerifyReport) {
    let is_recorded = subject.state.files.contains_key(path);
    if kind == Kind::Other {
        report.problem("evidence/extra", Some(path), "is not a regular file");
    } else if is_recorded && subject.resolve(path) == subject.root.join(path) {
        // Checked with the recorded files.
    } else if subject.is_superseded(path) {
        report.notes.push(format!(
            "`{path}` is superseded, and goes with the next writing command"
        ));
    } else {
        let (code, hint) = match changed_code(path) {
            ("case/changed", hint) => ("case/changed", hint),
            (_, hint) => ("evidence/extra", hint),
        };
        report.problem(code, Some(path), format!("is not recorded{hint}"));
    }
}
