//! A place of its own for each test, and the program run in it.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A temporary folder with keys of its own. Nothing of whoever runs the tests reaches the program.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
}

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) shown: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        Self { folder }
    }

    pub(crate) fn at(&self, name: &str) -> Utf8PathBuf {
        Utf8Path::from_path(self.folder.path()).unwrap().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Utf8PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Empties the environment and sets what the program may know.
    pub(crate) fn furnish(&self, command: &mut Command) {
        command
            .env_clear()
            .env("UNSPOOF_KEYS", self.at("keys"))
            .env("UNSPOOF_ACTOR", "a tester")
            .env("TMPDIR", self.at("tmp"))
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unspoof"));
        self.furnish(&mut command);
        command.args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        finish(&mut self.command(args))
    }

    /// Runs a command on the case in `case`.
    pub(crate) fn on(&self, case: &str, args: &[&str]) -> Ran {
        self.run(&[args, &["--case", case]].concat())
    }

    /// Generates a made-up service in the folder `lab`.
    pub(crate) fn lab(&self, preset: &str, seed: u64) {
        let seed = seed.to_string();
        self.run(&[
            "lab", "generate", "--preset", preset, "--seed", &seed, "lab",
        ])
        .whole();
    }

    /// Lists what the made-up service left, by name.
    pub(crate) fn seized(&self) -> Vec<Utf8PathBuf> {
        let mut files: Vec<_> = self
            .at("lab/seized")
            .read_dir_utf8()
            .unwrap()
            .map(|entry| entry.unwrap().into_path())
            .collect();
        files.sort();
        files
    }

    /// Makes a case from the made-up service's configuration.
    pub(crate) fn init(&self, case: &str) {
        self.on(case, &["init", "--from", "lab/case.toml"]).whole();
    }

    pub(crate) fn seal(&self, case: &str, files: &[Utf8PathBuf]) -> Ran {
        let mut args = vec!["seal"];
        args.extend(files.iter().map(|file| file.as_str()));
        self.on(case, &args)
    }

    /// Makes a case of the made-up service, sealed and not run.
    pub(crate) fn sealed(&self, case: &str) {
        self.init(case);
        self.seal(case, &self.seized()).whole();
    }

    pub(crate) fn assert_sound(&self, case: &str) {
        let verified = self.on(case, &["verify"]);
        assert_eq!(verified.code, Some(0), "{verified}");
    }
}

/// Asserts that a text holds all of some words.
#[track_caller]
pub(crate) fn says(told: &str, words: &[&str]) {
    for word in words {
        assert!(told.contains(word), "`{word}` is said: {told}");
    }
}

/// A desk with the case `case` of a tiny made-up service, sealed and run.
pub(crate) fn tiny(seed: u64) -> Desk {
    let desk = Desk::new();
    desk.lab("tiny", seed);
    desk.sealed("case");
    desk.on("case", &["run"]).with_rejects();
    desk
}

pub(crate) fn finish(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let args: Vec<_> = command
        .get_args()
        .map(|arg| arg.to_string_lossy())
        .collect();
    Ran {
        shown: args.join(" "),
        code: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            shown,
            code,
            stdout,
            stderr,
        } = self;
        let stdout = String::from_utf8_lossy(stdout);
        let head: String = stdout.chars().take(2000).collect();
        write!(f, "`{shown}` ended with {code:?}\n{head}\n{stderr}")
    }
}

