//! The numbers that the case's funnel leaves, with all that a plan must know of them.

use std::collections::{BTreeMap, BTreeSet};

use unspoof_analysis::{FunnelLists, account_holders, organisations_of_case, to_warn};
use unspoof_evidence::CaseFolder;
use unspoof_model::Region;
use unspoof_model::judgement::E164;
use unspoof_numbers::PhoneNumber;
use unspoof_outreach::candidate::{Allocation, Candidate, Candidates, Flags, Shown, line_of_word};

use crate::fail::Refusal;
use crate::place::Surroundings;
use crate::stages::analysis::{Ground, read_brief};
use crate::stages::judgements::Judgements;

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

pub(crate) fn phone(number: E164) -> anyhow::Result<PhoneNumber> {
    let key = u64::try_from(number.reveal())?;
    Ok(PhoneNumber::from_key(key)?)
}

/// Gathers them, and makes sure that the funnel is the one that the case's brief shows.
pub(crate) fn candidates(
    around: &Surroundings,
    case: &CaseFolder,
    wanted: Option<&str>,
) -> anyhow::Result<Candidates> {
    let brief = read_brief(case)?;
    let judged = Judgements::read(around, case)?.in_force;
    let scratch = case
        .root()
        .join(".staging")
        .join(format!("campaign-{}", std::process::id()));
    let ground = Ground::of(around, case, judged.clone(), scratch)?;
    let lists = FunnelLists::of_case(&ground.inputs())?;
    let warn = to_warn(
        case.root(),
        case.config(),
        &brief.home,
        &lists,
        around.workers,
    )?;
    let found = warn.funnel.contacts_sha256;
    if found != brief.funnel.contacts_sha256 {
        return Err(Refusal::new(
            "campaign/stale",
            "the funnel has changed since the case was last analysed",
        )
        .hint("do what is due: unspoof run")
        .into());
    }
    if wanted.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&found.to_string())) {
        return Err(Refusal::new(
            "campaign/funnel",
            format!("the funnel's contacts have the SHA-256 {found}, not the one that was given"),
        )
        .hint("see it: unspoof funnel")
        .into());
    }
    let organisations = organisations_of_case(case.root())?;
    let mut staff = BTreeSet::new();
    let mut holders = BTreeSet::new();
    for (number, role) in account_holders(case.root())? {
        let is_staff = matches!(role.as_str(), "staff" | "police-test");
        if is_staff { &mut staff } else { &mut holders }.insert(number);
    }
    let names: Vec<String> = organisations.names().to_vec();
    let place_of: BTreeMap<&str, u32> = names.iter().map(String::as_str).zip(0..).collect();
    let today = i32::try_from(around.now_utc().div_euclid(DAY_US)).ok();
    let mut list = Vec::with_capacity(warn.numbers.len());
    for of in &warn.numbers {
        let number = phone(of.number)?;
        let last_day = of
            .last_us
            .and_then(|us| i32::try_from(us.div_euclid(DAY_US)).ok());
        let is_listed = |day| !organisations.names_of(of.number.reveal(), day).is_empty();
        list.push(Candidate {
            number,
            region: of
                .region
                .as_deref()
                .and_then(|region| region.parse::<Region>().ok()),
            line: of.kind.as_deref().and_then(line_of_word),
            allocation: of.allocation.as_deref().and_then(Allocation::of_word),
            shown: of
                .shown
                .iter()
                .filter_map(|shown| {
                    Some(Shown {
                        organisation: *place_of.get(shown.organisation.as_str())?,
                        calls: shown.calls,
                        certain_calls: shown.certain_calls,
                    })
                })
                .collect(),
            last_call_utc: of.last_us,
            language: None,
            flags: Flags {
                suppressed: lists.suppressed.contains(&of.number.reveal()),
                listed_organisation: is_listed(today) || is_listed(last_day),
                staff: staff.contains(&of.number),
                account_holder: holders.contains(&of.number),
                reported: judged.reported.contains(&of.number),
            },
        });
    }
    Ok(Candidates {
        funnel: Some(found),
        made_up: case.config().made_up,
        organisations: names,
        list,
    })
}
