//! From candidates to a plan.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use unspoof_handover::codes::CodeDraw;
use unspoof_model::{Decimal, Region, Sha256Hash, UtcMicros};
use unspoof_numbers::{FullNumber, NumberType, Numbering, PhoneNumber};

use super::clocks::Clocks;
use super::fiction::Fiction;
use super::schedule::Schedule;
use super::texts::Texts;
use super::{
    Campaign, Cost, Figures, Kind, Plan, PlanError, PlanRecipients, PlanText, Reason, Stage, Take,
    Window, exclusion, hours,
};
use crate::candidate::{Candidate, Candidates, Flags};
use crate::recipient::{Recipient, RecipientHash, RecipientKey, Recipients};
use crate::suppression::Suppressions;

/// All that a plan follows from.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    /// The campaign file.
    pub campaign: &'a Campaign,
    /// The numbers to choose from.
    pub candidates: &'a Candidates,
    /// The case's home regions: others' numbers are left to partners.
    pub home: &'a [Region],
    /// The team's own mobile numbers, for the stage that takes `team`.
    pub team: &'a [PhoneNumber],
    /// The numbers that somebody asked about on the portal; for answers, and only for them.
    pub asked: Option<&'a BTreeSet<PhoneNumber>>,
    /// Lists of suppressions besides what candidates say.
    pub suppressions: &'a [Suppressions],
    /// Whom earlier campaigns told.
    pub told: &'a [Told],
    /// What numbers are hashed with; one a case.
    pub key: &'a RecipientKey,
    /// Now.
    pub now_utc: UtcMicros,
}

/// Whom an earlier campaign told, as its ledger has them.
#[derive(Clone, Debug)]
pub struct Told {
    /// What it was for. Answers go to somebody whom a warning told as well, since they asked; warnings
    /// go to nobody who had either.
    pub kind: Kind,
    /// What its numbers were hashed with.
    pub key: RecipientKey,
    /// The hashes.
    pub hashes: HashSet<RecipientHash>,
}

/// A plan, and what must not stand in it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The document to be signed.
    pub plan: Plan,
    /// The recipients, to be sealed.
    pub recipients: Recipients,
    /// Every number that was left out, by its place in the candidates, sorted by number.
    pub left_out: Vec<(usize, Reason)>,
    /// Fixed lines of home regions, for subscriber look-up, letters and calls.
    pub landlines: Apart,
    /// Numbers of other regions, for partners.
    pub foreign: Apart,
    /// How many recipients get a neutral text.
    pub neutral: u64,
}

/// Numbers that go out as a list instead: places in the candidates, sorted by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apart(pub Vec<usize>);

/// Makes a plan. Only codes, and the times of answers' batches, depend on chance.
///
/// # Errors
/// [`PlanError::Nobody`] where all were left out; [`PlanError::Window`] where the window is over or too
/// short; [`PlanError::Text`] for a text that cannot be sent or is too long; [`PlanError::Campaign`]
/// where team, asked numbers or organisations do not fit the campaign; [`PlanError::Handover`] without
/// randomness.
pub fn make(grounds: &Grounds<'_>) -> Result<Planned, PlanError> {
    check_grounds(grounds)?;
    let bounds = grounds.campaign.bounds()?;
    let texts = Texts::of(grounds, &bounds)?;
    let mut clocks = Clocks::of(grounds, &bounds);
    let fiction = Fiction::new();
    let sorted = sorted(grounds)?;
    let mut left_out = sorted.twice;
    let (mut landlines, mut foreign) = (Apart::default(), Apart::default());
    let mut chosen = Vec::new();
    for once in &sorted.once {
        match exclusion::admit(grounds, once, &clocks, &fiction) {
            Ok(region) => chosen.push(Chosen {
                hash: grounds.key.hash(once.candidate.number),
                number: once.candidate.number,
                text: texts.choose(once),
                clock: clocks.place(region),
            }),
            Err(reason) => {
                left_out.push((once.place, reason));
                if matches!(reason, Reason::Landline | Reason::Voip) {
                    landlines.0.push(once.place);
                } else if reason == Reason::Foreign {
                    foreign.0.push(once.place);
                }
            }
        }
    }
    left_out.sort_unstable_by_key(|(place, _)| (number_at(grounds, *place), *place));
    if chosen.is_empty() {
        return Err(PlanError::Nobody {
            candidates: grounds.candidates.list.len(),
        });
    }
    // By keyed hash: who is of an early stage follows from no property of the number.
    chosen.sort_unstable_by_key(|chosen| chosen.hash);
    let team = team(grounds, &mut clocks, &fiction)?;
    let schedule = Schedule::of(grounds, &clocks, team.len(), chosen.len())?;
    let mut codes = CodeDraw::default();
    let mut list = Vec::with_capacity(team.len() + chosen.len());
    let mut text_counts = vec![0_u64; grounds.campaign.texts.len()];
    let mut neutral = 0;
    for (number, clock) in team {
        list.push(Recipient {
            number,
            stage: 0,
            text: texts.default,
            clock,
            code: codes.draw()?,
        });
    }
    for (chosen, stage) in chosen.iter().zip(&schedule.stage_of) {
        list.push(Recipient {
            number: chosen.number,
            stage: *stage,
            text: chosen.text,
            clock: chosen.clock,
            code: codes.draw()?,
        });
    }
    // Stable: within a stage the order stays that of the hashes.
    list.sort_by_key(|recipient| recipient.stage);
    for recipient in &list {
        if let Some(count) = text_counts.get_mut(usize::from(recipient.text)) {
            *count += 1;
        }
        neutral += u64::from(texts.is_neutral(recipient.text));
    }
    let recipients = Recipients {
        campaign: grounds.campaign.id.clone(),
        key: grounds.key.clone(),
        not_before_utc: schedule.not_before_utc,
        list,
    };
    let plan = document(
        grounds,
        texts.plan_texts(grounds, &text_counts),
        clocks,
        schedule.stages,
        &recipients,
        &left_out,
    )?;
    Ok(Planned {
        plan,
        recipients,
        left_out,
        landlines,
        foreign,
        neutral,
    })
}

