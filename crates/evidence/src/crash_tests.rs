//! What a crash leaves, before every single change to the disk that an operation makes.
//!
//! Each operation is run again and again on a copy of one case, and dies a step later each time,
//! until it is through. After each death: `verify` finds nothing wrong, the case opens, and holds
//! either what it held before or what the operation made of it. Then the next writer dies in its
//! recovery in the same way, and the one after it recovers.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::config::CaseConfig;
use unspoof_model::{Actor, EventKind, Purpose};

use crate::durable::crash;
use crate::{
    CaseFolder, CaseWriter, Clock, Details, KeyDir, NewFiles, SealOptions, VerifyOptions, Who,
    log_entries, verify,
};

struct Still;

impl Clock for Still {
    fn now_utc_micros(&self) -> i64 {
        1_669_248_000_000_000
    }
}

fn who() -> Who {
    Who {
        actor: Actor::new("officer").expect("a name"),
        purpose: Purpose::new("investigation").expect("a code"),
        command: "test".to_owned(),
    }
}

fn config() -> CaseConfig {
    toml::from_str("format = 1\nname = \"crash\"\nhome_regions = [\"GB\"]\n")
        .expect("a configuration")
}

/// A folder in memory where there is one: the tests wait for the disk thousands of times.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a folder")
}

struct Lab {
    folder: tempfile::TempDir,
}

impl Lab {
    /// A case with an exhibit, tables and a mapping, in `case`.
    fn new() -> Self {
        let lab = Self { folder: folder() };
        fs::write(lab.base().join("first.csv"), "a,b\n").expect("writable");
        fs::write(lab.base().join("second.csv"), "c,d\n".repeat(1000)).expect("writable");
        lab.init("case").expect("a case");
        let mut writer = lab.writer("case");
        writer
            .seal(
                &lab.base().join("first.csv"),
                &SealOptions::default(),
                &mut |_, _| {},
            )
            .expect("sealed");
        let mut change = writer
            .begin(EventKind::Alteration, "ingest")
            .expect("begun");
        for place in [
            "tables/calls/0",
            "tables/calls/1",
            "tables/deep/er/0",
            "derived/funnel",
        ] {
            change.stage_bytes(place, place.as_bytes()).expect("staged");
        }
        change.commit().expect("committed");
        lab
    }

    fn base(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).expect("UTF-8")
    }

    fn keys(&self) -> KeyDir {
        KeyDir::at(self.base().join("keys"))
    }

    fn init(&self, name: &str) -> Result<CaseFolder, crate::CaseError> {
        let files = NewFiles {
            references: &[("list.csv".to_owned(), self.base().join("first.csv"))],
            mappings: &[("m".to_owned(), "name = \"m\"\n".to_owned())],
        };
        CaseFolder::init(
            &self.base().join(name),
            &config(),
            files,
            &self.keys(),
            who(),
            Arc::new(Still),
        )
    }

    fn open(&self, name: &str) -> CaseFolder {
        CaseFolder::open(&self.base().join(name)).expect("a case")
    }

    fn writer(&self, name: &str) -> CaseWriter {
        self.open(name)
            .write(&self.keys(), who(), Arc::new(Still))
            .expect("free")
    }

    /// Copies the case anew.
    fn copy(&self, from: &str, to: &str) -> Utf8PathBuf {
        let to = self.base().join(to);
        if to.exists() {
            fs::remove_dir_all(&to).expect("removable");
        }
        copy_tree(&self.base().join(from), &to);
        to
    }
}

fn copy_tree(from: &Utf8Path, to: &Utf8Path) {
    fs::create_dir(to).expect("new");
    for entry in from.read_dir_utf8().expect("a folder") {
        let entry = entry.expect("listed");
        let place = to.join(entry.file_name());
        if entry.file_type().expect("known").is_dir() {
            copy_tree(entry.path(), &place);
        } else {
            fs::copy(entry.path(), &place).expect("copied");
        }
    }
}

/// What a case holds by its last recorded state, read from where the case says it is.
fn content(case: &CaseFolder) -> BTreeMap<String, Vec<u8>> {
    [
        "case.toml",
        "exhibits",
        "tables",
        "derived",
        "reference",
        "mappings",
        "campaigns",
    ]
    .iter()
    .flat_map(|place| case.files(place))
    .map(|(path, _, place)| (path.to_owned(), fs::read(place).expect("readable")))
    .collect()
}

fn assert_sound(root: &Utf8Path, when: &str) {
    let report = verify(root, &VerifyOptions::default());
    assert_eq!(report.problems, [], "{when}");
}

