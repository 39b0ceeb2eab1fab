//! How failures are told: the chain once, at most one hint, the code, and an exit code.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use unspoof_analysis::AnalysisError;
use unspoof_evidence::{CaseError, KeyError, LogError, SealError, StreamError};
use unspoof_handover::HandoverError;
use unspoof_ingest::IngestError;
use unspoof_ingest::presets::MappingError;
use unspoof_intake::IntakeError;
use unspoof_model::Coded;
use unspoof_outreach::text::TextError;
use unspoof_outreach::{OutreachError, PlanError};
use unspoof_store::StoreError;
use unspoof_unseal::UnsealError;

use crate::output;

/// A failure of the command line's own, with a stable code.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) text: String,
    pub(crate) hint: Option<String>,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Coded for Refusal {
    fn code(&self) -> &'static str {
        self.code
    }

    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

fn coded<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a dyn Coded> {
    macro_rules! any_of {
        ($($kind:ty),*) => {
            $(if let Some(found) = error.downcast_ref::<$kind>() {
                return Some(found);
            })*
        };
    }
    any_of!(
        Refusal,
        SealError,
        CaseError,
        KeyError,
        LogError,
        StreamError,
        IngestError,
        AnalysisError,
        MappingError,
        StoreError,
        UnsealError,
        PlanError,
        OutreachError,
        TextError
    );
    // Reading a sealed stream gives the stream's error inside of the operating system's.
    let found = StreamError::in_io(error.downcast_ref::<io::Error>()?)?;
    Some(found)
}

/// Errors of crates that know nothing of the case, the portal's host among them: they have codes of
/// their own.
fn apart(error: &(dyn std::error::Error + 'static)) -> Option<(&'static str, Option<String>)> {
    if let Some(found) = error.downcast_ref::<HandoverError>() {
        return Some((found.code(), None));
    }
    let found = error.downcast_ref::<IntakeError>()?;
    Some((found.code(), found.hint()))
}

/// What the operating system refused, where nothing closer to the work has a code or a hint.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the system's errors are many, and all others are told alike"
)]
fn refused(error: &(dyn std::error::Error + 'static)) -> Option<(&'static str, &'static str)> {
    let error = match error.downcast_ref::<Arc<io::Error>>() {
        Some(shared) => shared.as_ref(),
        None => error.downcast_ref::<io::Error>()?,
    };
    Some(match error.kind() {
        io::ErrorKind::NotFound => (
            "file/missing",
            "check the path; for a file of the case, see what else is missing: unspoof verify",
        ),
        io::ErrorKind::PermissionDenied => ("file/denied", "check who owns it: ls -l"),
        io::ErrorKind::StorageFull
        | io::ErrorKind::QuotaExceeded
        | io::ErrorKind::FileTooLarge
        | io::ErrorKind::WriteZero => ("file/disk-full", "make room, then run it again"),
        _ => (
            "file/io",
            "check the file and the disk that it is on, then run it again",
        ),
    })
}

/// Tells the failure and gives the exit code that goes with it.
pub(crate) fn report(error: &anyhow::Error, json: bool) -> ExitCode {
    let known = error.chain().find_map(coded);
    let apart = error.chain().find_map(apart);
    let refused = error.chain().find_map(refused);
    let code = match (known, &apart, refused) {
        (Some(known), _, _) => known.code(),
        (None, Some((code, _)), _) => code,
        (None, None, Some((code, _))) => code,
        (None, None, None) => "unspoof/other",
    };
    let hint = known
        .and_then(Coded::hint)
        .or_else(|| apart.and_then(|(_, hint)| hint))
        .or_else(|| refused.map(|(_, hint)| hint.to_owned()));
    let mut texts: Vec<String> = error.chain().map(ToString::to_string).collect();
    // A transparent error repeats its source's text.
    texts.dedup();
    let text = texts.join(": ");
    if json {
        output::json(&serde_json::json!({ "error": text, "hint": hint, "code": code }));
    }
    output::failure(&text, hint.as_deref(), code);
    ExitCode::from(match code {
        "case/busy" | "store/busy" | "ledger/held" => 75,
        bug if bug.starts_with("bug/") => 70,
        _ => 1,
    })
}