/// A number that is told.
struct Chosen {
    hash: RecipientHash,
    number: PhoneNumber,
    text: u16,
    clock: u16,
}

fn number_at(grounds: &Grounds<'_>, place: usize) -> Option<PhoneNumber> {
    grounds.candidates.list.get(place).map(|of| of.number)
}

fn wrong(detail: &str) -> PlanError {
    PlanError::Campaign {
        detail: detail.to_owned(),
    }
}

fn check_grounds(grounds: &Grounds<'_>) -> Result<(), PlanError> {
    match (grounds.campaign.kind, grounds.asked) {
        (Kind::Answer, None) => {
            return Err(wrong("answers need the numbers that were asked about"));
        }
        (Kind::Warning, Some(_)) => {
            return Err(wrong("a warning does not depend on what was asked"));
        }
        (Kind::Answer, Some(_)) | (Kind::Warning, None) => {}
    }
    let has_team = grounds
        .campaign
        .stages
        .iter()
        .any(|stage| stage.take == Take::Team);
    if has_team == grounds.team.is_empty() {
        return Err(wrong(
            "the team's numbers and a stage that takes `team` go together",
        ));
    }
    if grounds.home.is_empty() {
        return Err(wrong("the case has no home region"));
    }
    Ok(())
}

/// A number, whatever number of candidates it came as.
pub(crate) struct Once<'a> {
    pub(crate) place: usize,
    pub(crate) candidate: &'a Candidate,
    /// What speaks against it in any of them.
    pub(crate) flags: Flags,
    /// All of them say the same of its calls: else nothing of that is certain.
    pub(crate) is_sure: bool,
}

/// Candidates by number: each number once, and those that stood twice or are the team's.
struct Sorted<'a> {
    once: Vec<Once<'a>>,
    twice: Vec<(usize, Reason)>,
}

fn sorted<'a>(grounds: &Grounds<'a>) -> Result<Sorted<'a>, PlanError> {
    let mut order: Vec<(usize, &Candidate)> = grounds.candidates.list.iter().enumerate().collect();
    // By all that decides, so that the order in which candidates came decides nothing.
    order.sort_by_key(|(_, of)| (of.number, of.allocation, of.region, of.line));
    let team: BTreeSet<PhoneNumber> = grounds.team.iter().copied().collect();
    if team.len() != grounds.team.len() {
        return Err(wrong("a number of the team is given twice"));
    }
    let mut twice = Vec::new();
    let mut once: Vec<Once<'_>> = Vec::with_capacity(order.len());
    for (place, candidate) in order {
        if team.contains(&candidate.number) {
            twice.push((place, Reason::Duplicate));
            continue;
        }
        match once.last_mut() {
            Some(last) if last.candidate.number == candidate.number => {
                twice.push((place, Reason::Duplicate));
                last.flags = last.flags.or(candidate.flags);
                let kept = last.candidate;
                last.is_sure &= kept.shown == candidate.shown
                    && kept.last_call_utc == candidate.last_call_utc
                    && kept.language == candidate.language;
            }
            _ => once.push(Once {
                place,
                candidate,
                flags: candidate.flags,
                is_sure: true,
            }),
        }
    }
    Ok(Sorted { once, twice })
}

/// The team's numbers, with their clocks.
fn team(
    grounds: &Grounds<'_>,
    clocks: &mut Clocks,
    fiction: &Fiction,
) -> Result<Vec<(PhoneNumber, u16)>, PlanError> {
    let numbering = Numbering::shipped();
    let mut team = Vec::new();
    for number in grounds.team {
        let (region, line) = if grounds.candidates.made_up
            && let Some((region, line)) = fiction.looks_like(*number)
        {
            (Some(region), Some(line))
        } else {
            let full = FullNumber::of(*number);
            let line = full.as_ref().and_then(|full| numbering.number_type(full));
            let region = full.as_ref().and_then(|full| numbering.region(full));
            (region, line)
        };
        let is_mobile = matches!(
            line,
            Some(NumberType::Mobile | NumberType::FixedLineOrMobile)
        );
        let (true, Some(region)) = (is_mobile, region) else {
            return Err(wrong("a number of the team is no mobile"));
        };
        if grounds
            .suppressions
            .iter()
            .any(|list| list.contains(*number))
        {
            return Err(wrong("a number of the team must not be contacted"));
        }
        clocks.add(region);
        team.push((*number, clocks.place(region)));
    }
    team.sort_by_key(|(number, _)| grounds.key.hash(*number));
    Ok(team)
}

