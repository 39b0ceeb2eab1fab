//! The truth against the files: rows are found again by a reader of the test's own.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};
use unspoof_lab::Preset;

use crate::Made;
use crate::rows::{Row, of_csv, of_dump, tuple};

const BACKUP: &str = "panel-2022-06-15.sql.gz";
const PANEL: &str = "panel-2022-11-08.sql.zst";
const SWITCH: &str = "Master.csv.gz";
const REPORTS: &str = "reports.csv";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Places by exhibit name, offset and length.
type Places = BTreeSet<(&'static str, usize, usize)>;

fn rows_sha256(made: &Made, places: &Places) -> String {
    let mut lines: Vec<String> = places
        .iter()
        .map(|(name, at, len)| {
            format!("{} 0 {at} {len}\n", hex(&Sha256::digest(made.sealed(name))))
        })
        .collect();
    lines.sort_unstable();
    hex(&Sha256::digest(lines.concat()))
}

/// The rows of both dumps that count, by table and first cell, and those that are left out.
struct Service {
    counted: BTreeMap<String, BTreeMap<Vec<u8>, (&'static str, Row)>>,
    left_out: Places,
    cut: Places,
}

impl Service {
    fn read(made: &Made) -> Self {
        let mut found = Self {
            counted: BTreeMap::new(),
            left_out: Places::new(),
            cut: Places::new(),
        };
        for name in [BACKUP, PANEL] {
            let (tables, cut) = of_dump(&made.plain(name));
            found.cut.extend(cut.map(|(at, len)| (name, at, len)));
            for (table, rows) in tables {
                if table == "logins" || table == "settings" {
                    continue;
                }
                let counted = found.counted.entry(table).or_default();
                for row in rows {
                    let key = row.cells[0].clone().expect("a key");
                    if let Some((name, earlier)) = counted.insert(key, (name, row)) {
                        found.left_out.insert((name, earlier.at, earlier.len));
                    }
                }
            }
        }
        found
    }

    fn places(&self, table: &str) -> Places {
        self.counted[table]
            .values()
            .map(|(name, row)| (*name, row.at, row.len))
            .collect()
    }
}

#[test]
fn accounts_and_payments_are_those_in_the_dumps() {
    for seed in [1, 2, 99] {
        let made = Made::tiny(seed);
        let service = Service::read(&made);
        for (table, id) in [("users", "accounts_registered"), ("topups", "payments")] {
            let places = service.places(table);
            let expected = (places.len() as u64, rows_sha256(&made, &places));
            assert_eq!(made.figure(id), expected, "{id}, seed {seed}");
        }
    }
}

#[test]
fn every_call_row_is_counted_left_out_or_rejected() {
    for seed in [1, 2, 99] {
        let made = Made::tiny(seed);
        let service = Service::read(&made);
        let switch = of_csv(&made.plain(SWITCH), b"\n");
        let (whole, torn): (Vec<Row>, Vec<Row>) =
            switch.into_iter().partition(|row| row.cells.len() == 18);

        let mut rejects = service.cut.clone();
        rejects.extend(torn.iter().map(|row| (SWITCH, row.at, row.len)));
        assert_eq!(made.figure("rejects"), (2, rows_sha256(&made, &rejects)));

        // The switch's rows end with the leg's id; those that the service lacks count themselves.
        let legs = &service.counted["calls"];
        let mut counted = service.places("calls");
        let mut left_out = service.left_out.clone();
        for row in &whole {
            let unique = String::from_utf8(row.cells[16].clone().expect("a cell")).expect("text");
            let (_, leg) = unique.split_once('.').expect("a point");
            let both = legs.contains_key(leg.as_bytes());
            let places = if both { &mut left_out } else { &mut counted };
            places.insert((SWITCH, row.at, row.len));
        }
        assert_eq!(
            made.figure("call_legs"),
            (counted.len() as u64, rows_sha256(&made, &counted)),
            "seed {seed}"
        );

        let mut reports: BTreeMap<Vec<u8>, Row> = BTreeMap::new();
        for row in of_csv(&made.plain(REPORTS), b"\r\n").into_iter().skip(1) {
            let key = row.cells[0].clone().expect("a reference");
            if let Some(earlier) = reports.insert(key, row) {
                left_out.insert((REPORTS, earlier.at, earlier.len));
            }
        }
        let places = reports
            .values()
            .map(|row| (REPORTS, row.at, row.len))
            .collect();
        assert_eq!(made.figure("reports"), (14, rows_sha256(&made, &places)));
        assert_eq!(
            made.figure("duplicates"),
            (left_out.len() as u64, rows_sha256(&made, &left_out)),
            "seed {seed}"
        );
    }
}

#[test]
fn the_overlap_is_that_of_the_files() {
    let made = Made::tiny(3);
    let service = Service::read(&made);
    let legs = &service.counted["calls"];
    let overlap = made.json("overlap.json");
    let switch = of_csv(&made.plain(SWITCH), b"\n");
    let in_both = switch
        .iter()
        .filter(|row| row.cells.len() == 18)
        .filter(|row| {
            let unique = String::from_utf8(row.cells[16].clone().expect("a cell")).expect("text");
            legs.contains_key(unique.split_once('.').expect("a point").1.as_bytes())
        });
    assert_eq!(overlap["service_and_switch"]["in_both"], in_both.count());
    let backup = of_dump(&made.plain(BACKUP)).0;
    let panel = of_dump(&made.plain(PANEL)).0;
    let ids: BTreeSet<_> = panel["calls"]
        .iter()
        .map(|row| row.cells[0].clone())
        .collect();
    let (both, only): (Vec<&Row>, Vec<&Row>) = backup["calls"]
        .iter()
        .partition(|row| ids.contains(&row.cells[0]));
    assert_eq!(overlap["backup_and_main_dump"]["in_both"], both.len());
    assert_eq!(
        overlap["backup_and_main_dump"]["only_in_backup"],
        only.len()
    );
}

/// The local start in a row of calls.
fn started(row: &[u8]) -> Vec<u8> {
    let row = tuple(row, 0).expect("a whole row");
    row.cells[6].clone().expect("never NULL")
}

#[test]
fn every_kind_of_dirt_is_there_and_its_places_are_rows() {
    for seed in 1..6 {
        check_dirt(&Made::tiny(seed));
    }
}

fn check_dirt(made: &Made) {
    let plain: BTreeMap<&str, Vec<u8>> = [BACKUP, PANEL, SWITCH, REPORTS]
        .map(|name| (name, made.plain(name)))
        .into();
    let row = |example: &serde_json::Value| {
        let name = example["exhibit"].as_str().expect("a name");
        let at = example["byte_offset"].as_u64().expect("an offset") as usize;
        let len = example["byte_len"].as_u64().expect("a length") as usize;
        (name.to_owned(), plain[name][at..at + len].to_vec())
    };
    let dirt = made.json("dirt.json");
    let kinds = dirt["dirt"].as_array().expect("a list");
    assert!(kinds.len() >= 40);
    for kind in kinds {
        let name = kind["kind"].as_str().expect("a name");
        let examples = kind["examples"].as_array().expect("a list");
        assert!(
            kind["count"].as_u64() >= Some(1) && !examples.is_empty(),
            "no `{name}`"
        );
        for example in examples {
            let (exhibit, bytes) = row(example);
            let whole = bytes.starts_with(b"(") && bytes.ends_with(b")");
            assert!(whole || !exhibit.starts_with("panel") || name == "truncated-row");
            let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
            let there = match name {
                "prefix-00" => holds(b"00"),
                "prefix-011" => holds(b"'011"),
                "prefix-1141" => holds(b"'1141"),
                "prefix-clir-31" => holds(b"'#31#+"),
                "prefix-star-67" => holds(b"'*67"),
                "zero-date" => started(&bytes).starts_with(b"0000-00-00 00:00:00"),
                "dst-gap" => started(&bytes).starts_with(b"2022-03-27 03:"),
                "dst-overlap" => started(&bytes).starts_with(b"2021-10-31 0"),
                "negative-duration" => holds(b",-"),
                "billed-rounded" => holds(b",'billed',"),
                "latin1" => holds(b"caf\xe9") && std::str::from_utf8(&bytes).is_err(),
                "blob" => holds(b"_binary '") && holds(b"\\r\\n\\Z\\n\\'\\\"\\\\\\0"),
                "truncated-row" => {
                    example["byte_offset"]
                        .as_u64()
                        .map(|at| at as usize + bytes.len())
                        == Some(plain[PANEL].len())
                }
                "only-in-switch" | "clock-skew" | "torn-record" => exhibit == SWITCH,
                "quoted-text" => holds(b"\"\"") || holds(b",") || holds(b"\n"),
                _ => true,
            };
            assert!(
                there,
                "`{name}` at {example}: {}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}

#[test]
fn the_funnel_narrows_and_agrees_with_the_figures() {
    for seed in 0..8 {
        let made = Made::tiny(seed);
        let funnel = made.json("funnel.json");
        let steps = funnel["steps"].as_array().expect("a list");
        let ids: Vec<&str> = steps
            .iter()
            .filter_map(|step| step["id"].as_str())
            .collect();
        let expected =
            "calls home engaged numbers mobile identified_person not_reported not_suppressed";
        assert_eq!(ids.join(" "), expected);
        let counts: Vec<u64> = steps
            .iter()
            .filter_map(|step| step["count"].as_u64())
            .collect();
        assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
        assert_eq!(counts[0], made.figure("calls").0);
        assert_eq!(counts[1], made.figure("calls_home").0);
        assert_eq!(counts[1], made.figure("calls_to_GB").0);
        assert_eq!(
            counts[2..6],
            [105, 60, 46, 24],
            "what the preset asks for, seed {seed}"
        );
        assert_eq!(made.summary.contacts, counts[7]);
    }
}

/// Ten million calls: half a minute with optimisation.
#[test]
#[ignore = "takes minutes without optimisation: cargo test --release -p unspoof-lab -- --ignored"]
fn elaborate_is_the_published_operation() {
    let made = Made::new(Preset::Elaborate, 4, 2);
    let near = |id: &str, published: u64| {
        let value = made.figure(id).0;
        assert!(
            value.abs_diff(published) * 50 <= published,
            "{id} is {value}, not {published}"
        );
    };
    near("accounts_registered", 59_000);
    near("calls", 10_000_000);
    near("calls_to_US", 4_000_000);
    near("calls_to_GB", 3_500_000);
    near("calls_home_engaged", 350_000);
    near("numbers_home_engaged", 200_000);
    near("reports", 4_785);
    near("reports_loss_minor", 4_800_000_000);
    near("reports_loss_mean_minor", 1_000_000);
    near("reports_loss_largest_minor", 300_000_000);
    assert!(
        made.summary.contacts.abs_diff(70_000) <= 1_400,
        "{}",
        made.summary.contacts
    );
    assert_eq!(made.figure("numbers_home_engaged").0, 200_000);
}
