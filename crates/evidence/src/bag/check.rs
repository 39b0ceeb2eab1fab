//! Validating a bag (RFC 8493 section 3): complete, and every checksum right.

use std::collections::{BTreeMap, BTreeSet};

use super::{DECLARATION, is_payload};
use crate::hashing::Digests;
use crate::state::decode_path;

/// Something that makes a bag invalid: the file under the bag's folder, and what is wrong.
pub(crate) type Finding = (String, String);

/// Checks a bag of the kind that this crate writes: both algorithms, nothing fetched.
///
/// `files` has the digests of every file under the bag's folder; `read` gives a tag file's text.
pub(crate) fn check(
    files: &BTreeMap<String, Digests>,
    read: impl Fn(&str) -> Option<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |path: &str, what: String| findings.push((path.to_owned(), what));
    if read("bagit.txt").as_deref() != Some(DECLARATION) {
        find(
            "bagit.txt",
            "is not the declaration of a BagIt 1.0 bag in UTF-8".to_owned(),
        );
    }
    let payload: BTreeSet<&str> = files
        .keys()
        .map(String::as_str)
        .filter(|path| is_payload(path))
        .collect();
    let tags: BTreeSet<&str> = files
        .keys()
        .map(String::as_str)
        .filter(|path| !is_payload(path) && !path.starts_with("tagmanifest-"))
        .collect();
    for (algorithm, hash) in ALGORITHMS {
        for (manifest, must_list) in [
            (format!("manifest-{algorithm}.txt"), &payload),
            (format!("tagmanifest-{algorithm}.txt"), &tags),
        ] {
            let Some(lines) = read(&manifest).as_deref().and_then(parse_manifest) else {
                find(&manifest, "is not a manifest".to_owned());
                continue;
            };
            for (path, listed) in &lines {
                match files.get(path) {
                    None => find(path, format!("is listed in `{manifest}` and missing")),
                    Some(digests) if hash(digests).as_deref() != Some(listed) => {
                        find(path, format!("has another checksum than in `{manifest}`"));
                    }
                    Some(_) => {}
                }
            }
            for path in must_list.iter().filter(|path| !lines.contains_key(**path)) {
                find(path, format!("is not listed in `{manifest}`"));
            }
        }
    }
    let bytes: u64 = payload
        .iter()
        .filter_map(|path| files.get(*path))
        .map(|file| file.record.bytes)
        .sum();
    let oxum = format!("Payload-Oxum: {bytes}.{}", payload.len());
    if !read("bag-info.txt").is_some_and(|text| text.lines().any(|line| line == oxum)) {
        find("bag-info.txt", format!("lacks the line `{oxum}`"));
    }
    findings
}

type HashText = fn(&Digests) -> Option<String>;

const ALGORITHMS: [(&str, HashText); 2] = [
    ("sha256", |digests| Some(digests.record.sha256.to_string())),
    ("sha512", |digests| {
        digests.sha512.map(|hash| hash.to_string())
    }),
];

/// Reads a manifest: checksum, blanks, path on each line; no path twice.
pub(crate) fn parse_manifest(text: &str) -> Option<BTreeMap<String, String>> {
    let mut lines = BTreeMap::new();
    for line in text.lines() {
        let (checksum, path) = line.split_once([' ', '\t'])?;
        let path = decode_path(path.trim_start_matches([' ', '\t']))?;
        let inside = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !inside || lines.insert(path, checksum.to_owned()).is_some() {
            return None;
        }
    }
    Some(lines)
}