/// Lets an operation die at every step. `tolerated` is the code of a problem that the case has
/// before the operation and not after it.
fn die_at_every_step(
    lab: &Lab,
    tolerated: Option<&str>,
    operation: impl Fn(&Lab, &str) -> Result<(), Box<dyn std::error::Error>>,
) -> u64 {
    lab.copy("case", "whole");
    let before = content(&lab.open("whole"));
    operation(lab, "whole").expect("the operation works");
    let after = content(&lab.open("whole"));
    let mut seen = [false, false];
    for step in 0.. {
        let root = lab.copy("case", "cut");
        let (result, crashed) = crash::after(step, || operation(lab, "cut"));
        if !crashed {
            result.expect("the operation works");
            assert!(
                seen[0],
                "died at {step} steps and never before the commit point"
            );
            return step;
        }
        let when = format!("died after {step} steps");
        let report = verify(&root, &VerifyOptions::default());
        let wrong: Vec<_> = report
            .problems
            .iter()
            .filter(|problem| Some(problem.code) != tolerated)
            .collect();
        assert!(wrong.is_empty(), "{when}: {wrong:?}");
        let held = content(&lab.open("cut"));
        // A change that ends in the same files is told by its event.
        let recorded = log_entries(&root).expect("a log").len()
            > log_entries(&lab.base().join("case")).expect("a log").len();
        assert_eq!(
            held,
            if recorded {
                after.clone()
            } else {
                before.clone()
            },
            "{when}"
        );
        assert!(recorded || result.is_err(), "{when}: reported as done");
        seen[usize::from(recorded)] = true;
        if recorded {
            assert_eq!(report.problems, [], "{when}");
        }
        // Before the commit point a recovery only clears away: there, a few of its steps will do.
        let stride = if recorded { 1 } else { 7 };
        for recovery_step in (0..).step_by(stride) {
            lab.copy("cut", "again");
            let root = lab.base().join("again");
            let (_, crashed) = crash::after(recovery_step, || {
                lab.open("again")
                    .write(&lab.keys(), who(), Arc::new(Still))
                    .map(drop)
            });
            let when = format!("{when}, and its recovery after {recovery_step}");
            let report = verify(&root, &VerifyOptions::default());
            assert!(
                report
                    .problems
                    .iter()
                    .all(|problem| Some(problem.code) == tolerated),
                "{when}: {report:?}"
            );
            assert_eq!(content(&lab.open("again")), held, "{when}");
            if !crashed {
                break;
            }
        }
        drop(lab.writer("again"));
        assert_eq!(content(&lab.open("again")), held, "{when}, recovered");
        if recorded {
            let files: Vec<String> = content(&lab.open("again")).into_keys().collect();
            assert!(
                files
                    .iter()
                    .all(|path| root.with_file_name("again").join(path).is_file()),
                "{when}"
            );
        }
        let report = verify(&root.with_file_name("again"), &VerifyOptions::default());
        assert!(
            !report.notes.iter().any(|note| note.contains("interrupted")),
            "{when}: {report:?}"
        );
    }
    unreachable!("the loop ends when the operation is through")
}

#[test]
fn a_seal_is_whole_or_absent() {
    let lab = Lab::new();
    let steps = die_at_every_step(&lab, None, |lab, name| {
        let mut writer = lab.open(name).write(&lab.keys(), who(), Arc::new(Still))?;
        let file = lab.base().join("second.csv");
        writer.seal(&file, &SealOptions::default(), &mut |_, _| {})?;
        Ok(())
    });
    assert!(steps > 60, "{steps} steps");
}

#[test]
fn a_seal_in_place_is_whole_or_absent() {
    let lab = Lab::new();
    die_at_every_step(&lab, None, |lab, name| {
        let mut writer = lab.open(name).write(&lab.keys(), who(), Arc::new(Still))?;
        let file = lab.base().join("second.csv");
        let options = SealOptions {
            in_place: true,
            ..SealOptions::default()
        };
        writer.seal(&file, &options, &mut |_, _| {})?;
        Ok(())
    });
}

#[test]
fn a_transaction_is_whole_or_absent() {
    let lab = Lab::new();
    die_at_every_step(&lab, None, |lab, name| {
        let mut writer = lab.open(name).write(&lab.keys(), who(), Arc::new(Still))?;
        let mut change = writer.begin(EventKind::Alteration, "ingest")?;
        change.remove_under("tables");
        // One stays with other content, one goes, a folder becomes a file, one is new.
        change.stage_bytes("tables/calls/1", b"other")?;
        change.stage_bytes("tables/deep", b"a file now")?;
        fs::write(change.stage("derived/persons")?, "new")?;
        change.commit()?;
        Ok(())
    });
}

