//! Who is told when: stages of a warning, batches of answers.

use unspoof_handover::chance;
use unspoof_model::UtcMicros;

use super::clocks::Clocks;
use super::{Grounds, Open, PlanError, Stage, Take, hours};

/// Stages, and who is of which.
pub(crate) struct Schedule {
    pub(crate) stages: Vec<Stage>,
    /// By stage.
    pub(crate) not_before_utc: Vec<UtcMicros>,
    /// By place among the chosen.
    pub(crate) stage_of: Vec<u16>,
}

impl Schedule {
    pub(crate) fn of(
        grounds: &Grounds<'_>,
        clocks: &Clocks,
        team: usize,
        chosen: usize,
    ) -> Result<Self, PlanError> {
        let campaign = grounds.campaign;
        if let Some(answering) = campaign.answering {
            let least_us = i64::from(answering.least_delay_min) * 60_000_000;
            let from_utc = grounds.now_utc.saturating_add(least_us);
            return batches(clocks, answering.batches, from_utc, chosen);
        }
        let takes: Vec<Take> = campaign.stages.iter().map(|stage| stage.take).collect();
        let sizes = sizes(&takes, team, chosen);
        let stage_of = (0_u16..)
            .zip(takes.iter().zip(&sizes))
            .filter(|(_, (take, _))| **take != Take::Team)
            .flat_map(|(at, (_, size))| std::iter::repeat_n(at, *size))
            .collect();
        let stages = campaign
            .stages
            .iter()
            .zip(sizes)
            .map(|(stage, size)| Stage {
                name: stage.name.clone(),
                recipients: size as u64,
                pause_s: stage.pause_min.saturating_mul(60),
                hold_after: stage.hold_after,
            });
        let stages: Vec<Stage> = stages.collect();
        Ok(Self {
            not_before_utc: vec![0; stages.len()],
            stages,
            stage_of,
        })
    }
}

/// Returns how many each stage takes: of the team, and of `rest` others, the last all that are left.
fn sizes(takes: &[Take], team: usize, rest: usize) -> Vec<usize> {
    let mut left = rest;
    let taken = takes.iter().map(|take| {
        let wanted = match *take {
            Take::Team => return team,
            Take::Count(count) => usize::try_from(count).unwrap_or(usize::MAX),
            // Of all others, so that its size follows from no stage before it.
            Take::Percent(percent) => (rest * usize::from(percent)).div_ceil(100),
            Take::Rest => left,
        };
        let taken = wanted.min(left);
        left -= taken;
        taken
    });
    taken.collect()
}

/// Draws instants for batches, and for each of the chosen its batch: a fraudster who knows whom they
/// called, and asks for them, foretells neither.
fn batches(
    clocks: &Clocks,
    count: u16,
    from_utc: UtcMicros,
    chosen: usize,
) -> Result<Schedule, PlanError> {
    /// A batch that began earlier has this long until the hours end.
    const TAIL_US: i64 = 900_000_000;
    let mut open = vec![Open {
        from_utc,
        until_utc: i64::MAX,
    }];
    for clock in clocks.list.iter().filter(|clock| !clock.open.is_empty()) {
        open = hours::common(&open, &clock.open);
    }
    for span in &mut open {
        span.until_utc -= TAIL_US;
    }
    open.retain(|span| span.from_utc < span.until_utc);
    let all_s = hours::seconds(&open);
    if all_s < 1_800 {
        return Err(PlanError::Window {
            detail: "fewer than 30 min of day are left to draw the times of answers from"
                .to_owned(),
        });
    }
    let mut not_before_utc = Vec::new();
    for _ in 0..count {
        let mut within_us = i64::try_from(below(all_s)?).unwrap_or(0) * 1_000_000;
        for span in &open {
            let length_us = (span.until_utc - span.from_utc) / 1_000_000 * 1_000_000;
            if within_us < length_us {
                not_before_utc.push(span.from_utc + within_us);
                break;
            }
            within_us -= length_us;
        }
    }
    not_before_utc.sort_unstable();
    let mut sizes = vec![0_u64; not_before_utc.len()];
    let mut stage_of = Vec::with_capacity(chosen);
    for _ in 0..chosen {
        let batch = below(sizes.len() as u64)?;
        let batch = usize::try_from(batch).unwrap_or(0);
        if let Some(size) = sizes.get_mut(batch) {
            *size += 1;
        }
        stage_of.push(u16::try_from(batch).unwrap_or(0));
    }
    let stages = sizes.into_iter().enumerate().map(|(at, recipients)| Stage {
        name: format!("batch {}", at + 1),
        recipients,
        pause_s: 0,
        hold_after: false,
    });
    Ok(Schedule {
        stages: stages.collect(),
        not_before_utc,
        stage_of,
    })
}

/// Draws a number below `end`, each as likely as any other.
fn below(end: u64) -> Result<u64, PlanError> {
    let end = end.max(1);
    let fair = u64::MAX - u64::MAX % end;
    loop {
        let drawn = u64::from_le_bytes(chance::bytes()?);
        if drawn < fair {
            return Ok(drawn % end);
        }
    }
}
