//! Parts of tests that need a process of their own: this test binary, started again.

use std::env;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_evidence::{CaseFolder, Details, KeyDir, SealError, SealOptions};
use unspoof_model::{Coded as _, EventKind};

use crate::support::{clock, who};

const ROOT: &str = "EVIDENCE_TEST_ROOT";
const KEYS: &str = "EVIDENCE_TEST_KEYS";
const FILES: &str = "EVIDENCE_TEST_FILES";

/// Prepares to run a test of this module in a process of its own, `prefix` before its command.
pub(crate) fn command(test: &str, root: &Utf8Path, keys: &KeyDir, files: &Utf8Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    prepare(&mut command, test, root, keys, files);
    command
}

/// The same, started by a shell script that ends in `exec "$@"`.
pub(crate) fn shell(
    script: &str,
    test: &str,
    root: &Utf8Path,
    keys: &KeyDir,
    files: &Utf8Path,
) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{script}\nexec \"$@\""), "sh"])
        .arg(env::current_exe().unwrap());
    prepare(&mut command, test, root, keys, files);
    command
}

fn prepare(command: &mut Command, test: &str, root: &Utf8Path, keys: &KeyDir, files: &Utf8Path) {
    command
        .args([
            "--exact",
            &format!("child::{test}"),
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(ROOT, root)
        .env(KEYS, keys.path())
        .env(FILES, files)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
}

fn given() -> Option<(CaseFolder, KeyDir, Vec<Utf8PathBuf>)> {
    let root = Utf8PathBuf::from(env::var(ROOT).ok()?);
    let keys = KeyDir::at(env::var(KEYS).ok()?);
    let folder = Utf8PathBuf::from(env::var(FILES).ok()?);
    let mut files: Vec<Utf8PathBuf> = folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .collect();
    files.sort();
    Some((CaseFolder::open(&root).unwrap(), keys, files))
}

/// Seals file after file, changes tables in between, and records consultations meanwhile.
#[test]
#[ignore = "run by other tests in a process of its own"]
#[expect(
    clippy::print_stdout,
    reason = "tells the parent that the case is held"
)]
fn seals_until_killed() {
    let Some((case, keys, files)) = given() else {
        return;
    };
    std::thread::scope(|scope| {
        let root = case.root().to_owned();
        let its_keys = keys.clone();
        scope.spawn(move || {
            loop {
                let case = CaseFolder::open(&root).unwrap();
                let details = Details::new().with("rows", 1_u64);
                case.consult(&its_keys, &who(), &*clock(), "sql", &details)
                    .unwrap();
            }
        });
        // Goes on where the last life ended: a slow machine gets on as well.
        let sealed = case.exhibits().len();
        let mut writer = case.write(&keys, who(), clock()).unwrap();
        println!("\nholds the case");
        for round in 0_u32.. {
            for file in files.iter().cycle().skip(sealed).take(files.len()) {
                writer
                    .seal(file, &SealOptions::default(), &mut |_, _| {})
                    .unwrap();
                let mut change = writer.begin(EventKind::Alteration, "ingest").unwrap();
                change.remove_under("tables");
                for part in 0..3 {
                    let place = format!("tables/calls/{}.parquet", (round + part) % 5);
                    change
                        .stage_bytes(&place, format!("{round} {part}").as_bytes())
                        .unwrap();
                }
                change.commit().unwrap();
            }
        }
    });
}

/// Holds the case until its standard input is closed.
#[test]
#[ignore = "run by other tests in a process of its own"]
#[expect(
    clippy::print_stdout,
    reason = "tells the parent that the case is held"
)]
fn holds_the_case() {
    let Some((case, keys, _)) = given() else {
        return;
    };
    let writer = case.write(&keys, who(), clock()).unwrap();
    println!("\nheld by {}", std::process::id());
    std::io::Read::read_to_end(&mut std::io::stdin(), &mut Vec::new()).unwrap();
    drop(writer);
}

/// Seals one file and tells the outcome by its exit code and output.
#[test]
#[ignore = "run by other tests in a process of its own"]
#[expect(clippy::print_stdout, reason = "tells the parent how it ended")]
fn seals_once() {
    let Some((case, keys, files)) = given() else {
        return;
    };
    let sealed = case
        .write(&keys, who(), clock())
        .map_err(SealError::from)
        .and_then(|mut writer| writer.seal(&files[0], &SealOptions::default(), &mut |_, _| {}));
    match sealed {
        Ok(sealed) => println!("\nsealed {}", sealed.exhibit.name),
        Err(error) => println!("\nrefused {} {error}", error.code()),
    }
}
