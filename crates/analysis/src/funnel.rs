//! From all calls to the numbers to warn: named filters, each counted.

use std::collections::{BTreeMap, HashSet};

use arrow::array::{Array, StringArray};
use camino::Utf8Path;
use unspoof_model::Sha256Hash;
use unspoof_model::config::{Engaged, Funnel, FunnelStep};

use crate::AnalysisError;
use crate::call_facts::CallFact;
use crate::digest::numbers_sha256;
use crate::identified::IdentifiedAccounts;
use crate::line_class::{class_of, is_mobile};
use crate::ordered::in_order;
use crate::parts::{Columns, read_row_group, row_groups};

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
        FunnelStep::IdentifiedPerson => (
            "by an identified person",
            "at least one of these calls was placed by an account that a judgement in force says \
             is an identified person's"
                .to_owned(),
        ),
        FunnelStep::NotReported => (
            "not already reported",
            "no report that was made after the last of these calls to the number gives it as its own, \
             with a day on which it was called, and no judgement in force says that its holder has \
             reported"
                .to_owned(),
        ),
        FunnelStep::NotSuppressed => (
            "not suppressed",
            "the number is on no suppression list, and no judgement in force suppresses it"
                .to_owned(),
        ),
    }
}

/// What a funnel filters by besides the calls.
#[derive(Clone, Debug, Default)]
pub struct FunnelLists {
    /// Numbers that a report gives as its own, with a day on which they were called, and when the
    /// last such report was made, in microseconds UTC; the last instant where people say that the
    /// number's holder has reported.
    pub reported: BTreeMap<i64, i64>,
    /// Numbers on suppression lists, and those that people suppressed.
    pub suppressed: HashSet<i64>,
    /// Accounts of identified persons.
    pub identified: IdentifiedAccounts,
}

/// One number that is left, with what later steps ask of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Candidate {
    number: i64,
    is_mobile: bool,
    by_priority: bool,
    by_identified: bool,
    /// Start of the last of the calls that are left; unknown ones come after all others.
    last_us: i64,
}

impl Candidate {
    fn add(&mut self, other: Self) {
        self.by_priority |= other.by_priority;
        self.by_identified |= other.by_identified;
        self.last_us = self.last_us.max(other.last_us);
    }
}

/// A number that the step "not already reported" takes out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct AlreadyReported {
    pub(crate) number: i64,
    pub(crate) last_us: i64,
}

/// Candidates after which repeated numbers are put together.
const TIDY_AT: usize = 1 << 20;

/// Counts of one funnel under one threshold; may be taken in pieces, in any order.
#[derive(Clone, Debug)]
pub(crate) struct FunnelTally<'a> {
    config: &'a Funnel,
    engaged: &'a Engaged,
    identified: IdentifiedAccounts,
    /// Calls left after each of the leading steps that filter calls.
    counts: Vec<u64>,
    candidates: Vec<Candidate>,
    tidy_at: usize,
}

impl<'a> FunnelTally<'a> {
    pub(crate) fn new(
        config: &'a Funnel,
        engaged: &'a Engaged,
        identified: &IdentifiedAccounts,
    ) -> Self {
        let of_calls = config
            .steps
            .iter()
            .take_while(|step| step.unit() == "calls");
        Self {
            config,
            engaged,
            identified: identified.clone(),
            counts: vec![0; of_calls.count()],
            candidates: Vec::new(),
            tidy_at: TIDY_AT,
        }
    }

    /// Takes a counted call attempt.
    pub(crate) fn take(&mut self, call: &CallFact) {
        for (count, step) in self.counts.iter_mut().zip(&self.config.steps) {
            let passes = match step {
                FunnelStep::Home => call.home,
                FunnelStep::Engaged => {
                    call.answered
                        && (call
                            .talk_s
                            .is_some_and(|talk_s| talk_s > self.engaged.over_s)
                            || (self.engaged.code_captured && call.code))
                }
                FunnelStep::Calls
                | FunnelStep::Numbers
                | FunnelStep::Mobile
                | FunnelStep::PriorityAccount
                | FunnelStep::IdentifiedPerson
                | FunnelStep::NotReported
                | FunnelStep::NotSuppressed => true,
            };
            if !passes {
                return;
            }
            *count += 1;
        }
        let Some(number) = call.called else { return };
        let candidate = Candidate {
            number,
            is_mobile: call.class.is_some_and(is_mobile),
            by_priority: call.priority,
            by_identified: self.identified.has(call.account_no),
            last_us: call.started_us.unwrap_or(i64::MAX),
        };
        if let Some(last) = self.candidates.last_mut()
            && last.number == number
        {
            last.add(candidate);
            return;
        }
        self.candidates.push(candidate);
        if self.candidates.len() >= self.tidy_at {
            self.tidy();
        }
    }

    /// Takes what another piece counted.
    pub(crate) fn absorb(&mut self, other: Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.candidates.extend(other.candidates);
        if self.candidates.len() >= self.tidy_at {
            self.tidy();
        }
    }

    /// Puts repeated numbers together.
    fn tidy(&mut self) {
        self.candidates.sort_unstable();
        self.candidates.dedup_by(|next, kept| {
            let is_same = next.number == kept.number;
            if is_same {
                kept.add(*next);
            }
            is_same
        });
        self.tidy_at = TIDY_AT.max(2 * self.candidates.len());
    }

