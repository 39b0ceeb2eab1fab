//! Sealing a file: read once, hashed as it is read, kept read-only with its manifests.

mod pass;

use std::fs::{File, Metadata};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::{EventKind, Sha256Hash};

use crate::bag;
use crate::durable::{self, NewFile};
use crate::error::{IoFault, SealError};
use crate::exhibit::{Exhibit, RECORD, Stored, is_name, name_for, payload_name};
use crate::hashing;
use crate::state::FileRecord;
use crate::stream::StreamLimits;
use crate::transaction::Transaction;
use crate::writer::CaseWriter;
use pass::{Pass, PassError};

/// How to seal a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealOptions {
    /// The exhibit's name; made from the file's when left out.
    pub name: Option<String>,
    /// Keep the file by a hard link instead of a copy, and by reference where that is not
    /// possible. The file itself becomes read-only then.
    pub in_place: bool,
    /// The legal authority that the file was taken under.
    pub authority: Option<String>,
    /// The restrictions on its use.
    pub restrictions: Option<String>,
    /// The organisation that it comes from.
    pub source_organization: Option<String>,
    /// Guards against decompression bombs.
    pub limits: StreamLimits,
}

/// What sealing a file came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The exhibit.
    pub exhibit: Exhibit,
    /// True when the same content was sealed before and nothing was done.
    pub already: bool,
}

/// What is known of the file itself.
struct Seized {
    /// The file, links resolved.
    path: Utf8PathBuf,
    file_name: String,
    metadata: Metadata,
}

impl CaseWriter {
    /// Seals a file. `progress` is told the bytes read and the bytes there are.
    ///
    /// Content that an exhibit holds already is not sealed again, unless under a name of its own.
    ///
    /// # Errors
    /// The file is not a regular one, cannot be read or changes while it is read; the name is
    /// taken by other content or is none; the case cannot be written. The case is as before then.
    pub fn seal(
        &mut self,
        file: &Utf8Path,
        options: &SealOptions,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Sealed, SealError> {
        self.make_sure()?;
        check_notes(options)?;
        let seized = look_at(file)?;
        let name = match &options.name {
            Some(name) if is_name(name) => name.clone(),
            Some(name) => return Err(SealError::Name { name: name.clone() }),
            None => name_for(&seized.file_name),
        };
        if let Some(exhibit) = self.same_content(&seized, &name, options)? {
            return Ok(Sealed {
                exhibit,
                already: true,
            });
        }
        let mut change = self.begin(EventKind::Collection, "seal")?;
        let exhibit = stage(&mut change, seized, name, options, progress)?;
        change.detail("exhibit", change.keyed(&exhibit.name));
        change.detail("file_name", change.keyed(&exhibit.file_name));
        change.detail("bytes", exhibit.bytes);
        change.detail("sha256", exhibit.sha256);
        change.detail("compression", exhibit.compression.as_str());
        change.detail("stored", exhibit.stored.as_str());
        change.detail("stream_bytes", exhibit.stream_bytes);
        change.detail("stream_sha256", exhibit.stream_sha256);
        change.detail("stream_whole", exhibit.stream_error.is_none());
        change.commit()?;
        let sealed = self.case.exhibit(&exhibit.name).cloned().unwrap_or(exhibit);
        Ok(Sealed {
            exhibit: sealed,
            already: false,
        })
    }

    /// Finds the exhibit that holds this content already; refuses a name that is taken by other
    /// content. Only files as long as an exhibit are read for it.
    fn same_content(
        &self,
        seized: &Seized,
        name: &str,
        options: &SealOptions,
    ) -> Result<Option<Exhibit>, SealError> {
        let bytes = seized.metadata.len();
        // Names that differ in case alone would be one folder on some disks.
        let namesake = self
            .case
            .exhibits
            .iter()
            .find(|exhibit| exhibit.name.eq_ignore_ascii_case(name));
        let candidates = || {
            self.case
                .exhibits
                .iter()
                .filter(|exhibit| exhibit.bytes == bytes)
        };
        if namesake.is_none() && (options.name.is_some() || candidates().next().is_none()) {
            return Ok(None);
        }
        let unreadable = |source| SealError::Read {
            path: seized.path.clone(),
            read_bytes: 0,
            source,
        };
        let found_sha256 = hashing::digests(&seized.path, false)
            .map_err(unreadable)?
            .record
            .sha256;
        match namesake {
            Some(exhibit) if exhibit.sha256 == found_sha256 => Ok(Some(exhibit.clone())),
            Some(exhibit) => Err(SealError::Changed {
                exhibit: exhibit.name.clone(),
                sealed_sha256: exhibit.sha256,
                found_sha256,
            }),
            None => Ok(candidates()
                .find(|exhibit| exhibit.sha256 == found_sha256)
                .cloned()),
        }
    }
}

/// A bag's `bag-info.txt` has a line for each note.
fn check_notes(options: &SealOptions) -> Result<(), SealError> {
    let SealOptions {
        authority,
        restrictions,
        source_organization,
        ..
    } = options;
    for (field, note) in [
        ("the legal authority", authority),
        ("the use restrictions", restrictions),
        ("the source organisation", source_organization),
    ] {
        if note
            .as_ref()
            .is_some_and(|note| note.chars().any(char::is_control))
        {
            return Err(SealError::Note { field });
        }
    }
    Ok(())
}

fn look_at(file: &Utf8Path) -> Result<Seized, SealError> {
    let unreadable = |source| SealError::Read {
        path: file.to_owned(),
        read_bytes: 0,
        source,
    };
    // The name as given, not that of what a link leads to.
    let file_name = file.file_name().ok_or_else(|| SealError::NotAFile {
        path: file.to_owned(),
    })?;
    let path = file.canonicalize_utf8().map_err(unreadable)?;
    let metadata = path.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(SealError::NotAFile {
            path: file.to_owned(),
        });
    }
    Ok(Seized {
        path,
        file_name: file_name.to_owned(),
        metadata,
    })
}

