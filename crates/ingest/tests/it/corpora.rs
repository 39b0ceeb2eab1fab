//! What the fuzz targets have found interesting is read in every run of the tests.

use std::fs;
use std::path::Path;

use crate::accounted;

/// Calls `read` with each file of a target's corpus and of the fixtures in `testdata`.
fn replay(target: &str, fixtures: &[&str], read: fn(&[u8])) {
    let crate_folder = Path::new(".");
    let mut folders = vec![crate_folder.join("fuzz/corpus").join(target)];
    folders.extend(
        fixtures
            .iter()
            .map(|name| crate_folder.join("testdata").join(name)),
    );
    let mut files = 0;
    for folder in folders {
        for entry in fs::read_dir(&folder).expect("is there") {
            let path = entry.expect("is readable").path();
            if path.extension().is_some_and(|name| name == "expected") {
                continue;
            }
            read(&fs::read(&path).expect("is readable"));
            files += 1;
        }
    }
    assert!(files > 10, "the corpus is found");
}

#[test]
fn dumps_that_fuzzing_found_are_accounted_for() {
    replay("dump", &["dump"], |input| {
        let (_, sizes, text) = accounted::choices(input);
        accounted::dump(text, &sizes);
    });
}

#[test]
fn delimited_texts_that_fuzzing_found_are_accounted_for() {
    replay("delimited", &["csv"], |input| {
        let (dialect, sizes, text) = accounted::choices(input);
        accounted::delimited(text, dialect, &sizes);
    });
}

#[test]
fn files_that_fuzzing_found_are_sniffed() {
    replay("sniff", &["csv", "dump"], accounted::sniffed);
}
