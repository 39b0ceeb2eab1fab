//! A case in a temporary folder.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_evidence::{
    CaseFolder, CaseWriter, Clock, KeyDir, NewFiles, SealOptions, Sealed, SharedClock,
    VerifyOptions, VerifyReport, Who, verify,
};
use unspoof_model::config::CaseConfig;
use unspoof_model::{Actor, Purpose};

/// A clock that moves on by a second at each look.
#[derive(Default)]
pub(crate) struct Steps(AtomicI64);

impl Clock for Steps {
    fn now_utc_micros(&self) -> i64 {
        1_669_248_000_000_000 + self.0.fetch_add(1_000_000, Ordering::Relaxed)
    }
}

pub(crate) fn clock() -> SharedClock {
    Arc::new(Steps::default())
}

pub(crate) fn who() -> Who {
    Who {
        actor: Actor::new("exhibits officer").unwrap(),
        purpose: Purpose::new("investigation").unwrap(),
        command: "seal".to_owned(),
    }
}

pub(crate) fn config() -> CaseConfig {
    toml::from_str("format = 1\nname = \"test\"\nmade_up = true\nhome_regions = [\"GB\"]\n")
        .unwrap()
}

pub(crate) struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    /// Makes a case with a reference list and a mapping.
    pub(crate) fn new() -> Self {
        Self::within(tempfile::tempdir().unwrap())
    }

    /// The same, in memory where the machine has a file system there.
    pub(crate) fn in_memory() -> Self {
        Self::within(
            tempfile::tempdir_in("/dev/shm")
                .or_else(|_| tempfile::tempdir())
                .unwrap(),
        )
    }

    fn within(folder: tempfile::TempDir) -> Self {
        let case = Self { folder };
        let list = case.write(
            "organisations.csv",
            b"number,organisation\n+442079460000,A Bank\n",
        );
        let files = NewFiles {
            references: &[("organisations.csv".to_owned(), list)],
            mappings: &[("dump".to_owned(), "name = \"dump\"\n".to_owned())],
        };
        CaseFolder::init(&case.root(), &config(), files, &case.keys(), who(), clock()).unwrap();
        case
    }

    pub(crate) fn base(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).unwrap()
    }

    pub(crate) fn root(&self) -> Utf8PathBuf {
        self.base().join("case")
    }

    pub(crate) fn keys(&self) -> KeyDir {
        KeyDir::at(self.base().join("keys"))
    }

    /// Writes a file outside of the case.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Utf8PathBuf {
        let path = self.base().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn open(&self) -> CaseFolder {
        CaseFolder::open(&self.root()).unwrap()
    }

    pub(crate) fn writer(&self) -> CaseWriter {
        self.open().write(&self.keys(), who(), clock()).unwrap()
    }

    pub(crate) fn seal(&self, file: &Utf8Path) -> Sealed {
        self.writer()
            .seal(file, &SealOptions::default(), &mut |_, _| {})
            .unwrap()
    }

    pub(crate) fn verify(&self) -> VerifyReport {
        verify(&self.root(), &VerifyOptions::default())
    }

    pub(crate) fn assert_sound(&self) {
        assert_eq!(self.verify().problems, []);
    }
}

/// Copies a folder.
pub(crate) fn copy_tree(from: &Utf8Path, to: &Utf8Path) {
    fs::create_dir(to).unwrap();
    for entry in from.read_dir_utf8().unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(entry.path(), &place);
        } else {
            fs::copy(entry.path(), &place).unwrap();
        }
    }
}

/// Says that a test could not be made on this machine.
#[expect(
    clippy::print_stderr,
    reason = "a test that is left out must not look passed"
)]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}
