//! `unspoof portal attachment`

use std::io::Write as _;

use anyhow::Context;
use unspoof_evidence::{CaseFolder, Details, StreamLimits, open_stream};
use unspoof_intake::{AttachedFile, archive, flatten};

use super::super::Done;
use super::{Attachment, statements};
use crate::fail::Refusal;
use crate::output;
use crate::place::Surroundings;
use crate::stages::identities;

pub(crate) fn attachment(around: &Surroundings, args: &Attachment) -> anyhow::Result<Done> {
    let case = around.open()?;
    let (exhibit, file) = named(&case, args)?;
    let keyed = case.keyed(&around.keys, &args.reference)?;
    let file_keyed = case.keyed(&around.keys, &file.sha256)?;
    let details = Details::new()
        .with("statement", keyed)
        .with("file", file_keyed)
        .with("original", args.original);
    around.consult(&case, "portal-attachment", &details)?;
    let identities = identities::read(&args.identities)?;
    let sealed = sealed(&case, &exhibit, &file)?;
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("could not create `{}`", args.out))?;
    let name = format!(
        "original-{}.bin",
        file.sha256.chars().take(12).collect::<String>()
    );
    let original = args.out.join(name);
    let mut plain = identities.open(&sealed)?;
    let mut kind = file.kind.as_str();
    if let Some(sha256) = &file.sealed_sha256 {
        // The visitor's browser sealed it too.
        check(&plain, sha256)?;
        plain = identities.open(&plain)?;
        kind = flatten::kind_of(&plain);
    }
    check(&plain, &file.sha256)?;
    private_file(&original)?
        .write_all(&plain)
        .with_context(|| format!("could not write `{original}`"))?;
    if args.original {
        output::text(&format!(
            "{original}\nnever open it on a machine that holds the case\n"
        ));
        return Ok(Done::Whole);
    }
    let pages = flatten::flatten(original.as_std_path(), kind, args.out.as_std_path());
    std::fs::remove_file(&original).with_context(|| format!("could not remove `{original}`"))?;
    let pages = pages?;
    if around.json {
        output::json(&serde_json::json!({ "file": file, "pages": pages }));
        return Ok(Done::Whole);
    }
    for page in pages {
        output::text(&format!("{}\n", page.display()));
    }
    Ok(Done::Whole)
}

fn check(content: &[u8], sha256: &str) -> anyhow::Result<()> {
    let found = unspoof_handover::hex::encode(&<sha2::Sha256 as sha2::Digest>::digest(content));
    if found == sha256 {
        return Ok(());
    }
    Err(Refusal::new(
        "portal/file-changed",
        "what was sealed is not the file that the statement names",
    )
    .into())
}

fn private_file(path: &camino::Utf8Path) -> anyhow::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("could not write `{path}`"))
}

/// Finds the file, and the pull that its statement came with.
fn named(case: &CaseFolder, args: &Attachment) -> anyhow::Result<(String, AttachedFile)> {
    let reference = &args.reference;
    let all = statements::statements(case)?;
    let (exhibit, row) = statements::known(&all, reference)?;
    let files = statements::cell(row, "files");
    let files: Vec<AttachedFile> = serde_json::from_str(files).unwrap_or_default();
    let count = files.len();
    let file = args
        .file
        .checked_sub(1)
        .and_then(|at| files.into_iter().nth(at))
        .ok_or_else(|| {
            Refusal::new(
                "portal/no-file",
                format!("the statement `{reference}` has {count} files"),
            )
        })?;
    Ok((exhibit.clone(), file))
}

fn sealed(case: &CaseFolder, exhibit: &str, file: &AttachedFile) -> anyhow::Result<Vec<u8>> {
    let pull = exhibit.trim_end_matches(".statements.csv");
    let archives = statements::exhibits(case, ".spool.tar");
    // The one of the same pull first.
    let mut archives: Vec<_> = archives.collect();
    archives.sort_by_key(|archive| !archive.name.starts_with(pull));
    let name = format!("files/{}.age", file.id);
    for exhibit in archives {
        let mut sealed = Vec::new();
        let stream = open_stream(exhibit, &StreamLimits::default())?;
        if archive::copy_out(stream, &name, &mut sealed)
            .with_context(|| format!("could not read the exhibit `{}`", exhibit.name))?
        {
            return Ok(sealed);
        }
    }
    Err(Refusal::new("portal/no-file", format!("no exhibit holds `{name}`")).into())
}
