//! What the sender's host is given: an approved plan, and its recipients, sealed to that host alone.
//!
//! A package is a folder with two files, `plan` (the plan file of [`crate::approval`]) and
//! `recipients.age`. [`Opened::open`] checks everything against what was signed; numbers, codes and the
//! key that they are hashed with exist on the host in memory alone.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufReader, Read, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use unspoof_handover::seal;
use unspoof_model::{Sha256Hash, UtcMicros};
use unspoof_unseal::{Identity, UnsealReader};
use zeroize::Zeroizing;

use crate::approval::{Approved, Approvers, Use};
use crate::plan::{CODE, Plan, PlanError};
use crate::recipient::{Recipient, RecipientHash, Recipients};

/// The name of the plan file within a package.
pub const PLAN_FILE: &str = "plan";

/// The name of the sealed recipients' file within a package.
pub const RECIPIENTS_FILE: &str = "recipients.age";

/// The largest recipients' file that is opened: some ten million of them.
const MAX_BYTES: u64 = 1 << 29;

/// Seals recipients to the host that the plan names.
///
/// # Errors
/// [`PlanError::Recipients`] where they are not the plan's; [`PlanError::Handover`] where sealing fails.
pub fn seal_recipients(plan: &Plan, recipients: &Recipients) -> Result<Vec<u8>, PlanError> {
    check(plan, recipients)?;
    let host = seal::Recipient::parse(&plan.sender_host)?;
    Ok(seal::seal(&recipients.to_bytes(), &[host])?)
}

/// Seals a copy that stays inside, to the case's own keys: there codes lead from a statement to the
/// contact that got them. Two keys or more, so that one lost key loses nothing.
///
/// # Errors
/// [`PlanError::Recipients`] with fewer than two keys, or with the sender host's among them;
/// [`PlanError::Handover`] for a key that is none.
pub fn seal_copy(
    plan: &Plan,
    recipients: &Recipients,
    keys: &[String],
) -> Result<Vec<u8>, PlanError> {
    check(plan, recipients)?;
    let different: BTreeSet<&String> = keys.iter().collect();
    if different.len() < 2 || different.contains(&plan.sender_host) {
        return Err(PlanError::Recipients {
            detail: "a copy is sealed to two keys or more, and never to the sender's host",
        });
    }
    let parsed: Result<Vec<_>, _> = keys.iter().map(|key| seal::Recipient::parse(key)).collect();
    Ok(seal::seal(&recipients.to_bytes(), &parsed?)?)
}

/// Opens recipients, whoever they were sealed to. [`Opened::open`] does and checks them against a plan.
///
/// # Errors
/// [`PlanError::Unseal`] for what none of the identities opens, or what was changed or cut off;
/// [`PlanError::Recipients`] for what holds no recipients.
pub fn open_recipients(
    sealed: impl Read,
    identities: &[Identity],
) -> Result<Recipients, PlanError> {
    let mut reader = UnsealReader::new(sealed, identities)?;
    Recipients::of_bytes(&read_all(&mut reader)?)
}

/// Writes a package into a folder that is there; files of these names must not be.
///
/// # Errors
/// [`PlanError::Io`] where a file is there already or cannot be written.
pub fn write(folder: &Path, plan_file: &str, sealed: &[u8]) -> Result<(), PlanError> {
    write_new(&folder.join(RECIPIENTS_FILE), sealed)?;
    write_new(&folder.join(PLAN_FILE), plan_file.as_bytes())?;
    sync_folder(folder)
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), PlanError> {
    let mut file = File::create_new(path).map_err(PlanError::io("write", path))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(PlanError::io("write", path))
}

pub(crate) fn sync_folder(folder: &Path) -> Result<(), PlanError> {
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(PlanError::io("flush", folder))
}

/// An approved plan with its recipients. It holds all that can be sent: there is no way to give it
/// another text, sender or number.
#[derive(Debug)]
pub struct Opened {
    approved: Approved,
    recipients: Recipients,
    /// By stage, the keys of its recipients.
    stages: Vec<Range<u64>>,
}

impl Opened {
    /// Opens a package folder.
    ///
    /// # Errors
    /// [`PlanError::Io`] where a file cannot be read, and as [`Opened::open`].
    pub fn open_folder(
        folder: &Path,
        approvers: &Approvers,
        identities: &[Identity],
        opened_for: Use,
        now_utc: UtcMicros,
    ) -> Result<Self, PlanError> {
        let path: PathBuf = folder.join(PLAN_FILE);
        let plan_file = fs::read(&path).map_err(PlanError::io("read", &path))?;
        let path = folder.join(RECIPIENTS_FILE);
        let sealed = File::open(&path).map_err(PlanError::io("read", &path))?;
        Self::open(
            &plan_file,
            BufReader::new(sealed),
            approvers,
            identities,
            opened_for,
            now_utc,
        )
    }

    /// Opens a plan and its recipients.
    ///
    /// # Errors
    /// What [`Approved::verify`] refuses; [`PlanError::Unseal`] where the recipients are sealed to another
    /// host, cut off or changed; [`PlanError::Recipients`] where they are not those that were signed.
    pub fn open(
        plan_file: &[u8],
        sealed: impl Read,
        approvers: &Approvers,
        identities: &[Identity],
        opened_for: Use,
        now_utc: UtcMicros,
    ) -> Result<Self, PlanError> {
        let approved = Approved::verify(plan_file, approvers, opened_for, now_utc)?;
        let recipients = open_recipients(sealed, identities)?;
        check(approved.plan(), &recipients)?;
        let mut stages = Vec::new();
        let mut from = 0;
        for stage in &approved.plan().stages {
            stages.push(from..from + stage.recipients);
            from += stage.recipients;
        }
        Ok(Self {
            approved,
            recipients,
            stages,
        })
    }

