//! Making a case.

use camino::{Utf8Path, Utf8PathBuf};
use unspoof_model::EventKind;
use unspoof_model::config::CaseConfig;

use super::CaseFolder;
use crate::clock::SharedClock;
use crate::durable;
use crate::error::{CaseError, IoFault};
use crate::keys::KeyDir;
use crate::lock::CaseLock;
use crate::log::{Head, LOG, Log};
use crate::state::{self, CONFIG, FOLDERS, State};
use crate::transaction::STAGING;
use crate::who::Who;
use crate::writer::CaseWriter;

/// Stands in the staging folder until a new case's first event is recorded.
const MARKER: &str = "init";

/// What a new case starts with besides its configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewFiles<'a> {
    /// Reference lists: name under `reference/`, and the file to copy.
    pub references: &'a [(String, Utf8PathBuf)],
    /// Mappings: name under `mappings/` without `.toml`, and the text.
    pub mappings: &'a [(String, String)],
}

impl CaseFolder {
    /// Makes a case in a folder that is new or holds none of a case's own names, and its keys in
    /// the key folder.
    ///
    /// An interrupted call leaves no case; it may be repeated.
    ///
    /// # Errors
    /// The folder is in use, a name is not a plain file name, or a file cannot be read or written.
    pub fn init(
        root: &Utf8Path,
        config: &CaseConfig,
        files: NewFiles<'_>,
        keys: &KeyDir,
        who: Who,
        clock: SharedClock,
    ) -> Result<Self, CaseError> {
        let text =
            toml::to_string(config).map_err(|error| CaseError::ConfigWrite(Box::new(error)))?;
        // What is written must be what will be read.
        super::parse_config(&root.join(CONFIG), &text)?;
        let mut staged = vec![(CONFIG.to_owned(), Content::Text(&text))];
        for (name, source) in files.references {
            staged.push((format!("reference/{name}"), Content::File(source)));
        }
        let mappings: Vec<(String, &String)> = files
            .mappings
            .iter()
            .map(|(name, text)| (format!("mappings/{name}.toml"), text))
            .collect();
        for (path, text) in mappings {
            staged.push((path, Content::Text(text)));
        }
        if let Some((path, _)) = staged
            .iter()
            .find(|(path, _)| !state::is_place(path) || path.matches('/').count() > 1)
        {
            return Err(CaseError::Place { path: path.clone() });
        }

        keys.refuse_inside(root)?;
        durable::create_dir_all(root)?;
        refuse_occupied(root)?;
        let lock = CaseLock::take(root, &CaseWriter::holder(&who, &*clock))?;
        // Again: another process may have been faster.
        refuse_occupied(root)?;
        let staging = root.join(STAGING);
        clear_interrupted(root, &staging)?;
        let public = keys.make()?;
        let log = Log::create(root, &public)?;
        let blank = Self {
            root: root.to_owned(),
            config: config.clone(),
            head: Head::empty(),
            state_sha256: None,
            state: State::default(),
            exhibits: Vec::new(),
            pending: None,
            log,
        };
        let mut writer = CaseWriter::with_lock(blank, keys, who, clock, lock)?;
        let mut first = writer.begin(EventKind::Collection, "init")?;
        first.detail("references", files.references.len());
        first.detail("mappings", files.mappings.len());
        for (path, content) in staged {
            match content {
                Content::Text(text) => first.stage_bytes(&path, text.as_bytes())?,
                Content::File(source) => first.stage_copy(&path, source)?,
            }
        }
        first.commit()?;
        durable::remove_file(&staging.join(MARKER))?;
        Ok(writer.into_folder())
    }
}

enum Content<'a> {
    Text(&'a str),
    File(&'a Utf8Path),
}

/// Sets the marker, then clears away what an interrupted call left.
fn clear_interrupted(root: &Utf8Path, staging: &Utf8Path) -> Result<(), CaseError> {
    durable::create_dir_all(staging)?;
    let marker = staging.join(MARKER);
    if !marker.exists() {
        durable::write_new(&marker, b"")?;
    }
    durable::remove_tree(&root.join(LOG))?;
    for left in staging
        .read_dir_utf8()
        .map_err(IoFault::at("list", staging))?
        .flatten()
    {
        if left.path() != marker {
            durable::remove_tree(left.path())?;
            durable::remove_file(left.path())?;
        }
    }
    Ok(())
}

/// Refuses a folder that holds anything under a case's own names, except what an interrupted
/// call of [`CaseFolder::init`] left.
fn refuse_occupied(root: &Utf8Path) -> Result<(), CaseError> {
    let staging = root.join(STAGING);
    let marked = staging.join(MARKER).symlink_metadata().is_ok()
        && root
            .join(LOG)
            .join("checkpoint")
            .symlink_metadata()
            .is_err();
    // The staging folder is made a moment before the marker in it.
    let bare = staging
        .read_dir_utf8()
        .is_ok_and(|mut entries| entries.next().is_none());
    let own = FOLDERS.iter().copied().chain([CONFIG, LOG, STAGING]);
    let taken = own
        .filter(|name| !(marked && *name == LOG || (marked || bare) && *name == STAGING))
        .find(|name| root.join(name).symlink_metadata().is_ok());
    match taken {
        Some(name) => {
            let (root, name) = (root.to_owned(), name.to_owned());
            Err(CaseError::Exists { root, name })
        }
        None => Ok(()),
    }
}
