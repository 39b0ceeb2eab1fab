//! Approvals: two named people sign the same bytes of one plan, and nothing is sent without both.
//!
//! A plan file is the plan as JSON and a line for each signature. [`Approved`] can only be made by
//! [`Approved::verify`], and a sender takes nothing else.

use std::collections::{BTreeMap, BTreeSet};

use unspoof_handover::hex;
use unspoof_model::{Sha256Hash, UtcMicros};
use zeroize::Zeroizing;

use crate::plan::{ApprovedKey, Plan, PlanError};
use crate::signed::{self, Signed};

pub(crate) const TAG: &str = "unspoof-plan-v1";
const WHAT: &str = "plan";

/// Those who may approve: two or more people, each with a key of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approvers(Vec<ApprovedKey>);

impl Approvers {
    /// Takes a list, such as the case's.
    ///
    /// # Errors
    /// [`PlanError::Approvers`] unless it has two or more different names with different keys.
    pub fn new(list: Vec<ApprovedKey>) -> Result<Self, PlanError> {
        let wrong = |detail| Err(PlanError::Approvers { detail });
        let (mut names, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for approver in &list {
            let Some(key) = hex::decode::<32>(&approver.key) else {
                return wrong("a key is no key of 64 hexadecimal digits");
            };
            let name = approver.name.trim().to_lowercase();
            if name.is_empty() || name.chars().any(char::is_control) {
                return wrong("somebody has no name");
            }
            if !names.insert(name) {
                return wrong("a name stands twice");
            }
            if !keys.insert(key) {
                return wrong("a key stands twice");
            }
        }
        if list.len() < 2 {
            return wrong("it takes two people to approve");
        }
        Ok(Self(list))
    }

    /// Returns who has a key.
    #[must_use]
    pub fn holder_of(&self, key: &[u8; 32]) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|of| hex::decode::<32>(&of.key).as_ref() == Some(key));
        found.map(|approver| approver.name.as_str())
    }
}

/// What an approved plan is opened for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    /// A full run without a network. Until the plan expires.
    Rehearsal,
    /// Sending. Within the window alone.
    Sending,
    /// Receipts, reconciling, erasure: nothing is sent. At any time.
    Afterwards,
}

/// A plan that two people approved. There is no other way to make one than [`Approved::verify`].
#[derive(Clone, Debug)]
pub struct Approved {
    plan: Plan,
    sha256: Sha256Hash,
    by: Vec<String>,
    opened_for: Use,
}

impl Approved {
    /// Checks a plan file: who signed what, and whether it may be used so now.
    ///
    /// # Errors
    /// [`PlanError::Signature`] for a plan that was changed or is in another form;
    /// [`PlanError::Stranger`] where somebody signed who is not on `approvers` and the plan's own list;
    /// [`PlanError::Approvals`] where fewer than two different people of them did;
    /// [`PlanError::Expired`] and [`PlanError::NotYet`] outside of its time; what
    /// [`Plan::check`] finds.
    pub fn verify(
        file: &[u8],
        approvers: &Approvers,
        opened_for: Use,
        now_utc: UtcMicros,
    ) -> Result<Self, PlanError> {
        let signed = parse(file)?;
        let plan: Plan = signed::read(signed.body, WHAT)?;
        let by = signers(&signed, &plan, approvers)?;
        if by.len() < 2 {
            return Err(PlanError::Approvals { given: by.len() });
        }
        plan.check()?;
        let is_over = now_utc >= plan.window.until_utc;
        match opened_for {
            Use::Rehearsal | Use::Sending if is_over => return Err(PlanError::Expired),
            Use::Sending if now_utc < plan.window.from_utc => return Err(PlanError::NotYet),
            Use::Rehearsal | Use::Sending | Use::Afterwards => {}
        }
        let mut by: Vec<String> = by.into_values().collect();
        by.sort_unstable();
        Ok(Self {
            sha256: sha256(signed.body),
            plan,
            by,
            opened_for,
        })
    }

    /// Returns the plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the SHA-256 of the bytes that were signed: what other documents name the plan by.
    #[must_use]
    pub const fn sha256(&self) -> Sha256Hash {
        self.sha256
    }

    /// Returns who approved it, by name, sorted.
    #[must_use]
    pub fn by(&self) -> &[String] {
        &self.by
    }

