//! The complete list of a case's files at one moment, as the log pins it.
//!
//! As text, a line a file, sorted by the path's bytes: `<sha256>  <bytes>  <path>`. In paths, line
//! feed, carriage return and `%` are written `%0A`, `%0D` and `%25`, as in a bag's manifests
//! (RFC 8493 section 2.1.3).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use unspoof_model::Sha256Hash;

/// The folders whose every file is recorded.
pub(crate) const FOLDERS: [&str; 6] = [
    "exhibits",
    "tables",
    "derived",
    "reference",
    "mappings",
    "campaigns",
];

/// The one recorded file outside of them.
pub(crate) const CONFIG: &str = "case.toml";

/// What is recorded of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileRecord {
    /// SHA-256 of its content.
    pub sha256: Sha256Hash,
    /// Length in bytes.
    pub bytes: u64,
}

/// The files of a case: path from the case's root, with `/`, to what is recorded of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct State {
    pub(crate) files: BTreeMap<String, FileRecord>,
}

impl State {
    /// Writes the list.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        for (path, FileRecord { sha256, bytes }) in &self.files {
            let path = encode_path(path);
            writeln!(text, "{sha256}  {bytes}  {path}").expect("a String takes all text");
        }
        text
    }

    /// Reads a list; `None` unless it is exactly what [`State::to_text`] would write.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let mut files = BTreeMap::new();
        for line in text.lines() {
            let mut parts = line.splitn(3, "  ");
            let sha256 = parts.next()?.parse().ok()?;
            let bytes = parts.next()?.parse().ok()?;
            let path = decode_path(parts.next()?)?;
            if !is_place(&path) {
                return None;
            }
            files.insert(path, FileRecord { sha256, bytes });
        }
        let state = Self { files };
        (state.to_text() == text).then_some(state)
    }

    /// Returns the files at or under a place.
    pub(crate) fn under<'a>(
        &'a self,
        place: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a FileRecord)> {
        self.files
            .range(place.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(place))
            .filter(move |(path, _)| {
                path.strip_prefix(place).is_some_and(|rest| {
                    rest.is_empty() || place.ends_with('/') || rest.starts_with('/')
                })
            })
    }

    /// Finds a path that stands for a file and a folder at once.
    pub(crate) fn clash(&self) -> Option<&str> {
        self.files.keys().find_map(|path| {
            let folder = format!("{path}/");
            let next = self.files.range(folder.clone()..).next()?.0;
            next.starts_with(&folder).then_some(path.as_str())
        })
    }
}

/// Tells whether a path is a place where recorded files stand.
pub(crate) fn is_place(path: &str) -> bool {
    if path == CONFIG {
        return true;
    }
    let normal = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    normal
        && !path.contains('\0')
        && path
            .split_once('/')
            .is_some_and(|(folder, _)| FOLDERS.contains(&folder))
}

/// Writes the three characters that would break a manifest's line as `%` and two digits.
pub(crate) fn encode_path(path: &str) -> String {
    path.replace('%', "%25")
        .replace('\n', "%0A")
        .replace('\r', "%0D")
}

/// Undoes [`encode_path`]; `None` for a `%` that it would not write.
pub(crate) fn decode_path(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut path = parts.next()?.to_owned();
    for part in parts {
        let (letter, rest) = if let Some(rest) = part.strip_prefix("25") {
            ('%', rest)
        } else if let Some(rest) = part.strip_prefix("0A").or_else(|| part.strip_prefix("0a")) {
            ('\n', rest)
        } else {
            (
                '\r',
                part.strip_prefix("0D")
                    .or_else(|| part.strip_prefix("0d"))?,
            )
        };
        path.push(letter);
        path.push_str(rest);
    }
    Some(path)
}

/// Hashes bytes that are in memory.
pub(crate) fn sha256(bytes: &[u8]) -> Sha256Hash {
    Sha256Hash(Sha256::digest(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(paths: &[&str]) -> State {
        let record = |path: &&str| FileRecord {
            sha256: sha256(path.as_bytes()),
            bytes: 1,
        };
        State {
            files: paths
                .iter()
                .map(|path| ((*path).to_owned(), record(path)))
                .collect(),
        }
    }

    #[test]
    fn a_list_is_read_back_and_no_other_form_is() {
        let text = state(&[
            "case.toml",
            "tables/a/1.parquet",
            "exhibits/a b/data/50%\n.sql",
        ])
        .to_text();
        assert_eq!(State::from_text(&text).expect("own text").to_text(), text);
        assert!(text.contains("exhibits/a b/data/50%25%0A.sql\n"), "{text}");
        for wrong in [
            text.to_uppercase(),
            text.replace("  ", " "),
            text.trim_end().to_owned(),
            format!("{text}\n"),
            format!("\n{text}"),
            text.replace("  1  ", "  01  "),
            text.replace("  1  ", "  +1  "),
            text.replace("tables/", "out/"),
            text.replace("tables/a/", "tables/../"),
            text.replace("%0A", "%0a"),
            text.replace('\n', "\r\n"),
            text.lines()
                .rev()
                .fold(String::new(), |all, line| all + line + "\n"),
            text.repeat(2),
        ] {
            assert_eq!(State::from_text(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn places_are_inside_the_recorded_folders() {
        for place in [
            "case.toml",
            "tables/calls/0.parquet",
            "exhibits/x/data/.hidden",
            "derived/ä",
        ] {
            assert!(is_place(place), "{place}");
        }
        for place in [
            "",
            "/",
            "tables",
            "tables/",
            "tables//x",
            "tables/./x",
            "./tables/x",
            "tables/../x",
            "../x",
            "/tables/x",
            "log/checkpoint",
            "out/brief.html",
            "Case.toml",
            "case.toml/x",
            "tables/x/.",
            "tables/\0",
        ] {
            assert!(!is_place(place), "{place:?}");
        }
    }

    #[test]
    fn what_is_under_a_place_ends_at_its_slash() {
        let state = state(&["tables/a", "tables/a-b", "tables/a.x/1", "tables/ab/1"]);
        let under = |place| {
            state
                .under(place)
                .map(|(path, _)| path.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(under("tables/a"), ["tables/a"]);
        assert_eq!(under("tables/ab"), ["tables/ab/1"]);
        assert_eq!(under("tables/a.x/"), ["tables/a.x/1"]);
        assert_eq!(under("tables").len(), 4);
        assert_eq!(state.clash(), None);
    }

    #[test]
    fn a_file_is_no_folder() {
        assert_eq!(
            state(&["tables/a", "tables/a-b", "tables/a/b"]).clash(),
            Some("tables/a")
        );
    }
}