#[test]
fn a_transaction_that_changes_nothing_is_whole_or_absent() {
    let lab = Lab::new();
    die_at_every_step(&lab, None, |lab, name| {
        let mut writer = lab.open(name).write(&lab.keys(), who(), Arc::new(Still))?;
        writer.begin(EventKind::Combination, "link")?.commit()?;
        Ok(())
    });
}

#[test]
fn an_accepted_configuration_is_whole_or_absent() {
    let lab = Lab::new();
    let root = lab.base().join("case");
    fs::write(
        root.join("case.toml"),
        "format = 1\nname = \"edited\"\nhome_regions = [\"IE\"]\n",
    )
    .expect("writable");
    fs::write(root.join("mappings/new.toml"), "name = \"new\"\n").expect("writable");
    fs::remove_file(root.join("mappings/m.toml")).expect("removable");
    let report = verify(&root, &VerifyOptions::default());
    let codes: Vec<&str> = report.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["case/changed", "case/changed", "case/changed"]);
    // What a person removed cannot be read from its recorded place: only the log is compared.
    lab.copy("case", "whole");
    assert!(lab.writer("whole").accept_config().expect("accepted"));
    assert_sound(&lab.base().join("whole"), "accepted");
    assert!(!lab.writer("whole").accept_config().expect("accepted"));
    for step in 0.. {
        let root = lab.copy("case", "cut");
        let (result, crashed) = crash::after(step, || {
            lab.open("cut")
                .write(&lab.keys(), who(), Arc::new(Still))?
                .accept_config()
        });
        let report = verify(&root, &VerifyOptions::default());
        let edited = report
            .problems
            .iter()
            .filter(|problem| problem.code == "case/changed")
            .count();
        assert_eq!(
            edited,
            report.problems.len(),
            "died after {step} steps: {report:?}"
        );
        assert!(
            matches!(edited, 0 | 3),
            "died after {step} steps: {report:?}"
        );
        drop(lab.writer("cut"));
        assert!(lab.writer("cut").accept_config().expect("accepted") == (edited == 3));
        assert_sound(&root, "accepted at last");
        if !crashed {
            assert!(result.expect("the operation works"));
            break;
        }
    }
}

#[test]
fn an_init_is_whole_or_may_be_repeated() {
    let lab = Lab { folder: folder() };
    fs::write(lab.base().join("first.csv"), "a,b\n").expect("writable");
    let mut repeated = 0;
    for step in 0.. {
        let root = lab.base().join(format!("case-{step}"));
        let name = format!("case-{step}");
        let (result, crashed) = crash::after(step, || lab.init(&name).map(drop));
        if !crashed {
            result.expect("the operation works");
            assert_sound(&root, "through");
            break;
        }
        if CaseFolder::open(&root).is_err() {
            lab.init(&name)
                .unwrap_or_else(|error| panic!("repeated after {step} steps: {error}"));
            repeated += 1;
        }
        assert_sound(&root, &format!("died after {step} steps"));
        drop(lab.writer(&name));
        assert_sound(&root, &format!("recovered from {step} steps"));
        lab.init(&name).expect_err("a case is never made over");
    }
    assert!(repeated > 20, "{repeated}");
}

/// The log's tiles change shape at 256 entries: a full tile, a tile above it, a new bundle.
#[test]
fn an_event_is_whole_or_absent_where_tiles_fill_up() {
    let lab = Lab::new();
    let consult = |name: &str| {
        let details = Details::new().with("rows", 1_u64);
        lab.open(name)
            .consult(&lab.keys(), &who(), &Still, "sql", &details)
    };
    for entries in 4_usize..=258 {
        let count = |name: &str| log_entries(&lab.base().join(name)).expect("a log").len();
        if ![4, 254, 255, 256, 257].contains(&entries) {
            consult("case").expect("recorded");
            continue;
        }
        while count("case") < entries {
            consult("case").expect("recorded");
        }
        for step in 0.. {
            let root = lab.copy("case", "cut");
            let (result, crashed) = crash::after(step, || consult("cut"));
            let when = format!("died after {step} steps at {entries} entries");
            assert_sound(&root, &when);
            let held = count("cut");
            assert!(held == entries || held == entries + 1, "{when}");
            assert!(
                held == entries + 1 || result.is_err(),
                "{when}: reported as done"
            );
            // The next event writes over what is left, and clears it away.
            consult("cut").expect("recorded");
            assert_eq!(count("cut"), held + 1, "{when}");
            let report = verify(&root, &VerifyOptions::default());
            assert_eq!(report.problems, [], "{when}");
            assert!(
                !report.notes.iter().any(|note| note.contains("tile")),
                "{when}: {report:?}"
            );
            if !crashed {
                break;
            }
        }
    }
}
