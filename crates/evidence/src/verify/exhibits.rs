//! The exhibits: their bags by the rules of BagIt, their records by what they hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::VerifyReport;
use super::files::{Scope, Subject};
use crate::bag;
use crate::exhibit::{Exhibit, RECORD, Stored};
use crate::hashing::Digests;
use crate::seal;

/// Checks the exhibits in scope. `found` has the digests of their files.
pub(super) fn check(
    subject: &Subject<'_>,
    scope: &Scope,
    found: &BTreeMap<String, Digests>,
    report: &mut VerifyReport,
) {
    let names: BTreeSet<&str> = subject
        .state
        .under("exhibits")
        .filter(|(path, _)| scope.holds(path))
        .filter_map(|(path, _)| path.split('/').nth(1))
        .collect();
    let mut bags = 0;
    let mut references = 0;
    for name in names {
        let folder = format!("exhibits/{name}/");
        let record = fs::read(subject.resolve(&format!("{folder}{RECORD}"))).ok();
        let Some(exhibit) = record.and_then(|text| Exhibit::from_record(&text, name)) else {
            let path = format!("{folder}{RECORD}");
            report.problem(
                "evidence/record",
                Some(&path),
                "is not the record of this exhibit",
            );
            continue;
        };
        let files: BTreeMap<String, Digests> = found
            .iter()
            .filter_map(|(path, digests)| Some((path.strip_prefix(&folder)?.to_owned(), *digests)))
            .collect();
        match &exhibit.stored {
            Stored::Bag => {
                bags += 1;
                check_bag(subject, &exhibit, &files, report);
            }
            Stored::Reference { path } => match seal::holds(path, exhibit.sha256, exhibit.bytes) {
                Ok(true) => references += 1,
                Ok(false) => {
                    let detail = "does not hold the bytes that were sealed by reference";
                    report.problem("evidence/hash-mismatch", Some(path.as_str()), detail);
                }
                Err(error) => report.not_checked.push(format!(
                    "exhibit `{name}`: sealed by reference, and `{path}` could not be read ({error})"
                )),
            },
        }
    }
    report.checked("bags, by RFC 8493 and both checksums", bags);
    report.checked("files sealed by reference", references);
}

fn check_bag(
    subject: &Subject<'_>,
    exhibit: &Exhibit,
    files: &BTreeMap<String, Digests>,
    report: &mut VerifyReport,
) {
    let folder = exhibit.folder();
    let read = |path: &str| fs::read_to_string(subject.resolve(&format!("{folder}/{path}"))).ok();
    for (path, what) in bag::check(files, read) {
        report.problem("evidence/bag", Some(&format!("{folder}/{path}")), what);
    }
    let payload = exhibit.payload().unwrap_or_default();
    let digests = payload
        .strip_prefix(&format!("{folder}/"))
        .and_then(|path| files.get(path));
    let as_sealed = digests.is_some_and(|found| {
        found.record.sha256 == exhibit.sha256
            && found.record.bytes == exhibit.bytes
            && found.sha512 == Some(exhibit.sha512)
    });
    if !as_sealed {
        report.problem(
            "evidence/hash-mismatch",
            Some(&payload),
            "does not hold the bytes that were sealed",
        );
    }
}
