//! Checking a case: every byte that the log pins, and the log itself. Writes nothing.

mod exhibits;
mod files;
mod log;
mod walk;

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use camino::Utf8Path;
use unspoof_model::Coded;

use crate::case;
use crate::error::CaseError;
use crate::log::{LOG, Log};
use crate::state::{CONFIG, FOLDERS};
use crate::transaction::{Pending, STAGING, find_pending};

/// What to check against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyOptions {
    /// A checkpoint of this log that was kept elsewhere, as text.
    pub checkpoint: Option<String>,
    /// The log's public key as it was kept elsewhere; `log/key.txt` when left out.
    pub log_key: Option<String>,
    /// Check this exhibit only, and the log.
    pub exhibit: Option<String>,
}

/// Something that is not as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Problem {
    /// Stable code, such as `evidence/hash-mismatch`.
    pub code: &'static str,
    /// Path from the case's root, where there is one.
    pub path: Option<String>,
    /// What is wrong.
    pub detail: String,
}

/// A kind of check that was made.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// How many of them.
    pub count: u64,
}

/// What verifying a case found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct VerifyReport {
    /// What was checked, in order.
    pub checks: Vec<Check>,
    /// What is wrong; empty for a sound case.
    pub problems: Vec<Problem>,
    /// What is worth knowing and not wrong.
    pub notes: Vec<String>,
    /// What was not looked at, and why.
    pub not_checked: Vec<String>,
}

impl VerifyReport {
    /// Tells whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, code: &'static str, path: Option<&str>, detail: impl Into<String>) {
        let path = path.map(str::to_owned);
        self.problems.push(Problem {
            code,
            path,
            detail: detail.into(),
        });
    }

    fn failed(&mut self, error: &CaseError, path: Option<&str>) {
        let source = std::error::Error::source(error);
        let cause = source
            .map(|source| format!(": {source}"))
            .unwrap_or_default();
        self.problem(error.code(), path, format!("{error}{cause}"));
    }

    fn checked(&mut self, name: &'static str, count: usize) {
        self.checks.push(Check {
            name,
            count: count as u64,
        });
    }
}

