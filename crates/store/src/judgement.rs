//! A decision with who, why and when, in one form only.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use unspoof_model::judgement::{AccountRef, E164, ReportRef};
use unspoof_model::{HashTextError, Sha256Hash, UtcMicros};

use crate::decision::Label;
use crate::{Decision, InvalidJudgement};

/// The format of judgements that this version writes, and the newest that it reads.
pub(crate) const JUDGEMENT_FORMAT: u64 = 1;

/// Names a judgement: SHA-256 of its content in canonical form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JudgementId(pub Sha256Hash);

impl fmt::Display for JudgementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for JudgementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for JudgementId {
    type Err = HashTextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A recorded decision. Its id follows from everything else in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Judgement {
    id: JudgementId,
    decision: Decision,
    actor: String,
    reason: String,
    recorded_utc: UtcMicros,
    undoes: Option<JudgementId>,
    content: String,
}

/// Shows kind and id, and nobody.
impl fmt::Debug for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Judgement")
            .field("kind", &self.decision.kind())
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Judgement {
    /// Records a decision. `recorded_utc` is in UTC microseconds; `undoes` names an earlier
    /// judgement that no longer holds.
    ///
    /// # Errors
    /// It says nothing, too much, or in characters that a listing cannot show.
    pub fn new(
        decision: Decision,
        actor: &str,
        reason: &str,
        recorded_utc: UtcMicros,
        undoes: Option<JudgementId>,
    ) -> Result<Self, InvalidJudgement> {
        decision.check()?;
        check_text("actor", actor, 200)?;
        check_text("reason", reason, 4_000)?;
        if decision == Decision::Undo && undoes.is_none() {
            return Err(InvalidJudgement::UndoesNothing);
        }
        if !TIMES.contains(&recorded_utc) {
            return Err(InvalidJudgement::Time);
        }
        let content = Content::of(&decision, actor, reason, recorded_utc, undoes);
        let content = serde_json::to_string(&content)
            .map_err(|_| InvalidJudgement::Form("no JSON".into()))?;
        let id = JudgementId(Sha256Hash(Sha256::digest(content.as_bytes()).into()));
        Ok(Self {
            id,
            decision,
            actor: actor.to_owned(),
            reason: reason.to_owned(),
            recorded_utc,
            undoes,
            content,
        })
    }

    /// Returns what it is named by.
    #[must_use]
    pub fn id(&self) -> JudgementId {
        self.id
    }

    /// Returns what was decided.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Returns who decided.
    #[must_use]
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Returns why, in their own words.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Returns when it was recorded, in UTC microseconds.
    #[must_use]
    pub fn recorded_utc(&self) -> UtcMicros {
        self.recorded_utc
    }

    /// Returns which judgement it undoes.
    #[must_use]
    pub fn undoes(&self) -> Option<JudgementId> {
        self.undoes
    }

    /// Returns the content in canonical form (RFC 8785): the bytes that the id is the hash of.
    #[must_use]
    pub fn content(&self) -> &str {
        &self.content
    }

    /// Returns what decides between two judgements: the recorded time, then the id.
    #[must_use]
    pub fn order(&self) -> (UtcMicros, JudgementId) {
        (self.recorded_utc, self.id)
    }

    /// Reads the content of a judgement, in canonical form or not.
    ///
    /// # Errors
    /// It is no judgement, or one of a newer format.
    pub fn from_json(text: &str) -> Result<Self, InvalidJudgement> {
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|e| InvalidJudgement::Form(plain(&e)))?;
        let format = value.get("v").map_or(Some(1), serde_json::Value::as_u64);
        if let Some(found) = format.filter(|format| *format > JUDGEMENT_FORMAT) {
            return Err(InvalidJudgement::Newer {
                found,
                known: JUDGEMENT_FORMAT,
            });
        }
        let read: Read =
            serde_json::from_value(value).map_err(|e| InvalidJudgement::Form(plain(&e)))?;
        read.judgement()
    }
}

/// What went wrong, without the text that it went wrong with.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // serde quotes strings that it did not expect, which may be anybody's name.
    match text.split_once(": string \"").or(text.split_once("`,")) {
        Some((what, _)) => what.replace('`', ""),
        None => text,
    }
}

/// The instants that RFC 3339 writes with four-digit years.
const TIMES: std::ops::RangeInclusive<i64> = 0..=253_402_300_799_999_999;

pub(crate) fn check_text(
    what: &'static str,
    text: &str,
    most_bytes: usize,
) -> Result<(), InvalidJudgement> {
    let fits =
        !text.trim().is_empty() && text.len() <= most_bytes && !text.chars().any(char::is_control);
    if fits {
        Ok(())
    } else {
        Err(InvalidJudgement::Text { what, most_bytes })
    }
}

/// Writes an instant as RFC 3339 in UTC with six decimals.
fn rfc3339(at_utc: UtcMicros) -> String {
    jiff::Timestamp::from_microsecond(at_utc)
        .map(|at| format!("{at:.6}"))
        .unwrap_or_default()
}