impl Ran {
    /// Asserts the exit code of work that is done.
    #[track_caller]
    pub(crate) fn whole(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    /// Asserts the exit code of work that is done but for some rows.
    #[track_caller]
    pub(crate) fn with_rejects(self) -> Self {
        assert_eq!(self.code, Some(3), "{self}");
        self
    }

    /// Asserts a refusal: what and where, what to do, and the stable code; gives the message.
    #[track_caller]
    pub(crate) fn refused(self, exit: i32, code: &str) -> String {
        assert_eq!(self.code, Some(exit), "{self}");
        let lines: Vec<&str> = self.stderr.lines().collect();
        let starting = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
        assert_eq!(starting("error: "), 1, "one error is told: {self}");
        assert_eq!(starting("hint: "), 1, "one hint is given: {self}");
        assert_eq!(
            lines.last(),
            Some(&format!("code: {code}").as_str()),
            "{self}"
        );
        assert!(!self.stderr.contains("panicked"), "{self}");
        self.stderr
    }

    /// Asserts a refusal that nothing typed would mend.
    #[track_caller]
    pub(crate) fn refused_without_hint(self, code: &str) {
        assert_eq!(self.code, Some(1), "{self}");
        let last = self.stderr.lines().last().unwrap_or_default();
        assert_eq!(last, format!("code: {code}"), "{self}");
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|error| panic!("one JSON document on standard output: {error}: {self}"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }
}

pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hashes lines as figures do: sorted, each with its end.
pub(crate) fn sha256_of_lines(lines: impl IntoIterator<Item = String>) -> String {
    let mut lines: Vec<String> = lines.into_iter().collect();
    lines.sort_unstable();
    sha256(
        lines
            .iter()
            .flat_map(|line| [line, "\n"])
            .fold(String::new(), |mut all, piece| {
                all.push_str(piece);
                all
            }),
    )
}

/// All files under a folder, by their paths in it.
pub(crate) fn files(folder: &Utf8Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The files that a case's answers are made of, by their paths in the case.
pub(crate) fn answers(case: &Utf8Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for place in ["tables", "derived", "out"] {
        for (name, content) in files(&case.join(place)) {
            // Of a page that was half written when the power went.
            if !name.ends_with(".partial") {
                all.insert(format!("{place}/{name}"), content);
            }
        }
    }
    assert!(all.len() > 3, "there is something to compare");
    all
}

/// Asserts that two cases hold the same answers, and names the files in which they differ.
#[track_caller]
pub(crate) fn assert_same(
    left: &BTreeMap<String, Vec<u8>>,
    right: &BTreeMap<String, Vec<u8>>,
    what: &str,
) {
    let names = |all: &BTreeMap<String, Vec<u8>>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(left), names(right), "{what}");
    let differing: Vec<&String> = left
        .iter()
        .filter(|(name, content)| right[*name] != **content)
        .map(|(name, _)| name)
        .collect();
    assert!(differing.is_empty(), "{what}: {differing:?} differ");
}

/// Reads a JSON file of the made-up service's truth.
pub(crate) fn truth(desk: &Desk, name: &str) -> Value {
    let path = desk.at("lab/truth").join(name);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The lists of a JSON document, by the ids of their entries.
pub(crate) fn by_id(list: &Value) -> BTreeMap<String, Value> {
    let list = list.as_array().unwrap();
    let all: BTreeMap<String, Value> = list
        .iter()
        .map(|entry| (entry["id"].as_str().unwrap().to_owned(), entry.clone()))
        .collect();
    assert_eq!(all.len(), list.len(), "ids are unique");
    all
}

/// Whether a peer that is missing fails the test, as it must where everything is installed.
pub(crate) fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true")
}

/// Says that a test is left out, or fails where it must not be.
#[expect(clippy::print_stderr, reason = "a test that is left out says so")]
pub(crate) fn left_out(why: &str) {
    assert!(!is_ci(), "under CI=true: {why}");
    eprintln!("LEFT OUT: {why}");
}

/// A file of the data that nobody here wrote, if it is there.
pub(crate) fn shared_data(name: &str) -> Option<Utf8PathBuf> {
    let folder = std::env::var("UNSPOOF_SHARED_DATA")
        .map_or("../../../shared/data".into(), Utf8PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        // Commands run in a folder of their own.
        return Some(path.canonicalize_utf8().unwrap());
    }
    left_out(&format!(
        "`{path}` is not there: set UNSPOOF_SHARED_DATA to the folder that holds `{name}`"
    ));
    None
}
