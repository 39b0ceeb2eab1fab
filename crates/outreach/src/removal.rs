//! Removal lists: numbers that a running sender leaves out after all.
//!
//! A list holds keyed hashes alone, and there is nothing else that it could say: it names no text, no
//! sender and no new number. One approver's signature is enough, for what it does is never wrong to do
//! quickly.

use serde::{Deserialize, Serialize};
use unspoof_handover::hex;
use unspoof_model::{Sha256Hash, UtcMicros};
use unspoof_numbers::PhoneNumber;
use zeroize::Zeroizing;

use crate::approval::{Approved, Approvers};
use crate::plan::PlanError;
use crate::recipient::{RecipientHash, RecipientKey};
use crate::signed::{self, Signed};

const FORMAT: &str = "unspoof-removal-1";
const TAG: &str = "unspoof-removal-v1";
const WHAT: &str = "removal list";

/// A removal list as it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    campaign: String,
    plan_sha256: Sha256Hash,
    made_utc: UtcMicros,
    reason: String,
    removed: Vec<String>,
}

/// A removal list that an approver of the plan signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Who signed it.
    pub by: String,
    /// When it was made.
    pub made_utc: UtcMicros,
    /// Why.
    pub reason: String,
    /// Whom it takes out, as the ledger has them; sorted, each once.
    pub removed: Vec<RecipientHash>,
}

/// Makes and signs a removal list for a plan, which [`crate::approval::plan_sha256`] names.
///
/// # Errors
/// [`PlanError::Document`] without a number or a reason; [`PlanError::Handover`] where the seed is no key.
pub fn make(
    campaign: &str,
    plan_sha256: Sha256Hash,
    numbers: &[PhoneNumber],
    key: &RecipientKey,
    reason: &str,
    seed: &Zeroizing<[u8; 32]>,
    now_utc: UtcMicros,
) -> Result<String, PlanError> {
    let wrong = |detail: &str| PlanError::Document {
        what: WHAT,
        detail: detail.to_owned(),
    };
    if numbers.is_empty() {
        return Err(wrong("it removes nobody"));
    }
    if reason.trim().is_empty() {
        return Err(wrong("it gives no reason"));
    }
    let mut hashes: Vec<RecipientHash> = numbers.iter().map(|number| key.hash(*number)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let document = Document {
        format: FORMAT.to_owned(),
        campaign: campaign.to_owned(),
        plan_sha256,
        made_utc: now_utc,
        reason: reason.to_owned(),
        removed: hashes.iter().map(|hash| hex::encode(&hash.0)).collect(),
    };
    let mut file = signed::body(&document, WHAT)?;
    file.push_str(&signed::sign(&file, TAG, seed)?);
    Ok(file)
}

/// Checks a removal list for an approved plan. Whom it names and the plan does not have, it removes in
/// vain.
///
/// # Errors
/// [`PlanError::Signature`] for a list that is not signed or was changed; [`PlanError::Stranger`] where
/// whoever signed is not on `approvers` and the plan's own list; [`PlanError::Document`] for a list of
/// another plan or form.
pub fn verify(
    file: &[u8],
    approved: &Approved,
    approvers: &Approvers,
) -> Result<Removal, PlanError> {
    let signed = Signed::parse(file, TAG).ok_or(PlanError::Signature { what: WHAT })?;
    let keys = signed.keys().ok_or(PlanError::Signature { what: WHAT })?;
    let Some(key) = keys.first() else {
        return Err(PlanError::Signature { what: WHAT });
    };
    let own = Approvers::new(approved.plan().approvers.clone())?;
    for key in &keys {
        if approvers.holder_of(key).is_none() || own.holder_of(key).is_none() {
            return Err(PlanError::Stranger);
        }
    }
    let by = approvers.holder_of(key).ok_or(PlanError::Stranger)?;
    let document: Document = signed::read(signed.body, WHAT)?;
    let wrong = |detail: &str| PlanError::Document {
        what: WHAT,
        detail: detail.to_owned(),
    };
    if document.format != FORMAT {
        return Err(wrong("it is of another format"));
    }
    if document.campaign != approved.plan().campaign || document.plan_sha256 != approved.sha256() {
        return Err(wrong("it is of another plan"));
    }
    let hashes: Option<Vec<RecipientHash>> = document
        .removed
        .iter()
        .map(|written| hex::decode(written).map(RecipientHash))
        .collect();
    let mut removed = hashes.ok_or_else(|| wrong("a line of it is no hash"))?;
    removed.sort_unstable();
    removed.dedup();
    Ok(Removal {
        by: by.to_owned(),
        made_utc: document.made_utc,
        reason: document.reason,
        removed,
    })
}
