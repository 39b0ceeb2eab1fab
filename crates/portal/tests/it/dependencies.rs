//! What the portal is built of: nothing that knows a case.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

#[test]
fn the_portal_depends_on_nothing_that_knows_a_case() {
    // Windows' crates may never have been downloaded here.
    let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--offline",
            "--filter-platform",
            &platform,
        ])
        .output()
        .unwrap();
    assert!(
        metadata.status.success(),
        "{}",
        String::from_utf8_lossy(&metadata.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let mut names = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        names.insert(
            package["id"].as_str().unwrap(),
            package["name"].as_str().unwrap(),
        );
    }
    let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let normal = |dep: &&serde_json::Value| {
            let kinds = dep["dep_kinds"].as_array().unwrap();
            kinds
                .iter()
                .any(|kind| kind["kind"].as_str() != Some("dev"))
        };
        let deps = node["deps"].as_array().unwrap().iter().filter(normal);
        needs.insert(
            node["id"].as_str().unwrap(),
            deps.map(|dep| dep["pkg"].as_str().unwrap()).collect(),
        );
    }
    let start = names
        .iter()
        .find(|(_, name)| **name == "unspoof-portal")
        .unwrap()
        .0;
    let (mut seen, mut todo) = (BTreeSet::new(), vec![*start]);
    while let Some(id) = todo.pop() {
        if seen.insert(id) {
            todo.extend(needs[id].iter());
        }
    }
    let seen: BTreeSet<&str> = seen.into_iter().map(|id| names[id]).collect();
    assert!(seen.len() > 40 && seen.contains("rustls"), "{seen:?}");
    for name in &seen {
        let is_ours =
            name.starts_with("unspoof") && *name != "unspoof-portal" && *name != "unspoof-handover";
        let is_engine = ["arrow", "parquet", "datafusion", "rusqlite"]
            .iter()
            .any(|e| name.starts_with(e));
        assert!(!is_ours && !is_engine, "the portal depends on {name}");
    }
}