    /// Returns what it was opened for.
    #[must_use]
    pub const fn opened_for(&self) -> Use {
        self.opened_for
    }

    /// Tells whether a text may leave this machine, or seem to, now: not of a plan that was opened for
    /// afterwards, not once the window is over, and when sending in earnest not before it.
    #[must_use]
    pub fn may_send(&self, now_utc: UtcMicros) -> bool {
        let window = &self.plan.window;
        now_utc < window.until_utc
            && match self.opened_for {
                Use::Rehearsal => true,
                Use::Sending => now_utc >= window.from_utc,
                Use::Afterwards => false,
            }
    }
}

/// Writes a plan as it is signed: a plan file without signatures.
///
/// # Errors
/// What [`Plan::check`] finds.
pub fn unsigned(plan: &Plan) -> Result<String, PlanError> {
    plan.check()?;
    signed::body(plan, WHAT)
}

/// Reads a plan file, whoever signed it, so that people see what they are about to sign.
///
/// # Errors
/// [`PlanError::Signature`] and [`PlanError::Document`] for what is no plan file.
pub fn read(file: &[u8]) -> Result<Plan, PlanError> {
    signed::read(parse(file)?.body, WHAT)
}

/// Returns the SHA-256 of the bytes of a plan file that are signed.
///
/// # Errors
/// As [`read`].
pub fn plan_sha256(file: &[u8]) -> Result<Sha256Hash, PlanError> {
    Ok(sha256(parse(file)?.body))
}

/// Approves a plan: returns the file with one more signature, and who signed.
///
/// # Errors
/// [`PlanError::Stranger`] where the key is of nobody on `approvers` and the plan's own list;
/// [`PlanError::Expired`] where the plan's time is over; [`PlanError::Approvals`] where the same person
/// signed before; what [`Plan::check`] finds.
pub fn approve(
    file: &[u8],
    approvers: &Approvers,
    seed: &Zeroizing<[u8; 32]>,
    now_utc: UtcMicros,
) -> Result<(String, String), PlanError> {
    let signed = parse(file)?;
    let plan: Plan = signed::read(signed.body, WHAT)?;
    plan.check()?;
    if now_utc >= plan.window.until_utc {
        return Err(PlanError::Expired);
    }
    let before = signers(&signed, &plan, approvers)?;
    let key = signed::public_key(seed)?;
    let name = on_both(&key, &plan, approvers)?;
    if before.contains_key(&key) {
        return Err(PlanError::Approvals {
            given: before.len(),
        });
    }
    let mut file = String::from_utf8_lossy(file).into_owned();
    file.push_str(&signed::sign(signed.body, TAG, seed)?);
    Ok((file, name))
}

/// Returns what stands in lists of approvers for whoever holds a key.
///
/// # Errors
/// [`PlanError::Handover`] where the seed is no key.
pub fn public_key(seed: &Zeroizing<[u8; 32]>) -> Result<String, PlanError> {
    Ok(hex::encode(&signed::public_key(seed)?))
}

fn parse(file: &[u8]) -> Result<Signed<'_>, PlanError> {
    Signed::parse(file, TAG).ok_or(PlanError::Signature { what: WHAT })
}

/// Checks all signatures, and returns the different people who made them.
fn signers(
    signed: &Signed<'_>,
    plan: &Plan,
    approvers: &Approvers,
) -> Result<BTreeMap<[u8; 32], String>, PlanError> {
    let keys = signed.keys().ok_or(PlanError::Signature { what: WHAT })?;
    keys.into_iter()
        .map(|key| Ok((key, on_both(&key, plan, approvers)?)))
        .collect()
}

/// Returns the name of whoever has a key and stands on both lists. The case's list decides what the
/// person is called, so that a plan cannot give one person two names.
fn on_both(key: &[u8; 32], plan: &Plan, approvers: &Approvers) -> Result<String, PlanError> {
    let own = Approvers::new(plan.approvers.clone())?;
    let name = approvers.holder_of(key).ok_or(PlanError::Stranger)?;
    own.holder_of(key).ok_or(PlanError::Stranger)?;
    Ok(name.to_owned())
}

fn sha256(body: &str) -> Sha256Hash {
    let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
    digest.update(body.as_bytes());
    Sha256Hash(crate::recipient::finished(digest))
}
