//! What the lab keeps to: it links no reader, and its files fit the product's configuration.

use std::collections::BTreeSet;
use std::process::Command;

use unspoof_model::config::{CaseConfig, ReferenceKind};
use unspoof_model::mapping::{Mapping, Match};
use unspoof_model::schema;

use crate::Made;
use crate::rows::{of_csv, of_dump};

#[test]
fn the_lab_links_no_crate_of_ours() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .args(["--manifest-path", "Cargo.toml"])
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("a list");
    let lab = packages
        .iter()
        .find(|package| package["name"] == "unspoof-lab")
        .expect("the lab");
    let linked: BTreeSet<&str> = lab["dependencies"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|dependency| dependency["kind"].is_null())
        .filter_map(|dependency| dependency["name"].as_str())
        .collect();
    assert!(linked.contains("zstd"), "the list is read: {linked:?}");
    assert!(
        !linked.iter().any(|name| name.starts_with("unspoof")),
        "{linked:?}"
    );
    assert!(
        !linked.iter().any(|name| name.contains("phonenumber")),
        "{linked:?}"
    );
}

#[test]
fn the_case_is_stamped_made_up_and_names_its_lists() {
    let made = Made::tiny(1);
    let text = std::fs::read_to_string(made.root.join("case.toml")).expect("read");
    let case: CaseConfig = toml::from_str(&text).expect("a case");
    assert!(case.made_up);
    let sources: Vec<_> = case
        .sources
        .iter()
        .map(|s| (&*s.name, &*s.mapping))
        .collect();
    let expected = [
        ("service", "lab-service"),
        ("switch", "asterisk-csv"),
        ("reports", "lab-reports"),
    ];
    assert_eq!(sources, expected);
    assert_eq!(case.sources[1].clock_offset_s, 37);
    for reference in &case.references {
        let path = made.root.join("reference").join(&reference.file);
        if reference.kind == ReferenceKind::Addresses {
            let list = std::fs::read_to_string(&path).expect("a list");
            let addresses = list.matches("- address: bc1qmadeup").count();
            assert!(addresses > 10, "{addresses}");
            assert_eq!(addresses, list.matches("- address: ").count());
            continue;
        }
        let list = std::fs::read(&path).expect("a list");
        let rows = of_csv(&list, b"\n");
        let columns: Vec<String> = rows[0]
            .cells
            .iter()
            .flatten()
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect();
        let expected = match reference.kind {
            ReferenceKind::Organisations => {
                "number prefix organisation kind valid_from valid_to inbound_only"
            }
            ReferenceKind::Rates => "date currency value_currency rate",
            ReferenceKind::Suppressions => "number reason",
            ReferenceKind::Ofcom
            | ReferenceKind::Nanpa
            | ReferenceKind::Cna
            | ReferenceKind::Policy
            | ReferenceKind::Countries
            | ReferenceKind::Addresses => {
                panic!("the lab makes no block lists")
            }
        };
        assert_eq!(columns.join(" "), expected);
        assert!(rows.iter().all(|row| row.cells.len() == columns.len()) && rows.len() > 10);
    }
    assert_eq!(case.references.len(), 5);
}

fn mapping(name: &str) -> Mapping {
    let folder = "../ingest/presets";
    let text = std::fs::read_to_string(format!("{folder}/{name}.toml")).expect("a preset");
    let mapping: Mapping = toml::from_str(&text).expect("a mapping");
    assert_eq!(mapping.name, name);
    for table in &mapping.tables {
        let ours = schema::table(&table.to).expect("a table of ours");
        for column in table.columns.keys() {
            let group = ["_raw", "_utc", "_s"].iter().any(|suffix| {
                ours.columns
                    .iter()
                    .any(|known| known.name == format!("{column}{suffix}"))
            });
            let plain = ours.columns.iter().any(|known| known.name == column);
            assert!(
                plain || group || column == "incident",
                "`{column}` of `{}`",
                table.to
            );
        }
        for column in &table.identity {
            assert!(table.columns.contains_key(column), "`{column}` is mapped");
        }
    }
    mapping
}

#[test]
fn the_service_preset_maps_columns_that_the_dump_has() {
    let made = Made::tiny(1);
    let text = made.plain("panel-2022-11-08.sql.zst");
    let text = String::from_utf8_lossy(&text);
    let (tables, _) = of_dump(&made.plain("panel-2022-11-08.sql.zst"));
    let mapping = mapping("lab-service");
    assert!(matches!(mapping.matches, Match::SqlDump { .. }));
    for table in &mapping.tables {
        let from = table.from.as_deref().expect("a table of the dump");
        let head = format!("CREATE TABLE `{from}` (");
        let (_, rest) = text.split_once(&head).expect("a definition");
        let (body, _) = rest.split_once("\n) ENGINE").expect("its end");
        let columns: BTreeSet<&str> = body
            .lines()
            .filter_map(|line| line.strip_prefix("  `")?.split('`').next())
            .collect();
        assert_eq!(
            tables[from][0].cells.len(),
            columns.len(),
            "cells of `{from}`"
        );
        for origin in table.columns.values() {
            let column = origin.detailed().column.expect("a column");
            assert!(columns.contains(&*column), "`{from}` has no `{column}`");
        }
        assert!(
            table
                .withheld
                .iter()
                .all(|column| columns.contains(&**column))
        );
    }
}

#[test]
fn the_reports_preset_maps_columns_that_the_header_has() {
    let made = Made::tiny(1);
    let rows = of_csv(&made.plain("reports.csv"), b"\r\n");
    let header: Vec<String> = rows[0]
        .cells
        .iter()
        .flatten()
        .map(|cell| String::from_utf8_lossy(cell).into_owned())
        .collect();
    let mapping = mapping("lab-reports");
    let Match::Csv { header: asked, .. } = &mapping.matches else {
        panic!("delimited text")
    };
    assert_eq!(*asked, header);
    for origin in mapping.tables[0].columns.values() {
        assert!(header.contains(&origin.detailed().column.expect("a column")));
    }
    assert!(rows.iter().all(|row| row.cells.len() == header.len()));
}
