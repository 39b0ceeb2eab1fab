//! Control from outside: a folder beside the sender, looked into before every submit.
//!
//! A file is all it takes, so that a stop needs no network, no database and no signal to the right
//! process: `touch stop` does it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::OutreachError;

/// What somebody wants of a running sender.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Command {
    /// Claim nothing more until `resume`; what is under way goes on.
    Hold,
    /// Nothing more leaves, for ever.
    Stop,
}

/// The folder of commands.
#[derive(Clone, Debug)]
pub struct Control {
    folder: PathBuf,
}

const STOP: &str = "stop";
const HOLD: &str = "hold";

impl Control {
    /// Takes a folder, and makes it where it is not there.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn at(folder: &Path) -> Result<Self, OutreachError> {
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Returns the folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the strongest command that is given. Where the folder cannot be looked into, that is a
    /// stop: a sender that nobody can stop must not go on.
    #[must_use]
    pub fn given(&self) -> Option<Command> {
        let is_there = |name: &str| match fs::symlink_metadata(self.folder.join(name)) {
            Ok(_) => true,
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        if is_there(STOP) || !self.folder.is_dir() {
            Some(Command::Stop)
        } else if is_there(HOLD) {
            Some(Command::Hold)
        } else {
            None
        }
    }

    /// Gives a command. A file is enough, so it works whatever else does not.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn give(&self, command: Command, why: &str) -> Result<(), OutreachError> {
        let name = match command {
            Command::Hold => HOLD,
            Command::Stop => STOP,
        };
        let path = self.folder.join(name);
        fs::write(&path, why).map_err(|source| failed(&path, source))
    }

    /// Returns what was written with a command, for people.
    #[must_use]
    pub fn why(&self, command: Command) -> String {
        let name = match command {
            Command::Hold => HOLD,
            Command::Stop => STOP,
        };
        let written = fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        let line = written.lines().next().unwrap_or_default().trim();
        let plain: String = line.chars().filter(|c| !c.is_control()).take(200).collect();
        if plain.is_empty() {
            "by a file in the control folder".to_owned()
        } else {
            plain
        }
    }

    /// Takes a hold back. A stop is never taken back.
    ///
    /// # Errors
    /// The file is there and cannot be removed.
    pub fn release(&self) -> Result<(), OutreachError> {
        let path = self.folder.join(HOLD);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&path, error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

fn failed(path: &Path, source: io::Error) -> OutreachError {
    OutreachError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, Control};

    #[test]
    fn a_file_stops_and_nothing_takes_that_back() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::at(&folder.path().join("control")).unwrap();
        assert_eq!(control.given(), None);
        control.give(Command::Hold, "the site is down\n").unwrap();
        assert_eq!(control.given(), Some(Command::Hold));
        assert_eq!(control.why(Command::Hold), "the site is down");
        control.release().unwrap();
        control.release().unwrap();
        assert_eq!(control.given(), None);
        std::fs::write(control.folder().join("stop"), "").unwrap();
        control.release().unwrap();
        assert_eq!(control.given(), Some(Command::Stop));
    }

    #[test]
    fn a_folder_that_is_gone_is_a_stop() {
        let folder = tempfile::tempdir().unwrap();
        let control = Control::at(&folder.path().join("control")).unwrap();
        std::fs::remove_dir(control.folder()).unwrap();
        assert_eq!(control.given(), Some(Command::Stop));
    }
}