/// Writes the document.
fn document(
    grounds: &Grounds<'_>,
    texts: Vec<PlanText>,
    clocks: Clocks,
    stages: Vec<Stage>,
    recipients: &Recipients,
    left_out: &[(usize, Reason)],
) -> Result<Plan, PlanError> {
    let campaign = grounds.campaign;
    let figures = figures(campaign, &texts, &stages)?;
    let used: BTreeSet<u16> = recipients.list.iter().map(|of| of.clock).collect();
    let used_clocks = || {
        let all = clocks.list.iter().zip(0_u16..);
        all.filter(|(_, at)| used.contains(at))
            .map(|(clock, _)| clock)
    };
    let needed_s = figures.sending_s + figures.pauses_s;
    let from_utc = used_clocks()
        .filter_map(|clock| clock.open.first())
        .map(|open| open.from_utc)
        .min();
    let until_utc = used_clocks()
        .filter_map(|clock| clock.open.last())
        .map(|open| open.until_utc)
        .max();
    let (Some(from_utc), Some(until_utc)) = (from_utc, until_utc) else {
        return Err(PlanError::Window {
            detail: "it is never day within it".to_owned(),
        });
    };
    if until_utc <= grounds.now_utc {
        return Err(PlanError::Window {
            detail: "it is over".to_owned(),
        });
    }
    let shortest_s = used_clocks().map(|clock| hours::seconds(&clock.open)).min();
    if shortest_s.unwrap_or(0) < needed_s {
        return Err(PlanError::Window {
            detail: format!(
                "sending takes {} min with its pauses, and there are {} min of day",
                needed_s.div_ceil(60),
                shortest_s.unwrap_or(0) / 60
            ),
        });
    }
    let mut counts = BTreeMap::new();
    for (_, reason) in left_out {
        *counts.entry(*reason).or_default() += 1;
    }
    Ok(Plan {
        format: super::document::FORMAT.to_owned(),
        campaign: campaign.id.clone(),
        kind: campaign.kind,
        made_up: grounds.candidates.made_up,
        planned_utc: grounds.now_utc,
        funnel_sha256: grounds.candidates.funnel,
        organisation: campaign.organisation.clone(),
        contact: campaign.contact.clone(),
        sender: campaign.sender.clone(),
        registered_senders: campaign.registered_senders.clone(),
        channel: campaign.channel,
        coding: campaign.coding,
        most_parts: campaign.most_parts,
        texts,
        window: Window {
            zone: campaign.window.zone.clone(),
            first_day: campaign.window.first_day.clone(),
            last_day: campaign.window.last_day.clone(),
            earliest: campaign.window.earliest.clone(),
            latest: campaign.window.latest.clone(),
            from_utc,
            until_utc,
        },
        clocks: clocks.list,
        stages,
        stop: campaign.stop.clone(),
        rate_per_s: campaign.rate_per_s,
        recipients: PlanRecipients {
            count: recipients.list.len() as u64,
            numbers_sha256: Sha256Hash(recipients.numbers_sha256()),
            file_sha256: Sha256Hash(recipients.sha256()),
        },
        left_out: counts,
        figures,
        exceptions: campaign.exceptions.clone(),
        approvers: campaign.approvers.clone(),
        sender_host: campaign.sealing.sender_host.clone(),
        portal: campaign.portal.clone(),
    })
}

fn figures(
    campaign: &Campaign,
    texts: &[PlanText],
    stages: &[Stage],
) -> Result<Figures, PlanError> {
    let messages: u64 = texts.iter().map(|text| text.recipients).sum();
    let parts: u64 = texts
        .iter()
        .map(|text| text.recipients * u64::from(text.parts))
        .sum();
    let mut pauses = stages.iter().filter(|stage| stage.recipients > 0);
    // After the last one nobody waits.
    let last = pauses.next_back();
    debug_assert!(last.is_some(), "somebody is told");
    let cost = match campaign.price()? {
        None => None,
        Some((price, currency)) => Some(Cost {
            minor: price
                .valued_minor(Decimal::new(i128::from(parts), 0), 2)
                .ok_or_else(|| wrong("`price_per_part` is too large"))?,
            currency: currency.to_owned(),
            price_per_part: price.to_string(),
        }),
    };
    Ok(Figures {
        messages,
        parts,
        sending_s: parts.div_ceil(u64::from(campaign.rate_per_s)),
        pauses_s: pauses.map(|stage| u64::from(stage.pause_s)).sum(),
        cost,
    })
}