/// Reads an instant with its offset; finer parts than microseconds are refused, not rounded.
pub(crate) fn parse_time(text: &str) -> Result<UtcMicros, InvalidJudgement> {
    let at: jiff::Timestamp = text.parse().map_err(|_| InvalidJudgement::Time)?;
    if at.subsec_nanosecond() % 1_000 != 0 {
        return Err(InvalidJudgement::Time);
    }
    Ok(at.as_microsecond())
}

/// The canonical form: members by name, none that says nothing, no space.
#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<&'a AccountRef>,
    actor: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    numbers: Vec<E164>,
    reason: &'a str,
    recorded_utc: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<&'a ReportRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    undoes: Option<JudgementId>,
    v: u64,
}

impl<'a> Content<'a> {
    fn of(
        decision: &'a Decision,
        actor: &'a str,
        reason: &'a str,
        recorded_utc: UtcMicros,
        undoes: Option<JudgementId>,
    ) -> Self {
        Self {
            accounts: decision.accounts(),
            actor,
            kind: decision.kind(),
            label: decision.label(),
            numbers: decision.numbers(),
            reason,
            recorded_utc: rfc3339(recorded_utc),
            report: decision.report(),
            undoes,
            v: JUDGEMENT_FORMAT,
        }
    }
}

/// What a line of a file says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {
    #[serde(default)]
    pub(crate) id: Option<JudgementId>,
    #[serde(default)]
    pub(crate) accounts: BTreeSet<AccountRef>,
    pub(crate) actor: String,
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) label: Option<String>,
    #[serde(default)]
    pub(crate) numbers: BTreeSet<E164>,
    pub(crate) reason: String,
    pub(crate) recorded_utc: String,
    #[serde(default)]
    pub(crate) report: Option<ReportRef>,
    #[serde(default)]
    pub(crate) undoes: Option<JudgementId>,
    #[serde(default, rename = "v")]
    pub(crate) _format: Option<u64>,
}

impl Read {
    pub(crate) fn judgement(self) -> Result<Judgement, InvalidJudgement> {
        let recorded_utc = parse_time(&self.recorded_utc)?;
        let stated = self.id;
        let (actor, reason, undoes) = (self.actor.clone(), self.reason.clone(), self.undoes);
        let decision = self.decision()?;
        let judgement = Judgement::new(decision, &actor, &reason, recorded_utc, undoes)?;
        if stated.is_some_and(|stated| stated != judgement.id) {
            return Err(InvalidJudgement::OtherId);
        }
        Ok(judgement)
    }

    fn decision(self) -> Result<Decision, InvalidJudgement> {
        let Self {
            accounts,
            kind,
            label,
            numbers,
            report,
            ..
        } = self;
        let only = |fields: [bool; 4]| {
            // Accounts, numbers, report, label: what the kind does not speak of is not said.
            let given = [
                !accounts.is_empty(),
                !numbers.is_empty(),
                report.is_some(),
                label.is_some(),
            ];
            let excess = given
                .iter()
                .zip(fields)
                .position(|(given, may)| *given && !may);
            match excess {
                Some(at) => Err(InvalidJudgement::Excess {
                    kind: kind.clone(),
                    what: ["accounts", "numbers", "report", "label"][at],
                }),
                None => Ok(()),
            }
        };
        let needs = |what| InvalidJudgement::Needs {
            kind: kind.clone(),
            what,
        };
        let of_accounts = [true, false, false, false];
        let of_numbers = [false, true, false, false];
        let of_report = [false, true, true, false];
        match kind.as_str() {
            "same-person" => only(of_accounts).map(|()| Decision::SamePerson(accounts)),
            "different-persons" => only(of_accounts).map(|()| Decision::DifferentPersons(accounts)),
            "several-persons" => {
                only(of_accounts)?;
                let [one] = <[AccountRef; 1]>::try_from(accounts.into_iter().collect::<Vec<_>>())
                    .map_err(|_| needs("one account"))?;
                Ok(Decision::SeveralPersons(one))
            }
            "match" | "no-match" => {
                only(of_report)?;
                let [number] = <[E164; 1]>::try_from(numbers.into_iter().collect::<Vec<_>>())
                    .map_err(|_| needs("one number"))?;
                let report = report.ok_or_else(|| needs("a report"))?;
                Ok(if kind == "match" {
                    Decision::Match(report, number)
                } else {
                    Decision::NoMatch(report, number)
                })
            }
            "identified" => {
                only([true, false, false, true])?;
                let label = label.ok_or_else(|| needs("a label"))?;
                Ok(Decision::Identified(accounts, Label(label)))
            }
            "victim-confirmed" => only(of_numbers).map(|()| Decision::VictimConfirmed(numbers)),
            "not-a-victim" => only(of_numbers).map(|()| Decision::NotVictim(numbers)),
            "already-reported" => only(of_numbers).map(|()| Decision::AlreadyReported(numbers)),
            "suppressed" => only(of_numbers).map(|()| Decision::Suppressed(numbers)),
            "undo" => only([false; 4]).map(|()| Decision::Undo),
            _ => Err(InvalidJudgement::Kind),
        }
    }
}
