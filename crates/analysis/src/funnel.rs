//! From all calls to the numbers to warn: named filters, each counted.

use std::collections::HashSet;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;
use unspoof_model::Sha256Hash;
use unspoof_model::config::{Engaged, Funnel, FunnelStep};

use crate::AnalysisError;
use crate::digest::numbers_sha256;
use crate::engine::Engine;

/// One step and what it left.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct StepResult {
    /// Stable id.
    pub id: String,
    /// For people.
    pub name: String,
    /// What is counted, in words.
    pub definition: String,
    /// `calls` or `numbers`.
    pub unit: String,
    /// How many are left.
    pub count: u64,
}

/// A funnel's result.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct FunnelResult {
    /// Name of the rule.
    pub rule: String,
    /// The steps in order.
    pub steps: Vec<StepResult>,
    /// SHA-256 over the sorted lines `+E164` of the numbers that are left.
    pub contacts_sha256: Sha256Hash,
}

/// Says in words what a step keeps.
fn describe(step: FunnelStep, engaged: &Engaged, home: &str) -> (&'static str, String) {
    match step {
        FunnelStep::Calls => (
            "calls placed",
            "call attempts: legs to a target or of unknown kind; further versions of one call and \
             tests left out"
                .to_owned(),
        ),
        FunnelStep::Home => (
            "to the home regions",
            format!("called number is of a home region ({home})"),
        ),
        FunnelStep::Engaged => {
            let code = if engaged.code_captured {
                ", or a code was captured"
            } else {
                ""
            };
            let over_s = engaged.over_s;
            (
                "engaged",
                format!(
                    "answered by the target, talk time over {over_s} s without answering machines{code}"
                ),
            )
        }
        FunnelStep::Numbers => (
            "distinct called numbers",
            "different numbers that these calls went to".to_owned(),
        ),
        FunnelStep::Mobile => (
            "mobile",
            "the number's range is mobile by its country's numbering plan".to_owned(),
        ),
        FunnelStep::PriorityAccount => (
            "by a priority account",
            "at least one of these calls was placed by an account that the priority rule picks"
                .to_owned(),
        ),
        FunnelStep::NotReported => (
            "not already reported",
            "no report names the number as the one that was called".to_owned(),
        ),
        FunnelStep::NotSuppressed => (
            "not suppressed",
            "the number is on no suppression list".to_owned(),
        ),
    }
}

/// What a funnel filters by besides the calls.
#[derive(Clone, Debug, Default)]
pub struct FunnelLists {
    /// Numbers that reports name as called.
    pub reported: HashSet<i64>,
    /// Numbers on suppression lists.
    pub suppressed: HashSet<i64>,
}

/// One number that is left, with what later steps ask of it.
struct Candidate {
    number: i64,
    is_mobile: bool,
    by_priority: bool,
}

/// Runs a funnel over `spoofed_calls` and the lists.
///
/// `engaged` stands for the case's own rule, so that thresholds can be compared side by side.
///
/// # Errors
/// The engine's.
pub fn funnel(
    engine: &Engine,
    config: &Funnel,
    engaged: &Engaged,
    home: &str,
    lists: &FunnelLists,
) -> Result<FunnelResult, AnalysisError> {
    let code = if engaged.code_captured {
        " or code"
    } else {
        ""
    };
    let engaged_sql = format!("(answered and (talk_s > {}{code}))", engaged.over_s);
    let mut conditions: Vec<String> = vec!["match_no <= 1".to_owned()];
    let mut candidates: Option<Vec<Candidate>> = None;
    let mut steps = Vec::new();
    for &step in &config.steps {
        match step {
            FunnelStep::Calls => conditions.push("attempt".to_owned()),
            FunnelStep::Home => conditions.push("home".to_owned()),
            FunnelStep::Engaged => conditions.push(engaged_sql.clone()),
            FunnelStep::Numbers
            | FunnelStep::Mobile
            | FunnelStep::PriorityAccount
            | FunnelStep::NotReported
            | FunnelStep::NotSuppressed => {
                let left = match candidates.take() {
                    Some(left) => left,
                    None => numbers(engine, &conditions)?,
                };
                let keep = |candidate: &Candidate| match step {
                    FunnelStep::Mobile => candidate.is_mobile,
                    FunnelStep::PriorityAccount => candidate.by_priority,
                    FunnelStep::NotReported => !lists.reported.contains(&candidate.number),
                    FunnelStep::NotSuppressed => !lists.suppressed.contains(&candidate.number),
                    FunnelStep::Calls
                    | FunnelStep::Home
                    | FunnelStep::Engaged
                    | FunnelStep::Numbers => true,
                };
                candidates = Some(left.into_iter().filter(keep).collect());
            }
        }
        let count = match &candidates {
            Some(left) => left.len() as u64,
            None => count(engine, &conditions)?,
        };
        let (name, definition) = describe(step, engaged, home);
        let unit = if candidates.is_some() {
            "numbers"
        } else {
            "calls"
        };
        steps.push(StepResult {
            id: step.id().to_owned(),
            name: name.to_owned(),
            definition,
            unit: unit.to_owned(),
            count,
        });
    }
    let left = candidates.unwrap_or_default();
    let contacts_sha256 = numbers_sha256(left.iter().map(|candidate| candidate.number).collect());
    Ok(FunnelResult {
        rule: config.rule.clone(),
        steps,
        contacts_sha256,
    })
}

fn count(engine: &Engine, conditions: &[String]) -> Result<u64, AnalysisError> {
    let sql = format!(
        "select count(*) from spoofed_calls where {}",
        conditions.join(" and ")
    );
    let rows = engine.rows(&sql, "a step of the funnel")?;
    let count = rows.first().map_or(0, |batch| {
        batch.column(0).as_primitive::<Int64Type>().value(0)
    });
    Ok(count.max(0) as u64)
}

fn numbers(engine: &Engine, conditions: &[String]) -> Result<Vec<Candidate>, AnalysisError> {
    let sql = format!(
        "select called_e164, min(called_type) = 'mobile', max(case when priority then 1 else 0 end) \
         from spoofed_calls where {} and called_e164 is not null group by called_e164",
        conditions.join(" and ")
    );
    let mut found = Vec::new();
    for batch in engine.rows(&sql, "the funnel's numbers")? {
        let number = batch.column(0).as_primitive::<Int64Type>();
        let mobile = batch.column(1).as_boolean();
        let priority = batch.column(2).as_primitive::<Int64Type>();
        found.extend((0..batch.num_rows()).map(|row| Candidate {
            number: number.value(row),
            is_mobile: mobile.is_valid(row) && mobile.value(row),
            by_priority: priority.value(row) > 0,
        }));
    }
    found.sort_unstable_by_key(|candidate| candidate.number);
    Ok(found)
}
