//! Listing what lies under a folder, whatever it is, without following links.

use std::io;

use camino::Utf8Path;

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    File,
    /// A link, a device, a socket: nothing that a case holds.
    Other,
}

/// Lists all that is no folder under a folder of the case, sorted: path from the case's root, and
/// what it is.
///
/// Names that are not UTF-8 are given with the replacement character: no recorded file has one.
pub(super) fn walk(root: &Utf8Path, folder: &str) -> io::Result<Vec<(String, Kind)>> {
    let mut found = Vec::new();
    let top = root.join(folder);
    match top.symlink_metadata() {
        Ok(kind) if kind.is_dir() => descend(top.as_std_path(), folder, &mut found)?,
        Ok(_) => found.push((folder.to_owned(), Kind::Other)),
        Err(error) if crate::durable::is_absent(&error) => {}
        Err(error) => return Err(error),
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

fn descend(place: &std::path::Path, path: &str, found: &mut Vec<(String, Kind)>) -> io::Result<()> {
    for entry in place.read_dir()? {
        let entry = entry?;
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            descend(&entry.path(), &path, found)?;
        } else {
            found.push((
                path,
                if kind.is_file() {
                    Kind::File
                } else {
                    Kind::Other
                },
            ));
        }
    }
    Ok(())
}