    /// Runs the steps that filter numbers.
    pub(crate) fn finish(mut self, home: &str, lists: &FunnelLists) -> Finished {
        self.tidy();
        let mut already = Vec::new();
        let mut left = self.candidates;
        let mut steps = Vec::new();
        for (index, &step) in self.config.steps.iter().enumerate() {
            left.retain(|candidate| match step {
                FunnelStep::Mobile => candidate.is_mobile,
                FunnelStep::PriorityAccount => candidate.by_priority,
                FunnelStep::IdentifiedPerson => candidate.by_identified,
                FunnelStep::NotReported => {
                    let Candidate {
                        number, last_us, ..
                    } = *candidate;
                    let reported = lists.reported.get(&number);
                    let is_later = reported
                        .is_some_and(|&reported| reported > last_us || reported == i64::MAX);
                    already.extend(is_later.then_some(AlreadyReported { number, last_us }));
                    !is_later
                }
                FunnelStep::NotSuppressed => !lists.suppressed.contains(&candidate.number),
                FunnelStep::Calls
                | FunnelStep::Home
                | FunnelStep::Engaged
                | FunnelStep::Numbers => true,
            });
            let (name, definition) = describe(step, self.engaged, home);
            steps.push(StepResult {
                id: step.id().to_owned(),
                name: name.to_owned(),
                definition,
                unit: step.unit().to_owned(),
                count: self.counts.get(index).copied().unwrap_or(left.len() as u64),
            });
        }
        let left: Vec<i64> = left.iter().map(|left| left.number).collect();
        let result = FunnelResult {
            rule: self.config.rule.clone(),
            steps,
            contacts_sha256: numbers_sha256(left.clone()),
        };
        Finished {
            result,
            left,
            already,
        }
    }
}

/// A funnel that was run to its end.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) result: FunnelResult,
    /// The numbers that are left, sorted.
    pub(crate) left: Vec<i64>,
    /// The numbers taken out as reported already, in their order.
    pub(crate) already: Vec<AlreadyReported>,
}

/// Runs a funnel over a finished case's calls under several rules of engagement, in one walk.
///
/// # Errors
/// `spoofed_calls` cannot be read.
pub fn compare_funnels(
    case: &Utf8Path,
    config: &Funnel,
    rules: &[Engaged],
    home: &str,
    lists: &FunnelLists,
    workers: usize,
) -> Result<Vec<FunnelResult>, AnalysisError> {
    let finished = run_funnels(case, config, rules, home, lists, workers)?;
    Ok(finished.into_iter().map(|one| one.result).collect())
}

pub(crate) fn run_funnels(
    case: &Utf8Path,
    config: &Funnel,
    rules: &[Engaged],
    home: &str,
    lists: &FunnelLists,
    workers: usize,
) -> Result<Vec<Finished>, AnalysisError> {
    let path = case.join("derived/spoofed_calls.parquet");
    let new = || -> Vec<FunnelTally<'_>> {
        rules
            .iter()
            .map(|rule| FunnelTally::new(config, rule, &lists.identified))
            .collect()
    };
    let mut all = new();
    let tally = |group: usize| {
        let columns = read_row_group(&path, &FACT_COLUMNS, group)?;
        let mut tallies = new();
        attempts(&columns, |call| {
            tallies.iter_mut().for_each(|tally| tally.take(&call));
        })?;
        Ok::<_, AnalysisError>(tallies)
    };
    in_order(row_groups(&path)?, workers, tally, |_, tallies| {
        for (all, tally) in all.iter_mut().zip(tallies) {
            all.absorb(tally);
        }
        Ok(())
    })?;
    Ok(all
        .into_iter()
        .map(|tally| tally.finish(home, lists))
        .collect())
}

const FACT_COLUMNS: [&str; 12] = [
    "account_no",
    "started_utc",
    "called_e164",
    "called_region",
    "called_type",
    "attempt",
    "home",
    "answered",
    "talk_s",
    "code",
    "priority",
    "match_no",
];

/// Hands on the counted attempts among rows of `spoofed_calls`, with what funnels ask of them.
fn attempts(columns: &Columns, mut each: impl FnMut(CallFact)) -> Result<(), AnalysisError> {
    let (called, talk) = (columns.int("called_e164")?, columns.int("talk_s")?);
    let (regions, kinds) = (columns.text("called_region")?, columns.text("called_type")?);
    let (attempt, home) = (columns.flag("attempt")?, columns.flag("home")?);
    let (answered, code) = (columns.flag("answered")?, columns.flag("code")?);
    let accounts = columns.small("account_no")?;
    let started = columns.time("started_utc")?;
    let (priority, matches) = (columns.flag("priority")?, columns.small("match_no")?);
    for row in 0..called.len() {
        // A leg that showed several organisations' number has a row for each.
        if !attempt.value(row) || matches.value(row) > 1 {
            continue;
        }
        each(CallFact {
            called: called.is_valid(row).then(|| called.value(row)),
            class: class_of(word(regions, row), word(kinds, row)),
            talk_s: talk.is_valid(row).then(|| talk.value(row)),
            home: home.value(row),
            answered: answered.value(row),
            code: code.value(row),
            priority: priority.value(row),
            account_no: accounts.is_valid(row).then(|| accounts.value(row)),
            started_us: started.is_valid(row).then(|| started.value(row)),
            engaged: false,
            recorded: false,
            organisation: None,
        });
    }
    Ok(())
}

fn word(column: &StringArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}
