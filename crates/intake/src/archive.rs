//! What was pulled, as it was pulled: segments and attachments, still sealed, in one archive.
//!
//! The archive is POSIX `ustar`; equal content gives equal bytes, so that a pull that was interrupted
//! and is done again makes the same exhibit.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use crate::IntakeError;

/// Writes an archive of these files of a spool's copy, in the order given.
///
/// # Errors
/// A file cannot be read, or the archive cannot be written.
pub fn write(spool: &Path, names: &[String], to: impl Write) -> Result<(), IntakeError> {
    let mut archive = tar::Builder::new(to);
    for name in names {
        let path = spool.join(name);
        let failed = |error: io::Error| IntakeError::io("pack", &path)(error);
        let file = File::open(&path).map_err(IntakeError::io("read", &path))?;
        let bytes = file
            .metadata()
            .map_err(IntakeError::io("read", &path))?
            .len();
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes);
        header.set_mode(0o400);
        header.set_entry_type(tar::EntryType::Regular);
        // What is appended to it meanwhile belongs to the next pull.
        archive
            .append_data(&mut header, name, file.take(bytes))
            .map_err(failed)?;
    }
    archive
        .into_inner()
        .and_then(|mut to| to.flush())
        .map_err(|source| IntakeError::Io {
            doing: "finish the archive of",
            path: spool.to_owned(),
            source,
        })
}

/// Finds one file in an archive and copies it out; false where it is not there.
///
/// # Errors
/// The archive cannot be read, or `to` cannot be written.
pub fn copy_out(archive: impl Read, name: &str, to: &mut impl Write) -> io::Result<bool> {
    let mut archive = tar::Archive::new(archive);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.path_bytes().as_ref() == name.as_bytes() {
            io::copy(&mut entry, to)?;
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::{copy_out, write};

    #[test]
    fn equal_content_gives_equal_bytes_and_comes_out_again() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("files")).unwrap();
        std::fs::write(folder.path().join("segment-1.spool"), b"one").unwrap();
        std::fs::write(folder.path().join("files/ab.age"), vec![7; 70_000]).unwrap();
        let names = ["segment-1.spool".to_owned(), "files/ab.age".to_owned()];
        let (mut first, mut again) = (Vec::new(), Vec::new());
        write(folder.path(), &names, &mut first).unwrap();
        write(folder.path(), &names, &mut again).unwrap();
        assert_eq!(first, again);
        let mut out = Vec::new();
        assert!(copy_out(first.as_slice(), "files/ab.age", &mut out).unwrap());
        assert_eq!(out, vec![7; 70_000]);
        assert!(!copy_out(first.as_slice(), "files/none.age", &mut out).unwrap());
    }
}
