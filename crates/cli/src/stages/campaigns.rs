//! What a case keeps of its campaigns: `campaigns/ID/`, pinned by the log like any other file, and
//! keys that belong to them, which never lie in the case.

use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;

use anyhow::Context;
use camino::Utf8PathBuf;
use unspoof_evidence::CaseFolder;
use unspoof_handover::codes::Code;
use unspoof_handover::{chance, hex};
use unspoof_intake::rows::CodeFound;
use unspoof_model::Coded as _;
use unspoof_outreach::approval::Approvers;
use unspoof_outreach::plan::ApprovedKey;
use unspoof_outreach::recipient::{RecipientHash, RecipientKey, Recipients};
use zeroize::Zeroizing;

use crate::fail::Refusal;
use crate::place::Surroundings;

/// Folder of all campaigns.
pub(crate) const FOLDER: &str = "campaigns";
/// The plan with its signatures.
pub(crate) const PLAN: &str = "plan";
/// Who gets which text and code: inside alone.
pub(crate) const RECIPIENTS: &str = "recipients";
/// Whom a campaign told, as its ledger says: a keyed hash a line.
pub(crate) const RESULTS: &str = "results";
/// When, by whom and to which host a campaign was handed.
pub(crate) const HANDED_OVER: &str = "handed-over";

/// Finds a file of a campaign, and says so where the campaign or the file is not there.
pub(crate) fn file_of(case: &CaseFolder, id: &str, name: &str) -> anyhow::Result<Utf8PathBuf> {
    let place = format!("{FOLDER}/{id}/{name}");
    let found = case.files(&place).next().map(|(_, _, path)| path);
    found.ok_or_else(|| {
        let known: std::collections::BTreeSet<String> = case
            .files(FOLDER)
            .filter_map(|(place, _, _)| place.split('/').nth(1).map(str::to_owned))
            .collect();
        let refusal = Refusal::new(
            "campaign/unknown",
            format!("the case holds no `{name}` of a campaign `{id}`"),
        );
        if known.is_empty() {
            refusal.hint("plan one: unspoof campaign plan FILE")
        } else {
            let known: Vec<String> = known.into_iter().collect();
            refusal.hint(format!("campaigns are {}", known.join(", ")))
        }
        .into()
    })
}

/// Those who may approve, as the case lists them.
pub(crate) fn approvers(case: &CaseFolder) -> anyhow::Result<Approvers> {
    let list = case.config().approvers.iter();
    let list: Vec<ApprovedKey> = list
        .map(|approver| ApprovedKey {
            name: approver.name.clone(),
            key: approver.key.clone(),
        })
        .collect();
    Approvers::new(list).map_err(|error| {
        Refusal::new(
            error.code(),
            format!("the case's list of approvers: {error}"),
        )
        .hint("add two people: unspoof campaign approver NAME KEY")
        .into()
    })
}

/// Reads a key of the case that lies with its keys, and makes it where it is not there yet.
fn key_of_case(
    around: &Surroundings,
    case: &CaseFolder,
    name: &str,
) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let path = around
        .keys
        .path()
        .join(format!("{}.{name}.key", case.log_name()));
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let text = Zeroizing::new(text);
            let key = hex::decode::<32>(text.trim());
            let key = key.with_context(|| format!("`{path}` holds no key of 64 digits"))?;
            Ok(Zeroizing::new(key))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = Zeroizing::new(chance::bytes::<32>()?);
            let text = Zeroizing::new(format!("{}\n", hex::encode(key.as_slice())));
            write_secret(&path, text.as_bytes())?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("could not read `{path}`")),
    }
}

/// Writes a new file that its owner alone reads; it is on the disk when this returns.
pub(crate) fn write_secret(path: &camino::Utf8Path, content: &[u8]) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()));
    written.with_context(|| format!("could not write `{path}`"))
}

/// The key that numbers are hashed with wherever they must not stand.
pub(crate) fn recipient_key(
    around: &Surroundings,
    case: &CaseFolder,
) -> anyhow::Result<RecipientKey> {
    Ok(RecipientKey::new(key_of_case(around, case, "recipients")?))
}

/// The key that a campaign's bundle and notice are signed with, as a seed.
pub(crate) fn bundle_seed(
    around: &Surroundings,
    case: &CaseFolder,
) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    key_of_case(around, case, "bundle")
}

/// All codes that this case's campaigns sent, by campaign.
#[derive(Default)]
pub(crate) struct SentCodes(BTreeMap<(String, String), String>);

impl SentCodes {
    pub(crate) fn of_case(case: &CaseFolder) -> anyhow::Result<Self> {
        let mut codes = Self::default();
        for (place, _, path) in case.files(FOLDER) {
            let mut parts = place.split('/').skip(1);
            let (Some(campaign), Some(RECIPIENTS), None) =
                (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            for recipient in read_recipients(&path)?.list {
                let number = recipient.digits().to_string();
                let code = recipient.code.reveal().to_string();
                codes.0.insert((campaign.to_owned(), code), number);
            }
        }
        Ok(codes)
    }

    /// Finds whom a code was sent to; case, spaces and dashes do not count.
    pub(crate) fn number_of(&self, campaign: &str, typed: &str) -> CodeFound {
        let Ok(code) = Code::parse(typed) else {
            return CodeFound::Unknown;
        };
        let key = (campaign.to_owned(), code.reveal().to_string());
        match self.0.get(&key) {
            Some(number) => CodeFound::Of(number.clone()),
            None => CodeFound::Unknown,
        }
    }
}

/// Reads whom a campaign told, once its results came back.
pub(crate) fn told_by(
    case: &CaseFolder,
    id: &str,
) -> anyhow::Result<Option<HashSet<RecipientHash>>> {
    let place = format!("{FOLDER}/{id}/{RESULTS}");
    let Some((_, _, path)) = case.files(&place).next() else {
        return Ok(None);
    };
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("could not read `{path}`"))?;
    let mut told = HashSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (hash, state) = line
            .split_once(' ')
            .with_context(|| format!("`{path}` is not usable"))?;
        let hash = hex::decode::<32>(hash).with_context(|| format!("`{path}` is not usable"))?;
        if !matches!(state, "planned" | "removed" | "refused") {
            told.insert(RecipientHash(hash));
        }
    }
    Ok(Some(told))
}

/// Reads who is told by a campaign.
pub(crate) fn read_recipients(path: &camino::Utf8Path) -> anyhow::Result<Recipients> {
    let bytes = std::fs::read(path).with_context(|| format!("could not read `{path}`"))?;
    let bytes = Zeroizing::new(bytes);
    Recipients::of_bytes(&bytes).with_context(|| format!("`{path}` is not usable"))
}
