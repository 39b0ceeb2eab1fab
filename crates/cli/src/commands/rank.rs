//! `unspoof rank`

use std::fmt::Write as _;

use camino::Utf8Path;
use unspoof_analysis::{
    Policy, RankComparison, RankList, RankOf, compare_ranks, grouped, policy_of_case, rank_list,
    read_policy,
};
use unspoof_evidence::{CaseFolder, Details};

use super::Done;
use crate::args::{Rank, RankWhat};
use crate::output;
use crate::place::Surroundings;
use crate::stages::analysis::read_brief;

pub(crate) fn rank(around: &Surroundings, args: &Rank) -> anyhow::Result<Done> {
    let case = around.open()?;
    // Says what to do where nothing was analysed yet.
    read_brief(&case)?;
    let own = case.config().rank.policy.clone();
    let policy = policy(&case, args.policy.as_deref().unwrap_or(&own))?;
    let details = Details::new()
        .with("policy", case.keyed(&around.keys, &policy.name)?)
        .with("compares", args.compare.is_some())
        .with("top", args.top);
    around.consult(&case, "rank", &details)?;
    let top = usize::try_from(args.top).unwrap_or(usize::MAX);
    let wanted: Vec<RankOf> = match args.what {
        None => RankOf::ALL.to_vec(),
        Some(RankWhat::Contacts) => vec![RankOf::Contacts],
        Some(RankWhat::Suspects) => vec![RankOf::Suspects],
        Some(RankWhat::Persons) => vec![RankOf::Persons],
        Some(RankWhat::Presented) => vec![RankOf::Presented],
    };
    let Some(other) = &args.compare else {
        let lists = wanted
            .into_iter()
            .map(|of| Ok(rank_list(case.root(), of, &policy, top)?))
            .collect::<anyhow::Result<Vec<_>>>()?;
        if around.json {
            output::json(&serde_json::json!({ "ranks": lists }));
        } else {
            output::text(&told(&lists));
        }
        return Ok(Done::Whole);
    };
    let other = self::policy(&case, other)?;
    let compared = wanted
        .into_iter()
        .map(|of| Ok(compare_ranks(case.root(), of, &policy, &other, top)?))
        .collect::<anyhow::Result<Vec<_>>>()?;
    if around.json {
        output::json(&serde_json::json!({ "compare": compared }));
    } else {
        output::text(&told_moves(&compared));
    }
    Ok(Done::Whole)
}

/// Finds a policy: a preset, one of the case's lists, or a file.
pub(crate) fn policy(case: &CaseFolder, name: &str) -> anyhow::Result<Policy> {
    let path = Utf8Path::new(name);
    if name.contains(['/', '\\']) || (name.ends_with(".toml") && path.exists()) {
        return Ok(read_policy(path)?);
    }
    Ok(policy_of_case(case.root(), case.config(), name)?)
}

const NO_VERDICT: &str = "A place in a list says what was counted, and labels nobody: `unspoof judge` records who is what.\n";

fn told(lists: &[RankList]) -> String {
    let mut text = String::new();
    for list in lists {
        let shown = list.rows.len();
        let head = if shown as u64 == list.subjects {
            format!("all {}", grouped(list.subjects))
        } else {
            format!("the first {shown} of {}", grouped(list.subjects))
        };
        let _ = writeln!(text, "{}, policy `{}`: {head}", list.of, list.policy);
        let widest = list
            .rows
            .iter()
            .map(|row| row.subject.len())
            .max()
            .unwrap_or(0);
        for row in &list.rows {
            let lines = row
                .lines
                .iter()
                .map(|line| format!("{} {}", line.points, line.name));
            let lines: Vec<String> = lines.collect();
            let lines = if lines.is_empty() {
                "nothing counts".to_owned()
            } else {
                lines.join("; ")
            };
            let _ = writeln!(
                text,
                "{:>6}  {:<widest$} {:>11}  {lines}",
                row.rank, row.subject, row.points
            );
        }
        text.push('\n');
    }
    text.push_str(NO_VERDICT);
    text
}

fn told_moves(compared: &[RankComparison]) -> String {
    let mut text = String::new();
    for one in compared {
        let _ = writeln!(
            text,
            "{}, `{}` beside `{}`: {} of the first {} are among them under both",
            one.of, one.first, one.second, one.in_both, one.top
        );
        let widest = one.moves.iter().map(|m| m.subject.len()).max().unwrap_or(0);
        for moved in &one.moves {
            let because = moved.because.iter().take(3);
            let because: Vec<String> = because
                .map(|(name, first, second)| format!("{name} {first} → {second}"))
                .collect();
            let _ = writeln!(
                text,
                "{:>7} → {:<7} {:<widest$}  {}",
                moved.first_rank,
                moved.second_rank,
                moved.subject,
                because.join("; ")
            );
        }
        text.push('\n');
    }
    text.push_str(NO_VERDICT);
    text
}