    /// Returns the approval.
    #[must_use]
    pub const fn approved(&self) -> &Approved {
        &self.approved
    }

    /// Returns the plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        self.approved.plan()
    }

    /// Returns the recipients, by their keys in the ledger.
    #[must_use]
    pub const fn recipients(&self) -> &Recipients {
        &self.recipients
    }

    /// Returns the keys of a stage's recipients.
    #[must_use]
    pub fn stage(&self, stage: u16) -> Option<Range<u64>> {
        self.stages.get(usize::from(stage)).cloned()
    }

    /// Returns the instant before which nothing of a stage leaves.
    #[must_use]
    pub fn not_before(&self, stage: u16) -> Option<UtcMicros> {
        self.recipients
            .not_before_utc
            .get(usize::from(stage))
            .copied()
    }

    /// Returns a recipient by its key in the ledger.
    #[must_use]
    pub fn recipient(&self, key: u64) -> Option<&Recipient> {
        self.recipients.get(key)
    }

    /// Returns the hash that a recipient has in the ledger.
    #[must_use]
    pub fn hash(&self, key: u64) -> Option<RecipientHash> {
        Some(self.recipients.hash(self.recipient(key)?))
    }

    /// Returns a recipient's text as it arrives: one of the signed ones, with the code in its place.
    #[must_use]
    pub fn text(&self, key: u64) -> Option<Zeroizing<String>> {
        let recipient = self.recipient(key)?;
        let text = self.plan().texts.get(usize::from(recipient.text))?;
        let code = recipient.code.reveal();
        Some(Zeroizing::new(text.text.replacen(CODE, &code, 1)))
    }
}

/// Reads to the end, growing without leaving copies behind.
fn read_all(reader: &mut impl Read) -> Result<Zeroizing<Vec<u8>>, PlanError> {
    let mut all = Zeroizing::new(Vec::with_capacity(1 << 16));
    let mut piece = Zeroizing::new(vec![0_u8; 1 << 16]);
    loop {
        let read = reader.read(&mut piece).map_err(|source| {
            // What a sealed file's reader says is one of its own errors.
            match source.downcast::<unspoof_unseal::UnsealError>() {
                Ok(unsealed) => PlanError::Unseal(unsealed),
                Err(source) => PlanError::Unseal(unspoof_unseal::UnsealError::Read(source)),
            }
        })?;
        if read == 0 {
            return Ok(all);
        }
        if all.len() as u64 + read as u64 > MAX_BYTES {
            return Err(PlanError::Recipients {
                detail: "they are too many",
            });
        }
        if all.capacity() - all.len() < read {
            let mut larger = Zeroizing::new(Vec::with_capacity(all.capacity() * 2));
            larger.extend_from_slice(&all);
            all = larger;
        }
        all.extend_from_slice(piece.split_at(read).0);
    }
}

/// Checks recipients against what was signed of them.
pub(crate) fn check(plan: &Plan, recipients: &Recipients) -> Result<(), PlanError> {
    let wrong = |detail| Err(PlanError::Recipients { detail });
    if recipients.campaign != plan.campaign {
        return wrong("they are of another campaign");
    }
    let list = &recipients.list;
    if list.len() as u64 != plan.recipients.count
        || Sha256Hash(recipients.numbers_sha256()) != plan.recipients.numbers_sha256
        || Sha256Hash(recipients.sha256()) != plan.recipients.file_sha256
    {
        return wrong("they are not those that were signed");
    }
    if recipients.not_before_utc.len() != plan.stages.len() {
        return wrong("they have other stages");
    }
    let numbers: BTreeSet<_> = list.iter().map(|of| of.number).collect();
    if numbers.len() != list.len() {
        return wrong("a number stands there twice");
    }
    let codes: BTreeSet<_> = list.iter().map(|of| of.code.number()).collect();
    if codes.len() != list.len() {
        return wrong("a code stands there twice");
    }
    if !list.is_sorted_by_key(|of| of.stage) {
        return wrong("they are not in the order of their stages");
    }
    let mut by_stage = vec![0_u64; plan.stages.len()];
    let mut by_text = vec![0_u64; plan.texts.len()];
    for recipient in list {
        let stage = by_stage.get_mut(usize::from(recipient.stage));
        let text = by_text.get_mut(usize::from(recipient.text));
        let clock = plan.clocks.get(usize::from(recipient.clock));
        let (Some(stage), Some(text), Some(_)) = (stage, text, clock) else {
            return wrong("one has a stage, text or clock that the plan does not have");
        };
        *stage += 1;
        *text += 1;
    }
    if !by_stage
        .iter()
        .eq(plan.stages.iter().map(|stage| &stage.recipients))
        || !by_text
            .iter()
            .eq(plan.texts.iter().map(|text| &text.recipients))
    {
        return wrong("their stages or texts are not those that were signed");
    }
    Ok(())
}