/// Verifies a case: the log's signature, tree and tiles, every recorded file, the bags, and that
/// there are no other files. With a pinned checkpoint, also that the log still begins with all
/// that it counted.
///
/// It takes no lock, so that it can run on a folder that cannot be written; where a writer is at
/// work it looks again until it has seen one state whole.
#[must_use]
pub fn verify(root: &Utf8Path, options: &VerifyOptions) -> VerifyReport {
    let mut tries = 0;
    loop {
        let before = trace(root);
        let mut report = VerifyReport::default();
        let files_were_moving = attempt(root, options, &mut report);
        let was_disturbed = files_were_moving || before != trace(root);
        tries += 1;
        if report.is_sound() || !was_disturbed || tries == MAX_TRIES {
            report.problems.sort();
            return report;
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// A case that is written to at every look, and looks wrong at every look, is wrong.
const MAX_TRIES: u32 = 5;

/// What changes with every append and every step between commits.
fn trace(root: &Utf8Path) -> (Option<Vec<u8>>, Vec<String>) {
    let checkpoint = std::fs::read(root.join(LOG).join("checkpoint")).ok();
    let staged = root.join(STAGING).read_dir_utf8();
    let mut staged: Vec<String> = staged
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_owned())
        .collect();
    staged.sort();
    (checkpoint, staged)
}

/// Checks everything once; returns whether files were on their way into place meanwhile.
fn attempt(root: &Utf8Path, options: &VerifyOptions, report: &mut VerifyReport) -> bool {
    match root.join(LOG).symlink_metadata() {
        Ok(found) if found.is_dir() => {}
        Ok(_) | Err(_) => {
            report.failed(
                &CaseError::NotACase {
                    root: root.to_owned(),
                },
                Some(LOG),
            );
            return false;
        }
    }
    let log = match open_log(root, options, report) {
        Ok(log) => log,
        Err(error) => {
            report.failed(&error, Some("log/key.txt"));
            return false;
        }
    };
    let Some(proven) = log::check(root, &log, options, report) else {
        report
            .not_checked
            .push("the case's files: the log does not say what they were".to_owned());
        return false;
    };
    let pending = match find_pending(root, &log, &proven.head, proven.current) {
        Ok(pending) => pending,
        Err(error) => {
            report.failed(&error, None);
            None
        }
    };
    if pending.is_some() {
        report.notes.push(
            "a recorded commit was interrupted before all files were in place; they were checked where they are, and the next command that writes finishes it".to_owned(),
        );
    }
    log::check_manifests(root, &log, &proven, pending.as_ref(), report);
    let state = match case::read_state(
        &log,
        proven.current,
        pending.as_ref().map(Pending::manifest).as_deref(),
    ) {
        Ok(state) => state,
        // Reported above.
        Err(_) => {
            report
                .not_checked
                .push("the case's files: their list is missing or changed".to_owned());
            return false;
        }
    };
    let subject = files::Subject {
        root,
        state: &state,
        pending: pending.as_ref(),
    };
    let scope = match &options.exhibit {
        None => files::Scope::Case,
        Some(name) => {
            let folder = format!("exhibits/{name}");
            if state.under(&folder).next().is_none() {
                let detail = format!("no exhibit `{name}` is sealed in this case");
                report.problem("evidence/unknown-exhibit", None, detail);
            }
            report
                .not_checked
                .push(format!("files outside of `{folder}`: as asked"));
            files::Scope::Folder(folder)
        }
    };
    let found = files::check(&subject, &scope, report);
    exhibits::check(&subject, &scope, &found, report);
    if scope == files::Scope::Case {
        files::check_extra(&subject, report);
        check_format(&subject.resolve(CONFIG), report);
        list_outsiders(root, report);
    }
    report.not_checked.push(
        "decompressed streams: they follow from the sealed bytes, which were checked".to_owned(),
    );
    pending.is_some()
}

fn open_log(
    root: &Utf8Path,
    options: &VerifyOptions,
    report: &mut VerifyReport,
) -> Result<Log, CaseError> {
    let own = Log::open(root);
    let Some(kept) = &options.log_key else {
        let log = own?;
        report.notes.push(format!(
            "the log's key is the one that lies in the case, `{}`: give the one that was kept elsewhere with --log-key",
            log.public()
        ));
        return Ok(log);
    };
    let log = Log::with_key(root, kept.trim())?;
    if !own.is_ok_and(|own| own.public() == log.public()) {
        report.problem(
            "log/key",
            Some("log/key.txt"),
            "is not the key that was given",
        );
    }
    Ok(log)
}

/// A `case.toml` that is as recorded can still be of a newer version.
fn check_format(config: &Utf8Path, report: &mut VerifyReport) {
    if let Err(error) = case::read_config(config)
        && matches!(
            error,
            CaseError::NewerFormat { .. } | CaseError::Config { .. }
        )
    {
        report.failed(&error, Some(CONFIG));
    }
}

/// Tells whether anything but folders lies in a folder; one that cannot be listed may hold files.
fn holds_files(folder: &Utf8Path) -> bool {
    let entries = match folder.read_dir_utf8() {
        Ok(entries) => entries,
        Err(error) => return error.kind() != std::io::ErrorKind::NotFound,
    };
    entries.into_iter().any(|entry| match entry {
        Ok(entry) if entry.file_type().is_ok_and(|kind| kind.is_dir()) => holds_files(entry.path()),
        Ok(_) | Err(_) => true,
    })
}

/// The database of judgements. Its file differs between machines that hold the same judgements, so
/// no list of files holds it; see `docs/formats/judgements.md`.
const STORE: &str = "case.db";

/// Names what lies in the folder and is no part of the case.
fn list_outsiders(root: &Utf8Path, report: &mut VerifyReport) {
    let own = FOLDERS
        .iter()
        .copied()
        .chain([CONFIG, LOG, STAGING])
        .chain(crate::lock::LOCK_FILES);
    let own: Vec<&str> = own.collect();
    let entries = root.read_dir_utf8().into_iter().flatten().flatten();
    let mut others = BTreeSet::new();
    for entry in entries {
        if !own.contains(&entry.file_name()) {
            others.insert(entry.file_name().to_owned());
        }
    }
    for name in others {
        let why = if name.starts_with(STORE) {
            "decisions, pinned by a keyed hash: whoever holds the keys checks them by `unspoof judge list`"
        } else {
            "no event pins what is in it"
        };
        report.not_checked.push(format!("`{name}`: {why}"));
    }
    if holds_files(&root.join(STAGING)) {
        report
            .not_checked
            .push(format!("`{STAGING}`: unfinished work, no part of the case"));
    }
}