/// Reads and stages the file and all that goes with it.
fn stage(
    change: &mut Transaction<'_>,
    seized: Seized,
    name: String,
    options: &SealOptions,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Exhibit, SealError> {
    let folder = format!("exhibits/{name}");
    let payload = payload_name(&seized.file_name);
    let payload_place = format!("{folder}/data/{payload}");
    let staged = change.stage(&payload_place)?;
    let linked = options.in_place && durable::hard_link(&seized.path, &staged).is_ok();
    let stored = if options.in_place && !linked {
        durable::remove_empty_dir(staged.parent().unwrap_or(&staged))?;
        Stored::Reference {
            path: seized.path.clone(),
        }
    } else {
        Stored::Bag
    };
    let copy_to = (!options.in_place).then_some(&staged);
    let source = if linked { &staged } else { &seized.path };
    let read = read_once(source, copy_to, &seized, options, progress)?;

    let (sealed_utc, sealed_by) = change.now_and_actor();
    let exhibit = Exhibit {
        name,
        file_name: seized.file_name,
        sha256: read.sha256,
        sha512: read.sha512,
        bytes: read.bytes,
        compression: read.compression,
        stream_sha256: read.stream_sha256,
        stream_bytes: read.stream_bytes,
        stream_error: read.stream_error.map(|error| error.to_string()),
        stored,
        authority: options.authority.clone(),
        restrictions: options.restrictions.clone(),
        source_organization: options.source_organization.clone(),
        sealed_utc,
        sealed_by,
        path: seized.path,
    };
    match exhibit.stored {
        Stored::Bag => {
            durable::set_read_only(&staged)?;
            durable::sync_file(&staged)?;
            change.know(
                &payload_place,
                FileRecord {
                    sha256: exhibit.sha256,
                    bytes: exhibit.bytes,
                },
            );
            for (file, text) in bag::tag_files(&exhibit, &payload) {
                change.stage_bytes(format!("{folder}/{file}"), text.as_bytes())?;
            }
        }
        Stored::Reference { .. } => {
            change.stage_bytes(format!("{folder}/{RECORD}"), exhibit.to_record().as_bytes())?;
        }
    }
    Ok(exhibit)
}

/// Reads the file once, and makes sure that nobody wrote to it meanwhile.
fn read_once(
    source: &Utf8Path,
    copy_to: Option<&Utf8PathBuf>,
    seized: &Seized,
    options: &SealOptions,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Pass, SealError> {
    let path = || seized.path.clone();
    let unreadable = |read_bytes| {
        move |source: io::Error| SealError::Read {
            path: path(),
            read_bytes,
            source,
        }
    };
    let mut file = File::open(source).map_err(unreadable(0))?;
    let before = file.metadata().map_err(unreadable(0))?;
    let mut copy = match copy_to {
        Some(place) => Some(NewFile::create(place)?),
        None => None,
    };
    let read = pass::run(
        &mut file,
        copy.as_mut(),
        before.len(),
        &options.limits,
        progress,
    );
    let read = read.map_err(|error| match error {
        PassError::Read { read_bytes, source } => unreadable(read_bytes)(source),
        PassError::Write(source) => {
            IoFault::at("write", copy_to.unwrap_or(&seized.path))(source).into()
        }
    })?;
    if let (Some(copy), Some(place)) = (copy, copy_to) {
        copy.sync().map_err(IoFault::at("write", place))?;
    }
    let after = file.metadata().map_err(unreadable(read.bytes))?;
    let same = same_file(&before, &seized.metadata)
        && same_content(&seized.metadata, &before)
        && same_content(&before, &after)
        && read.bytes == after.len();
    if same {
        Ok(read)
    } else {
        Err(SealError::ChangedWhileRead { path: path() })
    }
}

fn same_file(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

fn same_content(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.len(), a.mtime(), a.mtime_nsec()) == (b.len(), b.mtime(), b.mtime_nsec())
}

/// Tells whether a file that was sealed by reference still holds what was sealed.
pub(crate) fn holds(path: &Utf8Path, sha256: Sha256Hash, bytes: u64) -> io::Result<bool> {
    let found = hashing::digests(path, false)?.record;
    Ok(found == FileRecord { sha256, bytes })
}
